"""How the platform finds a use of the fund by its reference, and who may read it and its papers."""

from django.urls import reverse

from gongzhi.core import refs
from gongzhi.funds.maintenance.models import FundUse
from gongzhi.funds.maintenance.queries import may_read_use


def register() -> None:
    refs.register_kind(
        "fund_use",
        load=lambda pk: FundUse.objects.select_related("estate").filter(pk=pk).first() if str(pk).isdigit() else None,
        may_read=lambda actor, use: may_read_use(actor, use),
        url=lambda use: reverse("funds:use", args=[use.pk]),
    )
