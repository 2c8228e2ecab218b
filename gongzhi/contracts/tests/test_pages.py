"""The pages: developer, companies, committee and offices walk from the choice to the exit; each sees what is his."""

from datetime import date, datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from gongzhi.contracts import queries
from gongzhi.contracts import services as contracts
from gongzhi.contracts.models import Procedure, ServiceContract
from gongzhi.contracts.tests.place import FILE, city, contract, known, listed, opened, refuses, signed, switch, took
from gongzhi.contracts.tests.test_choosing import ANNOUNCED, enter, tender
from gongzhi.contracts.tests.test_contracts import FIVE
from gongzhi.contracts.tests.test_takeover import taken_over
from gongzhi.core.actors import Actor
from gongzhi.core.days import ZONE, local_day
from gongzhi.core.rights import may
from gongzhi.core.tests.cast import now_in
from gongzhi.duties.models import Duty
from gongzhi.registry.services import begin_project


@pytest.fixture
def cast(db, request):
    made = now_in(city, getattr(request, "param", "jinhua"))
    made.users["developer"].posts.update(place_path=made.estates["new"].place_path)
    return made


def paper():
    return SimpleUploadedFile("附件.pdf", FILE, content_type="application/pdf")


def post(client, name, args, data, status=303):
    url = reverse(f"contracts:{name}", args=args)
    page = client.get(url)
    assert page.status_code == 200, (url, page.status_code)
    text = page.content.decode()
    fields = {"form_key": text.split('name="form_key" value="')[1].split('"')[0]}
    if 'name="version" value="' in text:
        fields["version"] = text.split('name="version" value="')[1].split('"')[0]
    response = client.post(url, {**fields, **data})
    assert response.status_code == status, response.content.decode().split("<main", 1)[-1][:2500]
    return response


def step(client, row, name, status=303, **data):
    today = local_day(datetime.now(ZONE)).isoformat()  # noqa: TID251
    return post(client, "step", [row.pk, name], {"on": today, **data}, status)


