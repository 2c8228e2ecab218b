"""The books of a year of an estate of a thousand homes close: every purse, every month, to the 分."""

from datetime import date

import pytest

from gongzhi.funds.charges import services as charges
from gongzhi.funds.charges.models import Bill, Settlement
from gongzhi.funds.charges.queries.arrears import debtors
from gongzhi.funds.charges.tests.charged import manager, project_of
from gongzhi.funds.common import queries as purses
from gongzhi.funds.common.models import BankLine
from gongzhi.funds.common.services import match_line
from gongzhi.funds.maintenance import queries as fund_queries
from gongzhi.funds.maintenance.queries.own import unit_account
from gongzhi.funds.maintenance.tests.fund import decided
from gongzhi.funds.maintenance.tests.test_deposits import refuses
from gongzhi.funds.public_money.tests.money import city
from gongzhi.funds.revenue import queries as revenue_queries
from gongzhi.funds.revenue import services as revenue
from gongzhi.funds.tests.year import FIRST, NEW, PURSES, YEAR, Year, last_of
from gongzhi.ledger import services as ledger
from gongzhi.ledger.models import Book
from gongzhi.ledger.services.sealing import receipt_of_period

QUARTERS = {3: 1, 6: 4, 9: 7, 12: 10}
LATE = 40
AHEAD = 72_000  # two quarters of a parking place


@pytest.fixture
def year(db):
    return Year(city("zhangjiagang", f"{YEAR}-01-02"))


def lived(year):
    """The twelve months, and January of the next year in which the last is closed. What was done, in 分."""
    done = {"deposits": 0, "interest": 0, "shared": 0, "used": 6_000_001 + 1_234_568}
    year.begin()
    done["opening"] = 700_000 * (len(year.homes) + len(year.shops))
    for month in range(1, 13):
        year.at(month, 5)
        year.earn()
        billed(year, month)
        works(year, month, done)
        year.at(month, 25)
        paid(year, month)
        if month in QUARTERS:
            done["shared"] += share(year, month)
            done["interest"] += interest(year, month)
        year.at(month + 1, 3)
        for purse in PURSES:
            year.bank_tells(purse)
        by_hand(year)
        year.close_month(month)
    return done


def billed(year, month):
    """Shops by the month, parking by the quarter, homes by the year."""
    for every in (1, 3, 12):
        if month % every == 1 % every:
            year.bill(every, month)


def works(year, month, done):
    if month == 2:
        done["deposits"] = year.new_building_pays_in()
    if month == 3:
        done["roof"] = year.repair("3幢屋面防水", 6_000_001, "3幢", last="notice")
    if month == 4:
        year.go_on(done["roof"], "archive")
    if month == 7:
        show(year, FIRST, date(YEAR, 6, 30))
        done["subsidy"] = year.subsidy(decided(year.cast, fen=None, matter="hire_company"))
    if month == 8:
        year.emergency("5幢电梯钢丝绳", 1_234_568, "5幢")


def paid(year, month):
    if month in QUARTERS:
        year.collect(year.shops, "bank")
    if month == 6:
        year.collect(year.new, "cash", more_fen=AHEAD)
    if month == 12:
        year.collect(year.homes[LATE:], "cash")


def by_hand(year):
    """Two payments of one amount on one day: which line is which a person says."""
    for line in BankLine.objects.filter(match="none").select_related("account__estate"):
        entry = purses.candidates(line, days=1)[0]
        match_line(line, entries=[entry], version=line.version, actor=year.by("housing"), now=year.now)


def share(year, month):
    found = revenue_queries.net_of(year.estate, from_on=date(YEAR, QUARTERS[month], 1), to_on=year.on)
    fen = found // 2 + 1
    enough = year.share_into_fund(date(YEAR, QUARTERS[month], 1), year.on, fen).enough
    assert enough
    return fen


def interest(year, month):
    fen = 2_345_677 + month
    year.interest(fen)
    return fen


def show(year, from_on, to_on):
    row = revenue.publish(year.estate, from_on=from_on, to_on=to_on, actor=year.by(year.publisher()), now=year.now)
    assert row.opening_fen + row.income_fen - row.cost_fen - row.to_fund_fen == row.closing_fen
    return row


