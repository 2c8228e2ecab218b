"""A worker that is killed in the middle of a billing run, and clerks who begin the same run at once: one bill each."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier
from typing import Any

import pytest
from django.db import connections

from gongzhi.core.days import local_day
from gongzhi.core.models import Event, OutboxMessage
from gongzhi.core.tests.cast import Cast
from gongzhi.core.tests.killing import Here, killed, stopping
from gongzhi.funds import tasks
from gongzhi.funds.charges import services as charges
from gongzhi.funds.charges.models import Bill, BillingRun, SharedPart
from gongzhi.funds.charges.services import billing
from gongzhi.funds.charges.tests.charged import pay, tariff, terms
from gongzhi.funds.maintenance.tests.fund import units
from gongzhi.funds.payments import services as payments
from gongzhi.funds.payments.services import bills
from gongzhi.funds.payments.tests import paying
from gongzhi.ledger.models import Entry

CLERKS = 4
UNITS, CHUNK = 7, 2


def _work(point: str, run: BillingRun, here: Here) -> None:
    """The worker's task, part by part, up to the point."""
    billing.CHUNK = bills.TOLD_AT_ONCE = CHUNK
    billing.go_on.__kwdefaults__["chunk"] = bills.tell_run.__kwdefaults__["at_once"] = CHUNK
    where, name, call, before = {
        "a part is committed": (billing, "_bill_part", 2, False),
        "a part is written": (billing, "charged_values", 2, False),
        "advance is being used": (billing, "use_advance", 1, False),
        "all is billed": (billing, "_finished", 1, True),
        "messages are written": (bills, "_tell", 2, False),
    }[point]
    setattr(where, name, stopping(getattr(where, name), here, call=call, before=before))
    if where is bills:
        tasks.tell_run(run.pk, base="https://gz.example.cn/")
    else:
        tasks.go_on_billing(run.pk)


def killed_at(point: str, run: BillingRun) -> None:
    killed(lambda here: _work(point, run, here))


def begun(cast: Cast) -> tuple[list[Any], BillingRun]:
    """Seven units at 1.50, one with money in advance, a shared cost; the run of the month is begun and not worked."""
    terms(cast)
    tariff(cast, "1.50")
    made = units(cast, *["100"] * UNITS)
    clerk, project, on = paying.clerk(cast), paying.project_of(cast), local_day(cast.now)
    pay(cast, [], "200", unit=made[0], project=project, key="advance")
    charges.share_cost(
        project, kind="power", by="unit", amount_fen=10_000, from_on=on.replace(day=1), to_on=on.replace(day=1),
        building=None, voucher=None, actor=clerk, now=cast.now,
    )  # fmt: skip
    return made, _begin(cast)


def _begin(cast: Cast) -> BillingRun:
    on: date = local_day(cast.now)
    return charges.begin_run(
        paying.project_of(cast), every=1, from_on=on.replace(day=1), issued_on=on, actor=paying.clerk(cast),
        now=cast.now,
    )  # fmt: skip


@pytest.mark.parametrize(
    "point", ["a part is written", "a part is committed", "advance is being used", "all is billed"]
)
def test_a_run_whose_worker_is_killed_goes_on_and_bills_nobody_twice(committed: None, point: str) -> None:
    cast = paying.made()
    made, run = begun(cast)
    killed_at(point, run)
    there = Bill.objects.count()
    assert there == {"a part is written": CHUNK, "a part is committed": 2 * CHUNK}.get(point, UNITS)
    assert BillingRun.objects.get().state == "running"
    for _ in range(2):
        charges.go_on(BillingRun.objects.get(), now=cast.now, chunk=CHUNK)
    done = BillingRun.objects.get()
    assert (done.state, done.bills) == ("done", UNITS)
    assert sorted(Bill.objects.values_list("unit_id", flat=True)) == sorted(one.pk for one in made)
    assert Entry.objects.filter(kind="charge_bill").count() == UNITS
    assert Event.objects.filter(kind="fee.billed").count() == 1
    assert not SharedPart.objects.filter(bill=None).exists()
    whole = UNITS * 15_000 + 10_000
    lines = paying.balances(cast)
    assert done.amount_fen == whole and -lines["income.service"] - lines["due.shared"] == whole
    first = Bill.objects.get(unit=made[0])
    assert first.open_fen == 0 and Event.objects.filter(kind="fee.advance_used").count() == 1
    assert lines[f"units.{made[0].pk}"] == first.amount_fen - 20_000


def test_owners_whose_messages_were_being_written_are_told_once(committed: None) -> None:
    cast = paying.made()
    terms(cast)
    tariff(cast, "1.50")
    for unit in units(cast, *["100"] * UNITS):
        paying.owned(cast, unit)
    run = charges.go_on(_begin(cast), now=cast.now)
    killed_at("messages are written", run)
    assert OutboxMessage.objects.filter(template="fee_bill").count() == CHUNK
    for _ in range(2):
        payments.tell_run(BillingRun.objects.get(), base="https://gz.example.cn/", now=cast.now, at_once=CHUNK)
    told = OutboxMessage.objects.filter(template="fee_bill")
    billed = sorted(str(pk) for pk in Bill.objects.values_list("pk", flat=True))
    assert sorted(told.values_list("ref_id", flat=True)) == billed
    assert BillingRun.objects.get().told_at is not None


def test_clerks_who_begin_and_workers_who_work_the_same_run_at_once_leave_one(committed: None) -> None:
    cast = paying.made()
    terms(cast)
    tariff(cast, "1.50")
    units(cast, *["100"] * UNITS)
    gate = Barrier(CLERKS)

    def together(_: int) -> int:
        try:
            gate.wait(30)
            run = _begin(cast)
            gate.wait(30)
            charges.go_on(run, now=cast.now, chunk=CHUNK)
            return int(run.pk)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(CLERKS) as pool:
        found = list(pool.map(together, range(CLERKS)))
    assert len(set(found)) == BillingRun.objects.count() == 1
    assert Bill.objects.count() == Entry.objects.filter(kind="charge_bill").count() == UNITS
    assert Event.objects.filter(kind="fee.billed").count() == 1
    assert paying.balances(cast)["income.service"] == -UNITS * 15_000
