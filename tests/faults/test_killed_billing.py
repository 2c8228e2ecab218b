"""A worker that is killed in the middle of a billing run, and clerks who begin the same run at once: one bill each."""

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier
from typing import Any

import pytest
from django.conf import settings as configured
from django.db import connection, connections

from gongzhi.core.days import local_day
from gongzhi.core.models import Event, OutboxMessage
from gongzhi.core.tests.cast import Cast
from gongzhi.funds.charges import services as charges
from gongzhi.funds.charges.models import Bill, BillingRun, SharedPart
from gongzhi.funds.charges.tests.charged import pay, tariff, terms
from gongzhi.funds.maintenance.tests.fund import units
from gongzhi.funds.payments import services as payments
from gongzhi.funds.payments.tests import paying
from gongzhi.ledger.models import Entry

SECONDS = 60
CLERKS = 4
UNITS, CHUNK = 7, 2
# The worker's task, part by part; stops for good where it is told.
WORKER = """
import os, time
import django
from django.conf import settings
django.setup()
from django.db import connection
settings.DATABASES["default"]["NAME"] = os.environ["GONGZHI_TEST_NAME"]
connection.settings_dict["NAME"] = os.environ["GONGZHI_TEST_NAME"]
from gongzhi.funds import tasks
from gongzhi.funds.charges.services import billing
from gongzhi.funds.payments.services import bills
billing.CHUNK = bills.TOLD_AT_ONCE = int(os.environ["GONGZHI_TEST_CHUNK"])
billing.go_on.__kwdefaults__["chunk"] = billing.CHUNK
bills.tell_run.__kwdefaults__["at_once"] = billing.CHUNK
def hang():
    print("reached", flush=True)
    time.sleep(120)
def after(times, real, *, before=False):
    count = 0
    def stop(*args, **kwargs):
        nonlocal count
        count += 1
        if before and count == times:
            hang()
        found = real(*args, **kwargs)
        if not before and count == times:
            hang()
        return found
    return stop
point, run = os.environ["GONGZHI_TEST_POINT"], int(os.environ["GONGZHI_TEST_RUN"])
if point == "a part is committed":
    billing._bill_part = after(2, billing._bill_part)
if point == "a part is written":
    billing.charged_values = after(2, billing.charged_values)
if point == "advance is being used":
    billing.use_advance = after(1, billing.use_advance)
if point == "all is billed":
    billing._finished = after(1, billing._finished, before=True)
if point == "messages are written":
    bills._tell = after(2, bills._tell)
    tasks.tell_run(run, base="https://gz.example.cn/")
else:
    tasks.go_on_billing(run)
print("done", flush=True)
"""


def killed_at(point: str, run: BillingRun) -> None:
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "gongzhi.site.settings",
        "GONGZHI_TEST_NAME": str(connection.settings_dict["NAME"]),
        "GONGZHI_TEST_POINT": point,
        "GONGZHI_TEST_RUN": str(run.pk),
        "GONGZHI_TEST_CHUNK": str(CHUNK),
        "PYTHONPATH": str(configured.BASE_DIR),
    }
    worker = subprocess.Popen(
        [sys.executable, "-c", WORKER], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert worker.stdout is not None
    line = worker.stdout.readline().strip()
    worker.send_signal(signal.SIGKILL)
    _, errors = worker.communicate(timeout=SECONDS)
    assert line == "reached", errors[-2000:]


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
