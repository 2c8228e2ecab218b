"""A web process that is killed while it receives a complaint loses nothing and doubles nothing."""

from datetime import datetime

import pytest
from django.db import connection

from gongzhi.cases import services
from gongzhi.cases.models import Case, CaseEntry, Complaint
from gongzhi.cases.services import intake
from gongzhi.cases.tests.steps import CALLER, at
from gongzhi.core.models import Event, FormKey, NumberSeries, OutboxMessage, PersonalData
from gongzhi.core.tests.cast import Cast, build
from gongzhi.core.tests.killing import Here, killed, stopping
from gongzhi.duties.models import Duty

KEY = "the-form-that-was-being-sent"


def _receive(cast: Cast, now: datetime) -> Complaint:
    matters = [services.MatterInput(matter=one, title="", text="楼顶有人搭玻璃房。") for one in ("fire_lane", "noise")]
    return services.receive_complaint(
        channel="web",
        estate=cast.estate,
        text="楼顶有人搭玻璃房。",
        location="7幢楼顶",
        matters=matters,
        complainant=CALLER,
        received_at=now,
        key=KEY,
        actor=cast.actor("owner"),
        now=now,
    )


def _kill_at(point: str, cast: Cast, now: datetime) -> None:
    def work(here: Here) -> None:
        if point == "cases":
            intake._open_cases = stopping(intake._open_cases, here, before=True)  # type: ignore[assignment]
        if point == "key":
            intake.core.keep_form_key = stopping(intake.core.keep_form_key, here, before=True)
        _receive(cast, now)
        here()

    killed(work)


KEPT = (Complaint, Case, CaseEntry, Duty, Event, OutboxMessage, PersonalData, FormKey, NumberSeries)


def _rows() -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs")
        jobs = cursor.fetchone()[0]
    return {**{model.__name__: model.objects.count() for model in KEPT}, "jobs": jobs}


@pytest.mark.parametrize("point", ["cases", "key"])
def test_killed_before_its_commit_an_intake_leaves_nothing_and_comes_in_once_when_sent_again(
    committed: None, point: str
) -> None:
    """`cases`: the complaint is saved and its cases are not; `key`: all is written, only the commit is missing."""
    cast, now = build(), at(5, 5)
    before = _rows()
    _kill_at(point, cast, now)
    assert _rows() == before
    first, second = _receive(cast, now), _receive(cast, now)
    assert first == second == Complaint.objects.get()
    assert first.number.endswith("T00001"), "the killed one took no number"
    assert Case.objects.count() == 2


def test_killed_after_its_commit_an_intake_is_there_once_when_sent_again(committed: None) -> None:
    cast, now = build(), at(5, 5)
    _kill_at("end", cast, now)
    kept = _rows()
    assert _receive(cast, now) == Complaint.objects.get()
    assert _rows() == kept
