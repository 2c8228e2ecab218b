"""A provider on this machine that speaks 阿里云短信's API 2017-05-25 with its V3 signatures.

It checks every signature from the raw request with code of its own, keeps what it took, and reports what arrived.
Written from the public documents; it proves our side against those, not against the provider.
"""

import hashlib
import hmac
import json
import threading
from collections import deque
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, quote, urlsplit

from gongzhi.core.days import ZONE

KEY_ID, KEY = "LTAI4FTestTestTestTest", "s3cret-s3cret-s3cret-s3cret"
SIGN, TEMPLATE = "共治平台", "SMS_154950909"
SKEW = timedelta(minutes=15)


class SmsProvider:
    """`answers`: what the next sends are told instead of OK, a code or `hang up` (taken, and no answer)."""

    def __init__(self, now):
        self.now = now
        self.sent, self.calls, self.nonces, self.answers, self.states = [], [], set(), deque(), {}
        handler = type("Handler", (_Handler,), {"provider": self})
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

    def report(self, out_id, *, status=3, code="DELIVERED"):
        self.states[out_id] = (status, code)

    def believed(self, method, target, headers):
        """The code of a refusal, or nothing."""
        split = urlsplit(target)
        scheme, _, rest = headers["Authorization"].partition(" ")
        told = dict(part.split("=", 1) for part in rest.split(","))
        names = told["SignedHeaders"].split(";")
        query = "&".join(
            f"{quote(name, safe='-_.~')}={quote(value, safe='-_.~')}"
            for name, value in sorted(parse_qsl(split.query, keep_blank_values=True))
        )
        lines = [f"{name}:{headers[name].strip()}" for name in names]
        canonical = "\n".join([method, split.path, query, *lines, "", ";".join(names), headers["x-acs-content-sha256"]])
        text = f"{scheme}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
        wanted = hmac.new(KEY.encode(), text.encode(), hashlib.sha256).hexdigest()
        if told["Credential"] != KEY_ID:
            return "InvalidAccessKeyId.NotFound"
        if scheme != "ACS3-HMAC-SHA256" or not hmac.compare_digest(wanted, told["Signature"]):
            return "SignatureDoesNotMatch"
        at = datetime.strptime(headers["x-acs-date"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
        if abs(self.now - at) > SKEW:
            return "InvalidTimeStamp.Expired"
        if headers["x-acs-signature-nonce"] in self.nonces:
            return "SignatureNonceUsed"
        self.nonces.add(headers["x-acs-signature-nonce"])
        return ""

    def take(self, given):
        if given["SignName"] != SIGN:
            return "isv.SMS_SIGNATURE_ILLEGAL", {}
        if given["TemplateCode"] != TEMPLATE:
            return "isv.SMS_TEMPLATE_ILLEGAL", {}
        if not (given["PhoneNumbers"].isdigit() and len(given["PhoneNumbers"]) == 11):
            return "isv.MOBILE_NUMBER_ILLEGAL", {}
        receipt = f"{len(self.sent) + 100}^0"
        self.sent.append({**given, "params": json.loads(given["TemplateParam"]), "receipt": receipt})
        return "OK", {"BizId": receipt}

    def details(self, given):
        day = self.now.astimezone(ZONE).strftime("%Y%m%d")
        rows = [
            one
            for one in self.sent
            if one["PhoneNumbers"] == given["PhoneNumber"] and given["SendDate"] == day
            and given.get("BizId", one["receipt"]) == one["receipt"]
        ]  # fmt: skip
        listed = []
        for one in rows:
            status, code = self.states.get(one["OutId"], (1, ""))
            listed.append({"PhoneNum": one["PhoneNumbers"], "SendStatus": status, "ErrCode": code,
                           "OutId": one["OutId"], "ReceiveDate": "2026-03-02 09:31:05"})  # fmt: skip
        return "OK", {"TotalCount": len(listed), "SmsSendDetailDTOs": {"SmsSendDetailDTO": listed}}


class _Handler(BaseHTTPRequestHandler):
    provider: SmsProvider

    def do_POST(self):
        given = dict(parse_qsl(urlsplit(self.path).query))
        action = self.headers["x-acs-action"]
        self.provider.calls.append(action)
        code = self.provider.believed("POST", self.path, self.headers)
        if code:
            return self._tell(403, code, {})
        if action == "QuerySendDetails":
            return self._tell(200, *self.provider.details(given))
        planned = self.provider.answers.popleft() if self.provider.answers else ""
        if planned == "hang up":
            self.provider.take(given)
            return self.connection.close()
        if planned:
            return self._tell(500 if planned.startswith("isp.") else 200, planned, {})
        return self._tell(200, *self.provider.take(given))

    def _tell(self, status, code, more):
        body = json.dumps({"Code": code, "Message": code, "RequestId": "R", **more}).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass
