"""The books: illegal structures, rented homes, premises for business, companies' files."""

from decimal import Decimal

import pytest

from gongzhi.cases import services as cases
from gongzhi.cases.enforcement import services
from gongzhi.cases.enforcement.models import Structure
from gongzhi.cases.enforcement.queries import figures
from gongzhi.cases.enforcement.tests.steps import SYSTEM, at, city, company, day, picture, reported
from gongzhi.core import services as core
from gongzhi.core.errors import Refused
from gongzhi.core.models import Event
from gongzhi.governance.bodies.tests.steps import owners

pytestmark = pytest.mark.django_db


@pytest.mark.clause("JJ-3.1.2-4")
def test_the_book_tells_new_from_old_and_how_much_is_down():
    cast = city("jiujiang", "2022-05-05")
    street, now = cast.actor("street_office"), cast.now
    made = {
        begun: services.enter_structure(
            cast.estate,
            location="2幢楼顶",
            begun_on=day(begun),
            area_m2=Decimal("12.50"),
            before=picture(),
            actor=street,
            now=now,
        )  # fmt: skip
        for begun in ("2022-04-27", "2022-04-28")
    }
    assert [one.era for one in made.values()] == ["stock", "new"]
    new = made["2022-04-28"]
    with pytest.raises(Refused) as refused:
        services.remove_structure(new, on=now.date(), actor=street, now=now)
    assert "after" in refused.value.fields
    with pytest.raises(Refused) as refused:
        services.remove_structure(
            new, on=now.date(), lead=cast.organisation("police"), after=picture(), actor=street, now=now
        )
    assert refused.value.code == "lead" and "JJ-3.1.2-4" in refused.value.clauses
    new = services.remove_structure(new, on=now.date(), after=picture(), actor=street, now=now)
    assert (new.lead.role, new.removed_on) == ("street_office", now.date())
    assert [(one.title, one.whole, one.removed, one.rate) for one in figures.structures(cast.county.path)] == [
        ("新增", 1, 1, "100.0%"), ("存量", 1, 0, "0.0%"),
    ]  # fmt: skip


@pytest.mark.clause("JJ-3.1.2-3", "JJ-3.1.2-4", "JJ-A3-2.1-2", "JJ-A3-2.7-2")
def test_jj_hc_59_what_the_community_could_not_stop_is_new_in_the_book_and_the_city_managers_case():
    cast = city("jiujiang", "2022-05-05")
    community = cast.actor("community_station")
    case = reported(cast, to="community_station", extent="initial")
    case = cases.report_in(case, actor=community, now=cast.now)
    case = cases.stop_on_site(case, method="现场制止", effective=False, actor=community, now=cast.now)
    assert case.lead_role == "urban_management"
    with pytest.raises(Refused) as refused:
        cases.file_penalty(
            cases.report_in(case, actor=at(cast, "urban_management"), now=cast.now), number="1号",
            actor=at(cast, "urban_management"), now=cast.now,
        )  # fmt: skip
    assert refused.value.code == "finding_first"
    row = Structure.objects.get(case=case)
    assert (row.era, row.lead.role) == ("new", "street_office")
    assert [(one.whole, one.removed) for one in figures.structures(cast.county.path)] == [(1, 0), (0, 0)]
    with pytest.raises(Refused):
        services.remove_structure(
            row, on=cast.now.date(), after=picture(), actor=cast.actor("street_office"), now=cast.now
        )
    row = services.measure_structure(
        row, area_m2=Decimal("8"), before=picture(), actor=cast.actor("street_office"), now=cast.now
    )
    assert services.remove_structure(
        row, on=cast.now.date(), after=picture(), actor=cast.actor("street_office"), now=cast.now
    ).removed_on


