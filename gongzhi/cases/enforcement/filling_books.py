"""Stations, officers, entries and the books as forms; and every act of enforcement by its code."""

from collections.abc import Mapping
from typing import Any

from django.http import Http404, HttpRequest
from django.urls import reverse

from gongzhi.cases.enforcement import forms, services
from gongzhi.cases.enforcement.filling import (
    Build,
    archive_page,
    beside_page,
    call_off_page,
    category_page,
    found_row,
    hold_page,
    item_page,
    item_result_page,
    notice_page,
    page_for,
    plan_page,
    result_page,
    serve_page,
    tell_page,
    units_at,
    who,
)
from gongzhi.cases.enforcement.models import Officer, Station, Structure, Tenancy
from gongzhi.cases.enforcement.queries.asking import rule
from gongzhi.cases.enforcement.queries.rentals import rentals_for
from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.models import Organisation, Place
from gongzhi.core.pages import FormPage, actor_of, bound, today_of
from gongzhi.core.refs import Ref
from gongzhi.registry.models import Estate, Unit
from gongzhi.registry.queries.reading import estates_for, own_units


# -- stations, officers, entries ---------------------------------------------------------------------------------------
def station_page(request: HttpRequest, pk: int = 0) -> FormPage:
    actor, on = actor_of(request), today_of(request)
    core.require(actor, "stations.keep", services.Where(actor.place_path))
    form = bound(request, forms.StationForm, initial={"opened_on": on})
    allowed: dict[str, str] = {}
    hosts: set[str] = set()
    for kind, title in forms.STATIONS.items():
        named = rule("stations", actor.place_path, on, kind=kind)[0].get("hosts") or ()
        if named:
            allowed[kind] = title
            hosts |= set(named)
    form.fields["kind"].choices = [("", "请选"), *allowed.items()]
    form.fields["organisation"].queryset = Organisation.objects.filter(
        role__in=hosts, active=True, place_path__startswith=actor.place_path
    ).order_by("place_path")
    form.fields["estates"].queryset = Estate.objects.within(actor.place_path).filter(ended_on=None).order_by("name")
    back = reverse("enforcement:stations")

    def run(data: Mapping[str, Any]) -> Ref:
        given = {name: data[name] for name in ("kind", "name", "address", "phone", "opened_on")}
        return services.set_up_station(data["organisation"], estates=list(data["estates"]), **given, **who(request)).ref

    return page_for("设立站点、队伍", form, run, done="已登记。", back=back, crumbs=[("站点和联络人", back)])


def _station(request: HttpRequest, pk: int) -> Station:
    row = found_row(Station.objects.select_related("organisation"), pk)
    core.require(actor_of(request), "stations.keep", row)
    return row


def station_change_page(request: HttpRequest, pk: int) -> FormPage:
    row, back = _station(request, pk), reverse("enforcement:stations")
    initial = {"address": row.address, "phone": row.phone, "estates": list(row.estates.values_list("pk", flat=True))}
    form = bound(request, forms.ChangeStationForm, version=row.version, initial=initial)
    form.fields["estates"].queryset = Estate.objects.within(row.place_path).filter(ended_on=None).order_by("name")

    def run(data: Mapping[str, Any]) -> Ref:
        return services.change_station(
            row, address=data["address"], phone=data["phone"], estates=list(data["estates"]),
            version=data["version"], **who(request),
        ).ref  # fmt: skip

    return page_for(
        f"变更{row.name}", form, run, done="已变更。", back=back, crumbs=[("站点和联络人", back)], button="变更"
    )


def station_close_page(request: HttpRequest, pk: int) -> FormPage:
    row, back = _station(request, pk), reverse("enforcement:stations")
    form = bound(request, forms.DayForm, version=row.version, initial={"on": today_of(request)})
    return page_for(
        f"撤销{row.name}", form,
        lambda data: services.close_station(row, on=data["on"], version=data["version"], **who(request)).ref,
        done="已撤销。", back=back, crumbs=[("站点和联络人", back)], button="撤销",
    )  # fmt: skip


def officer_page(request: HttpRequest, pk: int = 0) -> FormPage:
    actor, on = actor_of(request), today_of(request)
    core.require(actor, "officers.keep", services.Where(actor.place_path))
    form = bound(request, forms.OfficerForm, initial={"from_on": on})
    own = Organisation.objects.filter(active=True, place_path__startswith=actor.place_path)
    own = own.exclude(role__in=("property_company", "developer")).order_by("place_path", "name")
    oversees = actor.role in ("leading_group_office", "housing", "street_office", "street_government")
    form.fields["organisation"].queryset = (
        own if oversees else own.filter(pk=actor.organisation.pk if actor.organisation is not None else 0)
    )
    if actor.organisation is not None:
        form.fields["organisation"].initial = actor.organisation.pk
    levels = ("county", "street", "community", "estate")
    form.fields["place"].queryset = Place.objects.filter(level__in=levels, path__startswith=actor.place_path).order_by(
        "path"
    )
    form.fields["station"].queryset = Station.objects.within(actor.place_path).filter(closed_on=None)
    back = reverse("enforcement:stations")

    def run(data: Mapping[str, Any]) -> Ref:
        given = {name: data[name] for name in ("place", "station", "name", "title", "phone", "from_on")}
        return services.name_officer(data["organisation"], **given, **who(request)).ref

    return page_for(
        "登记联络人", form, run, done="已登记。", back=back, crumbs=[("站点和联络人", back)],
        hint="联络人的姓名和工作电话会在小区公示牌上公布。",
    )  # fmt: skip


