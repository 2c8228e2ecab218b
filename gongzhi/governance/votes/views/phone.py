"""An owner votes on his phone: who he is, his ballot, a look before it is handed in, the receipt. No script needed."""

import json
import secrets
from datetime import timedelta
from typing import Any

import segno
from django import forms
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from gongzhi.core import services as core
from gongzhi.core.errors import Refused
from gongzhi.core.forms import RefusalForm
from gongzhi.governance.tally.electorate import electorate
from gongzhi.governance.tally.parts import square_metres
from gongzhi.governance.tally.rules import VALUES, Scope
from gongzhi.governance.votes import queries
from gongzhi.governance.votes import services as votes
from gongzhi.governance.votes.forms import IdentityForm
from gongzhi.governance.votes.identity import LAST_DIGITS, LocalCheck, identity_check
from gongzhi.governance.votes.models import Ballot, RollEntry, Vote, VoteLink
from gongzhi.governance.votes.views import sealed
from gongzhi.governance.votes.views.ballot_form import add_motions, in_words, marks, marks_at_once, options
from gongzhi.governance.votes.views.common import FIRST_ONLY, NOT_FOUND, UNPROCESSABLE, actor_of, see
from gongzhi.proof import queries as proofs
from gongzhi.proof import receipts

GRANTED = timedelta(hours=2)
SALT = "vote"
QUIET_ZONE = 3
CODE_GROUP = 4

THRESHOLD = {"above": "超过", "at_least": "达到"}


class PhoneForm(RefusalForm, forms.Form):
    """The motions are added as fields."""


def _link(token: str) -> VoteLink:
    link = votes.link_of(token)
    if link is None:
        raise Refused("link_unknown", votes.UNKNOWN, status=NOT_FOUND)
    return link


def _cookie(link: VoteLink) -> str:
    return f"gz_piao_{link.pk}"


def _granted(request: HttpRequest, link: VoteLink) -> bool:
    """A signed cookie, not a session: a ballot reads no row for it."""
    held = request.get_signed_cookie(_cookie(link), default="", salt=SALT, max_age=GRANTED)
    return bool(held) and held == link.owner


def grant(response: HttpResponse, link: VoteLink, *, secure: bool) -> HttpResponse:
    """Who has shown who he is need not do so again for a while, in this browser."""
    response.set_signed_cookie(
        _cookie(link), link.owner, salt=SALT, max_age=GRANTED, httponly=True, samesite="Lax", secure=secure
    )
    return response


@transaction.non_atomic_requests
@never_cache
@require_http_methods(["GET", "POST"])
def phone(request: HttpRequest, token: str) -> HttpResponse:
    handing_in = request.method == "POST" and request.POST.get("step") == "cast" and bool(request.POST.get("key"))
    if handing_in and (number := _number_at_once(request, token)):
        return see(reverse("governance:ballot_receipt", args=[token, number]))
    link = _link(token)
    vote = link.vote
    if platform := queries.official_platform(vote):
        return _shown(request, "votes/phone_shut.html", link, platform=platform)
    if not _granted(request, link):
        return _identity(request, link, reverse("governance:phone", args=[token]))
    units = _units(link)
    if vote.secret:
        return _sealed(request, link, units, token)
    if handing_in and units:
        return _hand_in(request, link, units)
    now = queries.database_now()
    if not vote.takes_ballots(now) or not units:
        return _shut(request, link, units)
    form = _form(request, link, units)
    if request.method == "GET":
        return _ballot(request, link, form, units)
    if not form.is_valid():
        return _ballot(request, link, form, units, status=UNPROCESSABLE)
    if request.POST.get("step") == "change":
        return _ballot(request, link, form, units)
    chosen = marks(form.cleaned_data, vote)
    try:
        if link.proxy:
            votes.refuse_against_instruction(vote, link.proxy, chosen)
    except Refused as refused:
        form.add_refusal(refused)
        return _ballot(request, link, form, units, status=refused.status)
    return _confirm(request, link, form, chosen)


@login_required
@never_cache
@require_http_methods(["POST"])
def own(request: HttpRequest, pk: int) -> HttpResponse:
    """From an owner's first page to his ballot, as if he had opened the link that was sent to him."""
    vote = get_object_or_404(queries.votes_for(actor_of(request)), pk=pk, state__in=queries.ANNOUNCED)
    return see(reverse("governance:phone", args=[votes.own_link(vote, actor=actor_of(request), now=timezone.now())]))


