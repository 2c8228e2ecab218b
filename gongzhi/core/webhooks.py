"""Telling other programs of events: subscribed for a post, queued with the event, signed, sent until it arrives.

A subscriber is told of what its post may read, and of that only what names nobody: kinds, codes, dates, numbers. The
rest it asks for over the API, with its rights.
"""

import hashlib
import hmac
import json
import logging
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from http.client import HTTPException
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.db import transaction

from gongzhi.core import addresses, crypto, jobs, packs, refs
from gongzhi.core.actors import Actor, acting_in
from gongzhi.core.days import ZONE
from gongzhi.core.errors import Refused
from gongzhi.core.models import Event, Post, Webhook, WebhookDelivery
from gongzhi.core.recording import record
from gongzhi.core.rights import require
from gongzhi.core.versions import check_version
from gongzhi.policy.vocabulary import EventKind

logger = logging.getLogger(__name__)

DELIVER = "core.deliver_webhook"
SIGNATURE, EVENT_ID = "Gongzhi-Signature", "Gongzhi-Event-Id"
PURPOSE = "webhook.secret"
SECRET_BYTES = 32
MOST_KINDS, LONGEST_NAME, LONGEST_URL = 100, 60, 500
# Seconds until the next try, after the first, the second, …; after the last one it is given up.
WAITS = (10, 60, 300, 900, 3600, 10_800, 21_600, 43_200)
MOST_TRIES = len(WAITS) + 1
LONGEST_ERROR = 300
OK = range(200, 300)
# What is nobody's business but the platform's own: looks at personal data, files, keys, deliveries.
KEPT_BACK = ("person.", "file.", "token.", "webhook.")
# Fields of text that hold codes and numbers, never what somebody typed.
CODES = frozenset({"number", "instrument", "pack", "switch", "step"})
PLAIN_TYPES = frozenset(
    {"bool", "count", "date", "moment", "role", "matter", "enum", "money_fen", "area_m2", "ratio", "period"}
)


def subscribable() -> dict[str, str]:
    """Kinds of event with their titles."""
    known = packs.vocabulary().events.values()
    return {one.name: one.title for one in known if not one.name.startswith(KEPT_BACK)}


@dataclass(frozen=True)
class Subscribed:
    """`secret` signs every delivery; it is shown this once."""

    webhook: Webhook
    secret: str


def subscribe(post: Post, *, name: str, url: str, kinds: Sequence[str], actor: Actor, now: datetime) -> Subscribed:
    """For one's own post, or with the right to manage keys. `case.*` stands for every kind that begins so."""
    _require(post, actor)
    name, url = name.strip(), url.strip()
    if not name or len(name) > LONGEST_NAME:
        raise Refused("bad_name", "请写明推给哪个系统。", fields={"name": f"请填名称，最多{LONGEST_NAME}个字"})
    if len(url) > LONGEST_URL:
        raise Refused("bad_url", "网址太长。", fields={"url": f"最多{LONGEST_URL}个字符"})
    host = addresses.target_of(url).host
    chosen = _known_kinds(kinds)
    secret = f"whsec_{secrets.token_urlsafe(SECRET_BYTES)}"
    with transaction.atomic():
        hook = Webhook.objects.create(
            post=post,
            name=name,
            url=url,
            kinds=chosen,
            secret_cipher=crypto.encrypt(secret, purpose=PURPOSE),
            created_by=actor.user,
            created_at=now,
            place_path=post.place_path,
            demo=actor.demo,
        )
        packs.changed()
        data = {"role": post.role, "host": host, "kinds": chosen}
        record("webhook.begun", subject=hook.ref, actor=actor, at=now, place_path=hook.place_path, data=data)
    return Subscribed(hook, secret)


def _require(post: Post, actor: Actor) -> None:
    if actor.post is None or actor.post.pk != post.pk:
        require(actor, "token.manage", post)


