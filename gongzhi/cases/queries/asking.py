"""The questions a case puts to the pack in force where it lies, on the day it was received."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db.models import Max

from gongzhi.cases.matters import MATTERS
from gongzhi.cases.models import Case, CaseEntry, Part
from gongzhi.cases.models.case import ROLE_LEVEL
from gongzhi.cases.questions import QUESTIONS
from gongzhi.core import services as core
from gongzhi.core.days import local_day
from gongzhi.core.errors import Refused
from gongzhi.core.models import Event
from gongzhi.policy import Answer, window_state
from gongzhi.policy.vocabulary import Matter
from gongzhi.registry import queries as registry
from gongzhi.registry.questions import FACTS as ESTATE_FACTS

SECONDS = 60
_FACTS = {question.name: frozenset(question.fact) for question in QUESTIONS}
_OF_ESTATE = frozenset(fact.name for fact in ESTATE_FACTS)
_MATTER = {matter.code: matter for matter in MATTERS}


def known_facts(case: Case, on: date) -> dict[str, Any]:
    """What is known of the case and its estate; what is not known is left out, never guessed."""
    return {**estate_facts(case, on), **_own_facts(case)}


def _own_facts(case: Case) -> dict[str, Any]:
    facts = dict(case.facts)
    facts |= {"matter": case.matter, "nature": case.nature, "channel": case.channel}
    if case.lead_role:
        facts["lead"] = case.lead_role
    if case.in_built_up_area is not None:
        facts["in_built_up_area"] = case.in_built_up_area
    return facts


def estate_facts(case: Case, on: date) -> dict[str, Any]:
    """Read once for a row object and day; a page asks several questions of one case."""
    if case.estate is None:
        return {}
    kept: dict[date, dict[str, Any]] = case.__dict__.setdefault("_estate_facts", {})
    if on not in kept:
        kept[on] = registry.estate_facts(case.estate, on)
    return kept[on]


def forget_facts(case: Case) -> None:
    case.__dict__.pop("_estate_facts", None)


def ask_case(case: Case, question: str, on: date | None = None, **facts: Any) -> Answer:
    """The answer for this case: asked for the day of its receipt, so that a later change of rules leaves it alone."""
    day = on or local_day(case.received_at)
    wanted = _FACTS[question]
    known = known_facts(case, day) if wanted & _OF_ESTATE else _own_facts(case)
    given = {name: value for name, value in {**known, **facts}.items() if name in wanted}
    return core.ask(question, given, place_path=case.place_path, on=day)


def stored_route(case: Case) -> Answer | None:
    return Answer.from_json(case.route) if case.route else None


def lacking(case: Case) -> tuple[str, ...]:
    """What routing lacks, in words."""
    route = stored_route(case)
    return (route.explanation.needs_titles if route is not None else ()) or tuple(case.needs)


def route_value(case: Case) -> dict[str, Any]:
    """The fields of the stored routing answer; empty while facts are missing or nobody is competent."""
    answer = stored_route(case)
    return dict(answer.value) if answer is not None and answer.ok and answer.value else {}


def transfer_role(case: Case) -> str:
    """The unit that the lead has to hand the case to, or may; "" where there is none."""
    value = route_value(case)
    return str(value.get("transfer_to") or value.get("may_transfer_to") or "")


def required_steps(case: Case) -> dict[str, tuple[str, ...]]:
    """Steps from the stored route and from the pack's own list, each with its clauses."""
    route = stored_route(case)
    found: dict[str, tuple[str, ...]] = {}
    if route is not None and route.ok:
        found |= dict.fromkeys(route_value(case).get("steps") or (), tuple(route.clauses))
    listed = ask_case(case, "cases.required_steps")
    if listed.ok:
        for step in listed.value or ():
            found[step] = tuple(dict.fromkeys((*found.get(step, ()), *listed.clauses)))
    return found


def first_refusal(record: str, values: Mapping[str, Any], *, place_path: str, on: date) -> Refused | None:
    """All that refuses in a check, as one refusal."""
    try:
        core.run_checks(record, values, place_path=place_path, on=on)
    except Refused as refused:
        return refused
    return None


