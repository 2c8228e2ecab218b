"""职责清单: for every matter who leads and who helps, by the place's own document. Nobody has to sign in."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from gongzhi.cases import queries
from gongzhi.cases.queries.ledgers import Competence
from gongzhi.cases.views_common import actor_of, now_of
from gongzhi.core import services as core
from gongzhi.core.days import local_day
from gongzhi.core.models import PackAttachment

LONGEST_TEXT = 30


@dataclass(frozen=True)
class Heading:
    name: str
    rows: tuple[Competence, ...]


@require_GET
def competences(request: HttpRequest) -> HttpResponse:
    now = now_of(request)
    on = local_day(now)
    places = _places()
    path = _path(request, places)
    pack = core.pack_for(path, on) if path else None
    text = request.GET.get("text", "").strip()[:LONGEST_TEXT]
    rows = competences_at(path, on)
    shown = [one for one in rows if not text or text in one.name or text in one.lead or text in one.group]
    context: dict[str, Any] = {
        "nav": "cases",
        "page_title": "什么事归谁管",
        "pack": pack,
        "place": core.place_title(path) if path else "",
        "places": places,
        "code": next((code for code, whole, _ in places if path.startswith(whole)), ""),
        "text": text,
        "headings": _headings(shown),
        "nobody": sum(1 for one in rows if one.lead == "职责待定"),
        "number": len(shown),
    }
    return render(request, "cases/competences.html", context)


def competences_at(path: str, on: date) -> list[Competence]:
    """Every matter that the document of the place divides."""
    pack = core.pack_for(path, on) if path else None
    if pack is None:
        return []
    return queries.departments_of_matter(pack, on=on, switches=core.switches_for(path, on, pack=pack))


def _headings(rows: list[Competence]) -> list[Heading]:
    """One heading a group, in the order in which the groups first appear: a document may add to a group later on."""
    groups = dict.fromkeys(row.group for row in rows)
    return [Heading(name, tuple(row for row in rows if row.group == name)) for name in groups]


def _places() -> list[tuple[str, str, str]]:
    """Where a document is in force, as code, path and name."""
    rows = PackAttachment.objects.select_related("place").order_by("place__path")
    return list({row.place.code: (row.place.code, row.place.path, row.place.name) for row in rows}.values())


def _path(request: HttpRequest, places: list[tuple[str, str, str]]) -> str:
    """The place asked for, else the reader's own, else the only one there is."""
    wanted = request.GET.get("place", "")
    for code, path, _ in places:
        if code == wanted:
            return path
    own = actor_of(request).place_path
    if own:
        return own
    return places[0][1] if places else ""
