"""A claim goes its way: each step in its turn, by whom the pack names; approved money is committed, then paid once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.display import cn_date
from gongzhi.core.errors import Refused
from gongzhi.core.models import StoredFile
from gongzhi.funds.common.apart import refuse_apart
from gongzhi.funds.common.queries import due_after
from gongzhi.funds.public_money.models import Claim, ClaimPaper, ClaimShare, ClaimStep, Reinvestment
from gongzhi.funds.public_money.queries import (
    OfClaim,
    done_steps,
    kept_apart,
    next_step,
    reinvested,
    who_takes,
)
from gongzhi.funds.public_money.services.budgeting import commit, pay_out, release
from gongzhi.funds.public_money.services.claiming import CONFLICT_STATUS, tell
from gongzhi.funds.public_money.standing import standing_of
from gongzhi.funds.public_money.words import STEPS
from gongzhi.policy.periods import Period
from gongzhi.registry.queries import fact

MATCHED_BY = "street"
# Steps whose opinion may be no.
OPINIONS = ("verify", "review", "approve", "audit")
DECIDING = ("review", "approve", "pay")


@dataclass(frozen=True)
class Step:
    """What is known of a step when it is taken. `refuse`: the claim ends here; otherwise a no sends it back."""

    on: date
    agreed: bool = True
    refuse: bool = False
    note: str = ""
    papers: Sequence[tuple[str, StoredFile]] = ()
    voucher: StoredFile | None = None


@transaction.atomic
def take_step(
    claim: Claim, *, step: str, given: Step, version: int | None = None, actor: Actor, now: datetime
) -> Claim:
    """Takes the step that comes next.

    Refuses `step_order`, `step_by` (another unit's), `kept_apart` (of what is kept apart the same person did
    the other), `step_day`, `note_missing`, `check_failed` by the pack's checks on `funds.claim_step`; when
    approving `no_budget` and `above_appropriation`; when paying `voucher`, `notice_running`, `not_committed`.
    """
    row = locked(claim, version)
    _check_turn(row, step)
    _check_who(row, step, actor, now)
    if given.on > core.local_day(now):
        raise Refused("step_day", "日期不能晚于今天。", fields={"on": "不能晚于今天"})
    before = max((one.on for one in done_steps(row).values()), default=core.local_day(row.made_at))
    if given.on < before:
        raise Refused(
            "step_day", f"日期不能早于前一步（{cn_date(before)}）。", fields={"on": f"不早于{cn_date(before)}"}
        )
    open_now = standing_of(row, core.local_day(now))
    _check_opinion(row, step, given, open_now)
    if given.agreed:
        facts: dict[str, Any] = {
            "scheme": row.scheme,
            "step": step,
            "amount": row.amount_fen,
            "by_claimant": _own(row, actor),
            "voucher": given.voucher is not None,
            "opinion": bool(given.note.strip()),
            "must_decide": bool(row.findings or open_now),
            "notice_over": row.notice_until is not None and now >= row.notice_until,
        }
        passed = fact(row.estate.ref, "assessment_passed", given.on) if row.estate is not None else None
        if passed is not None:
            facts["assessment_passed"] = passed
        core.run_checks("funds.claim_step", facts, place_path=row.place_path, on=given.on)
    _check_apart(row, step, actor, core.local_day(now))
    if given.agreed:
        _act(row, step, given, actor, now)
    _keep(row, step, given, actor, now)
    row.version += 1
    if not given.agreed:
        return _back(row, step, given, actor, now)
    if next_step(row) is None:
        row.state, row.closed_at = "closed", now
    row.save()
    if step == "pay":
        must = reinvested(row) is not None
        tell(row, kind="subsidy.paid", actor=actor, now=now, on=given.on, must_reinvest=must)
    else:
        tell(row, kind="subsidy.step_taken", actor=actor, now=now, step=step, on=given.on)
    return row


def locked(claim: Claim, version: int | None, *, states: Sequence[str] = ("running",)) -> Claim:
    row = Claim.objects.select_for_update(of=("self",)).select_related("estate").get(pk=claim.pk)
    if row.state not in states:
        raise Refused("claim_state", f"这一件现在是“{row.get_state_display()}”，不能再办。", status=CONFLICT_STATUS)
    core.check_version(row, version)
    return row


def _own(row: Claim, actor: Actor) -> bool:
    return actor.user is not None and row.by_id == actor.user.pk


def _check_turn(row: Claim, step: str) -> None:
    due = next_step(row)
    if step == due:
        return
    clauses = tuple(row.basis.get("clauses", ()))
    if step not in row.steps:
        raise Refused("step_order", f"这个项目没有“{STEPS.get(step, step)}”这一步。", status=CONFLICT_STATUS)
    if step in done_steps(row):
        raise Refused("step_done", f"“{STEPS[step]}”已经办过，不能再办一次。", status=CONFLICT_STATUS)
    raise Refused(
        "step_order",
        f"还没有办“{STEPS[str(due)]}”，不能办“{STEPS[step]}”。请按顺序办。",
        clause=clauses,
        status=CONFLICT_STATUS,
    )


def _check_who(row: Claim, step: str, actor: Actor, now: datetime) -> None:
    core.require(actor, "money.step", OfClaim(row))
    on = core.local_day(now)
    allowed = who_takes(row, step, on)
    if not actor.is_system and actor.role not in allowed:
        words = "、".join(core.role_name(one, place_path=row.place_path, on=on) for one in allowed)
        raise Refused(
            "step_by", f"“{STEPS[step]}”由{words}办，请转给他们。", clause=tuple(row.basis.get("clauses", ()))
        )


def _check_apart(row: Claim, step: str, actor: Actor, on: date) -> None:
    before = kept_apart(row, step, actor, on=on)
    refuse_apart(before, roles=who_takes(row, step, on), actor=actor, place_path=row.place_path, on=on)


def _check_opinion(row: Claim, step: str, given: Step, open_now: Sequence[dict[str, Any]]) -> None:
    if not given.agreed:
        if step not in OPINIONS:
            raise Refused("step_opinion", "这一步没有同意不同意。", fields={"agreed": "请选同意"})
        if not given.note.strip():
            raise Refused("note_missing", "不同意要写明理由，申请人会看到。", fields={"note": "请写理由"})
        return
    found = to_decide(row, step, open_now)
    if found and not given.note.strip():
        said = "；".join(one["says"] for one in found)
        clauses = tuple(dict.fromkeys(clause for one in found for clause in one["clauses"]))
        raise Refused(
            "note_missing", f"有须人工核定的情形：{said}。同意要写明理由。", clause=clauses, fields={"note": "请写理由"}
        )


def to_decide(row: Claim, step: str, open_now: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """What has to be answered for in words at that step: at the review what was found when the claim was made, and
    whatever stands open now wherever money is let go."""
    found = list(row.findings) if step == "review" else []
    return found + list(open_now) if step in DECIDING else found


def _act(row: Claim, step: str, given: Step, actor: Actor, now: datetime) -> None:
    """What the step itself does to the money."""
    if step == "approve":
        later = "match" in row.steps
        _commit(row, [one for one in _open(row) if not (later and one.payer == MATCHED_BY)], given.on, actor, now)
    elif step == "match":
        _commit(row, [one for one in _open(row) if one.payer == MATCHED_BY], given.on, actor, now)
    elif step == "notice":
        period = row.rules.get("notice")
        row.notice_on = given.on
        row.notice_until = due_after(row.place_path, given.on, Period.parse(period)) if period else None
    elif step == "pay":
        _pay(row, given, actor, now)


def _open(row: Claim) -> list[ClaimShare]:
    return [one for one in row.shares.order_by("pk") if one.committed_id is None and one.amount_fen]


def _commit(row: Claim, shares: Sequence[ClaimShare], on: date, actor: Actor, now: datetime) -> None:
    for share in shares:
        share.budget, share.committed = commit(
            payer=share.payer,
            item=share.item,
            place_path=row.place_path,
            amount_fen=share.amount_fen,
            on=on,
            key=f"claim:{row.pk}:{share.payer}",
            text=f"{row.number} {row.title}",
            clauses=tuple(row.basis.get("clauses", ())),
            source=row.ref,
            actor=actor,
            now=now,
        )
        share.save(update_fields=["budget", "committed"])


def _pay(row: Claim, given: Step, actor: Actor, now: datetime) -> None:
    if given.voucher is None:
        raise Refused("voucher", "拨付要有支付凭证，没有凭证不能登记为已支付。", fields={"voucher": "请上传凭证"})
    if row.notice_until is not None and now < row.notice_until:
        raise Refused(
            "notice_running",
            f"公示到{row.notice_words}，期满没有异议才能拨付。",
            clause=tuple(row.basis.get("clauses", ())),
        )
    for share in row.shares.select_related("budget__place").order_by("pk"):
        if not share.amount_fen:
            continue
        if share.budget is None or share.committed_id is None:
            raise Refused("not_committed", f"{share.get_payer_display()}的一份还没有配足，不能拨付。请先办“镇街配足”。")
        share.paid = pay_out(
            share.budget,
            amount_fen=share.amount_fen,
            on=given.on,
            key=f"claim:{row.pk}:{share.payer}",
            text=f"{row.number} {row.title} 付{row.payee}",
            source=row.ref,
            actor=actor,
            now=now,
        )
        share.paid_on, share.voucher = given.on, given.voucher
        share.save(update_fields=["paid", "paid_on", "voucher"])


def _keep(row: Claim, step: str, given: Step, actor: Actor, now: datetime) -> None:
    last = row.taken.filter(step=step).order_by("-round").values_list("round", flat=True).first() or 0
    ClaimStep.objects.create(
        claim=row, step=step, round=last + 1, on=given.on, agreed=given.agreed, note=given.note.strip(),
        organisation=actor.organisation, by=actor.user, by_label=actor.label, at=now,
    )  # fmt: skip
    ClaimPaper.objects.bulk_create(
        ClaimPaper(claim=row, step=step, item=item, file=file, at=now) for item, file in given.papers
    )


def _back(row: Claim, step: str, given: Step, actor: Actor, now: datetime) -> Claim:
    row.state = "refused" if given.refuse else "returned"
    if given.refuse:
        _let_go(row, given.on, actor, now)
        row.closed_at = now
    row.save()
    kind = "subsidy.refused" if given.refuse else "subsidy.returned"
    tell(row, kind=kind, actor=actor, now=now, step=step, reason=given.note.strip())
    return row


def _let_go(row: Claim, on: date, actor: Actor, now: datetime) -> None:
    """The days of its lines may be claimed again, and what was committed is free again."""
    row.lines.update(live=False)
    for share in row.shares.exclude(committed=None).filter(paid=None).select_related("committed"):
        if share.committed is not None:
            release(share.committed, on=on, text=f"{row.number} 不予补贴，退回指标", actor=actor, now=now)


@transaction.atomic
def resubmit(
    claim: Claim, *, papers: Sequence[tuple[str, StoredFile]] = (), version: int | None, actor: Actor, now: datetime
) -> Claim:
    """After it was sent back: the claimant adds what was missing, and the step that said no is asked again."""
    row = locked(claim, version, states=("returned",))
    _require_claimant(row, actor)
    row.state, row.version = "running", row.version + 1
    row.save(update_fields=["state", "version"])
    ClaimPaper.objects.bulk_create(ClaimPaper(claim=row, item=item, file=file, at=now) for item, file in papers)
    must_decide = bool(row.findings or standing_of(row, core.local_day(now)))
    tell(row, kind="subsidy.claimed", actor=actor, now=now, lines=row.lines.count(), must_decide=must_decide)
    return row


@transaction.atomic
def withdraw(claim: Claim, *, version: int | None, actor: Actor, now: datetime) -> Claim:
    """The claimant takes it back before it is paid; its days may be claimed again."""
    row = locked(claim, version, states=("running", "returned"))
    _require_claimant(row, actor)
    if row.shares.exclude(paid=None).exists():
        raise Refused("claim_paid", "已经拨付，不能撤回。", status=CONFLICT_STATUS)
    _let_go(row, core.local_day(now), actor, now)
    row.state, row.closed_at, row.version = "withdrawn", now, row.version + 1
    row.save()
    tell(row, kind="subsidy.withdrawn", actor=actor, now=now)
    return row


def _require_claimant(row: Claim, actor: Actor) -> None:
    core.require(actor, "money.claim_read", OfClaim(row))
    if not (actor.is_system or OfClaim(row).is_party(actor)):
        raise Refused("claimant", "只有申请人自己可以补正或撤回。")


@transaction.atomic
def reinvest(
    claim: Claim, *, amount_fen: int, on: date, text: str, voucher: StoredFile | None, actor: Actor, now: datetime
) -> Reinvestment:
    """What was spent of a subsidy on the estate itself. Refuses `not_due`, `voucher`, `reinvest_day`."""
    row = Claim.objects.select_for_update(of=("self",)).get(pk=claim.pk)
    core.require(actor, "money.reinvest", OfClaim(row))
    state = reinvested(row)
    if state is None:
        raise Refused("not_due", "这一件没有拨付，或者文件没有要求用于改造。")
    if voucher is None:
        raise Refused(
            "voucher", "改造支出要有凭证。", clause=tuple(state.answer.clauses), fields={"voucher": "请上传凭证"}
        )
    if amount_fen <= 0:
        raise Refused("amount", "金额要大于0。", fields={"amount_fen": "要大于0"})
    if on > core.local_day(now):
        raise Refused("reinvest_day", "日期不能晚于今天。", fields={"on": "不能晚于今天"})
    made = Reinvestment.objects.create(
        claim=row, amount_fen=amount_fen, on=on, text=text.strip(), voucher=voucher, by=actor.user, at=now
    )
    after = reinvested(row)
    enough = after is not None and after.missing_fen == 0
    tell(row, kind="subsidy.reinvested", actor=actor, now=now, spent=amount_fen, enough=enough)
    return made
