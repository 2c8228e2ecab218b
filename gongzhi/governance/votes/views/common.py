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

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.core.models import StoredFile
from gongzhi.core.refs import Ref
from gongzhi.governance.votes.models import Vote

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
