"""Check sheets: what a unit looked at, and which way led it there."""

from datetime import datetime

from django.db import transaction

from gongzhi.cases.models import Case, Problem, SiteCheck
from gongzhi.cases.models.checks import CHECK_SOURCES
from gongzhi.cases.queries.cases import may_see
from gongzhi.cases.services.acting import required_text
from gongzhi.cases.services.numbering import next_case_number
from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.registry.models import Estate


@transaction.atomic
def record_check(
    *,
    estate: Estate,
    source: str,
    checked_at: datetime,
    found: str,
    violation: bool = False,
    matter: str = "",
    case: Case | None = None,
    problem: Problem | None = None,
    same_as: SiteCheck | None = None,
    round_number: str = "",
    key: str = "",
    actor: Actor,
    now: datetime,
) -> SiteCheck:
    """A sheet of the actor's unit. One that a complaint led to names its case; others may be linked to one."""
    if key:
        first = core.form_key(key, actor, makes="check")
        if first is not None:
            return SiteCheck.objects.get(pk=first.id)
    core.require(actor, "checks.record", estate)
    if actor.organisation is None:
        raise Refused("no_unit", "您没有单位，不能建检查单。")
    if source not in CHECK_SOURCES:
        raise Refused("source", "请选择来源：日常巡查、受理投诉或其他途径。", fields={"source": "请选择来源。"})
    if source == "complaint" and case is None:
        raise Refused("case", "来源是受理投诉的，请填关联案件的编号。", fields={"case": "请填案件编号"})
    if checked_at > now:
        raise Refused("future", "检查时间不能晚于现在。", fields={"checked_at": "不能晚于现在。"})
    if case is not None and (case.estate_id != estate.pk or not may_see(actor, case)):
        raise Refused("case", "只能关联本小区、您可以查看的案件。", fields={"case": "请重新选择。"})
    sheet = SiteCheck.objects.create(
        number=next_case_number(estate.place_path, core.local_day(now), "check"),
        organisation=actor.organisation,
        estate=estate,
        place_path=estate.place_path,
        source=source,
        matter=matter,
        checked_at=checked_at,
        found=required_text(found, "found", "请写明检查情况。"),
        violation=violation,
        case=case,
        problem=problem,
        same_as=same_as,
        round_number=round_number,
        checked_by=actor.user,
        checked_label=actor.label[:200],
        demo=actor.demo or estate.demo,
    )
    core.record(
        "check.recorded",
        subject=sheet.ref,
        actor=actor,
        at=now,
        data={
            "number": sheet.number,
            "source": source,
            "by": actor.role or None,
            "matter": matter or None,
            "violation": violation,
            "linked": bool(case or problem or same_as),
        },
        place_path=estate.place_path,
    )
    if key:
        core.keep_form_key(key, sheet.ref)
    return sheet


@transaction.atomic
def void_check(sheet: SiteCheck, *, reason: str, actor: Actor, now: datetime) -> SiteCheck:
    """What it rests on was none: it stays to be read and counts for nobody."""
    row = SiteCheck.objects.select_for_update().get(pk=sheet.pk)
    if row.void_reason:
        return row
    row.void_reason = required_text(reason, "reason", "请写明作废的理由。")
    row.save(update_fields=["void_reason"])
    core.record(
        "check.voided",
        subject=row.ref,
        actor=actor,
        at=now,
        data={"number": row.number, "source": row.source, "by": actor.role or None},
        place_path=row.place_path,
    )
    return row