def officer_end_page(request: HttpRequest, pk: int) -> FormPage:
    row, back = found_row(Officer.objects.select_related("organisation"), pk), reverse("enforcement:stations")
    core.require(actor_of(request), "officers.keep", row)
    form = bound(request, forms.DayForm, version=row.version, initial={"on": today_of(request)})
    return page_for(
        f"{row.name}离任", form,
        lambda data: services.end_officer(row, on=data["on"], version=data["version"], **who(request)).ref,
        done="已登记离任。", back=back, crumbs=[("站点和联络人", back)], button="登记离任",
    )  # fmt: skip


def entry_page(request: HttpRequest, pk: int = 0) -> FormPage:
    actor, back = actor_of(request), reverse("enforcement:overview")
    core.require(actor, "entries.record", services.Where(actor.place_path))
    initial = {"on": today_of(request), "organisation": actor.organisation, "estate": pk or None}
    form = bound(request, forms.EntryForm, initial=initial)
    form.fields["estate"].queryset = Estate.objects.within(actor.place_path).filter(ended_on=None).order_by("name")
    form.fields["organisation"].queryset = units_at(actor.place_path)

    def run(data: Mapping[str, Any]) -> Ref:
        given = {name: data[name] for name in ("organisation", "on", "note")}
        return services.record_entry(data["estate"], **given, **who(request)).ref

    return page_for("登记进小区", form, run, done="已登记。", back=back, after=back, button="登记")


# -- books -------------------------------------------------------------------------------------------------------------
def structure_new_page(request: HttpRequest, pk: int = 0) -> FormPage:
    actor, back = actor_of(request), reverse("enforcement:structures")
    core.require(actor, "structures.keep", services.Where(actor.place_path))
    form = bound(request, forms.StructureForm, initial={"begun_on": today_of(request)})
    form.fields["estate"].queryset = Estate.objects.within(actor.place_path).filter(ended_on=None).order_by("name")

    def run(data: Mapping[str, Any]) -> Ref:
        given = {name: data[name] for name in ("location", "begun_on", "area_m2", "before")}
        return services.enter_structure(data["estate"], **given, **who(request)).ref

    return page_for(
        "登记违建", form, run, done="已登记。", back=back, crumbs=[("违建台账", back)],
        after=lambda ref: reverse("enforcement:structure", args=[ref.id]),
    )  # fmt: skip


def _structure(request: HttpRequest, pk: int) -> Structure:
    row = found_row(Structure.objects.select_related("estate", "lead"), pk)
    core.require(actor_of(request), "structures.keep", row)
    return row


def _leads(row: Structure, on: Any) -> Any:
    roles = rule("structures", row.place_path, on)[0].get("leads") or ()
    return units_at(row.place_path).filter(role__in=roles)


def _structure_page(row: Structure, title: str, form: Any, run: Any, *, done: str) -> FormPage:
    home = reverse("enforcement:structure", args=[row.pk])
    return page_for(
        title, form, run, done=done, back=home, after=home, clauses=row.basis.get("clauses", ()),
        crumbs=[("违建台账", reverse("enforcement:structures")), (row.number, home)],
    )  # fmt: skip


def measure_page(request: HttpRequest, pk: int) -> FormPage:
    row = _structure(request, pk)
    initial = {"begun_on": row.begun_on, "area_m2": row.area_m2, "lead": row.lead_id, "era": row.era}
    form = bound(request, forms.MeasureForm, version=row.version, initial=initial)
    form.fields["lead"].queryset = _leads(row, today_of(request))

    def run(data: Mapping[str, Any]) -> Ref:
        given = {name: data[name] for name in ("area_m2", "lead", "before", "version")}
        changed = data["begun_on"] if data["begun_on"] != row.begun_on else None
        era = "" if changed else data["era"]
        return services.measure_structure(row, era=era, begun_on=changed, **given, **who(request)).ref

    return _structure_page(row, "补登", form, run, done="已补登。")


