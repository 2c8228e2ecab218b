"""What is done on one row of a roll: who of several owners votes, corrections, links to the phone, a sale."""

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from gongzhi.core import services as core
from gongzhi.core.refs import Ref
from gongzhi.governance.votes import services as votes
from gongzhi.governance.votes.forms import BuyerForm, CorrectForm, NomineeForm
from gongzhi.governance.votes.models import RollEntry, Vote
from gongzhi.governance.votes.views.common import ActPage, actor_of, bound, now_of, vote_of, vote_url, voter_of
from gongzhi.governance.votes.views.phone import qr

CENTI = 100
Data = Mapping[str, Any]


def _of_unit(
    request: HttpRequest, pk: int, code: str, *, title: str, form: Callable[[RollEntry], Any], run: Any, done: str
) -> ActPage:
    """An act on one row of the roll."""
    vote = vote_of(request, pk)
    core.require(actor_of(request), "vote.run", vote)
    entry = get_object_or_404(RollEntry.objects.select_related("vote"), vote=vote, code=code)
    back = reverse("governance:roll", args=[vote.pk])

    def acted(data: Data) -> Ref:
        run(vote, entry, data)
        return vote.ref

    return ActPage(
        title=f"{entry.room}　{title}",
        form=form(entry),
        run=acted,
        done=done,
        back=back,
        crumbs=[("业主表决", reverse("governance:votes")), (vote.title, vote_url(vote)), ("名册和送达", back)],
    )


@login_required
@require_http_methods(["GET", "POST"])
def nominate(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    return nominate_page(request, pk, code).answer(request)


def nominate_page(request: HttpRequest, pk: int, code: str) -> ActPage:
    """Which of the co-owners votes."""

    def form(entry: RollEntry) -> Any:
        made = bound(request, NomineeForm)
        holders = votes.holders_now(entry.vote, entry)
        people = entry.vote.owners.filter(code__in=holders).select_related("person")
        made.fields["nominee"].choices = [("", "请选"), *((one.code, str(one.person)) for one in people)]
        return made

    def run(vote: Vote, entry: RollEntry, data: Data) -> None:
        votes.nominate(vote, entry=entry, nominee=data["nominee"], actor=actor_of(request), now=now_of(request))

    return _of_unit(request, pk, code, title="登记共有人推定", form=form, run=run, done="已登记。")


@login_required
@require_http_methods(["GET", "POST"])
def correct(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    return correct_page(request, pk, code).answer(request)


def correct_page(request: HttpRequest, pk: int, code: str) -> ActPage:
    """A correction of the published roll, as an entry of its own."""

    def form(entry: RollEntry) -> Any:
        area = f"{entry.area // CENTI}.{entry.area % CENTI:02d}"
        return bound(request, CorrectForm, initial={"area_m2": area, "stock": entry.stock, "kind": entry.kind})

    def run(vote: Vote, entry: RollEntry, data: Data) -> None:
        votes.correct_roll(
            vote,
            entry=entry,
            area=int(data["area_m2"] * CENTI),
            stock=data["stock"],
            kind=data["kind"],
            reason=data["reason"],
            actor=actor_of(request),
            now=now_of(request),
        )

    return _of_unit(
        request, pk, code, title="更正名册", form=form, run=run, done="已更正，公布的名册和更正都在票册里。"
    )


@login_required
@require_http_methods(["GET", "POST"])
def links(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    """A personal link with its QR code, shown once: only its hash is kept."""
    vote = vote_of(request, pk)
    core.require(actor_of(request), "vote.run", vote)
    entry = get_object_or_404(RollEntry, vote=vote, code=code)

    def make() -> str:
        owner = vote.owners.get(code=voter_of(entry))
        return votes.make_link(vote, owner=owner, actor=actor_of(request), now=now_of(request))

    back = ("名册和送达", reverse("governance:roll", args=[vote.pk]))
    whose = f"给{entry.room}的业主（或共有人推定的人）"
    return _link_page(request, vote, make, title=f"{entry.room}　发投票链接", whose=whose, back=back)


@login_required
@require_http_methods(["GET", "POST"])
def agent_link(request: HttpRequest, pk: int, proxy: str) -> HttpResponse:
    """The same for the agent of one instrument."""
    vote = vote_of(request, pk)
    core.require(actor_of(request), "vote.run", vote)

    def make() -> str:
        return votes.make_agent_link(vote, proxy=proxy, actor=actor_of(request), now=now_of(request))

    back = ("委托", reverse("governance:proxies", args=[vote.pk]))
    whose = f"给委托书{proxy}的代理人"
    return _link_page(request, vote, make, title=f"{proxy}　发代理投票链接", whose=whose, back=back)


def _link_page(
    request: HttpRequest, vote: Vote, make: Callable[[], str], *, title: str, whose: str, back: tuple[str, str]
) -> HttpResponse:
    context = {"nav": "votes", "page_title": title, "vote": vote, "whose": whose, "back": back}
    if request.method == "POST":
        address = request.build_absolute_uri(reverse("governance:phone", args=[make()]))
        context |= {"address": address, "qr": qr(address)}
    return render(request, "votes/link.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def sale(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    return sale_page(request, pk, code).answer(request)


def sale_page(request: HttpRequest, pk: int, code: str) -> ActPage:
    """The unit was sold: what the rule says, and the command that takes the new owner over."""
    vote = vote_of(request, pk)
    core.require(actor_of(request), "vote.run", vote)
    entry = get_object_or_404(RollEntry.objects.select_related("vote", "unit"), vote=vote, code=code)
    answer = votes.sale_answer(vote, entry, core.local_day(now_of(request)))
    back = reverse("governance:roll", args=[vote.pk])
    form = bound(request, BuyerForm)
    form.offer(answer.owners)

    def run(data: Data) -> Ref:
        chosen = data.get("nominee") or ""
        person = next((one for one in answer.owners if str(one.pk) == chosen), None)
        votes.record_sale(
            vote,
            entry=entry,
            nominee=votes.code_for(vote, person) if person is not None else "",
            actor=actor_of(request),
            now=now_of(request),
        )
        return vote.ref

    return ActPage(
        title=f"{entry.room}　表决期间转让",
        form=form,
        run=run,
        done="已登记转让。",
        back=back,
        button="按现业主登记转让",
        crumbs=[("业主表决", reverse("governance:votes")), (vote.title, vote_url(vote)), ("名册和送达", back)],
        template="votes/sale.html",
        extra={"vote": vote, "entry": entry, "answer": answer},
    )
