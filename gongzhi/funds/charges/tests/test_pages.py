"""The pages of charges: the company sets prices, bills and presses; an owner sees why; others see sums alone."""

from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader

from gongzhi.cases.models import Case
from gongzhi.cases.queries.cases import may_see
from gongzhi.core import refs
from gongzhi.core.actors import Actor
from gongzhi.core.days import local_day
from gongzhi.core.models import Event, OutboxMessage
from gongzhi.core.tests.cast import STARTED, _person, build
from gongzhi.funds.charges import services as charges
from gongzhi.funds.charges.models import (
    ArrearsHandover,
    ArrearsHelp,
    ArrearsOpinion,
    Bill,
    BillingRun,
    Clearance,
    Demand,
    GuidePrice,
    PayerMark,
    PriceChange,
    PriceFinding,
    Tariff,
)
from gongzhi.funds.charges.tests.charged import pay, project_of, tariff, terms
from gongzhi.funds.maintenance.tests.fund import PNG, committee, units
from gongzhi.funds.payments import services as payments
from gongzhi.funds.payments.tests import paying
from gongzhi.registry.models import Unit
from gongzhi.registry.services import begin_project, end_project

SEE_OTHER = 303


@pytest.fixture
def cast(request, db):
    pack, county = getattr(request, "param", ("meixian", "610326"))
    return build(STARTED, county=county, pack=pack)


def text(response, status=200):
    assert response.status_code == status, response.content.decode().split("<main", 1)[-1][:2000]
    return response.content.decode()


def url(name, *args):
    return reverse(f"funds:{name}", args=args)


def do(client, kind, key, code, data=None, status=303):
    """The act's form, then what it answers: the page where it was refused."""
    where = url("charges_act", kind, key, code)
    page = text(client.get(where))
    form_key = page.split('name="form_key" value="')[1].split('"')[0]
    version = page.split('name="version" value="')[1].split('"')[0] if 'name="version" value="' in page else ""
    response = client.post(where, {"form_key": form_key, "version": version, **(data or {})})
    assert response.status_code == status, response.content.decode().split("<main", 1)[-1][:2500]
    return response if status == SEE_OTHER else response.content.decode()


def last_month(cast):
    return (local_day(cast.now).replace(day=1) - timedelta(days=1)).replace(day=1)


def billed(cast, *areas):
    """Units billed for the last month at 1.50; what is due is not yet late."""
    terms(cast, late_rate=Decimal("0.0005"))
    tariff(cast, "1.50")
    made = units(cast, *areas)
    run = charges.begin_run(
        project_of(cast), every=1, from_on=last_month(cast), issued_on=local_day(cast.now),
        actor=cast.actor("project_manager"), now=cast.now,
    )  # fmt: skip
    charges.go_on(run, now=cast.now)
    return made, run


def late(cast, unit, days=40):
    """Its bills were due so many days ago; the first of them."""
    Bill.objects.filter(unit=unit).update(due_on=local_day(cast.now) - timedelta(days=days))
    return Bill.objects.filter(unit=unit).earliest("pk")


