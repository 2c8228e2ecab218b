"""From an event to the duties it opens, closes and moves. A pack's fault becomes a duty of a person, never an error."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from gongzhi.core import services as core
from gongzhi.core.days import local_day
from gongzhi.core.models import Event
from gongzhi.duties.locks import hold
from gongzhi.duties.models import LOCAL, Duty
from gongzhi.duties.services.faults import OF_THE_PACK, OURS
from gongzhi.duties.services.recording import is_manual, note_event, open_duty, open_fault, opening_of, record_end
from gongzhi.duties.services.standing import ATTACHED
from gongzhi.duties.services.transitions import follow
from gongzhi.duties.store import organisation_of, put_state, save_clock, source_of, state_of
from gongzhi.policy import Changes, DutyState, Pack, PolicyEvent, duties_after
from gongzhi.policy.clock_rules import DutyRule
from gongzhi.policy.openings import PLACE

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Kinds:
    """The event kinds that a pack's duty rules name: what opens duties, and what may touch those that are open."""

    opening: frozenset[str]
    touching: frozenset[str]
    in_places: frozenset[str]
    """Those of `touching` that touch a duty about a place in which they happen."""


_named: dict[str, _Kinds] = {}


def react(event: Event) -> None:
    """Closes, moves and opens duties as the pack in force at the event's place and on its day says."""
    slug = ""
    try:
        pack = core.pack_for(event.place_path, local_day(event.at))
        if pack is None:
            return
        slug = pack.slug
        kinds = _kinds_named_by(pack)
        if event.kind in kinds.touching or (event.kind in kinds.opening and _opens_any(event, pack)):
            with transaction.atomic():
                _obey(event, pack)
    except OURS:
        raise  # no pack can cause these: what was being written does not stand half done
    except OF_THE_PACK as fault:
        log.exception("duties: %s could not be followed by pack %s", event.kind, slug or "?")
        open_fault(event, rule=event.kind, fault=fault, at=event.at, pack=slug)


def _kinds_named_by(pack: Pack) -> _Kinds:
    if pack.hash not in _named:
        rules = pack.duty_rules.values()
        _named[pack.hash] = _Kinds(
            opening=frozenset(kind for rule in rules for kind in (*rule.after, *rule.opened_by)),
            touching=frozenset(kind for rule in rules for kind in _touching(rule, pack)),
            in_places=frozenset(
                kind for rule in rules if rule.subject_field == PLACE for kind in _touching(rule, pack)
            ),
        )
    return _named[pack.hash]


def _touching(rule: DutyRule, pack: Pack) -> Iterable[str]:
    yield from (*rule.until, *rule.void_on, *rule.moves_on, *rule.spare)
    if rule.suspension:
        yield from (*rule.suspension.after, *rule.suspension.until)
    if rule.every:
        yield from (*rule.every.ends, *rule.every.counts_events, *rule.every.reschedule_on)
    ladder = pack.ladders.get(rule.ladder) if rule.ladder else None
    for jump in ladder.jumps if ladder else ():
        yield from jump.after


def _opens_any(event: Event, pack: Pack) -> bool:
    """Asked of the engine before any row is read: most events that rules name meet none of their conditions."""
    switches = core.switches_for(event.place_path, local_day(event.at), pack=pack)
    return bool(duties_after(pack, _policy_event(event), [], switches=switches).opened)


def _policy_event(event: Event) -> PolicyEvent:
    return PolicyEvent(
        kind=event.kind,
        subject=event.subject.key,
        at=event.at.astimezone(LOCAL),
        data=event.data,
        place=event.place_path,
    )


def _obey(event: Event, pack: Pack) -> None:
    rows = _rows_touched_by(event, in_places=event.kind in _kinds_named_by(pack).in_places)
    changes = duties_after(
        pack,
        _policy_event(event),
        [state_of(row) for row in rows.values()],
        switches=core.switches_for(event.place_path, local_day(event.at), pack=pack),
    )
    _catch_up(rows, pack, changes, event.at)
    for state in changes.changed:
        _change(event, rows[state.id or 0], state)
    for state in changes.opened:
        if event.kind == ATTACHED and state.recurring:
            continue  # each unit's own, opened by `standing_changed`
        open_duty(
            state,
            opening=opening_of(f"event:{event.pk}", state),
            place_path=event.place_path,
            at=event.at,
            source=source_of(event.kind, event.data, recurring=state.recurring),
            manual=is_manual(pack, state),
            event=event,
        )


def _rows_touched_by(event: Event, *, in_places: bool) -> dict[int, Duty]:
    """The duties with a clock of the event's subject and of the subjects that its payload refers to, locked.

    `in_places`: and of the places in which it happened.
    """
    refs = {event.subject.key, *(value for value in event.data.values() if isinstance(value, str) and ":" in value)}
    if in_places:
        refs |= {f"{PLACE}:{code}" for code in event.place_path.split("/") if code}
    hold(refs)
    touched = Q()
    for kind, _, row in (key.partition(":") for key in refs):
        touched |= Q(subject_kind=kind, subject_id=row)
    rows = (
        Duty.objects.select_for_update(of=("self",))
        .filter(touched)
        .filter(Q(closed_at__isnull=True) | Q(next_at__isnull=False))
        .order_by("id")
    )
    return {row.pk: row for row in rows}


def _catch_up(rows: dict[int, Duty], pack: Pack, changes: Changes, now: datetime) -> None:
    """What the clock did before the event, when no tick had come by in time."""
    for state, transition in changes.transitions:
        row = rows.get(state.id or 0)
        # The periods that followed are among `changes.opened`.
        if row is not None and transition.kind != "recurred":
            follow(row, pack, transition, now=now)


def _change(event: Event, row: Duty, state: DutyState) -> None:
    before = state_of(row)
    put_state(row, state, at=event.at)
    named = event.data.get(state.owner_from) == state.owner and bool(event.data.get(f"{state.owner_from}_organisation"))
    moved = state.owner != before.owner
    if moved or named:
        row.owner_organisation = organisation_of(
            state.owner, event.data, state.owner_from, place_path=row.place_path, estate=row.estate
        )
    if moved:
        row.assigned_to = None
    save_clock(row)
    _record_change(event, row, before, state)


def _record_change(event: Event, row: Duty, before: DutyState, state: DutyState) -> None:
    if before.unfinished and not state.unfinished:
        record_end(row, at=event.at, approver=event.actor_role)
        return
    if state.owner != before.owner:
        note_event("duty.moved", row, at=event.at, organisation=row.owner_organisation_id)
    if state.suspended != before.suspended:
        kind = "duty.suspended" if state.suspended else "duty.resumed"
        note_event(kind, row, at=event.at, due_at=state.due_at)
