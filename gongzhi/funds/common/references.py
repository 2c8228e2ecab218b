"""How the platform finds an account at the bank by its reference, and who may read its statements."""

from django.urls import reverse

from gongzhi.core import refs
from gongzhi.core.rights import may
from gongzhi.funds.common.models import SupervisedAccount
from gongzhi.funds.common.queries import OfEstate


def register() -> None:
    refs.register_kind(
        "bank_account",
        load=lambda pk: (
            SupervisedAccount.objects.select_related("estate").filter(pk=pk).first() if str(pk).isdigit() else None
        ),
        may_read=lambda actor, row: may(actor, "fund.read_units", OfEstate(row.estate)),
        url=lambda row: reverse("funds:bank", args=[row.pk]),
    )
