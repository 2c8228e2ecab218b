"""Binds decisions, formulas and checks of one document, and proves its tables."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from gongzhi.policy.assembling import Draft
from gongzhi.policy.binding import Binder
from gongzhi.policy.checks import CheckRule
from gongzhi.policy.pack import Pack
from gongzhi.policy.problems import Problem
from gongzhi.policy.regions import Table, TooManyRegions, conflicts
from gongzhi.policy.rules import UNION, UNIQUE, Row, Rule
from gongzhi.policy.schema_rules import CheckPart, DecisionPart, FormulaPart, RowPart, Value
from gongzhi.policy.vocabulary import Question
from gongzhi.policy.vocabulary import unknown as unknown_word

_EARLIEST = date(1950, 1, 1)


def bind_rules(draft: Draft) -> dict[str, tuple[Rule, ...]]:
    """The document's own rules by question; several of one question have dates that do not meet."""
    inherited = {name for one in draft.chain[1:] if one.pack for name in one.pack.rules}
    found: dict[str, list[Rule]] = {}
    for part in [*draft.listed("decisions"), *draft.listed("formulas")]:
        question = _question(draft, part, part.question, "question")
        if question is None:
            continue
        _check_override(draft, part, question.name, inherited)
        rule = _decision(draft, question, part) if isinstance(part, DecisionPart) else _formula(draft, question, part)
        versions = found.setdefault(question.name, [])
        clash = next((one for one in versions if _meet(one, rule)), None)
        if clash:
            where = f"{clash.file}:{clash.line}"
            draft.report(part.file, part.line, f"问题“{question.name}”已在 {where} 回答，施行日期不能重叠")
        versions.append(rule)
    return {name: tuple(rules) for name, rules in found.items()}


def _check_override(draft: Draft, part: Any, name: str, inherited: set[str]) -> None:
    owners = [one.slug for one in draft.chain[1:] if one.pack and _answers(one.pack, one.slug, name)]
    if name in inherited and not part.overrides:
        message = f"上级文件（{owners[0]}）已回答“{name}”；确要改写，请加 overrides: {owners[0]}"
        draft.report(part.file, part.line_of("question"), message)
    elif part.overrides and part.overrides not in owners:
        hint = f"，应写 {owners[0]}" if owners else "，不必写 overrides"
        draft.report(part.file, part.line_of("overrides"), f"{part.overrides} 没有回答“{name}”{hint}")
    if getattr(part, "else_", None) and not owners:
        draft.report(part.file, part.line_of("else"), f"上级文件没有回答“{name}”，不能写 else: parent")


def _answers(pack: Pack, slug: str, question: str) -> bool:
    return any(rule.pack == slug for versions in pack.rules.get(question, ()) for rule in versions)


def _question(draft: Draft, part: Any, name: str, key: str) -> Question | None:
    question: Question | None = draft.vocabulary.questions.get(name)
    if question is None:
        draft.report(part.file, part.line_of(key), unknown_word("问题", name, draft.vocabulary.questions))
        return None
    is_check = isinstance(part, CheckPart)
    if is_check != (question.kind == "check"):
        message = f"“{name}”不是登记类（check）的问题" if is_check else f"“{name}”要写在 checks"
        draft.report(part.file, part.line_of(key), message)
        return None
    return question


def _meet(one: Rule, other: Rule) -> bool:
    first_to, second_to = one.to_on or date.max, other.to_on or date.max
    return (one.from_on or date.min) <= second_to and (other.from_on or date.min) <= first_to


def _binder(draft: Draft, question: Question, part: Any) -> Binder:
    return Binder(draft.names(), dict(question.fact), part.file, part.line)


