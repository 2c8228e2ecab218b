"""The two providers' clients against a server on this machine that speaks their protocols."""

import logging
from datetime import date, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.serialization import PrivateFormat

from gongzhi.core.days import ZONE
from gongzhi.funds.payments.providers import Forged, NotReady, ProviderDown, ProviderRefused, ToPay, ToRefund
from gongzhi.funds.payments.providers.alipay import Alipay, AlipayKeys
from gongzhi.funds.payments.providers.wechat import WeChat, WeChatKeys
from gongzhi.funds.payments.tests import provider as fake
from gongzhi.funds.payments.tests.provider import Provider

NUMBER = "WY261129aabbccddeeff001122"
DAY = date(2026, 11, 28)
MOMENT = datetime(2026, 11, 28, 20, 15, 1, tzinfo=ZONE)


@pytest.fixture
def server():
    made = Provider()
    yield made
    made.stop()


def now():
    return datetime.now(ZONE)  # noqa: TID251 - signatures carry the time of now


def to_pay(way="native", **other):
    given = {
        "number": NUMBER, "amount_fen": 12345, "title": "梧桐花园物业费", "way": way,
        "notify_url": "https://gz.example.cn/zijin/huidiao/x/", "return_url": "https://gz.example.cn/",
        "expires_at": now() + timedelta(minutes=30), "address": "203.0.113.7", "payer": "oUpF8",
    }  # fmt: skip
    return ToPay(**{**given, **other})


def wechat(server, **keys):
    return WeChat(WeChatKeys(mchid=fake.MCHID, appid=fake.APPID, **fake.wechat_keys(**keys)), endpoint=server.url)


def alipay(server, **keys):
    return Alipay(
        AlipayKeys(app_id=fake.ALIAPP, seller_id=fake.SELLER, **fake.alipay_keys(**keys)), endpoint=server.gateway
    )


BOTH = pytest.mark.parametrize("client", [wechat, alipay], ids=["wechat", "alipay"])


@BOTH
def test_an_order_is_offered_paid_and_seen_to_be_paid(server, client):
    made = client(server)
    assert made.look(NUMBER).state == "absent"
    assert made.prepay(to_pay()).qr.startswith(("weixin://", "https://qr.alipay.com/"))
    assert made.look(NUMBER).state == "waiting"
    server.pay(NUMBER, at=MOMENT)
    seen = made.look(NUMBER)
    assert (seen.state, seen.amount_fen, seen.paid_at) == ("paid", 12345, MOMENT)
    assert seen.transaction == server.orders[NUMBER].transaction
    assert "@" not in repr(seen) and "oUpF8" not in repr(seen) and "159****" not in repr(seen)


@BOTH
def test_an_order_is_closed_once_and_a_paid_one_is_not(server, client):
    made = client(server)
    made.close(NUMBER)  # never reached the provider: nobody can pay it
    made.prepay(to_pay())
    made.close(NUMBER)
    assert made.look(NUMBER).state == "closed"
    other = NUMBER.replace("1122", "3344")
    made.prepay(to_pay(number=other))
    server.pay(other)
    with pytest.raises(ProviderRefused):
        made.close(other)


@BOTH
def test_whoever_does_not_answer_or_signs_with_another_key_is_not_believed(server, client):
    made = client(server)
    server.unsigned = True
    with pytest.raises(ProviderDown):
        made.prepay(to_pay())
    server.unsigned, server.down = False, True
    with pytest.raises(ProviderDown):
        made.look(NUMBER)
    server.stop()
    with pytest.raises(ProviderDown):
        made.look(NUMBER)


@BOTH
def test_a_refund_asked_for_twice_under_one_number_goes_back_once(server, client):
    made = client(server)
    made.prepay(to_pay())
    order = server.pay(NUMBER)
    asked = ToRefund("TK01", NUMBER, order.transaction, 345, 12345, "多缴", "https://gz.example.cn/zijin/huidiao/x/")
    assert made.look_refund("TK01", order=NUMBER).state == "absent"
    first, again = made.refund(asked), made.refund(asked)
    assert len(server.refunds) == 1 and first.number == again.number == "TK01"
    server.refunds["TK01"].state, server.refunds["TK01"].at = "SUCCESS", MOMENT
    seen = made.look_refund("TK01", order=NUMBER)
    assert (seen.state, seen.amount_fen, seen.done_at) == ("done", 345, MOMENT)
    server.refuses_refund = True
    with pytest.raises(ProviderRefused, match="余额不足"):
        made.refund(ToRefund("TK02", NUMBER, order.transaction, 1, 12345, "多缴", ""))


def test_on_a_phone_wechat_gives_an_address_and_in_its_app_what_the_bridge_wants(server):
    made = wechat(server)
    assert made.prepay(to_pay("h5")).url.startswith("https://wx.tenpay.com/")
    bridge = made.prepay(to_pay("jsapi")).bridge
    text = f"{bridge['appId']}\n{bridge['timeStamp']}\n{bridge['nonceStr']}\n{bridge['package']}\n"
    assert bridge["package"] == f"prepay_id=wx{NUMBER}" and fake.holds(fake.key("merchant"), text, bridge["paySign"])


def test_on_a_phone_alipay_gives_a_signed_address_without_calling(server):
    url = alipay(server).prepay(to_pay("h5")).url
    assert url.startswith(f"{server.gateway}?") and "alipay.trade.wap.pay" in url and "sign=" in url
    assert not server.calls


