"""出账: a run bills the units of a project for a period, some thousand units a transaction, each with its entry.

What a run wrote stays when it is killed; going on with it bills those that are left. Nobody is billed twice: a run is
one for its project, cycle and period, a bill is one for its run and unit, and months billed early are left out.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import Count, F, Sum

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.funds.charges.models import Bill, BillingRun, Settlement
from gongzhi.funds.charges.queries.owed import PURSE, OfProject, terms_on
from gongzhi.funds.charges.queries.planning import Line, billed_early, months_of, period_end, plan, tariffs_of
from gongzhi.funds.charges.services.settling import use_advance
from gongzhi.funds.charges.services.statement import BILL_UNITS
from gongzhi.funds.charges.words import EVERY
from gongzhi.funds.common.services import ensure_book, ensure_unit_accounts
from gongzhi.ledger import services as ledger
from gongzhi.ledger.models import Book
from gongzhi.registry.models import Ownership, Project, Unit

CHUNK = 5000
TASK = "funds.go_on_billing"
CONFLICT_STATUS = 409


@transaction.atomic
def begin_run(
    project: Project, *, every: int, from_on: date, issued_on: date, actor: Actor, now: datetime
) -> BillingRun:
    """Opens the run of a period and leaves the work to the worker. The same period again gives the run there is."""
    core.require(actor, "fee.bill", OfProject(project))
    Project.objects.select_for_update(no_key=True).get(pk=project.pk)  # a bill made early waits, or is seen
    to_on = checked_period(project, every=every, from_on=from_on, issued_on=issued_on, now=now)
    same = BillingRun.objects.filter(project=project, every=every, from_on=from_on, to_on=to_on)
    before = same.exclude(state="withdrawn").first()
    if before is not None:
        return before
    terms = terms_on(project, issued_on)
    if terms is None:
        raise Refused("no_terms", "请先登记合同约定的收费方式和缴费期限，再出账。", fields={"from_on": "没有合同约定"})
    if not tariffs_of(project, every):
        raise Refused("no_tariff", f"没有{EVERY[every]}出账的收费标准，请先登记。", fields={"every": "没有收费标准"})
    try:
        with transaction.atomic():
            run = BillingRun.objects.create(
                project=project, every=every, from_on=from_on, to_on=to_on, issued_on=issued_on,
                due_on=issued_on + timedelta(days=terms.due_days), by=actor.user, by_label=actor.label, at=now,
                place_path=project.place_path, demo=actor.demo,
            )  # fmt: skip
    except IntegrityError as error:
        meanwhile = same.exclude(state="withdrawn").first()
        if meanwhile is not None:
            return meanwhile
        raise Refused(
            "run_overlaps", "这个周期和已出账的时期重叠，请从下一期开始。", fields={"from_on": "和已出账的重叠"},
            status=CONFLICT_STATUS,
        ) from error  # fmt: skip
    ensure_book(project.estate, purse=PURSE, on=min(issued_on, from_on), actor=actor, now=now)
    core.later(TASK, run_id=run.pk)
    return run


def checked_period(project: Project, *, every: int, from_on: date, issued_on: date, now: datetime) -> date:
    """The last day of the period."""
    if every not in EVERY:
        raise Refused("every", "请选出账周期。", fields={"every": "请选周期"})
    if from_on.day != 1:
        raise Refused("run_days", "出账的时期从某月1日开始。", fields={"from_on": "请选1日"})
    if issued_on > core.local_day(now):
        raise Refused("run_days", "出账日期不能晚于今天。", fields={"issued_on": "不能晚于今天"})
    to_on = period_end(from_on, every)
    if from_on < project.from_on.replace(day=1) or (project.to_on is not None and to_on > project.to_on):
        raise Refused(
            "not_serving", "只能给本企业服务的时期出账，请核对服务起止日期。", fields={"from_on": "不在服务期内"}
        )
    return to_on


def go_on(run: BillingRun, *, now: datetime, chunk: int = CHUNK) -> BillingRun:
    """Bills the units that the run has not billed yet; then uses what was paid in advance, and records the run.

    Each part commits by itself. Two at work on one run do each part once.
    """
    project = run.project
    book = ensure_book(project.estate, purse=PURSE, on=run.issued_on, actor=_actor(run), now=now)
    for lot in lots_of(run, chunk):
        _bill_part(run, lot, book=book, now=now)
    for unit, ownership in _with_advance(run):
        use_advance(unit, project=project, ownership=ownership, on=run.issued_on, actor=_actor(run), now=now)
    return _finished(run, now)


def _actor(run: BillingRun) -> Actor:
    return Actor.system(demo=run.demo)


@dataclass(frozen=True, slots=True)
class Lot:
    """Units that are charged for the same months of a run, by the same lines."""

    units: Sequence[int]
    months: Sequence[date]
    lines: Sequence[Line]


def lots_of(run: BillingRun, chunk: int = CHUNK) -> Iterator[Lot]:
    """The units of the project by the months that the run charges them for: all, or those not billed early."""
    months = tuple(months_of(run.from_on, run.to_on))
    early = billed_early(run.project, run.every, months)
    groups: dict[tuple[date, ...], list[int]] = {}
    units = Unit.objects.filter(building__estate=run.project.estate).order_by("pk").values_list("pk", flat=True)
    for unit in units:
        groups.setdefault(early.get(unit, months), []).append(unit)
    for charged, listed in groups.items():
        lines = plan(run.project, every=run.every, months=charged)
        for at in range(0, len(listed), chunk):
            yield Lot(listed[at : at + chunk], charged, lines)


@transaction.atomic
def _bill_part(run: BillingRun, lot: Lot, *, book: Book, now: datetime) -> int:
    held = BillingRun.objects.select_for_update().get(pk=run.pk)
    if held.state != "running":
        return 0
    return write_bills(run, lot, book=book, kind="run", key_head=f"bill:{run.pk}:", now=now)


def write_bills(run: BillingRun, lot: Lot, *, book: Book, kind: str, key_head: str, now: datetime) -> int:
    """How many bills there are of it; within a transaction. `key_head` names the act before the unit's number."""
    ensure_unit_accounts(book, lot.units)
    values = ledger.set_values(book, kind="charge_bill", booked_on=run.issued_on, actor=_actor(run), now=now)
    values |= {"posted_label": run.by_label, "posted_by": run.by_id, "bill_kind": kind, "key_head": key_head}
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_nestloop = off")
        cursor.execute(BILL_UNITS, {**values, **charged_values(run, lot)})
        (billed,) = cursor.fetchone()
        cursor.execute("SET LOCAL enable_nestloop = on")
        return int(billed)


