"""Duties of an estate that comes to another community: owed there from then on, by whoever holds the role there."""

from django.db.models import Q

from gongzhi.core import services as core
from gongzhi.core.errors import Refused
from gongzhi.core.models import Event
from gongzhi.duties.locks import hold
from gongzhi.duties.models import Duty
from gongzhi.duties.services.recording import happening
from gongzhi.registry.models import Estate
from gongzhi.registry.services import successor

SHOWN = 3
STILL_ALIVE = Q(closed_at__isnull=True) | Q(next_at__isnull=False)  # a period that is over opens the next one


def owes_nothing(event: Event) -> None:
    """A unit cannot be given up while it owes something: refused, with how much."""
    left = Duty.objects.filter(owner_organisation_id=int(event.subject_id), closed_at__isnull=True)
    if number := left.count():
        first = "、".join(str(one) for one in left.order_by("due_at")[:SHOWN])
        raise Refused(
            "unit_owes", f"这个单位还有{number}件未办：{first}等。请先办结，或者改派、移交给接手的单位，再登记撤销。"
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
