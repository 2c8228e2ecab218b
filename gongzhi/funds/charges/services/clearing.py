"""清零证明 at a transfer, hand-over of arrears between companies, what an owner states of himself, custody."""

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

from django.db import transaction
from django.db.models import F, Sum

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.display import clause_reference, cn_date, cn_months
from gongzhi.core.errors import Refused
from gongzhi.core.models import StoredFile
from gongzhi.core.printing import print_pdf
from gongzhi.funds.charges.models import (
    ArrearsHandover,
    Bill,
    Clearance,
    CustodyRelease,
    PayerMark,
    Settlement,
)
from gongzhi.funds.charges.queries.arrears import owed_by, period_after
from gongzhi.funds.charges.queries.owed import PURSE, OfProject, OfUnit, owed_by_bill
from gongzhi.funds.charges.services.early import bill_until_now
from gongzhi.funds.charges.services.settling import use_advance
from gongzhi.funds.charges.words import HANDOVER_KINDS, PAYER_KINDS
from gongzhi.funds.common.services import ensure_book
from gongzhi.ledger import services as ledger
from gongzhi.registry.models import Ownership, Project, Unit
from gongzhi.registry.queries.history import ownership_on
from gongzhi.registry.queries.known import fact

CONFLICT_STATUS = 409
SERIES = "clearance"
CLEARANCE = Path(__file__).parents[1] / "clearance.typ"
OWNER = "owner"
# Where the owner asked on the net, nobody of the company handled it.
BY_THE_BOOKS = "业主网上申请，系统按账核出"


@transaction.atomic
def issue_clearance(
    unit: Unit, *, project: Project, ownership: Ownership | None, actor: Actor, now: datetime
) -> Clearance:
    """Issued when these owners owe the company nothing, after what they paid in advance was used; else refused.

    Those who own the unit today owe this month too, though its run is not made. The refusal lists what is owed; an
    opinion that is not settled makes it no smaller. Registering the title does not wait for this.
    """
    core.require(actor, "fee.clear", OfUnit(unit, project))
    on = core.local_day(now)
    early: list[Bill] = []
    if ownership == ownership_on(unit, on):
        early = bill_until_now(unit, project=project, actor=actor, now=now)
    use_advance(unit, project=project, ownership=ownership, on=on, actor=Actor.system(demo=actor.demo), now=now)
    bills = [bill for bill in owed_by(unit, ownership) if bill.project_id == project.pk]
    owing = owed_by_bill(bills, on)
    lines = [(bill, owing[bill.pk]) for bill in bills]
    owed = sum(fen for _, fen in lines)
    facts = {"cleared": owed == 0, "estate_type": project.estate.estate_type}
    findings = core.run_checks("funds.clearance", facts, place_path=project.place_path, on=on, raise_=False)
    refusing = [one for one in findings if one.outcome == "refuse"]
    if owed or refusing:
        # Refusing takes back what was billed just now: it is named by its months, not by its number.
        listed = "；".join(f"{_named(bill, early)}{core.yuan(fen)}元" for bill, fen in lines)
        then = "请点“先出本月的账单”，" if early else ""
        raise Refused(
            "not_cleared",
            f"还欠{core.yuan(owed)}元，不能出具。{listed}。{then}缴清后马上可以再申请。",
            clause=tuple(clause for one in refusing for clause in one.clauses),
            status=CONFLICT_STATUS,
        )
    until, answer = period_after(project.place_path, "funds.clearance_valid", on)
    number = core.next_number(f"{SERIES}|{project.pk}", on.year)
    row = Clearance.objects.create(
        project=project, unit=unit, ownership=ownership, number=f"{on.year}-{project.pk}-{number:04d}", issued_on=on,
        valid_until=until, by=None if actor.role == OWNER else actor.user, answer=answer.to_json(),
        place_path=project.place_path, demo=actor.demo,
    )  # fmt: skip
    core.record(
        "fee.clearance_issued", subject=unit.ref, actor=actor, at=now, place_path=project.place_path,
        data={"number": row.number, "valid_until": until, "estate": str(project.estate_id)},
    )  # fmt: skip
    return row


def _named(bill: Bill, early: Sequence[Bill]) -> str:
    if bill in early:
        return f"{cn_months(bill.from_on, bill.to_on)}还没有出账的"
    return f"账单{bill.number}欠"


