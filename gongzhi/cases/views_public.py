"""The public's pages: submit, see the number, track, rate, ask for another round. Nobody has to sign in.

The site hands each view `request.guard` (puzzle and counted doors): this package does not import the site.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from gongzhi.cases import public, queries
from gongzhi.cases.forms_public import (
    MOST_MATTERS,
    PHONE_TAIL,
    ComplaintForm,
    MatterForm,
    RatingForm,
    ReopenForm,
    TrackForm,
    estate_label,
    matching_estates,
    matter_choices,
    matter_facts,
)
from gongzhi.cases.models import Case, Complaint
from gongzhi.cases.queries.acts import Ground, rule_of
from gongzhi.cases.services import closing, intake
from gongzhi.core import packs
from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.days import local_day
from gongzhi.core.errors import Refused
from gongzhi.core.models import Place
from gongzhi.registry import queries as registry
from gongzhi.registry.models import Estate

UNPROCESSABLE = 422
STEWARD = "building_steward"
TOO_MANY_STATUS = 429
OPENED = "opened_complaints"  # number -> the phone tail or code this visitor has shown for it
MOST_KEPT = 20
ESTATES_LISTED = 500
# What an estate is chosen for -> the page where it is chosen.
CHOOSING = {"complain": "complain_estates", "estate_public": "estates_public"}
TOO_MANY_SENT = "这个网络一小时内提交得太多。请过一小时再来，急事请打受理电话。"
TOO_MANY_TRIES = "试得太多，为防别人猜号码，请过15分钟再查；急事请打受理电话。"
NOT_FOUND = "编号和后四位（或查询码）对不上。请核对受理编号；匿名投诉要用查询码，不是电话。"


@dataclass(frozen=True, slots=True)
class Sheet:
    """The whole form of one submission: the head, and a form for each matter."""

    head: ComplaintForm
    matters: list[MatterForm]

    def is_valid(self) -> bool:
        return all([self.head.is_valid(), *[form.is_valid() for form in self.matters]])

    def complete(self, now: datetime) -> bool:
        """What the place wants to be told of each matter before it is submitted."""
        estate = self.head.cleaned_data["chosen_estate"]
        return all([form.complete(estate, channel="web", on=local_day(now)) for form in self.matters])


@require_http_methods(["GET", "POST"])
def complain(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    path, choices = _county(request, now)
    if request.method == "GET":
        return _sheet_page(request, _blank(request, path, choices))
    act = request.POST.get("act", "")
    count = _matter_count(request)
    if act == "add":
        return _sheet_page(request, _filled(request, path, choices, min(count + 1, MOST_MATTERS), bound=False))
    if act == "drop":
        return _sheet_page(request, _filled(request, path, choices, max(count - 1, 1), bound=False))
    if act.startswith("estate-"):
        return _sheet_page(request, _with_estate(request, path, choices, count, act.removeprefix("estate-")))
    return _submit(request, _filled(request, path, choices, count, bound=True), now)


def _submit(request: HttpRequest, sheet: Sheet, now: datetime) -> HttpResponse:
    guard = request.guard  # type: ignore[attr-defined]
    if not (sheet.is_valid() and sheet.complete(now)):
        return _sheet_page(request, sheet, status=UNPROCESSABLE)
    try:
        # Before the puzzle: the first click has spent it.
        sent_before = core.form_key(request.POST.get("form_key", ""), request.actor, makes="complaint")  # type: ignore[attr-defined]
        if sent_before is not None:
            return _to_receipt(request, _receive(request, sheet, now), sheet)
    except Refused as refused:
        sheet.head.add_refusal(refused)
        return _sheet_page(request, sheet, status=UNPROCESSABLE)
    fault = TOO_MANY_SENT if guard.too_many("complain", now=now) else ""
    if not fault and not request.user.is_authenticated:
        fault = guard.fault(now=now)
    if fault:
        sheet.head.add_error(None, fault)
        return _sheet_page(request, sheet, status=UNPROCESSABLE, puzzle_fault=fault)
    guard.count("complain", now=now)
    try:
        complaint = _receive(request, sheet, now)
    except Refused as refused:
        sheet.head.add_refusal(refused)
        return _sheet_page(request, sheet, status=UNPROCESSABLE)
    return _to_receipt(request, complaint, sheet)


def _to_receipt(request: HttpRequest, complaint: Complaint, sheet: Sheet) -> HttpResponse:
    secret = getattr(complaint, "access_code", "") or sheet.head.cleaned_data["phone"][-PHONE_TAIL:]
    if complaint.opens_with(secret):
        _open(request, complaint.number, secret)
    return HttpResponseRedirect(reverse("complaint_receipt", args=[complaint.number]), status=303)


def _receive(request: HttpRequest, sheet: Sheet, now: datetime) -> Complaint:
    head = sheet.head.cleaned_data
    actor: Actor = request.actor  # type: ignore[attr-defined]
    anonymous = head["anonymous"]
    matters = [
        intake.MatterInput(
            matter=form.cleaned_data["matter"],
            title="",
            text=form.cleaned_data["text"],
            facts=matter_facts(form.cleaned_data),
        )
        for form in sheet.matters
    ]
    complainant = None
    if not anonymous:
        complainant = intake.ComplainantInput(
            name=head["name"], phone=head["phone"], address=head["address"], organisation=""
        )
    return intake.receive_complaint(
        channel="web",
        estate=head["chosen_estate"],
        text="\n".join(matter.text for matter in matters),
        location=head["location"],
        matters=matters,
        complainant=complainant,
        anonymous_reason=head["anonymous_reason"] if anonymous else "",
        received_at=now,
        on_behalf=actor.user if actor.role == STEWARD and not head["own"] else None,
        files=head["attachments"],
        key=request.POST.get("form_key", ""),
        actor=actor,
        now=now,
    )


def _county(request: HttpRequest, now: datetime) -> tuple[str, list[Any]]:
    """Where the estates come from, and the matters by the names used there; of several counties, the estate's."""
    path = getattr(request, "home_path", "") or ""
    estate = None if path else _named_estate(request)
    where = estate.place_path if estate is not None else path
    pack = packs.pack_for(where, local_day(now)) if where else None
    return path, matter_choices(pack.matters if pack is not None else packs.vocabulary().matters, pack)


