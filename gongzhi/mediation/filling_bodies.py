"""What is put down about bodies of mediation, as forms for pages and programs."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from django.http import Http404, HttpRequest
from django.urls import reverse

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.models import Place
from gongzhi.core.pages import FormPage, actor_of, bound, now_of, today_of
from gongzhi.core.refs import Ref
from gongzhi.governance.bodies.models import Body
from gongzhi.governance.bodies.services import PersonInput
from gongzhi.governance.bodies.words import BODY_KINDS
from gongzhi.mediation import forms, services
from gongzhi.mediation.models import DisputeConference, MediationFile, Mediator
from gongzhi.mediation.offices import AtPlace, conference
from gongzhi.mediation.queries import agenda
from gongzhi.mediation.queries.reading import readable_by
from gongzhi.mediation.words import BODY_LEVELS
from gongzhi.registry.models import Estate

NUMBER = re.compile(r"TJ-\d{4}-\d{5,}")


def place_of(request: HttpRequest, right: str) -> AtPlace:
    """The actor's place, where he has the right over it."""
    place = AtPlace(actor_of(request).place_path, today_of(request))
    core.require(actor_of(request), right, place)
    return place


def _page(title: str, form: Any, run: Callable[[Mapping[str, Any]], Ref], done: str) -> FormPage:
    home = reverse("mediation:bodies")
    trail = [("调解", reverse("mediation:list")), ("调解组织", home)]
    return FormPage(title=title, form=form, run=run, done=done, back=home, nav="mediation", crumbs=trail)


def body_page(request: HttpRequest) -> FormPage:
    """A body of one level; the address may name the place (`difang`)."""
    place, actor, now, on = place_of(request, "mediation.staff"), actor_of(request), now_of(request), today_of(request)
    named = request.GET.get("difang", "")
    rows = Place.objects.filter(path__startswith=place.place_path, level__in=BODY_LEVELS.values())
    here = rows.filter(pk=named).first() if named.isdigit() else None
    levels = {level: kind for kind, level in BODY_LEVELS.items()}
    first = {"place": here.pk, "kind": levels[here.level]} if here is not None else {}
    form = bound(request, forms.BodyForm, initial={"formed_on": on, **first})
    form.fields["place"].queryset = rows.order_by("path")
    pack = core.pack_for(place.place_path, on)
    known = pack.terms["roles"] if pack is not None else {}
    form.fields["kind"].choices = [
        (kind, core.role_name(kind, place_path=place.place_path, on=on) if kind in known else BODY_KINDS[kind])
        for kind in BODY_LEVELS
    ]

    def run(data: Mapping[str, Any]) -> Ref:
        names = ("name", "formed_on", "head_title", "head_basis", "address", "phone")
        given = {name: data[name] for name in names}
        head = PersonInput(data["head_name"]) if data["head_name"] else None
        return services.register_body(data["kind"], place=data["place"], head=head, actor=actor, now=now, **given).ref

    return _page("登记调解组织", form, run, "已登记，可以登记它的调解员。")


def mediator_page(request: HttpRequest, pk: int) -> FormPage:
    body = Body.objects.filter(pk=pk, kind__in=BODY_LEVELS).first()
    if body is None:
        raise Http404
    actor, now = actor_of(request), now_of(request)
    core.require(actor, "mediation.staff", AtPlace(body.place_path, today_of(request)))
    form = bound(request, forms.MediatorForm, initial={"from_on": today_of(request)})

    def run(data: Mapping[str, Any]) -> Ref:
        names = ("full_time", "unit_name", "line", "qualification", "hired_on", "from_on")
        given = {name: data[name] for name in names}
        person = PersonInput(data["name"], data["phone"])
        return services.register_mediator(body, person=person, actor=actor, now=now, **given).ref

    return _page(f"登记调解员　{body}", form, run, "已登记。")


