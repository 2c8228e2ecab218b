"""The scene's own work of offices and companies: 督查, 交办, 工作交办单, 检查单 and the company's register."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from gongzhi.cases.accountability.services import inspections, sheets, tasks
from gongzhi.cases.services import checks, problems
from gongzhi.core.actors import Actor
from gongzhi.core.days import local_day
from gongzhi.core.models import Organisation, Place
from gongzhi.registry.models import Estate


class Office:
    """Does the steps of `office` in the scene; `made` holds what earlier steps made, by their key."""

    def __init__(self, *, estates: dict[str, Estate], county: Place) -> None:
        self.estates = estates
        self.county = county
        self.made: dict[str, Any] = {}

    def do(self, name: str, key: str, given: dict[str, Any], *, actor: Actor, at: datetime) -> None:
        """Raises Refused when a rule of the place does not allow it."""
        self.made[key] = ACTS[name](self, key, {**given}, actor, at)

    def unit(self, named: str) -> Organisation:
        """`role` in the county, or `role@code` of a place further down."""
        role, _, code = named.partition("@")
        place = Place.objects.get(code=code) if code else self.county
        return Organisation.objects.get(role=role, place=place, active=True)

    def again(self, key: str) -> Any:
        row = self.made[key]
        row.refresh_from_db()
        return row


def _inspect(office: Office, _key: str, given: dict[str, Any], actor: Actor, at: datetime) -> Any:
    unit = office.unit(given.pop("unit"))
    estates = [office.estates[one] for one in given.pop("estates", ())]
    return inspections.open_inspection(**given, inspected=unit, estates=estates, actor=actor, now=at)


def _finding(office: Office, _key: str, given: dict[str, Any], actor: Actor, at: datetime) -> Any:
    """Noted and handed out at once."""
    inspection, unit = office.again(given.pop("of")), office.unit(given.pop("unit"))
    estate = office.estates[given.pop("estate")] if "estate" in given else None
    days = int(given.pop("days"))
    row = inspections.note_finding(inspection, **given, unit=unit, estate=estate, days=days, actor=actor, now=at)
    return inspections.send_finding(row, actor=actor, now=at)


def _rectify(office: Office, key: str, given: dict[str, Any], actor: Actor, at: datetime) -> Any:
    return inspections.answer_finding(office.again(key), **given, actor=actor, now=at)


def _recheck(office: Office, key: str, given: dict[str, Any], actor: Actor, at: datetime) -> Any:
    return inspections.check_finding(office.again(key), **given, actor=actor, now=at)


def _task(office: Office, _key: str, given: dict[str, Any], actor: Actor, at: datetime) -> Any:
    unit, due_on = office.unit(given.pop("unit")), _day(given, at)
    return tasks.give_task(**given, unit=unit, due_on=due_on, actor=actor, now=at)


def _sign_task(office: Office, key: str, given: dict[str, Any], actor: Actor, at: datetime) -> Any:
    return tasks.sign_task(office.again(key), actor=actor, now=at)


def _feed_back(office: Office, key: str, given: dict[str, Any], actor: Actor, at: datetime) -> Any:
    return tasks.feed_back(office.again(key), **given, actor=actor, now=at)


def _report_done(office: Office, key: str, given: dict[str, Any], actor: Actor, at: datetime) -> Any:
    return tasks.report_done(office.again(key), **given, actor=actor, now=at)


def _sheet(office: Office, _key: str, given: dict[str, Any], actor: Actor, at: datetime) -> Any:
    items = [sheets.ItemInput(one["text"], office.unit(one["unit"]), _day({**one}, at)) for one in given.pop("items")]
    return sheets.draft_sheet(**given, items=items, actor=actor, now=at)


def _sign_sheet(office: Office, key: str, given: dict[str, Any], actor: Actor, at: datetime) -> Any:
    return sheets.sign_sheet(office.again(key), actor=actor, now=at)


def _send_sheet(office: Office, key: str, given: dict[str, Any], actor: Actor, at: datetime) -> Any:
    return sheets.send_sheet(office.again(key), actor=actor, now=at)


def _check(office: Office, _key: str, given: dict[str, Any], actor: Actor, at: datetime) -> Any:
    estate = office.estates[given.pop("estate")]
    return checks.record_check(**given, estate=estate, checked_at=at, actor=actor, now=at)


def _problem(office: Office, _key: str, given: dict[str, Any], actor: Actor, at: datetime) -> Any:
    estate = office.estates[given.pop("estate")]
    stopped: dict[str, Any] = {"stopped_at": at} if given.get("violation") else {}
    return problems.register_problem(**given, **stopped, estate=estate, found_at=at, actor=actor, now=at)


def _solve(office: Office, key: str, given: dict[str, Any], actor: Actor, at: datetime) -> Any:
    return problems.solve_problem(office.again(key), **given, actor=actor, now=at)


def _day(given: dict[str, Any], at: datetime) -> Any:
    """`days: 10` is the tenth day from then."""
    return local_day(at) + timedelta(days=int(given.pop("days")))


ACTS: dict[str, Callable[[Office, str, dict[str, Any], Actor, datetime], Any]] = {
    "inspect": _inspect,
    "finding": _finding,
    "rectify": _rectify,
    "recheck": _recheck,
    "task": _task,
    "sign_task": _sign_task,
    "feed_back": _feed_back,
    "report_done": _report_done,
    "sheet": _sheet,
    "sign_sheet": _sign_sheet,
    "send_sheet": _send_sheet,
    "check": _check,
    "problem": _problem,
    "solve": _solve,
}
