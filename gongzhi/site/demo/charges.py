"""Service charges of the demonstration: prices, monthly runs, most of it paid; a disputed unit, one that is pressed."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.files import keep
from gongzhi.core.money import FEN_PER_YUAN
from gongzhi.funds.charges import services as charges
from gongzhi.funds.charges.models import Bill, Tariff
from gongzhi.funds.charges.queries.arrears import debtor
from gongzhi.funds.charges.queries.planning import month_after
from gongzhi.registry.models import Ownership, Project, Unit

if TYPE_CHECKING:
    from gongzhi.site.demo.loading import Stage

PLAN = Path(__file__).with_name("charges.yaml")
MORNING = "09:10"
ISSUED_ON_DAY, FIRST_PAID, PAID_OVER = 5, 2, 15
PLAIN = "text/plain; charset=utf-8"
DAY = timedelta(days=1)


def load(stage: "Stage") -> None:
    _Charges(stage, yaml.safe_load(PLAN.read_text(encoding="utf-8"))).run()


class _Charges:
    """One project's charges, by the commands that everybody uses, on their days."""

    def __init__(self, stage: "Stage", plan: dict[str, Any]) -> None:
        self.stage, self.plan = stage, plan
        self.today = core.local_day(stage.now)
        estate = stage.estates[plan["estate"]]
        self.project = Project.objects.select_related("estate", "company").get(estate=estate, to_on=None)
        owned = Ownership.objects.filter(to_on=None, unit__building__estate=estate).exclude(unit__use="parking")
        rows = Unit.objects.filter(pk__in=owned.values("unit")).select_related("building__estate")
        self.units = list(rows.order_by("pk"))
        self.unpaid = {self.units[number].pk: since for number, since in plan["unpaid"]}
        self.tariffs: list[Tariff] = []

    def by(self, at: datetime) -> Actor:
        return Actor.of(self.stage.users[self.plan["by"]], at)

    def on(self, day: date) -> datetime:
        return self.stage.moment((self.today - day).days, MORNING)

    def run(self) -> None:
        self.agreed()
        self.own()
        for months in self.plan["months"]:
            first = month_after(self.today.replace(day=1), -months)
            issued = month_after(first).replace(day=ISSUED_ON_DAY)
            if issued < self.today:
                self.billed(first, issued, months)
        self.disputed()
        self.pressed()
        self.changing()

    def agreed(self) -> None:
        given = dict(self.plan["terms"])
        at = self.stage.moment(given.pop("days"), MORNING)
        since = core.local_day(at)
        given["late_rate"] = Decimal(given["late_rate"])
        charges.set_terms(self.project, actor=self.by(at), now=at, from_on=since, **given)
        for row in self.plan["tariffs"]:
            price = Decimal(row["price"])
            tariff = charges.TariffInput(**{**row, "price": price}, price_kind="market", every=1, from_on=since)
            self.tariffs.append(charges.register_tariff(self.project, given=tariff, actor=self.by(at), now=at))

    def own(self) -> None:
        """Parking places and rebates, from the first run on."""
        first = month_after(self.today.replace(day=1), -max(self.plan["months"]))
        at = self.on(first)
        given: dict[str, Any] = {"from_on": first, "to_on": None, "actor": self.by(at), "now": at}
        place = next(one for one in self.tariffs if one.basis == "item")
        for number, text in self.plan["parking"]:
            charges.have_item(self.units[number], tariff=place, quantity=Decimal(1), text=text, **given)
        for number, ratio, text in self.plan["rebates"]:
            charges.give_rebate(self.units[number], project=self.project, ratio=Decimal(ratio), text=text, **given)

    def billed(self, first: date, issued: date, months: int) -> None:
        at = self.on(issued)
        given = dict(self.plan["shared"])
        charges.share_cost(
            self.project, kind=given["kind"], by=given["by"], amount_fen=_fen(given["amount"]), from_on=first,
            to_on=month_after(first) - DAY, building=None, voucher=None, actor=self.by(at), now=at,
        )  # fmt: skip
        run = charges.begin_run(self.project, every=1, from_on=first, issued_on=issued, actor=self.by(at), now=at)
        charges.go_on(run, now=at)
        for number, bill in enumerate(Bill.objects.filter(run=run).select_related("unit__building").order_by("unit")):
            paid_on = issued + timedelta(days=FIRST_PAID + number % PAID_OVER)
            since = self.unpaid.get(bill.unit_id)
            if paid_on < self.today and (since is None or months > since):
                charges.settle(
                    [bill], amount_fen=bill.amount_fen, channel="withheld", key=f"demo-run-{bill.pk}", on=paid_on,
                    reference=f"DK{bill.pk:06d}", actor=self.by(self.on(paid_on)), now=self.on(paid_on),
                )  # fmt: skip

    def disputed(self) -> None:
        unit = self.units[self.plan["disputed"]]
        title = Ownership.objects.get(unit=unit, to_on=None)
        at = self.stage.moment(9, MORNING)
        opinion = charges.hear(
            unit, project=self.project, ownership=title, text=self.plan["owner_opinion"], actor=self.by(at), now=at
        )
        judged = self.stage.moment(4, MORNING)
        charges.judge(opinion, reasonable=True, reply="", version=None, actor=self.by(judged), now=judged)

    def pressed(self) -> None:
        """Asked in writing, then the committee is asked to help."""
        given = self.plan["demanded"]
        unit, at = self.units[given["unit"]], self.stage.moment(given["days"], MORNING)
        title = Ownership.objects.get(unit=unit, to_on=None)
        found = debtor(self.project, unit, title, on=core.local_day(at))
        if found is None:
            return  # early in a month the last bill is not due yet
        charges.demand(found, project=self.project, how=given["how"], actor=self.by(at), now=at)
        later = self.stage.moment(given["days"] - 2, MORNING)
        charges.ask_help(found, project=self.project, kind="committee", actor=self.by(later), now=later)

    def changing(self) -> None:
        """A change of price that was proposed and still needs its steps."""
        given = self.plan["change"]
        at = self.stage.moment(given["days"], MORNING)
        row = self.tariffs[0]
        evidence = keep(
            "成本测算（示范）".encode(),
            name="成本测算.txt",
            content_type=PLAIN,
            owner=row.ref,
            actor=self.by(at),
            now=at,
        )
        charges.propose_change(
            row, new_price=Decimal(given["price"]), reason=given["reason"], evidence=evidence, report=None,
            actor=self.by(at), now=at,
        )  # fmt: skip


def _fen(yuan: str) -> int:
    return int(Decimal(yuan) * FEN_PER_YUAN)
