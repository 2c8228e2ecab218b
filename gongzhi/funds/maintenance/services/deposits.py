"""What is due at first, what is paid in, balances taken over, interest, and the gates that stay shut until then."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.core.models import StoredFile
from gongzhi.funds.common.queries import OfEstate, account_at, bank_of
from gongzhi.funds.common.services import ensure_book, unit_accounts
from gongzhi.funds.maintenance.models import FundDeposit, FundDue
from gongzhi.funds.maintenance.queries import UnitFund, fund_units, unit_balances, units_funds
from gongzhi.funds.maintenance.queries.own import owed_of
from gongzhi.funds.maintenance.services.common import PURSE, fund_of, tell_estate, units_of
from gongzhi.funds.maintenance.words import STAGES
from gongzhi.ledger import services as ledger
from gongzhi.policy.checks import Finding
from gongzhi.registry.models import Estate, Unit

CONFLICT_STATUS = 409
MOST_TOLD = 5


@dataclass(frozen=True, slots=True)
class TakenOver:
    """A unit's account as an earlier keeper leaves it, in 分."""

    unit: Unit
    first_fen: int
    paid_first_fen: int
    balance_fen: int


@dataclass(frozen=True)
class Gate:
    """Whether a stage may be passed, with the units that stand in the way and what the document says."""

    stage: str
    passed: bool
    short: tuple[UnitFund, ...]
    units: int
    findings: tuple[Finding, ...]

    @property
    def short_fen(self) -> int:
        return sum(one.short_fen for one in self.short)


@transaction.atomic
def assess_first(estate: Estate, *, party: str = "owner", actor: Actor, now: datetime) -> list[FundDue]:
    """首期应交额 of every unit that has none yet, by the pack's formula. Opens the fund's book.

    Refuses `rate_missing` where the bureau has not entered the rate.
    """
    on = core.local_day(now)
    core.require(actor, "fund.assess", OfEstate(estate, on))
    known = set(FundDue.objects.filter(estate=estate, purpose="first").values_list("unit", flat=True))
    wanted = [unit for unit in units_of(estate) if unit.pk not in known and unit.use != "parking"]
    if not wanted:
        raise Refused("all_assessed", "每套房屋都已经核定，没有新的。")
    rows = [_due(unit, estate, party, on, actor) for unit in wanted]
    book = ensure_book(estate, purse=PURSE, on=on, actor=actor, now=now)
    unit_accounts(book, wanted)
    made = FundDue.objects.bulk_create(rows)
    tell_estate(
        estate,
        kind="fund.assessed",
        actor=actor,
        now=now,
        data={"purpose": "first", "units": len(made), "total": sum(one.amount_fen for one in made)},
    )
    return made


def _due(unit: Unit, estate: Estate, party: str, on: date, actor: Actor) -> FundDue:
    facts = {
        "area_m2": unit.exclusive_area_m2,
        "unit_use": unit.use,
        "with_elevator": bool(unit.building.elevators),
        "estate_type": estate.estate_type,
    }
    answer = core.ask("funds.deposit_due", facts, place_path=estate.place_path, on=on)
    if not answer.ok or int(answer.value) == 0:
        raise Refused(
            "rate_missing",
            "首期交存标准还没有录入，算不出应交额。请主管部门先在“条款”里本地文件的“文件未规定的”中录入每平方米的标准。",
            clause=tuple(answer.clauses),
        )
    return FundDue(
        estate=estate,
        unit=unit,
        purpose="first",
        amount_fen=int(answer.value),
        assessed_on=on,
        party=party,
        basis=answer.to_json(),
        place_path=estate.place_path,
        demo=actor.demo,
    )


