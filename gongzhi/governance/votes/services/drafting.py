"""A vote is drafted, its motions typed by matter, checked by street or community, and put on notice."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F

from gongzhi.core import refs
from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.core.models import StoredFile
from gongzhi.core.refs import Ref
from gongzhi.governance.bodies.models import Formation, OwedMeeting
from gongzhi.governance.bodies.queries.bodies import in_hand
from gongzhi.governance.bodies.queries.powers import require_power
from gongzhi.governance.bodies.services import ballot
from gongzhi.governance.bodies.services.forming import guidance_of, note_vote
from gongzhi.governance.tally.parts import day_words
from gongzhi.governance.tally.reporting import earliest_opening
from gongzhi.governance.tally.rules import VALUES
from gongzhi.governance.votes.models import Motion, RollEntry, Vote
from gongzhi.governance.votes.secret import trusting, weights
from gongzhi.governance.votes.services.common import candidate_code, digest, entered, locked, saved, tell
from gongzhi.governance.votes.services.convening import refuse_convener
from gongzhi.governance.votes.services.oversight import refuse_modes, require_consent
from gongzhi.governance.votes.services.rolls import roll_of, units_and_area
from gongzhi.governance.votes.services.rules import calendar_answer, notice_days, rules_for, threshold_answer
from gongzhi.governance.votes.words import CONVENERS
from gongzhi.policy.answer import plain
from gongzhi.proof import services as proof
from gongzhi.proof.exporting import plain_json
from gongzhi.registry.models import Building, Estate

ELECTION = "elect_committee"
MOST_MOTIONS = 20


@dataclass(frozen=True)
class MotionDraft:
    """A motion as it is handed in. Candidates make it an election (or a choice of one company).

    `origin`: a formation whose candidates stand, or a meeting that is owed; the result goes back to it.
    `entrances`: those of the buildings that decide, as `named_scope` gives them; none: the buildings, or everybody.
    """

    matter: str
    title: str
    text: str = ""
    amount_fen: int | None = None
    buildings: Sequence[Building] = ()
    entrances: Sequence[str] = ()
    candidates: Sequence[str] = ()
    seats: int = 1
    alternates: int = 0
    most_choices: int | None = None
    file: StoredFile | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    origin: Formation | OwedMeeting | None = None


@transaction.atomic
def draft_vote(
    estate: Estate,
    *,
    title: str,
    convener: str,
    opens_at: datetime,
    closes_at: datetime,
    motions: Sequence[MotionDraft],
    modes: Sequence[str] = (),
    actor: Actor,
    now: datetime,
    secret: bool = False,
) -> Vote:
    """`modes`: ways of voting on the fund, where the document tells them apart and the estate's rules have them.

    `secret`: one election, where the documents allow it and enough people vote (docs/secret-votes.md).
    """
    core.require(actor, "vote.draft", estate)
    _refuse_window(opens_at, closes_at, now)
    if convener not in CONVENERS:
        raise Refused("convener", "请选择由谁召集。", fields={"convener": "请选择"})
    if not motions or len(motions) > MOST_MOTIONS:
        raise Refused("motions", f"一次表决要有1至{MOST_MOTIONS}个议题。", fields={"motions": "请写明议题"})
    refuse_convener(
        estate,
        convener=convener,
        matters=[one.matter for one in motions],
        origins=[one.origin for one in motions],
        actor=actor,
        now=now,
    )
    for one in motions:
        require_power(estate, matter=one.matter, convener=convener, now=now)
        refuse_modes(estate, one.matter, modes, on=core.local_day(now))
    vote = Vote.objects.create(
        estate=estate,
        place_path=estate.place_path,
        title=title.strip() or "业主大会表决",
        convener=convener,
        opens_at=opens_at,
        closes_at=closes_at,
        modes=list(modes),
        secret=secret,
        made_at=now,
        demo=actor.demo or estate.demo,
    )
    for position, one in enumerate(motions, 1):
        add_motion(vote, one, position=position, on=core.local_day(now))
    if secret:
        _refuse_secret(vote, motions, core.local_day(now))
    tell(
        vote,
        kind="vote.drafted",
        actor=actor,
        now=now,
        data={"matters": [one.matter for one in motions], "opens_at": opens_at, "closes_at": closes_at},
    )
    return vote


def _refuse_secret(vote: Vote, motions: Sequence[MotionDraft], on: date) -> None:
    if len(motions) != 1 or motions[0].matter != ELECTION or not motions[0].candidates:
        raise Refused(
            "secret_election_only",
            "无记名的一次只办一项选举。其他议题请另外拟定一次记名的表决，时间可以相同。",
            fields={"secret": "只办一项选举"},
        )
    rules, _ = weights.secret_rules(vote, on)
    units, area = units_and_area(vote, on)
    weights.refuse_few_units(rules, units=units, area=area)


@transaction.atomic
def append_motion(vote: Vote, *, draft: MotionDraft, actor: Actor, now: datetime, version: int | None = None) -> Vote:
    """While it is a draft. A vote whose roll is frozen may still get one: the roll does not depend on it."""
    core.require(actor, "vote.draft", vote)
    vote = locked(vote, states=("draft",), doing="加议题", version=version)
    if vote.secret:
        raise Refused("secret_election_only", "无记名的一次只办一项选举。其他议题请另外拟定一次记名的表决。")
    require_power(vote.estate, matter=draft.matter, convener=vote.convener, now=now)
    refuse_modes(vote.estate, draft.matter, vote.modes, on=core.local_day(now))
    position = vote.motions.count() + 1
    if position > MOST_MOTIONS:
        raise Refused("motions", f"一次表决最多{MOST_MOTIONS}个议题。")
    add_motion(vote, draft, position=position, on=core.local_day(now))
    return saved(vote)


@transaction.atomic
def change_motion(
    vote: Vote, *, position: int, draft: MotionDraft, actor: Actor, now: datetime, version: int | None = None
) -> Vote:
    """Another one in its place, while it is a draft: what was sent back is put right."""
    core.require(actor, "vote.draft", vote)
    vote = locked(vote, states=("draft",), doing="修改议题", version=version)
    require_power(vote.estate, matter=draft.matter, convener=vote.convener, now=now)
    refuse_modes(vote.estate, draft.matter, vote.modes, on=core.local_day(now))
    _drop(_motion_at(vote, position))
    add_motion(vote, draft, position=position, on=core.local_day(now))
    if vote.secret:
        _refuse_secret(vote, [draft], core.local_day(now))
    return saved(vote)


@transaction.atomic
def drop_motion(vote: Vote, *, position: int, actor: Actor, now: datetime, version: int | None = None) -> Vote:
    """Off the agenda, while it is a draft. The last one stays: without motions there is no vote."""
    core.require(actor, "vote.draft", vote)
    vote = locked(vote, states=("draft",), doing="撤下议题", version=version)
    if vote.motions.count() == 1:
        raise Refused("motions", "只剩这一个议题，不能撤下。不办这次表决的，请终止。")
    _drop(_motion_at(vote, position))
    for number, one in enumerate(vote.motions.order_by("position"), 1):
        if one.position != number:
            one.position = number
            one.save(update_fields=["position"])
    return saved(vote)


def _motion_at(vote: Vote, position: int) -> Motion:
    found = vote.motions.filter(position=position).first()
    if found is None:
        raise Refused("no_motion", f"没有第{position}个议题，请刷新页面再办。")
    return found


def add_motion(vote: Vote, draft: MotionDraft, *, position: int, on: date) -> Motion:
    if not draft.title.strip():
        raise Refused("motion_title", f"第{position}个议题没有写内容。", fields={"motions": "请写议题"})
    refuse_origin(vote, draft)
    candidates, seats, alternates = _listed(vote, draft)
    if draft.matter == ELECTION and not candidates and not isinstance(draft.origin, OwedMeeting):
        raise Refused(
            "candidates_missing",
            "选举的议题要列出候选人，审核通过的才能列入选票。罢免委员的，请选所依的会议。",
            fields={"candidates": "请列候选人"},
        )
    election = None
    if candidates:
        election = {
            "candidates": candidates,
            "seats": seats,
            "alternates": alternates,
            **({"most_choices": draft.most_choices} if draft.most_choices else {}),
            **draft.options,
        }
    motion = Motion.objects.create(
        vote=vote,
        position=position,
        matter=draft.matter,
        title=draft.title.strip(),
        text=draft.text,
        amount_fen=draft.amount_fen,
        election=election,
        file=draft.file,
        entrances=list(draft.entrances),
        basis=plain(threshold_answer(vote, draft.matter, on).to_json()),
        origin=draft.origin.ref.key if draft.origin is not None else "",
    )
    motion.buildings.set(draft.buildings)
    if draft.origin is not None:
        note_vote(draft.origin, vote_ref=vote.ref.key)
    return motion


def _drop(motion: Motion) -> None:
    _free(motion)
    motion.delete()


def _free(motion: Motion) -> None:
    """What it came from may be put to another vote."""
    row = refs.resolve(Ref.of_key(motion.origin)) if motion.origin else None
    if row is not None:
        note_vote(row, vote_ref=motion.vote.ref.key, gone=True)


def refuse_origin(vote: Vote, draft: MotionDraft) -> None:
    """What a motion comes from has to be of this estate, still open, and put to the vote once."""
    origin = draft.origin
    if origin is None:
        _refuse_unreviewed(vote, draft)
        return
    if origin.estate_id != vote.estate_id:
        raise Refused("origin", "所依的选举或会议不是这个小区的。", fields={"origin": "不是这个小区的"})
    if origin.state not in ("open", "due"):
        raise Refused("origin", f"{origin}已经办完，不能再付表决。", fields={"origin": "已经办完"})
    if isinstance(origin, Formation) and draft.matter != ELECTION:
        raise Refused("origin", "选举的议题，事项类别要选“选举业主委员会或者更换成员”。", fields={"matter": "请选选举"})
    running = Motion.objects.filter(origin=origin.ref.key, follow_up__isnull=True).exclude(vote__state="stopped")
    if isinstance(origin, Formation) and running.exists():
        raise Refused("origin", f"{origin}已经列入别的表决。", fields={"origin": "已列入别的表决"})


def _refuse_unreviewed(vote: Vote, draft: MotionDraft) -> None:
    """While a committee is being formed, its candidates come from the review, not from what somebody types."""
    formation = in_hand(vote.estate, "owners_committee") if draft.matter == ELECTION and draft.candidates else None
    if formation is None:
        return
    wanted, clauses = guidance_of(formation, core.local_day(vote.made_at))
    if wanted.get("review", True):
        raise Refused(
            "candidates_unreviewed",
            "小区正在组建（换届）业委会，选票只列审核通过、公示期满的候选人。请在“所依的选举”里选这次组建。",
            clauses,
            fields={"origin": "请选所依的选举", "candidates": "不用另填"},
        )


def _listed(vote: Vote, draft: MotionDraft) -> tuple[list[dict[str, str]], int, int]:
    """Candidates, seats, alternates: as typed, or of the formation those who passed the review and its notice."""
    if isinstance(draft.origin, Formation):
        standing = ballot(draft.origin, core.local_day(vote.opens_at))
        listed = [{"candidate": candidate_code(one), "name": core.opened(one.person, "name")} for one in standing]
        names = [one["name"] for one in listed]
        for one, candidate in zip(listed, standing, strict=True):
            if names.count(one["name"]) > 1 and candidate.unit is not None:
                one["name"] += f"（{candidate.unit}）"
        return listed, draft.origin.seats or draft.seats, draft.origin.substitutes
    names = [one.strip() for one in draft.candidates if one.strip()]
    if len(set(names)) != len(names):
        raise Refused("candidates_twice", "候选人（候选单位）名单有重复。", fields={"candidates": "有重复"})
    listed = [{"candidate": f"c{number}", "name": name} for number, name in enumerate(names, 1)]
    return listed, draft.seats, draft.alternates


@transaction.atomic
def check_vote(
    vote: Vote, *, agreed: bool, opinion: str, actor: Actor, now: datetime, version: int | None = None
) -> Vote:
    """Street or community looks at roll and motions. Not agreed: it stays a draft, and the opinion says why."""
    core.require(actor, "vote.check", vote)
    vote = locked(vote, states=("draft",), doing="核对", version=version)
    if agreed and vote.roll_frozen_at is None:
        raise Refused("roll_not_frozen", "名册还没有锁定，不能核对。请召集人先锁定名册。")
    if agreed and vote.secret:
        rules, _ = weights.secret_rules(vote, core.local_day(now))
        weights.refuse_few(weights.voters_now(vote, rules), rules)
    if not agreed and not opinion.strip():
        raise Refused("opinion_missing", "不同意的，要写明改什么。", fields={"opinion": "请写明"})
    vote.check_opinion, vote.checked_at = opinion, now
    vote.state = "checked" if agreed else "draft"
    saved(vote, "check_opinion", "checked_at", "state")
    tell(vote, kind="vote.checked", actor=actor, now=now, data={"agreed": agreed})
    return vote


@transaction.atomic
def notice_vote(
    vote: Vote,
    *,
    published_on: date,
    silence_told: bool,
    actor: Actor,
    now: datetime,
    file: StoredFile | None = None,
    version: int | None = None,
) -> Vote:
    """Up goes the notice, with the roll's root. Refuses an opening before the period is over, and says from when on."""
    core.require(actor, "vote.run", vote)
    vote = locked(vote, states=("checked",), doing="公告", version=version)
    if vote.roll_frozen_at is None:
        raise Refused("roll_not_frozen", "名册还没有锁定，不能公告。请先锁定名册。")
    today = core.local_day(now)
    if published_on > today:
        raise Refused("noticed_in_future", "公告日期不能晚于今天。", fields={"published_on": "不能晚于今天"})
    checked_on = core.local_day(vote.checked_at or now)
    if published_on < checked_on:
        raise Refused(
            "noticed_unchecked",
            f"名册和议题{day_words(checked_on)}才核对完，张贴的公告不能早于那一天。请按核对以后张贴的日期填。",
            fields={"published_on": f"不早于{day_words(checked_on)}"},
        )
    refuse_early_opening(vote, published_on, today)
    require_consent(vote, before="notice", on=today)
    vote.log = proof.open_log(f"vote/{vote.pk}", now=now, demo=vote.demo)
    vote.state, vote.noticed_on, vote.silence_told = "noticed", published_on, silence_told
    vote.calendar = plain(calendar_answer(vote, today).to_json())
    saved(vote, "log", "state", "noticed_on", "silence_told", "calendar")
    data = {"published_on": published_on.isoformat(), "silence_told": silence_told}
    roll = plain_json(roll_of(vote).model_dump(mode="json"))
    public = {**data, "roll_root": vote.roll_root, "files": {"roll.json": digest(roll)}}
    entered(vote, kind="NOTICE", data=data, public=public, at=now, actor=actor, now=now, file=file)
    tell(
        vote,
        kind="vote.noticed",
        actor=actor,
        now=now,
        data={
            "published_on": published_on,
            "opens_at": vote.opens_at,
            "closes_at": vote.closes_at,
            "silence_told": silence_told,
        },
    )
    return vote