def _sealed(request: HttpRequest, link: VoteLink, units: list[RollEntry], token: str) -> HttpResponse:
    """Of a secret election: the script encrypts, and what comes in is never a choice."""
    address = reverse("governance:phone", args=[token])
    handed_in = request.method == "POST" and request.POST.get("sealed")
    if not handed_in and not link.vote.takes_ballots(queries.database_now()):
        return _shut(request, link, units)
    ballot = sealed.phone(request, link, units=units, address=address, acting=_acting(link))
    return ballot or _shut(request, link, [])


def _form(request: HttpRequest, link: VoteLink, units: list[RollEntry]) -> Any:
    """The motions that concern his units, and of an agent those that he was given: another building's is not asked."""
    form = PhoneForm(request.POST if request.method == "POST" else None)
    instrument = _instrument(link)
    add_motions(form, link.vote, units=units, only=instrument.motions if instrument else ())
    return form


def _number_at_once(request: HttpRequest, token: str) -> str | None:
    """The ballot's number, where nothing is amiss. Else nothing was taken in, and the ordinary way says what is.

    The answer goes out after the ballot has been committed: a receipt is never ahead of it.
    """
    key = request.POST["key"]

    def read(link: VoteLink) -> votes.Given | None:
        own = not link.proxy and _granted(request, link)  # an agent goes the ordinary way
        codes = votes.units_of(link.vote, link.owner) if own else ()
        chosen = marks_at_once(request.POST, link.vote) if codes else None
        return None if chosen is None else votes.Given(link.owner, codes, chosen, "phone", None, key, on_roll=True)

    try:
        made = votes.cast_by_link(token, key=key, read=read)
    except Refused:
        return None
    return None if made is None else made.number


def _hand_in(request: HttpRequest, link: VoteLink, units: list[RollEntry]) -> HttpResponse:
    form = _form(request, link, units)
    if not form.is_valid():
        return _ballot(request, link, form, units, status=UNPROCESSABLE)
    chosen = marks(form.cleaned_data, link.vote)
    codes = [one.code for one in units]
    given = votes.Given(link.owner, codes, chosen, "phone", None, request.POST["key"], proxy=link.proxy, on_roll=True)
    try:
        if link.proxy:
            at = queries.database_now()
            votes.refuse_agent(link.vote, agent=link.owner, proxy=link.proxy, units=codes, at=at)
            votes.refuse_against_instruction(link.vote, link.proxy, chosen)
        made = votes.cast(link.vote, given=given)
    except Refused as refused:
        if refused.code in ("vote_closed", "vote_not_open"):
            return _shut(request, link, units)
        form.add_refusal(refused)
        return _ballot(request, link, form, units, status=refused.status)
    token = request.resolver_match.kwargs["token"] if request.resolver_match else ""
    return see(reverse("governance:ballot_receipt", args=[token, made.number]))


def _shut(request: HttpRequest, link: VoteLink, units: list[RollEntry]) -> HttpResponse:
    outside = not units and not link.proxy and link.vote.roll.filter(voters__contains=[link.owner]).exists()
    ended = bool(link.proxy) and not units
    sold = not units and not link.proxy and link.vote.records.filter(kind="TRANSFER").exists()
    return _shown(request, "votes/phone_shut.html", link, units=units, sold=sold, outside=outside, ended=ended)


def _identity(request: HttpRequest, link: VoteLink, after: str) -> HttpResponse:
    form = IdentityForm(request.POST if request.method == "POST" and "answer" in request.POST else None)
    status = 200
    if form.is_bound:
        status = UNPROCESSABLE
        if form.is_valid():
            try:
                votes.verify(link, answer=form.cleaned_data["answer"], now=timezone.now())
            except Refused as refused:
                form.add_refusal(refused)
                status = refused.status
            else:
                return grant(see(after), link, secure=request.is_secure())
    return _asked(request, link, form, status)


def _asked(request: HttpRequest, link: VoteLink, form: Any, status: int) -> HttpResponse:
    told = _demo_answer(link) if link.vote.demo else ""
    return _shown(
        request, "votes/phone_identity.html", link, status=status, form=form, how=identity_check().title,
        demo_answer=told,
    )  # fmt: skip


def _demo_answer(link: VoteLink) -> str:
    """In the demonstration nobody has the owner's papers at hand."""
    owner = link.vote.owners.select_related("person").filter(code=link.owner).first()
    if owner is None or owner.person is None or not owner.person.demo or not isinstance(identity_check(), LocalCheck):
        return ""
    return core.opened(owner.person, "phone")[-LAST_DIGITS:]


