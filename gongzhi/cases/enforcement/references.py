"""How the platform finds rows of enforcement by their reference, and who may read them and their files."""

from typing import Any

from django.urls import NoReverseMatch, reverse

from gongzhi.cases.enforcement import models
from gongzhi.cases.enforcement.queries.rentals import rentals_for
from gongzhi.core import refs
from gongzhi.core.actors import Actor
from gongzhi.core.days import local_day
from gongzhi.core.rights import may


def _subject(actor: Actor, row: Any) -> bool:
    """Whoever may read what it belongs to, and who holds it."""
    held = {one.organisation_id for one in row.custody.all()}
    own = actor.organisation is not None and actor.organisation.pk in held
    return own or refs.may_read(actor, row.subject.ref)


def _open_to_offices(actor: Actor, row: Any) -> bool:
    return may(actor, "enforcement.look", row)


def _part_of_operation(actor: Actor, row: Any) -> bool:
    return may(actor, "operations.read", row.operation)


# kind of reference: (model, who may read it, address)
KINDS: dict[str, tuple[Any, Any, str]] = {
    "evidence": (models.Evidence, _subject, "enforcement:evidence"),
    "operation": (models.Operation, lambda actor, row: may(actor, "operations.read", row), "enforcement:operation"),
    "operation_unit": (models.OperationUnit, _part_of_operation, "enforcement:operation"),
    "operation_item": (models.OperationItem, _part_of_operation, "enforcement:operation"),
    "station": (models.Station, _open_to_offices, ""),
    "officer": (models.Officer, _open_to_offices, ""),
    "site_entry": (models.SiteEntry, _open_to_offices, ""),
    "structure": (models.Structure, _open_to_offices, "enforcement:structure"),
    "tenancy": (
        models.Tenancy,
        lambda actor, row: rentals_for(actor, on=local_day(row.entered_at)).filter(pk=row.pk).exists(),
        "enforcement:tenancy",
    ),
    "premises_review": (models.PremisesReview, _open_to_offices, ""),
}


def register() -> None:
    for kind, (model, reads, name) in KINDS.items():
        refs.register_kind(kind, load=_loader(model), may_read=reads, url=_address(name) if name else None)


def _loader(model: Any) -> Any:
    return lambda pk: model.objects.filter(pk=pk).first() if str(pk).isdigit() else None


def _address(name: str) -> Any:
    def found(row: Any) -> str:
        subject = row.subject.ref if name == "enforcement:evidence" else None
        args = [subject.kind, subject.id] if subject else [getattr(row, "operation_id", row.pk)]
        try:
            return reverse(name, args=args)
        except NoReverseMatch:
            return ""

    return found
