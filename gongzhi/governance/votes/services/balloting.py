"""Ballots come in: once for each form, durably committed with their promise before anybody is told so."""

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
from gongzhi.core.models import StoredFile
from gongzhi.governance.tally.ballots import read_mark
from gongzhi.governance.tally.holders import REASONS, Refusal
from gongzhi.governance.tally.rules import Rules
from gongzhi.governance.votes.models import Ballot, RollEntry, Vote
from gongzhi.governance.votes.services.common import log_of
from gongzhi.proof import leaves
from gongzhi.proof import services as proof

SALT_BYTES = 16
NUMBER_BYTES = 8
# The letters of a code that people read to one another.
LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
CODE = 8


@dataclass(frozen=True)
class Given:
    """A ballot as handed in. `units` are codes of the roll.

    `at`: when it came in (of paper: when it was received); None: now, by the database's clock. `on_roll`: the units
    were just read from the roll.
    """

    voter: str
    units: Sequence[str]
    choices: Mapping[str, Any]
    channel: str
    at: datetime | None
    key: str
    proxy: str = ""
    faults: Sequence[str] = ()
    entered_by: Sequence[str] = ()
    image: StoredFile | None = None
    on_roll: bool = False


def cast(vote: Vote, *, given: Given, now: datetime | None = None, actor: Actor | None = None) -> Ballot:
    """Takes the ballot in: one transaction, one row, one entry with its promise. A second click gives the same ballot.

    Desk and paper need the right; on the phone the owner has shown who he is. Nothing is locked that two ballots
    share, except against the close, which waits for ballots on their way. `now` None: the database's clock.
    """
    if given.channel != "phone":
        core.require(actor or Actor.public(), "vote.run", vote)
    if not 0 < len(given.key) <= LONGEST_KEY:
        raise Refused("form_key", "这张选票缺少防重复的标记，请刷新页面后重新提交。")
    with nullcontext() if connection.in_atomic_block else transaction.atomic():
        hold_open(vote)
        state, clock, known = _as_it_stands(vote, given.key)
        if known is not None:
            return Ballot.objects.get(pk=known)
        at = given.at or clock
        _refuse_closed(vote, state, at)
        _refuse_here(vote, given)
        _refuse_marks(vote, given)
        if not given.on_roll:
            _refuse_units(vote, given)
        return _kept(vote, given, at=at, now=now or clock, actor=actor)


LOCK_SPACE = 710
LONGEST_KEY = 64
STANDS = """
SELECT state, clock_timestamp(), (SELECT id FROM governance_ballot WHERE vote_id = v.id AND key = %s)
FROM governance_vote v WHERE id = %s
"""


def hold_open(vote: Vote) -> None:
    """Shared among ballots; the close takes the same lock alone and so waits until those before it have committed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s, %s)", [LOCK_SPACE, vote.pk])


def hold_closed(vote: Vote) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCK_SPACE, vote.pk])


def _as_it_stands(vote: Vote, key: str) -> tuple[str, datetime, int | None]:
    """Read under the lock: a close that came first is seen, and the clock is not older than it."""
    with connection.cursor() as cursor:
        cursor.execute(STANDS, [key, vote.pk])
        found: tuple[str, datetime, int | None] = cursor.fetchone()
    return found


def _refuse_closed(vote: Vote, state: str, at: datetime) -> None:
    if state != "open" or not vote.opens_at <= at < vote.closes_at:
        if at >= vote.closes_at or state not in ("open", "noticed"):
            raise Refused("vote_closed", "表决已经截止，这张票没有收。")
        raise Refused("vote_not_open", "表决还没有开始，这张票没有收。请在开始以后再投。")


def _refuse_here(vote: Vote, given: Given) -> None:
    """Where a government's platform must be used, ours takes paper and that platform's export only."""
    rule = rules_of(vote).settings.official_platform
    if rule.value == "required" and given.channel in ("phone", "desk"):
        raise Refused(
            "official_platform",
            f"本地须用{rule.name or '政府指定的平台'}投票，这里不收票。请到该平台投票。",
            clause=rule.clauses,
        )


def rules_of(vote: Vote) -> Rules:
    """The frozen rules; read once for each vote and process."""
    found = _rules.get(vote.rules_hash)
    if found is None:
        found = _rules[vote.rules_hash] = Rules.model_validate_json(_json(vote.rules))
    return found


_rules: dict[str, Rules] = {}


def _json(data: Any) -> str:
    import json

    return json.dumps(data, ensure_ascii=False)


def _refuse_marks(vote: Vote, given: Given) -> None:
    """A phone or desk ballot cannot be spoiled: what would not count is told at once."""
    rules = rules_of(vote)
    known = {one.motion for one in rules.motions}
    unknown = set(given.choices) - known
    if unknown:
        raise Refused("unknown_motion", "选票上有这次表决没有的议题，请刷新页面后再投。")
    if given.channel == "paper":
        return
    for motion in rules.motions:
        mark = read_mark(given.choices.get(motion.motion), motion, rules)
        if isinstance(mark, Refusal):
            raise Refused(
                f"mark_{mark.reason}",
                f"“{motion.title}”：{REASONS[mark.reason]}，这样投不算数。请改好再提交。",
                fields={motion.motion: REASONS[mark.reason]},
            )


def _refuse_units(vote: Vote, given: Given) -> None:
    found = set(RollEntry.objects.filter(vote_id=vote.pk, code__in=list(given.units)).values_list("code", flat=True))
    if not given.units or found != set(given.units):
        raise Refused("unknown_unit", "选票上的房屋不在这次表决的名册里，请核对房号。", fields={"units": "不在名册里"})


def _kept(vote: Vote, given: Given, *, at: datetime, now: datetime, actor: Actor | None) -> Ballot:
    salt = secrets.token_bytes(SALT_BYTES)
    number = "".join(secrets.choice(LETTERS) for _ in range(CODE))
    log = log_of(vote)
    value = {"units": sorted(given.units), "choices": dict(given.choices)}
    entry = {
        "kind": "PAPER" if given.channel == "paper" else "CAST",
        "ballot": number,
        "voter": given.voter,
        "units": sorted(given.units),
        "channel": given.channel,
        "at": at.isoformat(),
        "commitment": leaves.commitment(value, salt=salt, origin=log.origin),
        **({"proxy": given.proxy} if given.proxy else {}),
        **({"faults": sorted(given.faults)} if given.faults else {}),
        **({"image": given.image.sha256} if given.image is not None else {}),
    }
    made = proof.append(log, entry, now=now)
    return Ballot.objects.create(
        vote=vote,
        number=number,
        key=given.key,
        at=at,
        channel=given.channel,
        voter=given.voter,
        units=sorted(given.units),
        choices=dict(given.choices),
        salt=salt.hex(),
        proxy=given.proxy,
        faults=sorted(given.faults),
        entered_by=list(given.entered_by),
        image=given.image,
        entry_id=made.pk,
        by=actor.user if actor else None,
    )


def opening_of(ballot: Ballot) -> dict[str, Any]:
    """What opens the commitment: for the owner himself and for scrutineers."""
    return {
        "entry": ballot.entry_id,
        "salt": ballot.salt,
        "value": {"units": list(ballot.units), "choices": dict(ballot.choices)},
    }
