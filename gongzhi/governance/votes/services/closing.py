"""Close, count, publish, hear objections, make it final, file it."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import F

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.governance.tally.contested import reread
from gongzhi.governance.tally.events import Events
from gongzhi.governance.tally.parts import day_words
from gongzhi.governance.tally.result import Result
from gongzhi.governance.tally.tallying import tally
from gongzhi.governance.votes.models import Ballot, Vote, VoteObjection, VoteRecord
from gongzhi.governance.votes.paper.queries import refuse_unread
from gongzhi.governance.votes.queries import result_of, waits_for_a_lot
from gongzhi.governance.votes.services.balloting import hold_closed, rules_of
from gongzhi.governance.votes.services.common import digest, entered, locked, log_of, saved, tell
from gongzhi.governance.votes.services.oversight import require_consent, require_opinions
from gongzhi.governance.votes.services.rolls import roll_of
from gongzhi.governance.votes.services.rules import poll_of
from gongzhi.policy.periods import Period, day_or_minute, deadline, due_text, start_of
from gongzhi.proof import services as proof
from gongzhi.proof.exporting import plain_json

ROLL_STANDS = ("noticed", "open")
DECIDED = ("passed", "elected", "partly_elected")
# Without these the count would be another one.
_COUNTED_FROM = ("CLOSE", "ADJUDICATE", "CORRECT", "LOT", "TOTALS")
# What the tally has no use for stays out of its events.
_OWN = ("OPEN", "CLOSE", "RESULT", "OBJECTION", "SCAN", "TRUSTEES")


@transaction.atomic
def close_vote(vote: Vote, *, actor: Actor, now: datetime) -> Vote:
    """At or after the closing moment. Waits for the ballots on their way, then fixes the log with a checkpoint."""
    core.require(actor, "vote.run", vote)
    hold_closed(vote)
    vote = locked(vote, states=("open",), doing="截止")
    if now < vote.closes_at:
        raise Refused("still_open", f"截止时间是{day_or_minute(vote.closes_at)}，还没有到。")
    refuse_unread(vote)
    count = Ballot.objects.filter(vote=vote).count()
    vote.state = "closed"
    saved(vote, "state")
    entered(vote, kind="CLOSE", data={"ballots": count}, at=now, actor=actor, now=now)
    tell(vote, kind="vote.closed", actor=actor, now=now, data={"ballots": count})
    transaction.on_commit(lambda: _seal(vote, now))
    return vote


def _seal(vote: Vote, now: datetime) -> None:
    """After the commit: the checkpoint of what is there, and a time-stamp asked for."""
    at = proof.checkpoint(log_of(vote), now=now)
    if at is not None:
        proof.ask_for_seal(at, now=now)


def events_of(vote: Vote, *, size: int | None = None, units: Sequence[str] = ()) -> Events:
    """The log as the tally reads it, in the order of the log; what still waits for its place comes last.

    `size`: only what stands in the log of that size. `units`: only ballots for these.
    """
    found: list[tuple[tuple[bool, int, int], dict[str, Any]]] = []
    records = VoteRecord.objects.filter(vote=vote).exclude(kind__in=_OWN)
    for record in records.annotate(place=F("entry__leaf_index")):
        event = {"type": record.kind, "at": record.at.isoformat(), **record.data}
        found.append((_place(record.place, record.entry_id or 0), event))
    ballots = Ballot.objects.filter(vote=vote, **({"units__overlap": list(units)} if units else {}))
    for ballot in ballots.select_related("image").annotate(place=F("entry__leaf_index")):
        ballot.vote = vote
        found.append((_place(ballot.place, ballot.entry_id), ballot_event(ballot)))
    found.sort(key=lambda one: one[0])
    events = [event for (waits, place, _), event in found if size is None or (not waits and place < size)]
    written = {"format": "gongzhi-events/1", "poll": poll_of(vote), "events": events}
    return Events.model_validate_json(plain_json(written))


def _place(leaf_index: int | None, entry_id: int) -> tuple[bool, int, int]:
    return leaf_index is None, leaf_index or 0, entry_id


def ballot_event(ballot: Ballot) -> dict[str, Any]:
    return {
        "type": "PAPER" if ballot.channel == "paper" else "CAST",
        "id": ballot.number,
        "at": ballot.at.isoformat(),
        "voter": ballot.voter,
        "units": list(ballot.units),
        "choices": ballot.choices,
        **({"sealed": True} if ballot.vote.secret else {}),
        "channel": ballot.channel,
        "proxy": ballot.proxy or None,
        "faults": list(ballot.faults),
        "entered_by": list(ballot.entered_by),
        "image": ballot.image.sha256 if ballot.image_id and ballot.image else None,
    }


def counted(vote: Vote, *, sensitivity: bool = True, detail: bool = False) -> Result:
    """The tally as of now, by the frozen rules. While the vote runs it is nobody's result: only turnout is shown."""
    return tally(
        roll=roll_of(vote), rules=rules_of(vote), events=events_of(vote), sensitivity=sensitivity, detail=detail
    )


