"""An estate's page for whoever scans its board: found by name or place, numbers to call, nothing of a person."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from gongzhi.cases.accountability.services import boards
from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.models import Organisation
from gongzhi.funds.charges.services import showing as charges
from gongzhi.registry import services as registry
from gongzhi.site import limits
from gongzhi.site.demo.loading import Stage

SYSTEM = Actor.system(demo=True)
PICTURE = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89"


def page(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200, address
    return response.content.decode()


def test_the_home_page_leads_to_an_estate_by_name_and_by_place(visitor: Client, stage: Stage) -> None:
    estate = stage.estates["jh"]
    home = page(visitor, "/")
    assert 'action="/gongshi/"' in home and 'href="/gongshi/"' in home
    assert f'href="/gongshi/{estate.pk}/"' in page(visitor, "/gongshi/?q=江滨")
    address = "/gongshi/"
    for name in ("义乌市", "稠城街道", "江滨社区居委会", "示范江滨里"):
        found = re.search(rf'href="([^"]+)">{name}<', page(visitor, address))
        assert found is not None, name
        address = found[1]
    assert address == f"/gongshi/{estate.pk}/"


def test_of_several_counties_the_visitor_chooses_whose_numbers_he_reads(visitor: Client, stage: Stage) -> None:
    home = page(visitor, "/")
    assert "您在哪里" in home and "有事找谁" not in home
    here = page(visitor, "/?di=320582")
    assert "市便民服务中心" in here and "有事找谁" in here
    assert "区热线办" not in here


@pytest.mark.clause("JH-3.2.2c")
def test_six_numbers_stand_on_the_page_and_one_that_lacks_is_named(visitor: Client, stage: Stage) -> None:
    estate, now = stage.estates["jh"], timezone.now()
    address = f"/gongshi/{estate.pk}/"
    whole = page(visitor, address)
    assert "齐全：8/8" in whole  # six departments, the street, the community
    assert "视为没有公布" in whole
    unit = Organisation.objects.get(role="civil_defence_office", place__code="330782")
    boards.change_number(unit, number="0579-00000000", actor=SYSTEM, now=now)
    assert "0579-00000000" in page(visitor, address)
    board = boards.print_board(estate, actor=SYSTEM, now=now)
    photo = SimpleUploadedFile("board.png", PICTURE, content_type="image/png")
    boards.post_board(board, photo=photo, spot="东门岗亭", actor=SYSTEM, now=now)
    assert "张贴在东门岗亭" in page(visitor, address)
    Organisation.objects.filter(pk=unit.pk).update(phone="")
    lacking = page(visitor, address)
    assert "不完整：7/8" in lacking and "人防部门" in lacking


@pytest.mark.clause("JH-4.9k")
def test_the_public_reads_company_and_bodies_and_no_person(visitor: Client, stage: Stage) -> None:
    estate = stage.estates["garden"]
    html = page(visitor, f"/gongshi/{estate.pk}/")
    for shown in ("某某物业", "业主委员会", "已成立", "官陡街道物管办", f"/tousu/?xiaoqu={estate.pk}"):
        assert shown in html
    for row in stage.scene["people"]:
        assert row["name"] not in html and row["phone"] not in html
    for account in stage.scene["accounts"]:
        assert f">{account['name']}<" not in html
    for closed in (f"/xiaoqu/{estate.pk}/", f"/xiaoqu/{estate.pk}/fangwu/"):
        assert visitor.get(closed).status_code == 302  # to the door


@pytest.mark.clause("JH-4.9k")
def test_a_program_reads_without_a_key_what_the_page_shows_and_no_more(visitor: Client, stage: Stage) -> None:
    estate = stage.estates["garden"]
    html = page(visitor, f"/gongshi/{estate.pk}/")
    (row,) = [one for one in visitor.get("/api/v1/public/estates?text=花园").json() if one["id"] == estate.pk]
    assert [one["name"] for one in row["places"]][-1] == estate.community.name
    found = visitor.get(f"/api/v1/public/estates/{estate.pk}").json()
    shown = [
        found["name"], found["type"], found["address"], found["company"]["name"], found["company"]["service_standard"],
        *(one["number"] for one in found["board"]["numbers"]), *(one["name"] for one in found["offices"]),
        *(one["title"] for one in found["votes"]), *(one["title"] for one in found["bodies"]),
    ]  # fmt: skip
    assert len(shown) > 10 and all(words in html for words in shown if words)  # noqa: PLR2004
    told = str(found)
    assert not any(one["name"] in told or one["phone"] in told for one in stage.scene["people"])
    assert not any(one["name"] in told for one in stage.scene["accounts"])
    assert visitor.get("/api/v1/estates").status_code == 401  # noqa: PLR2004


def test_whoever_reads_too_often_from_one_address_waits(
    visitor: Client, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "READ_ADDRESS", limits.Limit("read-address", 2, timedelta(minutes=15)))
    address = f"/api/v1/public/estates/{stage.estates['garden'].pk}"
    answers = [visitor.get(address) for _ in range(3)]
    assert [one.status_code for one in answers] == [200, 200, 429]
    assert answers[-1]["Retry-After"] == "900" and answers[-1]["Content-Type"].startswith("application/problem+json")


@pytest.mark.clause("JH-4.9k")
def test_the_owner_reads_company_charge_and_committee_of_his_own_estate(signed_in, stage: Stage) -> None:
    owner = signed_in("yezhu")
    html = page(owner, f"/xiaoqu/{stage.estates['garden'].pk}/")
    assert "某某物业" in html and "收费" in html and "业主委员会" in html
    assert owner.get(f"/xiaoqu/{stage.estates['home'].pk}/").status_code == 403


def test_an_estate_that_went_into_another_says_so(visitor: Client, stage: Stage) -> None:
    estate = stage.estates["beiyuan"]
    estate.ended_on = timezone.now().date() - timedelta(days=2)
    estate.save(update_fields=["ended_on"])
    html = page(visitor, f"/gongshi/{estate.pk}/")
    assert "并入其他区域" in html and "今天没有物业企业服务" in html


@pytest.mark.clause("JH-4.9k")
def test_in_jinhua_the_owner_reads_four_things_of_his_estate_and_the_public_only_what_is_open(
    visitor: Client, signed_in, stage: Stage
) -> None:
    """Company, committee, charges and notices for the owner; the company's credit for everybody; nobody's data."""
    estate, now = stage.estates["jh"], timezone.now()
    on = timezone.localdate(now)
    company, project = stage.companies["jh"], estate.projects.get()
    registry.change_terms(project, changes={"fee": "高层每平方米每月1.30元"}, actor=SYSTEM, now=now)
    registry.record_fact(estate, name="has_owners_committee", value=True, from_on=on, actor=SYSTEM, now=now)
    registry.record_organisation_fact(company, name="credit_grade", value="AA", from_on=on, actor=SYSTEM, now=now)
    photo = core.store_file(
        SimpleUploadedFile("jia.png", PICTURE, content_type="image/png"), owner=estate.ref, actor=SYSTEM, now=now
    )
    given = {"item": "price", "place": "board", "photo": photo, "price": Decimal("1.30"), "grade": "", "shown_on": on}
    charges.show(project, **given, actor=SYSTEM, now=now)
    owner = signed_in("jh-yezhu")
    own = page(owner, f"/xiaoqu/{estate.pk}/")
    for shown in (company.name, "高层每平方米每月1.30元", "业主委员会", "收费公示", "1.3元", f"/gongshi/{estate.pk}/"):
        assert shown in own, shown
    public = page(visitor, f"/gongshi/{estate.pk}/")
    assert company.name in public and "信用等级" in public and "AA" in public and "1.3元" in public
    assert "不显示任何人的个人信息" in public
    people = [one for one in stage.scene["accounts"] if one.get("estate") == "jh"]
    assert people and not any(f">{one['name']}<" in public for one in people)
    # What is of persons: not for the visitor, nor for the neighbour of another estate, nor without a key.
    assert visitor.get(f"/xiaoqu/{estate.pk}/fangwu/").status_code == 302
    assert owner.get(f"/xiaoqu/{estate.pk}/fangwu/").status_code == 403
    assert signed_in("yezhu").get(f"/xiaoqu/{estate.pk}/").status_code == 403
    assert visitor.get(f"/api/v1/estates/{estate.pk}/units").status_code == 401
