"""A bank's statement comes in as CSV or Excel: its columns mapped, each line taken once, matched with the books."""

import csv
import io
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db import transaction
from django.db.models import Max
from python_calamine import CalamineError, CalamineWorkbook

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.display import cn_date
from gongzhi.core.errors import Refused
from gongzhi.core.models import StoredFile
from gongzhi.core.money import FEN_PER_YUAN
from gongzhi.funds.common.models import BankLine, BankStatement, LineEntry, SupervisedAccount
from gongzhi.funds.common.queries import OfEstate, at_bank, candidates, open_lines, statement_right, unmatched
from gongzhi.funds.common.words import COLUMNS
from gongzhi.ledger.models import Entry

NEAR_DAYS, YEAR_DAYS = 5, 366
NONE: Mapping[str, str] = {}
FEWEST_KNOWN = 3
MOST_TOLD = 8
HEAD_WITHIN = 15
CONFLICT_STATUS = 409
DATE = re.compile(r"(\d{4})(?:(\d\d)(\d\d)|[-/.年](\d{1,2})[-/.月](\d{1,2})日?)(?![\d])")
# What a bank writes beside an amount that has no sign of its own.
INTO = ("贷", "收", "入", "转入", "来账", "C", "+")
OUT_OF = ("借", "付", "支", "出", "转出", "往账", "D", "-")
# Words that banks put at the head of a column; what is not found is asked for.
GUESSES: dict[str, tuple[str, ...]] = {
    "booked_on": ("交易日期", "记账日期", "日期", "交易时间"),
    "income": ("贷方发生额", "收入", "贷方金额", "转入"),
    "expense": ("借方发生额", "支出", "借方金额", "转出"),
    "amount": ("发生额", "交易金额", "金额"),
    "direction": ("借贷标志", "借贷方向", "借贷标记", "收付标志", "收支标志", "收支方向", "收付方向"),
    "balance": ("账户余额", "余额"),
    "reference": ("流水号", "交易流水", "核心流水号", "凭证号"),
    "counterparty": ("对方户名", "对方名称", "对方账户名称"),
    "text": ("摘要", "用途", "附言", "备注"),
}


@dataclass(frozen=True, slots=True)
class ReadLine:
    booked_on: date
    amount_fen: int
    balance_fen: int | None
    reference: str
    counterparty: str
    text: str


@dataclass(frozen=True, slots=True)
class Imported:
    statement: BankStatement
    matched: int


def table_of(name: str, content: bytes, columns: Mapping[str, str] = NONE) -> tuple[list[str], list[list[str]]]:
    """The head row and the rows below it, of a CSV (UTF-8 or GB18030) or of a workbook's first sheet.

    The head is the row with most of the usual words or of the named `columns`: banks write the account and the days
    asked for above it.
    """
    rows = rows_of(name, content)
    named = {one for one in columns.values() if one}
    known = [len({*guessed(row)} | {f"={one}" for one in named & {*row}}) for row in rows[:HEAD_WITHIN]]
    best = max(known, default=0)
    if best >= FEWEST_KNOWN:
        number = known.index(best)
        return rows[number], rows[number + 1 :]
    raise Refused(
        "statement_head",
        f"前{HEAD_WITHIN}行里没有找到表头。请直接上传网银导出的明细，不要删表头；表头用词特别的，在下面填各列的名称。",
        fields={"file": "没有找到表头；表头用词特别的，在下面填各列的名称"},
    )


def rows_of(name: str, content: bytes) -> list[list[str]]:
    """The cells of a CSV (UTF-8 or GB18030) or of a workbook's first sheet, as text."""
    return _workbook(content) if name.lower().endswith((".xlsx", ".xls")) else _csv(content)


def _workbook(content: bytes) -> list[list[str]]:
    try:
        sheet = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0)
    except CalamineError as error:
        raise Refused("statement_file", "打不开这个Excel文件，请从网银重新导出。", fields={"file": "打不开"}) from error
    return [[_cell(one) for one in row] for row in sheet.to_python(skip_empty_area=True)]


def _csv(content: bytes) -> list[list[str]]:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        tabs = text.count("\t") > text.count(",")
        return [[_plain(one) for one in row] for row in csv.reader(io.StringIO(text), delimiter="\t" if tabs else ",")]
    raise Refused("statement_file", "看不懂这个文件的文字编码，请从网银导出Excel。", fields={"file": "编码看不懂"})


