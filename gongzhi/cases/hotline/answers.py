"""What goes back to the hotline for each of its numbers: as a versioned file, or posted by the worker."""

import csv
import hashlib
import hmac
import io
import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import httpx
from django.db import transaction
from django.db.models import Q, QuerySet

from gongzhi.cases.codes import OUTCOMES
from gongzhi.cases.hotline.models import HotlineSource, HotlineTicket
from gongzhi.cases.hotline.services import SECRET
from gongzhi.cases.models import Case, State
from gongzhi.core import crypto, messages
from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.days import ZONE
from gongzhi.core.models import Event, OutboxMessage
from gongzhi.core.sheets import plain

SCHEMA, VERSION = "gongzhi.hotline.answer", 1
CHANNEL, TEMPLATE = "hotline", "hotline.answer"
SECONDS = 15
# 409: the hotline has this number and sequence already, so an earlier try arrived.
TAKEN_CODES = (200, 201, 202, 204, 409)
STATES = {
    "received": "已接收", "handling": "办理中", "answered": "已答复", "closed": "已办结", "voided": "已作废",
}  # fmt: skip
_STATE_OF = {
    State.PENDING: "received", State.PENDING_DUTY: "received", State.AWAITING_SIGN: "received",
    State.ANSWERED: "answered", State.CLOSED: "closed", State.ARCHIVED: "closed", State.VOIDED: "voided",
}  # fmt: skip
_ORDER = ("received", "handling", "answered", "closed")
FIELDS = (
    "schema", "version", "source", "number", "sequence", "state", "state_name", "unit", "handler", "time", "outcome",
    "text", "case_numbers",
)  # fmt: skip


def answer_of(ticket: HotlineTicket) -> dict[str, Any]:
    """The answer as it stands. With several cases: the least advanced state, the texts one after another."""
    rows = [one.merged_into or one for one in _cases(ticket)]
    alive = [one for one in rows if one.state != State.VOIDED]
    states = [_STATE_OF.get(State(one.state), "handling") for one in alive]
    state = min(states, key=_ORDER.index) if states else "voided" if rows else "received"
    last = max(alive, key=_moment, default=None)
    moment = _moment(last) if last is not None else ticket.taken_at
    texts = [one.answer_text for one in alive if one.answer_text]
    return {
        "schema": SCHEMA,
        "version": VERSION,
        "source": ticket.source.name,
        "number": ticket.number,
        "sequence": ticket.answers,
        "state": state,
        "state_name": STATES[state],
        "unit": "、".join(dict.fromkeys(one.lead.name for one in alive if one.lead)),
        "handler": _handler(last),
        "time": moment.astimezone(ZONE).isoformat(timespec="seconds"),
        "outcome": "、".join(dict.fromkeys(OUTCOMES[one.outcome] for one in alive if one.outcome)),
        "text": "\n".join(dict.fromkeys(texts)),
        "case_numbers": [one.number for one in rows],
    }


def _cases(ticket: HotlineTicket) -> list[Case]:
    rows = Case.objects.filter(complaint=ticket.complaint_id).select_related("lead", "merged_into__lead")
    return list(rows.order_by("id"))


def _moment(case: Case) -> datetime:
    return case.closed_at or case.answered_at or case.assigned_at or case.received_at


def _handler(case: Case | None) -> str:
    """Who answered, else who worked on it last; nobody before anybody did."""
    if case is None:
        return ""
    rows = case.entries.filter(actor__isnull=False, organisation=case.lead).select_related("actor")
    answered = rows.filter(kind="answered").order_by("-at", "-id").first()
    entry = answered or rows.order_by("-at", "-id").first()
    return str(entry.actor.display_name) if entry is not None and entry.actor is not None else ""


def tickets_since(source: HotlineSource, since: datetime | None) -> QuerySet[HotlineTicket]:
    """Every ticket whose case moved since the moment; all where none is given."""
    rows = source.tickets.filter(complaint__isnull=False).select_related("source")
    if since is not None:
        moved = Q()
        for name in ("assigned_at", "answered_at", "closed_at"):
            moved |= Q(**{f"complaint__cases__{name}__gte": since})
        rows = rows.filter(moved).distinct()
    return rows.order_by("id")


