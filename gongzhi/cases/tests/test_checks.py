"""Check sheets by what led to them."""

import pytest

from gongzhi.cases import queries, services
from gongzhi.cases.tests.steps import at, reported_in
from gongzhi.core.errors import Refused


@pytest.mark.clause("JJ-5.3-3")
def test_checks_are_counted_by_unit_and_source_and_linked_to_the_complaint_they_share(cast):
    case = reported_in(cast, "fire_lane", lead="fire_rescue")
    actor, day = cast.actor("fire_rescue"), at(5, 6).date()
    sheet = {"estate": cast.estate, "checked_at": at(5, 6), "found": "通道被占", "actor": actor, "now": at(5, 6, 10)}
    patrol = services.record_check(source="patrol", **sheet)
    services.record_check(source="complaint", case=case, same_as=patrol, violation=True, **sheet)
    services.record_check(source="other", **sheet)
    assert queries.checks_by_source(cast.county.path, checked_from=day, checked_to=day) == [
        {"unit": cast.organisation("fire_rescue").name, "times": 3, "patrol": 1, "complaint": 1, "other": 1}
    ]
    assert list(patrol.repeats.values_list("case__number", flat=True)) == [case.number]


def test_a_sheet_that_a_complaint_led_to_names_the_case(cast):
    with pytest.raises(Refused) as refused:
        services.record_check(
            estate=cast.estate,
            source="complaint",
            checked_at=at(5, 6),
            found="无",
            actor=cast.actor("police"),
            now=at(5, 6),
        )
    assert "case" in refused.value.fields


def test_a_company_makes_no_official_checks(cast):
    with pytest.raises(Refused):
        services.record_check(
            estate=cast.estate,
            source="patrol",
            checked_at=at(5, 6),
            found="无",
            actor=cast.actor("project_manager"),
            now=at(5, 6),
        )