def refuse_early_opening(vote: Vote, published_on: date, on: date) -> None:
    days, counting, clauses = notice_days(vote, on)
    earliest = earliest_opening(published_on, days, counting)
    if core.local_day(vote.opens_at) < earliest:
        raise Refused(
            "notice_too_short",
            f"{day_words(published_on)}公告，要公告{days}日（{VALUES['notice'][counting]}），"
            f"最早{day_words(earliest)}开始表决。请改开始时间，或者更早公告。",
            clause=clauses,
            fields={"published_on": f"按这一天公告，最早{day_words(earliest)}开始"},
        )


@transaction.atomic
def reschedule(
    vote: Vote, *, opens_at: datetime, closes_at: datetime, actor: Actor, now: datetime, version: int | None = None
) -> Vote:
    core.require(actor, "vote.draft", vote)
    vote = locked(vote, states=("draft", "checked"), doing="改时间", version=version)
    _refuse_window(opens_at, closes_at, now)
    vote.opens_at, vote.closes_at = opens_at, closes_at
    return saved(vote, "opens_at", "closes_at")


@transaction.atomic
def open_vote(vote: Vote, *, actor: Actor, now: datetime, version: int | None = None) -> Vote:
    """Freezes the rules; ballots count from `opens_at`. A later change of packs or switches changes nothing here."""
    core.require(actor, "vote.run", vote)
    vote = locked(vote, states=("noticed",), doing="开始表决", version=version)
    if now >= vote.closes_at:
        raise Refused("window_over", "截止时间已过，不能再开始。请终止这次表决，另行公告。")
    on = core.local_day(vote.opens_at)
    refuse_early_opening(vote, vote.noticed_on or on, on)
    strike_withdrawn(vote)
    rules = rules_for(vote, on=on)
    if vote.secret:
        rules = trusting.secret_for(vote, rules, now=now)
    written = plain_json(rules.model_dump(mode="json"))
    vote.rules = rules.model_dump(mode="json")
    vote.rules_hash, vote.state = digest(written), "open"
    saved(vote, "rules", "rules_hash", "state")
    if rules.settings.co_owners.value != "nominee":
        RollEntry.objects.filter(vote=vote, voters=[]).update(voters=F("owners"))
    data = {"rules": vote.rules_hash, "files": {"rules.json": vote.rules_hash}}
    entered(vote, kind="OPEN", data=data, at=now, actor=actor, now=now)
    tell(vote, kind="vote.opened", actor=actor, now=now, data={"rules": vote.rules_hash, "closes_at": vote.closes_at})
    return vote