def _known_kinds(kinds: Iterable[str]) -> list[str]:
    known, chosen = subscribable(), list(dict.fromkeys(kinds))
    unknown = [
        one for one in chosen if one not in known and not (one.endswith(".*") and _begins(known, one.removesuffix("*")))
    ]
    if not chosen or unknown or len(chosen) > MOST_KINDS:
        words = f"没有这种事件：{'、'.join(unknown)[:100]}" if unknown else "请选事件"
        raise Refused("bad_kind", "请从事件列表里选，例如 case.opened 或 case.*。", fields={"kinds": words})
    return chosen


def _begins(known: Iterable[str], prefix: str) -> bool:
    return any(one.startswith(prefix) for one in known)


def unsubscribe(hook: Webhook, *, actor: Actor, now: datetime, version: int | None = None) -> Webhook:
    _require(hook.post, actor)
    with transaction.atomic():
        row = Webhook.objects.select_for_update().get(pk=hook.pk)
        check_version(row, version)
        if row.ended_at is not None:
            raise Refused("ended", "这个推送已经停用了。")
        row.ended_at = now
        row.version += 1
        row.save(update_fields=["ended_at", "version"])
        packs.changed()
        data = {"role": hook.post.role, "host": _host(row)}
        record("webhook.ended", subject=row.ref, actor=actor, at=now, place_path=row.place_path, data=data)
    return row


def _host(hook: Webhook) -> str:
    return urlsplit(hook.url).hostname or ""


# --- queueing, in the transaction of the event


@dataclass(frozen=True)
class _Listeners:
    """Who listens, at one token of the policy's state: reading it costs nothing while nobody comes or goes."""

    token: UUID
    kinds: Mapping[str, tuple[int, ...]]
    prefixes: tuple[tuple[str, int], ...]

    def of(self, kind: str) -> list[int]:
        found = [*self.kinds.get(kind, ()), *(pk for prefix, pk in self.prefixes if kind.startswith(prefix))]
        return list(dict.fromkeys(found))


_listeners: _Listeners | None = None


def _listening() -> _Listeners:
    global _listeners
    token = packs.last_token()
    if _listeners is None or _listeners.token != token:
        kinds: dict[str, tuple[int, ...]] = {}
        prefixes = []
        for hook in Webhook.objects.filter(ended_at=None).order_by("pk"):
            for kind in hook.kinds:
                if kind.endswith(".*"):
                    prefixes.append((kind.removesuffix("*"), hook.pk))
                else:
                    kinds[kind] = (*kinds.get(kind, ()), hook.pk)
        _listeners = _Listeners(token, kinds, tuple(prefixes))
    return _listeners


def queue_for(event: Event) -> None:
    """A reaction to every event: a delivery for each who listens. Whether he may read it the worker asks."""
    if event.kind.startswith(KEPT_BACK):
        return
    hooks = _listening().of(event.kind)
    if not hooks:
        return
    rows = WebhookDelivery.objects.bulk_create(WebhookDelivery(webhook_id=pk, event=event) for pk in hooks)
    for row in rows:
        jobs.later(DELIVER, delivery_id=row.pk)


# --- sending, by the worker


def deliver(delivery_id: int, *, now: datetime) -> WebhookDelivery | None:
    """One try. Safe to run twice: what has arrived or was given up is left alone."""
    row = WebhookDelivery.objects.select_related("webhook__post", "event").filter(pk=delivery_id).first()
    if row is None or row.state != "queued":
        return row
    hook = row.webhook
    actor = acting_in(hook.post, now)
    if hook.ended_at is not None or actor is None:
        return _close(row, "withheld", "推送已停用，或者岗位现在无人在任", now=now)
    if not may_be_told(actor, row.event):
        return _close(row, "withheld", "这个岗位不能看这件事", now=now)
    body = json.dumps(payload_of(row.event), ensure_ascii=False, separators=(",", ":")).encode()
    secret = crypto.decrypt(hook.secret_cipher, purpose=PURPOSE)
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "Gongzhi-Webhook/1",
        EVENT_ID: event_id(row.event),
        SIGNATURE: signature(secret, body, at=now),
    }
    status: int | None = None
    try:
        status = addresses.post_to(addresses.target_of(hook.url), body, headers)
        error = "" if status in OK else f"对方答复 {status}"
    except Refused as refused:
        error = refused.message
    except (OSError, HTTPException) as fault:
        error = f"{type(fault).__name__}: {fault}"
    return _noted(row, status, error[:LONGEST_ERROR], now=now)


