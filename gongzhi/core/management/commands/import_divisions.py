from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from gongzhi.core.errors import Refused
from gongzhi.core.places import import_divisions, read_divisions


class Command(BaseCommand):
    help = "读入行政区划表（代码、名称、层级、上级代码）。可以重复执行，已有的不动。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", nargs="?", type=Path, default=settings.BASE_DIR / "divisions" / "divisions.csv")

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        if not file.is_file():
            raise CommandError(f"没有文件 {file}，请给出行政区划表的路径。")
        try:
            done = import_divisions(read_divisions(file))
        except Refused as refused:
            raise CommandError(refused.message) from refused
        self.stdout.write(f"区划：新增 {done.added}，改名 {done.changed}，不变 {done.unchanged}")