@transaction.atomic
def receive_deposit(
    unit: Unit,
    *,
    purpose: str,
    payer: str,
    amount_fen: int,
    paid_on: date,
    reference: str = "",
    account_number: str = "",
    file: StoredFile | None = None,
    key: str,
    actor: Actor,
    now: datetime,
) -> FundDeposit:
    """Money came into the fund's account for a unit; posted to the unit's account.

    What makes up for a share of works (`makeup`) settles what the owner owed instead; more than that is refused.

    Refuses what the pack's checks on `funds.deposit` do not allow (who may pay for whom, into which account); the page
    then keeps the attempt as a clue with `note_refused_deposit`.
    """
    estate = unit.building.estate
    core.require(actor, "fund.deposit", OfEstate(estate, paid_on))
    if amount_fen <= 0:
        raise Refused("amount", "金额要大于0。", fields={"amount_fen": "要大于0"})
    if paid_on > core.local_day(now):
        raise Refused("paid_on", "交款日期不能晚于今天。", fields={"paid_on": "不能晚于今天"})
    if purpose == "makeup":
        _check_made_up(unit, amount_fen, paid_on)
    due = FundDue.objects.filter(unit=unit, purpose="first").first()
    account = account_at(estate, PURSE, paid_on)
    facts = {
        "payer": payer,
        "own_due": due is not None and due.party == payer,
        "into_fund_account": not account_number or (account is not None and account.number == account_number),
        "estate_type": estate.estate_type,
    }
    core.run_checks("funds.deposit", facts, place_path=estate.place_path, on=paid_on)
    book = ensure_book(estate, purse=PURSE, on=paid_on, actor=actor, now=now)
    into = book.accounts.get(code="owed") if purpose == "makeup" else unit_accounts(book, [unit])[unit.pk]
    entry = ledger.post(
        book=book,
        key=f"deposit:{key}",
        kind=f"deposit_{purpose}",
        booked_on=paid_on,
        text=f"{unit} 交存维修资金 {reference}".strip(),
        legs=[(bank_of(book), amount_fen), (into, -amount_fen)],
        actor=actor,
        now=now,
        source=unit.ref,
    )
    before = FundDeposit.objects.filter(entry=entry).first()
    if before is not None:
        return before
    row = FundDeposit.objects.create(
        estate=estate,
        unit=unit,
        purpose=purpose,
        payer=payer,
        amount_fen=amount_fen,
        paid_on=paid_on,
        reference=reference,
        file=file,
        entry=entry,
        taken_by=actor.user,
        taken_at=now,
        place_path=estate.place_path,
        demo=actor.demo,
    )
    tell_estate(
        estate,
        kind="fund.deposited",
        actor=actor,
        now=now,
        data={"purpose": purpose, "payer": payer, "amount": amount_fen, "unit": str(unit), "on": paid_on},
    )
    return row


def _check_made_up(unit: Unit, amount_fen: int, on: date) -> None:
    owed = owed_of(unit, on=on)
    if amount_fen > owed:
        said = f"这套房屋应补交{core.yuan(owed)}元，不能多收；多交的请另登记为续交。"
        raise Refused("made_up", said if owed else "这套房屋没有要补交的维修分摊。", fields={"amount_fen": said})


@transaction.atomic
def note_refused_deposit(unit: Unit, *, payer: str, amount_fen: int, actor: Actor, now: datetime) -> None:
    """A deposit that may not be taken is a clue: 违规代收代缴."""
    estate = unit.building.estate
    core.require(actor, "fund.deposit", OfEstate(estate, core.local_day(now)))
    tell_estate(
        estate,
        kind="fund.deposit_refused",
        actor=actor,
        now=now,
        data={"payer": payer, "amount": amount_fen, "unit": str(unit)},
    )


