"""收据: one for each payment, numbered without gaps for each company and year; voided and made anew, never changed."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.display import cn_date
from gongzhi.core.errors import Refused
from gongzhi.core.printing import print_pdf
from gongzhi.funds.charges.models import Settlement
from gongzhi.funds.charges.queries import OfProject
from gongzhi.funds.charges.queries.payers import tenants_of
from gongzhi.funds.payments.models import Receipt

TEMPLATE = Path(__file__).parents[1] / "receipt.typ"


@transaction.atomic
def issue_receipt(settlement: Settlement, *, actor: Actor, now: datetime, replaces: Receipt | None = None) -> Receipt:
    """The payment's receipt as things stand; the one in force is returned when there is one."""
    before = settlement.receipts.filter(voided_at=None).first()
    if before is not None:
        return before
    project, year = settlement.project, core.local_day(now).year
    row = Receipt.objects.create(
        company=project.company, settlement=settlement, year=year,
        seq=core.next_number(f"organisation:{project.company_id}|receipt", year), amount_fen=settlement.amount_fen,
        lines=_lines(settlement), issued_at=now, issued_by=actor.user, issued_label=actor.label, replaces=replaces,
        place_path=settlement.place_path, demo=settlement.demo,
    )  # fmt: skip
    _recorded(row, "receipt.issued", actor, now)
    return row


def _lines(settlement: Settlement) -> list[dict[str, Any]]:
    """What it was paid for, as it stands on the paper."""
    found = [
        {"text": _of_bill(one.bill), "fen": one.amount_fen}
        for one in settlement.allocations.select_related("bill").order_by("pk")
    ]
    if settlement.advance_fen:
        found.append({"text": "预存物业费", "fen": settlement.advance_fen})
    return found


def _of_bill(bill: Any) -> str:
    return f"账单{bill.number} {_what(bill)} {cn_date(bill.from_on)}至{cn_date(bill.to_on)}"


def _what(bill: Any) -> str:
    return "违约金" if bill.kind == "late" else "物业费"


@transaction.atomic
def void_receipt(
    receipt: Receipt, *, reason: str, again: bool, version: int | None, actor: Actor, now: datetime
) -> Receipt:
    """作废. `again`: another one of the same payment in its place, which is returned."""
    row = Receipt.objects.select_for_update(of=("self",)).select_related("settlement__project").get(pk=receipt.pk)
    core.require(actor, "receipt.void", OfProject(row.settlement.project))
    core.check_version(row, version)
    if row.voided_at is not None:
        raise Refused("receipt_void", "这张收据已经作废。")
    if not reason.strip():
        raise Refused("reason_missing", "请写作废的原因。", fields={"reason": "请写原因"})
    row.voided_at, row.voided_by, row.void_reason, row.version = now, actor.user, reason.strip(), row.version + 1
    row.save(update_fields=["voided_at", "voided_by", "void_reason", "version"])
    _recorded(row, "receipt.voided", actor, now)
    return issue_receipt(row.settlement, actor=actor, now=now, replaces=row) if again else row


def _recorded(row: Receipt, kind: str, actor: Actor, now: datetime) -> None:
    core.record(
        kind, subject=row.ref, actor=actor, at=now, place_path=row.place_path,
        data={"amount": row.amount_fen, "number": row.number},
    )  # fmt: skip


def payer_of(settlement: Settlement) -> str:
    """The owners' names in full, or the tenant's where all that was paid is his to pay, for the paper handed out."""
    bills = [one.bill for one in settlement.allocations.select_related("bill__of")]
    let = tenants_of(bills)
    if bills and len(let) == len(bills) and len(set(let.values())) == 1:
        tenant = let[bills[0].pk].tenant
        return core.opened(tenant, "name") or tenant.masked_name
    if settlement.ownership is None:
        return "未登记业主"
    shares = settlement.ownership.shares.select_related("owner").order_by("pk")
    return "、".join(core.opened(one.owner, "name") or one.owner.masked_name for one in shares) or "未登记业主"


def receipts_pdf(rows: Sequence[Receipt], *, now: datetime) -> bytes:
    """The receipts, one a page. A voided one says so across the page."""
    return print_pdf(TEMPLATE, {"receipts": [_printed(one) for one in rows]}, now=now)


def _printed(row: Receipt) -> dict[str, Any]:
    settlement = row.settlement
    return {
        "number": row.number,
        "company": row.company.name,
        "estate": settlement.project.estate.name,
        "unit": str(settlement.unit),
        "payer": payer_of(settlement),
        "on": cn_date(settlement.on),
        "channel": settlement.get_channel_display(),
        "reference": settlement.reference,
        "lines": [{"text": one["text"], "amount": core.yuan(one["fen"])} for one in row.lines],
        "total": core.yuan(row.amount_fen),
        "words": in_words(row.amount_fen),
        "by": row.issued_label,
        "void": f"作废：{row.void_reason}" if row.voided_at is not None else "",
        "demo": row.demo,
    }


DIGITS = "零壹贰叁肆伍陆柒捌玖"
SMALL = ("", "拾", "佰", "仟")
LARGE = ("", "万", "亿", "万亿")
TEN, HUNDRED, GROUP = 10, 100, 4


def in_words(fen: int) -> str:
    """大写: 12345 -> 壹佰贰拾叁元肆角伍分; a sum without 分 ends in 整."""
    whole, rest = divmod(fen, HUNDRED)
    jiao, cents = divmod(rest, TEN)
    text = f"{_whole_words(whole)}元" if whole else ""
    if not rest:
        return f"{text or '零元'}整"
    if jiao:
        text += f"{DIGITS[jiao]}角"
    elif whole:
        text += "零"
    return text + (f"{DIGITS[cents]}分" if cents else "整")


def _whole_words(whole: int) -> str:
    digits = str(whole)
    groups = [digits[max(end - GROUP, 0) : end] for end in range(len(digits), 0, -GROUP)][::-1]
    text = ""
    for place, group in enumerate(groups):
        words = _group_words(group)
        if not words:
            continue
        gap = text and (group[0] == "0" or not int(groups[place - 1]))
        text += ("零" if gap and not text.endswith("零") else "") + words + LARGE[len(groups) - place - 1]
    return text


def _group_words(group: str) -> str:
    """Of up to four digits; zeros between digits are one 零, those at the ends nothing."""
    text, gap = "", False
    for place, digit in enumerate(group):
        if digit == "0":
            gap = bool(text)
            continue
        text += ("零" if gap else "") + DIGITS[int(digit)] + SMALL[len(group) - place - 1]
        gap = False
    return text
