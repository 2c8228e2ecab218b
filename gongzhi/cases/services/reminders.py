"""Who besides the one that owes is told when a day has passed."""

from gongzhi.cases.models import CaseParty, Part, Report
from gongzhi.core import services as core
from gongzhi.core.models import Event
from gongzhi.core.questions import STAFF_ROLES
from gongzhi.duties.models import Duty

SIGNED = "case.report_signed"


def remind_those_told(event: Event) -> None:
    """Whoever was told of a case when it was handed out is told when its day has passed as well. An office may press
    the unit or step in; a company or a developer is told to do its own part."""
    duty = Duty.objects.filter(pk=event.subject_id, subject_kind="case").first()
    if duty is None:
        return
    told = CaseParty.objects.filter(case_id=duty.subject_id, part=Part.TOLD).exclude(
        organisation=duty.owner_organisation
    )
    for row in told.select_related("case", "organisation"):
        owing = duty.owner_organisation or "主办单位"
        office = row.organisation.role in STAFF_ROLES or row.organisation.kind in ("office", "department")
        advice = "请督促或者接办" if office else "归本单位做的请尽快做好，并告诉它"
        core.notify(
            to=row.organisation,
            template="duty.overdue",
            text=f"{row.case.number} {row.case.title}：{owing}到期没有{duty.title}，{advice}。",
            ref=row.case.ref,
            now=event.at,
        )


def remind_reporter(event: Event) -> None:
    """A report that nobody signed for in time: the superior is told by the duty itself, who reported is told here."""
    duty = Duty.objects.filter(pk=event.subject_id, subject_kind="case", until_kinds__contains=[SIGNED]).first()
    report = (
        Report.objects.filter(case_id=duty.subject_id, signed_at=None, from_organisation__isnull=False)
        .select_related("case", "from_organisation", "to_organisation")
        .first()
        if duty is not None
        else None
    )
    if report is None or report.from_organisation is None:
        return
    core.notify(
        to=report.from_organisation,
        template="case.report_unsigned",
        text=f"{report.case.number}上报{report.to_organisation}后到期没有签收，请催请签收。",
        ref=report.case.ref,
        now=event.at,
    )
