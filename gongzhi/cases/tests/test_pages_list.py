"""The list of cases, its Excel, what is done with several, the register and the hot spots."""

from datetime import timedelta
from io import BytesIO
from typing import Any
from xml.etree import ElementTree
from zipfile import ZipFile

import pytest

from gongzhi.cases import services
from gongzhi.cases.models import Case
from gongzhi.cases.tests.pages import Browse, browse, post, words
from gongzhi.cases.tests.steps import answered, at, reported_in, submit
from gongzhi.core.models import Event
from gongzhi.core.tests.cast import Cast

__all__ = ["browse"]

STRUCTURE = "illegal_structure"
MOST_STATEMENTS = 40
CELLS = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def _phone(cast: Cast, matter: str = STRUCTURE, **given: Any) -> Case:
    return submit(cast, matter, channel="phone", **given).cases.get()


def _sheet(response: Any, number: int = 1) -> list[list[str]]:
    """The texts of a sheet, row by row; the second says what was asked."""
    with ZipFile(BytesIO(response.content)) as book:
        tree = ElementTree.fromstring(book.read(f"xl/worksheets/sheet{number}.xml"))  # noqa: S314 - our own file
    return [["".join(one.itertext()) for one in row.iter(f"{CELLS}c")] for row in tree.iter(f"{CELLS}row")]


@pytest.mark.parametrize(
    ("role", "seen"),
    [
        ("street_office", True), ("community_station", True), ("leading_group_office", True), ("hotline_desk", True),
        ("urban_management", True), ("street_office@2", False), ("market_regulation", False),
        ("project_manager", False), ("owner", False), ("system_admin", False),
    ],
)  # fmt: skip
def test_each_role_lists_its_own_cases_only(cast: Cast, browse: Browse, role: str, seen: bool) -> None:
    case = _phone(cast)
    services.whistle(case, actor=cast.actor("street_office"), now=cast.now)
    response = browse(role).get("/anjian/")
    # An owner is told where the own matters are: the list is the officials'.
    assert response.status_code == (403 if role == "owner" else 200)
    assert (case.number in words(response)) is seen


def test_views_are_counted_and_marks_are_words(cast: Cast, browse: Browse) -> None:
    whistled, again = _phone(cast), _phone(cast, now=at(5, 5, 10))
    services.whistle(whistled, actor=cast.actor("street_office"), now=cast.now)
    client = browse("street_office", at(5, 6))
    page = words(client.get("/anjian/"))
    for tab in ("全部在办 2", "吹哨未报到 1", "重复投诉 1", "待派 1", "已超期 0", "待归档 0"):
        assert tab in page
    assert "吹哨</span>" in page
    assert "重复投诉2次" in page
    repeated = words(client.get("/anjian/?view=repeated"))
    assert again.number in repeated
    assert whistled.number not in repeated


def test_overdue_today_and_supervised_show_in_words(cast: Cast, browse: Browse) -> None:
    case = reported_in(cast, STRUCTURE, lead="urban_management")
    due = words(browse("urban_management", at(5, 20, 10)).get("/anjian/?view=today"))
    assert case.number in due
    assert "今日到期" in due
    late = words(browse("urban_management", at(5, 23)).get("/anjian/?view=overdue"))
    assert case.number in late
    assert "已超" in late
    assert "gz-mark-over" in late


def test_filters_narrow_the_list_and_excel_holds_exactly_what_they_show(cast: Cast, browse: Browse) -> None:
    structure, fire = _phone(cast), _phone(cast, "fire_lane")
    elsewhere = _phone(cast, "fire_lane", estate=cast.estate_unknown)
    client = browse("leading_group_office")
    shown = words(client.get("/anjian/?matter=fire_lane"))
    assert fire.number in shown
    assert structure.number not in shown
    rows = _sheet(client.get("/anjian/daochu/?matter=fire_lane"))
    assert {row[0] for row in rows[1:]} == {fire.number, elsewhere.number}
    rows = _sheet(client.get(f"/anjian/daochu/?matter=fire_lane&estate={cast.estate.pk}"))
    assert [row[0] for row in rows[1:]] == [fire.number]
    assert rows[0][0] == "编号"
    assert "占用消防通道" in rows[1]
    by_words = words(client.get(f"/anjian/?text={cast.estate_unknown.name}"))
    assert elsewhere.number in by_words
    assert fire.number not in by_words


