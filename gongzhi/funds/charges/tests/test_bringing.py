"""Old debts come in as a sheet, all rows or none, once; a manager brings in those of his own estate alone."""

from datetime import date
from io import BytesIO

import pytest
import xlsxwriter
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
from gongzhi.registry.services import imports

HEAD = ("小区", "楼幢", "室号", "收费项目", "自", "至", "缴费期限", "欠费", "说明")
Q1 = (date(2022, 1, 1), date(2022, 3, 31), date(2022, 4, 30))


@pytest.fixture
def cast(db):
    return build(day("2023-04-03"), county=COUNTY["meixian"], pack="meixian")


def sheet(*rows):
    target = BytesIO()
    book = xlsxwriter.Workbook(target)
    page = book.add_worksheet("老账欠费")
    for number, row in enumerate((HEAD, *rows)):
        page.write_row(number, 0, row)
    book.close()
    return target.getvalue()


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


DAYS = ("2022-01-01", "2022/03/31", "2022-04-30")


def tried(cast, *rows, by=None):
    return imports.dry_run(
        name="老账.xlsx", content=sheet(*rows), place=cast.estate.place, actor=by or manager(cast), now=cast.now,
        kind="old_debts",
    )  # fmt: skip


def taken(cast, run):
    return imports.confirm(run, digest=run.digest, actor=manager(cast), now=cast.now)


def test_a_workbook_is_tried_cell_by_cell_and_comes_in_once_with_one_event(cast):
    units(cast, "100", "90")
    name = cast.estate.name
    wrong = tried(
        cast, (name, "1幢", "001室", "物业费", *DAYS, "100"), (name, "9幢", "001室", "物业公共服务费", *DAYS, "1"),
        (name, "1幢", "001室", "车辆停放费", *DAYS, "1.001"), ("湖畔新村", "1幢", "001室", "车辆停放费", *DAYS, "1"),
        (name, "1幢", "002室", "车辆停放费", *DAYS[:2], "2023-04-04", "1"),
        (name, "1幢", "002室", "特约服务费", DAYS[1], DAYS[0], DAYS[2], "1"),
    )  # fmt: skip
    assert [(one["row"], one["column"][2:-1]) for one in wrong.report["errors"]] == [
        (2, "收费项目"), (3, "室号"), (4, "欠费"), (5, "小区"), (6, "缴费期限"), (7, "至"),
    ]  # fmt: skip
    good = (
        (name, "1幢", "001室", "物业公共服务费", *DAYS, 100.5, "旧系统"),
        (name, "1幢", "002室", "车辆停放费", *DAYS, "60"),
    )  # fmt: skip
    run = tried(cast, *good)
    assert (run.state, run.report["sheets"]["old_debts"]["added"]) == ("checked", 2) and not Bill.objects.exists()
    assert taken(cast, run).state == "imported" and taken(cast, run).state == "imported"
    assert sorted(Bill.objects.values_list("amount_fen", flat=True)) == [6_000, 10_050]
    assert Event.objects.filter(kind="fee.arrears_brought_in").count() == 1
    assert tried(cast, *good).report["sheets"]["old_debts"]["unchanged"] == 2


def test_a_manager_brings_in_the_debts_of_his_own_estate_alone(cast, sign_in):
    other, project = cast.estate_outside, project_of(cast)
    Project.objects.create(estate=other, company=project.company, from_on=date(2021, 1, 1), place_path=other.place_path)
    run = tried(cast, (other.name, "1幢", "001室", "车辆停放费", *DAYS, "1"))
    assert run.report["errors"][0]["column"][2:-1] == "小区"
    refuses("forbidden", lambda: tried(cast, by=cast.actor("street_office")))
    assert (
        "批量导入老账欠费"
        in sign_in("project_manager").get(reverse("registry:book", args=["old_debts"])).content.decode()
    )
