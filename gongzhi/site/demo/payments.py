"""Payments of the demonstration: by stand-ins for the providers, at the counter, by the bank; a refund that waits."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.money import FEN_PER_YUAN
from gongzhi.funds.charges import services as charges
from gongzhi.funds.charges.models import Bill
from gongzhi.funds.payments import services as payments
from gongzhi.funds.payments.models import ChannelDay, PayChannel, Receipt
from gongzhi.registry.models import Ownership, Project, Unit

if TYPE_CHECKING:
    from gongzhi.site.demo.loading import Stage

PLAN = Path(__file__).with_name("payments.yaml")
MORNING, EVENING = "09:30", "19:40"
DAY = timedelta(days=1)
DUE_AFTER = timedelta(days=30)


def load(stage: "Stage") -> None:
    _Payments(stage, yaml.safe_load(PLAN.read_text(encoding="utf-8"))).run()


class _Payments:
    """One project's payments, by the commands that everybody uses, on their days."""

    def __init__(self, stage: "Stage", plan: dict[str, Any]) -> None:
        self.stage, self.plan = stage, plan
        estate = stage.estates[plan["estate"]]
        self.project = Project.objects.select_related("estate", "company").get(estate=estate, to_on=None)
        owned = Ownership.objects.filter(to_on=None, unit__building__estate=estate).exclude(unit__use="parking")
        rows = Unit.objects.filter(pk__in=owned.values("unit")).select_related("building__estate")
        self.units = list(rows.order_by("pk")[: plan["bill"]["units"]])
        self.bills: list[Bill] = []
        self.channels: dict[str, PayChannel] = {}

    def by(self, at: datetime) -> Actor:
        return Actor.of(self.stage.users[self.plan["by"]], at)

    def run(self) -> None:
        self.owner_can_be_found()
        begun = self.stage.moment(self.plan["begun"], MORNING)
        on = core.local_day(begun)
        for provider, merchant in self.plan["channels"].items():
            self.channels[provider] = payments.register_channel(
                self.project, provider=provider, merchant=merchant, app="shifan", keys={}, from_on=on,
                actor=self.stage.director, now=begun, stand_in=True,
            )  # fmt: skip
        self.billed()
        for number, days, how in self.plan["paid"]:
            self.paid(number, days, how)
        self.paid_twice()
        self.voided()
        self.deducted()
        self.reconciled()
        self.refund_asked()

    def owner_can_be_found(self) -> None:
        """The account of the scene's owner has the number of the first unit's owner."""
        share = Ownership.objects.get(unit=self.units[0], to_on=None).shares.select_related("owner").first()
        user = self.stage.users[self.plan["owner"]]
        if share is not None:
            user.set_phone(core.opened(share.owner, "phone"))
            user.save(update_fields=["phone_cipher", "phone_hash"])

    def billed(self) -> None:
        given = self.plan["bill"]
        at = self.stage.moment(given["days"], MORNING)
        on, fen = core.local_day(at), _fen(given["amount"])
        for unit in self.units:
            items = [charges.Item("parking", given["text"], fen)]
            self.bills.append(
                charges.bill_once(
                    unit, project=self.project, items=items, from_on=on.replace(day=1), to_on=on + 3 * DUE_AFTER,
                    due_on=on + DUE_AFTER, key=f"demo-{unit.pk}", actor=self.by(at), now=at,
                )
            )  # fmt: skip

    def paid(self, number: int, days: int, how: str) -> None:
        bill = self.bills[number]
        at = self.stage.moment(days, EVENING if how in self.channels else MORNING)
        if how in self.channels:
            order = payments.open_order(
                [bill], channel=self.channels[how], way="native", actor=self.by(at), now=at - timedelta(minutes=2)
            )
            payments.pretend_paid(order, now=at)
            return
        self.counter(bill, at, how, "" if how == "cash" else f"SF{number:04d}")

    def counter(self, bill: Bill, at: datetime, how: str, reference: str) -> None:
        payments.take_at_counter(
            bill.unit, project=self.project, bills=[bill], amount_fen=bill.amount_fen, channel=how,
            on=core.local_day(at), reference=reference, key=f"demo-{bill.pk}", actor=self.by(at), now=at,
        )  # fmt: skip

    def paid_twice(self) -> None:
        """Ordered on the phone, paid at the counter, then paid on the phone all the same: kept in advance, noted."""
        number, days = self.plan["twice"]
        bill, at = self.bills[number], self.stage.moment(days, MORNING)
        order = payments.open_order(
            [bill], channel=self.channels["wechat"], way="native", actor=self.by(at), now=at - timedelta(minutes=9)
        )
        self.counter(bill, at, "cash", "")
        payments.pretend_paid(order, now=at + timedelta(minutes=3))

    def voided(self) -> None:
        number, days, reason = self.plan["void"]
        at = self.stage.moment(days, MORNING)
        receipt = Receipt.objects.get(settlement__allocations__bill=self.bills[number], voided_at=None)
        payments.void_receipt(receipt, reason=reason, again=True, version=None, actor=self.by(at), now=at)

    def deducted(self) -> None:
        at = self.stage.moment(2, MORNING)
        for number in self.plan["mandates"]:
            payments.begin_mandate(
                self.units[number], project=self.project, bank="某某银行", agreement=f"SF-{number:03d}",
                holder="示范业主",
                account=f"62220000000000{number:02d}", from_on=core.local_day(at), actor=self.by(at), now=at,
            )  # fmt: skip
        payments.make_batch(self.project, actor=self.by(at), now=at)

    def reconciled(self) -> None:
        """The bills of all days up to yesterday; the older ones have come to the bank."""
        last = core.local_day(self.stage.now) - DAY
        for channel in self.channels.values():
            on = channel.from_on
            while on <= last:
                at = self.stage.moment((core.local_day(self.stage.now) - on).days - 1, MORNING)
                self.reconcile(channel, on, at)
                on += DAY

    def reconcile(self, channel: PayChannel, on: date, at: datetime) -> None:
        day: ChannelDay = payments.fetch_day(channel, on=on, actor=self.stage.director, now=at)
        old = core.local_day(self.stage.now) - timedelta(days=self.plan["transferred_until"])
        if day.net_fen and on < old:
            payments.book_transfer(day, arrived_on=on + DAY, version=None, actor=self.stage.director, now=at)

    def refund_asked(self) -> None:
        given = self.plan["refund"]
        at = self.stage.moment(given["days"], MORNING)
        settlement = self.bills[given["unit"]].allocations.select_related("settlement").get().settlement
        payments.ask_refund(
            settlement, amount_fen=_fen(given["amount"]), how="back", reason=given["reason"], actor=self.by(at), now=at
        )


def _fen(yuan: str) -> int:
    return int(Decimal(yuan) * FEN_PER_YUAN)
