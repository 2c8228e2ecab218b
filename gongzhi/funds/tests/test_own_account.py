"""An owner's 分户账 on the phone: his units alone, each movement explained, the account going with the unit."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from gongzhi.core.actors import Actor
from gongzhi.core.days import local_day
from gongzhi.core.errors import Refused
from gongzhi.core.models import Event, User
from gongzhi.core.services import begin_post
from gongzhi.core.tests.cast import PASSWORD
from gongzhi.funds.common.queries import estates_with_books
from gongzhi.funds.maintenance import services as fund
from gongzhi.funds.maintenance.queries import fund_units, unit_balances, units_funds
from gongzhi.funds.maintenance.queries.own import unit_account
from gongzhi.funds.maintenance.tests.fund import committee, decided, proposed, units
from gongzhi.funds.maintenance.tests.test_uses import until
from gongzhi.funds.payments.tests.paying import made, owned
from gongzhi.registry import services as registry
from gongzhi.registry.models import Project, Unit
from gongzhi.registry.services import division

MINE, BEFORE, NEIGHBOUR = "13912345678", "13900000001", "13900000002"
LONG, LATELY = timedelta(days=400), timedelta(days=40)


@pytest.fixture
def cast(db):
    return made()


def lived_in(cast):
    """Two units of one building, taken over with 10 000 元 and 2 000 元; interest; the first is then sold."""
    home, other = units(cast, "100", "50")
    today = local_day(cast.now)
    owned(cast, home, name="陈旧主", phone=BEFORE, from_on=today - LONG)
    owned(cast, other, name="邻居甲", phone=NEIGHBOUR, from_on=today - LONG)
    rows = [fund.TakenOver(home, 1_000_000, 1_000_000, 1_000_000), fund.TakenOver(other, 500_000, 500_000, 200_000)]
    bureau = cast.actor("housing")
    fund.take_over(cast.estate, rows=rows, on=today - LONG, actor=bureau, now=cast.now)
    fund.add_interest(
        cast.estate, amount_fen=1_200, on=today - LATELY * 2, reference="ZX1", key="1", actor=bureau, now=cast.now
    )
    owned(cast, home, name="陈建国", phone=MINE, from_on=today - LATELY)
    return home, other


def signed_in(cast, phone):
    user = User(username=f"yezhu{phone[-4:]}", display_name="业主")
    user.set_password(PASSWORD)
    user.set_phone(phone)
    user.save()
    begin_post(
        user, role="owner", place=cast.estate.place, organisation=None, begins_on=local_day(cast.now) - LONG,
        actor=Actor.system(), now=cast.now,
    )  # fmt: skip
    client = Client()
    assert client.login(username=user.username, password=PASSWORD)
    return client


def repaired(cast, fen):
    committee(cast)
    building = cast.estate.buildings.get(name="1幢")
    use = proposed(cast, estimate_fen=fen, buildings=[building])
    use = until(cast, use, "notice", motion=decided(cast, fen=None))
    cast.now += timedelta(days=20)
    return until(cast, use, "archive", now=cast.now)


def test_the_account_goes_with_the_unit_from_owner_to_owner(cast):
    home, _ = lived_in(cast)
    account = unit_account(home, on=local_day(cast.now))
    mine, before = account.tenures
    assert mine.title.from_on == local_day(cast.now) - LATELY and not mine.moves
    assert mine.opening_fen == before.closing_fen == mine.closing_fen == 1_001_000
    assert [one.title for one in before.moves] == ["增值收益", "接管的余额"]
    assert (account.in_fen, account.interest_fen, account.used_fen) == (1_000_000, 1_000, 0)


def test_each_movement_says_where_it_comes_from(cast):
    home, other = lived_in(cast)
    repaired(cast, 900_000)
    account = unit_account(home, on=local_day(cast.now))
    paid = [one for one in account.tenures[0].moves if one.use is not None]
    assert sum(one.amount_fen for one in paid) == -600_000
    assert "100.00平方米" in paid[0].how and "150.00平方米" in paid[0].how
    interest = account.tenures[1].moves[0]
    assert "12.00元" in interest.how and "10,000.00元" in interest.how
    assert account.in_fen + account.interest_fen - account.used_fen == account.balance_fen == 401_000
    (missing,) = unit_account(other, on=local_day(cast.now)).missing
    assert (missing.share_fen, missing.charged_fen, missing.missing_fen) == (300_000, 200_200, 99_800)


def test_an_owner_reads_his_own_account_and_no_other(cast):
    home, other = lived_in(cast)
    page = signed_in(cast, MINE).get(reverse("funds:own")).content.decode()
    assert "您名下" in page and "以前的业主名下" in page and "10,010.00" in page and "随房屋转来" in page
    assert "陈" not in page.split("<main", 1)[1] and str(other) not in page
    theirs = signed_in(cast, NEIGHBOUR).get(reverse("funds:own")).content.decode()
    assert str(home) not in theirs and "2,002.00" in theirs


def test_who_sold_has_no_account_to_look_at(cast):
    lived_in(cast)
    page = signed_in(cast, BEFORE).get(reverse("funds:own")).content.decode()
    assert "没有找到您名下的房屋" in page and "10,010.00" not in page


def test_the_bureau_sees_the_same_account_with_masked_names(cast):
    home, _ = lived_in(cast)
    client = Client()
    assert client.login(username=cast.user("housing").username, password=PASSWORD)
    page = client.get(reverse("funds:unit", args=[home.pk])).content.decode()
    assert "陈**名下" in page.replace(" ", "") and "增值收益" in page
    assert (
        reverse("funds:unit", args=[home.pk]) in client.get(reverse("registry:unit", args=[home.pk])).content.decode()
    )


def test_when_the_estate_goes_into_another_area_the_account_is_read_where_the_money_is(cast, monkeypatch):
    monkeypatch.setattr(division, "_agreed", lambda *_, **__: None)  # the street's opinion is not what this is about
    home, _ = lived_in(cast)
    today = local_day(cast.now)
    before = unit_account(home, on=today)
    Project.objects.filter(estate=cast.estate).delete()
    into = cast.estate_unknown
    registry.merge_estates(into, others=[cast.estate], from_on=today, actor=Actor.system(), now=cast.now)
    home = Unit.objects.select_related("building__estate").get(pk=home.pk)
    assert home.building.estate == into
    after = unit_account(home, on=today)
    assert after is not None and (after.balance_fen, after.count) == (before.balance_fen, before.count)
    (row,) = units_funds([home], on=today)
    assert row.balance_fen == before.balance_fen
    assert cast.estate in estates_with_books(cast.actor("housing"), on=today)
    assert home in fund_units(cast.estate)


def test_what_homes_have_is_carried_over_once_and_reads_as_one_account(cast, monkeypatch):
    monkeypatch.setattr(division, "_agreed", lambda *_, **__: None)
    home, _ = lived_in(cast)
    today = local_day(cast.now)
    before = unit_account(home, on=today)
    had = fund_balance(cast.estate, today)
    Project.objects.filter(estate=cast.estate).delete()
    into, by = cast.estate_unknown, {"actor": cast.actor("housing"), "now": cast.now}
    registry.merge_estates(into, others=[cast.estate], from_on=today, actor=Actor.system(), now=cast.now)
    client = Client()
    client.force_login(cast.user("housing"))
    url, form = reverse("funds:carry_over", args=[into.pk]), {"form_key": uuid4().hex, "reference": "划转7"}
    page = client.get(reverse("funds:estate", args=[into.pk])).content.decode()
    assert f"还在{cast.estate.name}的账上" in page and url in page
    assert [client.post(url, form).status_code for _ in range(2)] == [303, 303]
    assert (fund_balance(cast.estate, today), fund_balance(into, today)) == (0, had)
    home = Unit.objects.select_related("building__estate").get(pk=home.pk)
    after = unit_account(home, on=today)
    assert [(one.balance_fen, one.title) for tenure in after.tenures for one in tenure.moves] == [
        (one.balance_fen, one.title) for tenure in before.tenures for one in tenure.moves
    ]
    told = Event.objects.get(kind="fund.carried_over")
    assert (told.data["amount"], told.subject_id) == (had, str(into.pk))
    assert "的账上" not in client.get(reverse("funds:estate", args=[into.pk])).content.decode()
    with pytest.raises(Refused) as refused:
        fund.carry_over(into, key="again", **by)
    assert refused.value.code == "nothing_left"
    with pytest.raises(Refused):
        fund.carry_over(into, key="again", actor=cast.actor("owner"), now=cast.now)
    former = client.get(reverse("registry:estate", args=[cast.estate.pk])).content.decode()
    assert "已并入<a" in former and "没有物业服务" not in former and "底数不全" not in former
    own = client.get(reverse("bodies:estate", args=[cast.estate.pk])).content.decode()
    assert "发督促、协助单" not in own
    fund.receive_deposit(
        home, purpose="renewal", payer="owner", amount_fen=500, paid_on=today, reference="1", key="later", **by
    )
    assert unit_account(home, on=today).balance_fen == before.balance_fen + 500


def fund_balance(estate, on):
    return sum(unit_balances(estate, on).values())
