"""Binds registers and patrols of one document: every word is known, every condition fits its field."""

from collections.abc import Mapping
from typing import Any

from gongzhi.policy.assembling import Draft
from gongzhi.policy.binding import Binder
from gongzhi.policy.checks import CheckRule
from gongzhi.policy.registers import (
    KNOWN,
    Counted,
    FactWritten,
    Find,
    Mark,
    Patrol,
    Rate,
    Register,
    RegisterField,
    Stage,
    Tell,
    question_of,
)
from gongzhi.policy.schema_base import Source
from gongzhi.policy.schema_registers import PatrolPart, RegisterFieldPart, RegisterPart
from gongzhi.policy.vocabulary import (
    AREA_M2,
    BOOL,
    COUNT,
    DATE,
    LIST,
    MONEY_FEN,
    NUMBER,
    RATIO,
    TEXT,
    Enum,
    Type,
    unknown,
)

TYPES: Mapping[str, Type] = {
    "text": TEXT, "long": TEXT, "bool": BOOL, "problem": BOOL, "count": COUNT, "area": AREA_M2, "money": MONEY_FEN,
    "ratio": RATIO, "date": DATE, "file": TEXT, "companies": LIST(TEXT), "entry": TEXT,
}  # fmt: skip
TAKEN = frozenset({"stage", *(one.name for one in KNOWN)})


