"""The five kinds of basic data: brought in by workbook, checked cell by cell, complete by estate; lists of a place."""

from datetime import date
from decimal import Decimal
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from python_calamine import CalamineWorkbook

from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.core.models import Event
from gongzhi.core.tests.cast import NOW
from gongzhi.duties.models import Duty
from gongzhi.governance.bodies.models import Body
from gongzhi.registry import services as registry
from gongzhi.registry.models import ArchiveCatalogue, Building, Facility, Project
from gongzhi.registry.queries import datasets, fact
from gongzhi.registry.services import imports
from gongzhi.registry.tests.books import workbook

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system()
HOME, TODAY = "梧桐花园", NOW.date()


def dry(cast, **sheets):
    return imports.dry_run(name="x.xlsx", content=workbook(**sheets), place=cast.street, actor=SYSTEM, now=NOW)


def taken(run, **extra):
    return imports.confirm(run, digest=run.digest, actor=SYSTEM, now=NOW, **extra)


def told(run):
    return {(one["sheet"], one["row"], one["column"][0]): one["reason"] for one in run.report["errors"]}


LIFTS = [
    [HOME, "电梯", "T1", "1幢", "", "某电梯公司", "2022-12-31"],
    [HOME, "人防工程", "", "", "地下室", "", "", 1200],
]


@pytest.mark.clause("JJ-A10-2.3-1")
def test_equipment_comes_in_and_its_bad_rows_are_told_and_keep_no_other_row_out(quiet_cast):
    bad = [
        [HOME, "飞机", "T9"],
        [HOME, "电梯", "T3", "9幢"],
        [HOME, "电梯"],
        [HOME, "电梯", "T1"],
        [HOME, "电梯", "T4", "", "", "", "2022-13-01"],
    ]
    run = dry(quiet_cast, 设施设备=[*LIFTS, *bad])
    assert set(told(run)) == {
        ("设施设备", 4, "B"), ("设施设备", 5, "D"), ("设施设备", 6, "C"), ("设施设备", 8, "G"),
    } | {key for key in told(run) if key[1] == 7}  # fmt: skip
    assert not Facility.objects.exists()
    taken(run, leave_out=True)
    lift = Facility.objects.get(code="T1")
    assert (lift.building.name, lift.valid_until, lift.upkeep) == ("1幢", date(2022, 12, 31), "某电梯公司")
    assert Facility.objects.get(kind="civil_defence").area_m2 == Decimal(1200)


def test_equipment_that_is_known_is_changed_and_what_the_sheet_leaves_out_is_told(quiet_cast):
    taken(dry(quiet_cast, 设施设备=LIFTS))
    run = dry(quiet_cast, 设施设备=[[HOME, "电梯", "T1", "", "", "", "2023-12-31"]])
    sheet = run.report["sheets"]["facilities"]
    assert (sheet["changed"], sheet["added"], sheet["gone"]) == (1, 0, 1)
    assert sheet["changes"][0]["old"] == "2022-12-31" and "地下室" in sheet["missing"][0]
    taken(run)
    assert Facility.objects.get(code="T1").valid_until == date(2023, 12, 31)
    assert Event.objects.get(kind="facility.changed").data["was"] == ["valid_until=2022-12-31"]
    assert Facility.objects.count() == 2


def test_equipment_comes_in_with_how_many_there_are_and_what_else_is_known_of_it(quiet_cast):
    row = [HOME, "消防设施", "", "", "1幢楼道", "", "", "", 100, 95, "设施类型：灭火器；维护内容: 压力、铅封"]
    taken(dry(quiet_cast, 设施设备=[row]))
    piece = Facility.objects.get(kind="fire")
    assert (piece.quantity, piece.intact) == (100, 95)
    assert piece.details == {"设施类型": "灭火器", "维护内容": "压力、铅封"}
    run = dry(quiet_cast, 设施设备=[[HOME, "消防设施", "", "", "1幢楼道", "", "", "", 120, "", "设施类型：干粉灭火器"]])
    assert {one["old"] for one in run.report["sheets"]["facilities"]["changes"]} == {
        "100", "维护内容：压力、铅封；设施类型：灭火器",
    }  # fmt: skip
    taken(run)
    piece.refresh_from_db()
    assert (piece.quantity, piece.details["维护内容"]) == (120, "压力、铅封")
    wrong = [
        [HOME, "消防设施", "", "", "甲", "", "", "", 1, 2],
        [HOME, "消防设施", "", "", "乙", "", "", "", 1, 1, "灭火器"],
    ]
    assert {key[1:] for key in told(dry(quiet_cast, 设施设备=wrong))} == {(2, "J"), (3, "K")}


