"""Registers and patrols of a pack: what they say, and what is told of one that is written wrongly."""

from datetime import date
from pathlib import Path

import pytest

from gongzhi.policy import check
from gongzhi.policy.tests.samples import pack, problems, write

ON = date(2024, 1, 1)
BOOK = """
figures: {by: {value: 2024-12-31, unit: date, clause: RT-1}}
switches: {large: {title: 大, type: area, default: "100", clause: RT-1}}
registers:
  plots:
    title: 地块
    fields:
      place: {title: 位置, required: yes}
      area: {title: 面积, type: area}
      parts: {title: 份数, type: count}
      done_on: {title: 完成, type: date}
    let: {each: {is: area / parts, title: 每份}}
    stages: {found: {title: 发现}, kept: {title: 纳入}}
    musts:
      - {when: {stage: kept}, must: {each: {at_least: {switch: large}}}, says: 太小}
    marks:
      - {when: {done_on: {above: {figure: by}}}, says: 逾期, past: {field: done_on, figure: by}}
    clauses: [RT-1]
  walk:
    title: 巡查表
    use: round
    fields: {fire: {title: 隐患, type: problem}}
    clauses: [RT-1]
patrols:
  weekly: {title: 巡查, by: [street_office], sheets: [walk], every: week, clauses: [RT-1]}
"""


def test_the_checks_of_a_register_read_its_fields_and_what_it_computes(tmp_path: Path):
    one = pack(write(tmp_path, rules=BOOK))
    small = {"stage": "kept", "area": 300, "parts": 4}
    found = check(one, "register.plots", small, on=ON)
    assert [(each.message, each.clauses) for each in found] == [("太小", ("RT-1",))]
    assert check(one, "register.plots", {**small, "parts": 3}, on=ON) == []
    assert check(one, "register.plots", {**small, "stage": "found"}, on=ON) == []
    register = one.registers["plots"]
    assert [stage.code for stage in register.next_stages("found")] == ["kept"]
    late = register.scope(one, {"done_on": date(2025, 1, 1)}, on=ON)
    assert register.surely(register.marks[0].when, late)
    assert one.patrols["weekly"].sheets == ("walk",)
    assert "register.plots" not in one.questions_answered


@pytest.mark.parametrize(
    ("wrong", "right", "told"),
    [
        ("stage: kept}, must: {each", "stage: gone}, must: {each", "选项“gone”"),
        ("area / parts", "area / partz", "“partz”"),
        ("sheets: [walk]", "sheets: [plots]", "巡查表“plots”"),
        ("by: [street_office]", "by: [street_offic]", "职责“street_offic”"),
        ("place: {title: 位置", "by: {title: 位置", "平台已经用了这个名称"),
        ("past: {field: done_on", "past: {field: done", "字段“done”"),
        ("type: problem}", "type: enum}", "是选项要写 choices"),
        ("says: 逾期,", "says: 逾期, clauses: [RT-9],", "条款“RT-9”"),
    ],
)
def test_a_word_that_nobody_knows_is_told_with_its_place(tmp_path: Path, wrong: str, right: str, told: str):
    assert wrong in BOOK
    found = problems(write(tmp_path, rules=BOOK.replace(wrong, right)))
    assert any(told in one for one in found), found