def test_a_tender_is_announced_entered_judged_awarded_and_contracted(cast, sign_in):
    developer, company, estate = sign_in("developer"), sign_in("property_company"), cast.estates["new"]
    assert "前期物业选聘" in developer.get(reverse("contracts:choose")).content.decode()
    project = {
        "project_type": "residential", "fee_mode": "lump_sum", "total_area_m2": "80000", "residential_area_m2": "80000",
        "sale": "presale", "sale_on": (cast.now + timedelta(days=30)).date().isoformat(),
        "developer": cast.organisations["developer"].pk,
    }  # fmt: skip
    refused = post(developer, "new", [estate.pk, "tender"], {**project, "method": "invited"}, 422).content.decode()
    assert "可以用：公开招标" in refused
    post(developer, "new", [estate.pk, "tender"], {**project, "method": "public"})
    row = Procedure.objects.get(kind="tender")
    assert (
        "请填公告链接" in step(developer, row, "announce", 422, channel="government", reference="JY-1").content.decode()
    )
    step(developer, row, "announce", channel="government", reference="JY-1", link="https://ggzy.example.cn/1")
    assert "1个小区正在选聘，可以报名" in company.get(reverse("contracts:list")).content.decode()
    assert str(estate) in company.get(reverse("contracts:list"), {"view": "calls"}).content.decode()
    post(company, "act", [row.pk, "bid"], {"offer": "1.8元"})
    assert "正在选聘，可以报名" not in company.get(reverse("contracts:list")).content.decode()
    known(cast, cast.organisations["property_company@2"], blacklisted=True, star=3)
    post(developer, "act", [row.pk, "enter"], {"company": cast.organisations["property_company@2"].pk})
    step(developer, row, "open")
    post(
        developer,
        "act",
        [row.pk, "judge"],
        {"name": "评委甲", "side": "expert", "employer": "安居物业服务有限公司"},
        422,
    )
    post(developer, "act", [row.pk, "judge"], {"name": "评委甲", "side": "expert", "employer": "工程学院"})
    bids = {f"bid_{one.pk}": points for one, points in zip(row.bids.order_by("pk"), ("80", "95"), strict=True)}
    post(developer, "act", [row.pk, "points"], {"judge": row.judges.get().pk, **bids})
    step(developer, row, "score")
    winner = row.bids.get(company=cast.organisations["property_company@2"])
    assert "黑榜" in step(developer, row, "award", 422, winner=winner.pk).content.decode()
    step(developer, row, "award", winner=winner.pk, note="评分最高")
    page = developer.get(reverse("contracts:procedure", args=[row.pk])).content.decode()
    assert "按期选聘" in page and "95.00" in page and "在黑榜期内" in page
    step(developer, row, "result_notice", where="售楼处")
    sign_url = reverse("contracts:contract_new", args=[estate.pk, "preliminary"])
    assert f'href="{sign_url}"' in developer.get(reverse("contracts:procedure", args=[row.pk])).content.decode()
    filled = developer.get(sign_url).content.decode()
    assert all(
        f'<option value="{one}" selected>' in filled for one in (row.pk, cast.organisations["property_company@2"].pk)
    )
    contract = {
        "kind": "preliminary", "party_a": "developer", "party_a_name": "云栖置业", "manager_name": "王经理",
        "signed_on": local_day(cast.now).isoformat(), "to_on": "2030-12-31", "procedure": row.pk,
        "company": cast.organisations["property_company"].pk,
    }  # fmt: skip
    lacking = post(developer, "contract_new", [estate.pk, "preliminary"], contract, 422).content.decode()
    assert "管理内容" in lacking
    contract |= {"term_0": "保洁、保安、维修", "paper_0": paper()}
    assert "中标企业" in post(developer, "contract_new", [estate.pk, "preliminary"], contract, 422).content.decode()
    contract |= {"company": cast.organisations["property_company@2"].pk, "paper_0": paper()}
    post(developer, "contract_new", [estate.pk, "preliminary"], contract)
    made = ServiceContract.objects.get()
    page = developer.get(reverse("contracts:contract", args=[made.pk])).content.decode()
    assert "没有写明" in page and "下一步：登记生效" in page
    assert f'href="{sign_url}"' not in developer.get(reverse("contracts:procedure", args=[row.pk])).content.decode()
    assert made.number in sign_in("housing").get(reverse("contracts:contracts")).content.decode()


def test_an_inspection_is_listed_signed_on_a_phone_and_put_right(cast, sign_in):
    bureau, station, estate = sign_in("housing"), sign_in("community_station"), cast.estates["new"]
    given = {"company": cast.organisations["property_company"].pk, "developer": cast.organisations["developer"].pk}
    post(bureau, "new", [estate.pk, "takeover"], given)
    row = Procedure.objects.get(kind="takeover")
    post(bureau, "act", [row.pk, "item"], {"group": "共用部位", "state": "ok", "more": "屋面\n外墙", "expected": "1"})
    post(bureau, "act", [row.pk, "item"], {"group": "共用设施设备", "name": "电梯", "state": "defect"}, 422)
    lift = {"group": "共用设施设备", "name": "电梯", "expected": "6"}
    post(bureau, "act", [row.pk, "item"], {**lift, "state": "defect", "defect": "quantity", "found": "5"})
    step(bureau, row, "inspect")
    step(bureau, row, "conclude")
    step(bureau, row, "notify")
    step(bureau, row, "reinspect")
    post(bureau, "act", [row.pk, "item"],
         {"group": "共用设施设备", "name": "电梯", "state": "fixed", "expected": "6", "found": "6"})  # fmt: skip
    today = local_day(cast.now).isoformat()
    own = row.parties.get(role="community_station")
    post(station, "sign", [row.pk, own.pk], {"verdict": "fit", "on": today})
    for party in row.parties.exclude(pk=own.pk):
        data = {"verdict": "fit", "on": today}
        if party.role != "housing":
            post(bureau, "sign", [row.pk, party.pk], data, 422)
            data["page"] = paper()
        post(bureau, "sign", [row.pk, party.pk], data)
    step(bureau, row, "agree", paper_0=paper())
    row.refresh_from_db()
    page = bureau.get(reverse("contracts:procedure", args=[row.pk])).content.decode()
    assert row.state == "done" and "承接查验整改单" in page and "3/3项合格" in page
    assert queries.takeover_of(estate) == row
    assert sign_in("owner").get(reverse("contracts:procedure", args=[row.pk])).status_code == 404