def test_bad_filters_are_ignored_and_not_an_error(cast: Cast, browse: Browse) -> None:
    case = _phone(cast)
    bad = "estate=x&unit=99999999999999&received_from=2022-13-01&order=drop&page=z"
    page = browse("street_office").get(f"/anjian/?{bad}")
    assert page.status_code == 200
    assert case.number in words(page)


def test_a_number_in_the_search_of_the_head_leads_to_the_case(cast: Cast, browse: Browse) -> None:
    case = _phone(cast)
    response = browse("street_office").get(f"/anjian/?q={case.number.lower()}")
    assert response.status_code == 303
    assert response["Location"] == f"/anjian/{case.number}/"


def test_the_same_address_gives_the_fragment(cast: Cast, browse: Browse) -> None:
    case = _phone(cast)
    part = words(browse("street_office").get("/anjian/?view=running", HTTP_HX_REQUEST="true"))
    assert case.number in part
    assert "<html" not in part
    assert "gz-views" not in part


def test_excel_never_becomes_a_formula(cast: Cast, browse: Browse) -> None:
    services.receive_complaint(
        channel="phone",
        estate=cast.estate,
        text="=1+1 反映的事",
        matters=[services.MatterInput(matter=STRUCTURE, title='=HYPERLINK("http://x")')],
        complainant=services.ComplainantInput(name="陈", phone="13812345678", address="1幢"),
        received_at=cast.now,
        actor=cast.actor("street_office"),
        now=cast.now,
    )
    content = browse("street_office").get("/anjian/daochu/").content
    with ZipFile(BytesIO(content)) as book:
        assert b"<f>" not in book.read("xl/worksheets/sheet1.xml")


def test_several_are_handed_out_with_one_reason_where_the_list_says_otherwise(cast: Cast, browse: Browse) -> None:
    one, two = _phone(cast), _phone(cast, "fire_lane")
    client, unit = browse("street_office"), cast.organisation("urban_management")
    ticked = {"case": [one.pk, two.pk], "act": "assign", "to": unit.pk}
    asked = post(client, "/anjian/piliang/", ticked)
    assert asked.status_code == 303
    page = words(client.get(asked["Location"]))
    assert "与推荐不同" in page
    assert "1件与职责清单推荐的单位不同" in page
    refused = post(client, "/anjian/piliang/fenpai/", {"case": [one.pk, two.pk], "to": unit.pk, "reason": ""})
    assert refused.status_code == 422
    done = post(client, "/anjian/piliang/fenpai/", {"case": [one.pk, two.pk], "to": unit.pk, "reason": "一并查处"})
    assert done.status_code == 303
    one.refresh_from_db()
    two.refresh_from_db()
    assert (one.lead, two.lead) == (unit, unit)


def test_several_are_whistled_and_what_cannot_be_is_named(cast: Cast, browse: Browse) -> None:
    violation, dispute = _phone(cast), _phone(cast, "neighbour_dispute")
    client = browse("street_office")
    response = post(client, "/anjian/piliang/", {"case": [violation.pk, dispute.pk], "act": "whistle"})
    assert response.status_code == 303
    page = words(client.get(response["Location"]))
    assert "已吹哨1件" in page
    assert f"{dispute.number}：" in page
    violation.refresh_from_db()
    assert violation.lead is not None


def test_several_are_prompted_once_a_day(cast: Cast, browse: Browse) -> None:
    case = _phone(cast)
    services.whistle(case, actor=cast.actor("street_office"), now=cast.now)
    client = browse("street_office")
    for _ in range(2):
        page = words(client.get(post(client, "/anjian/piliang/", {"case": [case.pk], "act": "prompt"})["Location"]))
    assert "今天已经催办过" in page
    assert Event.objects.filter(kind="duty.prompted").count() == 1


def test_several_are_joined_to_the_earliest(cast: Cast, browse: Browse) -> None:
    first, second = _phone(cast), _phone(cast, now=at(5, 5, 10))
    client = browse("street_office", at(5, 5, 11))
    asked = post(client, "/anjian/piliang/", {"case": [second.pk, first.pk], "act": "merge"})
    assert f"并入{first.number}" in words(client.get(asked["Location"]))
    done = post(client, "/anjian/piliang/bingjian/", {"case": [second.pk, first.pk], "reason": "同一件事"})
    assert done["Location"] == f"/anjian/{first.number}/"
    second.refresh_from_db()
    assert second.merged_into == first


