"""One act on one case: its page says what will happen, by which clause and by when; posting does it."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from gongzhi.cases import queries
from gongzhi.cases.forms_acts import AssignForm, CaseForm
from gongzhi.cases.models import Case
from gongzhi.cases.queries import asking
from gongzhi.cases.queries.acts import rule_of
from gongzhi.cases.queries.conditions import Ground
from gongzhi.cases.views_act_pages import ACT_PAGES, BY_RIGHT, ActPage
from gongzhi.cases.views_case_clocks import route_basis
from gongzhi.cases.views_common import UNPROCESSABLE, actor_of, case_of, case_url, now_of, see
from gongzhi.cases.views_follows import what_follows
from gongzhi.core import services as core
from gongzhi.core.errors import Refused
from gongzhi.core.rights import known_rights

STALE = "stale"


@login_required
@require_http_methods(["GET", "POST"])
def act(request: HttpRequest, number: str, code: str) -> HttpResponse:
    page = ACT_PAGES.get(code)
    if page is None:
        raise Http404
    case, view = case_of(request, number)
    actor, now = actor_of(request), now_of(request)
    _require(request, page, case)
    if request.method == "GET":
        return _form_page(request, page, case, view, page.form(case=case, actor=actor, now=now))
    form = page.form(request.POST, request.FILES, case=case, actor=actor, now=now)
    if not form.is_valid():
        return _form_page(request, page, case, view, form, status=UNPROCESSABLE)
    version = form.cleaned_data["version"]
    try:
        done = page.run(case, form, actor=actor, now=now, version=version, key=request.POST.get("form_key", ""))
    except Refused as refused:
        if refused.code == "forbidden":
            raise
        _show_current(form, refused)
        form.add_refusal(refused)
        return _form_page(request, page, case, view, form, status=refused.status)
    messages.success(request, page.done)
    return see(case_url(done))


def _require(request: HttpRequest, page: ActPage, case: Case) -> None:
    """The right for every method; the rule's conditions before a form is shown, so that nobody types in vain.

    On posting the service looks at them again over the locked row.
    """
    actor = actor_of(request)
    if page.code in BY_RIGHT:
        core.require(actor, BY_RIGHT[page.code], case)
        return
    rule = rule_of(page.rule_code)
    core.require(actor, rule.right, case)
    if request.method == "GET":
        refused = rule.refusal(Ground(case, actor, now_of(request)))
        if refused is not None:
            raise refused


def _show_current(form: CaseForm, refused: Refused) -> None:
    """After a conflict the form carries the version that is there now: the next click decides on what is shown."""
    if refused.code != STALE or not isinstance(form.data, QueryDict):
        return
    form.case.refresh_from_db()
    data = form.data.copy()
    data["version"] = str(form.case.version)
    form.data = data


def _form_page(
    request: HttpRequest,
    page: ActPage,
    case: Case,
    view: queries.CaseView,
    form: CaseForm,
    *,
    status: int = 200,
) -> HttpResponse:
    actor, now = actor_of(request), now_of(request)
    foreseen = {**page.foresee(case, actor, now), **_chosen(form)} if page.event else {}
    follows = what_follows(case, page.event, foreseen, now=now) if page.event else []
    shown = {clause for one in follows for clause in one.clauses}
    clauses = [clause for clause in _rule_clauses(page, case) if clause not in shown]
    handing, recommended = isinstance(form, AssignForm), getattr(form, "recommended", None)
    context: dict[str, Any] = {
        "nav": "cases",
        "page_title": page.title,
        "case": case,
        "view": view,
        "act_page": page,
        "form": form,
        "fields": [(one, size_of(one)) for one in form.visible_fields()],
        "follows": follows,
        "clauses": list(dict.fromkeys(clauses)),
        "basis": route_basis(case, unit=str(recommended or ""), opened=True) if handing else None,
        "recommended": recommended,
        "right_title": known_rights()[BY_RIGHT[page.code]].title if page.code in BY_RIGHT else "",
        "request_row": _pending(page, case),
        "now": now,
    }
    return render(request, "cases/act.html", context, status=status)


def _chosen(form: CaseForm) -> dict[str, Any]:
    """The unit that the clerk chose, when the form is shown again: the clocks are its clocks."""
    lead = form.cleaned_data.get("lead") if isinstance(form, AssignForm) and form.is_bound else None
    return {"lead": lead.role, "lead_organisation": lead.pk} if lead is not None else {}


def size_of(bound: Any) -> str:
    """Long texts take the whole width, numbers and days little of it."""
    kind = getattr(bound.field.widget, "input_type", "")
    return {"": "", "number": "s", "date": "m", "datetime-local": "m"}.get(kind, "l")


def _rule_clauses(page: ActPage, case: Case) -> list[str]:
    """What the act rests on beside the clocks: the route for handing out, the pack's answers for the rest."""
    question = {
        "assign": "cases.dispatchers",
        "whistle": "cases.dispatchers",
        "designate": "cases.designating_body",
        "report_up": "cases.superior",
        "return": "cases.dispute_after_returns",
        "answer": "cases.answer_deadline",
        "answer_progress": "cases.answer_deadline",
        "explain": "cases.answer_deadline",
    }.get(page.code)
    if page.code.endswith(("_extension", "_suspension", "_void")):
        which = page.code.split("_")[-1]
        answer = asking.ask_case(case, "cases.approval", act=which)
    elif question:
        facts: dict[str, Any] = {"role": case.desk_role} if question == "cases.superior" else {}
        answer = asking.ask_case(case, question, **facts)
    else:
        return []
    return list(answer.clauses) if answer.ok else []


def _pending(page: ActPage, case: Case) -> Any:
    """The request that a decision is about; the report that a signature is about."""
    if page.code.startswith("decide_"):
        return case.approvals.filter(act=page.code.removeprefix("decide_"), state="asked").first()
    return None
