"""The figures of a period beside those before it, the estates that make most of the complaints, their action lists."""

from dataclasses import asdict
from datetime import date
from typing import Any

from django.http import Http404, HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from gongzhi.cases.accountability.models import WorkTask
from gongzhi.cases.api.shapes import EstateBrief
from gongzhi.cases.codes import CHANNELS
from gongzhi.cases.models.checks import CHECK_SOURCES
from gongzhi.cases.statistics import concentration, queries
from gongzhi.cases.statistics.actions import ActionForm, hand_out, owners_for, suggested
from gongzhi.cases.statistics.figures import Change
from gongzhi.cases.statistics.periods import Period, Span
from gongzhi.cases.statistics.queries import Line
from gongzhi.cases.statistics.views import Wanted, decline
from gongzhi.cases.views_checks import counted_for, may_look_at_checks
from gongzhi.cases.views_list_filter import month_of
from gongzhi.cases.views_registers import Period as Days
from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.apikit.calls import call_of, creates, reads
from gongzhi.core.apikit.filling import Filled, FormField, described, filled
from gongzhi.core.apikit.paging import Paging, listed
from gongzhi.core.apikit.shapes import RowId, Unit, code, unit_of
from gongzhi.core.days import local_day
from gongzhi.registry.models import Estate

router = Router(tags=["统计"])

PERIOD = r"^(\d{4}(-(0[1-9]|1[0-2])|-Q[1-4])?)?$"


class PeriodQuery(Schema):
    """Which days: a named period, or any range."""

    period: str = Field("", pattern=PERIOD, description="月 2022-05、季 2022-Q2、年 2022；不填的是本月")
    received_from: date | None = Field(None, description="起；写了起止的，不看 period")
    received_to: date | None = Field(None, description="止")

    def days(self) -> dict[str, Any]:
        return {"period": self.period, "from": self.received_from, "to": self.received_to}


class CutQuery(PeriodQuery):
    """What is counted at all."""

    place: str = Field("", max_length=32, description="哪个地区的，写地区代码；不填的是本岗位的辖区")
    matter: str = Field("", max_length=60, description="只计这个事项，写事项代码")
    channel: str = code("只计这个来源", CHANNELS)
    unit: str = Field("", max_length=9, pattern=r"^(none|\d*)$", description="只计这个承办单位；none 没有承办单位")

    def wanted(self, request: HttpRequest) -> Wanted:
        call = call_of(request)
        data = {"place": self.place, "matter": self.matter, "channel": self.channel, "unit": self.unit, **self.days()}
        return Wanted.given(data, call.actor, call.now)


class SpanOut(Schema):
    first: date = Field(description="第一天")
    last: date = Field(description="最后一天")


class ChangeOut(Schema):
    base: int = Field(description="比较的基数")
    comparable: bool = Field(description="可不可比；基数为0的不可比")
    percent: str = Field(description="增减百分比，例如 -25.0%；不可比的写“无可比”")


class LineOut(Schema):
    key: str = Field(description="分组的代码或者编号；没有的为空")
    name: str = Field(description="分组的名称")
    received: int = Field(description="收到")
    before: ChangeOut = Field(description="环比，与上期")
    year: ChangeOut = Field(description="同比，与上年同期")
    on_time: int = Field(description="按期答复")
    late: int = Field(description="超过期限")
    on_time_rate: str = Field(description="按期率；没有应答复的为 —")
    closed: int = Field(description="已办结")
    satisfied: int = Field(description="回访满意")
    unsatisfied: int = Field(description="回访不满意")
    satisfied_rate: str = Field(description="满意率；没有回访的为 —")
    stars: str = Field(description="评价的平均星数；没有评价的为 —")
    found: int = Field(description="主动发现")
    found_rate: str = Field(description="主动发现占比")
    unled: int = Field(description="没有承办单位")


class MonthOut(Schema):
    month: SpanOut = Field(description="哪一月；没有过完的到今天为止")
    received: int = Field(description="收到")
    year: ChangeOut = Field(description="同比，与上年同月")


class DeclineOut(Schema):
    reached: bool = Field(description="有没有达到")
    words: str = Field(description="说明")
    clauses: list[str] = Field(description="依据的条款")


class StatisticsOut(Schema):
    place: str = Field(description="地区代码")
    title: str = Field(description="统计期的名称")
    span: SpanOut = Field(description="统计期")
    before: SpanOut = Field(description="上期；没有过完的，比同样多的天数")
    year_before: SpanOut = Field(description="上年同期")
    total: LineOut = Field(description="合计")
    places: list[LineOut] = Field(description="按下一级地区")
    matters: list[LineOut] = Field(description="按事项")
    units: list[LineOut] = Field(description="按承办单位")
    channels: list[LineOut] = Field(description="按来源")
    months: list[MonthOut] = Field(description="到统计期末为止的十二个月")
    decline: DeclineOut | None = Field(description="明显下降的提示线；本地没有规定或者不可比的为空")


