"""Text and JSON become typed values, once, at the border: facts, switches, literals of conditions and answers."""

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from gongzhi.policy.periods import CHINA, Period
from gongzhi.policy.problems import PackFault
from gongzhi.policy.schema_base import exact, parse_date, parse_number, parse_period, parse_whole
from gongzhi.policy.units import Unit, unit
from gongzhi.policy.vocabulary import Type, unknown

TYPE_CHINESE = {
    "bool": "是否",
    "text": "文字",
    "count": "整数",
    "area_m2": "面积（平方米）",
    "money_fen": "金额（整分）",
    "yuan": "金额（元）",
    "ratio": "比例",
    "number": "数",
    "date": "日期",
    "moment": "时间",
    "period": "期限",
    "role": "职责",
    "matter": "事项",
    "enum": "选项",
    "list": "列表",
}
_BOOLS = {"yes": True, "no": False, "true": True, "false": False, "是": True, "否": False}


class Words:
    """The codes that roles and matters may take in one pack: the platform's and those the pack adds."""

    def __init__(self, roles: Iterable[str], matters: Iterable[str]) -> None:
        self.roles = frozenset(roles)
        self.matters = frozenset(matters)


def typed(value: Any, kind: Type, words: Words, *, open_choices: bool = False) -> Any:
    """The value as its type. Raises PackFault in Chinese; None stays None (not given)."""
    if value is None:
        return None
    if kind.kind == "list":
        if isinstance(value, str | Mapping) or not isinstance(value, Iterable):
            raise PackFault(f"应是列表，现在是“{value}”")
        item = kind.item
        if item is None:
            raise PackFault("列表没有写明元素类型")
        return [typed(one, item, words, open_choices=open_choices) for one in value]
    return _READ[kind.kind](value, kind, words, open_choices)


def typed_switch(value: Any, kind: Type, words: Words) -> Any:
    """The value of a switch; of several roles also as they are kept and typed in: one text with commas."""
    if kind.kind == "list" and isinstance(value, str):
        value = [one.strip() for one in _COMMAS.split(value) if one.strip()]
    found = typed(value, kind, words)
    return tuple(dict.fromkeys(found)) if isinstance(found, list) else found


_COMMAS = re.compile("[,，、;；]")


def _bool(value: Any, *_: Any) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value in _BOOLS:
        return _BOOLS[value]
    raise PackFault(f"应是 yes 或 no，现在是“{value}”")


def _text(value: Any, *_: Any) -> str:
    if isinstance(value, str):
        return value
    raise PackFault(f"应是文字，现在是“{value}”")


def _enum(value: Any, kind: Type, _words: Words, open_choices: bool) -> str:
    word = _BOOLS_BACK.get(value, value) if isinstance(value, bool) else value
    if not isinstance(word, str):
        raise PackFault(f"应是选项代码，现在是“{value}”")
    if word not in kind.choices and not open_choices:
        raise PackFault(f"{unknown('选项', word, kind.choices)}；可用：{'、'.join(kind.choices)}")
    return word


_BOOLS_BACK = {True: "yes", False: "no"}


def _whole(value: Any, *_: Any) -> int:
    if isinstance(value, Decimal | Fraction):
        value = parse_number(value)
    number = parse_whole(value)
    if number < 0:
        raise PackFault(f"不能为负数：{number}")
    return number


def _number(value: Any, *_: Any) -> int | Decimal | Fraction:
    if isinstance(value, bool | float):
        raise PackFault(f"应是精确的数，现在是“{value}”")
    return parse_number(value)


def _area(value: Any, *_: Any) -> int | Decimal | Fraction:
    number = _number(value)
    if number < 0:
        raise PackFault(f"不能为负数：{number}")
    return number


def _date(value: Any, *_: Any) -> date:
    return value.astimezone(CHINA).date() if isinstance(value, datetime) else parse_date(value)


def _moment(value: Any, *_: Any) -> datetime:
    try:
        moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    except ValueError:
        raise PackFault(f"“{value}”不是时间，请写成 2022-05-01T09:00+08:00") from None
    if moment.tzinfo is None:
        raise PackFault(f"“{value}”没有时区，请写成 2022-05-01T09:00+08:00")
    return moment


def _period(value: Any, *_: Any) -> Period:
    return parse_period(value)


def _role(value: Any, _kind: Type, words: Words, open_choices: bool) -> str:
    if not isinstance(value, str) or (value not in words.roles and not open_choices):
        raise PackFault(unknown("职责", str(value), words.roles))
    return value


def _matter(value: Any, _kind: Type, words: Words, open_choices: bool) -> str:
    if not isinstance(value, str) or (value not in words.matters and not open_choices):
        raise PackFault(unknown("事项", str(value), words.matters))
    return value


_READ: dict[str, Any] = {
    "bool": _bool,
    "text": _text,
    "enum": _enum,
    "count": _whole,
    "money_fen": _whole,
    "area_m2": _area,
    "yuan": _number,
    "ratio": _number,
    "number": _number,
    "date": _date,
    "moment": _moment,
    "period": _period,
    "role": _role,
    "matter": _matter,
}


def unit_of(kind: Type) -> Unit | None:
    return unit(kind.unit) if kind.numeric and kind.unit else None


def number_text(value: Any) -> str:
    """As people write it: without an exponent, a fraction as 2/3."""
    number = exact(Fraction(value)) if isinstance(value, int | Decimal | Fraction) else value
    return f"{number:f}" if isinstance(number, Decimal) else str(number)


def key_text(value: Any) -> str:
    """A value as a key of a figure's table."""
    if isinstance(value, bool):
        return _BOOLS_BACK[value]
    return number_text(value) if isinstance(value, int | Decimal | Fraction) else str(value)
