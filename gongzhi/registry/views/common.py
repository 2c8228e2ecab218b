"""What the pages of the registry share: which estate the address means."""

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse

from gongzhi.core.errors import Refused
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
    """403 for an estate that is not the actor's: its name is public, its file is not. 404 where there is none."""
    found: Estate | None = estates_for(actor_of(request)).filter(pk=pk).first()
    if found is None:
        other = get_object_or_404(Estate, pk=pk)
        said = f"{other.name}不归您的岗位管，不能打开它的档案。公开的内容请看小区公示。"
        raise Refused("forbidden", said, status=403)
    return found


def crumbs_of(estate: Estate) -> list[tuple[str, str]]:
    return [("小区", reverse("registry:estates")), (estate.name, estate_url(estate))]


def estate_url(estate: Estate) -> str:
    return reverse("registry:estate", args=[estate.pk])
