"""A bill line by line: how the amount comes about, which price it rests on, and the clauses behind it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from gongzhi.core import services as core
from gongzhi.core.display import cn_date, cn_months
from gongzhi.funds.charges.models import Bill, BillItem, PersonalCharge, SharedPart, Tariff
from gongzhi.funds.charges.models.prices import percent
from gongzhi.funds.charges.queries.owed import terms_on
from gongzhi.policy.answer import Answer
from gongzhi.registry.models.spans import covers

COUNTED = {"area": "㎡", "unit": "户", "item": "个"}
VACANT, REBATE = "空置减收", "减免："
# What the pack is asked for the clauses behind a kind of line.
BEHIND = {"shared": "funds.share_charges", "late": "funds.late_charge"}
KINDS = "funds.fee_kinds"


@dataclass(frozen=True, slots=True)
class BillLine:
    """`formula`: the numbers put in; `source`: where the price comes from."""

    item: BillItem
    formula: str
    source: str
    clauses: tuple[str, ...]


def bill_lines(bill: Bill) -> list[BillLine]:
    """As the bill was made; the reasons of the document in force on the day it was issued."""
    items = list(bill.items.select_related("tariff__guide", "tariff__motion__vote").order_by("pk"))
    own = list(PersonalCharge.objects.filter(unit=bill.unit, kind__in=["vacant", "rebate"]).order_by("pk"))
    parts = {text_of(part): part for part in bill.shared_parts.select_related("cost")}
    behind = {fee: _clauses(bill, BEHIND.get(fee, KINDS)) for fee in {one.fee for one in items}}
    return [_line(bill, item, own, parts, behind[item.fee]) for item in items]


def _line(
    bill: Bill, item: BillItem, own: Sequence[PersonalCharge], parts: dict[str, SharedPart], behind: tuple[str, ...]
) -> BillLine:
    if item.fee == "shared":
        part = parts.get(item.text)
        return BillLine(item, _shared(part) if part is not None else "", "", behind)
    if item.fee == "late":
        return BillLine(item, *_late(bill), behind)
    if item.price is not None and item.quantity is not None:
        return BillLine(item, _product(item), price_source(item.tariff), behind)
    if item.text == VACANT:
        return _reduced(bill, item, [one for one in own if one.kind == "vacant"], behind)
    if item.text.startswith(REBATE):
        return _reduced(bill, item, [one for one in own if one.kind == "rebate"], behind)
    return BillLine(item, "单独约定的金额", "", behind)


def _product(item: BillItem) -> str:
    unit = COUNTED[item.tariff.basis] if item.tariff is not None else ""
    months = f" × {item.months}个月" if item.months else ""
    return f"{_plain(item.quantity)}{unit} × {_plain(item.price)}元{months} = {core.yuan(item.amount_fen)}元"


def price_source(tariff: Tariff | None) -> str:
    """定价方式、等级、备案、业主决定 of a price, in one line."""
    if tariff is None:
        return ""
    found = [f"{tariff.get_price_kind_display()}，{cn_date(tariff.from_on)}起执行"]
    if tariff.grade:
        found.append(f"{tariff.grade}服务")
    if tariff.filed_on is not None:
        found.append(f"{cn_date(tariff.filed_on)}备案{tariff.filing_number}")
    if tariff.motion is not None:
        found.append(f"业主表决：{tariff.motion.title}")
    return "，".join(found)


def _shared(part: SharedPart) -> str:
    cost = part.cost
    days = f"{cn_date(cost.from_on)}至{cn_date(cost.to_on)}"
    return f"{days}共{core.yuan(cost.amount_fen)}元，{cost.get_by_display()}分摊"


def _late(bill: Bill) -> tuple[str, str]:
    of = bill.of
    terms = terms_on(bill.project, of.due_on) if of is not None else None
    if of is None or terms is None or terms.late_rate is None:
        return "", ""
    days = (bill.issued_on - of.due_on).days
    return (
        f"账单{of.number}{cn_date(of.due_on)}到期，{cn_date(bill.issued_on)}缴清，逾期{days}日，每日{percent(terms.late_rate)}",
        "服务合同约定的违约金",
    )


def _reduced(bill: Bill, item: BillItem, own: Iterable[PersonalCharge], behind: tuple[str, ...]) -> BillLine:
    held = [one for one in own if one.from_on <= bill.to_on and (one.to_on is None or one.to_on >= bill.from_on)]
    shares = "、".join(percent(one.ratio) for one in held if one.ratio is not None)
    clauses = [clause for one in held if one.answer for clause in Answer.from_json(one.answer).clauses]
    months = f"，{item.months}个月" if item.months else ""
    words = "、".join(one.text for one in held if one.text)
    return BillLine(item, f"减收{shares}{months}", words, tuple(dict.fromkeys(clauses)) or behind)


def text_of(part: SharedPart) -> str:
    """The line's text as the run writes it."""
    titles = {"water": "公共用水", "power": "公共用电", "elevator": "电梯用电"}
    return f"{titles.get(part.cost.kind, '公共能耗')}（{cn_months(part.cost.from_on, part.cost.from_on)}）"


def _clauses(bill: Bill, question: str) -> tuple[str, ...]:
    facts: dict[str, Any] = {}
    if question == BEHIND["late"]:
        facts = {"owed": 1, "daily": Decimal(0), "open_days": 0}
    if question == BEHIND["shared"]:
        facts = {"kind": "other"}
    return tuple(core.ask(question, facts, place_path=bill.place_path, on=bill.issued_on).clauses)


def _plain(number: Decimal | None) -> str:
    return f"{number.normalize():f}" if number is not None else ""


def personal_on(unit_id: int, on: date) -> list[PersonalCharge]:
    rows = PersonalCharge.objects.filter(covers(on), unit=unit_id).select_related("tariff")
    return list(rows.order_by("kind", "pk"))
