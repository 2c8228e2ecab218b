"""The page of one case; looking at the complainant with a reason; print page and package of the file."""

import re
from datetime import datetime
from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.db.models import F
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from gongzhi.cases import queries, services
from gongzhi.cases.beside import laid_beside
from gongzhi.cases.enforcement.queries.asking import categories_of
from gongzhi.cases.models import Case, Complaint, State
from gongzhi.cases.queries import asking
from gongzhi.cases.queries.cases import complainant_hidden_from
from gongzhi.cases.views_act_pages import BY_RIGHT
from gongzhi.cases.views_case_clocks import bases, clocks, duties_shown, overdue_number, step_words
from gongzhi.cases.views_case_parts import act_rows, facts_of, lines, papers, reported_line, stage_rows
from gongzhi.cases.views_common import UNPROCESSABLE, actor_of, address, case_of, case_url, now_of, see
from gongzhi.cases.views_list import stage_words
from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.days import local_day
from gongzhi.core.errors import Refused
from gongzhi.core.forms import RefusalForm
from gongzhi.core.people import FIELDS, REASONS
from gongzhi.core.sending import download
from gongzhi.registry import queries as registry
from gongzhi.registry.models import Project

ABOUT_PRICES = ("price_violation", "unmarked_price")
COMMITTEE = re.compile("(居委会|村委会|居民委员会|村民委员会|办事处)$")
SELDOM = ("ask_extension", "ask_suspension", "ask_void", "split", "merge", "note", "stop", "police")
REVEALED = ("name", "phone", "address")


class RevealForm(RefusalForm, forms.Form):
    reason = forms.ChoiceField(
        label="查看理由",
        choices=[("", "请选择"), *REASONS.items()],
        error_messages={"required": "请选择查看理由", "invalid_choice": "请选择查看理由"},
    )


@login_required
@require_GET
def case(request: HttpRequest, number: str) -> HttpResponse:
    found, view = case_of(request, number)
    return render(request, "cases/case.html", case_context(found, view, actor_of(request), now_of(request)))


def charges_on_record(case: Case) -> Project | None:
    """Of a complaint about prices: who served the estate on the day it came in, with the charge that is registered."""
    if case.matter not in ABOUT_PRICES or case.estate is None:
        return None
    return registry.project_on(case.estate, local_day(case.received_at))


def case_context(case: Case, view: queries.CaseView, actor: Actor, now: datetime) -> dict[str, Any]:
    hidden = view.complainant is None
    duties = duties_shown(case)
    entries = queries.timeline(case, actor)
    pack = core.pack_for(case.place_path, local_day(now))
    staff = actor.is_staff_role
    acts = queries.case_acts(case, actor, now)
    first, rest, barred = act_rows(case, acts, actor, now, visit_form=_wants_register_form(case, actor))
    ladder = list(dict.fromkeys(words for one in duties if (words := step_words(one, pack))))
    strip, more_clocks = clocks(duties, now)
    reported = reported_line(case, actor) if staff else None
    return {
        "nav": "cases",
        "page_title": view.title,
        "case": case,
        "view": view,
        "now": now,
        "pack": pack,
        "staff": staff,
        "minutes": asking.response_minutes(case),
        "weighs_company": staff and _weighs_company(case, actor),
        "whistled": any(entry.kind == "whistled" for entry in entries),
        "overdue": overdue_number(duties, now),
        "ladder": ladder,
        "stage": stage_words(case, duties),
        "clocks": strip,
        "more_clocks": more_clocks,
        "stages": stage_rows(case, entries, accounted=bool(ladder), on=local_day(now), reported=reported),
        "facts": facts_of(case, view, actor, now),
        "reported": reported,
        "charges": charges_on_record(case) if staff else None,
        "siblings": _siblings(case, actor, now),
        "merged": case.merged_cases.order_by("received_at", "id"),
        "lines": lines(view, entries, duties, actor, pack),
        "first": first,
        "rest": rest,
        "barred": [row for row in barred if row.act.code not in SELDOM],
        "barred_rest": [row for row in barred if row.act.code in SELDOM],
        "bases": bases(case, duties) if staff else [],
        "papers": papers(case, actor, duties, now, hidden=hidden),
        "reveal_form": RevealForm() if view.may_reveal else None,
        "looks": core.looks_at([person]) if (person := case.complaint.complainant) and view.may_reveal else [],
        "report": case.reports.select_related("to_organisation").filter(signed_at=None).first(),
        "requests": list(case.approvals.filter(state="asked")),
        "sources": queries.source_counts(case),
        "beside": laid_beside(case, actor=actor, on=local_day(now)) if staff else [],
        "estate_url": address("registry:estate", case.estate.pk) if case.estate else "",
        "place": _place_words(case),
        "note_url": _note_url(case, acts),
        "needs": asking.lacking(case) if case.needs else (),
    }


