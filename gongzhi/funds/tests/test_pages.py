"""The pages of money: each opens for whom it is for, acts give 303 or keep what was typed, strangers see nothing."""

from datetime import datetime, timedelta
from html import unescape
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
from gongzhi.funds.maintenance.tests.fund import PNG, committee, decided, file, proposed, rate, step, units
from gongzhi.funds.maintenance.tests.test_uses import until
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


@pytest.mark.clause("MX-3.8.1-3")
def test_the_registry_of_titles_asks_whether_it_is_paid_and_sees_nothing_else(cast, client):
    rate(cast, "100")
    (unit,) = units(cast, "110")
    fund.assess_first(cast.estate, actor=cast.actor("housing"), now=cast.now)
    client.force_login(cast.user("planning"))
    url = reverse("funds:gate", args=[cast.estate.pk])
    assert url in client.get(reverse("funds:overview")).content.decode()
    for stage in ("title_registration", "mortgage_registration"):
        shown = client.post(url, {"stage": stage, "unit": unit.pk}).content.decode()
        assert "不通过" in shown and "11,000.00" in shown
    for name in ("estate", "units", "deposit"):
        assert client.get(reverse(f"funds:{name}", args=[cast.estate.pk])).status_code == 403  # noqa: PLR2004


@pytest.mark.clause("MX-3.8.1-2")
def test_the_clue_of_a_deposit_that_a_developer_brings_stands_on_the_estates_page_and_becomes_a_case(cast, sign_in):
    rate(cast, "100")
    (unit,) = units(cast, "100")
    fund.assess_first(cast.estate, actor=cast.actor("housing"), now=cast.now)
    bureau, estate = sign_in("housing"), reverse("funds:estate", args=[cast.estate.pk])
    given = {"unit": unit.pk, "purpose": "first", "payer": "developer", "amount_fen": "10000",
             "paid_on": local_day(cast.now).isoformat()}  # fmt: skip
    assert "违规代收代缴的线索" not in bureau.get(estate).content.decode()
    post(bureau, "deposit", cast.estate, given, status=422)
    page = bureau.get(estate).content.decode()
    assert "违规代收代缴的线索" in page and "建设单位代交" in page and "10,000.00元" in page
    intake = unescape(page.split('href="' + reverse("cases:intake"))[1].split('"')[0])
    filled = bureau.get(reverse("cases:intake") + intake).content.decode()
    assert cast.estate.name in filled and "10,000.00元，涉嫌违规代收代缴" in filled
    assert "违规代收代缴的线索" not in sign_in("community_committee").get(estate).content.decode()


@pytest.mark.clause("MX-3.8.3-3")
def test_what_was_left_out_of_a_publication_is_added_by_its_link(cast, sign_in):
    made = units(cast, "100", "100")
    was, later = cast.now - timedelta(days=40), cast.now - timedelta(days=1)
    rows = [fund.TakenOver(one, 9_000_000, 9_000_000, 9_000_000) for one in made]
    fund.take_over(cast.estate, rows=rows, on=local_day(was), actor=cast.actor("housing"), now=was)
    committee(cast)
    use = until(cast, proposed(cast, now=was), "notice", motion=decided(cast, fen=None), now=was)
    use = until(cast, use, "accept", now=later)
    use = step(cast, use, "publish", shown={one: file(cast, use) for one in ("vote", "works")}, now=later)
    street, page = sign_in("street_office"), reverse("funds:use", args=[use.pk])
    url = reverse("funds:step", args=[use.pk]) + "?gongbu=1"
    assert url in street.get(page).content.decode()
    form = street.get(url).content.decode()
    assert 'name="shown_acceptance"' in form and 'name="shown_vote"' not in form
    given = {"form_key": key(street, url), "version": use.version, "on": local_day(cast.now).isoformat(),
             "shown_fen": "60000", "shown_acceptance": picture(), "shown_apportioning": picture()}  # fmt: skip
    assert street.post(url, given).status_code == 303
    assert fund.not_published(use) == {} and url not in street.get(page).content.decode()


