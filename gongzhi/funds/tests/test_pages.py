"""The pages of money: each opens for whom it is for, acts give 303 or keep what was typed, strangers see nothing."""

from datetime import datetime
from io import BytesIO

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from python_calamine import CalamineWorkbook

from gongzhi.core.days import ZONE, local_day
from gongzhi.core.models import Event
from gongzhi.core.tests.cast import STARTED, build
from gongzhi.funds.common.models import BankLine
from gongzhi.funds.maintenance import queries
from gongzhi.funds.maintenance import services as fund
from gongzhi.funds.maintenance.models import FundUse, OwnersPlan
from gongzhi.funds.maintenance.tests.fund import PNG, committee, decided, rate, units
from gongzhi.ledger.models import Entry

FEN = 100


@pytest.fixture
def cast(db):
    return build(STARTED, county="610326", pack="meixian")


def key(client, url):
    page = client.get(url).content.decode()
    assert 'name="form_key"' in page, page[:300]
    return page.split('name="form_key" value="')[1].split('"')[0]


def post(client, name, row, data, status=303):
    url = reverse(f"funds:{name}", args=[row.pk])
    response = client.post(url, {"form_key": key(client, url), **data})
    assert response.status_code == status, response.content.decode().split("<main", 1)[-1][:1500]
    return response


def sheet(*rows):
    target = BytesIO()
    book = xlsxwriter.Workbook(target)
    page = book.add_worksheet()
    for number, row in enumerate(rows):
        page.write_row(number, 0, row)
    book.close()
    return SimpleUploadedFile("表.xlsx", target.getvalue())


def picture(name="图.png"):
    return SimpleUploadedFile(name, PNG, content_type="image/png")


def begun(cast, bureau, *balances):
    made = units(cast, *(["100"] * len(balances)))
    rows = [
        ("楼幢", "室号", "首期应交", "已交首期", "余额"),
        *(("1幢", unit.name, 10000, 10000, one) for unit, one in zip(made, balances, strict=True)),
    ]
    post(bureau, "take_over", cast.estate, {"file": sheet(*rows), "on": local_day(cast.now).isoformat()})
    return made


def test_balances_come_in_by_workbook_and_show_on_every_page(cast, sign_in):
    bureau = sign_in("housing")
    made = begun(cast, bureau, 10000, 5000.5)
    for name, row in (("estate", cast.estate), ("units", cast.estate), ("unit", made[1]), ("gate", cast.estate)):
        page = bureau.get(reverse(f"funds:{name}", args=[row.pk]))
        assert page.status_code == 200
    assert "5,000.50" in bureau.get(reverse("funds:unit", args=[made[1].pk])).content.decode()
    assert "15,000.50" in bureau.get(reverse("funds:overview")).content.decode()
    ledger = reverse("funds:ledger", args=[cast.estate.pk, "maintenance_fund"])
    entry = Entry.objects.get(kind="takeover")
    page = bureau.get(ledger, {"entry": entry.pk}).content.decode()
    assert "15,000.50" in page and f"凭证　记-{entry.pk}" in page
    book = CalamineWorkbook.from_filelike(BytesIO(bureau.get(ledger, {"as": "xlsx"}).content))
    assert book.get_sheet_by_index(0).to_python()[-1][-1] == "15,000.50"


def test_a_bad_cell_brings_nothing_in_and_is_named(cast, sign_in):
    units(cast, "100")
    rows = [
        ("楼幢", "室号", "首期应交", "已交首期", "余额"),
        ("1幢", "001室", 100, 100, "一百"),
        ("9幢", "1室", 1, 1, 1),
    ]
    data = {"file": sheet(*rows), "on": local_day(cast.now).isoformat()}
    page = post(sign_in("housing"), "take_over", cast.estate, data, status=422).content.decode()
    assert "第2行金额" in page and "第3行没有9幢1室" in page and not Entry.objects.exists()


