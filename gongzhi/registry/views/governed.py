"""What changes an estate's limits, who serves it, and what another unit has to state about it."""

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from gongzhi.core import refs
from gongzhi.core import services as core
from gongzhi.core.refs import Ref
from gongzhi.registry import services as registry
from gongzhi.registry.forms import (
    AnswerForm,
    AskForm,
    DayForm,
    ManagerForm,
    MergeForm,
    MoveForm,
    ProjectForm,
    SplitForm,
    TermsForm,
)
from gongzhi.registry.models import Building, Estate, EstateReview, Project
from gongzhi.registry.queries.lines import plan_of_review
from gongzhi.registry.queries.reading import communities_for, communities_near, companies_near
from gongzhi.registry.queries.reviews import Offered, about_words, reviews_offered
from gongzhi.registry.questions import AREA_DIVISION
from gongzhi.registry.services.estates import ServedEstate
from gongzhi.registry.services.projects import TERMS
from gongzhi.registry.services.reviews import CHOICE
from gongzhi.registry.views.common import (
    FormPage,
    actor_of,
    bound,
    crumbs_of,
    estate_of,
    estate_url,
    now_of,
    today_of,
)

MOST_OPTIONS = 200


def _division_clauses(found: Estate, request: HttpRequest) -> tuple[str, ...]:
    answer = core.ask("registry.review", {"kind": AREA_DIVISION}, place_path=found.place_path, on=today_of(request))
    return tuple(answer.clauses)


def _neighbours(found: Estate) -> Any:
    street = found.community.parent
    rows = Estate.objects.within(street.path if street else found.community.path).filter(ended_on=None)
    return rows.exclude(pk=found.pk).order_by("name")


@login_required
@require_http_methods(["GET", "POST"])
def merge(request: HttpRequest, pk: int) -> HttpResponse:
    found, actor, now = estate_of(request, pk), actor_of(request), now_of(request)
    core.require(actor, "estate.divide", found)
    form = bound(request, MergeForm, version=found.version, initial={"from_on": today_of(request)})
    form.fields["others"].queryset = _neighbours(found)

    def run(data: Mapping[str, Any]) -> Ref:
        others = list(data["others"])
        return registry.merge_estates(
            found, others=others, from_on=data["from_on"], actor=actor, now=now, version=data["version"]
        ).ref

    return FormPage(
        title="合并物业管理区域",
        form=form,
        run=run,
        done="已合并。原小区的档案和历史都在。",
        back=estate_url(found),
        crumbs=crumbs_of(found),
        hint=f"自那一天起，选中的小区并入{found.name}；之前哪一天归谁、谁服务，仍可查。"
        "业主和楼幢长的账号一起转过来；没有办完的案件和期限、业主组织、账目留在原小区的档案里，接着办完。",
        clauses=_division_clauses(found, request),
    ).answer(request)


@login_required
@require_http_methods(["GET", "POST"])
def move(request: HttpRequest, pk: int) -> HttpResponse:
    found, actor, now = estate_of(request, pk), actor_of(request), now_of(request)
    core.require(actor, "estate.move", found)
    form = bound(request, MoveForm, version=found.version, initial={"from_on": today_of(request)})
    form.fields["community"].queryset = communities_for(actor, found)
    answer = core.ask("registry.review", {"kind": CHOICE}, place_path=found.place_path, on=today_of(request))

    def run(data: Mapping[str, Any]) -> Ref:
        given = {name: data[name] for name in ("community", "from_on", "reason", "version")}
        return registry.move_estate(found, **given, actor=actor, now=now).ref

    return FormPage(
        title="划转社区",
        form=form,
        run=run,
        done="已划转。没有办完的案件、期限和组织的事都移交到新社区。",
        back=estate_url(found),
        crumbs=crumbs_of(found),
        hint=f"{found.name}现在属于{found.community.name}。已经办结的件和以前的记录留在原社区，新社区在小区档案里看得到。",
        clauses=tuple(answer.clauses) if answer.ok and answer.value.get("desk") else (),
    ).answer(request)


