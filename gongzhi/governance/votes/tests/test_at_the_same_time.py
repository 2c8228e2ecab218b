"""Two devices, the closing moment, and a process that dies: with real commits and several connections."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, connections, transaction

from gongzhi.core.errors import Refused
from gongzhi.core.tests.cast import build
from gongzhi.governance.votes import services as votes
from gongzhi.governance.votes.models import Ballot, Vote
from gongzhi.governance.votes.queries import database_now
from gongzhi.governance.votes.services.balloting import hold_open
from gongzhi.governance.votes.tests import steps
from gongzhi.proof.models import Entry

UNTIL_SOMEBODY_WAITS = """
DO $$ BEGIN
    FOR turn IN 1..100 LOOP
        EXIT WHEN EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted);
        PERFORM pg_sleep(0.05);
    END LOOP;
END $$
"""


@pytest.fixture
def running(committed: None) -> tuple[Any, Vote]:
    """The cast and an open vote, committed."""
    cast = build()
    steps.last_ballot_counts(cast)
    vote = steps.opened(cast)
    now = database_now()
    opens, closes = now - timedelta(hours=1), now + timedelta(hours=1)
    window = {"opens_at": opens.isoformat(), "closes_at": closes.isoformat()}
    rules = {**(vote.rules or {}), "window": window}
    Vote.objects.filter(pk=vote.pk).update(opens_at=opens, closes_at=closes, rules=rules, rules_hash="w" * 64)
    return cast, Vote.objects.select_related("log", "estate").get(pk=vote.pk)


def _together(*works: Callable[[], Any]) -> list[Any]:
    """Each in a thread and a connection of its own; what it gave or raised."""
    found: list[Any] = [None] * len(works)

    def run(number: int, work: Callable[[], Any]) -> None:
        try:
            found[number] = work()
        except Exception as error:  # noqa: BLE001
            found[number] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=one) for one in enumerate(works)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    return found


def _given(vote: Vote, number: int, key: str, choice: str = "agree") -> votes.Given:
    row = steps.entry(vote, number)
    return votes.Given(row.owners[0], [row.code], {"m1": choice}, "phone", None, key)


def test_two_devices_at_once_make_two_ballots_of_which_one_counts(running: Any) -> None:
    _, vote = running
    first, second = _given(vote, 1, "a"), _given(vote, 1, "b", "oppose")
    found = _together(lambda: votes.cast(vote, given=first), lambda: votes.cast(vote, given=second))
    assert all(isinstance(one, Ballot) for one in found), found
    tallied = votes.counted(vote, sensitivity=False).motions[0].tallied
    assert tallied.participating.heads == 1
    last = Ballot.objects.order_by("at").last()
    assert last is not None
    assert getattr(tallied.votes, last.choices["m1"]).heads == 1


def test_two_clicks_at_once_make_one_ballot(running: Any) -> None:
    _, vote = running
    given = _given(vote, 1, "same")
    found = _together(*[lambda: votes.cast(vote, given=given)] * 4)
    made = Ballot.objects.get(vote=vote)
    assert [getattr(one, "pk", one) for one in [*found, votes.cast(vote, given=given)]] == [made.pk] * 5
    assert Entry.objects.filter(data__contains=made.number).count() == 1


def test_the_close_waits_for_a_ballot_on_its_way_and_bars_the_next(running: Any) -> None:
    cast, vote = running
    on_its_way, closing = threading.Event(), threading.Event()

    def slow() -> Any:
        with transaction.atomic():
            hold_open(vote)
            on_its_way.set()
            closing.wait(5)
            return votes.cast(vote, given=_given(vote, 1, "slow"))

    def close() -> Any:
        on_its_way.wait(5)
        # The moment has come while the ballot was under way.
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(0.1)")
        closing.set()
        return votes.close_vote(vote, actor=cast.actor("community_station"), now=vote.closes_at)

    ballot, closed = _together(slow, close)
    assert isinstance(ballot, Ballot), ballot
    assert isinstance(closed, Vote), closed
    kinds = [
        one.split('"kind":"')[1].split('"')[0] for one in Entry.objects.order_by("pk").values_list("data", flat=True)
    ]
    assert kinds.index("CAST") < kinds.index("CLOSE")
    with pytest.raises(Refused) as late:
        votes.cast(vote, given=_given(vote, 2, "late"))
    assert late.value.code == "vote_closed"


def test_a_ballot_that_waited_for_the_close_is_refused_and_leaves_nothing(running: Any) -> None:
    """Its statement began before the close committed and saw the vote open: it looks again before it writes."""
    cast, vote = running
    closing, waiting = threading.Event(), threading.Event()

    def close() -> Any:
        with transaction.atomic():
            closed = votes.close_vote(vote, actor=cast.actor("community_station"), now=vote.closes_at)
            closing.set()
            waiting.wait(5)
            with connection.cursor() as cursor:  # until the ballot waits for the lock
                cursor.execute(UNTIL_SOMEBODY_WAITS)
            return closed

    def late() -> Any:
        closing.wait(5)
        waiting.set()
        return votes.cast(vote, given=_given(vote, 1, "late"))

    closed, ballot = _together(close, late)
    assert isinstance(closed, Vote), closed
    assert isinstance(ballot, Refused) and ballot.code == "vote_closed", ballot
    assert not Ballot.objects.exists()
    assert not Entry.objects.filter(data__contains='"kind":"CAST"').exists()


def test_a_ballot_whose_transaction_dies_leaves_nothing(running: Any) -> None:
    """Killed before the commit: no ballot, no entry, and no receipt was given."""
    _, vote = running
    before = Entry.objects.count()

    def killed() -> None:
        with transaction.atomic():
            votes.cast(vote, given=_given(vote, 1, "dies"))
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    (found,) = _together(killed)
    assert isinstance(found, Exception)
    assert (Ballot.objects.count(), Entry.objects.count()) == (0, before)
