import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gongzhi.policy import BadFacts, Pack, decide, load
from gongzhi.policy.plans import NO_ROW, Needs, careful
from gongzhi.policy.tests.samples import VOCABULARY, pack, problems, write

ON = date(2024, 1, 1)
FIGURES = """
figures:
  small: {value: "30000", unit: m2, clause: RT-1, title: 小项目}
  large: {value: "300000", unit: m2, clause: RT-1, title: 大项目}
  three: {value: "3", unit: count, clause: RT-1}
  half: {value: 50%, unit: ratio, clause: RT-1}
switches:
  strict: {title: 从严, type: bool, default: yes, clause: RT-2}
  limit: {title: 起点, type: area, default: "500", clause: RT-2}
"""


def table(folder: Path, *rows: str, question: str = "t.method", more: str = "") -> Path:
    lines = "\n".join(f"      - {row}" for row in rows)
    text = f"decisions:\n  - question: {question}\n{more}    rows:\n{lines}\n"
    return write(folder, figures=FIGURES, rules=text)


def row(when: str, answer: str = "public") -> str:
    return f"{{when: {when}, answer: {answer}, clauses: [RT-1]}}"


@pytest.mark.parametrize(
    ("word", "just_below", "at", "just_above"),
    [
        ("at_least", False, True, True),
        ("above", False, False, True),
        ("at_most", True, True, False),
        ("below", True, False, False),
    ],
)
def test_each_boundary_word_at_the_figure_and_just_off_it(
    tmp_path: Path, word: str, just_below: bool, at: bool, just_above: bool
):
    one = pack(table(tmp_path, row(f"{{area_m2: {{{word}: large}}}}"), row("{}", "invited")))
    values = [Decimal("299999.99"), 300000, Decimal("300000.01")]
    answers = [decide(one, "t.method", {"area_m2": value}, on=ON).value == "public" for value in values]
    assert answers == [just_below, at, just_above]


def test_a_gap_is_told_with_an_example_that_no_row_covers(tmp_path: Path):
    table(tmp_path, row("{kind: [home, mixed]}"), row("{kind: shop, area_m2: {above: large}}"))
    (found,) = problems(tmp_path)
    assert found.startswith("root/rules.yaml:2: “t.method”的表有遗漏，没有一行适用于：")
    assert "类型（kind）=shop" in found
    assert "面积（area_m2）=299999.99" in found or "面积（area_m2）=300000" in found


def test_a_gap_exactly_at_a_boundary_is_found(tmp_path: Path):
    table(tmp_path, row("{area_m2: {above: large}}"), row("{area_m2: {below: large}}", "invited"))
    assert "面积（area_m2）=300000（" in problems(tmp_path)[0]


@pytest.mark.parametrize(
    "rows",
    [
        ("{area_m2: {at_least: large}}", "{area_m2: {below: large}}"),
        ("{area_m2: {above: large}}", "{area_m2: {at_most: large}}"),
        ("{bidders: {at_least: three}}", "{bidders: {below: three}}"),
        ("{approved: yes}", "{approved: no}"),
        ("{kind: home}", "{kind: {not: home}}"),
        ("{matter: noise}", "{matter: {not: noise}}"),
        ("{tags: [a, b]}", "{tags: {not: [a, b]}}"),
        ("{switch.strict: yes}", "{switch.strict: no}"),
        ("{area_m2: {at_least: {switch: limit}}}", "{area_m2: {below: {switch: limit}}}"),
        ("{area_m2: {at_least: small, below: large}}", "{area_m2: {not: {at_least: small, below: large}}}"),
        ("{note: x}", "{note: {not: x}}"),
    ],
)
def test_two_halves_that_meet_leave_no_gap_and_do_not_overlap(tmp_path: Path, rows: tuple[str, str]):
    if "at_least: small, below" in rows[0]:
        rows = (rows[0], "{area_m2: {below: small}}")
        table(tmp_path, row(rows[0]), row(rows[1]), row("{area_m2: {at_least: large}}"), more="    hit: unique\n")
    else:
        table(tmp_path, row(rows[0]), row(rows[1], "invited"), more="    hit: unique\n")
    assert problems(tmp_path) == []
    table(tmp_path, row(rows[0]))
    assert "表有遗漏" in problems(tmp_path)[0]


def test_an_overlap_of_a_unique_table_is_told_with_both_rows_and_an_example(tmp_path: Path):
    table(
        tmp_path,
        row("{area_m2: {at_least: large}}"),
        row("{area_m2: {at_most: large}}", "invited"),
        more="    hit: unique\n",
    )
    (found,) = problems(tmp_path)
    assert found.startswith("root/rules.yaml:6: ")
    assert "第 1 行和第 2 行重叠，都适用于：面积（area_m2）=300000" in found


