"""代扣: a file for the bank of what it is to collect, and the bank's answer, which comes in once."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db import IntegrityError, transaction

from gongzhi.core import crypto
from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.core.models import StoredFile
from gongzhi.core.money import FEN_PER_YUAN
from gongzhi.funds.charges import services as charges
from gongzhi.funds.charges.models import Bill
from gongzhi.funds.charges.queries import OfProject, open_bills, owed_fen
from gongzhi.funds.common.services import rows_of
from gongzhi.funds.payments.models import DeductionBatch, DeductionLine, DeductionMandate, PayOrder
from gongzhi.funds.payments.services.receipts import issue_receipt
from gongzhi.registry.models import Project, Unit

PURPOSE = "deduction"
TAIL = 4
HEAD_WITHIN, MOST_TOLD = 15, 8
COLUMNS = ("明细号", "协议号", "户名", "账号", "开户行", "金额（元）", "摘要")
SERIAL, AMOUNT, RESULT, SAID = "明细号", "金额", "结果", "原因"
YES = ("成功", "扣款成功", "交易成功", "Y", "0000")
NO = ("失败", "扣款失败", "扣款不成功", "交易失败", "N")
CONFLICT = 409


@transaction.atomic
def begin_mandate(
    unit: Unit, *, project: Project, bank: str, agreement: str, holder: str, account: str, from_on: date, actor: Actor,
    now: datetime,
) -> DeductionMandate:  # fmt: skip
    """The owner's consent that the bank takes this unit's charges. One at a time."""
    core.require(actor, "payment.take", OfProject(project))
    charges.check_deduction(project, core.local_day(now))
    number = crypto.normalised(account)
    if not number.isdigit() or len(number) <= TAIL:
        raise Refused("account_number", "账号只能是数字。", fields={"account": "请核对账号"})
    row = DeductionMandate(
        project=project, unit=unit, bank=bank.strip(), agreement=agreement.strip(),
        holder_cipher=crypto.encrypt(holder.strip(), purpose=PURPOSE),
        account_cipher=crypto.encrypt(number, purpose=PURPOSE), account_tail=number[-TAIL:], from_on=from_on,
        place_path=project.place_path, demo=actor.demo,
    )  # fmt: skip
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        raise Refused(
            "mandate_exists", "这套房屋已有代扣授权，请先终止。", fields={"agreement": "请先终止原来的"}
        ) from error
    _recorded(row, "mandate.begun", {"from_on": from_on}, actor, now)
    return row


@transaction.atomic
def end_mandate(
    mandate: DeductionMandate, *, to_on: date, version: int | None, actor: Actor, now: datetime
) -> DeductionMandate:
    row = DeductionMandate.objects.select_for_update(of=("self",)).select_related("project").get(pk=mandate.pk)
    core.require(actor, "payment.take", OfProject(row.project))
    core.check_version(row, version)
    if row.to_on is not None:
        raise Refused("mandate_ended", "这份代扣授权已经终止。")
    row.to_on, row.version = to_on, row.version + 1
    row.save(update_fields=["to_on", "version"])
    _recorded(row, "mandate.ended", {"to_on": to_on}, actor, now)
    return row


def _recorded(row: Any, kind: str, data: Mapping[str, Any], actor: Actor, now: datetime) -> None:
    core.record(kind, subject=row.ref, actor=actor, at=now, place_path=row.place_path, data=data)


@transaction.atomic
def make_batch(project: Project, *, actor: Actor, now: datetime) -> DeductionBatch:
    """What is open of every unit with a mandate, one line a unit. A unit that the bank has already is left out."""
    core.require(actor, "payment.take", OfProject(project))
    Project.objects.select_for_update(of=("self",)).get(pk=project.pk)  # one batch after another
    on = core.local_day(now)
    rows = _to_collect(project, on)
    if not rows:
        raise Refused("nothing_to_deduct", "没有要代扣的：签了代扣的房屋都没有欠费，或者都已送银行。")
    number = project.deduction_batches.count() + 1
    batch = DeductionBatch.objects.create(
        project=project, number=number, count=len(rows), amount_fen=sum(fen for _, _, fen in rows), made_at=now,
        made_by=actor.user, place_path=project.place_path, demo=actor.demo,
    )  # fmt: skip
    DeductionLine.objects.bulk_create(
        DeductionLine(
            batch=batch,
            mandate=mandate,
            unit_id=mandate.unit_id,
            serial=f"DK{project.pk}-{number}-{place:05d}",
            amount_fen=fen,
            bills=[one.pk for one in bills],
        )  # fmt: skip
        for place, (mandate, bills, fen) in enumerate(rows, start=1)
    )
    _recorded(batch, "deduction.made", {"count": batch.count, "amount": batch.amount_fen}, actor, now)
    return batch


def _to_collect(project: Project, on: date) -> list[tuple[DeductionMandate, list[Bill], int]]:
    mandates = project.mandates.filter(from_on__lte=on, to_on=None).exclude(
        unit__in=DeductionLine.objects.filter(state="sent").values("unit")
    )
    of_unit: dict[int, list[Bill]] = {}
    for bill in open_bills(project=project).filter(unit__in=mandates.values("unit")):
        of_unit.setdefault(bill.unit_id, []).append(bill)
    found = []
    for mandate in mandates.order_by("unit__building__name", "unit__name", "pk"):
        bills = of_unit.get(mandate.unit_id, [])
        bills = [one for one in bills if one.ownership_id == bills[-1].ownership_id]  # of the latest owners
        if bills:
            found.append((mandate, bills, owed_fen(bills, on)))
    return found


def file_rows(batch: DeductionBatch) -> list[tuple[str, ...]]:
    """The lines as the bank wants them, accounts in full: the file is for the bank alone."""
    found: list[tuple[str, ...]] = []
    for line in batch.lines.select_related("mandate", "unit__building").order_by("pk"):
        mandate = line.mandate
        found.append(
            (
                line.serial,
                mandate.agreement,
                crypto.decrypt(mandate.holder_cipher, purpose=PURPOSE),
                crypto.decrypt(mandate.account_cipher, purpose=PURPOSE),
                mandate.bank,
                f"{Decimal(line.amount_fen) / FEN_PER_YUAN:.2f}",
                f"物业费{line.unit}",
            )
        )
    return found


def file_csv(batch: DeductionBatch) -> bytes:
    """GB18030, as banks read it. A cell that a spreadsheet would take for a formula begins with an apostrophe."""
    target = io.StringIO()
    writer = csv.writer(target)
    writer.writerow(COLUMNS)
    for row in file_rows(batch):
        writer.writerow(f"'{cell}" if cell[:1] in "=+-@" else cell for cell in row)
    return target.getvalue().encode("gb18030")


@dataclass(frozen=True, slots=True)
class Reply:
    serial: str
    amount_fen: int
    paid: bool
    said: str


@dataclass(frozen=True, slots=True)
class Returned:
    batch: DeductionBatch
    paid: int
    failed: int
    known: int


def read_reply(name: str, content: bytes) -> list[Reply]:
    """The bank's lines. Refuses the whole file and names the rows that cannot be read."""
    rows = rows_of(name, content)
    at = next((n for n, row in enumerate(rows[:HEAD_WITHIN]) if {SERIAL, RESULT} <= {_plain(one) for one in row}), None)
    if at is None:
        raise Refused("reply_head", "没有找到表头：要有“明细号”“金额”“结果”三列。", fields={"file": "没有找到表头"})
    head = [_plain(one) for one in rows[at]]
    found, faults = [], []
    for number, row in enumerate(rows[at + 1 :], start=at + 2):
        cells = dict(zip(head, (one.strip() for one in row), strict=False))
        if not cells.get(SERIAL):
            continue
        try:
            fen = Decimal(cells.get(AMOUNT, "").replace(",", "")) * FEN_PER_YUAN
        except InvalidOperation:
            fen = Decimal("0.5")
        result = cells.get(RESULT, "")
        if fen != fen.to_integral_value() or result not in (*YES, *NO):
            faults.append(f"第{number}行")
            continue
        found.append(Reply(cells[SERIAL].lstrip("'"), int(fen), result in YES, cells.get(SAID, "")[:100]))
    if faults or not found:
        told = "、".join(faults[:MOST_TOLD]) or "没有一行明细"
        raise Refused(
            "reply_cells", f"回盘文件看不懂：{told}。一笔都没有入账，请核对金额和结果（成功、失败）两列。",
            fields={"file": "有看不懂的行"},
        )  # fmt: skip
    return found