@pytest.mark.clause("ZJG-2.3.2c")
def test_a_let_home_is_in_the_book_the_police_look_and_what_they_find_stands_beside():
    cast = city("zhangjiagang", "2023-05-08")
    (unit,) = owners(cast.estate, 1)
    row = services.tell_tenancy(
        unit, tenant_name="马租客", tenant_phone="13900001234", people=12, from_on=day("2023-05-01"),
        actor=company(cast), now=cast.now,
    )  # fmt: skip
    assert row.tenant.masked_name != "马租客"
    police = at(cast, "police")
    from gongzhi.cases.enforcement.queries.rentals import rentals_for, reveal_tenant

    assert list(rentals_for(police, estate=cast.estate, on=cast.now.date())) == [row]
    assert reveal_tenant(row, reason="核查群租", actor=police, now=cast.now) == "马租客"
    for role in ("community_station", "urban_management"):
        with pytest.raises(Refused) as refused:
            reveal_tenant(row, reason="想看看是谁", actor=at(cast, role), now=cast.now)
        assert refused.value.status == 403
    case = services.report_tenancy(row, text="一户住了十二人", actor=company(cast), now=cast.now)
    assert case.route_lead == "police" and case.matter == "group_rental"
    assert Event.objects.get(kind="tenancy.reported").actor_role == "project_manager"
    with pytest.raises(Refused, match=f"{case.number}还在办"):
        services.report_tenancy(row, text="又报一次", actor=company(cast), now=cast.now)
    case = cases.claim_case(case, actor=police, now=cast.now)
    if case.state == "assigned":
        case = cases.report_in(case, actor=police, now=cast.now)
    cases.handle(case, result="责令清退，罚款", outcome="penalised", actor=police, now=cast.now)
    row.refresh_from_db()
    assert (row.finding, row.finding_note) == ("unlawful", "责令清退，罚款")
    with pytest.raises(Refused):
        services.find_tenancy(row, finding="lawful", note="没有", actor=company(cast), now=cast.now)
    with pytest.raises(Refused):
        services.tell_tenancy(unit, tenant_name="", from_on=day("2023-05-02"), actor=company(cast), now=cast.now)


@pytest.mark.clause("ZJG-2.3.9b")
@pytest.mark.parametrize(
    ("approved", "relaxed", "paper", "answer"),
    [(False, False, False, "refused"), (True, False, False, "allowed"), (False, True, True, "allowed")],
)
def test_a_home_is_a_place_of_business_with_approval_or_where_the_rules_are_relaxed(approved, relaxed, paper, answer):
    cast = city("zhangjiagang", "2023-05-08")
    (unit,) = owners(cast.estate, 1)
    row = services.review_premises(
        unit, kind="residence", approved=approved, relaxed=relaxed, paper=picture() if paper else None,
        actor=at(cast, "market_regulation"), now=cast.now,
    )  # fmt: skip
    assert row.answer == answer and "ZJG-2.3.9b" in row.basis["clauses"]
    assert row.get_answer_display() == {"refused": "依法不予核准登记", "allowed": "可以登记"}[answer]


@pytest.mark.clause("ZJG-2.3.9b")
def test_relaxed_rules_need_their_paper():
    cast = city("zhangjiagang", "2023-05-08")
    (unit,) = owners(cast.estate, 1)
    with pytest.raises(Refused) as refused:
        services.review_premises(
            unit, kind="garage", approved=False, relaxed=True, actor=at(cast, "market_regulation"), now=cast.now
        )
    assert "paper" in refused.value.fields


@pytest.mark.clause("JY-2.4.9-3")
def test_two_duties_unmet_by_the_company_are_the_city_managers_and_both_stand_in_its_file():
    cast = city("jiangyin", "2024-06-03")
    for matter in ("sanitation_duty_unmet", "waste_collection_unmet"):
        complaint = cases.receive_complaint(
            channel="found", estate=cast.estate, text="未履行责任", location="", received_at=cast.now,
            matters=[cases.MatterInput(matter=matter, title="")], actor=cast.actor("street_office"), now=cast.now,
        )  # fmt: skip
        assert complaint.cases.get().route_lead == "urban_management"
    kept = cast.organisation("property_company").cases_about.all()
    assert {one.case.matter for one in kept} == {"sanitation_duty_unmet", "waste_collection_unmet"}


def test_who_is_not_of_the_place_enters_no_structure():
    cast = city("jiujiang", "2022-05-05")
    with pytest.raises(Refused):
        services.enter_structure(
            cast.estate, location="楼顶", begun_on=day("2022-05-01"), actor=cast.actor("street_office@2"), now=cast.now
        )
    assert core.may(SYSTEM, "structures.keep", cast.estate)
