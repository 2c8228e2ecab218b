"""How the platform finds rounds, findings and entries by their reference, and who may read them."""

from typing import Any

from django.urls import reverse

from gongzhi.core import refs
from gongzhi.core.rights import may
from gongzhi.patrols.models import PatrolFinding, PatrolRound, PatrolRoute, RegisterEntry
from gongzhi.patrols.queries.reading import may_read_entry


def _by_pk(model: Any) -> Any:
    return lambda pk: model.objects.filter(pk=pk).first() if str(pk).isdigit() else None


def register() -> None:
    refs.register_kind(
        "patrol_round",
        load=_by_pk(PatrolRound),
        may_read=lambda actor, row: may(actor, "patrols.read", row),
        url=lambda row: reverse("patrols:round", args=[row.pk]),
    )
    refs.register_kind(
        "patrol_route",
        load=_by_pk(PatrolRoute),
        may_read=lambda actor, row: may(actor, "patrols.routes", row),
        url=lambda row: reverse("patrols:route", args=[row.pk]),
    )
    refs.register_kind(
        "patrol_finding",
        load=_by_pk(PatrolFinding),
        may_read=lambda actor, row: row.published_on is not None or may(actor, "finding.read", row),
        url=lambda row: reverse("patrols:finding", args=[row.pk]),
    )
    refs.register_kind(
        "register_entry",
        load=_by_pk(RegisterEntry),
        may_read=may_read_entry,
        url=lambda row: reverse("patrols:entry", args=[row.pk]),
    )
