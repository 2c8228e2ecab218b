"""What of cases, problems, tasks and papers a unit has in hand, for the day on which it is given up."""

from datetime import datetime

from django.db.models import Q, QuerySet

from gongzhi.cases.accountability.models import Clue, Finding, Referral, Sheet, SheetItem, Talk, WorkTask
from gongzhi.cases.accountability.models.tasks import TaskState
from gongzhi.cases.hotline.models import HotlineSource
from gongzhi.cases.models import Case, CaseParty, Problem, Report, Transfer
from gongzhi.cases.models.case import RUNNING
from gongzhi.cases.services.acting import locked
from gongzhi.cases.services.moving import STAYS, give_case
from gongzhi.core import services as core
from gongzhi.core.models import Organisation


def _cases(unit: Organisation) -> QuerySet[Case]:
    """Those it leads, hands out, helps with or watches over as a superior; not those that it only may read."""
    parts = CaseParty.objects.filter(organisation=unit).exclude(part__in=STAYS)
    return Case.objects.filter(pk__in=parts.values("case"), state__in=RUNNING).order_by("pk")


def _give(unit: Organisation, heir: Organisation, now: datetime) -> None:
    for case in list(_cases(unit)):
        give_case(locked(case), unit, heir, now=now)


IN_HAND = (
    core.Holding("没办完的案件", _cases, _give),
    core.by_column("待签收的上报", Report, "to_organisation", still=Q(signed_at=None)),
    core.by_column("待签收的移送", Transfer, "to_organisation", still=Q(signed_at=None)),
    core.by_column("企业上报的问题", Problem, "reported_to", still=Q(solved_at=None, voided_at=None)),
    core.by_column("交办任务", WorkTask, "unit", still=~Q(state=TaskState.PASSED)),
    core.by_column("要验收的任务", WorkTask, "given_by", still=~Q(state=TaskState.PASSED)),
    core.by_column("督查整改", Finding, "unit", still=Q(rectified_at=None)),
    core.by_column("没下发的交办单和通报", Sheet, "office", still=Q(sent_at=None)),
    core.by_column("没下发的交办事项", SheetItem, "unit", still=Q(sheet__sent_at=None)),
    core.by_column("约谈", Talk, "unit", still=Q(held_at=None)),
    core.by_column("没有结果的问责建议", Referral, "to", still=Q(answered_at=None)),
    core.by_column("没办结的线索", Clue, "body", still=Q(concluded_at=None)),
    core.by_column("接收的热线来源", HotlineSource, "desk", still=Q(), counter="个"),
)
