"""演示渠道: a provider that is none, for demonstrations alone. No money moves, nothing is called."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

from gongzhi.core.days import local_day
from gongzhi.funds.payments.models import PayChannel, PayOrder, RefundRequest
from gongzhi.funds.payments.providers import BillLine, Forged, Notice, Offered, RefundSeen, Seen, ToPay, ToRefund

RATE = Decimal("0.006")


class StandIn:
    def __init__(self, channel: PayChannel) -> None:
        self._channel = channel

    def prepay(self, asked: ToPay) -> Offered:
        return Offered(qr=asked.return_url)

    def look(self, number: str) -> Seen:
        """Paid when somebody pressed the button of the demonstration, which writes it at once."""
        order = PayOrder.objects.filter(number=number).first()
        return Seen(number, "waiting" if order is not None else "absent")

    def close(self, number: str) -> None:
        return None

    def paid(self, order: PayOrder, *, now: datetime) -> Seen:
        """What a provider would say after the button."""
        return Seen(
            order.number, "paid", order.amount_fen, f"YS{order.number}", now, self._channel.merchant, self._channel.app
        )

    def refund(self, asked: ToRefund) -> RefundSeen:
        return RefundSeen(
            asked.number, "done", asked.amount_fen, f"YS{asked.number}", asked.order, None, self._channel.merchant
        )

    def look_refund(self, number: str, *, order: str) -> RefundSeen:
        return RefundSeen(number, "absent", order=order)

    def notice(self, headers: Mapping[str, str], body: bytes, *, now: datetime) -> Notice | None:
        raise Forged("a stand-in sends nothing")

    def answer(self, *, taken: bool) -> tuple[int, str, str]:
        return 404, "text/plain; charset=utf-8", ""

    def bill(self, on: date) -> list[BillLine]:
        """What a provider's bill of that day would say: our own payments and refunds, with a fee."""
        orders = PayOrder.objects.filter(channel=self._channel, state="paid")
        found = [
            BillLine(one.transaction, one.number, "", one.amount_fen, _fee(one.amount_fen), one.paid_at)
            for one in orders
            if one.paid_at is not None and local_day(one.paid_at) == on
        ]
        refunds = RefundRequest.objects.filter(settlement__pay_order__channel=self._channel, state="done")
        for one in refunds.select_related("settlement__pay_order"):
            if one.done_at is not None and local_day(one.done_at) == on:
                order = one.settlement.pay_order
                found.append(
                    BillLine(
                        order.transaction, order.number, one.number, one.amount_fen, -_fee(one.amount_fen), one.done_at
                    )
                )
        return found


def _fee(fen: int) -> int:
    return int((fen * RATE).quantize(Decimal(1), ROUND_HALF_UP))
