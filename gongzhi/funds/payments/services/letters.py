"""催告函: the demands that were made in writing, on paper with a code to the payer's page."""

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from gongzhi.core import services as core
from gongzhi.core.display import clause_reference, cn_date
from gongzhi.core.printing import print_pdf, qr_svg
from gongzhi.funds.charges.models import Demand
from gongzhi.funds.charges.queries.owed import late_by_bill, open_bills
from gongzhi.funds.payments.services.bills import pay_address
from gongzhi.registry.models import Project

TEMPLATE = Path(__file__).parents[1] / "demand.typ"
# Lines that one page of A5 holds.
LINES = 10


def letters_of(project: Project, *, units: Sequence[int]) -> list[Demand]:
    """The written demands that are not paid, the latest of each debtor; building by building, room by room."""
    rows = Demand.objects.filter(project=project, how="letter", closed_on=None, unit__in=units)
    rows = rows.select_related("project__estate", "project__company", "unit__building", "ownership")
    latest = {(one.unit_id, one.ownership_id): one for one in rows.order_by("on", "pk")}
    return sorted(latest.values(), key=lambda one: (one.unit.building.name, one.unit.name, one.pk))


def letters_pdf(demands: Sequence[Demand], *, base: str, now: datetime) -> bytes:
    """One a page, with what is owed today; whoever has paid meanwhile has no page."""
    on = core.local_day(now)
    with core.hold_policy():
        found = [_printed(one, on, base=base, now=now) for one in demands]
    return print_pdf(TEMPLATE, {"letters": [one for one in found if one is not None]}, now=now)


def _printed(row: Demand, on: date, *, base: str, now: datetime) -> dict[str, Any] | None:
    bills = list(open_bills(unit=row.unit, project=row.project).filter(ownership=row.ownership, due_on__lt=on))
    if not bills:
        return None
    late = {key: one.fen for key, one in late_by_bill(bills, on).items()}
    owed, extra = sum(one.open_fen for one in bills), sum(late.values())
    left_on = row.ownership.to_on if row.ownership is not None else None
    answer = core.ask("funds.demand_period", {}, place_path=row.place_path, on=row.on)
    return {
        "estate": row.project.estate.name,
        "unit": str(row.unit),
        "to": f"原业主（产权到{cn_date(left_on)}）" if left_on is not None else "业主",
        "company": row.project.company.name,
        "on": cn_date(row.on),
        "today": cn_date(on),
        "until": cn_date(row.until),
        "count": len(bills),
        "owed": core.yuan(owed),
        "late": core.yuan(extra) if extra else "",
        "total": core.yuan(owed + extra),
        "bills": [
            {
                "period": f"{cn_date(one.from_on)}至{cn_date(one.to_on)}",
                "due": cn_date(one.due_on),
                "open": core.yuan(one.open_fen),
                "late": core.yuan(late[one.pk]),
            }
            for one in bills[:LINES]
        ],
        "more": max(len(bills) - LINES, 0),
        "basis": "、".join(dict.fromkeys(clause_reference(one).where for one in answer.clauses)),
        "qr": qr_svg(pay_address(row.unit, base=base, now=now)),
        "demo": row.demo,
    }
