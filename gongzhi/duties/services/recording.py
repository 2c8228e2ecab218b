"""The writes that all services of duties share: an event of a duty, a duty that the engine opened, a fault."""

import logging
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from gongzhi.core import refs
from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.models import Event, Organisation, Place
from gongzhi.core.refs import Ref
from gongzhi.duties.models import LONGEST_TITLE, Duty, Source, State
from gongzhi.duties.store import Around, common, put_state
from gongzhi.policy import DutyState, Pack
from gongzhi.policy.recurrence import by_first_day
from gongzhi.registry.services import organisation_for

log = logging.getLogger(__name__)

SYSTEM = Actor.system()
DEMO_SYSTEM = Actor.system(demo=True)
FAULT_RULE = "needs_person"
# Who answers for the rules at a place, first to last.
WHO_LOOKS = ("leading_group_office", "housing", "street_office", "system_admin")


def happening(kind: str, duty: Duty, *, at: datetime, actor: Actor | None = None, **data: Any) -> core.Happening:
    return core.Happening(
        kind=kind,
        subject=duty.ref,
        actor=actor or (DEMO_SYSTEM if duty.demo else SYSTEM),
        at=at,
        data={**common(duty), **data},
        place_path=duty.place_path,
    )


def note_event(kind: str, duty: Duty, *, at: datetime, actor: Actor | None = None, **data: Any) -> Event:
    return core.record_many([happening(kind, duty, at=at, actor=actor, **data)])[0]


def is_manual(pack: Pack, state: DutyState) -> bool:
    """Whether a person marks it done: the rule says so, or no event could ever close it."""
    return bool(state.manual or not (state.until or state.recurring))


def by_its_first_day(state: DutyState, place_path: str) -> DutyState | None:
    """The next period by what the place has decided for its first day; None where it is owed no longer."""
    first = state.marks.get("from")
    if not state.recurring or not first:
        return state
    on = date.fromisoformat(first)
    pack = core.pack_for(place_path, on)
    if pack is None or pack.slug != state.pack:
        return state  # what another document wants is opened and ended with its attachment
    return by_first_day(pack, state, switches=core.switches_for(place_path, on, pack=pack))


def open_duty(
    state: DutyState,
    *,
    opening: str,
    place_path: str,
    at: datetime,
    source: str,
    manual: bool,
    event: Event | None = None,
    like: Duty | None = None,
    owner: Organisation | None = None,
) -> Duty | None:
    """Writes a duty that the engine opened; None when this opening has written it before.

    `event` opened it, or it follows `like` (the next period of a recurring duty). `owner` where it is already known.
    """
    around = Around(place_path, event.data if event else None)
    duty = built_duty(state, opening=opening, around=around, at=at, event=event, like=like, owner=owner)
    duty.source, duty.manual = source, manual
    written = write_opened([duty])
    core.record_many(told_opened(one, at=at) for one in written)
    return written[0] if written else None


MARKS = ("opening", "rule", "subject_kind", "subject_id", "owner_role")
WRITTEN = "SELECT opening, rule, subject_kind, subject_id, owner_role FROM duties_duty WHERE opening = ANY(%s)"


def write_opened(duties: Sequence[Duty], *, first: bool = False) -> list[Duty]:
    """Writes unsaved duties in one statement, without those that their opening has written before; `first`: none has,
    for what opens them has only just happened."""
    if not duties:
        return []
    known = set() if first else set(core.all_rows(WRITTEN, [list({one.opening for one in duties})]))
    fresh = {mark: one for one in duties if (mark := tuple(getattr(one, name) for name in MARKS)) not in known}
    return core.insert_rows(list(fresh.values()))


def told_opened(duty: Duty, *, at: datetime) -> core.Happening:
    return happening(
        "duty.opened",
        duty,
        at=at,
        title=duty.title,
        provisional=duty.provisional,
        clauses=duty.clauses,
        due_at=duty.due_at,
        last_day=duty.last_day,
    )