def test_rows_of_a_union_table_must_agree_on_single_values(tmp_path: Path):
    rows = (
        row("{approved: yes}", "{lead: housing, support: [planning]}"),
        row("{kind: home}", "{lead: street_office}"),
        row("{}", "{lead: housing, support: [street_office]}"),
    )
    table(tmp_path, *rows, question="t.route", more="    hit: union\n")
    assert "但 lead 不同：housing、street_office" in problems(tmp_path)[0]


def test_a_union_table_joins_lists_in_order_without_doubles(tmp_path: Path):
    rows = (
        row("{approved: yes}", "{lead: housing, support: [planning, street_office]}"),
        row("{kind: home}", "{lead: housing, support: [street_office, leading_group_office], nature: dispute}"),
        row("{}", "{lead: housing}"),
    )
    one = pack(table(tmp_path, *rows, question="t.route", more="    hit: union\n"))
    both = decide(one, "t.route", {"approved": True, "kind": "home"}, on=ON)
    assert both.value == {
        "lead": "housing",
        "support": ["planning", "street_office", "leading_group_office"],
        "nature": "dispute",
    }
    none = decide(one, "t.route", {"approved": False, "kind": "shop"}, on=ON)
    assert none.value == {"lead": "housing", "support": [], "nature": None}
    assert decide(one, "t.route", {"kind": "home"}, on=ON).needs == ("approved",)


def test_a_fact_that_is_not_given_is_asked_for_and_never_guessed(tmp_path: Path):
    one = pack(
        table(
            tmp_path,
            row("{matter: noise, approved: yes}"),
            row("{matter: noise, approved: no}", "invited"),
            row("{}", "agreement"),
        )
    )
    asked = decide(one, "t.method", {"matter": "noise"}, on=ON)
    assert (asked.ok, asked.value, asked.needs, asked.shown) == (False, None, ("approved",), "需要先补充：已批准")
    assert decide(one, "t.method", {"matter": "noise", "approved": None}, on=ON).needs == ("approved",)
    assert decide(one, "t.method", {}, on=ON).needs == ("matter",)
    assert decide(one, "t.method", {"matter": "greening"}, on=ON).value == "agreement"


def test_nothing_given_is_not_zero(tmp_path: Path):
    one = pack(table(tmp_path, row("{bidders: {below: three}}"), row("{}", "invited")))
    assert decide(one, "t.method", {}, on=ON).needs == ("bidders",)
    assert decide(one, "t.method", {"bidders": 0}, on=ON).value == "public"


def test_given_and_not_given_are_tested_without_asking(tmp_path: Path):
    one = pack(
        table(
            tmp_path,
            row("{bidders: {given: no}}", "agreement"),
            row("{bidders: {given: yes, below: three}}"),
            row("{}", "invited"),
            more="    hit: first\n",
        )
    )
    values = [decide(one, "t.method", facts, on=ON).value for facts in ({}, {"bidders": 2}, {"bidders": 3})]
    assert values == ["agreement", "public", "invited"]


def test_a_switch_decides_at_its_default_or_as_the_place_has_set_it(tmp_path: Path):
    one = pack(table(tmp_path, row("{switch.strict: yes, area_m2: {at_least: {switch: limit}}}"), row("{}", "invited")))
    default = decide(one, "t.method", {"area_m2": 500}, on=ON)
    assert default.value == "public"
    assert default.defaults == ("文件未规定：从严，按平台默认“是”", "文件未规定：起点，按平台默认“500 平方米”")
    assert [entry["default"] for entry in default.switches] == [True, True]
    place = decide(one, "t.method", {"area_m2": 500}, on=ON, switches={"strict": True, "limit": "501"})
    assert (place.value, place.defaults) == ("invited", ())
    assert decide(one, "t.method", {"area_m2": 500}, on=ON, switches={"strict": False}).value == "invited"
    with pytest.raises(BadFacts, match="配置“起点”"):
        decide(one, "t.method", {"area_m2": 500}, on=ON, switches={"limit": "很多"})


def test_a_let_is_exact_and_may_be_tested(tmp_path: Path):
    one = pack(
        table(
            tmp_path,
            row("{part: {above: half}}"),
            row("{}", "invited"),
            more="    let: {part: {is: amount_fen / (amount_fen + amount_fen + 0), title: 比重}}\n",
        )
    )
    answer = decide(one, "t.method", {"amount_fen": 3}, on=ON)
    assert answer.value == "invited"
    assert "比重 = 金额 ÷ (金额 + 金额 + 0) = 3分 ÷ (3分 + 3分 + 0) = 0.5" in answer.steps
    assert decide(one, "t.method", {}, on=ON).needs == ("amount_fen",)
    with pytest.raises(BadFacts, match="不能作除数"):
        decide(one, "t.method", {"amount_fen": 0}, on=ON)


