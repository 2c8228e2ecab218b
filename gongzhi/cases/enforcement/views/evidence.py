"""The evidence of a case or a line, its package; the notice and the board as pages to print."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from gongzhi.cases.enforcement import services
from gongzhi.cases.enforcement.filling import subject_of
from gongzhi.cases.enforcement.models import DissuasionNotice
from gongzhi.cases.enforcement.printing import board_pages, notice_pages
from gongzhi.cases.enforcement.queries.evidence import held_by, offered_to, sees, shown_to
from gongzhi.cases.models import Case, Problem
from gongzhi.core import services as core
from gongzhi.core.pages import actor_of, now_of, today_of
from gongzhi.core.sending import PDF, download
from gongzhi.proof import queries as proofs
from gongzhi.proof import receipts
from gongzhi.registry.models import Estate

ZIP = "application/zip"


def home_of(subject: Case | Problem) -> str:
    name = "cases:case" if isinstance(subject, Case) else "cases:problem"
    return reverse(name, args=[subject.number])


def may_take_in(request: HttpRequest, subject: Case | Problem) -> bool:
    right = "cases.handle" if isinstance(subject, Case) else "problems.handle"
    return actor_of(request).organisation is not None and core.may(actor_of(request), right, subject)


@login_required
@require_GET
def listing(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    subject, actor = subject_of(request, kind, pk), actor_of(request)
    rows = list(shown_to(subject, actor))
    acts = [("shoucun", "收存证据")] if may_take_in(request, subject) else []
    acts += [("qianshou", "签收证据")] if offered_to(subject, actor).exists() else []
    acts += [("yijiao", "移交证据")] if held_by(subject, actor) else []
    check = request.build_absolute_uri(reverse("check_receipt"))
    context = {
        "nav": "cases",
        "page_title": f"{subject.number}的证据",
        "subject": subject,
        "home": home_of(subject) if sees(subject, actor) else "",
        "rows": [(one, receipts.address(proofs.receipt(one.entry), page=check)) for one in rows],
        "acts": [(reverse("enforcement:evidence_act", args=[kind, subject.pk, code]), title) for code, title in acts],
        "export": reverse("enforcement:package", args=[kind, subject.pk]) if rows else "",
        "how_to_verify": services.HOW_TO_VERIFY.format(file=services.package_name(subject)),
    }
    return render(request, "enforcement/evidence.html", context)


@login_required
@require_POST
def package(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    subject = subject_of(request, kind, pk)
    content = services.package(subject, actor=actor_of(request), now=now_of(request))
    return download(content, name=services.package_name(subject), content_type=ZIP)


@login_required
@require_GET
def notice_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    notice = DissuasionNotice.objects.select_related("document", "problem").filter(pk=pk).first()
    if notice is None:
        raise Http404
    subject_of(request, "problem", notice.problem_id)
    return download(notice_pages(notice, now=now_of(request)), name=f"notice-{notice.pk}.pdf", content_type=PDF)


@require_GET
def board_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    """What hangs in the estate: open to everybody, as the page is."""
    estate = Estate.objects.select_related("community__parent").filter(pk=pk).first()
    if estate is None:
        raise Http404
    address = request.build_absolute_uri(reverse("estate_public", args=[estate.pk]))
    content = board_pages(estate, address=address, on=today_of(request), now=now_of(request))
    return download(content, name=f"board-{estate.pk}.pdf", content_type=PDF)
