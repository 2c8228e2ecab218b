"""An act that turns out to have been none counts in no period: a duty that it alone had met is open again."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.db.models import Q

from gongzhi.core import services as core
from gongzhi.core.days import local_day
from gongzhi.core.models import Event
from gongzhi.core.packs import vocabulary
from gongzhi.duties.locks import hold
from gongzhi.duties.models import LOCAL, Duty, State
from gongzhi.duties.services.recording import happening, record_end
from gongzhi.duties.services.transitions import Digest, follow
from gongzhi.duties.store import put_state, save_clock, state_of
from gongzhi.policy import DutyState, Pack, PolicyEvent
from gongzhi.policy.duties import counted_without, counts
from gongzhi.policy.openings import PLACE


def uncount(event: Event) -> None:
    """Counts the periods again in which the act that the event undoes had counted."""
    undone = vocabulary().events[event.kind].undoes
    act = Event.objects.filter(kind=undone, subject_kind=event.subject_kind, subject_id=event.subject_id).last()
    if act is None:
        return
    said = _said(act)
    for row in _may_have_counted(act):
        pack = core.pack_for(row.place_path, local_day(row.opened_at))
        rule = pack.duty_rules.get(row.rule) if pack is not None else None
        state = state_of(row)
        if pack is None or rule is None or rule.every is None or not state.recurring or not counts(rule, state, said):
            continue
        first = date.fromisoformat(state.marks["from"])
        switches = core.switches_for(row.place_path, first, pack=pack)
        standing = _standing(row, state, rule.every.counts_events)
        _follow(row, pack, state, [one for one in standing if counts(rule, state, one)], switches, event)


def _said(act: Event) -> PolicyEvent:
    return PolicyEvent(act.kind, act.subject.key, act.at.astimezone(LOCAL), act.data, act.place_path)


def _may_have_counted(act: Event) -> list[Duty]:
    """The running and the met periods of what the act was about and of where it happened, locked."""
    refs = {act.subject.key, *(one for one in act.data.values() if isinstance(one, str) and ":" in one)}
    refs |= {f"{PLACE}:{code}" for code in act.place_path.split("/") if code}
    hold(refs)
    about = Q()
    for kind, _, row in (key.partition(":") for key in refs):
        about |= Q(subject_kind=kind, subject_id=row)
    rows = Duty.objects.select_for_update(of=("self",)).filter(about, last_day__gte=local_day(act.at))
    return list(rows.filter(Q(closed_at__isnull=True) | Q(state=State.FULFILLED)).order_by("id"))


def _standing(row: Duty, state: DutyState, kinds: Iterable[str]) -> list[PolicyEvent]:
    """The acts that happened while the duty was owed and that nothing has undone since."""
    since = max(state.counted_from, state.opened_at)
    acts = Event.objects.filter(kind__in=list(kinds), at__gte=since, at__lte=state.due_at)
    undoing = [name for name, one in vocabulary().events.items() if one.undoes]
    undone = set(Event.objects.filter(kind__in=undoing, at__gte=since).values_list("subject_kind", "subject_id"))
    here = acts.filter(place_path__startswith=row.place_path).order_by("at", "id")
    return [_said(one) for one in here if (one.subject_kind, one.subject_id) not in undone]


def _follow(
    row: Duty, pack: Pack, state: DutyState, standing: list[PolicyEvent], switches: Mapping[str, Any], event: Event
) -> None:
    found = counted_without(pack, state, standing, at=event.at, switches=switches)
    if found is None:
        return
    again, transitions = found
    was_met, digest = not state.unfinished, Digest()
    put_state(row, again, at=event.at)
    save_clock(row)
    if was_met:
        core.record_many([happening("duty.reopened", row, at=event.at, due_at=again.due_at)])
    for transition in transitions:
        follow(row, pack, transition, now=event.at)
        digest.add(row, transition)
    if not again.unfinished:
        record_end(row, at=event.at)
    digest.send(event.at)
    to = row.assigned_to or row.owner_organisation
    if was_met and again.unfinished and to is not None:
        text = f"计入的巡查或记录已作废，次数不够，重新打开：{row.title}"
        core.notify(to=to, template="duty.reopened", text=text, ref=row.ref, now=event.at)
