"""A worker that is killed in the middle of a tick loses nothing and doubles nothing."""

import pytest

from gongzhi.core.models import Document, Event
from gongzhi.core.tests.killing import Here, killed, stopping
from gongzhi.duties import services
from gongzhi.duties.models import Duty, State
from gongzhi.duties.services import ticking
from gongzhi.duties.tests.acts import assigned, happened, on

CASES = 24


def _kill_in(where: str, *, call: int) -> None:
    def work(here: Here) -> None:
        setattr(ticking, where, stopping(getattr(ticking, where), here, call=call, before=True))
        ticking.tick(on("05-14 00:05"), batch=10)

    killed(work)


@pytest.mark.parametrize(
    ("where", "call"),
    [
        ("save_clocks", 1),  # within the first transaction, before anything is written
        ("_follow", 16),  # within the second one, with rows, events and papers written
        ("_pass", 2),  # between two transactions, after all of them
    ],
)
def test_a_killed_tick_loses_and_doubles_nothing(committed: None, where: str, call: int) -> None:
    from gongzhi.core.tests.cast import build

    cast = build()
    for number in range(CASES):
        assigned(cast, case=str(number + 1))
    _kill_in(where, call=call)
    services.tick(on("05-14 00:05"))
    duties = list(Duty.objects.filter(rule="answer_complaint"))
    assert len(duties) == CASES
    assert {duty.state for duty in duties} == {State.OVERDUE}
    assert {(happened(duty, "reminded"), happened(duty, "overdue"), happened(duty, "climbed")) for duty in duties} == {
        (2, 1, 1)
    }
    papers = Document.objects.filter(instrument="copy_notice")
    assert papers.count() == CASES
    assert sorted(papers.values_list("seq", flat=True)) == list(range(1, CASES + 1))
    assert Duty.objects.filter(rule="explain_overdue").count() == CASES
    assert Event.objects.filter(kind="document.issued").count() == CASES
