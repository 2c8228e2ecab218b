"""What a decided motion brings about for the bodies of the estate: a committee is seated, a recall ends a seat."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from gongzhi.core import dispatcher, refs
from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.core.models import Event
from gongzhi.core.refs import Ref
from gongzhi.governance.bodies import services as bodies
from gongzhi.governance.bodies.models import Formation, OwedMeeting
from gongzhi.governance.tally.result import OUTCOMES, OfCandidate, OfMotion
from gongzhi.governance.votes.models import Motion
from gongzhi.governance.votes.queries import result_of
from gongzhi.governance.votes.services.closing import DECIDED
from gongzhi.governance.votes.services.common import CANDIDATE

ELECTED = ("elected", "partly_elected")


@dataclass(frozen=True)
class Followed:
    """What became of it, and the row that shows it."""

    says: str
    ref: Ref


def follow_motion(event: Event) -> None:
    """Reaction: the motion's result goes to what it came from. Where a rule refuses that, the result stands all the
    same: the page shows what was refused and why, and the street takes it from there."""
    motion = _motion(event)
    if motion.outcome in DECIDED and not motion.election:
        _keep_decision(motion, event)
    if motion.origin:
        hand_over(motion, actor=Actor.system(demo=event.demo), event=event)


def _motion(event: Event) -> Motion:
    rows = Motion.objects.select_related("vote__estate")
    return rows.get(vote_id=event.data["vote"], position=int(str(event.data["motion"]).removeprefix("m")))


def hand_over(motion: Motion, *, actor: Actor, event: Event) -> Motion:
    row = refs.resolve(Ref.of_key(motion.origin))
    try:
        with dispatcher.trying(), transaction.atomic():
            done = FOLLOWING[Ref.of_key(motion.origin).kind](row, motion, actor, event)
        motion.follow_up = {"done": True, "says": done.says, "clauses": [], "ref": done.ref.key}
    except Refused as refused:
        says = f"结果没有接上：{refused.message}"
        motion.follow_up = {"done": False, "says": says, "clauses": list(refused.clauses), "ref": motion.origin}
    motion.save(update_fields=["follow_up"])
    return motion


def _counted(motion: Motion) -> OfMotion:
    result = result_of(motion.vote)
    found = next((one for one in result.motions if one.motion == motion.code), None) if result else None
    if found is None:
        raise Refused("no_result", "表决没有这个议题的结果。")
    return found


def _seat(formation: Formation, motion: Motion, actor: Actor, event: Event) -> Followed:
    """Whoever was elected, and the alternates in their order. Too few: the formation stays open for another ballot."""
    counted = _counted(motion)
    won = counted.outcome in ELECTED
    on = core.local_day(event.at)
    body = bodies.take_election(
        formation,
        elected=[_winner(one) for one in counted.candidates if won and one.standing == "elected"],
        substitutes=[_winner(one) for one in counted.candidates if won and one.standing == "alternate"],
        held_on=on,
        term_until=bodies.term_end(motion.vote.estate, on),
        vote_ref=motion.vote.ref.key,
        actor=actor,
        now=event.at,
    )
    if body is None:
        return Followed(f"{OUTCOMES[counted.outcome]}，当选的不足席位的半数，组建继续，可以另行选举。", formation.ref)
    if formation.trigger == bodies.BY_ELECTION:
        return Followed(f"补选的委员已到任，{body.name}任期不变。", body.ref)
    left = (formation.seats or 0) - sum(1 for one in counted.candidates if one.standing == "elected")
    more = f"还缺{left}名委员，请组织补选。" if left > 0 else ""
    return Followed(f"{body.name}（第{body.term}届）已成立，请推选主任、办理备案。{more}", body.ref)


def _winner(one: OfCandidate) -> bodies.Winner:
    agree = one.tallied.votes.agree
    return bodies.Winner(int(one.candidate.removeprefix(CANDIDATE)), agree.heads, agree.area)


def _meet(meeting: OwedMeeting, motion: Motion, actor: Actor, event: Event) -> Followed:
    """A recall that passed ends the seat (or the committee) on the day the result stands."""
    vote = motion.vote
    if meeting.state == "held" and meeting.vote_ref == vote.ref.key:
        return Followed("这次会议的结果已登记。", meeting.ref)
    passed = motion.outcome in DECIDED
    bodies.hold_meeting(
        meeting,
        held_on=core.local_day(event.at),
        passed=passed,
        result=f"{motion.title}：{OUTCOMES[motion.outcome]}（{vote.title}）",
        vote_ref=vote.ref.key,
        actor=actor,
        now=event.at,
    )
    return Followed(f"“{meeting.get_reason_display()}”的业主大会已登记召开，{OUTCOMES[motion.outcome]}。", meeting.ref)


FOLLOWING: dict[str, Callable[[Any, Motion, Actor, Event], Followed]] = {"formation": _seat, "owed_meeting": _meet}


def _keep_decision(motion: Motion, event: Event) -> None:
    """On record as a decision of the assembly: what the street may order to be put right, or revoke."""
    bodies.record_decision(
        motion.vote.estate,
        title=motion.title,
        text=motion.text.strip() or motion.title,
        decided_on=core.local_day(event.at),
        matter=motion.matter,
        vote_ref=motion.vote.ref.key,
        actor=Actor.system(demo=event.demo),
        now=event.at,
    )
