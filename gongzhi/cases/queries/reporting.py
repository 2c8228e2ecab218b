"""What the document says of reporting what was found: whether, to whom, which levels learn of it."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from gongzhi.cases.models import Problem
from gongzhi.cases.queries.asking import route_facts
from gongzhi.core import services as core
from gongzhi.core.days import local_day
from gongzhi.core.models import Organisation
from gongzhi.policy import Period, deadline
from gongzhi.registry import queries as registry

BESIDE = ("street_office", "community_station", "community_committee")
LOCAL = ("community", "street")
SECONDS = 60


def chosen(matter: str, law_field: str, extent: str) -> dict[str, Any]:
    given = {"matter": matter, "law_field": law_field, "extent": extent}
    return {name: value for name, value in given.items() if value}


def reporting_rule(problem: Problem, *, on: date) -> tuple[dict[str, Any], tuple[str, ...]]:
    """What the document says of reporting it, with the clauses."""
    facts: dict[str, Any] = {"by": problem.keeper.role, **chosen(problem.matter, "", problem.extent)}
    if problem.stop_effective is not None:
        facts["effective"] = problem.stop_effective
    answer = core.ask("enforcement.reporting", facts, place_path=problem.place_path, on=on)
    value = dict(answer.value) if answer.ok and answer.value else {"may": True}
    return value, tuple(answer.clauses)


def report_targets(problem: Problem, *, on: date) -> list[tuple[str, Organisation]]:
    """Whom the pack recommends to report it to: who leads such a matter, then the street and the community."""
    named = reporting_rule(problem, on=on)[0].get("to")
    roles = tuple(named or BESIDE)
    lead = None if named else lead_unit(problem, on=on)
    found = registry.organisations_for(roles, problem.place_path, estate=problem.estate)
    units = [*([lead] if lead is not None else []), *(found[role] for role in roles if role in found)]
    return [(one.role, one) for one in dict.fromkeys(units) if one != problem.keeper]


def lead_unit(problem: Problem, *, on: date) -> Organisation | None:
    """The department that leads such matters there."""
    if not problem.matter:
        return None
    facts = {**registry.estate_facts(problem.estate, on), **chosen(problem.matter, "", problem.extent)}
    answer = core.ask("cases.route", route_facts(facts), place_path=problem.place_path, on=on)
    role = str((answer.value or {}).get("lead") or "") if answer.ok else ""
    return registry.organisation_for(role, problem.place_path, problem.estate) if role else None


def levels_of(problem: Problem, *, on: date) -> list[tuple[Organisation, bool]]:
    """The levels that the document wants told, each with whether it was."""
    rule = reporting_rule(problem, on=on)[0]
    roles = rule.get("levels") or ()
    units = registry.organisations_for(roles, problem.place_path, estate=problem.estate)
    wanted = [units[role] for role in roles if role in units]
    lead = lead_unit(problem, on=on) if rule.get("lead_too") else None
    told = [one.organisation for one in problem.reports.select_related("organisation")]
    return [
        (unit, any(_same_level(unit, one) for one in told))
        for unit in dict.fromkeys([*wanted, *([lead] if lead is not None else [])])
    ]


def _same_level(unit: Organisation, other: Organisation) -> bool:
    """The station and the committee of a community are one level of it, the offices of a street another."""
    if unit.pk == other.pk:
        return True
    level = core.role_level(unit.role)
    return level in LOCAL and unit.place_id == other.place_id and core.role_level(other.role) == level


@dataclass(frozen=True)
class Interval:
    """From dissuading to reporting. `late` is None where the document says nothing of it."""

    minutes: int
    late: bool | None
    clauses: tuple[str, ...]


def interval_of(problem: Problem) -> Interval | None:
    if problem.stopped_at is None or problem.reported_up_at is None:
        return None
    on = local_day(problem.reported_up_at)
    rule, clauses = reporting_rule(problem, on=on)
    pack = core.pack_for(problem.place_path, on)
    late = None
    if rule.get("within") and pack is not None and problem.stop_effective is not True:
        within = Period.parse(str(rule["within"]))
        due = deadline(start=problem.stopped_at, period=within, calendar=pack.calendar)
        late = problem.reported_up_at >= due.due_at
    return Interval(minutes_between(problem.stopped_at, problem.reported_up_at), late, clauses)


def minutes_between(first: datetime, last: datetime) -> int:
    return int((last - first).total_seconds()) // SECONDS
