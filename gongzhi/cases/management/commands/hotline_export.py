"""热线答复写成文件，用于只能摆渡文件的网络。"""

from argparse import ArgumentParser
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from gongzhi.cases.hotline import answers
from gongzhi.cases.hotline.models import HotlineSource
from gongzhi.core.days import ZONE


class Command(BaseCommand):
    help = "把答复按热线编号写成一份文件（.json或.csv，按文件名后缀）。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="写到哪里，后缀 .json 或 .csv")
        parser.add_argument("--source", required=True, help="热线来源的名称")
        parser.add_argument("--since", help="只要这一天以来有变化的，如 2022-05-01")

    def handle(self, *args: Any, **options: Any) -> None:
        source = HotlineSource.objects.filter(name=options["source"]).first()
        if source is None:
            raise CommandError("没有这个热线来源。")
        try:
            since = datetime.fromisoformat(options["since"]).replace(tzinfo=ZONE) if options["since"] else None
        except ValueError as error:
            raise CommandError("--since 应像 2022-05-01。") from error
        found = answers.answers_since(source, since)
        file: Path = options["file"]
        content = answers.as_csv(found) if file.suffix == ".csv" else answers.as_json(found, now=timezone.now())
        part = file.with_name(f"{file.name}.part")  # whoever picks files up never sees half of one
        part.write_bytes(content)
        part.replace(file)
        self.stdout.write(f"{len(found)}件，写入{file}")
