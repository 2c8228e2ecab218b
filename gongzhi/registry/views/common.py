"""What the pages of the registry share: which estate the address means."""

from django.http import Http404, HttpRequest
from django.urls import reverse

from gongzhi.core.pages import FormPage, actor_of, bound, day_of, now_of, page_of, see, today_of
from gongzhi.registry.models import Estate
from gongzhi.registry.queries.reading import estates_for

__all__ = [
    "FormPage",
    "actor_of",
    "bound",
    "crumbs_of",
    "day_of",
    "estate_of",
    "estate_url",
    "now_of",
    "page_of",
    "see",
    "today_of",
]


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
