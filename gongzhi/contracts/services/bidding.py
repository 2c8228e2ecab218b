"""Companies take part in a choice, judges without an interest give points."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db import transaction

from gongzhi.contracts.models import CALLS, INVITED, Bid, BidScore, Judge, Procedure
from gongzhi.contracts.queries import done_steps, known_of, may_enter
from gongzhi.contracts.services.common import CONFLICT_STATUS, locked, tell
from gongzhi.contracts.services.opening import choose_method
from gongzhi.contracts.words import JUDGES
from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.core.models import Organisation

MOST_POINTS = 100
OF_CHECK = ("tender_barred", "blacklisted", "credit_grade", "credit_score")


def _check_running(row: Procedure) -> None:
    if row.kind not in CALLS:
        raise Refused("not_a_choice", "这一项不是选聘。", status=CONFLICT_STATUS)
    if any(one in done_steps(row) for one in ("open", "compare", "award")):
        raise Refused("bidding_closed", "报名已经截止。", status=CONFLICT_STATUS)


def _qualified(row: Procedure, company: Organisation, now: datetime) -> dict[str, Any]:
    """What is known of the company; refused by the pack's checks."""
    known = known_of(company, core.local_day(now))
    facts = {"kind": row.kind, "tender_barred": False, "blacklisted": False}
    facts |= {name: known[name] for name in OF_CHECK if name in known}
    core.run_checks("contracts.bidder", facts, place_path=row.place_path, on=core.local_day(now))
    return {name: str(value) if isinstance(value, Decimal) else value for name, value in known.items()}


@transaction.atomic
def enter_bid(row: Procedure, *, company: Organisation, offer: str = "", actor: Actor, now: datetime) -> Bid:
    """A company enters, by itself or written down by who chooses. One that the pack keeps out is told why."""
    row = locked(row)
    _check_running(row)
    if actor.organisation == company:
        core.require(actor, "contracts.bid", row)
    else:
        core.require(actor, "contracts.run", row)
    if not may_enter(row, done_steps(row)):
        raise Refused("not_announced", "公告以后才能报名。", status=CONFLICT_STATUS)
    _check_judges(row, company)
    known = _qualified(row, company, now)
    uninvited = row.given.get("method") == INVITED and not row.bids.filter(company=company).exists()
    if uninvited and actor.organisation == company:
        raise Refused("not_invited", "邀请招标只有受邀请的企业能投标，您的企业没有收到邀请。")
    bid, _ = Bid.objects.update_or_create(
        procedure=row, company=company,
        defaults={"state": "entered", "known": known, "offer": offer.strip(), "reason": "", "at": now},
    )  # fmt: skip
    tell(row, event="bid.entered", actor=actor, now=now, bidder=company.name)
    return bid


@transaction.atomic
def invite(row: Procedure, *, company: Organisation, actor: Actor, now: datetime) -> Bid:
    """Who chooses asks a company; it may enter or decline."""
    row = locked(row)
    _check_running(row)
    core.require(actor, "contracts.run", row)
    if row.bids.filter(company=company).exists():
        raise Refused("already_there", f"{company.name}已经在名单里。", status=CONFLICT_STATUS)
    bid = Bid.objects.create(
        procedure=row, company=company, state="invited", known=_qualified(row, company, now), at=now
    )
    tell(row, event="bid.invited", actor=actor, now=now, bidder=company.name)
    return bid


@transaction.atomic
def decline(row: Procedure, *, reason: str = "", actor: Actor, now: datetime) -> Bid:
    """A company says no to an invitation, or takes its entry back before the opening."""
    row = locked(row)
    _check_running(row)
    core.require(actor, "contracts.bid", row)
    bid = row.bids.filter(company=actor.organisation).first()
    if bid is None:
        raise Refused("not_invited", "您的企业没有收到邀请，也没有报名。")
    bid.state, bid.reason, bid.at = "declined", reason.strip(), now
    bid.save(update_fields=["state", "reason", "at"])
    tell(row, event="bid.declined", actor=actor, now=now, bidder=bid.company.name)
    return bid


def _check_judges(row: Procedure, company: Organisation) -> None:
    caught = row.judges.filter(employer=company.name).first()
    if caught is not None:
        raise Refused("judge_conflict", f"评委{caught.name}在{company.name}工作，应先换评委。")


