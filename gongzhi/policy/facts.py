"""Whether a fact that was handed in is what it was declared to be."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from gongzhi.policy.periods import Period
from gongzhi.policy.values import TYPE_CHINESE
from gongzhi.policy.vocabulary import Fact, Question, Type, unknown

if TYPE_CHECKING:
    from gongzhi.policy.pack import Pack


class BadFacts(ValueError):
    """A fact or switch that was handed in does not fit its declaration. `fact` its name."""

    def __init__(self, message: str, fact: str = "") -> None:
        super().__init__(message)
        self.fact = fact


_EXACT = (int, Decimal, Fraction)
_CLASSES: dict[str, tuple[type, ...]] = {
    "bool": (bool,),
    "text": (str,),
    "enum": (str,),
    "role": (str,),
    "matter": (str,),
    "count": (int,),
    "money_fen": (int,),
    "area_m2": _EXACT,
    "yuan": _EXACT,
    "ratio": _EXACT,
    "number": _EXACT,
    "date": (date,),
    "moment": (datetime,),
    "period": (Period,),
}


def check_fact(fact: Fact, value: Any, pack: "Pack") -> None:
    """A fact has exactly its declared type; floats and unknown codes are refused. Raises BadFacts."""
    if fact.type.kind == "list":
        if not isinstance(value, list | tuple | set | frozenset):
            raise BadFacts(f"事实“{fact.title}”（{fact.name}）应是列表", fact.name)
        if fact.type.item is not None:
            for one in value:
                _check(fact, fact.type.item, one, pack)
        return
    _check(fact, fact.type, value, pack)


def _check(fact: Fact, kind: Type, value: Any, pack: "Pack") -> None:
    if type(value) not in _CLASSES[kind.kind]:
        raise BadFacts(
            f"事实“{fact.title}”（{fact.name}）应是{TYPE_CHINESE[kind.kind]}，现在是 {type(value).__name__} {value!r}",
            fact.name,
        )
    if fact.open:
        return
    known: Any = None
    if kind.kind == "enum":
        known = kind.choices
    elif kind.kind == "role":
        known = pack.roles
    elif kind.kind == "matter":
        known = pack.matters
    if known is not None and value not in known:
        raise BadFacts(f"事实“{fact.title}”（{fact.name}）：{unknown('选项', value, known)}", fact.name)


def check_limits(question: Question, facts: Mapping[str, Any], pack: "Pack") -> None:
    """Refuses numbers that cannot be: below nothing, or more than the whole that they are part of. Raises BadFacts."""
    for name in dict.fromkeys(name for pair in question.limits for name in pair):
        value = facts.get(name)
        if value is None:
            continue
        check_fact(question.fact[name], value, pack)
        if value < 0:
            raise BadFacts(f"“{question.fact[name].title}”（{name}）不能是负数：{value}", name)
    for part, whole in question.limits:
        if facts.get(part) is not None and facts.get(whole) is not None and facts[part] > facts[whole]:
            less, more = (f"“{question.fact[name].title}”（{facts[name]}）" for name in (part, whole))
            raise BadFacts(f"{less}不能多于{more}，请核对", part)
