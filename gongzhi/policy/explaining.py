"""The reasons of an answer, built when somebody reads them: what was tested, with the numbers put in."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from gongzhi.policy.answer import GIVEN, NEEDS, Cite, Explanation, plain
from gongzhi.policy.conditions import BOUND_CHINESE, Atom, Both, Bound, Given, Not, Test, atom_holds, operand_value
from gongzhi.policy.expressions import Expression
from gongzhi.policy.pack import READING_CLAUSE, Pack, Switch
from gongzhi.policy.periods import Period
from gongzhi.policy.plans import NO_ROW, Needs, NoValue, Plan, Scope, Stage, Switches, Trace, Unset
from gongzhi.policy.rules import Row, Rule
from gongzhi.policy.schema_base import exact
from gongzhi.policy.schema_rules import Value
from gongzhi.policy.values import number_text, unit_of
from gongzhi.policy.vocabulary import Fact, Record, Type

if TYPE_CHECKING:
    from gongzhi.policy.plans import Hit

READING_LINE = "文件未写明是否含本数，按民法典第一千二百五十九条：以上、以下、以内、届满含本数，不满、超过、以外不含"


def figure_entry(pack: Pack, name: str, keys: tuple[str, ...], *, value: Any, on: date) -> dict[str, Any]:
    figure = pack.figures[name]
    since = figure.since(on)
    return {
        "name": name,
        "title": figure.title + (f"（{'、'.join(keys)}）" if keys else ""),
        "value": plain(value),
        "unit": figure.unit_text,
        "shown": figure.shown(value),
        "from": since.isoformat() if since else None,
        "clause": figure.clause,
        "pack": figure.pack,
    }


def switch_entry(pack: Pack, name: str, value: Any, *, switches: Switches) -> dict[str, Any]:
    switch = pack.switches[name]
    return {
        "name": name,
        "title": switch.title,
        "value": plain(value),
        "shown": _switch_shown(pack, switch, value),
        "default": not (switches and switches.get(name) is not None),
        "clauses": list(switch.clauses),
        "pack": switch.pack,
    }


def switch_line(pack: Pack, switch: Switch, value: Any) -> str:
    return f"文件未规定：{switch.title}，按平台默认“{_switch_shown(pack, switch, value)}”"


def _switch_shown(pack: Pack, switch: Switch, value: Any) -> str:
    return _scalar(value, switch.type, pack)


def explain(plan: Plan, facts: Mapping[str, Any], switches: Switches, *, hit: "Hit") -> Explanation:
    return _Explainer(plan, facts, switches).explain(hit)


class _Explainer:
    def __init__(self, plan: Plan, facts: Mapping[str, Any], switches: Switches) -> None:
        self.plan = plan
        self.pack = plan.pack
        self.facts = facts
        self.switches = switches
        self.trace = Trace()
        self.steps: list[str] = []
        self.defaults: list[str] = []
        self.says: list[str] = []
        self.clauses: list[str] = []

    def explain(self, hit: "Hit") -> Explanation:
        if isinstance(hit, Needs):
            return self._needs(tuple(hit))
        if isinstance(hit, Unset):
            self.defaults.append(str(hit))
            return self._done("文件未规定", ())
        if hit == NO_ROW:
            return self._unanswered()
        stage, rows = self.plan.stage_of(hit)
        scope = Scope(self.pack, stage.rule, self.facts, self.switches, self.plan.on, self.trace)
        self._passed_over(stage, scope, hit)
        outcome = self.plan.outcome(self.facts, self.switches, hit)
        for row in rows:
            self._row(row, stage.rule, scope)
        self._from_ancestor(stage.rule.pack)
        if outcome.state == NEEDS:
            return self._needs(outcome.needs)
        if outcome.state != GIVEN:
            self.defaults.append(str(outcome.detail))
            return self._done("文件未规定", ())
        return self._done(shown(outcome.value, self.plan.question.answer, self.pack), ())

    def _needs(self, names: tuple[str, ...]) -> Explanation:
        titles = tuple(self.plan.question.fact[one].title for one in names)
        return self._done(f"需要先补充：{'、'.join(titles)}", titles)

    def _unanswered(self) -> Explanation:
        outcome = self.plan.outcome(self.facts, self.switches, NO_ROW)
        if outcome.state == GIVEN:
            self.defaults.append("文件未规定，按平台默认")
            return self._done(shown(outcome.value, self.plan.question.answer, self.pack), ())
        names = "、".join(self.pack.cited_as(one.slug) for one in self.pack.documents)
        self.defaults.append(f"{names}都未规定，平台也没有默认")
        return self._done("文件未规定", ())

    def _passed_over(self, stage: Stage, scope: Scope, hit: "Hit") -> None:
        """The rows before the one that fits, where a figure or a switch turned them down."""
        if isinstance(hit, tuple):
            return
        quiet = Scope(self.pack, stage.rule, self.facts, self.switches, self.plan.on)
        for row in stage.rule.rows[: hit - stage.first]:
            failed = next((one for one in row.when if atom_holds(one, quiet) is False), None)
            if failed is not None and (failed.switch is not None or _weighs(failed.test)):
                atom_holds(failed, scope)
                opening = f"不适用“{row.says}”" if row.says else "不符合"
                self.steps.append(f"{opening}：{self._said(failed, scope)}")

    def _row(self, row: Row, rule: Rule, scope: Scope) -> None:
        for atom in row.when:
            atom_holds(atom, scope)
            line = f"符合：{self._said(atom, scope)}"
            if line not in self.steps:
                self.steps.append(line)
        self._computed("", row.value, scope)
        if row.says:
            self.steps.append(row.says)
            self.says.append(row.says)
        self._add(row.clauses)
        if row.reading:
            self._reading()

    def _computed(self, name: str, value: Value, scope: Scope) -> None:
        if value.kind == "record":
            for field, one in value.fields.items():
                self._computed(field, one, scope)
        elif value.kind == "list":
            for one in value.items:
                self._computed(name, one, scope)
        elif value.kind == "is":
            self._formula(self._field_title(name), value.typed, scope)
        elif value.kind in ("figure", "switch"):
            self._read_only(value, scope)

    def _read_only(self, value: Value, scope: Scope) -> None:
        try:
            scope.figure(value.text) if value.kind == "figure" else scope.switch(value.text)
        except NoValue:
            return

    def _field_title(self, name: str) -> str:
        answer = self.plan.question.answer
        return (answer.by_name[name].title or name) if isinstance(answer, Record) and name else "结果"

    def _formula(self, title: str, expression: Expression, scope: Scope) -> None:
        result = expression.value(scope)
        for name in dict.fromkeys(leaf.word for leaf in expression.leaves() if leaf.extra == "let"):
            self._let(name, scope)
        if result is not None:
            self.steps.append(_equation(title, expression, scope, result))

    def _let(self, name: str, scope: Scope) -> None:
        expression = scope.rule.lets[name]
        for inner in dict.fromkeys(leaf.word for leaf in expression.leaves() if leaf.extra == "let"):
            self._let(inner, scope)
        value = scope.let(name)
        if value is None:
            return
        line = _equation(expression.title, expression, scope, value)
        if line not in self.steps:
            self.steps.append(line)

    def _said(self, atom: Atom, scope: Scope) -> str:
        """A condition in words, with what was given."""
        if atom.key in scope.rule.lets:
            self._let(atom.key, scope)
        if atom.switch is not None:
            switch = self.pack.switches[atom.switch]
            return f"配置“{switch.title}”为 {_switch_shown(self.pack, switch, scope.switch(atom.switch))}"
        named = scope.rule.lets.get(atom.key) or scope.rule.question.fact.get(atom.key)
        title = named.title if named else atom.key
        value = scope.field(atom.key)
        kind = atom.type
        given = "未给出" if value is None else shown(value, kind, self.pack) if kind else str(value)
        limits = self._limits(atom.test, kind, scope)
        return f"{title} {given}" + (f"，{'，'.join(limits)}" if limits else "")

    def _limits(self, test: Test, kind: Type | None, scope: Scope) -> list[str]:
        if isinstance(test, Bound):
            limit = operand_value(test.operand, scope)
            text = "未给出" if limit is None or kind is None else shown(limit, kind, self.pack)
            name = ""
            if test.operand.kind == "figure":
                name = self.pack.figures[test.operand.text].title
            elif test.operand.kind == "switch":
                name = self.pack.switches[test.operand.text].title
            return [f"界线：{BOUND_CHINESE[test.word]} {text}" + (f"（{name}）" if name else "")]
        if isinstance(test, Both):
            return [line for one in test.tests for line in self._limits(one, kind, scope)]
        if isinstance(test, Not):
            return [f"不得：{line}" for line in self._limits(test.test, kind, scope)]
        return []

    def _from_ancestor(self, slug: str) -> None:
        documents = self.pack.documents
        if slug == documents[0].slug:
            return
        silent = documents[0]
        used = self.pack.cited_as(slug)
        if not silent.in_force(self.plan.on) and self.pack.rules[self.plan.question.name][0][0].pack == silent.slug:
            self.defaults.append(
                f"{self.pack.cited_as(silent.slug)}在 {self.plan.on.isoformat()} 不在施行期内，按{used}"
            )
        else:
            self.defaults.append(f"本地文件未规定，按{used}")

    def _reading(self) -> None:
        if READING_LINE not in self.defaults:
            self.defaults.append(READING_LINE)
        if READING_CLAUSE in self.pack.clauses:
            self._add((READING_CLAUSE,))

    def _add(self, ids: tuple[str, ...]) -> None:
        self.clauses += [one for one in ids if one not in self.clauses]

    def _done(self, text: str, needs_titles: tuple[str, ...]) -> Explanation:
        figures = tuple(
            figure_entry(self.pack, name, keys, value=value, on=self.plan.on)
            for (name, keys), value in self.trace.figures.items()
        )
        switches = tuple(
            switch_entry(self.pack, name, value, switches=self.switches) for name, value in self.trace.switches.items()
        )
        for entry in figures:
            self._add((entry["clause"],))
            if self.pack.figures[entry["name"]].reading:
                self._reading()
        for entry in switches:
            self._add(tuple(entry["clauses"]))
            if entry["default"]:
                name = entry["name"]
                self.defaults.append(switch_line(self.pack, self.pack.switches[name], self.trace.switches[name]))
        return Explanation(
            shown=text,
            clauses=tuple(self.clauses),
            cites=tuple(self._cite(one) for one in self.clauses),
            figures=figures,
            switches=switches,
            steps=tuple(self.steps),
            defaults=tuple(self.defaults),
            needs_titles=needs_titles,
            says=tuple(self.says),
        )

    def _cite(self, clause_id: str) -> Cite:
        clause = self.pack.clauses[clause_id]
        return Cite(clause_id, clause.where, self.pack.cited_as(clause.pack))


def _equation(title: str, expression: Expression, scope: Scope, result: Fraction) -> str:
    unit = expression.unit.chinese
    end = f"{number_text(result)} {unit}" if unit else number_text(result)
    # A formula that is one name would say the same thing twice.
    middle = [expression.words(), expression.numbers(scope)]
    return " = ".join(dict.fromkeys([title, *middle, end]))


def _weighs(test: Test) -> bool:
    """Whether a figure, a switch or a bound decides the condition."""
    if isinstance(test, Bound):
        return True
    if isinstance(test, Given):
        return False
    if isinstance(test, Not):
        return _weighs(test.test)
    if isinstance(test, Both):
        return any(_weighs(one) for one in test.tests)
    return any(one.kind in ("figure", "switch") for one in test.operands)


def shown(value: Any, shape: Type | Record | Fact, pack: Pack) -> str:
    """A value as people read it."""
    if isinstance(shape, Fact):
        shape = shape.type
    if isinstance(shape, Record):
        parts = [
            f"{shape.by_name[name].title or name}：{shown(one, shape.by_name[name].type, pack)}"
            for name, one in value.items()
            if one not in (None, [])
        ]
        return "；".join(parts) if parts else "（空）"
    if value is None:
        return "未给出"
    if isinstance(value, list | tuple | set | frozenset):
        inner = shape.item or shape
        return "、".join(shown(one, inner, pack) for one in value) if value else "（无）"
    return _scalar(value, shape, pack)


def _scalar(value: Any, kind: Type, pack: Pack) -> str:
    if isinstance(value, list | tuple):
        return "、".join(_scalar(one, kind.item or kind, pack) for one in value) or "没有"
    if isinstance(value, bool):
        return "是" if value else "否"
    if kind.kind == "role" or (kind.kind == "list" and value in pack.roles):
        return pack.role_name(value)
    if kind.kind == "matter":
        return pack.matter_name(value)
    if kind.kind == "enum":
        return kind.label(value)
    if isinstance(value, Period):
        return value.text
    if isinstance(value, int | Decimal | Fraction):
        unit = unit_of(kind)
        if kind.kind == "money_fen":
            return f"{number_text(exact(Fraction(value) / 100))} 元"
        return number_text(value) + (f" {unit.chinese}" if unit and unit.chinese else "")
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value)
