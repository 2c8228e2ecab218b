"""Ballots come in: once for each form, durably committed with their promise before anybody is told so."""

import json
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, connection, transaction

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.core.models import StoredFile
from gongzhi.core.prepared import first_row
from gongzhi.governance.tally.ballots import read_mark
from gongzhi.governance.tally.holders import REASONS, Refusal
from gongzhi.governance.tally.rules import Rules
from gongzhi.governance.votes.models import Ballot, Vote, VoteLink
from gongzhi.governance.votes.scopes import concerned
from gongzhi.governance.votes.services.common import digest, log_of
from gongzhi.governance.votes.services.links import COLUMNS, link_from
from gongzhi.proof import leaves
from gongzhi.proof import services as proof

SALT_BYTES = 16
# The letters of a code that people read to one another.
LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
CODE = 8


@dataclass(frozen=True)
class Given:
    """A ballot as handed in. `units` are codes of the roll.

    `at`: when it came in (of paper: when it was received); None: now, by the database's clock. `on_roll`: the units
    are from the roll.
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
    refuse_key(given.key)
    try:
        with transaction.atomic():
            return _taken(vote, given, stands=as_it_stands(vote, given.key), now=now, actor=actor)
    except IntegrityError:
        return _the_same_form(vote, given.key)


def cast_by_link(token: str, *, key: str, read: Callable[[VoteLink], Given | None]) -> Ballot | None:
    """The last step on a phone: link, vote, lock and clock in one statement, ballot and entry in a second one.

    `read` says who is asking and what he marked; None: nothing is taken in.
    """
    refuse_key(key)
    values = {"hash": digest(token), "key": key, "space": LOCK_SPACE}
    link: VoteLink | None = None
    try:
        with transaction.atomic():
            row = first_row(BY_LINK, values)
            link = None if row is None else link_from(row)
            given = None if link is None else read(link)
            if row is None or link is None or given is None:
                return None
            return _taken(link.vote, given, stands=Standing(link.vote.state, *row[-2:]), now=None, actor=None)
    except IntegrityError:
        assert link is not None  # noqa: S101  (a ballot was written)
        return _the_same_form(link.vote, key)


def _the_same_form(vote: Vote, key: str) -> Ballot:
    """Sent a moment ago, and on its way at the same time."""
    known = Ballot.objects.filter(vote=vote, key=key).first()
    if known is None:
        raise Refused("form_key", "这张选票没有收下，请再提交一次。", status=CONFLICT_STATUS)
    return known


@dataclass(frozen=True, slots=True)
class Standing:
    """The vote under the lock: its state, the database's clock, the ballot that this form brought before."""

    state: str
    clock: datetime
    known: int | None


def _taken(vote: Vote, given: Given, *, stands: Standing, now: datetime | None, actor: Actor | None) -> Ballot:
    if stands.known is not None:
        return Ballot.objects.get(pk=stands.known)
    if vote.secret:
        raise Refused("vote_is_secret", "这次是无记名选举，只收加密的票。请在投票页上投，或到现场用备好的设备投。")
    at = given.at or stands.clock
    refuse_closed(vote, stands.state, at)
    _refuse_here(vote, given)
    _refuse_marks(vote, given)
    _refuse_again(vote, given)
    if not given.on_roll:
        _refuse_units(vote, given)
    return _kept(vote, given, at=at, now=now or stands.clock, actor=actor)