@pytest.mark.clause("JJ-A10-2.3-1")
def test_committees_that_were_there_before_come_in_without_the_clocks_of_their_formation(cast):
    rows = [[HOME, "业主委员会", "2020-05-01", "2025-04-30", "2020-05-20", 7, "孙小红"]]
    taken(dry(cast, 业主组织=rows))
    body = Body.objects.get(kind="owners_committee", estate=cast.estate)
    assert (body.formed_on, body.term_until, body.filed_on, body.seats) == (
        date(2020, 5, 1), date(2025, 4, 30), date(2020, 5, 20), 7,
    )  # fmt: skip
    assert body.members.get().person.masked_name == "孙**" and body.state == "in_office"
    assert {one.rule for one in Duty.objects.filter(subject_kind="body")} == {"report_work"}  # owed by any in office
    assert fact(cast.estate.ref, "committee_term_until", TODAY) == date(2025, 4, 30)
    again = dry(cast, 业主组织=[[HOME, "业主委员会", "2020-05-01", "2025-05-31"]])
    assert [one["new"] for one in again.report["sheets"]["committees"]["changes"]] == ["2025-05-31"]
    bad = [[HOME, "业主委员会", "2021-05-01"], [HOME, "物业管理委员会", "2021-05-01", "2020-01-01"]]
    wrong = dry(cast, 业主组织=bad)
    assert {key[1:] for key in told(wrong)} == {(2, "C"), (3, "D")}


def test_how_complete_each_kind_is_follows_what_is_registered(quiet_cast):
    estate = quiet_cast.estate
    registry.change_estate(estate, changes={"households": 4}, actor=SYSTEM, now=NOW)
    rows = [[HOME, "1幢", str(number), 80, "测绘"] for number in range(3)]
    taken(dry(quiet_cast, 房屋=rows, 业主=[[HOME, "1幢", "0", "陈某"]], 设施设备=[*LIFTS, [HOME, "电梯", "T2", "2幢"]]))
    estate.refresh_from_db()
    found = {one.code: (one.part, one.whole, one.rate) for one in datasets.of_estates([estate], TODAY)[estate.pk]}
    assert found["units"] == (3, 4, "75.0%") and found["owners"] == (1, 3, "33.3%")
    assert found["facilities"] == (2, 3, "66.7%"), "the second lift has no day until which its inspection holds"
    before = found["committee"]
    registry.record_fact(estate, name="has_owners_committee", value=True, from_on=TODAY, actor=SYSTEM, now=NOW)
    (after,) = [one for one in datasets.of_estates([estate], TODAY)[estate.pk] if one.code == "committee"]
    assert before != (2, 2, "100.0%") and (after.part, after.whole) == (1, 2)


@pytest.fixture
def client(quiet_cast):
    browser = Client()
    browser.force_login(quiet_cast.users["street_office"])
    return browser


def sheets_of(answer):
    assert answer.status_code == 200 and answer["Content-Disposition"].startswith("attachment")
    book = CalamineWorkbook.from_filelike(BytesIO(answer.content))
    note = book.get_sheet_by_name("导出说明").to_python()
    return book.get_sheet_by_index(0).to_python(), dict(row[:2] for row in note)


def test_every_list_of_the_registry_goes_into_a_file_that_says_what_was_asked(quiet_cast, client):
    estate = quiet_cast.estate
    units, owners = [[HOME, "1幢", "101", 80, "测绘"]], [[HOME, "1幢", "101", "陈建国"]]
    taken(dry(quiet_cast, 设施设备=LIFTS, 房屋=units, 业主=owners))
    rows, note = sheets_of(client.get(reverse("registry:facilities"), {"kind": "elevator", "daochu": 1}))
    assert [row[2] for row in rows[1:]] == ["T1"] and note["种类"] == "电梯" and "赵敏" in note["导出人"]
    rows, note = sheets_of(client.get(reverse("registry:organisations"), {"role": "street_office", "daochu": 1}))
    assert len(rows) == 2 and note["行数"] == "1行"
    rows, note = sheets_of(client.get(reverse("registry:units", args=[estate.pk]), {"daochu": 1}))
    assert rows[1][:3] == ["1幢", "101", 80] and rows[1][5] == "陈**" and note["小区"] == HOME
    rows, note = sheets_of(client.get(reverse("registry:export"), {"served": "yes"}))
    assert note["物业服务"] == "有物业服务" and [row[1] for row in rows[1:]] == [HOME]
    rows, note = sheets_of(client.get(reverse("duties:export"), {"tab": "unit"}))
    assert note["看谁的"] == "本单位"
    for name in ("cases:checks", "accountability:inspections", "accountability:board"):
        rows, note = sheets_of(client.get(reverse(name), {"daochu": 1}))
        assert rows[0] and "导出时间" in note, name