def _weighs_company(case: Case, actor: Actor) -> bool:
    """Whether he chooses the category of what the company did: only where the document names some."""
    about = case.running and hasattr(case, "about_company")
    return about and core.may(actor, "cases.weigh", case) and bool(categories_of(case)[0])


def _wants_register_form(case: Case, actor: Actor) -> bool:
    visits = case.channel == "visit" and case.state != State.ARCHIVED
    return visits and core.may(actor, BY_RIGHT["register_form"], case)


def _note_url(case: Case, acts: list[queries.Act]) -> str:
    """Where material is added: the note of progress, while that is possible."""
    possible = any(one.code == "note" and one.allowed for one in acts)
    return reverse("cases:act", args=[case.number, "note"]) if possible else ""


def _siblings(case: Case, actor: Actor, now: datetime) -> list[Case]:
    """The matters of the same submission that this actor may see; nothing when there is but one."""
    rows = case.complaint.cases.filter(pk__in=queries.readable_by(actor).values("pk")).select_related("lead")
    found = list(rows.order_by("id"))
    return found if len(found) > 1 else []


def _place_words(case: Case) -> str:
    """观岚社区 · 官陡街道."""
    places = core.ancestors(case.place_path)
    named = {place.level: COMMITTEE.sub("", place.name) for place in places}
    return " · ".join(named[level] for level in ("community", "street") if level in named)


@login_required
@require_POST
def reveal(request: HttpRequest, number: str) -> HttpResponse:
    """Shows the complainant in the plain, once, to who says why. Each value looked at is an event."""
    case, view = case_of(request, number)
    actor, now = actor_of(request), now_of(request)
    person = case.complaint.complainant
    if not view.may_reveal or person is None:
        raise Refused("forbidden", "您的岗位不能查看投诉人的完整信息。", status=403)
    form = RevealForm(request.POST)
    if not form.is_valid():
        context = {**case_context(case, view, actor, now), "reveal_form": form}
        return render(request, "cases/case.html", context, status=UNPROCESSABLE)
    shown = [
        (FIELDS[name], core.reveal(person, name, reason=form.cleaned_data["reason"], actor=actor, now=now))
        for name in REVEALED
        if getattr(person, f"{name}_cipher")
    ]
    context = {"nav": "cases", "page_title": "投诉人", "case": case, "shown": shown, "now": now,
               "reason": REASONS[form.cleaned_data["reason"]]}  # fmt: skip
    return render(request, "cases/reveal.html", context)


@login_required
@require_GET
def print_cases(request: HttpRequest, number: str = "") -> HttpResponse:
    """One case or several (`?case=`) on paper, each from a new page."""
    actor, now = actor_of(request), now_of(request)
    if number:
        rows = [case_of(request, number)[0]]
    else:
        wanted = [int(one) for one in request.GET.getlist("case") if one.isdecimal()]
        rows = list(
            queries.cases_for(actor)
            .filter(pk__in=wanted)
            .select_related("complaint__complainant", "estate", "lead", "desk")
            .order_by(F("answer_due_at").asc(nulls_last=True), "id")[:50]
        )
    if not rows:
        raise Refused("nothing_ticked", "没有勾选案件。请先勾选要打印的，再按“打印”。")
    sheets = []
    for row in rows:
        view = queries.case_view(row, actor)
        hidden = view.complainant is None
        sheets.append(
            {
                "case": row,
                "view": view,
                "facts": facts_of(row, view, actor, now),
                "lines": lines(view, queries.timeline(row, actor), [], actor),
                "papers": papers(row, actor, [], now, hidden=hidden),
            }
        )
    title = f"案卷 {rows[0].number}" if len(rows) == 1 else f"案卷{len(rows)}件"
    return render(request, "cases/print.html", {"nav": "cases", "page_title": title, "sheets": sheets, "now": now})


@login_required
@require_GET
def package(request: HttpRequest, number: str) -> HttpResponse:
    """The whole file of the case as a zip."""
    case, _ = case_of(request, number)
    content = services.export_case_file(case, actor=actor_of(request), now=now_of(request))
    return download(content, name=f"{case.number}.zip", content_type="application/zip")


@login_required
@require_GET
def complaint(request: HttpRequest, number: str) -> HttpResponse:
    """One submission with its matters. With a single matter its case says it all."""
    actor, now = actor_of(request), now_of(request)
    found = get_object_or_404(
        Complaint.objects.select_related("complainant", "estate", "receiver"), number=number.upper()
    )
    rows = list(
        found.cases.filter(pk__in=queries.readable_by(actor).values("pk"))
        .select_related("lead", "complaint", "estate")
        .order_by("id")
    )
    if not rows:
        raise Http404
    if len(rows) == 1:
        return see(case_url(rows[0]))
    context = {
        "nav": "cases",
        "page_title": f"投诉 {found.number}",
        "complaint": found,
        "cases": rows,
        "hidden": complainant_hidden_from(actor, rows[0]),
        "now": now,
    }
    return render(request, "cases/complaint.html", context)