def _plain(head: str) -> str:
    return head.strip().replace("（元）", "").replace("(元)", "")


@transaction.atomic
def take_reply(
    batch: DeductionBatch, *, file: StoredFile | None, replies: Sequence[Reply], on: date, actor: Actor, now: datetime
) -> Returned:
    """What the bank collected goes into the books, each line once. A line that fits none refuses the whole file."""
    row = DeductionBatch.objects.select_for_update(of=("self",)).select_related("project__estate").get(pk=batch.pk)
    core.require(actor, "payment.take", OfProject(row.project))
    lines = {one.serial: one for one in row.lines.select_related("unit__building")}
    _check(lines, replies)
    paid = failed = known = 0
    for reply in replies:
        line = lines[reply.serial]
        if line.state != "sent":
            known += 1
        elif reply.paid:
            _collected(row, line, on=on, actor=actor, now=now)
            paid += 1
        else:
            line.state, line.said = "failed", reply.said
            line.save(update_fields=["state", "said"])
            failed += 1
    amount = sum(one.amount_fen for one in lines.values() if one.state == "paid")
    row.paid_fen, row.version = amount, row.version + 1
    row.reply, row.returned_at = file or row.reply, now
    row.state = "made" if any(one.state == "sent" for one in lines.values()) else "returned"
    row.save(update_fields=["paid_fen", "reply", "returned_at", "state", "version"])
    if paid or failed:
        _recorded(row, "deduction.returned", {"paid": paid, "failed": failed, "amount": amount}, actor, now)
    return Returned(row, paid, failed, known)


