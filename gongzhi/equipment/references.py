"""How the platform finds what belongs to equipment by its reference, and who may read it."""

from collections.abc import Callable
from typing import Any

from django.urls import reverse

from gongzhi.core import refs
from gongzhi.core.rights import may
from gongzhi.equipment.models import (
    Defect,
    Directive,
    DirectiveTarget,
    Drill,
    Emergency,
    EmergencyPlan,
    Fault,
    UpkeepContract,
    UsePermit,
)
from gongzhi.equipment.queries.listing import directives_for

# kind: (model, name of the page, attribute whose key the page is for)
KINDS: dict[str, tuple[Any, str, str]] = {
    "upkeep_contract": (UpkeepContract, "equipment:contract", "pk"),
    "fault": (Fault, "equipment:fault", "pk"),
    "emergency_plan": (EmergencyPlan, "equipment:plan", "pk"),
    "drill": (Drill, "equipment:estate", "estate_id"),
    "emergency": (Emergency, "equipment:emergency", "pk"),
    "directive": (Directive, "equipment:directive", "pk"),
    "directive_target": (DirectiveTarget, "equipment:target", "pk"),
    "defect": (Defect, "equipment:target", "target_id"),
    "use_permit": (UsePermit, "equipment:permit", "pk"),
}


def register() -> None:
    for kind, (model, page, key) in KINDS.items():
        refs.register_kind(kind, load=_loader(model), may_read=_may, url=_addresser(page, key))


def _loader(model: Any) -> Callable[[str], Any]:
    return lambda pk: model.objects.filter(pk=pk).first() if str(pk).isdigit() else None


def _may(actor: Any, row: Any) -> bool:
    if isinstance(row, Directive):
        return directives_for(actor).filter(pk=row.pk).exists()
    return may(actor, "equipment.read", row)


def _addresser(page: str, key: str) -> Callable[[Any], str]:
    return lambda row: reverse(page, args=[getattr(row, key)])
