"""Sealed ballots come in, encrypted and proven on the voter's device: who hands one in is known, not what it says."""

import json
import secrets
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.governance.tally.rules import VALUES, Rules
from gongzhi.governance.tally.sealed import Voters
from gongzhi.governance.votes.models import Ballot, Vote
from gongzhi.governance.votes.secret import weights
from gongzhi.governance.votes.secret.models import Ceremony, ChallengedBallot
from gongzhi.governance.votes.secret.trusting import MOTION, election_of
from gongzhi.governance.votes.services import balloting as named
from gongzhi.governance.votes.services.agents import refuse_agent, refused_agent
from gongzhi.governance.votes.services.common import digest, log_of
from gongzhi.proof import services as proof
from gongzhi.proof.exporting import plain_json
from gongzhi.proof.secret import ballots, entries
from gongzhi.proof.secret.ballots import Context

LOCK_SPACE = 711
MOST_CHALLENGES = 10
SCRUTINEERS = 2


@dataclass(frozen=True)
class Sealed:
    """A ballot as handed in. `voter`: whose it is; `agent` and `proxy`: who cast it for him, by which instrument.

    `entered_by`: the two scrutineers who sealed what a paper ballot says.
    """

    voter: str
    ballot: Mapping[str, Any]
    channel: str
    key: str
    agent: str = ""
    proxy: str = ""
    entered_by: Sequence[str] = ()
    at: datetime | None = None


def cast_sealed(vote: Vote, *, given: Sealed, now: datetime | None = None, actor: Actor | None = None) -> Ballot:
    """One transaction, one row, one entry with its promise; a second click gives the same ballot.

    Refuses a ballot whose proofs do not hold for this voter in this election: a wrong number of choices, another's
    ballot, an earlier one of his own handed in again.
    """
    if given.channel != "phone":
        core.require(actor or Actor.public(), "vote.run", vote)
    named.refuse_key(given.key)
    with nullcontext() if connection.in_atomic_block else transaction.atomic():
        _hold_voter(vote, given.voter)
        named.hold_open(vote)
        stands = named.as_it_stands(vote, given.key)
        if stands.known is not None:
            return Ballot.objects.get(pk=stands.known)
        at = given.at or stands.clock
        named.refuse_closed(vote, stands.state, at)
        rules = named.rules_of(vote)
        units = _units_of(vote, given.voter)
        print_ = _refuse_unproven(vote, given.voter, given.ballot)
        _refuse_known(vote, print_)
        _refuse_entered(given)
        _refuse_agent(vote, given, units=units, at=at)
        _refuse_repeated(vote, rules, given, units=units)
        return _kept(vote, given, units=units, at=at, now=now or stands.clock, fingerprint=print_, actor=actor)


def challenge_sealed(
    vote: Vote, *, voter: str, ballot: Mapping[str, Any], now: datetime | None = None
) -> ChallengedBallot:
    """The voter has this ballot opened instead of casting it: it stands in the log, and is taken in no more.

    What opens it stays with him: whoever has it sees whether his device sealed what he chose (verify.py --challenge).
    """
    with nullcontext() if connection.in_atomic_block else transaction.atomic():
        _hold_voter(vote, voter)
        named.hold_open(vote)
        stands = named.as_it_stands(vote, "")
        at = now or stands.clock
        named.refuse_closed(vote, stands.state, at)
        _units_of(vote, voter)
        print_ = _refuse_unproven(vote, voter, ballot)
        _refuse_known(vote, print_)
        if ChallengedBallot.objects.filter(vote=vote, voter=voter).count() >= MOST_CHALLENGES:
            raise Refused("challenged_enough", f"最多拆{MOST_CHALLENGES}张验。请直接投票，或到现场投票。")
        made = ballots.ballot_of(ballot, context_of(vote, voter))
        entry = entries.challenged_entry(made, motion=MOTION, voter=voter)
        kept = proof.append(log_of(vote), {**entry, "at": at.isoformat()}, now=at)
        return ChallengedBallot.objects.create(vote=vote, voter=voter, fingerprint=print_, at=at, entry_id=kept.pk)


def _refuse_known(vote: Vote, fingerprint: str) -> None:
    if Ballot.objects.filter(vote=vote, salt=fingerprint).exists():
        raise Refused("ballot_again", "这张加密票已经收过，不再收第二次。要改票的，请重新选、重新加密。")
    if ChallengedBallot.objects.filter(vote=vote, fingerprint=fingerprint).exists():
        raise Refused("ballot_challenged", "这张加密票已经拆开验过，作废了，不能提交。请重新选、重新投。")


def voters_of(vote: Vote) -> Voters:
    """As fixed when the trustees were named; opening made sure that nothing has changed since."""
    found = _voters.get(vote.rules_hash)
    if found is None:
        found = _voters[vote.rules_hash] = weights.voters_now(vote, named.rules_of(vote))
    return found


def context_of(vote: Vote, voter: str) -> Context:
    rules = named.rules_of(vote)
    motion = rules.motions[0]
    if motion.secret is None or motion.election is None:
        raise Refused("vote_is_named", "这次表决是记名的，不收加密的票。")
    election = _elections.get(vote.rules_hash)
    if election is None:
        election = _elections[vote.rules_hash] = election_of(
            Ceremony.objects.select_related("vote__log").get(vote=vote)
        )
    options = tuple(one.candidate for one in motion.election.candidates)
    most = min(motion.election.most_choices or motion.election.seats, len(options))
    return Context(election, voter, bytes.fromhex(motion.secret.key), options, 0, most)


