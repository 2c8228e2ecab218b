"""Duties for other programs: what is owed, by whom, by when and why; the month; acts, many at once, tasks by hand."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from ninja import Query, Router, Schema
from pydantic import Field

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.apikit.calls import WANTED, call_of, changes, matched, reads, runs, tagged
from gongzhi.core.apikit.filling import Filled, FormField, described, filled
from gongzhi.core.apikit.paging import Key, Page, Paging, keys, listed, page_of
from gongzhi.core.apikit.shapes import Body, RowId, Subject, Unit, code, subject_of, unit_of
from gongzhi.core.days import local_day
from gongzhi.core.errors import Refused
from gongzhi.core.models import Organisation, User
from gongzhi.core.sending import download
from gongzhi.core.sheets import Asked
from gongzhi.duties import queries, services
from gongzhi.duties.acts import ACTS, Act, asked_of
from gongzhi.duties.excel import workbook_of
from gongzhi.duties.history import Happened
from gongzhi.duties.listing import LONGEST_SEARCH, Filter, work_of
from gongzhi.duties.models import Duty
from gongzhi.duties.references import may_read

router = Router(tags=["期限和任务"])

MOST_AT_ONCE, BATCH = 300, 1000
BY_NAME = {act.name: act for act in ACTS.values()}
TABS = {queries.MINE: "我本人", queries.UNIT: "本单位", queries.DONE: "已办"}
SOONEST = (Key("due_at"), Key("id"))
RUNNING_FIRST = (Key("closed_at", descending=True, nulls_first=True), Key("due_at"), Key("id"))
FIRST_YEAR, LAST_YEAR = 2000, 2199
MONTH = r"^(\d{4}-(0[1-9]|1[0-2]))?$"


class DutyRow(Schema):
    id: int = Field(description="期限编号")
    title: str = Field(description="要做什么")
    source: str = Field(description="来源代码")
    subject: Subject = Field(description="因何事")
    estate: str = Field(description="小区")
    owner: Unit | None = Field(description="责任单位")
    assigned_to: str = Field(description="承办人；没有分派到人的为空")
    due_at: datetime | None = Field(description="到期时间；期限末日24:00记为次日0点")
    last_day: date | None = Field(description="期限末日")
    provisional: bool = Field(description="是否暂定（该年工作日历尚未公布）")
    state: str = Field(description="状态代码")
    state_name: str = Field(description="状态")
    group: str = Field(description="over 已超期、today 今日、week 本周、later 以后、none 没有期限")
    step_name: str = Field(description="督促到哪一级")
    suspended: bool = Field(description="是否已中止计时")
    clauses: list[str] = Field(description="依据的条款")
    version: int = Field(description="版本，与 ETag 相同")


class DutyOut(DutyRow):
    opened_at: datetime = Field(description="产生时间")
    closed_at: datetime | None = Field(description="结束时间")
    manual: bool = Field(description="是否由人工标记办结")
    creditor: Unit | None = Field(description="交办单位")
    note: str = Field(description="办理说明")
    explanation: dict[str, Any] = Field(description="期限怎样算出来的：事件、数值、开关、步骤")
    acts: list[str] = Field(description="这个岗位现在可以办的")


def _row_out(row: Duty, bounds: queries.Bounds) -> dict[str, Any]:
    return {
        "id": row.pk,
        "title": row.title,
        "source": row.source,
        "subject": subject_of(row.subject),
        "estate": row.estate.name if row.estate else "",
        "owner": unit_of(row.owner_organisation),
        "assigned_to": str(row.assigned_to or ""),
        "due_at": row.due_at,
        "last_day": row.last_day,
        "provisional": row.provisional,
        "state": row.state,
        "state_name": row.get_state_display(),
        "group": bounds.group_of(row.due_at),
        "step_name": row.step_name,
        "suspended": row.suspended,
        "clauses": list(row.clauses),
        "version": row.version,
    }


def _page(request: HttpRequest, rows: Any, given: Paging, *, by: Any, of: str) -> dict[str, Any]:
    bounds = queries.Bounds.at(call_of(request).now)
    return page_of(rows, lambda row: _row_out(row, bounds), by=by, given=given, of=of)


class DutyQuery(Schema):
    tab: str = code("看谁的", TABS, queries.UNIT)
    group: str = code("到期情况", queries.GROUPS)
    words: str = Field("", max_length=LONGEST_SEARCH, description="事项、对象或者小区名里的字")

    def shown(self) -> Filter:
        return Filter.of(self.dict())


class DutyFilter(DutyQuery, Paging):
    pass


@reads(
    router,
    "/duties",
    scope="duties:read",
    response=Page[DutyRow],
    summary="我要办的",
    description="与工作台相同：本人、本单位或者已办的；急的在前。",
)
def list_duties(request: HttpRequest, given: Query[DutyFilter]) -> dict[str, Any]:
    call = call_of(request)
    shown = given.shown()
    by = keys("-closed_at", "-id") if shown.tab == queries.DONE else SOONEST
    rows = shown.rows(call.actor, queries.Bounds.at(call.now))
    return _page(request, rows, given, by=by, of=f"duties:{shown.query()}")


@reads(router, "/duties/owed", scope="duties:read", response=Page[DutyRow], summary="别人欠我的")
def owed(request: HttpRequest, given: Query[Paging]) -> dict[str, Any]:
    return _page(request, queries.owed_to(call_of(request).actor), given, by=SOONEST, of="owed")


class TaskFilter(Paging):
    side: str = code("哪一边", {"given": "本单位交办的", "got": "交办给本单位的"}, "got")


@reads(router, "/duties/tasks", scope="duties:read", response=Page[DutyRow], summary="交办任务")
def list_tasks(request: HttpRequest, given: Query[TaskFilter]) -> dict[str, Any]:
    rows = queries.tasks_of(call_of(request).actor, given=given.side == "given")
    return _page(request, rows, given, by=RUNNING_FIRST, of=f"tasks:{given.side}")


class Figures(Schema):
    total: int = Field(description="合计")
    over: int = Field(description="已超期")
    today: int = Field(description="今日到期")
    week: int = Field(description="本周到期")
    later: int = Field(description="以后到期")
    none: int = Field(description="没有期限")


class Desk(Schema):
    mine: Figures = Field(description="我本人")
    unit: Figures = Field(description="本单位")
    owed: Figures = Field(description="别人欠我的")


@reads(router, "/duties/counts", scope="duties:read", response=Desk, summary="工作台的数字")
def counts(request: HttpRequest) -> dict[str, Any]:
    call = call_of(request)
    bounds = queries.Bounds.at(call.now)
    return {
        "mine": queries.counts(queries.due_for(call.actor, scope=queries.MINE), bounds),
        "unit": queries.counts(queries.due_for(call.actor, scope=queries.UNIT), bounds),
        "owed": queries.counts(queries.owed_to(call.actor), bounds),
    }


class DayOut(Schema):
    day: date = Field(description="日期")
    rest: bool = Field(description="是否休息日")
    holiday: str = Field(description="节日名称")
    count: int = Field(description="这一天到期几件")
    titles: list[str] = Field(description="最多列四件")


class MonthFilter(Schema):
    month: str = Field("", pattern=MONTH, description="月份，例如 2026-04；不填的是本月")
    tab: str = code("看谁的", {queries.MINE: "我本人", queries.UNIT: "本单位"}, queries.UNIT)

    def first(self, today: date) -> date:
        return _month(self.month, today)


def _month(text: str, today: date) -> date:
    """The first day of it, or of this month."""
    if not text:
        return today.replace(day=1)
    year, month = (int(part) for part in text.split("-"))
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise Refused("month", "没有这个月份。", fields={"month": "年份不对"})
    return date(year, month, 1)


@reads(router, "/duties/calendar", scope="duties:read", response=list[DayOut], summary="一个月的日程")
def calendar(request: HttpRequest, given: Query[MonthFilter]) -> list[dict[str, Any]]:
    call = call_of(request)
    today = local_day(call.now)
    pack = core.pack_for(call.actor.place_path, today) if call.actor.place_path else None
    weeks = queries.month_of_work(
        call.actor, given.first(today), scope=given.tab, today=today, calendar=pack.calendar if pack else None
    )
    days = [one for week in weeks for one in week.days if one.in_month]
    return [
        {
            "day": one.day,
            "rest": one.rest,
            "holiday": one.holiday,
            "count": one.count,
            "titles": [duty.title for duty in one.shown],
        }
        for one in days
    ]


class UnitRate(Schema):
    unit: Unit = Field(description="单位")
    on_time: int = Field(description="按期办结")
    due: int = Field(description="到期应办")
    overdue: int = Field(description="超期")
    running: int = Field(description="在办")
    open_overdue: int = Field(description="现在超期未办")
    percent: str = Field(description="按期率；没有到期的为 —")


class RateFilter(Paging):
    month: str = Field("", pattern=MONTH, description="月份；不填的是本月")
    order: str = code("顺序", dict.fromkeys(queries.UNIT_ORDERS, ""), "overdue")


@reads(router, "/duties/units", scope="duties:read", response=Page[UnitRate], summary="分单位的按期率")
def units(request: HttpRequest, given: Query[RateFilter]) -> dict[str, Any]:
    call = call_of(request)
    core.require(call.actor, "duty.supervise", call.actor.organisation)
    first, last = queries.month_bounds(_month(given.month, local_day(call.now)))
    rows = queries.sorted_units(
        queries.on_time_rate(call.actor.place_path, first=first, last=last, now=call.now), given.order
    )
    return listed(rows, _rate_out, given=given, of=f"units:{first}:{given.order}")


def _rate_out(row: queries.UnitRow) -> dict[str, Any]:
    names = ("on_time", "due", "overdue", "running", "open_overdue", "percent")
    return {
        "unit": {"id": row.organisation_id, "name": row.name, "role": row.role},
        **{name: getattr(row.rate, name) for name in names},
    }


class UnitOfMonth(Schema):
    month: date = Field(description="哪一月，写一日")
    on_time: int = Field(description="按期办结")
    due: int = Field(description="到期应办")
    overdue: int = Field(description="超期")
    percent: str = Field(description="按期率；没有到期的为 —")


class UnitWork(Schema):
    unit: Unit = Field(description="单位")
    counts: Figures = Field(description="在办的，按到期情况")
    months: list[UnitOfMonth] = Field(description="近几个月的按期率，早的在前")


def _work_of(request: HttpRequest, pk: int) -> tuple[Organisation, Any]:
    call = call_of(request)
    found = get_object_or_404(Organisation, pk=pk)
    return found, work_of(found, call.actor)


@reads(router, "/duties/units/{pk}", scope="duties:read", response=UnitWork, summary="一个单位的在办和按期率")
def unit_work(request: HttpRequest, pk: RowId) -> dict[str, Any]:
    call = call_of(request)
    found, rows = _work_of(request, pk)
    months = queries.on_time_by_month(rows, until=local_day(call.now), months=queries.MONTHS_SHOWN)
    names = ("on_time", "due", "overdue", "percent")
    return {
        "unit": unit_of(found),
        "counts": queries.counts(rows.filter(closed_at__isnull=True), queries.Bounds.at(call.now)),
        "months": [{"month": month, **{name: getattr(rate, name) for name in names}} for month, rate in months],
    }


@reads(
    router,
    "/duties/units/{pk}/running",
    scope="duties:read",
    response=Page[DutyRow],
    summary="一个单位在办的",
)
def unit_running(request: HttpRequest, pk: RowId, given: Query[Paging]) -> dict[str, Any]:
    found, rows = _work_of(request, pk)
    running = queries.seen_from_above(rows.filter(closed_at__isnull=True), call_of(request).actor)
    return _page(request, running, given, by=SOONEST, of=f"unit:{found.pk}")


@reads(
    router,
    "/exports/duties",
    scope="duties:read",
    response=bytes,
    summary="工作台清单（Excel）",
    description="筛选条件与“我要办的”相同，不分页。",
)
def export(request: HttpRequest, given: Query[DutyQuery]) -> HttpResponse:
    call = call_of(request)
    shown = given.shown()
    rows = shown.rows(call.actor, queries.Bounds.at(call.now))
    asked = Asked.of(call.actor, call.now, shown.conditions())
    content = workbook_of(rows.iterator(chunk_size=BATCH), now=call.now, asked=asked)
    return download(content, name=f"duties-{local_day(call.now):%Y%m%d}.xlsx")


# --- one duty


def _duty(request: HttpRequest, pk: int) -> Duty:
    rows = Duty.objects.select_related("owner_organisation", "assigned_to", "estate", "creditor")
    duty: Duty = get_object_or_404(rows, pk=pk)
    if not may_read(call_of(request).actor, duty):
        raise Http404
    return duty


def _duty_out(request: HttpRequest, duty: Duty) -> dict[str, Any]:
    call = call_of(request)
    return {
        **_row_out(duty, queries.Bounds.at(call.now)),
        "opened_at": duty.opened_at,
        "closed_at": duty.closed_at,
        "manual": duty.manual,
        "creditor": unit_of(duty.creditor),
        "note": duty.note,
        "explanation": duty.explanation,
        "acts": [act.name for act in ACTS.values() if act.allowed(duty, call.actor)],
    }


@reads(router, "/duties/{pk}", scope="duties:read", response=DutyOut, summary="一项期限，含怎样算出来的")
def read_duty(request: HttpRequest, pk: RowId) -> dict[str, Any]:
    duty = _duty(request, pk)
    tagged(request, duty)
    return _duty_out(request, duty)


class DutyEvent(Schema):
    at: datetime = Field(description="时间")
    kind: str = Field(description="事件代码")
    title: str = Field(description="发生了什么")
    who: str = Field(description="谁办的")
    note: str = Field(description="说明")


@reads(router, "/duties/{pk}/events", scope="duties:read", response=Page[DutyEvent], summary="一项期限的经过，新的在前")
def duty_events(request: HttpRequest, pk: RowId, given: Query[Paging]) -> dict[str, Any]:
    rows = queries.acts_of(_duty(request, pk))
    return page_of(rows, Happened.of, by=keys("-id"), given=given, of=f"duty_events:{pk}")


def _act(name: str) -> Act:
    act = BY_NAME.get(name)
    if act is None:
        raise Http404
    return act


@reads(router, "/duties/{pk}/acts/{act}", scope="duties:read", response=list[FormField], summary="一种办法要填什么")
def describe_act(request: HttpRequest, pk: RowId, act: str) -> list[dict[str, Any]]:
    duty, found = _duty(request, pk), _act(act)
    tagged(request, duty)
    return described(found.form(**asked_of(found, duty, call_of(request).now)))


@changes(
    router,
    "/duties/{pk}/acts/{act}",
    scope="duties:write",
    response=DutyOut,
    summary="办理一项期限",
    description="办法代码：" + "、".join(f"{one.name} {one.title}" for one in ACTS.values()),
)
def do_act(request: HttpRequest, pk: RowId, act: str, given: Filled) -> dict[str, Any]:
    call, duty, found = call_of(request), _duty(request, pk), _act(act)
    version = matched(request, duty)
    asked = asked_of(found, duty, call.now)
    form = filled(found.form, given.fields, owner=call.actor, version=version, **asked)
    found.run(duty, form.cleaned_data, actor=call.actor, now=call.now, version=version)
    tagged(request, duty)
    return _duty_out(request, duty)


# --- many at once


MANY = {"prompt": "催办", "fulfil": "标记办结", "hand_out": "分派给本单位的人", "delegate": "交下级协办"}


class DutyBulkIn(Body):
    act: str = code("办法", MANY, ...)
    duties: list[RowId] = Field(min_length=1, max_length=MOST_AT_ONCE, description="期限编号")
    to: int | None = Field(None, ge=1, le=2**63 - 1, description="分派给谁（用户编号）或者交给哪个下级单位（单位编号）")
    note: str = Field("", max_length=1000, description="办理结果；标记办结的要写")


class DutyBulkLine(Schema):
    id: int = Field(description="期限编号")
    done: bool = Field(description="是否办成")
    code: str = Field(description="没有办成的问题代码")
    message: str = Field(description="没有办成的原因")
    clauses: list[str] = Field(description="依据的条款")


@runs(
    router,
    "/bulk/duties",
    scope="duties:write",
    response=list[DutyBulkLine],
    summary="批量办理期限",
    description="每项单独算；有一项不归您看，全部不办。",
    key=WANTED,
)
def bulk(request: HttpRequest, given: DutyBulkIn) -> list[dict[str, Any]]:
    call = call_of(request)
    wanted = set(given.duties)
    rows = Duty.objects.filter(pk__in=wanted).select_related("owner_organisation", "assigned_to", "estate")
    found = list(rows.order_by("due_at", "id"))
    if len(found) != len(wanted) or not all(may_read(call.actor, duty) for duty in found):
        raise Refused("forbidden", "列出的事项里有不归您办的，都没有办。", status=403)
    do = _doing(given, call.actor, call.now)
    return [_line(duty, do) for duty in found]


def _doing(given: DutyBulkIn, actor: Actor, now: datetime) -> Callable[[Duty], Any]:
    if given.act == "prompt":
        return lambda duty: services.prompt(duty, actor=actor, now=now)
    if given.act == "fulfil":
        if not given.note.strip():
            raise Refused("invalid", "请写明办了什么、结果怎样。", fields={"note": "请写明办了什么、结果怎样"})
        return lambda duty: services.fulfil(duty, note=given.note, files=[], actor=actor, now=now)
    if given.act == "hand_out":
        user = User.objects.filter(pk=given.to).first() if given.to else None
        if user is not None:
            return lambda duty: services.hand_out(duty, user=user, actor=actor, now=now)
    else:
        unit = Organisation.objects.within(actor.place_path).filter(pk=given.to or 0, active=True).first()
        if unit is not None:
            return lambda duty: services.delegate(duty, owner=unit, actor=actor, now=now)
    raise Refused("no_target", "没有选给谁。", fields={"to": "请写人员或者下级单位的编号"})


def _line(duty: Duty, do: Callable[[Duty], Any]) -> dict[str, Any]:
    line: dict[str, Any] = {"id": duty.pk, "done": True, "code": "", "message": "", "clauses": []}
    try:
        with transaction.atomic():
            do(duty)
    except Refused as refused:
        if refused.code == "forbidden":
            raise
        line |= {"done": False, "code": refused.code, "message": refused.message, "clauses": list(refused.clauses)}
    return line
