"""Units of an estate with masked owners; one unit with its history, its transfer and its area."""

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import Prefetch
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.people import FIELDS
from gongzhi.core.refs import Ref
from gongzhi.core.sending import EXPORT, download
from gongzhi.core.sheets import Asked
from gongzhi.registry import services as registry
from gongzhi.registry.excel import MOST_ROWS, units_of
from gongzhi.registry.forms import (
    AreaForm,
    BuildingForm,
    DeliveryForm,
    EntranceForm,
    OwnerSearchForm,
    RevealForm,
    TransferForm,
    UnitFactForm,
    UnitForm,
)
from gongzhi.registry.models import Building, Ownership, OwnershipShare, Unit, covers
from gongzhi.registry.panels import links_of_unit, notes_of_unit
from gongzhi.registry.queries import area_on, areas_of, buildings_on, ownerships_of, units_on
from gongzhi.registry.queries import fact as fact_on
from gongzhi.registry.queries.known import FACT
from gongzhi.registry.queries.reading import entrance_changes, known_facts, units_owned_by
from gongzhi.registry.questions import OF_UNITS, UNIT_USES
from gongzhi.registry.services.estates import BUILDING_FIELDS
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

UNITS_SHOWN = 30
DELIVERED = "delivered"


@login_required
@require_GET
def units(request: HttpRequest, pk: int) -> HttpResponse:
    found, actor, on, today = estate_of(request, pk), actor_of(request), day_of(request), today_of(request)
    core.require(actor, "unit.read", found)
    building = request.GET.get("building", "")
    shares = Prefetch("shares", OwnershipShare.objects.select_related("owner").order_by("pk"))
    titles = Ownership.objects.filter(covers(on)).prefetch_related(shares)
    rows = units_on(found, on)
    if building.isdigit():
        rows = rows.filter(building=int(building))
    rows = rows.prefetch_related(Prefetch("ownerships", titles, to_attr="today"))
    if EXPORT in request.GET:
        chosen = Building.objects.filter(pk=int(building)).first() if building.isdigit() else None
        conditions = [("小区", found.name), ("楼幢", str(chosen or "")), ("哪一天", f"{on:%Y-%m-%d}")]
        lines = ((one, area_on(one, on), _owners(one)) for one in rows[:MOST_ROWS])
        content = units_of(lines, UNIT_USES, asked=Asked.of(actor, now_of(request), conditions))
        return download(content, name=f"units-{found.pk}-{on:%Y%m%d}.xlsx")
    page = page_of(request, rows, size=UNITS_SHOWN)
    context = {
        "nav": "estates",
        "page_title": f"{found.name}　房屋和业主",
        "estate": found,
        "page": page,
        "rows": [(one, area_on(one, on)) for one in page.object_list],
        "on": on,
        "today": today,
        "then": on != today,
        "buildings": list(buildings_on(found, on)),
        "building": building,
        "may_change": on == today and found.ended_on is None and core.may(actor, "estate.change", found),
    }
    return render(request, "registry/units.html", context)


@never_cache
@login_required
@sensitive_post_parameters("number")
@require_http_methods(["GET", "POST"])
def search(request: HttpRequest) -> HttpResponse:
    """Whose phone or identity number this is: by POST, so that the number stands in no address and no log."""
    actor, on = actor_of(request), today_of(request)
    core.require(actor, "unit.read", actor.organisation or actor.post)
    form = OwnerSearchForm(request.POST if request.method == "POST" else None)
    found = None
    if form.is_bound and form.is_valid():
        number = form.cleaned_data["number"]
        found = units_owned_by(actor, phone=number, id_number=number, on=on)
    context = {
        "nav": "estates",
        "page_title": "按号码找房屋",
        "form": form,
        "found": found,
        "rows": [(one, _owners(one)) for one in found or ()],
    }
    return render(request, "registry/search.html", context, status=422 if form.errors else 200)


def _owners(unit: Any) -> str:
    """As on the page: masked."""
    return "、".join(
        share.owner.masked_name + ("" if share.words == "全部" else f"（{share.words}）")
        for title in unit.today
        for share in title.shares.all()
    )


def _unit(request: HttpRequest, pk: int) -> Unit:
    unit = get_object_or_404(Unit.objects.select_related("building__estate__community"), pk=pk)
    if not core.may(actor_of(request), "unit.read", unit):
        raise Http404
    return unit


@login_required
@require_GET
def unit(request: HttpRequest, pk: int) -> HttpResponse:
    return render(request, "registry/unit.html", _context(request, _unit(request, pk)))


