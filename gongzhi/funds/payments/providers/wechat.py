"""微信支付 through wechatpayv3. Tried against a local server that speaks the protocol, see docs/payments.md.

Three habits of the library are worked round in the two classes below, and tested: its gateway is written into it; it
downloads certificates while it is constructed; and a callback that names an unknown certificate makes it call out.
"""

import csv
import gzip
import hashlib
import io
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from urllib.parse import urlsplit

import requests
from cryptography.hazmat.primitives.serialization import Encoding
from wechatpayv3 import SignType, WeChatPay, WeChatPayType
from wechatpayv3.core import Core
from wechatpayv3.utils import load_certificate

from gongzhi.core.days import ZONE
from gongzhi.core.money import FEN_PER_YUAN
from gongzhi.funds.payments.providers.interface import (
    BillLine,
    Forged,
    Notice,
    NotReady,
    Offered,
    ProviderDown,
    ProviderRefused,
    RefundSeen,
    RefundState,
    Seen,
    State,
    ToPay,
    ToRefund,
)

CONNECT_SECONDS, READ_SECONDS = 5, 15
SERVER_ERROR, TOO_MANY, NOT_FOUND, OK = 500, 429, 404, 200
FRESH = timedelta(minutes=5)
LONGEST_TITLE = 40
WAYS = {"native": WeChatPayType.NATIVE, "h5": WeChatPayType.H5, "jsapi": WeChatPayType.JSAPI}
STATES: dict[str, State] = {
    "SUCCESS": "paid",
    "REFUND": "paid",  # it was paid; some of it went back
    "NOTPAY": "waiting",
    "USERPAYING": "waiting",
    "PAYERROR": "waiting",
    "CLOSED": "closed",
    "REVOKED": "closed",
}
REFUNDS: dict[str, RefundState] = {
    "SUCCESS": "done",
    "PROCESSING": "underway",
    "CLOSED": "failed",
    "ABNORMAL": "failed",
}
HEADERS = (
    "Wechatpay-Signature",
    "Wechatpay-Timestamp",
    "Wechatpay-Nonce",
    "Wechatpay-Serial",
    "Wechatpay-Signature-Type",
)
NO_BILL = "NO_STATEMENT_EXIST"
NO_BILL_YET = "STATEMENT_CREATING"


@dataclass(frozen=True, slots=True)
class WeChatKeys:
    """With `public_key_id` the provider signs with its public key; else with certificates, of which some are known."""

    mchid: str
    appid: str
    serial: str
    private_key: str
    apiv3_key: str
    public_key_id: str = ""
    public_key: str = ""
    certificates: tuple[str, ...] = ()


class _Core(Core):
    """The library's core at an address that is given, with certificates that are given."""

    def __init__(self, *, endpoint: str, certificates: Sequence[str], **given: Any) -> None:
        self._endpoint, self._given = endpoint, tuple(certificates)
        super().__init__(**given)

    @property
    def _gate_way(self) -> str:
        return self._endpoint

    @_gate_way.setter
    def _gate_way(self, written_in: str) -> None:
        """The library's own address is not taken."""

    def _init_certificates(self) -> None:
        now = datetime.now(UTC)  # noqa: TID251 - whether a certificate holds is a matter of the network's edge
        found = [load_certificate(one) for one in self._given]
        self._certificates = [
            one for one in found if one is not None and one.not_valid_before_utc <= now <= one.not_valid_after_utc
        ]

    def _update_certificates(self) -> None:
        """A stranger's word in a header starts no download; the worker fetches new certificates by the clock."""

    def fetched(self) -> tuple[str, ...]:
        """The certificates that the provider has now."""
        super()._update_certificates()
        return tuple(one.public_bytes(Encoding.PEM).decode() for one in self._certificates)


class _Client(WeChatPay):
    """The library's client over the core above; its own constructor would make another one."""

    def __init__(self, core: _Core, keys: WeChatKeys) -> None:
        self._core = core
        self._type = WeChatPayType.NATIVE
        self._mchid, self._appid = keys.mchid, keys.appid
        self._notify_url = None
        self._partner_mode = False