def _span(one: Span) -> dict[str, date]:
    return {"first": one.first, "last": one.last}


def _change(one: Change) -> dict[str, Any]:
    return {"base": one.base, "comparable": one.comparable, "percent": one.words}


def _line(one: Line) -> dict[str, Any]:
    names = (
        "received", "on_time", "late", "on_time_rate", "closed", "satisfied", "unsatisfied", "satisfied_rate", "stars",
        "found", "found_rate", "unled",
    )  # fmt: skip
    figures = {name: getattr(one.figures, name) for name in names}
    return {"key": one.key, "name": one.name, "before": _change(one.on_before), "year": _change(one.on_year), **figures}


@reads(
    router,
    "/statistics/complaints",
    scope="cases:read",
    response=StatisticsOut,
    summary="投诉统计",
    description="按地区、事项、承办单位、来源，任意一段时间，并列上期和上年同期；按收到时间计，不计作废的，并件各计一件。",
)
def statistics(request: HttpRequest, given: Query[CutQuery]) -> dict[str, Any]:
    wanted = given.wanted(request)
    found, period = queries.statistics(wanted.cut, wanted.period, now=wanted.now), wanted.period
    hint = decline(wanted, found)
    return {
        "place": wanted.cut.place.code,
        "title": period.title,
        "span": _span(period.span),
        "before": _span(period.before),
        "year_before": _span(period.year_before),
        "total": _line(found.total),
        **{name: [_line(one) for one in getattr(found, name)] for name in ("places", "matters", "units", "channels")},
        "months": [
            {"month": _span(one.month), "received": one.received, "year": _change(one.on_year)}
            for one in queries.trend(wanted.cut, period.span.last)
        ],
        "decline": None
        if hint is None
        else {"reached": hint.reached, "words": hint.words, "clauses": list(hint.answer.clauses)},
    }


class MonthFigures(Schema):
    closed: int = Field(description="本月办结")
    on_time: int = Field(description="其中按期")
    on_time_rate: str = Field(description="按期率")
    returned: int = Field(description="其中退回过")
    satisfied: int = Field(description="回访满意")
    asked: int = Field(description="回访了几件")
    satisfied_rate: str = Field(description="满意率")


@reads(router, "/statistics/month", scope="cases:read", response=MonthFigures, summary="本月办结的数字")
def this_month(request: HttpRequest) -> Any:
    call = call_of(request)
    return month_of(call.actor, call.now)


# --- concentration


class EstateLineOut(Schema):
    rank: int = Field(description="名次")
    estate: EstateBrief = Field(description="小区")
    community: str = Field(description="社区（村）")
    times: int = Field(description="件数")
    share: str = Field(description="占比")
    cumulative_share: str = Field(description="累计占比")
    households: int | None = Field(description="户数；没有登记的为空")
    per_thousand: str = Field(description="每千户件数")
    before: int = Field(description="上期件数")
    running: int = Field(description="在办")
    in_tenth: bool = Field(description="是否在前10%")
    tasks: int = Field(description="没有办完的交办")


class ConcentrationOut(Schema):
    statement: str = Field(description="结论一句话")
    estates: int = Field(description="小区总数")
    total: int = Field(description="写明小区的投诉总数")
    unplaced: int = Field(description="没有写明小区的")
    tenth: int = Field(description="前10%是几个小区")
    tenth_cases: int = Field(description="前10%占几件")
    tenth_share: str = Field(description="前10%的占比")
    half: int = Field(description="一半的投诉集中在几个小区")
    items: list[EstateLineOut] = Field(description="小区，件数多的在前")
    next_cursor: str | None = Field(description="下一页的游标；没有下一页的为空")


class ConcentrationFilter(CutQuery, Paging):
    pass


@reads(
    router,
    "/statistics/concentration",
    scope="cases:read",
    response=ConcentrationOut,
    summary="投诉集中度",
    description="哪些小区的投诉最多，前10%占多少，一半集中在几个小区。",
)
def concentrated(request: HttpRequest, given: Query[ConcentrationFilter]) -> dict[str, Any]:
    wanted = given.wanted(request)
    found = concentration.concentration(wanted.cut, wanted.period)
    names = ("statement", "estates", "total", "unplaced", "tenth", "tenth_cases", "tenth_share", "half")
    of = f"concentration:{wanted.cut.params}:{wanted.period.query()}"
    return {
        **{name: getattr(found, name) for name in names},
        **listed(found.lines, _estate_line, given=given, of=of),
    }