def _units(link: VoteLink) -> list[RollEntry]:
    """Those for which he may vote now: his own, the shared ones he was named for, what he bought since; of an agent
    those of his instrument, while it holds."""
    vote = link.vote
    if not link.proxy:
        return list(vote.roll.filter(code__in=votes.units_of(vote, link.owner)).order_by("room"))
    instrument = _instrument(link)
    codes = instrument.units if instrument is not None else ()
    return list(votes.concerned(vote).filter(code__in=codes).order_by("room"))


def _instrument(link: VoteLink) -> Any:
    """The agent's, None once it is revoked."""
    try:
        return votes.instrument_of(link.vote, link.proxy) if link.proxy else None
    except Refused:
        return None


def _ballot(
    request: HttpRequest, link: VoteLink, form: Any, units: list[RollEntry], *, status: int = 200
) -> HttpResponse:
    vote = link.vote
    rules = votes.rules_of(vote)
    settings = rules.settings
    picked = {name: form.data.getlist(name) if form.is_bound else [] for name in form.fields}
    motions = []
    for motion, row in zip(rules.motions, vote.motions.all(), strict=True):
        if motion.motion not in form.fields:
            continue
        bound = form[motion.motion]
        motions.append(
            {
                "name": motion.motion,
                "number": queries.NUMBERS[row.position - 1 : row.position] or str(row.position),
                "title": motion.title,
                "text": row.text,
                "amount_fen": row.amount_fen,
                "file": row.file,
                "passes": _passes(motion),
                "hint": bound.help_text,
                "errors": bound.errors,
                "kind": "checkbox" if motion.election else "radio",
                "options": [
                    (value, label, value in picked[motion.motion])
                    for value, label in (
                        [(one.candidate, one.name) for one in motion.election.candidates]
                        if motion.election
                        else options(vote)
                    )
                ],
            }
        )
    owner = vote.owners.select_related("person").get(code=link.owner)
    before = _cast_before(vote, units)
    return _shown(
        request,
        "votes/phone.html",
        link,
        status=status,
        form=form,
        motions=motions,
        units=units,
        person=owner.person,
        acting=_acting(link),
        weight=_weight(vote, units),
        settled=settings.revote.value == FIRST_ONLY and any(one.stands for one in before),
        silence=queries.silence_words(rules, [one["name"] for one in motions]),
        revote=VALUES["revote"][settings.revote.value],
        precedence=queries.precedence_words(settings.precedence),
        rule_clauses=tuple(
            dict.fromkeys((*queries.silence_clauses(rules), *settings.revote.clauses, *settings.precedence.clauses))
        ),
        others=len(rules.motions) - len(motions),
        cast_before=before,
        late=[one for one in units if one.area_source != "register"],
    )


def _acting(link: VoteLink) -> dict[str, Any] | None:
    """For whom an agent votes, by which instrument, with which word of his principal."""
    instrument = _instrument(link)
    if instrument is None:
        return None
    principal = link.vote.owners.select_related("person").filter(code=instrument.principal).first()
    follow = votes.rules_in_force(link.vote).settings.proxy
    return {
        "number": instrument.id,
        "principal": str(principal.person) if principal is not None and principal.person else "委托人",
        "until": instrument.until,
        "told": in_words(instrument.instructions, link.vote, only=tuple(instrument.instructions)),
        "must": follow.instruction == "must_follow",
        "clauses": follow.clauses,
    }


def _cast_before(vote: Vote, units: list[RollEntry]) -> list[queries.OwnBallot]:
    """What came in for his units by whichever way, and which of it stands as things are."""
    codes = [one.code for one in units]
    if not Ballot.objects.filter(vote=vote, units__overlap=codes).exists():
        return []
    return queries.own_ballots(vote, units, rules=votes.rules_of(vote), events=votes.events_of(vote, units=codes))


def _passes(motion: Any) -> str:
    one = motion.approval
    who = "参加者中，同意的" if one.base == "participants" else "全体中，同意的"
    if one.heads != one.area:
        return f"{who}人数{THRESHOLD[one.bound]}{one.heads}，面积{THRESHOLD[one.bound]}{one.area}"
    return f"{who}人数和面积都{THRESHOLD[one.bound]}{one.heads}"


def _weight(vote: Vote, units: list[RollEntry]) -> dict[str, Any]:
    put_right = queries.corrections_of(vote)
    rows = [put_right[one.code].row if one.code in put_right else one.counted_as for one in units]
    own = electorate(rows, Scope(), votes.rules_of(vote).settings)
    return {"heads": own.head_count, "area": square_metres(own.area)}