def test_what_a_child_does_not_cover_falls_to_the_ancestor_only_by_saying_so(tmp_path: Path):
    table(tmp_path, row("{approved: yes}"), row("{}", "invited"))
    rules = """
    decisions:
      - question: t.method
        overrides: root
        else: parent
        rows: [{when: {kind: home}, answer: agreement, clauses: [CT-1]}]
    """
    write(tmp_path, "city", "CT", rules=rules)
    one = pack(tmp_path, "city")
    assert decide(one, "t.method", {"kind": "home"}, on=ON).clauses == ("CT-1",)
    fallen = decide(one, "t.method", {"kind": "shop", "approved": True}, on=ON)
    assert (fallen.value, fallen.clauses) == ("public", ("RT-1",))
    assert fallen.defaults == ("本地文件未规定，按《root办法》",)
    assert decide(one, "t.method", {"kind": "shop"}, on=ON).needs == ("approved",)
    write(tmp_path, "city", "CT", rules=rules.replace("else: parent", "hit: first"))
    assert "表有遗漏" in problems(tmp_path)[0]


def test_a_table_by_facts_needs_a_value_for_every_choice(tmp_path: Path):
    figure = """
    figures:
      price: {unit: count, clause: RT-1, by: [kind], table: {home: "1", shop: "2"%s}}
    decisions:
      - {question: t.returns, answer: {figure: price}, clauses: [RT-1]}
    """
    write(tmp_path, rules=figure % "")
    assert "参数“price”的表里缺 kind=mixed" in problems(tmp_path)[0]
    write(tmp_path, rules=figure % ', otherwise: "3"')
    one = pack(tmp_path)
    values = [decide(one, "t.returns", {"kind": kind}, on=ON).value for kind in ("home", "shop", "mixed")]
    assert values == [1, 2, 3]
    assert decide(one, "t.returns", {}, on=ON).needs == ("kind",)


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        ({"knd": "home"}, "未知的事实“knd”，是否想写“kind”"),
        ({"kind": "house"}, "未知的选项"),
        ({"kind": True}, "应是选项"),
        ({"kind": "home", "area_m2": 1.5}, "应是面积"),
        ({"kind": "home", "area_m2": True}, "应是面积"),
        ({"kind": "home", "area_m2": "300000"}, "应是面积"),
    ],
)
def test_a_fact_of_another_type_is_refused_and_never_read_as_something_else(
    tmp_path: Path, facts: dict[str, Any], told: str
):
    one = pack(table(tmp_path, row("{kind: home, area_m2: {at_least: large}}"), row("{}", "invited")))
    with pytest.raises(BadFacts, match=told):
        decide(one, "t.method", facts, on=ON).value  # noqa: B018


def test_a_question_that_no_document_answers_takes_the_platforms_default_and_says_so(tmp_path: Path):
    one = pack(write(tmp_path))
    default = decide(one, "t.returns", {}, on=ON)
    assert (default.value, default.defaults) == (2, ("文件未规定，按平台默认",))
    silent = decide(one, "t.method", {}, on=ON)
    assert (silent.ok, silent.silent, silent.needs, silent.shown) == (False, True, (), "文件未规定")
    with pytest.raises(KeyError):
        decide(one, "t.unknown", {}, on=ON)


_TESTS: dict[str, list[Any]] = {
    "kind": ["home", ["home", "shop"], {"not": "mixed"}, {"given": "yes"}, {"given": "no"}],
    "area_m2": [
        {"at_least": "small"},
        {"above": "small", "at_most": "large"},
        {"below": "large"},
        {"not": {"at_least": "large"}},
        {"at_least": {"switch": "limit"}},
        {"figure": "small"},
    ],
    "bidders": [{"below": "three"}, {"at_least": "three"}, "0", ["0", "1"], {"given": "yes", "above": "three"}],
    "approved": ["yes", "no", {"not": "yes"}],
    "tags": ["a", ["a", "b"], {"not": "c"}],
    "switch.strict": ["yes", "no"],
}
_VALUES: dict[str, list[Any]] = {
    "kind": ["home", "shop", "mixed", None],
    "area_m2": [0, 499, 500, 29999, 30000, Decimal("30000.01"), Decimal("299999.99"), 300000, 300001, None],
    "bidders": [0, 1, 2, 3, 4, None],
    "approved": [True, False, None],
    "tags": [[], ["a"], ["b", "c"], ["a", "b", "c"], None],
}
_WHEN = st.lists(st.sampled_from(sorted(_TESTS)), unique=True, max_size=3).flatmap(
    lambda keys: st.fixed_dictionaries({key: st.sampled_from(_TESTS[key]) for key in keys})
)
_ROWS = st.lists(st.tuples(_WHEN, st.sampled_from(["public", "invited", "agreement"])), min_size=1, max_size=6)
_FACTS = st.lists(
    st.fixed_dictionaries({name: st.sampled_from(values) for name, values in _VALUES.items()}), min_size=5, max_size=20
)


