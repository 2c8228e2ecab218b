"""A form for several events without JavaScript: what happened, when, to what, and the facts that the rules look at."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms

from gongzhi.policy.clock_rules import DutyRule
from gongzhi.policy.periods import CHINA, moment_text
from gongzhi.policy.vocabulary import Fact, Type
from gongzhi.site.policy.asking_form import facts_field, in_fen
from gongzhi.site.policy.words import EVENT_FIELDS

MOST_ROWS = 12
SUBJECTS = tuple((str(number), f"第{number}件") for number in range(1, 5))
LEAD = "lead"
MOMENT_FORMAT = "%Y-%m-%dT%H:%M"


def kinds_of(pack: Any) -> list[tuple[str, list[tuple[str, str]]]]:
    """The kinds of events that the document's duties name: those that open one, and those that end or change one."""
    events = pack.vocabulary.events
    opening = {kind for rule in pack.duty_rules.values() for kind in (*rule.after, *rule.opened_by)}
    other = {kind for rule in pack.duty_rules.values() for kind in _changing(pack, rule)} - opening
    groups = (("产生期限的", opening), ("办结、改变期限的", other))
    return [
        (title, [(kind, events[kind].title) for kind in events if kind in kinds and not kind.startswith("duty.")])
        for title, kinds in groups
    ]


def _changing(pack: Any, rule: DutyRule) -> Iterable[str]:
    yield from (*rule.until, *rule.void_on, *rule.moves_on, *rule.restarts_on, *rule.spare)
    if rule.extension:
        yield from rule.extension.after
    if rule.suspension:
        yield from (*rule.suspension.after, *rule.suspension.until)
    if rule.every:
        yield from (*rule.every.ends, *rule.every.counts_events, *rule.every.reschedule_on)
    ladder = pack.ladders.get(rule.ladder)
    for jump in ladder.jumps if ladder else ():
        yield from jump.after


def facts_of(pack: Any, kind: str) -> list[Fact]:
    """The fields of an event that some rule of the document looks at, in the order of their declaration."""
    looked_at = {name for rule in pack.duty_rules.values() for name in _looked_at(pack, rule, kind)}
    fields: Mapping[str, Type] = pack.vocabulary.events[kind].fields
    return [Fact(name, its, field_title(pack, name)) for name, its in fields.items() if name in looked_at]


def field_title(pack: Any, name: str) -> str:
    """As the forms call it, else as the questions do."""
    if name in EVENT_FIELDS:
        return EVENT_FIELDS[name]
    asked = (one.fact[name].title for one in pack.vocabulary.questions.values() if name in one.fact)
    return next(asked, name)


def _looked_at(pack: Any, rule: DutyRule, kind: str) -> Iterable[str]:
    ladder = pack.ladders.get(rule.ladder)
    if kind in rule.opened_by or kind in rule.after or kind in rule.restarts_on:
        yield from _tested(rule.where)
        yield from (rule.owner_field, rule.owner_otherwise, rule.counts_field, rule.before_field, rule.subject_field)
        yield from (spec["field"] for spec in (rule.within, rule.before_period, rule.on_day) if _named(spec))
        yield from (ladder.counts_field,) if ladder else ()
    if kind in rule.until:
        yield from _tested(rule.until_where)
    if kind in rule.moves_on:
        yield from (LEAD, rule.owner_field, rule.owner_otherwise)
    if rule.every and kind in rule.every.counts_events:
        yield from _tested(rule.every.counts_where)
    if rule.extension and kind in rule.extension.after:
        yield from ("by", "for")
    for jump in ladder.jumps if ladder else ():
        if kind in jump.after:
            yield from (LEAD, *_tested(jump.where))


def _tested(condition: Any) -> list[str]:
    """The fields that a condition tests; switches are tested too and are no field."""
    return [atom.key for atom in condition or ()]


def _named(spec: Any) -> bool:
    return isinstance(spec, Mapping) and "field" in spec


