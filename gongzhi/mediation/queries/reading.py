"""Which mediations an actor may read: a town its own; what was said, the parties and the bodies that had it."""

from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from gongzhi.core.actors import Actor
from gongzhi.mediation.models import MediationFile
from gongzhi.mediation.offices import offices_of


def readable_by(actor: Actor, on: date) -> QuerySet[Any]:
    """The mediations the actor may read, in one statement."""
    wanted = Q(pk=None)
    if actor.organisation is not None:
        unit = actor.organisation.pk
        wanted |= Q(stages__organisation=unit) | Q(parties__organisation=unit)
        wanted |= Q(assists__organisation=unit, assists__kind="help")
        wanted |= Q(topics__holder=unit) | Q(topics__raised_to=unit)
    if actor.user is not None:
        wanted |= Q(parties__user=actor.user)
        if actor.user.phone_hash:
            wanted |= Q(parties__person__phone_hash=actor.user.phone_hash)
        wanted |= Q(filed_by=actor.user)
    if actor.place_path and offices_of(actor, actor.place_path, on) & {"mediation_reader", "mediation_overseer"}:
        wanted |= Q(place_path__startswith=actor.place_path)
    if actor.place_path and "mediation_court" in offices_of(actor, actor.place_path, on):
        wanted |= Q(place_path__startswith=actor.place_path) & (
            Q(source="court") | Q(court_step__isnull=False) | Q(agreement__confirm_applied_on__isnull=False)
        )
    if actor.is_system:
        wanted = Q()
    return MediationFile.objects.filter(pk__in=MediationFile.objects.filter(wanted).values("pk"))
