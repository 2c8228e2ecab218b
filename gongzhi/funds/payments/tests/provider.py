"""A provider on this machine that speaks the two protocols: 微信支付 APIv3 and the gateway of 支付宝.

It has keys of its own, checks every signature of ours and signs its answers and callbacks; a payer is `pay(number)`.
Written from the providers' public documents; it proves our side against those, not against the providers.
"""

import base64
import csv
import gzip
import hashlib
import io
import json
import re
import secrets
import threading
import zipfile
from datetime import UTC, datetime, timedelta
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace
from urllib.parse import parse_qsl, urlencode, urlsplit

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from gongzhi.core.days import ZONE

MCHID, APPID, SERIAL, APIV3 = "1900000109", "wxd678efh567hg6787", "3775B6A45ACD588826D15E583A95F5DD", "k" * 32
PUBLIC_KEY_ID = "PUB_KEY_ID_0119000001092026010100000000000001"
SELLER, ALIAPP = "2088102146225135", "2014072300007148"
SIGNED = "WECHATPAY2-SHA256-RSA2048"


def clock():
    """Signatures carry the time of now."""
    return datetime.now(ZONE).replace(microsecond=0)  # noqa: TID251


@cache
def key(name):
    """RSA keys cost a tenth of a second each: made once a session."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def private_pem(made, kind=PrivateFormat.PKCS8):
    return made.private_bytes(Encoding.PEM, kind, NoEncryption()).decode()


def public_pem(made):
    return made.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def sign(made, text):
    return base64.b64encode(made.sign(text.encode(), PKCS1v15(), SHA256())).decode()


def holds(made, text, signature):
    try:
        made.public_key().verify(base64.b64decode(signature), text.encode(), PKCS1v15(), SHA256())
    except InvalidSignature:
        return False
    return True


@cache
def certificate():
    """The platform's certificate in the older mode."""
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Tenpay.com sign")])
    now = clock().astimezone(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key("wechat").public_key())
        .serial_number(0x5157F09EFDC096DE15EBE81A47057A7232F1B8E1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .sign(key("wechat"), SHA256())
    )


def wechat_keys(**other):
    given = {
        "serial": SERIAL, "private_key": private_pem(key("merchant")), "apiv3_key": APIV3,
        "public_key_id": PUBLIC_KEY_ID, "public_key": public_pem(key("wechat")),
    }  # fmt: skip
    return {**given, **other}


def alipay_keys(**other):
    return {"private_key": private_pem(key("merchant")), "alipay_public_key": public_pem(key("alipay")), **other}


def order_of(number, fen):
    return SimpleNamespace(number=number, fen=fen, state="NOTPAY", transaction="", paid_at=None, notify="", told={})


