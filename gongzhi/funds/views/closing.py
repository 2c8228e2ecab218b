"""结账: a period of a purse is closed and sealed; anybody who may read the books checks what was sealed."""

import json
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_GET, require_http_methods

from gongzhi.core import services as core
from gongzhi.core.refs import Ref
from gongzhi.funds.common import queries as purses
from gongzhi.funds.forms import CloseForm
from gongzhi.funds.views.common import actor_of, bound, crumbs, estate_of, form_page, now_of, today_of
from gongzhi.ledger import services as ledger
from gongzhi.ledger.kinds import PURSES
from gongzhi.ledger.models import Book, ClosedBalance


def seals_of(book: Book) -> list[date]:
    """The days that the book was closed until, the newest first."""
    days = ClosedBalance.objects.filter(account__book=book).order_by("-on").values_list("on", flat=True)
    return list(days.distinct())


def _book(request: HttpRequest, pk: int, purse: str) -> Book:
    found = estate_of(request, pk)
    book = purses.book_of(found, purse) if purse in PURSES else None
    if book is None:
        raise Http404
    return book


@login_required
@require_http_methods(["GET", "POST"])
def close(request: HttpRequest, pk: int, purse: str) -> HttpResponse:
    book = _book(request, pk, purse)
    core.require(actor_of(request), "book.close_period", book)
    last = today_of(request).replace(day=1) - timedelta(days=1)

    def run(data: Mapping[str, Any]) -> Ref:
        given = {"until": data["until"], "version": data.get("version"), "actor": actor_of(request)}
        return ledger.close_period(book, **given, now=now_of(request)).ref

    until = f"现在已结账至{book.closed_until:%Y年%-m月%-d日}。" if book.closed_until else "还没有结过账。"
    return form_page(
        title=f"{PURSES[purse]}结账",
        form=bound(request, CloseForm, version=book.version, initial={"until": last}),
        run=run,
        done="已结账，这段时间的账封存了，不能再记入。",
        back=reverse("funds:ledger", args=[pk, purse]),
        crumbs=crumbs(None, (book.title, reverse("funds:ledger", args=[pk, purse]))),
        hint=f"{until}结账以后这一天和以前都不能再记账，记错的在以后冲回；凭证和余额的摘要写进存证日志。",
        button="结账",
    ).answer(request)


@login_required
@require_GET
def seal(request: HttpRequest, pk: int, purse: str, until: str) -> HttpResponse:
    """The receipt of a closed period as a file. 404 where none was closed or the books are no longer those sealed."""
    day = parse_date(until)
    found = ledger.receipt_of_period(_book(request, pk, purse), day) if day is not None else None
    if found is None:
        raise Http404("没有这一天的结账，或者账簿和封存的不一致。")
    response = HttpResponse(json.dumps(found, ensure_ascii=False, indent=1), content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="{purse}-{until}.json"'
    return response
