"""统计 and 集中度: the figures of a period, each leading to the cases behind it; the estates that make most of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from gongzhi.cases.codes import CHANNELS
from gongzhi.cases.queries import asking
from gongzhi.cases.rights import OVERSIGHT
from gongzhi.cases.statistics import charts, concentration, periods, queries
from gongzhi.cases.statistics.actions import ActionForm, hand_out, owners_for, suggested
from gongzhi.cases.statistics.periods import Period
from gongzhi.cases.statistics.queries import NOBODY, Cut, Line, Statistics
from gongzhi.cases.views_common import UNPROCESSABLE, actor_of, now_of, see
from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.days import local_day
from gongzhi.core.errors import Refused
from gongzhi.core.models import Organisation, Place
from gongzhi.core.sending import download
from gongzhi.core.sheets import Asked, workbook
from gongzhi.policy import Answer
from gongzhi.registry.models import Estate

PAGE_SIZE = 50
DIMENSIONS = {"places": "按地区", "matters": "按事项", "units": "按承办单位", "channels": "按来源"}
SVG = "image/svg+xml"


@dataclass(frozen=True)
class Wanted:
    """What the address asks for, and who asks."""

    cut: Cut
    period: Period
    actor: Actor
    now: datetime

    @classmethod
    def of(cls, request: HttpRequest) -> "Wanted":
        return cls.given(request.GET, actor_of(request), now_of(request))

    @classmethod
    def given(cls, data: Mapping[str, Any], actor: Actor, now: datetime) -> "Wanted":
        """`place`, `matter`, `channel`, `unit`, and the period; what is not known counts for nothing."""
        place = _place(actor, data.get("place", ""))
        core.require(actor, "cases.statistics", place)
        unit = data.get("unit", "")
        cut = Cut(
            place=place,
            matter=data.get("matter", "")[:60],
            channel=data.get("channel", "") if data.get("channel") in CHANNELS else "",
            unit=unit if unit == NOBODY or (unit.isascii() and unit.isdigit() and len(unit) < PAGE_SIZE // 5) else "",
        )
        return cls(cut, Period.of(data, local_day(now)), actor, now)

    @property
    def opens_cases(self) -> bool:
        """Who sees every case of the place; others read the figures and open only what they take part in."""
        return self.actor.role in OVERSIGHT

    @property
    def own(self) -> dict[str, str]:
        """The cut in the address; the actor's own place goes without saying."""
        found = dict(self.cut.params)
        if self.cut.place.path == self.actor.place_path:
            found.pop("place", None)
        return found

    def address(self, name: str, **more: Any) -> str:
        return f"{reverse(name)}?{self.period.query(**{**self.own, **more})}"

    def cases(self, params: Mapping[str, str], result: str = "", **more: str) -> str:
        """The list of exactly the cases that a figure counts."""
        if not self.opens_cases:
            return ""
        span = self.period.span
        query = periods.query(
            view="all",
            counted="yes",
            received_from=span.first,
            received_to=span.last,
            result=result,
            **{**params, **more},
        )
        return f"{reverse('cases:list')}?{query}"

    def conditions(self) -> list[tuple[str, str]]:
        unit = Organisation.objects.filter(pk=self.cut.unit).first() if self.cut.unit not in ("", NOBODY) else None
        return [
            ("地区", core.place_title(self.cut.place.path, from_level="city") or self.cut.place.name),
            ("收到时间", f"{self.period.title}（{self.period.span.words}）"),
            ("上期", self.period.before.words),
            ("上年同期", self.period.year_before.words),
            ("事项", self.matter_name if self.cut.matter else ""),
            ("来源", CHANNELS.get(self.cut.channel, "")),
            ("承办单位", "没有承办单位" if self.cut.unit == NOBODY else unit.name if unit else ""),
            ("口径", "按收到时间计，不计作废的；并件各计一件"),
        ]

    @property
    def matter_name(self) -> str:
        return asking.matter_name(self.cut.matter, place_path=self.cut.place.path, on=self.period.span.last)