def _context(request: HttpRequest, found: Unit) -> dict[str, Any]:
    """Owners and area of the day asked about."""
    actor, on, today = actor_of(request), day_of(request), today_of(request)
    estate = found.building.estate
    titles = ownerships_of(found)
    may_transfer = estate.ended_on is None and core.may(actor, "unit.transfer", found)
    return {
        "on": on,
        "today": today,
        "then": on != today,
        "area": area_on(found, on),
        "delivered": fact_on(found.ref, DELIVERED, on),
        "links": [] if on != today else links_of_unit(found, actor=actor, on=on),
        "nav": "estates",
        "unit": found,
        "estate": estate,
        "owners": registry.owners_on(found, on),
        "titles": titles,
        "areas": areas_of(found),
        "entrances": entrance_changes(found),
        "facts": known_facts(found.ref, on),
        "may_state": core.may(actor, "estate.record_fact", estate),
        "may_transfer": may_transfer,
        "notes": notes_of_unit(found, on=on) if may_transfer and on == today else [],
        "may_change": estate.ended_on is None and core.may(actor, "estate.change", found),
        **_revealing(found, titles, actor),
    }


def _revealing(found: Unit, titles: list[Ownership], actor: Actor) -> dict[str, Any]:
    """For those who may look at an owner in the plain: the form, and who looked before."""
    if not core.may(actor, "person.reveal", found):
        return {}
    owners = {share.owner.pk: share.owner for title in titles for share in title.shares.all()}
    return {"reveal": RevealForm(), "looks": core.looks_at(owners.values())}


@login_required
@require_POST
def reveal(request: HttpRequest, pk: int, owner: int) -> HttpResponse:
    """One owner in the plain, once, with a reason that is kept."""
    found, actor, now = _unit(request, pk), actor_of(request), now_of(request)
    share = get_object_or_404(OwnershipShare.objects.select_related("owner"), pk=owner, ownership__unit=found)
    form = RevealForm(request.POST)
    context = _context(request, found)
    if not form.is_valid():
        return render(request, "registry/unit.html", {**context, "reveal": form}, status=422)
    shown = [
        (title, value)
        for field, title in FIELDS.items()
        if getattr(share.owner, f"{field}_cipher")
        and (value := core.reveal(share.owner, field, reason=form.cleaned_data["reason"], actor=actor, now=now))
    ]
    reason = dict(form.fields["reason"].choices)[form.cleaned_data["reason"]]  # type: ignore[attr-defined]
    return render(request, "registry/revealed.html", {**context, "shown": shown, "reason": reason})


def _page(found: Unit, **given: Any) -> FormPage:
    back = reverse("registry:unit", args=[found.pk])
    crumbs = [*crumbs_of(found.building.estate), (str(found), back)]
    return FormPage(back=back, crumbs=crumbs, **given)


@login_required
@require_http_methods(["GET", "POST"])
def transfer(request: HttpRequest, pk: int) -> HttpResponse:
    found, actor, now = _unit(request, pk), actor_of(request), now_of(request)
    core.require(actor, "unit.transfer", found)

    def run(data: Mapping[str, Any]) -> Ref:
        registry.transfer_unit(
            found,
            owners=data["owners"],
            from_on=data["from_on"],
            certificate=data["certificate"],
            actor=actor,
            now=now,
            version=data["version"],
        )
        return found.ref

    return _page(
        found,
        title="登记转让",
        form=bound(request, TransferForm, version=found.version),
        run=run,
        done="已登记，原业主到前一日为止。",
        hint="姓名、电话、证件号加密保存，页面上只显示一部分。",
        extra={"notes": notes_of_unit(found, on=today_of(request))},
        template="registry/transfer.html",
    ).answer(request)


@login_required
@require_http_methods(["GET", "POST"])
def area(request: HttpRequest, pk: int) -> HttpResponse:
    found, actor, now = _unit(request, pk), actor_of(request), now_of(request)
    core.require(actor, "estate.change", found)
    start = {"exclusive_area_m2": found.exclusive_area_m2, "area_source": found.area_source}

    def run(data: Mapping[str, Any]) -> Ref:
        registry.correct_area(
            found,
            exclusive_area_m2=data["exclusive_area_m2"],
            area_source=data["area_source"],
            from_on=data["from_on"],
            actor=actor,
            now=now,
            version=data["version"],
        )
        return found.ref

    return _page(
        found,
        title="更正面积",
        form=bound(request, AreaForm, version=found.version, initial=start),
        run=run,
        done="已更正，原面积留有记录。",
    ).answer(request)


