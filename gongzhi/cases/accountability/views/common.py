"""What the pages share: the tabs, one way to show a form and to do what it asks, rows of a form."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from gongzhi.cases.accountability.forms import MORE_ROWS, ROWS_SHOWN
from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.days import local_day
from gongzhi.core.errors import Refused
from gongzhi.core.pages import actor_of as actor_of
from gongzhi.core.pages import now_of as now_of
from gongzhi.core.pages import see as see

NAV = "accountability"
PAGE_SIZE = 20
SEE_OTHER, UNPROCESSABLE = 303, 422
MOST_ROWS = 60
YEARS_BACK = 3
# (name of the page, title, right that opens it; "" opens it to every unit)
TABS = (
    ("board", "任务看板", ""),
    ("inspections", "督查", ""),
    ("sheets", "交办单", ""),
    ("division", "任务分工", "accountability.division"),
    ("census", "抄告督办通报", "accountability.board"),
    ("talks", "约谈问责", "accountability.read_talks"),
    ("clues", "问题线索", "accountability.record_clue"),
    ("candidates", "通报候选", "accountability.read_candidates"),
    ("boards", "公示牌", "accountability.read_boards"),
    ("checks", "检查来源", "accountability.board"),
)


def today(request: HttpRequest) -> date:
    return local_day(now_of(request))


def page_of(rows: Any, request: HttpRequest, *, size: int = PAGE_SIZE) -> Page[Any]:
    return Paginator(rows, size).get_page(request.GET.get("page"))


def years(this: int) -> list[int]:
    """The next one, in which what is given in December falls due, this one and those before."""
    return list(range(this + 1, this - YEARS_BACK, -1))


def year_of(request: HttpRequest) -> int:
    """The year asked for, else this one."""
    this = today(request).year
    wanted = request.GET.get("year", "")
    return int(wanted) if wanted.isdigit() and int(wanted) in years(this) else this


def may(actor: Actor, right: str) -> bool:
    """Whether the actor has the right over its own place."""
    return actor.organisation is not None and core.may(actor, right, actor.organisation)


def require_own(actor: Actor, right: str) -> None:
    core.require(actor, right, actor.organisation)


def show(request: HttpRequest, name: str, tab: str, title: str, **context: Any) -> HttpResponse:
    actor = actor_of(request)
    tabs = [
        (one, words, reverse(f"accountability:{one}")) for one, words, right in TABS if not right or may(actor, right)
    ]
    status = context.pop("status", 200)
    pack = core.pack_for(actor.place_path, today(request))
    if "documents" in context:
        context["to_sign"] = waiting_for(actor, context["documents"])
    base = {"nav": NAV, "tabs": tabs, "tab": tab, "page_title": title, "now": now_of(request), "pack": pack}
    return render(request, f"accountability/{name}.html", {**base, **context}, status=status)


def waiting_for(actor: Actor, documents: Any) -> set[int]:
    """Documents served on the actor's unit that it has not signed for."""
    unit = actor.organisation.pk if actor.organisation is not None else 0
    return {
        one.pk
        for one in documents
        if any(
            row.organisation_id == unit and row.signed_for_at is None and not row.copy for row in one.recipients.all()
        )
    }


@dataclass(frozen=True)
class FormPage:
    """A page with one form: what it is about, what will happen, and where it leads back."""

    tab: str
    title: str
    back: str
    about: str = ""
    will: str = ""
    button: str = ""
    clauses: tuple[str, ...] = ()
    template: str = "form"


class Rows:
    """Repeated rows of a form without scripts: blank ones are left out, a button brings more."""

    def __init__(self, request: HttpRequest, form: type[forms.Form], **given: Any) -> None:
        posted = request.method == "POST"
        wanted = request.POST.get("rows", "") if posted else ""
        count = min(int(wanted), MOST_ROWS) if wanted.isdigit() else ROWS_SHOWN
        self.grown = posted and "more" in request.POST
        if self.grown:
            again = [self._again(form, index, request, given) for index in range(count)]
            self.forms: list[Any] = again + [form(prefix=f"r{count + index}", **given) for index in range(MORE_ROWS)]
            return
        data = request.POST if posted else None
        self.forms = [form(data, prefix=f"r{index}", empty_permitted=True, use_required_attribute=False, **given)
                      for index in range(count)]  # fmt: skip

    @staticmethod
    def _again(form: type[forms.Form], index: int, request: HttpRequest, given: dict[str, Any]) -> forms.Form:
        """The typed row as initial values: nothing is complained of yet."""
        prefix = f"r{index}"
        initial: dict[str, Any] = {}
        for name, field in form.base_fields.items():
            key = f"{prefix}-{name}"
            many = isinstance(field, forms.MultipleChoiceField)
            initial[name] = request.POST.getlist(key) if many else request.POST.get(key, "")
        return form(prefix=prefix, initial=initial, **given)

    @property
    def count(self) -> int:
        return len(self.forms)

    @property
    def valid(self) -> bool:
        """Every row is looked at, so that all faults show at once."""
        return all([one.is_valid() for one in self.forms])

    def filled(self) -> list[dict[str, Any]]:
        return [one.cleaned_data for one in self.forms if one.has_changed()]


def handle(
    request: HttpRequest,
    page: FormPage,
    make: Callable[..., Any],
    do: Callable[[dict[str, Any]], Any],
    *,
    to: Callable[[Any], str] | str,
    done: str,
    rows: Rows | None = None,
) -> HttpResponse:
    """GET shows the form; POST does it once and leads on, or shows the form again (422) with what was typed."""
    if request.method == "GET":
        return _form(request, page, make(), rows, status=200)
    if rows is not None and rows.grown:
        return _form(request, page, make(initial=request.POST.dict()), rows, status=UNPROCESSABLE)
    form = make(request.POST, request.FILES)
    valid = form.is_valid()
    if not (rows is None or rows.valid) or not valid:
        return _form(request, page, form, rows, status=UNPROCESSABLE)
    key, actor = request.POST.get("form_key", ""), actor_of(request)
    try:
        with transaction.atomic():
            known = core.form_key(key, actor)
            if known is None:
                made = do(form.cleaned_data)
                known = getattr(made, "ref", made)
                core.keep_form_key(key, known)
                messages.success(request, done)
    except Refused as refusal:
        if refusal.code == "forbidden":
            raise
        form.add_refusal(refusal)
        return _form(request, page, form, rows, status=refusal.status)
    return see(to if isinstance(to, str) else to(known.id))


def _form(request: HttpRequest, page: FormPage, form: Any, rows: Rows | None, *, status: int) -> HttpResponse:
    return show(
        request, page.template, page.tab, page.title, form=form, form_page=page, rows=rows, status=status,
        multipart=form.is_multipart(), chose_files=bool(request.FILES),
    )  # fmt: skip
