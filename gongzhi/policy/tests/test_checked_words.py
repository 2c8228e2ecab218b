"""Words that were taken on trust: worked simulations, acts of windows, place codes, numbers that cannot be."""

from datetime import date
from pathlib import Path

import pytest

from gongzhi.policy import BadFacts, decide, load
from gongzhi.policy.tests.samples import VOCABULARY, write
from gongzhi.policy.vocabulary import Act, Vocabulary
from gongzhi.site.vocabulary import vocabulary

RULES = """
    figures: {days: {value: 10d, unit: period, clause: RT-2}}
    duties:
      - duty: answer
        title: 答复
        after: [case.opened]
        owner: {field: lead}
        within: {figure: days}
        until: [case.answered]
        ladder: supervision
        clauses: [RT-2]
    ladders: {supervision: {clauses: [RT-1], steps: [{step: copy_notice}]}}
"""
CASE = """
    cases:
      - id: C-1
        simulate:
          - {{kind: {kind}, at: {at}, subject: "case:1", data: {data}}}
        at: 2022-05-20T00:00+08:00
        expect:
          - {expect}
"""
GOOD = {
    "kind": "case.opened",
    "at": "2022-05-01T10:00+08:00",
    "data": "{lead: housing}",
    "expect": "{duty: answer, state: overdue, owner: housing, steps: [copy_notice]}",
}


def told(folder: Path, words: Vocabulary = VOCABULARY) -> list[str]:
    return [str(one) for one in load(folder, words)[1]]


def test_a_worked_simulation_with_known_words_is_accepted(tmp_path: Path) -> None:
    write(tmp_path, rules=RULES, cases=CASE.format(**GOOD))
    assert told(tmp_path) == []


@pytest.mark.parametrize(
    ("wrong", "what"),
    [
        ({"kind": "case.opend"}, "第1个事件的类别“case.opend”没有声明，是否想写“case.opened”"),
        ({"data": "{leed: housing}"}, "没有字段“leed”"),
        ({"data": "{lead: huosing}"}, "未知的职责“huosing”，是否想写“housing”"),
        ({"at": "2022-05-32T10:00+08:00"}, "无法识别"),
        ({"expect": "{duty: answr, state: open}"}, "未知的职责规则“answr”，是否想写“answer”"),
        ({"expect": "{duty: answer, state: overdo}"}, "未知的状态“overdo”，是否想写“overdue”"),
        ({"expect": "{duty: answer, owner: plannin}"}, "未知的职责“plannin”，是否想写“planning”"),
        ({"expect": "{duty: answer, steps: [copy]}"}, "未知的步骤“copy”，是否想写“copy_notice”"),
        ({"expect": "{duty: answer, stat: open}"}, "未知的键“stat”，是否想写“state”"),
        ({"expect": "{state: open}"}, "要写 duty"),
    ],
)
def test_an_unknown_word_of_a_worked_simulation_is_told_with_the_nearest(
    tmp_path: Path, wrong: dict[str, str], what: str
) -> None:
    write(tmp_path, rules=RULES, cases=CASE.format(**{**GOOD, **wrong}))
    found = told(tmp_path)
    assert len(found) == 1 and what in found[0] and found[0].startswith("root/cases.yaml:"), found


def test_an_act_that_nobody_asks_about_is_refused_with_the_nearest(tmp_path: Path) -> None:
    window = "windows: [{window: w, act: case.reopn, opens: {after: [case.opened]}, clauses: [RT-1]}]"
    write(tmp_path, rules=window)
    words = Vocabulary(
        questions=VOCABULARY.questions.values(),
        events=VOCABULARY.events.values(),
        roles=VOCABULARY.roles.values(),
        matters=VOCABULARY.matters.values(),
        acts=[Act("case.reopen", "重新办理"), Act("case.rate", "评价")],
    )
    assert any("未知的行为“case.reopn”，是否想写“case.reopen”" in one for one in told(tmp_path, words))


def test_a_place_that_is_in_no_division_is_refused_with_the_nearest(tmp_path: Path) -> None:
    words = Vocabulary(
        questions=VOCABULARY.questions.values(),
        events=VOCABULARY.events.values(),
        roles=VOCABULARY.roles.values(),
        matters=VOCABULARY.matters.values(),
        places={"340207": "鸠江区", "320582": "张家港市"},
    )
    write(tmp_path)
    write(tmp_path, "city", "CT")
    path = tmp_path / "city/pack.yaml"
    text = path.read_text(encoding="utf-8")
    code = next(line for line in text.splitlines() if line.startswith("place:"))
    path.write_text(text.replace(code, 'place: "340270"'), encoding="utf-8")
    found = told(tmp_path, words)
    assert len(found) == 1 and "未知的地区代码“340270”，是否想写“340207”（鸠江区）" in found[0], found


VOTE = {"matter": "hire_company", "total_area_m2": 1000, "total_heads": 10}


@pytest.mark.parametrize(
    ("facts", "fact", "what"),
    [
        ({"voted_heads": 8, "agreed_heads": 9}, "agreed_heads", "不能多于“参与表决的人数”（8）"),
        ({"voted_heads": 11}, "voted_heads", "不能多于“业主总人数”（10）"),
        ({"voted_area_m2": 1001}, "voted_area_m2", "不能多于“专有部分总面积”（1000）"),
        ({"voted_area_m2": 900, "agreed_area_m2": 901}, "agreed_area_m2", "不能多于"),
        ({"agreed_heads": -1}, "agreed_heads", "不能是负数"),
    ],
)
def test_a_result_that_cannot_be_is_not_judged(facts: dict[str, int], fact: str, what: str) -> None:
    national = load(Path(__file__).parents[3] / "packs", vocabulary(), only=["national"])[0]["national"]
    with pytest.raises(BadFacts, match=what) as refusal:
        decide(national, "governance.motion_result", {**VOTE, **facts}, on=date(2023, 1, 1))
    assert refusal.value.fact == fact


def test_everybody_taking_part_and_agreeing_is_possible() -> None:
    national = load(Path(__file__).parents[3] / "packs", vocabulary(), only=["national"])[0]["national"]
    all_of_it = {"voted_area_m2": 1000, "voted_heads": 10, "agreed_area_m2": 1000, "agreed_heads": 10}
    answer = decide(national, "governance.motion_result", {**VOTE, **all_of_it}, on=date(2023, 1, 1))
    assert answer.value == "passed"