def strike_withdrawn(vote: Vote) -> None:
    """Whoever withdrew, or lost his eligibility, since the notice is on no ballot; the motion says so."""
    for motion in vote.motions.filter(origin__startswith="formation:"):
        formation = Formation.objects.get(pk=motion.origin.partition(":")[2])
        standing = {candidate_code(one) for one in formation.candidates.all() if one.standing}
        election = dict(motion.election or {})
        gone = [one["name"] for one in election["candidates"] if one["candidate"] not in standing]
        if not gone:
            continue
        election["candidates"] = [one for one in election["candidates"] if one["candidate"] in standing]
        if not election["candidates"]:
            raise Refused("candidates_gone", "候选人都已退出，不能开始表决。请终止这次表决，重新提名和公示。")
        motion.election = election
        motion.text = f"{motion.text}\n公告以后{'、'.join(gone)}退出，不再列入选票。".strip()
        motion.save(update_fields=["election", "text"])


@transaction.atomic
def stop_vote(vote: Vote, *, reason: str, actor: Actor, now: datetime, version: int | None = None) -> Vote:
    core.require(actor, "vote.run", vote)
    unopened = ("closed",) if vote.secret else ()  # sealed ballots that nobody can open, or may
    vote = locked(vote, states=("draft", "checked", "noticed", "open", *unopened), doing="终止", version=version)
    if vote.state == "closed":
        trusting.refuse_opened(vote)
    if not reason.strip():
        raise Refused("reason_missing", "请写明为什么终止，要公告给业主。", fields={"reason": "请填写"})
    vote.state, vote.stop_reason = "stopped", reason
    saved(vote, "state", "stop_reason")
    for motion in vote.motions.all():
        _free(motion)
    tell(vote, kind="vote.stopped", actor=actor, now=now, data={"reason": reason})
    return vote


def _refuse_window(opens_at: datetime, closes_at: datetime, now: datetime) -> None:
    if opens_at <= now:
        raise Refused("opens_in_past", "开始时间要在现在以后。", fields={"opens_at": "要在现在以后"})
    if closes_at - opens_at < timedelta(hours=1):
        raise Refused("window_short", "截止时间要比开始时间至少晚1小时。", fields={"closes_at": "至少晚1小时"})