def _named_estate(request: HttpRequest) -> Estate | None:
    """The estate that the form names so far, where it can be one only."""
    if request.method != "POST":
        return _own_estate(request)
    chosen = request.POST.get("act", "").removeprefix("estate-")
    for given in (chosen, request.POST.get("estate_id", "")):
        if given.isascii() and given.isdigit():
            return Estate.objects.filter(pk=int(given)).first()
    found = matching_estates(request.POST.get("estate", ""))
    return found[0] if len(found) == 1 else None


def _matter_count(request: HttpRequest) -> int:
    given = request.POST.get("matters", "1")
    return min(max(int(given), 1), MOST_MATTERS) if given.isascii() and given.isdigit() else 1


def _blank(request: HttpRequest, path: str, choices: list[Any]) -> Sheet:
    initial: dict[str, Any] = {}
    estate = _own_estate(request)
    if estate is not None:
        initial = {"estate": estate_label(estate), "estate_id": estate.pk}
    user = request.user
    steward = _is_steward(request)
    if user.is_authenticated and not steward:
        initial["name"] = getattr(user, "display_name", "")
    return Sheet(
        ComplaintForm(initial=initial, place_path=path, steward=steward), [MatterForm(choices=choices, prefix="m0")]
    )


def _is_steward(request: HttpRequest) -> bool:
    return bool(request.actor.role == STEWARD)  # type: ignore[attr-defined]


def _own_estate(request: HttpRequest) -> Estate | None:
    """The estate named by the address (`?xiaoqu=`), else the one of the owner who is signed in."""
    known = Estate.objects.select_related("community")
    wanted = request.GET.get("xiaoqu", "")
    if wanted.isascii() and wanted.isdigit():
        return known.filter(pk=int(wanted)).first()
    path = request.actor.place_path  # type: ignore[attr-defined]
    return known.filter(place_path=path).first() if path else None


def _filled(request: HttpRequest, path: str, choices: list[Any], count: int, *, bound: bool) -> Sheet:
    """The posted form again. Unbound forms carry the values as initial ones: nothing is complained of yet."""
    steward = _is_steward(request)
    if bound:
        matters = [MatterForm(request.POST, choices=choices, prefix=f"m{index}") for index in range(count)]
        return Sheet(ComplaintForm(request.POST, request.FILES, place_path=path, steward=steward), matters)
    head = {name: request.POST.get(name, "") for name in ComplaintForm.base_fields if name != "attachments"}
    matters = [
        MatterForm(
            initial={name: request.POST.get(f"m{index}-{name}", "") for name in MatterForm.base_fields},
            choices=choices,
            prefix=f"m{index}",
        )
        for index in range(count)
    ]
    return Sheet(ComplaintForm(initial=head, place_path=path, steward=steward), matters)


def _with_estate(request: HttpRequest, path: str, choices: list[Any], count: int, wanted: str) -> Sheet:
    sheet = _filled(request, path, choices, count, bound=False)
    if wanted.isascii() and wanted.isdigit():
        estate = Estate.objects.select_related("community").filter(pk=int(wanted)).first()
        if estate is not None:
            sheet.head.initial.update({"estate": estate_label(estate), "estate_id": estate.pk})
    return sheet


