"""How the platform finds a procedure, a contract, a remark by its reference, and who may read it."""

from typing import Any

from django.urls import reverse

from gongzhi.contracts.models import Procedure, Remark, ServiceContract
from gongzhi.core import refs
from gongzhi.core.rights import may


def _load(model: Any, pk: str) -> Any:
    return model.objects.select_related("estate").filter(pk=pk).first() if str(pk).isdigit() else None


def _may(actor: Any, row: Any) -> bool:
    return may(actor, "contracts.read", row)


def register() -> None:
    refs.register_kind(
        "procedure",
        load=lambda pk: _load(Procedure, pk),
        may_read=_may,
        url=lambda row: reverse("contracts:procedure", args=[row.pk]),
    )
    refs.register_kind(
        "service_contract",
        load=lambda pk: _load(ServiceContract, pk),
        may_read=_may,
        url=lambda row: reverse("contracts:contract", args=[row.pk]),
    )
    refs.register_kind(
        "contract_remark",
        load=lambda pk: _load(Remark, pk),
        may_read=_may,
        url=lambda row: reverse("contracts:remarks"),
    )
