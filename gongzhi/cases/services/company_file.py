"""What a case brings into the file of the company that served the estate, where the place's document says so."""

from typing import Any

from gongzhi.cases.codes import OUTCOMES
from gongzhi.cases.models import Case
from gongzhi.cases.queries.asking import matter_name
from gongzhi.cases.queries.similar import unsettled_alike
from gongzhi.core import services as core
from gongzhi.core.models import Event, Organisation
from gongzhi.policy.answer import Answer
from gongzhi.registry.queries import serving
from gongzhi.registry.queries.reading import listing_of
from gongzhi.registry.services.blacklist import propose_listing
from gongzhi.registry.services.companies import COMPANY
from gongzhi.registry.services.facts import set_fact


def case_opened(event: Event) -> None:
    """Reaction: where the document wants it, a case about the company is a line from the day it was registered."""
    _of_case(event, "case_on_file", happened="opened")


def case_closed(event: Event) -> None:
    """Reaction: the result of a case about the company's own conduct is a line of its file."""
    _of_case(event, "sanctioned", happened="closed", outcome=event.data.get("outcome"))


def company_punished(event: Event) -> None:
    """Reaction to `company.case_ended`: where the document says so, a penalty proposes an entry of the black list."""
    given = {"penalised": event.data["penalised"], "category": event.data.get("category")}
    facts = {name: value for name, value in given.items() if value is not None}
    on = core.local_day(event.at)
    answer = core.ask("enforcement.company_listing", facts, place_path=event.place_path, on=on)
    if answer.ok and (answer.value or {}).get("by"):
        propose_listing(Organisation.objects.get(pk=event.subject_id), because="受到处罚", event=event, answer=answer)


def complained_again(event: Event) -> None:
    """Reaction to `case.opened`: the same matter of an estate, so often and none settled, proposes its company."""
    on = core.local_day(event.at)
    answer = core.ask("cases.repeat_listing", {"matter": event.data["matter"]}, place_path=event.place_path, on=on)
    rule = answer.value if answer.ok else {}
    if not rule or not rule.get("by"):
        return
    case = Case.objects.select_related("estate").get(pk=event.subject_id)
    held = serving(case.estate, core.local_day(case.received_at)) if case.estate is not None else None
    if held is None:
        return
    rows = unsettled_alike(
        case, within=rule.get("within"), leads=rule.get("leads") or (), alike=bool(rule.get("alike"))
    )
    times = 1 + len(rows)
    known = {str(one.pk) for one in rows}
    told = any(
        one.event.subject_id in known for one in listing_of(held.company, on) if one.event.subject_kind == "case"
    )
    if times >= int(rule["cases"]) and not told:
        because = f"同一事项{times}次投诉没有解决（{case.number} {matter_name(case.matter, case)}）"
        propose_listing(held.company, because=because, event=event, answer=answer)


def censured(event: Event) -> None:
    """Reaction: a circular that names the company."""
    if event.data.get("lead") != COMPANY:
        return
    company = Organisation.objects.filter(pk=event.data.get("lead_organisation")).first()
    answer = _wanted(event, happened="censured")
    if company is not None and answer is not None:
        _enter(company, "censured", f"{event.data['number']}：{event.subject_title}", answer, event)


def _of_case(event: Event, name: str, **asked: Any) -> None:
    answer = _wanted(event, **{one: event.data.get(one) for one in ("matter", "nature")}, **asked)
    if answer is None:
        return
    case = Case.objects.select_related("estate").get(pk=event.subject_id)
    held = serving(case.estate, core.local_day(case.received_at)) if case.estate is not None else None
    if held is None:
        return
    words = f"{case.number} {matter_name(case.matter, case)}"
    if case.outcome:
        words += f"：{OUTCOMES[case.outcome]}" + (f"，{case.penalty_number}" if case.penalty_number else "")
    _enter(held.company, name, words, answer, event)


def _wanted(event: Event, **asked: Any) -> Answer | None:
    given = {name: value for name, value in asked.items() if value}
    answer = core.ask("cases.company_file", given, place_path=event.place_path, on=core.local_day(event.at))
    return answer if answer.ok and answer.value is True else None


def _enter(company: Organisation, name: str, words: str, answer: Answer, event: Event) -> None:
    set_fact(company.ref, name, words, from_on=core.local_day(event.at), event=event, answer=answer.to_json())
