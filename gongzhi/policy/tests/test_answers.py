import json
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from gongzhi.policy import Answer, BadFacts, Pack, Period, compute, decide
from gongzhi.policy.plans import Plan
from gongzhi.policy.tests.samples import pack, problems, write

ON = date(2024, 1, 1)
RULES = """
figures:
  large: {value: "300000", unit: m2, clause: RT-1, title: 必须公开招标的面积, reading: default}
  days: {value: 15d, unit: period, clause: RT-2, title: 答复期限}
  guide: {unit: yuan/m2/month, clause: RT-1, by: [kind], table: {home: "0.45", shop: "1.20", mixed: "2/3"}}
  months: {value: "12", unit: month, clause: RT-1, title: 月数}
switches:
  off: {title: 折扣, type: ratio, default: 10%, clause: RT-2}
decisions:
  - question: t.method
    rows:
      - when: {kind: [home, mixed], area_m2: {at_least: large}}
        answer: public
        clauses: [RT-1]
        says: 满30万平方米应当公开招标
      - {when: {}, answer: invited, clauses: [RT-2]}
  - {question: t.deadline, answer: {figure: days}, clauses: [RT-2]}
  - {question: t.returns, answer: "1", reading: default, clauses: [RT-2]}
  - question: t.route
    answer: {lead: housing, support: [planning], nature: dispute}
    clauses: [RT-2]
formulas:
  - question: t.charge
    let: {yearly: area_m2 * guide * months}
    answer: round(yearly * (1 - switch.off), fen, half_up)
    clauses: [RT-1]
    says: 全年物业费
"""


@pytest.fixture
def one(tmp_path: Path) -> Pack:
    return pack(write(tmp_path, rules=RULES))


CASES: list[tuple[str, dict[str, Any], Any]] = [
    ("t.method", {"kind": "home", "area_m2": 300000}, "public"),
    ("t.method", {"kind": "home", "area_m2": Decimal("299999.99")}, "invited"),
    ("t.method", {"kind": "home"}, None),
    ("t.deadline", {}, Period(15, "d")),
    ("t.returns", {}, 1),
    ("t.route", {}, {"lead": "housing", "support": ["planning"], "nature": "dispute"}),
    ("t.charge", {"kind": "home", "area_m2": Decimal("88.88")}, 43195 + 1),
    ("t.methods", {}, None),
]


@pytest.mark.parametrize(("question", "facts", "value"), CASES)
def test_an_answer_survives_json_with_all_its_reasons(one: Pack, question: str, facts: dict[str, Any], value: Any):
    answer = decide(one, question, facts, on=ON)
    assert answer.value == value
    stored = json.loads(json.dumps(answer.to_json(), ensure_ascii=False))
    back = Answer.from_json(stored)
    assert back == answer
    assert type(back.value) is type(answer.value)
    for name in ("value", "needs", "ok", "silent", "clauses", "cites", "figures", "switches", "steps", "defaults",
                 "shown", "pack", "hash", "on", "question"):  # fmt: skip
        assert getattr(back, name) == getattr(answer, name), name
    assert back.to_json() == answer.to_json() == stored


def test_an_answer_names_the_figures_with_unit_clause_and_numbers_put_in(one: Pack):
    answer = decide(one, "t.method", {"kind": "home", "area_m2": 300000}, on=ON)
    assert answer.clauses == ("RT-1",)
    assert [(cite.id, cite.where, cite.document) for cite in answer.cites] == [("RT-1", "一", "《root办法》")]
    (figure,) = answer.figures
    assert (figure["name"], figure["value"], figure["unit"], figure["clause"]) == ("large", 300000, "m2", "RT-1")
    assert answer.steps == (
        "符合：类型 住宅",
        "符合：面积 300000 平方米，界线：不少于 300000 平方米（必须公开招标的面积）",
        "满30万平方米应当公开招标",
    )
    text = answer.text()
    for part in ("问：用什么方式", "答：public", "依据：《root办法》 一（RT-1）", f"（{one.hash}）", "2024-01-01"):
        assert part in text


def test_a_row_that_a_figure_turned_down_is_explained(one: Pack):
    answer = decide(one, "t.method", {"kind": "home", "area_m2": Decimal("299999.99")}, on=ON)
    assert answer.steps[0].startswith("不适用“满30万平方米应当公开招标”：面积 299999.99 平方米，界线：不少于 300000")
    assert answer.figures[0]["name"] == "large"


def test_a_boundary_that_the_clause_leaves_open_is_read_by_the_civil_code_and_says_so(one: Pack):
    for question, facts in (("t.method", {"kind": "home", "area_m2": 1}), ("t.returns", {})):
        assert any("民法典第一千二百五十九条" in line for line in decide(one, question, facts, on=ON).defaults)