def test_a_developers_payment_is_refused_with_what_was_typed_and_kept_as_a_clue(cast, sign_in):
    bureau = sign_in("housing")
    rate(cast, "100")
    (unit,) = units(cast, "100")
    post(bureau, "assess", cast.estate, {"party": "owner"})
    given = {
        "unit": unit.pk,
        "purpose": "first",
        "payer": "developer",
        "amount_fen": "10,000.00",
        "paid_on": local_day(cast.now).isoformat(),
    }
    page = post(bureau, "deposit", cast.estate, given, status=422).content.decode()
    assert "10,000.00" in page and "代收代缴" in page
    assert Event.objects.filter(kind="fund.deposit_refused").count() == 1
    post(bureau, "deposit", cast.estate, {**given, "payer": "owner"})
    assert queries.units_funds([unit], on=local_day(cast.now))[0].balance_fen == 10_000 * FEN


def test_a_use_goes_from_proposal_to_review_by_its_page(cast, sign_in):
    bureau, street = sign_in("housing"), sign_in("street_office")
    begun(cast, bureau, *([10000] * 10))
    committee(cast)
    motion = decided(cast, fen=None)
    given = {
        "title": "屋面防水",
        "matter": "roof",
        "work": "repair",
        "path": "ordinary",
        "part": "1幢",
        "common_part": "yes",
        "estimate_fen": "60000",
        "applicant_role": "owners_committee",
    }
    post(street, "propose", cast.estate, given)
    use = FundUse.objects.get()
    today = {"on": local_day(cast.now).isoformat()}
    post(street, "step", use, {**today, "note": "已查勘"})
    post(street, "step", use, today)
    post(street, "step", use, {**today, "motion": motion.pk})
    post(street, "step", use, today)
    papers = {f"paper_{number}": picture() for number in range(6)}
    page = post(street, "step", use, {**today, "paper_0": picture()}, status=422).content.decode()
    assert "材料不够" in page
    post(street, "step", use, {**today, **papers})
    assert street.get(reverse("funds:step", args=[use.pk])).status_code == 403, "the bureau reviews"
    post(bureau, "step", use, {**today, "agreed": "yes"})
    page = bureau.get(reverse("funds:use", args=[use.pk])).content.decode()
    assert (
        "下一步：审价" in page
        and "60,000.00" in page
        and use.number in bureau.get(reverse("funds:uses")).content.decode()
    )
    share = bureau.get(reverse("funds:use", args=[use.pk]), {"as": "xlsx"})
    assert CalamineWorkbook.from_filelike(BytesIO(share.content)).get_sheet_by_index(0).to_python()[1][-1] == "6,000.00"


def test_a_statement_is_matched_where_it_is_sure_and_shows_the_rest(cast, sign_in):
    bureau = sign_in("housing")
    begun(cast, bureau, 10000)
    account = {
        "purse": "maintenance_fund",
        "manager": "bureau",
        "bank": "某银行",
        "holder": str(cast.organisation("housing")),
        "number": "6222 0001 0037",
        "from_on": local_day(cast.now).isoformat(),
    }
    post(bureau, "account", cast.estate, account)
    row = cast.estate.bank_accounts.get()
    day = local_day(cast.now).isoformat()
    head = ("交易日期", "贷方发生额", "借方发生额", "账户余额", "流水号", "对方户名", "摘要")
    lines = [
        (day, "10,000.00", "", "10,000.00", "A1", "县住建局", "划转"),
        (day, "", "3.00", "9,997.00", "A2", "银行", "手续费"),
    ]
    page = post(bureau, "statement", row, {"file": sheet(head, *lines)})
    assert page["Location"] == reverse("funds:bank", args=[row.pk])
    assert dict(BankLine.objects.values_list("reference", "match")) == {"A1": "auto", "A2": "none"}
    shown = bureau.get(reverse("funds:bank", args=[row.pk])).content.decode()
    assert "手续费" in shown and "9,997.00" in shown and "3.00" in shown
    post(bureau, "statement", row, {"file": sheet(head, *lines)})
    assert BankLine.objects.count() == 2, "the same numbers come in once"
    changed = [(day, "10,000.01", "", "10,000.01", "A1", "", "")]
    assert "A1" in post(bureau, "statement", row, {"file": sheet(head, *changed)}, status=409).content.decode()
    text = "\n".join(",".join(one) for one in (head, (day, "1.00", "", "9998.00", "A3", "某某", "退回")))
    upload = SimpleUploadedFile("流水.csv", text.encode("gb18030"))
    post(bureau, "statement", row, {"file": upload})
    assert BankLine.objects.get(reference="A3").amount_fen == 100
    broken = SimpleUploadedFile("流水.csv", b"\xff\xfe\x00\x01")
    post(bureau, "statement", row, {"file": broken}, status=422)
    line = BankLine.objects.get(reference="A2")
    post(bureau, "match", line, {"version": line.version, "entry": "", "reason": ""}, status=422)
    post(bureau, "match", line, {"version": line.version, "entry": "", "reason": "账户管理费，由主管部门另付"})
    line.refresh_from_db()
    assert line.match == "aside"


