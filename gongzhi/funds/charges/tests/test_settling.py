"""Money settles bills: once, in part, too much, back again; the books agree to the 分."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gongzhi.core.actors import Actor
from gongzhi.core.models import Event
from gongzhi.core.tests.cast import build
from gongzhi.funds.charges import services as charges
from gongzhi.funds.charges.models import Allocation, Bill, Settlement
from gongzhi.funds.charges.queries import advance_of, late_fen, owed_fen
from gongzhi.funds.charges.tests.charged import bill, manager, pay, project_of, terms
from gongzhi.funds.common.queries import book_of
from gongzhi.funds.maintenance.tests.fund import day, units
from gongzhi.funds.maintenance.tests.test_deposits import COUNTY, refuses
from gongzhi.ledger import services as ledger
from gongzhi.registry.models import Unit

JUNE_30 = date(2023, 6, 30)


@pytest.fixture
def cast(request, db):
    pack, moment = getattr(request, "param", ("meixian", "2023-06-01"))
    return build(day(moment), county=COUNTY[pack], pack=pack)


def later(cast, on):
    cast.now = day(str(on))
    return cast


def balances(cast):
    book = book_of(cast.estate, "service_charges")
    lines = {one.account.code: one.balance_fen for one in ledger.trial_balance(book, cast.now.date())}
    assert sum(lines.values()) == 0
    return lines


def test_a_bill_paid_in_two_parts_is_clear_with_the_second(cast):
    (unit,) = units(cast, "89.5")
    owed = bill(cast, unit, "300.00", due=JUNE_30)
    first = pay(cast, [owed], "100.00")
    owed.refresh_from_db()
    assert (owed.paid_fen, owed.state, first.advance_fen) == (10_000, "部分缴纳", 0)
    pay(cast, [owed], "200.00", key="k2", channel="wechat")
    owed.refresh_from_db()
    assert (owed.open_fen, owed.state, owed.settled_on) == (0, "已缴清", cast.now.date())
    lines = balances(cast)
    assert (lines["cash"], lines["transit.wechat"], lines[f"units.{unit.pk}"]) == (10_000, 20_000, 0)
    assert lines["income.service"] == -30_000


def test_the_same_movement_comes_in_once_and_under_another_amount_not_at_all(cast):
    (unit,) = units(cast, "89.5")
    owed = bill(cast, unit, "300.00", due=JUNE_30)
    first, again = pay(cast, [owed], "300.00"), pay(cast, [owed], "300.00")
    assert first == again and Settlement.objects.count() == 1
    assert Event.objects.filter(kind="fee.paid").count() == 1
    refuses("key_used", lambda: pay(cast, [owed], "299.00"))


def test_a_second_clerk_is_told_that_the_bill_is_paid_and_a_providers_money_is_kept_in_advance(cast):
    (unit,) = units(cast, "89.5")
    owed = bill(cast, unit, "300.00", due=JUNE_30)
    pay(cast, [owed], "300.00")
    assert refuses("already_paid", lambda: pay(cast, [owed], "300.00", key="k2")).status == 409
    twice = pay(cast, [owed], "300.00", key="k3", channel="alipay", keep_if_paid=True)
    assert twice.advance_fen == 30_000 == advance_of(unit, None, project_of(cast))
    assert balances(cast)[f"units.{unit.pk}"] == -30_000


def test_what_is_paid_too_much_clears_the_next_bill_and_is_never_used_twice(cast):
    (unit,) = units(cast, "89.5")
    pay(cast, [bill(cast, unit, "300.00", due=JUNE_30)], "500.00")
    following = bill(cast, unit, "300.00", due=JUNE_30 + timedelta(days=30))
    use = lambda: charges.use_advance(  # noqa: E731
        unit, project=project_of(cast), ownership=None, on=cast.now.date(), actor=manager(cast), now=cast.now
    )
    assert (use(), use()) == (20_000, 0)
    following.refresh_from_db()
    assert following.open_fen == 10_000 == balances(cast)[f"units.{unit.pk}"]


def test_a_refund_takes_the_advance_first_and_then_opens_the_bill_again(cast):
    (unit,) = units(cast, "89.5")
    owed = bill(cast, unit, "300.00", due=JUNE_30)
    paid = pay(cast, [owed], "350.00", channel="wechat")
    back = lambda fen, key: charges.refund(  # noqa: E731
        paid, amount_fen=fen, channel="wechat", key=key, on=cast.now.date(), actor=manager(cast), now=cast.now
    )
    assert back(5_000, "r1") == back(5_000, "r1")
    owed.refresh_from_db()
    assert owed.open_fen == 0
    back(10_000, "r2")
    owed.refresh_from_db()
    assert (owed.open_fen, owed.settled_on) == (10_000, None)
    refuses("refund_amount", lambda: back(20_001, "r3"))
    assert balances(cast)["transit.wechat"] == 20_000
    assert sum(owed.allocations.values_list("amount_fen", flat=True)) == owed.paid_fen == 20_000


def test_a_payment_entered_wrongly_is_reversed_once_and_the_bill_is_open(cast):
    (unit,) = units(cast, "89.5")
    owed = bill(cast, unit, "300.00", due=JUNE_30)
    paid = pay(cast, [owed], "300.00")
    undo = lambda reason="录错户": charges.reverse_settlement(  # noqa: E731
        paid, reason=reason, on=cast.now.date(), actor=manager(cast), now=cast.now
    )
    refuses("reason_missing", lambda: undo(" "))
    assert undo() == undo()
    owed.refresh_from_db()
    assert owed.open_fen == 30_000 and balances(cast)["cash"] == 0


def test_bills_of_two_units_are_not_mixed_and_another_company_settles_nothing(cast):
    one, two = units(cast, "89.5", "100")
    bills = [bill(cast, one, "300.00", due=JUNE_30), bill(cast, two, "300.00", due=JUNE_30)]
    refuses("mixed_bills", lambda: pay(cast, bills, "600.00"))
    stranger = Actor(None, cast.organisation("property_company@2"), "property_company", cast.county.path, "别家物业")
    refuses("forbidden", lambda: pay(cast, bills[:1], "300.00", actor=stranger))
    refuses("forbidden", lambda: pay(cast, bills[:1], "300.00", actor=cast.actor("owner")))


@pytest.mark.clause("MX-3.5.2-6")
def test_a_hundred_days_late_at_five_in_ten_thousand_cost_99_on_1980_and_nothing_without_a_contract(cast):
    (unit,) = units(cast, "89.5")
    owed = bill(cast, unit, "1980.00", due=JUNE_30)
    on = JUNE_30 + timedelta(days=100)
    assert owed_fen([owed], on) == 198_000
    terms(cast, late_rate=Decimal("0.0005"))
    assert late_fen(owed, on).fen == 9_900 and owed_fen([owed], on) == 207_900
    assert late_fen(owed, JUNE_30).fen == 0 and late_fen(owed, JUNE_30 + timedelta(days=1)).fen == 99
    later(cast, on)
    paid = pay(cast, [owed], "2079.00", on=on)
    late = Bill.objects.get(of=owed)
    assert (late.amount_fen, late.open_fen, paid.advance_fen) == (9_900, 0, 0)
    assert balances(cast)["income.late"] == -9_900


def test_being_late_never_costs_more_than_the_bill_and_counts_what_was_open_each_day(cast):
    terms(cast, late_rate=Decimal("0.0005"))
    one, two = units(cast, "89.5", "60")
    owed = bill(cast, one, "1000.00", due=JUNE_30)
    assert late_fen(owed, JUNE_30 + timedelta(days=2000)).fen == 100_000
    assert late_fen(owed, JUNE_30 + timedelta(days=2001)).fen == 100_000
    assert late_fen(owed, JUNE_30 + timedelta(days=1999)).fen == 99_950
    half = bill(cast, two, "1000.00", due=JUNE_30)
    later(cast, JUNE_30 + timedelta(days=10))
    pay(cast, [half], "400.00")
    assert late_fen(half, JUNE_30 + timedelta(days=20)).fen == (100_000 * 10 + 60_000 * 10) * 5 // 10_000


def test_many_bills_are_settled_with_as_many_queries_as_few_be_they_late_or_not(cast):
    terms(cast, late_rate=Decimal("0.0005"))
    early, late = units(cast, "89.5", "60")
    pay(cast, [bill(cast, early, "1.00", due=JUNE_30)], "1.00", key="first")  # what a process reads once, it has read
    asked = {}
    for number in (2, 12):
        for unit, day_paid in ((early, JUNE_30), (late, JUNE_30 + timedelta(days=100))):
            later(cast, JUNE_30)
            owed = [bill(cast, unit, "100.00", due=JUNE_30, key=f"{unit.pk}-{number}-{at}") for at in range(number)]
            later(cast, day_paid)
            with CaptureQueriesContext(connection) as captured:
                paid = pay(cast, owed, str(105 * number), key=f"{unit.pk}-{number}", on=day_paid)
            asked[unit, number] = len(captured)
            kept = 0 if day_paid > JUNE_30 else 500 * number
            assert paid.advance_fen == kept and {one.open_fen for one in Bill.objects.filter(unit=unit)} == {0}
            with CaptureQueriesContext(connection) as captured:
                charges.refund(
                    paid, amount_fen=paid.amount_fen, channel="cash", key=f"back-{unit.pk}-{number}", on=day_paid,
                    actor=manager(cast), now=cast.now,
                )  # fmt: skip
            asked[unit, number] += len(captured)
            again = pay(cast, list(Bill.objects.filter(unit=unit)), str(105 * number), key=f"again-{unit.pk}-{number}")
            assert again.advance_fen == kept
    assert Bill.objects.filter(kind="late", unit=late).count() == 14 and balances(cast)["income.late"] == -7_000
    for unit in (early, late):
        assert asked[unit, 2] == asked[unit, 12]


@settings(max_examples=12, suppress_health_check=list(HealthCheck))
@given(
    amounts=st.lists(st.integers(1, 500_000), min_size=1, max_size=4),
    moves=st.lists(st.tuples(st.sampled_from(["pay", "back", "undo"]), st.integers(1, 700_000)), max_size=8),
)
def test_whatever_is_paid_and_given_back_the_units_account_is_what_is_open_less_what_is_kept(cast, amounts, moves):
    number = Bill.objects.count() + Settlement.objects.count()
    building = cast.estate.buildings.get(name="1幢")
    unit, _ = Unit.objects.get_or_create(
        building=building, name="H", defaults={"exclusive_area_m2": 1, "area_source": "register"}
    )
    bills = [
        bill(cast, unit, str(Decimal(fen) / 100), due=JUNE_30, key=f"h{number}-{at}") for at, fen in enumerate(amounts)
    ]
    for at, (what, fen) in enumerate(moves):
        paid = Settlement.objects.filter(unit=unit, kind="payment").order_by("-pk").first()
        if what == "pay" or paid is None:
            pay(cast, bills, str(Decimal(fen) / 100), key=f"h{number}-{at}", keep_if_paid=True)
        elif what == "back" and fen <= paid.amount_fen - paid.refunded_fen:
            charges.refund(
                paid, amount_fen=fen, channel="cash", key=f"h{number}-{at}", on=cast.now.date(), actor=manager(cast),
                now=cast.now,
            )  # fmt: skip
        elif what == "undo" and not paid.refunded_fen:
            charges.reverse_settlement(paid, reason="录错", on=cast.now.date(), actor=manager(cast), now=cast.now)
    rows = Bill.objects.filter(unit=unit)
    is_open = sum(row.open_fen for row in rows)
    kept = advance_of(unit, None, project_of(cast))
    assert balances(cast)[f"units.{unit.pk}"] == is_open - kept
    for row in rows:
        moved = Allocation.objects.filter(bill=row).values_list("amount_fen", flat=True)
        assert sum(moved) == row.paid_fen <= row.amount_fen
