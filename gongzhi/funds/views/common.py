"""What the pages of money share: which estate, which periods, how files are kept and handed out."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.models import StoredFile
from gongzhi.core.pages import FormPage, actor_of, bound, now_of, page_of, see, today_of
from gongzhi.core.refs import Ref
from gongzhi.core.sheets import Asked, workbook
from gongzhi.funds.common.queries import OfEstate, estates_with_books
from gongzhi.governance.bodies.queries.notices import committees_on
from gongzhi.registry.models import Estate

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
NAV = "funds"
QUARTER_MONTHS, YEAR_MONTHS = 3, 12
QUARTERS = ("一", "二", "三", "四")

__all__ = [
    "NAV",
    "FormPage",
    "Span",
    "actor_of",
    "bound",
    "checked_estate",
    "crumbs",
    "download",
    "estate_of",
    "form_page",
    "kept",
    "notice_url",
    "now_of",
    "page_of",
    "see",
    "spans",
    "today_of",
    "url_of",
]


def estate_of(request: HttpRequest, pk: int, right: str = "fund.read") -> Estate:
    """403 for an estate whose money the actor may not see, or where this act is not his; 404 where there is none."""
    actor, on = actor_of(request), today_of(request)
    found = _with_books(actor, pk, on=on)
    core.require(actor, "fund.read", OfEstate(found, on))
    core.require(actor, right, OfEstate(found, on))
    return found


def _with_books(actor: Actor, pk: int, *, on: date) -> Estate:
    found: Estate | None = estates_with_books(actor, on=on).filter(pk=pk).first()
    if found is not None:
        return found
    core.require(actor, "fund.read", OfEstate(get_object_or_404(Estate, pk=pk), on))
    raise Http404  # it went into another area and never had books


def checked_estate(request: HttpRequest, pk: int) -> tuple[Estate, bool]:
    """For whoever may ask whether the fund is paid; whether he may see the books as well."""
    actor, on = actor_of(request), today_of(request)
    found = _with_books(actor, pk, on=on)
    core.require(actor, "fund.check_stage", OfEstate(found, on))
    return found, core.may(actor, "fund.read", OfEstate(found, on))


def notice_url(actor: Actor, estate: Estate, *, kind: str, about: Ref, on: date) -> str:
    """Where the committee tells its owners of this row; nothing for whoever is not the committee."""
    for one in committees_on(estate, on):
        if core.may(actor, "notice.show", one):
            given = urlencode({"kind": kind, "title": about.title, "about": about.key})
            return f"{reverse('bodies:act', args=['body', one.pk, 'gonggao'])}?{given}"
    return ""


def url_of(estate: Estate) -> str:
    return reverse("funds:estate", args=[estate.pk])


def crumbs(estate: Estate | None = None, *more: tuple[str, str]) -> list[tuple[str, str]]:
    own = [(estate.name, url_of(estate))] if estate is not None else []
    return [("资金", reverse("funds:overview")), *own, *more]


def form_page(**given: Any) -> FormPage:
    return FormPage(**{"nav": NAV, **given})


def kept(request: HttpRequest, uploaded: Any, owner: Ref) -> StoredFile | None:
    if not uploaded:
        return None
    return core.store_file(uploaded, owner=owner, actor=actor_of(request), now=now_of(request))


@dataclass(frozen=True, slots=True)
class Span:
    """A period that people choose: a quarter or a year."""

    code: str
    title: str
    from_on: date
    to_on: date


def spans(today: date, *, since: date) -> list[Span]:
    """This quarter and those before it back to the opening of the books, and the years, newest first."""
    found: list[Span] = []
    for year in range(today.year, since.year - 1, -1):
        for number in range(QUARTER_MONTHS + 1, 0, -1):
            begin = date(year, (number - 1) * QUARTER_MONTHS + 1, 1)
            if begin <= today and _end(begin, QUARTER_MONTHS) >= since:
                title = f"{year}年{QUARTERS[number - 1]}季度"
                found.append(Span(f"{year}-{number}", title, begin, _end(begin, QUARTER_MONTHS)))
        found.append(Span(f"{year}", f"{year}年全年", date(year, 1, 1), date(year, YEAR_MONTHS, 31)))
    return found


def _end(begin: date, months: int) -> date:
    index = begin.year * YEAR_MONTHS + begin.month - 1 + months
    return date(index // YEAR_MONTHS, index % YEAR_MONTHS + 1, 1) - timedelta(days=1)


def download(
    request: HttpRequest,
    *,
    name: str,
    title: str,
    columns: Sequence[tuple[str, int]],
    rows: Iterable[Sequence[Any]],
    asked: Mapping[str, str],
) -> HttpResponse:
    content = workbook(title, columns, rows, asked=Asked.of(actor_of(request), now_of(request), asked.items()))
    response = HttpResponse(content, content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="{name}.xlsx"'
    response["Cache-Control"] = "private, no-store"
    return response
