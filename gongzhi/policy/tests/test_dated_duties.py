"""Duties on fixed dates, and duties that give way to another."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongzhi.policy.duties import advance, duties_after
from gongzhi.policy.openings import day_named
from gongzhi.policy.tests.clock_pack import at, event, pack_with
from gongzhi.policy.tests.samples import problems, write

BASE: dict[str, Any] = {
    "duty": "report",
    "title": "报送",
    "after": "case.opened",
    "owner": {"role": "street_office"},
    "until": ["case.answered"],
    "clauses": ["JJ-3.0-1"],
}


def last_day(on: str, opened: str, **more: Any) -> date | None:
    pack = pack_with({**BASE, "on": on, **more})
    (duty,) = duties_after(pack, event("case.opened", opened), ()).opened
    return duty.last_day


@pytest.mark.parametrize(
    ("on", "opened", "expected"),
    [
        ("2022-12-31", "2022-05-01", date(2022, 12, 31)),
        ("12-31", "2022-05-01", date(2022, 12, 31)),
        ("12-31", "2022-12-31", date(2022, 12, 31)),
        ("03-15", "2022-05-01", date(2023, 3, 15)),
        ("25", "2022-05-25", date(2022, 5, 25)),
        ("25", "2022-05-26", date(2022, 6, 25)),
        ("31", "2022-06-02", date(2022, 6, 30)),
        ("02-29", "2022-03-01", date(2023, 2, 28)),
    ],
)
def test_a_duty_is_due_on_the_day_that_the_document_names(on: str, opened: str, expected: date) -> None:
    assert last_day(on, opened) == expected


def test_a_named_day_stands_on_a_rest_day_unless_the_rule_moves_it() -> None:
    assert last_day("2022-05-15", "2022-05-01") == date(2022, 5, 15)  # a Sunday
    assert last_day("2022-05-15", "2022-05-01", roll=True) == date(2022, 5, 16)


@given(st.dates(date(2020, 1, 1), date(2030, 12, 31)), st.sampled_from(["01", "28", "31", "02-29", "12-31", "07-01"]))
def test_the_named_day_is_the_first_one_from_the_day_on(since: date, named: str) -> None:
    found = day_named(named, since=since)
    assert since <= found and (found - since).days <= (366 if "-" in named else 31)


def test_every_year_on_a_day_opens_the_next_year_when_this_one_ends() -> None:
    rule = {**BASE, "every": {"year": "1", "starts": ["case.opened"]}, "on": "11-30"}
    pack = pack_with(rule)
    (first,) = duties_after(pack, event("case.opened", "2022-01-01"), ()).opened
    assert first.last_day == date(2022, 11, 30)
    (done,) = (changes := duties_after(pack, event("case.answered", "2022-11-30"), (first,))).changed
    (following,) = changes.opened
    assert done.state == "fulfilled" and following.last_day == date(2023, 11, 30)
    late, _ = advance(pack, first, at("2022-12-01"))
    assert late.state == "overdue"


def test_a_duty_gives_way_to_another_of_the_same_subject() -> None:
    pack = pack_with(
        {**BASE, "within": "10d", "gives_way_to": ["special"]},
        {**BASE, "duty": "special", "title": "督办件", "after": "case.found_valid", "within": "5d"},
    )
    (common,) = duties_after(pack, event("case.opened", "2022-05-01"), ()).opened
    changes = duties_after(pack, event("case.found_valid", "2022-05-02"), (common,))
    (ended,), (special,) = changes.changed, changes.opened
    assert (ended.state, special.rule) == ("void", "special")
    assert "由“督办件”代替" in ended.explanation["steps"][-1]
    # And does not come back beside it.
    assert not duties_after(pack, event("case.opened", "2022-05-03"), (special,)).opened
    # Of another subject it is none of its business.
    other = duties_after(pack, event("case.found_valid", "2022-05-02", subject="case:2"), (common,))
    assert not other.changed


DUTY = """
    duties:
      - duty: answer
        title: 答复
        after: [case.opened]
        owner: {{field: lead}}
        until: [case.answered]
        clauses: [RT-2]
        {form}
"""


@pytest.mark.parametrize(
    ("form", "what"),
    [
        ("on: 2022-13-01", "不是日期"),
        ("on: 13-31", "不是日期"),
        ("on: {field: matter}", "“matter”是事项，这里要日期"),
        ("every: {month: 1, starts: [case.opened]}\n        on: 12-31", "和周期配不上"),
        ("on: 2022-05-01\n        every: {year: 1, starts: [case.opened]}", "和周期配不上"),
        ("on: 12-31\n        gives_way_to: [answr]", "未知的职责规则“answr”，是否想写“answer”"),
        ("on: 12-31\n        gives_way_to: [answer]", "未知的职责规则“answer”"),
    ],
)
def test_a_date_that_cannot_be_is_refused(tmp_path: Path, form: str, what: str) -> None:
    write(tmp_path, rules=DUTY.format(form=form))
    assert any(what in one for one in problems(tmp_path)), problems(tmp_path)


@pytest.mark.parametrize("form", ["on: 2022-05-01", "on: 12-31", "on: {field: received_at}"])
def test_the_forms_of_a_date_are_accepted(tmp_path: Path, form: str) -> None:
    write(tmp_path, rules=DUTY.format(form=form))
    assert problems(tmp_path) == []
