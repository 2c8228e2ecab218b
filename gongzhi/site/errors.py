"""A refusal and every error as a page that says what, why, and what to do now."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from gongzhi.core.apikit.problems import problem
from gongzhi.core.errors import Refused
from gongzhi.site.context import STAFF_ALONE, has_desk

logger = logging.getLogger(__name__)

FORBIDDEN = 403
API = "/api/"


@dataclass(frozen=True, slots=True)
class ErrorPage:
    title: str
    message: str
    todo: tuple[str, ...]


PAGES = {
    400: ErrorPage("这个请求看不懂", "网址或者表单里有平台不认得的内容，没有办任何事。", ("回到上一页，重新填写。",)),
    403: ErrorPage(
        "您不能看这一页",
        "这一页只给有职责的人看。您的账号没有这项职责，或者这件事不在您的辖区。",
        ("确实归您办的，请本单位管理员核对您的岗位。", "要查自己的投诉，请用受理编号到“查进度”查。"),
    ),
    404: ErrorPage(
        "没有这一页", "网址写错了，或者这条内容不在您能看的范围里。", ("核对网址和编号。", "从首页或者搜索进去。")
    ),
    405: ErrorPage("这一页不能这样打开", "这个地址只接受表单提交。", ("回到上一页，用页面上的按钮办。",)),
    500: ErrorPage(
        "平台出了故障",
        "您刚才要办的事没有办成，也没有办一半。故障已记入平台日志。",
        ("过几分钟再试。", "急事请打受理电话。"),
    ),
}
CSRF_PAGE = ErrorPage(
    "这张表单过期了",
    "页面打开太久，或者浏览器没有保存本站的小文件（cookie），为防别人冒用，平台没有受理。",
    ("回到上一页，刷新后再提交。", "浏览器要允许本站保存 cookie。"),
)


class RefusalPages:
    """Turns a `Refused` that no view caught into a page with status 422 (403 for a missing right)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.path.startswith(API):
            response.headers.setdefault("Cache-Control", "private, no-store")
        if response.status_code == 405 and (not response.content or request.path.startswith(API)):  # noqa: PLR2004
            return _page(request, PAGES[405], 405, headers={"Allow": response.headers.get("Allow", "")})
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, Refused):
            return None
        return refused(request, exception)


def refused(request: HttpRequest, refusal: Refused) -> HttpResponse:
    status = FORBIDDEN if refusal.code == "forbidden" else refusal.status
    context = {"refusal": view_of(refusal), "page_title": "现在不能办", "back_url": _back(request)}
    if request.headers.get("HX-Request"):
        return render(request, "core/_refused.html", context, status=status)
    return render(request, "site/refused.html", context, status=status)


def view_of(refusal: Refused) -> dict[str, Any]:
    forbidden = refusal.code == "forbidden"
    todo = tuple(sentence for sentence in refusal.fields.values() if sentence != refusal.message)
    if forbidden and not todo:
        todo = PAGES[403].todo
    return {
        "title": "您不能办这件事" if forbidden else "现在不能办",
        "message": refusal.message,
        "clause": refusal.clauses,
        "todo": todo,
    }


def _back(request: HttpRequest) -> str:
    referrer = request.headers.get("Referer", "")
    own = f"{request.scheme}://{request.get_host()}/"
    return referrer if referrer.startswith(own) else "/"


def _page(request: HttpRequest, page: ErrorPage, status: int, *, headers: dict[str, str] | None = None) -> HttpResponse:
    if request.path.startswith(API):
        return problem(status, headers=headers)
    context = {"refusal": page, "page_title": page.title, "back_url": _back(request)}
    response = render(request, "site/error.html", context, status=status)
    for name, value in (headers or {}).items():
        response.headers[name] = value
    return response


class StaffPages:
    """An owner who comes to a list of the officials' is not shown it empty, but told where the own matters are."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_: Any) -> HttpResponse | None:
        named = request.resolver_match.view_name if request.resolver_match else ""
        if named not in STAFF_ALONE or not request.user.is_authenticated:
            return None
        if has_desk(request.actor):  # type: ignore[attr-defined]
            return None
        return render(request, "site/no_desk.html", {"page_title": "这一页是给单位办事用的"}, status=FORBIDDEN)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(request, PAGES[400], 400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(request, PAGES[403], 403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(request, PAGES[404], 404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Without the context processors: the database may be what failed."""
    if request.path.startswith(API):
        return problem(500)
    context = {"refusal": PAGES[500], "page_title": PAGES[500].title, "back_url": "/", "large": False}
    return HttpResponse(render_to_string("site/error.html", context), status=500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    logger.warning("CSRF: %s %s", request.path, reason)
    return _page(request, CSRF_PAGE, FORBIDDEN)