def counted_otherwise(vote: Vote, *, setting: str, value: str) -> Result:
    """The same vote under another reading of one rule. Nobody's result: it shows what hangs on the rule."""
    rules = reread(rules_of(vote), setting, value)
    return tally(roll=roll_of(vote), rules=rules, events=events_of(vote), sensitivity=False)


@transaction.atomic
def publish_result(vote: Vote, *, published_on: date, actor: Actor, now: datetime, version: int | None = None) -> Vote:
    """The draft result goes up; from here runs the time for objections. May be published again after an objection."""
    core.require(actor, "vote.count", vote)
    vote = locked(vote, states=("closed", "published"), doing="公示结果", version=version)
    proof.checkpoint(log_of(vote), now=now)  # every event has its place: who counts again has the same order
    result = counted(vote)
    if not next(one for one in result.procedure if one.name == "adjudicated").ok:
        raise Refused("unsettled", "还有签名不符、勾选两处等有瑕疵的票没有认定，认定完再公示。")
    require_opinions(vote, core.local_day(now))
    _refuse_day(vote, published_on, core.local_day(now))
    if any(one.outcome == "sealed" for one in result.motions):
        raise Refused("not_opened", "托管人还没有开票，合计没有出来，不能公示。请先汇总加密票，再请托管人开票。")
    written = plain_json(result.model_dump(mode="json"))
    vote.result = result.model_dump(mode="json")
    vote.published_on = published_on
    vote.objection_until = _objection_until(vote, published_on)
    vote.state = "published"
    saved(vote, "result", "published_on", "objection_until", "state")
    outcomes = {one.motion: one.outcome for one in result.motions}
    data = {"outcomes": outcomes, "files": {"result.json": digest(written)}}
    entered(vote, kind="RESULT", data=data, at=now, actor=actor, now=now)
    for motion in vote.motions.all():
        motion.outcome = outcomes[motion.code]
        motion.save(update_fields=["outcome"])
    tell(
        vote,
        kind="vote.result_published",
        actor=actor,
        now=now,
        data={
            "published_on": published_on,
            "objection_until": vote.objection_until,
            "passed": sum(one in DECIDED for one in outcomes.values()),
        },
    )
    return vote


def _refuse_day(vote: Vote, published_on: date, today: date) -> None:
    """What was counted on a day hung nowhere before it: an earlier day would cut the time for objections."""
    last = VoteRecord.objects.filter(vote=vote, kind__in=_COUNTED_FROM).order_by("-at").first()
    counted_on = core.local_day(last.at if last is not None else vote.closes_at)
    if published_on > today:
        raise Refused("published_in_future", "公示日期不能晚于今天。", fields={"day": "不能晚于今天"})
    if published_on < counted_on:
        raise Refused(
            "published_too_early",
            f"这个结果{day_words(counted_on)}才算出来，公示日期不能早于那一天，异议期从公示起算。",
            fields={"day": f"不早于{day_words(counted_on)}"},
        )


def _objection_until(vote: Vote, published_on: date) -> datetime:
    period = Period.parse(str((vote.calendar or {}).get("value", {}).get("objection", "7d")))
    pack = core.pack_for(vote.place_path, published_on)
    if pack is None:
        raise Refused("no_pack", "平台没有装载任何文件，不能计算异议期。")
    return deadline(start=start_of(published_on), period=period, calendar=pack.calendar).due_at


@transaction.atomic
def object_to(
    vote: Vote, *, text: str, by_room: str, now: datetime, about: str = "result", actor: Actor | None = None
) -> VoteObjection:
    """Anybody of the estate: against the roll until the vote closes, against the draft result within its time."""
    if about == "roll":
        vote = locked(vote, states=ROLL_STANDS, doing="对名册提出异议")
        if now >= vote.closes_at:
            raise Refused("objection_late", "投票已经截止。对结果有意见的，请在结果公示以后提出。", clause="CC-280")
    else:
        vote = locked(vote, states=("published",), doing="对结果提出异议")
        if vote.objection_until is not None and now >= vote.objection_until:
            raise Refused(
                "objection_late",
                "异议期已满。对结果仍有意见的，可以自知道之日起一年内请求人民法院撤销。",
                clause="CC-280",
            )
    if not text.strip():
        raise Refused("objection_empty", "请写明对哪一项、为什么有异议。", fields={"text": "请填写"})
    made = VoteObjection.objects.create(vote=vote, about=about, at=now, by_room=by_room.strip(), text=text.strip())
    who = actor or Actor.public(demo=vote.demo)
    data = {"objection": made.pk, "about": about, "text": digest(text.strip())}
    entered(vote, kind="OBJECTION", data=data, at=now, actor=who, now=now)
    tell(vote, kind="vote.objected", actor=who, now=now, data={"about": about})
    return made