@pytest.mark.parametrize("cast", ["zhangjiagang"], indirect=True)
def test_a_company_leaves_hands_over_and_the_estate_stands_on_the_list(cast, sign_in):
    company, street, committee = sign_in("property_company"), sign_in("street_office"), sign_in("owners_committee")
    leave = (cast.now + timedelta(days=60)).date().isoformat()
    post(company, "new", [cast.estate.pk, "exit"], {"ground": "application", "leave_on": leave, "reason": "亏损"})
    row = Procedure.objects.get(kind="exit")
    step(company, row, "warn", note="到期不再续")
    step(company, row, "object", reason="arrears", note="业主欠费")
    assert "理由不成立" in company.get(reverse("contracts:procedure", args=[row.pk])).content.decode()
    for group in row.rules["groups"]:
        post(company, "act", [row.pk, "item"], {"group": group, "name": f"{group}一", "state": "ok"})
    step(company, row, "hand_over")
    step(street, row, "confirm")
    assert cast.estate.name not in street.get(reverse("contracts:gaps")).content.decode().split('id="h-unnamed"')[0]
    step(committee, row, "succeed", choice="retender", note="一个月衔接")
    again = Procedure.objects.get(kind="reselect")
    assert (
        again.origin == row
        and again.number in committee.get(reverse("contracts:procedure", args=[row.pk])).content.decode()
    )
    assert again.number in street.get(reverse("registry:estate", args=[cast.estate.pk])).content.decode()
    post(committee, "remark_new", [cast.estate.pk], {"kind": "opinion", "text": "保洁不勤"})
    assert "没有答复" in committee.get(reverse("contracts:remarks")).content.decode()


@pytest.mark.parametrize("cast", ["jiujiang"], indirect=True)
def test_an_inspection_that_was_published_is_open_to_everybody_and_names_nobody(cast):
    row = taken_over(cast, by="property_company")
    estate, everybody = row.estate, Client()
    shown, public = reverse("contracts:shown", args=[row.pk]), reverse("estate_public", args=[estate.pk])
    assert everybody.get(shown).status_code == 404
    assert shown not in everybody.get(public).content.decode()
    took(cast, row, "publish", by="property_company", where="大门公告栏", note="查验情况")
    assert shown in everybody.get(public).content.decode()
    page = everybody.get(shown).content.decode()
    assert "大门公告栏" in page and "承接查验情况" in page and row.items.first().name in page
    people = {user.display_name for user in cast.users.values()} | set(row.parties.values_list("by_label", flat=True))
    assert not [one for one in people - {""} if one in page]


def test_every_list_opens_for_an_office_and_for_nobody_from_the_street(cast, sign_in):
    office = sign_in("housing")
    for name in ("list", "choose", "contracts", "remarks", "gaps"):
        assert office.get(reverse(f"contracts:{name}")).status_code == 200
        assert Client().get(reverse(f"contracts:{name}")).status_code == 302


def test_a_role_that_may_not_read_a_procedure_finds_none_on_the_list(cast):
    row = opened(cast, "exit", by="housing", ground="application", leave_on=date(2030, 1, 31), reason="调整")
    assert list(queries.procedures_for(cast.actor("street_office"))) == [row]
    reader = cast.actor("building_steward")
    assert not may(reader, "contracts.read", row) and not queries.procedures_for(reader).exists()


