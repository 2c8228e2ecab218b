"""Receipts and expenses of the owners' revenue: what a decision allows, what is flagged, what is refused."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.core.models import StoredFile
from gongzhi.funds.common.queries import OfEstate, account_at, bank_of, held
from gongzhi.funds.common.services import ensure_book
from gongzhi.funds.revenue.models import PublicRoom, RevenueContract, RevenueItem
from gongzhi.funds.revenue.queries import PURSE, fund_share_met
from gongzhi.funds.revenue.services.crediting import credit_households
from gongzhi.funds.revenue.services.rooms import check_letting
from gongzhi.funds.revenue.words import FLAGS, PURPOSES, SOURCES
from gongzhi.governance.bodies.queries.bodies import on_file
from gongzhi.governance.bodies.queries.decisions import revocation_of
from gongzhi.governance.votes.models import Motion
from gongzhi.ledger import services as ledger
from gongzhi.ledger.models import Book
from gongzhi.registry.models import Estate
from gongzhi.registry.queries.known import project_on

IN_FORCE = ("final", "filed")


@dataclass(frozen=True)
class Income:
    """Money that came in. `supervised`: into the supervised account, where the estate has one."""

    source: str
    amount_fen: int
    on: date
    text: str
    owned_by: str = "owners"
    contract: RevenueContract | None = None
    supervised: bool = True
    voucher: StoredFile | None = None


@dataclass(frozen=True)
class Expense:
    """Money to be spent. `motion`: the owners' decision that it rests on."""

    purpose: str
    amount_fen: int
    on: date
    text: str
    owned_by: str = "owners"
    upkeep: str = ""
    motion: Motion | None = None
    voucher: StoredFile | None = None
    to_service_charges: bool = False
    gap_left_fen: int | None = None
    """What the estates still lack for their upkeep; None: nobody said that they lack nothing."""
    reason: str = ""


def managed_by(estate: Estate, on: date) -> str:
    """Who runs the account: as registered, else the committee once it is on file, else the company."""
    account = account_at(estate, PURSE, on)
    if account is not None:
        return {"committee": "committee", "company": "company"}.get(account.manager, "street")
    return "committee" if any(on_file(estate, on).values()) else "company"


def publisher_of(estate: Estate, on: date) -> str:
    """Whose duty it is to show the accounts."""
    if managed_by(estate, on) == "committee":
        return "management_committee" if on_file(estate, on)["has_management_committee"] else "owners_committee"
    return "property_company"


@transaction.atomic
def begin_revenue(estate: Estate, *, on: date, actor: Actor, now: datetime) -> Book:
    """Opens the book of common revenue from a day on; from then it has to be shown."""
    core.require(actor, "revenue.keep", OfEstate(estate, on))
    book = ensure_book(estate, purse=PURSE, on=on, actor=actor, now=now)
    if book.entries.exists():
        return book
    core.record(
        "revenue.begun",
        subject=estate.ref,
        actor=actor,
        at=now,
        place_path=estate.place_path,
        data={"on": on, "publisher": publisher_of(estate, on)},
    )
    return book


@transaction.atomic
def register_contract(
    estate: Estate,
    *,
    source: str,
    owned_by: str,
    title: str,
    payer: str,
    amount_fen: int,
    from_on: date,
    to_on: date,
    tariff_shown: bool,
    file: StoredFile | None = None,
    room: PublicRoom | None = None,
    actor: Actor,
    now: datetime,
) -> RevenueContract:
    core.require(actor, "revenue.keep", OfEstate(estate, from_on))
    if to_on < from_on:
        raise Refused("contract_days", "合同到期要在开始之后。", fields={"to_on": "要在开始之后"})
    check_letting(estate, room, now=now)
    row = RevenueContract.objects.create(
        estate=estate, source=source, owned_by=owned_by, title=title.strip(), payer=payer.strip(),
        amount_fen=amount_fen,
        from_on=from_on, to_on=to_on, tariff_shown=tariff_shown, file=file, room=room, place_path=estate.place_path,
        demo=actor.demo,
    )  # fmt: skip
    core.record(
        "revenue.contract_registered",
        subject=estate.ref,
        actor=actor,
        at=now,
        place_path=estate.place_path,
        data={"source": source, "from_on": from_on, "amount": amount_fen},
    )
    return row


