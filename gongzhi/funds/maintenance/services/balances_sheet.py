"""接管余额 as a workbook: what an earlier keeper held for each unit, tried first; of an estate all rows or none."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.urls import reverse

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.core.models import Place
from gongzhi.core.money import FEN_PER_YUAN
from gongzhi.funds.common.queries import OfEstate, estates_with_books
from gongzhi.funds.maintenance.models import FundDeposit, FundDue
from gongzhi.funds.maintenance.queries import fund_units
from gongzhi.funds.maintenance.services.deposits import TakenOver, take_over
from gongzhi.registry.models import Estate, Unit
from gongzhi.registry.services.imports import BookKind, checking
from gongzhi.registry.services.imports.applying import Applying, day_of
from gongzhi.registry.services.imports.outcome import Sheetwise
from gongzhi.registry.services.imports.sheets import BUILDING, ESTATE, UNIT, Column, Sheet

CODE = "fund_balances"
KEY = ("estate", "building", "unit")
SHEET = Sheet(
    CODE,
    "维修资金余额",
    (
        ESTATE,
        BUILDING,
        UNIT,
        Column("first", "首期应交", kind="sum", required=True, hint="元，到分"),
        Column("paid", "已交首期", kind="sum", required=True, hint="元；没有交的填0"),
        Column("balance", "余额", kind="sum", required=True, hint="接管日的分户余额，元"),
        Column("on", "接管日期", kind="date", required=True, hint="同一小区填同一天"),
    ),
    "一套房屋一行；一个小区的房屋一次填全。",
)
NOTES = (
    "一套房屋一行，一个小区的房屋一次填全；表头不要改，带*的列必须填。",
    "上传后先试导：逐格检查，指出行、列和原因，什么都不写入。核对后确认，才一次写入。",
    "一个小区有一行不对，这个小区就一行都不导入。每个小区只接管一次，各户余额的合计应与专户余额一致。",
)


def _require(place: Place, actor: Actor) -> None:
    core.require(actor, "fund.assess", place)


@dataclass
class _Taken:
    """What the sheet says of an estate."""

    estate: Estate
    on: date
    units: dict[tuple[str, str], Unit]
    rows: list[TakenOver] = field(default_factory=list)
    first_row: int = 0


def _apply(job: Applying, sheet: Sheet) -> None:
    checking.check_twice(sheet, KEY)
    rows_of = dict(checking.run(f'SELECT "row", estate FROM {sheet.table}'))  # noqa: S608
    checking.drop_faulty(sheet)
    named = _estates(job)
    taken: dict[str, _Taken] = {}

    def read(row: dict[str, Any], result: Sheetwise) -> None:
        known = taken.get(row["estate"])
        on = day_of(row["on"], "on")
        assert on is not None  # noqa: S101 - a required cell
        if known is None:
            known = _begin(_estate(named, row["estate"]), on, job.today)
            known.first_row = row["row"]
            taken[row["estate"]] = known
        if on != known.on:
            raise Refused("on", "", fields={"on": f"同一小区只有一个接管日期，上面填的是{known.on}。"})
        unit = known.units.get((row["building"], row["unit"]))
        if unit is None:
            raise Refused("unit", "", fields={"unit": "这个小区没有登记这套房屋，请核对楼幢和室号；车位不在内。"})
        first, paid, balance = (int(Decimal(row[name]) * FEN_PER_YUAN) for name in ("first", "paid", "balance"))
        known.rows.append(TakenOver(unit, first, paid, balance))
        result.added += 1

    job.each(sheet, read)
    faults: dict[str, int] = defaultdict(int)
    for number in {one.row for one in checking.errors() if one.sheet == sheet.code}:
        faults[rows_of.get(number, "")] += 1
    result = job.outcome.of(sheet.code)
    for word, known in taken.items():
        if faults[word]:
            said = f"{known.estate}有{faults[word]}行不对，整个小区都没有导入，请改好再传。"
            _leave_out(sheet, known, said, result)
            continue
        try:
            take_over(known.estate, rows=known.rows, on=known.on, actor=job.actor, now=job.now)
        except Refused as refused:
            _leave_out(sheet, known, refused.message, result)
            continue
        total = sum(one.balance_fen for one in known.rows)
        result.additions.append(f"{known.estate}{len(known.rows)}户余额合计{core.yuan(total)}元")
        result.additions += [f"{one.unit}{core.yuan(one.balance_fen)}元" for one in known.rows]
        listed = {one.unit.pk for one in known.rows}
        left = [str(one) for one in known.units.values() if one.pk not in listed]
        result.gone += len(left)
        result.missing += left


def _leave_out(sheet: Sheet, known: _Taken, said: str, result: Sheetwise) -> None:
    checking.add([(sheet.code, known.first_row, 0, said)])
    result.added -= len(known.rows)


def _estates(job: Applying) -> dict[str, list[Estate]]:
    """Those that the actor may assess, by name and by code."""
    named: dict[str, list[Estate]] = {}
    for one in estates_with_books(job.actor, on=job.today).select_related("place"):
        if core.may(job.actor, "fund.assess", OfEstate(one, job.today)):
            for word in {one.name, one.place.code}:
                named.setdefault(word, []).append(one)
    return named


def _estate(named: dict[str, list[Estate]], word: str) -> Estate:
    found = named.get(word, [])
    if len(found) != 1:
        says = "辖区里没有这个小区，请核对名称。" if not found else "有同名小区，请改填小区编号。"
        raise Refused("estate", "", fields={"estate": says})
    return found[0]


def _begin(estate: Estate, on: date, today: date) -> _Taken:
    if on > today:
        raise Refused("on", "", fields={"on": "接管日期不能晚于今天。"})
    if FundDue.objects.filter(estate=estate).exists() or FundDeposit.objects.filter(estate=estate).exists():
        raise Refused("fund_begun", "", fields={"estate": "这个小区已经有应交额或交存记录，不能再导入接管余额。"})
    return _Taken(estate, on, {(one.building.name, one.name): one for one in fund_units(estate)})


BOOK = BookKind(
    code=CODE,
    title="批量导入接管余额",
    sub="以前由别的单位管理的维修资金，接到平台上来",
    sheets=(SHEET,),
    require=_require,
    apply=_apply,
    crumbs=lambda: [("资金", reverse("funds:overview"))],
    notes=NOTES,
)
