"""The company's register of problems on its pages."""

import re
from typing import Any

import pytest

from gongzhi.cases.models import Problem
from gongzhi.cases.tests.pages import Browse, browse, post, words
from gongzhi.cases.tests.test_pages_list import _sheet
from gongzhi.core.tests.cast import Cast

__all__ = ["browse"]

URL = "/anjian/wenti/"


def _line(cast: Cast, **changes: Any) -> dict[str, Any]:
    return {
        "estate": cast.estate.pk, "source": "patrol", "found_at": "2022-05-05T08:30", "spot": "3幢楼道",
        "text": "有人占用楼道堆物", "reporter": "陶经理", "matter": "shared_part_encroachment", **changes,
    }  # fmt: skip


def _registered(cast: Cast, browse: Browse, **changes: Any) -> Problem:
    response = post(browse("project_manager"), f"{URL}dengji/", _line(cast, **changes))
    assert response.status_code == 303, words(response)
    return Problem.objects.get(number=response["Location"].rstrip("/").split("/")[-1])


@pytest.mark.parametrize(
    ("role", "status"),
    [
        ("project_manager", 200), ("street_office", 200), ("community_station", 200), ("housing", 200),
        ("leading_group_office", 200), ("urban_management", 200), ("owner", 403), ("system_admin", 403),
    ],
)  # fmt: skip
def test_each_role_sees_the_register_or_not(cast: Cast, browse: Browse, role: str, status: int) -> None:
    assert browse(role).get(URL).status_code == status


@pytest.mark.clause("JJ-A7-3.3-1")
@pytest.mark.parametrize("missing", ["found_at", "spot", "text", "reporter", "source"])
def test_time_place_content_and_reporter_are_wanted_and_what_was_typed_stays(
    cast: Cast, browse: Browse, missing: str
) -> None:
    refused = post(browse("project_manager"), f"{URL}dengji/", _line(cast, **{missing: ""}))
    assert refused.status_code == 422
    assert f'href="#id_{missing}' in words(refused)
    assert not Problem.objects.exists()
    if missing != "text":
        assert "有人占用楼道堆物" in words(refused)


@pytest.mark.clause("JJ-A7-3.2-1")
def test_conduct_against_the_rules_needs_when_and_how_it_was_stopped(cast: Cast, browse: Browse) -> None:
    refused = post(browse("project_manager"), f"{URL}dengji/", _line(cast, violation="on"))
    assert refused.status_code == 422
    assert "制止" in words(refused)
    problem = _registered(cast, browse, violation="on", stopped_at="2022-05-05T08:40", stopped_how="当面劝阻")
    page = words(browse("community_station").get(f"{URL}{problem.number}/"))
    assert "违反条例" in page
    assert "登记矛盾化解" in page


@pytest.mark.clause("JJ-A7-3.4-1")
def test_what_stopping_did_not_help_is_reported_to_the_unit_the_list_recommends(cast: Cast, browse: Browse) -> None:
    problem = _registered(cast, browse)
    client = browse("project_manager")
    at = f"{URL}{problem.number}/"
    assert post(client, f"{at}stop/", {"at": "2022-05-05T08:45", "how": "劝阻", "effective": "no"}).status_code == 303
    form = words(client.get(f"{at}report/"))
    unit = cast.organisation("urban_management")
    assert f"按职责清单推荐：{unit}" in form
    refused = post(client, f"{at}report/", {"to": unit.pk})
    assert refused.status_code == 422
    assert post(client, f"{at}report/", {"to": unit.pk, "reason": "stop_ineffective"}).status_code == 303
    problem.refresh_from_db()
    assert problem.reported_to == unit
    assert "已上报" in words(client.get(URL))


@pytest.mark.clause("JJ-A7-3.3-1")
def test_a_line_is_struck_out_by_another_and_stays_marked_in_the_month_as_excel(cast: Cast, browse: Browse) -> None:
    problem = _registered(cast, browse)
    at = f"{URL}{problem.number}/"
    assert post(browse("project_manager"), f"{at}ask_void/", {"reason": "重复登记"}).status_code == 303
    assert browse("project_manager").get(f"{at}decide_void/").status_code == 403
    assert post(browse("street_office"), f"{at}decide_void/", {"allowed": "yes"}).status_code == 303
    client = browse("street_office")
    assert "已作废" in words(client.get(URL))
    rows = _sheet(client.get(f"{URL}daochu/?month=2022-05"))
    assert [row[0] for row in rows[1:]] == [problem.number]
    _registered(cast, browse)
    page = words(client.get(f"{URL}?month=2022-05"))
    shown = list(dict.fromkeys(re.findall(r"JJ-2022-P\d{5}", page)))
    assert [row[0] for row in _sheet(client.get(f"{URL}daochu/?month=2022-05"))[1:]] == shown and len(shown) == 2
    assert rows[1][-1] == "重复登记"
    assert len(_sheet(client.get(f"{URL}daochu/?month=2022-06"))) == 1


def test_a_line_of_another_street_is_not_seen(cast: Cast, browse: Browse) -> None:
    problem = _registered(cast, browse)
    assert browse("street_office@2").get(f"{URL}{problem.number}/").status_code == 403
    assert browse("project_manager").get(f"{URL}JJ-P2022-99999/").status_code == 404


def test_filters_by_state_and_source(cast: Cast, browse: Browse) -> None:
    problem = _registered(cast, browse)
    client = browse("project_manager")
    assert problem.number in words(client.get(f"{URL}?state=open&source=patrol&month=2022-05"))
    assert problem.number not in words(client.get(f"{URL}?state=solved"))
    assert problem.number not in words(client.get(f"{URL}?source=complaint"))