def training_page(request: HttpRequest) -> FormPage:
    place, actor, now = place_of(request, "mediation.guide"), actor_of(request), now_of(request)
    form = bound(request, forms.TrainForm, initial={"on": today_of(request)})
    rows = Mediator.objects.within(place.place_path).select_related("member")
    sitting = [one.pk for one in rows if one.sits(today_of(request))]
    form.fields["mediators"].queryset = Mediator.objects.filter(pk__in=sitting).select_related("member__person")

    def run(data: Mapping[str, Any]) -> Ref:
        services.train(data["mediators"], title=data["title"], on=data["on"], actor=actor, now=now)
        return Ref("mediator", str(data["mediators"][0].pk))

    return _page("登记调解员培训", form, run, "已登记培训。")


def guidance_page(request: HttpRequest) -> FormPage:
    place, actor, now = place_of(request, "mediation.guide"), actor_of(request), now_of(request)
    form = bound(request, forms.GuideForm, initial={"on": today_of(request)})
    rows = Body.objects.in_office(today_of(request)).within(place.place_path).filter(kind__in=BODY_LEVELS)
    form.fields["body"].queryset = rows.order_by("place_path")

    def run(data: Mapping[str, Any]) -> Ref:
        names = ("kind", "title", "text", "on", "body", "publish", "adopted", "attachment")
        given = {name: data[name] for name in names}
        about = _named(data["numbers"], actor, today_of(request))
        return services.guide(place.place_path, files=about, actor=actor, now=now, **given).ref

    return _page("登记指导、模板、典型案例", form, run, "已登记。")


def _named(numbers: str, actor: Actor, on: date) -> list[MediationFile]:
    """The mediations of these numbers, among those that the actor may read."""
    wanted = NUMBER.findall(numbers.upper())
    rows = {one.number: one for one in readable_by(actor, on).filter(number__in=wanted)}
    missing = [one for one in wanted if one not in rows]
    if missing or numbers.strip() and not wanted:
        said = f"找不到案件：{'、'.join(missing) or numbers.strip()}。"
        raise core.Refused("numbers", said, fields={"numbers": "请核对案件编号"})
    return list(rows.values())


def session_page(request: HttpRequest) -> FormPage:
    place, actor, now = place_of(request, "circuit.plan"), actor_of(request), now_of(request)
    form = bound(request, forms.CircuitForm)
    form.fields["estate"].queryset = Estate.objects.within(place.place_path).filter(ended_on=None).order_by("name")

    def run(data: Mapping[str, Any]) -> Ref:
        given = {name: data[name] for name in ("on", "location", "cause", "tribunal")}
        return services.plan_circuit(data["estate"], actor=actor, now=now, **given).ref

    return _page("安排巡回审理", form, run, "已安排，并在小区公示。")


def conference_page(request: HttpRequest) -> FormPage:
    place, actor, now = place_of(request, "conference.hold"), actor_of(request), now_of(request)
    form = bound(request, forms.ConferenceForm, initial={"held_on": today_of(request)})

    def run(data: Mapping[str, Any]) -> Ref:
        given = {name: data[name] for name in ("held_on", "attended")}
        return services.hold_conference(place.place_path, actor=actor, now=now, **given).ref

    home = reverse("mediation:conferences")
    return FormPage(
        title="登记联席会议",
        form=form,
        run=run,
        done="已登记，清单已经附上；请逐条登记处置措施和责任人。",
        back=home,
        after=lambda ref: reverse("mediation:conference", args=[ref.id]),
        nav="mediation",
        crumbs=[("调解", reverse("mediation:list")), ("联席会议", home)],
        hint="登记时自动附上下次会议的清单。",
        clauses=conference(place.place_path, today_of(request))[1],
    )


def found_conference(request: Any, pk: int) -> DisputeConference:
    row = agenda.with_topics(DisputeConference.objects.filter(pk=pk)).first()
    if row is None:
        raise Http404
    core.require(actor_of(request), "conference.read", AtPlace(row.place_path, row.held_on))
    return row


# act -> its page; each over the actor's place.
FORMS: dict[str, Callable[[HttpRequest], FormPage]] = {
    "body": body_page,
    "training": training_page,
    "guidance": guidance_page,
    "session": session_page,
    "conference": conference_page,
}
