"""Checks the words of duties, ladders, windows and the calendar, and hands them to the clocks as their own values."""

from collections.abc import Iterable, Mapping
from typing import Any

from gongzhi.policy.assembling import Draft
from gongzhi.policy.binding import Binder
from gongzhi.policy.calendar import Calendar
from gongzhi.policy.clock_rules import RECURRENCE_UNITS, DutyRule, Ladder, WindowRule
from gongzhi.policy.conditions import When
from gongzhi.policy.openings import KEY_PARTS
from gongzhi.policy.schema_base import Part, Source
from gongzhi.policy.schema_clocks import DutyPart, EdgePart, EveryPart, GracePart, LadderPart, WindowPart
from gongzhi.policy.vocabulary import LEVELS, ROLE, TEXT, Enum, Fact
from gongzhi.policy.vocabulary import unknown as unknown_word
from gongzhi.policy.yaml_text import Block

_PERIOD, _COUNTS = ("period",), ("count", "household", "person", "case")
_MOMENTS = ("moment", "date")
_DAYS = ("date", "moment", "text")
# What a ladder or a jump may test beside the data of the event: who owes the duty.
_DUTY_FIELDS = {"owner": ROLE, "owner_level": Enum(*LEVELS), "rule": TEXT, "role": ROLE}


