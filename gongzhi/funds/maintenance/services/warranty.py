"""物业保修金: what a developer pays in, what repairs within the warranty take from it, what goes back to him."""

from datetime import date, datetime
from decimal import Decimal

from django.db import IntegrityError, transaction

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.core.models import StoredFile
from gongzhi.core.money import FEN_PER_YUAN
from gongzhi.funds.common.queries import OfEstate, bank_of, due_after, held
from gongzhi.funds.common.services import ensure_book
from gongzhi.funds.maintenance.models import WarrantyDeposit, WarrantyMove
from gongzhi.funds.maintenance.queries.repairs import within_warranty
from gongzhi.ledger import services as ledger
from gongzhi.ledger.models import Book, Entry
from gongzhi.policy.periods import last_day_before
from gongzhi.registry.models import Estate

PURSE = "warranty_money"
CONFLICT_STATUS = 409


@transaction.atomic
def assess_warranty(
    estate: Estate, *, developer: str, cost_fen: int, delivered_on: date, actor: Actor, now: datetime
) -> WarrantyDeposit:
    """核定: cost by the pack's ratio, held from the delivery for as long as the pack says. Refuses `warranty_rule`."""
    core.require(actor, "warranty.keep", OfEstate(estate))
    on = core.local_day(now)
    if cost_fen <= 0 or not developer.strip():
        raise Refused("warranty", "请填建设单位和建筑安装总造价。", fields={"cost_fen": "请填造价"})
    cost = Decimal(cost_fen) / FEN_PER_YUAN
    due = core.ask("funds.warranty_due", {"cost": cost}, place_path=estate.place_path, on=on)
    kept = core.ask("funds.warranty_held", {}, place_path=estate.place_path, on=on)
    if not due.ok or not kept.ok:
        raise Refused("warranty_rule", "本地文件没有物业保修金的规定。", clause=tuple(due.clauses))
    until = last_day_before(due_after(estate.place_path, delivered_on, kept.value))
    try:
        with transaction.atomic():
            row = WarrantyDeposit.objects.create(
                estate=estate, developer=developer.strip(), cost_fen=cost_fen, due_fen=int(due.value),
                held_until=until, basis=due.to_json(), place_path=estate.place_path, demo=actor.demo,
            )  # fmt: skip
    except IntegrityError as error:
        raise Refused("warranty_once", "这个小区已经核定过保修金。", status=CONFLICT_STATUS) from error
    core.record("warranty.assessed", subject=estate.ref, actor=actor, at=now, place_path=estate.place_path,
                data={"due": row.due_fen, "until": until})  # fmt: skip
    return row


@transaction.atomic
def pay_in(
    deposit: WarrantyDeposit, *, amount_fen: int, on: date, key: str, voucher: StoredFile | None = None, actor: Actor,
    now: datetime,
) -> WarrantyMove:  # fmt: skip
    """交存 by the developer, up to what is due."""
    row = _locked(deposit)
    core.require(actor, "warranty.keep", row)
    _check_day(on, now)
    paid = sum(row.moves.filter(kind="deposit").values_list("amount_fen", flat=True))
    if amount_fen <= 0 or paid + amount_fen > row.due_fen:
        raise Refused("amount", f"应交{core.yuan(row.due_fen)}元，已交{core.yuan(paid)}元，"
                      f"最多再交{core.yuan(row.due_fen - paid)}元。", fields={"amount_fen": "请核对金额"})  # fmt: skip
    book = _book(row, on, actor, now)
    entry = _post(row, book, f"in:{key}", amount_fen, on, "建设单位交存保修金", actor, now)
    before = WarrantyMove.objects.filter(entry=entry).first()
    if before is not None:
        return before
    move = _kept(row, "deposit", amount_fen, on, "交存", entry=entry, voucher=voucher, actor=actor, now=now)
    _tell(row, move, "done", book, actor, now)
    return move


@transaction.atomic
def ask_use(
    deposit: WarrantyDeposit, *, amount_fen: int, part: str, reported_on: date, text: str,
    voucher: StoredFile | None = None, actor: Actor, now: datetime,
) -> WarrantyMove:  # fmt: skip
    """申请支用: a repair of a part that was within its warranty when it was reported. Refuses `check_failed`."""
    row = _locked(deposit)
    core.require(actor, "warranty.ask", OfEstate(row.estate, core.local_day(now)))
    _check_use(row, "ask", part=part, reported_on=reported_on, voucher=voucher)
    if amount_fen <= 0 or not text.strip():
        raise Refused("amount", "请填维修内容和金额。", fields={"amount_fen": "请填金额"})
    move = _kept(row, "use", amount_fen, core.local_day(now), text, part=part, reported_on=reported_on,
                 voucher=voucher, state="asked", actor=actor, now=now)  # fmt: skip
    _tell(row, move, "asked", None, actor, now)
    return move


@transaction.atomic
def check_use(move: WarrantyMove, *, version: int | None = None, actor: Actor, now: datetime) -> WarrantyMove:
    """核实 by somebody else than who asked."""
    one, row = _move(move, "asked", version)
    core.require(actor, "warranty.check", row)
    if actor.user is not None and actor.user.pk == one.asked_by_id:
        raise Refused("own_use", "申请人不能核实自己的申请，请转他人。")
    one.state, one.checked_label, one.version = "checked", actor.label, one.version + 1
    one.save()
    _tell(row, one, "checked", None, actor, now)
    return one


