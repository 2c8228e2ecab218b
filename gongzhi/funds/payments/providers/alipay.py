"""支付宝 through alipay-sdk-python. Tried against a local server that speaks the protocol, see docs/payments.md.

The library knows the ports 80 and 443 only, trips over any other, and adds bytes to words when the gateway answers an
error; so what it signed is sent here, and what came back is handed to its own check of the signature.
"""

import base64
import binascii
import csv
import io
import json
import uuid
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from urllib.parse import parse_qsl

import requests
from alipay.aop.api.AlipayClientConfig import AlipayClientConfig
from alipay.aop.api.constant.CommonConstants import THREAD_LOCAL
from alipay.aop.api.DefaultAlipayClient import DefaultAlipayClient
from alipay.aop.api.exception.Exception import RequestException, ResponseException
from alipay.aop.api.request.AlipayDataDataserviceBillDownloadurlQueryRequest import (
    AlipayDataDataserviceBillDownloadurlQueryRequest,
)
from alipay.aop.api.request.AlipayTradeCloseRequest import AlipayTradeCloseRequest
from alipay.aop.api.request.AlipayTradeFastpayRefundQueryRequest import AlipayTradeFastpayRefundQueryRequest
from alipay.aop.api.request.AlipayTradePrecreateRequest import AlipayTradePrecreateRequest
from alipay.aop.api.request.AlipayTradeQueryRequest import AlipayTradeQueryRequest
from alipay.aop.api.request.AlipayTradeRefundRequest import AlipayTradeRefundRequest
from alipay.aop.api.request.AlipayTradeWapPayRequest import AlipayTradeWapPayRequest
from alipay.aop.api.util.SignatureUtils import get_sign_content
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
    load_der_public_key,
)

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
    Seen,
    State,
    ToPay,
    ToRefund,
)

SECONDS = (5, 15)
OK = 200
LONGEST_TITLE = 120
MOST_BILL = 64 * 1024 * 1024
SUCCESS = "10000"
STATES: dict[str, State] = {
    "WAIT_BUYER_PAY": "waiting",
    "TRADE_CLOSED": "closed",
    "TRADE_SUCCESS": "paid",
    "TRADE_FINISHED": "paid",
}
ABSENT = ("ACQ.TRADE_NOT_EXIST",)
# After these nobody knows whether it was done: the provider asks to look again.
UNSURE = ("20000", "ACQ.SYSTEM_ERROR", "aop.ACQ.SYSTEM_ERROR", "isp.unknow-error", "isp.unknown-error")
NO_BILL = ("isp.bill_not_exist", "isv.bill_not_exist")
NO_BILL_YET = ("isp.bill_not_ready", "isv.bill_not_ready")


@dataclass(frozen=True, slots=True)
class AlipayKeys:
    """Keys as PEM or as the bare Base64 that the provider's tools give; the own one as PKCS#1 or PKCS#8."""

    app_id: str
    seller_id: str
    private_key: str
    alipay_public_key: str


class _Client(DefaultAlipayClient):
    """The library's client with a transport that knows ports, answers and the end of patience."""

    def __init__(self, config: AlipayClientConfig) -> None:
        super().__init__(config, None)  # with a logger it would write every request, signed, into the log
        self._server_url, self._charset = config.server_url, config.charset

    def execute(self, request: Any) -> str:
        THREAD_LOCAL.uuid = str(uuid.uuid1())
        query, params = self._DefaultAlipayClient__prepare_request(request)
        answer = requests.post(f"{self._server_url}?{query}", data=params, timeout=SECONDS, allow_redirects=False)
        if answer.status_code != OK:
            raise ResponseException(f"answered {answer.status_code}")
        return str(self._DefaultAlipayClient__parse_response(answer.content))