@transaction.atomic
def decide_objection(
    objection: VoteObjection, *, result: str, reply: str, actor: Actor, now: datetime
) -> VoteObjection:
    core.require(actor, "vote.decide_objection", objection.vote)
    states = (*ROLL_STANDS, "closed", "published") if objection.about == "roll" else ("published",)
    vote = locked(objection.vote, states=states, doing="答复异议")
    objection = VoteObjection.objects.select_for_update().get(pk=objection.pk)
    if objection.result:
        raise Refused("objection_decided", "这件异议已经答复过。")
    if not reply.strip():
        raise Refused("reply_missing", "请写明怎样复核、结论是什么。", fields={"reply": "请填写"})
    objection.result, objection.reply, objection.decided_at = result, reply.strip(), now
    objection.save(update_fields=["result", "reply", "decided_at"])
    tell(vote, kind="vote.objection_decided", actor=actor, now=now, data={"result": result})
    return objection


@transaction.atomic
def finalise(vote: Vote, *, actor: Actor, now: datetime, version: int | None = None) -> Vote:
    """Objections heard and time over: the result stands. What was decided is told motion by motion."""
    core.require(actor, "vote.count", vote)
    vote = locked(vote, states=("published",), doing="确定结果", version=version)
    if vote.objection_until is not None and now < vote.objection_until:
        raise Refused(
            "objection_running",
            f"异议期到{due_text(vote.objection_until)}，期满才能生效。",
            clause="CC-280",
        )
    if vote.objections.filter(result="").exists():
        raise Refused("objections_open", "还有异议没有答复，答复完才能生效。")
    require_consent(vote, before="result", on=core.local_day(now))
    proof.checkpoint(log_of(vote), now=now)
    result = counted(vote, sensitivity=False)
    outcomes = {one.motion: one for one in result.motions}
    published = result_of(vote)
    if published is None or _figures(result) != _figures(published):
        raise Refused("result_changed", "公示以后计票的数字变了，请重新公示结果，再计异议期。")
    if any(waits_for_a_lot(one) for one in result.motions):
        raise Refused("tied", "有得票相同的候选人（候补），请先抽签并重新公示。")
    vote.state, vote.finalised_at = "final", now
    saved(vote, "state", "finalised_at")
    motions = list(vote.motions.all())
    tell(
        vote,
        kind="vote.finalised",
        actor=actor,
        now=now,
        data={
            "passed": [one.matter for one in motions if one.outcome in DECIDED],
            "rejected": [one.matter for one in motions if one.outcome not in DECIDED],
            "binding": result.binding,
        },
    )
    for motion in motions:
        found = outcomes[motion.code].candidates
        core.record(
            "motion.decided",
            subject=vote.ref,
            actor=actor,
            at=now,
            place_path=vote.place_path,
            data={
                "vote": str(vote.pk),
                "estate": str(vote.estate_id),
                "motion": motion.code,
                "matter": motion.matter,
                "outcome": motion.outcome,
                "amount": motion.amount_fen,
                "elected": [one.candidate for one in found if one.standing == "elected"],
                "alternates": [one.candidate for one in found if one.standing == "alternate"],
            },
        )
    return vote


def _figures(result: Result) -> list[Any]:
    """All that was published of the count: outcome, votes, and of an election everybody's votes and standing."""
    return [
        (one.motion, one.outcome, one.tallied, [(who.candidate, who.standing, who.tallied) for who in one.candidates])
        for one in result.motions
    ]


@transaction.atomic
def file_vote(vote: Vote, *, filed_on: date, actor: Actor, now: datetime, version: int | None = None) -> Vote:
    core.require(actor, "vote.file", vote)
    vote = locked(vote, states=("final",), doing="备案", version=version)
    if filed_on > core.local_day(now):
        raise Refused("filed_in_future", "备案日期不能晚于今天。", fields={"day": "不能晚于今天"})
    stands_from = core.local_day(vote.finalised_at or now)
    if filed_on < stands_from:
        raise Refused(
            "filed_early",
            f"结果{day_words(stands_from)}才生效，备案不能早于那一天。",
            fields={"day": f"不早于{day_words(stands_from)}"},
        )
    vote.state, vote.filed_on = "filed", filed_on
    saved(vote, "state", "filed_on")
    tell(vote, kind="vote.filed", actor=actor, now=now, data={"filed_on": filed_on})
    return vote
