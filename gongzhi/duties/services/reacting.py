"""From an event to the duties it opens, closes and moves. A pack's fault becomes a duty of a person, never an error."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from gongzhi.core import services as core
from gongzhi.core.days import local_day
from gongzhi.core.models import Event
from gongzhi.duties.locks import hold
from gongzhi.duties.models import LOCAL, Duty
from gongzhi.duties.services.faults import OF_THE_PACK, OURS
from gongzhi.duties.services.recording import (
    built_duty,
    by_its_first_day,
    happening,
    is_manual,
    open_fault,
    opening_of,
    told_ended,
    told_opened,
    write_opened,
)
from gongzhi.duties.services.standing import ATTACHED
from gongzhi.duties.services.transitions import follow
from gongzhi.duties.store import Around, put_state, save_clocks, source_of, state_of
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
        if not (event.kind in kinds.touching or (event.kind in kinds.opening and _opens_any(event, pack))):
            return
        told = _told(event, pack)
        if told.changes.transitions:
            with transaction.atomic():
                _catch_up(told.rows, pack, told.changes, event.at)
                _write(event, _planned(event, pack, told))
            return
        planned = _planned(event, pack, told)
    except OURS:
        raise  # no pack can cause these: what was being written does not stand half done
    except OF_THE_PACK as fault:
        log.exception("duties: %s could not be followed by pack %s", event.kind, slug or "?")
        open_fault(event, rule=event.kind, fault=fault, at=event.at, pack=slug)
        return
    # A pack can be wrong about nothing any more, and nothing is written yet: it costs no savepoint.
    _write(event, planned)


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
    yield from (*rule.until, *rule.void_on, *rule.moves_on, *rule.restarts_on, *rule.spare)
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


@dataclass(frozen=True)
class _Told:
    """What the engine says of an event: the rows that it was told of, locked, as they were, and their changes."""

    rows: dict[int, Duty]
    before: dict[int, DutyState]
    changes: Changes


def _told(event: Event, pack: Pack) -> _Told:
    rows = _rows_touched_by(event, in_places=event.kind in _kinds_named_by(pack).in_places)
    before = {pk: state_of(row) for pk, row in rows.items()}
    changes = duties_after(
        pack,
        _policy_event(event),
        list(before.values()),
        switches=core.switches_for(event.place_path, local_day(event.at), pack=pack),
    )
    return _Told(rows, before, changes)


@dataclass(frozen=True)
class _Planned:
    """What follows from an event: rows to save, duties to write, what is told of the rows."""

    changed: list[Duty]
    opened: list[Duty]
    told: list[core.Happening]


def _planned(event: Event, pack: Pack, told_by: _Told) -> _Planned:
    """Writes nothing."""
    around = Around(event.place_path, event.data)
    changed: list[Duty] = []
    told: list[core.Happening] = []
    for state in told_by.changes.changed:
        row = told_by.rows[state.id or 0]
        before = told_by.before[row.pk]
        _change(event, row, before, state, around)
        told += _told_of_change(event, row, before, state)
        changed.append(row)
    opened = [one for state in told_by.changes.opened for one in _built(event, pack, state, around)]
    return _Planned(changed, opened, told)


def _write(event: Event, planned: _Planned) -> None:
    save_clocks(planned.changed)
    opened = write_opened(planned.opened, first=core.just_recorded(event))
    core.record_many([*planned.told, *(told_opened(one, at=event.at) for one in opened)])


def _built(event: Event, pack: Pack, state: DutyState, around: Around) -> Iterable[Duty]:
    if event.kind == ATTACHED and state.recurring:
        return  # each unit's own, opened by `standing_changed`
    coming = by_its_first_day(state, state.place or around.place_path) if state.recurring else state
    if coming is None:
        return
    state = coming
    opening = opening_of(f"event:{event.pk}", state)
    duty = built_duty(state, opening=opening, around=around, at=event.at, event=event)
    duty.source = source_of(event.kind, event.data, recurring=state.recurring)
    duty.manual = is_manual(pack, state)
    yield duty


def _rows_touched_by(event: Event, *, in_places: bool) -> dict[int, Duty]:
    """The duties with a clock of the event's subject and of the subjects that its payload refers to, locked.

    `in_places`: and of the places in which it happened.
    """
    refs = {event.subject.key, *(one for one in event.data.values() if isinstance(one, str) and _is_reference(one))}
    if in_places:
        refs |= {f"{PLACE}:{code}" for code in event.place_path.split("/") if code}
    hold(refs)
    if len(refs) == 1:
        return {row.pk: row for row in _of_subject(event.subject.kind, event.subject.id)}
    touched = Q()
    for kind, _, row in (key.partition(":") for key in refs):
        touched |= Q(subject_kind=kind, subject_id=row)
    return {row.pk: row for row in _with_clock().filter(touched)}


def _is_reference(text: str) -> bool:
    """`case:12`; a moment has a colon as well."""
    kind, colon, _ = text.partition(":")
    return bool(colon) and kind.isidentifier()


def _with_clock() -> QuerySet[Duty]:
    """Locked, in the order in which everybody locks them."""
    rows = Duty.objects.select_for_update(of=("self",))
    return rows.filter(Q(closed_at__isnull=True) | Q(next_at__isnull=False)).order_by("id")


@core.Fetch
def _of_subject(kind: str, pk: str) -> QuerySet[Duty]:
    return _with_clock().filter(subject_kind=kind, subject_id=pk)


def _catch_up(rows: dict[int, Duty], pack: Pack, changes: Changes, now: datetime) -> None:
    """What the clock did before the event, when no tick had come by in time."""
    for state, transition in changes.transitions:
        row = rows.get(state.id or 0)
        # The periods that followed are among `changes.opened`.
        if row is not None and transition.kind != "recurred":
            follow(row, pack, transition, now=now)


def _change(event: Event, row: Duty, before: DutyState, state: DutyState, around: Around) -> None:
    """Writes the engine's state into the row, which is still to be saved."""
    put_state(row, state, at=event.at)
    named = event.data.get(state.owner_from) == state.owner and bool(event.data.get(f"{state.owner_from}_organisation"))
    moved = state.owner != before.owner
    if moved or named:
        here = around if row.place_path == around.place_path else Around(row.place_path, event.data)
        row.owner_organisation_id = here.owner_of(state.owner, state.owner_from)
    if moved:
        row.assigned_to = None


def _told_of_change(event: Event, row: Duty, before: DutyState, state: DutyState) -> Iterable[core.Happening]:
    if before.unfinished and not state.unfinished:
        yield told_ended(row, at=event.at, approver=event.actor_role)
        return
    if state.owner != before.owner:
        yield happening("duty.moved", row, at=event.at, organisation=row.owner_organisation_id)
    if state.suspended != before.suspended:
        kind = "duty.suspended" if state.suspended else "duty.resumed"
        yield happening(kind, row, at=event.at, due_at=state.due_at)