class WeChat:
    """One merchant account."""

    def __init__(self, keys: WeChatKeys, *, endpoint: str) -> None:
        self._keys = keys
        try:
            self._core = _Core(
                endpoint=endpoint.rstrip("/"),
                certificates=keys.certificates,
                mchid=keys.mchid,
                cert_serial_no=keys.serial,
                private_key=keys.private_key,
                apiv3_key=keys.apiv3_key,
                timeout=(CONNECT_SECONDS, READ_SECONDS),
                public_key=keys.public_key or None,
                public_key_id=keys.public_key_id or None,
            )
        except Exception as error:  # the library raises nothing more particular
            raise ProviderRefused("KEYS", "密钥看不懂，请核对商户私钥和微信支付公钥。") from error
        self._client = _Client(self._core, keys)

    def certificates(self) -> tuple[str, ...]:
        """Those the provider signs with; fetched, their contents opened with the APIv3 key."""
        return self._guarded(self._core.fetched)

    def prepay(self, asked: ToPay) -> Offered:
        given: dict[str, Any] = {
            "description": asked.title[:LONGEST_TITLE],
            "out_trade_no": asked.number,
            "amount": {"total": asked.amount_fen, "currency": "CNY"},
            "time_expire": asked.expires_at.astimezone(ZONE).isoformat(timespec="seconds"),
            "notify_url": asked.notify_url,
            "pay_type": WAYS[asked.way],
        }
        if asked.way == "h5":
            given["scene_info"] = {"payer_client_ip": asked.address or "127.0.0.1", "h5_info": {"type": "Wap"}}
        if asked.way == "jsapi":
            given["payer"] = {"openid": asked.payer}
        found = self._call(lambda: self._client.pay(**given))
        if asked.way == "jsapi":
            return Offered(bridge=self._bridge(str(found["prepay_id"])))
        return Offered(qr=str(found.get("code_url", "")), url=str(found.get("h5_url", "")))

    def _bridge(self, prepay_id: str) -> dict[str, str]:
        """What the page hands to the app, signed with the merchant's key."""
        stamp, package = str(int(time.time())), f"prepay_id={prepay_id}"  # noqa: TID251 - part of the protocol
        nonce = hashlib.sha256(f"{prepay_id}{stamp}".encode()).hexdigest()[:32]
        signed = self._client.sign([self._keys.appid, stamp, nonce, package], SignType.RSA_SHA256)
        return {
            "appId": self._keys.appid,
            "timeStamp": stamp,
            "nonceStr": nonce,
            "package": package,
            "signType": "RSA",
            "paySign": signed,
        }

    def look(self, number: str) -> Seen:
        try:
            return _seen(self._call(lambda: self._client.query(out_trade_no=number)))
        except ProviderRefused as refused:
            if refused.code in ("ORDER_NOT_EXIST", "ORDERNOTEXIST"):
                return Seen(number, "absent")
            raise ProviderDown(str(refused)) from refused

    def close(self, number: str) -> None:
        try:
            self._call(lambda: self._client.close(out_trade_no=number))
        except ProviderRefused as refused:
            if refused.code not in ("ORDER_CLOSED", "ORDER_NOT_EXIST", "ORDERNOTEXIST"):
                raise

    def refund(self, asked: ToRefund) -> RefundSeen:
        amount = {"refund": asked.amount_fen, "total": asked.paid_fen, "currency": "CNY"}
        found = self._call(
            lambda: self._client.refund(
                out_refund_no=asked.number,
                amount=amount,
                transaction_id=asked.transaction,
                reason=asked.reason[:LONGEST_TITLE],
                notify_url=asked.notify_url,
            )
        )
        return _refund_seen(found)

    def look_refund(self, number: str, *, order: str) -> RefundSeen:
        try:
            return _refund_seen(self._call(lambda: self._client.query_refund(out_refund_no=number)))
        except ProviderRefused as refused:
            if refused.code == "RESOURCE_NOT_EXISTS":
                return RefundSeen(number, "absent", order=order)
            raise ProviderDown(str(refused)) from refused

    def notice(self, headers: Mapping[str, str], body: bytes, *, now: datetime) -> Notice | None:
        given = {name: headers.get(name, "") for name in HEADERS}
        stamp = given["Wechatpay-Timestamp"]
        if not stamp.isdecimal() or abs(now - datetime.fromtimestamp(int(stamp), UTC)) > FRESH:
            raise Forged("the time of the signature is missing or not of now")
        try:
            found = self._client.callback(given, body)
        except Exception as error:  # whatever the library trips over is no callback of the provider
            raise Forged(f"{type(error).__name__}: {error}") from error
        if not found:
            raise Forged("the signature does not hold, or the resource does not open")
        about: dict[str, Any] = found["resource"]
        kind = str(found.get("event_type", ""))
        if kind.startswith("TRANSACTION."):
            return Notice(str(found["id"]), seen=_seen(about))
        if kind.startswith("REFUND."):
            return Notice(str(found["id"]), refund=_refund_seen(about))
        return None

    def answer(self, *, taken: bool) -> tuple[int, str, str]:
        if taken:
            return 200, "application/json", ""
        return 401, "application/json", json.dumps({"code": "FAIL", "message": "没有收下"}, ensure_ascii=False)

    def bill(self, on: date) -> list[BillLine]:
        try:
            found = self._call(lambda: self._client.trade_bill(on.isoformat(), bill_type="ALL", tar_type="GZIP"))
        except ProviderRefused as refused:
            if refused.code == NO_BILL:
                return []
            if refused.code == NO_BILL_YET:
                raise NotReady(str(refused)) from refused
            raise ProviderDown(str(refused)) from refused
        parts = urlsplit(str(found["download_url"]))
        status, content = self._guarded(lambda: self._client.download_bill(f"{parts.path}?{parts.query}"))
        if status != OK:
            raise ProviderDown(f"the bill's download answered {status}")
        raw = content.encode() if isinstance(content, str) else content
        plain = gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw
        if hashlib.sha1(plain, usedforsecurity=False).hexdigest() != str(found.get("hash_value", "")).lower():
            raise ProviderDown("the bill is not the one whose digest was given")
        return _bill_lines(plain.decode("utf-8-sig"))

    def _call(self, asked: Callable[[], tuple[int, Any]]) -> dict[str, Any]:
        """The answer as JSON. A refusal in words is one; anything that leaves open what was done is not."""
        status, text = self._guarded(asked)
        if status == TOO_MANY or status >= SERVER_ERROR:
            raise ProviderDown(f"answered {status}")
        try:
            found = json.loads(text) if text else {}
        except ValueError as error:
            raise ProviderDown(f"answered {status} with no JSON") from error
        if status in range(200, 300):
            return dict(found)
        raise ProviderRefused(str(found.get("code", status)), str(found.get("message", "")))

    def _guarded(self, asked: Callable[[], Any]) -> Any:
        try:
            return asked()
        except requests.RequestException as error:
            raise ProviderDown(type(error).__name__) from error
        except Exception as error:  # the library raises bare exceptions, an answer's bad signature among them
            raise ProviderDown(f"{type(error).__name__}: {error}") from error


