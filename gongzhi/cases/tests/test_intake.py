"""Receiving: three channels, each with its own fields; one number; nothing lost, nothing doubled."""

import pytest

from gongzhi.cases import queries, services
from gongzhi.cases.forms_public import estate_label, matching_estates
from gongzhi.cases.models import Case, Complaint
from gongzhi.cases.tests.steps import CALLER, at, submit, submitted
from gongzhi.core.actors import Actor
from gongzhi.core.days import local_day
from gongzhi.core.errors import Refused
from gongzhi.core.models import OutboxMessage
from gongzhi.core.tests.threads import at_once
from gongzhi.duties.models import Duty
from gongzhi.registry import services as registry
from gongzhi.registry.models import Project
from gongzhi.registry.services import division

PHONE = {"channel": "phone"}
OTHER = services.ComplainantInput(name="吴某", phone="13812345699", address="3幢")


@pytest.mark.clause("JJ-A7-2.2-1")
@pytest.mark.parametrize(
    ("caller", "field"),
    [
        (services.ComplainantInput(phone="13812345678", address="2幢"), "caller_name"),
        (services.ComplainantInput(name="陈建国", address="2幢"), "caller_phone"),
        (services.ComplainantInput(name="陈建国", phone="13812345678"), "caller_address"),
    ],
)
def test_a_phone_complaint_lacking_one_of_its_fields_is_refused_beside_the_field(cast, caller, field):
    with pytest.raises(Refused) as refused:
        submit(cast, "noise", complainant=caller, **PHONE)
    assert field in refused.value.fields
    assert "JJ-A7-2.2-1" in refused.value.clauses
    assert not Complaint.objects.exists()


@pytest.mark.clause("JJ-A7-2.2-1")
def test_a_caller_may_stay_anonymous_when_the_reason_is_written_down(cast):
    with pytest.raises(Refused) as refused:
        submit(cast, "noise", complainant=None, **PHONE)
    assert "anonymous_reason" in refused.value.fields
    complaint = submit(cast, "noise", complainant=None, anonymous_reason="担心邻里关系", **PHONE)
    assert complaint.anonymous
    assert complaint.complainant is None


@pytest.mark.clause("JJ-A7-2.2-1")
def test_what_is_answered_on_the_phone_is_closed_at_once_with_the_answer(cast):
    case = submitted(cast, "noise", answered_on_spot="已告知作息时间规定。", **PHONE)
    assert case.state == "closed"
    assert (case.on_spot, case.answer_text, case.answered_late) == (True, "已告知作息时间规定。", False)


@pytest.mark.clause("JJ-A7-2.2-1")
def test_what_is_answered_on_the_phone_leaves_nobody_to_be_designated(cast):
    submitted(cast, "noise", answered_on_spot="已告知作息时间规定。", **PHONE)
    open_case = submitted(cast, "noise", complainant=OTHER, **PHONE)
    duties = Duty.objects.filter(rule="designate_unit_jointly", subject_kind="case", closed_at=None)
    assert list(duties.values_list("subject_id", flat=True)) == [str(open_case.pk)]


@pytest.mark.clause("JJ-A7-2.3-1")
def test_a_visit_without_the_signed_register_makes_no_case(cast):
    with pytest.raises(Refused) as refused:
        submit(cast, "noise", channel="visit", visitors=2)
    assert "signed_register" in refused.value.fields
    with pytest.raises(Refused) as refused:
        submit(cast, "noise", channel="visit", signed_register=True)
    assert "visitors" in refused.value.fields
    assert submit(cast, "noise", channel="visit", signed_register=True, visitors=2).visitors == 2


@pytest.mark.clause("JJ-A7-2.3-2")
def test_a_visit_is_closed_on_the_spot_only_when_the_visitor_confirms(cast):
    visit = {"channel": "visit", "signed_register": True, "visitors": 1, "answered_on_spot": "已当面解释。"}
    with pytest.raises(Refused) as refused:
        submit(cast, "noise", **visit)
    assert "visitor_confirmed" in refused.value.fields
    assert submitted(cast, "noise", visitor_confirmed=True, **visit).state == "closed"
    submit(cast, "noise", channel="visit", signed_register=True, visitors=3)
    day = at(5, 5).date()
    assert queries.on_spot_rate(cast.county.path, received_from=day, received_to=day) == (1, 2)