def _decision(draft: Draft, question: Question, part: DecisionPart) -> Rule:
    binder = _binder(draft, question, part)
    binder.add_lets(part.let, lambda name: part.line_of("let"))
    parts = part.all_rows()
    if part.answer is not None and parts:
        binder.fault("rows 和 answer 只能写一个", part.line_of("answer"))
    if part.answer is not None:
        rows = [_row(binder, question, (), part.answer, part, part.clauses)]
    else:
        if not parts:
            binder.fault("缺少 rows 或 answer", part.line)
        rows = [_row(binder, question, one.when, one.answer, one, (*one.clauses, *part.clauses)) for one in parts]
    return Rule(
        question,
        draft.slug,
        "decision",
        part.hit,
        binder.lets,
        tuple(rows),
        part.else_ == "parent",
        part.from_,
        part.to,
        part.file,
        part.line,
        frozenset(binder.used_figures),
        frozenset(binder.used_switches),
    )


def _row(
    binder: Binder, question: Question, when: Any, value: Value, part: "RowPart | DecisionPart", ids: tuple[str, ...]
) -> Row:
    binder.when(when)
    binder.answer(value, question.answer, part.line_of("answer"))
    ids = tuple(dict.fromkeys(ids))
    binder.clauses(ids, part.line_of("clauses"))
    if not ids and part.reading is None:
        binder.fault("要写依据的条款 clauses", part.line)
    return Row(when, value, ids, part.says or "", part.reading is not None, part.file, part.line)


def _formula(draft: Draft, question: Question, part: FormulaPart) -> Rule:
    binder = _binder(draft, question, part)
    binder.add_lets(part.let, lambda name: part.line_of("let"))
    line = part.line_of("answer")
    if isinstance(part.answer, dict):
        value = Value("record", fields={name: Value("is", text) for name, text in part.answer.items()}, line=line)
    else:
        value = Value("is", part.answer, line=line)
    binder.answer(value, question.answer, line)
    binder.clauses(part.clauses, part.line_of("clauses"))
    if not part.clauses:
        binder.fault("要写依据的条款 clauses", part.line)
    row = Row((), value, tuple(part.clauses), part.says or "", False, part.file, part.line)
    return Rule(
        question,
        draft.slug,
        "formula",
        "first",
        binder.lets,
        (row,),
        False,
        part.from_,
        part.to,
        part.file,
        part.line,
        frozenset(binder.used_figures),
        frozenset(binder.used_switches),
    )


def bind_checks(draft: Draft) -> dict[str, dict[str, CheckRule]]:
    """record -> name -> rule, the ancestors' included; a name is taken over only with `overrides`."""
    parent = draft.parent.pack if draft.parent else None
    inherited = parent.check_rules if parent else {}
    found = {record: {one.name: one for one in rules} for record, rules in inherited.items()}
    everywhere = {name: one for rules in found.values() for name, one in rules.items()}
    seen: dict[str, CheckPart] = {}
    for part in draft.listed("checks"):
        if part.name in seen:
            first = seen[part.name]
            draft.report(part.file, part.line, f"名称“{part.name}”重复，前一处在 {first.file}:{first.line}")
            continue
        seen[part.name] = part
        draft.override(part, part.name, everywhere, what="检查")
        question = _question(draft, part, part.on, "on")
        if question is not None:
            found.setdefault(question.name, {})[part.name] = _check(draft, question, part)
    return found


def _check(draft: Draft, question: Question, part: CheckPart) -> CheckRule:
    binder = _binder(draft, question, part)
    for when in (part.when, part.must, *part.any_of):
        binder.when(when)
    binder.clauses(part.clauses, part.line_of("clauses"))
    if not part.clauses:
        binder.fault("要写依据的条款 clauses", part.line)
    if not part.must and not part.any_of:
        binder.fault("要写 must（都要满足）或 any_of（满足其一）", part.line)
    if part.field_ and part.field_ not in question.fact:
        binder.fault(unknown_word("字段", part.field_, question.fact), part.line_of("field"))
    return CheckRule(
        part.name,
        question,
        draft.slug,
        part.when,
        part.must,
        tuple(part.any_of),
        part.outcome,
        part.says,
        part.field_,
        tuple(part.clauses),
        part.from_,
        part.to,
        part.file,
        part.line,
    )


