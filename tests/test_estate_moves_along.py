"""What of an estate's owners goes along when it comes to another community: bodies, votes, the fund, bills."""

from datetime import date, timedelta

import pytest

from gongzhi.cases.models import Part
from gongzhi.cases.services import routing, upward
from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.core.models import Organisation
from gongzhi.core.tests.cast import Cast
from gongzhi.funds.charges.models import Bill
from gongzhi.funds.charges.tests import charged
from gongzhi.funds.common.models import SupervisedAccount
from gongzhi.funds.common.queries import book_of
from gongzhi.funds.maintenance import services as money
from gongzhi.funds.maintenance.models import FundDeposit, FundDue
from gongzhi.funds.maintenance.queries import unit_balances
from gongzhi.funds.maintenance.tests import fund
from gongzhi.governance.bodies import services as bodies
from gongzhi.governance.bodies.models import Body, Filing, Formation, Member
from gongzhi.governance.bodies.tests import steps as forming
from gongzhi.governance.votes.models import Vote
from gongzhi.governance.votes.queries import votes_for
from gongzhi.governance.votes.tests import steps as voting
from gongzhi.ledger.models import Book, Entry
from tests.test_estate_moves import NOW, complain, move, town

__all__ = ["town"]

pytestmark = pytest.mark.django_db


def streets(town: Cast) -> tuple[Organisation, Organisation]:
    return town.organisation("street_office"), town.organisation("street_office@2")


def test_a_committee_its_members_and_their_persons_go_along_and_the_new_street_goes_on(town: Cast) -> None:
    body = forming.committee(town, town.estate)
    estate = move(town)
    body.refresh_from_db()
    assert body.place_path == estate.place_path
    members = list(Member.objects.filter(body=body).select_related("person"))
    assert members and {one.place_path for one in members} == {estate.place_path}
    assert {one.person.place_path for one in members} == {estate.place_path}
    gone, here = town.actor("street_office"), town.actor("street_office@2")
    assert not core.may(gone, "body.read", body) and core.may(here, "body.read", body)
    bodies.guide(estate, text="到场指导换届", on=NOW.date(), actor=here, now=NOW)
    with pytest.raises(Refused):
        bodies.guide(estate, text="到场指导换届", on=NOW.date(), actor=gone, now=NOW)


def test_what_is_over_stays_with_the_place_of_its_time(town: Cast) -> None:
    before = town.estate.place_path
    old = Body.objects.create(
        kind="owners_committee", name="上届", estate=town.estate, state="ended", formed_on=date(2019, 1, 1),
        place_path=before,
    )  # fmt: skip
    running = bodies.start_formation(
        town.estate, kind="owners_committee", trigger="failed", started_on=town.now.date(),
        actor=Actor.system(), now=town.now,
    )  # fmt: skip
    estate = move(town)
    old.refresh_from_db()
    assert old.place_path == before
    assert Formation.objects.get(pk=running.pk).place_path == estate.place_path


def test_a_filing_that_waits_is_decided_by_the_street_of_the_new_place(town: Cast) -> None:
    old, new = streets(town)
    body = forming.committee(town, town.estate)
    filing = Filing.objects.filter(body=body, state="submitted").first() or Filing.objects.create(
        body=body, desk=old, submitted_at=town.now, place_path=body.place_path
    )
    move(town)
    filing.refresh_from_db()
    assert filing.desk == new


def test_an_open_vote_goes_along_and_the_ballots_count_as_before(town: Cast) -> None:
    vote = voting.opened(town)
    voting.ballot(vote, 1)
    estate = move(town)
    vote = Vote.objects.get(pk=vote.pk)
    assert vote.place_path == estate.place_path
    assert vote in votes_for(town.actor("community_station@2"))
    assert vote not in votes_for(town.actor("community_station"))
    assert (vote.ballots.count(), vote.roll.count()) == (1, voting.UNITS)
    voting.ballot(vote, 2)
    assert vote.ballots.count() == 2  # noqa: PLR2004


def test_a_vote_on_file_stays_where_it_was_held(town: Cast) -> None:
    path = town.estate.place_path
    vote = voting.opened(town)
    Vote.objects.filter(pk=vote.pk).update(state="filed")
    move(town)
    assert Vote.objects.get(pk=vote.pk).place_path == path


def test_the_fund_goes_along_with_every_fen_and_its_past(town: Cast) -> None:
    fund.rate(town, "96")
    (unit,) = fund.units(town, "100")
    money.assess_first(town.estate, actor=town.actor("housing"), now=town.now)
    fund.paid(town, unit, 960_000)
    held = unit_balances(town.estate, NOW.date())
    entries = Entry.objects.count()
    estate = move(town)
    assert unit_balances(estate, NOW.date()) == held != {}
    assert Entry.objects.count() == entries, "nothing is booked by a move"
    book = book_of(estate, "maintenance_fund")
    assert book is not None and book.place_path == estate.place_path
    for model in (FundDue, FundDeposit):
        assert set(model.objects.filter(estate=estate).values_list("place_path", flat=True)) == {estate.place_path}
    assert not Book.objects.filter(place_path__startswith=town.community.path).exists()


def test_an_account_that_the_street_watched_is_watched_by_the_new_street(town: Cast) -> None:
    old, new = streets(town)
    bureau = town.organisation("housing")
    account = SupervisedAccount.objects.create(
        estate=town.estate, purse="common_revenue", manager="street", bank="某银行", holder="某小区", number="62220001",
        keeper=bureau, supervisor=old, from_on=date(2021, 1, 1), place_path=town.estate.place_path,
    )  # fmt: skip
    estate = move(town)
    account.refresh_from_db()
    assert (account.supervisor, account.keeper, account.place_path) == (new, bureau, estate.place_path)


def test_bills_tariffs_and_terms_go_along_and_are_paid_there(town: Cast) -> None:
    charged.terms(town)
    charged.tariff(town, "1.80")
    (unit,) = fund.units(town, "100")
    bill = charged.bill(town, unit, "180", due=NOW.date() + timedelta(days=30))
    estate = move(town)
    paths = {
        row.place_path
        for row in (charged.project_of(town), Bill.objects.get(pk=bill.pk), *charged.project_of(town).tariffs.all())
    }
    assert paths == {estate.place_path}
    charged.pay(town, [Bill.objects.get(pk=bill.pk)], "180")
    assert Bill.objects.get(pk=bill.pk).open_fen == 0


def test_a_report_that_waits_is_signed_by_the_street_of_the_new_place(town: Cast) -> None:
    case = complain(town)
    by = {"actor": town.actor(case.lead.role)}
    routing.report_in(case, **by, now=NOW - timedelta(days=1))
    case = upward.report_up(case, to="street_office", reason="调解不成", **by, now=NOW - timedelta(hours=2))
    _, new = streets(town)
    move(town)
    case.refresh_from_db()
    assert case.parties.filter(organisation=new, part=Part.SUPERIOR).exists()
    upward.sign_report(case, actor=town.actor("street_office@2"), now=NOW + timedelta(hours=1))
    assert case.reports.get().signed_label