def test_ticks_print_and_export(cast: Cast, browse: Browse) -> None:
    one, two = _phone(cast), _phone(cast, "fire_lane")
    client = browse("street_office")
    paper = client.get(post(client, "/anjian/piliang/", {"case": [one.pk], "act": "print"})["Location"])
    assert one.number in words(paper)
    rows = _sheet(post(client, "/anjian/piliang/", {"case": [two.pk], "act": "export"}))
    assert [row[0] for row in rows[1:]] == [two.number]


def test_nothing_ticked_and_a_foreign_case_are_refused(cast: Cast, browse: Browse) -> None:
    case = _phone(cast)
    assert "没有勾选案件" in words(post(browse("street_office"), "/anjian/piliang/", {"act": "whistle"}))
    foreign = post(browse("street_office@2"), "/anjian/piliang/", {"case": [case.pk], "act": "whistle"})
    assert foreign.status_code == 403


@pytest.mark.parametrize("number", [1, 12])
def test_the_list_takes_as_many_statements_for_many_as_for_one(
    cast: Cast, browse: Browse, django_assert_max_num_queries: Any, number: int
) -> None:
    for minute in range(number):
        case = _phone(cast, now=at(5, 5, 8) + timedelta(minutes=minute))
        services.whistle(case, actor=cast.actor("street_office"), now=cast.now)
    client = browse("street_office")
    client.get("/anjian/")
    with django_assert_max_num_queries(MOST_STATEMENTS):
        client.get("/anjian/")


def test_the_register_of_a_unit_and_its_excel_hold_the_same(cast: Cast, browse: Browse) -> None:
    case = reported_in(cast, STRUCTURE, lead="urban_management")
    other = _phone(cast, "fire_lane")
    client = browse("urban_management", at(5, 23))
    page = words(client.get("/anjian/taizhang/?from=2022-05-01&to=2022-05-31"))
    assert case.number in page
    assert other.number not in page
    assert "逾期1件" in page
    rows = _sheet(client.get("/anjian/taizhang/daochu/?from=2022-05-01&to=2022-05-31"))
    assert [row[0] for row in rows[1:]] == [case.number]
    assert rows[0][-1] == "评价"
    assert case.number not in words(client.get("/anjian/taizhang/?from=2022-06-01&to=2022-06-30"))


def test_a_department_looks_at_no_other_register_and_an_overseer_at_those_below(cast: Cast, browse: Browse) -> None:
    other = cast.organisation("market_regulation").pk
    assert browse("urban_management").get(f"/anjian/taizhang/?unit={other}").status_code == 403
    assert browse("leading_group_office").get(f"/anjian/taizhang/?unit={other}").status_code == 200
    assert browse("project_manager").get("/anjian/taizhang/").status_code == 403
    assert browse("owner").get("/anjian/taizhang/").status_code == 403


def test_hot_spots_lead_to_the_cases_behind_them(cast: Cast, browse: Browse) -> None:
    cases = [_phone(cast, now=at(5, 5, 8) + timedelta(minutes=minute)) for minute in range(3)]
    client = browse("leading_group_office")
    page = words(client.get("/anjian/redian/"))
    assert "3件</a>" in page
    link = page[page.index("/anjian/?view=all") :].split('"')[0].replace("&amp;", "&")
    listed = words(client.get(link))
    assert all(case.number in listed for case in cases)
    assert browse("urban_management").get("/anjian/redian/").status_code == 403


@pytest.mark.clause("JJ-A7-2.3-2")
def test_the_rate_of_visits_settled_on_the_spot_is_cut_and_shown_with_both_numbers(cast: Cast, browse: Browse) -> None:
    visit = {"channel": "visit", "visitors": 1, "signed_register": True, "actor": cast.actor("street_office")}
    for minute in range(20):
        settled = {"answered_on_spot": "已当场解释", "visitor_confirmed": True} if minute < 15 else {}
        submit(cast, "noise", now=at(5, 5, 8, minute), **visit, **settled)
    page = words(browse("street_office").get("/anjian/redian/"))
    assert "75.0%" in page
    assert "15/20" in page


def test_the_month_counts_what_was_closed(cast: Cast, browse: Browse) -> None:
    case = answered(cast, "fire_lane", lead="fire_rescue", now=cast.now)
    services.close_case(case, actor=cast.actor("fire_rescue"), now=cast.now)
    page = words(browse("leading_group_office").get("/anjian/"))
    assert "5月办结1件，按期1件，按期率100.0%" in page
    assert "待归档 1" in page