def _plain(text: str) -> str:
    """A cell without what banks put round a number to keep Excel from rounding it: ="6222…"."""
    text = text.strip()
    return text[2:-1] if text.startswith('="') and text.endswith('"') else text


def _cell(value: Any) -> str:
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else str(Decimal(str(value)).quantize(Decimal("0.01")))
    return str(value).strip()


def guessed(head: Sequence[str]) -> dict[str, str]:
    """Column of the file by what it holds, as far as the usual words tell."""
    found: dict[str, str] = {}
    for name, words in GUESSES.items():
        for word in words:
            hit = next((one for one in head if word in one and one not in found.values()), None)
            if hit is not None:
                found[name] = hit
                break
    return found


def columns_of(head: Sequence[str], given: Mapping[str, str], remembered: Mapping[str, str] = NONE) -> dict[str, str]:
    """Column of the file by what it holds: as named, else by the usual words.

    What was only `remembered` from the statement before is let go where this file has no such column. Refuses
    (`statement_columns`) a name that the file does not have.
    """
    found = {name: column for name, column in given.items() if column}
    missing = {name: column for name, column in found.items() if column not in head}
    wrong = {name: column for name, column in missing.items() if remembered.get(name) != column}
    if wrong:
        has = "、".join(one for one in head if one)
        raise Refused(
            "statement_columns",
            f"文件里没有“{next(iter(wrong.values()))}”这一列。文件的列有：{has}。",
            fields={name: f"文件里没有“{column}”这一列；有：{has}" for name, column in wrong.items()},
        )
    found = {name: column for name, column in found.items() if name not in missing}
    taken = {*found.values()}
    usual = {name: column for name, column in guessed(head).items() if column not in taken}
    return {**usual, **found}


def read_lines(head: Sequence[str], rows: Sequence[Sequence[str]], columns: Mapping[str, str]) -> list[ReadLine]:
    """Every line, or a refusal that names the bad cells by their row of the file's table.

    Where the bank gives no number, day, amount and balance tell a line, and the how-manieth it is of those alike.
    """
    _require_columns(head, columns)
    at = {name: head.index(column) for name, column in columns.items() if column}
    found: list[ReadLine] = []
    faults: list[str] = []
    for number, row in enumerate(rows, start=1):
        cells = {name: (row[place] if place < len(row) else "") for name, place in at.items()}
        if not any(cells.values()) or not cells["booked_on"][:1].isdigit():
            continue  # empty rows and the bank's own sums below the table
        try:
            found.append(_line(cells))
        except _BadCell as bad:
            faults.append(f"第{number}行{bad}")
    if faults:
        more = f"等{len(faults)}处" if len(faults) > MOST_TOLD else ""
        raise Refused(
            "statement_cells",
            f"对账单里有看不懂的格：{'；'.join(faults[:MOST_TOLD])}{more}。一笔都没有导入，请核对列的对应或重新导出。",
            fields={"file": "有看不懂的格"},
        )
    if not found:
        raise Refused("statement_empty", "对账单里没有一笔流水。", fields={"file": "没有流水"})
    return found if "reference" in at else _numbered(found)


def _numbered(lines: Sequence[ReadLine]) -> list[ReadLine]:
    alike: Counter[str] = Counter()
    found = []
    for one in lines:
        told = f"{BankLine.MADE}{one.booked_on:%Y%m%d}/{one.amount_fen}/{one.balance_fen}"
        alike[told] += 1
        found.append(replace(one, reference=f"{told}/{alike[told]}"))
    return found


class _BadCell(Exception):  # noqa: N818
    """What is wrong with a cell, in Chinese."""


def _require_columns(head: Sequence[str], columns: Mapping[str, str]) -> None:
    has = "、".join(one for one in head if one)
    if columns.get("booked_on") not in head:
        said = f"请填哪一列是“{COLUMNS['booked_on']}”。文件的列有：{has}"
        raise Refused("statement_columns", f"{said}。", fields={"booked_on": said})
    if columns.get("reference") not in head and columns.get("balance") not in head:
        said = f"请填哪一列是“{COLUMNS['reference']}”；银行不给流水号的，要有余额列。文件的列有：{has}"
        raise Refused("statement_columns", f"{said}。", fields={"reference": said})
    if not (columns.get("amount") in head or {columns.get("income"), columns.get("expense")} <= set(head)):
        said = f"请填收入和支出两列，或者金额一列。文件的列有：{has}"
        raise Refused("statement_columns", f"{said}。", fields={"income": said})


