"""Who sits before the page: the platform's own comparison, or a real-name service over HTTP.

The service is asked whether name, identity number and phone belong together. What goes over the line is signed both
ways; nothing of it is ever written to a log or into an error.
"""

import hashlib
import hmac
import json
import logging
import secrets
import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

import httpx
from django.conf import settings
from django.utils.module_loading import import_string

from gongzhi.core import services as core
from gongzhi.core.errors import Refused
from gongzhi.core.models import PersonalData

logger = logging.getLogger(__name__)

LAST_DIGITS = 4
ID_LENGTH = 18
VERSION = "gongzhi-identity-1"
CONNECT_SECONDS, READ_SECONDS = 2.0, 4.0
TRIES = 3
PAUSE_SECONDS = 0.2
LARGEST_REPLY = 16 * 1024
MATCH, MISMATCH, UNKNOWN = "match", "mismatch", "unknown"
TOO_MANY, SERVER_ERROR = 429, 500


class IdentityCheck(Protocol):
    """`title` and `label` are shown to the owner, who types `length` characters. `holds` refuses
    (`identity_unavailable`) where nobody can say; that is no wrong answer."""

    title: str
    label: str
    length: int

    def holds(self, person: PersonalData, answer: str, *, now: datetime) -> bool: ...


class LocalCheck:
    """Compares the last digits of the identity or phone number on record. No real-name service stands behind it."""

    title = "本平台核对登记的证件号或手机号后四位（未接入实名核验服务）"
    label = "证件号或手机号后四位"
    length = LAST_DIGITS

    def holds(self, person: PersonalData, answer: str, *, now: datetime) -> bool:
        given = answer.strip().upper()
        known = [core.opened(person, field)[-LAST_DIGITS:].upper() for field in ("id_number", "phone")]
        return len(given) == LAST_DIGITS and any(
            secrets.compare_digest(given.encode(), one.encode()) for one in known if one
        )


@dataclass(frozen=True)
class Service:
    url: str
    app: str
    key: bytes


class ServiceCheck:
    """Asks the real-name service of `VOTE_IDENTITY_URL` about the name on record and the identity number typed.

    POST, JSON, `X-Gongzhi-Signature: t=<seconds>,n=<nonce>,v1=<HMAC-SHA256 hex>` over version, app, t, n, each with a
    line end, and the body. The reply is JSON, `{"request_id", "result": match|mismatch|unknown}`, signed the same way
    over the same time and nonce. A repeated request carries the same `request_id`.
    """

    title = "由实名核验服务核对姓名和证件号"
    label = "身份证号（18位）"
    length = ID_LENGTH

    def __init__(self, service: Service | None = None) -> None:
        self._service = service or Service(
            settings.VOTE_IDENTITY_URL, settings.VOTE_IDENTITY_APP, settings.VOTE_IDENTITY_KEY.encode()
        )

    def holds(self, person: PersonalData, answer: str, *, now: datetime) -> bool:
        given = answer.strip().upper()
        on_record = core.opened(person, "id_number").upper()
        # Whoever is on record with another number is asked nothing: the service is no oracle for guesses.
        if len(given) != ID_LENGTH or (on_record and not secrets.compare_digest(on_record.encode(), given.encode())):
            return False
        asked = {
            "request_id": secrets.token_hex(16),
            "name": core.opened(person, "name"),
            "id_number": given,
            "phone": core.opened(person, "phone"),
        }
        result = self._ask(asked, str(int(now.timestamp())))
        if result == UNKNOWN:
            raise _unavailable("实名核验服务查不到这个人的记录。", "请带证件到现场核对身份，现场投票。")
        return result == MATCH

    def _ask(self, asked: dict[str, str], moment: str) -> str:
        body = json.dumps(asked, ensure_ascii=False).encode()
        fault = ""
        for turn in range(TRIES):
            if turn:
                time.sleep(PAUSE_SECONDS * 2 ** (turn - 1))
            try:
                return self._once(body, asked["request_id"], moment)
            except _Again as error:
                fault = str(error)
                # Neither the body nor the answer: only which request failed, and how.
                logger.warning("identity check %s, try %d: %s", asked["request_id"], turn + 1, fault)
        raise _unavailable(f"实名核验服务暂时用不了（{fault}）。", "请过几分钟再试，也可以到现场投票。")

    def _once(self, body: bytes, request_id: str, moment: str) -> str:
        nonce = secrets.token_hex(12)
        headers = {
            "Content-Type": "application/json",
            "X-Gongzhi-App": self._service.app,
            "X-Gongzhi-Signature": f"t={moment},n={nonce},v1={self.signature(moment, nonce, body)}",
        }
        timeout = httpx.Timeout(READ_SECONDS, connect=CONNECT_SECONDS)
        try:
            reply = httpx.post(self._service.url, content=body, headers=headers, timeout=timeout)
        except httpx.TimeoutException as error:
            raise _Again("没有按时应答") from error
        except httpx.HTTPError as error:
            raise _Again("连不上") from error
        if reply.status_code == TOO_MANY or reply.status_code >= SERVER_ERROR:
            raise _Again(f"应答{reply.status_code}")
        if not reply.is_success:
            logger.error("identity check %s: the service refused with %d", request_id, reply.status_code)
            raise _unavailable(
                "实名核验服务没有接受这次请求。", "请告诉社区，请系统管理员检查接口设置；可以先现场投票。"
            )
        return self._result(reply, request_id, moment, nonce)

    def _result(self, reply: httpx.Response, request_id: str, moment: str, nonce: str) -> str:
        given = reply.headers.get("X-Gongzhi-Signature", "")
        if len(reply.content) > LARGEST_REPLY or not hmac.compare_digest(
            given.encode(), f"v1={self.signature(moment, nonce, reply.content)}".encode()
        ):
            logger.error("identity check %s: the reply's signature does not hold", request_id)
            raise _unavailable("实名核验服务的应答签名不对，没有采用。", "请告诉社区；可以先到现场投票。")
        try:
            found: Any = json.loads(reply.content)
        except ValueError as error:
            raise _Again("应答看不懂") from error
        result = found.get("result") if isinstance(found, dict) else None
        if result not in (MATCH, MISMATCH, UNKNOWN) or found.get("request_id") != request_id:
            raise _Again("应答看不懂")
        return str(result)

    def signature(self, moment: str, nonce: str, body: bytes) -> str:
        head = f"{VERSION}\n{self._service.app}\n{moment}\n{nonce}\n".encode()
        return hmac.new(self._service.key, head + body, hashlib.sha256).hexdigest()


class _Again(Exception):
    """Nobody answered, or not as agreed: worth another try."""


def _unavailable(what: str, then: str) -> Refused:
    return Refused("identity_unavailable", f"{what}没有核对成，也没有扣次数。{then}", status=503)


def identity_check() -> IdentityCheck:
    made: IdentityCheck = import_string(settings.VOTE_IDENTITY_CHECK)()
    return made
