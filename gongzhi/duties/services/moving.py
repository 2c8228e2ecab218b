"""Duties that come to another unit: with their estate to another community, or from a unit that is given up."""

from datetime import datetime

from django.db.models import Q

from gongzhi.core import services as core
from gongzhi.core.models import Event, Organisation
from gongzhi.duties.locks import hold
from gongzhi.duties.models import Duty
from gongzhi.duties.services.recording import happening
from gongzhi.registry.models import Estate
from gongzhi.registry.services import successor

STILL_ALIVE = Q(closed_at__isnull=True) | Q(next_at__isnull=False)  # a period that is over opens the next one


def give(unit: Organisation, heir: Organisation, now: datetime) -> None:
    """The duties of a unit that is given up, and those it set to others: the clocks run on with the heir."""
    alive = Duty.objects.filter(STILL_ALIVE).filter(Q(owner_organisation=unit) | Q(creditor=unit))
    hold(duty.subject.key for duty in alive.only("subject_kind", "subject_id"))
    told = []
    for row in alive.select_for_update(of=("self",)).order_by("pk"):
        if row.owner_organisation_id == unit.pk:
            row.owner_organisation = heir
            told.append(happening("duty.moved", row, at=now, organisation=heir.pk))
        if row.creditor_id == unit.pk:
            row.creditor = heir
        row.version += 1
        row.save(update_fields=["owner_organisation", "creditor", "version"])
    core.record_many(told)


IN_HAND = core.Holding(
    "期限任务", lambda unit: Duty.objects.filter(owner_organisation=unit, closed_at=None).order_by("due_at"), give
)


def follow_estate(event: Event) -> None:
    """The clocks run on. A unit of the former community or street gives its duties to that of the new one."""
    estate, was = Estate.objects.get(pk=event.subject_id), str(event.data["was_path"])
    alive = Duty.objects.filter(STILL_ALIVE, place_path__startswith=was)
    hold(duty.subject.key for duty in alive.only("subject_kind", "subject_id"))
    rows = list(alive.select_for_update(of=("self",)).select_related("owner_organisation", "creditor").order_by("pk"))
    told = []
    for row in rows:
        row.place_path = f"{estate.place_path}{row.place_path[len(was) :]}"
        before = row.owner_organisation_id
        for name in ("owner_organisation", "creditor"):
            heir = successor(getattr(row, name), was=was, estate=estate)
            if heir is not None:
                setattr(row, name, heir)
        if row.owner_organisation_id != before:
            row.assigned_to = None
            told.append(happening("duty.moved", row, at=event.at, organisation=row.owner_organisation_id))
        row.version += 1
        row.save(update_fields=["place_path", "owner_organisation", "creditor", "assigned_to", "version"])
    core.record_many(told)
