"""The registers of the place's document: which there are, the lines of one with its figures, one line."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from gongzhi.core import refs
from gongzhi.core import services as core
from gongzhi.core.files import XLSX
from gongzhi.core.pages import actor_of, now_of, page_of, today_of
from gongzhi.core.sheets import Asked, workbook
from gongzhi.patrols import filling, services
from gongzhi.patrols.models import RegisterEntry
from gongzhi.patrols.queries import books
from gongzhi.patrols.queries.plans import sheets_for
from gongzhi.patrols.rights import ABOVE
from gongzhi.policy.registers import Register
from gongzhi.registry.queries.reading import estates_for

WIDTH = 18
SHOWN = 20
MOST_ESTATES = 300


@login_required
@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    actor, on = actor_of(request), today_of(request)
    found = [(one, books.entries_for(actor, one).count()) for one in books.books_for(actor, on)]
    context = {"nav": filling.NAV, "page_title": "登记簿", "books": found}
    return render(request, "patrols/books.html", context)


@login_required
@require_GET
def book(request: HttpRequest, code: str) -> HttpResponse:
    """Its lines with marks, its figures, and who owes a line."""
    register = filling.register_for(request, code)
    actor, on = actor_of(request), today_of(request)
    rows = books.entries_for(actor, register).order_by("-entered_at", "-pk")
    stage = request.GET.get("stage", "")
    listed = rows.filter(stage=stage) if stage in register.stages else rows
    reader = books.Reader(register, actor.place_path, on)
    page = page_of(request, listed)
    writes = books.may_write(register, actor)
    periods = books.compared(rows, reader) if register.every else []
    watches = actor.role in ABOVE or writes
    context = {
        "nav": filling.NAV,
        "page_title": register.title,
        "register": register,
        "page": page,
        "lines": [(reader.read(one), _stage(register, one)) for one in page.object_list],
        "stage": stage,
        "figures": [] if register.every else reader.figures(list(rows)),
        "periods": periods[:SHOWN],
        "lacking": books.subjects_without(register, actor.place_path)[:SHOWN] if watches else [],
        "incomplete": books.choices_lacking(register, actor.place_path)[:SHOWN] if watches else [],
        "writes": writes,
        "estates": _estates(actor) if writes and register.about == "estate" else [],
    }
    template = "patrols/_book.html" if getattr(request, "htmx", False) else "patrols/book.html"
    return render(request, template, context)


def _stage(register: Register, row: RegisterEntry) -> str:
    return register.stages[row.stage].title if row.stage in register.stages else ""


def _estates(actor: Any) -> list[Any]:
    return list(estates_for(actor).filter(ended_on=None).order_by("name")[:MOST_ESTATES])


@login_required
@require_GET
def export(request: HttpRequest, code: str) -> HttpResponse:
    """All lines of the book with every field, in the form agreed for handing them on."""
    register = filling.register_for(request, code)
    actor, on = actor_of(request), today_of(request)
    reader = books.Reader(register, actor.place_path, on)
    fields = list(register.fields.values())
    columns = [(one, WIDTH) for one in ("编号", "名称", "期间", "环节", "期限", "提示")]
    columns += [(one.title, WIDTH) for one in fields]

    def line(row: RegisterEntry) -> list[Any]:
        read = reader.read(row)
        marks = "；".join(words for words, _, _ in read.marks)
        return [
            row.number, row.title, row.period, _stage(register, row), row.due_on, marks,
            *(books.shown(one, row.values.get(one.name)) for one in fields),
        ]  # fmt: skip

    rows = books.entries_for(actor, register).order_by("-entered_at")
    asked = Asked.of(actor, now_of(request), [("登记簿", register.title)])
    content = workbook(register.title, columns, (line(one) for one in rows), asked=asked)
    response = HttpResponse(content, content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="register-{code}.xlsx"'
    response["Cache-Control"] = "private, no-store"
    return response


@login_required
@require_http_methods(["GET", "POST"])
def enter(request: HttpRequest, code: str) -> HttpResponse:
    return filling.enter_page(request, code).answer(request)


@login_required
@require_http_methods(["GET", "POST"])
def enter_estate(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    return filling.enter_page(request, code, pk).answer(request)


@login_required
@require_GET
def entry(request: HttpRequest, pk: int) -> HttpResponse:
    row, register = filling.entry_of(request, pk)
    actor, on = actor_of(request), today_of(request)
    reader = books.Reader(register, row.place_path, on)
    writes = core.may(actor, "register.write", books.BookAt(register, row.place_path)) and row.ended_on is None
    acts = []
    if row.ended_on is None:
        acts = [
            (reverse("patrols:stage", args=[row.pk, one.code]), one.title)
            for one in register.next_stages(row.stage)
            if services.may_stage(row, register, one, actor=actor)
        ]
    if writes:
        acts += [
            (reverse("patrols:change_entry", args=[row.pk]), "修改"),
            (reverse("patrols:end_entry", args=[row.pk]), "注销登记"),
        ]
    rounds, findings = list(row.rounds.order_by("-walked_at")), list(row.findings.all())
    urls = refs.readable(actor, [one.ref for one in (*rounds, *findings)])
    context = {
        "nav": filling.NAV,
        "page_title": row.title,
        "row": row,
        "register": register,
        "read": reader.read(row),
        "stage": _stage(register, row),
        "fields": [
            (one.title, books.shown(one, row.values.get(name)), _files(row, name))
            for name, one in register.fields.items()
        ],
        "steps": [(one, register.stages[one.stage].title if one.stage in register.stages else "")
                  for one in row.steps.select_related("organisation")],
        "acts": acts,
        "rounds": [(one, urls.get(one.ref.key, "")) for one in rounds],
        "findings": [(one, urls.get(one.ref.key, "")) for one in findings],
        "walks": _walks(row, register, actor, on),
        "today": on,
    }  # fmt: skip
    return render(request, "patrols/entry.html", context)


def _files(row: RegisterEntry, name: str) -> list[Any]:
    return [one.file for one in row.files.filter(field=name).select_related("file")]


def _walks(row: RegisterEntry, register: Register, actor: Any, on: Any) -> list[tuple[str, str]]:
    """Rounds that the actor may walk about this entry: the sheets that look at entries of this register."""
    if row.estate is None or row.ended_on is not None:
        return []
    sheets = sheets_for(actor, row.estate.place_path, on)
    return [
        (f"{reverse('patrols:fill', args=[row.estate.pk, code])}?dengji={row.number}", one.title)
        for code, one in sheets.items()
        if one.looks_at == register.code
    ]


@login_required
@require_http_methods(["GET", "POST"])
def change(request: HttpRequest, pk: int) -> HttpResponse:
    return filling.change_page(request, pk).answer(request)


@login_required
@require_http_methods(["GET", "POST"])
def stage(request: HttpRequest, pk: int, stage: str) -> HttpResponse:
    return filling.stage_page(request, pk, stage).answer(request)


@login_required
@require_http_methods(["GET", "POST"])
def end(request: HttpRequest, pk: int) -> HttpResponse:
    return filling.end_page(request, pk).answer(request)
