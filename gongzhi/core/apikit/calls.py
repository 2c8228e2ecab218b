"""One call of the API: whose key, which scope; the reply that is kept for a repetition; the version it rests on.

Every operation is declared by `reads`, `creates`, `changes` or `runs`, which say what it wants of the caller:

- a scope of the key (the rights of the key's post are asked by the commands, as on screen);
- `Idempotency-Key`: wanted by `creates`, taken by `changes` and `runs`;
- `If-Match`: wanted by `changes`.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection, models
from django.http import HttpRequest, HttpResponse
from ninja import Router
from ninja.security import HttpBearer

from gongzhi.core import crypto, tokens
from gongzhi.core.actors import Actor
from gongzhi.core.apikit.problems import ApiProblem, problem
from gongzhi.core.models import ApiReply, ApiToken
from gongzhi.core.scopes import SCOPES

KEY_HEADER, MATCH_HEADER, REPLAYED_HEADER = "Idempotency-Key", "If-Match", "Idempotency-Replayed"
LONGEST_KEY = 128
JSON, MULTIPART = "application/json", "multipart/form-data"
PURPOSE = "api.reply"
WRITES = ("POST", "PUT", "PATCH", "DELETE")
SPARE_BYTES = 1024 * 1024
ETAG_SIGNS = 20
NEVER, TAKEN, WANTED = "", "taken", "wanted"

View = Callable[..., Any]
OPEN_WORDS = "不要令牌，谁都可以读；按来的地址限次数，太多答复 429。"


@dataclass
class Call:
    """What one request brings along; every operation finds it as `request.call`."""

    token: ApiToken
    actor: Actor
    now: datetime
    match: str = ""
    compared: bool = False
    etag: str = ""
    reply: ApiReply | None = None


class Replayed(Exception):  # noqa: N818 - not an error: the answer of the first time
    def __init__(self, response: HttpResponse) -> None:
        super().__init__("replayed")
        self.response = response


def call_of(request: HttpRequest) -> Call:
    return request.call  # type: ignore[attr-defined]


class Token(HttpBearer):
    """Reads the key, then what the operation wants of the request, all before its body is looked at."""

    def __init__(self, scope: str, *, key: str = NEVER, match: bool = False, media: str = JSON) -> None:
        if scope and scope not in SCOPES:
            raise ValueError(f"no scope {scope!r}")
        super().__init__()
        self.scope, self.key, self.match, self.media = scope, key, match, media

    def authenticate(self, request: HttpRequest, token: str) -> Call | None:
        check_text(request)
        now: datetime = request.now  # type: ignore[attr-defined]
        found = tokens.token_of(token, now)
        actor = tokens.acting_with(found, now) if found is not None else None
        if found is None or actor is None:
            return None
        if self.scope and self.scope not in found.scopes:
            words = SCOPES[self.scope]
            raise ApiProblem(403, code="scope", message=f"令牌没有“{words}”（{self.scope}）这个范围，请管理员另发。")
        call = Call(found, actor, now)
        request.call = call  # type: ignore[attr-defined]
        request.actor = actor  # type: ignore[attr-defined]
        if request.method in WRITES:
            _check_body(request, self.media)
        if self.match:
            call.match = _match_of(request)
        if self.key:
            self._claim(request, call)
        return call

    def _claim(self, request: HttpRequest, call: Call) -> None:
        key = request.headers.get(KEY_HEADER, "").strip()
        if not key:
            if self.key == WANTED:
                message = f"新建要带 {KEY_HEADER}：每件事一个新值，重试时用同一个值，就不会办两次。"
                raise ApiProblem(400, code="idempotency_key_missing", message=message)
            return
        if len(key) > LONGEST_KEY or not key.isprintable():
            raise ApiProblem(400, code="idempotency_key", message=f"{KEY_HEADER} 最多{LONGEST_KEY}个字符。")
        call.reply = claimed(call.token, key, _fingerprint(request))


def claimed(token: ApiToken, key: str, request_hash: str) -> ApiReply:
    """The row of the key, held until the transaction ends: of two at once the second waits, then gets the reply.

    What fails rolls the row back with everything else, so the key is free again.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO core_apireply (token_id, key, request_hash, body_cipher, etag, created_at)"
            " VALUES (%s, %s, %s, '', '', now()) ON CONFLICT (token_id, key) DO NOTHING",
            [token.pk, key, request_hash],
        )
    row = ApiReply.objects.select_for_update().get(token=token, key=key)
    if row.request_hash != request_hash:
        message = f"这个 {KEY_HEADER} 已经用在另一个请求上。每件事要用一个新值；重试时内容要与第一次完全一样。"
        raise ApiProblem(422, code="idempotency_key_reused", message=message)
    if row.status is not None:
        body = crypto.decrypt(row.body_cipher, purpose=PURPOSE) if row.body_cipher else ""
        response = HttpResponse(body, status=row.status, content_type=f"{JSON}; charset=utf-8")
        response.headers[REPLAYED_HEADER] = "true"
        if row.etag:
            response.headers["ETag"] = row.etag
        raise Replayed(response)
    return row