def prove(pack: Pack, own: Iterable[str], problems: list[Problem]) -> None:
    """The tables of the document, and inherited ones when a figure of theirs is overridden, on each day of change."""
    for question in own:
        for versions in pack.rules.get(question, ()):
            for rule in versions:
                if rule.kind == "decision":
                    _prove(pack, rule, problems)


def _prove(pack: Pack, rule: Rule, problems: list[Problem]) -> None:
    told: set[str] = set()
    for on in _days(pack, rule):
        missing = [name for name in sorted(rule.figures) if pack.figures[name].at(on) is None]
        if missing:
            figure = pack.figures[missing[0]]
            message = f"参数“{figure.name}”在 {on.isoformat()} 还没有数值，而“{rule.question.name}”已施行"
            _tell(told, problems, Problem(rule.file, rule.line, message))
            continue
        try:
            _prove_on(pack, rule, on, told, problems)
        except TooManyRegions:
            message = f"“{rule.question.name}”的表太复杂，无法证明没有遗漏，请拆成几张表或加兜底行"
            _tell(told, problems, Problem(rule.file, rule.line, message))


def _tell(told: set[str], problems: list[Problem], problem: Problem) -> None:
    if problem.message not in told:
        told.add(problem.message)
        problems.append(problem)


def _prove_on(pack: Pack, rule: Rule, on: date, told: set[str], problems: list[Problem]) -> None:
    table = Table(pack, rule, on)
    name = rule.question.name
    if not rule.falls and (gap := table.gap()) is not None:
        _tell(
            told,
            problems,
            Problem(rule.file, rule.line, f"“{name}”的表有遗漏，没有一行适用于：{gap}（可加兜底行或 else: parent）"),
        )
    if rule.hit not in (UNIQUE, UNION):
        return
    for first, second, example in table.overlaps():
        row = rule.rows[second]
        if rule.hit == UNIQUE:
            message = f"“{name}”的第 {first + 1} 行和第 {second + 1} 行重叠，都适用于：{example}"
            _tell(told, problems, Problem(row.file, row.line, message))
        elif clash := conflicts(rule, first, second):
            field, (left, right) = next(iter(clash.items()))
            rows = f"第 {first + 1} 行和第 {second + 1} 行"
            message = f"“{name}”的{rows}都适用于：{example}，但 {field} 不同：{left}、{right}"
            _tell(told, problems, Problem(row.file, row.line, message))


def _days(pack: Pack, rule: Rule) -> list[date]:
    """The first day of the rule and each later day on which a figure of it changes."""
    document = next(one for one in pack.documents if one.slug == rule.pack)
    starts = [one for one in (rule.from_on, document.from_on) if one is not None]
    dated = sorted({since for name in rule.figures for since, _ in pack.figures[name].versions if since is not None})
    # A draft without a day of its own is judged from the first day on which its figures are known.
    start = max(starts) if starts else (max(_firsts(pack, rule.figures)) if dated else _EARLIEST)
    last = rule.to_on or date.max - timedelta(days=1)
    return [start, *(one for one in dated if start < one <= last)]


def _firsts(pack: Pack, figures: Iterable[str]) -> list[date]:
    return [pack.figures[name].versions[0][0] or _EARLIEST for name in figures]


def stacked(draft: Draft, own: Mapping[str, tuple[Rule, ...]]) -> dict[str, tuple[tuple[Rule, ...], ...]]:
    """Question -> the rules of each document that answers it, nearest first."""
    inherited = draft.parent.pack.rules if draft.parent and draft.parent.pack else {}
    names = {*own, *inherited}
    return {name: (*((own[name],) if name in own else ()), *inherited.get(name, ())) for name in sorted(names)}