CONFLICT_STATUS = 409
LOCK_SPACE = 710
LONGEST_KEY = 64
# The lock first, then the clock. A close that this statement waited for is not in its snapshot yet: KEEP looks again.
STANDS = """
SELECT v.state, clock_timestamp(), (SELECT id FROM governance_ballot WHERE vote_id = v.id AND key = %(key)s)
FROM (SELECT pg_advisory_xact_lock_shared(%(space)s::int, %(vote)s::int)) AS held
CROSS JOIN governance_vote v WHERE v.id = %(vote)s::bigint
"""
BY_LINK = f"""
WITH k AS MATERIALIZED (
    SELECT * FROM governance_votelink WHERE token_hash = %(hash)s
), held AS MATERIALIZED (
    SELECT pg_advisory_xact_lock_shared(%(space)s::int, vote_id::int) FROM k
)
SELECT {COLUMNS}, clock_timestamp(), (SELECT id FROM governance_ballot WHERE vote_id = v.id AND key = %(key)s)
FROM k JOIN held ON true JOIN governance_vote v ON v.id = k.vote_id JOIN proof_log l ON l.id = v.log_id
"""  # noqa: S608 - names of columns
BEFORE = """
SELECT FROM governance_ballot
WHERE vote_id = %(vote)s::bigint AND voter = %(voter)s AND units && %(units)s::varchar[] AND faults = '{}'
  AND proxy = %(proxy)s LIMIT 1
"""
KEEP = """
WITH open_vote AS (
    SELECT FROM governance_vote WHERE id = %(vote)s::bigint AND state = 'open'
), entry AS ({append})
INSERT INTO governance_ballot (vote_id, number, key, at, channel, voter, units, choices, salt, proxy, faults,
                               entered_by, image_id, by_id, entry_id)
SELECT %(vote)s::bigint, %(number)s, %(key)s, %(at)s::timestamptz, %(channel)s, %(voter)s, %(units)s::text[],
       %(choices)s::jsonb, %(salt)s, %(proxy)s, %(faults)s::text[], %(entered_by)s::text[], %(image_id)s::bigint,
       %(by_id)s::bigint, entry.id
FROM entry RETURNING id, entry_id
""".format(append=proof.APPEND.format(source="FROM open_vote"))


