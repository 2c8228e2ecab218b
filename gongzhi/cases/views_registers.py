"""登记台账 of a unit, and what comes up again and again: concentration, lateness, answers on the spot."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from gongzhi.cases import queries
from gongzhi.cases.rights import DEPARTMENTS, OVERSIGHT
from gongzhi.cases.views_common import actor_of, now_of
from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.days import local_day
from gongzhi.core.display import cn_date, percent, tenths
from gongzhi.core.errors import Refused
from gongzhi.core.models import Organisation
from gongzhi.core.sending import download
from gongzhi.core.sheets import Asked, cell, workbook

PAGE_SIZE = 30
DAY_SECONDS = 24 * 60 * 60
MOST_UNITS = 300
WIDTHS = (18, 20, 10, 16, 22, 30, 22, 12, 20, 20, 10, 8, 18, 8)
SHOWN = ("编号", "收到时间", "来源", "小区", "标题", "主办单位", "状态", "是否逾期", "已说明")


@dataclass(frozen=True)
class Period:
    """A span of days of receipt, both included; the month of today where nothing is said."""

    first: date
    last: date

    @classmethod
    def of(cls, data: Any, today: date) -> "Period":
        first, last = _day(data.get("from")), _day(data.get("to"))
        return cls(first or today.replace(day=1), last or today)

    def query(self, **more: Any) -> str:
        return urlencode({"from": self.first.isoformat(), "to": self.last.isoformat(), **more})


def _day(text: Any) -> date | None:
    try:
        return date.fromisoformat(str(text)) if text else None
    except ValueError:
        return None


def units_for(actor: Actor) -> list[Organisation]:
    """Whose register the actor may look at: its own, and for an overseeing office those of its area."""
    if actor.organisation is None:
        return []
    found = {actor.organisation.pk: actor.organisation}
    if actor.role in OVERSIGHT and actor.place_path:
        roles = (*DEPARTMENTS, "street_office", "community_station", "hotline_desk", "complaint_desk")
        rows = Organisation.objects.within(actor.place_path).filter(role__in=roles, active=True)
        found |= {one.pk: one for one in rows.order_by("place_path", "name")[:MOST_UNITS]}
    return list(found.values())


def unit_of_ledger(actor: Actor, given: str) -> Organisation:
    units = units_for(actor)
    if not units:
        raise Refused("forbidden", "台账按单位看，您的账号没有单位。", status=403)
    if not given:
        return units[0]
    for one in units:
        if str(one.pk) == given:
            return one
    raise Refused("forbidden", "这个单位的台账不在您能看的范围里。", status=403)


@login_required
@require_GET
def ledger(request: HttpRequest) -> HttpResponse:
    """投诉登记台账: what a unit received, leads or led in a period."""
    actor, now = actor_of(request), now_of(request)
    core.require(actor, "cases.ledger")
    unit = unit_of_ledger(actor, request.GET.get("unit", ""))
    period = Period.of(request.GET, local_day(now))
    rows = queries.register_rows(unit, received_from=period.first, received_to=period.last, now=now)
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "nav": "cases",
        "page_title": "投诉登记台账",
        "unit": unit,
        "units": units_for(actor),
        "period": period,
        "page": page,
        "columns": SHOWN,
        "rows": [(row["编号"], [(name, cell(row[name])) for name in SHOWN]) for row in page],
        "late": sum(1 for row in rows if row["是否逾期"] == "是"),
        "explained": sum(1 for row in rows if row["是否逾期"] == "是" and row["已说明"]),
        "export_url": f"{reverse('cases:ledger_export')}?{period.query(unit=unit.pk)}",
        "now": now,
    }
    return render(request, "cases/ledger.html", context)


@login_required
@require_GET
def ledger_export(request: HttpRequest) -> HttpResponse:
    actor, now = actor_of(request), now_of(request)
    period = Period.of(request.GET, local_day(now))
    return ledger_exported(request.GET.get("unit", ""), period, actor, now)


def ledger_exported(wanted: str, period: Period, actor: Actor, now: datetime) -> HttpResponse:
    core.require(actor, "cases.ledger")
    unit = unit_of_ledger(actor, wanted)
    rows = queries.register_rows(unit, received_from=period.first, received_to=period.last, now=now)
    columns = list(zip(queries.LEDGER_COLUMNS, WIDTHS, strict=True))
    span = f"{cn_date(period.first)}至{cn_date(period.last)}"
    asked = Asked.of(actor, now, [("单位", unit.name), ("收到时间", span)])
    lines = ([row[name] for name in queries.LEDGER_COLUMNS] for row in rows)
    content = workbook("投诉登记台账", columns, lines, asked=asked)
    name = f"register-{unit.pk}-{period.first:%Y%m%d}-{period.last:%Y%m%d}.xlsx"
    return download(content, name=name)


@login_required
@require_GET
def hotspots(request: HttpRequest) -> HttpResponse:
    """热点: the same matter at the same estate; who is late; how the visits of a period went."""
    actor, now = actor_of(request), now_of(request)
    core.require(actor, "cases.statistics", actor.organisation)
    period = Period.of(request.GET, local_day(now))
    path = actor.place_path
    unled = request.GET.get("unled") == "yes"
    found = queries.hotspots(path, now, unled=unled)
    page = Paginator(found.estates, PAGE_SIZE).get_page(request.GET.get("page"))
    span = {"received_from": period.first, "received_to": period.last}
    settled, visits = queries.on_spot_rate(path, **span)
    context = {
        "nav": "cases",
        "page_title": "高频难点",
        "found": found,
        "unled": unled,
        "page": page,
        "estates": [_drill(one) for one in page],
        "export_url": f"{reverse('cases:hotspots_export')}{'?unled=yes' if unled else ''}",
        "by_estate": [_drill(one) for one in found.by_estate],
        "by_matter": [_drill(one) for one in found.by_matter],
        "most_overdue": [_drill(one, view="overdue") for one in found.most_overdue],
        "period": period,
        "on_spot": {"settled": settled, "visits": visits, "rate": percent(settled, visits)},
        "transfers": [{**one, "days": _days(one["mean"])} for one in queries.transfer_days(path, **span)],
        "mediation": queries.mediation_totals(path, **span),
        "since": found.since,
        "tab": "hotspots",
        "tabs": [
            ("statistics", "统计", reverse("cases:statistics")),
            ("concentration", "集中度", reverse("cases:concentration")),
            ("hotspots", "高频难点", reverse("cases:hotspots")),
        ],
        "now": now,
    }
    return render(request, "cases/hotspots.html", context)


HOTSPOT_COLUMNS = (("小区", 24), ("事项", 28), ("件数", 10), ("责任单位", 40))


@login_required
@require_GET
def hotspots_export(request: HttpRequest) -> HttpResponse:
    unled = request.GET.get("unled") == "yes"
    return hotspots_exported(actor_of(request), now_of(request), unled=unled)


def hotspots_exported(actor: Actor, now: datetime, *, unled: bool) -> HttpResponse:
    core.require(actor, "cases.statistics", actor.organisation)
    found = queries.hotspots(actor.place_path, now, unled=unled)
    lines = ((one["name"], one["matter_name"], one["times"], one["units"] or "未指定") for one in found.estates)
    conditions = [
        ("地区", core.place_title(actor.place_path)),
        ("收到时间", f"{cn_date(found.since)}以来"),
        ("口径", f"同一小区同类事项{found.at_least}件（含）以上"),
        ("责任单位", "只列未指定的" if unled else ""),
    ]
    content = workbook("高频难点", HOTSPOT_COLUMNS, lines, asked=Asked.of(actor, now, conditions))
    return download(content, name=f"hotspots-{local_day(now):%Y%m%d}.xlsx")


def _drill(row: dict[str, Any], *, view: str = "all") -> dict[str, Any]:
    """With the words for the matter and the address of the cases behind the number."""
    url = f"{reverse('cases:list')}?{urlencode({'view': view, **row['params']})}"
    return {**row, "matter": row["matter_name"], "url": url}


def _days(mean: timedelta | None) -> str:
    """A mean time as days with one decimal."""
    if mean is None:
        return "—"
    return f"{tenths(int(mean.total_seconds()), DAY_SECONDS)}日"


def month_of(text: str, now: datetime) -> tuple[int, int]:
    """`2022-05` from a control of months; the month of now otherwise."""
    year, _, month = text.partition("-")
    if year.isdecimal() and month.isdecimal() and 2000 <= int(year) <= 2100 and 1 <= int(month) <= 12:  # noqa: PLR2004
        return int(year), int(month)
    today = local_day(now)
    return today.year, today.month