def _check(lines: Mapping[str, DeductionLine], replies: Sequence[Reply]) -> None:
    faults = []
    for reply in replies:
        line = lines.get(reply.serial)
        if line is None:
            faults.append(f"{reply.serial}不在这一批里")
        elif line.amount_fen != reply.amount_fen:
            faults.append(f"{reply.serial}金额{core.yuan(reply.amount_fen)}，送出的是{core.yuan(line.amount_fen)}")
        elif line.state != "sent" and (line.state == "paid") != reply.paid:
            faults.append(f"{reply.serial}上次导入的结果是“{line.get_state_display()}”")
    if len({one.serial for one in replies}) != len(replies):
        faults.append("同一明细号出现两次")
    if faults:
        more = f"等{len(faults)}处" if len(faults) > MOST_TOLD else ""
        raise Refused(
            "reply_differs", f"回盘文件和送出的对不上：{'；'.join(faults[:MOST_TOLD])}{more}。一笔都没有入账。",
            fields={"file": "和送出的对不上"}, status=CONFLICT,
        )  # fmt: skip


def _collected(batch: DeductionBatch, line: DeductionLine, *, on: date, actor: Actor, now: datetime) -> None:
    bills = list(Bill.objects.filter(pk__in=line.bills).order_by("due_on", "pk"))
    line.settlement = charges.settle(
        bills, amount_fen=line.amount_fen, channel="withheld", key=f"withheld:{line.serial}", on=on, actor=actor,
        now=now, unit=line.unit, project=batch.project, reference=line.serial, keep_if_paid=True,
    )  # fmt: skip
    line.state, line.said = "paid", ""
    line.save(update_fields=["state", "said", "settlement"])
    issue_receipt(line.settlement, actor=actor, now=now)
    PayOrder.objects.filter(state="open", lines__bill__in=line.bills).update(state="closing", looked_at=None)
