"""Check sheets on their pages: entered with their source, linked, counted by unit."""

import pytest
from django.urls import reverse

from gongzhi.cases import queries, services
from gongzhi.cases.models import SiteCheck
from gongzhi.cases.tests.pages import Browse, browse, post, words
from gongzhi.cases.tests.steps import at, reported_in, submit

__all__ = ["browse"]


@pytest.mark.clause("JJ-5.3-3", "JJ-A3-2.2-1")
def test_a_sheet_is_entered_with_its_source_linked_to_the_same_problem_and_counted(cast, browse: Browse):
    case = reported_in(cast, "fire_lane", lead="fire_rescue", now=at(5, 5))
    client = browse("fire_rescue", now=at(5, 6))
    given = {"estate": cast.estate.name, "checked_at": "2022-05-05T08:00", "found": "通道被占", "violation": "on"}
    url = reverse("cases:check_new")
    missing = post(client, url, {**given, "source": "complaint"})
    assert (missing.status_code, SiteCheck.objects.count()) == (422, 0)
    assert "请填关联案件的编号" in words(missing)
    assert post(client, url, {**given, "source": "patrol", "matter": "fire_lane"}).status_code == 303
    patrol = SiteCheck.objects.get()
    again = {**given, "source": "complaint", "case": case.number, "same_as": patrol.number}
    assert post(client, url, again).status_code == 303
    span = "?from=2022-05-01&to=2022-05-31"
    page = words(client.get(reverse("cases:checks") + span))
    assert f"同一问题 {patrol.number}（日常巡查）" in page
    assert case.number in page
    assert client.get(reverse("cases:checks") + f"?estate={cast.estate.pk}").status_code == 200
    day = at(5, 5).date()
    counted = queries.checks_by_source(cast.county.path, checked_from=day, checked_to=day)
    assert [(one["patrol"], one["complaint"]) for one in counted] == [(1, 1)]


def test_an_owner_looks_at_no_check_sheets(cast, browse: Browse):
    assert browse("owner").get(reverse("cases:checks")).status_code == 403


@pytest.mark.clause("JJ-1-2")
def test_every_figure_of_the_hotspots_opens_as_many_cases(cast):
    for day in (5, 6, 7):
        submit(cast, "fire_lane", now=at(5, day))
    voided = submit(cast, "fire_lane", now=at(5, 7)).cases.get()
    desk = cast.actor("hotline_desk")
    services.ask_void(voided, reason="登重了", actor=desk, now=at(5, 7))
    services.decide_void(voided, allowed=True, actor=cast.actor("leading_group_office"), now=at(5, 7))
    reported_in(cast, "illegal_structure", lead="urban_management", now=at(4, 28))
    found = queries.hotspots(cast.county.path, at(5, 15))
    rows = queries.cases_for(cast.actor("leading_group_office"))
    for figure in (*found.estates, *found.by_estate, *found.by_matter, *found.most_overdue):
        given = {name: value for name, value in figure["params"].items() if name != "counted"}
        if "received_from" in given:
            given["received_from"] = found.since.date()
        assert queries.filtered(rows, now=at(5, 15), counted=True, **given).count() == figure["times"], figure
    assert [one["name"] for one in found.most_overdue] == [cast.organisation("urban_management").name]
