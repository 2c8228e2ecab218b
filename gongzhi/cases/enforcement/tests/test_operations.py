"""Joint operations, checks, campaigns and conferences: who leads, who is missing, what each one did."""

import pytest
from django.urls import reverse

from gongzhi.cases.enforcement import services
from gongzhi.cases.enforcement.queries import figures
from gongzhi.cases.enforcement.queries.asking import rule
from gongzhi.cases.enforcement.queries.operations import missing_units, operations_for, punished
from gongzhi.cases.enforcement.tests.steps import CITIES, at, city, clock, day
from gongzhi.core import refs
from gongzhi.core.errors import Refused
from gongzhi.core.models import OutboxMessage
from gongzhi.duties import services as duties
from gongzhi.duties.models import Duty

pytestmark = pytest.mark.django_db

SEVEN = ("police", "planning", "housing", "ecology", "market_regulation", "emergency", "fire_rescue")


def planned(cast, kind, *, by, units=(), now=None, **given):
    values = {"title": "进小区", "plan": "逐个小区查", "planned_on": (now or cast.now).date()}
    return services.plan_operation(
        at(cast, by).place_path, kind=kind, units=[cast.organisation(one) for one in units], actor=at(cast, by),
        now=now or cast.now, **{**values, **given},
    )  # fmt: skip


def told(cast, row, role, **given):
    return services.tell_result(row, result="已查处", actor=at(cast, role), now=cast.now, **given)


@pytest.mark.clause("JY-2.4.9-1")
def test_two_lead_one_may_do_the_work_and_nothing_is_archived_while_one_of_six_is_silent():
    cast = city("jiangyin", "2024-06-03")
    six = ("police", "market_regulation", "emergency", "ecology", "fire_rescue", "street_office")
    with pytest.raises(Refused) as refused:
        planned(cast, "joint", by="urban_management", main=cast.organisation("police"))
    assert refused.value.code == "main" and "JY-2.4.9-1" in refused.value.clauses
    row = planned(cast, "joint", by="urban_management", main=cast.organisation("urban_management"), units=six)
    parts = {one.role: one.part for one in row.units.all()}
    assert (parts["urban_management"], parts["housing"], parts["police"]) == ("main", "lead", "support")
    assert not missing_units(row, on=cast.now.date())
    for role in six[:5]:
        told(cast, row, role)
    row = services.hold_operation(row, on=cast.now.date(), actor=at(cast, "urban_management"), now=cast.now)
    with pytest.raises(Refused) as refused:
        services.archive_operation(row, actor=at(cast, "urban_management"), now=cast.now)
    assert "1项" in refused.value.message
    told(cast, row, six[5])
    assert services.archive_operation(row, actor=at(cast, "urban_management"), now=cast.now).archived_at


@pytest.mark.clause("MX-3.5.3-1")
def test_a_conference_is_called_by_one_and_the_one_who_was_not_told_is_named():
    cast = city("meixian", "2023-02-10")
    duties.open_standing(cast.now)
    duties.tick(clock("2023-04-01 00:00"))
    cast.now = clock("2023-04-10 09:00")
    with pytest.raises(Refused) as refused:
        planned(cast, "conference", by="police")
    assert refused.value.code == "opener" and "MX-3.5.3-1" in refused.value.clauses
    row = planned(cast, "conference", by="urban_management", units=SEVEN[:6])
    assert missing_units(row, on=cast.now.date()) == [("fire_rescue", "县消防救援大队")]
    lead = at(cast, "urban_management")
    row = services.tell_unit(row, unit=cast.organisation("fire_rescue"), actor=lead, now=cast.now)
    assert not missing_units(row, on=cast.now.date())
    for role in (*SEVEN, "urban_management"):
        told(cast, row, role)
    row = services.hold_operation(row, on=cast.now.date(), actor=lead, now=cast.now)
    with pytest.raises(Refused) as refused:
        services.archive_operation(row, actor=lead, now=cast.now)
    assert refused.value.code == "no_items"
    with pytest.raises(Refused) as refused:
        services.give_item(row, text="整治飞线充电", organisation=None, actor=lead, now=cast.now)
    assert "organisation" in refused.value.fields
    item = services.give_item(
        row, text="整治飞线充电", organisation=cast.organisation("fire_rescue"), actor=lead, now=cast.now
    )
    told(cast, row, "fire_rescue", item=item)
    assert services.archive_operation(row, actor=lead, now=cast.now).archived_at
    duties.tick(clock("2023-07-01 00:00"))
    assert Duty.objects.get(rule="hold_conference", due_at=clock("2023-07-01 00:00")).state == "fulfilled"


