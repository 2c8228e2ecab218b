"""How the platform finds estates, units, reviews and companies by their reference, and who may read them."""

from django.urls import reverse
from django.utils import timezone

from gongzhi.core import refs
from gongzhi.core.actors import Actor
from gongzhi.core.days import local_day
from gongzhi.core.models import Organisation
from gongzhi.core.rights import may
from gongzhi.registry.models import Estate, EstateReview, Facility, ImportRun, Unit
from gongzhi.registry.queries.facilities import facilities_for
from gongzhi.registry.services.estates import ARCHIVE, ServedEstate

LONGEST_ID = 19


def _own_or_within(actor: Actor, row: Organisation) -> bool:
    own = actor.organisation is not None and actor.organisation.pk == row.pk
    return own or (actor.is_staff_role and actor.within(row.place_path))


def reads_archive(actor: Actor, estate: Estate) -> bool:
    """The offices of the place, and the company that serves the estate today and keeps its papers."""
    if actor.is_staff_role and actor.within(estate.place_path):
        return True
    today = local_day(timezone.now())  # noqa: TID251 - who serves is judged when the file is opened
    return may(actor, "estate.file_paper", ServedEstate(estate, today))


def register() -> None:
    refs.register_kind(
        "estate",
        load=lambda pk: Estate.objects.filter(pk=pk).first(),
        may_read=lambda actor, estate: actor.is_staff_role and actor.within(estate.place_path),
        url=lambda estate: reverse("registry:estate", args=[estate.pk]),
    )
    refs.register_kind(
        ARCHIVE,
        load=lambda pk: Estate.objects.filter(pk=pk).first(),
        may_read=reads_archive,
        url=lambda estate: reverse("registry:estate", args=[estate.pk]),
    )
    refs.register_kind(
        "unit",
        load=lambda pk: Unit.objects.select_related("building__estate").filter(pk=pk).first(),
        may_read=lambda actor, unit: may(actor, "unit.read", unit),
        url=lambda unit: reverse("registry:unit", args=[unit.pk]),
        many=lambda actor, ids: [
            unit
            for unit in Unit.objects.select_related("building__estate").filter(pk__in=ids)
            if may(actor, "unit.read", unit)
        ],
    )
    refs.register_kind(
        "facility",
        load=lambda pk: Facility.objects.select_related("estate").filter(pk=pk).first(),
        may_read=lambda actor, row: facilities_for(actor).filter(pk=row.pk).exists(),
        url=lambda row: reverse("registry:facility", args=[row.pk]),
    )
    refs.register_kind(
        "estate_review",
        load=lambda pk: EstateReview.objects.filter(pk=pk).first(),
        may_read=lambda actor, review: review.is_party(actor) or may(actor, "estate.change", review),
        url=lambda review: reverse("registry:review", args=[review.pk]),
    )
    refs.register_kind(
        "organisation",
        load=lambda pk: Organisation.objects.filter(pk=pk).first(),
        may_read=_own_or_within,
        url=lambda row: reverse("registry:organisation", args=[row.pk]),
    )
    refs.register_kind(
        "registry_import",
        load=lambda pk: (
            ImportRun.objects.filter(pk=pk).first() if str(pk).isdigit() and len(str(pk)) < LONGEST_ID else None
        ),
        # A workbook holds names and numbers of owners: nobody but who handed it in, and never through the files' page.
        may_read=lambda actor, run: run.is_party(actor),
    )
