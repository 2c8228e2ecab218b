"""The outbox: who is told what. A message is a row of the act's own transaction; the worker sends it afterwards."""

import logging
from collections.abc import Callable
from datetime import datetime

from django.db.models import F

from gongzhi.core import prepared
from gongzhi.core.jobs import later
from gongzhi.core.models import Organisation, OutboxMessage, PersonalData, User
from gongzhi.core.refs import Ref

logger = logging.getLogger("gongzhi.outbox")

SEND = "core.send_message"
MOST_TRIES = 5
LONGEST_ERROR = 500


class NotSent(Exception):  # noqa: N818
    """The channel could not take the message; it is tried again."""


def notify(
    *, to: PersonalData | User | Organisation, template: str, text: str, ref: Ref, now: datetime, channel: str = "log"
) -> OutboxMessage:
    """Writes a message and queues its sending. `template` names the kind of message for later channels."""
    message = OutboxMessage(
        to_person=to if isinstance(to, PersonalData) else None,
        to_user=to if isinstance(to, User) else None,
        to_organisation=to if isinstance(to, Organisation) else None,
        channel=channel,
        template=template,
        text=text,
        ref_kind=ref.kind,
        ref_id=ref.id,
        ref_title=ref.title[:200],
        place_path=ref.place_path or getattr(to, "place_path", ""),
        created_at=now,
        demo=getattr(to, "demo", False),
    )
    prepared.insert([message])
    later(SEND, message_id=message.pk)
    return message


def _log(message: OutboxMessage) -> None:
    """The recipient by its masked form: a log is no place for a phone number."""
    logger.info("消息 %s 致 %s（%s）：%s 字", message.pk, message.recipient_label, message.template, len(message.text))


SENDERS: dict[str, Callable[[OutboxMessage], None]] = {"log": _log, "letter": lambda message: None}


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
        SENDERS[message.channel](message)
    except (NotSent, KeyError) as error:
        state = "failed" if message.tries >= MOST_TRIES else "queued"
        OutboxMessage.objects.filter(pk=message_id, state="queued").update(
            state=state, error=str(error)[:LONGEST_ERROR]
        )
        if state == "queued":
            raise NotSent(str(error)) from error
        return False
    return bool(OutboxMessage.objects.filter(pk=message_id, state="queued").update(state="sent", sent_at=now, error=""))