@pytest.mark.clause("JJ-A7-2.3-3")
def test_a_tagged_visit_waits_for_the_superiors_signature(cast):
    case = submitted(
        cast, "noise", channel="visit", signed_register=True, visitors=9, tags=["prominent"],
    )  # fmt: skip
    street, office = cast.actor("street_office"), cast.actor("leading_group_office")
    assert case.state == "awaiting_sign"
    with pytest.raises(Refused):
        services.assign_case(case, actor=street, now=at(5, 5))
    case = services.report_up(case, reason="群众集中反映", actor=street, now=at(5, 6))
    assert case.state == "awaiting_sign"
    with pytest.raises(Refused):
        services.sign_report(case, actor=street, now=at(5, 6))
    case = services.sign_report(case, actor=office, now=at(5, 7))
    report = case.reports.get()
    assert (report.signed_at, report.signed_label) == (at(5, 7), office.label)
    assert case.desk == cast.organisation("leading_group_office")


@pytest.mark.clause("JJ-A7-2.2-2")
def test_levels_are_not_skipped_when_reporting_upwards(cast):
    case = submitted(cast, "noise", actor=cast.actor("community_station"), **PHONE)
    with pytest.raises(Refused) as refused:
        services.report_up(
            case, to="leading_group_office", reason="处理不了", actor=cast.actor("community_station"), now=at(5, 5)
        )
    assert refused.value.code == "one_level"
    case = services.report_up(case, reason="处理不了", actor=cast.actor("community_station"), now=at(5, 5))
    assert case.reports.get().to_organisation == cast.organisation("street_office")


@pytest.mark.clause("JJ-A7-2.1-1", "JJ-4.2.17-1")
def test_a_web_complaint_waits_at_the_hotlines_desk_with_the_routed_unit_proposed(cast):
    case = submitted(cast, "price_violation")
    assert (case.state, case.desk) == ("pending", cast.organisation("hotline_desk"))
    assert case.route_lead == "market_regulation"
    case = services.assign_case(case, actor=cast.actor("hotline_desk"), now=at(5, 5))
    order = case.number
    from gongzhi.core.models import Document

    document = Document.objects.get(instrument="work_order")
    assert "〔2022〕1号" in document.number
    assert "5月20日24:00" in "".join(document.data["paragraphs"])
    assert order


@pytest.mark.clause("JJ-A3-2.0-1")
def test_a_department_that_receives_its_own_matter_keeps_it_and_the_clock_runs(cast):
    case = submitted(cast, "fire_lane", actor=cast.actor("fire_rescue"), **PHONE)
    assert (case.state, case.lead) == ("handling", cast.organisation("fire_rescue"))
    assert case.answer_due_at == at(5, 21, 0)


def test_what_a_department_receives_and_does_not_lead_goes_to_the_hotlines_desk(cast):
    case = submitted(cast, "fire_lane", actor=cast.actor("market_regulation"), **PHONE)
    assert (case.state, case.desk) == ("pending", cast.organisation("hotline_desk"))


@pytest.mark.clause("JJ-A5-3.2-1")
def test_a_steward_submits_for_an_owner_and_both_are_told(cast):
    complaint = submit(cast, "noise", actor=cast.actor("building_steward"), on_behalf=cast.user("building_steward"))
    assert complaint.steward == cast.user("building_steward")
    told = OutboxMessage.objects.filter(template="case.opened")
    assert set(told.values_list("to_user__username", "to_person__masked_name")) == {
        ("building_steward", None),
        (None, "陈**"),
    }


def test_the_complainant_is_told_at_each_step_and_no_clerk_is_named(cast):
    case = submitted(cast, "price_violation")
    services.assign_case(case, actor=cast.actor("hotline_desk"), now=at(5, 5))
    services.report_in(case, actor=cast.actor("market_regulation"), now=at(5, 5))
    texts = list(OutboxMessage.objects.filter(to_user=cast.user("owner")).values_list("text", flat=True))
    assert len(texts) == 3
    names = [user.display_name for role, user in cast.users.items() if role != "owner"]
    assert not any(name in text for text in texts for name in names)


@pytest.mark.clause("JJ-A3-3.1-3")
def test_an_owner_tracks_by_number_and_phone_tail_and_by_nothing_else(cast):
    complaint = submit(cast, "price_violation")
    assert queries.tracked(complaint.number, "5678") == complaint
    assert queries.tracked(complaint.number.lower(), "5678") == complaint
    assert queries.tracked(complaint.number, "5679") is None
    assert queries.tracked(complaint.number, "") is None
    assert queries.tracked("JJ-2022-T99999", "5678") is None