class EventForm(forms.Form):
    """One event. `event` holds it as `simulate` reads it, after validation."""

    at = forms.DateTimeField(
        label="发生时间",
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format=MOMENT_FORMAT),
        input_formats=[MOMENT_FORMAT, "%Y-%m-%d %H:%M"],
        error_messages={"required": "请选发生的时间", "invalid": "时间写成 2026-04-01 09:00 这样"},
    )
    thing = forms.ChoiceField(label="哪一件事", choices=SUBJECTS, required=False)

    def __init__(self, *args: Any, pack: Any, kind: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.pack = pack
        self.kind = kind
        self.declared = pack.vocabulary.events[kind]
        self.facts = facts_of(pack, kind)
        self.event: dict[str, Any] = {}
        self.fields["thing"].says_optional = False  # type: ignore[attr-defined]
        for fact in self.facts:
            field = facts_field(fact, pack)
            field.says_optional = False  # type: ignore[attr-defined]
            if fact.type.kind == "moment":
                field = forms.DateTimeField(
                    label=fact.title,
                    required=False,
                    widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format=MOMENT_FORMAT),
                    input_formats=[MOMENT_FORMAT, "%Y-%m-%d %H:%M"],
                )
                field.says_optional = False  # type: ignore[attr-defined]
            self.fields[f"f_{fact.name}"] = field

    @property
    def title(self) -> str:
        return str(self.declared.title)

    @property
    def fact_fields(self) -> list[forms.BoundField]:
        return [self[f"f_{fact.name}"] for fact in self.facts]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        given: dict[str, Any] = {}
        for fact in self.facts:
            raw = data.get(f"f_{fact.name}")
            if raw not in (None, "", []):
                try:
                    given[fact.name] = _plain(raw, fact.type)
                except ValueError as error:
                    self.add_error(f"f_{fact.name}", f"{fact.title}：{error}")
        if data.get("at"):
            subject = f"{self.declared.subject}:{data.get('thing') or SUBJECTS[0][0]}"
            self.event = {"kind": self.kind, "at": _moment(data["at"]), "subject": subject, "data": given}
        return data


def _plain(raw: Any, kind: Type) -> Any:
    """As JSON would hold it; `simulate` checks every value against its declared type."""
    if isinstance(raw, datetime):
        return _moment(raw)
    if kind.kind == "money_fen":
        return in_fen(str(raw))
    if kind.kind == "list" and isinstance(raw, str):
        return [part.strip() for part in raw.replace("，", ",").replace("、", ",").split(",") if part.strip()]
    return raw if isinstance(raw, list) else raw.isoformat() if hasattr(raw, "isoformat") else str(raw).strip()


def _moment(value: datetime) -> str:
    return moment_text(value if value.tzinfo else value.replace(tzinfo=CHINA))


def _unjudged(form: EventForm) -> EventForm:
    """The same with what was typed, without judging it yet: something else of the page is being changed."""
    typed = {name: form[name].value() for name in form.fields}
    return EventForm(pack=form.pack, kind=form.kind, prefix=form.prefix, initial=typed)


@dataclass
class Events:
    """The rows of the page, as they were sent."""

    forms: list[EventForm]

    @classmethod
    def sent(cls, data: Mapping[str, Any], pack: Any) -> "Events":
        known = {kind for _, kinds in kinds_of(pack) for kind, _ in kinds}
        rows: list[EventForm] = []
        for number in range(MOST_ROWS * 2):
            kind = data.get(f"e{number}-kind")
            if kind in known and len(rows) < MOST_ROWS:
                rows.append(EventForm(data, pack=pack, kind=kind, prefix=f"e{number}"))
        return cls(rows)

    def without(self, prefix: str) -> "Events":
        return Events([_unjudged(one) for one in self.forms if one.prefix != prefix])

    def with_one(self, pack: Any, kind: str, *, at: datetime) -> "Events":
        """One more, with what the row before it says of the same fields, as the same matter goes on."""
        taken = {one.prefix for one in self.forms}
        prefix = next(f"e{number}" for number in range(MOST_ROWS * 2) if f"e{number}" not in taken)
        initial: dict[str, Any] = {"at": at}
        if self.forms:
            last = self.forms[-1]
            names = [f"f_{fact.name}" for fact in facts_of(pack, kind)]
            initial |= {name: last[name].value() for name in ("at", "thing", *names) if name in last.fields}
        rows = [_unjudged(one) for one in self.forms]
        return Events([*rows, EventForm(pack=pack, kind=kind, prefix=prefix, initial=initial)])

    @property
    def valid(self) -> bool:
        return all([one.is_valid() for one in self.forms]) and bool(self.forms)

    @property
    def told(self) -> list[dict[str, Any]]:
        return [one.event for one in self.forms]

    @property
    def text(self) -> str:
        """The same events as JSON, for whoever wants to go on by hand or with the command."""
        return json.dumps(self.told, ensure_ascii=False, indent=2)


def example(pack: Any, *, at: datetime) -> Events:
    """A first row that opens duties in most documents: a matter handed to its unit."""
    kinds = [kind for _, found in kinds_of(pack)[:1] for kind, _ in found]
    kind = next((one for one in ("case.assigned", "case.opened") if one in kinds), kinds[0] if kinds else "")
    return Events([]).with_one(pack, kind, at=at) if kind else Events([])
