"""What the commands of the fund share: its book, its units, the one event."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.funds.common.apart import refuse_apart
from gongzhi.funds.common.queries import book_of
from gongzhi.funds.maintenance.models import FundUse
from gongzhi.funds.maintenance.queries import kept_apart, who_takes
from gongzhi.funds.maintenance.words import STEPS
from gongzhi.ledger.models import Book
from gongzhi.registry.models import Estate, Unit

PURSE = "maintenance_fund"
CENTI = 100


def fund_of(estate: Estate) -> Book:
    found = book_of(estate, PURSE)
    if found is None:
        raise Refused("no_fund", f"{estate.name}还没有建维修资金账。请先核定应交额，或导入接管余额。")
    return found


def units_of(estate: Estate) -> list[Unit]:
    """Every unit of the estate, by building and room."""
    rows = Unit.objects.filter(building__estate=estate).select_related("building__estate")
    return list(rows.order_by("building__name", "name", "pk"))


def tell_estate(estate: Estate, *, kind: str, actor: Actor, now: datetime, data: Mapping[str, Any]) -> None:
    core.record(kind, subject=estate.ref, actor=actor, at=now, place_path=estate.place_path, data=data)


def tell_use(use: FundUse, *, kind: str, actor: Actor, now: datetime, **data: Any) -> None:
    core.record(
        kind,
        subject=use.ref,
        actor=actor,
        at=now,
        place_path=use.place_path,
        data={
            "estate": str(use.estate_id),
            "applicant": use.applicant_role,
            "path": use.path,
            "matter": use.matter,
            "amount": use.estimate_fen,
            "has_management_committee": use.applicant_role == "management_committee",
            **data,
        },
    )


def area_weight(unit: Unit) -> int:
    """Exclusive area in 0.01 m²."""
    return int(unit.exclusive_area_m2 * CENTI)


def check_apart(use: FundUse, *, step: str, actor: Actor, now: datetime) -> None:
    """Refuses `kept_apart` where this person did what may not be in one hand with the step."""
    on = core.local_day(now)
    before = kept_apart(use, step, actor, on=on)
    refuse_apart(before, roles=who_takes(step), actor=actor, place_path=use.place_path, on=on)


def check_day(use: FundUse, step: str, on: date, *, name: str) -> None:
    """One step is not older than another before it: a notice dated back would end its objections early.

    In an emergency the works may have begun, even ended, before the papers.
    """
    if use.path == "emergency" and step in ("start", "accept"):
        return
    last = use.taken.order_by("-on", "-pk").first()
    if last is not None and on < last.on:
        said = f"“{last.get_step_display()}”是{last.on:%Y-%m-%d}办的，“{STEPS[step]}”的日期不能更早。"
        raise Refused("step_day", said, fields={name: said})
