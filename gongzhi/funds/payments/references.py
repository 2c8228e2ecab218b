"""How the platform finds rows of payments by their references, and who may read their files."""

from typing import Any

from django.urls import reverse

from gongzhi.core import refs
from gongzhi.core.actors import Actor
from gongzhi.core.rights import may
from gongzhi.funds.charges.queries import OfProject
from gongzhi.funds.payments.models import (
    CashDeposit,
    ChannelDay,
    DeductionBatch,
    DeductionMandate,
    PayChannel,
    PayIssue,
    PayOrder,
    Receipt,
    RefundRequest,
)
from gongzhi.registry.models import Project

# Each kind of row with the way to its project.
PROJECTS: dict[str, tuple[Any, str]] = {
    "pay_channel": (PayChannel, "project"),
    "pay_order": (PayOrder, "channel.project"),
    "pay_issue": (PayIssue, "channel.project"),
    "refund_request": (RefundRequest, "settlement.project"),
    "receipt": (Receipt, "settlement.project"),
    "cash_deposit": (CashDeposit, "project"),
    "mandate": (DeductionMandate, "project"),
    "deduction_batch": (DeductionBatch, "project"),
    "channel_day": (ChannelDay, "channel.project"),
}


def register() -> None:
    for kind, (model, way) in PROJECTS.items():
        refs.register_kind(kind, load=_loader(model, way), may_read=_reader(way), url=_address(way))


def _loader(model: Any, way: str) -> Any:
    related = f"{way.replace('.', '__')}__estate"
    return lambda pk: model.objects.select_related(related).filter(pk=pk).first() if str(pk).isdigit() else None


def _project(row: Any, way: str) -> Project:
    for name in way.split("."):
        row = getattr(row, name)
    found: Project = row
    return found


def _reader(way: str) -> Any:
    def readable(actor: Actor, row: Any) -> bool:
        return may(actor, "payment.read", OfProject(_project(row, way)))

    return readable


def _address(way: str) -> Any:
    return lambda row: reverse("funds:cashier", args=[_project(row, way).pk])