BALANCES = ("小区", "楼幢", "室号", "首期应交", "已交首期", "余额", "接管日期")


def tried(client, *rows, head=BALANCES):
    """The workbook of balances through its dry run: the page that tells what came of it."""
    target = BytesIO()
    book = xlsxwriter.Workbook(target)
    page = book.add_worksheet("维修资金余额")
    for number, row in enumerate((head, *rows)):
        page.write_row(number, 0, row)
    book.close()
    url = reverse("registry:book", args=["fund_balances"])
    file = SimpleUploadedFile("余额.xlsx", target.getvalue())
    return client.post(url, {"form_key": key(client, url), "file": file})["Location"]


def confirmed(client, url, **more):
    page = client.get(url).content.decode()
    given = {"form_key": key(client, url), "digest": page.split('name="digest" value="')[1].split('"')[0], **more}
    response = client.post(url, given)
    assert response.status_code == 303, response.content.decode().split("<main", 1)[-1][:1500]


def begun(cast, bureau, *balances):
    made = units(cast, *(["100"] * len(balances)))
    day = local_day(cast.now).isoformat()
    rows = [
        (cast.estate.name, "1幢", unit.name, 10000, 10000, one, day) for unit, one in zip(made, balances, strict=True)
    ]
    confirmed(bureau, tried(bureau, *rows))
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
    assert book.get_sheet_by_index(0).to_python()[-1][-1] == 15000.5


def test_of_an_estate_all_balances_come_in_or_none_and_every_bad_cell_is_named(cast, sign_in):
    units(cast, "100", "90")
    bureau, name, day = sign_in("housing"), cast.estate.name, local_day(cast.now)
    assert "接管余额" in bureau.get(reverse("funds:overview")).content.decode()
    template = bureau.get(reverse("registry:book_template", args=["fund_balances"]))
    head = CalamineWorkbook.from_filelike(BytesIO(b"".join(template))).get_sheet_by_name("维修资金余额").to_python()[0]
    assert [one.rstrip("*") for one in head] == list(BALANCES)
    late = (day + timedelta(days=1)).isoformat()
    here = tried(
        bureau,
        (name, "1幢", "001室", 100, 100, 60, day.isoformat()),
        (name, "1幢", "002室", 100, 100, "一百", day.isoformat()),
        (name, "9幢", "1室", 1, 1, 1, day.isoformat()),
        (name, "1幢", "001室", 100, 100, 60, day.isoformat()),
        ("没有的小区", "1幢", "001室", 100, 100, 60, day.isoformat()),
        (cast.estate_outside.name, "1幢", "001室", 100, 100, 60, late),
    )
    page = bureau.get(here).content.decode()
    for said in ("不能是负数", "没有登记这套房屋", "重复", "核对名称", "不能晚于今天", "整个小区都没有导入"):
        assert said in page, said
    confirmed(bureau, here, leave_out="on")
    assert not Entry.objects.exists(), "the good row of a faulty estate stays out too"
    rows = [(name, "1幢", "001室", 100, 100, "60.01", day.isoformat())]
    here = tried(bureau, *rows)
    page = bureau.get(here).content.decode()
    assert "余额合计60.01元" in page and "002室" in page, "what the workbook lacks is told"
    confirmed(bureau, here)
    assert queries.fund(cast.estate, day).balance_fen == 6_001
    again = bureau.get(tried(bureau, *rows)).content.decode()
    assert "已经有应交额或交存记录" in again and Entry.objects.count() == 1
    assert sign_in("project_manager").get(reverse("registry:book", args=["fund_balances"])).status_code == 403


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
    assert CalamineWorkbook.from_filelike(BytesIO(share.content)).get_sheet_by_index(0).to_python()[1][1:] == [
        100,
        6000,
    ]


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
    post(bureau, "match", line, {"version": line.version, "reason": ""}, status=422)
    post(bureau, "match", line, {"version": line.version, "reason": "账户管理费，由主管部门另付"})
    line.refresh_from_db()
    assert line.match == "aside"
    shown = bureau.get(reverse("funds:bank", args=[row.pk]), {"only": "all"}).content.decode()
    assert "账户管理费" in shown and "自动对上" in shown and f"记-{Entry.objects.get().pk}" in shown
    post(bureau, "release", line, {"version": line.version, "reason": ""}, status=422)
    post(bureau, "release", line, {"version": line.version, "reason": "原来漏记了手续费"})
    line.refresh_from_db()
    assert (line.match, line.reason, Event.objects.filter(kind="statement.released").count()) == ("none", "", 1)
    post(bureau, "release", line, {"version": line.version, "reason": "再来"}, status=409)


