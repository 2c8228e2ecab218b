"""What complaints add up to: periods, comparisons, rates; every number opens exactly the cases it counts."""

from datetime import date, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.http import QueryDict
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from gongzhi.cases import queries as cases
from gongzhi.cases.models import Case, Complaint
from gongzhi.cases.statistics import concentration, periods, queries
from gongzhi.cases.statistics.figures import RESULTS, Change
from gongzhi.cases.statistics.periods import Period, Span
from gongzhi.cases.statistics.queries import Cut
from gongzhi.cases.tests.pages import Browse, browse, words
from gongzhi.cases.tests.steps import answered, at, submit
from gongzhi.cases.tests.test_pages_list import _sheet
from gongzhi.cases.views_list_filter import ListFilter
from gongzhi.core import middleware
from gongzhi.core.days import ZONE
from gongzhi.core.display import percent
from gongzhi.core.tests.cast import Cast, build

pytestmark = pytest.mark.usefixtures("contexts")

__all__ = ["browse"]

TODAY = date(2022, 8, 10)
days = st.dates(min_value=date(2019, 1, 1), max_value=date(2030, 12, 31))
_counter = iter(range(10**9))


def past(cast: Cast, number: int, on: date, *, estate=None, matter="noise", channel="phone", **given) -> None:
    """So many ended cases of a day, as a system before this one left them: without the steps in between."""
    estate = estate or cast.estate
    moment = datetime(on.year, on.month, on.day, 10, tzinfo=ZONE)
    rows = []
    for _ in range(number):
        mark = next(_counter)
        complaint = Complaint.objects.create(
            number=f"OLD-{mark}T", channel=channel, received_at=moment, registered_at=moment, estate=estate,
            place_path=estate.place_path, text="旧件",
        )  # fmt: skip
        values = {"state": "archived", "closed_at": moment, "archived_at": moment, "answered_at": moment}
        rows.append(
            Case(
                number=f"OLD-{mark}", complaint=complaint, estate=estate, place_path=estate.place_path, title="旧件",
                channel=channel, received_at=moment, matter=matter, nature="violation", **{**values, **given},
            )
        )  # fmt: skip
    Case.objects.bulk_create(rows)


def period(code: str, today: date = TODAY) -> Period:
    found = Period.named(code, today)
    assert found is not None
    return found


def test_a_quarter_stands_beside_the_quarter_before_and_that_of_last_year() -> None:
    one = period("2022-Q2")
    assert one.title == "2022年第二季度"
    assert one.span == Span(date(2022, 4, 1), date(2022, 6, 30))
    assert one.before == Span(date(2022, 1, 1), date(2022, 3, 31))
    assert one.year_before == Span(date(2021, 4, 1), date(2021, 6, 30))


def test_a_month_that_is_not_over_stands_beside_as_many_days() -> None:
    one = period("2022-08")
    assert one.running
    assert one.span == Span(date(2022, 8, 1), TODAY)
    assert one.before == Span(date(2022, 7, 1), date(2022, 7, 10))
    assert one.year_before == Span(date(2021, 8, 1), date(2021, 8, 10))


def test_the_days_before_do_not_run_over_the_end_of_a_shorter_month() -> None:
    one = period("2022-03", date(2022, 3, 30))
    assert one.before == Span(date(2022, 2, 1), date(2022, 2, 28))


def test_a_february_with_29_days_answers_to_one_with_28_and_back() -> None:
    assert period("2024-02", date(2025, 1, 1)).year_before.last == date(2023, 2, 28)
    assert period("2025-02", date(2025, 12, 1)).year_before.last == date(2024, 2, 29)


def test_any_range_stands_beside_as_many_days_before_it() -> None:
    one = Period.of(QueryDict("from=2022-05-10&to=2022-05-19"), TODAY)
    assert one.before == Span(date(2022, 4, 30), date(2022, 5, 9))
    assert Period.of(QueryDict("from=2022-05-19&to=2022-05-10"), TODAY).span == one.span


