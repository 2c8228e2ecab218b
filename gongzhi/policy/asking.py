"""The questions that services ask of a pack."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from gongzhi.policy.answer import Answer
from gongzhi.policy.checks import Finding, Judged, judged
from gongzhi.policy.facts import BadFacts, check_limits
from gongzhi.policy.pack import Pack
from gongzhi.policy.vocabulary import unknown

__all__ = ["BadFacts", "Finding", "check", "compute", "decide"]


def decide(
    pack: Pack, question: str, facts: Mapping[str, Any], *, on: date, switches: Mapping[str, Any] | None = None
) -> Answer:
    """The answer of the documents in force on the day. Facts are typed; one that is not given is left out or None.

    Raises BadFacts for a fact that the question does not know or of a wrong type, KeyError for an unknown question.
    """
    plan = pack._plans.get((question, on)) or pack.plan(question, on)
    if not plan.fact_names.issuperset(facts):
        word = next(one for one in facts if one not in plan.fact_names)
        raise BadFacts(unknown("事实", word, plan.fact_names), word)
    if plan.limits:
        check_limits(plan.question, facts, pack)
    switches = switches or None
    return Answer(plan, facts, switches, plan.run(facts, switches))


compute = decide


def check(
    pack: Pack, record: str, values: Mapping[str, Any], *, on: date, switches: Mapping[str, Any] | None = None
) -> list[Finding]:
    """What the documents find wrong with a record. Raises BadFacts, KeyError as `decide` does."""
    found = check_each(pack, record, values, on=on, switches=switches)
    return [one.finding for one in found if one.finding is not None]


def check_each(
    pack: Pack, record: str, values: Mapping[str, Any], *, on: date, switches: Mapping[str, Any] | None = None
) -> list[Judged]:
    """As `check`, with the checks that the record keeps: every one that applies to it. Raises as `check` does."""
    question = pack.question(record)
    for word in values:
        if word not in question.fact:
            raise BadFacts(unknown("字段", word, question.fact), word)
    return judged(pack, record, values, on=on, switches=switches)
