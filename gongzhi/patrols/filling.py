"""The forms of patrols as pages: a browser and a program are given the same."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.http import Http404
from django.urls import reverse

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.models import Organisation
from gongzhi.core.pages import FormPage, Who, actor_of, bound, now_of, today_of
from gongzhi.core.refs import Ref
from gongzhi.patrols import forms, services
from gongzhi.patrols.acts import ACTS
from gongzhi.patrols.models import PatrolFinding, PatrolPoint, PatrolRound, PatrolRoute, RegisterEntry
from gongzhi.patrols.queries import books
from gongzhi.patrols.queries.plans import COMPANY, plans_for, sheets_for
from gongzhi.patrols.queries.reading import may_read_entry
from gongzhi.patrols.services import At, Filled, Found, Given, Upload
from gongzhi.policy.registers import Register
from gongzhi.registry.models import Estate
from gongzhi.registry.queries.reading import estates_for

NAV = "patrols"
HOME = "巡查"
COUNTY_DEPTH = 3


def crumbs(*more: tuple[str, str]) -> list[tuple[str, str]]:
    return [(HOME, reverse("patrols:list")), *more]


def form_page(**given: Any) -> FormPage:
    return FormPage(**{"nav": NAV, "crumbs": crumbs(), **given})


def estate_of(request: Any, pk: int) -> Estate:
    found: Estate | None = estates_for(actor_of(request)).filter(pk=pk, ended_on=None).first()
    if found is None:
        raise Http404
    return found


def companies_near(path: str) -> Any:
    county = "/".join(path.split("/")[:COUNTY_DEPTH]) + "/"
    return Organisation.objects.filter(role=COMPANY, active=True, place_path__startswith=county).order_by("name")


def responsible_near(path: str) -> Any:
    """Who may have to put something right: the units at the place and the companies of the county."""
    return (forms.units_at(path) | companies_near(path)).distinct()


# -- rounds


def round_page(request: Any, pk: int, code: str) -> FormPage:
    actor, now, on = actor_of(request), now_of(request), today_of(request)
    estate = estate_of(request, pk)
    core.require(actor, "patrols.walk", At(estate))
    sheet = sheets_for(actor, estate.place_path, on).get(code)
    if sheet is None:
        raise Http404
    plan = next(one for one in plans_for(actor, estate.place_path, on) if code in one.rule.sheets)
    kinds = core.ask("patrols.kinds", {"by": plan.rule.by[0]}, place_path=estate.place_path, on=on)
    entry = _entry_named(request, estate, actor)
    form = bound(
        request, forms.RoundForm, register=sheet, kinds=plan.rule.kinds, found_kinds=kinds.value or (),
        units=forms.units_at(estate.place_path).exclude(pk=getattr(actor.organisation, "pk", None)),
        companies=responsible_near(estate.place_path), sides=actor.is_staff_role,
        in_contract=COMPANY in plan.rule.by, initial={"people": actor.user.display_name if actor.user else ""},
    )  # fmt: skip

    def run(data: Mapping[str, Any]) -> Ref:
        given = Given(
            sheet=code, answers=form.values(), notes=form.notes(), kind=data.get("kind") or "",
            began_at=data["began_at"], walked_at=data["walked_at"], people=data["people"], note=data["note"],
            joint=list(data["joint"]), entry=entry, found=form.found(), uploads=form.all_uploads(),
            offline=bool(data["offline"]),
        )  # fmt: skip
        return services.send_round(estate, given=given, key=data["key"], actor=actor, now=now).ref

    routes = PatrolRoute.objects.filter(estate=estate, organisation=actor.organisation, ended_on=None)
    points = PatrolPoint.objects.filter(route__in=routes, ended_on=None)
    return form_page(
        title=sheet.title, sub=estate.name, form=form, run=run, done="已登记巡查。", button="提交巡查",
        back=reverse("patrols:list"), after=lambda ref: reverse("patrols:round", args=[ref.id]),
        hint="没有网络也可以填：存在手机上，联网后自动发送，只算一次。", template="patrols/round_form.html",
        clauses=tuple(dict.fromkeys((*plan.rule.clauses, *sheet.clauses))),
        extra={
            "estate": estate,
            "entry": entry,
            "ahead": [reverse("patrols:point", args=[one.token]) for one in points],
        },
    )  # fmt: skip


def round_of(request: Any, pk: int) -> PatrolRound:
    rows = PatrolRound.objects.select_related("estate", "by", "entry", "route")
    rows = rows.prefetch_related("units__organisation", "visits__point", "photos__file", "corrections__organisation")
    row = rows.filter(pk=pk).first()
    if row is None or not core.may(actor_of(request), "patrols.read", row):
        raise Http404
    return row


def correction_page(request: Any, pk: int) -> FormPage:
    """The sheet as it stands; what is sent becomes an entry beside the round."""
    row, actor, now = round_of(request, pk), actor_of(request), now_of(request)
    core.require(actor, "patrols.correct", row)
    sheet = books.register_at(row.place_path, row.sheet, core.local_day(row.walked_at))
    if sheet is None:
        raise Http404
    latest = row.latest or row
    form = bound(
        request, forms.CorrectionForm, register=sheet, kept=row.answers_now, people=latest.people,
        location=row.latest.location if row.latest else row.note, companies=responsible_near(row.place_path),
    )  # fmt: skip

    def run(data: Mapping[str, Any]) -> Ref:
        files = {name: row.answers_now.get(name) for name, one in sheet.fields.items() if one.form == "file"}
        given = Given(
            sheet=row.sheet, answers={**files, **form.values()}, notes=form.notes(), people=data["people"],
            note=data["note"], uploads=form.sheet_uploads(),
        )  # fmt: skip
        services.correct_round(row, given=given, reason=data["reason"], actor=actor, now=now)
        return row.ref

    url = reverse("patrols:round", args=[row.pk])
    return form_page(
        title="更正巡查记录", sub=f"{row.number}　{row.estate.name}", form=form, run=run,
        done="已更正，原来的记录仍保留。", back=url, template="patrols/correction.html",
        crumbs=crumbs((row.number, url)), clauses=tuple(row.clauses),
        hint="原来的记录不改，更正另记一条，写明理由和更正人。",
    )  # fmt: skip


def void_page(request: Any, pk: int) -> FormPage:
    row, actor, now = round_of(request, pk), actor_of(request), now_of(request)
    core.require(actor, "patrols.correct", row)
    form = bound(request, forms.ReasonForm)

    def run(data: Mapping[str, Any]) -> Ref:
        services.void_round(row, reason=data["reason"], actor=actor, now=now)
        return row.ref

    url = reverse("patrols:round", args=[row.pk])
    return form_page(
        title="作废巡查记录", sub=f"{row.number}　{row.estate.name}", form=form, run=run,
        done="已作废，不再计入巡查次数，原来的内容仍可查看。", button="作废", back=url,
        crumbs=crumbs((row.number, url)),
        hint="选错小区、发了两次的可以作废；还没有办理的问题一并作废，次数和漏查名单按作废后的算，"
        "只靠这一次达标的任务重新打开。只是内容填错的，请用“更正”。",
    )  # fmt: skip


def _entry_named(request: Any, estate: Estate, actor: Actor) -> RegisterEntry | None:
    """The entry of a register that the round is about, where the address names one."""
    number = request.GET.get("dengji", "")
    row = RegisterEntry.objects.filter(number=number, estate=estate, ended_on=None).first() if number else None
    if number and (row is None or not may_read_entry(actor, row)):
        raise Http404
    return row


def point_page(request: Any, token: str) -> FormPage:
    actor, now = actor_of(request), now_of(request)
    rows = PatrolPoint.objects.select_related("route__estate", "route__organisation")
    point = rows.filter(token=token).first()
    if point is None:
        raise Http404
    core.require(actor, "patrols.walk", At(point.route.estate))
    form = bound(request, forms.SignForm)

    def run(data: Mapping[str, Any]) -> Ref:
        services.sign_in(point, key=data["key"], at=data["at"], offline=bool(data["offline"]), actor=actor, now=now)
        return point.route.ref

    estate = point.route.estate
    seen = point.visits.filter(user=actor.user).order_by("-at").first()
    last = core.local_day(seen.at) == core.local_day(now) if seen is not None else False
    return form_page(
        title=f"签到：{point.name}", sub=f"{estate.name}　{point.route.title}　{point.location}", form=form, run=run,
        done=f"已在“{point.name}”签到。", button="签到", back=reverse("patrols:estate", args=[estate.pk]),
        template="patrols/point.html", extra={"point": point, "estate": estate, "today": seen if last else None},
    )  # fmt: skip


def route_page(request: Any, pk: int, route: int | None = None) -> FormPage:
    actor, now = actor_of(request), now_of(request)
    estate = estate_of(request, pk)
    row = PatrolRoute.objects.filter(pk=route, estate=estate, ended_on=None).first() if route else None
    if route and row is None:
        raise Http404
    core.require(actor, "patrols.routes", row or At(estate))
    initial = {}
    if row is not None:
        points = row.points.filter(ended_on=None)
        initial = {
            "title": row.title,
            "points": "\n".join(f"{one.name} {one.location}".strip() for one in points),
        }
    form = bound(request, forms.RouteForm, version=row.version if row else None, initial=initial)

    def run(data: Mapping[str, Any]) -> Ref:
        made = services.set_route(
            estate, title=data["title"], points=form.named(), route=row, version=data["version"], actor=actor, now=now
        )
        return made.ref

    return form_page(
        title="修改巡查路线" if row else "设置巡查路线", sub=estate.name, form=form, run=run,
        done="已保存，请打印二维码贴到点位。",
        back=reverse("patrols:estate", args=[estate.pk]), after=lambda ref: reverse("patrols:route", args=[ref.id]),
    )  # fmt: skip


def route_of(request: Any, pk: int) -> PatrolRoute:
    row = PatrolRoute.objects.select_related("estate", "organisation").filter(pk=pk).first()
    if row is None or not core.may(actor_of(request), "patrols.routes", row):
        raise Http404
    return row


def end_route_page(request: Any, pk: int) -> FormPage:
    row, actor, now = route_of(request, pk), actor_of(request), now_of(request)

    def run(data: Mapping[str, Any]) -> Ref:
        return services.end_route(row, version=data["version"], actor=actor, now=now).ref

    return form_page(
        title="停用路线", sub=str(row), form=bound(request, forms.PlainForm, version=row.version), run=run,
        done="已停用，墙上的二维码不能再签到。", back=reverse("patrols:estate", args=[row.estate_id]),
    )  # fmt: skip


# -- findings


def finding_of(request: Any, pk: int) -> PatrolFinding:
    rows = PatrolFinding.objects.select_related(
        "estate", "responsible", "rechecker", "finder", "round", "entry", "repeat_of"
    )
    row = rows.filter(pk=pk).first()
    if row is None or not core.may(actor_of(request), "finding.read", row):
        raise Http404
    return row


def report_page(request: Any, pk: int) -> FormPage:
    actor, now, on = actor_of(request), now_of(request), today_of(request)
    estate = estate_of(request, pk)
    core.require(actor, "finding.report", At(estate))
    kinds = core.ask("patrols.kinds", {"by": actor.role}, place_path=estate.place_path, on=on)
    form = bound(
        request, forms.ReportForm, kinds=kinds.value or (), buildings=estate.buildings.order_by("name"),
        initial={"grade": "minor"},
    )  # fmt: skip

    def run(data: Mapping[str, Any]) -> Ref:
        found = Found(
            kind=data["kind"], text=data["text"], location=data["location"], grade=data["grade"],
            building=data["building"], uploads=tuple(Upload("", one) for one in data["photos"]),
        )  # fmt: skip
        return services.report_finding(estate, found=found, actor=actor, now=now).ref

    return form_page(
        title="上报问题", sub=estate.name, form=form, run=run, done="已上报。", button="上报",
        crumbs=[("问题清单", reverse("patrols:findings"))],
        back=reverse("patrols:findings"), after=lambda ref: reverse("patrols:finding", args=[ref.id]),
        clauses=tuple(kinds.clauses),
    )  # fmt: skip


def act_page(request: Any, pk: int, code: str) -> FormPage:
    row, who = finding_of(request, pk), Who(actor_of(request), now_of(request))
    act = ACTS.get(code)
    if act is None or not act.offered(row, who):
        raise Http404
    form = bound(request, act.form, version=row.version, **act.given(row, who))

    def run(data: Mapping[str, Any]) -> Ref:
        made: PatrolFinding = act.run(row, data, who)
        return made.ref

    url = reverse("patrols:finding", args=[row.pk])
    return form_page(
        title=act.title, sub=f"{row.number}　{row.kind}　{row.estate.name}", form=form, run=run, done=act.done,
        back=url,
        hint=act.hint, crumbs=crumbs((row.number, url)), clauses=tuple((row.rules or {}).get("clauses") or ()),
    )  # fmt: skip


# -- registers


def register_for(request: Any, code: str) -> Register:
    actor = actor_of(request)
    register = books.register_at(actor.place_path, code, today_of(request)) if actor.place_path else None
    if register is None or register.use != "book" or not books.may_open(register, actor):
        raise Http404
    return register


def entry_of(request: Any, pk: int) -> tuple[RegisterEntry, Register]:
    row = RegisterEntry.objects.select_related("estate", "organisation").filter(pk=pk).first()
    if row is None or not may_read_entry(actor_of(request), row):
        raise Http404
    register = books.register_at(row.place_path, row.register, today_of(request))
    if register is None:
        raise Http404
    return row, register


def _choices(register: Register, path: str) -> dict[str, list[tuple[str, str]]]:
    """For fields that name an entry: those of the estate and of the places above."""
    codes = [path[: end + 1] for end, char in enumerate(path) if char == "/"]
    found = {}
    for name, one in register.fields.items():
        if one.form == "entry":
            rows = RegisterEntry.objects.filter(register=one.register, ended_on=None, place_path__in=codes)
            if one.stage:
                rows = rows.filter(stage=one.stage)
            found[name] = [(row.number, f"{row.number} {row.title}") for row in rows]
    return found


def _filled(form: Any, data: Mapping[str, Any]) -> Filled:
    return Filled(form.values(), uploads=form.uploads(), on=data.get("on"), note=data.get("note") or "")


def enter_page(request: Any, code: str, pk: int | None = None) -> FormPage:
    actor, now = actor_of(request), now_of(request)
    register = register_for(request, code)
    estate = estate_of(request, pk) if pk else None
    if (estate is None) == (register.about == "estate"):
        raise Http404
    path = estate.place_path if estate is not None else actor.place_path
    core.require(actor, "register.write", books.BookAt(register, path))
    form = bound(
        request, forms.EntryForm, register=register, names=list(register.fields), entries=_choices(register, path),
        companies=companies_near(path),
    )  # fmt: skip

    def run(data: Mapping[str, Any]) -> Ref:
        return services.enter(code, estate=estate, filled=_filled(form, data), actor=actor, now=now).ref

    url = reverse("patrols:book", args=[code])
    return form_page(
        title=f"登记{register.title}", sub=estate.name if estate else "", form=form, run=run,
        done="已登记。", button="登记", back=url, after=lambda ref: reverse("patrols:entry", args=[ref.id]),
        crumbs=crumbs((register.title, url)), clauses=register.clauses,
    )  # fmt: skip


def change_page(request: Any, pk: int) -> FormPage:
    actor, now = actor_of(request), now_of(request)
    row, register = entry_of(request, pk)
    core.require(actor, "register.write", books.BookAt(register, row.place_path))
    form = bound(
        request, forms.EntryForm, version=row.version, register=register, names=list(register.fields),
        entries=_choices(register, row.place_path), companies=companies_near(row.place_path), kept=row.values,
        dated=False,
    )  # fmt: skip

    def run(data: Mapping[str, Any]) -> Ref:
        return services.change(row, filled=_filled(form, data), version=data["version"], actor=actor, now=now).ref

    return _entry_page(row, register, f"修改{register.title}", form, run, "已修改。")


def stage_page(request: Any, pk: int, stage: str) -> FormPage:
    actor, now = actor_of(request), now_of(request)
    row, register = entry_of(request, pk)
    target = next((one for one in register.next_stages(row.stage) if one.code == stage), None)
    if target is None or row.ended_on is not None or not services.may_stage(row, register, target, actor=actor):
        raise Http404
    form = bound(
        request, forms.EntryForm, version=row.version, register=register, names=_asked(register, row),
        entries=_choices(register, row.place_path), companies=companies_near(row.place_path), kept=row.values,
    )  # fmt: skip

    def run(data: Mapping[str, Any]) -> Ref:
        made = services.take_stage(
            row, stage=stage, filled=_filled(form, data), version=data["version"], actor=actor, now=now
        )
        return made.ref

    return _entry_page(row, register, target.title, form, run, "已办。")


def _asked(register: Register, row: RegisterEntry) -> list[str]:
    """What is not filled yet."""
    return [name for name in register.fields if row.values.get(name) in (None, "", [], False)]


def end_page(request: Any, pk: int) -> FormPage:
    actor, now = actor_of(request), now_of(request)
    row, register = entry_of(request, pk)
    core.require(actor, "register.write", books.BookAt(register, row.place_path))
    form = bound(request, forms.PlainForm, version=row.version)

    def run(data: Mapping[str, Any]) -> Ref:
        return services.end(row, version=data["version"], actor=actor, now=now).ref

    page = _entry_page(row, register, "注销登记", form, run, "已注销。")
    page.hint = "注销以后不再计入统计，经过仍可查。"
    return page


def _entry_page(row: RegisterEntry, register: Register, title: str, form: Any, run: Any, done: str) -> FormPage:
    url = reverse("patrols:entry", args=[row.pk])
    book = reverse("patrols:book", args=[register.code])
    return form_page(
        title=title, sub=f"{row.number}　{row.title}", form=form, run=run, done=done, back=url,
        crumbs=crumbs((register.title, book), (row.number, url)), clauses=register.clauses,
    )  # fmt: skip


def day_named(request: Any, name: str) -> date | None:
    try:
        return date.fromisoformat(request.GET.get(name, ""))
    except ValueError:
        return None