@pytest.mark.parametrize("given_", ["period=2022-13", "period=x", "from=9999-01-01x", "period=0001", "to=1066-10-14"])
def test_what_cannot_be_read_is_the_month_of_today(given_: str) -> None:
    assert Period.of(QueryDict(given_), TODAY).span.first == date(2022, 8, 1)


@given(days, days)
def test_periods_that_are_compared_are_equally_long_and_do_not_touch(one: date, other: date) -> None:
    first, last = min(one, other), max(one, other)
    found = Period.of({"from": first.isoformat(), "to": last.isoformat()}, TODAY)
    assert found.before.days == found.span.days
    assert found.before.last + timedelta(days=1) == found.span.first


@given(days)
def test_every_listed_period_holds_today_or_ends_before_it(today: date) -> None:
    for _, options in periods.listed(today):
        for code, _ in options:
            one = period(code, today)
            assert one.span.first <= one.span.last <= today
            assert one.before.last < one.span.first


@given(st.integers(0, 10**6), st.integers(1, 10**6))
def test_a_change_is_rounded_to_the_nearest_tenth(now: int, base: int) -> None:
    exact = (now - base) * 1000 / base
    assert abs(Change(now, base).tenths - exact) <= 0.5 + 1e-6 * abs(exact)


def test_a_share_is_never_rounded_up_to_all() -> None:
    assert percent(9999, 10000) == "99.9%"
    assert percent(0, 0) == "—"


@pytest.fixture
def jiangyin(db) -> Cast:
    return build(datetime(2024, 7, 3, 9, 0, tzinfo=ZONE), county="320281", pack="jiangyin")


@pytest.mark.clause("JY-1-1")
def test_a_quarter_with_90_after_120_shows_minus_25_per_cent_for_all_and_for_each_street(jiangyin: Cast) -> None:
    past(jiangyin, 120, date(2023, 5, 8))
    past(jiangyin, 60, date(2024, 5, 8))
    past(jiangyin, 30, date(2024, 6, 8), estate=jiangyin.estate_outside)
    found = queries.statistics(Cut(jiangyin.county), period("2024-Q2", date(2024, 7, 3)), now=jiangyin.now)
    assert (found.total.figures.received, found.total.year_before) == (90, 120)
    assert found.total.on_year.words == "-25.0%"
    assert found.below == "镇街"
    assert [(one.figures.received, one.on_year.words) for one in found.places] == [(60, "-50.0%"), (30, "无可比")]