@transaction.atomic
def take_over(estate: Estate, *, rows: Sequence[TakenOver], on: date, actor: Actor, now: datetime) -> int:
    """Balances of an earlier keeper enter the books in one entry; once. Gives the sum in 分."""
    core.require(actor, "fund.assess", OfEstate(estate, on))
    if FundDeposit.objects.filter(estate=estate).exists() or FundDue.objects.filter(estate=estate).exists():
        raise Refused("fund_begun", "这个小区已经有应交额或交存记录，不能再导入接管余额。", status=CONFLICT_STATUS)
    bad = [str(one.unit) for one in rows if min(one.first_fen, one.paid_first_fen, one.balance_fen) < 0]
    if bad or not rows:
        raise Refused(
            "take_over", f"余额和首期不能为负数：{'、'.join(bad[:MOST_TOLD])}" if bad else "没有一行可以导入。"
        )
    book = ensure_book(estate, purse=PURSE, on=on, actor=actor, now=now)
    accounts = unit_accounts(book, [one.unit for one in rows])
    total = sum(one.balance_fen for one in rows)
    legs = [(bank_of(book), total), *((accounts[one.unit.pk], -one.balance_fen) for one in rows if one.balance_fen)]
    if total == 0:
        raise Refused("take_over", "各户余额合计为0，不用导入余额；请直接核定应交额。")
    entry = ledger.post(
        book=book,
        key="takeover",
        kind="takeover",
        booked_on=on,
        text=f"接管维修资金余额{len(rows)}户",
        legs=legs,
        actor=actor,
        now=now,
        source=estate.ref,
    )
    FundDue.objects.bulk_create(
        FundDue(
            estate=estate, unit=one.unit, purpose="first", amount_fen=one.first_fen, assessed_on=on,
            place_path=estate.place_path, demo=actor.demo,
        )
        for one in rows
    )  # fmt: skip
    FundDeposit.objects.bulk_create(
        FundDeposit(
            estate=estate, unit=one.unit, purpose="opening", payer="owner", amount_fen=one.paid_first_fen, paid_on=on,
            entry=entry, taken_by=actor.user, taken_at=now, place_path=estate.place_path, demo=actor.demo,
        )
        for one in rows
        if one.paid_first_fen
    )  # fmt: skip
    tell_estate(
        estate, kind="fund.taken_over", actor=actor, now=now, data={"units": len(rows), "total": total, "on": on}
    )
    return total


@transaction.atomic
def add_interest(
    estate: Estate, *, amount_fen: int, on: date, reference: str, key: str, actor: Actor, now: datetime
) -> int:
    """增值收益: split over the unit accounts by their balances before it. Gives how many units had a part."""
    core.require(actor, "fund.deposit", OfEstate(estate, on))
    if amount_fen <= 0:
        raise Refused("amount", "金额要大于0。", fields={"amount_fen": "要大于0"})
    book = fund_of(estate)
    weights = [(unit, fen) for unit, fen in sorted(unit_balances(estate, on).items()) if fen > 0]
    answer = core.ask("funds.apportion", {"path": "ordinary"}, place_path=estate.place_path, on=on)
    split = ledger.apportion(amount_fen, weights, rest_to=str(answer.value["rest_to"]))
    accounts = {int(one.holder_id): one for one in book.accounts.filter(holder_kind="unit")}
    ledger.post(
        book=book,
        key=f"interest:{key}",
        kind="interest",
        booked_on=on,
        text=f"维修资金增值 {reference}".strip(),
        legs=[
            (bank_of(book), amount_fen),
            *((accounts[int(str(part.key))], -part.amount_fen) for part in split.parts if part.amount_fen),
        ],
        actor=actor,
        now=now,
        source=estate.ref,
    )
    tell_estate(
        estate,
        kind="fund.interest_added",
        actor=actor,
        now=now,
        data={"amount": amount_fen, "units": len(weights), "on": on},
    )
    return len(weights)


def judge_stage(estate: Estate, *, stage: str, units: Sequence[Unit] | None = None, on: date) -> Gate:
    """Whether these units (all of the estate's without any) may pass the stage that day; nothing is written."""
    wanted = list(units) if units is not None else [one for one in fund_units(estate)]
    funds = units_funds(wanted, on=on)
    short = tuple(one for one in funds if one.short_fen or not one.first_fen)
    facts = {"stage": stage, "paid_in_full": not short, "estate_type": estate.estate_type}
    findings = core.run_checks("funds.stage_gate", facts, place_path=estate.place_path, on=on, raise_=False)
    passed = all(one.outcome != "refuse" for one in findings)
    return Gate(stage, passed, short, len(funds), tuple(findings))


@transaction.atomic
def check_stage(
    estate: Estate, *, stage: str, units: Sequence[Unit] | None = None, actor: Actor, now: datetime
) -> Gate:
    """As `judge_stage`, on record: who looked, what stood in the way."""
    on = core.local_day(now)
    core.require(actor, "fund.check_stage", OfEstate(estate, on))
    if stage not in STAGES:
        raise Refused("stage", "请选要办的事。", fields={"stage": "请选一项"})
    gate = judge_stage(estate, stage=stage, units=units, on=on)
    tell_estate(
        estate,
        kind="fund.stage_checked",
        actor=actor,
        now=now,
        data={
            "stage": stage,
            "units": gate.units,
            "short_units": len(gate.short),
            "short": gate.short_fen,
            "passed": gate.passed,
        },
    )
    return gate
