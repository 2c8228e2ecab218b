"""工作交办单 and 督查通报: list, draft, one sheet with its signatures, sign, send."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from gongzhi.cases.accountability import forms
from gongzhi.cases.accountability.models import Sheet
from gongzhi.cases.accountability.queries.sheets import sheets_for, wanted
from gongzhi.cases.accountability.queries.tasks import units_below
from gongzhi.cases.accountability.services import sheets as services
from gongzhi.cases.accountability.views.common import (
    FormPage,
    Rows,
    actor_of,
    handle,
    may,
    now_of,
    page_of,
    require_own,
    show,
    today,
)
from gongzhi.core import services as core


@login_required
@require_GET
def sheets(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    return show(
        request, "sheets", "sheets", "交办单和督查通报",
        page=page_of(sheets_for(actor), request),
        may_draft=may(actor, "accountability.draft_sheet"),
    )  # fmt: skip


@login_required
@require_http_methods(["GET", "POST"])
def draft(request: HttpRequest) -> HttpResponse:
    actor, now = actor_of(request), now_of(request)
    require_own(actor, "accountability.draft_sheet")
    page = FormPage("sheets", "起草交办单或督查通报", reverse("accountability:sheets"), button="保存，送签",
                    will="签字齐了才能下发；下发以后每一项成为责任单位的一件任务。", template="rows_form")  # fmt: skip
    rows = Rows(request, forms.SheetRow, units=units_below(actor))

    def do(clean: dict[str, Any]) -> Sheet:
        items = [services.ItemInput(**one) for one in rows.filled()]
        return services.draft_sheet(**clean, items=items, actor=actor, now=now)

    return handle(request, page, forms.SheetForm, do, to=_url, done="已保存，等待签字。", rows=rows)


def _url(pk: Any) -> str:
    return reverse("accountability:sheet", args=[pk])


def _acts(row: Sheet, request: HttpRequest) -> list[tuple[str, str]]:
    """What the actor may do: sign when named and missing, send when nobody is missing."""
    actor = actor_of(request)
    if row.sent_at is not None:
        return []
    signers = wanted(row, on=today(request))
    signed = {one.role for one in row.signatures.all()}
    found = []
    if actor.role in signers.named and actor.role not in signed and core.may(actor, "accountability.sign_sheet", row):
        found.append(("qianzi", "签发" if row.kind == "order" else "会签"))
    if not signers.missing(row) and core.may(actor, "accountability.send_sheet", row):
        found.append(("xiafa", "下发"))
    return found


@login_required
@require_GET
def sheet(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(sheets_for(actor_of(request)), pk=pk)
    signers = wanted(row, on=today(request))
    return show(
        request, "sheet", "sheets", row.title,
        row=row, signers=signers, missing="" if row.sent_at else signers.missing(row), acts=_acts(row, request),
        items=row.items.select_related("unit", "task__duty"),
        signatures=row.signatures.order_by("signed_at"),
    )  # fmt: skip


@login_required
@require_http_methods(["GET", "POST"])
def sheet_act(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    row, actor, now = get_object_or_404(sheets_for(actor_of(request)), pk=pk), actor_of(request), now_of(request)
    commands = {
        "qianzi": (services.sign_sheet, "签字", "签字以后不能撤回。", "已签字。"),
        "xiafa": (services.send_sheet, "下发", "编号的文书送达各责任单位，每一项成为一件任务。", "已下发。"),
    }
    if code not in commands:
        raise Http404
    command, title, will, done = commands[code]
    clauses = wanted(row, on=today(request)).clauses
    page = FormPage("sheets", title, _url(pk), about=row.title, will=will, clauses=clauses)
    return handle(
        request, page, lambda *data, **more: forms.Plain(*data, version=row.version, **more),
        lambda clean: command(row, version=clean["version"], actor=actor, now=now), to=_url, done=done,
    )  # fmt: skip
