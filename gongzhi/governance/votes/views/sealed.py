"""The ballot of a secret election: encrypted by the page's own script, on the owner's phone or on the desk's device."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core import signing
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from gongzhi.core import services as core
from gongzhi.core.errors import Refused
from gongzhi.core.forms import RefusalForm
from gongzhi.governance.tally.parts import square_metres
from gongzhi.governance.tally.rules import VALUES
from gongzhi.governance.votes import queries
from gongzhi.governance.votes import services as votes
from gongzhi.governance.votes.forms import choice, line, words
from gongzhi.governance.votes.models import Ballot, RollEntry, Vote, VoteLink, VoteRecord
from gongzhi.governance.votes.secret.balloting import (
    Sealed,
    cast_sealed,
    challenge_sealed,
    context_of,
    sealed_text,
    voters_of,
)
from gongzhi.governance.votes.secret.words import CHANNELS
from gongzhi.governance.votes.views.common import FIRST_ONLY, UNPROCESSABLE, actor_of, see, vote_of, vote_url

SALT = "sealed-desk"
MINUTES = 30
FINGERPRINT, CODE_GROUP = 12, 4
GRANTED_SECONDS = MINUTES * 60


class SealedForm(RefusalForm, forms.Form):
    """What the script has made. Nothing that a person chose is a field."""

    key = forms.CharField(max_length=64)
    sealed = forms.CharField(
        max_length=1_000_000,
        error_messages={"required": "这张票没有加密，没有收。浏览器要允许脚本；不行的请到现场投票。"},
    )


@dataclass(frozen=True)
class Booth:
    """Who votes at which place, and where the page leads."""

    vote: Vote
    voter: str
    channel: str
    address: str
    agent: str = ""
    proxy: str = ""
    entered_by: tuple[str, ...] = ()


def shown_ballot(
    request: HttpRequest, booth: Booth, *, template: str, form: Any = None, status: int = 200, **more: Any
) -> HttpResponse:
    """The candidates as boxes without names: what is ticked is never sent."""
    vote = booth.vote
    rules = votes.rules_of(vote)
    motion = rules.motions[0]
    context = context_of(vote, booth.voter)
    area, heads = voters_of(vote).weights[booth.voter]
    row = vote.motions.get()
    page = {
        "nav": "votes",
        "page_title": "无记名选举票",
        "vote": vote,
        "form": form,
        "motion": motion,
        "text": row.text,
        "most": context.most,
        "candidates": motion.election.candidates if motion.election else (),
        "weight": {"heads": heads, "area": square_metres(area)},
        "silence": VALUES["silence"][rules.settings.silence.value],
        "silence_clauses": rules.settings.silence.clauses,
        "revote": VALUES["revote"][rules.settings.revote.value],
        "secrecy": motion.secret,
        "secrecy_clauses": rules.settings.secrecy.clauses,
        "channel": booth.channel,
        "key": secrets.token_hex(16),
        "action": booth.address,
        "given": {
            "election": context.election,
            "voter": context.voter,
            "key": context.key.hex(),
            "options": list(context.options),
            "least": context.least,
            "most": context.most,
            "names": {one.candidate: one.name for one in (motion.election.candidates if motion.election else ())},
        },
        "now": queries.database_now(),
        **more,
    }
    return render(request, template, page, status=status)


def taken(request: HttpRequest, booth: Booth, *, actor: Any = None) -> Ballot | SealedForm:
    """The ballot, or the form with the reason why it was not taken."""
    form = SealedForm(request.POST)
    if not form.is_valid():
        return form
    given = Sealed(
        voter=booth.voter,
        ballot=_read(form),
        channel=booth.channel,
        key=form.cleaned_data["key"],
        agent=booth.agent,
        proxy=booth.proxy,
        entered_by=booth.entered_by,
    )
    try:
        return cast_sealed(booth.vote, given=given, actor=actor)
    except Refused as refused:
        form.add_refusal(refused)
        return form


def challenged(request: HttpRequest, booth: Booth) -> JsonResponse:
    """For the script: the ballot is spoiled before the device shows what opens it. Nothing of the choice is sent."""
    try:
        made = challenge_sealed(booth.vote, voter=booth.voter, ballot=sealed_text(request.POST["challenge"]))
    except Refused as refused:
        return JsonResponse({"message": refused.message}, status=refused.status)
    return JsonResponse({"print": fingerprint_words(made.fingerprint)})


def _read(form: SealedForm) -> Mapping[str, Any]:
    try:
        return sealed_text(form.cleaned_data["sealed"])
    except Refused:
        return {}


def phone(
    request: HttpRequest, link: VoteLink, *, units: list[RollEntry], address: str, acting: Mapping[str, Any] | None
) -> HttpResponse | None:
    """On the owner's own phone, or his agent's (`acting`). None: not now, the caller says why."""
    vote = link.vote
    voter = _principal(link)
    if not units or voter not in voters_of(vote).weights:
        return None
    agent = link.owner if link.proxy else ""
    booth = Booth(vote, voter, "phone", address, agent, link.proxy)
    owner = vote.owners.select_related("person").get(code=link.owner)
    before = Ballot.objects.filter(vote=vote, voter=link.owner, proxy=link.proxy).order_by("-pk").first()
    more: dict[str, Any] = {
        "owner_pages": True,
        "units": units,
        "acting": acting,
        "person": owner.person,
        "cast_before": before,
        "settled": before is not None and votes.rules_of(vote).settings.revote.value == FIRST_ONLY,
    }
    if request.method != "POST":
        return shown_ballot(request, booth, template="votes/secret/phone.html", **more)
    if "challenge" in request.POST:
        return challenged(request, booth)
    made = taken(request, booth)
    if isinstance(made, Ballot):
        return see(f"{address}huizhi/{made.number}/")
    return shown_ballot(request, booth, template="votes/secret/phone.html", form=made, status=UNPROCESSABLE, **more)


def _principal(link: VoteLink) -> str:
    """Whose ballot it is: an agent's that of his principal."""
    if not link.proxy:
        return link.owner
    rows = VoteRecord.objects.filter(vote=link.vote, kind="PROXY", data__id=link.proxy)
    return str(rows.values_list("data__principal", flat=True).first() or "")


