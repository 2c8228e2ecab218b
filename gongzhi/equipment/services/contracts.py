"""Contracts about equipment: who signs, who pays, when the next one is due."""

from datetime import date, datetime
from typing import Any

from django.db import transaction

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.core.models import Organisation, StoredFile
from gongzhi.equipment.models import UpkeepContract, UpkeepPayment
from gongzhi.equipment.queries.rules import AtEstate, before, contract_rule
from gongzhi.equipment.services.common import filled, locked, named, numbered, saved
from gongzhi.equipment.words import CONTRACTS
from gongzhi.registry.models import Estate, Facility
from gongzhi.registry.queries import organisation_for
from gongzhi.registry.questions import FACILITY_KINDS

MAINTENANCE = "maintenance"


@transaction.atomic
def sign_contract(
    estate: Estate,
    *,
    contract: str,
    kind: str,
    company: Organisation,
    party_a: str,
    from_on: date,
    to_on: date,
    yearly_fen: int | None = None,
    tendered: str = "",
    file: StoredFile | None = None,
    actor: Actor,
    now: datetime,
) -> UpkeepContract:
    """Refuses `party_a` and `tender_missing` where the document says who signs, and how the other side is found."""
    on = core.local_day(now)
    core.require(actor, "equipment.sign", AtEstate(estate, on))
    if contract not in CONTRACTS or kind not in FACILITY_KINDS:
        raise Refused("field_missing", "请选合同和设施的种类。", fields={"contract": "请从列表里选"})
    if to_on < from_on:
        raise Refused("contract_days", "期满日期不能早于开始日期。", fields={"to_on": "不能早于开始日期"})
    rule = contract_rule(estate, contract, kind, on=on)
    allowed = rule.many("party_a")
    if allowed and party_a not in allowed:
        words = "、".join(core.role_name(one, place_path=estate.place_path, on=on) for one in allowed)
        raise Refused("party_a", f"这份合同由{words}签订。", clause=rule.clauses, fields={"party_a": f"应是{words}"})
    if rule.value.get("tender") and not tendered.strip():
        raise Refused(
            "tender_missing", "要招标确定，请填招标记录（项目编号、中标日期）。", clause=rule.clauses,
            fields={"tendered": "请填招标记录"},
        )  # fmt: skip
    warn = rule.value.get("warn_before")
    row = UpkeepContract.objects.create(
        number=numbered("SB", now), estate=estate, place_path=estate.place_path, contract=contract, kind=kind,
        company=company, party_a=party_a, party_a_unit=organisation_for(party_a, estate.place_path, estate, on=on),
        payers=list(rule.many("payers")), tendered=tendered.strip(), from_on=from_on, to_on=to_on,
        yearly_fen=yearly_fen, file=file, basis=list(rule.clauses), made_at=now, demo=actor.demo,
        warn_on=before(estate.place_path, to_on, warn) if warn else None,
    )  # fmt: skip
    if file is not None:
        StoredFile.objects.filter(pk=file.pk).update(owner_kind=row.ref.kind, owner_id=row.ref.id)
    if contract == MAINTENANCE:
        Facility.objects.filter(estate=estate, kind=kind, ended_on=None).update(upkeep=company.name)
    _tell(row, "upkeep.signed", actor, now)
    earlier = UpkeepContract.objects.filter(estate=estate, contract=contract, kind=kind, ended_on=None)
    for one in earlier.exclude(pk=row.pk).filter(to_on__lt=to_on).select_related("estate", "company"):
        _tell(one, "upkeep.replaced", actor, now)
    return row


@transaction.atomic
def end_contract(
    row: UpkeepContract, *, on: date, actor: Actor, now: datetime, version: int | None = None
) -> UpkeepContract:
    row = locked(row, version)
    core.require(actor, "equipment.sign", row)
    if row.ended_on is not None or not row.from_on <= on <= row.to_on:
        raise Refused("contract_days", "终止日期要在合同期内，已终止的不能再终止。", fields={"on": "请核对日期"})
    row.ended_on = on
    saved(row, "ended_on")
    _tell(row, "upkeep.ended", actor, now, on=on)
    return row


@transaction.atomic
def pay(
    row: UpkeepContract,
    *,
    payer_role: str,
    amount_fen: int,
    paid_on: date,
    period: str = "",
    actor: Actor,
    now: datetime,
    version: int | None = None,
) -> UpkeepPayment:
    """A line of the book. Refuses `payer` where the document lets somebody else bear the cost."""
    row = locked(row, version)
    core.require(actor, "equipment.pay", row)
    filled(payer_role=(payer_role, "付款方"))
    on = core.local_day(now)
    if row.payers and payer_role not in row.payers:
        words = "、".join(core.role_name(one, place_path=row.place_path, on=on) for one in row.payers)
        raise Refused(
            "payer", f"这笔费用只能由{words}承担。", clause=tuple(row.basis), fields={"payer_role": f"只能是{words}"}
        )
    if amount_fen <= 0 or paid_on > on:
        raise Refused("payment", "金额要大于0，付款日期不能晚于今天。", fields={"amount": "请核对金额和日期"})
    made = UpkeepPayment.objects.create(
        contract=row, paid_on=paid_on, payer_role=payer_role, amount_fen=amount_fen, period=period.strip(),
        payer=organisation_for(payer_role, row.place_path, row.estate, on=paid_on), by_label=actor.label, at=now,
        demo=actor.demo,
    )  # fmt: skip
    saved(row)
    _tell(row, "upkeep.paid", actor, now, payer=payer_role)
    return made


def watch_contracts(now: datetime) -> int:
    """Contracts that run out soon and have no successor: noted once."""
    today, noted = core.local_day(now), 0
    due = UpkeepContract.objects.filter(warned=False, ended_on=None, warn_on__lte=today)
    for pk in due.order_by("pk").values_list("pk", flat=True):
        with transaction.atomic():
            rows = due.select_for_update(skip_locked=True, of=("self",)).select_related("estate", "company")
            row = rows.filter(pk=pk).first()
            if row is None:
                continue
            row.warned = True
            row.save(update_fields=["warned"])
            later = UpkeepContract.objects.filter(
                estate=row.estate, contract=row.contract, kind=row.kind, ended_on=None, to_on__gt=row.to_on
            )
            if later.exists():
                continue
            rule = contract_rule(row.estate, row.contract, row.kind, on=today)
            tender = bool(rule.value.get("tender"))
            _tell(row, "upkeep.ending", Actor.system(demo=row.demo), now, tender=tender)
            noted += 1
    return noted


def _tell(row: UpkeepContract, event: str, actor: Actor, now: datetime, **more: Any) -> None:
    data = {
        "contract": row.contract,
        "kind": row.kind,
        "estate": row.estate.name,
        "company": row.company.name,
        "to_on": row.to_on,
        **named("party_a", row.party_a_unit, row.party_a),
        **more,
    }
    core.record(event, subject=row.ref, actor=actor, at=now, place_path=row.place_path, data=data)
