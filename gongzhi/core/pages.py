"""What the pages of every app share: who asks and when, and one page for every form."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.core.refs import Ref

SEE_OTHER = 303
PAGE_SIZE = 20


def actor_of(request: HttpRequest) -> Actor:
    return request.actor  # type: ignore[attr-defined]


def now_of(request: HttpRequest) -> datetime:
    return request.now  # type: ignore[attr-defined]


def today_of(request: HttpRequest) -> date:
    return core.local_day(now_of(request))


def day_of(request: HttpRequest) -> date:
    """The day that the address asks about (`?day=2024-06-01`); today without one, or with one that is none."""
    try:
        return date.fromisoformat(request.GET.get("day", ""))
    except ValueError:
        return today_of(request)


@dataclass(frozen=True)
class Who:
    """Who acts, and when: what the acts of a page hand on to their commands."""

    actor: Actor
    now: datetime

    @property
    def on(self) -> date:
        return core.local_day(self.now)

    @property
    def by(self) -> dict[str, Any]:
        return {"actor": self.actor, "now": self.now}


def see(url: str) -> HttpResponse:
    return HttpResponseRedirect(url, status=SEE_OTHER)


def page_of(request: HttpRequest, rows: Any, *, size: int = PAGE_SIZE) -> Page[Any]:
    return Paginator(rows, size).get_page(request.GET.get("page"))


@dataclass
class FormPage:
    """One form: what it is called, where it leads back to, and the command behind it.

    `after`: where it leads when it was done, known beforehand or by what was made.
    """

    title: str
    form: Any
    run: Callable[[Mapping[str, Any]], Ref]
    done: str
    back: str
    crumbs: Sequence[tuple[str, str]]
    sub: str = ""
    hint: str = ""
    button: str = ""
    after: str | Callable[[Ref], str] = ""
    clauses: Sequence[str] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)
    template: str = "core/form.html"
    nav: str = "estates"
    said: Sequence[str] = ()

    def answer(self, request: HttpRequest) -> HttpResponse:
        """303 after the command, 422 (or what it says) with the form as typed when it refuses.

        A program that asks for the page takes it instead: see `core.apikit.asking.page_behind`.
        """
        take: Callable[[FormPage], HttpResponse] | None = getattr(request, "take_page", None)
        if take is not None:
            return take(self)
        if request.method != "POST":
            return self.shown(request)
        if not self.form.is_valid():
            return self.shown(request, status=422)
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
        return see((self.after(made) if callable(self.after) else self.after) or self.back)

    def shown(self, request: HttpRequest, *, status: int = 200) -> HttpResponse:
        context = {
            "nav": self.nav,
            "page_title": self.title,
            "asked": self,
            "form": self.form,
            "now": now_of(request),
            **self.extra,
        }
        return render(request, self.template, context, status=status)


def bound(request: HttpRequest, form: type[Any], *, version: int | None = None, **given: Any) -> Any:
    """The form as sent, or with what stands there now."""
    if request.method == "POST":
        given.pop("initial", None)
        return form(request.POST, request.FILES, **given)
    return form(version=version, **given)