class RegisterBinder:
    """The registers and patrols of a draft with its ancestors', and the checks of the registers by their question."""

    def __init__(self, draft: Draft, checks: dict[str, dict[str, CheckRule]]) -> None:
        self.draft, self.checks = draft, checks
        parent = draft.parent.pack if draft.parent and draft.parent.pack else None
        self.registers: dict[str, Register] = dict(parent.registers) if parent else {}
        self.patrols: dict[str, Patrol] = dict(parent.patrols) if parent else {}
        self._bind()

    def _bind(self) -> None:
        known = dict(self.registers)
        parts = {name: part for name, part in self.draft.entries("registers")}
        questions = {name: self._shape(name, part) for name, part in parts.items()}
        for name, part in parts.items():
            self.draft.override(part, name, known, what="登记簿")
            self.registers[name] = self._register(name, part, questions)
        inherited = dict(self.patrols)
        for name, part in self.draft.entries("patrols"):
            self.draft.override(part, name, inherited, what="巡查安排")
            self.patrols[name] = self._patrol(name, part)

    def _binder(self, part: Any, facts: Mapping[str, Any]) -> Binder:
        return Binder(self.draft.names(), dict(facts), part.file, part.line)

    def _shape(self, code: str, part: RegisterPart) -> Any:
        fields = {name: self._field(code, name, one) for name, one in part.fields.items()}
        stages = {
            name: Stage(name, one.title, tuple(one.after), tuple(one.by), one.done) for name, one in part.stages.items()
        }
        for name in (*part.counts, *part.let):
            if name in fields or name in TAKEN:
                self.draft.report(part.file, part.line, f"登记簿“{code}”里“{name}”与已有的字段同名，请改名")
        counts = {name: one.title for name, one in part.counts.items()}
        return fields, stages, question_of(code, part.title, fields, stages=stages, counts=counts)

    def _field(self, code: str, name: str, part: RegisterFieldPart) -> RegisterField:
        if name in TAKEN:
            self.draft.report(part.file, part.line, f"登记簿“{code}”的字段不能叫“{name}”，平台已经用了这个名称")
        if (part.type == "enum") != bool(part.choices):
            self.draft.report(part.file, part.line, f"字段“{name}”是选项（enum）才写 choices，是选项要写 choices")
        if (part.type == "entry") != bool(part.register_):
            self.draft.report(part.file, part.line, f"字段“{name}”引用登记簿（entry）才写 register，引用要写 register")
        if part.default is not None:
            self._binder(part, {}).source(part.default, (part.type, "number", "count", "ratio"), part.line)
        kind = Enum(part.choices or {"none": "无"}) if part.type == "enum" else TYPES.get(part.type)
        if kind is None:
            kind = NUMBER(part.unit or "count")
        return RegisterField(
            name, part.title, part.type, kind, part.required, part.register_ or "", part.default, part.serving,
            part.help or "", part.stage or "",
        )  # fmt: skip

    def _register(self, code: str, part: RegisterPart, questions: Mapping[str, Any]) -> Register:
        fields, stages, question = questions[code]
        binder = self._binder(part, question.fact)
        binder.add_lets(part.let, lambda name: part.line_of("let"))
        binder.clauses(part.clauses, part.line_of("clauses"))
        if part.within is not None:
            binder.source(part.within, ("period",), part.line_of("within"))
        self._roles(part, (*part.writers, *part.readers, *(role for one in stages.values() for role in one.by)))
        for stage in stages.values():
            for one in stage.after:
                if one not in stages:
                    self.draft.report(part.file, part.line_of("stages"), unknown("环节", one, stages))
        for field in fields.values():
            asked = questions.get(field.register)
            there = asked[1] if asked else getattr(self.registers.get(field.register), "stages", {})
            if field.stage and field.stage not in there:
                self.draft.report(part.file, part.line_of("fields"), unknown("环节", field.stage, there))
        named = (*part.tally, *([part.all_of] if part.all_of else ()), *([part.score] if part.score else ()))
        self._fields(part, named, {**fields, **binder.lets})
        self.checks[question.name] = {one.name: one for one in self._musts(part, question, binder)}
        tested: tuple[Any, ...] = (*part.finds, *part.marks, *part.facts, *part.tells)
        for inner in tested:
            binder.when(inner.when)
            binder.clauses(tuple(getattr(inner, "clauses", ())), inner.line)
        for rate in part.rates:
            binder.when(rate.of)
            binder.when(rate.holds)
            binder.clauses(rate.clauses, rate.line)
            self._fields(rate, [one for one in (rate.part, rate.whole) if one], fields)
        for tell in part.tells:
            self._roles(tell, tell.roles)
        for mark in part.marks:
            if mark.past is not None:
                self._fields(mark, [mark.past.field_], fields)
                binder.source(Source("figure", mark.past.figure), ("date",), mark.line)
        return Register(
            code, part.title, part.use, part.about, part.writers, part.readers, part.once, part.every or "",
            part.public, part.owed_at or "", part.all_of or "", part.tally, part.score or "",
            part.looks_at or "", fields, stages,
            binder.lets, self._counts(part, questions),
            tuple(Find(one.when, one.kind, one.grade or "", one.clauses) for one in part.finds),
            tuple(
                Mark(one.when, one.says, one.tone, _past(one), one.clauses)
                for one in part.marks
            ),
            tuple(
                Rate(one.title, one.of, one.holds, one.part or "", one.whole or "", one.shown, one.lacking or "",
                     one.clauses)
                for one in part.rates
            ),
            tuple(FactWritten(one.when, one.fact, one.value, one.on or "", one.clauses) for one in part.facts),
            tuple(Tell(one.when, one.roles, one.register_ or "", one.field_ or "", one.says) for one in part.tells),
            part.within, part.clauses, question, self.draft.slug, part.file, part.line,
        )  # fmt: skip

    def _counts(self, part: RegisterPart, questions: Mapping[str, Any]) -> tuple[Counted, ...]:
        found = []
        for name, one in part.counts.items():
            asked = questions.get(one.register_)
            question = asked[2] if asked else getattr(self.registers.get(one.register_), "question", None)
            if question is None:
                self.draft.report(one.file, one.line, unknown("登记簿", one.register_, [*questions, *self.registers]))
                continue
            self._binder(one, question.fact).when(one.where)
            found.append(Counted(name, one.title, one.register_, one.where))
        return tuple(found)

    def _musts(self, part: RegisterPart, question: Any, binder: Binder) -> list[CheckRule]:
        found = []
        for place, one in enumerate(part.musts, start=1):
            for when in (one.when, one.must, *one.any_of):
                binder.when(when)
            binder.clauses(one.clauses, one.line)
            if not one.must and not one.any_of:
                self.draft.report(one.file, one.line, "要写 must（都要满足）或 any_of（满足其一）")
            found.append(
                CheckRule(
                    f"{question.name}.{place}", question, self.draft.slug, one.when, one.must, tuple(one.any_of),
                    one.outcome, one.says, one.field_, tuple(one.clauses) or tuple(part.clauses), None, None, one.file,
                    one.line, binder.lets,
                )
            )  # fmt: skip
        return found

    def _patrol(self, code: str, part: PatrolPart) -> Patrol:
        binder = self._binder(part, {})
        binder.clauses(part.clauses, part.line_of("clauses"))
        self._roles(part, part.by)
        for sheet in part.sheets:
            if sheet not in self.registers or self.registers[sheet].use != "round":
                rounds = [name for name, one in self.registers.items() if one.use == "round"]
                self.draft.report(part.file, part.line_of("sheets"), unknown("巡查表", sheet, rounds))
        if part.at_least is not None:
            binder.source(part.at_least, ("count",), part.line_of("at_least"))
        if part.max_gap is not None:
            binder.source(part.max_gap, ("period",), part.line_of("max_gap"))
        for source in (part.per, part.distinct):
            if isinstance(source, Source):
                binder.source(source, ("enum",), part.line)
        for kind in part.counts_kinds:
            if kind not in part.kinds:
                self.draft.report(part.file, part.line_of("counts_kinds"), unknown("巡查类别", kind, part.kinds))
        return Patrol(
            code, part.title, part.by, part.sheets, part.every or "", part.at_least, part.per, part.distinct,
            part.max_gap, dict(part.kinds), part.counts_kinds, part.clauses, self.draft.slug, part.file, part.line,
        )  # fmt: skip

    def _roles(self, part: Any, codes: Any) -> None:
        for code in codes:
            if code not in self.draft.roles:
                self.draft.report(part.file, part.line, unknown("职责", code, self.draft.roles))

    def _fields(self, part: Any, names: Any, known: Mapping[str, Any]) -> None:
        for name in names:
            if name not in known:
                self.draft.report(part.file, part.line, unknown("字段", name, known))


def _past(mark: Any) -> tuple[str, str] | None:
    return (mark.past.field_, mark.past.figure) if mark.past is not None else None
