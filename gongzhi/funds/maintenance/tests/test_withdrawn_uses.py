"""A use that is taken back or refused before anything was paid, of which nothing stays owed; who is urged, and what
its page says is due."""

import pytest
from django.urls import reverse

from gongzhi.core.tests.cast import build
from gongzhi.duties.models import Duty
from gongzhi.funds.maintenance import queries
from gongzhi.funds.maintenance import services as fund
from gongzhi.funds.maintenance.services.using import OPINIONS
from gongzhi.funds.maintenance.tests.fund import committee, day, decided, file, proposed, step
from gongzhi.funds.maintenance.tests.test_deposits import COUNTY, refuses
from gongzhi.funds.maintenance.tests.test_uses import LATER, endowed, until


@pytest.fixture
def cast(request, db):
    pack, moment = getattr(request, "param", ("meixian", "2023-06-01"))
    return build(day(moment), county=COUNTY[pack], pack=pack)


def in_city(pack, moment="2023-06-01"):
    return pytest.mark.parametrize("cast", [(pack, moment)], indirect=True)


@in_city("jiangyin", "2024-06-03")
@pytest.mark.clause("JY-2.3.7-1")
@pytest.mark.parametrize("how", ["withdrawn", "refused"])
def test_a_use_that_ends_before_its_review_leaves_no_review_owed(cast, how):
    endowed(cast, "100")
    committee(cast)
    use = until(cast, proposed(cast), "decide", motion=decided(cast, fen=None))
    use = until(cast, use, "apply", now=cast.now + LATER)
    assert Duty.objects.get(rule="review_use").state == "open"
    later = {"now": cast.now + LATER}
    if how == "refused":
        while queries.next_step(use) not in OPINIONS:
            use = step(cast, use, queries.next_step(use), **later)
        use = step(cast, use, queries.next_step(use), agreed=False, refuse=True, note="不是共用部位", **later)
    else:
        by = {"version": None, "actor": cast.actor("street_office"), **later}
        refuses("note_missing", lambda: fund.withdraw_use(use, reason="", **by))
        use = fund.withdraw_use(use, reason="施工单位退出", **by)
        refuses("use_state", lambda: fund.withdraw_use(use, reason="又", **by))
    assert use.state == how and Duty.objects.get(rule="review_use").state == "void"


def test_a_use_that_was_paid_from_is_not_taken_back(cast):
    endowed(cast, "100", fen_each=10_000_000)
    committee(cast)
    use = until(cast, proposed(cast), "notice", motion=decided(cast, fen=None))
    later = cast.now + LATER
    use = until(cast, use, "advance", now=later)
    by = {"version": None, "actor": cast.actor("street_office"), "now": later}
    refuses("use_paid", lambda: fund.withdraw_use(use, reason="施工单位退出", **by))


@pytest.mark.clause("MX-3.8.3-1")
def test_who_prepares_it_takes_it_back_on_its_page(cast, sign_in):
    endowed(cast, "100")
    committee(cast)
    use = proposed(cast)
    street, url = sign_in("street_office"), f"/zijin/shiyong/{use.pk}/"
    assert f"{url}chehui/" in street.get(url).content.decode()
    key = street.get(f"{url}chehui/").content.decode().split('name="form_key" value="')[1].split('"')[0]
    given = {"form_key": key, "version": use.version, "reason": "业主自筹修好"}
    assert street.post(f"{url}chehui/", {**given, "reason": ""}).status_code == 422
    assert street.post(f"{url}chehui/", given).status_code == 303
    page = street.get(url).content.decode()
    assert "业主自筹修好" in page and f"{url}chehui/" not in page and f"{url}ban/" not in page
    assert street.get(f"{url}chehui/").status_code == 404


@in_city("jiangyin", "2024-06-03")
@pytest.mark.clause("JY-2.3.7-4")
def test_an_estate_that_was_urged_has_fifteen_days_to_apply(cast):
    endowed(cast, "100")
    committee(cast)
    fund.urge(cast.estate, reason="1幢屋面漏水多年未修", actor=cast.actor("street_office"), now=cast.now)
    duty = Duty.objects.get(rule="apply_after_urging")
    assert duty.due_at == day("2024-06-19", 0) and duty.owner_organisation.role == "owners_committee"
    proposed(cast, now=day("2024-06-18", 20))
    duty.refresh_from_db()
    assert duty.state == "fulfilled"


@in_city("jiangyin", "2024-06-03")
@pytest.mark.clause("JY-2.3.7-4")
def test_where_there_is_no_committee_the_company_that_serves_is_urged_to_apply(cast):
    endowed(cast, "100")
    fund.urge(cast.estate, reason="1幢屋面漏水多年未修", actor=cast.actor("street_office"), now=cast.now)
    owner = Duty.objects.get(rule="apply_after_urging").owner_organisation
    assert owner == cast.organisations["property_company"]


@in_city("jinhua", "2026-04-30")
@pytest.mark.clause("JH-4.7f", "JH-4.7g")
def test_the_last_day_of_verification_and_payment_stands_on_the_page_of_the_use(cast, client, monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: cast.now)
    endowed(cast, "100")
    committee(cast)
    use = proposed(cast, path="emergency", matter="elevator_stopped", evidence=[file(cast, cast.estate)])

    def shown():
        client.force_login(cast.actor("housing").user)
        page = client.get(reverse("funds:use", args=[use.pk])).content.decode()
        return page.split("下一步：")[1].split("</div>")[0]

    assert "核实紧急维修情况" in shown() and "5月7日" in shown() and "JH-4.7f" in shown()
    use = until(cast, use, "apply")
    assert "核实紧急维修情况" not in shown() and "拨付紧急维修资金" in shown() and "5月8日" in shown()
    cast.now = day("2026-05-09", 1)
    assert "已超1日" in shown() and "JH-4.7g" in shown()
    assert "已超1日" in client.get(reverse("funds:uses")).content.decode()