@login_required
@require_http_methods(["GET", "POST"])
def split(request: HttpRequest, pk: int) -> HttpResponse:
    found, actor, now = estate_of(request, pk), actor_of(request), now_of(request)
    core.require(actor, "estate.divide", found)
    form = bound(request, SplitForm, version=found.version, initial={"from_on": today_of(request)})
    form.fields["buildings"].queryset = Building.objects.filter(estate=found).order_by("name")

    def run(data: Mapping[str, Any]) -> Ref:
        made = registry.split_estate(
            found,
            buildings=list(data["buildings"]),
            name=data["name"],
            from_on=data["from_on"],
            actor=actor,
            now=now,
            version=data["version"],
        )
        page.after = estate_url(made)
        return made.ref

    page = FormPage(
        title="拆分物业管理区域",
        form=form,
        run=run,
        done="已拆分，新小区已登记。",
        back=estate_url(found),
        crumbs=crumbs_of(found),
        clauses=_division_clauses(found, request),
    )
    return page.answer(request)


@login_required
@require_http_methods(["GET", "POST"])
def project(request: HttpRequest, pk: int) -> HttpResponse:
    found, actor, now = estate_of(request, pk), actor_of(request), now_of(request)
    core.require(actor, "project.register", found)
    form = bound(request, ProjectForm)
    form.fields["company"].queryset = companies_near(found.place_path)

    def run(data: Mapping[str, Any]) -> Ref:
        names = (
            "company", "service_kind", "manager_name", "service_standard", "fee", "fee_yuan_m2_month", "from_on",
        )  # fmt: skip
        registry.begin_project(estate=found, **{name: data[name] for name in names}, actor=actor, now=now)
        return found.ref

    return FormPage(
        title="登记物业企业",
        form=form,
        run=run,
        done="已登记。",
        back=estate_url(found),
        crumbs=crumbs_of(found),
        hint="同一天只能有一家企业；原企业还在的，先登记它的最后一日。",
    ).answer(request)


def _project(request: HttpRequest, pk: int) -> Project:
    found = get_object_or_404(Project.objects.select_related("estate__community", "company"), pk=pk)
    estate_of(request, found.estate_id)
    return found


@login_required
@require_http_methods(["GET", "POST"])
def end_project(request: HttpRequest, pk: int) -> HttpResponse:
    found, actor, now = _project(request, pk), actor_of(request), now_of(request)
    core.require(actor, "project.register", found)

    def run(data: Mapping[str, Any]) -> Ref:
        registry.end_project(found, to_on=data["day"], actor=actor, now=now)
        return found.estate.ref

    return FormPage(
        title=f"{found.company}退出",
        form=bound(request, DayForm),
        run=run,
        done="已登记退出，档案随小区留存。",
        back=estate_url(found.estate),
        crumbs=crumbs_of(found.estate),
    ).answer(request)


@login_required
@require_http_methods(["GET", "POST"])
def manager(request: HttpRequest, pk: int) -> HttpResponse:
    found, actor, now = _project(request, pk), actor_of(request), now_of(request)
    core.require(actor, "project.manager", ServedEstate(found.estate, today_of(request)))

    def run(data: Mapping[str, Any]) -> Ref:
        registry.change_manager(found, name=data["name"], from_on=data["from_on"], actor=actor, now=now)
        return found.estate.ref

    return FormPage(
        title="更换项目负责人",
        form=bound(request, ManagerForm, initial={"from_on": today_of(request)}),
        run=run,
        done="已登记，原负责人到前一日为止。",
        back=estate_url(found.estate),
        crumbs=crumbs_of(found.estate),
    ).answer(request)