def test_the_reading_cites_the_clause_of_the_civil_code_where_the_catalogue_has_it(tmp_path: Path):
    clauses = """
    clauses:
      - {id: CC-1259, where: 民法典第一千二百五十九条, kind: threshold, topic: t, says: 以上含本数, strength: must}
      - {id: RT-1, where: 一, kind: duty, topic: t, says: 甲, strength: must}
    """
    write(
        tmp_path,
        clauses=clauses,
        rules="decisions: [{question: t.returns, answer: '1', reading: default, clauses: [RT-1]}]",
    )
    assert decide(pack(tmp_path), "t.returns", {}, on=ON).clauses == ("RT-1", "CC-1259")


def test_a_formula_is_exact_rounds_once_and_shows_its_steps(one: Pack):
    answer = compute(one, "t.charge", {"kind": "mixed", "area_m2": Decimal("100.01")}, on=ON)
    exact = Fraction("100.01") * Fraction(2, 3) * 12 * 100 * Fraction(9, 10)
    assert answer.value == round(exact)
    assert type(answer.value) is int
    assert answer.steps[0] == "yearly = 面积 × 甲 × 月数 = 100.01平方米 × 2/3元/平方米/月 × 12个月 = 800.08 元"
    assert answer.steps[1] == (
        "结果 = [yearly × (1 - 折扣)]按分四舍五入 = [800.08元 × (1 - 0.1)]按分四舍五入 = 72007 分"
    )
    assert answer.shown == "720.07 元"
    assert answer.defaults == ("文件未规定：折扣，按平台默认“0.1”",)
    changed = compute(one, "t.charge", {"kind": "mixed", "area_m2": Decimal("100.01")}, on=ON, switches={"off": "0"})
    assert (changed.value, changed.defaults) == (80008, ())


def test_a_formula_asks_for_what_it_lacks(one: Pack):
    assert compute(one, "t.charge", {}, on=ON).needs == ("area_m2", "kind")
    assert compute(one, "t.charge", {"area_m2": 1}, on=ON).needs == ("kind",)


@pytest.mark.parametrize(
    ("formula", "told"),
    [
        ("{question: t.charge, answer: area_m2 * guide * months, clauses: [RT-1]}", "请用 round 或 convert 换算"),
        ("{question: t.charge, answer: area_m2, clauses: [RT-1]}", "算式的单位是 m2，这里要fen"),
        ("{question: t.charge, answer: amount_fen / (1 + 1), clauses: [RT-1]}", "答案要整数"),
        ("{question: t.charge, answer: amount_fen * 1.1, clauses: [RT-1]}", "数字只能是 0、1、100"),
        ("{question: t.charge, answer: amount_fen + area_m2, clauses: [RT-1]}", "单位不同"),
        ("{question: t.charge, answer: amount_fenn, clauses: [RT-1]}", "未知的名称“amount_fenn”，是否想写“amount_fen”"),
        ("{question: t.charge, answer: kind, clauses: [RT-1]}", "“kind”是选项，不能计算"),
        ("{question: t.charge, answer: amount_fen}", "要写依据的条款"),
    ],
)
def test_a_formula_that_does_not_fit_is_refused_when_loading(tmp_path: Path, formula: str, told: str):
    head = RULES.split("formulas:")[0]
    write(tmp_path, rules=f"{head}formulas:\n  - {formula}\n")
    assert any(told in line for line in problems(tmp_path)), problems(tmp_path)


def test_reasons_are_built_only_when_they_are_read(one: Pack, monkeypatch: pytest.MonkeyPatch):
    built: list[str] = []
    explain = Plan.explain
    monkeypatch.setattr(Plan, "explain", lambda plan, *rest: (built.append("x"), explain(plan, *rest))[1])
    answer = decide(one, "t.method", {"kind": "home", "area_m2": 300000}, on=ON)
    assert (answer.value, built) == ("public", [])
    assert answer.steps
    assert answer.clauses
    assert built == ["x"]


def test_an_unknown_fact_is_refused_with_the_nearest_known_one(one: Pack):
    with pytest.raises(BadFacts, match="未知的事实“area”，是否想写“area_m2”"):
        decide(one, "t.method", {"area": 1}, on=ON)


def test_a_default_that_is_a_role_is_told_by_its_name(tmp_path: Path):
    rules = """
    switches: {entry: {title: 由谁受理, type: role, default: housing, clause: RT-1}}
    decisions: [{question: t.route, answer: {lead: {switch: entry}, support: []}, clauses: [RT-1]}]
    """
    answer = decide(pack(write(tmp_path, rules=rules)), "t.route", {}, on=ON)
    assert answer.defaults == ("文件未规定：由谁受理，按平台默认“住建局”",)
