"""How the platform finds a use of the fund by its reference, and who may read it and its papers."""

from django.urls import reverse

from gongzhi.core import refs
from gongzhi.core.rights import may
from gongzhi.funds.common.queries import OfEstate
from gongzhi.funds.maintenance.models import FundUse, OwnersPlan, RepairReport
from gongzhi.funds.maintenance.queries import may_read_use


def _plan(pk: str) -> OwnersPlan | None:
    rows = OwnersPlan.objects.select_related("estate")
    return rows.filter(pk=pk).first() if str(pk).isdigit() else None


def _report(pk: str) -> RepairReport | None:
    rows = RepairReport.objects.select_related("estate")
    return rows.filter(pk=pk).first() if str(pk).isdigit() else None


def register() -> None:
    refs.register_kind(
        "fund_use",
        load=lambda pk: FundUse.objects.select_related("estate").filter(pk=pk).first() if str(pk).isdigit() else None,
        may_read=lambda actor, use: may_read_use(actor, use),
        url=lambda use: reverse("funds:use", args=[use.pk]),
    )
    refs.register_kind(
        "repair_report",
        load=_report,
        may_read=lambda actor, row: may(actor, "repair.judge", OfEstate(row.estate)),
        url=lambda row: reverse("funds:repair_report", args=[row.pk]),
    )
    refs.register_kind(
        "owners_plan",
        load=_plan,
        may_read=lambda actor, plan: may(actor, "fund.read", OfEstate(plan.estate)),
        url=lambda plan: f"{reverse('funds:estate', args=[plan.estate_id])}#h-plans",
    )