HEAD = ("交易日期", "贷方发生额", "借方发生额", "账户余额", "流水号", "对方户名", "摘要")


def account_of(cast, bureau):
    begun(cast, bureau, 10000)
    given = {
        "purse": "maintenance_fund", "manager": "bureau", "bank": "某银行", "holder": str(cast.organisation("housing")),
        "number": "6222 0001 0037", "from_on": local_day(cast.now).isoformat(),
    }  # fmt: skip
    post(bureau, "account", cast.estate, given)
    return cast.estate.bank_accounts.get()


def listed(*rows, sep=","):
    return SimpleUploadedFile("流水.csv", "\n".join(sep.join(one) for one in rows).encode("gb18030"))


def test_statements_are_read_as_banks_write_them_and_named_columns_are_kept(cast, sign_in):
    bureau = sign_in("housing")
    row, day = account_of(cast, bureau), local_day(cast.now)
    above = [("账号", "6222"), ("起始日期：2024-01-01", "截止日期：2024-12-31")]
    post(bureau, "statement", row, {"file": listed(*above, HEAD, (f"{day:%Y%m%d}", "10000", "", "10000", "A1"))})
    assert BankLine.objects.get().match == "auto"
    flagged = ("交易时间", "借贷标志", "交易金额", "余额", "流水号")
    told = [(f"{day:%Y-%m-%d} 10:11", "借", "3.00", "9,997.00", '="A2"'), (f"{day}", "贷", "1.00", "9998.00", "A3")]
    told = [tuple(one.replace(",", "") for one in line) for line in told]
    post(bureau, "statement", row, {"file": listed(flagged, *told, sep="\t")})
    assert dict(BankLine.objects.values_list("reference", "amount_fen")) == {"A1": 1_000_000, "A2": -300, "A3": 100}
    odd = listed(flagged, (f"{day}", "其他", "3.00", "1.00", "A4"))
    assert "借贷标志“其他”看不懂" in post(bureau, "statement", row, {"file": odd}, status=422).content.decode()
    own = ("记账", "收", "付", "余额", "序号")
    rows = [(f"{day}", "", "5.00", "9992.00", "A6"), (f"{day}", "", "1.00", "9997.00", "A5")]
    page = post(bureau, "statement", row, {"file": listed(own, *rows)}, status=422).content.decode()
    assert "填各列的名称" in page
    names = {"booked_on": "记账", "income": "收", "expense": "付", "reference": "号码"}
    page = post(bureau, "statement", row, {"file": listed(own, *rows), **names}, status=422).content.decode()
    assert "文件里没有“号码”这一列；有：记账、收、付、余额、序号" in page
    post(bureau, "statement", row, {"file": listed(own, *rows), **names, "reference": "序号"})
    assert row.statements.order_by("-pk").first().closing_fen == 999_200, "newest first, within one day"
    form = bureau.get(reverse("funds:statement", args=[row.pk])).content.decode()
    assert 'value="记账"' in form and 'value="序号"' in form, "the mapping is kept"
    kept = {**names, "reference": "序号", "balance": "余额"}
    post(bureau, "statement", row, {"file": listed(HEAD, (f"{day}", "2", "", "9994", "A7")), **kept})
    assert BankLine.objects.get(reference="A7").amount_fen == 200, "what was only remembered gives way to the file"