def _place(actor: Actor, code: str) -> Place:
    """The place asked for, by default the actor's own; the right is asked over it afterwards."""
    rows: QuerySet[Place] = Place.objects.filter(code=code) if code else Place.objects.filter(path=actor.place_path)
    found = rows.first()
    if found is None:
        raise Refused("forbidden", "您的岗位没有辖区，不能看统计。", status=403)
    return found


# Rows of a table that are shown at once; the rest unfolds.
SHOWN_FIRST = 3


@dataclass(frozen=True)
class Shown:
    """A line with the addresses of its figures."""

    line: Line
    url: str
    on_time_url: str
    late_url: str
    satisfied_url: str
    unsatisfied_url: str
    found_url: str
    deeper: str = ""


def _shown(wanted: Wanted, line: Line, *, deeper: bool = False) -> Shown:
    own = wanted.period.query(**{**wanted.own, "place": line.key})
    return Shown(
        line,
        url=wanted.cases(line.params),
        on_time_url=wanted.cases(line.params, "on_time"),
        late_url=wanted.cases(line.params, "late"),
        satisfied_url=wanted.cases(line.params, "satisfied"),
        unsatisfied_url=wanted.cases(line.params, "unsatisfied"),
        found_url=wanted.cases(line.params, channel="found"),
        deeper=f"{reverse('cases:statistics')}?{own}" if deeper and line.key else "",
    )


@login_required
@require_GET
def statistics(request: HttpRequest) -> HttpResponse:
    wanted = Wanted.of(request)
    found = queries.statistics(wanted.cut, wanted.period, now=wanted.now)
    months = queries.trend(wanted.cut, wanted.period.span.last)
    lines: dict[str, list[Line]] = {name: getattr(found, name) for name in DIMENSIONS}
    if wanted.cut.place.level == "estate":
        lines.pop("places")
    context = {
        **_frame(wanted, "statistics", "投诉统计"),
        "found": found,
        "total": _shown(wanted, found.total),
        "tables": [
            (name, f"按{found.below}" if name == "places" and found.below else DIMENSIONS[name],
             [_shown(wanted, one, deeper=name == "places") for one in rows],
             wanted.address("cases:statistics_chart", chart=name))
            for name, rows in lines.items()
        ],
        "shown_first": SHOWN_FIRST,
        "top": f":{SHOWN_FIRST}",
        "rest": f"{SHOWN_FIRST}:",
        "more": -SHOWN_FIRST,
        "months": months,
        "trend_url": wanted.address("cases:statistics_chart", chart="trend"),
        "export_url": wanted.address("cases:statistics_export"),
        "target": decline(wanted, found),
        "choices": _choices(wanted, found),
    }  # fmt: skip
    return render(request, "cases/statistics.html", context)


def _frame(wanted: Wanted, tab: str, title: str) -> dict[str, Any]:
    above = [one for one in core.ancestors(wanted.cut.place.path) if wanted.actor.within(one.path)]
    return {
        "nav": "cases",
        "page_title": title,
        "now": wanted.now,
        "tab": tab,
        "period": wanted.period,
        "periods": periods.listed(local_day(wanted.now)),
        "cut": wanted.cut,
        "own": wanted.own,
        "area": core.place_title(wanted.cut.place.path, from_level="county") or wanted.cut.place.name,
        "above": [(one.name, f"{reverse(f'cases:{tab}')}?{wanted.period.query(place=one.code)}") for one in above[:-1]],
        "opens_cases": wanted.opens_cases,
        "tabs": [
            ("statistics", "统计", wanted.address("cases:statistics")),
            ("concentration", "集中度", wanted.address("cases:concentration")),
            ("hotspots", "高频难点", reverse("cases:hotspots")),
        ],
    }