def agree(year, done):
    """Trial balances, purses beside their banks, statements of the year, unit accounts beside the fund."""
    end = last_of(12)
    for book in Book.objects.all():
        assert sum(one.balance_fen for one in ledger.trial_balance(book, end)) == 0
    for purse in PURSES:
        account = year.accounts[purse]
        at = purses.at_bank(account)
        bank = ledger.balance(purses.bank_of(year.book(purse)), at.on)
        assert bank == at.bank_fen == year.bank[purse]
        assert at.open_lines == 0
        period = purses.period_of(year.book(purse), from_on=FIRST, to_on=end)
        assert period.tied and period.opening_fen == 0
    found = fund_queries.fund(year.estate, end)
    assert found.tied and found.used_fen == done["used"]
    assert found.balance_fen == done["opening"] + done["deposits"] + done["interest"] + done["shared"] - done["used"]
    assert sum(fund_queries.unit_balances(year.estate, end).values()) == found.balance_fen


def books_stay_shut(year):
    """What was closed takes no entry any more, and its months are leaves of the proof log."""
    refuses("period_closed", lambda: spend_on(year, last_of(12)))
    for purse in PURSES:
        for month in (1, 8, 12):
            assert receipt_of_period(year.book(purse), last_of(month)) is not None


def spend_on(year, on):
    given = revenue.Income(source="parking", amount_fen=1, on=on, text="补记")
    return revenue.receive(year.estate, given=given, key="late", actor=year.by("street_office"), now=year.now)


def who_did_not_pay(year):
    """Arrears are what was billed less what was paid, home by home, and the unit accounts of the books say the same."""
    project, on = project_of(year.cast), year.on
    found = debtors(project, on)
    assert {one.unit.pk for one in found} == {one.pk for one in year.homes[:LATE]}
    rows = Bill.objects.filter(unit__in=[one.pk for one in year.homes[:LATE]])
    owed = sum(one.open_fen for one in rows)
    ahead = sum(one.advance_fen for one in Settlement.objects.filter(unit__in=[one.pk for one in year.new]))
    assert ahead == 0 and not Bill.objects.filter(unit__in=year.new, settled_on=None).exists()
    units = [one for one in ledger.trial_balance(year.book("service_charges"), on) if one.account.holder_kind]
    assert owed == sum(one.owed_fen for one in found) == sum(one.balance_fen for one in units) + ahead
    demand = charges.demand(found[0], project=project, how="letter", actor=manager(year.cast), now=year.now)
    assert demand.amount_fen == found[0].owed_fen


def was_shown(year):
    """Two half-years: what the first left is what the second began with, and the year follows from both."""
    first = year.estate.revenue_statements.get()
    second = show(year, date(YEAR, 7, 1), last_of(12))
    assert second.opening_fen == first.closing_fen
    whole = revenue_queries.sums(year.estate, from_on=FIRST, to_on=last_of(12))
    assert (whole.income_fen, whole.cost_fen, whole.to_fund_fen) == tuple(
        getattr(first, name) + getattr(second, name) for name in ("income_fen", "cost_fen", "to_fund_fen")
    )
    assert whole.closing_fen == second.closing_fen


def one_home(year, done):
    """A home of the building whose roof was mended: its account follows from what it got and what it bore."""
    home = next(one for one in year.homes if one.building.name == "3幢")
    account = unit_account(home, on=last_of(12))
    titles = [one.title for tenure in account.tenures for one in tenure.moves]
    assert titles.count("公共收益转入") == titles.count("增值收益") == len(QUARTERS)
    assert titles.count("维修分摊") == 2
    assert account.in_fen + account.interest_fen - account.used_fen == account.balance_fen
    share = home.fund_shares.get().amount_fen
    assert account.used_fen == share and not account.missing


@pytest.mark.long
@pytest.mark.clause("ZJG-4.4.1b", "ZJG-3.3.2-2d", "ZJG-4.4.2a", "ZJG-4.4.2c", "ZJG-6.1.1a")
def test_a_year_of_a_thousand_homes_closes_in_every_purse_to_the_last_fen(year):
    done = lived(year)
    agree(year, done)
    books_stay_shut(year)
    was_shown(year)
    who_did_not_pay(year)
    one_home(year, done)
    claim = done["subsidy"]
    assert claim.state == "closed" and claim.amount_fen == 120_000 * 50 * 6
    assert len(year.new) == NEW and year.use_count() == 2