@transaction.atomic
def pay_use(
    move: WarrantyMove, *, on: date, voucher: StoredFile | None, version: int | None = None, actor: Actor, now: datetime
) -> WarrantyMove:
    """拨付. Refuses `balance` for more than there is, and `check_failed` without a voucher."""
    one, row = _move(move, "checked", version)
    core.require(actor, "warranty.pay", row)
    _check_day(on, now)
    _check_use(row, "pay", part=one.repair, reported_on=one.reported_on, voucher=voucher)
    book = _book(row, on, actor, now)
    _check_balance(book, one.amount_fen, on)
    one.entry = _post(row, book, f"use:{one.pk}", -one.amount_fen, on, f"保修金支用：{one.text}", actor, now)
    one.on, one.voucher, one.state, one.version = on, voucher, "done", one.version + 1
    one.save()
    _tell(row, one, "done", book, actor, now)
    return one


@transaction.atomic
def give_back(
    deposit: WarrantyDeposit, *, amount_fen: int, on: date, voucher: StoredFile | None, actor: Actor, now: datetime
) -> WarrantyMove:
    """退还 to the developer after the period. Refuses `held` while it runs or a use is still open, and `balance`."""
    row = _locked(deposit)
    core.require(actor, "warranty.pay", row)
    _check_day(on, now)
    if on <= row.held_until:
        raise Refused("held", f"保修金留存到{row.held_until}，期满才能退还。", clause=tuple(row.basis["clauses"]))
    if row.moves.exclude(state="done").exists():
        raise Refused("held", "还有支用申请没有办完，办完才能退还。")
    if voucher is None:
        raise Refused("voucher", "退还要有凭证。", fields={"voucher": "请上传凭证"})
    book = _book(row, on, actor, now)
    _check_balance(book, amount_fen, on)
    entry = _post(row, book, f"return:{row.pk}:{row.moves.count()}", -amount_fen, on, "退还保修金", actor, now)
    move = _kept(row, "return", amount_fen, on, "退还", entry=entry, voucher=voucher, actor=actor, now=now)
    _tell(row, move, "done", book, actor, now)
    return move


def _locked(deposit: WarrantyDeposit) -> WarrantyDeposit:
    return WarrantyDeposit.objects.select_for_update(of=("self",)).select_related("estate").get(pk=deposit.pk)


def _move(move: WarrantyMove, state: str, version: int | None) -> tuple[WarrantyMove, WarrantyDeposit]:
    one = WarrantyMove.objects.select_for_update(of=("self",)).get(pk=move.pk)
    if one.state != state:
        raise Refused("use_state", f"这一笔现在是“{one.get_state_display()}”，不能再办。", status=CONFLICT_STATUS)
    core.check_version(one, version)
    return one, _locked(WarrantyDeposit(pk=one.deposit_id))


def _check_day(on: date, now: datetime) -> None:
    if on > core.local_day(now):
        raise Refused("paid_on", "日期不能晚于今天。", fields={"on": "不能晚于今天"})


def _check_use(
    row: WarrantyDeposit, step: str, *, part: str, reported_on: date | None, voucher: StoredFile | None
) -> None:
    facts = {"part": part, "voucher": voucher is not None, "step": step}
    known = within_warranty(row.estate, part, reported_on) if reported_on is not None else None
    if known is not None:
        facts["within_warranty"] = known
    core.run_checks("funds.warranty_use", facts, place_path=row.place_path, on=reported_on or row.held_until)


def _check_balance(book: Book, amount_fen: int, on: date) -> None:
    there = held(book, on)
    if amount_fen <= 0 or amount_fen > there:
        raise Refused("balance", f"保修金余额{core.yuan(there)}元，不够付{core.yuan(amount_fen)}元。",
                      fields={"amount_fen": f"最多{core.yuan(there)}"})  # fmt: skip


def _book(row: WarrantyDeposit, on: date, actor: Actor, now: datetime) -> Book:
    return ensure_book(row.estate, purse=PURSE, on=on, actor=actor, now=now)


def _post(
    row: WarrantyDeposit, book: Book, key: str, fen: int, on: date, text: str, actor: Actor, now: datetime
) -> Entry:
    """Into the bank above 0, out of it below; what is there is owed to the developer."""
    legs = [(bank_of(book), fen), (book.accounts.get(code="developer"), -fen)]
    return ledger.post(book=book, key=key, kind="warranty", booked_on=on, text=text, legs=legs, actor=actor, now=now,
                       source=row.ref)  # fmt: skip


def _kept(
    row: WarrantyDeposit, kind: str, fen: int, on: date, text: str, *, part: str = "", reported_on: date | None = None,
    voucher: StoredFile | None, entry: Entry | None = None, state: str = "done", actor: Actor, now: datetime,
) -> WarrantyMove:  # fmt: skip
    return WarrantyMove.objects.create(
        deposit=row, kind=kind, amount_fen=fen, on=on, text=text.strip(), repair=part, reported_on=reported_on,
        voucher=voucher, entry=entry, state=state, asked_by=actor.user, by_label=actor.label, at=now,
    )  # fmt: skip


def _tell(row: WarrantyDeposit, move: WarrantyMove, step: str, book: Book | None, actor: Actor, now: datetime) -> None:
    balance = held(book, move.on) if book is not None else 0
    data = {"kind": move.kind, "step": step, "amount": move.amount_fen, "on": move.on, "balance": balance}
    core.record("warranty.moved", subject=row.estate.ref, actor=actor, at=now, place_path=row.place_path,
                data=data)  # fmt: skip
