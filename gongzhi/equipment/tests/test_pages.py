"""Every page opens for whoever has business there, and what is typed does what it says."""

from datetime import date

import pytest
from django.test import Client

from gongzhi.core import middleware
from gongzhi.core.tests.cast import _person
from gongzhi.duties.models import Duty
from gongzhi.equipment import services as equipment
from gongzhi.equipment.models import Defect, Directive, Drill, EmergencyPlan, Fault, UpkeepContract, UsePermit
from gongzhi.equipment.tests.place import PICTURE, city, known, looked, piece
from gongzhi.equipment.tests.test_directives import issued
from gongzhi.registry.models import Facility

pytestmark = pytest.mark.django_db
KEY = iter(range(10_000))


def signed_in(cast, role, monkeypatch):
    monkeypatch.setattr(middleware.timezone, "now", lambda: cast.now)
    client = Client()
    client.force_login(cast.users[role])
    return client


def upload():
    from django.core.files.uploadedfile import SimpleUploadedFile

    return SimpleUploadedFile("照片.png", PICTURE, content_type="image/png")


def send(client, address, **data):
    return client.post(address, {"form_key": f"eq-{next(KEY)}", **data})


def text(client, address, status=200):
    answer = client.get(address)
    assert answer.status_code == status, (address, answer.status_code)
    return answer.content.decode()


@pytest.fixture
def cast(db):
    made = city("jiujiang", "2022-05-05")
    _person(made, "property_company", "企业经办", organisation=made.organisation("property_company"))
    return made


LISTS = ("", "tongji/", "yuqi/", "hetong/", "guzhang/", "jiancha/", "zhenggai/", "yuan/", "tufa/", "shiyongzheng/")


@pytest.mark.parametrize(
    "role", ["housing", "market_regulation", "fire_rescue", "street_office", "community_station", "property_company",
             "upkeep_company"],
)  # fmt: skip
def test_every_list_opens_for_offices_departments_and_companies(cast, monkeypatch, role):
    client = signed_in(cast, role, monkeypatch)
    for one in LISTS:
        staff_only = one == "tongji/" and "company" in role
        text(client, f"/shebei/{one}", 404 if staff_only else 200)
    export = client.get("/shebei/hetong/?daochu=1")
    assert export.status_code == 200 and export["Content-Disposition"].endswith('.xlsx"')


def test_a_company_signs_reports_repairs_drills_and_the_estates_page_shows_it(cast, monkeypatch):
    lift = piece(cast, "elevator", "T1", valid_until=date(2022, 5, 4))
    client, here = signed_in(cast, "property_company", monkeypatch), f"{cast.estate.pk}/"
    bad = send(client, f"/shebei/xin/contract/{here}", contract="maintenance", kind="elevator")
    assert bad.status_code == 422
    good = send(
        client, f"/shebei/xin/contract/{here}", contract="maintenance", kind="elevator",
        company=cast.organisation("upkeep_company").pk, party_a="property_company", from_on="2022-05-01",
        to_on="2022-06-01", yearly="36000", tendered="",
    )  # fmt: skip
    contract = UpkeepContract.objects.get()
    assert good.status_code == 303 and good["Location"] == f"/shebei/hetong/{contract.pk}/"
    assert "即将到期" in text(client, f"/shebei/hetong/{contract.pk}/") and contract.yearly_fen == 3_600_000
    paid = send(
        client, f"/shebei/contract/{contract.pk}/ban/pay/", payer_role="property_company", paid_on="2022-05-05",
        amount="3000.00", period="5月", version=contract.version,
    )  # fmt: skip
    assert paid.status_code == 303 and "3,000.00" in text(client, f"/shebei/hetong/{contract.pk}/")
    told = send(
        client, f"/shebei/xin/fault/{here}", fault="trapped", facility=lift.pk, kind="", text="1人被困3层",
        happened_at="2022-05-05T08:30",
    )  # fmt: skip
    assert told.status_code == 303
    fault = Fault.objects.get()
    mender = signed_in(cast, "upkeep_company", monkeypatch)
    assert "登记到场" in text(mender, f"/shebei/guzhang/{fault.pk}/")
    for act, data in (("arrive", {"at": "2022-05-05T08:50"}), ("fix", {"at": "2022-05-05T09:00", "outcome": "已放人"})):
        fault.refresh_from_db()
        address = f"/shebei/fault/{fault.pk}/ban/{act}/"
        assert "gz-card" in text(mender, address)
        assert send(mender, address, version=fault.version, **data).status_code == 303
    drilled = send(
        client, f"/shebei/xin/drill/{here}", kind="fire", held_on="2022-05-01", participants="30", note="",
        photos=upload(),
    )  # fmt: skip
    assert drilled.status_code == 303 and Drill.objects.get().photos.count() == 1
    shown = text(client, f"/shebei/xiaoqu/{here}")
    for words in ("安达电梯维保公司", "困人", "30人", "已过期1日"):
        assert words in shown
    file = text(signed_in(cast, "street_office", monkeypatch), f"/xiaoqu/{here}")
    assert "设施设备和应急" in file and "检验过期" in file
    facility = text(client, f"/xiaoqu/sheshi/{lift.pk}/")
    assert "登记检验、维护" in facility and "已放人" not in facility