@pytest.mark.clause("MX-3.6.2-7")
def test_strangers_see_neither_the_estate_nor_its_books(cast, sign_in):
    begun(cast, sign_in("housing"), 10000)
    for role in ("community_station@2", "police", "owner"):
        client = sign_in(role)
        for name, args in (
            ("estate", [cast.estate.pk]),
            ("ledger", [cast.estate.pk, "maintenance_fund"]),
            ("units", [cast.estate.pk]),
        ):
            assert client.get(reverse(f"funds:{name}", args=args)).status_code in (403, 404), (role, name)


def test_the_list_of_renewals_and_guidance(cast, sign_in):
    from gongzhi.funds.maintenance import services as fund

    begun(cast, sign_in("housing"), 2999.99)
    fund.watch_renewal(cast.estate, now=cast.now)
    street = sign_in("street_office")
    assert cast.estate.name in street.get(reverse("funds:renewals")).content.decode()
    post(street, "guide", cast.estate, {"note": "已上门讲解续筹办法"})
    assert Event.objects.filter(kind="fund.guided").count() == 1


def test_a_years_plan_from_the_form_to_its_batches(cast, sign_in):
    cast.now = datetime.now(ZONE)  # noqa: TID251 - pages read the clock
    endowed = units(cast, "100")
    fund.take_over(
        cast.estate, rows=[fund.TakenOver(one, 50_000_000, 50_000_000, 50_000_000) for one in endowed],
        on=local_day(cast.now), actor=cast.actor("housing"), now=cast.now,
    )  # fmt: skip
    committee(cast)
    street, year = sign_in("street_office"), local_day(cast.now).year
    drafted = {"kind": "uses", "year": year, "amount_fen": "200000", "text": "屋面和管线"}
    refused = post(street, "plan_new", cast.estate, drafted, status=422).content.decode()
    assert "请选计划可以用在哪些事项" in refused and "屋面和管线" in refused
    post(street, "plan_new", cast.estate, {**drafted, "matters": ["roof", "pipes"]})
    plan = OwnersPlan.objects.get()
    page = street.get(reverse("funds:estate", args=[cast.estate.pk])).content.decode()
    assert f"{year}年年度维修计划" in page and "屋面防水、共用管线" in page and "关联业主表决" in page
    post(street, "plan_edit", plan, {"amount_fen": "150000", "text": "只修屋面", "matters": ["roof"], "version": 1})
    motion = decided(cast, fen=15_000_000)
    post(street, "plan_put", plan, {"motion": motion.pk, "version": 2})
    page = street.get(reverse("funds:estate", args=[cast.estate.pk])).content.decode()
    assert "已通过" in page and "150,000.00" in page and "修改后再提" not in page
    use = {
        "title": "1幢屋面", "matter": "pipes", "work": "repair", "path": "plan", "part": "1幢", "common_part": "yes",
        "estimate_fen": "80000", "applicant_role": "owners_committee", "plan": plan.pk,
    }  # fmt: skip
    assert "不在计划的使用范围" in post(street, "propose", cast.estate, use, status=422).content.decode()
    post(street, "propose", cast.estate, {**use, "matter": "roof"})
    page = street.get(reverse("funds:estate", args=[cast.estate.pk])).content.decode()
    assert "70,000.00" in page
    stranger = sign_in("street_office@2")
    assert stranger.get(reverse("funds:plan_new", args=[cast.estate.pk])).status_code == 404
