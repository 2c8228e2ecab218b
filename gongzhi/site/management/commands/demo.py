"""`demo load | remove | accounts`: the demonstration's data, all of it marked and removable with one command."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import IntegrityError
from django.utils import timezone

from gongzhi.core.errors import Refused
from gongzhi.core.models import User
from gongzhi.registry.models import Estate
from gongzhi.site.demo import accounts, loading, removal

MARK = "demonstration-removed"


class Command(BaseCommand):
    help = "示范数据：装载、删除、列出账号"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("act", choices=("load", "remove", "accounts"))
        parser.add_argument("--again", action="store_true", help="删除过以后再装一次，或者在已有真实数据时也装")

    def handle(self, *args: Any, act: str, again: bool, **options: Any) -> None:
        {"load": self._load, "remove": self._remove, "accounts": self._accounts}[act](again)

    @property
    def _mark(self) -> Path:
        return Path(settings.VAR) / MARK

    def _load(self, again: bool) -> None:
        if User.objects.filter(demo=True).exists():
            return self.stdout.write("示范数据已经在了。")
        if not again and self._mark.exists():
            return self.stdout.write("示范数据已经删除过，没有再装。要再装：demo load --again")
        if not again and (Estate.objects.exists() or User.objects.exists()):
            return self.stdout.write("已有真实数据，没有装示范数据。确要装：demo load --again")
        try:
            stage = loading.load(accounts.scene(), now=timezone.now())
        except Refused as refused:
            raise CommandError(f"示范数据没有装成：{refused.message}") from refused
        self._mark.unlink(missing_ok=True)
        self.stdout.write(f"示范数据装好了：{len(stage.estates)}个小区，{len(stage.users)}个账号。")
        for line in stage.skipped:
            self.stderr.write(f"跳过一步：{line}")
        return None

    def _remove(self, again: bool) -> None:
        try:
            removed = removal.remove()
        except IntegrityError as error:
            raise CommandError(f"没有删除：还有真实数据引用示范数据。{error}") from error
        self._mark.parent.mkdir(parents=True, exist_ok=True)
        self._mark.touch()
        self.stdout.write(f"示范数据已删除，共{sum(removed.values())}行。")

    def _accounts(self, again: bool) -> None:
        shown = accounts.shown()
        if shown is None:
            return self.stdout.write("没有示范数据。")
        for desk in shown.desks:
            self.stdout.write(f"{desk.title}：")
            for account in desk.accounts:
                self.stdout.write(f"{account.title}\t{account.username}\t{shown.password}")
        return None