def charged_values(run: BillingRun, lot: Lot) -> dict[str, Any]:
    """What the statements that bill, or look what would be billed, are told of a run."""
    lines = lot.lines
    return {
        "units": list(lot.units),
        "run": run.pk,
        "project": run.project_id,
        "every": run.every,
        "from_on": lot.months[0] if lot.months else run.from_on,
        "to_on": run.to_on,
        "issued_on": run.issued_on,
        "due_on": run.due_on,
        "months": list(lot.months),
        "place_path": run.place_path,
        "demo": run.demo,
        "buildings": [one.building for one in lines],
        "uses": [one.use for one in lines],
        "tariffs": [one.tariff.pk for one in lines],
        "firsts": [one.first for one in lines],
        "lasts": [one.last for one in lines],
        "line_months": [one.months for one in lines],
        "text": f"{run.from_on:%Y-%m}至{run.to_on:%Y-%m}物业费",
    }


def _with_advance(run: BillingRun) -> list[tuple[Unit, Ownership | None]]:
    """Units of the run whose owners paid in advance."""
    kept = Settlement.objects.filter(
        project=run.project, kind="payment", amount_fen__gt=F("allocated_fen") + F("refunded_fen")
    )
    rows = Bill.objects.filter(run=run, settled_on=None, cancelled_on=None, unit__in=kept.values("unit"))
    return [(row.unit, row.ownership) for row in rows.select_related("unit__building", "ownership").order_by("pk")]


@transaction.atomic
def _finished(run: BillingRun, now: datetime) -> BillingRun:
    held = BillingRun.objects.select_for_update(of=("self",)).select_related("project").get(pk=run.pk)
    if held.state != "running":
        return held
    found = Bill.objects.filter(run=held, cancelled_on=None).aggregate(count=Count("pk"), total=Sum("amount_fen"))
    held.state, held.done_at = "done", now
    held.bills, held.amount_fen = found["count"], found["total"] or 0
    held.save(update_fields=["state", "done_at", "bills", "amount_fen"])
    core.record(
        "fee.billed",
        subject=held.ref,
        actor=_actor(held),
        at=now,
        place_path=held.place_path,
        data={
            "estate": str(held.project.estate_id),
            "from_on": held.from_on,
            "to_on": held.to_on,
            "due_on": held.due_on,
            "bills": held.bills,
            "amount": held.amount_fen,
        },
    )
    return held