class Alipay:
    """One application of one seller."""

    def __init__(self, keys: AlipayKeys, *, endpoint: str) -> None:
        self._keys = keys
        try:
            private, public = _private(keys.private_key), _public(keys.alipay_public_key)
        except (ValueError, binascii.Error) as error:
            raise ProviderRefused("KEYS", "密钥看不懂，请核对应用私钥和支付宝公钥。") from error
        self._public = public
        config = AlipayClientConfig()
        config.server_url = endpoint
        config.app_id = keys.app_id
        # The library reads PKCS#1 alone.
        config.app_private_key = private.private_bytes(
            Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()
        ).decode()
        config.alipay_public_key = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
        self._client = _Client(config)

    def prepay(self, asked: ToPay) -> Offered:
        content = {
            "out_trade_no": asked.number,
            "total_amount": _yuan(asked.amount_fen),
            "subject": asked.title[:LONGEST_TITLE],
            "time_expire": asked.expires_at.astimezone(ZONE).strftime("%Y-%m-%d %H:%M:%S"),
        }
        if asked.way == "h5":
            request = AlipayTradeWapPayRequest()
            request.biz_content = {**content, "product_code": "QUICK_WAP_WAY", "quit_url": asked.return_url}
            request.notify_url, request.return_url = asked.notify_url, asked.return_url
            return Offered(url=str(self._client.page_execute(request, "GET")))
        request = AlipayTradePrecreateRequest()
        request.biz_content = content
        request.notify_url = asked.notify_url
        return Offered(qr=str(self._call(request)["qr_code"]))

    def look(self, number: str) -> Seen:
        request = AlipayTradeQueryRequest()
        request.biz_content = {"out_trade_no": number}
        try:
            found = self._call(request)
        except ProviderRefused as refused:
            if refused.code in ABSENT:
                return Seen(number, "absent")
            raise ProviderDown(str(refused)) from refused
        return self._seen(found, paid_at=found.get("send_pay_date"))

    def _seen(self, found: Mapping[str, Any], *, paid_at: Any, merchant: str = "", app: str = "") -> Seen:
        """An answer is signed for the application that asked: it names neither seller nor application."""
        return Seen(
            number=str(found.get("out_trade_no", "")),
            state=STATES.get(str(found.get("trade_status", "")), "waiting"),
            amount_fen=_fen(found.get("total_amount", "0")),
            transaction=str(found.get("trade_no", "")),
            paid_at=_moment(paid_at),
            merchant=merchant or self._keys.seller_id,
            app=app or self._keys.app_id,
        )

    def close(self, number: str) -> None:
        request = AlipayTradeCloseRequest()
        request.biz_content = {"out_trade_no": number}
        try:
            self._call(request)
        except ProviderRefused as refused:
            if refused.code not in ABSENT:
                raise

    def refund(self, asked: ToRefund) -> RefundSeen:
        request = AlipayTradeRefundRequest()
        request.biz_content = {
            "trade_no": asked.transaction,
            "refund_amount": _yuan(asked.amount_fen),
            "out_request_no": asked.number,
            "refund_reason": asked.reason[:LONGEST_TITLE],
        }
        found = self._call(request)
        if found.get("fund_change") == "Y":
            return RefundSeen(
                asked.number, "done", asked.amount_fen, str(found.get("trade_no", "")), asked.order,
                _moment(found.get("gmt_refund_pay")), self._keys.seller_id, "REFUND_SUCCESS",
            )  # fmt: skip
        # N: no money moved by this request; an earlier one under the same number may have done it.
        seen = self.look_refund(asked.number, order=asked.order)
        return (
            seen if seen.state == "done" else RefundSeen(asked.number, "underway", asked.amount_fen, order=asked.order)
        )

    def look_refund(self, number: str, *, order: str) -> RefundSeen:
        request = AlipayTradeFastpayRefundQueryRequest()
        request.biz_content = {"out_trade_no": order, "out_request_no": number, "query_options": ["gmt_refund_pay"]}
        try:
            found = self._call(request)
        except ProviderRefused as refused:
            if refused.code in ABSENT:
                return RefundSeen(number, "absent", order=order)
            raise ProviderDown(str(refused)) from refused
        if found.get("refund_status") != "REFUND_SUCCESS":
            return RefundSeen(number, "absent", order=order)
        return RefundSeen(
            number, "done", _fen(found.get("refund_amount", "0")), str(found.get("trade_no", "")), order,
            _moment(found.get("gmt_refund_pay")), self._keys.seller_id, "REFUND_SUCCESS",
        )  # fmt: skip

    def notice(self, headers: Mapping[str, str], body: bytes, *, now: datetime) -> Notice | None:
        try:
            pairs = parse_qsl(body.decode(), keep_blank_values=True, strict_parsing=True, max_num_fields=100)
        except ValueError as error:
            raise Forged("not a form") from error
        given = dict(pairs)
        if len(given) != len(pairs):
            raise Forged("a field stands twice")
        sign, kind = given.pop("sign", ""), given.pop("sign_type", "")
        if kind != "RSA2" or given.get("charset", "utf-8").lower() != "utf-8":
            raise Forged("signed in another way than agreed")
        try:
            signature = base64.b64decode(sign, validate=True)
            self._public.verify(signature, get_sign_content(given).encode(), PKCS1v15(), SHA256())
        except (InvalidSignature, binascii.Error) as error:
            raise Forged("the signature does not hold") from error
        if given.get("notify_type") != "trade_status_sync" or not given.get("out_trade_no"):
            return None
        seen = self._seen(
            given, paid_at=given.get("gmt_payment"), merchant=given.get("seller_id", "-"), app=given.get("app_id", "-")
        )
        # Of a refund it also says the order's state, and how much went back in all; which refund is asked for.
        if given.get("gmt_refund") and given.get("out_biz_no"):
            return Notice(given["notify_id"], seen=seen, refund=RefundSeen(
                given["out_biz_no"], "underway", order=seen.number, merchant=seen.merchant, said="gmt_refund",
            ))  # fmt: skip
        return Notice(given["notify_id"], seen=seen)

    def answer(self, *, taken: bool) -> tuple[int, str, str]:
        return (200, "text/plain; charset=utf-8", "success" if taken else "fail")

    def bill(self, on: date) -> list[BillLine]:
        request = AlipayDataDataserviceBillDownloadurlQueryRequest()
        request.biz_content = {"bill_type": "trade", "bill_date": on.isoformat()}
        try:
            address = str(self._call(request)["bill_download_url"])
        except ProviderRefused as refused:
            if refused.code in NO_BILL:
                return []
            if refused.code in NO_BILL_YET:
                raise NotReady(str(refused)) from refused
            raise ProviderDown(str(refused)) from refused
        try:
            answer = requests.get(address, timeout=SECONDS, allow_redirects=False)
        except requests.RequestException as error:
            raise ProviderDown(type(error).__name__) from error
        if answer.status_code != OK or len(answer.content) > MOST_BILL:
            raise ProviderDown(f"the bill's download answered {answer.status_code}")
        return _bill_lines(answer.content)

    def _call(self, request: Any) -> dict[str, Any]:
        try:
            found = json.loads(self._client.execute(request))
        except requests.RequestException as error:
            raise ProviderDown(type(error).__name__) from error
        except (RequestException, ResponseException, ValueError) as error:
            # The words of the library may hold the whole answer, which may name people.
            raise ProviderDown(type(error).__name__) from error
        code = str(found.get("code", ""))
        if code == SUCCESS:
            return dict(found)
        sub = str(found.get("sub_code") or code)
        if code in UNSURE or sub in UNSURE:
            raise ProviderDown(sub)
        raise ProviderRefused(sub, str(found.get("sub_msg") or found.get("msg") or ""))