def clearance_pdf(row: Clearance, *, now: datetime) -> bytes:
    """The certificate as it is handed out, with the owners' names in full."""
    shares = row.ownership.shares.select_related("owner").order_by("pk") if row.ownership is not None else ()
    clauses = tuple((row.answer or {}).get("clauses") or ())
    data = {
        "number": row.number,
        "estate": row.project.estate.name,
        "unit": str(row.unit),
        "owner": "、".join(core.opened(one.owner, "name") or one.owner.masked_name for one in shares) or "未登记业主",
        "company": row.project.company.name,
        "on": cn_date(row.issued_on),
        "until": cn_date(row.valid_until),
        "by": row.by.display_name if row.by is not None else BY_THE_BOOKS,
        "basis": "、".join(dict.fromkeys(clause_reference(one).where for one in clauses)),
        "demo": row.demo,
    }
    return print_pdf(CLEARANCE, data, now=now)


# -- between companies


@transaction.atomic
def hand_over(
    project: Project, *, to_project: Project | None, kind: str, on: date, agreement: StoredFile | None, actor: Actor,
    now: datetime,
) -> ArrearsHandover:  # fmt: skip
    """A list of what is owed and paid in advance on the day the old company leaves. Ceding needs its agreement."""
    core.require(actor, "fee.bill", OfProject(project))
    if kind not in HANDOVER_KINDS or project.to_on is None or on < project.to_on:
        raise Refused("not_ended", "企业服务结束以后才能交接欠费。", fields={"on": "要在服务结束之后"})
    if kind == "ceded" and (agreement is None or to_project is None):
        raise Refused("agreement", "转由新企业收取的，要选新项目并上传交接协议。", fields={"agreement": "请上传协议"})
    if to_project is not None and (to_project.estate_id != project.estate_id or to_project == project):
        raise Refused("to_project", "新项目要在同一小区。", fields={"to_project": "不在同一小区"})
    if ArrearsHandover.objects.filter(from_project=project).exists():
        raise Refused("handed_over", "这个项目的欠费已经交接过。", status=CONFLICT_STATUS)
    owed = Bill.objects.filter(project=project, settled_on=None, cancelled_on=None)
    sums = owed.values("unit", "ownership").annotate(fen=Sum(F("amount_fen") - F("paid_fen"))).order_by("unit")
    kept = Settlement.objects.filter(project=project, kind="payment").values("unit", "ownership")
    left = kept.annotate(fen=Sum(F("amount_fen") - F("allocated_fen") - F("refunded_fen"))).filter(fen__gt=0)
    rows = {
        "owed": [[one["unit"], one["ownership"], one["fen"]] for one in sums],
        "advance": [[one["unit"], one["ownership"], one["fen"]] for one in left.order_by("unit")],
    }
    row = ArrearsHandover.objects.create(
        from_project=project, to_project=to_project, kind=kind, on=on, units=len({one[0] for one in rows["owed"]}),
        owed_fen=sum(one[2] for one in rows["owed"]), advance_fen=sum(one[2] for one in rows["advance"]), rows=rows,
        agreement=agreement, place_path=project.place_path, demo=actor.demo,
    )  # fmt: skip
    _record_handover(row, "fee.arrears_listed", actor, now)
    return row


@transaction.atomic
def confirm_handover(row: ArrearsHandover, *, version: int | None, actor: Actor, now: datetime) -> ArrearsHandover:
    """The new company takes it: from then on the ceded bills and what was paid in advance are its own."""
    held = (
        ArrearsHandover.objects.select_for_update(of=("self",))
        .select_related("from_project", "to_project")
        .get(pk=row.pk)
    )
    core.check_version(held, version)
    if held.to_project is None:
        raise Refused("no_successor", "没有接收的企业，不用确认。", status=CONFLICT_STATUS)
    core.require(actor, "fee.bill", OfProject(held.to_project))
    if held.confirmed_on is not None:
        return held
    if held.kind == "ceded":
        open_now = Bill.objects.filter(project=held.from_project, settled_on=None, cancelled_on=None)
        open_now.update(project=held.to_project, version=F("version") + 1)
    kept = Settlement.objects.filter(project=held.from_project, kind="payment")
    kept.filter(amount_fen__gt=F("allocated_fen") + F("refunded_fen")).update(
        project=held.to_project, version=F("version") + 1
    )
    held.confirmed_on, held.version = core.local_day(now), held.version + 1
    held.save(update_fields=["confirmed_on", "version"])
    _record_handover(held, "fee.arrears_taken_over", actor, now)
    return held