@transaction.atomic
def receive(estate: Estate, *, given: Income, key: str, actor: Actor, now: datetime) -> RevenueItem:
    """A receipt into the books. What should be in the supervised account and is not, is flagged 未归集."""
    core.require(actor, "revenue.keep", OfEstate(estate, given.on))
    if given.source not in SOURCES:
        raise Refused("source", "请选来源。", fields={"source": "请选来源"})
    _check_amount(given.amount_fen, given.on, now)
    book = _book(estate, given.on, actor, now)
    account = account_at(estate, PURSE, given.on)
    flags = []
    if account is not None and not given.supervised and given.source in _to_collect(estate, given.on):
        flags.append("not_collected")
    entry = ledger.post(
        book=book,
        key=f"in:{key}",
        kind=f"revenue_{given.source}",
        booked_on=given.on,
        text=given.text,
        legs=[(bank_of(book), given.amount_fen), (book.accounts.get(code=f"income.{given.source}"), -given.amount_fen)],
        actor=actor,
        now=now,
        source=estate.ref,
    )
    before = RevenueItem.objects.filter(entry=entry).first()
    if before is not None:
        return before
    row = RevenueItem.objects.create(
        estate=estate, source=given.source, owned_by=given.owned_by, amount_fen=given.amount_fen, on=given.on,
        text=given.text, contract=given.contract, account=account if given.supervised else None,
        voucher=given.voucher, flags=flags, once_flagged=flags, entry=entry, by=actor.user, at=now,
        place_path=estate.place_path, demo=actor.demo,
    )  # fmt: skip
    core.record(
        "revenue.received",
        subject=estate.ref,
        actor=actor,
        at=now,
        place_path=estate.place_path,
        data={"source": given.source, "amount": given.amount_fen, "on": given.on, "flags": flags},
    )
    return row


def _to_collect(estate: Estate, on: date) -> list[str]:
    answer = core.ask("funds.revenue_collected", {}, place_path=estate.place_path, on=on)
    return list(answer.value or ())


@transaction.atomic
def spend(estate: Estate, *, given: Expense, key: str, actor: Actor, now: datetime) -> RevenueItem:
    """An expense into the books.

    Refuses (`check_failed`) what the pack's checks on `funds.revenue_spend` forbid, and more than there is (`balance`).
    What they only warn of is flagged; 疑似挪用 is told to community and bureau by `revenue.flagged`. What goes to the
    service charges is credited to the households where the pack says how.
    """
    core.require(actor, "revenue.spend", OfEstate(estate, given.on))
    if given.purpose not in PURPOSES or given.purpose == "to_fund":
        raise Refused("purpose", "请选用途。", fields={"purpose": "请选用途"})
    _check_amount(given.amount_fen, given.on, now)
    book = _book(estate, given.on, actor, now)
    before = RevenueItem.objects.filter(entry__book=book, entry__key=f"out:{key}").first()
    if before is not None:
        return before
    _check_balance(book, given.amount_fen, given.on)
    facts = {
        "purpose": given.purpose,
        "estate_type": estate.estate_type,
        "managed_by": managed_by(estate, given.on),
        "owned_by": given.owned_by,
        "decided": given.motion is not None and _in_force(given.motion, estate),
        "within_decision": within_decision(given.motion, given.amount_fen),
        "voucher": given.voucher is not None,
        "gap_covered": given.gap_left_fen is not None and given.gap_left_fen <= 0,
        "to_service_charges": given.to_service_charges,
        "reason_given": bool(given.reason.strip()),
    }
    project = project_on(estate, given.on)
    if project is not None:
        facts["service_kind"] = project.service_kind
    if given.to_service_charges:
        facts["fund_share_met"] = fund_share_met(estate, managed_by=str(facts["managed_by"]), on=given.on)
    findings = core.run_checks("funds.revenue_spend", facts, place_path=estate.place_path, on=given.on)
    fields = {"decided": "no_decision", "voucher": "no_voucher", "purpose": "off_purpose", "gap_covered": "off_purpose"}
    flags = list(dict.fromkeys(fields[one.field] for one in findings if one.field in fields))
    entry = ledger.post(
        book=book,
        key=f"out:{key}",
        kind="revenue_spent",
        booked_on=given.on,
        text=given.text,
        legs=[(book.accounts.get(code=given.purpose), given.amount_fen), (bank_of(book), -given.amount_fen)],
        actor=actor,
        now=now,
        source=estate.ref,
    )
    before = RevenueItem.objects.filter(entry=entry).first()
    if before is not None:
        return before
    row = RevenueItem.objects.create(
        estate=estate, purpose=given.purpose, upkeep=given.upkeep, owned_by=given.owned_by, amount_fen=given.amount_fen,
        on=given.on, text=given.text, motion=given.motion, voucher=given.voucher, flags=flags, once_flagged=flags,
        entry=entry, by=actor.user, at=now, place_path=estate.place_path, demo=actor.demo,
    )  # fmt: skip
    row.said = tuple(one.message for one in findings)
    data = {"purpose": given.purpose, "amount": given.amount_fen, "on": given.on, "flags": flags}
    core.record("revenue.spent", subject=estate.ref, actor=actor, at=now, place_path=estate.place_path, data=data)
    if given.to_service_charges:
        credit_households(row, project=project, now=now)
    if "no_decision" in flags:
        core.record(
            "revenue.flagged",
            subject=estate.ref,
            actor=Actor.system(demo=actor.demo),
            at=now,
            place_path=estate.place_path,
            data={"item": str(row.pk), "amount": row.amount_fen},
        )
    return row


