import io
import json
from pathlib import Path
from typing import Any

import pytest

from gongzhi.policy.commands import main
from gongzhi.policy.tests.samples import VOCABULARY, write

RULES = """
figures: {large: {value: "300000", unit: m2, clause: RT-1, title: 大项目}}
switches: {off: {title: 从宽, type: bool, default: no, clause: RT-2}}
decisions:
  - question: t.method
    rows:
      - {when: {switch.off: yes}, answer: agreement, clauses: [RT-2]}
      - {when: {area_m2: {at_least: large}}, answer: public, clauses: [RT-1]}
      - {when: {}, answer: invited, clauses: [RT-1]}
checks:
  - {name: approved, on: t.register, must: {approved: yes}, outcome: refuse, says: 要先批准, clauses: [RT-1]}
duties:
  - duty: answer
    title: 答复
    after: case.opened
    owner: {field: lead}
    within: {figure: days}
    until: [case.answered]
    clauses: [RT-2]
"""


class Run:
    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self.capsys = capsys
        self.monkeypatch = monkeypatch

    def __call__(self, *words: str, stdin: str = "") -> tuple[int, str, str]:
        self.monkeypatch.setattr("sys.stdin", io.StringIO(stdin))
        code = main([*words, "--packs", str(self.folder)] if words[0] != "questions" else list(words), VOCABULARY)
        out, err = self.capsys.readouterr()
        return code, out, err

    def ask(self, facts: Any, *more: str, question: str = "t.method") -> tuple[int, str, str]:
        return self("ask", "root", question, "--facts", "-", "--on", "2024-01-01", *more, stdin=json.dumps(facts))


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    rules = RULES.replace("figures: {", "figures: {days: {value: 15d, unit: period, clause: RT-2, title: 期限}, ")
    write(tmp_path, rules=rules)
    return Run(tmp_path, capsys, monkeypatch)


def test_check_prints_a_summary_and_nothing_on_stderr_for_good_packs(run: Run):
    code, out, err = run("packs", "check")
    assert (code, err) == (0, "")
    summary = json.loads(out)
    assert summary["problems"] == 0
    assert (summary["packs"][0]["pack"], summary["packs"][0]["duties"]) == ("root", 1)


def test_check_tells_problems_on_stderr_with_exit_1(run: Run):
    write(run.folder, "city", "CT", rules="figures: {f: {value: x, unit: m2, clause: CT-1}}")
    code, out, err = run("packs", "check")
    assert code == 1
    assert err.startswith("city/rules.yaml:1: ")
    assert json.loads(out)["problems"] == 1
    assert run("packs", "check", "root")[0] == 0
    assert run("packs", "check", "cty")[2] == "cty:1: 未知的规则包“cty”，是否想写“city”\n"


@pytest.mark.parametrize(
    ("area", "value"),
    [
        (300000, "public"),
        ("300000", "public"),
        ("299999.99", "invited"),
        (299999.99, "invited"),
        ("300000.01", "public"),
    ],
)
def test_ask_reads_numbers_given_as_numbers_or_as_text_exactly(run: Run, area: Any, value: str):
    code, out, _ = run.ask({"area_m2": area})
    answer = json.loads(out)
    assert (code, answer["value"], answer["needs"], answer["pack"], answer["on"]) == (
        0,
        value,
        [],
        "root",
        "2024-01-01",
    )


def test_ask_says_what_is_needed_and_that_is_no_error(run: Run):
    code, out, err = run.ask({})
    assert (code, err) == (0, "")
    assert json.loads(out)["needs"] == ["area_m2"]
    assert json.loads(out)["state"] == "needs"


def test_ask_takes_switches_and_shows_chinese_text(run: Run):
    assert json.loads(run.ask({}, "--switch", "off=yes")[1])["value"] == "agreement"
    text = run.ask({"area_m2": 1}, "--text")[1]
    assert "答：invited" in text
    assert "说明：文件未规定：从宽，按平台默认“否”" in text


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        ({"area": 1}, "未知的事实“area”，是否想写“area_m2”"),
        ({"area_m2": "大"}, "事实 area_m2（面积）：“大”不是数"),
        ({"area_m2": True}, "应是精确的数"),
        ({"area_m2": -1}, "不能为负数"),
        ({"bidders": 1.5}, "不是整数"),
        ({"approved": "maybe"}, "应是 yes 或 no"),
        ({"held_on": "明天"}, "请写成 2022-05-01"),
        ({"kind": "house"}, "未知的选项“house”"),
        ({"matter": "nose"}, "未知的事项“nose”，是否想写“noise”"),
        ({"tags": "a"}, "应是列表"),
        ([1], "事实应是 JSON 对象"),
    ],
)
def test_ask_refuses_bad_facts_with_what_to_do(run: Run, facts: Any, told: str):
    code, out, err = run.ask(facts)
    assert (code, out) == (1, "")
    assert told in err


