"""The maintenance funds of the demonstration: taken over, assessed anew, used in an emergency, waiting for a vote."""

from datetime import datetime, timedelta
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import xlsxwriter
import yaml
from django.core.files.uploadedfile import SimpleUploadedFile

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.days import ZONE
from gongzhi.core.money import FEN_PER_YUAN
from gongzhi.funds.common import services as purses
from gongzhi.funds.maintenance import queries
from gongzhi.funds.maintenance import services as fund
from gongzhi.funds.maintenance.models import FundUse
from gongzhi.funds.maintenance.words import PUBLISHED
from gongzhi.funds.revenue import services as revenue
from gongzhi.governance.bodies import services as bodies
from gongzhi.governance.bodies.queries.notices import committees_on
from gongzhi.governance.votes.models import Motion
from gongzhi.registry.models import Estate, Unit

if TYPE_CHECKING:
    from gongzhi.site.demo.loading import Stage

PLAN = Path(__file__).with_name("funds.yaml")
MORNING = "10:00"
LATER, YEAR = timedelta(days=1), timedelta(days=364)
HUNDRED = 100
BY = {"review": "zhujian", "advance": "lingdaoxiaozu", "settle": "lingdaoxiaozu", "verify": "jiedaoban"}
HALF, SHOWN_FOR = 2, timedelta(days=10)


def load(stage: "Stage") -> None:
    """After the accounts: people of the scene keep the funds."""
    plan = yaml.safe_load(PLAN.read_text(encoding="utf-8"))
    for row in plan["funds"]:
        _Fund(stage, row).run()
    for row in plan["revenue"]:
        _revenue(stage, row)


def _revenue(stage: "Stage", row: dict[str, Any]) -> None:
    """The common revenue of an estate, entered by its street."""
    estate = stage.estates[row["estate"]]
    begun = stage.moment(row["days"], MORNING)
    revenue.begin_revenue(estate, on=_day(begun), actor=Actor.of(stage.users["jiedao"], begun), now=begun)
    for one in row["contracts"]:
        revenue.register_contract(
            estate, source=one["source"], owned_by="owners", title=one["title"], payer=one["payer"],
            amount_fen=_fen(one["amount"]), from_on=_day(begun), to_on=_day(begun + YEAR), tariff_shown=one["shown"],
            actor=Actor.of(stage.users["jiedao"], begun), now=begun,
        )  # fmt: skip
    motion = Motion.objects.filter(vote__estate=estate, outcome="passed", vote__state__in=["final", "filed"]).last()
    for number, one in enumerate(row["items"]):
        at = stage.moment(one["days"], MORNING)
        given: dict[str, Any] = {"amount_fen": _fen(one["amount"]), "on": _day(at), "text": one["text"]}
        by: dict[str, Any] = {"key": f"demo-{number}", "actor": Actor.of(stage.users["jiedao"], at), "now": at}
        if "source" in one:
            revenue.receive(estate, given=revenue.Income(source=one["source"], **given), **by)
            continue
        upload = SimpleUploadedFile("发票.txt", f"示范材料：发票（{one['text']}）\n".encode())
        voucher = core.store_file(upload, owner=estate.ref, actor=stage.director, now=at) if one["voucher"] else None
        expense = revenue.Expense(
            purpose=one["purpose"], upkeep=one.get("upkeep", ""), voucher=voucher,
            motion=motion if one.get("decided") else None, **given,
        )  # fmt: skip
        revenue.spend(estate, given=expense, **by)
    first, last = (stage.moment(days, MORNING) for days in row["publish"])
    shown = last + LATER
    statement = revenue.publish(
        estate, from_on=_day(first), to_on=_day(last), actor=Actor.of(stage.users["jiedao"], shown), now=shown
    )
    for committee in committees_on(estate, _day(shown)):
        bodies.show_notice(
            committee, kind="revenue", title="公共收益收支公告", until_on=_day(stage.now + SHOWN_FOR),
            text=f"{statement}已核对，明细和凭证在平台上看。\n有疑问的请在公示期内提出。", about=statement.ref.key,
            actor=Actor.of(stage.users["yeweihui"], shown), now=shown,
        )  # fmt: skip


