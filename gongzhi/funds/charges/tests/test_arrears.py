"""Arrears: demand and its period, the owner's opinion, who helps, where it goes, clearance, hand-over, rates."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from gongzhi.core.actors import Actor
from gongzhi.core.models import Event, OutboxMessage, User
from gongzhi.core.tests.cast import build
from gongzhi.duties.models import Duty
from gongzhi.funds.charges import services as charges
from gongzhi.funds.charges.models import ArrearsHelp, Bill, Settlement
from gongzhi.funds.charges.queries import accounts as found_by
from gongzhi.funds.charges.queries import advance_of
from gongzhi.funds.charges.queries import arrears as reading
from gongzhi.funds.charges.queries.accounts import helps_for, may_read_units
from gongzhi.funds.charges.tests.charged import bill, manager, owned, pay, project_of, tariff, terms
from gongzhi.funds.maintenance.tests.fund import committee, day, file, units
from gongzhi.funds.maintenance.tests.test_deposits import COUNTY, refuses
from gongzhi.funds.payments import services as payments
from gongzhi.governance.bodies import services as bodies
from gongzhi.governance.bodies.queries.bodies import body_on
from gongzhi.governance.bodies.services.common import PersonInput, SeatInput
from gongzhi.governance.bodies.tests.steps import representatives
from gongzhi.registry.models import Ownership, Project
from gongzhi.registry.queries.known import fact
from gongzhi.registry.services.facts import set_fact
from gongzhi.registry.services.units import record_unit_fact

APRIL_30, MAY_1, MAY_31 = date(2023, 4, 30), date(2023, 5, 1), date(2023, 5, 31)


@pytest.fixture
def cast(request, db):
    pack, moment = getattr(request, "param", ("meixian", "2023-04-03"))
    return build(day(moment), county=COUNTY[pack], pack=pack)


def in_city(pack, moment="2023-04-03"):
    return pytest.mark.parametrize("cast", [(pack, moment)], indirect=True)


def at(cast, on):
    cast.now = day(str(on))
    return cast


def owing(cast, unit, on, ownership=None):
    return reading.debtor(project_of(cast), unit, ownership, on=date.fromisoformat(str(on)))


def demanded(cast, unit, how="letter", ownership=None):
    found = owing(cast, unit, cast.now.date(), ownership)
    return charges.demand(found, project=project_of(cast), how=how, actor=manager(cast), now=cast.now)


def recourse(cast, unit, kind="suit"):
    found = owing(cast, unit, cast.now.date())
    return charges.take_recourse(
        found, project=project_of(cast), kind=kind, number="", actor=manager(cast), now=cast.now
    )


@pytest.mark.clause("MX-3.5.2-2", "MX-3.5.2-5")
def test_within_the_thirty_days_of_a_demand_nobody_sues_and_on_the_next_day_one_may(cast):
    (unit,) = units(cast, "100")
    bill(cast, unit, "300", due=APRIL_30)
    at(cast, MAY_1)
    refuses("check_failed", lambda: recourse(cast, unit))
    row = demanded(cast, unit)
    assert row.until == MAY_31 and not row.over(MAY_31)
    at(cast, MAY_31)
    assert "MX-3.5.2-5" in refuses("check_failed", lambda: recourse(cast, unit)).clauses
    at(cast, "2023-06-01")
    taken, hints = recourse(cast, unit)
    assert taken.amount_fen == 30_000 and hints == []
    refuses("recourse_open", lambda: recourse(cast, unit, "arbitration"))


@pytest.mark.clause("MX-3.5.2-5", "MX-3.5.2-3")
def test_an_open_reasonable_opinion_is_a_hint_before_a_suit_and_not_a_bar(cast):
    (unit,) = units(cast, "100")
    bill(cast, unit, "300", due=APRIL_30)
    at(cast, MAY_1)
    demanded(cast, unit)
    opinion = heard(cast, unit)
    charges.judge(opinion, reasonable=True, reply="", version=None, actor=manager(cast), now=cast.now)
    at(cast, "2023-06-01")
    _, hints = recourse(cast, unit)
    assert len(hints) == 1 and "合理意见" in hints[0]


def heard(cast, unit):
    return charges.hear(
        unit, project=project_of(cast), ownership=None, text="电梯常坏", actor=manager(cast), now=cast.now
    )


@pytest.mark.clause("MX-3.5.2-3")
def test_a_reasonable_opinion_is_put_right_by_the_seventh_day_and_an_unreasonable_one_is_answered(cast, sign_in):
    one, two = units(cast, "100", "100")
    at(cast, "2023-05-10")
    first, second = heard(cast, one), heard(cast, two)
    assert [row.state for row in Duty.objects.filter(rule="judge_opinion")] == ["open", "open"], "somebody is told"
    judge = lambda row, yes, reply="": charges.judge(  # noqa: E731
        row, reasonable=yes, reply=reply, version=None, actor=manager(cast), now=cast.now
    )
    refuses("reply_missing", lambda: judge(second, False))
    assert judge(second, False, "已按合同服务").state == "unreasonable"
    row = judge(first, True)
    assert not Duty.objects.filter(rule="judge_opinion", closed_at=None).exists()
    assert row.resolve_until == date(2023, 5, 17)
    assert not row.resolved_late(date(2023, 5, 17)) and row.resolved_late(date(2023, 5, 18))
    duty = Duty.objects.get(rule="resolve_opinion")
    assert duty.due_at == day("2023-05-18", 0)
    url = reverse("funds:charges_unit", args=[project_of(cast).pk, one.pk])
    assert "<strong>超时</strong>" in sign_in("project_manager").get(url).content.decode(), "long after"
    at(cast, "2023-05-17")
    refuses("measures_missing", lambda: charges.resolve(
        row, measures="", version=None, actor=manager(cast), now=cast.now
    ))  # fmt: skip
    charges.resolve(row, measures="更换门机", version=None, actor=manager(cast), now=cast.now)
    duty.refresh_from_db()
    assert duty.state == "fulfilled"


@pytest.mark.clause("MX-3.5.2-4")
def test_of_three_debtors_the_one_with_an_open_opinion_is_not_urged(cast):
    committee(cast)
    made = units(cast, "100", "100", "100")
    for unit in made:
        bill(cast, unit, "300", due=APRIL_30)
    at(cast, MAY_1)
    for unit in made:
        demanded(cast, unit)
    opinion = heard(cast, made[0])
    charges.judge(opinion, reasonable=True, reply="", version=None, actor=manager(cast), now=cast.now)
    at(cast, MAY_31)
    charges.note_periods_over(now=cast.now)
    assert not ArrearsHelp.objects.exists()
    at(cast, "2023-06-01")
    charges.note_periods_over(now=cast.now)
    charges.note_periods_over(now=cast.now)
    rows = ArrearsHelp.objects.all()
    assert {one.unit_id for one in rows} == {made[1].pk, made[2].pk}
    assert {one.role for one in rows} == {"owners_committee"}
    assert Duty.objects.filter(rule="urge_payment").count() == 2


@pytest.mark.clause("MX-3.5.2-4")
def test_without_a_committee_the_management_committee_is_asked(cast):
    committee(cast, "management_committee")
    (unit,) = units(cast, "100")
    bill(cast, unit, "300", due=APRIL_30)
    at(cast, MAY_1)
    demanded(cast, unit)
    at(cast, "2023-06-01")
    charges.note_periods_over(now=cast.now)
    assert ArrearsHelp.objects.get().role == "management_committee"


@in_city("jinhua")
@pytest.mark.clause("JH-4.11b")
def test_after_sixty_days_the_committee_is_asked_and_paying_closes_it_by_itself(cast):
    (unit,) = units(cast, "100")
    owed = bill(cast, unit, "300", due=APRIL_30)
    at(cast, APRIL_30 + timedelta(days=60))
    charges.note_periods_over(now=cast.now)
    nobody = refuses("no_committee", lambda: charges.ask_help(
        owing(cast, unit, str(cast.now.date())), project=project_of(cast), kind="committee", actor=manager(cast),
        now=cast.now,
    ))  # fmt: skip
    assert "没有人接手" in nobody.message and not ArrearsHelp.objects.exists(), "there is nobody to ask"
    committee(cast)
    at(cast, APRIL_30 + timedelta(days=59))
    charges.note_periods_over(now=cast.now)
    assert not ArrearsHelp.objects.exists()
    at(cast, APRIL_30 + timedelta(days=60))
    charges.note_periods_over(now=cast.now)
    row = ArrearsHelp.objects.get()
    duty = Duty.objects.get(rule="help_collect")
    refuses("forbidden", lambda: charges.report_help(
        row, result="已上门", version=None, actor=cast.actor("housing"), now=cast.now
    ))  # fmt: skip
    pay(cast, [owed], "300")
    row.refresh_from_db()
    duty.refresh_from_db()
    assert row.closed_on == cast.now.date() and duty.state == "fulfilled"


@in_city("jinhua")
@pytest.mark.clause("JH-4.11d")
def test_a_clue_needs_judgment_refusal_and_malice_and_is_withdrawn_with_a_trace(cast):
    (unit,) = units(cast, "100")
    bill(cast, unit, "300", due=APRIL_30)
    at(cast, MAY_1)
    demanded(cast, unit)
    at(cast, "2023-06-01")
    row, _ = recourse(cast, unit)
    at(cast, "2023-12-01")
    note = lambda **days: charges.note_recourse(  # noqa: E731
        row, judgment="判令支付", closed_on=None, version=None, actor=manager(cast), now=cast.now,
        **{"judged_on": None, "refused_on": None, "malicious_on": None, **days},
    )  # fmt: skip
    clue = lambda: charges.hand_clue(row, version=None, actor=manager(cast), now=cast.now)  # noqa: E731
    on = cast.now.date()
    for days in ({}, {"judged_on": on}, {"judged_on": on, "refused_on": on}, {"judged_on": on, "malicious_on": on}):
        note(**days)
        assert "JH-4.11d" in refuses("check_failed", clue).clauses
    note(judged_on=on, refused_on=on, malicious_on=on)
    assert clue().clue_on == on
    done = charges.answer_clue(
        row, result="已履行，撤销", withdraw=True, version=None, actor=manager(cast), now=cast.now
    )
    assert done.clue_on == on and done.withdrawn_on == on
    assert [one.kind for one in Event.objects.filter(kind__startswith="fee.clue").order_by("pk")] == [
        "fee.clue_handed", "fee.clue_withdrawn",
    ]  # fmt: skip


def steward_of(cast, name, phone, building):
    """Seats the steward of a building; an actor with his phone number."""
    stewards = body_on(cast.estate, "building_stewards", cast.now.date()) or bodies.register_body(
        kind="building_stewards", place=cast.estate.place, estate=cast.estate, formed_on=cast.now.date(),
        actor=cast.actor("street_office"), now=cast.now,
    )  # fmt: skip
    bodies.fill_seat(
        stewards, from_on=cast.now.date(),
        given=SeatInput(
            person=PersonInput(name, phone), building=building,
            chosen_at=representatives(cast, cast.now.date().isoformat(), start=building.pk * 1000),
        ),
        actor=cast.actor("street_office"), now=cast.now,
    )  # fmt: skip
    user = User(username=phone)
    user.set_phone(phone)
    return Actor(user, None, "building_steward", cast.estate.place_path, name)


@in_city("jiujiang", "2022-05-05")
@pytest.mark.clause("JJ-A5-3.1-2", "JJ-4.1.14-3")
def test_a_steward_is_sent_after_twelve_months_two_letters_and_the_communitys_word(cast):
    (unit,) = units(cast, "100")
    bill(cast, unit, "300", due=date(2022, 5, 31))
    ask = lambda: charges.ask_help(  # noqa: E731
        owing(cast, unit, cast.now.date()), project=project_of(cast), kind="steward", actor=manager(cast), now=cast.now
    )
    found = {"name": "willful_arrears", "value": True, "from_on": cast.now.date(), "now": cast.now}
    refuses("forbidden", lambda: record_unit_fact(unit, actor=manager(cast), **found))
    record_unit_fact(unit, actor=cast.actor("community_station"), **found)
    at(cast, "2022-06-10")
    demanded(cast, unit)
    at(cast, "2023-05-30")
    demanded(cast, unit)
    assert "JJ-A5-3.1-2" in refuses("check_failed", ask).clauses
    at(cast, "2023-05-31")
    record_unit_fact(unit, actor=cast.actor("community_station"), **found | {"value": False})
    refuses("check_failed", ask)
    record_unit_fact(unit, actor=cast.actor("community_station"), **found)
    opinion = heard(cast, unit)
    charges.judge(opinion, reasonable=True, reply="", version=None, actor=manager(cast), now=cast.now)
    assert "没有回应" in refuses("check_failed", ask).message, "whoever is right to complain has answered"
    charges.resolve(opinion, measures="已修好", version=None, actor=manager(cast), now=cast.now)
    asked = ask()
    assert asked.role == "building_steward"
    steward_of(cast, "李楼长", "13900000031", unit.building)
    other = steward_of(cast, "王楼长", "13900000032", cast.estate.buildings.exclude(pk=unit.building_id).get())
    report = {"result": "上门，约定月底缴", "version": asked.version, "now": cast.now}
    own = cast.actor("building_steward")
    assert list(helps_for(own, on=cast.now.date())) == []  # his account has no number yet that names him
    assert list(helps_for(other, on=cast.now.date())) == []
    refuses("other_building", lambda: charges.report_help(asked, actor=other, **report))
    own.user.set_phone("13900000031")
    own.user.save()
    assert list(helps_for(own, on=cast.now.date())) == [asked]
    assert charges.report_help(asked, actor=own, **report).result == "上门，约定月底缴"
    opinion = heard(cast, unit)
    charges.confirm_reason(opinion, version=None, actor=cast.actor("community_station"), now=cast.now)
    assert reading.refused_to_pay(project_of(cast), cast.now.date()) == []
    assert len(reading.debtors(project_of(cast), cast.now.date())) == 1


@pytest.mark.clause("JH-4.11e", "ZJG-6.3.3b")
@pytest.mark.parametrize("cast", [("jinhua", "2023-04-03"), ("zhangjiagang", "2023-04-03")], indirect=True)
def test_a_clearance_is_given_at_nothing_owed_refused_at_a_fen_and_lists_it(cast):
    (unit,) = units(cast, "100")
    clear = lambda: charges.issue_clearance(  # noqa: E731
        unit, project=project_of(cast), ownership=None, actor=manager(cast), now=cast.now
    )
    first = clear()
    assert (first.valid_until - first.issued_on).days in range(30, 38) and first.number.startswith("2023-")
    assert first.answer["clauses"], "what it rests on is kept with it"
    assert charges.clearance_pdf(first, now=cast.now).startswith(b"%PDF")
    assert first.by == manager(cast).user
    owed = bill(cast, unit, "300.00", due=APRIL_30)
    pay(cast, [owed], "299.99")
    caught = refuses("not_cleared", clear)
    assert "0.01" in caught.message and owed.number in caught.message and caught.clauses
    pay(cast, [owed], "0.01", key="k2")
    assert clear().number != first.number


@in_city("jinhua")
@pytest.mark.clause("JH-4.11e")
def test_jh_hc_13_what_was_paid_in_advance_is_used_first_and_a_disputed_debt_is_a_debt(cast):
    one, two = units(cast, "100", "100")
    project = project_of(cast)
    clear = lambda unit: charges.issue_clearance(  # noqa: E731
        unit, project=project, ownership=None, actor=manager(cast), now=cast.now
    )
    charges.settle(
        [], unit=one, project=project, amount_fen=30_000, channel="cash", key="advance", on=cast.now.date(),
        actor=manager(cast), now=cast.now,
    )  # fmt: skip
    bill(cast, one, "120.00", due=APRIL_30)
    assert clear(one).number
    assert advance_of(one, None, project) == 18_000
    owed = bill(cast, two, "500.00", due=APRIL_30)
    charges.hear(two, project=project, ownership=None, text="有争议，正在调解", actor=manager(cast), now=cast.now)
    assert "500.00" in refuses("not_cleared", lambda: clear(two)).message
    pay(cast, [owed], "500.00")
    assert clear(two).number


@in_city("jinhua")
@pytest.mark.clause("JH-4.11e")
def test_jh_hc_13_this_months_charge_is_owed_though_no_run_billed_it_yet(cast):
    one, two = units(cast, "100", "100")
    project, today = project_of(cast), cast.now.date()
    terms(cast)
    tariff(cast, "1.20")
    charges.settle(
        [], unit=one, project=project, amount_fen=30_000, channel="cash", key="advance", on=today,
        actor=manager(cast), now=cast.now,
    )  # fmt: skip
    titles = {unit: owned(unit, name, since=date(2021, 1, 1), cast=cast) for unit, name in ((one, "甲"), (two, "乙"))}
    Settlement.objects.filter(unit=one).update(ownership=titles[one])
    clear = lambda unit: charges.issue_clearance(  # noqa: E731
        unit, project=project, ownership=titles[unit], actor=manager(cast), now=cast.now
    )
    assert clear(one).number
    assert advance_of(one, titles[one], project) == 18_000
    refused = refuses("not_cleared", lambda: clear(two))
    assert "还没有出账的120.00元" in refused.message and "先出本月的账单" in refused.message
    assert not Bill.objects.filter(unit=two).exists(), "refusing bills nothing"
    (made,) = charges.bill_until_now(two, project=project, actor=manager(cast), now=cast.now)
    pay(cast, [made], "120.00")
    assert clear(two).number


@pytest.mark.clause("ZJG-6.3.3b", "MX-3.5.2-7")
@pytest.mark.parametrize("cast", [("zhangjiagang", "2023-04-03"), ("meixian", "2023-04-03")], indirect=True)
def test_after_a_transfer_the_old_owners_debt_stays_with_him_and_nothing_blocks_the_register(cast):
    """MX-HC-14, home 丙."""
    (unit,) = units(cast, "100")
    before = owned(unit, "陈建国", since=date(2021, 1, 1), cast=cast)
    owed = bill(cast, unit, "1500", due=APRIL_30)
    assert owed.ownership == before
    Ownership.objects.filter(pk=before.pk).update(to_on=date(2023, 5, 9))
    after = owned(unit, "新业主", since=date(2023, 5, 10), cast=cast)
    at(cast, "2023-06-01")
    assert [one.ownership for one in reading.debtors(project_of(cast), cast.now.date())] == [before]
    assert sum(one.open_fen for one in reading.owed_by(unit, before)) == 150_000
    assert charges.issue_clearance(
        unit, project=project_of(cast), ownership=after, actor=manager(cast), now=cast.now
    ).ownership == after  # fmt: skip


@in_city("zhangjiagang")
@pytest.mark.clause("ZJG-3.2.2-3a")
def test_on_the_last_day_in_full_is_in_time_a_fen_less_is_not_and_a_day_later_is_a_day_late(cast):
    due = date(2023, 6, 30)
    one, two, three = units(cast, "100", "100", "100")
    bills = [bill(cast, unit, "1200.00", due=due) for unit in (one, two, three)]
    at(cast, due)
    pay(cast, [bills[0]], "1200.00", key="a")
    pay(cast, [bills[1]], "1199.99", key="b")
    for row in bills:
        row.refresh_from_db()
    assert bills[0].settled_on == due and not bills[0].overdue(due)
    assert bills[1].open_fen == 1 and bills[1].settled_on is None
    at(cast, date(2023, 7, 1))
    assert (cast.now.date() - bills[2].due_on).days == 1 and bills[2].overdue(cast.now.date())
    found = reading.rate(reading.bills_of(cast.estate, from_on=date(2023, 6, 1), to_on=due))
    assert (found.due_fen, found.paid_fen, found.owing, found.words) == (360_000, 239_999, 2, "66.7%")


@pytest.mark.parametrize(
    ("due", "paid", "words"), [("120000", "90000", "75.0%"), ("120000", "96000", "80.0%")], ids=["75", "80"]
)
@pytest.mark.clause("JY-2.8.24-8", "MX-3.5.2-1")
def test_the_rate_is_what_was_paid_of_what_was_due_and_nothing_due_has_none(cast, due, paid, words):
    one, two = units(cast, "100", "100")
    whole = bill(cast, one, paid, due=APRIL_30)
    bill(cast, two, str(Decimal(due) - Decimal(paid)), due=APRIL_30)
    pay(cast, [whole], paid)
    month = reading.rate(reading.bills_of(cast.estate, from_on=date(2023, 4, 1), to_on=APRIL_30))
    assert month.words == words
    assert reading.rate(reading.bills_of(cast.estate, from_on=date(2023, 3, 1), to_on=date(2023, 3, 31))).words == "—"
    assert [one.unit for one in reading.debtors(project_of(cast), MAY_1)] == [two]
    april, march = found_by.by_month(project_of(cast), APRIL_30)[:2]
    assert (april.rate.words, april.change) == (words, "") and march.rate.words == "—"
    bill(cast, one, "100", due=date(2023, 5, 31), key="may")
    may = found_by.by_month(project_of(cast), date(2023, 5, 31))[0]
    assert (may.rate.words, may.change) == ("0.0%", f"降{words[:-1]}个百分点")


@in_city("jiujiang", "2022-05-05")
@pytest.mark.clause("JJ-4.1.14-4")
def test_officials_are_counted_in_sum_by_their_own_word_and_no_event_names_them(cast):
    made = units(cast, *["100"] * 3)
    user = cast.user("owner")
    for unit in made:
        owned(unit, "陈建国", since=date(2021, 1, 1), cast=cast, phone_hash=user.phone_hash)
    for number, unit in enumerate(made):
        owed = bill(cast, unit, "100", due=date(2022, 5, 31))
        if number:
            pay(cast, [owed], "100", key=f"p{number}")
    mark = lambda unit, kind, by="owner": charges.mark_self(  # noqa: E731
        unit, project=project_of(cast), kind=kind, actor=cast.actor(by), now=cast.now
    )
    for unit in made:
        mark(unit, "official")
    refuses("forbidden", lambda: mark(made[0], "official", "project_manager"))
    found = reading.rate_of_marked(cast.estate, date(2022, 6, 1))
    assert (found.units, found.owing, found.words) == (3, 1, "66.7%")
    mark(made[0], "")
    assert reading.rate_of_marked(cast.estate, date(2022, 6, 1)).words == "100.0%"
    for event in Event.objects.filter(kind="fee.payer_marked"):
        assert event.subject_kind == "estate" and "陈建国" not in event.actor_label


def test_a_demand_tells_the_owners_and_the_unit_is_in_arrears_only_after_its_period(cast):
    (unit,) = units(cast, "100")
    title = owned(unit, "陈建国", since=date(2021, 1, 1), cast=cast)
    terms(cast, late_rate=Decimal("0.0005"))
    owed = bill(cast, unit, "1000", due=APRIL_30)
    at(cast, MAY_1)
    row = demanded(cast, unit, "message", ownership=title)
    message = OutboxMessage.objects.get(template="fee_demand")
    assert "1,000.00" in message.text and row.late_fen == 50
    assert demanded(cast, unit, ownership=title).until == row.until
    charges.note_periods_over(now=day(str(MAY_31)))
    assert not fact(unit.ref, "in_arrears", MAY_31)
    at(cast, "2023-06-01")
    charges.note_periods_over(now=cast.now)
    assert fact(unit.ref, "in_arrears", cast.now.date()) is True
    pay(cast, [owed], "1016.00")
    assert fact(unit.ref, "in_arrears", cast.now.date()) is False
    assert not Bill.objects.filter(settled_on=None).exists()


def successor(cast):
    project = project_of(cast)
    Project.objects.filter(pk=project.pk).update(to_on=date(2023, 5, 31))
    return Project.objects.create(
        estate=cast.estate, company=cast.organisation("property_company@2"), from_on=date(2023, 6, 1),
        place_path=cast.estate.place_path,
    )  # fmt: skip


def test_the_old_company_hands_over_a_list_and_what_is_ceded_is_the_new_ones(cast):
    one, two = units(cast, "100", "100")
    owed = bill(cast, one, "300", due=APRIL_30)
    project = project_of(cast)
    pay(cast, [], "80", unit=two, project=project)
    give = lambda **more: charges.hand_over(  # noqa: E731
        Project.objects.get(pk=project.pk), on=cast.now.date(), actor=manager(cast), now=cast.now,
        **{"to_project": None, "kind": "kept", "agreement": None, **more},
    )  # fmt: skip
    refuses("not_ended", give)
    new = successor(cast)
    at(cast, "2023-06-01")
    refuses("agreement", lambda: give(kind="ceded", to_project=new))
    row = give(kind="ceded", to_project=new, agreement=file(cast, cast.estate))
    assert (row.units, row.owed_fen, row.advance_fen) == (1, 30_000, 8_000)
    refuses("handed_over", give)
    other = Actor(None, new.company, "property_company", cast.county.path, "新物业")
    refuses("forbidden", lambda: charges.confirm_handover(row, version=None, actor=manager(cast), now=cast.now))
    charges.confirm_handover(row, version=None, actor=other, now=cast.now)
    owed.refresh_from_db()
    assert owed.project == new and advance_of(two, None, new) == 8_000
    assert pay(cast, [owed], "300", key="k9", actor=other).project == new


@in_city("jiujiang", "2022-05-05")
@pytest.mark.clause("JJ-A10-2.3-4")
def test_custody_is_for_pilots_and_money_goes_to_the_company_by_its_assessment(cast):
    (unit,) = units(cast, "100")
    pay(cast, [], "900", unit=unit, project=project_of(cast), channel="withheld")
    give = lambda fen, text="二季度考核92分": charges.release(  # noqa: E731
        project_of(cast), from_on=date(2022, 4, 1), to_on=date(2022, 6, 30), amount_fen=fen, assessment=text,
        actor=cast.actor("street_office"), now=cast.now,
    )  # fmt: skip
    assert "JJ-A10-2.3-4" in refuses("check_failed", lambda: give(90_000)).clauses
    event = Event.objects.order_by("pk").first()
    set_fact(cast.estate.ref, "charge_custody_pilot", True, from_on=date(2022, 1, 1), event=event)
    refuses("check_failed", lambda: give(90_000, " "))
    refuses("balance", lambda: give(90_001))
    assert give(90_000) == give(90_000)
    refuses("forbidden", lambda: charges.release(
        project_of(cast), from_on=date(2022, 4, 1), to_on=date(2022, 6, 30), amount_fen=1, assessment="好",
        actor=manager(cast), now=cast.now,
    ))  # fmt: skip


@in_city("jiujiang", "2022-05-05")
@pytest.mark.clause("JJ-A10-2.3-4")
def test_the_bank_takes_charges_only_in_an_estate_that_is_marked_as_a_pilot(cast):
    (unit,) = units(cast, "100")
    sign = lambda: payments.begin_mandate(  # noqa: E731
        unit, project=project_of(cast), bank="某某银行", agreement="XY1", holder="陈建国", account="622200000001",
        from_on=cast.now.date(), actor=manager(cast), now=cast.now,
    )  # fmt: skip
    assert "JJ-A10-2.3-4" in refuses("check_failed", sign).clauses and not unit.mandates.exists()
    event = Event.objects.order_by("pk").first()
    set_fact(cast.estate.ref, "charge_custody_pilot", True, from_on=date(2022, 1, 1), event=event)
    assert sign().account_tail == "0001"


@in_city("jiujiang", "2022-12-01")
@pytest.mark.clause("JJ-A4-2.4-3")
def test_a_committee_reminds_without_seeing_whom_and_what_it_cannot_settle_goes_to_the_communitys_room(cast):
    (unit,) = units(cast, "100")
    title = owned(unit, "陈某", since=date(2020, 1, 1), cast=cast)
    bill(cast, unit, "300", due=date(2022, 12, 5))
    at(cast, "2022-12-20")
    body = committee(cast)
    acting = Actor(None, body.organisation, "owners_committee", cast.estate.place_path, "业委会")
    stranger = Actor(None, None, "owners_committee", cast.estate_outside.place_path, "别的业委会")
    refuses("forbidden", lambda: charges.remind(project_of(cast), actor=stranger, now=cast.now))
    assert charges.remind(project_of(cast), actor=acting, now=cast.now) == 1
    told = Event.objects.get(kind="fee.reminded").data
    assert (told["units"], told["amount"]) == (1, 30_000) and set(told) == {"units", "amount", "estate"}
    assert OutboxMessage.objects.filter(template="fee_reminder", to_person=title.shares.get().owner).count() == 1
    refuses("reminded", lambda: charges.remind(project_of(cast), actor=acting, now=cast.now))
    found = owing(cast, unit, "2022-12-20", title)
    asked = charges.ask_help(found, project=project_of(cast), kind="committee", actor=manager(cast), now=cast.now)
    charges.report_help(
        asked,
        result="因车位争议不肯缴",
        handed_on="社区物业矛盾纠纷调解室",
        version=asked.version,
        actor=acting,
        now=cast.now,
    )
    room = ArrearsHelp.objects.get(kind="mediation")
    assert (room.role, room.unit, room.ownership) == ("mediation_room", unit, title)
    done = charges.report_help(
        room, result="约定分两次缴清", version=room.version, actor=cast.actor("mediation_room"), now=cast.now
    )
    assert done.result == "约定分两次缴清"


@in_city("jinhua")
@pytest.mark.clause("JH-4.11b")
def test_single_debts_are_for_the_company_and_the_community_and_the_committee_sees_what_it_was_given(cast):
    one, two = units(cast, "100", "80")
    for unit in (one, two):
        bill(cast, unit, "300.00", due=APRIL_30, key=str(unit.pk))
    body = committee(cast)
    acting = Actor(None, body.organisation, "owners_committee", cast.estate.place_path, "业委会")
    at(cast, APRIL_30 + timedelta(days=60))
    pay(cast, [Bill.objects.get(unit=two)], "300.00")
    project = project_of(cast)
    seen = {
        role: may_read_units(cast.actor(role), project) for role in ("project_manager", "community_station", "housing")
    }
    assert seen == {"project_manager": True, "community_station": True, "housing": False}
    assert not may_read_units(acting, project) and list(helps_for(acting, on=cast.now.date())) == []
    charges.note_periods_over(now=cast.now)
    (given,) = helps_for(acting, on=cast.now.date())
    assert given.unit == one
    pay(cast, [Bill.objects.get(unit=one)], "300.00", key="k2")
    charges.note_paid(Event.objects.filter(kind="fee.paid").latest("pk"))
    assert list(helps_for(acting, on=cast.now.date())) == []