def _confirm(request: HttpRequest, link: VoteLink, form: Any, chosen: dict[str, Any]) -> HttpResponse:
    hidden = [(name, value) for name in form.fields for value in form.data.getlist(name)]
    return _shown(
        request,
        "votes/phone_confirm.html",
        link,
        chosen=in_words(chosen, link.vote, only=tuple(chosen)),
        hidden=hidden,
        key=secrets.token_hex(16),
    )


def _own_ballot(link: VoteLink, number: str) -> Ballot:
    found: Ballot = get_object_or_404(
        Ballot.objects.select_related("entry__log", "entry__key"), vote_id=link.vote_id, number=number, voter=link.owner
    )
    return found


@never_cache
@require_http_methods(["GET", "POST"])
def ballot_receipt(request: HttpRequest, token: str, number: str) -> HttpResponse:
    link = _link(token)
    here = reverse("governance:ballot_receipt", args=[token, number])
    if not _granted(request, link):
        return _identity(request, link, here)
    made = _own_ballot(link, number)
    receipt = proofs.receipt(made.entry)
    address = receipts.address(receipt, page=request.build_absolute_uri(reverse("check_receipt")))
    if request.GET.get("xiazai"):
        response = HttpResponse(json.dumps(receipt, ensure_ascii=False, indent=1), content_type="application/json")
        response["Content-Disposition"] = f'attachment; filename="receipt-{number}.json"'
        return response
    return _shown(
        request,
        "votes/phone_receipt.html",
        link,
        ballot=made,
        code=f"{number[:CODE_GROUP]}-{number[CODE_GROUP:]}",
        checked_as=receipts.code_of(bytes(made.entry.leaf_hash)),
        print=sealed.fingerprint_words(made.salt) if link.vote.secret else "",
        address=address,
        qr=qr(address),
        entry=made.entry,
        here=here,
        may_change=votes.rules_of(link.vote).settings.revote.value != FIRST_ONLY,
        **_instead(link, made),
    )


def _instead(link: VoteLink, made: Ballot) -> dict[str, Any]:
    """The ballot that stands in place of this one, as things are, and by which rule."""
    if link.vote.secret:
        return {}
    own = _cast_before(link.vote, _units(link))
    other = next((one for one in own if one.stands), None)
    if other is None or any(one.number == made.number and one.stands for one in own):
        return {}
    settings = votes.rules_of(link.vote).settings
    rules = (VALUES["revote"][settings.revote.value], queries.precedence_words(settings.precedence))
    return {"instead": other, "because": "；".join(rules)}


@never_cache
@require_http_methods(["GET", "POST"])
def own_choice(request: HttpRequest, token: str, number: str) -> HttpResponse:
    """What he chose: asks again who he is, each time."""
    link = _link(token)
    if link.vote.secret:
        raise Http404  # nobody here knows
    made = _own_ballot(link, number)
    form = IdentityForm(request.POST if request.method == "POST" else None)
    status = UNPROCESSABLE if form.is_bound else 200
    if form.is_bound and form.is_valid():
        try:
            votes.verify(link, answer=form.cleaned_data["answer"], now=timezone.now())
        except Refused as refused:
            form.add_refusal(refused)
            status = refused.status
        else:
            shown = in_words(made.choices, link.vote, only=tuple(made.choices))
            opening = votes.opening_of(made)
            return _shown(request, "votes/phone_choice.html", link, ballot=made, chosen=shown, salt=opening["salt"])
    return _asked(request, link, form, status)


def _shown(request: HttpRequest, template: str, link: VoteLink, *, status: int = 200, **more: Any) -> HttpResponse:
    context = {
        "nav": "votes",
        "owner_pages": True,
        "page_title": "业主大会表决票",
        "vote": link.vote,
        "token_url": request.path,
        "now": queries.database_now(),
        **more,
    }
    return render(request, template, context, status=status)


def qr(text: str) -> dict[str, str]:
    """The code as one SVG path with its view box."""
    matrix = [list(row) for row in segno.make(text, error="m", micro=False).matrix]
    steps = []
    for y, row in enumerate(matrix):
        steps += [f"M{x} {y}h1v1h-1z" for x, dark in enumerate(row) if dark]
    whole = len(matrix) + 2 * QUIET_ZONE
    return {"path": "".join(steps), "box": f"-{QUIET_ZONE} -{QUIET_ZONE} {whole} {whole}"}