def test_a_bank_that_gives_no_numbers_is_taken_by_day_amount_and_balance(cast, sign_in):
    bureau = sign_in("housing")
    row, day = account_of(cast, bureau), local_day(cast.now)
    head, before = tuple(one for one in HEAD if one != "流水号"), day - timedelta(days=1)
    rows = [
        (f"{before}", "5.00", "", "10005.00", "某某", "交存"),
        (f"{before}", "", "5.00", "10000.00", "某某", "退回"),
        (f"{before}", "5.00", "", "10005.00", "某某", "交存"),
    ]
    post(bureau, "statement", row, {"file": listed(head, *rows)})
    post(bureau, "statement", row, {"file": listed(head, *rows, (f"{day}", "1.00", "", "10006.00", "某某", "交存"))})
    assert sorted(BankLine.objects.values_list("amount_fen", flat=True)) == [-500, 100, 500, 500], "each comes in once"
    unsaid = listed(head, (f"{day}", "1.00", "", "", "某某", "交存"))
    assert "第1行没有余额" in post(bureau, "statement", row, {"file": unsaid}, status=422).content.decode()
    without = listed(("交易日期", "收入", "支出"), (f"{day}", "1.00", ""))
    assert (
        "银行不给流水号的，要有余额列" in post(bureau, "statement", row, {"file": without}, status=422).content.decode()
    )
    numbered = (f"{day}", "1.00", "", "10006.00", "B1", "某某", "交存")
    page = post(bureau, "statement", row, {"file": listed(HEAD, numbered)}, status=409).content.decode()
    assert "重复的流水认不出来" in page and BankLine.objects.count() == 4
    next_day = (f"{day + timedelta(days=1)}", "2.00", "", "10008.00", "B2", "某某", "交存")
    post(bureau, "statement", row, {"file": listed(HEAD, next_day)})
    assert BankLine.objects.get(reference="B2").amount_fen == 200
    shown = bureau.get(reverse("funds:bank", args=[row.pk])).content.decode()
    assert "余额10,006.00元" in shown and "流水号B2" in shown and "无流水号" not in shown


def test_one_movement_at_the_bank_is_matched_with_several_entries_to_the_last_fen(cast, sign_in):
    bureau = sign_in("housing")
    row, day = account_of(cast, bureau), local_day(cast.now).isoformat()
    for number, fen in (("B1", "12.34"), ("B2", "7.66"), ("B3", "20.01")):
        post(bureau, "interest", cast.estate, {"amount_fen": fen, "on": day, "reference": number})
    file = [HEAD, (day, "10000", "", "10000", "A1"), (day, "20.00", "", "10020.00", "A2")]
    post(bureau, "statement", row, {"file": listed(*file)})
    line = row.lines.get(reference="A2")
    assert line.match == "none"
    form = bureau.get(reverse("funds:match", args=[line.pk])).content.decode()
    assert "收12.34元" in form and "收7.66元" in form and "收10,000.00元" not in form, "what is matched is not offered"
    one, two, other = Entry.objects.filter(kind="interest").order_by("pk")
    post(bureau, "interest", cast.estate, {"amount_fen": "0.01", "on": day, "reference": "B4"})
    near = {"version": line.version, "entries": [one.pk, two.pk, Entry.objects.latest("pk").pk]}
    refused = post(bureau, "match", line, near, status=422).content.decode()
    assert "选的3笔合计20.01元，流水是20.00元" in refused
    post(bureau, "match", line, {"version": line.version, "entries": [one.pk, two.pk]})
    assert {*line.entries.all()} == {one, two}
    shown = bureau.get(reverse("funds:bank", args=[row.pk]), {"only": "all"}).content.decode()
    assert f"记-{one.pk}" in shown and f"记-{two.pk}" in shown
    line.refresh_from_db()
    post(bureau, "release", line, {"version": line.version, "reason": "选错了"})
    assert not line.entries.exists()
    post(bureau, "match", line, {"version": line.version + 1, "entries": [other.pk]}, status=422)


