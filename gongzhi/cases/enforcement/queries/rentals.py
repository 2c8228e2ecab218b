"""Rented homes: who reads the book, and who may see who rents."""

from datetime import date, datetime
from typing import Any

from django.db.models import Q, QuerySet

from gongzhi.cases.enforcement.models import Tenancy
from gongzhi.cases.enforcement.queries.asking import rule
from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.registry import queries as registry
from gongzhi.registry.models import Estate, Project


def reads_rentals(actor: Actor, place_path: str, on: date) -> bool:
    named, _ = rule("rentals", place_path, on)
    return actor.is_system or (actor.role in (named.get("readers") or ()) and actor.within(place_path))


def rentals_for(actor: Actor, *, estate: Estate | None = None, on: date) -> QuerySet[Tenancy]:
    """The reader's whole place; a company those of the estates it serves; others what they told themselves."""
    wanted: Any = Q(told_by=actor.organisation) if actor.organisation is not None else Q(by=actor.user)
    if actor.place_path and reads_rentals(actor, actor.place_path, on):
        wanted |= Q(place_path__startswith=actor.place_path)
    elif actor.organisation is not None and actor.organisation.role in registry.SERVED_BY_PROJECT:
        served = Project.objects.filter(company=actor.organisation, to_on=None).values("estate")
        wanted |= Q(estate__in=served)
    rows = Tenancy.objects.filter(wanted).select_related("unit__building", "estate", "tenant", "case")
    return (rows.filter(estate=estate) if estate is not None else rows).order_by("estate__name", "unit__name")


def reveal_tenant(row: Tenancy, *, reason: str, actor: Actor, now: datetime) -> str:
    """The name, for those whom the document lets look. Each look is an event."""
    if not reads_rentals(actor, row.place_path, core.local_day(now)):
        clauses = rule("rentals", row.place_path, core.local_day(now))[1]
        raise Refused("forbidden", "您的岗位不能查看承租人，请转公安机关。", clause=clauses, status=403)
    if row.tenant is None:
        raise Refused("no_tenant", "没有登记承租人。")
    return core.reveal(row.tenant, "name", reason=reason, actor=actor, now=now)