def _record_handover(row: ArrearsHandover, kind: str, actor: Actor, now: datetime) -> None:
    data = {
        "handover": row.kind, "units": row.units, "owed": row.owed_fen, "advance": row.advance_fen,
        "estate": str(row.from_project.estate_id),
    }  # fmt: skip
    core.record(kind, subject=row.ref, actor=actor, at=now, place_path=row.place_path, data=data)


# -- what an owner states of himself


@transaction.atomic
def mark_self(unit: Unit, *, project: Project, kind: str, actor: Actor, now: datetime) -> PayerMark | None:
    """自愿标注 by the owner, `kind` empty to take it back. No event tells who: only that one was made."""
    core.require(actor, "fee.mark", OfUnit(unit, project))
    on = core.local_day(now)
    if actor.user is None or (kind and kind not in PAYER_KINDS):
        raise Refused("kind", "请选身份类别。", fields={"kind": "请选类别"})
    PayerMark.objects.filter(unit=unit, to_on=None).update(to_on=on)
    row = None
    if kind:
        row = PayerMark.objects.create(
            unit=unit, kind=kind, user=actor.user, from_on=on, place_path=project.place_path, demo=actor.demo
        )
    core.record(
        "fee.payer_marked", subject=project.estate.ref, actor=actor.known_as("业主"), at=now,
        place_path=project.place_path, data={"given": bool(kind)},
    )  # fmt: skip
    return row


# -- custody


def _custody(project: Project, on: date, *, assessed: bool) -> None:
    facts = {"pilot": _pilot(project, on), "assessed": assessed}
    core.run_checks("funds.charge_custody", facts, place_path=project.place_path, on=on)


def check_deduction(project: Project, on: date) -> None:
    """Whether an owner may have the bank take the charges of this project, where the document asks more than his
    consent."""
    facts = {"pilot": _pilot(project, on)}
    core.run_checks("funds.charge_deduction", facts, place_path=project.place_path, on=on)


def _pilot(project: Project, on: date) -> bool:
    return bool(fact(project.estate.ref, "charge_custody_pilot", on))


@transaction.atomic
def release(
    project: Project, *, from_on: date, to_on: date, amount_fen: int, assessment: str, actor: Actor, now: datetime
) -> CustodyRelease:
    """按考核结果放款 by the keeper, out of what lies in custody, for a period once."""
    core.require(actor, "fee.release", OfProject(project))
    on = core.local_day(now)
    _custody(project, on, assessed=bool(assessment.strip()))
    before = CustodyRelease.objects.filter(project=project, from_on=from_on).first()
    if before is not None and before.amount_fen == amount_fen:
        return before
    if before is not None:
        raise Refused("released", f"这一期已经拨付{core.yuan(before.amount_fen)}元。", status=CONFLICT_STATUS)
    book = ensure_book(project.estate, purse=PURSE, on=on, actor=actor, now=now)
    bank = book.accounts.get(code="bank")
    there = ledger.balance(bank, on)
    if amount_fen <= 0 or amount_fen > there:
        raise Refused("balance", f"托管账户有{core.yuan(there)}元。", fields={"amount_fen": f"最多{core.yuan(there)}"})
    entry = ledger.post(
        book=book, key=f"release:{project.pk}:{from_on}", kind="charge_release", booked_on=on,
        text=f"拨付物业费（{cn_date(from_on)}至{cn_date(to_on)}）{assessment.strip()}",
        legs=[(book.accounts.get(code="cost.service"), amount_fen), (bank, -amount_fen)], actor=actor, now=now,
        source=project.estate.ref,
    )  # fmt: skip
    row = CustodyRelease.objects.create(
        project=project, from_on=from_on, to_on=to_on, amount_fen=amount_fen, assessment=assessment.strip(),
        approved_on=on, approved_by=actor.user, entry=entry, place_path=project.place_path, demo=actor.demo,
    )  # fmt: skip
    core.record(
        "fee.released", subject=project.estate.ref, actor=actor, at=now, place_path=project.place_path,
        data={"amount": amount_fen, "from_on": from_on, "to_on": to_on},
    )  # fmt: skip
    return row
