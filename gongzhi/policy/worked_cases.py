"""The worked cases of a pack: bound when it is loaded, run by the tests and by anyone who wants to see."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from gongzhi.policy.answer import plain
from gongzhi.policy.asking import check, decide
from gongzhi.policy.assembling import Draft
from gongzhi.policy.binding import Binder
from gongzhi.policy.duty_state import NEEDS_PERSON, STATES, TASK
from gongzhi.policy.pack import Pack
from gongzhi.policy.periods import CHINA
from gongzhi.policy.problems import PackFault
from gongzhi.policy.schema_base import parse_number
from gongzhi.policy.schema_rules import CasePart
from gongzhi.policy.simulate import SHOWN, BadEvents, read_events, simulate
from gongzhi.policy.values import typed, typed_switch
from gongzhi.policy.vocabulary import Record, Type
from gongzhi.policy.vocabulary import unknown as unknown_word

_MIDNIGHT = "T24:00"


@dataclass(frozen=True)
class Case:
    id: str
    title: str
    pack: str
    clauses: tuple[str, ...]
    part: CasePart
    facts: dict[str, Any] = field(default_factory=dict)
    switches: dict[str, Any] = field(default_factory=dict)


def bind_cases(draft: Draft) -> None:
    seen: dict[str, CasePart] = {}
    cases: list[Case] = []
    for part in draft.sheet.cases:
        if part.id in seen:
            draft.report(part.file, part.line, f"实例编号“{part.id}”重复，前一处在第 {seen[part.id].line} 行")
            continue
        seen[part.id] = part
        cases.append(_bind(draft, part))
    if draft.pack is not None:
        draft.pack.cases = tuple(cases)


def _bind(draft: Draft, part: CasePart) -> Case:
    Binder(draft.names(), {}, part.file, part.line).clauses(tuple(part.clauses), part.line_of("clauses"))
    forms = [one for one in ("ask", "check", "simulate") if getattr(part, one) is not None]
    facts: dict[str, Any] = {}
    if len(forms) != 1:
        draft.report(part.file, part.line, "实例要写 ask（提问）、check（检查）、simulate（推演）中的一个")
    elif part.simulate is None:
        facts = _facts(draft, part, str(part.ask or part.check))
        if part.on is None:
            draft.report(part.file, part.line, "实例要写 on（按哪一天的规定）")
    else:
        _bind_simulation(draft, part)
    return Case(part.id, part.title or "", draft.slug, tuple(part.clauses), part, facts, _switches(draft, part))


def _bind_simulation(draft: Draft, part: CasePart) -> None:
    """The words of a simulated case: its events with their data, and the duties that it expects."""
    if part.at is None:
        draft.report(part.file, part.line, "推演的实例要写 at（看哪一刻）")
    else:
        try:
            _moment(part.at)
        except ValueError:
            draft.report(part.file, part.line_of("at"), f"at “{part.at}”不是时间，请写成 2022-05-14T09:00+08:00")
    if draft.pack is None:
        return
    try:
        read_events(draft.pack, part.simulate or [])
    except BadEvents as fault:
        for line in str(fault).splitlines():
            draft.report(part.file, part.line_of("simulate"), line)
    if part.expect is not None and not isinstance(part.expect, list):
        draft.report(part.file, part.line_of("expect"), "推演的 expect 要写成职责的列表：[{duty: …, state: …}]")
        return
    for one in part.expect or ():
        _bind_expected(draft, part, one)


def _bind_expected(draft: Draft, part: CasePart, wanted: Any) -> None:
    pack = draft.pack
    line = getattr(wanted, "line", 0) or part.line_of("expect")
    if pack is None or not isinstance(wanted, Mapping) or not wanted.get("duty"):
        draft.report(part.file, line, "expect 的每一项要写 duty（哪项职责）")
        return
    duties = (*pack.duty_rules, NEEDS_PERSON, TASK)
    rule = pack.duty_rules.get(str(wanted["duty"]))
    ladder = pack.ladders.get(rule.ladder) if rule else None
    steps = [one.step for one in ladder.steps] if ladder else []
    for key, known, what in (
        ("duty", duties, "职责规则"),
        ("for_rule", tuple(pack.duty_rules), "职责规则"),
        ("state", STATES, "状态"),
        ("strength", ("must", "should", "may", "explore"), "强度"),
    ):
        if key in wanted and wanted[key] not in known:
            draft.report(part.file, line, unknown_word(what, str(wanted[key]), known))
    if extra := [key for key in wanted if key not in SHOWN]:
        draft.report(part.file, line, unknown_word("键", extra[0], SHOWN) + f"；可用：{'、'.join(SHOWN)}")
    if isinstance(owner := wanted.get("owner"), str) and owner not in pack.roles:
        draft.report(part.file, line, unknown_word("职责", owner, pack.roles))
    for step in wanted.get("steps") or ():
        name = step.get("step") if isinstance(step, Mapping) else step
        if rule is not None and name not in steps:
            draft.report(part.file, line, unknown_word("步骤", str(name), steps))


def _facts(draft: Draft, part: CasePart, name: str) -> dict[str, Any]:
    question = draft.vocabulary.questions.get(name)
    line = part.line_of("ask" if part.ask else "check")
    if question is None:
        draft.report(part.file, line, unknown_word("问题", name, draft.vocabulary.questions))
        return {}
    if (question.kind == "check") != (part.check is not None):
        draft.report(part.file, line, f"“{name}”要用 {'check' if question.kind == 'check' else 'ask'} 来写")
    found: dict[str, Any] = {}
    for fact, raw in part.facts.items():
        if fact not in question.fact:
            draft.report(part.file, part.line_of("facts"), unknown_word("事实", fact, question.fact))
            continue
        try:
            its = question.fact[fact]
            found[fact] = typed(raw, its.type, draft.names().words, open_choices=its.open)
        except PackFault as fault:
            draft.report(part.file, part.line_of("facts"), f"{fact}：{fault.message}")
    return found


def _switches(draft: Draft, part: CasePart) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, raw in part.switches.items():
        if name not in draft.switches:
            draft.report(part.file, part.line_of("switches"), unknown_word("配置", name, draft.switches))
            continue
        try:
            found[name] = typed_switch(raw, draft.switches[name].type, draft.names().words)
        except PackFault as fault:
            draft.report(part.file, part.line_of("switches"), f"{name}：{fault.message}")
    return found


def run_case(pack: Pack, case: Case) -> list[str]:
    """What differs from the expectation; nothing when the case holds."""
    if case.part.simulate is not None:
        return _run_simulation(pack, case)
    if case.part.check is not None:
        return _run_check(pack, case)
    return _run_question(pack, case)


def _run_question(pack: Pack, case: Case) -> list[str]:
    part = case.part
    answer = decide(pack, str(part.ask), case.facts, on=_on(part), switches=case.switches)
    answer.explanation  # noqa: B018  (the reasons must be buildable for every case)
    wrong: list[str] = []
    needs, expect, defaulted, silent = part.needs, part.expect, part.default, part.silent
    if isinstance(expect, Mapping) and expect and set(expect) <= {"needs", "default", "silent"}:
        needs = tuple(expect.get("needs", needs))
        defaulted = {"yes": True, "no": False}.get(str(expect.get("default")), defaulted)
        silent = {"yes": True, "no": False}.get(str(expect.get("silent")), silent)
        expect = None
    if tuple(needs) != answer.needs:
        wrong.append(f"缺的事实应是 {list(needs)}，实际 {list(answer.needs)}")
    if expect is not None:
        if not answer.ok:
            wrong.append(f"应有答案 {plain(expect)}，实际：{answer.shown}")
        else:
            wrong += _differences(expect, answer.value, pack.question(str(part.ask)).answer, pack)
    if defaulted is not None and bool(answer.defaults) is not defaulted:
        wrong.append(f"{'应' if defaulted else '不应'}按默认，实际说明：{list(answer.defaults)}")
    if silent is not None and answer.silent is not silent:
        wrong.append(f"{'应' if silent else '不应'}是文件未规定，实际：{answer.shown}")
    if missing := [one for one in part.cites if one not in answer.clauses]:
        wrong.append(f"应依据 {missing}，实际依据 {list(answer.clauses)}")
    return wrong


def _differences(expect: Any, value: Any, shape: Type | Record, pack: Pack) -> list[str]:
    if isinstance(shape, Record):
        if not isinstance(expect, Mapping):
            return [f"expect 应写成字段的映射，实际答案 {plain(value)}"]
        wrong = []
        for name, one in expect.items():
            if name not in shape.by_name:
                wrong.append(unknown_word("答案字段", name, shape.by_name))
            else:
                wrong += [f"{name}：{line}" for line in _differences(one, value[name], shape.by_name[name].type, pack)]
        return wrong
    if expect == "none":
        return [] if value is None else [f"应为空，实际 {plain(value)}"]
    try:
        wanted = typed(expect, shape, pack.words)
    except PackFault as fault:
        return [fault.message]
    if isinstance(wanted, list) and isinstance(value, list | tuple):
        wanted, value = sorted(map(str, wanted)), sorted(map(str, value))
    return [] if wanted == value else [f"应是 {plain(wanted)}，实际 {plain(value)}"]


def _run_check(pack: Pack, case: Case) -> list[str]:
    part = case.part
    found = check(pack, str(part.check), case.facts, on=_on(part), switches=case.switches)
    names = [one.name for one in found]
    expect = part.expect if isinstance(part.expect, list) else [] if part.expect in (None, "pass") else [part.expect]
    wanted = [one.get("name") if isinstance(one, Mapping) else one for one in expect]
    wrong = [] if sorted(map(str, wanted)) == sorted(names) else [f"应查出 {wanted}，实际查出 {names}"]
    for one in expect:
        if isinstance(one, Mapping):
            finding = next((it for it in found if it.name == one.get("name")), None)
            for key in ("outcome", "field"):
                if finding and key in one and getattr(finding, key) != one[key]:
                    wrong.append(f"{finding.name} 的 {key} 应是 {one[key]}，实际 {getattr(finding, key)}")
    return wrong


def _on(part: CasePart) -> date:
    if part.on is None:
        raise PackFault("实例没有写 on")
    return part.on


def _run_simulation(pack: Pack, case: Case) -> list[str]:
    part = case.part
    found = simulate(pack, part.simulate or [], _moment(str(part.at)), switches=case.switches)
    wrong: list[str] = []
    left = list(found)
    for wanted in part.expect or []:
        close = [one for one in left if _same_duty(wanted, one)]
        match = next((one for one in close if not _unlike(wanted, one)), None)
        if match is not None:
            left.remove(match)
        elif close:
            wrong += _unlike(wanted, close[0])
        else:
            wrong.append(f"没有职责 {wanted.get('duty')}，实际有 {[one.get('duty') for one in found]}")
    return wrong


def _same_duty(wanted: Mapping[str, Any], one: Mapping[str, Any]) -> bool:
    return bool(wanted.get("duty") == one.get("duty"))


def _unlike(wanted: Mapping[str, Any], one: Mapping[str, Any]) -> list[str]:
    return [
        f"{wanted.get('duty')} 的 {key} 应是 {plain(value)}，实际 {plain(one.get(key))}"
        for key, value in wanted.items()
        if not _alike(value, one.get(key))
    ]


def _alike(wanted: Any, found: Any) -> bool:
    """Text of the case against what was computed: moments by their instant, 24:00 as the next day's 00:00."""
    if isinstance(wanted, Mapping) and isinstance(found, Mapping):
        return all(_alike(one, found.get(key)) for key, one in wanted.items())
    if isinstance(wanted, Mapping) and len(wanted) == 1:
        return _alike(next(iter(wanted.values())), found)
    if isinstance(wanted, list) and isinstance(found, list | tuple):
        return len(wanted) == len(found) and all(_alike(one, its) for one, its in zip(wanted, found, strict=True))
    if isinstance(found, Mapping):
        return any(_alike(wanted, one) for one in found.values())
    try:
        return _moment(str(wanted)) == _moment(str(found))
    except ValueError:
        pass
    if isinstance(found, bool):
        return bool(wanted == ("yes" if found else "no"))
    if isinstance(found, int | Decimal):
        try:
            return parse_number(wanted) == found
        except PackFault:
            return False
    return str(wanted) == str(found) or (found is None and wanted in ("", "none"))


def _moment(text: str) -> datetime:
    """Raises ValueError for what is no moment."""
    from datetime import timedelta

    if len(text) <= len("2022-05-01"):
        raise ValueError(text)
    late = _MIDNIGHT in text
    moment = datetime.fromisoformat(text.replace(_MIDNIGHT, "T00:00") if late else text)
    moment = moment if moment.tzinfo else moment.replace(tzinfo=CHINA)
    return moment + timedelta(days=1) if late else moment