def _sheet_page(request: HttpRequest, sheet: Sheet, *, status: int = 200, puzzle_fault: str = "") -> HttpResponse:
    known = Estate.objects.filter(ended_on=None).select_related("community").order_by("name")
    if sheet.head.place_path:
        known = known.filter(place_path__startswith=sheet.head.place_path)
    guard = request.guard  # type: ignore[attr-defined]
    context = {
        "page_title": "我要投诉",
        "nav": "complain",
        "owner_pages": True,
        "form": sheet.head,
        "matters": sheet.matters,
        "more": len(sheet.matters) < MOST_MATTERS,
        "estates": [estate_label(estate) for estate in known[:ESTATES_LISTED]],
        "found": sheet.head.found if len(sheet.head.found) > 1 else (),
        "puzzle": None if request.user.is_authenticated else guard.puzzle(),
        "puzzle_fault": puzzle_fault,
        "faults": [error for form in sheet.matters for errors in form.errors.values() for error in errors]
        if sheet.head.is_bound
        else (),
    }
    return render(request, "cases/public_complain.html", context, status=status)


@require_GET
def choose_estate(request: HttpRequest, code: str = "", then: str = "complain") -> HttpResponse:
    """By a part of its name; or county, street, community, estate: one level a page, each a list of links.

    `then` what is opened with the estate: the form, or the estate's own public page.
    """
    text = request.GET.get("q", "").strip()
    place = get_object_or_404(Place, code=code) if code else None
    if place is None:
        path = getattr(request, "home_path", "") or ""
        place = Place.objects.filter(path=path).first() if path else None
    estates: list[Estate] = []
    if place is not None and place.level == "community":
        estates = list(Estate.objects.filter(place_path__startswith=place.path, ended_on=None).order_by("name"))
        places: list[Place] = []
    elif place is None:
        places = list(Place.objects.filter(level="county", path__in=registry.county_paths()).order_by("code"))
    else:
        places = list(place.children.order_by("code"))
    context = {
        "page_title": "按名称、街道、社区找小区",
        "nav": "complain" if then == "complain" else "home",
        "owner_pages": True,
        "text": text,
        "found": registry.find_estates(text) if text else [],
        "place": place,
        "places": places,
        "estates": estates,
        "bottom": place is not None and place.level == "community",
        "then": then,
        "list_name": CHOOSING[then],
    }
    return render(request, "cases/public_estates.html", context)


@require_GET
def receipt(request: HttpRequest, number: str) -> HttpResponse:
    """The number and what comes next, for whoever has just submitted it or opened it."""
    complaint = _opened(request, number)
    if complaint is None:
        return HttpResponseRedirect(reverse("track"))
    now = timezone.now()
    context = {
        "page_title": "已收到您的投诉",
        "nav": "complain",
        "owner_pages": True,
        "complaint": complaint,
        "code": _code(request, complaint),
        "cases": public.cases_shown(complaint, now=now),
        "next_steps": _next_steps(complaint, now),
        "now": now,
    }
    return render(request, "cases/public_receipt.html", context)


def _next_steps(complaint: Complaint, now: datetime) -> Any:
    """The answer on the period, asked for the first matter: its clauses stand below the number."""
    case = complaint.cases.order_by("id").first()
    if case is None:
        return None
    facts = {"channel": complaint.channel, "nature": case.nature, "matter": case.matter}
    on = local_day(complaint.received_at)
    answer = core.ask("cases.answer_deadline", facts, place_path=complaint.place_path, on=on)
    return answer if answer.ok else None