def finish(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """After the operation: the ETag, and the reply kept for a repetition."""
    call: Call | None = getattr(request, "call", None)
    if call is None:
        return response
    if call.match and not call.compared:
        raise AssertionError(f"{request.path}: If-Match was asked for and never compared")
    if call.etag:
        response.headers["ETag"] = call.etag
    if call.reply is not None:
        ApiReply.objects.filter(pk=call.reply.pk).update(
            status=response.status_code,
            body_cipher=crypto.encrypt(response.content.decode(), purpose=PURPOSE),
            etag=call.etag,
        )
    return response


def _fingerprint(request: HttpRequest) -> str:
    """Of method, address, version and body; of an upload its fields and the content of its files."""
    digest = hashlib.sha256(f"{request.method} {request.get_full_path()}\n".encode())
    if request.content_type == MULTIPART:
        for name, value in sorted(request.POST.items()):
            digest.update(f"{name}={value}\n".encode())
        for name in sorted(request.FILES):
            for file in request.FILES.getlist(name):
                digest.update(f"{name}:{file.name}\n".encode())
                for chunk in file.chunks():
                    digest.update(chunk)
                file.seek(0)
    else:
        digest.update(_same_json(request.body))
    return digest.hexdigest()


def _same_json(body: bytes) -> bytes:
    """Without regard to blanks and the order of names."""
    try:
        return json.dumps(json.loads(body), sort_keys=True, ensure_ascii=True).encode()
    except (ValueError, RecursionError):
        return body


def check_text(request: HttpRequest) -> None:
    """The database keeps no NUL."""
    values = [request.path, *(one for name, found in request.GET.lists() for one in (name, *found))]
    if any("\0" in one for one in values):
        raise ApiProblem(400)


def _check_body(request: HttpRequest, media: str) -> None:
    length = request.META.get("CONTENT_LENGTH") or "0"
    size = int(length) if length.isdigit() else 0
    most = settings.UPLOAD_MAX_BYTES + SPARE_BYTES if media == MULTIPART else settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    if size > most:
        raise ApiProblem(413)
    if size and request.content_type != media:
        raise ApiProblem(415, message=f"这里只收 {media}。")


# --- versions


def _match_of(request: HttpRequest) -> str:
    given = request.headers.get(MATCH_HEADER, "").strip()
    if not given:
        raise ApiProblem(428)
    return given


def etag_of(row: models.Model) -> str:
    """The version of the row; where it has none, a digest of everything in it."""
    version = getattr(row, "version", None)
    if isinstance(version, int):
        return f'"{version}"'
    return tag_of(*(getattr(row, field.attname) for field in row._meta.concrete_fields))


def tagged(request: HttpRequest, row: models.Model) -> None:
    """Sends the row's ETag along."""
    call = call_of(request)
    if call.match:
        row.refresh_from_db()
    call.etag = etag_of(row)


def matched(request: HttpRequest, row: models.Model) -> int | None:
    """Refuses (412) when the row is not the one that the caller has read. The version, for the command to look again.

    A row without a version is held until the transaction ends.
    """
    call = call_of(request)
    call.compared = True
    version = getattr(row, "version", None)
    if not isinstance(version, int):
        row = type(row)._default_manager.select_for_update(of=("self",)).get(pk=row.pk)
    matched_tag(request, etag_of(row))
    return version if isinstance(version, int) else None


def matched_tag(request: HttpRequest, tag: str) -> None:
    """As `matched`, for what is no single row: the tag that holds now."""
    call = call_of(request)
    call.compared = True
    if tag not in [one.strip() for one in call.match.split(",")]:
        raise ApiProblem(412)


def tag_of(*values: Any) -> str:
    return f'"{hashlib.sha256(repr(values).encode()).hexdigest()[:ETAG_SIGNS]}"'


# --- declaring


def reads(router: Router, path: str, *, scope: str, response: Any, summary: str, **more: Any) -> Callable[[View], View]:
    return _declared(router, "get", path, Token(scope), {200: response}, summary, more)


def anyone(request: HttpRequest) -> bool:
    """In the place of a key, where everybody may read. No scheme of security, so none is described."""
    check_text(request)
    return True


def shows(router: Router, path: str, *, response: Any, summary: str, **more: Any) -> Callable[[View], View]:
    """What hangs open on a public page, to everybody and without a key. Whoever declares it counts the callers."""
    words = more.pop("description", "")
    description = "\n\n".join(part for part in (words, OPEN_WORDS) if part)
    declare: Callable[[View], View] = router.get(
        path, auth=anyone, response={200: response}, summary=summary, description=description, **more
    )
    return declare


def creates(
    router: Router, path: str, *, scope: str, response: Any, summary: str, media: str = JSON, **more: Any
) -> Callable[[View], View]:
    return _declared(router, "post", path, Token(scope, key=WANTED, media=media), {201: response}, summary, more)


def changes(
    router: Router, path: str, *, scope: str, response: Any, summary: str, method: str = "post", **more: Any
) -> Callable[[View], View]:
    return _declared(router, method, path, Token(scope, key=TAKEN, match=True), {200: response}, summary, more)


def runs(
    router: Router, path: str, *, scope: str, response: Any, summary: str, key: str = TAKEN, **more: Any
) -> Callable[[View], View]:
    """A POST that makes no row of its own: a question, a look at something masked, several acts at once."""
    return _declared(router, "post", path, Token(scope, key=key), {200: response}, summary, more)


def _declared(
    router: Router, method: str, path: str, auth: Token, response: Any, summary: str, more: dict[str, Any]
) -> Callable[[View], View]:
    words = more.pop("description", "")
    scope = f"需要令牌范围：`{auth.scope}`（{SCOPES[auth.scope]}）。" if auth.scope else "不需要特定范围。"
    declare: Callable[[View], View] = getattr(router, method)(
        path,
        auth=auth,
        response=response,
        summary=summary,
        description="\n\n".join(part for part in (words, scope) if part),
        openapi_extra={"parameters": _headers(auth)},
        **more,
    )
    return declare


def _headers(auth: Token) -> list[dict[str, Any]]:
    found = []
    if auth.key:
        words = "每件事一个新值；用同一个值重试，得到第一次的结果，不会办两次。"
        found.append(_header(KEY_HEADER, words, required=auth.key == WANTED, longest=LONGEST_KEY))
    if auth.match:
        found.append(_header(MATCH_HEADER, "读取时得到的 ETag；别人先改过的，答复 412。", required=True))
    return found


def _header(name: str, words: str, *, required: bool, longest: int = 0) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "string", "minLength": 1, **({"maxLength": longest} if longest else {})}
    return {"in": "header", "name": name, "required": required, "description": words, "schema": schema}


def wrong_way(request: HttpRequest, status: int, **given: Any) -> HttpResponse:
    """A problem that does not undo what was written: an attempt that is counted stays counted."""
    return problem(status, **given)