def test_a_piece_is_looked_after_and_its_details_are_those_of_the_document(cast, monkeypatch):
    row = piece(cast, "civil_defence", "人防1")
    client = signed_in(cast, "property_company", monkeypatch)
    form = text(client, f"/shebei/facility/{row.pk}/ban/data/")
    assert "用途" in form and "使用单位" in form
    saved = send(
        client, f"/shebei/facility/{row.pk}/ban/data/", quantity="1", intact="", location="地下一层", detail_0="车库",
        detail_1="某物业", version=row.version,
    )  # fmt: skip
    assert saved.status_code == 303
    assert "车库" in text(client, f"/xiaoqu/sheshi/{row.pk}/")
    stale = send(
        client, f"/shebei/facility/{row.pk}/ban/data/", quantity="2", intact="", location="", detail_0="", detail_1="",
        version=row.version,
    )  # fmt: skip
    assert stale.status_code == 409
    row.refresh_from_db()
    care = send(
        client, f"/shebei/facility/{row.pk}/ban/care/", item="upkeep", inspected_on="2022-05-05", result="failed",
        note="渗水", valid_until="", version=row.version,
    )  # fmt: skip
    assert care.status_code == 303
    assert "停止使用" in text(client, f"/xiaoqu/sheshi/{row.pk}/")


@pytest.mark.clause("JY-2.8.22-6")
def test_who_looks_after_the_drains_is_written_down_on_the_page_that_the_list_points_to(monkeypatch):
    cast = city("jiangyin", "2024-07-01")
    _person(cast, "property_company", "企业经办", organisation=cast.organisation("property_company"))
    known(cast.estate, drainage_area=True)
    row = piece(cast, "drainage", "雨污管网", estate=cast.estate)
    client = signed_in(cast, "property_company", monkeypatch)
    here = f"/shebei/facility/{row.pk}/ban/data/"
    assert "维保单位" in text(client, here)
    given = dict.fromkeys((f"detail_{one}" for one in range(9)), "")
    given |= {"detail_0": "50000", "detail_2": "每月"}
    lasting = "长效运维未落实"
    assert lasting in text(client, f"/shebei/xiaoqu/{cast.estate.pk}/")
    sent = send(client, here, quantity="1", intact="", location="", upkeep="排水公司", version=row.version, **given)
    assert sent.status_code == 303
    assert lasting not in text(client, f"/shebei/xiaoqu/{cast.estate.pk}/")