class DeskForm(RefusalForm, forms.Form):
    room = line("房号", help_text="如：1幢001室；一人多套的填其中一套")
    way = choice("怎样投", {"desk": "业主在这台设备上自己选", "paper": "代录封好的纸质票"})
    proxy = line("委托书编号", required=False, help_text="代理人来投的填，如 w1")
    by = words("监票人", rows=2, required=False, help_text="代录纸质票才填，一行一人，要两人在场")


@login_required
@require_http_methods(["GET", "POST"])
def desk(request: HttpRequest, pk: int) -> HttpResponse:
    """The officer checks who has come; then the device shows the ballot."""
    vote, actor = vote_of(request, pk), actor_of(request)
    core.require(actor, "vote.run", vote)
    form, status = DeskForm(request.POST if request.method == "POST" else None), 200
    if form.is_bound:
        status = UNPROCESSABLE
        if form.is_valid():
            try:
                return see(reverse("governance:sealed_booth", args=[vote.pk, _granted(vote, form.cleaned_data)]))
            except Refused as refused:
                form.add_refusal(refused)
    context = {
        "nav": "votes",
        "page_title": "现场投票",
        "vote": vote,
        "form": form,
        "crumbs": [("业主表决", reverse("governance:votes")), (vote.title, vote_url(vote))],
        "minutes": MINUTES,
    }
    return render(request, "votes/secret/desk.html", context, status=status)


def fingerprint_words(print_: str) -> str:
    """As the page shows it before the ballot is handed in."""
    shown = print_[:FINGERPRINT].upper()
    return "-".join(shown[at : at + CODE_GROUP] for at in range(0, FINGERPRINT, CODE_GROUP))


