"""短信 by 阿里云短信服务: each request signed (ACS3-HMAC-SHA256), templates, reports asked for or pushed.

Its API 2017-05-25: `SendSms` takes one message, `QuerySendDetails` says what became of it. Written from the provider's
public documents and tried against a server on this machine; nothing was tried with the provider itself (docs/sms.md).
"""

import hashlib
import hmac
import json
import logging
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import quote, urlsplit

import httpx
from django.conf import settings
from django.db.models import F

from gongzhi.core import crypto, messages
from gongzhi.core.days import ZONE, local_day
from gongzhi.core.models import OutboxMessage
from gongzhi.core.people import opened

logger = logging.getLogger("gongzhi.outbox")

CHANNEL = "sms"
VERSION, ALGORITHM = "2017-05-25", "ACS3-HMAC-SHA256"
SECONDS = 10
OK = "OK"
NONCE_BYTES = 16
# The provider keeps details for thirty days; a report that is not there after three will not come.
FIRST_ASKED, LAST_ASKED = timedelta(minutes=10), timedelta(days=3)
ASKED_AT_ONCE, MOST_DETAILS = 200, 50
# Some thousand reports in one push.
MOST_REPORT_BYTES = 1024 * 1024
ARRIVED, FAILED = 3, 2
DAY = timedelta(days=1)
# What another try may change; every other code is about this message or the account, and a try the same again.
PASSING = ("isv.BUSINESS_LIMIT_CONTROL", "isp.SYSTEM_ERROR", "isp.GATEWAY_ERROR", "isv.AMOUNT_NOT_ENOUGH",
           "isv.OUT_OF_SERVICE", "Throttling", "ServiceUnavailable", "InternalError")  # fmt: skip


@dataclass(frozen=True)
class Report:
    """回执 of one message: whether it arrived, the network's code, when."""

    message_id: str
    receipt: str
    arrived: bool
    code: str
    at: str


# -- the outbox's sender


def takes(message: OutboxMessage) -> bool:
    """Whether this message leaves by SMS: to a person with a number, by an approved template, none of the demo's."""
    person = message.to_person
    return (
        bool(settings.SMS_KEY_ID)
        and message.template in settings.SMS_TEMPLATES
        and person is not None
        and bool(person.phone_cipher)
        and not message.demo
    )


def send(message: OutboxMessage, now: datetime) -> str:
    """The provider's receipt number. After a try that nobody answered it is asked first whether that one went out."""
    if message.to_person is None or message.template not in settings.SMS_TEMPLATES:
        raise messages.NeverSent("没有收件人或这种通知的短信模板")
    number = crypto.normalised(opened(message.to_person, "phone"))
    if not number:
        raise messages.NeverSent("收件人没有手机号")
    if message.tries > 1:
        gone = _gone_out(message, number, now)
        if gone is not None:
            return gone
    answer = _call(
        "SendSms",
        {
            "PhoneNumbers": number,
            "SignName": settings.SMS_SIGN,
            "TemplateCode": settings.SMS_TEMPLATES[message.template],
            "TemplateParam": json.dumps(message.params, ensure_ascii=False),
            "OutId": str(message.pk),
        },
        now,
    )
    return str(answer.get("BizId", ""))


def _gone_out(message: OutboxMessage, number: str, now: datetime) -> str | None:
    """The receipt of an earlier try of this message that the provider took. Its details carry no receipt number."""
    day = local_day(message.created_at)
    while day <= local_day(now):
        if any(str(one.get("OutId")) == str(message.pk) for one in _details(number, day, "", now)):
            return ""
        day += DAY
    return None


# -- reports


def ask_reports(*, now: datetime) -> int:
    """Asks after what was sent a while ago and not reported since. How many are known now.

    A provider that does not answer ends the round; the next one goes on.
    """
    if not settings.SMS_KEY_ID:
        return 0
    rows = OutboxMessage.objects.filter(
        channel=CHANNEL, state="sent", sent_at__gte=now - LAST_ASKED, sent_at__lte=now - FIRST_ASKED
    ).select_related("to_person")
    known = 0
    for row in rows.order_by(F("asked_at").asc(nulls_first=True), "pk")[:ASKED_AT_ONCE]:
        OutboxMessage.objects.filter(pk=row.pk).update(asked_at=now)
        if row.to_person is None or row.sent_at is None:
            continue
        number = crypto.normalised(opened(row.to_person, "phone"))
        try:
            found = _details(number, local_day(row.sent_at), row.receipt, now)
        except messages.NotSent as error:
            logger.warning("短信回执没有问到：%s", error)
            break
        known += sum(_note(one, now) for one in _told(found, row))
    return known


