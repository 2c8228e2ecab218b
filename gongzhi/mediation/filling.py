"""The application and the acts as forms: the page and the program are given the same."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest
from django.urls import reverse

from gongzhi.core import services as core
from gongzhi.core.models import Organisation
from gongzhi.core.pages import FormPage, Who, actor_of, bound, now_of, today_of
from gongzhi.core.refs import Ref
from gongzhi.mediation import forms, services
from gongzhi.mediation.acts import ACTS
from gongzhi.mediation.models import MediationFile
from gongzhi.mediation.offices import conference, oversight
from gongzhi.mediation.queries import asking
from gongzhi.mediation.queries.agenda import held_topic
from gongzhi.mediation.queries.origins import Origin, origin_of
from gongzhi.mediation.services.filing import Applying, PartyInput, Weight
from gongzhi.mediation.words import BODY_LEVELS
from gongzhi.registry.models import Estate

DISPUTE = "dispute"
COURTS_OWN = "court_referred_dispute"  # nobody else hands it over
CONFERRING = ("mediation.confer", "mediation.conclude")


def _origin(request: HttpRequest) -> Origin | None:
    """The complaint or the arrears it begins from, where the address names one."""
    key = request.GET.get("yi", "")
    if not key:
        return None
    try:
        ref = Ref.of_key(key)
    except ValueError:
        raise Http404 from None
    return origin_of(ref, actor_of(request))


def apply_page(request: HttpRequest, pk: int) -> FormPage:
    """The form as a browser shows it or a program asks for it."""
    actor, now, on = actor_of(request), now_of(request), today_of(request)
    estate = Estate.objects.filter(pk=pk).first()
    if estate is None:
        raise Http404
    core.require(actor, "mediation.apply", Applying(estate))
    origin = _origin(request)
    if origin is not None and origin.estate.pk != estate.pk:
        raise Http404
    initial = {"matter": origin.matter, "text": origin.text} if origin else {"applicant_kind": _kind_of(actor)}
    initial["source"] = "found" if actor.is_staff_role else "applied"
    form = bound(request, forms.ApplyForm, initial=initial)
    _fit(form, estate, actor, origin, on)

    def run(data: Mapping[str, Any]) -> Ref:
        made = services.apply(
            estate,
            matter=data["matter"],
            text=data["text"],
            parties=_parties(form, data, actor, origin),
            source=_source_of(data, actor, origin),
            weight=Weight(data.get("grade") or "", data["households"], form.amount_fen(), bool(data.get("petition"))),
            origin=origin.ref if origin else None,
            court_number=data.get("court_number") or "",
            outside=data.get("outside"),
            eased=data.get("eased") or "",
            actor=actor,
            now=now,
        )
        if data.get("conference"):
            services.put_to_conference(made, reason=data["text"], actor=actor, now=now)
        return made.ref

    return FormPage(
        title=f"申请调解　{estate.name}",
        form=form,
        run=run,
        done="已登记，当场化解，已归档。" if form.data.get("eased", "").strip() else "已提交，调解组织会联系各方。",
        back=reverse("mediation:list"),
        after=lambda ref: reverse("mediation:file", args=[ref.id]),
        crumbs=[("调解", reverse("mediation:list"))],
        hint=f"来自{origin.ref.title}。" if origin else "调解不收费，要各方同意；谁受理由纠纷的类别和轻重决定。",
        button="提交申请",
        nav="mediation",
    )


def _kind_of(actor: Any) -> str:
    role = actor.role
    return role if role in ("owners_committee", "property_company") else "owner"


def _takes_down(actor: Any) -> bool:
    """An office, a body of mediation or a steward puts down what others have to say; who else comes applies himself."""
    return actor.is_staff_role or actor.role in BODY_LEVELS or actor.role in ("building_steward", "court")


def _source_of(data: Mapping[str, Any], actor: Any, origin: Origin | None) -> str:
    if data.get("court_number"):
        return "court"
    if origin is not None:
        return origin.source
    if actor.role == "building_steward":
        return "steward"
    return data.get("source") or "applied"


def _fit(form: Any, estate: Estate, actor: Any, origin: Origin | None, on: Any) -> None:
    """The lists of the form, and what does not concern this actor left out."""
    pack = core.pack_for(estate.place_path, on)
    known = sorted(pack.matters.values(), key=lambda one: (one.group, one.code)) if pack is not None else []
    named, _ = oversight(estate.place_path, on)
    barred = {COURTS_OWN} if actor.role != named.get("court") else set()
    disputes = [one for one in known if one.nature == DISPUTE]
    heads = len({one.group for one in disputes}) > 1
    found = [(one.code, f"{one.name}（{one.group}）" if heads else one.name) for one in disputes]
    form.fields["matter"].choices = [("", "请选"), *(one for one in found if one[0] not in barred)]
    paths = [estate.place_path[: end + 1] for end, char in enumerate(estate.place_path) if char == "/"]
    outside = Organisation.objects.filter(role__in=named.get("outside") or (), place_path__in=paths, active=True)
    form.fields["outside"].queryset = outside
    if not outside.exists():
        del form.fields["outside"]
    if actor.role != named.get("court"):
        del form.fields["court_number"]
    if not conference(estate.place_path, on)[0].get("holders") or not actor.is_staff_role:
        del form.fields["conference"]
    if not _takes_down(actor):
        for name in ("applicant_name", "applicant_phone", "grade", "petition", "eased"):
            del form.fields[name]
    if origin is not None or not _takes_down(actor) or actor.role in ("building_steward", "court"):
        del form.fields["source"]
    if origin is not None and any(one.side == "applicant" for one in origin.parties):
        for name in ("applicant_kind", "applicant_name", "applicant_phone"):
            form.fields.pop(name, None)
    if origin is not None and any(one.side == "respondent" for one in origin.parties):
        for name in ("respondent_kind", "respondent_name", "respondent_phone"):
            del form.fields[name]


def _parties(form: Any, data: Mapping[str, Any], actor: Any, origin: Origin | None) -> list[PartyInput]:
    given = list(origin.parties) if origin else []
    for side in ("applicant", "respondent"):
        if any(one.side == side for one in given) or f"{side}_kind" not in form.fields:
            continue
        kind, name = data[f"{side}_kind"], (data.get(f"{side}_name") or "").strip()
        himself = side == "applicant" and not name and actor.organisation is None
        given.append(
            PartyInput(
                side,
                kind,
                name=name or (actor.user.display_name if himself else ""),
                phone=data.get(f"{side}_phone") or "",
                user=actor.user if himself else None,
                organisation=actor.organisation if side == "applicant" and not name and not himself
                and kind == actor.role else None,
            )
        )  # fmt: skip
    return given


def found(request: Any, pk: int) -> MediationFile:
    rows = MediationFile.objects.select_related("estate", "agreement__document", "court_step__estate")
    row: MediationFile | None = rows.filter(pk=pk).first()
    if row is None:
        raise Http404
    core.require(actor_of(request), "mediation.read", row)
    return row


def shown_parties(row: MediationFile, actor: Any) -> list[tuple[Any, str]]:
    """(party, its name). A complainant is not named to the other side before he agreed to mediation."""
    own = {one.pk for one in services.own_parties(row, actor)}
    hidden = row.source == "case" and "mediation_party" in row.party_roles(actor)
    shown = []
    for one in row.parties.select_related("organisation", "person"):
        shy = hidden and one.person is not None and one.pk not in own and not one.consents
        shown.append((one, f"{one.get_kind_display()}（同意调解后显示）" if shy else one.masked))
    return shown


def act_page(request: HttpRequest, pk: int, code: str) -> FormPage:
    row, known = found(request, pk), ACTS.get(code)
    if known is None:
        raise Http404
    who = Who(actor_of(request), now_of(request))
    core.require(who.actor, known.right, row)
    day = {name: today_of(request) for name in ("on", "agreed_on", "from_on")}
    form = bound(request, known.form, version=row.version, initial=day)
    if known.setup is not None:
        known.setup(form, row, who)
    home = reverse("mediation:file", args=[row.pk])
    back = _conference(row, who) if known.right in CONFERRING else home

    def run(data: Mapping[str, Any]) -> Ref:
        said = known.run(row, data, who)
        if isinstance(said, list):
            warned(request, said)
        return row.ref

    return FormPage(
        title=known.title,
        form=form,
        run=run,
        done=known.done,
        back=back,
        after=back if core.may(who.actor, "mediation.read", row) else reverse("mediation:list"),
        crumbs=[("调解", reverse("mediation:list")), (row.number, home)],
        hint=known.hint,
        clauses=asking.procedure(row, today_of(request))[1],
        nav="mediation",
    )


def _conference(row: MediationFile, who: Who) -> str:
    """The list from which a conference's disputes are worked off one after another."""
    topic = held_topic(row, who.actor)
    if topic is not None and topic.holder == who.actor.organisation:
        return reverse("mediation:conference", args=[topic.conference_id])
    return reverse("mediation:conferences")


def warned(request: HttpRequest, said: list[str]) -> None:
    """What the document does not refuse and yet says. A program has no page to show it on."""
    for one in said if hasattr(request, "_messages") else ():
        messages.warning(request, one)
