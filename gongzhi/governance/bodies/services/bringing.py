"""Committees that were there before the platform: brought in by a workbook, with no clock of their formation."""

from datetime import date, datetime
from typing import Any

from django.db import transaction

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.display import cn_date
from gongzhi.core.errors import Refused
from gongzhi.governance.bodies.models import Body
from gongzhi.governance.bodies.queries.bodies import body_on, members_on
from gongzhi.governance.bodies.services.common import PersonInput, SeatInput, bump, of_body
from gongzhi.governance.bodies.services.sitting import make_body, seat, write_facts
from gongzhi.registry.models import Estate
from gongzhi.registry.services.imports import Change

TITLES = {"term_until": "任期届满", "filed_on": "备案日期", "seats": "委员人数"}


@transaction.atomic
def bring_in_committee(
    estate: Estate,
    *,
    kind: str,
    formed_on: date,
    term_until: date | None = None,
    filed_on: date | None = None,
    seats: int | None = None,
    head: str = "",
    actor: Actor,
    now: datetime,
) -> tuple[bool, list[Change]]:
    """One committee in office, known by the day it was formed. Gives whether it is new, and what changed.

    What the document owes to a committee that is being formed it does not owe to one that was: no duty is opened but
    those that recur while it is in office.
    """
    core.require(actor, "body.register", estate)
    today = core.local_day(now)
    _check(formed_on=formed_on, term_until=term_until, filed_on=filed_on, today=today)
    given: dict[str, Any] = {"term_until": term_until, "filed_on": filed_on, "seats": seats}
    body = Body.objects.filter(estate=estate, kind=kind, formed_on=formed_on).order_by("pk").first()
    added = body is None
    changes: list[Change] = []
    if body is None:
        other = body_on(estate, kind, today)
        if other is not None:
            raise Refused(
                "body_in_office",
                "",
                fields={"formed_on": f"已登记{cn_date(other.formed_on)}成立的一届在任；换届请在平台上办，不用导入。"},
            )
        body = make_body(
            kind, estate=estate, place=estate.place, formed_on=formed_on, term_until=term_until, seats=seats,
            actor=actor,
        )  # fmt: skip
        body.filed_on = filed_on
        bump(body, "filed_on")
    else:
        changes = _changed(body, {name: value for name, value in given.items() if value is not None})
    changes += _head(body, head, today=today, added=added, actor=actor, now=now)
    if added or changes:
        _record(body, actor=actor, now=now, today=today)
    return added, changes


def _check(*, formed_on: date, term_until: date | None, filed_on: date | None, today: date) -> None:
    fields = {}
    if formed_on > today:
        fields["formed_on"] = "成立日期不能晚于今天。"
    if term_until is not None and term_until < formed_on:
        fields["term_until"] = "任期届满不能早于成立日期。"
    if filed_on is not None and not formed_on <= filed_on <= today:
        fields["filed_on"] = "备案日期要在成立以后、今天以前。"
    if fields:
        raise Refused("body_days", "", fields=fields)


def _changed(body: Body, given: dict[str, Any]) -> list[Change]:
    differing = {name: value for name, value in given.items() if getattr(body, name) != value}
    changes = []
    for name, value in differing.items():
        old = getattr(body, name)
        changes.append(Change(str(body), TITLES[name], "" if old is None else str(old), str(value)))
        setattr(body, name, value)
    if differing:
        bump(body, *differing)
    return changes


def _head(body: Body, name: str, *, today: date, added: bool, actor: Actor, now: datetime) -> list[Change]:
    """The head of today, where none is known yet; another head is a matter of the committee's own pages."""
    if not name or any(one.post == "head" and one.person is not None for one in members_on(body, today)):
        return []
    day = body.formed_on or today
    given = SeatInput(person=PersonInput(name), post="head", source="elected")
    member = seat(body, given=given, from_on=day, approved_on=day, actor=actor, now=now)
    shown = member.person.masked_name if member.person is not None else ""
    return [] if added else [Change(str(body), "主任", "", shown)]


def _record(body: Body, *, actor: Actor, now: datetime, today: date) -> None:
    event = core.record(
        "body.brought_in",
        subject=body.ref,
        actor=actor,
        at=now,
        place_path=body.place_path,
        data=of_body(body, formed_on=body.formed_on, term_until=body.term_until, filed_on=body.filed_on),
    )
    write_facts(body, on=min(body.formed_on or today, today), holds=True, event=event)
