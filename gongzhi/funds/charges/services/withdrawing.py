"""撤回出账: a run of which nothing was paid yet is taken back as a whole, by one statement with its counter-entries."""

from datetime import datetime
from typing import LiteralString

from django.db import connection, transaction
from django.db.models import F

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.funds.charges.models import Bill, BillingRun, SharedPart
from gongzhi.funds.charges.queries.owed import PURSE, OfProject
from gongzhi.funds.common.queries import book_of
from gongzhi.ledger import services as ledger
from gongzhi.ledger.services.posting import LONGEST_TEXT

CONFLICT_STATUS = 409

_DUE: LiteralString = """
WITH undone AS MATERIALIZED (
    SELECT entry.id AS was, bill.unit_id, """
_ENTRIES: LiteralString = """ AS id
    FROM funds_bill bill JOIN ledger_entry entry ON entry.id = bill.entry_id
    WHERE bill.run_id = %(run)s AND bill.cancelled_on IS NULL
), due_entry AS (
    SELECT undone.id, 'reverse:' || entry.id AS key, %(text)s AS text, entry.legs, entry.source_kind, entry.source_id,
           entry.id AS reverses_id
    FROM undone JOIN ledger_entry entry ON entry.id = undone.was
), due_leg AS (
    SELECT undone.id AS entry_id, posting.leg, posting.account_id, -posting.amount_fen AS amount_fen
    FROM undone JOIN ledger_posting posting ON posting.entry_id = undone.was
), """
_COUNT: LiteralString = " SELECT count(*) FROM undone"
UNDO: LiteralString = _DUE + ledger.ENTRY_IDS + _ENTRIES + ledger.WRITE_SET + _COUNT


@transaction.atomic
def withdraw_run(run: BillingRun, *, reason: str, version: int | None, actor: Actor, now: datetime) -> BillingRun:
    """Every bill of the run is cancelled and the period is free again. Once somebody paid, bills go back one by one."""
    held = BillingRun.objects.select_for_update(of=("self",)).select_related("project__estate").get(pk=run.pk)
    core.require(actor, "fee.bill", OfProject(held.project))
    if held.state == "withdrawn":
        return held
    core.check_version(held, version)
    if not reason.strip():
        raise Refused("reason_missing", "请写撤回的原因。", fields={"reason": "请写原因"})
    bills = Bill.objects.filter(run=held, cancelled_on=None)
    paid = sum(1 for fen in bills.select_for_update().values_list("paid_fen", flat=True) if fen)
    if paid:
        raise Refused(
            "run_paid",
            f"已有{paid}户缴了费，不能整期撤回。有错的账单请逐户作废，已缴的先退款。",
            status=CONFLICT_STATUS,
        )
    on, text = core.local_day(now), f"撤回出账：{reason.strip()}"
    book = book_of(held.project.estate, PURSE)
    assert book is not None  # noqa: S101 - it was made with the run
    values = ledger.set_values(book, kind="reversal", booked_on=on, actor=actor, now=now)
    with connection.cursor() as cursor:
        cursor.execute(UNDO, {**values, "run": held.pk, "text": text[:LONGEST_TEXT]})
        (undone,) = cursor.fetchone()
    SharedPart.objects.filter(bill__run=held, bill__cancelled_on=None).update(bill=None)
    amount = sum(bills.values_list("amount_fen", flat=True))
    bills.update(cancelled_on=on, settled_on=on, version=F("version") + 1)
    held.state, held.withdrawn_at, held.withdrawn_reason = "withdrawn", now, reason.strip()
    held.version += 1
    held.save(update_fields=["state", "withdrawn_at", "withdrawn_reason", "version"])
    core.record(
        "fee.run_withdrawn",
        subject=held.ref,
        actor=actor,
        at=now,
        place_path=held.place_path,
        data={
            "from_on": held.from_on,
            "to_on": held.to_on,
            "bills": undone,
            "amount": amount,
            "reason": reason.strip(),
            "estate": str(held.project.estate_id),
        },
    )
    return held