def test_ask_tells_every_bad_fact_at_once(run: Run):
    assert len(run.ask({"area": 1, "bidders": "x", "approved": "x"})[2].splitlines()) == 3


@pytest.mark.parametrize(
    "text", ["{", '{"area_m2": NaN}', '{"area_m2": 1, "area_m2": 2}', "[" * 100_000, '{"area_m2": 1e999999}']
)
def test_ask_refuses_what_is_no_clean_json(run: Run, text: str):
    code, _, err = run("ask", "root", "t.method", "--facts", "-", "--on", "2024-01-01", stdin=text)
    assert code == 1
    assert err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("ask", "roo", "t.method"), "未知的规则包“roo”，是否想写“root”"),
        (("ask", "root", "t.metod"), "未知的问题“t.metod”，是否想写“t.method”"),
        (("ask", "root", "t.method", "--on", "2024-13-01"), "--on：“2024-13-01”不是日期"),
        (("ask", "root", "t.method", "--switch", "of=yes"), "未知的配置“of”，是否想写“off”"),
        (("ask", "root", "t.method", "--switch", "off"), "--switch 要写成 名称=值"),
        (("ask", "root", "t.method", "--switch", "off=perhaps"), "应是 yes 或 no"),
        (("ask", "root", "t.method", "--facts", "/nowhere.json"), "读不出 /nowhere.json"),
        (("packs", "check", "--sources", "/nowhere"), "找不到原文文件夹"),
    ],
)
def test_a_wrong_request_is_refused_in_chinese_with_exit_1(run: Run, words: tuple[str, ...], told: str):
    code, _, err = run(*words)
    assert code == 1
    assert told in err


def test_a_check_question_answers_with_findings(run: Run):
    answer = json.loads(run.ask({"approved": False}, question="t.register")[1])
    assert answer["ok"] is False
    assert [one["name"] for one in answer["findings"]] == ["approved"]
    assert json.loads(run.ask({"approved": True}, question="t.register")[1])["ok"] is True


def test_simulate_plays_events_up_to_a_moment(run: Run):
    events = [{"kind": "case.opened", "at": "2024-03-01T10:00+08:00", "subject": "case:1", "data": {"lead": "housing"}}]
    code, out, _ = run("simulate", "root", "--events", "-", "--at", "2024-03-10T09:00+08:00", stdin=json.dumps(events))
    (duty,) = json.loads(out)
    assert (code, duty["duty"], duty["state"]) == (0, "answer", "open")
    assert run("simulate", "root", "--events", "-", "--at", "昨天", stdin="[]")[0] == 1
    bad = json.dumps([{"kind": "case.opend", "at": "2024-03-01T10:00+08:00"}])
    assert "case.opend" in run("simulate", "root", "--events", "-", "--at", "2024-03-10T09:00+08:00", stdin=bad)[2]


def test_show_gives_the_effective_pack_with_files_and_lines(run: Run):
    shown = json.loads(run("packs", "show", "root")[1])
    assert shown["figures"][1]["at"].startswith("root/rules.yaml:")
    assert {one["question"] for one in shown["rules"]} == {"t.method"}


def test_questions_lists_every_word_that_a_pack_may_use(run: Run):
    words = json.loads(run("questions", "--json")[1])
    assert set(words) == {"questions", "events", "roles", "matters", "measures", "units"}
    method = next(one for one in words["questions"] if one["name"] == "t.method")
    assert method["facts"][0]["choices"] == {"home": "住宅", "shop": "商铺", "mixed": "混合"}
    assert method["facts"][1]["unit"] == "m2"
    returns = next(one for one in words["questions"] if one["name"] == "t.returns")
    assert returns["default"] == 2
    assert list(json.loads(run("questions", "--json", "--events")[1])) == ["events"]
    assert "t.method  用什么方式" in run("questions")[1]
    assert "housing  住建局  county" in run("questions", "--roles")[1]


def test_wrong_use_is_told_with_exit_2(run: Run):
    assert run("packs", "chek")[0] == 2
    assert run("ask", "root")[0] == 2