def test_a_clerk_enters_the_contract_and_a_price_looks_over_a_run_and_begins_it_once(cast, sign_in):
    clerk, project = sign_in("project_manager"), project_of(cast)
    units(cast, "100", "80.5")
    today = local_day(cast.now)
    page = text(clerk.get(url("charges_project", project.pk)))
    assert "还没有登记合同约定" in page and "登记收费标准" in page
    do(clerk, "project", project.pk, "yueding", {
        "mode": "lump_sum", "due_days": "20", "late_rate": "0.05", "from_on": "2021-01-01",
    })  # fmt: skip
    given = {
        "fee": "service", "title": "物业公共服务费", "price_kind": "market", "basis": "area", "price": "1.5",
        "every": "1", "from_on": "2021-01-01",
    }  # fmt: skip
    do(clerk, "project", project.pk, "biaozhun", {**given, "price": "0"}, 422)
    do(clerk, "project", project.pk, "biaozhun", given)
    page = text(clerk.get(url("charges_project", project.pk)))
    assert "每日万分之5" in page and "1.5元/㎡·月" in page
    begin = url("run_begin", project.pk)
    period = {"every": "1", "from_on": last_month(cast).isoformat(), "issued_on": today.isoformat()}
    over = text(clerk.get(begin, period))
    assert "270.75" in over and "没有登记业主" in over and "2</b>户" in over and not BillingRun.objects.exists()
    assert "请选1日" in text(clerk.get(begin, {**period, "from_on": last_month(cast).replace(day=2).isoformat()}))
    key = over.split('name="form_key" value="')[1].split('"')[0]
    went = clerk.post(begin, {**period, "form_key": key})
    assert went.status_code == 303 and clerk.post(begin, {**period, "form_key": key}).status_code == 303
    run = BillingRun.objects.get()
    assert "正在出账" in text(clerk.get(went.url))
    assert "HX-Refresh" not in clerk.get(went.url, headers={"HX-Request": "true"})
    charges.go_on(run, now=cast.now)
    page = text(clerk.get(url("billing_run", run.pk)))
    assert "已出账" in page and "150.00" in page and "120.75" in page
    assert b"PK" == clerk.get(url("billing_run", run.pk), {"as": "xlsx"}).content[:2]
    assert "这一期已经出过账" in text(clerk.get(begin, period))
    told = clerk.get(url("billing_run", run.pk), headers={"HX-Request": "true"})
    assert "正在出账" not in text(told) and told["HX-Refresh"] == "true"


def test_a_run_of_which_nobody_paid_is_withdrawn_and_the_period_is_billed_again(cast, sign_in):
    (one, two), run = billed(cast, "100", "80")
    clerk = sign_in("project_manager")
    bill = Bill.objects.get(unit=one)
    pay(cast, [bill], "150.00")
    page = do(clerk, "billing_run", run.pk, "chehui", {"reason": "单价录错"}, 409)
    assert "已有1户缴了费" in page and "单价录错" in page
    charges.reverse_settlement(
        bill.allocations.first().settlement, reason="录错户", on=local_day(cast.now),
        actor=cast.actor("project_manager"), now=cast.now,
    )  # fmt: skip
    do(clerk, "billing_run", run.pk, "chehui", {"reason": "单价录错"})
    run.refresh_from_db()
    assert run.state == "withdrawn" and set(Bill.objects.values_list("cancelled_on", flat=True)) == {
        local_day(cast.now)
    }
    assert paying.balances(cast)[f"units.{two.pk}"] == 0
    assert Event.objects.filter(kind="fee.run_withdrawn").count() == 1
    assert "单价录错" in text(clerk.get(url("billing_run", run.pk)))
    charges.go_on(run, now=cast.now)
    assert not Bill.objects.filter(cancelled_on=None).exists()
    again = charges.begin_run(
        project_of(cast), every=1, from_on=run.from_on, issued_on=local_day(cast.now),
        actor=cast.actor("project_manager"), now=cast.now,
    )  # fmt: skip
    assert again.pk != run.pk and charges.go_on(again, now=cast.now).bills == 2
    assert paying.balances(cast)[f"units.{two.pk}"] == 12000


def test_a_bill_shows_its_formula_its_price_and_prints_with_its_code(cast, sign_in):
    (one, _), run = billed(cast, "89.53", "80")
    clerk, bill = sign_in("project_manager"), Bill.objects.get(unit=one)
    page = text(clerk.get(url("bill", bill.pk)))
    assert "89.53㎡ × 1.5元 × 1个月 = 134.30元" in page and "市场调节价" in page and "TL-40" in page
    pdf = clerk.get(url("bill", bill.pk), {"as": "pdf"})
    assert pdf["Content-Type"] == "application/pdf" and pdf.content.startswith(b"%PDF")
    assert payments.print_run(run, base="https://gz.example.cn/", now=cast.now) == 1
    assert payments.print_run(run, base="https://gz.example.cn/", now=cast.now) == 0
    page = text(clerk.get(url("billing_run", run.pk)))
    assert "（共1册）.pdf" in page
    file = payments.printed(run)[0]
    assert clerk.get(reverse("core:file", args=[file.pk])).status_code == 200
    assert sign_in("owner").get(reverse("core:file", args=[file.pk])).status_code in (403, 404)
    assert "原因" in text(clerk.get(url("charges_act", "bill", bill.pk, "zuofei")))
    do(clerk, "bill", bill.pk, "zuofei", {"reason": "面积有误"})
    assert "已作废" in text(clerk.get(url("bill", bill.pk)))