class _Fund:
    """One estate's fund, by the commands that everybody uses, on their days."""

    def __init__(self, stage: "Stage", row: dict[str, Any]) -> None:
        self.stage, self.row = stage, row
        self.estate: Estate = stage.estates[row["estate"]]
        self.units = list(
            Unit.objects.filter(building__estate=self.estate).exclude(use="parking").select_related("building__estate")
        )

    def by(self, name: str, at: datetime) -> Actor:
        return Actor.of(self.stage.users[name], at)

    def run(self) -> None:
        at = self.stage.moment(self.row["days"], MORNING)
        if "rate" in self.row:
            self.assessed(at)
        else:
            self.taken_over(at)
        for days, amount in self.row.get("interest", ()):
            moment = self.stage.moment(days, MORNING)
            fund.add_interest(
                self.estate, amount_fen=_fen(amount), on=_day(moment), reference=f"LX{days}", key=f"demo-{days}",
                actor=self.by("zhujian", moment), now=moment,
            )  # fmt: skip
        if "account" in self.row:
            self.bank(at)
        for one in self.row["uses"]:
            self.use(one)
        fund.watch_renewal(self.estate, now=self.stage.moment(30, MORNING))

    def taken_over(self, at: datetime) -> None:
        chance = Random(self.row["days"])  # noqa: S311 - a demonstration, not a secret
        rows = []
        for unit in self.units:
            first = int(unit.exclusive_area_m2 * Decimal(self.row["first_per_m2"]) * FEN_PER_YUAN)
            share = self.row["left"] - self.row["more"] + chance.randrange(self.row["more"] * HALF)
            rows.append(fund.TakenOver(unit, first, first, first * share // HUNDRED))
        fund.take_over(self.estate, rows=rows, on=_day(at), actor=self.by("zhujian", at), now=at)

    def assessed(self, at: datetime) -> None:
        for name in ("deposit_rate", "deposit_rate_elevator", "deposit_rate_other"):
            core.set_switch(
                place=self.stage.county, pack="national", name=name, value=self.row["rate"], from_on=_day(at),
                actor=self.stage.director, reason="示范标准", now=at,
            )  # fmt: skip
        actor = self.by("zhujian", at)
        for place, due in enumerate(fund.assess_first(self.estate, actor=actor, now=at)):
            if place * HUNDRED < self.row["paid"] * len(self.units):
                fund.receive_deposit(
                    due.unit, purpose="first", payer="owner", amount_fen=due.amount_fen, paid_on=_day(at),
                    reference=f"JC{due.unit_id}", key=f"demo-{due.unit_id}", actor=actor, now=at,
                )  # fmt: skip

    def bank(self, at: datetime) -> None:
        given = purses.AccountInput(
            purse="maintenance_fund", manager="bureau", holder="维修资金专户", from_on=_day(at), **self.row["account"]
        )
        actor = self.by("zhujian", at)
        account = purses.register_account(self.estate, given=given, actor=actor, now=at)
        days = self.row.get("statement")
        if days is None:
            return
        moment = self.stage.moment(days, MORNING) + LATER
        moved = queries.fund(self.estate, _day(moment))
        lines: list[tuple[Any, ...]] = [
            ("交易日期", "贷方发生额", "借方发生额", "账户余额", "流水号", "对方户名", "摘要")
        ]
        total = moved.opening_fen
        lines.append((_day(at).isoformat(), total / HUNDRED, "", total / HUNDRED, "ZH1", "原专户", "接管划转"))
        for number, (passed, amount) in enumerate(self.row["interest"], start=2):
            total += _fen(amount)
            on = _day(self.stage.moment(passed, MORNING)).isoformat()
            lines.append((on, float(amount), "", total / HUNDRED, f"ZH{number}", "某某银行", "结息"))
        content = _sheet(lines)
        file = core.store_file(
            SimpleUploadedFile("对账单.xlsx", content), owner=account.ref, actor=self.by("zhujian", moment), now=moment
        )
        purses.import_statement(
            account, file=file, content=content, columns={}, actor=self.by("zhujian", moment), now=moment
        )

    def paper(self, name: str, at: datetime) -> Any:
        upload = SimpleUploadedFile(f"{name}.txt", f"示范材料：{name}（{self.estate.name}）\n".encode())
        return core.store_file(upload, owner=self.estate.ref, actor=self.stage.director, now=at)

    def use(self, row: dict[str, Any]) -> None:
        at = self.stage.moment(row["days"], MORNING)
        proposal = fund.Proposal(
            title=row["title"], matter=row["matter"], work="repair", path=row["path"], part=row["part"],
            common_part=True, estimate_fen=_fen(row["estimate"]), applicant_role="owners_committee",
            buildings=[one for one in self.estate.buildings.all() if one.name in row.get("buildings", ())],
            evidence=[self.paper("现场照片", at)] if row["path"] == "emergency" else [],
        )  # fmt: skip
        use = fund.propose_use(self.estate, given=proposal, actor=self.by("jiedao", at), now=at)
        while (step := queries.next_step(use)) is not None:
            at += LATER
            use = self.take(use, step, row, at)
            if step == row["until"]:
                return

    def take(self, use: FundUse, step: str, row: dict[str, Any], at: datetime) -> FundUse:
        actor = self.by(BY.get(step, "jiedao"), at)
        if step in ("advance", "settle"):
            fund.pay(
                use, step=step, amount_fen=use.estimate_fen // HALF if step == "advance" else None,
                payee=row["contractor"], paid_on=_day(at), invoice=self.paper("发票", at), actor=actor, now=at,
            )  # fmt: skip
            use.refresh_from_db()
            return use
        given: dict[str, Any] = {"on": _day(at)}
        if step == "apply":
            names = ("现场证据", "维修方案和预算", "核实证明")
            given["papers"] = [(name, self.paper(name, at)) for name in names]
        if step == "accept":
            given["settled_fen"] = _fen(row["settled"])
        if step == "publish":
            given["shown"] = {name: self.paper(title, at) for name, title in PUBLISHED.items()}
        return fund.take_step(use, step=step, given=fund.Taking(**given), actor=actor, now=at)


def _fen(yuan: str) -> int:
    return int(Decimal(yuan) * FEN_PER_YUAN)


def _day(at: datetime) -> Any:
    return at.astimezone(ZONE).date()


def _sheet(rows: list[tuple[Any, ...]]) -> bytes:
    target = BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True})
    page = book.add_worksheet()
    for number, row in enumerate(rows):
        page.write_row(number, 0, row)
    book.close()
    return target.getvalue()
