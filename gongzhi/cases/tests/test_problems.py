"""The company's register of problems."""

from dataclasses import replace

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction

from gongzhi.cases import queries, services
from gongzhi.cases.tests.steps import at, submitted
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.core.models import Event, OutboxMessage


def register(cast, **given):
    now = given.pop("now", at(5, 5, 10))
    values = {
        "estate": cast.estate,
        "source": "patrol",
        "found_at": at(5, 5, 9),
        "spot": "2幢楼道",
        "text": "楼道堆放杂物",
        "reporter": "保安小王",
        "matter": "fire_lane",
        "actor": cast.actor("project_manager"),
        "now": now,
    }
    return services.register_problem(**{**values, **given})


@pytest.mark.clause("JJ-A7-3.3-1")
@pytest.mark.parametrize("field", ["spot", "text", "reporter"])
def test_time_place_content_and_reporter_are_wanted(cast, field):
    with pytest.raises(Refused) as refused:
        register(cast, **{field: " "})
    assert field in refused.value.fields
    assert "JJ-A7-3.3-1" in refused.value.clauses


@pytest.mark.clause("JJ-A7-3.3-1")
def test_the_register_tells_own_findings_from_complaints_and_is_voided_and_never_deleted(cast):
    problem = register(cast)
    register(cast, source="complaint", text="业主来电称楼道灯不亮", matter="")
    month = queries.problem_month(cast.estate, year=2022, month=5)
    assert [one.source for one in month] == ["patrol", "complaint"]
    with pytest.raises((ProgrammingError, IntegrityError)), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM cases_problem WHERE id = %s", [problem.pk])
    manager = cast.actor("project_manager")
    problem = services.ask_void_problem(problem, reason="登重了", actor=manager, now=at(5, 6))
    with pytest.raises(Refused):
        services.decide_void_problem(problem, allowed=True, actor=manager, now=at(5, 6))
    problem = services.decide_void_problem(problem, allowed=True, actor=cast.actor("community_station"), now=at(5, 6))
    assert problem.voided_at is not None
    assert len(queries.problem_month(cast.estate, year=2022, month=5)) == 2


@pytest.mark.clause("JJ-A7-3.2-1")
def test_conduct_against_the_regulations_is_stopped_with_time_and_manner_and_told_to_the_community(cast):
    with pytest.raises(Refused) as refused:
        register(cast, violation=True)
    assert {"stopped_at", "stopped_how"} <= set(refused.value.fields)
    problem = register(cast, violation=True, stopped_at=at(5, 5, 9, 30), stopped_how="当面劝阻，限当日清走")
    told = OutboxMessage.objects.filter(template="problem.registered").values_list("to_organisation__role", flat=True)
    assert "community_station" in told
    services.ease_problem(problem, text="已上门沟通", actor=cast.actor("community_station"), now=at(5, 6))
    assert problem.entries.filter(kind="eased").get().organisation == cast.organisation("community_station")


@pytest.mark.clause("JJ-A7-3.4-1")
def test_what_stopping_did_not_help_is_reported_to_the_unit_the_list_names(cast):
    problem = register(cast, violation=True, stopped_at=at(5, 5, 9, 30), stopped_how="当面劝阻")
    manager = cast.actor("project_manager")
    problem = services.stop_problem(
        problem, at=at(5, 5, 9, 40), how="再次劝阻", effective=False, actor=manager, now=at(5, 5, 10)
    )
    targets = services.report_targets(problem, on=at(5, 5).date())
    assert targets[0] == ("fire_rescue", cast.organisation("fire_rescue"))
    problem = services.report_problem(
        problem, reason="stop_ineffective", to=targets[0][1], actor=manager, now=at(5, 5, 11)
    )
    assert (problem.reported_to, problem.report_reason) == (cast.organisation("fire_rescue"), "stop_ineffective")


@pytest.mark.clause("JJ-A7-3.7-1")
@pytest.mark.parametrize(("reported", "late"), [(False, True), (True, False)])
def test_a_company_that_knew_and_did_not_report_in_time_is_a_candidate_for_censure(cast, reported, late):
    problem = register(cast, violation=True, stopped_at=at(5, 5, 9, 30), stopped_how="当面劝阻")
    manager = cast.actor("project_manager")
    services.stop_problem(problem, at=at(5, 5, 9, 40), how="劝阻", effective=False, actor=manager, now=at(5, 5, 10))
    if reported:
        services.report_problem(
            problem, reason="stop_ineffective", to=cast.organisation("fire_rescue"), actor=manager, now=at(5, 5, 11)
        )
    case = submitted(cast, "fire_lane", now=at(5, 9))
    event = Event.objects.get(kind="problem.complained_of")
    assert event.data["late"] is late
    problem.refresh_from_db()
    assert problem.case == case


@pytest.fixture
def competitor(cast):
    """Of another company whose seat is the same county: by its place it would oversee every estate there."""
    other = cast.organisation("property_company@2")
    return Actor(cast.user("project_manager"), other, "property_company", other.place_path, "和美物业")


def test_another_company_may_not_write_into_the_register(cast, competitor):
    with pytest.raises(Refused) as refused:
        register(cast, actor=competitor)
    assert refused.value.code in ("forbidden", "not_serving")


def test_a_company_neither_reads_nor_touches_the_register_of_another(cast, competitor):
    problem = register(cast)
    manager = replace(competitor, role="project_manager")
    assert not queries.problems_for(competitor).exists()
    assert not queries.problems_for(manager).exists()
    own = cast.actor("project_manager")
    acts = (
        lambda actor: services.solve_problem(problem, text="已清理", actor=actor, now=at(5, 6)),
        lambda actor: services.ask_void_problem(problem, reason="登重了", actor=actor, now=at(5, 6)),
        lambda actor: services.decide_void_problem(problem, allowed=True, actor=actor, now=at(5, 6)),
    )
    for act in acts:
        for actor in (competitor, manager):
            with pytest.raises(Refused) as refused:
                act(actor)
            assert refused.value.code == "forbidden"
    assert services.solve_problem(problem, text="已清理", actor=own, now=at(5, 6)).solved_at == at(5, 6)