class ClockBinder:
    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self.parent = draft.parent.pack if draft.parent else None
        self.found_ladders: dict[str, Ladder] = {}
        self.duty_names: set[str] = set()

    # -- words

    def events(self, kinds: Iterable[str], part: Part, key: str) -> list[str]:
        known = self.draft.vocabulary.events
        good = []
        for kind in kinds:
            if kind in known:
                good.append(kind)
            else:
                self.draft.report(part.file, part.line_of(key), unknown_word("事件", kind, known))
        return good

    def roles(self, codes: Iterable[str], part: Part, key: str) -> None:
        for code in codes:
            if code not in self.draft.roles:
                self.draft.report(part.file, part.line_of(key), unknown_word("职责", code, self.draft.roles))

    def binder(self, kinds: Iterable[str], part: Part, *, of_duty: bool = False) -> Binder:
        """A binder whose facts are the fields of the events."""
        types: dict[str, Any] = dict(_DUTY_FIELDS) if of_duty else {}
        for kind in kinds:
            if kind in self.draft.vocabulary.events:
                types |= self.draft.vocabulary.events[kind].fields
        facts = {name: Fact(name, kind, name) for name, kind in types.items()}
        return Binder(self.draft.names(), facts, part.file, part.line)

    def when(self, when: When, kinds: Iterable[str], part: Part, *, key: str, of_duty: bool = False) -> None:
        names = tuple(kinds)
        if not when or len(self._known(names)) != len(names):
            return
        if not names and not of_duty:
            self.draft.report(part.file, part.line_of(key), f"{key} 里的条件没有可用的事件")
            return
        self.binder(names, part, of_duty=of_duty).when(when)

    def _known(self, kinds: Iterable[str]) -> list[str]:
        return [one for one in kinds if one in self.draft.vocabulary.events]

    # -- duties

    def duties(self) -> dict[str, DutyRule]:
        found = dict(self.parent.duty_rules if self.parent else {})
        inherited = dict(found)
        ladders = self.found_ladders = self.ladders()
        self.duty_names = {*inherited, *(part.duty for part in self.draft.listed("duties"))}
        seen: dict[str, DutyPart] = {}
        for part, raw in self._with_raw("duties"):
            if part.duty in seen:
                first = seen[part.duty]
                self.draft.report(part.file, part.line, f"名称“{part.duty}”重复，前一处在 {first.file}:{first.line}")
                continue
            seen[part.duty] = part
            self.draft.override(part, part.duty, inherited, what="职责规则")
            before = len(self.draft.problems)
            self._duty(part, ladders)
            if len(self.draft.problems) == before and self._period_is_one(part):
                found[part.duty] = DutyRule.from_data(_bound(part, raw, _DUTY_CONDITIONS), pack=self.draft.slug)
        return found

    def _duty(self, part: DutyPart, ladders: Mapping[str, Ladder]) -> None:
        report = self.draft.report
        opening = self.events(part.after, part, "after")
        every = part.every
        starts = [*part.starts, *(every.starts if every else ())]
        ends = [*part.ends, *(every.ends if every else ())]
        opening += self.events(starts, part, "starts" if part.starts else "every")
        self.events(ends, part, "ends" if part.ends else "every")
        if not opening:
            report(part.file, part.line, "要写 after（哪个事件产生这项职责）或 starts（周期从何时起）")
        for key in ("until", "void_on", "moves_on", "restarts_on", "spare"):
            self.events(getattr(part, key), part, key)
        closing = tuple(part.until)
        counted = (*part.counts_events, *(every.counts_events if every else ())) or closing
        self.events(counted, part, "counts_events")
        self.when(part.where, (*part.after, *starts), part, key="where")
        self.when(part.until_where, closing, part, key="until_where", of_duty=True)
        self.when(part.counts_where, counted, part, key="counts_where")
        if every:
            self.when(every.counts_where, counted, part, key="every")
        if every and every.covers:
            fields = self.binder(counted, every.covers)
            for key, name in (("from", every.covers.from_), ("to", every.covers.to)):
                fields.source(Source("field", name), _MOMENTS, every.covers.line_of(key))
        self._duty_owner(part, opening)
        self._duty_clock(part, opening)
        if part.ladder and part.ladder not in ladders:
            report(part.file, part.line_of("ladder"), unknown_word("督促阶梯", part.ladder, ladders))
        for name in part.gives_way_to:
            if name not in self.duty_names or name == part.duty:
                report(part.file, part.line_of("gives_way_to"), unknown_word("职责规则", name, self.duty_names))
        self.binder((), part).clauses(tuple(part.clauses), part.line_of("clauses"))
        if not part.clauses:
            report(part.file, part.line, "要写依据的条款 clauses")
        if not part.until and not part.manual and every is None:
            report(part.file, part.line, "要写 until（哪个事件算办结）或 manual（由人标记办结）")

    def _period_is_one(self, part: DutyPart) -> bool:
        """A recurring duty names exactly one length of period, and at least one of it."""
        if part.every is None:
            return True
        given = {unit: getattr(part.every, unit) for unit in RECURRENCE_UNITS}
        counts = [count for count in given.values() if count is not None]
        if len(counts) == 1 and counts[0] >= 1:
            return True
        message = f"every 要写一种周期，如 {{month: 1}}，个数至少为 1；可用 {'、'.join(RECURRENCE_UNITS)}"
        self.draft.report(part.file, part.line_of("every"), message)
        return False

    def _duty_owner(self, part: DutyPart, opening: list[str]) -> None:
        owner = part.owner
        if bool(owner.role) == bool(owner.field_):
            self.draft.report(part.file, part.line_of("owner"), "owner 要写 {role: 职责} 或 {field: 字段} 中的一个")
        if owner.role:
            self.roles([owner.role], part, "owner")
        if owner.field_ and opening:
            binder = self.binder(opening, part)
            named = binder.facts.get(owner.field_)
            several = named is not None and named.type.kind == "list" and named.type.item == ROLE
            if not several:  # each of them owes one of its own
                binder.source(Source("field", owner.field_), ("role",), part.line_of("owner"))
            if owner.otherwise:
                binder.source(Source("field", owner.otherwise), ("role",), part.line_of("owner"))
        if owner.otherwise and not owner.field_:
            self.draft.report(part.file, part.line_of("owner"), "otherwise 要和 field 一起写：field 没有给出时取它")

    def _duty_clock(self, part: DutyPart, opening: list[str]) -> None:
        binder = self.binder(opening, part)
        self._duty_form(part, binder)
        if part.within is not None:
            binder.source(part.within, _PERIOD, part.line_of("within"))
        if part.before is not None:
            binder.source(part.before.field_, _MOMENTS, part.line_of("before"))
            binder.source(part.before.period, _PERIOD, part.line_of("before"))
        if part.counts is not None:
            binder.source(part.counts, _MOMENTS, part.line_of("counts"))
        ladder = self.found_ladders.get(part.ladder or "")
        if ladder is not None and ladder.counts_field:
            binder.source(Source("field", ladder.counts_field), _MOMENTS, part.line_of("ladder"))
        for key in ("day_kind", "first_day"):
            if isinstance(value := getattr(part, key), Source):
                binder.source(value, ("enum", "text"), part.line_of(key))
        if isinstance(part.roll, Source):
            binder.source(part.roll, ("bool",), part.line_of("roll"))
        self._duty_counts(part, binder)
        self._duty_relief(part, binder)

    def _duty_counts(self, part: DutyPart, binder: Binder) -> None:
        """How often in a period, what counts once, and the longest gap."""
        every = part.every
        for owner, key in ((part, "at_least"), (every, "at_least")):
            if isinstance(value := getattr(owner, key, None), Source):
                binder.source(value, _COUNTS, part.line_of(key))
        if isinstance(value := getattr(every, "distinct", None), Source):
            binder.source(value, ("enum", "text"), part.line_of("every"))
        for owner, key in ((one, key) for one in (part, every) for key in ("max_gap", "owed_after")):
            if (value := getattr(owner, key, None)) is not None:
                binder.source(value, _PERIOD, part.line_of(key))

    def _duty_form(self, part: DutyPart, binder: Binder) -> None:
        """Which of the forms of a deadline it is, and whether a named day fits it."""
        every = part.every
        forms = [key for key in ("within", "before", "on", "every") if getattr(part, key) is not None]
        # A period may end on a day of its own, or some time after it.
        dated = forms in (["within", "every"], ["on", "every"])
        if len(forms) != 1 and not dated and not (not forms and part.manual):
            message = "期限要写 within（多久内）、before（之前多久）、on（哪一天）、every（周期）中的一个"
            self.draft.report(part.file, part.line, message)
        if isinstance(part.on, Source):
            binder.source(part.on, _DAYS, part.line_of("on"))
        elif part.on is not None and every is not None and not _within_period(part.on, every):
            message = f"on “{part.on}”和周期配不上：每年写 12-31，每月写 25"
            self.draft.report(part.file, part.line_of("on"), message)

    def _duty_relief(self, part: DutyPart, binder: Binder) -> None:
        """Extension, suspension, silence and another day for a period."""
        if part.extension is not None:
            self.roles(part.extension.by, part.extension, "by")
            self.events(part.extension.after, part.extension, "after")
            binder.clauses(tuple(part.extension.clauses), part.line_of("extension"))
            if part.extension.for_ is not None:
                binder.source(part.extension.for_, _PERIOD, part.extension.line_of("for"))
            if isinstance(part.extension.at_most, Source):
                binder.source(part.extension.at_most, _COUNTS, part.extension.line_of("at_most"))
        if part.suspension is not None:
            self.events((*part.suspension.after, *part.suspension.until), part.suspension, "after")
        if part.silence is not None:
            self.events([part.silence.records], part.silence, "records")
        for reschedule in (part.reschedules, part.every.reschedules if part.every else None):
            if reschedule is not None:
                kinds = self.events(reschedule.after, reschedule, "after")
                if kinds:
                    self.binder(kinds, reschedule).source(
                        Source("field", reschedule.to), _MOMENTS, reschedule.line_of("to")
                    )

    # -- ladders

    def ladders(self) -> dict[str, Ladder]:
        found = dict(self.parent.ladders if self.parent else {})
        inherited = {name: _Owned(self._owner_of("ladders", name)) for name in found}
        for name, part in self.draft.entries("ladders"):
            self.draft.override(part, name, inherited, what="督促阶梯")
            self._ladder(part)
            found[name] = Ladder.from_data(name, _ladder_data(part))
        return found

    def _owner_of(self, section: str, name: str) -> str:
        for draft in self.draft.chain[1:]:
            if any(name in getattr(one, section) for one in draft.sheet.sections):
                return draft.slug
        return ""

    def _ladder(self, part: LadderPart) -> None:
        report = self.draft.report
        binder = self.binder((), part)
        binder.clauses(tuple(part.clauses), part.line_of("clauses"))
        names = [one.step for one in part.steps]
        if not names:
            report(part.file, part.line_of("steps"), "steps 至少写一级")
        for one in part.steps:
            if names.count(one.step) > 1:
                report(one.file, one.line_of("step"), f"步骤“{one.step}”重复")
            if one.instrument and one.instrument not in self.draft.instruments:
                message = unknown_word("文书", one.instrument, self.draft.instruments)
                report(one.file, one.line_of("instrument"), message)
        self._ladder_key(part, binder)
        self._grace(part.grace, binder)
        for index, one in enumerate(part.steps):
            self._step(part, index, binder)
            self._grace(one.grace, binder)
        for jump in part.jumps:
            self.events(jump.after, jump, "after")
            if jump.to not in names:
                report(jump.file, jump.line_of("to"), unknown_word("步骤", jump.to, names))
            self.when(jump.where, tuple(jump.after), jump, key="where", of_duty=True)

    def _ladder_key(self, part: LadderPart, binder: Binder) -> None:
        line = part.line_of("key")
        if isinstance(part.key, Source):
            switch = self.draft.switches.get(part.key.name)
            binder.source(part.key, ("enum",), line)
            named = [one for choice in (switch.type.choices if switch else ()) for one in choice.split("_")]
        else:
            named = list(part.key)
        if bad := [one for one in named if one not in KEY_PARTS]:
            message = unknown_word("key", bad[0], KEY_PARTS) + f"；可用 {'、'.join(KEY_PARTS)}，配置的选项用下划线连接"
            self.draft.report(part.file, line, message)

    def _grace(self, grace: GracePart | None, binder: Binder) -> None:
        if grace is None:
            return
        if (grace.period is None) == (grace.share_of_original is None):
            self.draft.report(grace.file, grace.line, "grace 要写 share_of_original 或 period 中的一个")
        if grace.period is not None:
            binder.source(grace.period, _PERIOD, grace.line_of("period"))
        if grace.share_of_original is not None:
            binder.source(grace.share_of_original, ("ratio",), grace.line_of("share_of_original"))

    def _step(self, part: LadderPart, index: int, binder: Binder) -> None:
        step = part.steps[index]
        for key in ("on_day", "after"):
            if getattr(step, key) is not None:
                binder.source(getattr(step, key), _PERIOD, step.line_of(key))
        if step.on_day is not None and step.after is not None:
            self.draft.report(step.file, step.line_of("after"), "on_day（到第几日当天）和 after（满多久以后）只写一个")
        before = part.steps[index - 1] if index else None
        timed = step.on_day is not None or step.after is not None
        if timed and before is not None and before.grace is not None:
            message = f"步骤“{step.step}”自己定了时间，前一级的 grace 就不起作用，请去掉一个"
            self.draft.report(before.file, before.line_of("grace"), message)

    # -- windows

    def windows(self) -> dict[str, WindowRule]:
        found = dict(self.parent.windows if self.parent else {})
        inherited = {name: _Owned(self._window_owner(name)) for name in found}
        seen: dict[str, WindowPart] = {}
        for part, raw in self._with_raw("windows"):
            if part.window in seen:
                first = seen[part.window]
                self.draft.report(part.file, part.line, f"名称“{part.window}”重复，前一处在 {first.file}:{first.line}")
                continue
            seen[part.window] = part
            self.draft.override(part, part.window, inherited, what="时限窗口")
            self._window(part)
            found[part.window] = WindowRule.from_data(_bound(part, raw, ("where",)))
        return found

    def _window_owner(self, name: str) -> str:
        for draft in self.draft.chain[1:]:
            if any(one.window == name for one in draft.listed("windows")):
                return draft.slug
        return ""

    def _window(self, part: WindowPart) -> None:
        if part.opens is None and part.closes is None:
            self.draft.report(part.file, part.line, "要写 opens（何时开）或 closes（何时关）")
        self.binder((), part).clauses(tuple(part.clauses), part.line_of("clauses"))
        acts = self.draft.vocabulary.acts
        if acts and part.act not in acts:
            message = f"{unknown_word('行为', part.act, acts)}；可用：{'、'.join(acts)}"
            self.draft.report(part.file, part.line_of("act"), message)
        kinds: list[str] = []
        for edge in (part.opens, part.closes):
            if edge is not None:
                kinds += self._edge(edge)
        asked = self.draft.vocabulary.questions.get(part.act)
        if part.where and asked is not None and len(self._known(kinds)) == len(kinds):
            # An act that is a question of its own may be barred for some of its facts alone.
            binder = self.binder(kinds, part)
            binder.facts |= asked.fact
            binder.when(part.where)
        else:
            self.when(part.where, kinds, part, key="where")

    def _edge(self, edge: EdgePart) -> list[str]:
        kinds = self.events(edge.after, edge, "after")
        binder = self.binder(kinds, edge)
        if edge.within is not None:
            binder.source(edge.within, _PERIOD, edge.line_of("within"))
        if edge.before is not None:
            binder.source(edge.before.field_, _MOMENTS, edge.before.line_of("field"))
            binder.source(edge.before.period, _PERIOD, edge.before.line_of("period"))
        return kinds

    # -- calendar

    def calendar(self) -> Calendar:
        years = Calendar(self.parent.calendar.years if self.parent else {})
        for section in self.draft.sheet.sections:
            raw = self.draft.sheet.raw[id(section)].get("calendar")
            if not isinstance(raw, Block):
                continue
            for year, block in raw.items():
                try:
                    years = years.merged({year: block})
                except ValueError as error:
                    self.draft.report(raw.file, raw.line_of(year), str(error))
        return years

    def _with_raw(self, key: str) -> Iterable[tuple[Any, Block]]:
        for section in self.draft.sheet.sections:
            yield from zip(getattr(section, key), self.draft.sheet.raw[id(section)].get(key) or (), strict=True)