@pytest.mark.clause("JY-1-1")
def test_with_no_base_the_page_says_so_in_words_and_with_one_it_says_whether_the_line_is_reached(
    jiangyin: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    past(jiangyin, 9, date(2024, 5, 8))
    client = at_work(jiangyin, monkeypatch)
    page = words(client.get("/anjian/tongji/?period=2024-Q2"))
    assert "无可比" in page
    assert "提示线" not in page
    past(jiangyin, 10, date(2023, 5, 8))
    page = words(client.get("/anjian/tongji/?period=2024-Q2"))
    assert "-10.0%" in page
    assert "，达到同比下降10%的提示线" in page
    past(jiangyin, 1, date(2024, 5, 9))
    assert "，没有达到同比下降10%的提示线" in words(client.get("/anjian/tongji/?period=2024-Q2"))


@pytest.mark.clause("JY-2.1.2-4")
def test_nine_of_thirty_found_without_a_complainant_are_30_per_cent(
    jiangyin: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    past(jiangyin, 21, date(2024, 6, 3))
    past(jiangyin, 9, date(2024, 6, 4), channel="found")
    client = at_work(jiangyin, monkeypatch)
    page = words(client.get("/anjian/tongji/?period=2024-06"))
    assert "<dt>主动发现占比</dt><dd><b>30.0%</b>" in page
    listed = client.get("/anjian/?view=all&counted=yes&received_from=2024-06-01&received_to=2024-06-30&channel=found")
    assert listed.context["page"].paginator.count == 9


def at_work(cast: Cast, monkeypatch: pytest.MonkeyPatch, role: str = "leading_group_office") -> Client:
    """Somebody of another city's cast, signed in at the cast's moment."""
    monkeypatch.setattr(middleware.timezone, "now", lambda: cast.now)
    client = Client()
    client.force_login(cast.user(role))
    return client


def _numbers(line: queries.Line) -> dict[str, int]:
    return {"": line.figures.received, **{name: getattr(line.figures, name) for name in RESULTS}}


def test_every_number_opens_exactly_as_many_cases(cast: Cast, browse: Browse) -> None:
    past(cast, 3, date(2022, 5, 1), answered_late=True, lead=cast.organisation("police"), call_back_result="satisfied")
    past(cast, 2, date(2022, 5, 2), matter="fire_lane", call_back_result="unsatisfied", stars=4)
    past(cast, 1, date(2022, 5, 2), estate=cast.estate_outside, channel="found")
    past(cast, 1, date(2022, 5, 2), state="voided", closed_at=None, archived_at=None)
    answered(cast, "illegal_structure", lead="urban_management", now=at(5, 3))
    submit(cast, "fire_lane", now=at(5, 3))
    now = at(5, 30)
    found = queries.statistics(Cut(cast.county), period("2022-05", date(2022, 5, 30)), now=now)
    assert found.total.figures.received == 8
    actor = cast.actor("leading_group_office")
    checked = 0
    for line in (found.total, *found.places, *found.matters, *found.units, *found.channels):
        for result, number in _numbers(line).items():
            span = {"received_from": "2022-05-01", "received_to": "2022-05-30", "counted": "yes", "view": "all"}
            shown = ListFilter.of({**span, **line.params, "result": result})
            assert shown.rows(actor, now).count() == number, (line.name, result)
            checked += number > 0
    assert checked > 25
    page = browse("leading_group_office", now).get("/anjian/tongji/?period=2022-05")
    for shown in (row for _, _, rows, _ in page.context["tables"] for row in rows):
        query = {name: values[0] for name, values in parse_qs(urlsplit(shown.url).query).items()}
        assert ListFilter.of(query).rows(actor, now).count() == shown.line.figures.received


def test_late_counts_what_waits_past_its_day_and_what_was_answered_after_it(cast: Cast) -> None:
    past(cast, 1, date(2022, 5, 2), answered_late=True)
    past(cast, 3, date(2022, 5, 2), answered_late=False)
    case = submit(cast, "fire_lane", now=at(5, 3)).cases.get()
    Case.objects.filter(pk=case.pk).update(answer_due_at=at(5, 18))
    cut, may = Cut(cast.county), period("2022-05", date(2022, 5, 30))
    assert queries.statistics(cut, may, now=at(5, 17)).total.figures.on_time_rate == "75.0%"
    assert queries.statistics(cut, may, now=at(5, 19)).total.figures.on_time_rate == "60.0%"


def test_a_street_counts_its_own_and_opens_no_other(cast: Cast, browse: Browse) -> None:
    past(cast, 2, date(2022, 5, 1))
    past(cast, 5, date(2022, 5, 1), estate=cast.estate_outside)
    client = browse("street_office", at(5, 30))
    page = client.get("/anjian/tongji/?period=2022-05")
    assert page.context["found"].total.figures.received == 2
    other = cast.streets[1].code
    assert client.get(f"/anjian/tongji/?place={other}").status_code == 403
    assert client.get(f"/anjian/tongji/?place={cast.county.code}").status_code == 403
    assert client.get("/anjian/tongji/?place=nowhere").status_code == 403
    assert browse("urban_management", at(5, 30)).get("/anjian/tongji/").status_code == 403
    assert browse("owner", at(5, 30)).get("/anjian/jizhong/").status_code == 403
    foreign = cast.estate_outside.pk
    assert browse("street_office", at(5, 30)).get(f"/anjian/jizhong/{foreign}/").status_code == 403


def test_who_sees_the_figures_but_not_every_case_gets_no_links(cast: Cast, browse: Browse) -> None:
    past(cast, 2, date(2022, 5, 1))
    page = words(browse("housing", at(5, 30)).get("/anjian/tongji/?period=2022-05"))
    assert "counted=yes" not in page
    assert "数字没有链接" in page


def test_charts_are_images_without_scripts_from_elsewhere(cast: Cast, browse: Browse) -> None:
    past(cast, 2, date(2022, 5, 1))
    client = browse("leading_group_office", at(5, 30))
    for chart in ("trend", "places", "matters", "units", "channels"):
        drawn = client.get(f"/anjian/tongji/tu/?period=2022-05&chart={chart}")
        assert drawn["Content-Type"] == "image/svg+xml"
        assert b"<svg" in drawn.content
        assert b"http://kozea" not in drawn.content and b"src=" not in drawn.content
    assert client.get("/anjian/tongji/tu/?chart=x").status_code == 404


def test_the_sheet_holds_the_lines_of_the_page_and_says_what_was_asked(cast: Cast, browse: Browse) -> None:
    past(cast, 2, date(2022, 5, 1))
    past(cast, 4, date(2022, 5, 1), matter="fire_lane")
    client = browse("leading_group_office", at(5, 30))
    response = client.get("/anjian/tongji/daochu/?period=2022-05&matter=fire_lane")
    rows = _sheet(response)
    assert rows[1][:3] == ["合计", cast.county.short_name, "4"]
    assert "无可比" in rows[1]
    note = dict(_sheet(response, 2))
    assert note["收到时间"] == "2022年5月（2022年5月1日至2022年5月30日）"
    assert note["事项"] == "占用消防通道"
    assert note["导出时间"].startswith("2022年5月30日")
    assert "周宁" in note["导出人"]


def test_the_number_of_statements_does_not_grow(cast: Cast, browse: Browse, django_assert_max_num_queries) -> None:
    past(cast, 30, date(2022, 5, 1))
    client = browse("leading_group_office", at(5, 30))
    client.get("/anjian/tongji/?period=2022-05")
    with django_assert_max_num_queries(25):
        client.get("/anjian/tongji/?period=2022-05")
    with django_assert_max_num_queries(25):
        client.get("/anjian/jizhong/?period=2022-05")


def _estates(cast: Cast, counts: list[int]) -> None:
    """Estates beside the three of the cast, each with so many complaints in May."""
    from gongzhi.core.actors import Actor
    from gongzhi.registry.services import register_estate

    for index, number in enumerate(counts):
        estate = register_estate(
            community=cast.communities[0], name=f"新苑{index}", households=1000 if index else 500, buildings=("1幢",),
            facts={}, from_on=date(2020, 1, 1), actor=Actor.system(), now=cast.now,
        )  # fmt: skip
        past(cast, number, date(2022, 5, 1), estate=estate)


def test_the_first_tenth_of_the_estates_and_the_half_of_the_complaints(cast: Cast) -> None:
    _estates(cast, [30, 30, 20, 10, 5, 2, 1, 1, 1, 0, 0, 0])
    found = concentration.concentration(Cut(cast.county), period("2022-05"))
    assert (found.estates, found.total, found.tenth) == (15, 100, 2)
    assert found.tenth_share == "60.0%"
    assert found.half == 2
    assert "15个小区中投诉最多的前10%（2个）占全部投诉的60.0%（60/100件）" in found.statement
    assert "一半的投诉集中在2个小区" in found.statement
    assert [one.name for one in found.lines[:3]] == ["新苑0", "新苑1", "新苑2"]
    assert [one.cumulative_share for one in found.lines[:4]] == ["30.0%", "60.0%", "80.0%", "90.0%"]
    assert [one.per_thousand for one in found.lines[:2]] == ["60.00", "30.00"]
    assert [one.in_tenth for one in found.lines[:3]] == [True, True, False]


def test_an_area_without_complaints_says_so(cast: Cast) -> None:
    found = concentration.concentration(Cut(cast.county), period("2022-05"))
    assert found.statement == "2022年5月没有收到写明小区的投诉。"
    assert found.half == 0


def test_a_task_about_an_estate_is_handed_out_once_and_stands_in_its_action_list(cast: Cast, browse: Browse) -> None:
    past(cast, 12, date(2022, 5, 1))
    client = browse("leading_group_office", at(5, 30))
    url = f"/anjian/jizhong/{cast.estate.pk}/?period=2022-05"
    page = words(client.get(url))
    assert "噪声扰民" in page
    given_ = {
        "form_key": "k1", "title": "整治夜间噪声", "owner": cast.organisation("street_office").pk,
        "due_on": "2022-06-30", "note": "",
    }  # fmt: skip
    assert client.post(url, {**given_, "due_on": "2022-05-01"}).status_code == 422
    assert client.post(url, {**given_, "title": ""}).status_code == 422
    for _ in range(2):
        assert client.post(url, given_).status_code == 303
    page = words(client.get(url))
    assert page.count("整治夜间噪声</a>") == 1
    assert "6月30日" in page
    listed = client.get("/anjian/jizhong/?period=2022-05")
    assert listed.context["found"].lines[0].tasks == 1


def test_who_may_not_hand_out_reads_the_action_list_only(cast: Cast, browse: Browse) -> None:
    url = f"/anjian/jizhong/{cast.estate.pk}/"
    client = browse("hotline_desk", at(5, 30))
    assert "交办一项" not in words(client.get(url))
    answer = client.post(url, {"title": "x", "owner": cast.organisation("street_office").pk, "due_on": "2022-06-30"})
    assert answer.status_code == 422


@pytest.fixture
def meixian(db) -> Cast:
    return build(datetime(2023, 6, 1, 9, 0, tzinfo=ZONE), county="610326", pack="meixian")


@pytest.mark.clause("MX-1-1")
def test_three_of_the_same_in_twelve_months_are_listed_two_are_not_and_those_without_a_unit_can_be_picked(
    meixian: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    past(meixian, 2, date(2022, 7, 1), lead=meixian.organisation("police"))
    past(meixian, 1, date(2023, 5, 1))
    past(meixian, 2, date(2023, 5, 1), matter="greening")
    past(meixian, 3, date(2023, 5, 1), estate=meixian.estate_outside, matter="drainage")
    past(meixian, 3, date(2022, 3, 1), estate=meixian.estate_outside, matter="noise")
    client = at_work(meixian, monkeypatch)
    page = client.get("/anjian/redian/")
    assert {(one["name"], one["matter"], one["times"]) for one in page.context["estates"]} == {
        ("梧桐花园", "噪声扰民", 3),
        ("湖畔新村", "排水", 3),
    }
    unled = client.get("/anjian/redian/?unled=yes")
    assert [one["name"] for one in unled.context["estates"]] == ["湖畔新村"]
    assert "未指定" in words(unled)
    rows = _sheet(client.get("/anjian/redian/daochu/?unled=yes"))
    assert [row[0] for row in rows[1:]] == ["湖畔新村"]
    found = cases.hotspots(meixian.county.path, datetime(2023, 7, 1, 9, tzinfo=ZONE))
    assert found.since == datetime(2022, 7, 1, tzinfo=ZONE), "twelve months are the calendar's"


def test_the_lists_export_exactly_what_they_show(cast: Cast) -> None:
    past(cast, 2, date(2022, 5, 1))
    actor = cast.actor("leading_group_office")
    shown = ListFilter.of({"place": cast.streets[0].code, "result": "closed", "view": "all"})
    assert shown.rows(actor, at(5, 30)).count() == 2
    assert ListFilter.of({"place": "nowhere", "view": "all"}).rows(actor, at(5, 30)).count() == 0
    assert cases.cases_for(actor).count() == 2
