"""After the close: what is encrypted is added up, trustees open the totals, and nothing but totals."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.governance.votes.models import Ballot, Vote
from gongzhi.governance.votes.secret.balloting import context_of, voters_of
from gongzhi.governance.votes.secret.models import Ceremony, Trustee
from gongzhi.governance.votes.secret.trusting import MOTION, election_of, published_of
from gongzhi.governance.votes.services.closing import counted
from gongzhi.governance.votes.services.common import entered, locked, tell
from gongzhi.proof.secret import ballots, entries, totals, trustees
from gongzhi.proof.secret.ballots import Ciphertext
from gongzhi.proof.secret.trustees import BadTrustee, Part

Sums = dict[str, list[Ciphertext]]
ADD_UP = "governance.add_up"
# So many ballots are added up while the page waits, in some seconds.
AT_ONCE = 1000
STUCK = timedelta(hours=1)


def standing_ballots(vote: Vote) -> dict[str, Any]:
    """The last ballot of each voter, as the log holds it."""
    found: dict[str, Any] = {}
    in_the_log = (F("entry__leaf_index").asc(nulls_last=True), "entry_id")
    rows = Ballot.objects.filter(vote=vote).order_by(*in_the_log).values_list("entry__data", flat=True)
    for text in rows.iterator():
        entry = json.loads(text)
        found[entry["voter"]] = entry["ballot"]
    return found


@transaction.atomic
def add_up(vote: Vote, *, actor: Actor, now: datetime, version: int | None = None) -> Ceremony:
    """Fixes the encrypted sums once: at once where they are few, otherwise as a job, so that no page waits for it.

    Refuses without a quorum, and where so few voted that totals would tell how.
    """
    core.require(actor, "vote.count", vote)
    vote = locked(vote, states=("closed",), doing="汇总加密票", version=version)
    if not vote.secret:
        raise Refused("vote_is_named", "这次表决是记名的，不用开票。")
    ceremony = Ceremony.objects.select_for_update().get(vote=vote)
    if ceremony.sums is not None:
        raise Refused("added_up", "加密票已经汇总过，合计只开一次。请等托管人开票。")
    if ceremony.adding_at is not None and now < ceremony.adding_at + STUCK:
        raise Refused("adding_up", "加密票正在汇总，请过几分钟再看。")
    outcome = counted(vote, sensitivity=False).motions[0].outcome
    if outcome != "sealed":
        raise Refused("nothing_to_open", "参与的人数或面积没有达到法定比例，不用开票，直接公示即可。")
    voters = Ballot.objects.filter(vote=vote).values("units").distinct().count()
    _refuse_few(voters, ceremony)
    if voters <= AT_ONCE:
        return _added_up(vote, ceremony, actor=actor, now=now)
    ceremony.adding_at = now
    ceremony.save(update_fields=["adding_at"])
    core.later(ADD_UP, vote_id=vote.pk)
    return ceremony


@transaction.atomic
def add_up_now(vote_id: int, *, now: datetime) -> Ceremony | None:
    """The job. Twice it does nothing the second time; a refusal is left to whoever asks again."""
    vote = locked(Vote.objects.get(pk=vote_id), states=("closed",), doing="汇总加密票")
    ceremony = Ceremony.objects.select_for_update().get(vote=vote)
    if ceremony.sums is not None or ceremony.adding_at is None:
        return None
    return _added_up(vote, ceremony, actor=Actor.system(demo=vote.demo), now=now)


def _refuse_few(voters: int, ceremony: Ceremony) -> None:
    if voters < ceremony.guard:
        raise Refused(
            "too_few_ballots",
            f"只有{voters}名表决人投了票，少于{ceremony.guard}张，开出合计会泄露个别人选了谁，不能开。"
            "请终止这次选举，另行按记名办。",
        )


def _added_up(vote: Vote, ceremony: Ceremony, *, actor: Actor, now: datetime) -> Ceremony:
    found = standing_ballots(vote)
    _refuse_few(len(found), ceremony)
    weights = voters_of(vote).weights
    context = context_of(vote, "")
    weighted = (
        totals.Weighted(ballots.ballot_of(ballot, context), *weights[voter]) for voter, ballot in sorted(found.items())
    )
    sums = totals.totals_of(weighted, options=len(context.options))
    ceremony.sums = {name: [{"a": one.a.hex(), "b": one.b.hex()} for one in listed] for name, listed in sums.items()}
    ceremony.counted = len(found)
    ceremony.save(update_fields=["sums", "counted"])
    tell(vote, kind="vote.ballots_added_up", actor=actor, now=now, data={"ballots": len(found)})
    return ceremony


def sums_of(ceremony: Ceremony) -> Sums:
    return {
        name: [Ciphertext(bytes.fromhex(one["a"]), bytes.fromhex(one["b"])) for one in listed]
        for name, listed in (ceremony.sums or {}).items()
    }


@transaction.atomic
def hand_in_parts(trustee: Trustee, *, answer: Mapping[str, Any], now: datetime) -> Ceremony:
    """One trustee's parts. A part that does not hold names him and is not kept; with enough of them the totals open."""
    vote = locked(trustee.ceremony.vote, states=("closed",), doing="开票")
    ceremony = Ceremony.objects.select_for_update().get(vote=vote)
    rows = list(ceremony.trustees.select_for_update())
    own = next((one for one in rows if one.pk == trustee.pk), None)
    if own is None or ceremony.sums is None:
        raise Refused("not_added_up", "加密票还没有汇总，现在不能开票。请等召集人汇总。")
    if ceremony.opened_at is not None:
        raise Refused("opened", "合计已经开出，不用再办。")
    if own.parts is not None:
        raise Refused("step_done", "您已经开过票，请等其他托管人。")
    published = [published_of(one) for one in rows]
    try:
        given = _parts_of(answer, own, ceremony)
        _refuse_bad_parts(given, ceremony, vote, published=published)
    except BadTrustee as error:
        raise Refused(
            "trustee_part",
            f"{own.number}号托管人{own.name}交来的解密部分证明不成立，没有收。请核对用的是不是自己的代码；"
            f"其他托管人满{ceremony.needed}名仍可开票。",
            fields={"answer": "证明不成立"},
        ) from error
    own.parts = {name: [one.as_json() for one in listed] for name, listed in given.items()}
    own.acted_at = now
    own.save(update_fields=["parts", "acted_at"])
    actor = Actor.public(f"{own.number}号托管人", demo=vote.demo)
    ready = [one for one in rows if one.parts is not None]
    if len(ready) < ceremony.needed:
        tell(vote, kind="vote.trustee_acted", actor=actor, now=now, data={"number": own.number, "step": "open"})
        return ceremony
    return _open(vote, ceremony, ready[: ceremony.needed], published=published, actor=actor, now=now)