def _line(cells: Mapping[str, str]) -> ReadLine:
    income, expense = _fen(cells.get("income", ""), "收入"), _fen(cells.get("expense", ""), "支出")
    amount = income - expense
    if not income and not expense and "amount" in cells:
        amount = _fen(cells["amount"], "金额") * _sign(cells)
    if amount == 0:
        raise _BadCell("没有金额")
    if "reference" in cells and not cells["reference"]:
        raise _BadCell("没有流水号")
    if "reference" not in cells and not cells["balance"]:
        raise _BadCell("没有余额")
    return ReadLine(
        booked_on=_day(cells["booked_on"]),
        amount_fen=amount,
        balance_fen=_fen(cells["balance"], "余额") if cells.get("balance") else None,
        reference=cells.get("reference", "")[:64],
        counterparty=cells.get("counterparty", "")[:100],
        text=cells.get("text", "")[:200],
    )


def _sign(cells: Mapping[str, str]) -> int:
    """1 where the amount came in or has its own sign, -1 where the bank says beside it that it went out."""
    if "direction" not in cells:
        return 1
    said = cells["direction"].strip().upper()
    out = said.startswith(OUT_OF)
    if not out and not said.startswith(INTO):
        raise _BadCell(f"借贷标志“{said[:20]}”看不懂")
    return -1 if out and not cells["amount"].strip().startswith("-") else 1


def _day(text: str) -> date:
    found = DATE.match(text.strip())
    if found is not None:
        year, *rest = (int(one) for one in found.groups() if one)
        try:
            return date(year, *rest)
        except ValueError:
            pass
    raise _BadCell(f"日期“{text[:20]}”看不懂")


def _fen(text: str, what: str) -> int:
    plain = text.replace(",", "").replace("，", "").replace("¥", "").strip()
    if plain in ("", "-", "--"):
        return 0
    try:
        fen = Decimal(plain) * FEN_PER_YUAN
    except InvalidOperation:
        raise _BadCell(f"{what}“{text[:20]}”不是数") from None
    if fen != fen.to_integral_value():
        raise _BadCell(f"{what}“{text[:20]}”不到分")
    return int(fen)


@transaction.atomic
def import_statement(
    account: SupervisedAccount,
    *,
    file: StoredFile,
    content: bytes,
    columns: Mapping[str, str],
    actor: Actor,
    now: datetime,
) -> Imported:
    """Takes the lines that are new by the bank's own number (where it gives none, by day, amount and balance).

    Matches those that fit one entry alone, with those still open from before, whose entries may have been made since.

    A number that came in before with another day or amount refuses the file (`statement_differs`).
    """
    core.require(actor, statement_right(account, "import"), OfEstate(account.estate, core.local_day(now)))
    account = SupervisedAccount.objects.select_for_update(of=("self",)).select_related("estate").get(pk=account.pk)
    last = account.statements.order_by("-pk").first()
    head, rows = table_of(file.name, content, columns)
    chosen = columns_of(head, columns, last.columns if last is not None else NONE)
    lines = read_lines(head, rows, chosen)
    if last is not None:
        _numbered_as_before(last, chosen, lines)
    known = dict(account.lines.filter(reference__in=[one.reference for one in lines]).values_list("reference", "pk"))
    _same_as_before(account, lines)
    days = [one.booked_on for one in lines]
    statement = BankStatement.objects.create(
        account=account,
        file=file,
        columns=chosen,
        from_on=min(days),
        to_on=max(days),
        closing_fen=_closing(lines),
        fresh=len({one.reference for one in lines} - set(known)),
        known=len(known),
        imported_by=actor.user,
        imported_at=now,
        demo=actor.demo,
    )
    _write(account, statement, [one for one in lines if one.reference not in known])
    matched = sum(_matched_alone(line, now) for line in open_lines(account))
    core.record(
        "statement.imported",
        subject=account.ref,
        actor=actor,
        at=now,
        place_path=account.place_path,
        data={
            "purse": account.purse,
            "from_on": statement.from_on,
            "to_on": statement.to_on,
            "fresh": statement.fresh,
            "known": statement.known,
            "matched": matched,
        },
    )
    _tell_difference(account, actor=actor, now=now)
    return Imported(statement, matched)


