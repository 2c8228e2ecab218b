"""短信: signed as the provider's documents ask, tried again without a second message, known to have arrived."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from gongzhi.core import messages, people, sms
from gongzhi.core import services as core
from gongzhi.core.days import ZONE
from gongzhi.core.models import OutboxMessage
from gongzhi.core.refs import Ref
from gongzhi.core.tests.sms_provider import KEY, KEY_ID, SIGN, TEMPLATE, SmsProvider

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=ZONE)
LATER = NOW + timedelta(minutes=12)
ABOUT = Ref("bill", "1", "物业费账单", "34/")
TOKEN = "回执".encode().hex() * 4
WORDS = {"estate": "锦绣花园", "amount": "286.50", "code": "Ab_1-x"}


@pytest.fixture
def provider(settings, db):
    found = SmsProvider(NOW)
    settings.SMS_URL, settings.SMS_KEY_ID, settings.SMS_KEY_SECRET = found.url, KEY_ID, KEY
    settings.SMS_SIGN, settings.SMS_TEMPLATES, settings.SMS_REPORT_TOKEN = SIGN, {"fee_bill": TEMPLATE}, TOKEN
    yield found
    found.stop()


def person(phone="13800001234", **more):
    return people.keep_person(name="陈建国", phone=phone, place_path="34/", now=NOW, **more)


def tell(to=None, template="fee_bill", **more):
    return core.notify(
        to=to or person(), template=template, text="物业费286.50元", ref=ABOUT, params=WORDS, now=NOW, **more
    )


def state(message):
    message.refresh_from_db()
    return message.state, message.tries, message.error


def test_a_request_is_signed_as_the_example_of_the_providers_document():
    query = "ImageId=win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd&RegionId=cn-shanghai"
    headers = sms.signed_headers(
        "RunInstances", query, host="ecs.cn-shanghai.aliyuncs.com", version="2014-05-26", key_id="YourAccessKeyId",
        secret="YourAccessKeySecret", nonce="3156853299f313e23d1673dc12e1703d",
        now=datetime(2023, 10, 26, 10, 22, 32, tzinfo=UTC),
    )  # fmt: skip
    assert headers["Authorization"].endswith("06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0")


def test_a_bill_leaves_by_its_template_and_a_pushed_report_says_that_it_arrived(provider):
    message = tell()
    assert message.channel == "sms" and messages.send(message.pk, now=NOW) is True
    (one,) = provider.sent
    assert (one["PhoneNumbers"], one["params"], one["OutId"]) == ("13800001234", WORDS, str(message.pk))
    assert state(message)[0] == "sent" and message.receipt == one["receipt"]
    assert messages.send(message.pk, now=NOW) is False and len(provider.sent) == 1
    report = {"phone_number": "13800001234", "send_time": "2026-03-02 09:30:00", "report_time": "2026-03-02 09:30:07",
              "success": True, "err_code": "DELIVERED", "sms_size": "1", "biz_id": one["receipt"],
              "out_id": str(message.pk)}  # fmt: skip
    url = reverse("sms_reports", args=[TOKEN])
    for _ in range(2):
        answer = Client().post(url, json.dumps([report]), content_type="application/json")
        assert (answer.status_code, answer.json()) == (200, {"code": 0, "msg": "成功"})
    assert state(message)[0] == "arrived" and message.arrived_at.astimezone(ZONE).second == 7


def test_reports_of_strangers_are_not_believed(provider, settings):
    message = tell()
    messages.send(message.pk, now=NOW)
    report = [{"success": True, "err_code": "DELIVERED", "biz_id": "another", "out_id": str(message.pk)}]
    url = reverse("sms_reports", args=["x" * len(TOKEN)])
    assert Client().post(url, json.dumps(report), content_type="application/json").status_code == 404
    good = reverse("sms_reports", args=[TOKEN])
    assert Client().post(good, json.dumps(report), content_type="application/json").status_code == 200
    assert Client().post(good, "{", content_type="application/json").status_code == 400
    assert Client().post(good, "{}", content_type="application/json").status_code == 400
    long = "[" + " " * sms.MOST_REPORT_BYTES + "]"
    assert Client().post(good, long, content_type="application/json").status_code == 413
    settings.SMS_REPORT_TOKEN = ""
    assert Client().post(good, "[]", content_type="application/json").status_code == 404
    assert state(message)[0] == "sent"


@pytest.mark.parametrize(
    "status, code, found", [(3, "DELIVERED", "arrived"), (2, "MK:0012", "failed"), (1, "", "sent")]
)
def test_what_was_not_reported_is_asked_after(provider, status, code, found):
    message = tell()
    messages.send(message.pk, now=NOW)
    provider.report(str(message.pk), status=status, code=code)
    assert sms.ask_reports(now=NOW) == 0, "not before ten minutes"
    assert sms.ask_reports(now=LATER) == (found != "sent")
    assert state(message)[0] == found and code in message.error + "DELIVERED"
    assert provider.calls.count("QuerySendDetails") == 1


def test_a_send_that_nobody_answered_is_not_sent_a_second_time(provider):
    message = tell()
    provider.answers.append("hang up")
    with pytest.raises(messages.NotSent):
        messages.send(message.pk, now=NOW)
    assert state(message)[:2] == ("queued", 1) and len(provider.sent) == 1
    assert messages.send(message.pk, now=NOW + timedelta(seconds=30)) is True
    assert len(provider.sent) == 1 and state(message)[:2] == ("sent", 2)
    provider.report(str(message.pk))
    assert sms.ask_reports(now=LATER) == 1 and state(message)[0] == "arrived"


@pytest.mark.parametrize("code", ["isv.BUSINESS_LIMIT_CONTROL", "isp.SYSTEM_ERROR", "Throttling.User"])
def test_what_passes_is_tried_again_and_given_up_after_five_times(provider, code):
    message = tell()
    provider.answers.extend([code] * 5)
    for _ in range(4):
        with pytest.raises(messages.NotSent):
            messages.send(message.pk, now=NOW)
    assert messages.send(message.pk, now=NOW) is False
    assert state(message)[:2] == ("failed", 5) and code in message.error and not provider.sent


def test_what_does_not_pass_is_not_tried_again(provider, settings):
    message = tell(person("13800"))
    assert messages.send(message.pk, now=NOW) is False
    assert state(message)[:2] == ("failed", 1) and "isv.MOBILE_NUMBER_ILLEGAL" in message.error
    settings.SMS_KEY_SECRET = "another"
    other = tell()
    assert messages.send(other.pk, now=NOW) is False and "SignatureDoesNotMatch" in state(other)[2]
    assert not provider.sent


def test_a_provider_that_is_down_leaves_the_message_waiting(provider, settings):
    message = tell()
    provider.stop()
    with pytest.raises(messages.NotSent):
        messages.send(message.pk, now=NOW)
    assert state(message)[:2] == ("queued", 1)
    OutboxMessage.objects.filter(pk=message.pk).update(state="sent", sent_at=NOW)
    assert sms.ask_reports(now=LATER) == 0


def test_the_rest_stays_in_the_log(provider, settings):
    assert tell(template="another").channel == "log", "no template"
    assert tell(person("")).channel == "log", "no number"
    assert tell(person(demo=True)).channel == "log", "nobody real"
    assert tell(channel="letter").channel == "letter"
    settings.SMS_KEY_ID = ""
    assert tell().channel == "log" and sms.ask_reports(now=LATER) == 0
