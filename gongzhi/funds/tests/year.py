"""A year of an estate of a thousand homes, told month by month through the services that the pages call."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from gongzhi.core import services as core
from gongzhi.core.tests.cast import Cast
from gongzhi.funds.charges import services as charges
from gongzhi.funds.charges.models import Bill
from gongzhi.funds.charges.tests.charged import manager, project_of, tariff, terms
from gongzhi.funds.common import services as purses
from gongzhi.funds.common.models import SupervisedAccount
from gongzhi.funds.common.queries import book_of
from gongzhi.funds.maintenance import queries as fund_queries
from gongzhi.funds.maintenance import services as fund
from gongzhi.funds.maintenance.models import FundUse
from gongzhi.funds.maintenance.tests.fund import committee, day, decided, file, pay, proposed, rate, step
from gongzhi.funds.public_money.models import Claim
from gongzhi.funds.public_money.tests.money import asked, budget, known, took
from gongzhi.funds.revenue import services as revenue
from gongzhi.ledger import services as ledger
from gongzhi.ledger.models import Book, Posting
from gongzhi.registry.models import Building, Project, Unit

YEAR = 2023
FIRST = date(YEAR, 1, 1)
BUILDINGS, EACH, SHOPS, NEW = 10, 100, 20, 100
PURSES = ("maintenance_fund", "common_revenue", "service_charges")
HEAD = "交易日期,贷方发生额,借方发生额,账户余额,流水号,摘要"


def last_of(month: int) -> date:
    return date(YEAR + month // 12, month % 12 + 1, 1) - timedelta(days=1)


@dataclass
class Year:
    """The estate and where its year has come to. `cast.now` is the moment; it only goes forward."""

    cast: Cast
    homes: list[Unit] = field(default_factory=list)
    shops: list[Unit] = field(default_factory=list)
    new: list[Unit] = field(default_factory=list)
    accounts: dict[str, SupervisedAccount] = field(default_factory=dict)
    bank: dict[str, int] = field(default_factory=dict)
    told_until: dict[str, date] = field(default_factory=dict)

    # -- time ---------------------------------------------------------------------------------------------------------
    def at(self, month: int, day_of_month: int) -> date:
        self.cast.now = day(f"{YEAR + (month - 1) // 12}-{(month - 1) % 12 + 1:02}-{day_of_month:02}")
        return self.cast.now.date()

    @property
    def on(self) -> date:
        return self.cast.now.date()

    @property
    def now(self) -> datetime:
        return self.cast.now

    @property
    def estate(self) -> Any:
        return self.cast.estate

    def by(self, role: str) -> Any:
        return self.cast.actor(role)

    def book(self, purse: str) -> Book:
        found = book_of(self.estate, purse)
        assert found is not None
        return found

    # -- January ------------------------------------------------------------------------------------------------------
    def begin(self) -> None:
        self.at(1, 2)
        self._built()
        known(self.cast, self.estate, open_estate=True)
        Project.objects.filter(estate=self.estate).update(from_on=FIRST)
        type(self.estate).objects.filter(pk=self.estate.pk).update(building_area_m2=Decimal("120000"))
        self.estate.refresh_from_db()
        committee(self.cast)
        rows = [fund.TakenOver(one, 960_000, 960_000, 700_000) for one in (*self.homes, *self.shops)]
        fund.take_over(self.estate, rows=rows, on=self.on, actor=self.by("housing"), now=self.now)
        revenue.begin_revenue(self.estate, on=self.on, actor=self.by("street_office"), now=self.now)
        for number, purse in enumerate(PURSES, start=1):
            given = purses.AccountInput(
                purse=purse, manager="company" if purse == "service_charges" else "bureau", bank="某某银行",
                holder="住房和城乡建设局", number=f"6222000{number}", from_on=self.on, contract_clause="第三条",
            )  # fmt: skip
            self.accounts[purse] = purses.register_account(
                self.estate, given=given, actor=self.by("housing"), now=self.now
            )
            self.bank[purse] = 0
        terms(self.cast)
        tariff(self.cast, "1.50", every=12, use="residence", since=FIRST)
        self.parked(tariff(self.cast, "120", every=3, fee="parking", basis="item", title="地下车位", since=FIRST))
        tariff(self.cast, "3.20", every=1, use="shop", since=FIRST, title="商铺物业费")

    def _built(self) -> None:
        for n in range(1, BUILDINGS + 1):
            Building.objects.get_or_create(estate=self.estate, name=f"{n}幢")
        buildings = [Building.objects.get(estate=self.estate, name=f"{n}幢") for n in range(1, BUILDINGS + 1)]
        first = buildings[0]
        made = Unit.objects.bulk_create(
            Unit(
                building=building, name=f"{n:03}室", use="shop" if building is first and n <= SHOPS else "residence",
                exclusive_area_m2=Decimal(6000 + (7919 * (number * EACH + n)) % 9000) / 100, area_source="register",
                area_from_on=FIRST,
            )
            for number, building in enumerate(buildings)
            for n in range(1, EACH + 1)
        )  # fmt: skip
        last = buildings[-1].pk
        self.new = [one for one in made if one.building_id == last]
        self.shops = [one for one in made if one.use == "shop"]
        self.homes = [one for one in made if one.use != "shop" and one.building_id != last]

    def parked(self, place: Any) -> None:
        """Every owner of the new building has a parking place."""
        for unit in self.new:
            charges.have_item(
                unit, tariff=place, quantity=Decimal(1), text=f"B1-{unit.name}", from_on=FIRST, to_on=None,
                actor=manager(self.cast), now=self.now,
            )  # fmt: skip

    def new_building_pays_in(self) -> int:
        """The last building is handed over this year: its owners pay the first deposit, one by one. The sum, in 分."""
        rate(self.cast, "96")
        dues = fund.assess_first(self.estate, actor=self.by("housing"), now=self.now)
        for due in dues:
            fund.receive_deposit(
                due.unit, purpose="first", payer="owner", amount_fen=due.amount_fen, paid_on=self.on,
                reference=f"JC{due.unit_id}", key=f"first-{due.unit_id}", actor=self.by("housing"), now=self.now,
            )  # fmt: skip
        return sum(one.amount_fen for one in dues)

    # -- the fund is used ---------------------------------------------------------------------------------------------
    def repair(self, title: str, fen: int, building: str, *, last: str) -> FundUse:
        """The ordinary way: the owners' decision, notice, attestation, review, advance, up to a step."""
        where = Building.objects.get(estate=self.estate, name=building)
        use = proposed(self.cast, title=title, estimate_fen=fen, buildings=[where])
        return self.go_on(use, last, motion=decided(self.cast, fen=fen))

    def emergency(self, title: str, fen: int, building: str) -> FundUse:
        where = Building.objects.get(estate=self.estate, name=building)
        evidence = [file(self.cast, self.estate)]
        use = proposed(
            self.cast, title=title, estimate_fen=fen, buildings=[where], path="emergency", matter="elevator_stopped",
            evidence=evidence,
        )  # fmt: skip
        return self.go_on(use, "archive")

    def go_on(self, use: FundUse, last: str, **more: Any) -> FundUse:
        while (due := fund_queries.next_step(use)) is not None:
            if due in ("advance", "settle"):
                pay(self.cast, use, due, use.estimate_fen // 2 if due == "advance" else None)
                use.refresh_from_db()
            else:
                use = step(self.cast, use, due, **(more if due == "decide" else {}))
            if due == last:
                break
        return use

    def interest(self, fen: int) -> None:
        fund.add_interest(
            self.estate, amount_fen=fen, on=self.on, reference=f"ZX{self.on:%m}", key=f"{self.on:%m}",
            actor=self.by("housing"), now=self.now,
        )  # fmt: skip

    def use_count(self) -> int:
        return FundUse.objects.filter(estate=self.estate, state="closed").count()

    # -- common revenue -----------------------------------------------------------------------------------------------
    def earn(self) -> int:
        """The month's parking and, once a quarter, advertising. The sum, in 分."""
        got = [("parking", 1_234_567), *([("advertising", 900_001)] if self.on.month % 3 == 1 else [])]
        for source, fen in got:
            given = revenue.Income(source=source, amount_fen=fen, on=self.on, text=f"{self.on.month}月{source}")
            revenue.receive(
                self.estate, given=given, key=f"{source}-{self.on}", actor=self.by("street_office"), now=self.now
            )
        given = revenue.Expense(
            purpose="cost.operation", amount_fen=210_033, on=self.on, text=f"{self.on.month}月车位管理成本",
            voucher=file(self.cast, self.estate),
        )  # fmt: skip
        revenue.spend(self.estate, given=given, key=f"cost-{self.on}", actor=self.by("street_office"), now=self.now)
        return sum(fen for _, fen in got) - 210_033

    def share_into_fund(self, from_on: date, to_on: date, fen: int) -> Any:
        return revenue.supplement_fund(
            self.estate, amount_fen=fen, from_on=from_on, to_on=to_on, on=self.on, key=f"share-{to_on}",
            actor=self.by("street_office"), now=self.now,
        )  # fmt: skip

    def publisher(self) -> str:
        return "street_office"

    # -- service charges ----------------------------------------------------------------------------------------------
    def bill(self, every: int, month: int) -> Any:
        run = charges.begin_run(
            project_of(self.cast), every=every, from_on=date(YEAR, month, 1), issued_on=self.on,
            actor=manager(self.cast), now=self.now,
        )  # fmt: skip
        return charges.go_on(run, now=self.now)

    def collect(self, units: Sequence[Unit], channel: str, *, more_fen: int = 0) -> int:
        """Each of the units pays all that it owes and so much in advance. How many paid."""
        owed: dict[int, list[Bill]] = {}
        rows = Bill.objects.filter(unit__in=[one.pk for one in units], cancelled_on=None, settled_on=None)
        for one in rows.order_by("due_on", "pk"):
            owed.setdefault(one.unit_id, []).append(one)
        clerk = manager(self.cast)
        for unit, bills in owed.items():
            charges.settle(
                bills, amount_fen=sum(one.open_fen for one in bills) + more_fen, channel=channel,
                key=f"{channel}-{unit}-{self.on}", on=self.on, reference=f"SF{unit}{self.on:%m%d}", actor=clerk,
                now=self.now,
            )  # fmt: skip
        return len(owed)

    # -- public money -------------------------------------------------------------------------------------------------
    def subsidy(self, motion: Any) -> Claim:
        budget(self.cast, "2000000", item="subsidy")
        claim = asked(
            self.cast, "market_service", by="street_office", papers=("业主大会表决结果", "物业服务合同"), motion=motion,
            from_on=FIRST, to_on=date(YEAR, 6, 30),
        )  # fmt: skip
        for name in claim.steps:  # who asked does not verify
            claim = took(self.cast, claim, name, by="street_government" if name == "verify" else "")
        return claim

    # -- the bank and the closing of a month --------------------------------------------------------------------------
    def bank_tells(self, purse: str) -> Any:
        """The bank's own list of what moved since the last one, with its balances; matched by the platform."""
        account, book = self.accounts[purse], self.book(purse)
        since = self.told_until.get(purse, date.min)
        moved = list(self._moved(book, since))
        self.told_until[purse] = self.on
        if not moved:
            return None
        lines = [HEAD]
        for number, (on, fen, text) in enumerate(moved):
            self.bank[purse] += fen
            income, expense = (f"{fen / 100:.2f}", "") if fen > 0 else ("", f"{-fen / 100:.2f}")
            lines.append(
                f"{on},{income},{expense},{self.bank[purse] / 100:.2f},{self._number(text, on, number)},{text}"
            )
        content = "\n".join(lines).encode()
        kept = core.store_file(
            SimpleUploadedFile("对账单.txt", content), owner=account.ref, actor=self.by("housing"), now=self.now
        )
        kept.name = "对账单.csv"
        return purses.import_statement(
            account, file=kept, content=content, columns={}, actor=self.by("housing"), now=self.now
        )

    def _moved(self, book: Book, since: date) -> Iterator[tuple[date, int, str]]:
        rows = Posting.objects.filter(account__book=book, account__code="bank", booked_on__gt=since)
        for row in rows.select_related("entry").order_by("booked_on", "pk"):
            yield row.booked_on, row.amount_fen, row.entry.text.replace(",", " ")

    @staticmethod
    def _number(text: str, on: date, number: int) -> str:
        """The number that the clerk wrote into the books where there is one, else one of the bank's own."""
        word = text.split(" ")[-1]
        return word if word[:2] in ("JC", "SF") else f"YH{on:%Y%m%d}{number:04}"

    def close_month(self, month: int) -> None:
        for purse in PURSES:
            book = self.book(purse)
            book.refresh_from_db()
            ledger.close_period(
                book, until=last_of(month), version=book.version, actor=self.by("housing"), now=self.now
            )