def _seen(found: Mapping[str, Any]) -> Seen:
    """No person is taken over: who paid (openid) is not kept."""
    return Seen(
        number=str(found.get("out_trade_no", "")),
        state=STATES.get(str(found.get("trade_state", "")), "waiting"),
        amount_fen=int((found.get("amount") or {}).get("total", 0)),
        transaction=str(found.get("transaction_id", "")),
        paid_at=_moment(found.get("success_time")),
        merchant=str(found.get("mchid", "")),
        app=str(found.get("appid", "")),
    )


def _refund_seen(found: Mapping[str, Any]) -> RefundSeen:
    said = str(found.get("status") or found.get("refund_status") or "")
    return RefundSeen(
        number=str(found.get("out_refund_no", "")),
        state=REFUNDS.get(said, "underway"),
        amount_fen=int((found.get("amount") or {}).get("refund", 0)),
        refund=str(found.get("refund_id", "")),
        order=str(found.get("out_trade_no", "")),
        done_at=_moment(found.get("success_time")),
        merchant=str(found.get("mchid", "")),
        said=said,
    )


def _moment(text: Any) -> datetime | None:
    return datetime.fromisoformat(str(text)) if text else None


def _bill_lines(text: str) -> list[BillLine]:
    """A table whose cells begin with a backtick, and below it a table of sums, which is checked."""
    rows = [[cell.strip().lstrip("`") for cell in row] for row in csv.reader(io.StringIO(text)) if row]
    at = next((number for number, row in enumerate(rows) if row[0] == "总交易单数"), len(rows))
    head = rows[0] if rows else []
    found = [_bill_line(dict(zip(head, row, strict=False))) for row in rows[1:at]]
    if at + 1 < len(rows) and int(rows[at + 1][0]) != len(found):
        raise ProviderDown("the bill's own count is not that of its lines")
    return found


def _bill_line(row: Mapping[str, str]) -> BillLine:
    refund = row["交易状态"] in ("REFUND", "REVOKED")
    amount = (
        _fen(row.get("申请退款金额") or row["退款金额"]) if refund else _fen(row.get("订单金额") or row["应结订单金额"])
    )
    return BillLine(
        transaction=row["微信订单号"],
        number=row["商户订单号"],
        refund=row["商户退款单号"] if refund else "",
        amount_fen=amount,
        fee_fen=_fen(row["手续费"]),
        at=datetime.strptime(row["交易时间"], "%Y-%m-%d %H:%M:%S").replace(tzinfo=ZONE),
    )


def _fen(text: str) -> int:
    return int((Decimal(text) * FEN_PER_YUAN).quantize(Decimal(1), ROUND_HALF_UP))
