"""Units and companies; who holds which role where from when to when, deputies, and handing over when a post ends."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from gongzhi.core import display
from gongzhi.core import services as core
from gongzhi.core.models import Organisation, Post
from gongzhi.core.refs import Ref
from gongzhi.core.sending import EXPORT, download
from gongzhi.core.sheets import Asked, workbook
from gongzhi.registry import services as registry
from gongzhi.registry.excel import MOST_ROWS
from gongzhi.registry.forms import (
    AddressForm,
    CompanyForm,
    DayForm,
    DeputyForm,
    EndUnitForm,
    FactForm,
    JoinForm,
    ListingForm,
    OfficeForm,
    PostForm,
    StaffForm,
)
from gongzhi.registry.models import CompanyStaff, Project, StandingFact
from gongzhi.registry.panels import open_work, panels_of_organisation
from gongzhi.registry.queries import facts_of, history
from gongzhi.registry.queries.reading import (
    companies_near,
    companies_pending,
    company_file,
    heirs_near,
    joins_of,
    listing_of,
    organisations_seen_by,
    people_near,
    places_of_units,
    roles_of_units,
    stated_of,
)
from gongzhi.registry.questions import SERVICE_RATINGS
from gongzhi.registry.services.companies import COMPANY, Employer
from gongzhi.registry.views.common import FormPage, actor_of, bound, now_of, page_of, today_of
from gongzhi.registry.views.estate import typed_text

LONGEST_SEARCH = 50
WITHOUT = {"staff": "没有登记从业人员的企业", "decision": "黑名单待批的企业"}
COLUMNS = (("单位", 36), ("角色", 20), ("地区", 22), ("在岗人数", 10), ("办公电话", 18))


def _role_words(role: str, place_path: str, on: Any) -> str:
    """By the name that the place's document gives it."""
    return display.role_name(role, core.pack_for(place_path, on))


def _organisation(request: HttpRequest, pk: int) -> Organisation:
    found: Organisation | None = organisations_seen_by(actor_of(request)).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


@login_required
@require_GET
def organisations(request: HttpRequest) -> HttpResponse:
    actor, on = actor_of(request), today_of(request)
    text, role = request.GET.get("text", "").strip()[:LONGEST_SEARCH], request.GET.get("role", "")
    rows = organisations_seen_by(actor)
    known = sorted(set(rows.values_list("role", flat=True)))
    rows = rows.filter(active=True)
    if text:
        rows = rows.filter(name__icontains=text)
    if role in known:
        rows = rows.filter(role=role)
    without = request.GET.get("without", "")
    if without == "staff":
        rows = rows.filter(role=COMPANY).exclude(staff__in=CompanyStaff.objects.filter(_now(on)))
    elif without == "decision":
        companies = rows.filter(role=COMPANY)
        rows = companies.filter(pk__in=companies_pending(companies.values_list("pk", flat=True), on))
    in_post = Count("posts", filter=Q(posts__begins_on__lte=on) & (Q(posts__ends_on=None) | Q(posts__ends_on__gte=on)))
    working = Count("staff", filter=Q(staff__from_on__lte=on) & (Q(staff__to_on=None) | Q(staff__to_on__gte=on)))
    rows = rows.annotate(in_post=in_post).order_by("place_path", "role", "name")
    if EXPORT in request.GET:
        conditions = [
            ("名称", text), ("角色", _role_words(role, actor.place_path, on) if role in known else ""),
            ("只看", WITHOUT.get(without, "")),
        ]  # fmt: skip
        lines = (
            (one.name, _role_words(one.role, one.place_path, on), one.place.name, one.in_post, one.phone)
            for one in rows[:MOST_ROWS]
        )
        content = workbook("单位", COLUMNS, lines, asked=Asked.of(actor, now_of(request), conditions))
        return download(content, name=f"units-{on:%Y%m%d}.xlsx")
    page = page_of(request, rows)
    found = {
        one.pk: one.working
        for one in Organisation.objects.filter(pk__in=[o.pk for o in page]).annotate(working=working)
    }
    context = {
        "nav": "estates",
        "page_title": "单位和岗位",
        "page": page,
        "rows": [(one, _role_words(one.role, one.place_path, on), found[one.pk]) for one in page],
        "roles": [(code, _role_words(code, actor.place_path, on)) for code in known],
        "text": text,
        "role": role,
        "without": without,
        "lacks": WITHOUT,
        "may_begin": core.may(actor, "unit.manage", core.place_at(actor.place_path)),
        "may_accounts": core.may(actor, "account.manage", core.place_at(actor.place_path)),
        "may_company": core.may(actor, "company.register", core.place_at(actor.place_path)),
    }
    return render(request, "registry/organisations.html", context)