@pytest.mark.clause("MX-3.5.3-2")
def test_eleven_matters_a_task_each_and_one_without_result_keeps_it_open():
    cast = city("meixian", "2023-04-10")
    topics = rule("operation", cast.county.path, cast.now.date(), kind="joint")[0]["topics"]
    assert len(topics) == 11
    row = planned(cast, "joint", by="urban_management", units=SEVEN, topics=topics)
    lead = at(cast, "urban_management")
    assert [one.role for one in row.units.filter(part="lead")] == ["urban_management"]
    items = []
    for matter in topics:
        with pytest.raises(Refused):
            services.give_item(row, text="查处", organisation=None, matter=matter, actor=lead, now=cast.now)
        items.append(
            services.give_item(
                row,
                text="查处",
                organisation=cast.organisation("police"),
                estate=cast.estate,
                matter=matter,
                actor=lead,
                now=cast.now,
            )  # fmt: skip
        )
    for role in SEVEN:
        told(cast, row, role)
    for item in items[:10]:
        told(cast, row, "police", item=item)
    row = services.hold_operation(row, on=cast.now.date(), actor=lead, now=cast.now)
    with pytest.raises(Refused) as refused:
        services.archive_operation(row, actor=lead, now=cast.now)
    assert "1项" in refused.value.message
    told(cast, row, "police", item=items[10])
    assert services.archive_operation(row, actor=lead, now=cast.now).state == "archived"
    came = figures.entries_by_unit(cast.county.path, from_on=day("2023-04-01"), to_on=day("2023-04-30"))
    assert [(one["role"], one["times"]) for one in came] == [("police", 1)]


def test_what_is_called_off_is_owed_by_nobody_and_everybody_is_told():
    cast = city("meixian", "2023-04-10")
    row = planned(cast, "joint", by="urban_management", units=SEVEN)
    lead = at(cast, "urban_management")
    services.give_item(
        row, text="查处", organisation=cast.organisation("police"), matter="fire_lane", estate=cast.estate,
        actor=lead, now=cast.now,
    )  # fmt: skip
    owed = Duty.objects.filter(rule__in=("join_operation", "operation_item"))
    running = [one.pk for one in owed if one.running]
    assert running
    with pytest.raises(Refused, match="为什么"):
        services.call_off_operation(row, reason=" ", actor=lead, now=cast.now)
    with pytest.raises(Refused):
        services.call_off_operation(row, reason="大雨", actor=at(cast, "police"), now=cast.now)
    row = services.call_off_operation(row, reason="大雨", actor=lead, now=cast.now)
    assert (row.state, row.summary) == ("off", "大雨")
    assert {one.state for one in owed.filter(pk__in=running)} == {"void"}
    told_off = OutboxMessage.objects.filter(template="operation.called_off")
    assert {one.to_organisation for one in told_off} == {one.organisation for one in row.units.all()}
    for act in (services.hold_operation, services.archive_operation):
        with pytest.raises(Refused, match="已取消"):
            act(row, actor=lead, now=cast.now, **({"on": cast.now.date()} if act is services.hold_operation else {}))
    other = planned(cast, "joint", by="urban_management", units=SEVEN)
    other = services.hold_operation(other, on=cast.now.date(), actor=lead, now=cast.now)
    with pytest.raises(Refused, match="已经登记开展"):
        services.call_off_operation(other, reason="大雨", actor=lead, now=cast.now)


@pytest.mark.clause("JY-2.8.20-4")
@pytest.mark.parametrize("held", [True, False])
def test_a_check_a_quarter_counts_and_none_is_overdue_on_the_first_of_july(held):
    cast = city("jiangyin", "2024-05-08")
    duties.open_standing(cast.now)
    lead = at(cast, "urban_management")
    if held:
        row = planned(cast, "check", by="urban_management", units=["housing"], now=clock("2024-06-30 09:00"))
        for number in range(4):
            item = services.give_item(
                row, text=f"检查{number}", organisation=lead.organisation, estate=cast.estate,
                actor=lead, now=clock("2024-06-30 09:00"),
            )  # fmt: skip
            services.tell_result(
                row, item=item, result="已处罚", actor=lead, now=clock("2024-06-30 09:00"),
                punished={"units": number == 0, "households": number == 1, "persons": number > 1},
            )  # fmt: skip
        services.hold_operation(row, on=day("2024-06-30"), actor=lead, now=clock("2024-06-30 10:00"))
        counted = punished(cast.county.path, kind="check", from_on=day("2024-04-01"), to_on=day("2024-06-30"))
        assert (counted["operations"], counted["estates"]) == (1, 1)
        assert (counted["units"], counted["households"], counted["persons"]) == (1, 1, 2)
    duties.tick(clock("2024-07-01 00:00"))
    duty = Duty.objects.get(rule="check_waste_quarterly", due_at=clock("2024-07-01 00:00"))
    assert duty.state == ("fulfilled" if held else "overdue")