class Provider:
    """What it knows. `down` and `broken` make it fail; `calls` is what it was asked."""

    def __init__(self, *, mode="public_key"):
        self.mode = mode
        self.orders, self.refunds, self.calls = {}, {}, []
        self.down = self.unsigned = self.refuses_refund = False
        self.bill = {}
        self.lock = threading.Lock()
        handler = type("Handler", (_Handler,), {"provider": self})
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        self.gateway = f"{self.url}/gateway.do"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

    def pay(self, number, *, fen=None, at=None):
        """A person pays: what a real provider would know from then on."""
        order = self.orders.setdefault(number, order_of(number, fen))
        assert order.state == "NOTPAY", order.state
        order.state, order.paid_at = "SUCCESS", at or clock()
        order.transaction = f"42000{int(hashlib.sha256(number.encode()).hexdigest()[:14], 16):020d}"
        return order

    # --- callbacks

    def wechat_serial(self):
        return PUBLIC_KEY_ID if self.mode == "public_key" else f"{certificate().serial_number:X}"

    def wechat_headers(self, body, *, at=None, made=None, serial=None):
        stamp, nonce = str(int((at or clock()).timestamp())), secrets.token_hex(8)
        signature = sign(made or key("wechat"), f"{stamp}\n{nonce}\n{body}\n")
        return {
            "Wechatpay-Signature": signature, "Wechatpay-Timestamp": stamp, "Wechatpay-Nonce": nonce,
            "Wechatpay-Serial": serial or self.wechat_serial(), "Wechatpay-Signature-Type": SIGNED,
        }  # fmt: skip

    def wechat_transaction(self, number, **other):
        order = self.orders[number]
        found = {
            "appid": APPID, "mchid": MCHID, "out_trade_no": number, "transaction_id": order.transaction,
            "trade_type": "NATIVE", "trade_state": order.state, "trade_state_desc": "支付成功", "bank_type": "OTHERS",
            "attach": "", "payer": {"openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"},
            "amount": {"total": order.fen, "payer_total": order.fen, "currency": "CNY", "payer_currency": "CNY"},
        }  # fmt: skip
        if order.paid_at:
            found["success_time"] = order.paid_at.isoformat()
        return {**found, **other}

    def wechat_notice(self, number, *, event="TRANSACTION.SUCCESS", resource=None, id=None, apiv3=APIV3, **headers):
        """(headers, body) of a callback."""
        resource = resource or self.wechat_transaction(number)
        nonce, about = secrets.token_hex(6), "transaction"
        sealed = AESGCM(apiv3.encode()).encrypt(nonce.encode(), json.dumps(resource).encode(), about.encode())
        body = json.dumps(
            {
                "id": id or f"EV-{secrets.token_hex(8)}", "create_time": clock().isoformat(),
                "resource_type": "encrypt-resource", "event_type": event, "summary": "支付成功",
                "resource": {
                    "original_type": about, "algorithm": "AEAD_AES_256_GCM", "nonce": nonce, "associated_data": about,
                    "ciphertext": base64.b64encode(sealed).decode(),
                },
            },
            ensure_ascii=False,
        )  # fmt: skip
        return self.wechat_headers(body, **headers), body.encode()

    def wechat_refund_notice(self, number, *, status="SUCCESS"):
        refund = self.refunds[number]
        resource = {
            "mchid": MCHID, "out_trade_no": refund.order, "transaction_id": self.orders[refund.order].transaction,
            "out_refund_no": number, "refund_id": refund.id, "refund_status": status,
            "success_time": clock().isoformat(),
            "amount": {"total": self.orders[refund.order].fen, "refund": refund.fen},
        }  # fmt: skip
        return self.wechat_notice(None, event=f"REFUND.{status}", resource=resource)

    def alipay_notice(self, number, *, made=None, **other):
        order = self.orders[number]
        form = {
            "notify_type": "trade_status_sync", "notify_id": secrets.token_hex(16), "charset": "utf-8",
            "notify_time": f"{clock():%Y-%m-%d %H:%M:%S}", "version": "1.0", "app_id": ALIAPP,
            "seller_id": SELLER, "out_trade_no": number, "trade_no": order.transaction, "subject": "梧桐花园物业费",
            "trade_status": "TRADE_SUCCESS", "total_amount": f"{order.fen / 100:.2f}",
            "buyer_logon_id": "158****1562", "gmt_payment": f"{order.paid_at:%Y-%m-%d %H:%M:%S}", **other,
        }  # fmt: skip
        form["sign"] = sign(made or key("alipay"), "&".join(f"{name}={form[name]}" for name in sorted(form)))
        form["sign_type"] = "RSA2"
        return {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}, urlencode(form).encode()


