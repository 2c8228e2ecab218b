"""Phone payments: one order, one posting, whatever the provider says and how often; nothing lost, nothing twice."""

from datetime import timedelta

import pytest

from gongzhi.core.actors import Actor
from gongzhi.core.models import Event
from gongzhi.funds.charges.models import Settlement
from gongzhi.funds.charges.queries import advance_of
from gongzhi.funds.maintenance.tests.test_deposits import refuses
from gongzhi.funds.payments import services as payments
from gongzhi.funds.payments.models import PayChannel, PayIssue, PayOrder, Receipt
from gongzhi.funds.payments.providers import Forged
from gongzhi.funds.payments.tests import paying
from gongzhi.funds.payments.tests import provider as fake
from gongzhi.funds.payments.tests.paying import balances, bill, channel, clerk, home, notice, ordered, told
from gongzhi.funds.payments.tests.provider import Provider

BOTH = pytest.mark.parametrize("provider", ["wechat", "alipay"])
MINUTE = timedelta(minutes=1)


@pytest.fixture
def cast(db):
    return paying.made()


@pytest.fixture
def server(settings):
    made = Provider()
    settings.PAY_WECHAT_URL, settings.PAY_ALIPAY_URL = made.url, made.gateway
    yield made
    made.stop()


def open_of(row):
    row.refresh_from_db()
    return row.open_fen


@BOTH
def test_a_callback_clears_the_bills_and_its_repetitions_change_nothing(cast, server, provider):
    unit = home(cast)
    bills = [bill(cast, unit, "300.00"), bill(cast, unit, "12.34")]
    made = channel(cast, provider)
    order = ordered(cast, made, bills)
    assert order.qr and order.amount_fen == 31_234
    server.pay(order.number)
    for given in (notice(server, provider, order.number), notice(server, provider, order.number)):
        told(cast, made, given)
        told(cast, made, given)
    order.refresh_from_db()
    assert order.state == "paid" and order.transaction == server.orders[order.number].transaction
    assert [open_of(one) for one in bills] == [0, 0]
    assert Settlement.objects.count() == Receipt.objects.count() == 1 and not PayIssue.objects.exists()
    assert Event.objects.filter(kind="payment.arrived").count() == 1
    lines = balances(cast)
    assert lines[f"transit.{provider}"] == 31_234 and lines[f"units.{unit.pk}"] == 0


def test_a_second_click_and_a_second_tab_find_the_first_order(cast, server):
    unit = home(cast)
    owed, made = bill(cast, unit, "300.00"), channel(cast)
    first, again = ordered(cast, made, [owed]), ordered(cast, made, [owed])
    assert first == again and PayOrder.objects.count() == 1
    other = ordered(cast, made, [owed, bill(cast, unit, "1.00")])
    first.refresh_from_db()
    assert other != first and first.state == "closing", "the same bill is not offered twice"
    later = cast.now + payments.VALID
    fresh = ordered(cast, made, [owed], now=later)
    assert fresh.pk not in (first.pk, other.pk)


def test_the_order_is_there_when_the_provider_is_not_and_the_next_click_offers_it(cast, server):
    owed = bill(cast, home(cast), "300.00")
    made = channel(cast)
    server.down = True
    refuses("provider_down", lambda: ordered(cast, made, [owed]))
    order = PayOrder.objects.get()
    assert (order.state, order.qr) == ("open", "")
    server.down = False
    assert ordered(cast, made, [owed]) == order and PayOrder.objects.get().qr


@BOTH
def test_without_a_callback_the_worker_asks_and_the_money_comes_in(cast, server, provider):
    owed, made = bill(cast, home(cast), "300.00"), channel(cast, provider)
    order = ordered(cast, made, [owed])
    server.pay(order.number)
    assert payments.look_after_orders(cast.now) == 0, "the callback is given a moment"
    assert payments.look_after_orders(cast.now + MINUTE) == 1
    assert open_of(owed) == 0
    assert told(cast, made, notice(server, provider, order.number)) == "again"
    assert payments.look_after_orders(cast.now + 9 * MINUTE) == 0


def test_an_order_that_ran_out_is_closed_and_nobody_can_pay_it(cast, server):
    owed, made = bill(cast, home(cast), "300.00"), channel(cast)
    order = ordered(cast, made, [owed])
    payments.look_after_orders(cast.now + timedelta(minutes=29))
    order.refresh_from_db()
    assert order.state == "open"
    payments.look_after_orders(cast.now + timedelta(minutes=32))
    order.refresh_from_db()
    assert (order.state, server.orders[order.number].state) == ("closed", "CLOSED")
    assert Event.objects.get(kind="payment.order_closed").data["expired"] is True


def test_whoever_pays_while_his_order_is_being_closed_has_paid(cast, server):
    owed, made = bill(cast, home(cast), "300.00"), channel(cast)
    order = ordered(cast, made, [owed])
    PayOrder.objects.update(state="closing")
    order.refresh_from_db()
    server.pay(order.number)
    assert payments.look_after(order, now=cast.now).state == "paid"
    assert open_of(owed) == 0


def test_money_for_a_closed_order_pays_bills_that_are_open_still(cast, server):
    owed, made = bill(cast, home(cast), "300.00"), channel(cast)
    order = ordered(cast, made, [owed])
    server.pay(order.number)
    PayOrder.objects.update(state="closed")
    assert told(cast, made, notice(server, "wechat", order.number)) == "settled"
    assert open_of(owed) == 0 and not PayIssue.objects.exists()
    assert Event.objects.get(kind="payment.arrived").data["late"] is True


