"""The renewal line: who fell below it, who reached the target again, and the guidance that is owed meanwhile."""

from collections.abc import Iterable
from datetime import date, datetime

from django.db import transaction

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.funds.common.queries import OfEstate, due_after
from gongzhi.funds.maintenance.models import FundDue, FundRenewal
from gongzhi.funds.maintenance.queries import Low, Renewal, renewal
from gongzhi.funds.maintenance.services.common import tell_estate
from gongzhi.funds.maintenance.services.planning import require_renewal_plan
from gongzhi.governance.bodies.queries.bodies import committees_on
from gongzhi.policy.periods import last_day_before
from gongzhi.registry.models import Estate


@transaction.atomic
def watch_renewal(estate: Estate, *, now: datetime) -> list[FundRenewal]:
    """Writes down groups that fell below the line since, and ends those that reached their target. Again: nothing."""
    on = core.local_day(now)
    Estate.objects.select_for_update().get(pk=estate.pk)
    found = renewal(estate, on)
    if found is None:
        return []
    actor = Actor.system(demo=estate.demo)
    open_rows = {one.name: one for one in FundRenewal.objects.filter(estate=estate, level=found.level, ended_on=None)}
    _end_reached(estate, found, open_rows, now=now, actor=actor)
    fresh = [one for one in found.due if one.name not in open_rows]
    if not fresh:
        return []
    pay_by = last_day_before(due_after(estate.place_path, on, found.within))
    made = FundRenewal.objects.bulk_create(_row(estate, found, one, on, pay_by) for one in fresh)
    tell_estate(
        estate,
        kind="fund.renewal_due",
        actor=actor,
        now=now,
        data={
            "level": found.level,
            "units": sum(len(one.units) for one in fresh),
            "balance": sum(one.balance_fen for one in fresh),
            "first": sum(one.first_fen for one in fresh),
            "share": found.answer.value["below"],
            "estate": estate.ref.key,
            **committees_on(estate, on),
        },
    )
    return made


def _row(estate: Estate, found: Renewal, low: Low, on: date, pay_by: date) -> FundRenewal:
    return FundRenewal(
        estate=estate,
        level=found.level,
        name=low.name,
        unit=low.units[0].unit if found.level == "unit" else None,
        first_fen=low.first_fen,
        balance_fen=low.balance_fen,
        missing_fen=low.missing_fen,
        noticed_on=on,
        pay_by=pay_by,
        basis=found.answer.to_json(),
        place_path=estate.place_path,
        demo=estate.demo,
    )


def _end_reached(
    estate: Estate, found: Renewal, open_rows: dict[str, FundRenewal], *, now: datetime, actor: Actor
) -> None:
    on = core.local_day(now)
    now_at = {one.name: one for one in found.groups}
    reached = [
        row for name, row in open_rows.items() if name in now_at and now_at[name].balance_fen >= now_at[name].target_fen
    ]
    for row in reached:
        row.ended_on, row.version = on, row.version + 1
    FundRenewal.objects.bulk_update(reached, ["ended_on", "version"])
    if reached and len(reached) == len(open_rows):
        tell_estate(estate, kind="fund.renewal_over", actor=actor, now=now, data={"level": found.level})


def watch_all(now: datetime) -> int:
    """Every estate with a fund, each in a transaction of its own. Gives how many groups were written down."""
    rows = Estate.objects.filter(fund_dues__isnull=False, ended_on=None).distinct().order_by("pk")
    return sum(len(watch_renewal(estate, now=now)) for estate in rows.iterator())


@transaction.atomic
def assess_renewal(estate: Estate, *, actor: Actor, now: datetime) -> int:
    """What each unit of the open groups has to pay, so that it reaches the target itself. Gives how many units."""
    on = core.local_day(now)
    core.require(actor, "fund.assess", OfEstate(estate, on))
    found = renewal(estate, on)
    rows = {one.name: one for one in FundRenewal.objects.filter(estate=estate, ended_on=None)}
    if found is None or not rows:
        raise Refused("no_renewal", "这个小区没有需要续交的。")
    voted, clauses = found.answer.value.get("voted"), found.answer.clauses
    plan = require_renewal_plan(estate, clauses=clauses, on=on) if voted else None
    share = found.answer.value["target"]
    _pay_anew(
        rows.values(), last_day_before(due_after(estate.place_path, on, found.within)), on, voted=plan is not None
    )
    dues = [
        FundDue(
            estate=estate,
            unit=one.unit,
            purpose="renewal",
            amount_fen=missing,
            assessed_on=on,
            pay_by=rows[group.name].pay_by,
            basis=found.answer.to_json(),
            place_path=estate.place_path,
            demo=actor.demo,
        )
        for group in found.groups
        if group.name in rows
        for one in group.units
        if (missing := max(-int(-(share * one.first_fen - one.balance_fen) // 1), 0))
    ]
    if FundDue.objects.filter(estate=estate, purpose="renewal", assessed_on=on).exists():
        raise Refused("already_assessed", "今天已经核定过续交额。")
    FundDue.objects.bulk_create(dues)
    if plan is not None:
        plan.assessed_on, plan.version = on, plan.version + 1
        plan.save(update_fields=["assessed_on", "version"])
    tell_estate(
        estate,
        kind="fund.assessed",
        actor=actor,
        now=now,
        data={"purpose": "renewal", "units": len(dues), "total": sum(one.amount_fen for one in dues)},
    )
    return len(dues)


def _pay_anew(rows: Iterable[FundRenewal], until: date, on: date, *, voted: bool) -> None:
    """Nobody owes before he is told how much: after a vote, or when the day has passed, the time begins anew."""
    for row in rows:
        if row.pay_by < until and (voted or row.pay_by < on):
            row.pay_by, row.version = until, row.version + 1
            row.save(update_fields=["pay_by", "version"])


@transaction.atomic
def guide_renewal(estate: Estate, *, note: str, actor: Actor, now: datetime) -> None:
    """镇街、社区指导续筹: what was done; closes the guidance duty of the actor's office."""
    core.require(actor, "fund.urge", OfEstate(estate, core.local_day(now)))
    if not note.strip():
        raise Refused("note_missing", "请写指导记录。", fields={"note": "请写做了什么"})
    rows = FundRenewal.objects.select_for_update().filter(estate=estate, ended_on=None)
    if not rows:
        raise Refused("no_renewal", "这个小区没有需要续交的。")
    for row in rows:
        row.guided = f"{row.guided}\n{core.local_day(now)} {actor.label}：{note.strip()}".strip()
        row.version += 1
        row.save(update_fields=["guided", "version"])
    tell_estate(estate, kind="fund.guided", actor=actor, now=now, data={"by": actor.role})
