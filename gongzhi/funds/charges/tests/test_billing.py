"""A run bills every unit once, whatever stops it; prices, vacancy, rebates and shared costs add up to the last 分."""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gongzhi.core.models import Event
from gongzhi.core.tests.cast import build
from gongzhi.funds.charges import services as charges
from gongzhi.funds.charges.models import Bill, BillingRun, PersonalCharge
from gongzhi.funds.charges.services import billing
from gongzhi.funds.charges.tests.charged import manager, pay, project_of, tariff, terms
from gongzhi.funds.common.queries import book_of
from gongzhi.funds.maintenance.tests.fund import day, units
from gongzhi.funds.maintenance.tests.test_deposits import COUNTY, refuses
from gongzhi.ledger import services as ledger
from gongzhi.ledger.models import Entry
from gongzhi.registry.models import Unit

MARCH = date(2023, 3, 1)


@pytest.fixture
def cast(request, db):
    pack, moment = getattr(request, "param", ("meixian", "2023-06-01"))
    return build(day(moment), county=COUNTY[pack], pack=pack)


def run(cast, *, from_on=MARCH, every=1, chunk=5000, go=True):
    made = charges.begin_run(
        project_of(cast), every=every, from_on=from_on, issued_on=cast.now.date(), actor=manager(cast), now=cast.now
    )
    return charges.go_on(made, now=cast.now, chunk=chunk) if go else made


def of(unit):
    return Bill.objects.get(unit=unit, cancelled_on=None)


def test_units_are_billed_by_area_with_entries_and_running_twice_bills_nobody_twice(cast):
    terms(cast)
    tariff(cast, "1.50")
    one, two = units(cast, "89.53", "100")
    made = run(cast)
    assert (made.state, made.bills, made.amount_fen) == ("done", 2, 13430 + 15000)
    assert of(one).amount_fen == 13430  # 134.295 rounds half up
    assert of(one).due_on == date(2023, 7, 1)
    item = of(one).items.get()
    assert (item.quantity, item.price, item.months) == (Decimal("89.53"), Decimal("1.5"), 1)
    again = run(cast)
    charges.go_on(again, now=cast.now)
    assert Bill.objects.count() == 2 and Entry.objects.filter(kind="charge_bill").count() == 2
    assert Event.objects.filter(kind="fee.billed").count() == 1
    lines = {
        row.account.code: row.balance_fen
        for row in ledger.trial_balance(book_of(cast.estate, "service_charges"), cast.now.date())
    }
    assert lines["income.service"] == -28430 and lines[f"units.{two.pk}"] == 15000


def test_a_run_stopped_between_its_parts_goes_on_with_those_that_are_left(cast):
    terms(cast)
    tariff(cast, "1.50")
    made = units(cast, *["100"] * 5)
    begun = run(cast, go=False)
    first = next(billing.lots_of(begun, chunk=2))
    assert list(first.units) == [one.pk for one in made[:2]]
    billing._bill_part(begun, first, book=book_of(cast.estate, "service_charges"), now=cast.now)
    assert Bill.objects.count() == 2 and BillingRun.objects.get().state == "running"
    charges.go_on(begun, now=cast.now, chunk=2)
    assert sorted(Bill.objects.values_list("unit_id", flat=True)) == sorted(one.pk for one in made)
    assert BillingRun.objects.get().bills == 5


def test_a_period_that_meets_another_is_refused_and_a_company_that_does_not_serve_bills_nothing(cast):
    terms(cast)
    tariff(cast, "1.50", every=3)
    units(cast, "100")
    run(cast, every=3, from_on=date(2023, 1, 1))
    refuses("run_overlaps", lambda: run(cast, every=3, from_on=MARCH))
    refuses("run_days", lambda: run(cast, from_on=date(2023, 3, 2)))
    refuses("no_tariff", lambda: run(cast))
    refuses("not_serving", lambda: run(cast, from_on=date(2019, 3, 1), every=3))


def test_without_terms_of_the_contract_nothing_is_billed(cast):
    tariff(cast, "1.50")
    refuses("no_terms", lambda: run(cast))


def test_a_new_price_counts_from_the_month_on_whose_first_day_it_holds(cast):
    terms(cast)
    old = tariff(cast, "1.50", every=3, to=date(2023, 2, 14))
    tariff(cast, "1.80", every=3, since=date(2023, 2, 15))
    (unit,) = units(cast, "100")
    run(cast, every=3, from_on=date(2023, 1, 1))
    rows = list(of(unit).items.order_by("pk").values_list("tariff", "months", "amount_fen"))
    assert rows[0] == (old.pk, 2, 30000) and rows[1][1:] == (1, 18000)


def test_the_price_for_a_use_or_a_building_goes_before_the_general_one(cast):
    terms(cast)
    tariff(cast, "1.50")
    tariff(cast, "3.00", use="shop")
    home, shop = units(cast, "100", "100")
    Unit.objects.filter(pk=shop.pk).update(use="shop")
    run(cast)
    assert (of(home).amount_fen, of(shop).amount_fen) == (15000, 30000)


