"""热线交换: files in, dry run, what words mean, import; answers out as files, and what was posted."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from gongzhi.cases.hotline import answers, forms, services
from gongzhi.cases.hotline.columns import BY_CODE, COLUMNS
from gongzhi.cases.hotline.marking import marked_workbook
from gongzhi.cases.hotline.models import HotlineRun, HotlineSource
from gongzhi.cases.hotline.reading import read
from gongzhi.cases.statistics.periods import Span
from gongzhi.cases.views_common import UNPROCESSABLE, actor_of, now_of, see
from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.days import local_day
from gongzhi.core.errors import Refused
from gongzhi.core.refs import Ref
from gongzhi.core.sending import download

PAGE_SIZE = 20
MOST_SHOWN = 200
MOST_ESTATES = 500


def sources_for(actor: Actor) -> QuerySet[HotlineSource]:
    """Those of the actor's own area."""
    core.require(actor, "hotline.exchange", actor.organisation)
    return HotlineSource.objects.within(actor.place_path).select_related("desk").order_by("name", "pk")


def _done(request: HttpRequest, form: Any, do: Callable[[], Ref]) -> Ref | None:
    """Does it once for a form key. A refusal goes beside its field; what was typed stays."""
    actor, key = actor_of(request), request.POST.get("form_key", "")
    try:
        with transaction.atomic():
            known = core.form_key(key, actor)
            if known is None:
                known = do()
                core.keep_form_key(key, known)
            return known
    except Refused as refused:
        if refused.code == "forbidden":
            raise
        form.add_refusal(refused)
        return None


@login_required
@require_http_methods(["GET", "POST"])
def exchange(request: HttpRequest) -> HttpResponse:
    actor, now = actor_of(request), now_of(request)
    sources = sources_for(actor)
    bound = (request.POST, request.FILES) if request.method == "POST" else ()
    form = forms.UploadForm(*bound, sources=sources)
    if request.method == "POST" and form.is_valid():
        file, source = form.cleaned_data["file"], form.cleaned_data["source"]

        def upload() -> Ref:
            if file.size > settings.UPLOAD_MAX_BYTES:
                raise Refused("file_too_large", "", fields={"file": "文件太大，请分成几个文件"})
            return services.dry_run(source, name=file.name, content=file.read(), actor=actor, now=now).ref

        made = _done(request, form, upload)
        if made is not None:
            return see(reverse("cases:hotline_run", args=[made.id]))
    runs = HotlineRun.objects.filter(source__in=sources).select_related("source", "file", "uploaded_by")
    context = {
        "nav": "cases",
        "page_title": "热线交换",
        "form": form,
        "sources": [(one, _outbox(one)) for one in sources],
        "page": Paginator(runs.order_by("-pk"), PAGE_SIZE).get_page(request.GET.get("page")),
        "now": now,
    }
    return render(request, "cases/hotline.html", context, status=_status(form))


def _outbox(source: HotlineSource) -> dict[str, int]:
    rows = answers.messages_of(source)
    return {state: rows.filter(state=state).count() for state in ("queued", "sent", "failed")}


@login_required
@require_http_methods(["GET", "POST"])
def new_source(request: HttpRequest) -> HttpResponse:
    actor, now = actor_of(request), now_of(request)
    core.require(actor, "hotline.exchange", actor.organisation)
    form = forms.NameForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid() and actor.organisation is not None:
        desk = actor.organisation
        made = _done(
            request,
            form,
            lambda: services.make_source(name=form.cleaned_data["name"], desk=desk, actor=actor, now=now).ref,
        )
        if made is not None:
            return see(reverse("cases:hotline"))
    context = {"nav": "cases", "page_title": "新建热线来源", "form": form, "fields": [form["name"]], "button": "新建"}
    return render(request, "cases/hotline_source.html", context, status=_status(form))


@login_required
@require_http_methods(["GET", "POST"])
def source(request: HttpRequest, pk: int) -> HttpResponse:
    """Where answers go, and what a clerk has said about columns and words."""
    actor, now = actor_of(request), now_of(request)
    found = get_object_or_404(sources_for(actor), pk=pk)
    form = forms.SourceForm(
        request.POST if request.method == "POST" else None, initial={"address": found.address}, version=found.version
    )
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        made = _done(request, form, lambda: services.set_source(found, **given, actor=actor, now=now).ref)
        if made is not None:
            messages.success(request, "已保存。")
            return see(reverse("cases:hotline_source", args=[pk]))
    context = {
        "nav": "cases",
        "page_title": found.name,
        "source": found,
        "form": form,
        "fields": [form["address"], form["secret"]],
        "button": "保存",
        "mapping": [(one.title, found.mapping[one.code]) for one in COLUMNS if one.code in found.mapping],
        "page": Paginator(answers.messages_of(found), PAGE_SIZE).get_page(request.GET.get("page")),
        "failed": answers.messages_of(found).filter(state="failed").count(),
        "today": local_day(now),
    }
    return render(request, "cases/hotline_source.html", context, status=_status(form))