@require_http_methods(["GET", "POST"])
def track(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    guard = request.guard  # type: ignore[attr-defined]
    if request.method == "GET":
        return _track_page(request, TrackForm(initial={"number": request.GET.get("bianhao", "")}))
    form = TrackForm(request.POST)
    if not form.is_valid():
        return _track_page(request, form, status=UNPROCESSABLE)
    number = form.cleaned_data["number"].strip().upper()
    if guard.too_many("track_address", now=now) or guard.too_many("track_number", number, now=now):
        form.add_error(None, TOO_MANY_TRIES)
        return _track_page(request, form, status=TOO_MANY_STATUS)
    complaint = queries.tracked(number, form.cleaned_data["tail"])
    if complaint is None:
        guard.count("track_address", now=now)
        guard.count("track_number", number, now=now)
        form.add_error("number", NOT_FOUND)
        return _track_page(request, form, status=UNPROCESSABLE)
    _open(request, complaint.number, form.cleaned_data["tail"].strip())
    return HttpResponseRedirect(reverse("track_complaint", args=[complaint.number]), status=303)


def _track_page(request: HttpRequest, form: TrackForm, status: int = 200) -> HttpResponse:
    user = request.user
    context = {
        "page_title": "查进度",
        "nav": "track",
        "owner_pages": True,
        "form": form,
        "own": list(public.complaints_of(user)[:MOST_KEPT]) if user.is_authenticated else (),
    }
    return render(request, "cases/public_track.html", context, status=status)


@require_GET
def progress(request: HttpRequest, number: str) -> HttpResponse:
    complaint = _opened(request, number)
    if complaint is None:
        return HttpResponseRedirect(f"{reverse('track')}?bianhao={number}")
    return _progress_page(request, complaint)


def _progress_page(
    request: HttpRequest,
    complaint: Complaint,
    *,
    status: int = 200,
    rating: RatingForm | None = None,
    reopening: ReopenForm | None = None,
    of: Case | None = None,
) -> HttpResponse:
    now = timezone.now()
    rows = []
    for shown in public.cases_shown(complaint, now=now, line=True):
        ground = Ground(shown.case, request.actor, now)  # type: ignore[attr-defined]
        here = of is not None and of.pk == shown.case.pk
        prefix = f"c{shown.case.pk}"
        rows.append(
            {
                "shown": shown,
                "may_rate": rule_of("rate").refusal(ground) is None and not shown.case.stars,
                "reopen_refused": rule_of("reopen").refusal(ground),
                "rating": rating if here and rating else RatingForm(prefix=prefix),
                "reopening": reopening if here and reopening else ReopenForm(prefix=prefix),
            }
        )
    context = {
        "page_title": f"受理编号 {complaint.number}",
        "nav": "track",
        "owner_pages": True,
        "complaint": complaint,
        "rows": rows,
        "now": now,
        "faulty": rating or reopening,
    }
    return render(request, "cases/public_progress.html", context, status=status)


@require_POST
def rate(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    complaint, case = _own_case(request, number, pk)
    form = RatingForm(request.POST, prefix=f"c{case.pk}")
    if form.is_valid():
        try:
            closing.rate(
                case,
                stars=form.cleaned_data["stars"],
                comment=form.cleaned_data["comment"],
                actor=request.actor,  # type: ignore[attr-defined]
                now=timezone.now(),
                key=request.POST.get("form_key", ""),
                **_proof(request, complaint),
            )
            return HttpResponseRedirect(reverse("track_complaint", args=[number]), status=303)
        except Refused as refused:
            form.add_refusal(refused)
    return _progress_page(request, complaint, status=UNPROCESSABLE, rating=form, of=case)


@require_POST
def reopen(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    complaint, case = _own_case(request, number, pk)
    form = ReopenForm(request.POST, prefix=f"c{case.pk}")
    if form.is_valid():
        try:
            closing.reopen(
                case,
                reason=form.cleaned_data["reason"],
                actor=request.actor,  # type: ignore[attr-defined]
                now=timezone.now(),
                key=request.POST.get("form_key", ""),
                **_proof(request, complaint),
            )
            return HttpResponseRedirect(reverse("track_complaint", args=[number]), status=303)
        except Refused as refused:
            form.add_refusal(refused)
    return _progress_page(request, complaint, status=UNPROCESSABLE, reopening=form, of=case)


def _own_case(request: HttpRequest, number: str, pk: int) -> tuple[Complaint, Case]:
    complaint = _opened(request, number)
    if complaint is None:
        raise Http404
    return complaint, get_object_or_404(complaint.cases.select_related("complaint"), pk=pk)


def _proof(request: HttpRequest, complaint: Complaint) -> dict[str, str]:
    """Number and secret of a visitor who opened the complaint by them; the account itself is proof enough."""
    secret = request.session.get(OPENED, {}).get(complaint.number)
    return {"number": complaint.number, "phone_tail": secret} if secret else {}


def _code(request: HttpRequest, complaint: Complaint) -> str:
    """The query code of a complaint without a telephone, for its receipt."""
    secret = str(request.session.get(OPENED, {}).get(complaint.number, ""))
    return secret if complaint.complainant_id is None or len(secret) > PHONE_TAIL else ""


def _open(request: HttpRequest, number: str, secret: str) -> None:
    kept = {one: known for one, known in request.session.get(OPENED, {}).items() if one != number}
    request.session[OPENED] = dict([*kept.items(), (number, secret)][-MOST_KEPT:])


def _opened(request: HttpRequest, number: str) -> Complaint | None:
    """The complaint, if this visitor opened it by its number before, or it is the signed-in person's own."""
    complaint = Complaint.objects.select_related("estate").filter(number=number).first()
    if complaint is None:
        return None
    user = request.user
    own = user.is_authenticated and user.pk in (complaint.submitted_by_id, complaint.steward_id)
    return complaint if own or number in request.session.get(OPENED, {}) else None
