"""Standing duties: what is owed again and again from the day on which a document holds, an estate exists, …

A rule whose `starts` names `pack.attached` is owed by every unit in its role where the document holds; one that starts
with another event, by whoever answers for what that event began and no later event ended. Attaching a document opens
those that began before it; switching it off ends what it opened. Safe to run as often as one likes.
"""

import logging
from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from gongzhi.core import services as core
from gongzhi.core.days import local_day
from gongzhi.core.errors import PackBroken
from gongzhi.core.models import Event, Organisation, PackAttachment
from gongzhi.duties.locks import hold
from gongzhi.duties.models import LOCAL, Duty, Source
from gongzhi.duties.services.recording import is_manual, open_duty, opening_of, record_end
from gongzhi.duties.store import put_state, save_clock, state_of
from gongzhi.policy import DutyState, Pack, PolicyEvent
from gongzhi.policy.clock_rules import DutyRule
from gongzhi.policy.duty_state import VOID
from gongzhi.policy.openings import closed
from gongzhi.policy.recurrence import first_recurrences

log = logging.getLogger(__name__)

ATTACHED = "pack.attached"


def standing_changed(event: Event) -> None:
    """A document was attached, switched on or off at a place."""
    for attachment in PackAttachment.objects.filter(place_path=event.place_path, pack=event.data["pack"]):
        _end_where_it_holds_no_longer(attachment, event.at)
    open_standing(event.at, place_path=event.place_path)


def open_standing(now: datetime, *, place_path: str = "") -> int:
    """Opens the standing duties that are owed and that nobody has opened yet; how many."""
    opened = 0
    for attachment in PackAttachment.objects.filter(place_path__startswith=place_path).select_related("event"):
        try:
            pack = _holding(attachment, now)
        except PackBroken as broken:
            log.error("duties: standing duties wait: %s", broken)
            continue
        for rule in pack.duty_rules.values() if pack is not None else ():
            if pack is not None and rule.every is not None:
                opened += _open_rule(attachment, pack, rule, now)
    return opened


def _holding(attachment: PackAttachment, now: datetime) -> Pack | None:
    pack = core.pack_for(attachment.place_path, local_day(now))
    return pack if pack is not None and pack.slug == attachment.pack else None


@transaction.atomic
def _open_rule(attachment: PackAttachment, pack: Pack, rule: DutyRule, now: datetime) -> int:
    opened = 0
    if attachment.event is not None and ATTACHED in rule.opened_by and rule.owner_role:
        units = Organisation.objects.filter(
            place_path__startswith=attachment.place_path, role=rule.owner_role, active=True
        ).select_related("place")
        for unit in units.order_by("pk"):
            begun = _policy_event(attachment.event, now, subject=unit.place.ref.key, place=unit.place_path)
            opened += _open(begun, pack, rule, attachment.event, now=now, owner=unit)
    for event in _begun(attachment, rule):
        opened += _open(_policy_event(event, now), pack, rule, event, now=now)
    return opened


def _begun(attachment: PackAttachment, rule: DutyRule) -> Iterable[Event]:
    """The last of the events that start or end it, of each subject, where that one starts it."""
    starts = [kind for kind in rule.opened_by if kind != ATTACHED]
    if not starts or rule.every is None:
        return ()
    last = (
        Event.objects.filter(kind__in=[*starts, *rule.every.ends], place_path__startswith=attachment.place_path)
        .order_by("subject_kind", "subject_id", "-at", "-id")
        .distinct("subject_kind", "subject_id")
    )
    return [event for event in last if event.kind in starts]


def _policy_event(event: Event, now: datetime, *, subject: str = "", place: str = "") -> PolicyEvent:
    """As if it happened now: a standing duty is owed from the period on in which the document came to hold."""
    return PolicyEvent(
        kind=event.kind,
        subject=subject or event.subject.key,
        at=max(event.at, now).astimezone(LOCAL),
        data=event.data,
        place=place or event.place_path,
    )


def _open(
    begun: PolicyEvent, pack: Pack, rule: DutyRule, event: Event, *, now: datetime, owner: Organisation | None = None
) -> int:
    holds = core.pack_for(begun.place, local_day(now))
    if holds is None or holds.slug != pack.slug:
        return 0  # a document of a place further down holds there
    switches = core.switches_for(begun.place, local_day(now), pack=pack)
    opened = 0
    for state in first_recurrences(pack, rule, begun, switches=switches):
        hold({state.subject})
        if _owed_already(state, owner):
            continue
        duty = open_duty(
            state,
            opening=opening_of(f"standing:{event.pk}", state),
            place_path=begun.place,
            at=now,
            source=Source.RECURRING,
            manual=is_manual(pack, state),
            event=event,
            owner=owner,
        )
        opened += duty is not None
    return opened


def _owed_already(state: DutyState, owner: Organisation | None) -> bool:
    kind, _, row = state.subject.partition(":")
    running = Duty.objects.filter(subject_kind=kind, subject_id=row, rule=state.rule).filter(
        Q(closed_at__isnull=True) | Q(next_at__isnull=False)
    )
    if state.marks.get("for_rule"):
        running = running.filter(state_json__marks__for_rule=state.marks["for_rule"])
    return running.filter(owner_role=state.owner).exists() if owner is None else running.exists()


def _end_where_it_holds_no_longer(attachment: PackAttachment, at: datetime) -> None:
    rows = Duty.objects.select_for_update(of=("self",)).filter(
        place_path__startswith=attachment.place_path, pack=attachment.pack, source=Source.RECURRING
    )
    for row in rows.filter(Q(closed_at__isnull=True) | Q(next_at__isnull=False)).order_by("id"):
        holds = core.pack_for(row.place_path, local_day(at))
        if holds is not None and holds.slug == row.pack:
            continue
        running = row.running
        state = state_of(row)
        put_state(row, closed(state, state=VOID, at=at) if running else state, at=at)
        row.next_at = None
        save_clock(row)
        if running:
            record_end(row, at=at)