@login_required
@require_http_methods(["GET", "POST"])
def terms(request: HttpRequest, pk: int) -> HttpResponse:
    """The service's standard and its fee."""
    found, actor, now = _project(request, pk), actor_of(request), now_of(request)
    core.require(actor, "project.register", found)
    start = {name: getattr(found, name) for name in TERMS}

    def run(data: Mapping[str, Any]) -> Ref:
        changes = {name: data[name] for name in TERMS}
        return registry.change_terms(found, changes=changes, actor=actor, now=now).estate.ref

    return FormPage(
        title="更改服务标准和收费",
        form=bound(request, TermsForm, initial=start),
        run=run,
        done="已更改，原来的内容留在大事记里。",
        back=estate_url(found.estate),
        crumbs=crumbs_of(found.estate),
    ).answer(request)


@login_required
@require_http_methods(["GET", "POST"])
def ask_review(request: HttpRequest, pk: int) -> HttpResponse:
    """First which matter, then what that matter asks for."""
    found, actor, now = estate_of(request, pk), actor_of(request), now_of(request)
    core.require(actor, "estate.ask_review", found)
    offered = reviews_offered(found, actor, today_of(request))
    kind = request.GET.get("kind", "")
    if kind not in offered:
        context = {"nav": "estates", "page_title": "提出核办", "estate": found, "offered": offered.values()}
        return render(request, "registry/ask_review.html", context)
    asked_of = offered[kind]
    form = _ask_form(request, found, asked_of)

    def run(data: Mapping[str, Any]) -> Ref:
        return registry.ask_review(
            found,
            kind=kind,
            asked=data["asked"],
            choice=data.get("choice", ""),
            details=form.details(),
            files=data["papers"],
            actor=actor,
            now=now,
        ).ref

    return FormPage(
        title=f"提出核办：{asked_of.title}",
        form=form,
        run=run,
        done=f"已提出，等{asked_of.desk}答复。",
        back=estate_url(found),
        crumbs=[*crumbs_of(found), ("提出核办", reverse("registry:ask_review", args=[pk]))],
        hint=f"由{asked_of.desk}核办，答复后在小区档案里看得到。",
        clauses=asked_of.clauses,
        button="提出核办",
    ).answer(request)


def _ask_form(request: HttpRequest, found: Estate, asked_of: Offered) -> Any:
    form = bound(request, AskForm)
    if asked_of.choices:
        form.offer_choices(asked_of.choices)
    if asked_of.kind == CHOICE:
        form.offer_communities(communities_near(found), new=bool(asked_of.sets_up))
    if asked_of.kind == AREA_DIVISION:
        form.offer_division(_neighbours(found), Building.objects.filter(estate=found).order_by("name"))
    form.order_fields([name for name in form.fields if name not in ("asked", "papers")])
    return form


@login_required
@require_http_methods(["GET", "POST"])
def review(request: HttpRequest, pk: int) -> HttpResponse:
    """What was asked; for the unit asked, the form of its answer."""
    found = get_object_or_404(EstateReview.objects.select_related("estate__community", "desk", "asked_by"), pk=pk)
    actor, now = actor_of(request), now_of(request)
    if not refs.may_read(actor, found.ref):
        raise Http404
    answering = found.answered_at is None and actor.organisation is not None and actor.organisation.pk == found.desk_id
    context = {
        "nav": "estates",
        "review": found,
        "estate": found.estate,
        "files": core.files_of(found.ref),
        "about": about_words(found),
        "plan": plan_of_review(found, today_of(request)),
        "page_title": found.get_kind_display(),
    }
    if not answering:
        return render(request, "registry/review.html", context)

    def run(data: Mapping[str, Any]) -> Ref:
        registry.answer_review(
            found,
            result=data["result"],
            opinion=data["opinion"],
            files=data["papers"],
            actor=actor,
            now=now,
            version=data["version"],
        )
        return found.ref

    here = reverse("registry:review", args=[found.pk])
    return FormPage(
        title=found.get_kind_display(),
        form=bound(request, AnswerForm, version=found.version),
        run=run,
        done="已答复。",
        back=here,
        crumbs=[("小区", reverse("registry:estates")), (found.estate.name, "")],
        button="答复",
        extra=context,
        template="registry/review.html",
    ).answer(request)