def built_duty(
    state: DutyState,
    *,
    opening: str,
    around: Around,
    at: datetime,
    event: Event | None = None,
    like: Duty | None = None,
    owner: Organisation | None = None,
) -> Duty:
    """The unsaved row of a duty that the engine opened."""
    subject = Ref.of_key(state.subject)
    estate = like.estate if like else around.estate
    owner_id = owner.pk if owner is not None else None
    if owner_id is None and like is not None and like.owner_role == state.owner:
        owner_id = like.owner_organisation_id
    duty = Duty(
        rule=state.rule,
        pack=state.pack,
        title=(state.title or state.rule)[:LONGEST_TITLE],
        subject_kind=subject.kind,
        subject_id=subject.id,
        subject_title=_subject_title(subject, event, like),
        place_path=around.place_path,
        estate=estate,
        owner_organisation_id=owner_id or around.owner_of(state.owner, state.owner_from),
        creditor_id=like.creditor_id if like else event.organisation_id if event else None,
        opened_at=state.opened_at,
        clauses=list(state.clauses),
        until_kinds=list(state.until),
        opening=opening,
        opened_by=event or (like.opened_by if like else None),
        demo=event.demo if event else bool(like and like.demo),
    )
    put_state(duty, state, at=at)
    return duty


def _subject_title(subject: Ref, event: Event | None, like: Duty | None) -> str:
    if event is not None and event.subject == subject:
        return event.subject_title
    if like is not None and like.subject == subject:
        return like.subject_title
    if subject.kind == "place":
        return Place.objects.filter(code=subject.id).values_list("name", flat=True).first() or ""
    known = Duty.objects.filter(subject_kind=subject.kind, subject_id=subject.id).exclude(subject_title="")
    if title := known.values_list("subject_title", flat=True).first():
        return str(title)
    row = refs.resolve(subject)
    return str(row.ref.title) if row is not None else ""


def opening_of(cause: str, state: DutyState) -> str:
    """What opened the duty, once: several periods, and several rules without a clock, may come of one cause."""
    which = state.marks.get("for_rule") or state.marks.get("from") or ""
    return f"{cause}:{which}" if which else cause


def record_end(duty: Duty, *, at: datetime, approver: str = "") -> None:
    core.record_many([told_ended(duty, at=at, approver=approver)])


def told_ended(duty: Duty, *, at: datetime, approver: str = "") -> core.Happening:
    """The event of an end that the engine found: fulfilled, excused or void."""
    if duty.state == State.VOID:
        return happening("duty.voided", duty, at=at)
    if duty.state == State.EXCUSED:
        return happening("duty.excused", duty, at=at, approver=approver or SYSTEM.role)
    late, silent = duty.state == State.FULFILLED_LATE, duty.state == State.SILENT
    return happening("duty.fulfilled", duty, at=at, late=late, silent=silent, manual=False)


def open_fault(about: Duty | Event, *, rule: str, fault: Exception | str, at: datetime, pack: str = "") -> Duty | None:
    """需要人工处理: a rule could not be followed, so a person must look. What was being written goes on.

    `rule` names what failed: one fault of one rule and subject opens one duty.
    """
    owner = _who_looks(about.place_path)
    words = str(fault) or type(fault).__name__
    state = DutyState(
        rule=FAULT_RULE,
        pack=pack or getattr(about, "pack", ""),
        subject=about.subject.key,
        title=f"需要人工处理：规则“{rule}”没有执行成",
        owner=owner.role if owner else WHO_LOOKS[-1],
        opened_at=at,
        counted_from=at,
        explanation={"steps": [f"规则“{rule}”没有执行成：{words}", "请核对规则和事项内容，处理后写明结果，标记办结。"]},
    )
    event = about if isinstance(about, Event) else None
    opened = open_duty(
        state,
        opening=f"fault:{event.pk}:{rule}" if event else f"fault:duty:{about.pk}:{rule}",
        place_path=about.place_path,
        at=at,
        source=Source.FAULT,
        manual=True,
        event=event,
        like=about if isinstance(about, Duty) else None,
        owner=owner,
    )
    if opened is not None:
        # The fault's own words may quote what people typed; the log keeps its kind alone.
        kind = type(fault).__name__ if isinstance(fault, Exception) else "told"
        note_event("duty.needs_person", opened, at=at, pack=state.pack, fault=kind, failed=rule)
    return opened


def _who_looks(place_path: str) -> Organisation | None:
    found = (organisation_for(role, place_path, None) for role in WHO_LOOKS)
    return next((organisation for organisation in found if organisation is not None), None)
