"""A tenant is asked for the bills of his lease, sees those alone and pays them; the owner still answers for all."""

from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from gongzhi.core.days import local_day
from gongzhi.core.models import OutboxMessage
from gongzhi.funds.charges import services as charges
from gongzhi.funds.charges.models import Bill, Tenancy
from gongzhi.funds.charges.queries.payers import tenant_of
from gongzhi.funds.charges.tests.charged import bill, manager, owned, project_of, tariff, terms
from gongzhi.funds.maintenance.tests.fund import file, units
from gongzhi.funds.maintenance.tests.test_deposits import refuses
from gongzhi.funds.payments import services as payments
from gongzhi.funds.payments.services.bills import bills_pdf
from gongzhi.funds.public_money.tests.money import city
from gongzhi.registry.queries.known import fact

PHONE = "13900009876"
LEASE = date(2026, 10, 1)


@pytest.fixture
def cast(request, db):
    return city(*getattr(request, "param", ("zhangjiagang", "2026-11-02")))


def change(row, **values):
    type(row).objects.filter(pk=row.pk).update(**values)
    row.refresh_from_db()


def let(cast, unit, **more):
    given = {
        "name": "李承租",
        "phone": PHONE,
        "from_on": LEASE,
        "to_on": None,
        "agreed": False,
        "contract": None,
        **more,
    }
    return charges.let_unit(unit, project=project_of(cast), actor=manager(cast), now=cast.now, **given)


def home(cast, *, kind="resettlement"):
    change(cast.estate, estate_type=kind)
    (unit,) = units(cast, "100")
    return unit, owned(unit, "王业主", since=date(2021, 1, 1), cast=cast)


def month(cast, first, key):
    """A run of one month."""
    run = charges.begin_run(
        project_of(cast), every=1, from_on=first, issued_on=local_day(cast.now), actor=manager(cast), now=cast.now
    )
    return charges.go_on(run, now=cast.now)


@pytest.mark.clause("ZJG-6.3.3a")
def test_from_the_lease_on_the_tenant_is_asked_and_the_rebate_has_stopped(cast):
    unit, _ = home(cast)
    row = let(cast, unit)
    assert row.bill_to == "tenant" and "ZJG-6.3.3a" in row.answer["clauses"]
    assert fact(unit.ref, "let_from", LEASE) == LEASE and fact(unit.ref, "let_from", LEASE - timedelta(1)) is None
    terms(cast)
    tariff(cast, "1.00")
    before, after = month(cast, date(2026, 9, 1), "sep"), month(cast, date(2026, 10, 1), "oct")
    assert tenant_of(before.made.get(unit=unit)) is None and tenant_of(after.made.get(unit=unit)) == row
    for run in (before, after):
        payments.tell_run(run, base="https://gz.example.cn", now=cast.now)
    told = {one.ref_id: one.to_person for one in OutboxMessage.objects.filter(template="fee_bill")}
    assert told[str(after.made.get(unit=unit).pk)] == row.tenant
    assert told[str(before.made.get(unit=unit).pk)] != row.tenant
    assert bills_pdf([after.made.get(unit=unit)], base="https://gz.example.cn", now=cast.now).startswith(b"%PDF")


def test_the_lease_or_the_document_decides_who_is_asked(cast):
    unit, _ = home(cast, kind="commercial")
    assert let(cast, unit, to_on=LEASE + timedelta(days=30)).bill_to == "owner"
    refuses("let_twice", lambda: let(cast, unit, from_on=LEASE + timedelta(days=30)))
    more = {"from_on": LEASE + timedelta(days=31), "agreed": True}
    refuses("lease_missing", lambda: let(cast, unit, **more))
    row = let(cast, unit, contract=file(cast, cast.estate), **more)
    assert row.bill_to == "tenant" and list(row.answer["clauses"]) == ["TL-41"]
    refuses("tenant_missing", lambda: let(cast, unit, name=" "))
    refuses("forbidden", lambda: charges.let_unit(
        unit, project=project_of(cast), name="李", phone=PHONE, from_on=LEASE, to_on=None, agreed=False, contract=None,
        actor=cast.actor("street_office"), now=cast.now))  # fmt: skip


def test_a_tenant_sees_and_pays_his_own_and_the_owner_answers_for_all(cast, sign_in):
    unit, title = home(cast)
    change(title.shares.get().owner, phone_cipher="", phone_hash="")
    old = bill(cast, unit, "80", due=local_day(cast.now), key="old")
    Bill.objects.filter(pk=old.pk).update(from_on=LEASE - timedelta(days=30), to_on=LEASE - timedelta(days=1))
    his = bill(cast, unit, "100", due=local_day(cast.now) + timedelta(days=5), key="his")
    row = let(cast, unit)
    url = reverse("funds:pay_link", args=[payments.token_of(unit, now=cast.now)])
    phone = Client()
    assert "不一致" in phone.post(url, {"tail": "0000"}).content.decode()
    assert phone.post(url, {"tail": PHONE[-4:]}).status_code == 303
    page = phone.get(url).content.decode()
    assert "100.00" in page and "80.00" not in page
    payer = payments.Payer(unit, None, row)
    assert payer.own([Bill.objects.get(pk=old.pk), his]) == [his]
    company = sign_in("project_manager").get(
        reverse("funds:charges_unit", args=[project_of(cast).pk, unit.pk])
    ).content.decode()  # fmt: skip
    assert "由承租人缴" in company and "业主负连带责任" in company
    refused = refuses("not_cleared", lambda: charges.issue_clearance(
        unit, project=project_of(cast), ownership=title, actor=manager(cast), now=cast.now))  # fmt: skip
    assert "180.00" in refused.message
    row = charges.end_tenancy(
        row, project=project_of(cast), to_on=LEASE, version=row.version, actor=manager(cast), now=cast.now
    )
    assert tenant_of(his) is None and Tenancy.objects.get().to_on == LEASE


def test_a_lease_is_registered_on_the_page_of_the_unit(cast, sign_in):
    unit, _ = home(cast)
    company = sign_in("project_manager")
    where = reverse("funds:charges_act", args=["unit", f"{project_of(cast).pk}-{unit.pk}", "chuzu"])
    page = company.get(where).content.decode()
    key = page.split('name="form_key" value="')[1].split('"')[0]
    given = {"form_key": key, "name": "李承租", "phone": PHONE, "from_on": LEASE.isoformat()}
    assert company.post(where, given).status_code == 303
    row = Tenancy.objects.get(unit=unit)
    assert (row.from_on, row.bill_to, str(row.tenant)) == (LEASE, "tenant", "李**")
