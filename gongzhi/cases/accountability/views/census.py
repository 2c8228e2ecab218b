"""抄告督办通报 by unit and matter, a unit's year, 认定推诿; candidates for a censure; where checks came from."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from gongzhi.cases.accountability import forms
from gongzhi.cases.accountability.models import CensureReview, MajorConflict
from gongzhi.cases.accountability.models.tasks import STEP_NAMES
from gongzhi.cases.accountability.queries import census as queries
from gongzhi.cases.accountability.services import trust as services
from gongzhi.cases.accountability.views.common import (
    FormPage,
    actor_of,
    handle,
    may,
    now_of,
    page_of,
    require_own,
    show,
    today,
    year_of,
    years,
)
from gongzhi.cases.models import Problem
from gongzhi.core import refs
from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.models import Organisation
from gongzhi.core.questions import ROLES
from gongzhi.duties.models import Duty
from gongzhi.duties.queries import seen_from_above
from gongzhi.registry import queries as registry

DEPARTMENTS = tuple(role.code for role in ROLES if role.level == "county" and role.kind == "department")
MOST_LATE = 20


@login_required
@require_GET
def census(request: HttpRequest) -> HttpResponse:
    actor, year = actor_of(request), year_of(request)
    require_own(actor, "accountability.board")
    rows = queries.census(actor.place_path, year=year)
    steps = queries.steps_of(rows)
    finds = may(actor, "accountability.find_shirking")
    page = page_of(rows, request)
    queries.for_eyes_of(actor, page.object_list)
    return show(
        request, "census", "census", "抄告、督办、通报",
        year=year, years=years(today(request).year),
        units=[(unit, [(step, counts.get(step, 0)) for step in steps]) for unit, counts in queries.by_unit(rows)],
        steps=steps, step_names=STEP_NAMES,
        totals=[(step, sum(row.count(step) for row in rows)) for step in steps],
        page=page,
        talks=may(actor, "accountability.talk"),
        finds=finds,
        late=seen_from_above(queries.late_duties(actor.place_path, level_roles=DEPARTMENTS), actor)[:MOST_LATE]
        if finds else [],
    )  # fmt: skip


@login_required
@require_GET
def unit(request: HttpRequest, pk: int) -> HttpResponse:
    year = year_of(request)
    row = get_object_or_404(Organisation, pk=pk)
    return show(
        request, "unit_year", "census", f"{row.name}{year}年履职明细",
        history=year_seen_by(actor_of(request), row, year),
        year=year, years=years(today(request).year), step_names=STEP_NAMES,
    )  # fmt: skip


def year_seen_by(actor: Actor, unit: Organisation, year: int) -> queries.UnitYear:
    """A unit reads its own year; those who watch read what lies below their place."""
    own = actor.organisation is not None and actor.organisation.pk == unit.pk
    if not own:
        core.require(actor, "accountability.board", unit)
    history = queries.unit_year(unit, year=year, place_path=unit.place_path if own else actor.place_path)
    if not own:
        queries.for_eyes_of(actor, history.steps)
    return history


@login_required
@require_http_methods(["GET", "POST"])
def duty_act(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    """认定推诿, 约谈, 移送 over one duty."""
    acts = {"tuiwei": _shirking, "yuetan": _talk, "yisong": _refer}
    if code not in acts:
        raise Http404
    row = get_object_or_404(Duty, pk=pk, place_path__startswith=actor_of(request).place_path or "-")
    if refs.is_shut(actor_of(request), row.subject):
        raise Http404
    return acts[code](request, row)


def _about(row: Duty) -> str:
    return f"{row.owner_organisation}：{row.subject_title or row.title}"


def _shirking(request: HttpRequest, row: Duty) -> HttpResponse:
    actor, now, back = actor_of(request), now_of(request), reverse("accountability:census")
    core.require(actor, "accountability.find_shirking", row)
    page = FormPage("census", "认定推诿", back, about=_about(row),
                    will="区县部门逾期又被认定推诿的，直接通报，可以约谈；镇街、社区仍逐级督促。")  # fmt: skip
    return handle(
        request, page, forms.ShirkForm,
        lambda clean: services.find_duty_shirked(row, reason=clean["reason"], actor=actor, now=now).duty,
        to=back, done="已认定推诿。",
    )  # fmt: skip


def _talk(request: HttpRequest, row: Duty) -> HttpResponse:
    actor, now, back = actor_of(request), now_of(request), reverse("accountability:census")
    core.require(actor, "accountability.talk", row)
    page = FormPage("talks", "发起约谈", back, about=_about(row), will="约谈通知书编号后送达该单位。")

    def do(clean: dict[str, Any]) -> Any:
        clean.pop("version", None)
        return services.open_talk(row, **clean, actor=actor, now=now)

    return handle(
        request, page, forms.TalkForm, do, to=lambda key: reverse("accountability:talk", args=[key]),
        done="已发起约谈。",
    )  # fmt: skip


def _refer(request: HttpRequest, row: Duty) -> HttpResponse:
    actor, now, back = actor_of(request), now_of(request), reverse("accountability:census")
    core.require(actor, "accountability.refer", row)
    page = FormPage("talks", "移送问责建议", back, about=_about(row), will="问责建议移送函编号后送达纪检监察机关。")
    return handle(
        request, page, lambda *data, **more: forms.TextForm(*data, label="移送事由", **more),
        lambda clean: services.refer(row, reason=clean["text"], actor=actor, now=now),
        to=lambda key: reverse("accountability:referral", args=[key]), done="已移送。",
    )  # fmt: skip


@login_required
@require_GET
def candidates(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    require_own(actor, "accountability.read_candidates")
    majors = MajorConflict.objects.filter(place_path__startswith=actor.place_path)
    return show(
        request, "candidates", "candidates", "通报候选",
        page=page_of(queries.candidates(actor.place_path), request),
        majors=majors.select_related("estate", "party", "certificate").order_by("-found_at"),
        reviews=may(actor, "accountability.review_company"),
        censures=may(actor, "accountability.censure"),
        finds=may(actor, "accountability.find_major"),
    )  # fmt: skip


@login_required
@require_http_methods(["GET", "POST"])
def review(request: HttpRequest, pk: int, party: int) -> HttpResponse:
    actor, now, back = actor_of(request), now_of(request), reverse("accountability:candidates")
    row = get_object_or_404(Problem.objects.select_related("estate"), pk=pk)
    core.require(actor, "accountability.review_company", row)
    unit_ = get_object_or_404(Organisation, pk=party)
    page = FormPage("candidates", "审核通报候选", back, about=f"{unit_}：{row.estate}，{row.text}",
                    will="建议通报的，由领导小组办公室出通报。")  # fmt: skip

    def do(clean: dict[str, Any]) -> Any:
        services.review_candidate(
            row, party=unit_, propose=clean["propose"] == "yes", reason=clean["reason"], actor=actor, now=now
        )
        return row

    return handle(request, page, forms.ReviewForm, do, to=back, done="已审核。")


@login_required
@require_http_methods(["GET", "POST"])
def censure(request: HttpRequest, pk: int) -> HttpResponse:
    actor, now, back = actor_of(request), now_of(request), reverse("accountability:candidates")
    row = get_object_or_404(CensureReview.objects.select_related("problem__estate", "party"), pk=pk)
    core.require(actor, "accountability.censure", row)
    about = f"{row.party}：{row.problem.estate}，{row.problem.text}"
    page = FormPage("candidates", "出通报", back, about=about, will=f"镇街意见：{row.reason}")
    return handle(
        request, page, forms.Plain, lambda clean: services.censure_candidate(row, actor=actor, now=now).document,
        to=back, done="已出通报。",
    )  # fmt: skip


@login_required
@require_http_methods(["GET", "POST"])
def major(request: HttpRequest) -> HttpResponse:
    actor, now, back = actor_of(request), now_of(request), reverse("accountability:candidates")
    require_own(actor, "accountability.find_major")
    page = FormPage("candidates", "认定重大矛盾和事故", back, button="认定",
                    will="认定书须上传；解聘、改选仍须经业主大会表决。")  # fmt: skip
    given = {"units": parties_below(actor.place_path), "estates": registry.estates_within(actor.place_path)}
    return handle(
        request, page, lambda *data, **more: forms.MajorForm(*data, **given, **more),
        lambda clean: services.find_major(**clean, actor=actor, now=now), to=back, done="已认定。",
    )  # fmt: skip


def parties_below(place_path: str) -> Any:
    """Companies serving, and committees of, the estates below a place."""
    serving = Organisation.objects.filter(projects__estate__place_path__startswith=place_path)
    committees = Organisation.objects.filter(role="owners_committee", place_path__startswith=place_path)
    keys = {*serving.values_list("pk", flat=True), *committees.values_list("pk", flat=True)}
    return Organisation.objects.filter(pk__in=keys).order_by("pk") if place_path else Organisation.objects.none()


@login_required
@require_GET
def checks(request: HttpRequest) -> HttpResponse:
    actor, year = actor_of(request), year_of(request)
    require_own(actor, "accountability.board")
    rows = queries.check_sources(actor.place_path, year=year)
    return show(
        request, "checks", "checks", "检查从哪里来",
        rows=rows, year=year, years=years(today(request).year), total=sum(row["all"] for row in rows),
    )  # fmt: skip
