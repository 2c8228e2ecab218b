"""Standing facts: values of declared names and types, each with the event it comes from."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from gongzhi.core.errors import Refused
from gongzhi.core.models import Event
from gongzhi.core.refs import Ref
from gongzhi.registry.area_line import AREA_LINE, line_text, points_of
from gongzhi.registry.models import StandingFact
from gongzhi.registry.queries import FACT

EXACT = ("area_m2", "ratio", "yuan", "number")


def set_fact(
    subject: Ref,
    name: str,
    value: Any,
    *,
    from_on: date,
    to_on: date | None = None,
    event: Event,
    answer: Mapping[str, Any] | None = None,
) -> StandingFact:
    """For the packages above: writes down what they decided, with the event (and the answer) it comes from."""
    return StandingFact.objects.create(
        subject_kind=subject.kind,
        subject_id=subject.id,
        place_path=subject.place_path,
        name=name,
        value=None if value is None else stored(name, value),
        from_on=from_on,
        to_on=to_on,
        event=event,
        answer=dict(answer) if answer is not None else None,
        demo=event.demo,
    )


def stored(name: str, value: Any) -> Any:
    """The value as JSON, checked against the type its fact declares. Refuses `bad_fact`."""
    declared = FACT.get(name)
    if declared is None:
        raise LookupError(f"no standing fact {name!r}; declare it in gongzhi/registry/questions.py")
    type_ = declared.type
    fits: dict[str, bool] = {
        "bool": isinstance(value, bool),
        "count": isinstance(value, int) and not isinstance(value, bool) and value >= 0,
        "money_fen": isinstance(value, int) and not isinstance(value, bool),
        "date": isinstance(value, date) and not isinstance(value, datetime),
        "moment": isinstance(value, datetime),
        **dict.fromkeys(EXACT, isinstance(value, Decimal | int) and not isinstance(value, bool)),
    }
    good = fits.get(type_.kind, isinstance(value, str)) and (not type_.choices or value in type_.choices)
    if not good:
        raise Refused("bad_fact", f"“{declared.title}”的值不对，请重新填写。", fields={name: f"请填写{declared.title}"})
    if name == AREA_LINE:
        return line_text(points_of(value))
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if type_.kind in EXACT else value


def told(name: str, text: str) -> Any:
    """The value behind the text that `estate.fact_recorded` carries."""
    kind = FACT[name].type.kind
    if kind == "bool":
        return text == str(True)
    return int(text) if kind in ("count", "money_fen") else text