def test_vacancy_then_rebates_take_their_part_and_never_more_than_all_of_it(cast):
    terms(cast)
    tariff(cast, "1.50", every=3)
    empty, eased, free = units(cast, "100", "100", "100")
    have = lambda unit, kind, ratio, since, until=None: PersonalCharge.objects.create(  # noqa: E731
        unit=unit, kind=kind, ratio=Decimal(ratio), text="困难家庭", from_on=since, to_on=until
    )
    have(empty, "vacant", "0.3", date(2023, 2, 1))
    have(eased, "vacant", "0.3", date(2023, 1, 1))
    have(eased, "rebate", "0.1", date(2023, 1, 1))
    have(free, "rebate", "0.7", date(2023, 1, 1))
    have(free, "rebate", "0.7", date(2023, 1, 1))
    run(cast, every=3, from_on=date(2023, 1, 1))
    assert of(empty).amount_fen == 45000 - 9000
    assert of(eased).amount_fen == (45000 - 13500) * 9 // 10
    assert not Bill.objects.filter(unit=free).exists()
    for bill in Bill.objects.all():
        assert sum(bill.items.values_list("amount_fen", flat=True)) == bill.amount_fen


def test_parking_is_charged_by_the_number_of_places_and_only_for_its_months(cast):
    terms(cast)
    tariff(cast, "1.50", every=3)
    place = tariff(cast, "150", every=3, fee="parking", basis="item", title="地下车位")
    (unit,) = units(cast, "100")
    charges.have_item(
        unit, tariff=place, quantity=Decimal(2), text="B1-023、B1-024", from_on=date(2023, 2, 1), to_on=None,
        actor=manager(cast), now=cast.now,
    )  # fmt: skip
    run(cast, every=3, from_on=date(2023, 1, 1))
    assert of(unit).items.get(fee="parking").amount_fen == 150_00 * 2 * 2
    postings = of(unit).entry.postings.order_by("leg")
    assert [(one.leg, one.amount_fen) for one in postings] == [(1, 105000), (2, -60000), (3, -45000)]


def test_shared_water_is_split_to_the_last_fen_and_stands_on_the_next_bill_once(cast):
    terms(cast)
    tariff(cast, "1.50")
    made = units(cast, "33.33", "33.33", "33.33")
    cost = charges.share_cost(
        project_of(cast), kind="water", by="area", amount_fen=10000, from_on=date(2023, 2, 1), to_on=date(2023, 2, 28),
        building=None, voucher=None, actor=manager(cast), now=cast.now,
    )  # fmt: skip
    assert sorted(cost.parts.values_list("amount_fen", flat=True)) == [3333, 3333, 3334]
    run(cast)
    run(cast, from_on=date(2023, 4, 1))
    shared = [row.items.filter(fee="shared").count() for row in Bill.objects.order_by("from_on", "pk")]
    assert shared == [1, 1, 1, 0, 0, 0]
    assert cost.parts.filter(bill=None).count() == 0
    book = book_of(cast.estate, "service_charges")
    assert ledger.balance(book.accounts.get(code="due.shared"), cast.now.date()) == -10000
    bill = Bill.objects.get(unit=made[0], from_on=MARCH)
    charges.cancel_bill(bill, reason="抄表有误", version=bill.version, actor=manager(cast), now=cast.now)
    assert cost.parts.filter(bill=None).count() == 1


def test_what_was_paid_in_advance_clears_the_bills_of_a_run(cast):
    terms(cast)
    tariff(cast, "1.50")
    rich, poor = units(cast, "100", "100")
    pay(cast, [], "200", unit=rich, project=project_of(cast), key="a")
    pay(cast, [], "100", unit=poor, project=project_of(cast), key="b")
    run(cast)
    assert (of(rich).open_fen, of(poor).open_fen) == (0, 5000)
    assert Event.objects.filter(kind="fee.advance_used").count() == 2


def test_a_cancelled_bill_is_made_again_by_going_on_only_in_a_new_run(cast):
    terms(cast)
    tariff(cast, "1.50")
    (unit,) = units(cast, "100")
    run(cast)
    first = of(unit)
    charges.cancel_bill(first, reason="面积有误", version=first.version, actor=manager(cast), now=cast.now)
    run(cast)
    assert not Bill.objects.filter(unit=unit, cancelled_on=None).exists()
    refuses("forbidden", lambda: charges.begin_run(
        project_of(cast), every=1, from_on=MARCH, issued_on=cast.now.date(), actor=cast.actor("owner"), now=cast.now
    ))  # fmt: skip


@settings(max_examples=10, suppress_health_check=list(HealthCheck))
@given(
    areas=st.lists(st.integers(1, 99_999), min_size=1, max_size=4),
    price=st.integers(1, 200_000),
    ratio=st.integers(1, 100),
    shared=st.integers(1, 1_000_000),
)
def test_bills_are_their_lines_and_the_exact_product_rounded_half_up(cast, areas, price, ratio, shared):
    with transaction.atomic():
        _bills_of_any(cast, areas, Decimal(price) / 10000, Decimal(ratio) / 100, shared)
        transaction.set_rollback(True)