@pytest.mark.clause("ZJG-3.5.2c")
@pytest.mark.parametrize("cast", ["zhangjiagang"], indirect=True)
def test_awarded_companies_are_marked_and_may_be_shown_alone(cast, sign_in):
    row = opened(cast, "reselect", by="owners_committee", reason="合同将满", plan="公开比选")
    for key in ("property_company", "property_company@2"):
        known(cast, cast.organisations[key], demonstration=key == "property_company")
        row.bids.create(company=cast.organisations[key], state="entered", at=cast.now,
                        known=queries.known_of(cast.organisations[key], local_day(cast.now)))  # fmt: skip
    client, url = sign_in("housing"), reverse("contracts:procedure", args=[row.pk])
    both = client.get(url).content.decode()
    alone = client.get(url, {"bids": "awarded"}).content.decode()
    one, other = (cast.organisations[key].name for key in ("property_company", "property_company@2"))
    assert one in both and other in both and "示范企业</span>" in both
    assert one in alone and other not in alone


@pytest.mark.parametrize("cast", ["jiujiang"], indirect=True)
def test_who_may_not_enter_for_a_choice_is_led_nowhere(cast, sign_in):
    row = opened(cast, "reselect", by="street_office", reason="没有物业服务", plan="基本服务")
    assert "登记报名企业" not in read(sign_in("street_office"), "contracts:procedure", row.pk), "not announced yet"
    took(cast, row, "announce", by="street_office", channel="other", reference="公告栏", note="征集")
    bid = reverse("contracts:act", args=[row.pk, "bid"])
    asked = {"view": "calls"}
    entering = sign_in("property_company@2").get(reverse("contracts:list"), asked).content.decode()
    managing = sign_in("project_manager").get(reverse("contracts:list"), asked).content.decode()
    assert bid in entering and bid not in managing and row.number in managing


@pytest.mark.clause("MX-3.2.1-4")
@pytest.mark.parametrize("cast", ["meixian"], indirect=True)
def test_a_contract_shows_its_clocks_and_by_how_many_days_one_was_missed(cast, sign_in):
    made = contract(cast, by="owners_committee", decision="决议", grade="一级", fee="1元", terms={"服务内容": "全"})
    url = reverse("contracts:contract", args=[made.pk])
    assert "报备物业服务合同" in sign_in("housing").get(url).content.decode()
    owed = Duty.objects.get(rule="file_contract")
    Duty.objects.filter(pk=owed.pk).update(state="fulfilled_late", closed_at=owed.due_at + timedelta(hours=1))
    page = sign_in("housing").get(url).content.decode()
    assert "逾期1天" in page and reverse("duties:detail", args=[owed.pk]) in page


def test_contracts_that_end_soon_or_are_over_are_listed_until_another_one_follows(cast, sign_in):
    given = {"by": "owners_committee", "decision": "决议", "from_on": cast.now.date(), "signed_on": cast.now.date()}
    until = cast.now.date() + timedelta(days=90)
    made = contract(cast, **given, to_on=until)
    office, url = sign_in("housing"), reverse("contracts:contracts")

    def listed(ends):
        return made.number in office.get(url, {"ends": ends}).content.decode()

    assert listed("90") and listed("180") and not listed("30") and not listed("over")
    ServiceContract.objects.filter(pk=made.pk).update(to_on=until + timedelta(days=1))
    assert not listed("90") and listed("180")
    contract(cast, **given, to_on=until + timedelta(days=800))
    assert not listed("180")


def test_what_the_document_wants_is_not_called_optional(cast, sign_in):
    row = tender(cast)
    page = sign_in("developer").get(reverse("contracts:step", args=[row.pk, "announce"])).content.decode()
    assert "链接</label>" in page and "说明（意见）（可不填）" in page
    shown = sign_in("developer").get(reverse("contracts:procedure", args=[row.pk])).content.decode()
    assert "包干制" in shown and "80,000.00平方米" in shown


