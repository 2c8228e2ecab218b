"""Keys of other programs: issued to a post, shown once, kept as a hash, revoked; each an event."""

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from gongzhi.core.actors import Actor, acting_in
from gongzhi.core.days import local_day
from gongzhi.core.errors import Refused
from gongzhi.core.models import ApiToken, Post
from gongzhi.core.recording import record
from gongzhi.core.rights import require
from gongzhi.core.scopes import SCOPES
from gongzhi.core.versions import check_version

MARK = "gz"
HANDLE_BYTES, SECRET_BYTES = 6, 32
LONGEST_LIFE = timedelta(days=366)
LONGEST_NAME = 60
USE_NOTED_EVERY = timedelta(minutes=10)
PARTS = 3


@dataclass(frozen=True)
class Issued:
    """`secret` is what the program sends; nobody can read it again."""

    token: ApiToken
    secret: str


def issue_token(
    post: Post, *, name: str, scopes: Sequence[str], expires_at: datetime, actor: Actor, now: datetime
) -> Issued:
    """Refuses a post that is not in force, an unknown scope, and a life of more than a year."""
    require(actor, "token.manage", post)
    name = name.strip()
    unknown = sorted(set(scopes) - set(SCOPES))
    if not name or len(name) > LONGEST_NAME:
        raise Refused("bad_name", "请写明是哪个系统用的。", fields={"name": f"请填名称，最多{LONGEST_NAME}个字"})
    if unknown or not scopes:
        raise Refused("bad_scope", "请至少选一个范围。", fields={"scopes": "请从列表里选"})
    if not now < expires_at <= now + LONGEST_LIFE:
        raise Refused("bad_expiry", "失效日期要在今天以后、一年以内。", fields={"expires_on": "最长一年，到期换新的"})
    if acting_in(post, now) is None:
        raise Refused("post_ended", "这个岗位现在没有人在任，不能发放令牌。", fields={"post": "请选在任的岗位"})
    secret = secrets.token_urlsafe(SECRET_BYTES)
    handle = secrets.token_hex(HANDLE_BYTES)
    with transaction.atomic():
        token = ApiToken.objects.create(
            post=post,
            name=name,
            handle=handle,
            secret_hash=_digest(secret),
            scopes=[one for one in SCOPES if one in scopes],
            issued_by=actor.user,
            issued_at=now,
            expires_at=expires_at,
            place_path=post.place_path,
            demo=actor.demo,
        )
        record(
            "token.issued",
            subject=token.ref,
            actor=actor,
            at=now,
            place_path=token.place_path,
            data={"role": post.role, "scopes": token.scopes, "expires_on": local_day(expires_at)},
        )
    return Issued(token, f"{MARK}_{handle}_{secret}")


def revoke_token(token: ApiToken, *, reason: str, actor: Actor, now: datetime, version: int | None = None) -> ApiToken:
    """The holder of the post may take his own key back; nobody else's without the right."""
    if actor.user is None or actor.user.pk != token.post.user_id:
        require(actor, "token.manage", token)
    with transaction.atomic():
        row = ApiToken.objects.select_for_update().get(pk=token.pk)
        check_version(row, version)
        if row.revoked_at is not None:
            raise Refused("revoked", "这个令牌已经收回了。")
        row.revoked_at = now
        row.version += 1
        row.save(update_fields=["revoked_at", "version"])
        record(
            "token.revoked",
            subject=row.ref,
            actor=actor,
            at=now,
            place_path=row.place_path,
            data={"role": token.post.role, "reason": reason.strip()},
        )
    return row


def _digest(secret: str) -> str:
    """The secret is 256 random bits: a slow hash would guard nothing and cost every request."""
    return hashlib.sha256(secret.encode()).hexdigest()


def token_of(given: str, now: datetime) -> ApiToken | None:
    """The key in force that was given. Notes the use at most every ten minutes."""
    parts = given.split("_", PARTS - 1)
    if len(parts) != PARTS or parts[0] != MARK:
        return None
    token = ApiToken.objects.select_related("post").filter(handle=parts[1]).first()
    wanted = token.secret_hash if token is not None else _digest("")
    same = hmac.compare_digest(wanted, _digest(parts[2]))
    if token is None or not same or token.revoked_at is not None or token.expires_at <= now:
        return None
    if token.last_used_at is None or token.last_used_at < now - USE_NOTED_EVERY:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
    return token


def acting_with(token: ApiToken, now: datetime) -> Actor | None:
    """The post's holder; what he does this way names the key beside him."""
    actor = acting_in(token.post, now)
    return actor.known_as(f"{actor.label}（接口：{token.name}）") if actor is not None else None