@pytest.mark.clause("MX-3.6.6-1")
@pytest.mark.parametrize("held", [True, False])
def test_a_campaign_a_year_and_a_company_that_lends_its_licence_is_in_its_file(held):
    from gongzhi.cases import services as cases
    from gongzhi.cases.enforcement.models import CompanyCase

    cast = city("meixian", "2022-11-20")
    duties.open_standing(cast.now)
    duties.tick(clock("2023-01-01 00:00"))
    cast.now = clock("2023-01-09 09:00")
    lead = at(cast, "market_regulation")
    if held:
        row = planned(cast, "campaign", by="market_regulation")
        services.hold_operation(row, on=day("2023-01-09"), actor=lead, now=cast.now)
    complaint = cases.receive_complaint(
        channel="found", estate=cast.estate, text="挂靠经营", location="", received_at=cast.now,
        matters=[cases.MatterInput(matter="licence_borrowing", title="挂靠经营")], actor=lead, now=cast.now,
    )  # fmt: skip
    about = CompanyCase.objects.get(case=complaint.cases.get())
    assert about.company == cast.organisation("property_company")
    duties.tick(clock("2024-01-01 00:00"))
    duty = Duty.objects.get(rule="market_campaign", due_at=clock("2024-01-01 00:00"))
    assert duty.state == ("fulfilled" if held else "overdue")


@pytest.mark.clause("JH-3.2.2a")
def test_a_matter_of_two_departments_is_done_when_both_have_told_their_result():
    cast = city("jinhua", "2025-06-03")
    row = planned(cast, "joint", by="street_office", units=["police", "market_regulation"])
    item = services.give_item(
        row, text="占用通道经营", organisation=cast.organisation("police"), estate=cast.estate,
        actor=at(cast, "street_office"), now=cast.now,
    )  # fmt: skip
    told(cast, row, "police", item=item)
    lead = at(cast, "street_office")
    row = services.hold_operation(row, on=cast.now.date(), actor=lead, now=cast.now)
    with pytest.raises(Refused) as refused:
        services.archive_operation(row, actor=lead, now=cast.now)
    assert "市场监督" in refused.value.message
    told(cast, row, "market_regulation")
    assert services.archive_operation(row, actor=lead, now=cast.now).archived_at


def test_a_department_that_takes_part_sees_it_and_another_does_not():
    cast = city("meixian", "2023-04-10")
    row = planned(cast, "joint", by="urban_management", units=["police"])
    assert operations_for(at(cast, "police")).filter(pk=row.pk).exists()
    assert not operations_for(at(cast, "health")).filter(pk=row.pk).exists()
    with pytest.raises(Refused):
        told(cast, row, "health")
    with pytest.raises(Refused):
        services.hold_operation(row, on=cast.now.date(), actor=at(cast, "police"), now=cast.now)


@pytest.mark.clause("JH-3.2.2a", "JY-2.4.9-1", "MX-3.5.3-1", "JJ-A3-2.1-1", "ZJG-7.2a")
@pytest.mark.parametrize("name", CITIES)
def test_whoever_takes_part_has_it_on_the_desk_until_the_result_is_told(name):
    """Two units of one role each have their own; a task takes the place of the plain part; who leads owes none."""
    cast = city(name, "2026-03-02")
    lead = at(cast, "street_office" if name == "jinhua" else "urban_management")
    row = services.plan_operation(
        lead.place_path, kind="joint", title="进小区", plan="逐个小区查", planned_on=day("2026-03-03"),
        units=[cast.organisation(one) for one in ("fire_rescue", "health")], actor=lead, now=cast.now,
    )  # fmt: skip

    def tasks():
        rows = Duty.objects.filter(rule__in=("join_operation", "operation_item")).exclude(state="void")
        return sorted((one.owner_organisation.role, one.rule, one.state) for one in rows)

    assert tasks() == [("fire_rescue", "join_operation", "open"), ("health", "join_operation", "open")]
    assert {one.due_at for one in Duty.objects.filter(rule="join_operation")} == {clock("2026-03-11 00:00")}
    item = services.give_item(
        row, text="清理通道", organisation=cast.organisation("fire_rescue"), actor=lead, now=cast.now
    )
    told(cast, row, "health")
    assert tasks() == [("fire_rescue", "operation_item", "open"), ("health", "join_operation", "fulfilled")]
    duty = Duty.objects.get(rule="operation_item")
    assert refs.url_of(duty.subject) == reverse("enforcement:operation", args=[row.pk])
    told(cast, row, "fire_rescue", item=item)
    assert ("fire_rescue", "operation_item", "fulfilled") in tasks()