def test_a_callback_of_wechat_opens_and_a_forged_old_or_foreign_one_does_not(server):
    made = wechat(server)
    made.prepay(to_pay())
    server.pay(NUMBER, at=MOMENT)
    headers, body = server.wechat_notice(NUMBER)
    notice = made.notice(headers, body, now=now())
    assert (notice.seen.number, notice.seen.amount_fen, notice.seen.merchant, notice.seen.app) == (
        NUMBER, 12345, fake.MCHID, fake.APPID,
    )  # fmt: skip
    forged = [
        server.wechat_notice(NUMBER, made=fake.key("stranger")),
        server.wechat_notice(NUMBER, at=now() - timedelta(minutes=6)),
        server.wechat_notice(NUMBER, serial="PUB_KEY_ID_0000"),
        server.wechat_notice(NUMBER, serial="ABCDEF"),
        server.wechat_notice(NUMBER, apiv3="x" * 32),
        (headers, body.replace(b"TRANSACTION", b"TRANSACTIOM")),
        ({**headers, "Wechatpay-Timestamp": "soon"}, body),
        ({**headers, "Wechatpay-Signature": "WECHATPAY/SIGNTEST/" + headers["Wechatpay-Signature"]}, body),
        ({}, body),
        (headers, b"\xff\xfe"),
    ]
    calls = len(server.calls)
    for given in forged:
        with pytest.raises(Forged):
            made.notice(*given, now=now())
    assert len(server.calls) == calls, "a stranger's word makes no call"


def test_with_certificates_nothing_is_called_at_construction_and_the_fetched_ones_verify(server):
    server.mode = "certificates"
    made = wechat(server, public_key="", public_key_id="")
    assert not server.calls
    with pytest.raises(ProviderDown):
        made.prepay(to_pay())  # no certificate known yet
    known = made.certificates()
    assert len(known) == 1
    made = wechat(server, public_key="", public_key_id="", certificates=known)
    made.prepay(to_pay())
    server.pay(NUMBER)
    assert made.notice(*server.wechat_notice(NUMBER), now=now()).seen.state == "paid"


def test_a_callback_of_alipay_is_read_and_a_forged_one_is_not(server):
    made = alipay(server)
    made.prepay(to_pay())
    server.pay(NUMBER, at=MOMENT)
    headers, body = server.alipay_notice(NUMBER)
    notice = made.notice(headers, body, now=now())
    assert (notice.seen.number, notice.seen.amount_fen, notice.seen.paid_at) == (NUMBER, 12345, MOMENT)
    assert (notice.seen.merchant, notice.seen.app) == (fake.SELLER, fake.ALIAPP)
    forged = [
        server.alipay_notice(NUMBER, made=fake.key("stranger")),
        (headers, body.replace(b"123.45", b"1234.5")),
        (headers, body + b"&total_amount=1.00"),
        (headers, body.replace(b"sign_type=RSA2", b"sign_type=RSA")),
        (headers, b"out_trade_no=1&sign=AAAA&sign_type=RSA2"),
        (headers, b"\xff"),
        (headers, b""),
    ]
    for given in forged:
        with pytest.raises(Forged):
            made.notice(*given, now=now())
    refunded = server.alipay_notice(NUMBER, gmt_refund="2026-11-28 21:00:00.123", out_biz_no="TK01", refund_fee="3.45")
    assert made.notice(*refunded, now=now()).refund.number == "TK01"


def test_a_callback_that_the_provider_signed_for_another_seller_says_so(server):
    made = alipay(server)
    made.prepay(to_pay())
    server.pay(NUMBER)
    seen = made.notice(*server.alipay_notice(NUMBER, seller_id="2088999", app_id="2099"), now=now()).seen
    assert (seen.merchant, seen.app) == ("2088999", "2099")


@BOTH
def test_the_bill_of_a_day_is_read_with_fees_and_refunds(server, client):
    made = client(server)
    assert made.bill(DAY) == []
    server.bill[DAY.isoformat()] = [
        ("4200001", NUMBER, "", 12345, 74, MOMENT),
        ("4200001", NUMBER, "TK01", 345, -2, MOMENT),
        ("4200002", "SOMEBODYELSE", "", 1, 0, MOMENT),
    ]
    found = made.bill(DAY)
    assert [(one.number, one.refund, one.amount_fen, one.fee_fen) for one in found] == [
        (NUMBER, "", 12345, 74),
        (NUMBER, "TK01", 345, -2),
        ("SOMEBODYELSE", "", 1, 0),
    ]
    assert {one.at for one in found} == {MOMENT} and found[0].transaction == "4200001"


def test_a_bill_that_is_still_being_made_is_asked_for_later(server):
    server.bill[DAY.isoformat()] = "later"
    with pytest.raises(NotReady):
        wechat(server).bill(DAY)


def test_own_keys_are_read_in_every_form_and_bad_ones_refused(server):
    pem = fake.private_pem(fake.key("merchant"), PrivateFormat.TraditionalOpenSSL)
    bare = "".join(line for line in pem.splitlines() if "-----" not in line)
    for given in (pem, bare):
        assert alipay(server, private_key=given).look(NUMBER).state == "absent"
    for client, field in ((wechat, "private_key"), (alipay, "private_key"), (alipay, "alipay_public_key")):
        with pytest.raises(ProviderRefused, match="密钥"):
            client(server, **{field: "bm90IGEga2V5"})


def test_nothing_secret_is_written_into_the_log(server, caplog):
    with caplog.at_level(logging.INFO):
        for client in (wechat, alipay):
            client(server).prepay(to_pay())
    assert fake.APIV3 not in caplog.text and "PRIVATE KEY" not in caplog.text and "sign=" not in caplog.text