def may_be_told(actor: Actor, event: Event) -> bool:
    """Who may read the subject. What nobody registered as readable is told to officials over the place."""
    if refs.is_known(event.subject_kind):
        return refs.may_read(actor, event.subject)
    return actor.is_staff_role and bool(event.place_path) and actor.within(event.place_path)


def _noted(row: WebhookDelivery, status: int | None, error: str, *, now: datetime) -> WebhookDelivery:
    """What came of the try; the next one is queued in the same transaction."""
    with transaction.atomic():
        held = WebhookDelivery.objects.select_for_update().get(pk=row.pk)
        if held.state != "queued" or held.tries != row.tries:
            return held  # another worker was there in the meantime
        held.tries += 1
        held.status, held.error, held.tried_at = status, error, now
        if not error:
            held.state, held.sent_at = "sent", now
        elif held.tries >= MOST_TRIES:
            held.state = "failed"
        held.save()
        if held.state == "failed":
            logger.warning("webhook %s gave up on event %s: %s", row.webhook_id, row.event_id, error)
            data = {"host": _host(row.webhook), "event": row.event_id, "tries": held.tries}
            hook = row.webhook
            record(
                "webhook.gave_up", subject=hook.ref, actor=Actor.system(), at=now, place_path=hook.place_path, data=data
            )
        elif held.state == "queued":
            jobs.later(DELIVER, wait_seconds=WAITS[held.tries - 1], delivery_id=held.pk)
    return held


def _close(row: WebhookDelivery, state: str, error: str, *, now: datetime) -> WebhookDelivery:
    WebhookDelivery.objects.filter(pk=row.pk, state="queued").update(state=state, error=error, tried_at=now)
    row.refresh_from_db()
    return row


def send_again(row: WebhookDelivery, *, actor: Actor, now: datetime) -> WebhookDelivery:
    """A delivery that was given up, or any that the receiver lost, from the beginning. The event's id is the same."""
    hook = row.webhook
    _require(hook.post, actor)
    with transaction.atomic():
        held = WebhookDelivery.objects.select_for_update().get(pk=row.pk)
        if hook.ended_at is not None:
            raise Refused("ended", "这个推送已经停用，不能再送。")
        if held.state == "queued":
            raise Refused("queued", "这一条正在送，不用再按。")
        held.state, held.tries, held.error, held.status = "queued", 0, "", None
        held.save(update_fields=["state", "tries", "error", "status"])
        data = {"host": _host(hook), "event": held.event_id}
        record("webhook.sent_again", subject=hook.ref, actor=actor, at=now, place_path=hook.place_path, data=data)
        jobs.later(DELIVER, delivery_id=held.pk)
    return held


def event_id(event: Event) -> str:
    return f"evt_{event.pk}"


def signature(secret: str, body: bytes, *, at: datetime) -> str:
    """`t=<seconds>,v1=<hex>`: HMAC-SHA256 over the seconds, a full stop and the body."""
    seconds = int(at.timestamp())
    digest = hmac.new(secret.encode(), f"{seconds}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={seconds},v1={digest}"


def payload_of(event: Event) -> dict[str, Any]:
    """What may be told of an event without naming anybody: no label, no title, no word that somebody typed."""
    declared = packs.vocabulary().events.get(event.kind)
    codes = packs.codes_of(event.place_path)
    return {
        "id": event_id(event),
        "kind": event.kind,
        "title": declared.title if declared else event.kind,
        "at": event.at.astimezone(ZONE).isoformat(),
        "subject": {"kind": event.subject_kind, "id": event.subject_id},
        "place": codes[0] if codes else "",
        "by": event.actor_role,
        "data": _codes_of(declared, event.data) if declared else {},
    }


def _codes_of(declared: EventKind, data: Mapping[str, Any]) -> dict[str, Any]:
    found = {}
    for name, value in data.items():
        type_ = declared.fields.get(name)
        item = type_.item if type_ is not None and type_.kind == "list" else type_
        if item is not None and (item.kind in PLAIN_TYPES or item.choices or name in CODES):
            found[name] = value
    return found
