"""What the pages of votes share: who asks, which vote, and one page for every act."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from gongzhi.core import refs
from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.core.models import StoredFile
from gongzhi.core.refs import Ref
from gongzhi.governance.votes import queries
from gongzhi.governance.votes.models import Motion, RollEntry, Vote

SEE_OTHER, UNPROCESSABLE = 303, 422


def actor_of(request: HttpRequest) -> Actor:
    return request.actor  # type: ignore[attr-defined]


def now_of(request: HttpRequest) -> datetime:
    return request.now  # type: ignore[attr-defined]


def see(url: str) -> HttpResponse:
    return HttpResponseRedirect(url, status=SEE_OTHER)


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
class ActPage:
    """One act: what it is called, its form, the command behind it."""

    title: str
    form: Any
    run: Callable[[Mapping[str, Any]], Ref]
    done: str
    back: str
    crumbs: Sequence[tuple[str, str]] = ()
    hint: str = ""
    button: str = ""
    clauses: Sequence[str] = ()
    template: str = "votes/act.html"
    extra: Mapping[str, Any] = field(default_factory=dict)
    after: Callable[[Ref], str] | None = None

    def answer(self, request: HttpRequest) -> HttpResponse:
        """303 after the command; 422 with everything as typed when it refuses."""
        if request.method != "POST":
            return self.shown(request)
        if not self.form.is_valid():
            return self.shown(request, status=UNPROCESSABLE)
        key, actor = request.POST.get("form_key", ""), actor_of(request)
        try:
            with transaction.atomic():
                made = core.form_key(key, actor)
                if made is None:
                    made = self.run(self.form.cleaned_data)
                    core.keep_form_key(key, made)
                    messages.success(request, self.done)
        except Refused as refused:
            if refused.code == "forbidden":
                raise
            self.form.add_refusal(refused)
            self.clauses = refused.clauses or self.clauses
            return self.shown(request, status=refused.status)
        return see(self.after(made) if self.after else self.back)

    def shown(self, request: HttpRequest, *, status: int = 200) -> HttpResponse:
        context = {"nav": "votes", "page_title": self.title, "asked": self, "form": self.form, **self.extra}
        return render(request, self.template, context, status=status)


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
        "title": one.title,
        "matter": one.get_matter_display(),
        "text": one.text,
        "amount_fen": one.amount_fen,
        "scope": "、".join(building.name for building in one.buildings.all()) or "全小区",
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
