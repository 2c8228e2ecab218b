"""What authors of packs get wrong by accident: told in Chinese with file and line, and blamed on nothing else."""

from pathlib import Path

import pytest

from gongzhi.policy import load
from gongzhi.policy.simulate import BadEvents, simulate
from gongzhi.policy.tests.samples import VOCABULARY, pack, problems, write

DUTY = """
    figures: {days: {value: 10d, unit: period, clause: RT-2}, more: {value: 5d, unit: period, clause: RT-2}}
    duties:
      - duty: answer
        title: 答复
        after: [case.opened]
        owner: {field: lead}
        within: {figure: days}
        counts: {field: received_at}
        until: [case.answered]
        extension: {by: [housing], after: [case.answered], at_most: 1, for: {figure: more}}
        clauses: [RT-2]
"""
CITY = "decisions: [{question: t.deadline, overrides: root, answer: 3d, clauses: [CT-1]}]"
NOTICE = """
    instruments:
      notice: {{name: 催办单, number: "{number}", issuer: {{role: housing}}, body: "{body}", clauses: [RT-2]}}
"""
OPENED = {"kind": "case.opened", "at": "2022-09-05T10:00+08:00", "subject": "case:1"}


def only(folder: Path, what: str) -> None:
    found = problems(folder)
    assert len(found) == 1 and what in found[0], "\n".join(found)


def test_a_fault_of_pack_yaml_is_not_blamed_on_the_other_files(tmp_path: Path):
    write(tmp_path, rules="decisions: [{question: t.deadline, answer: 15d, clauses: [RT-1]}]")
    write(tmp_path, "city", "CT", rules=CITY)
    path = tmp_path / "city/pack.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("2022-01-01", "2022-02-30"), encoding="utf-8")
    only(tmp_path, "city/pack.yaml:6: from：“2022-02-30”不是日期")


def test_a_document_that_ends_before_it_begins_is_refused(tmp_path: Path):
    write(tmp_path)
    path = tmp_path / "root/pack.yaml"
    path.write_text(path.read_text(encoding="utf-8") + "to: 2021-12-31\n", encoding="utf-8")
    only(tmp_path, "to（2021-12-31）早于 from（2022-01-01）")


@pytest.mark.parametrize(
    ("extends", "what"), [("rot", "未知的上级规则包“rot”，是否想写“root”"), ("city", "成环：city → city")]
)
def test_a_wrong_ancestor_is_the_only_fault_told(tmp_path: Path, extends: str, what: str):
    write(tmp_path, rules="decisions: [{question: t.deadline, answer: 15d, clauses: [RT-1]}]")
    write(tmp_path, "city", "CT", rules=CITY)
    path = tmp_path / "city/pack.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("extends: root", f"extends: {extends}"), encoding="utf-8")
    found = [str(one) for one in load(tmp_path, VOCABULARY, only=["city"])[1]]
    assert len(found) == 1 and what in found[0], found


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("terms: " + "[" * 3000 + "]" * 3000, "层数太多"),
        ("terms:\n  roles: {a\x00b: {}}", "看不见的控制字符"),
        ("switches:\n\t- a", "制表符请改用空格"),
        ("checks:\n  - name： x\n    on: y", "全角“：”"),
        ("figures: {a: {value: 1", "没有以 } 收尾"),
        ("figures: {}\n---\nfigures: {}", "删去“---”"),
    ],
)
def test_broken_yaml_is_told_in_chinese(tmp_path: Path, text: str, what: str):
    write(tmp_path, rules=text)
    only(tmp_path, what)
    assert not any("expected" in one or "found" in one for one in problems(tmp_path))


def test_what_is_no_file_is_told_and_does_not_stop_the_rest(tmp_path: Path):
    write(tmp_path)
    (tmp_path / "root/folder.yaml").mkdir()
    (tmp_path / "root/gone.yaml").symlink_to("/nowhere/at/all.yaml")
    assert [one.split(": ")[0] for one in problems(tmp_path)] == ["root/folder.yaml:1", "root/gone.yaml:1"]


@pytest.mark.parametrize("every", ["{month: 1, week: 1}", "{month: 0}", "{starts: [case.opened]}"])
def test_a_recurring_duty_has_one_period_of_at_least_one(tmp_path: Path, every: str):
    duty = f"{{duty: d, title: 查, after: [case.opened], owner: {{field: lead}}, every: {every}, clauses: [RT-2]}}"
    write(tmp_path, rules=f"duties: [{duty}]")
    only(tmp_path, "every 要写一种周期")


def test_a_negative_figure_is_refused(tmp_path: Path):
    write(tmp_path, rules='figures: {few: {value: "-20", unit: count, clause: RT-1}}')
    only(tmp_path, "参数不能是负数，现在是“-20”")


