"""What the tests of enforcement share: a city on a day with somebody in every office, a line, a report, files."""

from datetime import datetime, timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from gongzhi.cases import services as cases
from gongzhi.cases.models import Case, Problem
from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.tests.cast import Cast, _person
from gongzhi.governance.bodies.tests.steps import CITIES, SYSTEM, city, day, moment
from gongzhi.registry.models import Estate

__all__ = ["CITIES", "SYSTEM", "at", "city", "clock", "day", "line", "moment", "picture", "reported", "worked"]

PNG = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89"
    b"\x00\x00\x00\rIDATx\x9cc\xf8\xff\xff?\x00\x05\xfe\x02\xfe\xa75\x81\x84\x00\x00\x00\x00IEND\xaeB`\x82"
)


def clock(text: str) -> datetime:
    """`2023-04-10 09:10`"""
    day_, _, time = text.partition(" ")
    hour, minute = (int(one) for one in (time or "09:00").split(":"))
    return moment(day_, hour) + timedelta(minutes=minute)


def picture(name: str = "现场.png", tail: bytes = b"") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, PNG + tail, content_type="image/png")


def at(cast: Cast, role: str) -> Actor:
    """Whoever works in that role; a unit and a post are made where the cast has none."""
    if role not in cast.organisations:
        base, _, second = role.partition("@")
        place = {"owners_committee": cast.estate.place}.get(base, cast.county)
        cast.organisations[role] = core.ensure_organisation(base, place=place)
    if role not in cast.users:
        _person(cast, role, f"经办{role}"[:20], organisation=cast.organisations[role])
    return cast.actor(role)


def company(cast: Cast) -> Actor:
    return cast.actor("project_manager")


def line(
    cast: Cast,
    matter: str = "illegal_structure",
    *,
    by: Actor | None = None,
    found: str | None = None,
    stopped: str | None = None,
    effective: bool | None = None,
    estate: Estate | None = None,
    now: datetime | None = None,
    **given: Any,
) -> Problem:
    """A line of the register about an unlawful act that was dissuaded."""
    actor = by or company(cast)
    at_ = clock(stopped) if stopped else cast.now
    later = max(now or at_, at_)
    row = cases.register_problem(
        estate=estate or cast.estate, source="patrol", found_at=clock(found) if found else at_, spot="2幢楼顶",
        text="楼顶搭建玻璃房", reporter="保安小王", matter=matter, violation=True, stopped_at=at_,
        stopped_how="当面劝阻", actor=actor, now=later, **given,
    )  # fmt: skip
    if effective is not None:
        row = cases.stop_problem(row, at=at_, how="当面劝阻", effective=effective, actor=actor, now=later)
    return row


def reported(
    cast: Cast, matter: str = "illegal_structure", *, to: str, when: str | None = None, by: Actor | None = None,
    **given: Any,
) -> Case:  # fmt: skip
    """A line whose dissuasion helped nothing, reported to a unit: the case that it became."""
    row = line(cast, matter, by=by, effective=False, **given)
    now = clock(when) if when else cast.now
    row = cases.report_problem(
        row, reason="stop_ineffective", to=cast.organisations[to], actor=by or company(cast), now=now
    )
    assert row.opened_case is not None
    return row.opened_case


def worked(cast: Cast, case: Case, *, now: datetime, outcome: str = "rectified") -> Case:
    """By the unit that leads it: signed for, looked at, handled."""
    lead = at(cast, case.lead_role) if case.lead_role in cast.organisations else cast.actor(case.lead_role)
    if case.state == "assigned":
        case = cases.report_in(case, actor=lead, now=now)
    if case.verified_at is None:
        case = cases.verify_on_site(case, note="到现场查看", actor=lead, now=now)
    return cases.handle(case, result="已责令拆除并拆除到位", outcome=outcome, actor=lead, now=now)
