"""Which county a page speaks of, which document rules there, and whether demonstration data is shown."""

from datetime import date
from typing import Any

from django.db.models import Max, Min

from gongzhi.core import services as core
from gongzhi.core.models import Place
from gongzhi.registry import queries
from gongzhi.registry.models import Estate

TITLE_LEVELS = ("city", "county")
COUNTY_DEPTH = 3


def scope_of(path: str, *, on: date) -> dict[str, Any]:
    """For an actor's place path; for the public ("") the only attached place, if there is one."""
    place_path = path or home_path()
    pack = core.pack_for(place_path, on) if place_path else None
    demo = Estate.objects.filter(demo=True)  # among millions of events nothing finds the one that is
    if path:
        demo = demo.filter(place_path__startswith=county_path(path))
    title = county_title(place_path)
    return {
        "place_title": title,
        "demo": demo.exists(),
        "pack_document": document_of(pack),
        "pack_slug": pack.slug if pack is not None else "",
        "foot_text": f"{title}住宅小区物业治理" if title else "",
    }


def home_path() -> str:
    """The county of the public pages: the one in which every estate lies; "" when there are several, or none."""
    ends = Estate.objects.aggregate(first=Min("place_path"), last=Max("place_path"))
    first, last = county_path(ends["first"] or ""), county_path(ends["last"] or "")
    return first if first == last else ""


def counties() -> list[Place]:
    """Where there are estates: what somebody who is not known chooses from."""
    return list(Place.objects.filter(level="county", path__in=queries.county_paths()).order_by("code"))


def estate_title(path: str) -> str:
    """The estate of an owner's post, or the name of the place."""
    if not path:
        return ""
    estate = Estate.objects.filter(place_path=path).first()
    if estate is not None:
        return str(estate.name)
    place = Place.objects.filter(path=path).first()
    return str(place.name) if place is not None else ""


def county_path(path: str) -> str:
    """The first three parts of a place path: province, city, county."""
    parts = [part for part in path.split("/") if part]
    return "/".join(parts[:COUNTY_DEPTH]) + "/" if parts else ""


def county_title(path: str) -> str:
    """某市某区: the names of the city and the county above a place."""
    if not path:
        return ""
    codes = [part for part in path.split("/") if part]
    named = {place.level: place.name for place in Place.objects.filter(code__in=codes, level__in=TITLE_LEVELS)}
    return "".join(named[level] for level in TITLE_LEVELS if level in named)


def document_of(pack: Any) -> str:
    return str(pack.document.document or pack.title) if pack is not None else ""