class _Handler(BaseHTTPRequestHandler):
    provider: Provider
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def _send(self, status, content, headers=()):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def do_GET(self):
        self._take(b"")

    def do_POST(self):
        self._take(self.rfile.read(int(self.headers.get("Content-Length", 0))))

    def _take(self, body):
        parts = urlsplit(self.path)
        self.provider.calls.append((self.command, parts.path))
        if self.provider.down:
            return self._send(502, b"bad gateway")
        with self.provider.lock:
            if parts.path == "/gateway.do":
                return self._alipay(parts, body)
            if parts.path.startswith("/alipay-bill/"):
                return self._send(200, self.provider.bill[parts.path.rsplit("/", 1)[1]])
            return self._wechat(parts, body.decode())

    # --- 微信支付

    def _wechat(self, parts, body):  # noqa: C901 - one line an address
        given = dict(re.findall(r'(\w+)="([^"]*)"', self.headers["Authorization"]))
        signed = f"{self.command}\n{self.path}\n{given['timestamp']}\n{given['nonce_str']}\n{body}\n"
        if not holds(key("merchant"), signed, given["signature"]) or given["serial_no"] != SERIAL:
            return self._json(401, {"code": "SIGN_ERROR", "message": "签名错误"})
        path, asked = parts.path, dict(parse_qsl(parts.query))
        if path == "/v3/certificates":
            return self._certificates()
        if path == "/v3/billdownload/file":
            return self._send(200, self.provider.bill[asked["token"]], [("Content-Type", "application/octet-stream")])
        if path == "/v3/bill/tradebill":
            return self._tradebill(asked)
        if path.startswith("/v3/pay/transactions/out-trade-no/"):
            number = path.split("/")[5]
            order = self.provider.orders.get(number)
            if order is None:
                return self._json(404, {"code": "ORDER_NOT_EXIST", "message": "订单不存在"})
            if path.endswith("/close"):
                if order.state == "SUCCESS":
                    return self._json(400, {"code": "ORDERPAID", "message": "订单已支付"})
                order.state = "CLOSED"
                return self._json(204, None)
            return self._json(200, self.provider.wechat_transaction(number))
        if path.startswith("/v3/pay/transactions/"):
            return self._pay(path.rsplit("/", 1)[1], json.loads(body))
        if path == "/v3/refund/domestic/refunds":
            return self._refund(json.loads(body))
        if path.startswith("/v3/refund/domestic/refunds/"):
            refund = self.provider.refunds.get(path.rsplit("/", 1)[1])
            if refund is None:
                return self._json(404, {"code": "RESOURCE_NOT_EXISTS", "message": "退款单不存在"})
            return self._json(200, self._refund_words(refund))
        return self._json(404, {"code": "NOT_FOUND", "message": path})

    def _pay(self, way, given):
        if given["mchid"] != MCHID or given["appid"] != APPID or not given["notify_url"].startswith("http"):
            return self._json(400, {"code": "PARAM_ERROR", "message": "参数错误"})
        if not re.fullmatch(r"[\w|*@-]{6,32}", given["out_trade_no"]) or len(given["description"]) > 127:
            return self._json(400, {"code": "PARAM_ERROR", "message": "订单号或描述"})
        datetime.fromisoformat(given["time_expire"])
        order = self.provider.orders.setdefault(
            given["out_trade_no"], order_of(given["out_trade_no"], given["amount"]["total"])
        )
        if order.fen != given["amount"]["total"]:
            return self._json(400, {"code": "INVALID_REQUEST", "message": "201 商户订单号重复"})
        order.notify, order.told = given["notify_url"], given
        if way == "native":
            return self._json(200, {"code_url": f"weixin://wxpay/bizpayurl?pr={order.number[-8:]}"})
        if way == "h5":
            assert given["scene_info"]["payer_client_ip"]
            return self._json(200, {"h5_url": f"https://wx.tenpay.com/cgi-bin/checkmweb?prepay_id={order.number}"})
        assert given["payer"]["openid"]
        return self._json(200, {"prepay_id": f"wx{order.number}"})

    def _refund(self, given):
        if self.provider.refuses_refund:
            return self._json(403, {"code": "NOT_ENOUGH", "message": "基本账户余额不足"})
        order = next(one for one in self.provider.orders.values() if one.transaction == given["transaction_id"])
        assert given["amount"]["total"] == order.fen
        known = self.provider.refunds.get(given["out_refund_no"])
        if known is None:
            done = sum(one.fen for one in self.provider.refunds.values() if one.order == order.number)
            if done + given["amount"]["refund"] > order.fen:
                return self._json(400, {"code": "INVALID_REQUEST", "message": "退款金额超过"})
            known = SimpleNamespace(
                number=given["out_refund_no"], order=order.number, fen=given["amount"]["refund"], state="PROCESSING",
                id=f"50000{len(self.provider.refunds):020d}", at=None,
            )  # fmt: skip
            self.provider.refunds[known.number] = known
        return self._json(200, self._refund_words(known))

    def _refund_words(self, refund):
        found = {
            "refund_id": refund.id, "out_refund_no": refund.number, "out_trade_no": refund.order,
            "transaction_id": self.provider.orders[refund.order].transaction, "status": refund.state,
            "amount": {"total": self.provider.orders[refund.order].fen, "refund": refund.fen},
        }  # fmt: skip
        return {**found, "success_time": refund.at.isoformat()} if refund.at else found

    def _certificates(self):
        nonce, about = secrets.token_hex(6), "certificate"
        pem = certificate().public_bytes(Encoding.PEM)
        sealed = AESGCM(APIV3.encode()).encrypt(nonce.encode(), pem, about.encode())
        row = {
            "serial_no": f"{certificate().serial_number:X}", "effective_time": "2026-01-01T00:00:00+08:00",
            "expire_time": "2031-01-01T00:00:00+08:00",
            "encrypt_certificate": {
                "algorithm": "AEAD_AES_256_GCM", "nonce": nonce, "associated_data": about,
                "ciphertext": base64.b64encode(sealed).decode(),
            },
        }  # fmt: skip
        return self._json(200, {"data": [row]})

    def _tradebill(self, asked):
        rows = self.provider.bill.get(asked["bill_date"])
        if rows is None:
            return self._json(400, {"code": "NO_STATEMENT_EXIST", "message": "账单文件不存在"})
        if rows == "later":
            return self._json(400, {"code": "STATEMENT_CREATING", "message": "账单生成中"})
        plain = wechat_bill(rows).encode("utf-8-sig")
        token = secrets.token_hex(8)
        self.provider.bill[token] = gzip.compress(plain)
        digest = hashlib.sha1(plain, usedforsecurity=False).hexdigest()
        address = f"https://api.mch.weixin.qq.com/v3/billdownload/file?token={token}"
        return self._json(200, {"hash_type": "SHA1", "hash_value": digest, "download_url": address})

    def _json(self, status, found):
        text = json.dumps(found, ensure_ascii=False) if found is not None else ""
        signed = self.provider.wechat_headers(text)
        if self.provider.unsigned:
            signed = self.provider.wechat_headers(text, made=key("stranger"))
        self._send(status, text.encode(), [("Content-Type", "application/json"), *signed.items()])

    # --- 支付宝

    def _alipay(self, parts, body):
        given = dict(parse_qsl(parts.query, keep_blank_values=True)) | dict(parse_qsl(body.decode()))
        signature = given.pop("sign")
        text = "&".join(f"{name}={given[name]}" for name in sorted(given))
        name = f"{given['method'].replace('.', '_')}_response"
        if not holds(key("merchant"), text, signature) or given["app_id"] != ALIAPP:
            return self._answer(
                "error_response",
                {
                    "code": "40002",
                    "msg": "Invalid Arguments",
                    "sub_code": "isv.invalid-signature",
                    "sub_msg": "验签出错",
                },
            )
        asked = json.loads(given["biz_content"])
        self._answer(name, getattr(self, f"_{given['method'].replace('.', '_')}")(asked, given))

    def _answer(self, name, found):
        content = json.dumps({"msg": "Success", **found} if found.get("code") == "10000" else found, ensure_ascii=False)
        made = key("stranger") if self.provider.unsigned else key("alipay")
        text = f'{{"{name}":{content},"sign":"{sign(made, content)}"}}'
        self._send(200, text.encode(), [("Content-Type", "text/html;charset=utf-8")])

    def _no(self, code, words):
        return {"code": "40004", "msg": "Business Failed", "sub_code": code, "sub_msg": words}

    def _alipay_trade_precreate(self, asked, given):
        fen = round(float(asked["total_amount"]) * 100)
        datetime.strptime(asked["time_expire"], "%Y-%m-%d %H:%M:%S")
        order = self.provider.orders.setdefault(asked["out_trade_no"], order_of(asked["out_trade_no"], fen))
        order.notify = given["notify_url"]
        return {
            "code": "10000",
            "out_trade_no": order.number,
            "qr_code": f"https://qr.alipay.com/bavh{order.number[-6:]}",
        }

    def _alipay_trade_query(self, asked, given):
        order = self.provider.orders.get(asked["out_trade_no"])
        if order is None:
            return self._no("ACQ.TRADE_NOT_EXIST", "交易不存在")
        states = {"NOTPAY": "WAIT_BUYER_PAY", "SUCCESS": "TRADE_SUCCESS", "CLOSED": "TRADE_CLOSED"}
        found = {
            "code": "10000", "out_trade_no": order.number, "trade_no": order.transaction,
            "trade_status": states[order.state], "total_amount": f"{order.fen / 100:.2f}",
            "buyer_logon_id": "159****5620",
        }  # fmt: skip
        return {**found, "send_pay_date": f"{order.paid_at:%Y-%m-%d %H:%M:%S}"} if order.paid_at else found

    def _alipay_trade_close(self, asked, given):
        order = self.provider.orders.get(asked["out_trade_no"])
        if order is None:
            return self._no("ACQ.TRADE_NOT_EXIST", "交易不存在")
        if order.state == "SUCCESS":
            return self._no("ACQ.TRADE_STATUS_ERROR", "交易状态不合法")
        order.state = "CLOSED"
        return {"code": "10000", "out_trade_no": order.number}

    def _alipay_trade_refund(self, asked, given):
        if self.provider.refuses_refund:
            return self._no("ACQ.SELLER_BALANCE_NOT_ENOUGH", "卖家余额不足")
        order = next(one for one in self.provider.orders.values() if one.transaction == asked["trade_no"])
        fresh = asked["out_request_no"] not in self.provider.refunds
        self.provider.refunds.setdefault(
            asked["out_request_no"],
            SimpleNamespace(
                number=asked["out_request_no"], order=order.number, fen=round(float(asked["refund_amount"]) * 100),
                state="SUCCESS", id=order.transaction, at=clock(),
            ),
        )  # fmt: skip
        return {
            "code": "10000", "trade_no": order.transaction, "out_trade_no": order.number,
            "fund_change": "Y" if fresh else "N", "refund_fee": asked["refund_amount"],
        }  # fmt: skip

    def _alipay_trade_fastpay_refund_query(self, asked, given):
        refund = self.provider.refunds.get(asked["out_request_no"])
        if refund is None:
            return {"code": "10000"}
        return {
            "code": "10000", "trade_no": refund.id, "out_trade_no": refund.order, "out_request_no": refund.number,
            "refund_amount": f"{refund.fen / 100:.2f}", "refund_status": "REFUND_SUCCESS",
            "gmt_refund_pay": f"{refund.at:%Y-%m-%d %H:%M:%S}",
        }  # fmt: skip

    def _alipay_data_dataservice_bill_downloadurl_query(self, asked, given):
        rows = self.provider.bill.get(asked["bill_date"])
        if rows is None:
            return self._no("isp.bill_not_exist", "账单不存在")
        token = secrets.token_hex(8)
        self.provider.bill[token] = alipay_bill(rows)
        return {"code": "10000", "bill_download_url": f"{self.provider.url}/alipay-bill/{token}"}


