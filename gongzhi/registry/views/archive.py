"""物业资料目录: what the archives of the actor's place have to hold, and changing it."""

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from gongzhi.core import services as core
from gongzhi.core.models import Place
from gongzhi.core.refs import Ref
from gongzhi.registry import services as registry
from gongzhi.registry.forms import ArchiveItemsForm
from gongzhi.registry.views.common import FormPage, actor_of, bound, crumbs_of, estate_of, estate_url, now_of, today_of


@login_required
@require_http_methods(["GET", "POST"])
def items(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Of one estate where its number is given, else of the actor's place."""
    found = None if pk is None else estate_of(request, pk)
    actor, now, on = actor_of(request), now_of(request), today_of(request)
    place = found.place if found is not None else Place.objects.filter(path=actor.place_path).first()
    if place is None:
        raise Http404
    core.require(actor, "archive.set_items", place)
    known = registry.archive_items(place.path, on)

    def run(data: Mapping[str, Any]) -> Ref:
        registry.set_archive_items(
            place, items=data["items"].splitlines(), from_on=data["from_on"], actor=actor, now=now
        )
        return place.ref

    origin = f"现在的目录由{known.set_by}自{known.from_on}起定" if known.set_by else "现在的目录是本地文件的默认目录"
    back = estate_url(found) if found is not None else reverse("registry:estates")
    return FormPage(
        title=f"{found or place}的物业资料目录",
        form=bound(request, ArchiveItemsForm, initial={"items": "\n".join(known.items), "from_on": on}),
        run=run,
        done="目录已改，完整率按新目录计算；已存的资料都在。",
        back=back,
        crumbs=crumbs_of(found) if found is not None else [("小区", back)],
        hint=f"{origin}，共{len(known.items)}类。这里改的只管{found or place}。",
        clauses=known.clauses,
    ).answer(request)