def hold_open(vote: Vote) -> None:
    """Shared among ballots; the close takes the same lock alone and so waits until those before it have committed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s, %s)", [LOCK_SPACE, vote.pk])


def hold_closed(vote: Vote) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCK_SPACE, vote.pk])


def as_it_stands(vote: Vote, key: str) -> Standing:
    """Read under the lock: a close that came first is seen, and the clock is not older than it."""
    found = first_row(STANDS, {"key": key, "space": LOCK_SPACE, "vote": vote.pk})
    assert found is not None  # noqa: S101  (votes are not removed)
    return Standing(*found)


def refuse_key(key: str) -> None:
    if not 0 < len(key) <= LONGEST_KEY:
        raise Refused("form_key", "这张选票缺少防重复的标记，请刷新页面后重新提交。")


def refuse_closed(vote: Vote, state: str, at: datetime) -> None:
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
        while len(_rules) >= MOST_ROLLS:
            _rules.pop(next(iter(_rules)), None)
        found = _rules[vote.rules_hash] = Rules.model_validate_json(_json(vote.rules))
    return found


_rules: dict[str, Rules] = {}


def _json(data: Any) -> str:
    return json.dumps(data, ensure_ascii=False)


def units_of(vote: Vote, owner: str) -> Sequence[str]:
    """Codes of the units for which he may vote now. Who may is read once a process, and again when that has changed:
    nominations and sales give the vote a new version."""
    version, roll = _rolls.get(vote.roll_root, (0, {}))
    if version != vote.version:
        roll = {}
        for code, voters in concerned(vote).order_by("room").values_list("code", "voters"):
            for one in voters:
                roll.setdefault(one, []).append(code)
        while len(_rolls) >= MOST_ROLLS:
            _rolls.pop(next(iter(_rolls)), None)
        _rolls[vote.roll_root] = (vote.version, roll)
    return roll.get(owner, ())


# By the root of the roll: the version of the vote at which it was read, and who may vote for which units.
_rolls: dict[str, tuple[int, dict[str, list[str]]]] = {}
MOST_ROLLS = 32


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
        if motion.motion not in given.choices and motion.scope.level != "estate":
            continue  # others' building or entrance: nobody asked
        mark = read_mark(given.choices.get(motion.motion), motion, rules)
        if isinstance(mark, Refusal):
            raise Refused(
                f"mark_{mark.reason}",
                f"“{motion.title}”：{REASONS[mark.reason]}，这样投不算数。请改好再提交。",
                fields={motion.motion: REASONS[mark.reason]},
            )


def _refuse_again(vote: Vote, given: Given) -> None:
    """Where the first valid ballot stands, a second of the same voter is told so at once. Paper is taken in and left to
    the tally; so is what two windows send at the same moment. Paper of which no mark counts bars nobody."""
    rule = rules_of(vote).settings.revote
    if rule.value != "first_only" or given.channel not in ("phone", "desk"):
        return
    values = {"vote": vote.pk, "voter": given.voter, "units": list(given.units), "proxy": given.proxy}
    if first_row(BEFORE, values) is not None and any(_counts(vote, one.choices) for one in _before(vote, given)):
        raise Refused("voted", "这一户已经投过票，这次表决以第一张票为准，不再收第二张。", clause=tuple(rule.clauses))


def _before(vote: Vote, given: Given) -> Iterable[Ballot]:
    return Ballot.objects.filter(
        vote=vote, voter=given.voter, units__overlap=list(given.units), faults=[], proxy=given.proxy
    )


def _counts(vote: Vote, choices: Mapping[str, Any]) -> bool:
    rules = rules_of(vote)
    marks = (read_mark(choices.get(one.motion), one, rules) for one in rules.motions)
    return any(not isinstance(one, Refusal) for one in marks)


def _refuse_units(vote: Vote, given: Given) -> None:
    found = set(concerned(vote).filter(code__in=list(given.units)).values_list("code", flat=True))
    if not found and given.units and vote.roll.filter(code__in=list(given.units)).exists():
        raise Refused(
            "nothing_to_decide",
            "这套房屋不在这次表决的范围里（只由别的楼幢、单元表决），不用投票。",
            fields={"units": "不在表决范围里", "room": "不在表决范围里"},
        )
    if not given.units or found != set(given.units):
        raise Refused("unknown_unit", "选票上的房屋不在这次表决的名册里，请核对房号。", fields={"units": "不在名册里"})


def _kept(vote: Vote, given: Given, *, at: datetime, now: datetime, actor: Actor | None) -> Ballot:
    """Ballot and entry are one statement, which writes both or, after a close, neither."""
    log = log_of(vote)
    made = _written_down(vote, given, at=at, actor=actor)
    for values, _ in proof.signed(log, _entry(made, given, origin=log.origin), now=now):
        row = first_row(KEEP, {**values, **made})
        if row is not None:
            ballot = Ballot(**{name: value for name, value in made.items() if name not in ("vote", "choices")})
            ballot.vote, ballot.choices = vote, dict(given.choices)
            ballot.pk, ballot.entry_id = row
            ballot._state.adding, ballot._state.db = False, connection.alias
            return ballot
    refuse_closed(vote, as_it_stands(vote, given.key).state, at)
    raise proof.AlreadyThere(made["number"])


def _written_down(vote: Vote, given: Given, *, at: datetime, actor: Actor | None) -> dict[str, Any]:
    """The row as `KEEP` takes it."""
    return {
        "vote": vote.pk,
        "number": "".join(secrets.choice(LETTERS) for _ in range(CODE)),
        "key": given.key,
        "at": at,
        "channel": given.channel,
        "voter": given.voter,
        "units": sorted(given.units),
        "choices": _json(dict(given.choices)),
        "salt": secrets.token_hex(SALT_BYTES),
        "proxy": given.proxy,
        "faults": sorted(given.faults),
        "entered_by": list(given.entered_by),
        "image_id": given.image.pk if given.image is not None else None,
        "by_id": actor.user.pk if actor is not None and actor.user is not None else None,
    }


def _entry(made: Mapping[str, Any], given: Given, *, origin: str) -> dict[str, Any]:
    """What the log shows of the ballot: who voted for which units, by which way, and a commitment to the choice."""
    value = {"units": made["units"], "choices": dict(given.choices)}
    return {
        "kind": "PAPER" if given.channel == "paper" else "CAST",
        "ballot": made["number"],
        "voter": given.voter,
        "units": made["units"],
        "channel": given.channel,
        "at": made["at"].isoformat(),
        "commitment": leaves.commitment(value, salt=bytes.fromhex(made["salt"]), origin=origin),
        **({"proxy": given.proxy} if given.proxy else {}),
        **({"faults": made["faults"]} if given.faults else {}),
        **({"image": given.image.sha256} if given.image is not None else {}),
    }


def opening_of(ballot: Ballot) -> dict[str, Any]:
    """What opens the commitment: for the owner himself and for scrutineers."""
    return {
        "entry": ballot.entry_id,
        "salt": ballot.salt,
        "value": {"units": list(ballot.units), "choices": dict(ballot.choices)},
    }