def test_owners_are_told_of_their_bills_once_whatever_stops_it(cast, sign_in):
    made, run = billed(cast, "100", "80", "60")
    for unit in made[:2]:
        paying.owned(cast, unit)
    run = _again(cast, run)
    clerk = sign_in("project_manager")
    do(clerk, "billing_run", run.pk, "fasong")
    payments.tell_run(run, base="https://gz.example.cn/", now=cast.now, at_once=1)
    payments.tell_run(run, base="https://gz.example.cn/", now=cast.now, at_once=1)
    told = OutboxMessage.objects.filter(template="fee_bill")
    assert told.count() == 2 and Event.objects.filter(kind="fee.bills_told").count() == 1
    first = told.order_by("pk").first()
    assert "150.00元" in first.text and "https://gz.example.cn/zijin/jiaofei/" in first.text
    assert "已经发送过" in do(clerk, "billing_run", run.pk, "fasong", status=409)


def _again(cast, run):
    """The same period billed once more, now that the owners are recorded."""
    charges.withdraw_run(run, reason="补登业主", version=None, actor=cast.actor("project_manager"), now=cast.now)
    again = charges.begin_run(
        project_of(cast), every=1, from_on=run.from_on, issued_on=local_day(cast.now),
        actor=cast.actor("project_manager"), now=cast.now,
    )  # fmt: skip
    return charges.go_on(again, now=cast.now)


def others_home(cast):
    building = cast.estate.buildings.get(name="1幢")
    return Unit.objects.create(building=building, name="901室", exclusive_area_m2=Decimal("70"), area_source="register")


def own_home(cast):
    """A unit that belongs to the account of the cast's owner."""
    owner = cast.user("owner")
    owner.set_phone(paying.PHONE)
    owner.save()
    return paying.home(cast)


def test_an_owner_sees_his_own_account_objects_states_what_he_is_and_gets_his_clearance(cast, sign_in):
    terms(cast)
    tariff(cast, "1.50")
    mine = own_home(cast)
    other = paying.owned(cast, others_home(cast), name="李四", phone="13700000000")
    project = project_of(cast)
    run = charges.begin_run(
        project, every=1, from_on=last_month(cast), issued_on=local_day(cast.now), actor=cast.actor("project_manager"),
        now=cast.now,
    )  # fmt: skip
    charges.go_on(run, now=cast.now)
    owner, bill = sign_in("owner"), Bill.objects.get(unit=mine)
    page = text(owner.get(url("own_account")))
    assert "134.25" in page and "89.5㎡ × 1.5元 × 1个月" in page and "去缴费" in page and "105.00" not in page
    assert "134.25" in text(owner.get(url("bill", bill.pk)))
    assert owner.get(url("bill", Bill.objects.get(unit=other).pk)).status_code == 404
    assert owner.get(url("charges_units", project.pk)).status_code in (403, 404)
    assert owner.get(url("charges_act", "unit", f"{project.pk}-{other.pk}", "yijian")).status_code == 404
    key = f"{project.pk}-{mine.pk}"
    asked = text(owner.get(url("charges_act", "unit", key, "yijian")))
    assert url("own_account") in asked and f'href="{url("charges")}"' not in asked
    do(owner, "unit", key, "yijian", {"text": "楼道灯三个月没有修"})
    do(owner, "unit", key, "shenfen", {"kind": "party"})
    assert PayerMark.objects.get(to_on=None).kind == "party"
    refused = do(owner, "unit", key, "qingling", status=409)
    assert "还欠268.50元" in refused and bill.number in refused and "还没有出账的134.25元" in refused
    do(owner, "unit", key, "bubenyue")
    do(owner, "unit", key, "bubenyue", status=409)
    pay(cast, list(Bill.objects.filter(unit=mine)), "268.50")
    went = do(owner, "unit", key, "qingling")
    proof = Clearance.objects.get()
    assert proof.by is None, "who asked on the net did not handle it"
    assert went.url == url("clearance", proof.pk) and proof.number in text(owner.get(went.url))
    assert owner.get(went.url, {"as": "pdf"}).content.startswith(b"%PDF")
    page = text(owner.get(url("own_account")))
    assert "没有要缴的" in page and "楼道灯三个月没有修" in page and "您标注的是党员" in page
    clerk = sign_in("project_manager")
    opinion = ArrearsOpinion.objects.get()
    do(clerk, "arrears_opinion", opinion.pk, "rending", {"reasonable": "no"}, 422)
    do(clerk, "arrears_opinion", opinion.pk, "rending", {"reasonable": "yes"})
    do(clerk, "arrears_opinion", opinion.pk, "jiejue", {"measures": "已更换"})
    assert "措施：已更换" in text(owner.get(url("own_account")))
    late(cast, mine, 0)
    rate = text(sign_in("community_station").get(url("charges_project", project.pk)))
    assert "自愿标注身份的业主1户" in rate
    assert "自愿标注身份" not in text(sign_in("housing").get(url("charges_project", project.pk)))


