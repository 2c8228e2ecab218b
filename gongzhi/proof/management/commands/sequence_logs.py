"""Gives waiting entries their places, once or for as long as the platform runs."""

import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.db import Error, close_old_connections, connection
from django.utils import timezone

from gongzhi.proof.sequencing import sequence_all

PAUSE_SECONDS = 1.0
PAUSE_AFTER_FAULT_SECONDS = 5.0


class Command(BaseCommand):
    help = "给等候的存证条目排序并签发检查点。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--forever", action="store_true", help="一直运行，每秒看一次")

    def handle(self, *args: Any, forever: bool, **options: Any) -> None:
        if not forever:
            self.stdout.write(f"排入 {sequence_all(now=timezone.now())} 条。")
            return
        while True:
            pause = PAUSE_SECONDS
            try:
                close_old_connections()
                sequence_all(now=timezone.now())
            except Error as error:  # the database restarts: what waits keeps waiting
                self.stderr.write(f"存证排序暂停：{str(error).strip()}")
                connection.close()
                pause = PAUSE_AFTER_FAULT_SECONDS
            time.sleep(pause)