def _in_force(motion: Motion, estate: Estate) -> bool:
    """Passed in a vote of this estate whose result stands, and not revoked by the street since."""
    if motion.outcome != "passed" or motion.vote.state not in IN_FORCE or motion.vote.estate_id != estate.pk:
        return False
    return revocation_of(vote_ref=motion.vote.ref.key, title=motion.title) is None


def within_decision(motion: Motion | None, amount_fen: int) -> bool:
    """Whether the sum of all that rests on the decision stays within it."""
    if motion is None or motion.amount_fen is None:
        return True
    used = sum(motion.revenue_items.values_list("amount_fen", flat=True))
    return used + amount_fen <= motion.amount_fen


@transaction.atomic
def clear_flag(
    item: RevenueItem,
    *,
    flag: str,
    motion: Motion | None = None,
    voucher: StoredFile | None = None,
    reason: str,
    version: int | None,
    actor: Actor,
    now: datetime,
) -> RevenueItem:
    """What was missing was handed in later: the flag goes, that it was there stays."""
    row = RevenueItem.objects.select_for_update(of=("self",)).select_related("estate").get(pk=item.pk)
    core.check_version(row, version)
    core.require(actor, "revenue.spend", OfEstate(row.estate, core.local_day(now)))
    if flag not in row.flags:
        raise Refused("no_flag", "这一笔没有这个标记。")
    if flag == "no_decision" and (motion is None or not _in_force(motion, row.estate)):
        raise Refused("motion", "请选已通过并生效的业主表决。", fields={"motion": "请选表决"})
    if flag == "no_voucher" and voucher is None:
        raise Refused("voucher", "请上传凭证。", fields={"voucher": "请上传凭证"})
    if not reason.strip():
        raise Refused("reason_missing", "请写说明。", fields={"reason": "请写说明"})
    row.motion, row.voucher = motion or row.motion, voucher or row.voucher
    row.flags = [one for one in row.flags if one != flag]
    row.version += 1
    row.save(update_fields=["motion", "voucher", "flags", "version"])
    core.record(
        "revenue.cleared",
        subject=row.estate.ref,
        actor=actor,
        at=now,
        place_path=row.place_path,
        data={"item": str(row.pk), "reason": f"{FLAGS[flag]}：{reason.strip()}"},
    )
    return row


def _check_amount(amount_fen: int, on: date, now: datetime) -> None:
    if amount_fen <= 0:
        raise Refused("amount", "金额要大于0。", fields={"amount_fen": "要大于0"})
    if on > core.local_day(now):
        raise Refused("item_day", "日期不能晚于今天。", fields={"on": "不能晚于今天"})


def _check_balance(book: Book, amount_fen: int, on: date) -> None:
    there = held(book, on)
    if amount_fen > there:
        raise Refused(
            "balance", f"公共收益余额{core.yuan(there)}元，不够付。", fields={"amount_fen": f"最多{core.yuan(there)}"}
        )


def _book(estate: Estate, on: date, actor: Actor, now: datetime) -> Book:
    return ensure_book(estate, purse=PURSE, on=on, actor=actor, now=now)