WECHAT_HEAD = (
    "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,"
    "应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,"
    "手续费,费率,订单金额,申请退款金额,费率备注"
)  # fmt: skip


def wechat_bill(rows):
    """`rows`: (transaction, order, refund or "", 分, fee in 分, moment)."""
    lines = [WECHAT_HEAD]
    for transaction, number, refund, fen, fee, at in rows:
        yuan = f"{fen / 100:.2f}"
        paid = [yuan, "0.00", "0", "0", "0.00", "0.00", "", ""]
        back = ["0.00", "0.00", f"R{refund}", refund, yuan, "0.00", "ORIGINAL", "SUCCESS"]
        cells = [
            f"{at:%Y-%m-%d %H:%M:%S}", APPID, MCHID, "0", "", transaction, number, "oUpF8uMuAJO", "NATIVE",
            "REFUND" if refund else "SUCCESS", "OTHERS", "CNY", *(back if refund else paid), "梧桐花园物业费", "",
            f"{fee / 100:.5f}", "0.60%", "0.00" if refund else yuan, yuan if refund else "0.00", "",
        ]  # fmt: skip
        lines.append(",".join(f"`{cell}" for cell in cells))
    paid, back = sum(r[3] for r in rows if not r[2]) / 100, sum(r[3] for r in rows if r[2]) / 100
    lines.append("总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额")
    fee = sum(r[4] for r in rows) / 100
    lines.append(f"`{len(rows)},`{paid:.2f},`{back:.2f},`0.00,`{fee:.5f},`{paid:.2f},`{back:.2f}")
    return "\r\n".join(lines) + "\r\n"