def remove_page(request: HttpRequest, pk: int) -> FormPage:
    row = _structure(request, pk)
    form = bound(request, forms.RemoveForm, version=row.version, initial={"on": today_of(request), "lead": row.lead_id})
    form.fields["lead"].queryset = _leads(row, today_of(request))

    def run(data: Mapping[str, Any]) -> Ref:
        given = {name: data[name] for name in ("on", "lead", "after", "version")}
        return services.remove_structure(row, **given, **who(request)).ref

    return _structure_page(row, "登记拆除", form, run, done="已登记拆除。")


NO_UNITS = "这个小区还没有登记房屋。请镇街先在小区的“房屋和业主”里登记或导入，再来办理"


def _offer_units(form: Any, estate: Estate, actor: Actor) -> None:
    rows = own_units(actor) if actor.role == "owner" else Unit.objects.all()
    units = rows.filter(building__estate=estate).select_related("building").order_by("building__name", "name")
    form.fields["unit"].queryset = units
    if not units.exists():
        form.fields["unit"].help_text = NO_UNITS


def tenancy_new_page(request: HttpRequest, pk: int) -> FormPage:
    estate, back = found_row(estates_for(actor_of(request)), pk), reverse("enforcement:tenancies")
    form = bound(request, forms.TenancyForm, initial={"from_on": today_of(request)})
    _offer_units(form, estate, actor_of(request))

    def run(data: Mapping[str, Any]) -> Ref:
        given = {name: data[name] for name in ("tenant_name", "tenant_phone", "people", "from_on")}
        return services.tell_tenancy(data["unit"], **given, **who(request)).ref

    return page_for(
        f"申报出租房　{estate.name}", form, run, done="已申报。", back=back, crumbs=[("出租房", back)], button="申报",
        after=lambda ref: reverse("enforcement:tenancy", args=[ref.id]),
        clauses=rule("rentals", estate.place_path, today_of(request))[1],
    )  # fmt: skip


def tenancy_of(request: HttpRequest, pk: int) -> Tenancy:
    return found_row(rentals_for(actor_of(request), on=today_of(request)), pk)


TENANCY_ACTS = {"jubao": "上报违规出租", "tuizu": "登记退租", "rending": "登记查处结果"}


def tenancy_act(request: HttpRequest, pk: int, code: str) -> FormPage:
    row = tenancy_of(request, pk)
    if code not in TENANCY_ACTS:
        raise Http404
    home = reverse("enforcement:tenancy", args=[row.pk])
    shape = {"jubao": forms.TextForm, "tuizu": forms.DayForm, "rending": forms.FindForm}[code]
    form = bound(request, shape, version=row.version, initial={"on": today_of(request)})

    def run(data: Mapping[str, Any]) -> Ref:
        if code == "jubao":
            services.report_tenancy(row, text=data["text"], **who(request))
        elif code == "tuizu":
            services.end_tenancy(row, on=data["on"], version=data["version"], **who(request))
        else:
            services.find_tenancy(
                row, finding=data["finding"], note=data["note"], version=data["version"], **who(request)
            )
        return row.ref

    return page_for(
        TENANCY_ACTS[code], form, run, done="已登记。", back=home, after=home,
        crumbs=[("出租房", reverse("enforcement:tenancies")), (str(row.unit), home)],
        clauses=rule("rentals", row.place_path, today_of(request))[1],
    )  # fmt: skip


def premises_page(request: HttpRequest, pk: int) -> FormPage:
    estate, back = found_row(Estate.objects.all(), pk), reverse("enforcement:premises")
    core.require(actor_of(request), "premises.review", estate)
    form = bound(request, forms.PremisesForm)
    _offer_units(form, estate, actor_of(request))

    def run(data: Mapping[str, Any]) -> Ref:
        given = {name: data[name] for name in ("kind", "approved", "relaxed", "paper")}
        return services.review_premises(data["unit"], **given, **who(request)).ref

    return page_for(
        f"核对经营场所　{estate.name}", form, run, done="已核对，结论见下表。", back=back, after=back, button="核对",
        crumbs=[("经营场所核对", back)],
    )  # fmt: skip


# What a page or a program may begin or do, by its code; the number is that of the row it is about (0: of none).
ACTS: dict[str, Build] = {
    "gaozhishu": notice_page,
    "songda": serve_page,
    "baogao": beside_page,
    "leibie": category_page,
    "xingdong": plan_page,
    "tongzhi": tell_page,
    "renwu": item_page,
    "jieguo": result_page,
    "renwujieguo": item_result_page,
    "kaizhan": hold_page,
    "guidang": archive_page,
    "quxiao": call_off_page,
    "zhandian": station_page,
    "zhandianbiangeng": station_change_page,
    "zhandianchexiao": station_close_page,
    "lianluoren": officer_page,
    "liren": officer_end_page,
    "jinxiaoqu": entry_page,
    "weijian": structure_new_page,
    "budeng": measure_page,
    "chaichu": remove_page,
    "chuzu": tenancy_new_page,
    "changsuo": premises_page,
}
