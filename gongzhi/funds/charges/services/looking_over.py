"""Before a run: what it would charge whom, to the 分, and what somebody should look at first. Nothing is written."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Sum

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.funds.charges.models import Bill, BillingRun, SharedCost, Tariff
from gongzhi.funds.charges.queries.owed import PURSE, OfProject, terms_on
from gongzhi.funds.charges.queries.planning import tariffs_of
from gongzhi.funds.charges.services.billing import charged_values, checked_period, lots_of
from gongzhi.funds.charges.services.statement import LOOK_AT_UNITS
from gongzhi.funds.charges.words import FEES
from gongzhi.funds.common.queries import book_of
from gongzhi.registry.models import Ownership, Project, Unit
from gongzhi.registry.models.spans import covers

LISTED = 50


@dataclass(frozen=True, slots=True)
class Noticed:
    """Something to look at: what it is, what to do, and the units it is about (the first of them)."""

    code: str
    title: str
    advice: str
    units: tuple[tuple[Unit, str], ...]
    count: int


@dataclass(frozen=True, slots=True)
class LookedOver:
    """`before`: the run of this very period that there is already."""

    from_on: date
    to_on: date
    units: int
    bills: int
    amount_fen: int
    by_fee: tuple[tuple[str, int], ...]
    exceptions: tuple[Noticed, ...]
    notes: tuple[str, ...]
    before: BillingRun | None
    last: BillingRun | None


@transaction.atomic
def look_over(
    project: Project, *, every: int, from_on: date, issued_on: date, actor: Actor, now: datetime
) -> LookedOver:
    """The run as it would be. Refuses what `begin_run` refuses of the period."""
    core.require(actor, "fee.bill", OfProject(project))
    to_on = checked_period(project, every=every, from_on=from_on, issued_on=issued_on, now=now)
    runs = project.billing_runs.filter(every=every).exclude(state="withdrawn")
    run = BillingRun(
        project=project, every=every, from_on=from_on, to_on=to_on, issued_on=issued_on, due_on=issued_on,
        place_path=project.place_path, demo=actor.demo,
    )  # fmt: skip
    by_unit, by_fee = _charged(run)
    totals = {unit: fen for unit, fen in by_unit.items() if fen > 0}
    listed = Unit.objects.filter(building__estate=project.estate)
    last = runs.filter(state="done", to_on__lt=from_on).order_by("-to_on").first()
    return LookedOver(
        from_on=from_on,
        to_on=to_on,
        units=listed.count(),
        bills=len(totals),
        amount_fen=sum(totals.values()),
        by_fee=tuple((FEES[fee], by_fee[fee]) for fee in FEES if by_fee.get(fee)),
        exceptions=tuple(one for one in _exceptions(run, listed, by_unit, totals, last) if one.count),
        notes=tuple(_notes(project, every, to_on, issued_on)),
        before=runs.filter(from_on=from_on, to_on=to_on).first(),
        last=last,
    )


def _charged(run: BillingRun) -> tuple[dict[int, int], dict[str, int]]:
    """分 by unit, and by fee over the units that get a bill."""
    book = book_of(run.project.estate, PURSE)
    found: list[tuple[int, str, int]] = []
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_nestloop = off")
        for lot in lots_of(run):
            values = charged_values(run, lot)
            cursor.execute(LOOK_AT_UNITS, {**values, "book": book.pk if book is not None else None})
            found += [(row[0], row[1], row[2]) for row in cursor.fetchall()]
        cursor.execute("SET LOCAL enable_nestloop = on")
    by_unit: dict[int, int] = {}
    for unit, _, fen in found:
        by_unit[unit] = by_unit.get(unit, 0) + fen
    by_fee: dict[str, int] = {}
    for unit, fee, fen in found:
        if by_unit[unit] > 0:
            by_fee[fee] = by_fee.get(fee, 0) + fen
    return by_unit, by_fee


def _exceptions(
    run: BillingRun, listed: Any, by_unit: dict[int, int], totals: dict[int, int], last: BillingRun | None
) -> list[Noticed]:
    owned = Ownership.objects.filter(covers(run.issued_on)).values("unit")
    unowned = set(listed.exclude(pk__in=owned).values_list("pk", flat=True)) & set(totals)
    everyone = set(listed.values_list("pk", flat=True))
    return [
        _about(
            "none", "没有适用的收费标准，不出账", "核对楼幢和用途，或补登收费标准。",
            dict.fromkeys(everyone - set(by_unit), ""),
        ),
        _about(
            "free", "减免以后为0，不出账", "核对空置、减免的起止日期。",
            {unit: core.yuan(fen) for unit, fen in by_unit.items() if fen <= 0},
        ),
        _about(
            "unowned", "没有登记业主，账单归建设单位或暂无人收", "到房屋页登记业主，或确认还没有交付。",
            {unit: core.yuan(totals[unit]) for unit in unowned},
        ),
        _about("differs", "与上一期金额不同", "核对面积、价格、公摊有没有录错。", _differing(totals, last)),
    ]  # fmt: skip


def _differing(totals: dict[int, int], last: BillingRun | None) -> dict[int, str]:
    """Units billed in both runs whose amount changed, the largest change first."""
    if last is None:
        return {}
    then = dict(Bill.objects.filter(run=last, cancelled_on=None).values_list("unit", "amount_fen"))
    moved = {unit: fen - then[unit] for unit, fen in totals.items() if unit in then and fen != then[unit]}
    first = sorted(moved, key=lambda unit: (-abs(moved[unit]), unit))
    return {unit: f"{core.yuan(then[unit])} → {core.yuan(totals[unit])}" for unit in first}


def _about(code: str, title: str, advice: str, units: dict[int, str]) -> Noticed:
    shown = list(units)[:LISTED]
    known = Unit.objects.select_related("building").in_bulk(shown)
    return Noticed(code, title, advice, tuple((known[one], units[one]) for one in shown), len(units))


def _notes(project: Project, every: int, to_on: date, issued_on: date) -> list[str]:
    found = []
    if terms_on(project, issued_on) is None:
        found.append("还没有登记合同约定的缴费期限，登记后才能出账。")
    if not tariffs_of(project, every):
        found.append("这个周期没有执行中的收费标准。")
    waiting = Tariff.objects.filter(project=project, every=every, state="draft")
    found += [f"“{one.title}”还没有备案，不出账。" for one in waiting]
    later = SharedCost.objects.filter(project=project, to_on__gt=to_on, parts__bill=None).distinct()
    found += [f"{one}晚于这一期，留到下一期。" for one in later]
    pending = SharedCost.objects.filter(project=project, to_on__lte=to_on, parts__bill=None).distinct()
    for one in pending:
        fen = one.parts.filter(bill=None).aggregate(sum=Sum("amount_fen"))["sum"] or 0
        found.append(f"{one}的分摊{core.yuan(fen)}元随这一期出账。")
    return found
