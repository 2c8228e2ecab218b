"""Who repairs what, the yearly plan and its money of two sides, warranty money, and cases that come back."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from gongzhi.cases.codes import FOUND
from gongzhi.cases.models import Case
from gongzhi.cases.services import assign_case
from gongzhi.cases.services.intake import ComplainantInput, receive_complaint
from gongzhi.cases.services.opening import MatterInput
from gongzhi.contracts.models import ServiceContract
from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.core.models import Event
from gongzhi.core.refs import Ref
from gongzhi.duties.models import Duty
from gongzhi.duties.services.standing import open_standing
from gongzhi.funds.maintenance import services as fund
from gongzhi.funds.maintenance.models import FundStep, FundUse, RepairPlan, RepairReport
from gongzhi.funds.maintenance.queries import repairs
from gongzhi.funds.maintenance.tests.fund import committee, day, proposed, step, units
from gongzhi.funds.maintenance.tests.test_deposits import refuses
from gongzhi.funds.maintenance.words import PARTS
from gongzhi.funds.public_money import services as money
from gongzhi.funds.public_money.models import PublicExpense
from gongzhi.funds.public_money.queries import balance_of
from gongzhi.funds.public_money.tests.money import budget, city, file, known


@pytest.fixture
def cast(request, db):
    pack, moment = getattr(request, "param", ("jiujiang", "2023-12-31"))
    cast = city(pack, moment)
    cast.estate.estate_type = "resettlement"
    cast.estate.save()
    return cast


def in_city(pack, moment):
    return pytest.mark.parametrize("cast", [(pack, moment)], indirect=True)


def whose(cast, part, need="overhaul", on="2023-12-31", cost_on="", **said):
    said = {"by_contract": False, "agreed_otherwise": False, "has_fund": False, "fund_fits": False,
            "managing_unit": False, **said}  # fmt: skip
    answer = repairs.repair_duty(
        cast.estate, part=part, need=need, on=date.fromisoformat(on), said=said, cost_on=cost_on
    )
    assert answer.ok, answer.needs
    return answer.value.get("who"), tuple(answer.value.get("bearers") or ()), set(answer.clauses)


@pytest.mark.clause("JJ-A9-2.1-1")
@pytest.mark.parametrize("on, who", [("2023-06-30", "developer"), ("2023-07-01", "owner")])
def test_a_leak_inside_is_the_developers_to_the_last_day_and_then_the_owners(cast, on, who):
    known(cast, cast.estate, since=date(2018, 6, 30), delivered_on=date(2018, 6, 30))
    assert whose(cast, "own_leak", on=on)[0] == who


@pytest.mark.clause("JJ-A9-2.1-2", "JJ-A9-2.1-4")
@pytest.mark.parametrize("part", ["facade", "stairs", "passage", "roof"])
def test_shared_parts_are_the_developers_within_their_warranty_and_the_streets_after(cast, part):
    known(cast, cast.estate, delivered_on=date(2023, 1, 1))
    assert whose(cast, part)[:2] == ("developer", ("developer",))
    known(cast, cast.estate, since=date(2021, 1, 1), delivered_on=date(2015, 1, 1))
    who, bearers, clauses = whose(cast, part)
    assert (who, bearers) == ("street_office", ("street",)) and "JJ-A9-2.1-4" in clauses


@pytest.mark.clause("JJ-A9-2.1-3", "JJ-A9-2.1-4")
def test_with_a_fund_that_fits_it_is_the_funds_and_else_the_streets(cast):
    known(cast, cast.estate, delivered_on=date(2010, 1, 1))
    assert whose(cast, "roof", has_fund=True, fund_fits=True)[0] == "maintenance_fund"
    assert whose(cast, "roof", has_fund=True, fund_fits=False)[0] == "street_office"
    assert whose(cast, "stairs", has_fund=False, fund_fits=True)[0] == "street_office"


@pytest.mark.clause("JJ-A9-2.2-1")
@pytest.mark.parametrize("part", ["road", "street_lamp", "sewer", "ditch", "channel", "pond", "well", "green_bed",
                                  "parking_lot", "bicycle_shed", "monitoring", "fire"])  # fmt: skip
def test_twelve_facilities_are_kept_up_by_the_company(cast, part):
    known(cast, cast.estate, delivered_on=date(2010, 1, 1))
    assert whose(cast, part, need="upkeep")[0] == "property_company"


@pytest.mark.clause("JJ-A9-2.3-1", "JJ-A9-2.4-3")
def test_utilities_keep_their_own_and_the_pump_of_a_high_rise_is_the_streets(cast):
    for part in ("water", "power", "gas", "heat", "telecom"):
        assert whose(cast, part)[:2] == ("utilities_company", ("utilities_company",))
        for cost_on, bearers in (("user", ("user",)), ("both", ("utilities_company", "user")),
                                 ("utilities_company", ("utilities_company",))):  # fmt: skip
            assert whose(cast, part, cost_on=cost_on)[:2] == ("utilities_company", bearers)
        assert whose(cast, part, agreed_otherwise=True)[:2] == ("agreed", ("agreed",))
    known(cast, cast.estate, high_rise=True)
    assert whose(cast, "pump")[:2] == ("street_contractor", ("street",))


@in_city("zhangjiagang", "2023-05-10")
@pytest.mark.clause("ZJG-2.3.12")
def test_a_leak_of_gas_is_the_gas_companys_and_costs_neither_the_company_nor_the_fund(cast):
    for part in ("water", "power", "gas", "post", "telecom", "cable"):
        assert whose(cast, part)[:2] == ("utilities_company", ("utilities_company",))
    assert "没有规定" in refuses("repair_silent", lambda: judged(cast, "roof")).message
    complaint = receive_complaint(
        channel="phone", estate=cast.estate, text="燃气立管漏气", location="3幢", received_at=cast.now,
        matters=[MatterInput(matter="gas_supply_fault", title="燃气立管漏气")],
        complainant=ComplainantInput("陈先生", "13812345678"), actor=cast.actor("complaint_desk"), now=cast.now,
    )  # fmt: skip
    case = assign_case(complaint.cases.get(), actor=cast.actor("complaint_desk"), now=cast.now)
    assert judged(cast, "gas", case=case.number).who == "utilities_company"
    case.refresh_from_db()
    assert case.lead == cast.organisation("gas_company")
    assert case.entries.order_by("-pk")[0].text.startswith("由专营（产权）单位维修")
    assert not FundUse.objects.exists() and not PublicExpense.objects.exists()


SAID = {"by_contract": False, "agreed_otherwise": False, "fund_fits": False, "managing_unit": False}


def reported(cast, text="报修"):
    """A case of a repair that somebody asked for, and its number."""
    complaint = receive_complaint(
        channel=FOUND, estate=cast.estate, text=text, location="",
        matters=[MatterInput(matter="repair_request", title=text, text=text)], received_at=cast.now,
        actor=Actor.system(), now=cast.now,
    )  # fmt: skip
    return complaint.cases.get()


def judged(
    cast, part, *, case="", need="overhaul", on=None, by="street_office", cost_on="", agreed=None, **said
):  # fmt: skip
    return fund.judge_repair(
        cast.estate, part=part, need=need, said={**SAID, **said}, case=case, on=on or cast.now.date(),
        cost_on=cost_on, agreed=agreed, actor=cast.actor(by), now=cast.now,
    )  # fmt: skip


@pytest.mark.clause("JJ-A9-2.1-1")
@pytest.mark.parametrize("on, who", [(date(2023, 6, 30), "developer"), (date(2023, 7, 1), "owner")])
def test_a_reported_leak_goes_to_the_developer_or_comes_back_with_guidance_and_never_to_the_street(cast, on, who):
    known(cast, cast.estate, since=date(2018, 6, 30), delivered_on=date(2018, 6, 30))
    developer = core.ensure_organisation("developer", place=cast.community, name="某某置业")
    case = reported(cast, "卫生间漏到楼下")
    lead = case.lead
    row = judged(cast, "own_leak", case=case.number, on=on)
    case.refresh_from_db()
    assert row.who == who and case.lead != cast.organisation("street_office")
    entry = case.entries.order_by("-pk")[0]
    if who == "developer":
        assert case.lead == developer and "判定由建设单位维修" in entry.text
    else:
        assert case.lead == lead and "业主自行维修" in entry.text


@pytest.mark.clause("JJ-A9-2.1-2")
def test_a_developer_who_has_not_repaired_in_time_is_on_the_list_and_the_bureau_has_it_on_its_desk(cast):
    known(cast, cast.estate, delivered_on=date(2023, 1, 1))
    rows = [judged(cast, part) for part in ("facade", "stairs", "passage", "roof")]
    assert {row.who for row in rows} == {"developer"}
    duties = Duty.objects.filter(rule="developer_repairs")
    assert duties.count() == 4 and {one.owner_organisation.role for one in duties} == {"housing"}
    bureau, due = cast.actor("housing"), rows[0].due_on
    assert due == cast.now.date() + timedelta(days=15)
    assert not repairs.not_performed(bureau, on=due).exists(), "its last day is in time"
    assert repairs.not_performed(bureau, on=due + timedelta(days=1)).count() == 4
    row = fund.note_repaired(
        rows[0], on=cast.now.date(), note="已重做", version=1, actor=cast.actor("street_office"), now=cast.now
    )
    assert row.done_on and duties.filter(closed_at=None).count() == 3
    assert repairs.not_performed(bureau, on=due + timedelta(days=1)).count() == 3


@pytest.mark.clause("JJ-A9-2.1-4", "JJ-A9-2.2-1", "JJ-A9-2.3-1", "JJ-A9-2.4-3")
def test_a_repair_goes_to_whose_it_is_by_part(cast):
    known(cast, cast.estate, delivered_on=date(2010, 1, 1), high_rise=True, utility_water="某某供水公司")
    stairs = reported(cast, "楼梯破损")
    judged(cast, "stairs", case=stairs.number)
    stairs.refresh_from_db()
    assert stairs.lead == cast.organisation("street_office")
    place = cast.estate.place_path
    assert [one.part for one in repairs.candidates_for_plan(place)] == ["stairs"]
    fund.add_repair(cast.street, year=2024, estate=cast.estate, part="stairs", title="楼梯", estimate_fen=100,
                    actor=cast.actor("street_office"), now=cast.now)  # fmt: skip
    assert not repairs.candidates_for_plan(place)
    sewer = reported(cast, "下水管道堵塞")
    judged(cast, "sewer", need="upkeep", case=sewer.number)
    sewer.refresh_from_db()
    assert sewer.lead == cast.organisation("property_company")
    core.ensure_organisation("utilities_company", place=cast.county, name="某某供电公司")
    utility = core.ensure_organisation("utilities_company", place=cast.county, name="某某供水公司")
    power = reported(cast, "没有电")
    was = power.lead
    judged(cast, "power", case=power.number)
    power.refresh_from_db()
    assert power.lead == was, "the estate's file names no utility for power"
    water = reported(cast, "没有水")
    judged(cast, "water", case=water.number)
    water.refresh_from_db()
    assert water.lead == utility and "某某供水公司" in water.entries.order_by("-pk")[0].text
    pump = reported(cast, "加压泵不转")
    judged(cast, "pump", case=pump.number)
    pump.refresh_from_db()
    assert pump.lead == cast.organisation("street_office")
    mine = type(cast.estate).objects.filter(pk=cast.estate.pk)
    assert repairs.without_utilities(mine, cast.now.date())[0][1] == ["供电", "供气", "供热", "通讯"]


@pytest.mark.clause("JJ-A9-2.3-1")
def test_what_a_contract_says_of_a_utility_goes_to_whom_it_names_and_shows_where(cast):
    case = reported(cast, "水泵房漏水")
    refuses("agreed_with", lambda: judged(cast, "water", case=case.number, agreed_otherwise=True))
    unsaid = fund.Agreed("property_company", " ")
    refuses("agreed_with", lambda: judged(cast, "water", case=case.number, agreed_otherwise=True, agreed=unsaid))
    agreed = fund.Agreed("property_company", "物业服务合同第九条")
    row = judged(cast, "water", case=case.number, agreed_otherwise=True, agreed=agreed)
    case.refresh_from_db()
    assert case.lead == cast.organisation("property_company")
    assert "物业服务合同第九条" in case.entries.order_by("-pk")[0].text
    assert (repairs.bearers_of(row), repairs.agreed_of(row)) == (["物业服务企业"], "物业服务合同第九条")
    both = judged(cast, "water", cost_on="both")
    assert repairs.bearers_of(both) == ["专营（产权）单位", "用户"] and not repairs.agreed_of(both)


@pytest.mark.clause("JJ-A9-2.1-2")
def test_a_street_judges_on_its_page_and_the_bureau_reads_the_list(cast, sign_in):
    known(cast, cast.estate, delivered_on=date(2010, 1, 1))
    street = sign_in("street_office")
    url = reverse("funds:repair_judge")
    page = street.get(url, {"case": "X1", "estate": cast.estate.pk}).content.decode()
    assert 'value="X1"' in page
    key = page.split('name="form_key" value="')[1].split('"')[0]
    given = {"form_key": key, "estate": cast.estate.pk, "part": "stairs", "need": "overhaul", "text": "扶手松动"}
    assert street.post(url, {**given, "part": ""}).status_code == 422
    went = street.post(url, given)
    assert went.status_code == 303
    shown = street.get(went.url).content.decode()
    assert "没有写案件编号" in shown
    assert "楼梯：由镇街维修" in shown and "扶手松动" in shown
    listed = sign_in("housing").get(reverse("funds:repair_reports")).content.decode()
    assert "楼梯" in listed and "没有登记专营单位的小区" in listed and "建设单位未履责（0）" in listed
    row = RepairReport.objects.get()
    done = reverse("funds:repaired", args=[row.pk])
    key = street.get(done).content.decode().split('name="form_key" value="')[1].split('"')[0]
    answer = street.post(done, {"form_key": key, "version": row.version, "on": row.judged_on.isoformat(), "note": "好"})
    assert answer.status_code == 303 and RepairReport.objects.get().done_on == row.judged_on
    assert sign_in("owner").get(went.url).status_code == 403


def test_a_case_of_another_estate_stays_where_it_is(cast):
    known(cast, cast.estate, delivered_on=date(2010, 1, 1))
    case = reported(cast, "楼梯破损")
    Case.objects.filter(pk=case.pk).update(estate=cast.estate_outside)
    judged(cast, "stairs", case=case.number)
    lead = case.lead
    case.refresh_from_db()
    assert case.lead == lead
    refuses("forbidden", lambda: judged(cast, "stairs", by="project_manager"))


@pytest.mark.clause("JJ-A9-2.1-7")
def test_an_urgent_repair_starts_before_its_plan_and_is_not_paid_until_it_was_approved(cast):
    by = {"actor": cast.actor("street_office"), "now": cast.now}
    given = {"estate": cast.estate, "title": "外墙脱落抢修", "year": 2023, "estimate_fen": 800_000}
    urgent = money.begin_project(cast.street, emergency="外墙屋面渗漏脱落", **given, **by)
    refuses("emergency", lambda: money.begin_project(cast.street, emergency="不好看", **given, **by))
    plain = money.begin_project(cast.street, **given, **by)
    assert (urgent.emergency, plain.emergency) == ("外墙屋面渗漏脱落", "") and urgent.urgent and not plain.urgent
    assert urgent.steps == ["initiate", "start", "accept", "approve", "audit"] and plain.steps[1] == "design"

    def move(project, name, **more):
        paper = file(cast, project) if more.pop("paper", True) else None
        given = money.ProjectMove(on=cast.now.date(), file=paper, plan_agreed=False, **more)
        who = cast.actor("street_government") if name == "approve" else by["actor"]
        return money.move_project(project, step=name, given=given, actor=who, now=cast.now)

    for name in ("initiate", "start", "accept"):
        urgent = move(urgent, name)
    (duty,) = Duty.objects.filter(rule="approve_urgent_repair")
    assert duty.owner_organisation.role in ("street_office", "street_government") and duty.closed_at is None
    refuses("project_open", lambda: fund.ask_repair_payment(urgent, payee="甲", on=cast.now.date(), **by))
    own = money.ProjectMove(on=cast.now.date(), file=file(cast, urgent))
    refuses("kept_apart", lambda: money.move_project(urgent, step="approve", given=own, **by))
    refuses("check_failed", lambda: move(urgent, "approve", paper=False))
    urgent = move(urgent, "approve")
    duty.refresh_from_db()
    assert duty.closed_at is not None
    for name in ("initiate", "design", "select"):
        more = {"contractor": "甲", "selected": "comparison"} if name == "select" else {}
        plain = move(plain, name, **more)
    refuses("check_failed", lambda: move(plain, "start"))


@pytest.mark.clause("JJ-A9-2.1-7", "JJ-A9-2.1-8")
@in_city("jiujiang", "2022-09-28")
def test_a_facade_is_repaired_first_approved_by_the_nineteenth_and_paid_by_its_audit(cast):
    """JJ-HC-40."""
    street = cast.actor("street_office")
    by = {"actor": street, "now": cast.now}
    row = money.begin_project(
        cast.street,
        estate=cast.estate,
        title="外墙脱落",
        year=2022,
        emergency="外墙屋面渗漏脱落",
        estimate_fen=12_000_000,
        **by,
    )

    def move(name, on, **more):
        given = money.ProjectMove(on=day(on).date(), file=file(cast, row), **more)
        who = {"approve": cast.actor("street_government"), "audit": cast.actor("audit")}.get(name, street)
        return money.move_project(row, step=name, given=given, actor=who, now=day(on))

    for name, on in (("initiate", "2022-09-28"), ("start", "2022-09-28"), ("accept", "2022-09-30")):
        row = move(name, on)
    (duty,) = Duty.objects.filter(rule="approve_urgent_repair")
    assert duty.due_at == day("2022-10-20", 0), "the end of 19 October"
    pay = {"payee": "某公司", "on": date(2022, 10, 19), "actor": street, "now": day("2022-10-19")}
    refuses("project_open", lambda: fund.ask_repair_payment(row, **pay))
    with pytest.raises(Refused, match="报批文件"):
        money.move_project(
            row, step="approve", given=money.ProjectMove(on=day("2022-10-19").date()),
            actor=cast.actor("street_government"), now=day("2022-10-19"),
        )  # fmt: skip
    row = move("approve", "2022-10-19")
    duty.refresh_from_db()
    assert duty.state == "fulfilled"
    refuses("project_open", lambda: fund.ask_repair_payment(row, **pay))
    row = move("audit", "2022-10-19", quoted_fen=12_000_000, audited_fen=11_500_000)
    for payer, more in (("county", {"holder": Ref("place", cast.street.ref.id, "", cast.street.path)}), ("street", {})):
        budget(cast, "60000", item="repair", payer=payer, **more)
    assert sum(one.amount_fen for one in fund.ask_repair_payment(row, **pay)) == 11_500_000


@pytest.mark.clause("JJ-A9-2.1-5", "JJ-A9-2.1-1")
def test_the_contract_comes_after_the_warranty_and_before_the_street(cast):
    known(cast, cast.estate, delivered_on=date(2010, 1, 1))
    assert whose(cast, "own_pipe")[0] == "owner"
    assert whose(cast, "stair_light", by_contract=True)[:2] == ("property_company", ("property_company",))
    assert whose(cast, "stair_light", by_contract=False)[0] == "street_office"
    ServiceContract.objects.create(
        number="HT1", estate=cast.estate, kind="service", company=cast.organisations["property_company"],
        place_path=cast.estate.place_path, party_a="owners_committee", party_a_name="业委会", manager_name="王经理",
        signed_on=date(2023, 1, 1), from_on=date(2023, 1, 1), to_on=date(2024, 12, 31), repairs=["楼道灯更换"],
        made_at=cast.now,
    )  # fmt: skip
    assert whose(cast, "stair_light", by_contract=False)[:2] == ("property_company", ("property_company",))
    assert whose(cast, "stair_light", on="2025-01-01", by_contract=False)[0] == "street_office"
    assert whose(cast, "roof", by_contract=False)[0] == "street_office"
    known(cast, cast.estate, since=date(2021, 1, 1), delivered_on=date(2023, 6, 1))
    assert whose(cast, "stair_light", by_contract=True)[0] == "developer"


def test_every_part_has_an_answer_with_its_clause(cast):
    known(cast, cast.estate, delivered_on=date(2010, 1, 1), high_rise=True)
    for part in PARTS:
        for need in ("upkeep", "overhaul"):
            who, bearers, clauses = whose(cast, part, need=need)
            assert who and bearers and clauses, part


# -- 年度维修计划 -----------------------------------------------------------------------------------------------------
def planned(cast, yuan, street=0, estate=None):
    place = cast.streets[street]
    return fund.add_repair(
        place, year=2024, estate=estate or cast.estate, part="roof", title="屋面翻修",
        estimate_fen=int(Decimal(yuan) * 100), actor=cast.actor("street_office" if not street else "street_office@2"),
        now=cast.now,
    )  # fmt: skip


@pytest.mark.clause("JJ-4.4.19-2")
def test_only_agreed_plans_count_and_only_their_repairs_begin(cast):
    cast.estate_outside.estate_type = "old"
    cast.estate_outside.save()
    first, second = planned(cast, "1200000"), planned(cast, "800000", 1, cast.estate_outside)
    by = {"actor": cast.actor("street_office"), "now": cast.now}
    refuses("plan_estate", lambda: fund.add_repair(
        cast.street, year=2024, estate=cast.estate_outside, part="roof", title="x", estimate_fen=1, **by))  # fmt: skip
    rows = repairs.plans_of(cast.county.path, year=2024)
    assert repairs.agreed_total(rows) == 0 and [one.plan.state for one in rows] == ["drafting", "drafting"]
    project = fund.begin_repair(first, **by)

    def move(name, **more):
        given = money.ProjectMove(on=cast.now.date(), file=file(cast, project), **more,
                                  **fund.planned(project, contractor="", on=cast.now.date()))  # fmt: skip
        return money.move_project(project, step=name, given=given, **by)

    move("initiate")
    move("design")
    move("select", contractor="某公司", selected="comparison")
    assert "区政府同意" in refuses("check_failed", lambda: move("start")).message
    plan = fund.submit_plan(first.plan, **by)
    refuses("plan_state", lambda: planned(cast, "1"))
    refuses("forbidden", lambda: fund.decide_plan(plan, agreed=True, **by))
    fund.decide_plan(plan, agreed=True, actor=cast.actor("county_leader"), now=cast.now)
    assert move("start").state == "running"
    other = fund.submit_plan(second.plan, actor=cast.actor("street_office@2"), now=cast.now)
    rows = repairs.plans_of(cast.county.path, year=2024)
    assert repairs.agreed_total(rows) == 120_000_000
    fund.decide_plan(other, agreed=True, actor=cast.actor("county_leader"), now=cast.now)
    assert repairs.agreed_total(repairs.plans_of(cast.county.path, year=2024)) == 200_000_000


@pytest.mark.clause("JJ-4.4.19-2")
def test_a_street_without_any_repair_draws_up_and_sends_up_a_plan_of_nothing(cast, sign_in):
    street = sign_in("street_office")
    url = reverse("funds:plan_add", args=[2024])

    def key(page):
        return street.get(page).content.decode().split('name="form_key" value="')[1].split('"')[0]

    assert street.post(url, {"form_key": key(url)}).status_code == 422
    went = street.post(url, {"form_key": key(url), "none": "on"})
    plan = RepairPlan.objects.get()
    assert (went.status_code, plan.state, plan.items.count()) == (303, "drafting", 0)
    step_url = reverse("funds:plan_step", args=[plan.pk])
    assert street.post(step_url, {"form_key": key(step_url), "version": plan.version}).status_code == 303
    (row,) = (one for one in repairs.plans_of(cast.county.path, year=2024) if one.plan is not None)
    assert (row.plan.state, row.amount_fen) == ("submitted", 0)
    assert street.post(url, {"form_key": key(url), "none": "on"}).status_code == 409


@pytest.mark.clause("JJ-4.4.19-2")
def test_streets_owe_a_plan_every_year_and_those_without_are_listed(cast):
    assert [one.plan for one in repairs.plans_of(cast.county.path, year=2024)] == [None, None]
    open_standing(cast.now)
    duty = Duty.objects.filter(rule="submit_repair_plan", owner_organisation__role="street_office").first()
    assert duty is not None and duty.due_at is not None


@pytest.mark.clause("JJ-A9-2.1-0", "JJ-A11-2.1-3")
def test_both_sides_put_in_half_and_nothing_is_spent_above_what_came(cast):
    """JJ-HC-55, the fund; here the street has brought 1,000,000 of its half."""
    county = budget(cast, "1500000", item="repair", year=2024, holder=Ref("place", cast.street.ref.id, cast.street.name,
                                                                          cast.street.path))  # fmt: skip
    budget(cast, "1000000", item="repair", payer="street", year=2024)
    pool = repairs.pool_of(cast.street, 2024, target_fen=300_000_000)
    assert {one.payer: (one.due_fen, one.owed_fen) for one in pool.sides} == {
        "county": (150_000_000, 0), "street": (150_000_000, 50_000_000)}  # fmt: skip
    assert pool.free_fen == 250_000_000
    assert sum(fen for _, fen in pool.drawn(250_000_000)) == 250_000_000
    assert [fen for _, fen in pool.drawn(250_000_000)] == [150_000_000, 100_000_000]
    assert [fen for _, fen in pool.drawn(101)] == [51, 50]
    assert balance_of(county).granted_fen == 150_000_000


@pytest.mark.clause("JJ-A9-2.1-8")
def test_a_repair_is_paid_by_its_audit_from_both_sides(cast):
    for payer, more in (("county", {"holder": Ref("place", cast.street.ref.id, "", cast.street.path)}), ("street", {})):
        budget(cast, "60000", item="repair", payer=payer, **more)
    by = {"actor": cast.actor("street_office"), "now": cast.now}
    project = money.begin_project(
        cast.street, estate=cast.estate, title="屋面", year=2023, estimate_fen=12_000_000, **by
    )
    refuses("project_open", lambda: fund.ask_repair_payment(project, payee="某公司", on=cast.now.date(), **by))
    hands = {"accept": "street_government", "audit": "audit"}
    for name, more in (("initiate", {}), ("design", {}), ("select", {"contractor": "某公司", "selected": "inquiry"}),
                       ("start", {}), ("accept", {}),
                       ("audit", {"quoted_fen": 12_000_000, "audited_fen": 11_500_000})):  # fmt: skip
        given = money.ProjectMove(on=cast.now.date(), file=file(cast, project), **more)
        who = cast.actor(hands.get(name, "street_office"))
        money.move_project(project, step=name, given=given, actor=who, now=cast.now)
    made = fund.ask_repair_payment(project, payee="某公司", on=cast.now.date(), **by)
    assert [one.amount_fen for one in made] == [5_750_000, 5_750_000]
    refuses("repair_paid", lambda: fund.ask_repair_payment(project, payee="某公司", on=cast.now.date(), **by))
    for one in made:
        street = one.budget.payer == "street"
        other = cast.actor("street_government" if street else "finance")
        payer = cast.actor("street_office" if street else "treasury")
        agreed = money.approve_expense(one, agreed=True, opinion="", version=None, actor=other, now=cast.now)
        paid = money.pay_expense(agreed, on=cast.now.date(), voucher=file(cast, agreed), version=None, actor=payer,
                                 now=cast.now)  # fmt: skip
        assert paid.state == "paid"


@in_city("zhangjiagang", "2026-12-31")
@pytest.mark.clause("ZJG-4.4.2d")
def test_a_team_that_was_not_tendered_for_is_warned_of_in_a_resettlement_estate(cast, sign_in):
    days = {"from_on": date(2026, 1, 1), "to_on": date(2026, 12, 31)}
    by = {"actor": cast.actor("street_office"), "now": cast.now}
    refuses("team_paper", lambda: fund.register_team(
        cast.street, given=fund.Team("甲队", "open_tender", "屋面", **days), **by))  # fmt: skip
    team = fund.Team("甲队", "open_tender", "屋面", file=file(cast, cast.estate), **days)
    fund.register_team(cast.street, given=team, **by)
    fund.register_team(cast.street, given=fund.Team("乙队", "invited", "屋面", **days), **by)
    path, on = cast.estate.place_path, cast.now.date()
    assert repairs.team_of(path, "甲队", on) and repairs.team_of(path, "乙队", on) is None
    facts = {"step": "select", "estate_type": "resettlement", "team_tendered": False}
    (warning,) = core.run_checks("funds.project_step", facts, place_path=path, on=on)
    assert warning.outcome == "warn"
    assert not core.run_checks("funds.project_step", {**facts, "estate_type": "commercial"}, place_path=path, on=on)
    street, warned = sign_in("street_office"), "没有登记经招标确定"
    for kind, name, warns in (("resettlement", "乙队", 1), ("resettlement", "甲队", 0), ("commercial", "乙队", 0)):
        cast.estate.estate_type = kind
        cast.estate.save()
        project = money.begin_project(cast.street, estate=cast.estate, title="修屋面", year=2026, estimate_fen=1, **by)
        money.move_project(project, step="initiate", given=money.ProjectMove(on=on), **by)
        form = street.get(reverse("funds:project_step", args=[project.pk])).content.decode()
        assert ("维修队伍：甲队（屋面，到2026年12月31日）" in form) == (kind == "resettlement") and "乙队" not in form
        chosen = money.ProjectMove(on=on, contractor=name, selected="inquiry", file=file(cast, project))
        money.move_project(project, step="select", given=chosen, **by)
        page = street.get(reverse("funds:project", args=[project.pk])).content.decode()
        assert page.count(warned) == warns


# -- 物业保修金 -------------------------------------------------------------------------------------------------------
@in_city("jinhua", "2024-12-31")
@pytest.mark.clause("JH-4.7b", "JH-4.9j")
def test_warranty_money_is_assessed_paid_in_used_within_the_warranty_and_given_back(cast):
    by = {"actor": cast.actor("street_office"), "now": cast.now}
    row = fund.assess_warranty(cast.estate, developer="某置业", cost_fen=10_000_000_000,
                               delivered_on=date(2023, 1, 1), **by)  # fmt: skip
    assert row.due_fen == 200_000_000
    known(cast, cast.estate, delivered_on=date(2023, 1, 1))
    fund.pay_in(row, amount_fen=150_000_000, on=date(2024, 1, 1), key="a", **by)
    state = repairs.warranty_of(row, cast.now.date())
    assert (state.short_fen, state.balance_fen) == (50_000_000, 150_000_000)
    refuses("amount", lambda: fund.pay_in(row, amount_fen=50_000_001, on=date(2024, 1, 1), key="b", **by))
    ask = {"part": "stairs", "text": "楼梯裂缝", "actor": cast.actor("project_manager"), "now": cast.now}
    refuses("check_failed", lambda: fund.ask_use(row, amount_fen=1, reported_on=date(2025, 1, 3), **ask))
    late = fund.ask_use(row, amount_fen=150_000_001, reported_on=date(2024, 12, 31), **ask)
    late = fund.check_use(late, **by)
    pay = {"on": cast.now.date(), "actor": cast.actor("housing"), "now": cast.now}
    refuses("balance", lambda: fund.pay_use(late, voucher=file(cast, cast.estate), **pay))
    use = fund.ask_use(row, amount_fen=150_000_000, reported_on=date(2024, 12, 31), **ask)
    assert Duty.objects.filter(rule="check_warranty_use", state="open").exists()
    use = fund.check_use(use, **by)
    refuses("check_failed", lambda: fund.pay_use(use, voucher=None, **pay))
    fund.pay_use(use, voucher=file(cast, cast.estate), **pay)
    assert repairs.warranty_of(row, cast.now.date()).balance_fen == 0
    refuses("held", lambda: fund.give_back(row, amount_fen=1, voucher=file(cast, cast.estate), **pay))


@in_city("jinhua", "2028-06-30")
@pytest.mark.clause("JH-4.7b")
def test_what_is_left_after_the_period_goes_back_to_the_developer(cast):
    by = {"actor": cast.actor("housing"), "now": cast.now}
    row = fund.assess_warranty(cast.estate, developer="某置业", cost_fen=100_000, delivered_on=date(2023, 3, 2), **by)
    fund.pay_in(row, amount_fen=2_000, on=date(2023, 5, 1), key="a", **by)
    given = {"voucher": file(cast, cast.estate), "on": cast.now.date(), **by}
    refuses("balance", lambda: fund.give_back(row, amount_fen=2_001, **given))
    fund.give_back(row, amount_fen=2_000, **given)
    assert repairs.warranty_of(row, cast.now.date()).balance_fen == 0


# -- cases that come back, reviews that got faster --------------------------------------------------------------------
@pytest.mark.clause("JJ-A9-2.1-3")
def test_a_use_that_is_refused_hands_its_case_to_the_street(cast):
    units(cast, "100", "100")
    committee(cast)
    complaint = receive_complaint(
        channel=FOUND, estate=cast.estate, text="屋面漏水", location="1幢", received_at=cast.now,
        matters=[MatterInput(matter="repair_request", title="屋面漏水", text="屋面漏水")],
        actor=Actor.system(), now=cast.now,
    )  # fmt: skip
    case = Case.objects.get(complaint=complaint)
    use = proposed(cast, case=case.number, now=cast.now)
    use = step(cast, use, "survey")
    FundUse.objects.filter(pk=use.pk).update(steps=["survey", "review", *use.steps[1:]])
    use.refresh_from_db()
    given = fund.Taking(on=cast.now.date(), agreed=False, refuse=True)
    refuses("note_missing", lambda: fund.take_step(use, step="review", given=given, actor=cast.actor("housing"),
                                                   now=cast.now))  # fmt: skip
    given = fund.Taking(on=cast.now.date(), agreed=False, refuse=True, note="不属于共用部位")
    use = fund.take_step(use, step="review", given=given, actor=cast.actor("housing"), now=cast.now)
    assert use.state == "refused"
    case.refresh_from_db()
    assert case.lead_role == "street_office"
    assert Event.objects.filter(kind="case.assigned", data__lead="street_office").exists()
    refuses("use_state", lambda: step(cast, use, "survey"))


@in_city("jiangyin", "2024-12-31")
@pytest.mark.clause("JY-2.3.7-1")
def test_average_days_of_review_before_and_after_a_change(cast):
    units(cast, "100")
    committee(cast)
    for apply, review in (("2024-05-01", "2024-05-13"), ("2024-06-01", "2024-06-13"), ("2024-09-01", "2024-09-05"),
                          ("2024-10-01", "2024-10-06")):  # fmt: skip
        use = proposed(cast)
        for name, on in (("apply", apply), ("review", review)):
            FundStep.objects.create(use=use, step=name, on=date.fromisoformat(on), by_label="x", at=cast.now)
    before, after = repairs.review_took(FundUse.objects.all(), changed_on=date(2024, 7, 1))
    assert (before.count, before.words, after.count, after.words) == (2, "12.0", 2, "4.5")