class _Owned:
    """A name of an ancestor, for the check of `overrides`."""

    def __init__(self, pack: str) -> None:
        self.pack = pack


_DUTY_CONDITIONS = ("where", "until_where", "counts_where")


def _bound(part: Any, raw: Block, conditions: Iterable[str]) -> dict[str, Any]:
    """The mapping as written, with its conditions bound to their types and yes/no as truth."""
    data: dict[str, Any] = dict(raw)
    for key in conditions:
        if key in data:
            data[key] = getattr(part, key)
    if isinstance(getattr(part, "roll", None), bool):
        data["roll"] = part.roll
    if getattr(part, "every", None) is not None:
        data["every"] = dict(raw["every"])
        if "counts_where" in data["every"]:
            data["every"]["counts_where"] = part.every.counts_where
    return data


def _ladder_data(part: LadderPart) -> dict[str, Any]:
    return {
        "steps": [
            {
                "step": one.step,
                "instrument": one.instrument,
                "suggests": one.suggests,
                "grace": _grace_data(one.grace),
                "on_day": _spec(one.on_day),
                "after": _spec(one.after),
            }
            for one in part.steps
        ],
        "key": _spec(part.key) if isinstance(part.key, Source) else list(part.key),
        "counts": part.counts.name if part.counts else "",
        "grace": _grace_data(part.grace),
        "repeat_last": part.repeat_last,
        "jumps": [{"after": list(one.after), "to": one.to, "where": one.where} for one in part.jumps],
        "clauses": list(part.clauses),
    }


def _grace_data(grace: GracePart | None) -> dict[str, Any]:
    if grace is None:
        return {}
    return {
        "share_of_original": _spec(grace.share_of_original),
        "round": grace.round,
        "period": _spec(grace.period),
    }


def _within_period(on: str, every: EveryPart) -> bool:
    """Every year has one 12-31, every month one 25th."""
    months = len(on.split("-")) == len(("month", "day"))
    return every.year == 1 if months else on.isdigit() and every.month == 1


def _spec(source: Source | None) -> dict[str, str] | None:
    return {source.kind: source.name} if source is not None else None
