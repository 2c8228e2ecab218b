"""The sheet of old debts as a company brings it: one row a debt, every fault told with its line."""

import io
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook

from gongzhi.core.errors import Refused
from gongzhi.core.money import FEN_PER_YUAN
from gongzhi.funds.charges.services import OldDebt
from gongzhi.funds.charges.words import PRICED
from gongzhi.registry.models import Project, Unit

COLUMNS = ("楼幢", "室号", "收费项目", "自", "至", "缴费期限", "欠费（元）")
NOTE = "说明"
MOST_TOLD, MOST_ROWS = 8, 20_000


def read_debts(project: Project, content: bytes) -> list[OldDebt]:
    try:
        sheet = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    except (CalamineError, IndexError) as error:
        raise _refusal("打不开这个Excel文件，请上传xlsx。") from error
    head = [str(one).strip() for one in sheet[0]] if sheet else []
    missing = [name for name in COLUMNS if name not in head]
    if missing:
        raise _refusal(f"第一行缺这些列：{'、'.join(missing)}。")
    if len(sheet) > MOST_ROWS:
        raise _refusal(f"一次最多{MOST_ROWS}行，请分几个文件。")
    units = {(one.building.name, one.name): one for one in _units(project)}
    rows, faults = [], []
    for number, row in enumerate(sheet[1:], start=2):
        if not any(str(one).strip() for one in row):
            continue
        found = _debt({name: row[head.index(name)] for name in (*COLUMNS, *((NOTE,) if NOTE in head else ()))}, units)
        if isinstance(found, str):
            faults.append(f"第{number}行{found}")
        else:
            rows.append(found)
    if faults:
        more = f"等{len(faults)}处" if len(faults) > MOST_TOLD else ""
        raise _refusal(f"一行都没有导入：{'；'.join(faults[:MOST_TOLD])}{more}。")
    return rows


def _refusal(message: str) -> Refused:
    return Refused("old_debts", message, fields={"file": "请改好再传"})


def _units(project: Project) -> Any:
    return Unit.objects.filter(building__estate=project.estate).select_related("building__estate")


def _debt(cells: dict[str, Any], units: dict[tuple[str, str], Unit]) -> OldDebt | str:
    """The row, or what is wrong with it."""
    where = (_text(cells["楼幢"]), _text(cells["室号"]))
    unit = units.get(where)
    if unit is None:
        return f"没有{''.join(where)}这套房屋"
    fee = next((code for code, title in PRICED.items() if title == _text(cells["收费项目"])), None)
    if fee is None:
        return f"收费项目请写{'、'.join(PRICED.values())}之一"
    days = [_day(cells[name]) for name in ("自", "至", "缴费期限")]
    amount = _fen(cells["欠费（元）"])
    if None in days:
        return "日期请写成2025-01-31"
    if amount is None:
        return "欠费不是数，或不到分"
    first, last, due = (one for one in days if one is not None)
    return OldDebt(unit, fee, first, last, due, amount, _text(cells.get(NOTE, ""))[:100])


def _text(value: Any) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value).strip()


def _day(value: Any) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(_text(value).replace("/", "-").replace(".", "-"))
    except ValueError:
        return None


def _fen(value: Any) -> int | None:
    try:
        fen = Decimal(str(value).replace(",", "")) * FEN_PER_YUAN
    except InvalidOperation:
        return None
    return int(fen) if fen.is_finite() and fen == int(fen) else None
