"""疑点: what callbacks, queries and the providers' bills say and the books do not, worked off by a person."""

import logging
from datetime import date, datetime
from typing import Any

from django.db import transaction

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.funds.charges.queries import OfProject
from gongzhi.funds.charges.queries.owed import PURSE
from gongzhi.funds.common.queries import book_of
from gongzhi.funds.payments.models import PayChannel, PayIssue, PayOrder
from gongzhi.funds.payments.providers import Seen
from gongzhi.funds.payments.words import HOWS

logger = logging.getLogger(__name__)

LONGEST_NUMBER = 64


def booking_day(channel: PayChannel, moment: datetime | None, *, now: datetime) -> date:
    """The day it was paid; today where the books are closed over it or were opened later. Never later than today."""
    today = core.local_day(now)
    on = min(core.local_day(moment), today) if moment is not None else today
    book = book_of(channel.project.estate, PURSE)
    if book is None or on < book.opened_on or (book.closed_until is not None and on <= book.closed_until):
        return today
    return on


def note_issue(
    channel: PayChannel,
    kind: str,
    *,
    now: datetime,
    order: PayOrder | None = None,
    seen: Seen | None = None,
    **given: Any,
) -> PayIssue:
    """For a person to look at; the same again finds the first."""
    values: dict[str, Any] = {
        "number": seen.number[:LONGEST_NUMBER] if seen else "",
        "transaction": seen.transaction[:LONGEST_NUMBER] if seen else "",
        "refund": "",
        **given,
    }
    own = {name: values.pop(name) for name in ("number", "transaction", "refund")}
    values.setdefault("their_fen", seen.amount_fen if seen else None)
    values.setdefault("our_fen", order.amount_fen if order else None)
    row, fresh = PayIssue.objects.get_or_create(
        channel=channel,
        kind=kind,
        **own,
        defaults={**values, "order": order, "noted_at": now, "place_path": channel.place_path, "demo": channel.demo},
    )
    if fresh:
        logger.warning("payments: %s at channel %s, order %s", kind, channel.pk, own["number"])
        core.record(
            "payment.issue_noted", subject=row.ref, actor=Actor.system(demo=channel.demo), at=now,
            place_path=row.place_path, data={"issue": kind, "provider": channel.provider},
        )  # fmt: skip
    return row


@transaction.atomic
def work_off_issue(
    issue: PayIssue, *, how: str, reason: str, version: int | None, actor: Actor, now: datetime
) -> PayIssue:
    """How it ended, in the words of the person who looked into it."""
    row = PayIssue.objects.select_for_update(of=("self",)).select_related("channel__project").get(pk=issue.pk)
    core.require(actor, "payment.reconcile", OfProject(row.channel.project))
    core.check_version(row, version)
    if row.state == "done":
        raise Refused("issue_done", "这个疑点已经处理过了。")
    missing = {} if how in HOWS else {"how": "请选处理结果"}
    if not reason.strip():
        missing["reason"] = "请写核实的情况"
    if missing:
        raise Refused("issue_reason", "请选处理结果并写明核实的情况。", fields=missing)
    row.state, row.how, row.reason = "done", how, reason.strip()
    row.done_by, row.done_at, row.version = actor.user, now, row.version + 1
    row.save(update_fields=["state", "how", "reason", "done_by", "done_at", "version"])
    core.record(
        "payment.issue_done", subject=row.ref, actor=actor, at=now, place_path=row.place_path,
        data={"issue": row.kind, "how": how},
    )  # fmt: skip
    return row