def test_a_department_issues_a_paper_the_company_answers_and_what_was_found_is_struck_off(cast, monkeypatch):
    brigade = signed_in(cast, "fire_rescue", monkeypatch)
    wrong = send(
        brigade, "/shebei/jiancha/xiafa/", directive="check", kind="fire", title="春季检查", text="请整改",
        due_on="2022-05-20", estates=[cast.estate.pk], found="不知道 什么",
    )  # fmt: skip
    assert wrong.status_code == 422 and "种类用列出的说法" in wrong.content.decode()
    sent = send(
        brigade, "/shebei/jiancha/xiafa/", directive="check", kind="fire", title="春季检查", text="请整改",
        due_on="2022-05-20", estates=[cast.estate.pk], found="堵塞消防通道 东门停车",
    )  # fmt: skip
    assert sent.status_code == 303, sent.content.decode()
    row = Directive.objects.get()
    target, defect = row.targets.get(), Defect.objects.get()
    assert "没有反馈" in text(brigade, f"/shebei/jiancha/{row.pk}/")
    company = signed_in(cast, "property_company", monkeypatch)
    assert "反馈落实情况" in text(company, f"/shebei/fankui/{target.pk}/")
    mended = send(
        company, f"/shebei/defect/{defect.pk}/ban/mend/", text="已劝离并画线", file=upload(), version=defect.version
    )
    assert mended.status_code == 303
    target.refresh_from_db()
    answered = send(company, f"/shebei/target/{target.pk}/ban/answer/", text="已整改", version=target.version)
    assert answered.status_code == 303
    defect.refresh_from_db()
    bare = send(brigade, f"/shebei/defect/{defect.pk}/ban/recheck/", verdict="yes", text="好", version=defect.version)
    assert bare.status_code == 422 and "没有复查照片不能销号" in bare.content.decode()
    done = send(
        brigade, f"/shebei/defect/{defect.pk}/ban/recheck/", verdict="yes", text="好", file=upload(),
        version=defect.version,
    )  # fmt: skip
    assert done.status_code == 303
    page = text(brigade, f"/shebei/fankui/{target.pk}/")
    assert "已销号" in page and "按期" in page
    target.refresh_from_db()
    fined = send(
        brigade, f"/shebei/target/{target.pk}/ban/penalise/", penalty="罚款五千元", on="2022-05-05",
        version=target.version,
    )  # fmt: skip
    assert fined.status_code == 303
    bureau = signed_in(cast, "housing", monkeypatch)
    assert "罚款五千元" in text(bureau, f"/xiaoqu/danwei/{cast.organisation('property_company').pk}/")
    other = signed_in(cast, "street_office@2", monkeypatch)
    assert other.get(f"/shebei/fankui/{target.pk}/").status_code == 404
    assert other.get(f"/shebei/xiaoqu/{cast.estate.pk}/").status_code == 403


def test_plans_hide_numbers_from_nobody_who_must_call_and_emergencies_have_a_line(cast, monkeypatch):
    company = signed_in(cast, "property_company", monkeypatch)
    filed = send(
        company, f"/shebei/xin/plan/{cast.estate.pk}/", kind="general", title="总体预案", text="先疏散",
        contacts="王主任 13900001111 总协调",
    )  # fmt: skip
    assert filed.status_code == 303
    plan = EmergencyPlan.objects.get()
    assert "13900001111" in text(company, f"/shebei/yuan/{plan.pk}/")
    told = send(company, f"/shebei/xin/emergency/{cast.estate.pk}/", kind="flood", text="地库进水")
    assert told.status_code == 303
    address = told["Location"]
    assert "处置中" in text(company, address)
    pk = int(address.rstrip("/").rsplit("/", 1)[-1])
    noted = send(
        company, f"/shebei/emergency/{pk}/ban/note/", kind="step", at="2022-05-05T08:00", text="架泵", version=1
    )
    assert noted.status_code == 303 and "架泵" in text(company, address)
    street = signed_in(cast, "street_office", monkeypatch)
    own = send(
        street, "/shebei/yuan/benji/", kind="service", title="应急服务", text="三日到位",
        contacts="李主任 13900002222 值守", reserves=[cast.organisation("property_company@2").pk],
    )  # fmt: skip
    assert own.status_code == 303
    assert "应急服务" in text(street, "/shebei/yuan/")


