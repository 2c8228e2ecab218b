"""The outbox: who is told what. A message is a row of the act's own transaction; the worker sends it afterwards."""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime

from django.db.models import F

from gongzhi.core.jobs import insert_and_later
from gongzhi.core.models import Organisation, OutboxMessage, PersonalData, User
from gongzhi.core.refs import Ref

logger = logging.getLogger("gongzhi.outbox")

SEND = "core.send_message"
MOST_TRIES = 5
LONGEST_ERROR = 500


class NotSent(Exception):  # noqa: N818
    """The channel could not take the message; it is tried again."""


class NeverSent(NotSent):
    """The channel will not take this message, however often it is tried."""


def notify(
    *, to: PersonalData | User | Organisation, template: str, text: str, ref: Ref, now: datetime, channel: str = "",
    params: Mapping[str, str] | None = None,
) -> OutboxMessage:  # fmt: skip
    """Writes a message and queues its sending.

    `template` names the kind of message; `params` are the words of a channel that sends by templates of its own.
    Without `channel` it goes by the first one that takes it, else into the log.
    """
    message = OutboxMessage(
        to_person=to if isinstance(to, PersonalData) else None,
        to_user=to if isinstance(to, User) else None,
        to_organisation=to if isinstance(to, Organisation) else None,
        channel=channel or "log",
        params=dict(params or {}),
        template=template,
        text=text,
        ref_kind=ref.kind,
        ref_id=ref.id,
        ref_title=ref.title[:200],
        place_path=ref.place_path or getattr(to, "place_path", ""),
        created_at=now,
        demo=getattr(to, "demo", False),
    )
    if not channel:
        message.channel = next((name for name, takes in TAKERS.items() if takes(message)), "log")
    insert_and_later(message, SEND, "message_id")
    return message


def _log(message: OutboxMessage, now: datetime) -> str:
    """The recipient by its masked form: a log is no place for a phone number."""
    logger.info("消息 %s 致 %s（%s）：%s 字", message.pk, message.recipient_label, message.template, len(message.text))
    return ""


# Each gives the channel's own number of what it sent.
SENDERS: dict[str, Callable[[OutboxMessage, datetime], str]] = {"log": _log, "letter": lambda message, now: ""}
# Which channel takes a message that was not written for a certain one; asked in their order.
TAKERS: dict[str, Callable[[OutboxMessage], bool]] = {}


def send(message_id: int, *, now: datetime) -> bool:
    """Sends one message if it still waits. Returns whether this call sent it; two workers send it once.

    Call it outside a transaction block: the claim is committed first, so that a crash in between is seen as a try.
    """
    claimed = OutboxMessage.objects.filter(pk=message_id, state="queued").update(tries=F("tries") + 1)
    message = (
        OutboxMessage.objects.select_related("to_person", "to_user", "to_organisation").filter(pk=message_id).first()
    )
    if not claimed or message is None:
        return False
    try:
        receipt = SENDERS[message.channel](message, now)
    except (NotSent, KeyError) as error:
        over = message.tries >= MOST_TRIES or isinstance(error, NeverSent)
        state = "failed" if over else "queued"
        OutboxMessage.objects.filter(pk=message_id, state="queued").update(
            state=state, error=str(error)[:LONGEST_ERROR]
        )
        if state == "queued":
            raise NotSent(str(error)) from error
        return False
    waiting = OutboxMessage.objects.filter(pk=message_id, state="queued")
    return bool(waiting.update(state="sent", sent_at=now, receipt=receipt, error=""))
