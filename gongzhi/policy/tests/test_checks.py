from datetime import date
from pathlib import Path

import pytest

from gongzhi.policy import BadFacts, check
from gongzhi.policy.tests.samples import pack, problems, write

ON = date(2024, 1, 1)
RULES = """
figures: {three: {value: "3", unit: count, clause: RT-1}}
checks:
  - name: approved
    on: t.register
    when: {kind: home}
    must: {approved: yes, bidders: {at_least: three}}
    outcome: refuse
    says: 住宅要先批准
    clauses: [RT-1]
  - name: contact
    on: t.register
    any_of: [{note: {given: yes}}, {tags: {given: yes}}]
    outcome: warn
    says: 备注和标签至少填一项
    field: note
    clauses: [RT-2]
"""


def names(folder: Path, **values: object) -> list[str]:
    return [one.name for one in check(pack(folder), "t.register", values, on=ON)]


def test_a_check_speaks_up_with_its_outcome_message_field_and_clause(tmp_path: Path):
    found = check(pack(write(tmp_path, rules=RULES)), "t.register", {"kind": "home", "note": "x"}, on=ON)
    assert [(one.name, one.outcome, one.message, one.field, one.clauses) for one in found] == [
        ("approved", "refuse", "住宅要先批准", "approved", ("RT-1",))
    ]


def test_what_is_not_given_does_not_fulfil_a_demand(tmp_path: Path):
    write(tmp_path, rules=RULES)
    assert names(tmp_path, kind="home", approved=True, bidders=3, note="x") == []
    assert names(tmp_path, kind="home", approved=True, bidders=2, note="x") == ["approved"]
    assert names(tmp_path, kind="home", approved=True, note="x") == ["approved"]
    assert names(tmp_path, kind="home", approved=False, bidders=3, note="x") == ["approved"]


def test_a_check_applies_only_where_its_condition_surely_holds(tmp_path: Path):
    write(tmp_path, rules=RULES)
    assert names(tmp_path, kind="shop", note="x") == []
    assert names(tmp_path, note="x") == []


def test_one_of_several_is_enough(tmp_path: Path):
    write(tmp_path, rules=RULES)
    assert names(tmp_path, tags=[]) == []
    assert names(tmp_path) == ["contact"]


def test_a_city_adds_checks_and_takes_over_one_only_by_saying_so(tmp_path: Path):
    write(tmp_path, rules=RULES)
    own = (
        "checks: [{name: contact, on: t.register, must: {note: {given: yes}}, outcome: note, says: 乙,"
        " clauses: [CT-1]%s}]"
    )
    write(tmp_path, "city", "CT", rules=own % "")
    assert "上级文件（root）已有检查“contact”；确要改写，请加 overrides: root" in problems(tmp_path)[0]
    write(tmp_path, "city", "CT", rules=own % ", overrides: root")
    found = check(pack(tmp_path, "city"), "t.register", {"tags": ["a"]}, on=ON)
    assert [(one.name, one.outcome, one.pack) for one in found] == [("contact", "note", "city")]


def test_an_unknown_field_is_refused(tmp_path: Path):
    with pytest.raises(BadFacts, match="未知的字段“aproved”，是否想写“approved”"):
        check(pack(write(tmp_path, rules=RULES)), "t.register", {"aproved": True}, on=ON)