def test_a_company_reads_the_call_before_it_enters_and_no_rival_before_the_opening(cast, sign_in):
    row = tender(cast)
    first, second = sign_in("property_company"), sign_in("property_company@2")
    url, names = (
        reverse("contracts:procedure", args=[row.pk]),
        [cast.organisations[key].name for key in ("property_company", "property_company@2")],
    )
    assert first.get(url).status_code == 404
    took(cast, row, "announce", by="developer", **ANNOUNCED)
    shown = first.get(url).content.decode()
    assert "JYZX-1" in shown and "政府公共资源交易平台" in shown and 'href="https://ggzy.example.cn/1"' in shown
    enter(cast, row)
    enter(cast, row, "property_company@2")
    by = {"actor": cast.actor("developer"), "now": cast.now}
    contracts.seat_judge(row, name="评委甲", side="expert", employer="工程学院", interest=False, **by)
    body = first.get(url).content.decode().split("<main", 1)[1]
    assert names[0] in body and names[1] not in body and "评委甲" not in body
    assert names[1] in second.get(url).content.decode().split("<main", 1)[1]
    assert names[1] in sign_in("developer").get(url).content.decode()
    took(cast, row, "open", by="developer")
    judge = row.judges.get()
    contracts.give_points(row, judge=judge, points={one.pk: 77 for one in row.bids.all()}, **by)
    body = first.get(url).content.decode().split("<main", 1)[1]
    assert names[1] in body and "77.00" not in body and "评委甲" not in body
    took(cast, row, "score", by="developer")
    took(cast, row, "award", by="developer", winner=row.bids.first())
    body = first.get(url).content.decode().split("<main", 1)[1]
    assert "77.00" in body and "评委甲" in body


@pytest.mark.parametrize("cast", ["zhangjiagang"], indirect=True)
def test_only_who_was_invited_enters_an_invited_tender(cast, sign_in):
    row = tender(cast, method="invited")
    took(cast, row, "announce", by="developer", **ANNOUNCED)
    contracts.invite(row, company=cast.organisations["property_company"], actor=cast.actor("developer"), now=cast.now)
    calls = {"view": "calls"}
    assert row.number in sign_in("property_company").get(reverse("contracts:list"), calls).content.decode()
    assert row.number not in sign_in("property_company@2").get(reverse("contracts:list"), calls).content.decode()
    enter(cast, row)
    refuses("not_invited", lambda: enter(cast, row, "property_company@2"))


@pytest.mark.clause("MX-3.6.5-6")
@pytest.mark.parametrize("cast", ["meixian"], indirect=True)
def test_the_bureau_states_a_companys_grades_and_they_keep_it_out_until_they_change(cast, sign_in):
    bureau, company = sign_in("housing"), cast.organisations["property_company"]
    row = tender(cast, project={"multi_storey_area_m2": 40000, "high_rise_area_m2": 0})
    took(cast, row, "announce", by="developer", **ANNOUNCED)
    file = reverse("registry:organisation", args=[company.pk])
    url = reverse("registry:organisation_fact", args=[company.pk])
    assert url in bureau.get(file).content.decode()

    def stated(name, value, status=303):
        page = bureau.get(url).content.decode()
        key = page.split('name="form_key" value="')[1].split('"')[0]
        data = {"name": name, "value": value, "from_on": local_day(cast.now).isoformat(), "form_key": key}
        answer = bureau.post(url, data)
        assert answer.status_code == status, answer.content.decode().split("<main", 1)[-1][:1500]
        return answer.content.decode()

    assert "优秀、良好" in stated("service_rating", "很好", 422)
    stated("service_rating", "优秀")
    stated("credit_score", "59.99")
    assert "59.99" in bureau.get(file).content.decode()
    refuses("check_failed", lambda: enter(cast, row))
    stated("credit_score", "60.00")
    assert enter(cast, row).known["service_rating"] == "excellent"
    assert sign_in("property_company").get(url).status_code in (403, 404)
    developer = reverse("registry:organisation_fact", args=[cast.organisations["developer"].pk])
    assert "控股股东" in bureau.get(developer).content.decode()


