"""热线工单从文件导入，用于只能摆渡文件的网络。"""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from gongzhi.cases.hotline import services
from gongzhi.cases.hotline.columns import BY_CODE
from gongzhi.cases.hotline.models import HotlineSource
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.core.models import User


class Command(BaseCommand):
    help = "导入一份热线工单（CSV或JSON）。栏目对应先在页面上设好。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="CSV或JSON文件")
        parser.add_argument("--source", required=True, help="热线来源的名称")
        parser.add_argument("--by", required=True, help="以哪个账号导入")
        parser.add_argument("--dry-run", action="store_true", help="只试导，不写入")
        parser.add_argument("--leave-out", action="store_true", help="有问题的行不导，其余照导")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        user = User.objects.filter(username=options["by"]).first()
        source = HotlineSource.objects.filter(name=options["source"]).first()
        if user is None or source is None:
            raise CommandError("没有这个账号。" if user is None else "没有这个热线来源，请先在页面上新建。")
        actor = Actor.of(user, now)
        try:
            content = options["file"].read_bytes()
            run = services.dry_run(source, name=options["file"].name, content=content, actor=actor, now=now)
            if not options["dry_run"]:
                services.start_import(run, leave_out=options["leave_out"], actor=actor, now=now)
                run = services.carry_out(run.pk, now=now)
        except Refused as refused:
            raise CommandError(refused.message) from refused
        except OSError as error:
            raise CommandError(f"读不到文件：{error}") from error
        self._tell(run.report)
        if run.report["missing"]:
            missing = "、".join(BY_CODE[code].title for code in run.report["missing"])
            raise CommandError(f"还没有指明这些栏目：{missing}")

    def _tell(self, report: dict[str, Any]) -> None:
        for one in report["faults"]:
            self.stdout.write(f"第{one['row']}行　{one['header'] or one['column']}　{one['reason']}")
        for one in report["changes"]:
            self.stdout.write(json.dumps(one, ensure_ascii=False))
        counts = report["counts"]
        self.stdout.write("　".join(f"{title}{counts[code]}" for code, title in services.KINDS.items()))
