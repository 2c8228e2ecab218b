"""Money leaves the fund: only for a use whose every earlier step was taken, share by share, within its limits."""

from datetime import date, datetime
from fractions import Fraction

from django.db import transaction

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.core.models import StoredFile
from gongzhi.funds.common.queries import bank_of, held
from gongzhi.funds.common.services import unit_accounts
from gongzhi.funds.maintenance.models import FundPayment, FundStep, FundUse
from gongzhi.funds.maintenance.queries import OfUse, next_step, plain_percent, unit_balances
from gongzhi.funds.maintenance.services.common import check_apart, check_day, fund_of, tell_use
from gongzhi.funds.maintenance.services.using import Taking, check_step, check_turn, locked, motion_for, passed
from gongzhi.governance.votes.models import Motion
from gongzhi.ledger import services as ledger
from gongzhi.ledger.models import Book, Entry
from gongzhi.policy.answer import Answer


@transaction.atomic
def pay(
    use: FundUse,
    *,
    step: str,
    amount_fen: int | None,
    payee: str,
    paid_on: date,
    reference: str = "",
    invoice: StoredFile | None = None,
    over: Motion | None = None,
    version: int | None = None,
    actor: Actor,
    now: datetime,
) -> FundPayment:
    """拨付: the advance as given, or the rest of the settlement (`amount_fen` None: all that is still owed).

    `over`: the owners' decision on what the settlement is above the budget, where it is.

    Refuses `step_order`, `kept_apart`, `motion` (no passed decision where the way has one), `objection_running`,
    `invoice`, `overrun` (the settlement is above what was decided: new decision), `above_advance`, `balance`.
    """
    use = locked(use, version)
    core.require(actor, "fund.use_pay", OfUse(use, paid_on))
    check_turn(use, step)
    check_apart(use, step=step, actor=actor, now=now)
    check_day(use, step, paid_on, name="paid_on")
    _check_basis(use, paid_on, invoice, now)
    given = Taking(on=paid_on, papers=[("发票", invoice)] if invoice else ())
    check_step(use, step=step, given=given, actor=actor)
    above = _above(use, step, over, paid_on)
    amount = _amount(use, step, amount_fen, paid_on)
    book = fund_of(use.estate)
    if amount > held(book, paid_on):
        raise Refused(
            "balance",
            f"专户余额{core.yuan(held(book, paid_on))}元，不够付{core.yuan(amount)}元。",
            fields={"amount_fen": "超过专户余额"},
        )
    entry = _post(use, book, step=step, amount=amount, payee=payee, paid_on=paid_on, actor=actor, now=now)
    row = FundPayment.objects.create(
        use=use,
        step=step,
        amount_fen=amount,
        payee=payee.strip(),
        paid_on=paid_on,
        reference=reference,
        entry=entry,
        invoice=invoice,
    )
    FundStep.objects.create(
        use=use, step=step, on=paid_on, data={"amount_fen": amount, "payee": payee.strip()} | above,
        note=f"超出预算的部分依据：{over.vote.title}：{over.title}" if above and over else "",
        organisation=actor.organisation, by=actor.user, by_label=actor.label, at=now,
    )  # fmt: skip
    use.version += 1
    if next_step(use) is None:
        use.state, use.closed_at = "closed", now
    use.save()
    total = sum(one.amount_fen for one in use.payments.all())
    tell_use(use, kind="fund.use_paid", actor=actor, now=now, step=step, paid=amount, on=paid_on, total=total)
    return row


def _check_basis(use: FundUse, paid_on: date, invoice: StoredFile | None, now: datetime) -> None:
    if paid_on > core.local_day(now):
        raise Refused("paid_on", "拨付日期不能晚于今天。", fields={"paid_on": "不能晚于今天"})
    if "decide" in use.steps and use.path != "delegated" and (use.motion is None or not passed(use.motion)):
        raise Refused("motion", "没有通过并生效的业主表决，不能拨付。", clause=tuple(use.basis.get("clauses", ())))
    until = use.objection_until
    if until is not None and (now < until or paid_on < core.local_day(until)):
        raise Refused(
            "objection_running",
            f"公示的异议期到{use.objection_words}，期满才能拨付。",
            clause=tuple(use.basis.get("clauses", ())),
        )
    if invoice is None:
        raise Refused("invoice", "拨付要有发票或收款凭证。", fields={"invoice": "请上传发票"})


