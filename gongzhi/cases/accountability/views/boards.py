"""公示牌: coverage, the printable board with its code, printing, posting, and the numbers of units."""

from typing import Any

import segno
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from gongzhi.cases.accountability import forms
from gongzhi.cases.accountability.models import NoticeBoard
from gongzhi.cases.accountability.queries.boards import board_lines, coverage
from gongzhi.cases.accountability.services import boards as services
from gongzhi.cases.accountability.views.common import (
    FormPage,
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
from gongzhi.core.errors import Refused
from gongzhi.core.models import Organisation
from gongzhi.registry.models import Estate

QUIET_ZONE = 3


@login_required
@require_GET
def boards(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    require_own(actor, "accountability.read_boards")
    shown = coverage(actor.place_path, on=today(request))
    return show(
        request, "boards", "boards", "小区公示牌",
        coverage=shown, page=page_of(shown.rows, request), posts=may(actor, "accountability.post_board"),
    )  # fmt: skip


def _estate(pk: int) -> Estate:
    return get_object_or_404(Estate.objects.select_related("community__parent", "place"), pk=pk)


@require_GET
def board(request: HttpRequest, pk: int) -> HttpResponse:
    """The board itself: public, always with the numbers of today, made to be printed."""
    estate, actor = _estate(pk), actor_of(request)
    address = request.build_absolute_uri(reverse("estate_public", args=[estate.pk]))
    numbers = board_lines(estate, on=today(request))
    row = NoticeBoard.objects.filter(estate=estate).first()
    units = Organisation.objects.filter(pk__in=[one.unit_id for one in numbers.lines])
    return render(
        request,
        "accountability/notice_board.html",
        {
            "nav": "notices",
            "page_title": f"{estate.name}受理电话",
            "estate": estate,
            "numbers": numbers,
            "row": row,
            "stale": row is not None and row.posted_at is not None and row.posted_lines != numbers.to_json(),
            "qr": qr_path(address),
            "address": address,
            "posts": core.may(actor, "accountability.post_board", estate),
            "changes": {one.pk for one in units if core.may(actor, "accountability.set_number", one)},
            "today": today(request),
        },
    )


def qr_path(text: str) -> dict[str, str]:
    """The code as one SVG path, a run of dark modules a step, with its view box."""
    matrix = [list(row) for row in segno.make(text, error="m", micro=False).matrix]
    steps = []
    for y, row in enumerate(matrix):
        x = 0
        while x < len(row):
            end = x
            while end < len(row) and row[end]:
                end += 1
            if end > x:
                steps.append(f"M{x} {y}h{end - x}v1h-{end - x}z")
            x = end + 1
    whole = len(matrix) + 2 * QUIET_ZONE
    return {"path": "".join(steps), "box": f"-{QUIET_ZONE} -{QUIET_ZONE} {whole} {whole}"}


def _board_url(pk: Any) -> str:
    return reverse("accountability:notice_board", args=[pk])


@login_required
@require_http_methods(["GET", "POST"])
def print_one(request: HttpRequest, pk: int) -> HttpResponse:
    estate, actor, now = _estate(pk), actor_of(request), now_of(request)
    core.require(actor, "accountability.post_board", estate)
    page = FormPage("boards", "印制公示牌", _board_url(pk), about=estate.name, button="记为已印制",
                    will="平台记下印制时的电话；单位改号以后，提示重印。",
                    clauses=board_lines(estate, on=today(request)).clauses)  # fmt: skip
    return handle(
        request, page, forms.Plain, lambda clean: services.print_board(estate, actor=actor, now=now),
        to=_board_url(pk), done="已记录印制，张贴后请上传照片。",
    )  # fmt: skip


@login_required
@require_http_methods(["GET", "POST"])
def post_one(request: HttpRequest, pk: int) -> HttpResponse:
    estate, actor, now = _estate(pk), actor_of(request), now_of(request)
    core.require(actor, "accountability.post_board", estate)
    row = NoticeBoard.objects.filter(estate=estate).first()
    if row is None:
        raise Refused("not_printed", "请先印制公示牌。")
    page = FormPage("boards", "上传张贴照片", _board_url(pk), about=estate.name, button="上传")
    return handle(
        request, page, lambda *data, **more: forms.PostForm(*data, version=row.version, **more),
        lambda clean: services.post_board(row, **clean, actor=actor, now=now),
        to=reverse("accountability:boards"), done="已登记张贴。",
    )  # fmt: skip


@login_required
@require_http_methods(["GET", "POST"])
def number(request: HttpRequest, pk: int) -> HttpResponse:
    unit, actor, now = get_object_or_404(Organisation, pk=pk), actor_of(request), now_of(request)
    core.require(actor, "accountability.set_number", unit)
    page = FormPage("boards", "更改受理电话", reverse("accountability:boards"), about=unit.name, button="更改",
                    will="各小区的公示页马上更新；已经张贴旧号码的公示牌提示重印。")  # fmt: skip

    def do(clean: dict[str, Any]) -> Any:
        services.change_number(unit, number=clean["number"], actor=actor, now=now)
        return unit

    def make(*data: Any, **more: Any) -> forms.NumberForm:
        return forms.NumberForm(*data, **{"initial": {"number": unit.phone}, **more})

    return handle(request, page, make, do, to=page.back, done="已更改。")