def _choices(wanted: Wanted, found: Statistics) -> dict[str, list[tuple[str, str]]]:
    """What the filter offers: what the figures hold, and what is chosen already."""
    return {
        "matters": [(one.key, one.name) for one in found.matters],
        "units": [(one.key or NOBODY, one.name) for one in found.units],
        "channels": list(CHANNELS.items()),
    }


@dataclass(frozen=True)
class Decline:
    """Whether the number went down by as much as the place calls a marked decline. A hint, not a judgement."""

    answer: Answer
    reached: bool
    words: str


def decline(wanted: Wanted, found: Statistics) -> Decline | None:
    answer = core.ask("cases.marked_decline", {}, place_path=wanted.cut.place.path, on=local_day(wanted.now))
    change = found.total.on_year
    if not answer.ok or answer.value is None or not change.comparable:
        return None
    line = answer.value
    reached = change.base * (1 - line) >= change.now
    percent = f"{line * 100:f}".rstrip("0").rstrip(".")
    return Decline(answer, reached, f"{'达到' if reached else '没有达到'}同比下降{percent}%的提示线")


COLUMNS = (
    ("分组", 12), ("名称", 28), ("收到", 10), ("上期", 10), ("环比", 10), ("上年同期", 10), ("同比", 10), ("按期", 10),
    ("超期", 10), ("按期率", 10), ("已办结", 10), ("回访满意", 10), ("回访不满意", 10), ("满意率", 10), ("评价", 8),
    ("主动发现", 10), ("主动发现占比", 14),
)  # fmt: skip


@login_required
@require_GET
def statistics_export(request: HttpRequest) -> HttpResponse:
    return statistics_exported(Wanted.of(request))


def statistics_exported(wanted: Wanted) -> HttpResponse:
    """All lines of all tables that the page shows for the same filter."""
    found = queries.statistics(wanted.cut, wanted.period, now=wanted.now)
    lines = [("合计", found.total)]
    for name, title in DIMENSIONS.items():
        if name != "places" or wanted.cut.place.level != "estate":
            lines += [(title, one) for one in getattr(found, name)]
    content = workbook(
        "投诉统计", COLUMNS, (_cells(title, one) for title, one in lines),
        asked=Asked.of(wanted.actor, wanted.now, wanted.conditions()),
    )  # fmt: skip
    return download(content, name=f"statistics-{local_day(wanted.now):%Y%m%d}.xlsx")


def _cells(title: str, one: Line) -> tuple[Any, ...]:
    figures = one.figures
    return (
        title, one.name, figures.received, one.before, one.on_before.words, one.year_before, one.on_year.words,
        figures.on_time, figures.late, figures.on_time_rate, figures.closed, figures.satisfied, figures.unsatisfied,
        figures.satisfied_rate, figures.stars, figures.found, figures.found_rate,
    )  # fmt: skip


