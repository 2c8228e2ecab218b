"""How the platform finds rows of service charges by their references, and who may read their files."""

from typing import Any

from django.urls import reverse

from gongzhi.core import refs
from gongzhi.core.actors import Actor
from gongzhi.core.rights import may
from gongzhi.funds.charges.models import (
    ArrearsHandover,
    ArrearsHelp,
    ArrearsOpinion,
    ArrearsRecourse,
    Bill,
    BillingRun,
    Clearance,
    Demand,
    GuidePrice,
    PriceChange,
    PriceFinding,
    PriceInspection,
    Settlement,
    Tariff,
)
from gongzhi.funds.charges.queries.accounts import may_read, may_read_unit

# Rows of a whole project: the way to it, and the page. Who reads the project's charges reads them.
OF_PROJECT: dict[str, tuple[Any, str, str]] = {
    "tariff": (Tariff, "project", "funds:tariff"),
    "price_change": (PriceChange, "tariff.project", "funds:price_change"),
    "billing_run": (BillingRun, "project", "funds:billing_run"),
    "arrears_handover": (ArrearsHandover, "from_project", "funds:handover"),
}
# Rows of one unit: whoever may see that unit's account. Without a page of their own they lie on the account.
OF_UNIT: dict[str, tuple[Any, str]] = {
    "bill": (Bill, "funds:bill"),
    "settlement": (Settlement, ""),
    "demand": (Demand, ""),
    "arrears_opinion": (ArrearsOpinion, ""),
    "arrears_recourse": (ArrearsRecourse, ""),
    "clearance": (Clearance, "funds:clearance"),
}


def register() -> None:
    for kind, (model, way, page) in OF_PROJECT.items():
        refs.register_kind(kind, load=_loader(model, way), may_read=_reader(way), url=_page(page))
    for kind, (model, page) in OF_UNIT.items():
        url = _page(page) if page else _account
        refs.register_kind(kind, load=_loader(model, "project", "unit__building__estate"), may_read=_of_unit, url=url)
    refs.register_kind(
        "arrears_help", load=_loader(ArrearsHelp, "project", "unit__building__estate"), may_read=_helper,
        url=lambda row: f"{reverse('funds:helps')}?jian={row.pk}",
    )  # fmt: skip
    refs.register_kind(
        "guide_price", load=_loader(GuidePrice), may_read=_guide,
        url=lambda row: reverse("funds:guide_prices"),
    )  # fmt: skip
    refs.register_kind(
        "price_inspection", load=_loader(PriceInspection), may_read=lambda actor, row: may(actor, "price.inspect", row),
        url=lambda row: reverse("funds:price_checks"),
    )  # fmt: skip
    refs.register_kind(
        "price_finding", load=_loader(PriceFinding, "project"), may_read=_finding,
        url=lambda row: reverse("funds:charges_project", args=[row.project_id]),
    )  # fmt: skip


def _guide(actor: Actor, row: GuidePrice) -> bool:
    return row.state == "published" or may(actor, "price.sign", row) or may(actor, "price.guide", row)


def _finding(actor: Actor, row: PriceFinding) -> bool:
    return may(actor, "price.inspect", row) or may_read(actor, row.project)


def _loader(model: Any, way: str = "", *more: str) -> Any:
    related = [*([f"{way.replace('.', '__')}__estate"] if way else []), *more]
    rows = model.objects.select_related(*related) if related else model.objects
    return lambda pk: rows.filter(pk=pk).first() if str(pk).isdigit() else None


def _reader(way: str) -> Any:
    def readable(actor: Actor, row: Any) -> bool:
        for name in way.split("."):
            row = getattr(row, name)
        return may_read(actor, row)

    return readable


def _of_unit(actor: Actor, row: Any) -> bool:
    return may_read_unit(actor, row.project, row.unit)


def _helper(actor: Actor, row: ArrearsHelp) -> bool:
    """Who was asked to help sees that it waits, and nothing of the account."""
    return (actor.role == row.role and may(actor, "fee.help", row)) or _of_unit(actor, row)


def _page(name: str) -> Any:
    return lambda row: reverse(name, args=[row.pk])


def _account(row: Any) -> str:
    return reverse("funds:charges_unit", args=[row.project_id, row.unit_id])