ALIPAY_HEAD = (
    "支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,门店编号,门店名称,操作员,终端号,对方账户,订单金额（元）,"
    "商家实收（元）,支付宝红包（元）,集分宝（元）,支付宝优惠（元）,商家优惠（元）,券核销金额（元）,券名称,商家红包消费金额（元）,"
    "卡消费金额（元）,退款批次号/请求号,服务费（元）,分润（元）,备注"
)  # fmt: skip


def alipay_bill(rows):
    target = io.StringIO()
    target.write("#支付宝业务明细查询\n#账号：[20881021462251350156]\n#-----业务明细列表-----\n")
    target.write(ALIPAY_HEAD + "\n")
    writer = csv.writer(target)
    for transaction, number, refund, fen, fee, at in rows:
        yuan = f"{'-' if refund else ''}{fen / 100:.2f}"
        moment = f"{at:%Y-%m-%d %H:%M:%S}"
        kind = "退款" if refund else "交易"
        writer.writerow([
            f"{transaction}\t", f"{number}\t", kind, "物业", moment, moment, *[""] * 4, "*明(159****5620)", yuan, yuan,
            *["0.00"] * 5, "", "0.00", "0.00", refund, f"{-fee / 100:.2f}", "0.00", "",
        ])  # fmt: skip
    target.write("#-----业务明细列表结束-----\n")
    names = ["2088_业务明细.csv".encode("gbk"), "2088_业务明细(汇总).csv".encode("gbk")]
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for number, text in enumerate((target.getvalue(), "#汇总\n")):
            archive.writestr(chr(65 + number) * len(names[number]), text.encode("gb18030"))
    content = packed.getvalue()  # Python writes such names as UTF-8 only: the bytes are put in afterwards
    for number, name in enumerate(names):
        content = content.replace(chr(65 + number).encode() * len(name), name)
    return content
