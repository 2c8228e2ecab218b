import json
from pathlib import Path

from gongzhi.policy.coverage import as_text, coverage
from gongzhi.policy.tests.samples import loaded, write

RULES = """
figures: {days: {value: 15d, unit: period, clause: RT-1}}
decisions:
  - question: t.method
    rows:
      - {when: {approved: yes}, answer: public, clauses: [RT-1]}
      - {when: {}, answer: invited, clauses: [CC-9]}
"""
CLAUSES = """
clauses:
  - {id: RT-1, where: 一, kind: duty, topic: t, says: 甲, strength: must}
  - {id: RT-2, where: 二, kind: duty, topic: t, says: 乙, strength: must}
  - {id: RT-3, where: 三, kind: duty, topic: t, says: 丙, strength: must}
  - {id: CC-9, where: 四, kind: duty, topic: t, says: 丁, strength: must}
"""


def report(folder: Path, passed: dict[str, object] | None = None) -> dict:
    write(folder / "packs", clauses=CLAUSES, rules=RULES)
    if passed is not None:
        (folder / "var").mkdir()
        (folder / "var" / "clauses-passed.json").write_text(json.dumps(passed), encoding="utf-8")
    packs, problems = loaded(folder / "packs")
    assert not problems
    return coverage(packs, folder)


def test_each_clause_names_the_rules_that_carry_it_with_file_and_line(tmp_path: Path):
    rows = {one["id"]: one for one in report(tmp_path)["packs"][0]["clauses"]}
    assert [(one["kind"], one["name"], one["at"]) for one in rows["RT-1"]["carriers"]] == [
        ("figure", "days", "root/rules.yaml:1"),
        ("decision", "t.method 第1行", "root/rules.yaml:5"),
    ]
    assert [one["name"] for one in rows["CC-9"]["carriers"]] == ["t.method 第2行"]
    assert (rows["RT-2"]["carried"], rows["RT-2"]["carriers"]) == (False, [])


def test_without_a_record_of_passed_tests_nothing_is_proved(tmp_path: Path):
    found = report(tmp_path)
    assert found["totals"] == {"count": 4, "carried": 2, "proved": 0, "carried_and_proved": 0, "neither": 2}
    assert found["tests_run"] is None
    assert "都按未证明计" in as_text(found)


def test_only_clauses_with_a_passed_test_are_proved(tmp_path: Path):
    passed = {
        "run_at": "2026-01-01",
        "commit": "abc",
        "clauses": {"RT-1": ["a.py::x"], "RT-2": ["a.py::y"], "RT-3": []},
    }
    found = report(tmp_path, {**passed, "clauses": {**passed["clauses"], "XX-1": ["a.py::z"]}})
    assert found["totals"] == {"count": 4, "carried": 2, "proved": 2, "carried_and_proved": 1, "neither": 1}
    assert found["unknown_in_tests"] == ["XX-1"]
    assert found["tests_run"] == {"run_at": "2026-01-01", "commit": "abc"}


def test_a_name_for_a_role_is_listed_but_carries_no_clause(tmp_path: Path):
    write(tmp_path, rules="terms: {roles: {housing: {name: 区住建局, clause: RT-2}}}")
    (root,) = coverage(loaded(tmp_path)[0], tmp_path)["packs"]
    row = next(one for one in root["clauses"] if one["id"] == "RT-2")
    assert row["carried"] is False and [one["kind"] for one in row["carriers"]] == ["term"]