def _granted(vote: Vote, data: Mapping[str, Any]) -> str:
    """Who may vote now at this device, signed: for half an hour."""
    if not vote.secret or not vote.takes_ballots(queries.database_now()):
        raise Refused("vote_not_open", "现在不在投票时间里，不能现场投票。")
    entry = vote.roll.filter(room="".join(data["room"].split())).first()
    owners = voters_of(vote).units
    voter = next((who for who, units in owners.items() if entry is not None and entry.code in units), "")
    if entry is None or not voter:
        reason = "名册里没有，如：1幢001室" if entry is None else "共有人没有推定由谁投票"
        raise Refused("room_unknown", "这个房号现在不能投票，请核对。", fields={"room": reason})
    by = [one.strip() for one in data["by"].splitlines() if one.strip()]
    if data["way"] == "paper" and len(set(by)) < 2:  # noqa: PLR2004
        raise Refused("scrutineers", "代录纸质票要两名监票人在场，请写明两人的姓名。", fields={"by": "要两名监票人"})
    agent, proxy = "", data["proxy"].strip()
    if proxy:
        record = VoteRecord.objects.filter(vote=vote, kind="PROXY", data__id=proxy).first()
        if record is None:
            raise Refused("no_instrument", "没有这份委托书。", fields={"proxy": "请核对编号"})
        agent = record.data["agent"]
    grant = {"vote": vote.pk, "voter": voter, "way": data["way"], "by": by, "agent": agent, "proxy": proxy}
    return signing.dumps(grant, salt=SALT)


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def booth(request: HttpRequest, pk: int, grant: str) -> HttpResponse:
    """The ballot itself on the desk's device."""
    vote, actor = vote_of(request, pk), actor_of(request)
    core.require(actor, "vote.run", vote)
    back = reverse("governance:sealed_desk", args=[vote.pk])
    try:
        given = signing.loads(grant, salt=SALT, max_age=GRANTED_SECONDS)
    except signing.BadSignature:
        messages.error(request, f"核对身份已过{MINUTES}分钟，请重新核对后再投。")
        return see(back)
    address = reverse("governance:sealed_booth", args=[vote.pk, grant])
    place = Booth(vote, given["voter"], given["way"], address, given["agent"], given["proxy"], tuple(given["by"]))
    rows = vote.roll.filter(code__in=voters_of(vote).units[place.voter]).order_by("room")
    more: dict[str, Any] = {"units": rows, "back": back, "way": CHANNELS[place.channel]}
    if request.method != "POST":
        return shown_ballot(request, place, template="votes/secret/booth.html", **more)
    if "challenge" in request.POST:
        return challenged(request, place)
    made = taken(request, place, actor=actor)
    if isinstance(made, Ballot):
        told = f"已收票，凭证短码{made.number}，加密票的指纹{fingerprint_words(made.salt)}，请抄给业主。"
        messages.success(request, f"{told}这台设备上没有留下选了谁。")
        return see(back)
    return shown_ballot(request, place, template="votes/secret/booth.html", form=made, status=UNPROCESSABLE, **more)


@login_required
@require_GET
def paper(request: HttpRequest, pk: int) -> HttpResponse:
    """What is printed for those who vote on paper: a ballot without any number, and the envelope's label."""
    vote = vote_of(request, pk)
    core.require(actor_of(request), "vote.run", vote)
    motion = vote.motions.get()
    election = motion.election or {}
    seats = election.get("most_choices") or election.get("seats")
    context = {
        "nav": "votes", "page_title": "无记名纸质票", "vote": vote, "motion": motion,
        "candidates": election.get("candidates", ()), "most": seats,
        "crumbs": [("业主表决", reverse("governance:votes")), (vote.title, vote_url(vote))],
    }  # fmt: skip
    return render(request, "votes/secret/paper.html", context)
