"""How the platform finds a claim, an expense, a project by its reference, and who may read it."""

from django.urls import reverse

from gongzhi.core import refs
from gongzhi.core.rights import may
from gongzhi.funds.public_money.models import Claim, PublicExpense, PublicProject
from gongzhi.funds.public_money.queries import may_read_claim


def register() -> None:
    refs.register_kind(
        "subsidy_claim",
        load=lambda pk: Claim.objects.select_related("estate").filter(pk=pk).first() if str(pk).isdigit() else None,
        may_read=lambda actor, row: may_read_claim(actor, row),
        url=lambda row: reverse("funds:claim", args=[row.pk]),
    )
    refs.register_kind(
        "public_expense",
        load=lambda pk: PublicExpense.objects.filter(pk=pk).first() if str(pk).isdigit() else None,
        may_read=lambda actor, row: may(actor, "money.read", row),
        url=lambda row: reverse("funds:expense", args=[row.pk]),
    )
    refs.register_kind(
        "public_project",
        load=lambda pk: PublicProject.objects.filter(pk=pk).first() if str(pk).isdigit() else None,
        may_read=lambda actor, row: may(actor, "money.read", row),
        url=lambda row: reverse("funds:project", args=[row.pk]),
    )