_voters: dict[str, Voters] = {}
_elections: dict[str, str] = {}


def fingerprint_of(ballot: Mapping[str, Any]) -> str:
    """Of a ballot as JSON: the voter's device shows the same before it hands the ballot in."""
    return digest(plain_json(ballot).rstrip(b"\n"))


def _units_of(vote: Vote, voter: str) -> tuple[str, ...]:
    voters = voters_of(vote)
    if voter not in voters.weights:
        raise Refused("not_a_voter", "不在这次选举的计权名册里，这张票没有收。共有房屋要先推定由谁表决。")
    return voters.units[voter]


def _hold_voter(vote: Vote, voter: str) -> None:
    """Ballots of one voter come one after another; those of others do not wait."""
    number = int(digest(f"{vote.pk} {voter}")[:7], 16)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCK_SPACE, number])


def _refuse_unproven(vote: Vote, voter: str, given: Mapping[str, Any]) -> str:
    context = context_of(vote, voter)
    try:
        ballot = ballots.ballot_of(given, context)
    except ValueError as error:
        raise Refused("ballot_form", "收到的不是一张完整的加密票，没有收。请刷新页面后重新投。") from error
    if not ballots.verified(ballot, context):
        raise Refused(
            "ballot_proof",
            "这张加密票的证明不成立，没有收：可能多选了人，可能是别人的票，也可能加密出了错。请刷新页面后重新投；"
            "反复不成立的，请到现场投票。",
        )
    return fingerprint_of(ballot.as_json())


def _refuse_entered(given: Sealed) -> None:
    if given.channel == "paper" and len({one.strip() for one in given.entered_by if one.strip()}) < SCRUTINEERS:
        raise Refused("scrutineers", "代录纸质票要两名监票人在场，请写明两人的姓名。", fields={"by": "要两名监票人"})


def _refuse_agent(vote: Vote, given: Sealed, *, units: tuple[str, ...], at: datetime) -> None:
    """An agent's instrument is held to all its limits; instructions cannot be seen."""
    if not given.proxy:
        return
    roll = (one.unit for one in voters_of(vote).electorate.seats)
    instrument = refuse_agent(vote, agent=given.agent, proxy=given.proxy, units=units, at=at, roll=roll)
    covers = set(units) <= set(instrument.units) and instrument.principal == given.voter
    if not covers or (instrument.motions is not None and MOTION not in instrument.motions):
        raise refused_agent(vote, "other_units")


def _refuse_repeated(vote: Vote, rules: Rules, given: Sealed, *, units: tuple[str, ...]) -> None:
    """By the frozen rules the new ballot must be the one that counts: a sealed one cannot be set aside later."""
    earlier = list(Ballot.objects.filter(vote=vote, units__overlap=list(units)).order_by("pk"))
    if given.proxy and any(not one.proxy for one in earlier):
        raise Refused("own_ballot_beats", "业主本人已经投过票，代理票不收。", clause=rules.settings.proxy.clauses)
    revote = rules.settings.revote
    alike = sum(bool(one.proxy) == bool(given.proxy) for one in earlier)
    changes = {"last_valid": alike, "first_only": 0, "n_changes": revote.changes}[revote.value]
    if alike > changes:
        raise Refused(
            "no_more_changes",
            f"您已经投过票。按规则，{VALUES['revote'][revote.value]}，不能再改。",
            clause=revote.clauses,
        )
    precedence = rules.settings.precedence
    if precedence.value == "by_channel" and earlier:
        ranks: dict[str, int] = {one: number for number, one in enumerate(precedence.order)}
        last = len(ranks)
        if ranks.get(given.channel, last) > min(ranks.get(one.channel, last) for one in earlier):
            raise Refused("other_channel", "您已用优先的方式投过票，按规则以那一张为准。", clause=precedence.clauses)


def _kept(
    vote: Vote,
    given: Sealed,
    *,
    units: tuple[str, ...],
    at: datetime,
    now: datetime,
    fingerprint: str,
    actor: Actor | None,
) -> Ballot:
    number = "".join(secrets.choice(named.LETTERS) for _ in range(named.CODE))
    ballot = ballots.ballot_of(given.ballot, context_of(vote, given.voter))
    entry = {
        **entries.ballot_entry(ballot, motion=MOTION, voter=given.voter),
        "number": number,
        "units": list(units),
        "channel": given.channel,
        "at": at.isoformat(),
        **({"agent": given.agent, "proxy": given.proxy} if given.proxy else {}),
    }
    made = proof.append(log_of(vote), entry, now=now)
    return Ballot.objects.create(
        vote=vote,
        number=number,
        key=given.key,
        at=at,
        channel=given.channel,
        voter=given.agent or given.voter,
        units=list(units),
        choices={},
        salt=fingerprint,
        proxy=given.proxy,
        entered_by=[one.strip() for one in given.entered_by if one.strip()],
        entry_id=made.pk,
        by=actor.user if actor else None,
    )


def sealed_text(text: str) -> Mapping[str, Any]:
    """What the page's script put into its field."""
    try:
        found = json.loads(text)
    except ValueError as error:
        raise Refused("ballot_form", "收到的不是一张完整的加密票，没有收。请刷新页面后重新投。") from error
    return found if isinstance(found, dict) else {}
