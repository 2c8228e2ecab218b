"""What is kept of a complainant, and how long: after the period his data go, and he goes out of the words as well."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, Max, Q, QuerySet

from gongzhi.cases.models import Case, Complaint
from gongzhi.cases.models.case import ENDED
from gongzhi.cases.queries.cases import without_identity
from gongzhi.core import services as core
from gongzhi.core.actors import Actor

AT_ONCE = 200


def due_for_erasure(now: datetime) -> QuerySet[Complaint]:
    """Complaints all of whose cases ended, the last of them so long ago, of which somebody's data are still kept."""
    before = now - timedelta(days=settings.PERSONAL_DATA_DAYS)
    rows = Complaint.objects.filter(
        complainant__isnull=False, complainant__erased_at=None, received_at__lt=before
    ).annotate(ended_at=Max("cases__closed_at"))
    running = Case.objects.filter(complaint__isnull=False).exclude(state__in=ENDED).values("complaint_id")
    return rows.exclude(pk__in=running).filter(Q(ended_at__lt=before) | Q(ended_at=None)).order_by("pk")


def erase_due(*, now: datetime, limit: int = AT_ONCE) -> int:
    """Erases some of them, each in a transaction of its own. Returns how many; call it again until it is none."""
    found = list(due_for_erasure(now).values_list("pk", flat=True)[:limit])
    return sum(1 for pk in found if _erase(pk, now))


@transaction.atomic
def _erase(pk: int, now: datetime) -> bool:
    complaint = Complaint.objects.select_for_update(of=("self",)).select_related("complainant").get(pk=pk)
    person = complaint.complainant
    if person is None or person.erased_at is not None or not due_for_erasure(now).filter(pk=pk).exists():
        return False
    cases = list(complaint.cases.select_for_update(of=("self",)).order_by("pk"))
    for case in cases:
        Case.objects.filter(pk=case.pk).update(
            **{name: without_identity(getattr(case, name), case) for name in ("text", "location")},
            version=F("version") + 1,
        )
    if cases:
        words = {name: without_identity(getattr(complaint, name), cases[0]) for name in ("text", "location")}
        Complaint.objects.filter(pk=pk).update(**words, lookup_hash="")
    core.erase_person(person, now=now)
    actor = Actor.system(demo=complaint.demo)
    data = {"kept_days": settings.PERSONAL_DATA_DAYS, "cases": len(cases)}
    core.record(
        "complaint.identity_erased", subject=complaint.ref, actor=actor, at=now, data=data,
        place_path=complaint.place_path,
    )  # fmt: skip
    return True
