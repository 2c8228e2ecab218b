"""Several at once over the same bill: clerks, callbacks, clicks. Real connections, real commits."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection, connections

from gongzhi.core.actors import Actor
from gongzhi.core.days import local_day
from gongzhi.core.errors import Refused
from gongzhi.funds.charges.models import Settlement
from gongzhi.funds.payments import services as payments
from gongzhi.funds.payments.models import PayIssue, PayOrder, Receipt
from gongzhi.funds.payments.tests import paying
from gongzhi.funds.payments.tests.provider import Provider

AT_ONCE = 4


def together(act):
    """`act(n)` in as many threads at the same moment; results or refusals, in order."""
    gate = Barrier(AT_ONCE)

    def run(number):
        try:
            gate.wait(30)
            return act(number)
        except Refused as refused:
            return refused.code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(run, range(AT_ONCE)))


@pytest.fixture
def cast(committed):
    return paying.made()


def test_clerks_clicks_and_callbacks_at_once_leave_one_of_each(cast, settings):
    assert connection.connection is not None
    server = Provider()
    settings.PAY_WECHAT_URL = server.url
    try:
        unit, project = paying.home(cast), paying.project_of(cast)
        first, second = paying.bill(cast, unit, "300.00"), paying.bill(cast, unit, "200.00")
        clerk = paying.clerk(cast)
        found = together(
            lambda number: payments.take_at_counter(
                unit, project=project, bills=[first], amount_fen=30_000, channel="cash", on=local_day(cast.now),
                key=f"window-{number}", actor=clerk, now=cast.now,
            )
        )  # fmt: skip
        assert sorted(map(str, found))[1:] == ["overpaid"] * (AT_ONCE - 1) or found.count("already_paid")
        assert Settlement.objects.count() == Receipt.objects.count() == 1
        channel = paying.channel(cast)
        orders = together(
            lambda _: (
                payments.open_order(
                    [second],
                    channel=channel,
                    way="native",
                    payer=paying.payer(unit),
                    actor=Actor.public(),
                    now=cast.now,
                ).pk
            )
        )
        assert len(set(orders)) == 1 == PayOrder.objects.count()
        order = payments.offer(PayOrder.objects.get(), base="https://gz.example.cn", now=cast.now)
        server.pay(order.number)
        told = together(lambda _: paying.told(cast, channel, server.wechat_notice(order.number)))
        assert sorted(told) == ["again"] * (AT_ONCE - 1) + ["settled"]
    finally:
        server.stop()
    assert Settlement.objects.count() == Receipt.objects.count() == 2 and not PayIssue.objects.exists()
    assert sorted(Receipt.objects.values_list("seq", flat=True)) == [1, 2]
    assert paying.balances(cast)[f"units.{unit.pk}"] == 0