@pytest.mark.clause("JJ-A4-2.3-4")
def test_a_place_sets_its_own_list_of_papers_and_what_was_filed_before_stays(quiet_cast, client):
    estate = quiet_cast.estate
    file = SimpleUploadedFile("验收.txt", "内容".encode())
    registry.file_paper(estate, item="竣工验收资料", file=file, actor=SYSTEM, now=NOW)
    here = reverse("registry:archive_items")
    assert "竣工验收资料" in client.get(here).content.decode()
    sent = {"items": "物业服务合同\n\n业主清册", "from_on": "2022-05-01", "form_key": "a"}
    assert client.post(here, sent).status_code == 303
    text = client.get(reverse("registry:estate", args=[estate.pk])).content.decode()
    assert "完整率0.0%" in text and "不在现行目录的" in text and "竣工验收资料：验收.txt" in text
    assert registry.archive_items(estate.place_path, date(2022, 4, 30)).set_by is None
    assert registry.archive_items(estate.place_path, TODAY).items == ("物业服务合同", "业主清册")
    twice = client.post(here, {"items": "甲\n甲", "from_on": "2022-06-01", "form_key": "b"})
    assert twice.status_code == 422 and "重复" in twice.content.decode() and ArchiveCatalogue.objects.count() == 1
    with pytest.raises(Refused):
        registry.file_paper(estate, item="竣工验收资料", file=file, actor=SYSTEM, now=NOW)
    own = reverse("registry:archive_items_of", args=[estate.pk])
    assert client.post(own, {"items": "竣工验收资料", "from_on": "2022-05-02", "form_key": "c"}).status_code == 303
    assert registry.archive_items(estate.place_path, TODAY).items == ("竣工验收资料",)
    assert registry.archive_items(quiet_cast.estate_unknown.place_path, TODAY).items == ("物业服务合同", "业主清册")


@pytest.mark.clause("JY-2.2.4-2")
def test_the_fee_is_a_figure_and_its_change_is_on_record(quiet_cast, client):
    project = Project.objects.get(estate=quiet_cast.estate)
    here = reverse("registry:terms", args=[project.pk])
    sent = {"service_standard": "三级", "fee_yuan_m2_month": "1.85", "fee": "", "form_key": "a"}
    assert client.post(here, sent).status_code == 303
    project.refresh_from_db()
    assert project.fee_yuan_m2_month == Decimal("1.85")
    assert "1.85元/平方米·月" in client.get(reverse("registry:estate", args=[quiet_cast.estate.pk])).content.decode()
    assert client.post(here, {**sent, "fee_yuan_m2_month": "二元", "form_key": "b"}).status_code == 422
    assert client.post(here, {**sent, "fee_yuan_m2_month": "2.1", "form_key": "c"}).status_code == 303
    assert "fee_yuan_m2_month=1.8500" in Event.objects.filter(kind="project.terms_changed").latest("pk").data["was"]


@pytest.mark.clause("JJ-4.1.13-1")
def test_a_building_says_how_many_entrances_it_has_and_a_unit_whether_it_was_delivered(quiet_cast, client):
    building = Building.objects.get(estate=quiet_cast.estate, name="1幢")
    sent = {"entrances": 3, "storeys": 18, "form_key": "a"}
    assert client.post(reverse("registry:building", args=[building.pk]), sent).status_code == 303
    building.refresh_from_db()
    assert (building.entrances, building.storeys) == (3, 18)
    assert client.post(reverse("registry:building", args=[building.pk]), {"entrances": 0}).status_code == 422
    unit = registry.register_unit(
        building, name="101", exclusive_area_m2=Decimal(80), area_source="survey", actor=SYSTEM, now=NOW
    )
    assert "交付没有登记" in client.get(reverse("registry:unit", args=[unit.pk])).content.decode()
    for day, value, key in (("2021-01-01", "no", "b"), ("2022-01-01", "yes", "c")):
        sent = {"delivered": value, "from_on": day, "form_key": key}
        assert client.post(reverse("registry:delivery", args=[unit.pk]), sent).status_code == 303
    assert fact(unit.ref, "delivered", date(2021, 12, 31)) is False and fact(unit.ref, "delivered", TODAY) is True
    assert "已交付" in client.get(reverse("registry:unit", args=[unit.pk])).content.decode()