def test_owners_and_everybody_see_until_when_the_lifts_were_inspected(cast, monkeypatch):
    assert Client().get(f"/shebei/gongkai/{cast.estate.pk}/").status_code == 404
    row = piece(cast, "elevator", "T1", valid_until=date(2022, 4, 1), now=cast.now)
    piece(cast, "security", "东门探头")
    monkeypatch.setattr(middleware.timezone, "now", lambda: cast.now)
    page = text(Client(), f"/shebei/gongkai/{cast.estate.pk}/")
    assert "电梯 T1" in page and "已过期34日" in page and "东门探头" not in page
    assert f"/shebei/gongkai/{cast.estate.pk}/" in text(Client(), f"/gongshi/{cast.estate.pk}/")
    looked(row, "2022-05-05", result="failed")
    assert "停止使用" in text(Client(), f"/shebei/gongkai/{cast.estate.pk}/")


@pytest.mark.clause("MX-2.1-1")
def test_a_town_opens_its_own_estates_the_county_all_and_a_community_none_of_another(monkeypatch):
    cast = city("meixian", "2023-06-01")
    here, there = f"/shebei/xiaoqu/{cast.estate.pk}/", f"/shebei/xiaoqu/{cast.estate_outside.pk}/"
    opened = {
        role: [signed_in(cast, role, monkeypatch).get(one).status_code for one in (here, there)]
        for role in ("street_office", "street_office@2", "housing", "community_station", "community_station@2")
    }
    assert opened == {
        "street_office": [200, 403], "street_office@2": [403, 200], "housing": [200, 200],
        "community_station": [200, 403], "community_station@2": [403, 200],
    }  # fmt: skip
    listed = text(signed_in(cast, "community_station", monkeypatch), "/xiaoqu/")
    assert cast.estate.name in listed and cast.estate_outside.name not in listed


def test_a_permit_is_asked_for_on_the_works_page_and_stepped_by_the_bureau(monkeypatch):
    cast = city("zhangjiagang", "2023-05-08")
    row = piece(cast, "civil_defence", "人防1")
    manager = signed_in(cast, "project_manager", monkeypatch)
    assert "申请人防工程平时使用证" in text(manager, f"/xiaoqu/sheshi/{row.pk}/")
    assert send(manager, f"/shebei/facility/{row.pk}/ban/permit/", use="车库").status_code == 303
    permit = UsePermit.objects.get()
    bureau = signed_in(cast, "housing", monkeypatch)
    for extra in ({}, {}, {"permit_number": "证1"}):
        permit.refresh_from_db()
        assert (
            send(
                bureau, f"/shebei/permit/{permit.pk}/ban/step/", note="同意", version=permit.version, **extra
            ).status_code
            == 303
        )
    assert "证1" in text(bureau, f"/shebei/shiyongzheng/{permit.pk}/")
    assert "有证" in text(bureau, f"/shebei/xiaoqu/{cast.estate.pk}/")
    assert Facility.objects.get(pk=row.pk).permits.count() == 1


def test_who_finds_a_paper_in_the_list_may_open_it_and_another_street_finds_neither(monkeypatch):
    cast = city("jiangyin", "2024-06-03")
    row = issued(cast, [cast.estate], by="fire_rescue")
    street, other = (signed_in(cast, role, monkeypatch) for role in ("street_office", "street_office@2"))
    address = f"/shebei/jiancha/{row.pk}/"
    assert address in text(street, "/shebei/jiancha/") and cast.estate.name in text(street, address)
    assert address not in text(other, "/shebei/jiancha/")
    assert other.get(address).status_code == 404


@pytest.mark.clause("JJ-A4-2.3-3")
def test_from_the_duty_to_make_a_plan_the_company_comes_to_where_it_is_filed(cast, monkeypatch):
    equipment.watch(cast.now)
    duty = Duty.objects.get(rule="make_plan", estate=cast.estate)
    company = signed_in(cast, "property_company", monkeypatch)
    estate = f"/xiaoqu/{cast.estate.pk}/"
    assert f'href="{estate}"' in text(company, f"/gongzuotai/{duty.pk}/")
    pieces = f"/shebei{estate}"
    assert f'href="{pieces}"' in text(company, estate)
    assert "缺应急预案" in text(company, pieces) and f"/shebei/xin/plan/{cast.estate.pk}/" in text(company, pieces)