@transaction.atomic
def seat_judge(
    row: Procedure, *, name: str, side: str, employer: str, interest: bool, actor: Actor, now: datetime
) -> Judge:
    """Adds a judge. Refuses `judge_conflict`: who works for a bidder, an expert of who chooses, who has an interest."""
    row = locked(row)
    core.require(actor, "contracts.run", row)
    if not name.strip() or not employer.strip() or side not in JUDGES:
        raise Refused(
            "field_missing", "请填姓名、工作单位和代表哪一方。", fields={"name": "请填写", "employer": "请填写"}
        )
    if "score" in done_steps(row):
        raise Refused("bidding_closed", "评标已经结束。", status=CONFLICT_STATUS)
    bidders = set(row.bids.exclude(state="declined").values_list("company__name", flat=True))
    own = row.opener.name if row.opener else ""
    if interest or employer.strip() in bidders or (side == "expert" and employer.strip() == own):
        raise Refused(
            "judge_conflict", f"{name.strip()}与投标人或招标人有利害关系，应当回避。", fields={"employer": "有利害关系"}
        )
    if row.judges.filter(name=name.strip()).exists():
        raise Refused("already_there", f"{name.strip()}已经是评委。", fields={"name": "已经是评委"})
    judge = Judge.objects.create(procedure=row, name=name.strip(), side=side, employer=employer.strip())
    tell(row, event="panel.seated", actor=actor, now=now, seats=row.judges.count())
    return judge


@transaction.atomic
def give_points(row: Procedure, *, judge: Judge, points: Mapping[int, Decimal], actor: Actor, now: datetime) -> None:
    """A judge's points by bid. Refuses `panel` (not made up as the pack wants), `points`, `step_order`."""
    row = locked(row)
    core.require(actor, "contracts.run", row)
    if "open" not in done_steps(row) or "score" in done_steps(row):
        raise Refused("step_order", "开标以后、评标结束以前才能评分。", status=CONFLICT_STATUS)
    _check_panel(row, now)
    bids = {one.pk: one for one in row.bids.filter(state="entered")}
    for pk, given in points.items():
        if pk not in bids or not 0 <= given <= MOST_POINTS:
            raise Refused("points", f"得分在0到{MOST_POINTS}之间，只评报名的企业。", fields={"points": "请核对得分"})
        BidScore.objects.update_or_create(judge=judge, bid=bids[pk], defaults={"points": given})
    tell(row, event="panel.scored", actor=actor, now=now, scores=BidScore.objects.filter(judge__procedure=row).count())


def _check_panel(row: Procedure, now: datetime) -> None:
    answer = core.ask("contracts.panel", {}, place_path=row.place_path, on=core.local_day(now))
    rules = answer.value or {}
    seats, experts = row.judges.count(), row.judges.filter(side="expert").count()
    wrong = []
    if seats < (rules.get("least") or 0):
        wrong.append(f"至少{rules['least']}人，现在{seats}人")
    if rules.get("odd") and seats % 2 == 0:
        wrong.append(f"要是单数，现在{seats}人")
    if rules.get("experts") and Fraction(experts, seats or 1) < Fraction(rules["experts"]):
        wrong.append(f"专家不足，现在{experts}人")
    if wrong:
        raise Refused("panel", f"评标委员会{'；'.join(wrong)}。", clause=tuple(answer.clauses))


@transaction.atomic
def change_method(row: Procedure, *, method: str, version: int | None = None, actor: Actor, now: datetime) -> Procedure:
    """Another way of choosing, where the number of bidders or an approval lets it. Steps are asked for anew."""
    from gongzhi.contracts.queries import facts_for

    row = locked(row, version)
    core.require(actor, "contracts.run", row)
    on = core.local_day(now)
    if row.kind != "tender" or "award" in done_steps(row):
        raise Refused("not_a_choice", "已经定标，不能改选聘方式。", status=CONFLICT_STATUS)
    entered = row.bids.filter(state="entered").count() if "announce" in done_steps(row) else None
    answer, needed = choose_method(row.estate, method, row.given["project"], bidders=entered, on=on)
    row.given |= {"method": method, "approval_needed": needed, "method_says": list(answer.explanation.says)}
    procedure = core.ask("contracts.procedure", facts_for(row, on), place_path=row.place_path, on=on)
    row.rules, row.basis, row.method_basis = dict(procedure.value), procedure.to_json(), answer.to_json()
    row.version += 1
    row.save()
    tell(row, event="procedure.method_changed", actor=actor, now=now, approval=needed)
    return row
