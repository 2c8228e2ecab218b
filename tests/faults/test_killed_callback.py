"""A web process that is killed in the middle of a payment provider's callback: no money lost, none twice."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from gongzhi.core.models import Event
from gongzhi.core.tests.killing import Here, killed, stopping
from gongzhi.funds.charges.models import Settlement
from gongzhi.funds.payments import services as payments
from gongzhi.funds.payments.models import PayOrder, Receipt
from gongzhi.funds.payments.services import receiving
from gongzhi.funds.payments.tests import paying
from gongzhi.funds.payments.tests.provider import Provider
from gongzhi.funds.views import callbacks
from gongzhi.ledger.models import Entry


def _told(handle: str, notice: tuple[dict[str, str], bytes]) -> int:
    headers, body = notice
    address = reverse("pay_notice", args=[handle])
    return Client().post(address, body, content_type="application/json", headers=headers).status_code


def _killed_at(point: str, handle: str, notice: tuple[dict[str, str], bytes]) -> None:
    def work(here: Here) -> None:
        if point == "money is posted":
            receiving.charges.settle = stopping(receiving.charges.settle, here)
        if point == "all is written":
            callbacks.payments.take_notice = stopping(callbacks.payments.take_notice, here)
        _told(handle, notice)
        here()

    killed(work)


@pytest.mark.parametrize("again", ["callback", "worker"])
@pytest.mark.parametrize("point", ["money is posted", "all is written", "committed"])
def test_the_money_of_a_killed_callback_is_in_the_books_once(
    committed: None, settings: Any, point: str, again: str
) -> None:
    provider = Provider()
    settings.PAY_WECHAT_URL = provider.url
    try:
        cast = paying.made()
        unit = paying.home(cast)
        owed, channel = paying.bill(cast, unit, "300.00"), paying.channel(cast)
        order = paying.ordered(cast, channel, [owed])
        provider.pay(order.number)
        entries = Entry.objects.count()
        _killed_at(point, channel.handle, provider.wechat_notice(order.number))
        left = Settlement.objects.count()
        assert left == (1 if point == "committed" else 0) and Entry.objects.count() == entries + left
        if again == "worker":
            payments.look_after_orders(cast.now + timedelta(minutes=1))
        else:
            for _ in range(2):
                assert _told(channel.handle, provider.wechat_notice(order.number)) == 200
    finally:
        provider.stop()
    owed.refresh_from_db()
    assert owed.open_fen == 0 and PayOrder.objects.get().state == "paid"
    assert Settlement.objects.count() == Receipt.objects.count() == 1
    assert Event.objects.filter(kind="payment.arrived").count() == 1
    assert paying.balances(cast)["transit.wechat"] == 30_000