@pytest.mark.clause("JJ-A8-3.2.3-3")
@pytest.mark.parametrize("cast", ["jiujiang"], indirect=True)
def test_the_office_that_orders_companies_out_is_led_to_its_page(cast, sign_in):
    url = reverse("contracts:order_out")
    assert url in sign_in("leading_group_office").get(reverse("contracts:list")).content.decode()
    assert url not in sign_in("property_company").get(reverse("contracts:list")).content.decode()


def read(client, name, *args):
    return client.get(reverse(name, args=args)).content.decode()


@pytest.mark.clause("JJ-3.2.6-0", "JJ-3.2.6-1", "JJ-3.2.6-4")
@pytest.mark.parametrize("cast", ["jiujiang"], indirect=True)
def test_a_step_that_cannot_be_taken_is_shut_and_says_why(cast, sign_in):
    bureau, planning = sign_in("housing"), sign_in("planning")
    estate = cast.estates["new"]
    row = opened(cast, "acceptance", by="housing", estate=estate, developer=cast.organisations["developer"])
    opinions = reverse("contracts:step", args=[row.pk, "opinions"])
    shut = read(bureau, "contracts:procedure", row.pk)
    assert "还没有签字" in shut and "还不能办" in shut and opinions not in shut
    mine = f"{reverse('contracts:list')}?view=mine"
    assert estate.name in planning.get(mine).content.decode()
    signed(cast, row, *row.parties.exclude(role="planning").values_list("role", flat=True))
    signed(cast, row, "planning", verdict="unfit", opinion="未按图纸施工")
    assert reverse("contracts:procedure", args=[row.pk]) not in planning.get(mine).content.decode()
    assert opinions in read(bureau, "contracts:procedure", row.pk)
    step(bureau, row, "opinions")
    passing = reverse("contracts:step", args=[row.pk, "pass"])
    text = read(bureau, "contracts:procedure", row.pk)
    assert passing not in text and "出具“不符合”" in text and "承接查验还没有完成" in text
    taken_over(cast, by="property_company")
    signed(cast, row, "planning")
    assert passing in read(bureau, "contracts:procedure", row.pk)
    # a department that takes part does not end what the bureau opened
    assert "终止办理" not in read(planning, "contracts:procedure", row.pk)
    refuses("step_by", lambda: contracts.stop(row, reason="不办了", actor=cast.actor("planning"), now=cast.now))
    assert contracts.stop(row, reason="重复", actor=cast.actor("housing"), now=cast.now).state == "stopped"


@pytest.mark.clause("JJ-3.2.6-2", "JJ-3.2.6-3")
@pytest.mark.parametrize("cast", ["jiujiang"], indirect=True)
def test_an_asset_says_who_leads_and_stands_in_the_estates_file_until_it_is_handed_over(cast, sign_in):
    bureau, estate = sign_in("housing"), cast.estates["new"]
    given = {"estate": estate, "developer": cast.organisations["developer"]}
    state = opened(cast, "asset_transfer", by="housing", asset="state", asset_name="社区用房", **given)
    opened(cast, "asset_transfer", by="housing", asset="owners", asset_name="物业用房", **given)
    assert "牵头，应签字" in read(bureau, "contracts:procedure", state.pk)
    text = read(bureau, "registry:estate", estate.pk)
    assert "没有移交完：社区用房（国有资产）" in text and "没有移交完：物业用房（全体业主共有）" in text
    row = took(cast, state, "inspect", by="state_assets")
    signed(cast, row, *row.parties.values_list("role", flat=True))
    took(cast, row, "transfer", by="state_assets", files=("移交清单",))
    assert "没有移交完：社区用房" not in read(bureau, "registry:estate", estate.pk)