def answers_since(source: HotlineSource, since: datetime | None) -> list[dict[str, Any]]:
    return [answer_of(one) for one in tickets_since(source, since)]


def as_json(answers: Iterable[dict[str, Any]], *, now: datetime) -> bytes:
    made = now.astimezone(ZONE).isoformat(timespec="seconds")
    whole = {"schema": f"{SCHEMA}s", "version": VERSION, "made_at": made, "answers": list(answers)}
    return json.dumps(whole, ensure_ascii=False, indent=1).encode()


def as_csv(answers: Iterable[dict[str, Any]]) -> bytes:
    """With the mark that Excel needs to read UTF-8."""
    target = io.StringIO(newline="")
    writer = csv.writer(target)
    writer.writerow(FIELDS)
    for one in answers:
        writer.writerow([plain("、".join(one[name]) if isinstance(one[name], list) else one[name]) for name in FIELDS])
    return target.getvalue().encode("utf-8-sig")


# The events that bring a new answer: the hotline reads who has it, then what was said.
MOVES = tuple(
    f"case.{name}"
    for name in ("assigned", "whistled", "claimed", "designated", "transferred", "answered", "closed", "voided")
)


def queue_answer(event: Event) -> None:
    """A reaction: the case of a ticket moved, and its hotline takes answers over HTTP."""
    first = next(iter(_listening(int(event.subject_id))), None)
    if first is None:
        return
    ticket = HotlineTicket.objects.select_for_update(of=("self",)).select_related("source__desk").get(pk=first.pk)
    ticket.answers += 1
    ticket.save(update_fields=["answers"])
    text = json.dumps(answer_of(ticket), ensure_ascii=False)
    core.notify(
        to=ticket.source.desk, template=TEMPLATE, text=text, ref=ticket.ref, now=event.at, channel=CHANNEL
    )  # fmt: skip


@core.Fetch
def _listening(case: int) -> QuerySet[HotlineTicket]:
    return HotlineTicket.objects.filter(complaint__cases=case).exclude(source__address="").order_by("pk").only("pk")[:1]


def post_answer(message: OutboxMessage, now: datetime) -> str:
    """The outbox's sender. Raises NotSent when the hotline did not take it: it is tried again, later and later."""
    ticket = HotlineTicket.objects.select_related("source").filter(pk=message.ref_id).first()
    if ticket is None or not ticket.source.address:
        raise messages.NotSent("来源没有回传地址")
    body = message.text.encode()
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "Idempotency-Key": f"{ticket.number}:{json.loads(message.text)['sequence']}",
    }
    if ticket.source.secret_cipher:
        secret = crypto.decrypt(ticket.source.secret_cipher, purpose=SECRET)
        headers["X-Gongzhi-Signature"] = f"sha256={signature(secret, body)}"
    try:
        answered = httpx.post(
            ticket.source.address, content=body, headers=headers, timeout=SECONDS, follow_redirects=False
        )
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise messages.NotSent(f"{type(error).__name__}: {error}") from error
    if answered.status_code not in TAKEN_CODES:
        raise messages.NotSent(f"HTTP {answered.status_code}")
    return ""


def signature(secret: str, body: bytes) -> str:
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def messages_of(source: HotlineSource) -> Any:
    """What was posted or waits to be, the newest first."""
    keys = [str(pk) for pk in source.tickets.values_list("pk", flat=True)]
    return OutboxMessage.objects.filter(channel=CHANNEL, ref_kind="hotline_ticket", ref_id__in=keys).order_by("-id")


@transaction.atomic
def send_again(source: HotlineSource, *, actor: Actor, now: datetime) -> int:
    """Queues what failed for good once more. Returns how many."""
    core.require(actor, "hotline.exchange", source)
    failed = list(messages_of(source).filter(state="failed").select_for_update().order_by("id"))
    for message in failed:
        OutboxMessage.objects.filter(pk=message.pk).update(state="queued", tries=0)
        core.later(messages.SEND, message_id=message.pk)
    if failed:
        core.record(
            "hotline.answer_resent",
            subject=source.ref,
            actor=actor,
            at=now,
            data={"messages": len(failed)},
            place_path=source.place_path,
        )
    return len(failed)