@login_required
@require_http_methods(["GET", "POST"])
def entrance(request: HttpRequest, pk: int) -> HttpResponse:
    """更正单元: in which entrance of its building the unit lies."""
    found, actor, now = _unit(request, pk), actor_of(request), now_of(request)
    core.require(actor, "estate.change", found)

    def run(data: Mapping[str, Any]) -> Ref:
        registry.place_in_entrance(found, entrance=data["entrance"], actor=actor, now=now, version=data["version"])
        return found.ref

    return _page(
        found,
        title="更正单元",
        form=bound(request, EntranceForm, version=found.version, initial={"entrance": found.entrance}),
        run=run,
        done="已更正，原来的单元留有记录。",
        hint="单元决定按单元表决时谁投票；已经锁定的名册不变，名册有误的在那次表决里更正。",
    ).answer(request)


@login_required
@require_http_methods(["GET", "POST"])
def delivery(request: HttpRequest, pk: int) -> HttpResponse:
    """交付: whether the unit was handed over to its owner, from which day."""
    found, actor, now = _unit(request, pk), actor_of(request), now_of(request)
    core.require(actor, "estate.change", found)

    def run(data: Mapping[str, Any]) -> Ref:
        value = data["delivered"] == "yes"
        registry.record_unit_fact(found, name=DELIVERED, value=value, from_on=data["from_on"], actor=actor, now=now)
        return found.ref

    return _page(
        found,
        title="登记交付",
        form=bound(request, DeliveryForm, initial={"from_on": today_of(request)}),
        run=run,
        done="已登记。",
    ).answer(request)


@login_required
@require_http_methods(["GET", "POST"])
def building(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(Building.objects.select_related("estate__community"), pk=pk)
    found, actor, now = estate_of(request, row.estate_id), actor_of(request), now_of(request)
    core.require(actor, "estate.change", found)

    def run(data: Mapping[str, Any]) -> Ref:
        changes = {name: data[name] for name in BUILDING_FIELDS}
        registry.change_building(row, changes=changes, actor=actor, now=now)
        return found.ref

    return FormPage(
        title=f"{row.name}的层数、单元和电梯",
        form=bound(request, BuildingForm, initial={name: getattr(row, name) for name in BUILDING_FIELDS}),
        run=run,
        done="已更改，原来的内容留在大事记里。",
        back=estate_url(found),
        crumbs=crumbs_of(found),
    ).answer(request)


@login_required
@require_http_methods(["GET", "POST"])
def add(request: HttpRequest, pk: int) -> HttpResponse:
    found, actor, now = estate_of(request, pk), actor_of(request), now_of(request)
    core.require(actor, "estate.change", found)
    form = bound(request, UnitForm)
    form.fields["building"].queryset = Building.objects.filter(estate=found).order_by("name")

    def run(data: Mapping[str, Any]) -> Ref:
        return registry.register_unit(
            data["building"],
            name=data["name"],
            entrance=data["entrance"],
            exclusive_area_m2=data["exclusive_area_m2"],
            area_source=data["area_source"],
            area_from_on=data["from_on"],
            actor=actor,
            now=now,
        ).ref

    back = reverse("registry:units", args=[found.pk])
    return FormPage(
        title="登记房屋",
        form=form,
        run=run,
        done="已登记。",
        back=back,
        crumbs=[*crumbs_of(found), ("房屋和业主", back)],
    ).answer(request)


@login_required
@require_http_methods(["GET", "POST"])
def fact(request: HttpRequest, pk: int) -> HttpResponse:
    """Arrears after the reminder, a violation that is not put right: what rules about candidates and others read."""
    found, actor, now = _unit(request, pk), actor_of(request), now_of(request)
    estate = found.building.estate
    core.require(actor, "estate.record_fact", estate)
    form = bound(request, UnitFactForm, version=found.version, initial={"from_on": today_of(request)})
    form.fields["name"].choices = [("", "请选"), *((name, FACT[name].title) for name in OF_UNITS)]

    def run(data: Mapping[str, Any]) -> Ref:
        registry.record_unit_fact(
            found, name=data["name"], value=data["holds"] == "yes", from_on=data["from_on"], actor=actor, now=now
        )
        return found.ref

    back = reverse("registry:unit", args=[found.pk])
    return FormPage(
        title=f"{found}　登记房屋情况",
        form=form,
        run=run,
        done="已登记。",
        back=back,
        crumbs=[*crumbs_of(estate), (str(found), back)],
        hint="催告期满仍欠物业费、社区确认是蓄意拖欠、有违规没有整改。自那一天起，候选人资格、楼幢长上门催收等规则按它判断；"
        "补缴、整改以后登记“否”。",
    ).answer(request)
