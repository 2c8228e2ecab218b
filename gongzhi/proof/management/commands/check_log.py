"""Recomputes a log from its entries and names what does not agree."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from gongzhi.proof.models import Log
from gongzhi.proof.queries import faults, log_size

MOST_SHOWN = 50


class Command(BaseCommand):
    help = "从条目重算存证日志：内容、次序、树、检查点、承诺。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("origin", nargs="*", help="日志名；不写就查全部")

    def handle(self, *args: Any, origin: list[str], **options: Any) -> None:
        logs = Log.objects.filter(origin__in=origin) if origin else Log.objects.all()
        missing = set(origin) - {log.origin for log in logs}
        if missing:
            raise CommandError(f"没有这样的日志：{'、'.join(sorted(missing))}")
        bad = 0
        for log in logs.order_by("pk"):
            found = 0
            for line in faults(log):
                found += 1
                if found <= MOST_SHOWN:
                    self.stdout.write(f"{log.origin}：{line}")
            bad += found
            self.stdout.write(f"{log.origin}：{log_size(log)} 条，{f'{found} 处不符' if found else '相符'}")
        if bad:
            raise CommandError(f"共 {bad} 处不符")
