"""An estate's file: facts with their origin, buildings, who serves, duties, cases, and one timeline of events."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.days import ZONE
from gongzhi.core.display import percent
from gongzhi.core.errors import Refused
from gongzhi.core.reading import not_shut
from gongzhi.core.refs import Ref
from gongzhi.registry import services as registry
from gongzhi.registry.area_line import AREA_LINE
from gongzhi.registry.forms import ChangeEstateForm, FactForm, PaperForm
from gongzhi.registry.models import ArchivePaper, Estate, EstateReview, EstateStay, Project
from gongzhi.registry.panels import panels_of
from gongzhi.registry.queries import (
    FACT,
    area_after,
    buildings_shown,
    datasets,
    estate_on,
    facilities,
    governing,
    indicators,
    paths_of,
    place_path_on,
    places_of,
    serving,
)
from gongzhi.registry.queries.reading import LINES, formerly_in, happened_in, known_facts, lines_of, recordable
from gongzhi.registry.services.division import area_versions
from gongzhi.registry.services.estates import ServedEstate
from gongzhi.registry.views.common import (
    FormPage,
    actor_of,
    bound,
    crumbs_of,
    day_of,
    estate_of,
    estate_url,
    now_of,
    page_of,
    today_of,
)

EVENTS_SHOWN = 15
FACILITIES_SHOWN = 8
# Who there must be for every estate; one of the bodies is enough.
MUST_BE = {
    "社区（村）": ("community_station", "community_committee"),
    "镇街": ("street_office", "street_government"),
    "主管部门": ("housing",),
}
NOT_YET = {"community_choice": "社区归属未定", "community_premises": "社区用房未验收"}
GROUP_RULES = {"assessment": "考核办法", "rewards": "奖惩规则", "repair": "维修责任"}
PREMISES = ("service", "community", "support")
ACTS = (
    ("registry:fact", "estate.record_fact", "登记事项"),
    ("registry:change", "estate.change", "改档案"),
    ("registry:project", "project.register", "登记物业企业"),
    ("registry:paper", "estate.file_paper", "存入物业资料"),
    ("registry:add_facility", "facility.register", "登记设施设备"),
    ("registry:management", "estate.record_fact", "登记管理方式"),
    ("registry:draw_line", "estate.record_fact", "画区域界线"),
    ("registry:ask_review", "estate.ask_review", "提出核办"),
    ("registry:merge", "estate.divide", "合并区域"),
    ("registry:split", "estate.divide", "拆分区域"),
    ("registry:move", "estate.move", "划转社区"),
)


@login_required
@require_GET
def estate(request: HttpRequest, pk: int) -> HttpResponse:
    """The file as it stood on the day asked about: `?day=`, else today.

    Staff of a community that the estate has left read it as it stood up to their last day.
    """
    actor, now, on, today = actor_of(request), now_of(request), day_of(request), today_of(request)
    found, left = _seen(request, pk)
    if left is not None and left.to_on is not None:
        on = min(on, left.to_on)
    line = request.GET.get("line", "")
    staff = actor.is_staff_role or actor.role == "system_admin"
    paths = [] if left is None else [one for one in paths_of(found) if actor.within(one)]
    events = happened_in(found, line, paths=paths).filter(not_shut(actor)) if staff else None
    if events is not None and on < today:
        events = events.filter(at__lt=datetime.combine(on + timedelta(days=1), time.min, ZONE))
    page = page_of(request, events, size=EVENTS_SHOWN) if events is not None else None
    if page is not None and getattr(request, "htmx", False):
        told = {"on": on, "then": on != today, **_line(found, page, actor, line)}
        return render(request, "registry/_line.html", told)
    facts = known_facts(found.ref, on)
    offices = governing(found, on)
    pieces = facilities.facilities_for(actor).filter(estate=found)
    buildings = buildings_shown(found, on)
    days = int(facilities.warning(found.place_path, on).value)
    context: dict[str, Any] = {
        "nav": "estates",
        "now": now,
        "on": on,
        "today": today,
        "then": on != today,
        "estate": found,
        "row": estate_on(found, on) if on < today else found,
        "staff": staff,
        "facts": facts,
        "fact": {one.name: one for one in facts},
        "left": left,
        "stays": places_of(found),
        "went_into": area_after(found),
        "ancestors": [one for one in core.ancestors(place_path_on(found, on)) if one.level in CRUMB_LEVELS],
        "serving": serving(found, on),
        "projects": list(
            Project.objects.filter(estate=found)
            .select_related("company")
            .prefetch_related("managers")
            .order_by("-from_on")
        ),
        "governing": offices,
        "nobody": [title for title, roles in MUST_BE.items() if not set(roles) & set(offices["offices"])],
        "facilities": facilities.shown(list(pieces[:FACILITIES_SHOWN]), on, days=days),
        "facilities_total": pieces.count(),
        "buildings": buildings,
        "totals": {
            "units": sum(one.units_known for one in buildings),
            "area": sum(one.area or 0 for one in buildings),
        },
        **_group(found, on),
        "may_building": on == today and found.ended_on is None and core.may(actor, "estate.change", found),
        "may_manager": on == today and core.may(actor, "project.manager", ServedEstate(found, on)),
        "may_units": core.may(actor, "unit.read", found),
        "acts": [
            (reverse(name, args=[found.pk]), title)
            for name, right, title in ACTS
            if on == today and found.ended_on is None and core.may(actor, right, ServedEstate(found, on))
        ],
    }
    if staff:
        context |= _staff(found, actor, now, on) if on == today else _then(found, actor, now, on)
        context |= _line(found, page, actor, line)
    else:
        context["panels"] = panels_of(found, actor=actor, now=now, on=on)
        if on == today and core.may(actor, "estate.file_paper", ServedEstate(found, on)):
            context |= _archive(found, actor, on)
    return render(request, "registry/estate.html", context)


def _seen(request: HttpRequest, pk: int) -> tuple[Estate, EstateStay | None]:
    """The estate, and the actor's last time with it where it has left his place."""
    former = formerly_in(actor_of(request), pk)
    if former is not None and not actor_of(request).within(former[0].place_path):
        return former
    return estate_of(request, pk), None


