"""The public money of the demonstration: budgets, claims at several steps, spending, a doubt, a repair plan."""

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml
from django.core.files.uploadedfile import SimpleUploadedFile

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.models import Place, StoredFile
from gongzhi.core.money import FEN_PER_YUAN
from gongzhi.core.refs import Ref
from gongzhi.funds.maintenance import services as fund
from gongzhi.funds.public_money import services as money
from gongzhi.funds.public_money.models import Budget, Claim
from gongzhi.funds.public_money.queries import scheme_at
from gongzhi.registry.services import record_fact

if TYPE_CHECKING:
    from gongzhi.site.demo.loading import Stage

PLAN = Path(__file__).with_name("public_money.yaml")
MORNING = "10:00"
BEGUN, PLANNED, NOTICED = 90, 30, 12
BY = {"verify": "jiedaoban", "review": "lingdaoxiaozu", "approve": "caizheng", "match": "jiedaoban",
      "notice": "lingdaoxiaozu", "pay": "caizheng-zhifu", "audit": "shenji"}  # fmt: skip


def load(stage: "Stage") -> None:
    """After the accounts: people of the scene lay down budgets, claim and decide."""
    _Money(stage, yaml.safe_load(PLAN.read_text(encoding="utf-8"))).run()


class _Money:
    def __init__(self, stage: "Stage", plan: dict[str, Any]) -> None:
        self.stage, self.plan = stage, plan
        self.street = Place.objects.get(path=stage.users["jiedao"].posts.get().place_path)

    def by(self, name: str, at: datetime) -> dict[str, Any]:
        return {"actor": Actor.of(self.stage.users[name], at), "now": at}

    def run(self) -> None:
        at = self.stage.moment(BEGUN, MORNING)
        for name, value in self.plan["switches"].items():
            core.set_switch(
                place=self.stage.county, pack=self.plan["pack"], name=name, value=value,
                from_on=_day(at).replace(month=1, day=1), reason="示范标准", actor=self.stage.director, now=at,
            )  # fmt: skip
        for row in self.plan["facts"]:
            estate = self.stage.estates[row["estate"]]
            for name, value in row.items():
                if name != "estate":
                    record_fact(estate, name=name, value=value, from_on=_day(at), **self.by("zhujian", at))
        for number, row in enumerate(self.plan["budgets"]):
            place = self.stage.county if row["payer"] == "county" else self.street
            # The year in which the demonstration spends: budgets hold by the year.
            for year in sorted({_day(at).year, self.stage.now.year}):
                money.appropriate(
                    place, payer=row["payer"], year=year, item=row["item"], amount_fen=_fen(row["amount"]),
                    on=max(_day(at), date(year, 1, 1)), basis=f"{year}年度预算批复（示范）",
                    key=f"demo-{number}-{year}",
                    **self.by("caizheng" if row["payer"] == "county" else "jiedaoban", at),
                )  # fmt: skip
        for row in self.plan["claims"]:
            self.claim(row)
        for row in self.plan["expenses"]:
            self.expense(row)
        self.repairs()
        money.publish_budgets(self.stage.county, year=self.stage.now.year, **self.by("caizheng", self.stage.now))

    def file(self, name: str, owner: Ref, at: datetime) -> StoredFile:
        upload = SimpleUploadedFile(f"{name}.txt", f"示范材料：{name}\n".encode())
        return core.store_file(upload, owner=owner, actor=self.stage.director, now=at)

    def claim(self, row: dict[str, Any]) -> None:
        at = self.stage.moment(row["days"], MORNING)
        estate = self.stage.estates[row["estate"]]
        scheme = scheme_at(row["scheme"], estate.place_path, _day(at), estate_type=estate.estate_type)
        if scheme is None:
            return
        given = {name: Decimal(value) if _number(value) else value for name, value in row["given"].items()}
        papers = [(name, self.file(name, estate.ref, at)) for name in scheme.rules.get("papers") or ()]
        last = _day(at).year - 1
        asking = money.Asking(
            scheme=row["scheme"], from_on=date(last, 1, 1), to_on=date(last, 12, 31), given=given, papers=papers,
            occasion=row.get("occasion", ""),
        )  # fmt: skip
        made = money.claim(estate, asking=asking, **self.by(row["by"], at))
        days = row["days"]
        for step in made.steps:
            days -= NOTICED if step == "pay" else 1
            made = self.step(made, step, days)
            if step == row["until"]:
                return

    def step(self, claim: Claim, step: str, days: int) -> Claim:
        at = self.stage.moment(max(days, 0), MORNING)
        voucher = self.file("支付凭证", claim.ref, at) if step == "pay" else None
        given = money.Step(on=_day(at), note="情况属实" if step == "verify" else "", voucher=voucher)
        return money.take_step(claim, step=step, given=given, **self.by(BY[step], at))

    def expense(self, row: dict[str, Any]) -> None:
        at = self.stage.moment(row["days"], MORNING)
        budget = Budget.objects.get(place=self.street, item=row["item"], year=at.year)
        given = money.Spending(
            kind=row["kind"], amount_fen=_fen(row["amount"]), text=row["text"], payee=row["payee"], on=_day(at),
            paper=self.file("申请和合同", budget.ref, at),
        )  # fmt: skip
        made = money.ask_expense(budget, given=given, **self.by("jiedao", at))
        if not row["paid"]:
            return
        made = money.approve_expense(made, agreed=True, opinion="同意", version=None, **self.by("jiedaoban", at))
        voucher = self.file("支付凭证", made.ref, at)
        money.pay_expense(made, on=_day(at), voucher=voucher, version=None, **self.by("jiedao", at))
        if row.get("doubt"):
            money.raise_doubt(made.ref, text=row["doubt"], asked_of="street_office", **self.by("shenji", at))

    def repairs(self) -> None:
        at = self.stage.moment(PLANNED, MORNING)
        year, item = self.stage.now.year + 1, None
        for row in self.plan["plan"]:
            item = fund.add_repair(
                self.street, year=year, estate=self.stage.estates[row["estate"]], part=row["part"],
                title=row["title"], estimate_fen=_fen(row["amount"]), **self.by("jiedao", at),
            )  # fmt: skip
        if item is not None:
            fund.submit_plan(item.plan, **self.by("jiedao", at))


def _day(at: datetime) -> date:
    return core.local_day(at)


def _fen(yuan: str) -> int:
    return int(Decimal(yuan) * FEN_PER_YUAN)


def _number(value: Any) -> bool:
    return isinstance(value, str) and value.replace(".", "", 1).isdigit()