def test_an_anonymous_citizen_tracks_with_the_code_shown_once(cast):
    complaint = submit(cast, "price_violation", complainant=None, actor=Actor.public())
    assert queries.tracked(complaint.number, complaint.access_code) == complaint
    assert complaint.access_code not in complaint.lookup_hash


def test_a_second_click_gives_the_first_complaint(cast):
    first = submit(cast, "noise", key="form-1")
    second = submit(cast, "noise", key="form-1")
    assert first == second
    assert Case.objects.count() == 1


def test_the_hotlines_number_twice_gives_one_complaint(cast):
    desk = {"channel": "hotline", "actor": cast.actor("hotline_desk"), "extra": {"hotline_number": "HL20220505-0117"}}
    assert submit(cast, "noise", **desk) == submit(cast, "noise", **desk)
    assert Complaint.objects.count() == 1


def test_a_clerk_of_another_street_may_not_register_here(cast):
    with pytest.raises(Refused) as refused:
        submit(cast, "noise", actor=cast.actor("street_office@2"), **PHONE)
    assert refused.value.code == "forbidden"


def test_empty_text_and_no_matter_are_named_beside_their_fields(cast):
    with pytest.raises(Refused) as refused:
        submit(cast, text="  ")
    assert set(refused.value.fields) == {"text", "matters"}


@pytest.mark.clause("JJ-5.3-1")
def test_numbers_run_without_gaps_within_a_year(cast):
    numbers = [submit(cast, "noise").number for _ in range(3)]
    assert numbers == ["JJ-2022-T00001", "JJ-2022-T00002", "JJ-2022-T00003"]
    assert list(Case.objects.order_by("id").values_list("number", flat=True)) == [
        f"JJ-2022-0000{number}" for number in (1, 2, 3)
    ]


def test_two_clerks_at_the_same_time_hand_a_case_out_once(committed):
    from gongzhi.core.tests.cast import build

    cast = build()
    case = submitted(cast, "price_violation", complainant=CALLER)
    roles = ("hotline_desk", "street_office")
    results = at_once(lambda number: services.assign_case(case, actor=cast.actor(roles[number]), now=at(5, 5)), times=2)
    refused = [one for one in results if isinstance(one, Refused)]
    assert len(refused) == 1
    assert refused[0].code == "state"
    assert case.entries.filter(kind="assigned").count() == 1


@pytest.mark.parametrize("received_at", [at(5, 5, 9, 6), at(5, 5).replace(year=2021, day=3)])
def test_a_slip_in_the_moment_of_receipt_is_refused_beside_the_field(cast, received_at):
    with pytest.raises(Refused) as refused:
        submit(cast, "illegal_structure", received_at=received_at, now=at(5, 5))
    assert "received_at" in refused.value.fields
    assert not Complaint.objects.exists()


def test_a_complaint_of_exactly_a_leap_year_ago_is_still_registered(cast):
    received_at = at(5, 5).replace(year=2021, day=4)
    assert submit(cast, "illegal_structure", received_at=received_at, now=at(5, 5)).received_at == received_at


def test_what_is_registered_late_counts_for_what_came_after_it(cast):
    def by_phone(now, **given):
        return submit(cast, "fire_lane", channel="phone", now=now, **given).cases.get()

    first, second, third = by_phone(at(4, 1)), by_phone(at(4, 20)), by_phone(at(5, 5))
    times = lambda *cases: [Case.objects.get(pk=one.pk).repeats for one in cases]  # noqa: E731
    assert times(first, second, third) == [1, 2, 2]
    late = by_phone(at(5, 6), received_at=at(4, 10))
    assert times(first, late, second, third) == [1, 2, 3, 3]


def test_by_a_former_name_the_area_is_meant_that_it_is_part_of_now(cast, monkeypatch):
    monkeypatch.setattr(division, "_agreed", lambda *_, **__: None)
    into, former = cast.estate_unknown, cast.estate
    assert matching_estates(former.name) == [former]
    Project.objects.filter(estate=former).delete()
    today = local_day(cast.now)
    registry.merge_estates(into, others=[former], from_on=today, actor=Actor.system(), now=cast.now)
    assert matching_estates(former.name) == matching_estates(estate_label(former)) == [into]
    assert matching_estates(former.name[:2]) == matching_estates(former.name, chosen=into.pk) == [into]