CRUMB_LEVELS = ("county", "street", "community")


def _line(found: Estate, page: Any, actor: Actor, line: str) -> dict[str, Any]:
    events = list(page.object_list)
    lines = lines_of(events, actor)
    return {
        "estate": found,
        "line_page": page,
        "lines": lines,
        "lines_hidden": len(events) - len(lines),
        "line": line,
        "line_kinds": [("", "全部"), *((code, title) for code, (title, _) in LINES.items())],
    }


def _then(found: Estate, actor: Actor, now: Any, on: date) -> dict[str, Any]:
    """Of another day: what was known then. What there is to do is a matter of today."""
    return {
        "panels": panels_of(found, actor=actor, now=now, on=on),
        "versions": area_versions(found),
    }


def _staff(found: Estate, actor: Actor, now: Any, on: date) -> dict[str, Any]:
    reviews = list(EstateReview.objects.filter(estate=found).select_related("desk").order_by("-asked_at"))
    unit = actor.organisation.pk if actor.organisation is not None else None
    lists = [] if found.ended_on else indicators.lacking(found, on)
    return {
        "panels": panels_of(found, actor=actor, now=now, on=on),
        "lacking": [one for one in lists if one.missing],
        "called": [(one.words[bool(one.missing)], not one.missing) for one in lists if one.words[0]],
        "reviews": reviews,
        "to_answer": [one for one in reviews if one.answered_at is None and one.desk_id == unit],
        "unsettled": _unsettled(found, on),
        **_archive(found, actor, on),
        "datasets": datasets.of_estates([found], on)[found.pk],
        "versions": area_versions(found),
        "premises": _premises(found, on),
    }


def _archive(found: Estate, actor: Actor, on: date) -> dict[str, Any]:
    """The papers by the list of the place, for the offices and for the company that keeps them."""
    archive = registry.archive_items(found.place_path, on)
    kept = list(ArchivePaper.objects.filter(estate=found).select_related("file").order_by("item", "-pk"))
    have = {one.item for one in kept}
    return {
        "archive": [(item, [one for one in kept if one.item == item]) for item in archive.items],
        "archive_others": [one for one in kept if one.item not in archive.items],
        "archive_rate": percent(sum(item in have for item in archive.items), len(archive.items)),
        "archive_set_by": archive.set_by,
        "may_list": core.may(actor, "archive.set_items", found),
        "archive_clauses": archive.clauses,
    }


def _unsettled(found: Estate, on: date) -> list[tuple[str, str, tuple[str, ...]]]:
    """Matters that a unit has to settle for every estate, and where each stands."""
    shown = []
    latest = {one.kind: one for one in EstateReview.objects.filter(estate=found).order_by("asked_at")}
    for kind, title in indicators.EVERY_ESTATE.items():
        answer = core.ask(
            "registry.review", {"kind": kind, "estate_type": found.estate_type}, place_path=found.place_path, on=on
        )
        if not answer.ok or not answer.value.get("desk"):
            continue
        review = latest.get(kind)
        if review is None or review.result == "refused":
            words = f"{NOT_YET[kind]}：{'没有通过，整改后再报' if review else '还没有提出'}"
            shown.append((title, words, tuple(answer.clauses)))
        elif not review.result:
            shown.append((title, f"{NOT_YET[kind]}：待{review.desk}答复", tuple(answer.clauses)))
    return shown


def _premises(found: Estate, on: date) -> list[tuple[str, Any, Any, bool]]:
    """Planned and actual area of each kind of premises, and whether the two differ."""
    names = [f"{one}_premises_{side}_m2" for one in PREMISES for side in ("planned", "actual")]
    known = registry.facts_of(found.ref, names, on)
    titles = ("物业用房", "社区用房", "配套用房")
    rows = []
    for code, title in zip(PREMISES, titles, strict=True):
        planned, actual = known.get(f"{code}_premises_planned_m2"), known.get(f"{code}_premises_actual_m2")
        if planned is not None or actual is not None:
            rows.append((title, planned, actual, None not in (planned, actual) and planned != actual))
    return rows