def test_arrears_are_pressed_by_many_at_once_and_everybody_sees_as_much_as_he_may(cast, sign_in):
    made, _ = billed(cast, "100", "80", "60")
    for unit, days in zip(made, (40, 100, 400), strict=True):
        late(cast, unit, days)
    project, clerk = project_of(cast), sign_in("project_manager")
    where = url("arrears", project.pk)
    page = text(clerk.get(where))
    assert "已逾期100日" in page and "31至90日" in page and "未催告" in page
    assert "请选要催告的房屋" in text(clerk.post(where, {"form_key": "x", "how": "letter"}), 422)
    key = page.split('name="form_key" value="')[1].split('"')[0]
    chosen = {"units": [made[0].pk, made[1].pk], "how": "letter", "form_key": key}
    assert clerk.post(where, chosen).status_code == 303 and clerk.post(where, chosen).status_code == 303
    chosen_units = Demand.objects.count()
    assert chosen_units == len(chosen["units"])
    assert "催告期到" in text(clerk.get(where)) and "打印催告函（2户）" in text(clerk.get(where))
    letters = clerk.get(where, {"as": "letters"})
    assert letters["Content-Type"] == "application/pdf" and letters.content.startswith(b"%PDF")
    assert len(PdfReader(BytesIO(letters.content)).pages) == chosen_units
    assert clerk.get(url("charges_unit", project.pk, made[0].pk), {"as": "letter"}).content.startswith(b"%PDF")
    assert clerk.get(url("charges_unit", project.pk, made[2].pk), {"as": "letter"}).status_code == 404
    assert sign_in("community_station").get(where, {"as": "letters"}).status_code == 403
    for role, sees in (("housing", False), ("street_office", False), ("community_station", True)):
        page = text(sign_in(role).get(where))
        assert "360.00" in page and ("已逾期100日" in page) is sees and "打印催告函" not in page, role
    body = committee(cast)
    _person(cast, "owners_committee", "孙小红", organisation=body.organisation)
    committee_client = sign_in("owners_committee")
    page = text(committee_client.get(where))
    assert "360.00" in page and "已逾期" not in page and "提醒按时交费" in page
    assert committee_client.get(url("charges_unit", project.pk, made[0].pk)).status_code == 404
    do(committee_client, "project", project.pk, "tixing")
    do(committee_client, "project", project.pk, "tixing", status=409)
    page = text(clerk.get(url("charges_unit", project.pk, made[0].pk)))
    assert "书面催告150.00元" in page and "登记仲裁或诉讼" in page
    refused = do(clerk, "unit", f"{project.pk}-{made[0].pk}", "zhongcai", {"kind": "suit"}, 422)
    assert "期限" in refused and "MX-3.5.2-5" in refused
    Demand.objects.update(on=date(2024, 1, 1), until=date(2024, 1, 31))
    do(clerk, "unit", f"{project.pk}-{made[0].pk}", "zhongcai", {"kind": "suit", "number": "民初12号"})
    assert "诉讼民初12号" in text(clerk.get(url("charges_unit", project.pk, made[0].pk)))
    do(clerk, "unit", f"{project.pk}-{made[1].pk}", "xiezhu", {"kind": "committee"})
    page = text(committee_client.get(url("helps")))
    assert str(made[1]) in page and "120.00" not in page and "待催" in page
    help_row = ArrearsHelp.objects.get()
    there = refs.url_of(help_row.ref)
    office = Actor(None, body.organisation, "owners_committee", cast.estate.place_path, "业委会")
    stranger = Actor(None, None, "owners_committee", cast.estate_outside.place_path, "别的业委会")
    assert refs.may_read(office, help_row.ref) and not refs.may_read(stranger, help_row.ref)
    assert "待催" in text(committee_client.get(there))
    assert clerk.get(there)["Location"] == url("charges_unit", project.pk, made[1].pk)
    do(committee_client, "arrears_help", help_row.pk, "jieguo", {"result": "答应月底缴", "handed_on": "社区调解室"})
    assert "答应月底缴" in text(committee_client.get(url("helps")))
    mediation = ArrearsHelp.objects.get(kind="mediation")
    assert mediation.role == "mediation_room" and mediation.unit == made[1]
    assert str(made[1]) in text(sign_in("mediation_room").get(url("helps")))


