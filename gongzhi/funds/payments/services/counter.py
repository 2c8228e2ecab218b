"""收款 at the counter: cash, a card, a transfer that the clerk has seen. Two clerks never take the same bill twice."""

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.funds.charges import services as charges
from gongzhi.funds.charges.models import Bill, Settlement
from gongzhi.funds.charges.queries import OfProject, owed_fen
from gongzhi.funds.payments.models import PayOrder, Receipt
from gongzhi.funds.payments.services.receipts import issue_receipt
from gongzhi.funds.payments.words import COUNTER
from gongzhi.registry.models import Project, Unit


@transaction.atomic
def take_at_counter(
    unit: Unit,
    *,
    project: Project,
    bills: Sequence[Bill],
    amount_fen: int,
    channel: str,
    on: date,
    reference: str = "",
    keep_rest: bool = False,
    key: str,
    actor: Actor,
    now: datetime,
) -> Receipt:
    """The receipt. `keep_rest`: what the bills do not need is paid in advance; else it is refused (`overpaid`).

    Phone orders of these bills that are open are closed; what is paid by them all the same is kept in advance.
    """
    core.require(actor, "payment.take", OfProject(project))
    if channel not in COUNTER:
        raise Refused("channel", "请选收款方式。", fields={"channel": "请选收款方式"})
    if channel != "cash" and not reference.strip():
        raise Refused(
            "reference_missing", "刷卡、转账要填流水号，对账时用。", fields={"reference": "请填POS参考号或银行流水号"}
        )
    rows = list(Bill.objects.select_for_update(of=("self",)).filter(pk__in=[one.pk for one in bills]).order_by("pk"))
    if any((row.unit_id, row.project_id) != (unit.pk, project.pk) for row in rows):
        raise Refused("mixed_bills", "选的账单不是这套房屋的。", fields={"bills": "请重新选"})
    before = Settlement.objects.filter(key=_key(key)).first()
    if before is None and not keep_rest:
        owed = owed_fen(rows, on)
        if amount_fen > owed:
            raise Refused(
                "overpaid",
                f"这些账单现在只差{core.yuan(owed)}元（可能别的窗口或手机刚缴过），"
                f"多出的{core.yuan(amount_fen - owed)}元请退还缴款人，或勾选“余款留作预存”。",
                fields={"amount_fen": f"最多{core.yuan(owed)}"},
            )
    by_due = sorted(rows, key=lambda one: (one.due_on, one.pk))
    settlement = charges.settle(
        by_due, amount_fen=amount_fen, channel=channel, key=_key(key), on=on, actor=actor, now=now, unit=unit,
        project=project, reference=reference.strip(), keep_if_paid=keep_rest,
    )  # fmt: skip
    PayOrder.objects.filter(state="open", lines__bill__in=[row.pk for row in rows]).update(
        state="closing", looked_at=None
    )
    return issue_receipt(settlement, actor=actor, now=now)


def _key(key: str) -> str:
    return f"counter:{key}"
