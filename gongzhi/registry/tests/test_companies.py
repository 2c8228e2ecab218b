"""Companies: registered on a page, told apart, joined by others; their staff."""

from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from gongzhi.core.models import Event, Organisation
from gongzhi.registry import services as registry
from gongzhi.registry.models import Project
from gongzhi.registry.queries.reading import companies_near
from gongzhi.registry.tests.test_pages import send

pytestmark = pytest.mark.django_db
CODE = "91340207MA2T00001X"


def registered(client, **given):
    return send(client, reverse("registry:begin_company"), **{"name": "甲物业", **given})


@pytest.mark.clause("MX-3.2.1-10", "MX-3.9.1-1")
def test_a_company_is_registered_on_a_page_in_the_county_of_whoever_does_it(quiet_cast, client):
    client.force_login(quiet_cast.user("street_office"))
    assert "登记企业" in client.get(reverse("registry:organisations")).content.decode()
    wrong = registered(client, credit_code="123")
    assert wrong.status_code == 422 and "18位" in wrong.content.decode() and "甲物业" in wrong.content.decode()
    assert registered(client, credit_code=CODE.lower(), address="甲路1号").status_code in (302, 303)
    made = Organisation.objects.get(name="甲物业")
    assert (made.place, made.credit_code, made.role) == (quiet_cast.county, CODE, "property_company")
    assert registry.fact(made.ref, "registered_address", timezone.localdate())  # noqa: TID251 - the page reads the clock == "甲路1号"
    assert Event.objects.get(kind="organisation.registered").subject_id == str(made.pk)
    twice = registered(client, name="乙物业", credit_code=CODE)
    assert twice.status_code == 422 and "已经登记过：甲物业" in twice.content.decode()
    assert registered(client).status_code == 422
    assert companies_near(quiet_cast.estate.place_path).filter(pk=made.pk).exists()


@pytest.mark.parametrize("role", ["owner", "police", "project_manager"])
def test_others_register_no_company(quiet_cast, client, role):
    client.force_login(quiet_cast.user(role))
    assert registered(client).status_code == 403
    assert not Organisation.objects.filter(name="甲物业").exists()


@pytest.mark.clause("MX-3.9.1-1")
def test_what_a_company_charged_goes_along_when_it_is_taken_over_and_its_page_says_into_which(quiet_cast, client):
    old, new = quiet_cast.organisation("property_company"), quiet_cast.organisation("property_company@2")
    Project.objects.filter(company=old).update(fee_yuan_m2_month=Decimal("1.5"))
    client.force_login(quiet_cast.user("housing"))
    page = reverse("registry:join", args=[old.pk])
    assert send(client, page, into=new.pk, way="takeover", from_on="2022-05-01").status_code == 303
    moved = Project.objects.get(company=new, estate=quiet_cast.estate)
    assert (moved.from_on, moved.fee_yuan_m2_month) == (date(2022, 5, 1), Decimal("1.5"))
    shown = client.get(reverse("registry:organisation", args=[old.pk])).content.decode()
    assert f"2022年5月1日起兼并，并入{new.name}" in shown
    assert "并入" not in client.get(reverse("registry:organisation", args=[new.pk])).content.decode()
