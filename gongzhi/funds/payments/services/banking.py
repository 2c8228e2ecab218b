"""现金存行: cash of the counter goes to the bank on a slip; the ledger then has it where the bank has it."""

from datetime import date, datetime

from django.db import IntegrityError, transaction

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.display import cn_date
from gongzhi.core.errors import Refused
from gongzhi.core.models import StoredFile
from gongzhi.funds.charges.queries import OfProject
from gongzhi.funds.charges.queries.owed import PURSE
from gongzhi.funds.common.queries import book_of
from gongzhi.funds.payments.models import CashDeposit
from gongzhi.funds.payments.queries import cash_of
from gongzhi.ledger import services as ledger
from gongzhi.ledger.models import Book
from gongzhi.registry.models import Project

CONFLICT_STATUS = 409


@transaction.atomic
def bank_cash(
    project: Project, *, amount_fen: int, on: date, slip: str, file: StoredFile | None, key: str, actor: Actor,
    now: datetime,
) -> CashDeposit:  # fmt: skip
    """Posts what was paid in from cash to the bank; the bank's statement is matched with that entry.

    `key` names the act: the same again returns the first. Refuses more than was in the cash box that day (`no_cash`)
    and a slip that is there already (`slip_used`).
    """
    core.require(actor, "payment.take", OfProject(project))
    before = CashDeposit.objects.filter(key=key).first()
    if before is not None:
        return before
    if on > core.local_day(now):
        raise Refused("deposit_day", "存入日期不能晚于今天。", fields={"on": "不能晚于今天"})
    if not slip.strip():
        raise Refused("slip_missing", "请填银行缴款单号，对账时用。", fields={"slip": "请填缴款单号"})
    book = book_of(project.estate, PURSE)
    held = _held(project, book, on, core.local_day(now)) if book is not None else 0
    if book is None or not 0 < amount_fen <= held:
        raise Refused(
            "no_cash",
            f"账上的现金到{cn_date(on)}为{core.yuan(held)}元，存入的要大于0、不能多于它。收款还没有登记的先登记。",
            fields={"amount_fen": f"最多{core.yuan(held)}"},
        )
    entry = ledger.post(
        book=book, key=f"cash:{key}", kind="cash_deposit", booked_on=on, text=f"现金存入银行 缴款单{slip.strip()}",
        legs=[(book.accounts.get(code="bank"), amount_fen), (book.accounts.get(code="cash"), -amount_fen)],
        actor=actor, now=now, source=project.estate.ref,
    )  # fmt: skip
    try:
        with transaction.atomic():
            row = CashDeposit.objects.create(
                project=project, amount_fen=amount_fen, on=on, slip=slip.strip(), file=file, key=key, entry=entry,
                by=actor.user, by_label=actor.label, at=now, place_path=project.place_path, demo=actor.demo,
            )  # fmt: skip
    except IntegrityError as error:
        raise Refused(
            "slip_used", "这张缴款单已经登记过。", fields={"slip": "已登记"}, status=CONFLICT_STATUS
        ) from error
    core.record(
        "payment.cash_banked", subject=row.ref, actor=actor, at=now, place_path=row.place_path,
        data={"amount": amount_fen, "on": on, "estate": str(project.estate_id)},
    )  # fmt: skip
    return row


def _held(project: Project, book: Book, on: date, today: date) -> int:
    """Cash that was there on that day and still is; the book is held against a second deposit meanwhile."""
    Book.objects.select_for_update(no_key=True).get(pk=book.pk)
    return max(0, min(cash_of(project, on), cash_of(project, today)))
