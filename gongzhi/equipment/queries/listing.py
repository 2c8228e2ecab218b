"""What an actor sees of equipment: pieces, what is late, contracts, faults, papers; and the shares of it."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Case as When
from django.db.models import Count, F, IntegerField, Max, Q, QuerySet, Sum, Value
from django.db.models import When as If
from django.db.models.functions import Coalesce

from gongzhi.core.actors import Actor
from gongzhi.core.display import percent
from gongzhi.core.models import Place
from gongzhi.equipment.models import (
    Care,
    Directive,
    DirectiveTarget,
    Emergency,
    EmergencyPlan,
    Fault,
    UpkeepContract,
    UsePermit,
)
from gongzhi.registry.models import Estate, Facility
from gongzhi.registry.queries import facilities as found_by
from gongzhi.registry.queries.reading import estates_for


@dataclass(frozen=True)
class Share:
    """How many of how many."""

    done: int
    total: int

    @property
    def words(self) -> str:
        return percent(self.done, self.total)


def pieces(actor: Actor) -> QuerySet[Facility]:
    """In use; a company that looks after equipment by contract sees the estates of its contracts."""
    return found_by.facilities_for(actor) if not _by_contract(actor) else _in_estates(Facility, actor)


def _by_contract(actor: Actor) -> bool:
    return actor.organisation is not None and actor.organisation.role == "upkeep_company"


def estates_seen(actor: Actor) -> QuerySet[Estate]:
    """Those of the actor's place, those it serves, those whose equipment it looks after."""
    if _by_contract(actor):
        return Estate.objects.filter(upkeep_contracts__company=actor.organisation).distinct().order_by("place_path")
    return estates_for(actor)


def _in_estates(model: Any, actor: Actor) -> QuerySet[Any]:
    rows = model.objects.filter(estate__in=estates_seen(actor).order_by().values("pk"))
    return rows.filter(ended_on=None).select_related("estate", "building") if model is Facility else rows


def state_of(row: Facility, on: date) -> str:
    days = int(found_by.warning(row.place_path, on).value)
    return found_by.shown([row], on, days=days)[0].state


def late_cares(actor: Actor, on: date) -> QuerySet[Care]:
    """Checks and upkeep that were missed, the longest first."""
    rows = Care.objects.filter(facility__in=pieces(actor).order_by().values("pk"), due_on__lt=on)
    return rows.select_related("facility__estate", "facility__building").order_by("due_on", "pk")


def intact_rate(actor: Actor, kind: str, *, estate: Estate | None = None) -> Share:
    """Pieces that work among all of the kind. Nobody counted them: all, or none while they failed or are out of use."""
    rows = pieces(actor).filter(kind=kind).order_by()
    return share_of(rows.filter(estate=estate) if estate is not None else rows)


def share_of(rows: QuerySet[Facility]) -> Share:
    down = Q(faulty=True) | ~Q(suspended_on=None)
    uncounted = When(If(down, then=Value(0)), default=F("quantity"), output_field=IntegerField())
    working = Coalesce("intact", uncounted, output_field=IntegerField())
    found = rows.aggregate(total=Sum("quantity"), done=Sum(working))
    return Share(found["done"] or 0, found["total"] or 0)


def contracts_for(actor: Actor) -> QuerySet[UpkeepContract]:
    rows = UpkeepContract.objects.filter(
        Q(estate__in=estates_seen(actor).order_by().values("pk")) | Q(company=actor.organisation)
        if actor.organisation is not None
        else Q(estate__in=estates_seen(actor).order_by().values("pk"))
    )
    return rows.select_related("estate", "company", "party_a_unit").order_by("to_on", "pk")


def faults_for(actor: Actor) -> QuerySet[Fault]:
    seen = Q(estate__in=estates_seen(actor).order_by().values("pk"))
    if actor.organisation is not None:
        seen |= Q(responder=actor.organisation)
    return Fault.objects.filter(seen).select_related("estate", "facility", "responder").order_by("-happened_at", "-pk")


def directives_for(actor: Actor) -> QuerySet[Directive]:
    """Those of the place, and those that one of the actor's estates was sent."""
    rows = Directive.objects.select_related("issuer").order_by("-issued_at", "-pk")
    own = Q(targets__estate__in=estates_seen(actor).order_by().values("pk"))
    if actor.is_staff_role:
        own |= Q(issuer=actor.organisation) | Q(place_path__startswith=actor.place_path or "-")
    elif actor.role in ("owner", "building_steward"):
        return rows.none()
    return rows.filter(own).distinct()


def targets_of(row: Directive, actor: Actor) -> QuerySet[DirectiveTarget]:
    """The estates of a paper that the actor may see; its issuer sees all."""
    rows = row.targets.select_related("estate__community", "unit").order_by("place_path")
    if actor.organisation is not None and actor.organisation.pk == row.issuer_id:
        return rows
    return rows.filter(estate__in=estates_seen(actor).order_by().values("pk"))


def targets_for(actor: Actor) -> QuerySet[DirectiveTarget]:
    """The papers at the estates that the actor may see, those longest unanswered first."""
    seen = Q(estate__in=estates_seen(actor).order_by().values("pk"))
    if actor.is_staff_role:
        seen |= Q(directive__issuer=actor.organisation)
    elif actor.role in ("owner", "building_steward"):
        return DirectiveTarget.objects.none()
    rows = DirectiveTarget.objects.filter(seen).select_related("directive", "estate", "unit")
    return rows.order_by(F("directive__due_on").asc(nulls_last=True), "pk")


def streets_of(actor: Actor) -> QuerySet[Place]:
    """The streets within the actor's place, for a filter."""
    return Place.objects.filter(level="street", path__startswith=actor.place_path or "-").order_by("path")


def drilled(actor: Actor, year: int) -> Any:
    """Estates with `held`, how often they drilled in the year, and `last_held`; the fewest first."""
    rows = estates_seen(actor).filter(ended_on=None).select_related("community")
    held = Count("drills", filter=Q(drills__held_on__year=year), distinct=True)
    return rows.annotate(held=held, last_held=Max("drills__held_on")).order_by("held", "place_path", "pk")


def answered_share(row: Directive) -> Share:
    return Share(row.targets.exclude(answered_at=None).count(), row.targets.count())


def settled_share(row: Directive) -> Share:
    return Share(row.targets.filter(state="closed").count(), row.targets.count())


def plans_for(actor: Actor) -> QuerySet[EmergencyPlan]:
    rows = EmergencyPlan.objects.filter(withdrawn_on=None).select_related("place", "estate", "made_by")
    seen = Q(estate__in=estates_seen(actor).order_by().values("pk"))
    if actor.is_staff_role:
        seen |= Q(place_path__startswith=actor.place_path or "-")
    if actor.organisation is not None:
        seen |= Q(reserves=actor.organisation)
    return rows.filter(seen).distinct().order_by("place_path", "kind")


def emergencies_for(actor: Actor) -> QuerySet[Emergency]:
    seen = Q(estate__in=estates_seen(actor).order_by().values("pk"))
    if actor.organisation is not None:
        seen |= Q(taken_by=actor.organisation) | Q(plan__reserves=actor.organisation)
    rows = Emergency.objects.filter(seen).select_related("estate", "plan", "taken_by").distinct()
    return rows.order_by("-at", "-pk")


def permits_for(actor: Actor) -> QuerySet[UsePermit]:
    rows = UsePermit.objects.filter(estate__in=estates_seen(actor).order_by().values("pk"))
    return rows.select_related("estate", "facility", "applicant").order_by("-asked_at", "-pk")
