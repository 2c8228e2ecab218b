"""`gongzhi tally`: files in, JSON out, every fault in Chinese with its path; schemas; the example of the docs."""

import json
from pathlib import Path
from typing import Any

import pytest

from gongzhi.governance.tally.commands import main
from gongzhi.governance.tally.reading import BadInput, read_events, read_roll, read_rules, schema
from gongzhi.governance.tally.result import Result
from gongzhi.governance.tally.rules import VALUES, Settings
from gongzhi.site.cli import main as gongzhi

EXAMPLES = Path(__file__).resolve().parents[3] / "docs" / "examples"
FILES = [word for name in ("roll", "rules", "events") for word in (f"--{name}", str(EXAMPLES / f"tally-{name}.json"))]


def _example(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((EXAMPLES / f"tally-{name}.json").read_text(encoding="utf-8"))
    return found


def test_the_example_of_the_docs_is_counted(capsys: pytest.CaptureFixture[str]) -> None:
    assert gongzhi(["tally", *FILES]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [one["outcome"] for one in found["motions"]] == ["passed", "passed", "elected"]
    assert Result.model_validate_json(json.dumps(found)).poll == "2026-03-hr"


def test_the_result_printed_in_the_docs_is_the_result(capsys: pytest.CaptureFixture[str]) -> None:
    main(FILES)
    printed = json.loads(capsys.readouterr().out)
    assert printed == _example("result")


def test_the_same_files_give_the_same_bytes(capsys: pytest.CaptureFixture[str]) -> None:
    main(FILES)
    first = capsys.readouterr().out
    main(FILES)
    assert capsys.readouterr().out == first


def test_the_detail_is_given_when_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    main([*FILES, "--detail", "--no-sensitivity"])
    found = json.loads(capsys.readouterr().out)
    assert len(found["units"]) == 7 and found["sensitivity"] == []


def test_without_a_name_all_the_schemas_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--schema"]) == 0
    assert json.loads(capsys.readouterr().out) == {one: schema(one) for one in ("events", "result", "roll", "rules")}


@pytest.mark.parametrize("name", ["roll", "rules", "events", "result"])
def test_each_format_has_a_schema(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--schema", name]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["title"] == f"gongzhi-{name}/1"
    assert found["additionalProperties"] is False
    stored = json.loads((EXAMPLES.parent / f"tally-{name}.schema.json").read_text(encoding="utf-8"))
    assert stored == found, f"gongzhi tally --schema {name} > docs/tally-{name}.schema.json"


def test_every_mode_has_its_words() -> None:
    """Each value that a setting may take is explained, and nothing else is."""
    definitions = schema("rules")["$defs"]
    for name, field in Settings.model_fields.items():
        made: Any = field.annotation
        values = definitions[made.__name__]["properties"].get("value", {}).get("enum", [])
        assert set(values) == set(VALUES.get(name, {})), name


def test_the_page_names_every_field_and_mode() -> None:
    page = (EXAMPLES.parent / "tally.md").read_text(encoding="utf-8")
    words = {value for values in VALUES.values() for value in values} | set(VALUES)
    for name in ("roll", "rules", "events", "result"):
        made = schema(name)
        for part in (made, *made["$defs"].values()):
            words |= set(part.get("properties", {}))
    assert not {word for word in words if f"`{word}`" not in page}


def _broken(name: str, change: Any) -> list[str]:
    data = _example(name)
    change(data)
    reader = {"roll": read_roll, "rules": read_rules, "events": read_events}[name]
    with pytest.raises(BadInput) as caught:
        reader(text=json.dumps(data))
    return caught.value.problems


@pytest.mark.parametrize(
    ("name", "change", "problem"),
    [
        (
            "roll",
            lambda d: d["units"][0].update(area=89.5),
            "名册：“89.5”不是整数；面积写成0.01平方米的整数，比例写成“2/3”",
        ),
        ("roll", lambda d: d["units"][0].update(area="8950"), "名册.units[0].area：要写整数，不带引号、不带小数"),
        ("roll", lambda d: d["units"][0].pop("owners"), "名册.units[0].owners：缺少这一项"),
        ("roll", lambda d: d["units"][2].update(owner="x"), "名册.units[2].owner：没有这一项，检查拼写"),
        (
            "roll",
            lambda d: d.update(frozen_at="2026-02-20T09:00:00"),
            "名册.frozen_at：时刻要写明时区，如 2026-03-01T09:00:00+08:00",
        ),
        ("roll", lambda d: d["units"].append(d["units"][0]), "名册：房屋 1-101 在名册中重复"),
        (
            "roll",
            lambda d: d["units"][1].update(nominee="丁"),
            "名册.units[1]：房屋 1-102 推定的表决人 丁 不在共有人中",
        ),
        (
            "roll",
            lambda d: d["units"][5].update(owners=["甲", "乙"]),
            "名册.units[5]：房屋 2-102 尚未出售或交付，业主只写建设单位一个",
        ),
        (
            "rules",
            lambda d: d["motions"][0]["approval"].update(area="50%"),
            "规则.motions[0].approval.area：“50%”不是比例，写成“2/3”这样的分数",
        ),
        (
            "rules",
            lambda d: d["settings"]["merge"].update(value="same"),
            "规则.settings.merge.value：没有“same”这个值，可用：same_owner_set、any_common_owner、none",
        ),
        (
            "rules",
            lambda d: d["window"].update(opens_at="2026-04-01T09:00:00+08:00"),
            "规则.window：开始时刻要早于截止时刻",
        ),
        (
            "rules",
            lambda d: d["settings"]["silence"].update(contested=["x"]),
            "规则.settings：silence.contested 中没有“x”这种读法",
        ),
        (
            "rules",
            lambda d: d["settings"].update(precedence={"value": "by_channel"}),
            "规则.settings.precedence：按渠道定先后的，要在 order 中写明渠道的次序",
        ),
        ("events", lambda d: d["events"][4].update(id="b2"), "记录：选票编号 b2 重复"),
        (
            "events",
            lambda d: d["events"][5].update(channel="fax"),
            "记录.events[5].channel：没有“fax”这个值，可用：phone、desk、paper、official",
        ),
        (
            "events",
            lambda d: d["events"][0].update(published_on="3月1日"),
            "记录.events[0].published_on：“3月1日”不是日期，写成 2026-03-01",
        ),
        ("events", lambda d: d["events"][1].update(type="START"), "记录.events[1]：type 没有“START”这个值"),
    ],
)
def test_a_fault_is_told_with_its_path(name: str, change: Any, problem: str) -> None:
    assert any(one.startswith(problem) for one in _broken(name, change)), _broken(name, change)


def test_a_key_twice_is_a_fault() -> None:
    with pytest.raises(BadInput, match="键“poll”重复"):
        read_roll(text='{"poll": "a", "poll": "b"}')


@pytest.mark.parametrize("text", ["", "{", "[NaN]", "1e3", "[" * 100_000])
def test_what_is_not_json_is_told_so(text: str) -> None:
    with pytest.raises(BadInput):
        read_events(text=text)


def test_all_faults_of_all_files_come_at_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    roll, rules = _example("roll"), _example("rules")
    del roll["poll"], rules["window"]
    (tmp_path / "roll.json").write_text(json.dumps(roll), encoding="utf-8")
    (tmp_path / "rules.json").write_text(json.dumps(rules), encoding="utf-8")
    given = ["--roll", str(tmp_path / "roll.json"), "--rules", str(tmp_path / "rules.json"), "--events", "nowhere"]
    assert main(given) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.splitlines() == ["名册.poll：缺少这一项", "规则.window：缺少这一项", "记录：没有文件 nowhere"]


def test_the_three_files_must_belong_together(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    events = _example("events") | {"poll": "another"}
    events["events"][4]["units"] = ["9-999"]
    events["events"][4]["choices"]["m9"] = "agree"
    (tmp_path / "events.json").write_text(json.dumps(events), encoding="utf-8")
    assert main([*FILES[:4], "--events", str(tmp_path / "events.json")]) == 1
    assert capsys.readouterr().err.splitlines() == [
        "三个文件不是同一次表决：名册 2026-03-hr、规则 2026-03-hr、记录 another",
        "记录.events[4].units：名册中没有房屋“9-999”",
        "记录.events[4].choices：规则中没有事项“m9”",
    ]


def test_what_is_missing_on_the_command_line_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--roll", "x"]) == 2
    assert "缺少 --rules、--events" in capsys.readouterr().err