@pytest.mark.clause("JJ-A4-2.3-1", "JJ-3.2.6-5")
@pytest.mark.parametrize("cast", ["jiujiang"], indirect=True)
def test_a_company_writes_down_what_it_did_of_each_service(cast, sign_in):
    company, today = sign_in("property_company"), local_day(cast.now)
    services = dict.fromkeys(FIVE, "一级")
    row = contract(cast, by="owners_committee", services=services, decision="决议", from_on=today)
    wrong = {"service": FIVE[4], "on": today.isoformat(), "note": " "}
    post(company, "contract_act", [row.pk, "perform"], wrong, 422)
    done = {"service": FIVE[4], "on": today.isoformat(), "note": "3幢前草坪修剪", "file": paper()}
    post(company, "contract_act", [row.pk, "perform"], done)
    text = read(sign_in("owners_committee"), "contracts:contract", row.pk)
    assert "3幢前草坪修剪" in text and "没有填报" in text and "填报履行记录" not in text
    given = {"actor": cast.actor("owners_committee"), "now": cast.now}
    refuses("step_by", lambda: contracts.perform(row, service=FIVE[0], on=today, note="巡查", **given))
    given["actor"] = cast.actor("property_company")
    refuses("service", lambda: contracts.perform(row, service="接待", on=today, note="巡查", **given))
    before = today - timedelta(days=1)
    refuses("step_day", lambda: contracts.perform(row, service=FIVE[0], on=before, note="巡查", **given))
    # where preliminary contracts are not filed, nothing leads there and nobody owes it
    first = contract(cast, by="developer", kind="preliminary", estate=cast.estates["new"], services=services,
                     party_a="developer", party_a_name="置业")  # fmt: skip
    filing = reverse("contracts:contract_act", args=[first.pk, "filing"])
    assert filing not in read(sign_in("developer"), "contracts:contract", first.pk)
    assert Duty.objects.filter(rule="file_contract").count() == 1
    switch(cast, "jiujiang", "preliminary_filing", "yes")
    assert filing in read(sign_in("developer"), "contracts:contract", first.pk)


@pytest.mark.clause("JJ-A4-2.4-2")
@pytest.mark.parametrize("cast", ["jiujiang"], indirect=True)
def test_who_passed_an_opinion_on_does_not_answer_it(cast, sign_in):
    committee = sign_in("owners_committee")
    post(committee, "remark_new", [cast.estate.pk], {"kind": "opinion", "text": "保洁不勤"})
    row = cast.estate.contract_remarks.get()
    url = reverse("contracts:remark_answer", args=[row.pk])
    assert url not in read(committee, "contracts:remarks")
    given = {"answer": "好", "adopted": True, "now": cast.now}
    refuses("step_by", lambda: contracts.answer_remark(row, actor=cast.actor("owners_committee"), **given))
    assert url in read(sign_in("property_company"), "contracts:remarks")


@pytest.mark.clause("JJ-A8-3.2.2-4", "MX-3.1.3-9")
@pytest.mark.parametrize("cast", ["jiujiang", "meixian"], indirect=True)
def test_an_exit_says_how_long_before_it_was_told_and_when_that_is_too_late(cast, sign_in):
    company, today = sign_in("property_company"), local_day(cast.now)
    url = reverse("contracts:new", args=[cast.estate.pk, "exit"])
    assert "责令退出" not in company.get(url).content.decode()
    leave = (today + timedelta(days=59)).isoformat()
    post(company, "new", [cast.estate.pk, "exit"], {"ground": "application", "leave_on": leave, "reason": "亏损"})
    row = Procedure.objects.get(kind="exit")
    text = read(company, "contracts:procedure", row.pk)
    assert "提前59天" in text and "不足规定的" in text
    contracts.stop(row, reason="重报", actor=cast.actor("housing"), now=cast.now)
    leave = (today + timedelta(days=60)).isoformat()
    post(company, "new", [cast.estate.pk, "exit"], {"ground": "application", "leave_on": leave, "reason": "亏损"})
    text = read(company, "contracts:procedure", Procedure.objects.get(kind="exit", state="running").pk)
    assert "提前60天" in text and "不足规定的" not in text


