"""What the document of a place says of enforcement: who leads, who takes part, who has to be there."""

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from gongzhi.core import services as core
from gongzhi.policy.answer import Answer

if TYPE_CHECKING:
    from gongzhi.cases.models import Case


def answer_at(question: str, place_path: str, on: date, **facts: Any) -> Answer | None:
    """None where no document holds."""
    if core.pack_for(place_path, on) is None:
        return None
    return core.ask(f"enforcement.{question}", facts, place_path=place_path, on=on)


def rule(question: str, place_path: str, on: date, **facts: Any) -> tuple[Mapping[str, Any], tuple[str, ...]]:
    """(the fields of the answer, clauses); nothing where no document holds or it lacks a fact."""
    answer = answer_at(question, place_path, on, **facts)
    if answer is None or not answer.ok or not answer.value:
        return {}, tuple(answer.clauses) if answer is not None else ()
    return dict(answer.value), tuple(answer.clauses)


def categories_of(case: "Case") -> tuple[list[str], tuple[str, ...]]:
    """The categories of which the document wants one for a case about a company; none where it names none."""
    named, clauses = rule("company", case.place_path, core.local_day(case.received_at), matter=case.matter)
    return list(named.get("categories") or ()), clauses


def topics(place_path: str, on: date) -> tuple[list[str], tuple[str, ...]]:
    answer = answer_at("topics", place_path, on)
    if answer is None or not answer.ok:
        return [], ()
    return list(answer.value or ()), tuple(answer.clauses)