@pytest.mark.parametrize(
    ("table", "what"),
    [
        ('{hom: "1", shop: "2", mixed: "3"}', "未知的选项“hom”，是否想写“home”"),
        ('{home: "1", shop: "2"}', "缺 kind=mixed"),
    ],
)
def test_a_looked_up_table_has_every_choice_of_its_fact(tmp_path: Path, table: str, what: str):
    write(
        tmp_path,
        rules=f"""
        figures: {{price: {{unit: fen/m2, clause: RT-1, by: [kind], table: {table}}}}}
        formulas:
          - {{question: t.charge, answer: "round(area_m2 * lookup(price, kind), fen, half_up)", clauses: [RT-1]}}
        """,
    )
    only(tmp_path, what)


@pytest.mark.parametrize(
    ("number", "body", "what"),
    [
        ("催〔{year}〕{seq}号", "请在{newdue}前办结", "未知的填空“newdue”，是否想写“new_due”"),
        ("催〔{year}〕号", "请办结", "文号里要有 {seq}"),
        ("催〔{year}〕{seq}号", "请在{due前办结", "花括号不成对"),
    ],
)
def test_an_instrument_is_filled_with_words_that_the_platform_has(tmp_path: Path, number: str, body: str, what: str):
    write(tmp_path, rules=NOTICE.format(number=number, body=body))
    only(tmp_path, what)


@pytest.mark.parametrize("answer", ["-" * 400 + "area_m2", " + ".join(["area_m2"] * 2000)])
def test_an_endless_expression_is_told_shortly(tmp_path: Path, answer: str):
    write(tmp_path, rules=f'formulas: [{{question: t.area, answer: "{answer}", clauses: [RT-1]}}]')
    found = problems(tmp_path)
    assert all("Traceback" not in one and len(one) < 200 for one in found), found


def test_a_source_in_the_older_encoding_is_read_and_only_the_named_pack_is_looked_up(tmp_path: Path):
    anchored = """
    source: {slug}.txt
    clauses:
      - {{id: {prefix}-1, where: 一, kind: duty, topic: t, says: 甲, strength: must, anchor: 十五日内答复}}
    """
    write(tmp_path / "packs", clauses=anchored.format(slug="root", prefix="RT"))
    write(tmp_path / "packs", "city", "CT", clauses=anchored.format(slug="city", prefix="CT"))
    (tmp_path / "city.txt").write_bytes("应当在十五日内答复投诉人".encode("gb18030"))
    assert load(tmp_path / "packs", VOCABULARY, sources=tmp_path, only=["city"])[1] == []
    (lost,) = load(tmp_path / "packs", VOCABULARY, sources=tmp_path)[1]
    assert lost.file == "root/clauses.yaml" and "root.txt" in lost.message


def test_the_data_of_events_is_typed_and_every_fault_told_at_once(tmp_path: Path):
    one = pack(write(tmp_path, rules=DUTY))
    wrong = {**OPENED, "data": {"lead": "housin", "received_at": "2022-13-01"}}
    with pytest.raises(BadEvents) as refusal:
        simulate(one, [wrong, {**OPENED, "kind": "case.opend"}], "2022-09-10T09:00+08:00")
    lines = str(refusal.value).split("\n")
    assert "未知的职责“housin”，是否想写“housing”" in lines[0]
    assert "2022-13-01" in lines[1] and lines[2].startswith("第2个事件")


@pytest.mark.parametrize("at", ["9999-12-31T23:00+08:00", "0001-01-01T00:00+14:00", "9999-12-31T24:00-12:00"])
def test_a_moment_far_from_any_policy_is_refused(tmp_path: Path, at: str):
    one = pack(write(tmp_path, rules=DUTY))
    with pytest.raises(BadEvents, match="超出范围|只推演"):
        simulate(one, [], at)


def test_an_event_that_stands_for_consent_extends_once(tmp_path: Path):
    rules = DUTY.replace("until: [case.answered]", "manual: answered")
    one = pack(write(tmp_path, rules=rules))
    opened = {**OPENED, "data": {"lead": "planning", "received_at": OPENED["at"]}}
    consent = {"kind": "case.answered", "at": "2022-09-07T10:00+08:00", "subject": "case:1", "data": {}}
    (duty,) = simulate(one, [opened, consent], "2022-09-08T09:00+08:00")
    assert duty["due"] == "2022-09-20T24:00+08:00"
    (duty,) = simulate(one, [opened, consent, consent], "2022-09-08T09:00+08:00")
    assert duty["due"] == "2022-09-20T24:00+08:00" and "延期没有生效" in duty["explanation"][-1]
