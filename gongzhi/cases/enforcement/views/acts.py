"""Every act of enforcement by its code; who rents a home, for those who may look."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from gongzhi.cases.enforcement.filling import evidence_act
from gongzhi.cases.enforcement.filling_books import ACTS, tenancy_act, tenancy_of
from gongzhi.cases.enforcement.forms import RevealForm
from gongzhi.cases.enforcement.queries.rentals import reveal_tenant
from gongzhi.core.pages import FormPage, actor_of, bound, now_of

METHODS = ["GET", "POST"]


@login_required
@require_http_methods(METHODS)
def act(request: HttpRequest, code: str, pk: int = 0) -> HttpResponse:
    if code not in ACTS:
        raise Http404
    return ACTS[code](request, pk).answer(request)


@login_required
@require_http_methods(METHODS)
def evidence(request: HttpRequest, kind: str, pk: int, code: str) -> HttpResponse:
    return evidence_act(request, kind, pk, code).answer(request)


@login_required
@require_http_methods(METHODS)
def tenancy(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    return tenancy_act(request, pk, code).answer(request)


@login_required
@require_http_methods(METHODS)
def reveal(request: HttpRequest, pk: int) -> HttpResponse:
    """The name is shown once; each look is an event with its reason."""
    row = tenancy_of(request, pk)
    home = reverse("enforcement:tenancy", args=[row.pk])

    def run(data: object) -> object:
        reason = form.cleaned_data["reason"]
        name = reveal_tenant(row, reason=reason, actor=actor_of(request), now=now_of(request))
        if hasattr(request, "_messages"):
            messages.info(request, f"承租人：{name}")
        return row.ref

    form = bound(request, RevealForm)
    page = FormPage(
        title="查看承租人", form=form, run=run, done="已记录这次查看。", back=home, after=home, nav="enforcement",  # type: ignore[arg-type]
        crumbs=[("出租房", reverse("enforcement:tenancies")), (str(row.unit), home)],
    )  # fmt: skip
    return page.answer(request)