def _der(text: str) -> bytes:
    """The bytes of a key written as PEM or as bare Base64."""
    body = "".join(line.strip() for line in text.strip().splitlines() if not line.startswith("-----"))
    return base64.b64decode(body, validate=True)


def _private(text: str) -> RSAPrivateKey:
    found = load_der_private_key(_der(text), password=None)
    if not isinstance(found, RSAPrivateKey):
        raise ValueError("not an RSA key")
    return found


def _public(text: str) -> RSAPublicKey:
    found = load_der_public_key(_der(text))
    if not isinstance(found, RSAPublicKey):
        raise ValueError("not an RSA key")
    return found


def _yuan(fen: int) -> str:
    return f"{Decimal(fen) / FEN_PER_YUAN:.2f}"


def _fen(text: Any) -> int:
    return int((Decimal(str(text).replace(",", "") or "0") * FEN_PER_YUAN).quantize(Decimal(1), ROUND_HALF_UP))


def _moment(text: Any) -> datetime | None:
    """Chinese time; some fields carry milliseconds."""
    return datetime.strptime(str(text)[:19], "%Y-%m-%d %H:%M:%S").replace(tzinfo=ZONE) if text else None


def _bill_lines(content: bytes) -> list[BillLine]:
    """A ZIP of two tables in GB18030; the one of the lines has remarks that begin with #."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            names = [one for one in packed.infolist() if "汇总" not in _name(one) and _name(one).endswith(".csv")]
            if len(names) != 1 or names[0].file_size > MOST_BILL:
                raise ProviderDown("the bill's archive holds not the one table")
            text = packed.read(names[0]).decode("gb18030")
    except (zipfile.BadZipFile, UnicodeDecodeError) as error:
        raise ProviderDown("the bill does not open") from error
    plain = "\n".join(line for line in text.splitlines() if line and not line.startswith("#"))
    rows = [
        {(key or "").strip(): (value or "").strip() for key, value in row.items()}
        for row in csv.DictReader(io.StringIO(plain))
    ]
    return [_bill_line(row) for row in rows if row.get("支付宝交易号")]


def _name(packed: zipfile.ZipInfo) -> str:
    """Names are in GBK without a mark that says so."""
    if packed.flag_bits & 0x800:  # noqa: PLR2004 - the mark for UTF-8
        return packed.filename
    return packed.filename.encode("cp437").decode("gb18030", errors="replace")


def _bill_line(row: Mapping[str, str]) -> BillLine:
    refund = row["业务类型"] == "退款"
    return BillLine(
        transaction=row["支付宝交易号"],
        number=row["商户订单号"],
        refund=row["退款批次号/请求号"] if refund else "",
        amount_fen=abs(_fen(row["订单金额（元）"])),
        fee_fen=-_fen(row["服务费（元）"]),
        at=datetime.strptime(row["完成时间"], "%Y-%m-%d %H:%M:%S").replace(tzinfo=ZONE),
    )