@pytest.mark.parametrize("cast", ["zhangjiagang"], indirect=True)
def test_a_gap_of_one_day_stands_on_the_bureaus_list_of_that_day(cast, sign_in):
    bureau, today = sign_in("housing"), local_day(cast.now)
    row = opened(cast, "exit", by="property_company", ground="application", reason="亏损", leave_on=today)
    row = took(cast, row, "warn", by="property_company", note="期满")
    row = listed(cast, row, *[(one, f"{one}清单", "ok") for one in row.rules["groups"]])
    row = took(cast, row, "hand_over", by="property_company")
    took(cast, row, "confirm", by="street_office")
    assert queries.gap_after(row, today + timedelta(days=1)) == (1, None)
    begin_project(
        estate=cast.estate, company=cast.organisations["property_company@2"], manager_name="黄经理",
        from_on=today + timedelta(days=2), actor=Actor.system(), now=cast.now,
    )  # fmt: skip

    def gaps(day):
        page = bureau.get(f"{reverse('contracts:gaps')}?day={day.isoformat()}").content.decode()
        return cast.estate.name in page.split('id="h-unnamed"')[0]

    days = [today + timedelta(days=one) for one in range(3)]
    assert [gaps(one) for one in days] == [False, True, False]
    assert queries.gap_after(row, days[2]) == (1, days[2])
    again = opened(cast, "reselect", by="owners_committee", reason="原企业退出", plan="公开比选")
    page = bureau.get(f"{reverse('contracts:gaps')}?day={days[1].isoformat()}").content.decode()
    assert again.number in page and row.number in page, "who looks for a successor, and the exit not ended yet"
    assert "空1天" in read(bureau, "contracts:procedure", row.pk)


@pytest.mark.clause("ZJG-3.2.1-2a", "MX-3.4.3-3")
@pytest.mark.parametrize("cast", ["zhangjiagang"], indirect=True)
def test_the_bureau_lists_what_waits_at_a_step_and_the_own_signature_is_told_from_anothers(cast, sign_in):
    row = taken_over(cast, by="property_company")
    bureau, url = sign_in("housing"), reverse("contracts:list")
    at_step = {one: row.number in bureau.get(url, {"next": one}).content.decode() for one in ("publish", "report")}
    assert at_step == {"publish": True, "report": False}
    took(cast, row, "publish", by="property_company", where="大门", note="情况", files=("现场照片",))
    assert row.number in bureau.get(url, {"next": "report"}).content.decode()
    contracts.stop(row, reason="重办", actor=cast.actor("housing"), now=cast.now)
    assert row.number not in bureau.get(url, {"next": "report"}).content.decode()
    units = {"company": cast.organisations["property_company"], "developer": cast.organisations["developer"]}
    again = opened(cast, "takeover", by="property_company", estate=cast.estates["new"], **units)
    page = read(bureau, "contracts:procedure", again.pk)
    own = reverse("contracts:sign", args=[again.pk, again.parties.get(role="housing").pk])
    other = reverse("contracts:sign", args=[again.pk, again.parties.get(role="developer").pk])
    assert f'href="{own}">签字' in page and f'href="{other}">代录' in page
    company = sign_in("property_company")
    refusing = company.get(reverse("contracts:step", args=[again.pk, "refuse"])).content.decode()
    assert "没有查验" in refusing and "业主欠费" not in refusing and "不选" not in refusing
    took(cast, again, "refuse", by="property_company", reason="not_inspected")
    assert "没有查验" in read(company, "contracts:procedure", again.pk)
    assert "复验合格以前一直有效" in read(company, "contracts:procedure", again.pk)


@pytest.mark.clause("ZJG-3.1.3")
@pytest.mark.parametrize("cast", ["zhangjiagang"], indirect=True)
def test_a_mixed_project_says_as_what_it_counts_with_the_share(cast, sign_in):
    project = {"project_type": "mixed", "total_area_m2": 320000, "residential_area_m2": 140000,
               "non_residential_area_m2": 180000, "multi_storey_area_m2": 0, "high_rise_area_m2": 0}  # fmt: skip
    page = read(sign_in("developer"), "contracts:procedure", tender(cast, method="invited", project=project).pk)
    assert "非住宅（占56.3%）" in page and "非住宅为主，按非住宅项目" in page