def test_money_for_a_bill_that_was_paid_at_the_counter_is_kept_in_advance_and_noted(cast, server):
    unit = home(cast)
    owed, made = bill(cast, unit, "300.00"), channel(cast)
    order = ordered(cast, made, [owed])
    payments.take_at_counter(
        unit, project=made.project, bills=[owed], amount_fen=30_000, channel="cash", on=owed.issued_on, key="c1",
        actor=clerk(cast), now=cast.now,
    )  # fmt: skip
    order.refresh_from_db()
    assert order.state == "closing"
    server.pay(order.number)
    assert told(cast, made, notice(server, "wechat", order.number)) == "settled"
    assert advance_of(unit, paying.title_of(unit), made.project) == 30_000
    issue = PayIssue.objects.get()
    assert (issue.kind, issue.order, issue.state) == ("double", order, "open")
    payments.work_off_issue(
        issue, how="kept", reason="业主同意抵下季度", version=issue.version, actor=clerk(cast), now=cast.now
    )
    assert PayIssue.objects.get().state == "done"


def test_what_nobody_ordered_is_noted_once_and_posted_never(cast, server):
    made = channel(cast)
    server.pay("WY260101strangerstranger", fen=500)
    for _ in range(2):
        assert told(cast, made, notice(server, "wechat", "WY260101strangerstranger")) == "unknown_order"
    assert PayIssue.objects.get().their_fen == 500 and not Settlement.objects.exists()


@pytest.mark.parametrize(
    "wrong", [{"amount": {"total": 1}}, {"mchid": "1900000110"}, {"appid": "wxother"}, {"transaction_id": ""}]
)
def test_another_sum_merchant_or_application_is_not_posted_and_a_person_looks(cast, server, wrong):
    owed, made = bill(cast, home(cast), "300.00"), channel(cast)
    order = ordered(cast, made, [owed])
    server.pay(order.number)
    given = server.wechat_notice(None, resource=server.wechat_transaction(order.number, **wrong))
    assert told(cast, made, given) == "mismatch"
    assert open_of(owed) == 30_000 and PayIssue.objects.get().kind == "mismatch"
    assert told(cast, made, notice(server, "wechat", order.number)) == "settled", "the true word is taken still"


def test_forged_and_old_callbacks_change_nothing_and_leave_nothing(cast, server):
    owed, made = bill(cast, home(cast), "300.00"), channel(cast)
    order = ordered(cast, made, [owed])
    server.pay(order.number)
    for given in (
        server.wechat_notice(order.number, made=fake.key("stranger")),
        server.wechat_notice(order.number, at=cast.now - timedelta(minutes=10)),
    ):
        with pytest.raises(Forged):
            told(cast, made, given)
    assert open_of(owed) == 30_000 and not PayIssue.objects.exists()


def test_an_old_owners_bills_are_not_the_new_owners_to_see_or_pay(cast, server):
    unit = home(cast)
    old, made = bill(cast, unit, "300.00"), channel(cast)
    before = paying.payer(unit)
    paying.owned(cast, unit, name="李新", phone="13800001111", from_on=old.issued_on)
    refuses("forbidden", lambda: ordered(cast, made, [old]))
    assert ordered(cast, made, [old], payer=before).amount_fen == 30_000


def test_a_link_shows_nothing_before_the_owners_number_and_is_shut_after_five_guesses(cast):
    unit = home(cast)
    token = payments.token_of(unit, now=cast.now)
    assert token == payments.token_of(unit, now=cast.now) and payments.link_of("x" * 32) is None
    link = payments.link_of(token)
    assert payments.confirm(link, tail=paying.TAIL, now=cast.now) == paying.payer(unit)
    for _ in range(5):
        refuses("tail_wrong", lambda: payments.confirm(link, tail="0000", now=cast.now))
    refuses("link_shut", lambda: payments.confirm(link, tail=paying.TAIL, now=cast.now + 59 * MINUTE))
    assert payments.confirm(link, tail=paying.TAIL, now=cast.now + 61 * MINUTE).unit == unit
    payments.renew_token(unit, now=cast.now)
    assert payments.link_of(token) is None


def test_keys_lie_under_cipher_and_what_does_not_open_is_refused(cast, server):
    made = channel(cast)
    assert fake.APIV3 not in PayChannel.objects.get().keys_cipher and "PRIVATE" not in made.keys_cipher
    refuses("channel_exists", lambda: channel(cast))
    refuses("channel_keys", lambda: channel(cast, "alipay", keys={"private_key": "x", "alipay_public_key": "y"}))
    refuses("channel_keys", lambda: channel(cast, "alipay", keys={"private_key": "x"}))
    refuses("stand_in", lambda: channel(cast, "alipay", stand_in=True))
    payments.end_channel(made, to_on=made.from_on, version=made.version, actor=cast.actor("boss"), now=cast.now)
    refuses("channel_ended", lambda: ordered(cast, made, [bill(cast, home(cast), "1.00")]))


def test_with_certificates_the_worker_fetches_them_and_callbacks_are_believed_then(cast, server):
    server.mode = "certificates"
    made = channel(cast, keys=fake.wechat_keys(public_key="", public_key_id=""))
    assert payments.refresh_all_certificates() == 1
    made.refresh_from_db()
    owed = bill(cast, home(cast), "300.00")
    order = ordered(cast, made, [owed])
    server.pay(order.number)
    assert told(cast, made, notice(server, "wechat", order.number)) == "settled"


def test_who_may_open_an_order_for_whom(cast, server):
    owed, made = bill(cast, home(cast), "300.00"), channel(cast)
    assert ordered(cast, made, [owed], payer=None, actor=clerk(cast)).amount_fen == 30_000
    refuses("forbidden", lambda: ordered(cast, made, [owed], payer=None, actor=Actor.public()))
    refuses("forbidden", lambda: ordered(cast, made, [owed], payer=None, actor=cast.actor("street_office")))
