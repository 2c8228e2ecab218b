"""Offices that the division has among the streets, or not at all, and that the document lists beside the streets."""

from datetime import date

from django.db.models import QuerySet

from gongzhi.core import services as core
from gongzhi.core.models import Place


def listed_apart(place_path: str, on: date) -> tuple[list[str], tuple[str, ...]]:
    """Their names as the local document or the place gives them, and the clauses."""
    answer = core.ask("governance.listed_apart", {}, place_path=place_path, on=on)
    offices = str((answer.value or {}).get("offices") or "") if answer.ok else ""
    return [one.strip() for one in offices.split("、") if one.strip()], tuple(answer.clauses)


def streets_of(place_path: str, on: date) -> QuerySet[Place]:
    """The streets and towns below, without what is listed apart."""
    rows = Place.objects.filter(level="street", path__startswith=place_path)
    return rows.exclude(name__in=listed_apart(place_path, on)[0]).order_by("code")
