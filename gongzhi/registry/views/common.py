"""What the pages of the registry share: which estate the address means, how a workbook is handed out."""

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse

from gongzhi.core.pages import FormPage, actor_of, bound, now_of, page_of, see, today_of
from gongzhi.registry.models import Estate
from gongzhi.registry.queries.reading import estates_for

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

__all__ = [
    "XLSX",
    "FormPage",
    "actor_of",
    "bound",
    "crumbs_of",
    "download",
    "estate_of",
    "estate_url",
    "now_of",
    "page_of",
    "see",
    "today_of",
]


def download(content: bytes, *, name: str) -> HttpResponse:
    """`name` in ASCII: old browsers of offices garble anything else."""
    response = HttpResponse(content, content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    return response


def estate_of(request: HttpRequest, pk: int) -> Estate:
    """404 for what the actor may not see: that it exists is something to know already."""
    found: Estate | None = estates_for(actor_of(request)).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def crumbs_of(estate: Estate) -> list[tuple[str, str]]:
    return [("小区", reverse("registry:estates")), (estate.name, estate_url(estate))]


def estate_url(estate: Estate) -> str:
    return reverse("registry:estate", args=[estate.pk])
