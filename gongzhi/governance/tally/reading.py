"""From JSON text to the formats; every fault is told in Chinese with the path to the value at fault."""

import json
from collections.abc import Callable
from typing import Any, NoReturn, TypeVar

from pydantic import ValidationError

from gongzhi.governance.tally.events import Ballot, Corrected, Events, Instrument
from gongzhi.governance.tally.parts import Part
from gongzhi.governance.tally.result import Result
from gongzhi.governance.tally.roll import Roll
from gongzhi.governance.tally.rules import Rules

FORMATS: dict[str, type[Part]] = {"roll": Roll, "rules": Rules, "events": Events, "result": Result}
LABELS = {"roll": "名册", "rules": "规则", "events": "记录", "result": "结果"}
P = TypeVar("P", bound=Part)

_Context = dict[str, Any]
_SAYS: dict[str, Callable[[_Context, Any], str]] = {
    "missing": lambda c, v: "缺少这一项",
    "extra_forbidden": lambda c, v: "没有这一项，检查拼写",
    "int_type": lambda c, v: "要写整数，不带引号、不带小数",
    "int_parsing": lambda c, v: "要写整数，不带引号、不带小数",
    "string_type": lambda c, v: "要写文字，带引号",
    "bool_type": lambda c, v: "只能写 true 或 false",
    "tuple_type": lambda c, v: "要写列表 [ ]",
    "dict_type": lambda c, v: "要写对象 { }",
    "model_type": lambda c, v: "要写对象 { }",
    "model_attributes_type": lambda c, v: "要写对象 { }",
    "literal_error": lambda c, v: f"没有“{v}”这个值，可用：{_listed(c.get('expected', ''))}",
    "string_pattern_mismatch": lambda c, v: _pattern(str(c.get("pattern", "")), v),
    "string_too_short": lambda c, v: "不能为空",
    "string_too_long": lambda c, v: f"太长，最多 {c.get('max_length')} 个字",
    "too_short": lambda c, v: f"至少要有 {c.get('min_length')} 项",
    "greater_than_equal": lambda c, v: f"不能小于 {c.get('ge')}",
    "less_than_equal": lambda c, v: f"不能大于 {c.get('le')}",
    "datetime_type": lambda c, v: _MOMENT,
    "datetime_parsing": lambda c, v: _MOMENT,
    "datetime_from_date_parsing": lambda c, v: _MOMENT,
    "timezone_aware": lambda c, v: "时刻要写明时区，如 2026-03-01T09:00:00+08:00",
    "union_tag_invalid": lambda c, v: f"type 没有“{c.get('tag')}”这个值，可用：{_listed(c.get('expected_tags', ''))}",
    "union_tag_not_found": lambda c, v: "缺少 type",
    "value_error": lambda c, v: str(c.get("error", "写法有误")),
}
_MOMENT = "要写时刻，如 2026-03-01T09:00:00+08:00"


class BadInput(ValueError):
    """What was handed in is not in the format; `problems`: one line each, `where: what`."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def read_roll(*, text: str, named: str = "名册") -> Roll:
    return _read(Roll, text, named)


def read_rules(*, text: str, named: str = "规则") -> Rules:
    return _read(Rules, text, named)


def read_events(*, text: str, named: str = "记录") -> Events:
    return _read(Events, text, named)


def problems_between(*, roll: Roll, rules: Rules, events: Events) -> list[str]:
    """What only shows when the three are put side by side."""
    found = []
    if len({roll.poll, rules.poll, events.poll}) > 1:
        found.append(f"三个文件不是同一次表决：名册 {roll.poll}、规则 {rules.poll}、记录 {events.poll}")
    units = {one.unit for one in roll.units}
    units |= {one.unit for one in events.events if isinstance(one, Corrected) and one.row is not None}
    motions = {one.motion for one in rules.motions}
    for at, motion in enumerate(rules.motions):
        missing = _missing_parts(roll, motion.scope.level, motion.scope.of)
        found += [f"规则.motions[{at}].scope.of：名册中没有“{one}”" for one in missing]
    for at, event in enumerate(events.events):
        where = f"记录.events[{at}]"
        named = set(event.units) if isinstance(event, Ballot | Instrument) else set()
        found += [f"{where}.units：名册中没有房屋“{one}”" for one in sorted(named - units)]
        if isinstance(event, Ballot):
            found += [f"{where}.choices：规则中没有事项“{one}”" for one in event.choices if one not in motions]
    return found


def schema(name: str) -> dict[str, Any]:
    """The JSON Schema of one format."""
    model = FORMATS[name]
    made = model.model_json_schema(mode="validation")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **made, "title": f"gongzhi-{name}/1"}


def _missing_parts(roll: Roll, level: str, named: tuple[str, ...]) -> list[str]:
    if level == "estate":
        return []
    attributes = {"units": ("unit",), "parts": ("building", "entrance")}.get(level, (level,))
    known = {getattr(one, attribute) for one in roll.units for attribute in attributes}
    return [one for one in named if one not in known]


def _read(model: type[P], text: str, named: str) -> P:
    _refuse_loose_json(text.removeprefix("\ufeff"), named)
    try:
        return model.model_validate_json(text.removeprefix("\ufeff"))
    except ValidationError as error:
        lines = [_told(named, one) for one in error.errors(include_url=False)]
        raise BadInput(list(dict.fromkeys(lines))) from None


def _refuse_loose_json(text: str, named: str) -> None:
    """A key twice, a fraction and NaN would be read somehow; here they are faults."""
    try:
        json.loads(text, parse_float=_no_fraction, parse_constant=_no_fraction, object_pairs_hook=_no_duplicates)
    except json.JSONDecodeError as error:
        at = f"第 {error.lineno} 行第 {error.colno} 个字处写法有误，检查引号、逗号和括号"
        raise BadInput([f"{named}：不是正确的 JSON：{at if text.strip() else '内容是空的'}"]) from None
    except RecursionError:
        raise BadInput([f"{named}：JSON 层数太多"]) from None
    except ValueError as error:
        raise BadInput([f"{named}：{error}"]) from None


def _no_fraction(written: str) -> NoReturn:
    raise ValueError(f"“{written}”不是整数；面积写成0.01平方米的整数，比例写成“2/3”")


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"键“{next(one for one in names if names.count(one) > 1)}”重复")
    return found


def _told(named: str, error: Any) -> str:
    say = _SAYS.get(error["type"])
    what = say(error.get("ctx", {}), error.get("input")) if say else "写法有误"
    return f"{_path(named, error['loc'])}：{what}"


def _path(named: str, steps: tuple[str | int, ...]) -> str:
    """`记录.events[3].units`; the names of alternatives that pydantic puts in between are left out."""
    path = named
    for step in steps:
        if isinstance(step, int):
            path += f"[{step}]"
        elif not step.isupper() and "[" not in step and not step.startswith(("literal", "tuple", "dict")):
            path += f".{step}"
    return path


def _listed(expected: str) -> str:
    return expected.replace("'", "").replace(" or ", "、").replace(", ", "、")


def _pattern(pattern: str, value: Any) -> str:
    if "/" in pattern:
        return f"“{value}”不是比例，写成“2/3”这样的分数"
    return f"“{value}”不是日期，写成 2026-03-01"