def _random_pack(folder: Path, hit: str, rows: list[tuple[dict[str, Any], str]]) -> Pack:
    question = "t.methods" if hit == "union" else "t.method"
    table_rows = [
        {"when": when, "answer": [answer] if hit == "union" else answer, "clauses": ["RT-1"]} for when, answer in rows
    ]
    last = {"when": {}, "answer": [] if hit == "union" else "invited", "clauses": ["RT-1"]}
    text = json.dumps({"decisions": [{"question": question, "hit": hit, "rows": [*table_rows, last]}]})
    write(folder, figures=FIGURES, rules=text)
    packs, found = load(folder, VOCABULARY)
    assert not found, found
    return packs["root"]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(hit=st.sampled_from(["first", "union"]), rows=_ROWS, many=_FACTS, strict=st.sampled_from([None, True, False]))
def test_a_compiled_table_says_what_the_slow_reading_says(
    tmp_path: Path, hit: str, rows: list[tuple[dict[str, Any], str]], many: list[dict[str, Any]], strict: bool | None
):
    one = _random_pack(tmp_path, hit, rows)
    question = "t.methods" if hit == "union" else "t.method"
    switches = None if strict is None else {"strict": strict}
    plan = one.plan(question, ON)
    rule = plan.stages[0].rule
    for facts in many:
        slow = careful(one, rule, facts, switches=switches, on=ON)
        quick = plan.run(facts, switches)
        assert type(quick) is type(slow)
        assert quick == slow
        answer = decide(one, question, facts, on=ON, switches=switches)
        assert answer.ok is not isinstance(slow, Needs)
        assert answer.explanation.shown


def _naive(tests: dict[str, Any], facts: dict[str, Any]) -> bool | None:
    """A third reading, written from the documentation alone, for rows over `kind`, `bidders` and `approved`."""
    figures = {"three": 3}
    compare = {
        "at_least": lambda value, limit: value >= limit,
        "above": lambda value, limit: value > limit,
        "at_most": lambda value, limit: value <= limit,
        "below": lambda value, limit: value < limit,
    }
    texts = {"yes": True, "no": False, "0": 0, "1": 1}
    unknown = False
    for key, test in tests.items():
        value = facts[key]
        parts = test if isinstance(test, dict) else {"in": test if isinstance(test, list) else [test]}
        for word, wanted in parts.items():
            if word == "given":
                verdict: bool | None = (value is not None) == (wanted == "yes")
            elif value is None:
                verdict = None
            elif word == "in":
                verdict = value in [texts.get(one, one) for one in wanted]
            elif word == "not":
                verdict = value != texts.get(wanted, wanted)
            else:
                verdict = compare[word](value, figures[wanted])
            if verdict is False:
                return False
            unknown = unknown or verdict is None
    return None if unknown else True


_PLAIN = st.lists(st.sampled_from(["kind", "bidders", "approved"]), unique=True, max_size=3).flatmap(
    lambda keys: st.fixed_dictionaries({key: st.sampled_from(_TESTS[key]) for key in keys})
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.tuples(_PLAIN, st.sampled_from(["public", "invited"])), min_size=1, max_size=5), many=_FACTS)
def test_a_table_says_what_its_documentation_says(
    tmp_path: Path, rows: list[tuple[dict[str, Any], str]], many: list[dict[str, Any]]
):
    one = _random_pack(tmp_path, "first", rows)
    for facts in many:
        expected: Any = "invited"
        for when, answer in rows:
            verdict = _naive(when, facts)
            if verdict is not False:
                expected = answer if verdict else None
                break
        answer = decide(one, "t.method", facts, on=ON)
        assert answer.value == expected
        assert bool(answer.needs) is (expected is None)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=_ROWS, many=_FACTS)
def test_a_table_that_is_proven_complete_always_has_a_row_and_a_gap_is_a_real_one(
    tmp_path: Path, rows: list[tuple[dict[str, Any], str]], many: list[dict[str, Any]]
):
    table_rows = [{"when": when, "answer": answer, "clauses": ["RT-1"]} for when, answer in rows]
    text = json.dumps({"decisions": [{"question": "t.method", "rows": table_rows}]})
    write(tmp_path, figures=FIGURES, rules=text)
    packs, found = load(tmp_path, VOCABULARY)
    if found:
        assert all("表有遗漏" in str(one) for one in found)
        return
    for facts in many:
        if all(value is not None for value in facts.values()):
            for strict in (True, False):
                assert packs["root"].plan("t.method", ON).run(facts, {"strict": strict}) != NO_ROW
