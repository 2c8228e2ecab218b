"""Which of several votes for one unit on one motion stands: sale, own before agent, channels, changes, co-owners."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from gongzhi.governance.tally.ballots import Dropped, Vote
from gongzhi.governance.tally.holders import Refusal
from gongzhi.governance.tally.rules import Settings

Drop = Callable[[Vote, Refusal], None]


@dataclass(frozen=True, slots=True)
class Standing:
    vote: Vote | None
    conflict: bool
    dropped: tuple[tuple[Vote, Refusal], ...]


def standing(votes: Iterable[Vote], settings: Settings) -> Standing:
    """In this order: the owners whose turn it is, their own ballots before agents', the channel, then the changes."""
    dropped: list[tuple[Vote, Refusal]] = []
    left = sorted(votes, key=lambda one: one.place)
    left = _of_the_right_owners(left, settings, dropped)
    if any(one.own for one in left):
        left = _keep(left, lambda one: one.own, Refusal("own_ballot_beats", "proxy"), dropped)
    left = _of_the_first_channel(left, settings, dropped)
    if settings.co_owners.value == "any_unless_conflict":
        return _agreed_by_co_owners(left, settings, dropped)
    chosen = _by_changes(left, settings, dropped)
    return Standing(chosen, False, tuple(dropped))


def as_dropped(one: tuple[Vote, Refusal], unit: str, motion: str) -> Dropped:
    return Dropped(one[0].ballot, unit, motion, one[1])


def _keep(
    votes: list[Vote], wanted: Callable[[Vote], bool], refusal: Refusal, dropped: list[tuple[Vote, Refusal]]
) -> list[Vote]:
    dropped += [(one, refusal) for one in votes if not wanted(one)]
    return [one for one in votes if wanted(one)]


def _of_the_right_owners(votes: list[Vote], settings: Settings, dropped: list[tuple[Vote, Refusal]]) -> list[Vote]:
    tenures = {one.tenure for one in votes}
    if len(tenures) < 2:  # noqa: PLR2004  (nothing to choose between)
        return votes
    if settings.sale.value == "buyer_replaces":
        return _keep(votes, lambda one: one.tenure == max(tenures), Refusal("buyer_replaced", "sale"), dropped)
    return _keep(votes, lambda one: one.tenure == min(tenures), Refusal("sold_after_voting", "sale"), dropped)


def _of_the_first_channel(votes: list[Vote], settings: Settings, dropped: list[tuple[Vote, Refusal]]) -> list[Vote]:
    order = settings.precedence.order
    if settings.precedence.value == "by_time" or not votes:
        return votes

    def rank(one: Vote) -> int:
        return order.index(one.channel) if one.channel in order else len(order)

    first = min(rank(one) for one in votes)
    return _keep(votes, lambda one: rank(one) == first, Refusal("other_channel", "precedence"), dropped)


def _by_changes(votes: list[Vote], settings: Settings, dropped: list[tuple[Vote, Refusal]]) -> Vote | None:
    if not votes:
        return None
    revote = settings.revote
    if revote.value == "first_only":
        number = 0
    elif revote.value == "last_valid":
        number = len(votes) - 1
    else:
        number = min(revote.changes, len(votes) - 1)
    chosen = votes[number]
    dropped += [(one, Refusal("superseded", "revote")) for one in votes if one is not chosen]
    return chosen


def _agreed_by_co_owners(votes: list[Vote], settings: Settings, dropped: list[tuple[Vote, Refusal]]) -> Standing:
    by_owner: dict[str, list[Vote]] = {}
    for one in votes:
        by_owner.setdefault(one.owner, []).append(one)
    chosen = [last for own in by_owner.values() if (last := _by_changes(own, settings, dropped)) is not None]
    if len({_comparable(one) for one in chosen}) > 1:
        dropped += [(one, Refusal("co_owners_differ", "co_owners")) for one in chosen]
        return Standing(None, True, tuple(dropped))
    if not chosen:
        return Standing(None, False, tuple(dropped))
    newest = max(chosen, key=lambda one: one.place)
    dropped += [(one, Refusal("superseded", "co_owners")) for one in chosen if one is not newest]
    return Standing(newest, False, tuple(dropped))


def _comparable(one: Vote) -> object:
    return one.mark if isinstance(one.mark, str) else tuple(sorted(one.mark.items()))
