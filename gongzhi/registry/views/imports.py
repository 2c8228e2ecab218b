"""Workbooks: the template, handing one in, what the dry run found, and the import."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.core.models import Place
from gongzhi.core.refs import Ref
from gongzhi.core.sending import download
from gongzhi.registry.forms import ConfirmForm, UploadForm
from gongzhi.registry.models import ImportRun
from gongzhi.registry.services import imports
from gongzhi.registry.services.imports.kinds import REGISTRY, BookKind
from gongzhi.registry.views.common import FormPage, actor_of, bound, now_of, page_of, today_of

TRIED = "试导完成，还没有写入任何内容。"
HANDED_IN = "已收到，正在后台试导，还没有写入任何内容。可以离开这一页，稍后再看。"
IMPORTED, ACCEPTED = "已导入。", "已确认，正在后台导入。可以离开这一页，稍后再看。"


def _kind(code: str) -> BookKind:
    if not imports.is_kind(code):
        raise Http404
    return imports.kind_of(code)


def _home(kind: BookKind) -> str:
    return reverse("registry:imports") if kind.code == REGISTRY else reverse("registry:book", args=[kind.code])


def _place(actor: Actor, kind: BookKind) -> Place:
    found = Place.objects.filter(path=actor.place_path).first() if actor.place_path else None
    if found is None:
        raise Refused("forbidden", "您的岗位没有辖区，不能导入。", status=403)
    kind.require(found, actor)
    return found


def _run_of(request: HttpRequest, pk: int) -> ImportRun:
    """Only who handed it in sees it: a workbook may hold names and numbers of owners."""
    run = get_object_or_404(ImportRun.objects.select_related("file", "marked", "uploaded_by", "progress"), pk=pk)
    if not run.is_party(actor_of(request)):
        raise Http404
    return run


@login_required
@require_GET
def template(request: HttpRequest, kind: str = REGISTRY) -> HttpResponse:
    _place(actor_of(request), _kind(kind))
    return download(imports.template(_kind(kind)), name="gongzhi-template.xlsx")


@login_required
@require_http_methods(["GET", "POST"])
def upload(request: HttpRequest, kind: str = REGISTRY) -> HttpResponse:
    actor, now, of = actor_of(request), now_of(request), _kind(kind)
    place = _place(actor, of)

    def run(data: Mapping[str, Any]) -> Ref:
        file = data["file"]
        if file.size > settings.UPLOAD_MAX_BYTES:
            raise Refused("file_too_large", "", fields={"file": "文件太大，请分成几个文件"})
        made = imports.hand_in(name=file.name, content=file.read(), place=place, actor=actor, now=now, kind=kind)
        page.done = HANDED_IN if made.at_work else TRIED
        return made.ref

    runs = ImportRun.objects.filter(kind=kind, uploaded_by=actor.user).select_related("file").order_by("-pk")
    page = FormPage(
        title=of.title,
        form=bound(request, UploadForm),
        run=lambda data: _then(page, run(data)),
        done=TRIED,
        back=_home(of),
        crumbs=of.crumbs(),
        sub=f"{core.place_title(place.path)}辖区的{of.sub}" if kind == REGISTRY else of.sub,
        button="上传并试导",
        extra={
            "sheets": of.sheets,
            "page": page_of(request, runs),
            "template_url": reverse("registry:template")
            if kind == REGISTRY
            else reverse("registry:book_template", args=[kind]),
        },
        template="registry/imports.html",
    )
    return page.answer(request)


def _then(page: FormPage, ref: Ref) -> Ref:
    page.after = reverse("registry:import", args=[ref.id])
    return ref


@login_required
@require_http_methods(["GET", "POST"])
def result(request: HttpRequest, pk: int) -> HttpResponse:
    """How far the worker is; then what the dry run found, and the button that makes it so."""
    found, actor, now = _run_of(request, pk), actor_of(request), now_of(request)
    here = reverse("registry:import", args=[found.pk])
    if getattr(request, "htmx", False) and request.method == "GET":
        return _progress(request, found)

    def run(data: Mapping[str, Any]) -> Ref:
        done = imports.accept(found, digest=data["digest"], leave_out=data["leave_out"], actor=actor, now=now)
        page.done = ACCEPTED if done.at_work else IMPORTED
        return done.ref

    of = imports.kind_of(found.kind)
    told = found.report.get("sheets", {})
    page = FormPage(
        title=found.file.name,
        form=bound(request, ConfirmForm, initial={"digest": found.digest}),
        run=run,
        done=IMPORTED,
        back=here,
        crumbs=[*of.crumbs(), (of.title, _home(of))],
        button="确认导入",
        extra={
            "run": found,
            "home": _home(of),
            "sheets": [(one.title, told[one.code]) for one in of.sheets if one.code in told],
        },
        template="registry/import.html",
    )
    return page.answer(request)


def _progress(request: HttpRequest, found: ImportRun) -> HttpResponse:
    """The part of the page that asks again; when the worker is through, the whole page is shown anew."""
    context = {"run": found, "home": _home(imports.kind_of(found.kind))}
    response = render(request, "registry/_import_progress.html", context)
    if not found.at_work:
        response["HX-Refresh"] = "true"
    return response


@login_required
@require_GET
def marked(request: HttpRequest, pk: int) -> HttpResponse:
    """The workbook with its faulty cells red."""
    found = _run_of(request, pk)
    if found.marked is None:
        raise Http404
    return download(imports.opened(found.marked), name=f"marked-{today_of(request):%Y%m%d}-{found.pk}.xlsx")
