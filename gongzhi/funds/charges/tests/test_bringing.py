"""Old debts come in as a sheet, all rows or none, once; a manager brings in those of his own estate alone."""

from datetime import date
from io import BytesIO

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from gongzhi.core.models import Event
from gongzhi.core.tests.cast import build
from gongzhi.funds.charges import services as charges
from gongzhi.funds.charges.models import Bill
from gongzhi.funds.charges.queries import arrears as reading
from gongzhi.funds.charges.tests.charged import manager, owned, project_of
from gongzhi.funds.common.queries import book_of
from gongzhi.funds.maintenance.tests.fund import day, units
from gongzhi.funds.maintenance.tests.test_deposits import COUNTY, refuses
from gongzhi.ledger import services as ledger
from gongzhi.registry.models import Project

HEAD = ("楼幢", "室号", "收费项目", "自", "至", "缴费期限", "欠费（元）", "说明")
Q1 = (date(2022, 1, 1), date(2022, 3, 31), date(2022, 4, 30))


@pytest.fixture
def cast(db):
    return build(day("2023-04-03"), county=COUNTY["meixian"], pack="meixian")


def sheet(*rows, head=HEAD):
    target = BytesIO()
    book = xlsxwriter.Workbook(target)
    page = book.add_worksheet()
    for number, row in enumerate((head, *rows)):
        page.write_row(number, 0, row)
    book.close()
    return SimpleUploadedFile("laozhang.xlsx", target.getvalue())


def brought(cast, *debts):
    return charges.bring_in(project_of(cast), rows=debts, actor=manager(cast), now=cast.now)


def test_an_old_debt_is_owed_by_who_owned_then_and_is_no_income_of_this_year(cast):
    (unit,) = units(cast, "100")
    then = owned(unit, "老业主", since=date(2021, 1, 1), cast=cast)
    (row,) = brought(cast, charges.OldDebt(unit, "service", *Q1, 36_001))
    assert (row.ownership, row.open_fen, row.due_on) == (then, 36_001, Q1[2])
    (debtor,) = reading.debtors(project_of(cast), cast.now.date())
    assert debtor.owed_fen == 36_001 and debtor.since == Q1[2]
    book = book_of(cast.estate, "service_charges")
    held = {one.account.code: one.balance_fen for one in ledger.trial_balance(book, cast.now.date())}
    assert held["surplus"] == -36_001 and "income.service" not in {code for code, fen in held.items() if fen}
    assert Event.objects.filter(kind="fee.arrears_brought_in").count() == 1


def test_all_rows_or_none_and_nothing_twice(cast):
    one, two = units(cast, "100", "90")
    good = charges.OldDebt(one, "service", *Q1, 100)
    refuses("old_debts", lambda: brought(cast))
    refuses("old_debts", lambda: brought(cast, good, good))
    refuses("old_debts", lambda: brought(cast, good, charges.OldDebt(two, "service", *Q1, 0)))
    late = (Q1[0], Q1[1], date(2023, 4, 4))
    refuses("old_debts", lambda: brought(cast, good, charges.OldDebt(two, "service", *late, 100)))
    assert not Bill.objects.exists()
    brought(cast, good)
    refused = refuses("old_debts", lambda: brought(cast, good))
    assert refused.status == 409 and "已有一笔" in refused.message and Bill.objects.count() == 1


def test_a_company_brings_its_sheet_and_a_manager_only_that_of_his_estate(cast, sign_in):
    units(cast, "100", "90")
    clerk, project = sign_in("project_manager"), project_of(cast)
    url = reverse("funds:charges_act", args=["project", project.pk, "laozhang"])

    def post(file):
        page = clerk.get(url).content.decode()
        key = page.split('name="form_key" value="')[1].split('"')[0]
        return clerk.post(url, {"form_key": key, "file": file})

    days = ("2022-01-01", "2022/03/31", "2022-04-30")
    wrong = post(sheet(("1幢", "001室", "物业费", *days, "100"), ("9幢", "001室", "物业公共服务费", *days, "1.001")))
    said = wrong.content.decode()
    assert wrong.status_code == 422 and "第2行收费项目" in said and "第3行没有9幢001室" in said
    assert "缺这些列" in post(sheet(head=HEAD[:3])).content.decode()
    assert "打不开" in post(SimpleUploadedFile("x.xlsx", b"no sheet")).content.decode()
    done = post(
        sheet(("1幢", "001室", "物业公共服务费", *days, 100.5, "旧系统"), ("1幢", "002室", "车辆停放费", *days, "60"))
    )
    assert done.status_code == 303 and sorted(Bill.objects.values_list("amount_fen", flat=True)) == [6_000, 10_050]
    other = Project.objects.create(
        estate=cast.estate_outside, company=project.company, from_on=date(2021, 1, 1),
        place_path=cast.estate_outside.place_path,
    )  # fmt: skip
    elsewhere = reverse("funds:charges_act", args=["project", other.pk, "laozhang"])
    assert clerk.get(elsewhere).status_code in (403, 404)
    assert clerk.get(reverse("funds:charges_project", args=[other.pk])).status_code == 404
    assert sign_in("street_office").get(url).status_code == 403