def closing_facts(case: Case) -> dict[str, Any]:
    """The record that the pack's check of closing looks at."""
    person = case.complaint.complainant
    reachable = bool(person and person.phone_hash) or case.complaint.submitted_by_id is not None
    facts: dict[str, Any] = {
        "channel": case.channel,
        "matter": case.matter,
        "nature": case.nature,
        "lead": case.lead_role or None,
        "in_built_up_area": case.in_built_up_area,
        "verified": case.verified_at is not None,
        "contacted": case.contacted_at is not None,
        "reachable": reachable,
        "on_spot": case.on_spot,
        "handled": case.handled_at is not None,
        "outcome": case.outcome or None,
        "answered": case.answered_at is not None,
        "finding_recorded": case.finding_at is not None,
        "penalty_number": case.penalty_number or None,
        "intervened": case.intervened_at is not None,
        "report_signed": case.reports.filter(signed_at__isnull=False).exists() if case.must_report_up else True,
        "must_report_up": case.must_report_up,
        "called_back": case.called_back_at is not None,
        "silent_helpers": len(silent_helpers(case)),
    }
    return {name: value for name, value in facts.items() if value is not None}


def silent_helpers(case: Case) -> set[int]:
    """The units that were called to help beside the list, and have not told yet what they did."""
    called = set(case.facts.get("convened") or ())
    if not called:
        return set()
    helping = {row.organisation_id for row in case.part_rows() if row.part == Part.SUPPORT}
    told = CaseEntry.objects.filter(case=case, organisation_id__in=called).values_list("organisation_id", flat=True)
    return (called & helping) - set(told)


def response_minutes(case: Case) -> int | None:
    """From the receipt until somebody was on the spot; None while nobody was."""
    if case.verified_at is None:
        return None
    return int((case.verified_at - case.received_at).total_seconds()) // SECONDS


def to_be_judged(case: Case) -> bool:
    """Nobody is named for the matter: a clerk says whose it is before anybody has it."""
    return bool(route_value(case).get("judge_first"))


def says_yes(case: Case, question: str, **facts: Any) -> bool:
    """A question of yes or no; where nothing is said, or a fact is missing, no."""
    answer = ask_case(case, question, **facts)
    return bool(answer.ok and answer.value)


def follow_up(case: Case) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Who calls back and who ends the case, with the clauses."""
    answer = ask_case(case, "cases.follow_up")
    value = dict(answer.value) if answer.ok and answer.value else {}
    return {"call_back_by": "either", "close_by": "lead", "reopens": False, **value}, tuple(answer.clauses)


def window_refusal(case: Case, act: str, now: datetime) -> Refused | None:
    """A pack's window bars the act now; without a window the act is free."""
    on = local_day(now)
    pack = core.pack_for(case.place_path, on)
    if pack is None:
        return None
    moments = Event.objects.filter(subject_kind="case", subject_id=str(case.pk)).values_list("kind").annotate(Max("at"))
    anchors: dict[str, Any] = {**known_facts(case, on), **dict(moments)}
    state = window_state(pack, act, anchors, now, switches=core.switches_for(case.place_path, on, pack=pack))
    if state.open:
        return None
    return Refused("window", f"现在不能办：{state.why}。", clause=tuple(state.clauses))


def matter_name(code: str, case: Case | None = None, *, place_path: str = "", on: date | None = None) -> str:
    """The city's own name of the matter, else the platform's."""
    where, day = (case.place_path, local_day(case.received_at)) if case is not None else (place_path, on)
    pack = core.pack_for(where, day) if where and day is not None else None
    known = _MATTER.get(code)
    return (pack.matter_name(code) if pack else "") or (known.name if known else code)


def matters_at(place_path: str, on: date) -> dict[str, Matter]:
    """The matters that people may choose there: the platform's, under the heads and natures of the place's document,
    and those that it adds."""
    pack = core.pack_for(place_path, on) if place_path else None
    return dict(pack.matters) if pack is not None else dict(_MATTER)


def known_matters(case: Case) -> set[str]:
    return set(matters_at(case.place_path, local_day(case.received_at)))


def route_facts(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Of these facts those that routing asks for."""
    return {name: value for name, value in facts.items() if name in _FACTS["cases.route"]}


def matter_nature(code: str, place_path: str, on: date) -> str:
    known = matters_at(place_path, on).get(code)
    return known.nature if known else "other"


def role_level(role: str, case: Case) -> str:
    """The level of a role, the city's own roles too."""
    pack = core.pack_for(case.place_path, local_day(case.received_at))
    return (pack.role_level(role) if pack is not None else "") or core.role_level(role)


def known_roles(case: Case) -> set[str]:
    pack = core.pack_for(case.place_path, local_day(case.received_at))
    return set(pack.roles) if pack is not None else set(ROLE_LEVEL)


def role_names(roles: Sequence[str], case: Case) -> str:
    on = local_day(case.received_at)
    return "、".join(core.role_name(role, place_path=case.place_path, on=on) for role in roles)