def _numbered_as_before(last: BankStatement, columns: Mapping[str, str], lines: Sequence[ReadLine]) -> None:
    """With the bank's numbers one time and without them the other, the same line would come in twice."""
    if ("reference" in columns) == ("reference" in last.columns):
        return
    until = last.account.lines.aggregate(last=Max("booked_on"))["last"]
    if until is None or min(one.booked_on for one in lines) > until:
        return
    had, has = ("有", "没有") if "reference" in last.columns else ("没有", "有")
    said = f"以前导入的对账单{had}流水号，这一份{has}，重复的流水认不出来"
    raise Refused(
        "statement_numbers",
        f"{said}。请导出{cn_date(until)}以后的流水，或者导出{had}流水号的那一种。",
        fields={"reference": f"{said}；请只导入{cn_date(until)}以后的"},
        status=CONFLICT_STATUS,
    )


def _same_as_before(account: SupervisedAccount, lines: Sequence[ReadLine]) -> None:
    seen: dict[str, ReadLine] = {}
    before = {one.reference: one for one in account.lines.filter(reference__in=[line.reference for line in lines])}
    for line in lines:
        twin = seen.setdefault(line.reference, line)
        old = before.get(line.reference)
        differs = (twin.booked_on, twin.amount_fen) != (line.booked_on, line.amount_fen) or (
            old is not None and (old.booked_on, old.amount_fen) != (line.booked_on, line.amount_fen)
        )
        if differs:
            raise Refused(
                "statement_differs",
                f"流水号{line.reference}在不同的行或以前导入的对账单里日期、金额不一样。请核对“流水号”选的是不是唯一的一列。",
                fields={"reference": "同一流水号金额不同"},
                status=CONFLICT_STATUS,
            )


def _closing(lines: Sequence[ReadLine]) -> int | None:
    """The balance after the last movement: a bank lists the newest first or last. Within one day the balances tell."""
    newest_first = lines[0].booked_on > lines[-1].booked_on
    if lines[0].booked_on == lines[-1].booked_on and len(lines) > 1:
        first, second = lines[0], lines[1]
        known = first.balance_fen is not None and second.balance_fen is not None
        newest_first = known and first.balance_fen - first.amount_fen == second.balance_fen  # type: ignore[operator]
    return lines[0].balance_fen if newest_first else lines[-1].balance_fen


def _write(account: SupervisedAccount, statement: BankStatement, lines: Sequence[ReadLine]) -> None:
    once = {one.reference: one for one in lines}
    BankLine.objects.bulk_create(
        BankLine(
            account=account,
            statement=statement,
            booked_on=one.booked_on,
            amount_fen=one.amount_fen,
            balance_fen=one.balance_fen,
            reference=one.reference,
            counterparty=one.counterparty,
            text=one.text,
        )
        for one in once.values()
    )


def _matched_alone(line: BankLine, now: datetime) -> bool:
    """Where exactly one entry fits, and it names the bank's number or lies on the very day."""
    fitting = candidates(line, days=NEAR_DAYS)
    named = [one for one in fitting if line.reference in one.key or line.reference in one.text]
    sure = named if len(named) == 1 else [one for one in fitting if one.booked_on == line.booked_on]
    if len(sure) != 1:
        return False
    line.match, line.matched_at = "auto", now
    line.save(update_fields=["match", "matched_at"])
    LineEntry.objects.create(line=line, entry=sure[0])
    return True


@transaction.atomic
def match_line(
    line: BankLine,
    *,
    entries: Sequence[Entry] = (),
    reason: str = "",
    version: int | None,
    actor: Actor,
    now: datetime,
) -> BankLine:
    """By hand: with one entry or several that come to its amount together, or set aside with a reason."""
    core.require(actor, statement_right(line.account, "match"), OfEstate(line.account.estate, core.local_day(now)))
    line = BankLine.objects.select_for_update(of=("self",)).select_related("account__estate").get(pk=line.pk)
    core.check_version(line, version)
    if line.match != "none":
        raise Refused("already_matched", "这一笔已经对过了。", status=CONFLICT_STATUS)
    if not entries and not reason.strip():
        raise Refused("reason_missing", "不入本账的要写明原因。", fields={"reason": "请写原因"})
    _check_sum(line, entries)
    line.match, line.reason = "hand" if entries else "aside", reason.strip()
    line.matched_by, line.matched_at, line.version = actor.user, now, line.version + 1
    line.save(update_fields=["match", "reason", "matched_by", "matched_at", "version"])
    LineEntry.objects.bulk_create(LineEntry(line=line, entry=one) for one in entries)
    _tell_line("statement.matched", line, how=line.match, entries=len(entries), actor=actor, now=now)
    return line