def _parts_of(answer: Mapping[str, Any], own: Trustee, ceremony: Ceremony) -> dict[str, list[Part]]:
    value = answer.get("open") if isinstance(answer, Mapping) else None
    if not isinstance(value, Mapping) or value.get("number") != own.number:
        raise BadTrustee("of another step or trustee")
    found = {}
    for name, sums in (ceremony.sums or {}).items():
        listed = value.get(name)
        if not isinstance(listed, list) or len(listed) != len(sums):
            raise BadTrustee("a part for each total")
        found[name] = [trustees.part_of(one) for one in listed]
        if any(one.number != own.number for one in found[name]):
            raise BadTrustee("of another trustee")
    return found


def _refuse_bad_parts(
    given: Mapping[str, Sequence[Part]], ceremony: Ceremony, vote: Vote, *, published: Sequence[trustees.Published]
) -> None:
    options, election = context_of(vote, "").options, election_of(ceremony)
    for name, sums in sums_of(ceremony).items():
        for part, total, option in zip(given[name], sums, options, strict=True):
            what = totals.what_of(election, name, option)
            if not trustees.part_holds(part, total, what=what, published=published):
                raise BadTrustee(f"the part of trustee {part.number} does not hold")


def _open(
    vote: Vote,
    ceremony: Ceremony,
    ready: Sequence[Trustee],
    *,
    published: Sequence[trustees.Published],
    actor: Actor,
    now: datetime,
) -> Ceremony:
    """Fewer parts than were handed in are used: as many as are needed, so that everybody counts the same way."""
    options, election = context_of(vote, "").options, election_of(ceremony)
    weights = voters_of(vote).weights.values()
    most = {"area": sum(area for area, _ in weights), "heads": sum(heads for _, heads in weights)}
    logarithms = totals.Logarithms()
    opened: dict[str, list[int]] = {}
    used: dict[str, list[list[Part]]] = {}
    for name, sums in sums_of(ceremony).items():
        opened[name], used[name] = [], []
        for place, (total, option) in enumerate(zip(sums, options, strict=True)):
            parts = [trustees.part_of((one.parts or {})[name][place]) for one in ready]
            what = totals.what_of(election, name, option)
            opened[name].append(
                totals.open_total(total, parts, what=what, published=published, most=most[name], logarithms=logarithms)
            )
            used[name].append(parts)
    ceremony.opened_at = now
    ceremony.save(update_fields=["opened_at"])
    count = ceremony.counted or 0
    data = {
        "motion": MOTION,
        "counted": count,
        **{name: dict(zip(options, values, strict=True)) for name, values in opened.items()},
    }
    entry = entries.totals_entry(motion=MOTION, counted=count, opened=opened, parts=used)
    entered(vote, kind="TOTALS", data=data, public=entry, at=now, actor=actor, now=now)
    numbers = [one.number for one in ready]
    tell(vote, kind="vote.totals_opened", actor=actor, now=now, data={"ballots": count, "trustees": numbers})
    return ceremony