def _estate_line(one: concentration.EstateLine) -> dict[str, Any]:
    names = (
        "rank", "community", "times", "share", "cumulative_share", "households", "per_thousand", "before", "running",
        "in_tenth", "tasks",
    )  # fmt: skip
    return {"estate": {"id": one.pk, "name": one.name}, **{name: getattr(one, name) for name in names}}


class MatterTimes(Schema):
    matter: str = Field(description="事项代码")
    name: str = Field(description="事项名称")
    times: int = Field(description="件数")
    running: int = Field(description="在办")


class ActionOut(Schema):
    id: int = Field(description="任务编号，在“督查、任务和问责”里办理")
    title: str = Field(description="办什么事")
    unit: Unit | None = Field(description="责任单位")
    due_on: date = Field(description="期限")
    state: str = Field(description="状态代码")
    state_name: str = Field(description="状态")


class ActionListOut(Schema):
    estate: EstateBrief = Field(description="小区")
    times: int = Field(description="件数")
    before: int = Field(description="上期件数")
    running: int = Field(description="在办")
    matters: list[MatterTimes] = Field(description="投诉了什么，多的在前")
    tasks: list[ActionOut] = Field(description="就这个小区交办过的，新的在前")
    form: list[FormField] = Field(description="再交办一项要填什么；不能交办的为空")


def _estate(request: HttpRequest, pk: int) -> Estate:
    found = Estate.objects.select_related("place", "community").filter(pk=pk).first()
    if found is None:
        raise Http404
    core.require(call_of(request).actor, "cases.statistics", found)
    return found


def _action_out(one: WorkTask) -> dict[str, Any]:
    names = ("title", "due_on", "state")
    found = {name: getattr(one, name) for name in names}
    return {"id": one.pk, "unit": unit_of(one.unit), "state_name": one.get_state_display(), **found}


def _asked(estate: Estate, picture: concentration.EstatePicture, actor: Actor, today: date) -> dict[str, Any]:
    return {"owners": owners_for(estate, actor), "today": today, "initial": suggested(picture, today)}


@reads(
    router,
    "/statistics/concentration/{pk}",
    scope="cases:read",
    response=ActionListOut,
    summary="一个小区的行动清单",
)
def action_list(request: HttpRequest, pk: RowId, given: Query[PeriodQuery]) -> dict[str, Any]:
    call, estate = call_of(request), _estate(request, pk)
    today = local_day(call.now)
    picture = concentration.estate_picture(estate, Period.of(given.days(), today))
    asked = _asked(estate, picture, call.actor, today)
    return {
        "estate": {"id": estate.pk, "name": estate.name},
        "times": picture.times,
        "before": picture.before,
        "running": picture.running,
        "matters": [asdict(one) for one in picture.matters],
        "tasks": [_action_out(one) for one in picture.tasks],
        "form": described(ActionForm(**asked)) if asked["owners"] else [],
    }


@creates(
    router,
    "/statistics/concentration/{pk}/tasks",
    scope="accountability:write",
    response=ActionOut,
    summary="就一个小区交办一项",
    description="任务进任务看板，签收、反馈、验收与别的任务一样。",
)
def hand_out_about(request: HttpRequest, pk: RowId, given: Filled) -> dict[str, Any]:
    call, estate = call_of(request), _estate(request, pk)
    today = local_day(call.now)
    picture = concentration.estate_picture(estate, Period.of({}, today))
    form = filled(ActionForm, given.fields, owner=call.actor, **_asked(estate, picture, call.actor, today))
    return _action_out(hand_out(estate, **form.cleaned_data, actor=call.actor, now=call.now))


# --- checks


class CheckCount(Schema):
    unit: str = Field(description="检查单位")
    times: int = Field(description="合计")
    sources: dict[str, int] = Field(description="各来源的张数，来源代码对应张数")


@reads(router, "/statistics/checks", scope="cases:read", response=list[CheckCount], summary="检查单按单位和来源")
def counted_checks(request: HttpRequest, given: Query[PeriodQuery]) -> list[dict[str, Any]]:
    call = call_of(request)
    may_look_at_checks(call.actor)
    span = Period.of(given.days(), local_day(call.now)).span
    return [
        {"unit": one["unit"], "times": one["times"], "sources": {name: one[name] for name in CHECK_SOURCES}}
        for one in counted_for(call.actor, Days(span.first, span.last))
    ]