@pytest.mark.clause("MX-3.2.2-1", "MX-3.5.1-1")
def test_a_guide_price_is_signed_by_both_departments_and_its_draft_completed(cast, sign_in):
    drc, county, today = sign_in("development_reform"), cast.county.code, local_day(cast.now).isoformat()
    given = {
        "grade": "二级", "base_price": "1.50", "up_ratio": "0", "down_ratio": "0", "from_on": today,
        "factor_0": "一", "factor_1": "二", "factor_2": "三",
    }  # fmt: skip
    do(drc, "place", county, "zhidaojia", given)
    guide = GuidePrice.objects.get()
    signers = [sign_in(role) for role in ("housing", "market_regulation")]
    do(signers[0], "guide_price", guide.pk, "huiqian")
    assert "还没有会签" in do(drc, "guide_price", guide.pk, "gongbu", status=422)
    do(signers[1], "guide_price", guide.pk, "huiqian")
    assert "还缺1项因素" in do(drc, "guide_price", guide.pk, "gongbu", status=422)
    form = text(drc.get(url("charges_act", "guide_price", guide.pk, "xiugai")))
    assert 'value="1.5"' in form and "三</textarea>" in form
    do(drc, "guide_price", guide.pk, "xiugai", {**given, "factor_3": "四"})
    assert not guide.signs.exists()
    for client in signers:
        do(client, "guide_price", guide.pk, "huiqian")
    do(drc, "guide_price", guide.pk, "gongbu")
    assert GuidePrice.objects.get().state == "published"


