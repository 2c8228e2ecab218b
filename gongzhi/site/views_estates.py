"""An estate for everybody who passes its board: who serves it, whom to call, what is put up for all to read.

Nothing of a person is shown here; what concerns the owners alone they read in their own pages.
"""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from gongzhi.core import services as core
from gongzhi.registry.models import Estate
from gongzhi.registry.queries import area_after
from gongzhi.site.queries_estates import open_estate


@require_GET
def estate(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Estate.objects.select_related("community", "place"), pk=pk)
    on = core.local_day(timezone.now())
    context: dict[str, Any] = {
        "page_title": found.name,
        "nav": "home",
        "owner_pages": True,
        "shown": open_estate(found, on),
        "estate": found,
        "went_into": area_after(found),
        "on": on,
    }
    return render(request, "site/estate_public.html", context)