def _told(details: Iterable[Mapping[str, Any]], row: OutboxMessage) -> list[Report]:
    return [
        Report(
            str(row.pk), row.receipt, one.get("SendStatus") == ARRIVED, str(one.get("ErrCode", "")),
            str(one.get("ReceiveDate", "")),
        )
        for one in details
        if str(one.get("OutId")) == str(row.pk) and one.get("SendStatus") in (ARRIVED, FAILED)
    ]  # fmt: skip


def take_reports(body: bytes, *, now: datetime) -> int:
    """What the provider pushed: a list of reports. How many were news. Raises ValueError for what is no such list."""
    listed = json.loads(body)
    if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
        raise ValueError("no list of reports")
    return sum(
        _note(
            Report(
                str(one.get("out_id", "")), str(one.get("biz_id", "")), one.get("success") is True,
                str(one.get("err_code", "")), str(one.get("report_time", "")),
            ),
            now,
        )
        for one in listed
    )  # fmt: skip


def _note(report: Report, now: datetime) -> int:
    """A report counts once, and for the message whose receipt it names."""
    if not report.message_id.isdigit():
        return 0
    rows = OutboxMessage.objects.filter(
        pk=int(report.message_id), channel=CHANNEL, state="sent", receipt__in=("", report.receipt)
    )
    if report.arrived:
        return rows.update(state="arrived", arrived_at=_moment(report.at) or now, receipt=report.receipt)
    return rows.update(state="failed", error=f"没有送达：{report.code}", receipt=report.receipt)


def _moment(text: str) -> datetime | None:
    """`2026-01-01 08:00:00`, in China's time."""
    try:
        return datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=ZONE)
    except ValueError:
        return None


# -- the protocol


def _details(number: str, day: date, receipt: str, now: datetime) -> list[dict[str, Any]]:
    asked = {
        "PhoneNumber": number, "SendDate": f"{day:%Y%m%d}", "PageSize": str(MOST_DETAILS), "CurrentPage": "1",
        **({"BizId": receipt} if receipt else {}),
    }  # fmt: skip
    held = _call("QuerySendDetails", asked, now).get("SmsSendDetailDTOs") or {}
    found = held.get("SmsSendDetailDTO") if isinstance(held, dict) else held
    return list(found or [])


def _call(action: str, given: Mapping[str, str], now: datetime) -> dict[str, Any]:
    """Raises NotSent when another try may help, NeverSent when none will."""
    query = canonical_query(given)
    url = urlsplit(settings.SMS_URL)
    headers = signed_headers(
        action, query, host=url.netloc, version=VERSION, key_id=settings.SMS_KEY_ID, secret=settings.SMS_KEY_SECRET,
        nonce=secrets.token_hex(NONCE_BYTES), now=now,
    )  # fmt: skip
    try:
        answered = httpx.post(
            f"{url.scheme}://{url.netloc}/?{query}", headers=headers, timeout=SECONDS, follow_redirects=False
        )
        answer = answered.json()
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        raise messages.NotSent(f"短信服务没有答复：{type(error).__name__}") from error
    code = str(answer.get("Code", "")) if isinstance(answer, dict) else ""
    if code == OK and answered.is_success:
        return dict(answer)
    said = f"{code} {answer.get('Message', '') if isinstance(answer, dict) else ''}".strip()
    if answered.is_server_error or not code or code.startswith(PASSING):
        raise messages.NotSent(said or f"HTTP {answered.status_code}")
    raise messages.NeverSent(said)


def canonical_query(given: Mapping[str, str]) -> str:
    """Names in order, names and values by RFC 3986: both what is signed and what is sent."""
    return "&".join(f"{quote(name, safe='')}={quote(given[name], safe='')}" for name in sorted(given))


def signed_headers(
    action: str, query: str, *, host: str, version: str, key_id: str, secret: str, nonce: str, now: datetime
) -> dict[str, str]:
    """The headers of a request without a body. The provider believes a time within fifteen minutes."""
    headers = {
        "host": host,
        "x-acs-action": action,
        "x-acs-content-sha256": hashlib.sha256(b"").hexdigest(),
        "x-acs-date": now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "x-acs-signature-nonce": nonce,
        "x-acs-version": version,
    }
    names = ";".join(sorted(headers))
    lines = "".join(f"{name}:{headers[name]}\n" for name in sorted(headers))
    request = f"POST\n/\n{query}\n{lines}\n{names}\n{headers['x-acs-content-sha256']}"
    text = f"{ALGORITHM}\n{hashlib.sha256(request.encode()).hexdigest()}"
    signature = hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()
    return {**headers, "Authorization": f"{ALGORITHM} Credential={key_id},SignedHeaders={names},Signature={signature}"}