def test_a_misread_statement_goes_out_again_and_an_entry_made_later_is_found(cast, sign_in):
    bureau = sign_in("housing")
    row, day = account_of(cast, bureau), local_day(cast.now).isoformat()
    swapped = {"income": "借方发生额", "expense": "贷方发生额"}
    file = [HEAD, (day, "10000", "", "10000", "A1"), (day, "12.34", "", "10012.34", "A2")]
    post(bureau, "statement", row, {"file": listed(*file), **swapped})
    first = row.statements.get()
    line = row.lines.get(reference="A2")
    post(bureau, "match", line, {"version": line.version, "reason": "先放着"})
    post(bureau, "withdraw_statement", first, {"reason": "收支两列选反了"}, status=409)
    line.refresh_from_db()
    post(bureau, "release", line, {"version": line.version, "reason": "要撤回"})
    post(bureau, "withdraw_statement", first, {"reason": ""}, status=422)
    post(bureau, "withdraw_statement", first, {"reason": "收支两列选反了"})
    assert not row.lines.exists() and Event.objects.filter(kind="statement.withdrawn").count() == 1
    post(bureau, "statement", row, {"file": listed(*file)})
    assert dict(row.lines.values_list("reference", "match")) == {"A1": "auto", "A2": "none"}
    post(bureau, "interest", cast.estate, {"amount_fen": "12.34", "on": day, "reference": "A2"})
    post(bureau, "statement", row, {"file": listed(*file)})
    assert row.lines.get(reference="A2").match == "auto", "the entry came after the line"


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
    assert f"{year}年度维修计划" in page and "屋面防水、共用管线" in page and "关联业主表决" in page
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
    assert stranger.get(reverse("funds:plan_new", args=[cast.estate.pk])).status_code == 403  # noqa: PLR2004


@pytest.mark.clause("MX-3.6.3-6", "MX-3.8.3-3")
def test_owners_open_what_was_published_of_a_use_and_nothing_before(cast, sign_in):
    cast.now = datetime.now(ZONE)  # noqa: TID251 - pages read the clock
    rows = [fund.TakenOver(one, 50_000_000, 50_000_000, 50_000_000) for one in units(cast, "100")]
    fund.take_over(cast.estate, rows=rows, on=local_day(cast.now), actor=cast.actor("housing"), now=cast.now)
    evidence = [file(cast, cast.estate)]
    emergency = {"path": "emergency", "matter": "roof_leak", "evidence": evidence, "estimate_fen": 100}
    use = proposed(cast, applicant_role="community_committee", **emergency)
    use = until(cast, use, "accept")
    owner, here = sign_in("owner"), reverse("funds:own_use", args=[use.pk])
    assert here in owner.get(reverse("funds:mine")).content.decode()
    page = owner.get(here).content.decode()
    assert "预付款凭证" not in page and "现在办" in page
    invoice = use.payments.get().invoice
    paper = reverse("funds:own_use_paper", args=[use.pk, invoice.pk])
    assert owner.get(paper).status_code == 404
    use = until(cast, use, "settle")
    page = owner.get(here).content.decode()
    assert "预付款凭证" in page and "工程内容" in page and owner.get(paper).status_code == 200
    assert owner.get(reverse("funds:own_use_paper", args=[use.pk, evidence[0].pk])).status_code == 404
    stranger = sign_in("street_office@2")
    assert stranger.get(here).status_code == 404 and stranger.get(paper).status_code == 404