def listed_now(company: Organisation, on: Any) -> bool:
    """Whether there is something to decide: a proposal, or an entry that may go back."""
    return any(facts_of(company.ref, ("list_pending", "blacklisted"), on).values())


def clauses_of(proposals: list[StandingFact]) -> list[str]:
    return list(dict.fromkeys(clause for one in proposals for clause in (one.answer or {}).get("clauses", ())))


def _now(on: Any) -> Q:
    return Q(from_on__lte=on) & (Q(to_on=None) | Q(to_on__gte=on))


@login_required
@require_GET
def organisation(request: HttpRequest, pk: int) -> HttpResponse:
    found, actor, on = _organisation(request, pk), actor_of(request), today_of(request)
    posts = Post.objects.filter(organisation=found).select_related("user", "deputy").order_by("-begins_on", "-pk")
    company = found.role == COMPANY
    context: dict[str, Any] = {
        "nav": "estates",
        "page_title": found.name,
        "organisation": found,
        "role_words": _role_words(found.role, found.place_path, on),
        "place": core.place_title(found.place_path),
        "posts": [(one, one.ends_on is None or one.ends_on >= on) for one in posts],
        "on": on,
        "may_posts": found.active and core.may(actor, "post.manage", found),
        "may_end": found.active and not company and core.may(actor, "unit.manage", found),
        "company": company,
        "may_state": bool(stated_of(found)) and core.may(actor, "organisation.record_fact", found),
        "panels": panels_of_organisation(found, actor=actor, on=on),
        "now": now_of(request),
    }
    if company:
        staff = CompanyStaff.objects.filter(company=found).select_related("person").order_by("-from_on", "-pk")
        context |= {
            "projects": Project.objects.filter(company=found).select_related("estate").order_by("-from_on"),
            "addresses": list(reversed(history(found.ref, "registered_address"))),
            "joins": joins_of(found),
            "file": company_file(found),
            "proposals": listing_of(found, on) if listed_now(found, on) else [],
            "list_clauses": clauses_of(listing_of(found, on)),
            "may_list": listed_now(found, on) and core.may(actor, "organisation.list", found),
            "staff": page_of(request, staff),
            "working": CompanyStaff.objects.filter(_now(on), company=found).count(),
            "may_staff": core.may(actor, "company.staff", Employer(found)),
            "may_address": core.may(actor, "organisation.record_fact", found),
            "may_join": core.may(actor, "organisation.merge", found),
        }
    return render(request, "registry/organisation.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def begin_unit(request: HttpRequest) -> HttpResponse:
    actor, now = actor_of(request), now_of(request)
    where = core.place_at(actor.place_path)
    core.require(actor, "unit.manage", where)
    form = bound(request, OfficeForm, initial={"from_on": today_of(request)})
    form.fields["role"].choices = [("", "请选"), *roles_of_units(actor.place_path, today_of(request))]
    form.fields["place"].queryset = places_of_units(actor)
    form.fields["replaces"].queryset = heirs_near(actor)

    def run(data: Mapping[str, Any]) -> Ref:
        given = {name: data[name] for name in ("role", "place", "name", "phone", "from_on", "replaces")}
        return core.begin_unit(**given, actor=actor, now=now).ref

    return FormPage(
        title="登记单位",
        form=form,
        run=run,
        done="已登记。",
        back=reverse("registry:organisations"),
        crumbs=[("单位和岗位", reverse("registry:organisations"))],
        hint="单位按角色和地区办事：派单、期限、签收都找这里登记的单位。物业服务企业另有“登记企业”。",
    ).answer(request)


@login_required
@require_http_methods(["GET", "POST"])
def begin_company(request: HttpRequest) -> HttpResponse:
    actor, now = actor_of(request), now_of(request)
    core.require(actor, "company.register", core.place_at(actor.place_path))

    def run(data: Mapping[str, Any]) -> Ref:
        given = {name: data[name] for name in ("name", "credit_code", "phone", "address")}
        made = registry.register_company(**given, actor=actor, now=now)
        page.after = reverse("registry:organisation", args=[made.pk])
        return made.ref

    page = FormPage(
        title="登记企业",
        form=bound(request, CompanyForm),
        run=run,
        done="已登记。从业人员、住所变更在这里登记；服务哪个小区，到那个小区的档案里登记。",
        back=reverse("registry:organisations"),
        crumbs=[("单位和岗位", reverse("registry:organisations"))],
        hint="物业服务企业。一次登记很多家的，用批量导入。",
    )
    return page.answer(request)


@login_required
@require_http_methods(["GET", "POST"])
def end_unit(request: HttpRequest, pk: int) -> HttpResponse:
    found, actor, now = _organisation(request, pk), actor_of(request), now_of(request)
    core.require(actor, "unit.manage", found)
    form = bound(request, EndUnitForm, initial={"day": today_of(request)})
    form.fields["heir"].queryset = heirs_near(actor, found)

    def run(data: Mapping[str, Any]) -> Ref:
        return core.end_unit(found, to_on=data["day"], heir=data["heir"], actor=actor, now=now).ref

    return _page(
        found,
        title=f"撤销{found.name}",
        form=form,
        run=run,
        done="已登记撤销，以前的记录都在。",
        extra={"left": core.in_hand(found, actor=actor), "people": core.holders(found, on=today_of(request))},
        template="registry/end_unit.html",
        button="登记撤销",
    ).answer(request)


def _page(found: Organisation, **given: Any) -> FormPage:
    back = reverse("registry:organisation", args=[found.pk])
    crumbs = [("单位和岗位", reverse("registry:organisations")), (found.name, back)]
    return FormPage(back=back, crumbs=crumbs, **given)


@login_required
@require_http_methods(["GET", "POST"])
def begin_post(request: HttpRequest, pk: int) -> HttpResponse:
    found, actor, now = _organisation(request, pk), actor_of(request), now_of(request)
    core.require(actor, "post.manage", found)
    form = bound(request, PostForm, initial={"begins_on": today_of(request)})
    form.fields["user"].queryset = people_near(actor)

    def run(data: Mapping[str, Any]) -> Ref:
        return core.begin_post(
            data["user"],
            organisation=found,
            title=data["title"],
            begins_on=data["begins_on"],
            actor=actor,
            now=now,
        ).ref

    return _page(found, title="登记到岗", form=form, run=run, done="已登记到岗。").answer(request)


def _post(request: HttpRequest, pk: int) -> Post:
    found = get_object_or_404(Post.objects.select_related("organisation", "user", "deputy"), pk=pk)
    if found.organisation is None:
        raise Http404
    _organisation(request, found.organisation.pk)
    return found


@login_required
@require_http_methods(["GET", "POST"])
def end_post(request: HttpRequest, pk: int) -> HttpResponse:
    """The last day of a post, with the open work that is handed over then, and to whom."""
    found, actor, now = _post(request, pk), actor_of(request), now_of(request)
    assert found.organisation is not None  # noqa: S101 - _post refuses it
    core.require(actor, "post.manage", found)
    tomorrow = today_of(request) + timedelta(days=1)
    heirs = [one for one in core.holders(found.organisation, on=tomorrow, without=found) if one.pk != found.user_id]

    def run(data: Mapping[str, Any]) -> Ref:
        return core.end_post(found, ends_on=data["day"], actor=actor, now=now).ref

    return _page(
        found.organisation,
        title=f"{found.user}离岗",
        form=bound(request, DayForm, initial={"day": today_of(request)}),
        run=run,
        done="已登记离岗，未办的事已移交。",
        extra={"work": open_work(found), "heir": heirs[0] if heirs else None, "post": found},
        template="registry/end_post.html",
        button="登记离岗并移交",
    ).answer(request)


@login_required
@require_http_methods(["GET", "POST"])
def deputy(request: HttpRequest, pk: int) -> HttpResponse:
    found, actor, now = _post(request, pk), actor_of(request), now_of(request)
    assert found.organisation is not None  # noqa: S101 - _post refuses it
    if actor.user is None or actor.user.pk != found.user_id:
        core.require(actor, "post.manage", found)
    form = bound(request, DeputyForm, initial={"from_on": today_of(request), "deputy": found.deputy})
    form.fields["deputy"].queryset = people_near(actor).exclude(pk=found.user_id)

    def run(data: Mapping[str, Any]) -> Ref:
        return core.set_deputy(
            found, deputy=data["deputy"], from_on=data["from_on"], to_on=data["to_on"], actor=actor, now=now
        ).ref

    return _page(
        found.organisation, title=f"{found.user}的代办人", form=form, run=run, done="已登记。", button="登记代办"
    ).answer(request)


@login_required
@require_http_methods(["GET", "POST"])
def staff(request: HttpRequest, pk: int) -> HttpResponse:
    found, actor, now = _organisation(request, pk), actor_of(request), now_of(request)
    core.require(actor, "company.staff", Employer(found))

    def run(data: Mapping[str, Any]) -> Ref:
        names = ("name", "phone", "position", "from_on")
        registry.join_staff(found, **{name: data[name] for name in names}, actor=actor, now=now)
        return found.ref

    return _page(found, title="登记从业人员", form=bound(request, StaffForm), run=run, done="已登记。").answer(request)


@login_required
@require_http_methods(["GET", "POST"])
def leave(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(CompanyStaff.objects.select_related("company", "person"), pk=pk)
    found, actor, now = _organisation(request, row.company_id), actor_of(request), now_of(request)
    core.require(actor, "company.staff", Employer(found))

    def run(data: Mapping[str, Any]) -> Ref:
        registry.leave_staff(row, to_on=data["day"], actor=actor, now=now)
        return found.ref

    return _page(found, title=f"{row.person}离岗", form=bound(request, DayForm), run=run, done="已登记离岗。").answer(
        request
    )


@login_required
@require_http_methods(["GET", "POST"])
def address(request: HttpRequest, pk: int) -> HttpResponse:
    found, actor, now = _organisation(request, pk), actor_of(request), now_of(request)
    core.require(actor, "organisation.record_fact", found)

    def run(data: Mapping[str, Any]) -> Ref:
        registry.record_organisation_fact(
            found, name="registered_address", value=data["address"], from_on=data["from_on"], actor=actor, now=now
        )
        return found.ref

    return _page(
        found,
        title="登记住所变更",
        form=bound(request, AddressForm, initial={"from_on": today_of(request)}),
        run=run,
        done="已登记，变更前的住所仍可查。",
    ).answer(request)


@login_required
@require_http_methods(["GET", "POST"])
def fact(request: HttpRequest, pk: int) -> HttpResponse:
    """Grades, scores and lists by other offices; who stands behind a company or a developer."""
    found, actor, now = _organisation(request, pk), actor_of(request), now_of(request)
    core.require(actor, "organisation.record_fact", found)
    known = stated_of(found)
    if not known:
        raise Http404
    form = bound(request, FactForm, initial={"from_on": today_of(request)})
    form.fields["name"].choices = [("", "请选"), *known.items()]
    form.fields[
        "value"
    ].help_text = (
        f"是否类填“是”或“否”；分数、星级填数字；评价等级填{'、'.join(SERVICE_RATINGS.values())}；不再认定的留空"
    )

    def run(data: Mapping[str, Any]) -> Ref:
        value = typed_text(data["name"], data["value"])
        registry.record_organisation_fact(
            found, name=data["name"], value=value, from_on=data["from_on"], actor=actor, now=now
        )
        return found.ref

    return _page(
        found,
        title="登记企业情况",
        form=form,
        run=run,
        done="已登记，记入企业档案。",
        hint="选聘、投标、承接查验按登记的情况提示或拦下；以前的记录仍可查。",
    ).answer(request)


@login_required
@require_http_methods(["GET", "POST"])
def listing(request: HttpRequest, pk: int) -> HttpResponse:
    found, actor, now = _organisation(request, pk), actor_of(request), now_of(request)
    core.require(actor, "organisation.list", found)

    def run(data: Mapping[str, Any]) -> Ref:
        registry.decide_listing(
            found, listed=data["listed"] == "yes", to_on=data["to_on"], reason=data["reason"], actor=actor, now=now
        )
        return found.ref

    return _page(
        found,
        title="决定黑名单",
        form=bound(request, ListingForm),
        run=run,
        done="已登记，决定记入企业档案。",
        hint="列入的，选聘企业和申请奖补时都会提示；处罚被撤销的，选“不列入，或者撤回”。",
        clauses=clauses_of(listing_of(found, today_of(request))),
    ).answer(request)


@login_required
@require_http_methods(["GET", "POST"])
def join(request: HttpRequest, pk: int) -> HttpResponse:
    found, actor, now = _organisation(request, pk), actor_of(request), now_of(request)
    core.require(actor, "organisation.merge", found)
    form = bound(request, JoinForm, initial={"from_on": today_of(request)})
    form.fields["into"].queryset = companies_near(found.place_path).exclude(pk=found.pk)

    def run(data: Mapping[str, Any]) -> Ref:
        names = ("into", "way", "from_on")
        registry.absorb_company(found, **{name: data[name] for name in names}, actor=actor, now=now)
        return found.ref

    return _page(
        found,
        title="登记加盟、兼并、重组",
        form=form,
        run=run,
        done="已登记。以前的记录仍归原企业。",
    ).answer(request)