def _group(found: Estate, on: date) -> dict[str, Any]:
    """Which group the estate is in that day, and what follows from it."""
    known = registry.estate_facts(found, on)
    names = ("estate_type", "estate_subtype", "has_property_company")
    facts = {name: known[name] for name in names if name in known}
    group, rules = (
        core.ask(one, facts, place_path=found.place_path, on=on) for one in ("registry.group", "registry.group_rules")
    )
    told = rules.value if rules.ok else {}
    shown = [(title, told[name]) for name, title in GROUP_RULES.items() if told.get(name)]
    return {"group": group, "group_rules": shown, "group_clauses": rules.clauses if shown else ()}


@login_required
@require_http_methods(["GET", "POST"])
def fact(request: HttpRequest, pk: int) -> HttpResponse:
    found, actor, now = estate_of(request, pk), actor_of(request), now_of(request)
    core.require(actor, "estate.record_fact", found)
    form = bound(request, FactForm, initial={"name": request.GET.get("name", ""), "from_on": today_of(request)})
    form.fields["name"].choices = [
        ("", "请选"),
        *((one, title) for one, title in recordable().items() if one != AREA_LINE),
    ]

    def run(data: Mapping[str, Any]) -> Ref:
        value = typed_text(data["name"], data["value"])
        registry.record_fact(found, name=data["name"], value=value, from_on=data["from_on"], actor=actor, now=now)
        return found.ref

    return FormPage(
        title="登记事项",
        form=form,
        run=run,
        done="已登记，大事记里留了记录。",
        back=estate_url(found),
        crumbs=crumbs_of(found),
        hint="登记的是自那一天起的情况；原来的记录不会被改掉。",
    ).answer(request)


def typed_text(name: str, text: str) -> Any:
    """What was typed, as the type that the fact declares. Nothing typed: no longer known."""
    kind, plain = FACT[name].type.kind, text.strip()
    if not plain:
        return None
    try:
        if kind == "bool":
            return {"是": True, "否": False}[plain]
        if kind == "enum":
            return dict(zip(FACT[name].type.labels, FACT[name].type.choices, strict=True))[plain]
        if kind == "count":
            return int(plain)
        if kind in ("area_m2", "ratio", "yuan", "number"):
            return Decimal(plain)
        return date.fromisoformat(plain) if kind == "date" else plain
    except (KeyError, ValueError, InvalidOperation) as error:
        words = {"bool": "是 或 否", "count": "整数", "date": "2024-06-01 这样的日期"}
        wanted = "、".join(FACT[name].type.labels) if kind == "enum" else words.get(kind, "数字")
        raise Refused("bad_fact", "", fields={"value": f"“{FACT[name].title}”要填{wanted}"}) from error


@login_required
@require_http_methods(["GET", "POST"])
def change(request: HttpRequest, pk: int) -> HttpResponse:
    found, actor, now = estate_of(request, pk), actor_of(request), now_of(request)
    core.require(actor, "estate.change", found)
    names = ("estate_type", "estate_subtype", "address", "households", "building_area_m2")
    form = bound(
        request, ChangeEstateForm, version=found.version, initial={name: getattr(found, name) for name in names}
    )
    answer = core.ask("registry.estate_types", {}, place_path=found.place_path, on=today_of(request))
    if answer.ok:
        form.offer([*answer.value["types"], *({found.estate_type} - set(answer.value["types"]))])

    def run(data: Mapping[str, Any]) -> Ref:
        changes = {name: data[name] for name in names}
        registry.change_estate(found, changes=changes, actor=actor, now=now, version=data["version"])
        return found.ref

    return FormPage(
        title="改档案",
        form=form,
        run=run,
        done="已更改，原来的内容留在大事记里。",
        back=estate_url(found),
        crumbs=crumbs_of(found),
        clauses=tuple(answer.clauses),
    ).answer(request)


@login_required
@require_http_methods(["GET", "POST"])
def paper(request: HttpRequest, pk: int) -> HttpResponse:
    found, actor, now = estate_of(request, pk), actor_of(request), now_of(request)
    core.require(actor, "estate.file_paper", ServedEstate(found, today_of(request)))
    known = registry.archive_items(found.place_path, today_of(request))
    form = bound(request, PaperForm)
    form.fields["item"].choices = [("", "请选"), *((one, one) for one in known.items)]

    def run(data: Mapping[str, Any]) -> Ref:
        registry.file_paper(found, item=data["item"], file=data["file"], actor=actor, now=now)
        return found.ref

    return FormPage(
        title="存入物业资料",
        form=form,
        run=run,
        done="已存入。",
        back=estate_url(found),
        crumbs=crumbs_of(found),
        hint="资料属于小区：企业退出时留在小区，不随企业删除。",
        clauses=known.clauses,
    ).answer(request)