@pytest.mark.parametrize("cast", [("zhangjiagang", "320582")], indirect=True)
@pytest.mark.clause("ZJG-2.3.4b", "ZJG-2.3.4c", "ZJG-3.4.2")
def test_guide_prices_are_published_for_everybody_and_filings_are_judged_by_them(cast, sign_in):
    drc, clerk, project = sign_in("development_reform"), sign_in("project_manager"), project_of(cast)
    county, today = cast.county.code, local_day(cast.now)
    do(drc, "place", county, "zhidaojia", {
        "grade": "二级", "base_price": "1.5", "up_ratio": "20", "down_ratio": "20", "from_on": today.isoformat(),
    })  # fmt: skip
    guide = GuidePrice.objects.get()
    assert "二级" not in text(Client().get(url("guide_public", county)))
    do(drc, "guide_price", guide.pk, "gongbu")
    public = text(Client().get(url("guide_public", county)))
    assert "二级" in public and "1.8" in public and "1.2" in public and "现行" in public
    given = {
        "fee": "service", "title": "物业公共服务费", "price_kind": "guide", "basis": "area", "price": "1.81",
        "every": "1", "grade": "二级", "from_on": today.isoformat(),
    }  # fmt: skip
    to_file = url("charges") + "?only=to_file"
    assert cast.estate.name not in text(drc.get(to_file))
    do(clerk, "project", project.pk, "biaozhun", given)
    assert cast.estate.name in text(drc.get(to_file)), "what waits to be filed is found"
    dear = Tariff.objects.get()
    refused = do(drc, "tariff", dear.pk, "beian", {"number": "备1"}, 422)
    assert "超出政府指导价范围" in refused and "ZJG-2.3.4c" in refused
    do(drc, "tariff", dear.pk, "buyubeian", {"reason": "超出范围"})
    assert "超出范围" in text(clerk.get(url("tariff", dear.pk)))
    do(clerk, "project", project.pk, "biaozhun", {**given, "price": "1.80"})
    do(drc, "tariff", Tariff.objects.get(state="draft").pk, "beian", {"number": "备2"})
    assert "备2" in text(clerk.get(url("charges_project", project.pk)))
    market = sign_in("market_regulation")
    page = text(market.get(url("price_checks")))
    assert cast.estate.name in page
    joint = {"on": today.isoformat(), "roles": ["market_regulation"], "project": project.pk, "finding": "not_shown"}
    refused = do(market, "place", county, "jiancha", joint, 422)
    assert "联合检查还要有" in refused
    joint["roles"] = ["development_reform", "market_regulation", "housing"]
    do(market, "place", county, "jiancha", joint)
    finding = PriceFinding.objects.get()
    page = text(market.get(url("price_checks")))
    assert finding.case_ref in page and "市发改委、市市场监管局、" in page
    case = Case.objects.get(number=finding.case_ref)
    assert f'href="{reverse("cases:case", args=[case.number])}">{case.number}</a>' in page
    for role in ("housing", "development_reform"):
        linked = f">{case.number}</a>" in text(sign_in(role).get(url("price_checks")))
        assert linked == may_see(cast.actor(role), case), role
    assert f"案件{case.number}" in text(clerk.get(url("charges_project", project.pk))), "no party: the number alone"
    for role in ("development_reform", "housing"):
        assert "未公示收费" in text(sign_in(role).get(url("price_checks")))
    do(market, "price_finding", finding.pk, "banjie", {"case_ref": "", "result": "责令改正，已公示"})
    assert "责令改正，已公示" in text(clerk.get(url("charges_project", project.pk)))


def test_a_price_changes_by_its_steps_alone(cast, sign_in):
    terms(cast)
    row = tariff(cast, "1.50")
    clerk, project = sign_in("project_manager"), project_of(cast)
    given = {"fee": "service", "title": row.title, "price_kind": "market", "basis": "area", "price": "1.8",
             "every": "1", "from_on": local_day(cast.now).isoformat()}  # fmt: skip
    assert "要调价请走调价手续" in do(clerk, "project", project.pk, "biaozhun", given, 409)
    do(clerk, "tariff", row.pk, "tiaojia", {"new_price": "1.8", "reason": "人工成本上升"})
    change = PriceChange.objects.get()
    page = text(clerk.get(url("price_change", change.pk)))
    assert "+20.0%" in page and "现价不变" in page
    where = url("charges_act", "price_change", change.pk, "zhixing")
    assert where not in page
    refused = do(clerk, "price_change", change.pk, "zhixing", {"effective_on": local_day(cast.now).isoformat()}, 409)
    assert "现价不变" in refused
    assert "1.5元/㎡·月" in text(clerk.get(url("tariff", row.pk)))
    do(clerk, "price_change", change.pk, "chehui")
    assert "已撤回" in text(clerk.get(url("price_change", change.pk)))


def test_prices_hang_in_their_places_with_photos(cast, sign_in):
    terms(cast, grade="二级")
    tariff(cast, "1.50")
    clerk, project = sign_in("project_manager"), project_of(cast)
    photo = SimpleUploadedFile("图.png", PNG, content_type="image/png")
    given = {"item": "price", "place": "board", "price": "1.80", "shown_on": local_day(cast.now).isoformat()}
    do(clerk, "project", project.pk, "gongshi", {**given, "photo": photo})
    page = text(clerk.get(url("charges_project", project.pk)))
    assert "与合同不符" in page and "MX-3.6.3-3" in page
    photo.seek(0)
    do(clerk, "project", project.pk, "gongshi", {**given, "price": "1.50", "photo": photo})
    assert "与合同不符" not in text(clerk.get(url("charges_project", project.pk)))


