"""工作台: what I owe, what I am owed, how punctual we were; the same list as Excel and for the printer."""

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.days import local_day
from gongzhi.core.rights import known_rights, may
from gongzhi.core.sending import download
from gongzhi.core.sheets import Asked
from gongzhi.duties import queries
from gongzhi.duties.excel import workbook_of
from gongzhi.duties.lacks import lacks_for
from gongzhi.duties.listing import Filter, units_below
from gongzhi.duties.views.common import actor_of, address, give_url, grouped, now_of, page_of

OWED_SHOWN = 4
MOST_BELOW = 200
BATCH = 1000


@login_required
@require_GET
def desk(request: HttpRequest) -> HttpResponse:
    return render(request, "duties/desk.html", desk_context(request))


def desk_context(request: HttpRequest, *, data: Any = None) -> dict[str, Any]:
    """All of the desk; `data` holds the filter where it came with a form."""
    actor, now = actor_of(request), now_of(request)
    bounds = queries.Bounds.at(now)
    mine = queries.counts(queries.due_for(actor, scope=queries.MINE), bounds)
    default = queries.MINE if mine.total else queries.UNIT
    shown = Filter.of(request.GET if data is None else data, default=default)
    counts = mine
    if shown.tab != queries.MINE or shown.words:
        counts = queries.counts(shown.before_group(actor), bounds)
    unit = counts if shown.tab == queries.UNIT and not shown.words else None
    unit = unit or queries.counts(queries.due_for(actor, scope=queries.UNIT), bounds)
    total = getattr(counts, shown.group) if shown.group and shown.tab != queries.DONE else counts.total
    page = page_of(shown.rows(actor, bounds), request, known=total)
    owed_rows = queries.owed_to(actor)
    owed_counts = queries.counts(owed_rows, bounds)
    figures = mine if shown.tab == queries.MINE else unit
    return {
        "nav": "desk",
        "now": now,
        "today": local_day(now),
        "shown": shown,
        "tabs": _tabs(shown, mine.total, unit.total, actor),
        "figures": figures,
        "longest": figures.longest_days(now),
        "week_ends": bounds.last_day_of_week,
        "page": page,
        "groups": grouped(page, bounds, counts) if shown.tab != queries.DONE else [],
        "group_options": [(code, title) for code, (title, _) in queries.GROUPS.items()],
        "export_query": shown.query(),
        "owed": owed_rows[:OWED_SHOWN] if owed_counts.total else [],
        "owed_counts": owed_counts,
        "lacks": lacks_for(actor, local_day(now)),
        "bars": _bars(actor, now),
        "targets": targets(actor, now),
        "give_url": give_url(actor),
        "may_supervise": actor.organisation is not None and may(actor, "duty.supervise", actor.organisation),
        "intake_url": _intake(actor),
    }


# Another part's right: where that part is not installed there is nothing to link to.
REGISTER = "cases.register"


def _intake(actor: Actor) -> str:
    """Where a complaint is registered, for those who may."""
    known = REGISTER in known_rights() and actor.organisation is not None
    return address("cases:intake") if known and may(actor, REGISTER, actor.organisation) else ""


def _tabs(shown: Filter, mine: int, unit: int, actor: Actor) -> list[dict[str, Any]]:
    done = queries.due_for(actor, scope=queries.DONE).order_by().count()
    return [
        {"code": code, "title": title, "count": count, "query": Filter(tab=code).query(), "current": code == shown.tab}
        for code, title, count in (
            (queries.MINE, "我本人", mine),
            (queries.UNIT, "本单位", unit),
            (queries.DONE, "已办", done),
        )
    ]


@dataclass(frozen=True)
class Bar:
    """One column of the chart, in per cent of the drawing: SVG without viewBox, so that the letters keep their size."""

    title: str
    rate: queries.Rate
    x: str
    middle: str
    y: str
    height: str
    label_y: str


BASE_PERCENT, TALLEST_PERCENT, WIDTH_PERCENT = 80, 62, 11


def _bars(actor: Actor, now: Any) -> list[Bar]:
    if actor.organisation is None:
        return []
    months = queries.on_time_by_month(
        queries.of_unit(actor.organisation), until=local_day(now), months=queries.MONTHS_SHOWN
    )
    return bars_of(months)


def bars_of(months: list[tuple[Any, queries.Rate]]) -> list[Bar]:
    most = max((rate.overdue for _, rate in months), default=0) or 1
    share = 100 // len(months) if months else 0
    bars = []
    for index, (month, rate) in enumerate(months):
        height = rate.overdue * TALLEST_PERCENT * 10 // most
        top = BASE_PERCENT * 10 - height
        middle = share * index + share // 2
        bars.append(
            Bar(
                title=f"{month.month}月",
                rate=rate,
                x=f"{middle - WIDTH_PERCENT // 2}%",
                middle=f"{middle}%",
                y=f"{top // 10}.{top % 10}%",
                height=f"{height // 10}.{height % 10}%",
                label_y=f"{top // 10 - 4}%",
            )
        )
    return bars


def targets(actor: Actor, now: Any) -> list[tuple[str, list[tuple[str, str]]]]:
    """To whom ticked duties may go: the people of the unit; for a supervisor, the units below as well."""
    if actor.organisation is None:
        return []
    people = [(f"user:{user.pk}", str(user)) for user in core.holders(actor.organisation, on=local_day(now))]
    found = [("本单位的人", people)] if people else []
    if may(actor, "duty.assign_task", actor.organisation):
        below = units_below(actor)[:MOST_BELOW]
        found.append(("交下级协办", [(f"unit:{unit.pk}", unit.name) for unit in below]))
    return [(title, options) for title, options in found if options]


@login_required
@require_GET
def export(request: HttpRequest) -> HttpResponse:
    """Excel of exactly what the filter shows, all pages of it."""
    actor, now = actor_of(request), now_of(request)
    shown = Filter.of(request.GET)
    rows = shown.rows(actor, queries.Bounds.at(now)).iterator(chunk_size=BATCH)
    return excel(rows, now=now, asked=Asked.of(actor, now, shown.conditions()))


def excel(rows: Any, *, now: Any, asked: Asked) -> HttpResponse:
    return download(workbook_of(rows, now=now, asked=asked), name=f"duties-{local_day(now):%Y%m%d}.xlsx")


@login_required
@require_GET
def today_list(request: HttpRequest) -> HttpResponse:
    """打印今日清单: what is overdue and what falls due today, one row each, for the printer."""
    actor, now = actor_of(request), now_of(request)
    bounds = queries.Bounds.at(now)
    shown = Filter.of(request.GET)
    rows = queries.due_for(actor, scope=shown.tab).filter(due_at__lte=bounds.today)
    return render(
        request,
        "duties/today.html",
        {"nav": "desk", "now": now, "today": local_day(now), "page": page_of(rows, request, size=MOST_BELOW)},
    )


@login_required
@require_GET
def owed(request: HttpRequest) -> HttpResponse:
    """别人欠我的, all of it."""
    actor, now = actor_of(request), now_of(request)
    bounds = queries.Bounds.at(now)
    rows = queries.owed_to(actor)
    counts = queries.counts(rows, bounds)
    page = page_of(rows, request, known=counts.total)
    return render(
        request,
        "duties/owed.html",
        {"nav": "desk", "now": now, "counts": counts, "page": page, "groups": grouped(page, bounds, counts)},
    )
