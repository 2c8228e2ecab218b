"""Prices come in as a workbook: tried first, faulty cells told, imported once; what is in force stays as it is."""

from decimal import Decimal
from io import BytesIO

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from python_calamine import CalamineWorkbook

from gongzhi.core.models import Event
from gongzhi.core.tests.cast import build
from gongzhi.funds.charges.models import Tariff
from gongzhi.funds.charges.tests.charged import manager, project_of
from gongzhi.funds.maintenance.tests.fund import day
from gongzhi.funds.maintenance.tests.test_deposits import COUNTY, refuses
from gongzhi.registry.models import ImportRun, Project
from gongzhi.registry.services import imports

HEAD = (
    "小区", "收费项目", "名称", "定价方式", "计费方式", "单价", "出账周期", "执行日期",
    "适用用途", "适用楼幢", "服务等级",
)  # fmt: skip
HOMES = ("梧桐花园", "物业公共服务费", "物业费", "市场调节价", "按面积", 1.85, "每月", "2023-01-01", "住宅")
PARKING = ("梧桐花园", "车辆停放费", "地下车位", "市场调节价", "按数量", "120", "每月", "2023年1月1日")


@pytest.fixture
def cast(db):
    return build(day("2023-04-03"), county=COUNTY["meixian"], pack="meixian")


def sheet(*rows):
    target = BytesIO()
    book = xlsxwriter.Workbook(target)
    page = book.add_worksheet("收费标准")
    for number, row in enumerate((HEAD, *rows)):
        page.write_row(number, 0, row)
    book.close()
    return target.getvalue()


def tried(cast, *rows, by=None):
    actor = by or manager(cast)
    return imports.dry_run(
        name="收费标准.xlsx", content=sheet(*rows), place=cast.estate.place, actor=actor, now=cast.now, kind="tariffs"
    )


def taken(cast, run):
    return imports.confirm(run, digest=run.digest, actor=manager(cast), now=cast.now)


def told(run):
    return [(one["row"], one["column"][2:-1], one["reason"]) for one in run.report["errors"]]


def test_prices_are_tried_and_then_come_in_once(cast):
    run = tried(cast, HOMES, PARKING)
    assert (run.state, run.kind, run.report["sheets"]["tariffs"]["added"]) == ("checked", "tariffs", 2)
    assert not Tariff.objects.exists(), "nothing of a dry run stays"
    assert taken(cast, run).state == "imported" and taken(cast, run).state == "imported"
    assert sorted(Tariff.objects.values_list("title", "price", "every", "state")) == [
        ("地下车位", Decimal("120"), 1, "in_force"),
        ("物业费", Decimal("1.85"), 1, "in_force"),
    ]
    assert Event.objects.filter(kind="fee.tariff_registered").count() == 2
    again = tried(cast, HOMES)
    assert again.report["sheets"]["tariffs"]["unchanged"] == 1
    assert again.report["sheets"]["tariffs"]["missing"] == ["梧桐花园：地下车位"], "told, and left in force"


def test_every_bad_cell_is_told_and_marked_and_the_mended_workbook_comes_in(cast):
    taken(cast, tried(cast, HOMES))
    dearer = (*HOMES[:5], "2.10", *HOMES[6:])
    run = tried(
        cast, dearer, ("湖畔新村", *PARKING[1:]), (*PARKING[:5], "0", *PARKING[6:]), (*PARKING, "", "9幢"),
        (*PARKING[:2], "地上车位", *PARKING[3:6], "每周", *PARKING[7:]), (*PARKING[:7], "2023-02-30"),
    )  # fmt: skip
    assert run.state == "faulty"
    assert [(row, column) for row, column, _ in told(run)] == [
        (2, "单价"), (3, "小区"), (4, "单价"), (5, "适用楼幢"), (6, "出账周期"), (7, "执行日期"),
    ]  # fmt: skip
    assert "调价手续" in told(run)[0][2] and "没有服务" in told(run)[1][2]
    marked = CalamineWorkbook.from_filelike(BytesIO(imports.opened(run.marked))).get_sheet_by_name("收费标准")
    assert marked.to_python()[0][0] == "小区*"
    assert taken(cast, tried(cast, HOMES, PARKING)).state == "imported" and Tariff.objects.count() == 2


def test_a_company_brings_in_prices_of_the_estates_that_it_serves_alone(cast, sign_in):
    other = cast.estate_outside
    Project.objects.create(
        estate=other, company=project_of(cast).company, from_on=day("2021-01-01").date(), place_path=other.place_path
    )
    run = tried(cast, ("湖畔新村", *PARKING[1:]))
    assert told(run)[0][1] == "小区", "a manager has his own estate alone"
    refuses("forbidden", lambda: tried(cast, HOMES, by=cast.actor("street_office")))
    clerk = sign_in("project_manager")
    page = reverse("registry:book", args=["tariffs"])
    assert "下载模板" in clerk.get(page).content.decode()
    empty = CalamineWorkbook.from_filelike(BytesIO(clerk.get(page + "muban/").content))
    assert [one.rstrip("*") for one in empty.get_sheet_by_name("收费标准").to_python()[0]] == list(HEAD)
    file = SimpleUploadedFile("收费标准.xlsx", sheet(HOMES))
    sent = clerk.post(page, {"form_key": "a-key-of-the-form", "file": file})
    assert sent.status_code == 303
    run = ImportRun.objects.get(state="checked")
    shown = clerk.get(sent.url).content.decode()
    assert "确认导入" in shown and "批量导入收费标准" in shown
    done = clerk.post(sent.url, {"form_key": "another-key-of-it", "digest": run.digest})
    assert done.status_code == 303 and Tariff.objects.get().title == "物业费"
    assert sign_in("street_office").get(page).status_code == 403
    assert clerk.get(reverse("registry:book", args=["none"])).status_code == 404