def _above(use: FundUse, step: str, over: Motion | None, on: date) -> dict[str, int]:
    """What the last payment rests on beyond the budget: nothing while it is within what may be overrun."""
    if step != "settle" or use.settled_fen is None:
        return {}
    answer = _rules(use, on)
    if use.settled_fen <= (1 + Fraction(answer.value["overrun"])) * use.estimate_fen:
        return {}
    if over is None:
        raise Refused(
            "overrun",
            f"决算{core.yuan(use.settled_fen)}元超过同意的预算{core.yuan(use.estimate_fen)}元"
            f"（最多可超{plain_percent(answer.value['overrun'])}），超出的部分要由业主另行决定，通过并生效后在这里选它。",
            clause=tuple(answer.clauses),
            fields={"over": "请选业主对超出部分的决定"},
        )
    return {"over": motion_for(use, over, use.settled_fen - use.estimate_fen).pk}


def _amount(use: FundUse, step: str, amount_fen: int | None, on: date) -> int:
    answer = _rules(use, on)
    if step == "advance":
        most = _most(use, answer)
        if amount_fen is None or amount_fen <= 0:
            raise Refused("amount", "请填预付金额。", fields={"amount_fen": "请填金额"})
        if amount_fen > most:
            raise Refused(
                "above_advance",
                f"预付款最多是预算的{plain_percent(answer.value['advance'])}，即{core.yuan(most)}元。",
                clause=tuple(answer.clauses),
                fields={"amount_fen": f"最多{core.yuan(most)}"},
            )
        return amount_fen
    settled = use.settled_fen if use.settled_fen is not None else use.estimate_fen
    rest = settled - sum(one.amount_fen for one in use.payments.all())
    if amount_fen is not None and amount_fen != rest:
        raise Refused(
            "amount", f"尾款应是{core.yuan(rest)}元（决算减已付）。", fields={"amount_fen": f"应是{core.yuan(rest)}"}
        )
    if rest <= 0:
        raise Refused("amount", "已经付清，没有尾款。")
    return rest


def advance_most(use: FundUse, on: date) -> int:
    """The most that may be paid in advance, in 分."""
    return _most(use, _rules(use, on))


def _rules(use: FundUse, on: date) -> Answer:
    return core.ask("funds.payment_rules", {"path": use.path}, place_path=use.place_path, on=on)


def _most(use: FundUse, rules: Answer) -> int:
    return int(Fraction(rules.value["advance"]) * use.estimate_fen)


def _post(
    use: FundUse, book: Book, *, step: str, amount: int, payee: str, paid_on: date, actor: Actor, now: datetime
) -> Entry:
    """Debits every unit its share, as far as its account reaches; what it lacks its owner owes. The bank pays all."""
    paid_before = _paid_by_unit(use, book)
    settled = use.settled_fen if step == "settle" and use.settled_fen is not None else None
    weights = [(one.unit_id, one.weight) for one in use.shares.order_by("pk")]
    if not weights:
        raise Refused("no_shares", "还没有分摊到户，不能拨付。")
    if settled is not None:
        parts = {one.unit_id: one.amount_fen - paid_before.get(one.unit_id, 0) for one in use.shares.all()}
    else:
        answer = core.ask("funds.apportion", {"path": use.path}, place_path=use.place_path, on=paid_on)
        split = ledger.apportion(amount, weights, rest_to=str(answer.value["rest_to"]))
        parts = {int(str(part.key)): part.amount_fen for part in split.parts}
    accounts = unit_accounts(book, [one.unit for one in use.shares.select_related("unit__building__estate")])
    balances = unit_balances(use.estate, paid_on)
    legs, owed = [], 0
    for unit, part in parts.items():
        own = min(part, max(balances.get(unit, 0), 0)) if part > 0 else part
        owed += part - own
        if own:
            legs.append((accounts[unit], own))
    if owed:
        legs.append((book.accounts.get(code="owed"), owed))
    legs.append((bank_of(book), -amount))
    return ledger.post(
        book=book,
        key=f"use:{use.pk}:{step}",
        kind="use_payment",
        booked_on=paid_on,
        text=f"{use.number} {use.title} 付{payee.strip()}",
        legs=legs,
        actor=actor,
        now=now,
        source=use.ref,
    )


def _paid_by_unit(use: FundUse, book: Book) -> dict[int, int]:
    """What earlier payments apportioned to each unit, in 分: by the same rule, from the sums themselves."""
    found: dict[int, int] = {}
    weights = [(one.unit_id, one.weight) for one in use.shares.order_by("pk")]
    for payment in use.payments.all():
        answer = core.ask("funds.apportion", {"path": use.path}, place_path=use.place_path, on=payment.paid_on)
        split = ledger.apportion(payment.amount_fen, weights, rest_to=str(answer.value["rest_to"]))
        for part in split.parts:
            found[int(str(part.key))] = found.get(int(str(part.key)), 0) + part.amount_fen
    return found