@login_required
@require_GET
def statistics_chart(request: HttpRequest) -> HttpResponse:
    """One chart as an image; its table stands beside it on the page."""
    wanted = Wanted.of(request)
    name = request.GET.get("chart", "")
    if name == "trend":
        drawn = charts.trend_chart(queries.trend(wanted.cut, wanted.period.span.last))
    elif name in DIMENSIONS:
        found = queries.statistics(wanted.cut, wanted.period, now=wanted.now)
        drawn = charts.bar_chart(getattr(found, name), "本期", "上年同期")
    else:
        raise Http404
    response = HttpResponse(drawn, content_type=SVG)
    response["Cache-Control"] = "private, max-age=60"
    # The styles of the drawing stand in it.
    response["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'"
    return response


@login_required
@require_GET
def concentration_page(request: HttpRequest) -> HttpResponse:
    """集中度: estates by number of complaints, and how much the first tenth of them makes."""
    wanted = Wanted.of(request)
    found = concentration.concentration(wanted.cut, wanted.period)
    page = Paginator(found.lines, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        **_frame(wanted, "concentration", "投诉集中度"),
        "found": found,
        "page": page,
        "rows": [
            (one, wanted.cases(wanted.cut.params, estate=str(one.pk)), _estate_url(wanted, one.pk)) for one in page
        ],
        "export_url": wanted.address("cases:concentration_export"),
    }
    return render(request, "cases/concentration.html", context)


def _estate_url(wanted: Wanted, pk: int) -> str:
    return f"{reverse('cases:concentration_estate', args=[pk])}?{wanted.period.query()}"


ESTATE_COLUMNS = (
    ("名次", 8), ("小区", 24), ("社区", 20), ("件数", 10), ("占比", 10), ("累计占比", 10), ("户数", 10),
    ("每千户件数", 12), ("上期", 10), ("在办", 10), ("在前10%", 10), ("未办结交办", 12),
)  # fmt: skip


@login_required
@require_GET
def concentration_export(request: HttpRequest) -> HttpResponse:
    return concentration_exported(Wanted.of(request))


def concentration_exported(wanted: Wanted) -> HttpResponse:
    found = concentration.concentration(wanted.cut, wanted.period)
    lines = (
        (
            one.rank, one.name, one.community, one.times, one.share, one.cumulative_share, one.households,
            one.per_thousand, one.before, one.running, "是" if one.in_tenth else "", one.tasks,
        )
        for one in found.lines
    )  # fmt: skip
    conditions = [("结论", found.statement), *wanted.conditions()]
    content = workbook("投诉集中度", ESTATE_COLUMNS, lines, asked=Asked.of(wanted.actor, wanted.now, conditions))
    return download(content, name=f"concentration-{local_day(wanted.now):%Y%m%d}.xlsx")


@login_required
@require_http_methods(["GET", "POST"])
def concentration_estate(request: HttpRequest, pk: int) -> HttpResponse:
    """One estate's action list: what is complained of, what is handed out about it, and a further task."""
    actor, now = actor_of(request), now_of(request)
    estate = get_object_or_404(Estate.objects.select_related("place", "community"), pk=pk)
    core.require(actor, "cases.statistics", estate)
    wanted = Wanted(Cut(estate.place), Period.of(request.GET, local_day(now)), actor, now)
    picture = concentration.estate_picture(estate, wanted.period)
    owners, today = owners_for(estate, actor), local_day(now)
    bound = request.POST if request.method == "POST" else None
    form = ActionForm(bound, initial=suggested(picture, today), owners=owners, today=today)
    status = 200
    if request.method == "POST":
        if form.is_valid() and _handed_out(request, form, estate):
            return see(f"{reverse('cases:concentration_estate', args=[pk])}?{wanted.period.query()}")
        status = form.refused.status if form.refused is not None else UNPROCESSABLE
    context = {
        **_frame(wanted, "concentration", f"{estate.name}行动清单"),
        "estate": estate,
        "picture": picture,
        "matters": [(one, wanted.cases({"estate": str(pk)}, matter=one.matter)) for one in picture.matters],
        "cases_url": wanted.cases({"estate": str(pk)}),
        "form": form if owners else None,
        "back": f"{reverse('cases:concentration')}?{wanted.period.query()}",
        "here": f"?{wanted.period.query()}",
    }
    return render(request, "cases/concentration_estate.html", context, status=status)


def _handed_out(request: HttpRequest, form: ActionForm, estate: Estate) -> bool:
    actor, key = actor_of(request), request.POST.get("form_key", "")
    try:
        with transaction.atomic():
            if core.form_key(key, actor) is None:
                given = form.cleaned_data
                task = hand_out(estate, **given, actor=actor, now=now_of(request))
                core.keep_form_key(key, task.ref)
                messages.success(request, f"已交办{given['owner']}。")
    except Refused as refused:
        if refused.code == "forbidden":
            raise
        form.add_refusal(refused)
        return False
    return True
