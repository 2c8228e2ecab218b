"""How the platform finds mediations by their reference, and who may read them."""

from typing import Any

from django.db.models import TextField
from django.db.models.functions import Cast
from django.urls import reverse

from gongzhi.core import refs
from gongzhi.core.actors import Actor
from gongzhi.core.rights import may
from gongzhi.mediation.models import MediationFile, MediationGuidance
from gongzhi.mediation.offices import AtPlace
from gongzhi.mediation.queries.reading import readable_by


def _load(pk: str) -> MediationFile | None:
    return MediationFile.objects.filter(pk=pk).first() if str(pk).isdigit() else None


def _readable(actor: Actor) -> Any:
    """What was applied for may not be read by everybody above: the ids of those that this actor may read."""
    from gongzhi.core.days import local_day

    if actor.is_system:
        return None
    latest = MediationFile.objects.order_by("-applied_at").values_list("applied_at", flat=True).first()
    rows = readable_by(actor, local_day(latest)) if latest is not None else MediationFile.objects.none()
    return rows.annotate(key=Cast("pk", TextField())).values("key")


def _guidance(pk: str) -> MediationGuidance | None:
    return MediationGuidance.objects.filter(pk=pk).first() if str(pk).isdigit() else None


def register() -> None:
    refs.register_kind(
        "mediation",
        load=_load,
        may_read=lambda actor, row: may(actor, "mediation.hear", row),
        url=lambda row: reverse("mediation:file", args=[row.pk]),
        readable=_readable,
        many=lambda actor, ids: [
            one for one in MediationFile.objects.filter(pk__in=ids) if may(actor, "mediation.read", one)
        ],
    )
    refs.register_kind(
        "mediation_guidance",
        load=_guidance,
        may_read=lambda actor, row: (
            row.published_on is not None or may(actor, "mediation.bodies", AtPlace(row.place_path, row.on))
        ),
        url=lambda row: reverse("mediation:bodies"),
    )
