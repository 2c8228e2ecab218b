"""One page for every act: the address names the row and the act. And the owner's own: putting himself forward."""

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from gongzhi.core import services as core
from gongzhi.core.pages import FormPage, Who, actor_of, bound, now_of, today_of
from gongzhi.core.refs import Ref
from gongzhi.governance.bodies.forms import VolunteerForm
from gongzhi.governance.bodies.models import Formation
from gongzhi.governance.bodies.services import PersonInput, nominate
from gongzhi.governance.bodies.views.acting import Act, crumbs_of, home_of, row_of
from gongzhi.governance.bodies.views.acts import ACTS
from gongzhi.governance.bodies.views.acts_of_forming import steward_building
from gongzhi.governance.bodies.views.parts import address
from gongzhi.registry.models import Unit
from gongzhi.registry.queries.reading import estates_for

VOLUNTARY = ("owners_committee", "building_stewards")


@login_required
@require_http_methods(["GET", "POST"])
def act(request: HttpRequest, kind: str, pk: int, code: str) -> HttpResponse:
    return act_page(request, kind, pk, code).answer(request)


def act_page(request: HttpRequest, kind: str, pk: int, code: str) -> FormPage:
    known = ACTS.get(kind, {}).get(code)
    if known is None:
        raise Http404
    row, who = row_of(request, kind, pk), Who(actor_of(request), now_of(request))
    if known.right:
        core.require(who.actor, known.right, row)
    form = bound(request, known.form, version=getattr(row, "version", None), initial=_initial(known, row, who, request))
    if known.setup is not None:
        known.setup(form, row, who)

    def run(data: Mapping[str, Any]) -> Ref:
        made = known.run(row, data, who)
        ref: Ref = made if isinstance(made, Ref) else getattr(made, "ref", row.ref)
        if known.to_made:
            page.after = address(ref)
        return ref

    page = FormPage(
        title=known.title,
        form=form,
        run=run,
        done=known.done,
        back=home_of(row),
        crumbs=crumbs_of(row),
        hint=known.hint,
        clauses=tuple(known.clauses(row, who)) if known.clauses else (),
        nav="bodies",
    )
    return page


def _initial(known: Act, row: Any, who: Who, request: HttpRequest) -> dict[str, Any]:
    days = {name: today_of(request) for name in ("on", "started_on", "from_on", "opened_on", "given_on")}
    given = {name: value for name, value in request.GET.items() if name in known.form.base_fields}
    return {**days, **(known.initial(row, who) if known.initial else {}), **given}


@login_required
@require_http_methods(["GET", "POST"])
def volunteer(request: HttpRequest, pk: int) -> HttpResponse:
    """An owner puts himself forward, for the committee or as a steward of his building."""
    actor, now = actor_of(request), now_of(request)
    formation = Formation.objects.filter(pk=pk, state="open", kind__in=VOLUNTARY).select_related("estate").first()
    if formation is None or not estates_for(actor).filter(pk=formation.estate_id).exists():
        raise Http404
    core.require(actor, "candidate.nominate_self", formation)
    form = bound(request, VolunteerForm)
    homes = Unit.objects.filter(building__estate=formation.estate).select_related("building")
    form.fields["unit"].queryset = homes.order_by("building__name", "name")
    steward_building(form, formation)

    def run(data: Mapping[str, Any]) -> Ref:
        return nominate(
            formation,
            person=PersonInput(data["name"], data["phone"]),
            unit=data["unit"],
            building=data.get("building"),
            source="self",
            attributes=data["attributes"],
            statement=data["statement"],
            on=core.local_day(now),
            actor=actor,
            now=now,
        ).ref

    back = reverse("bodies:estate", args=[formation.estate_id])
    page = FormPage(
        title=f"自荐　{formation.get_kind_display()}",
        form=form,
        run=run,
        done="自荐已提交，等待核对名册和审核。",
        back=back,
        crumbs=[(f"{formation.estate.name}　业主组织", back)],
        hint="姓名要和房屋登记的业主一致；结果在公示里看。",
        button="提交自荐",
        nav="bodies",
    )
    return page.answer(request)
