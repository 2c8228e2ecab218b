"""Bills on their way to the owners: as PDF with a code to the payer's page, and as messages with its address."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import CharField, Count
from django.db.models.functions import Cast
from django.urls import reverse

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.display import clause_reference, cn_date, cn_months
from gongzhi.core.errors import Refused
from gongzhi.core.files import keep
from gongzhi.core.models import OutboxMessage, StoredFile
from gongzhi.core.printing import print_pdf, qr_svg
from gongzhi.funds.charges.models import Bill, BillingRun
from gongzhi.funds.charges.queries import OfProject, owed_fen, terms_on
from gongzhi.funds.charges.queries.lines import bill_lines
from gongzhi.funds.charges.queries.payers import tenant_of, tenants_of
from gongzhi.funds.charges.services.reminding import message_words
from gongzhi.funds.payments.services.links import token_of
from gongzhi.registry.models import OwnershipShare, Unit

TEMPLATE = Path(__file__).parents[1] / "bill.typ"
PDF = "application/pdf"
PRINT, TELL = "funds.print_run", "funds.tell_run"
# Pages of one file; bills told in one transaction.
PAGES, TOLD_AT_ONCE = 500, 200
CONFLICT_STATUS = 409
PER_CENT = 100
MESSAGE = "fee_bill"


def pay_address(unit: Unit, *, base: str, now: datetime) -> str:
    """Where the owner of the unit sees his bills and pays; `base` where the platform has no address of its own set."""
    root = (settings.PAY_PUBLIC_URL or base).rstrip("/")
    return f"{root}{reverse('funds:pay_link', args=[token_of(unit, now=now)])}"


# -- on paper


def bills_pdf(bills: Sequence[Bill], *, base: str, now: datetime) -> bytes:
    """One a page, as things stand today."""
    return print_pdf(TEMPLATE, {"bills": [_printed(one, base=base, now=now) for one in bills]}, now=now)


def _printed(bill: Bill, *, base: str, now: datetime) -> dict[str, Any]:
    on = core.local_day(now)
    before = Bill.objects.filter(
        project=bill.project, unit=bill.unit, ownership=bill.ownership, settled_on=None, cancelled_on=None,
        due_on__lt=min(bill.due_on, on),
    ).exclude(pk=bill.pk)  # fmt: skip
    other = owed_fen(before.select_related("project"), on)
    terms = terms_on(bill.project, bill.due_on)
    rate = terms.late_rate if terms is not None else None
    lines = bill_lines(bill)
    clauses = dict.fromkeys(clause for one in lines for clause in one.clauses)
    return {
        "number": bill.number,
        "estate": bill.project.estate.name,
        "unit": str(bill.unit),
        "company": bill.project.company.name,
        "payer": "承租人（业主负连带责任）" if tenant_of(bill) is not None else "",
        "period": f"{cn_date(bill.from_on)}至{cn_date(bill.to_on)}",
        "issued": cn_date(bill.issued_on),
        "due": cn_date(bill.due_on),
        "open": core.yuan(bill.open_fen),
        "paid": core.yuan(bill.paid_fen) if bill.paid_fen else "",
        "lines": [
            {
                "text": one.item.text,
                "formula": one.formula,
                "source": one.source,
                "amount": core.yuan(one.item.amount_fen),
            }
            for one in lines
        ],
        "total": core.yuan(bill.amount_fen),
        "other": core.yuan(other) if other else "",
        "late": f"逾期缴的，按合同每日加收{(rate * PER_CENT).normalize():f}%违约金。" if rate is not None else "",
        "basis": "、".join(dict.fromkeys(clause_reference(one).where for one in clauses)),
        "qr": qr_svg(pay_address(bill.unit, base=base, now=now)),
        "void": "已作废" if bill.cancelled_on else "已缴清" if bill.open_fen == 0 else "",
        "demo": bill.demo,
    }


@transaction.atomic
def ask_to_print(run: BillingRun, *, base: str, actor: Actor, now: datetime) -> BillingRun:
    """The worker prints every bill of the run, some hundred a file; files that are there already stay."""
    core.require(actor, "fee.bill", OfProject(run.project))
    if run.state != "done":
        raise Refused("run_not_done", "出账完成以后才能打印。", status=CONFLICT_STATUS)
    core.later(PRINT, run_id=run.pk, base=base)
    return run


def print_run(run: BillingRun, *, base: str, now: datetime) -> int:
    """Files made by this call. Building by building, room by room; each file commits by itself, so it can go on."""
    bills = run.made.filter(cancelled_on=None).order_by("unit__building__name", "unit__name")
    bills = bills.select_related("project__estate", "project__company", "unit__building__estate", "ownership", "run")
    keys = list(bills.values_list("pk", flat=True))
    there = {one.name for one in core.files_of(run.ref)}
    made = 0
    for part, at in enumerate(range(0, len(keys), PAGES), start=1):
        name = f"账单{run.from_on:%Y%m}-{part}（共{-(-len(keys) // PAGES)}册）.pdf"
        if name in there:
            continue
        with transaction.atomic():
            BillingRun.objects.select_for_update().get(pk=run.pk)
            if any(one.name == name for one in core.files_of(run.ref)):
                continue
            listed = list(bills.filter(pk__in=keys[at : at + PAGES]))
            content = bills_pdf(listed, base=base, now=now)
            keep(content, name=name, content_type=PDF, owner=run.ref, actor=Actor.system(demo=run.demo), now=now)
            made += 1
    return made


def printed(run: BillingRun) -> list[StoredFile]:
    return sorted(core.files_of(run.ref), key=lambda one: one.pk)


# -- as messages


@transaction.atomic
def ask_to_tell(run: BillingRun, *, base: str, actor: Actor, now: datetime) -> BillingRun:
    """Everybody with something to pay is told, by the worker: tenants of what is theirs, else owners. Once a run."""
    core.require(actor, "fee.bill", OfProject(run.project))
    held = BillingRun.objects.select_for_update(of=("self",)).select_related("project__estate").get(pk=run.pk)
    if held.state != "done":
        raise Refused("run_not_done", "出账完成以后才能发送。", status=CONFLICT_STATUS)
    if held.told_at is not None:
        raise Refused("run_told", "这一期账单已经发送过。没有缴的请走催告。", status=CONFLICT_STATUS)
    core.later(TELL, run_id=held.pk, base=base)
    return held


def tell_run(run: BillingRun, *, base: str, now: datetime, at_once: int = TOLD_AT_ONCE) -> int:
    """Messages written by this call. Some hundred bills a transaction; the run keeps how far it came: nobody is told
    twice, whatever stops it."""
    told = 0
    while True:
        with transaction.atomic():
            held = BillingRun.objects.select_for_update(of=("self",)).select_related("project__estate").get(pk=run.pk)
            if held.state != "done" or held.told_at is not None:
                return told
            bills = list(
                Bill.objects.filter(run=held, pk__gt=held.told_bill)
                .select_related("unit__building__estate", "project__estate")
                .order_by("pk")[:at_once]
            )
            told += _tell(bills, base=base, now=now)
            if not bills:
                _told(held, now)
                return told
            held.told_bill = bills[-1].pk
            held.save(update_fields=["told_bill"])


def _tell(bills: Sequence[Bill], *, base: str, now: datetime) -> int:
    tenants = tenants_of(bills)
    waiting = [one for one in bills if one.open_fen and (one.ownership_id is not None or one.pk in tenants)]
    owners: dict[int, list[OwnershipShare]] = {}
    shares = OwnershipShare.objects.filter(ownership__in=[one.ownership_id for one in waiting])
    for share in shares.select_related("owner").order_by("pk"):
        owners.setdefault(share.ownership_id, []).append(share)
    told = 0
    for bill in waiting:
        address = pay_address(bill.unit, base=base, now=now)
        params = message_words(
            bill.unit, amount_fen=bill.open_fen, until=bill.due_on, address=address,
            period=cn_months(bill.from_on, bill.to_on),
        )  # fmt: skip
        text = (
            f"{params['estate']}{params['unit']}{params['period']}物业费{params['amount']}元，"
            f"请在{params['until']}前缴。明细和缴费：{address}"
        )
        let = tenants.get(bill.pk)
        payers = [let.tenant] if let is not None else [one.owner for one in owners.get(bill.ownership_id or 0, ())]
        for payer in payers:
            core.notify(to=payer, template=MESSAGE, text=text, ref=bill.ref, params=params, now=now)
            told += 1
    return told


def sent_of(run: BillingRun) -> dict[str, int]:
    """How many messages of the run's bills are in which state, those by SMS alone."""
    bills = run.made.annotate(key=Cast("pk", CharField())).values("key")
    rows = OutboxMessage.objects.filter(template=MESSAGE, channel="sms", ref_kind="bill", ref_id__in=bills)
    return dict(rows.values_list("state").annotate(count=Count("pk")).order_by("state"))


def _told(run: BillingRun, now: datetime) -> None:
    run.told_at = now
    run.save(update_fields=["told_at"])
    core.record(
        "fee.bills_told", subject=run.ref, actor=Actor.system(demo=run.demo), at=now, place_path=run.place_path,
        data={"bills": run.bills, "estate": str(run.project.estate_id)},
    )  # fmt: skip