@login_required
@require_POST
def resend(request: HttpRequest, pk: int) -> HttpResponse:
    actor = actor_of(request)
    found = get_object_or_404(sources_for(actor), pk=pk)
    number = answers.send_again(found, actor=actor, now=now_of(request))
    messages.success(request, f"{number}件已重新排队。" if number else "没有发送失败的。")
    return see(reverse("cases:hotline_source", args=[pk]))


@login_required
@require_GET
def answers_file(request: HttpRequest, pk: int) -> HttpResponse:
    """The answers as a versioned file, of what moved since a day."""
    actor, now = actor_of(request), now_of(request)
    found = get_object_or_404(sources_for(actor), pk=pk)
    try:
        day = datetime.fromisoformat(request.GET.get("from", "")).date()
        since: datetime | None = Span(day, day).start
    except ValueError:
        since = None
    rows = answers.answers_since(found, since)
    stem = f"hotline-answers-{found.pk}-{local_day(now):%Y%m%d}"
    if request.GET.get("format") == "csv":
        return download(answers.as_csv(rows), name=f"{stem}.csv", content_type="text/csv; charset=utf-8")
    return download(answers.as_json(rows, now=now), name=f"{stem}.json", content_type="application/json")


def _run_of(request: HttpRequest, pk: int) -> HotlineRun:
    rows = HotlineRun.objects.filter(source__in=sources_for(actor_of(request)))
    return get_object_or_404(rows.select_related("source", "file", "uploaded_by"), pk=pk)


@login_required
@require_http_methods(["GET", "POST"])
def run(request: HttpRequest, pk: int) -> HttpResponse:
    """What the dry run found; what is still to be said; the button that makes it so."""
    found, actor, now = _run_of(request, pk), actor_of(request), now_of(request)
    here = reverse("cases:hotline_run", args=[pk])
    asked = _asked(found, request)
    code = request.POST.get("act", "") if request.method == "POST" else ""
    form = asked.get(code)
    if form is not None and form.is_valid() and _done(request, form, lambda: _carry(code, form, found, actor, now)):
        return see(here)
    context = {
        "nav": "cases",
        "page_title": found.file.name,
        "run": found,
        "report": found.report,
        "counts": [(title, found.report["counts"][kind], kind) for kind, title in services.KINDS.items()],
        "faults": found.report["faults"][:MOST_SHOWN],
        "more_faults": max(len(found.report["faults"]) - MOST_SHOWN, 0),
        "changes": found.report["changes"][:MOST_SHOWN],
        "missing": [BY_CODE[one].title for one in found.report["missing"]],
        "bad": form if form is not None and form.errors else None,
        "estates": forms.estate_options(found.source.place_path, MOST_ESTATES) if "words" in asked else [],
        **{f"{name}_form": one for name, one in asked.items()},
    }
    return render(request, "cases/hotline_run.html", context, status=_status(form))


def _status(form: Any) -> int:
    """200 for a form that is only shown, 409 for one that was filled in over an older row."""
    if form is None or not form.errors:
        return 200
    return int(form.refused.status) if form.refused is not None else UNPROCESSABLE


def _asked(found: HotlineRun, request: HttpRequest) -> dict[str, Any]:
    """The forms that the run has for whoever looks at it, the one that was sent filled with what was sent."""
    if found.state != "checked":
        return {}
    source, report = found.source, found.report

    def data(code: str) -> Any:
        return request.POST if request.method == "POST" and request.POST.get("act") == code else None

    words: dict[str, list[str]] = {"matter": [], "estate": []}
    for one in report["faults"]:
        if one["asks"] and one["word"] not in words[one["asks"]]:
            words[one["asks"]].append(one["word"])
    mapping = forms.MappingForm(
        data("mapping"), headers=report["headers"], mapping=source.mapping, version=source.version, auto_id="c_%s"
    )
    asked: dict[str, Any] = {"mapping": mapping}
    if any(words.values()):
        asked["words"] = forms.WordsForm(
            data("words"), matters=words["matter"], estates=words["estate"], place_path=source.place_path,
            on=local_day(now_of(request)), version=source.version, auto_id="w_%s",
        )  # fmt: skip
    if not report["missing"]:
        asked["import"] = forms.ImportForm(data("import"), auto_id="i_%s")
    return asked


def _carry(code: str, form: Any, found: HotlineRun, actor: Actor, now: datetime) -> Ref:
    if code == "import":
        return services.start_import(found, leave_out=form.cleaned_data["leave_out"], actor=actor, now=now).ref
    said = {"mapping": form.mapping()} if code == "mapping" else form.said()
    services.set_source(found.source, **said, version=form.cleaned_data["version"], actor=actor, now=now)
    return services.recheck(found, actor=actor, now=now).ref


@login_required
@require_GET
def marked(request: HttpRequest, pk: int) -> HttpResponse:
    """The file with its bad cells red."""
    found = _run_of(request, pk)
    content = marked_workbook(read(services.opened(found.file)), found.report["faults"])
    return download(content, name=f"hotline-marked-{pk}.xlsx")
