"""What the pages of votes share: who asks, which vote, and one page for every act."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest
from django.urls import reverse

from gongzhi.core import refs
from gongzhi.core import services as core
from gongzhi.core.errors import Refused
from gongzhi.core.models import StoredFile
from gongzhi.core.pages import FormPage
from gongzhi.core.pages import actor_of as actor_of
from gongzhi.core.pages import now_of as now_of
from gongzhi.core.pages import see as see
from gongzhi.core.refs import Ref
from gongzhi.governance.tally.parts import square_metres
from gongzhi.governance.tally.result import OUTCOMES
from gongzhi.governance.votes import queries
from gongzhi.governance.votes import services as votes
from gongzhi.governance.votes.models import Motion, RollEntry, Vote
from gongzhi.governance.votes.words import ANNOUNCED_FIGURES

UNPROCESSABLE = 422
NOT_FOUND = 404
FIRST_ONLY = "first_only"


def vote_of(request: HttpRequest, pk: int) -> Vote:
    """404 for what the actor may not see."""
    found = Vote.objects.select_related("estate", "log").filter(pk=pk).first()
    if found is None or not core.may(actor_of(request), "vote.read", found):
        raise Http404
    return found


def vote_url(vote: Vote) -> str:
    return reverse("governance:vote", args=[vote.pk])


def kept_file(request: HttpRequest, name: str, vote: Vote) -> StoredFile | None:
    uploaded = request.FILES.get(name)
    if uploaded is None:
        return None
    return core.store_file(uploaded, owner=vote.ref, actor=actor_of(request), now=now_of(request))


@dataclass
class ActPage(FormPage):
    """The form of one act on votes."""

    crumbs: Sequence[tuple[str, str]] = ()
    nav: str = "votes"


def bound(request: HttpRequest, form: type[Any], **given: Any) -> Any:
    if request.method == "POST":
        given.pop("initial", None)
        given.pop("version", None)
        return form(request.POST, request.FILES, **given)
    return form(**given)


def motion_words(one: Motion) -> dict[str, Any]:
    """A motion as pages show it: what it needs, by which clauses, what it came from, what became of it."""
    basis = one.basis or {}
    return {
        "number": queries.NUMBERS[one.position - 1 : one.position] or str(one.position),
        "position": one.position,
        "title": one.title,
        "matter": one.get_matter_display(),
        "text": one.text,
        "amount_fen": one.amount_fen,
        "scope": "、".join(one.scope["of"]) or "全小区",
        "election": one.election,
        "shown": queries.threshold_words(basis.get("value") or {}),
        "clauses": basis.get("clauses", []),
        "origin": refs.resolve(Ref.of_key(one.origin)) if one.origin else None,
        "origin_url": refs.url_of(Ref.of_key(one.origin)) if one.origin else "",
        "follow_up": one.follow_up,
        "follow_url": refs.url_of(Ref.of_key(one.follow_up["ref"])) if one.follow_up else "",
    }


def entry_of(vote: Vote, room: str) -> RollEntry:
    found = vote.roll.filter(room="".join(room.split())).first()
    if found is None:
        raise Refused("room_unknown", "名册里没有这个房号，请核对写法。", fields={"room": "名册里没有，如：1幢001室"})
    return found


def voter_of(entry: RollEntry) -> str:
    if len(entry.voters) != 1:
        sold = entry.vote.records.filter(kind="TRANSFER", data__unit=entry.code).exists()
        says = (
            "这套房屋已转让，按规则现在没有人可以投票，见转让页"
            if sold
            else "这套房屋是共有的，还没有推定由谁表决，请先登记"
        )
        raise Refused("no_nominee", f"{says}。", fields={"room": "没有可以投票的人"})
    return entry.voters[0]


def compared_words(vote: Vote, result: Any) -> list[dict[str, Any]]:
    """The official platform's figures beside ours, in words."""
    titles = {"outcome": "结果", **ANNOUNCED_FIGURES}
    for one in result.motions:
        for who in one.candidates:
            titles |= {f"heads:{who.candidate}": f"{who.name}得票人数", f"area:{who.candidate}": f"{who.name}得票面积"}

    def words(name: str, value: Any) -> str:
        if name == "outcome":
            return OUTCOMES.get(value, value)
        return f"{square_metres(value)}㎡" if "area" in name else f"{value}人"

    return [
        {
            "title": one.title,
            "name": titles[one.name],
            "announced": words(one.name, one.announced),
            "counted": words(one.name, one.counted),
            "agrees": one.agrees,
        }
        for one in votes.compared(vote, result)
    ]