def test_what_a_unit_has_of_its_own_and_shared_costs_come_onto_the_bill(cast, sign_in):
    terms(cast)
    tariff(cast, "1.50")
    place = tariff(cast, "150", fee="parking", basis="item", title="地下车位")
    (unit,) = units(cast, "100")
    clerk, project = sign_in("project_manager"), project_of(cast)
    since = last_month(cast)
    key = f"{project.pk}-{unit.pk}"
    do(clerk, "unit", key, "shuliang", {"tariff": place.pk, "quantity": "1", "text": "B1-023", "from_on": since})
    do(clerk, "unit", key, "jianmian", {"ratio": "10", "text": "困难家庭", "from_on": since})
    assert "没有空置减收" in do(clerk, "unit", key, "kongzhi", {"from_on": since}, 422)
    do(clerk, "project", project.pk, "gongtan", {
        "kind": "water", "by": "area", "amount_fen": "33.33", "from_on": since, "to_on": since + timedelta(days=20),
    })  # fmt: skip
    assert "公共用水" in text(clerk.get(url("charges_project", project.pk)))
    over = text(clerk.get(url("run_begin", project.pk), {
        "every": "1", "from_on": since.isoformat(), "issued_on": local_day(cast.now).isoformat(),
    }))  # fmt: skip
    assert "318.33" in over and "33.33元随这一期出账" in over
    run = charges.begin_run(
        project,
        every=1,
        from_on=since,
        issued_on=local_day(cast.now),
        actor=cast.actor("project_manager"),
        now=cast.now,
    )
    charges.go_on(run, now=cast.now)
    page = text(clerk.get(url("bill", Bill.objects.get().pk)))
    for words in ("1个 × 150元 × 1个月 = 150.00元", "减免：困难家庭", "减收10%", "共33.33元", "318.33"):
        assert words in page, words
    assert "减10%" in text(clerk.get(url("charges_unit", project.pk, unit.pk)))


def test_the_old_companys_list_goes_to_the_new_one_that_confirms_it(cast, sign_in):
    (one, _), _ = billed(cast, "100", "80")
    old, clerk, today = project_of(cast), sign_in("project_manager"), local_day(cast.now)
    assert "交接欠费" not in text(clerk.get(url("charges_project", old.pk)))
    street = cast.actor("street_office")
    end_project(old, to_on=today - timedelta(days=1), actor=street, now=cast.now)
    company = cast.organisation("property_company@2")
    new = begin_project(estate=cast.estate, company=company, from_on=today, actor=street, now=cast.now)
    agreement = SimpleUploadedFile("协议.png", PNG, content_type="image/png")
    do(clerk, "project", old.pk, "jiaojie", {
        "kind": "ceded", "to_project": new.pk, "on": today.isoformat(), "agreement": agreement,
    })  # fmt: skip
    row = ArrearsHandover.objects.get()
    page = text(clerk.get(url("handover", row.pk)))
    assert "270.00" in page and str(one) in page and "待接收的企业确认" in page
    _person(cast, "property_company", "新企业", organisation=company)
    boss = sign_in("property_company")
    assert url("handover", row.pk) in text(boss.get(url("charges_project", new.pk)))
    assert "确认接收" in text(boss.get(url("handover", row.pk)))
    do(boss, "arrears_handover", row.pk, "queren")
    assert Bill.objects.filter(project=new).count() == 2


def test_strangers_see_nothing(cast, sign_in):
    _, run = billed(cast, "100", "80")
    project = project_of(cast)
    for name, args in (
        ("charges_project", [project.pk]), ("charges_units", [project.pk]), ("billing_run", [run.pk]),
        ("bill", [Bill.objects.first().pk]), ("arrears", [project.pk]),
    ):  # fmt: skip
        assert sign_in("police").get(url(name, *args)).status_code in (403, 404), name
        assert Client().get(url(name, *args)).status_code == 302, name