def _check_sum(line: BankLine, entries: Sequence[Entry]) -> None:
    if not entries:
        return
    free = dict(unmatched(line, days=YEAR_DAYS))
    if any(one not in free for one in entries):
        said = "选的凭证有的已经和别的流水对上，请刷新后重选。"
        raise Refused("entry_differs", said, fields={"entries": said})
    total = sum(free[one] for one in entries)
    if total != line.amount_fen:
        said = f"选的{len(entries)}笔合计{core.yuan(total)}元，流水是{core.yuan(line.amount_fen)}元，要一分不差。"
        raise Refused("entry_differs", said, fields={"entries": said})


def _tell_line(kind: str, line: BankLine, *, actor: Actor, now: datetime, **more: Any) -> None:
    given = {"purse": line.account.purse, "reference": line.reference, "amount": abs(line.amount_fen), **more}
    core.record(kind, subject=line.account.ref, actor=actor, at=now, place_path=line.account.place_path, data=given)


@transaction.atomic
def release_line(line: BankLine, *, reason: str, version: int | None, actor: Actor, now: datetime) -> BankLine:
    """Takes back what a line was matched with, or that it was set aside: it is open again. No book changes."""
    core.require(actor, statement_right(line.account, "match"), OfEstate(line.account.estate, core.local_day(now)))
    line = BankLine.objects.select_for_update(of=("self",)).select_related("account__estate").get(pk=line.pk)
    core.check_version(line, version)
    if line.match == "none":
        raise Refused("not_matched", "这一笔还没有对上，不用撤销。", status=CONFLICT_STATUS)
    if not reason.strip():
        raise Refused("reason_missing", "请写为什么撤销。", fields={"reason": "请写原因"})
    was, line.match, line.reason = line.match, "none", ""
    line.matched_by, line.matched_at, line.version = None, None, line.version + 1
    line.save(update_fields=["match", "reason", "matched_by", "matched_at", "version"])
    line.matched.all().delete()
    _tell_line("statement.released", line, how=was, reason=reason.strip(), actor=actor, now=now)
    return line


@transaction.atomic
def withdraw_statement(statement: BankStatement, *, reason: str, actor: Actor, now: datetime) -> None:
    """Takes the newest statement of an account out again with the lines that it brought: its columns were misread.

    Refuses (`statement_matched`) while one of its lines is matched or set aside by hand. The file is kept.
    """
    account = SupervisedAccount.objects.select_for_update(of=("self",)).get(pk=statement.account_id)
    core.require(actor, statement_right(account, "import"), OfEstate(account.estate, core.local_day(now)))
    if not reason.strip():
        raise Refused("reason_missing", "请写为什么撤回。", fields={"reason": "请写原因"})
    if account.statements.order_by("-pk").first() != statement:
        raise Refused("statement_newer", "后面又导入过对账单，请先撤回后面的。", status=CONFLICT_STATUS)
    if statement.lines.filter(match__in=("hand", "aside")).exists():
        raise Refused(
            "statement_matched", "这份对账单里有人工核对过的流水，请先撤销那几笔的核对。", status=CONFLICT_STATUS
        )
    data = {"purse": account.purse, "from_on": statement.from_on, "to_on": statement.to_on, "fresh": statement.fresh}
    statement.lines.all().delete()
    statement.delete()
    core.record(
        "statement.withdrawn",
        subject=account.ref,
        actor=actor,
        at=now,
        place_path=account.place_path,
        data={**data, "reason": reason.strip()},
    )


def _tell_difference(account: SupervisedAccount, *, actor: Actor, now: datetime) -> None:
    """账实不符: the bank's own balance and the books differ although every line is matched or set aside."""
    found = at_bank(account)
    if found is None or found.by_fen == 0:
        return
    core.record(
        "account.differs",
        subject=account.ref,
        actor=Actor.system(demo=actor.demo),
        at=now,
        place_path=account.place_path,
        data={"purse": account.purse, "on": found.on, "by": abs(found.by_fen), "estate": str(account.estate_id)},
    )