def _bills_of_any(cast, areas, price, ratio, shared):
    terms(cast)
    one = tariff(cast, str(price), every=3)
    made = units(cast, *(str(Decimal(area) / 100) for area in areas))
    PersonalCharge.objects.create(unit=made[0], kind="vacant", ratio=ratio, from_on=date(2020, 1, 1))
    cost = charges.share_cost(
        project_of(cast), kind="power", by="area", amount_fen=shared, from_on=date(2023, 1, 1),
        to_on=date(2023, 1, 31), building=None, voucher=None, actor=manager(cast), now=cast.now,
    )  # fmt: skip
    assert sum(cost.parts.values_list("amount_fen", flat=True)) == shared
    run(cast, every=3, from_on=date(2023, 1, 1))
    for unit in made:
        exact = unit.exclusive_area_m2 * one.price * 3 * 100
        expected = int(exact.quantize(Decimal(1), rounding=ROUND_HALF_UP))
        for bill in Bill.objects.filter(unit=unit):
            assert sum(bill.items.values_list("amount_fen", flat=True)) == bill.amount_fen
            assert sum(bill.entry.postings.values_list("amount_fen", flat=True)) == 0
            assert list(bill.items.filter(tariff=one, amount_fen__gt=0).values_list("amount_fen", flat=True)) == (
                [expected] if expected else []
            )


def early(cast, unit):
    return charges.bill_until_now(unit, project=project_of(cast), actor=manager(cast), now=cast.now)


def test_months_billed_early_are_left_out_of_the_run_and_nobody_pays_a_month_twice(cast):
    terms(cast)
    tariff(cast, "1.50", every=3)
    tariff(cast, "40", every=1, fee="special", basis="unit", title="清洁")
    one, two = units(cast, "100", "100")
    run(cast, every=3, from_on=date(2023, 1, 1))
    for month in (3, 4, 5):
        run(cast, every=1, from_on=date(2023, month, 1))
    cast.now = day("2023-06-10")
    made = early(cast, one)
    assert [(bill.from_on, bill.to_on, bill.amount_fen) for bill in made] == [
        (date(2023, 6, 1), date(2023, 6, 30), 4_000),
        (date(2023, 4, 1), date(2023, 6, 30), 45_000),
    ]
    assert early(cast, one) == [], "a second call finds nothing to bill"
    looked = charges.look_over(
        project_of(cast), every=3, from_on=date(2023, 4, 1), issued_on=cast.now.date(), actor=manager(cast),
        now=cast.now,
    )  # fmt: skip
    assert (looked.bills, looked.amount_fen) == (1, 45_000)
    spring = run(cast, every=3, from_on=date(2023, 4, 1))
    assert (spring.bills, spring.amount_fen) == (1, 45_000)
    assert Bill.objects.filter(unit=one, amount_fen=45_000).count() == 2, "winter and spring"
    assert run(cast, every=1, from_on=date(2023, 6, 1)).bills == 1
    assert Bill.objects.filter(unit=two).count() == Bill.objects.filter(unit=one).count() == 6


def test_the_rest_of_a_quarter_that_was_billed_early_in_part_comes_with_the_run(cast):
    terms(cast)
    tariff(cast, "1.50", every=3)
    (unit,) = units(cast, "100")
    run(cast, every=3, from_on=date(2023, 1, 1))
    cast.now = day("2023-05-10")
    (part,) = early(cast, unit)
    assert (part.from_on, part.to_on, part.amount_fen) == (date(2023, 4, 1), date(2023, 5, 31), 30_000)
    cast.now = day("2023-07-10")
    run(cast, every=3, from_on=date(2023, 4, 1))
    rest = Bill.objects.get(unit=unit, run__from_on=date(2023, 4, 1))
    assert (rest.from_on, rest.to_on, rest.amount_fen) == (date(2023, 6, 1), date(2023, 6, 30), 15_000)
    charges.cancel_bill(part, reason="房屋没有卖成", version=None, actor=manager(cast), now=cast.now)
    assert early(cast, unit)[0].amount_fen == 15_000, "July; what the run holds is the run's"


def test_before_the_first_run_only_this_month_is_billed_early_and_while_one_is_at_work_none(cast):
    terms(cast)
    tariff(cast, "1.50")
    (unit,) = units(cast, "100")
    (made,) = early(cast, unit)
    assert (made.from_on, made.to_on, made.due_on) == (date(2023, 6, 1), date(2023, 6, 30), date(2023, 7, 1))
    charges.cancel_bill(made, reason="先出整期", version=None, actor=manager(cast), now=cast.now)
    assert early(cast, unit)[0].pk != made.pk
    run(cast, from_on=date(2023, 5, 1), go=False)
    cast.now = day("2023-07-10")
    refuses("run_running", lambda: early(cast, unit))
