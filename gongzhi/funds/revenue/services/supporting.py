"""What common revenue supports: the maintenance fund, the gap in service charges, allowances of the committee."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.display import cn_date
from gongzhi.core.errors import Refused
from gongzhi.funds.common.queries import OfEstate, bank_of, book_of, held
from gongzhi.funds.common.services import unit_accounts
from gongzhi.funds.maintenance.queries import fund_units, percent
from gongzhi.funds.maintenance.services.common import PURSE as FUND
from gongzhi.funds.maintenance.services.common import area_weight
from gongzhi.funds.revenue.queries import PURSE, FundShare, fund_share
from gongzhi.funds.revenue.services.keeping import managed_by
from gongzhi.ledger import services as ledger
from gongzhi.ledger.apportioning import Apportioned
from gongzhi.ledger.models import Posting
from gongzhi.policy.answer import Answer
from gongzhi.registry.models import Estate


@transaction.atomic
def supplement_fund(
    estate: Estate, *, amount_fen: int, on: date, from_on: date, to_on: date, key: str, actor: Actor, now: datetime
) -> FundShare:
    """补充维修资金: out of the revenue of a period, onto the unit accounts by area, in two entries of two books.

    Gives what the period has put into the fund by now, as a part of its revenue, beside what the document asks.
    """
    core.require(actor, "revenue.spend", OfEstate(estate, on))
    revenue, fund = book_of(estate, PURSE), book_of(estate, FUND)
    if revenue is None or fund is None:
        raise Refused(
            "no_book",
            "这个小区还没有公共收益账，请先建账。"
            if revenue is None
            else "这个小区还没有维修资金账。请主管部门在小区的资金页核定首期应交额，或者导入接管余额。",
        )
    if amount_fen <= 0 or amount_fen > held(revenue, on):
        there = core.yuan(held(revenue, on))
        raise Refused("balance", f"公共收益余额{there}元，不够转。", fields={"amount_fen": f"最多{there}"})
    if on > core.local_day(now):
        raise Refused("item_day", "日期不能晚于今天。", fields={"on": "不能晚于今天"})
    text = f"公共收益补充维修资金（{cn_date(from_on)}至{cn_date(to_on)}）"
    ledger.post(
        book=revenue, key=f"to_fund:{key}", kind="revenue_to_fund", booked_on=on, text=text,
        legs=[(revenue.accounts.get(code="to_fund"), amount_fen), (bank_of(revenue), -amount_fen)],
        actor=actor, now=now, source=estate.ref,
    )  # fmt: skip
    units = fund_units(estate)
    split = shared_by_area(estate, amount_fen, on=on)
    accounts = unit_accounts(fund, units)
    ledger.post(
        book=fund, key=f"from_revenue:{key}", kind="from_revenue", booked_on=on, text=text,
        legs=[
            (bank_of(fund), amount_fen),
            *((accounts[int(str(part.key))], -part.amount_fen) for part in split.parts if part.amount_fen),
        ],
        actor=actor, now=now, source=estate.ref,
    )  # fmt: skip
    put = Posting.objects.filter(entry__book=revenue, entry__kind="revenue_to_fund", entry__text=text, leg=1)
    found = fund_share(
        estate, managed_by=managed_by(estate, on), from_on=from_on, to_on=to_on, on=on,
        put_fen=sum(put.values_list("amount_fen", flat=True)),
    )  # fmt: skip
    core.record(
        "revenue.to_fund",
        subject=estate.ref,
        actor=actor,
        at=now,
        place_path=estate.place_path,
        data={
            "amount": amount_fen,
            "base": max(found.base_fen, 0),
            "of": found.of,
            "share": percent(found.share, places=2),
            "enough": found.enough,
            "on": on,
        },
    )
    return found


def shared_by_area(estate: Estate, amount_fen: int, *, on: date) -> Apportioned:
    """An amount over the units of the estate by exclusive area; the rest goes to whom the pack says."""
    answer = core.ask("funds.apportion", {"path": "ordinary"}, place_path=estate.place_path, on=on)
    weights = [(unit.pk, area_weight(unit)) for unit in fund_units(estate)]
    return ledger.apportion(amount_fen, weights, rest_to=str(answer.value["rest_to"]))


@dataclass(frozen=True, slots=True)
class Gap:
    """A year's gap between costs and service charges, in 分, and what the revenue covers of it as the document says."""

    gap_fen: int
    covered_fen: int
    over_fen: int
    answer: Answer

    @property
    def left_fen(self) -> int:
        return self.gap_fen - self.covered_fen


def gap_of(estate: Estate, *, spent_fen: int, charged_fen: int, revenue_fen: int, on: date) -> Gap:
    """How much of the gap the revenue covers. Refuses `gap` where the document says nothing of it."""
    facts = {"spent": spent_fen, "charged": charged_fen, "revenue": revenue_fen}
    answer = core.ask("funds.gap_covered", facts, place_path=estate.place_path, on=on)
    if not answer.ok:
        raise Refused("gap", "现行文件没有写公共收益怎样弥补缺口。", clause=tuple(answer.clauses))
    covered = int(answer.value)
    return Gap(max(spent_fen - charged_fen, 0), covered, revenue_fen - covered, answer)


def cover_allowance(estate: Estate, *, approved_fen: int, payable_fen: int, on: date) -> Apportioned | None:
    """补贴不足部分: what all owners bear by area, each part in 分; None where nothing is missing."""
    missing = approved_fen - payable_fen
    return shared_by_area(estate, missing, on=on) if missing > 0 else None
