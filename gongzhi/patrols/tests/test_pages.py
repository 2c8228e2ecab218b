"""The pages: a round from the phone, once; a finding to its end; a book; what each role sees."""

from uuid import uuid4

import pytest
from django.urls import reverse

from gongzhi.core.tests.cast import Cast
from gongzhi.patrols import services
from gongzhi.patrols.models import PatrolFinding, PatrolRound, PointVisit, RegisterEntry
from gongzhi.patrols.tests.steps import city, estates, fresh, photo, pictured, rectified, someone, walked
from gongzhi.patrols.words import LISTS

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast(db):
    return city("jiujiang", "2022-05-09")


class Browser:
    """Somebody at a browser, on the day of the cast."""

    def __init__(self, client, cast: Cast, monkeypatch):
        self.client, self.cast = client, cast
        monkeypatch.setattr("django.utils.timezone.now", lambda: cast.now)

    def as_(self, role):
        self.client.force_login(someone(self.cast, role).user)
        return self

    def get(self, page, *args, status=200, query=""):
        response = self.client.get(reverse(f"patrols:{page}", args=args) + query)
        assert response.status_code == status, response.content.decode()[:2000]
        return response

    def see(self, page, *args, **given):
        return self.get(page, *args, **given).content.decode()

    def do(self, page, *args, status=303, query="", **data):
        url = reverse(f"patrols:{page}", args=args) + query
        response = self.client.post(url, {"form_key": uuid4().hex, **data})
        assert response.status_code == status, response.content.decode()[:3000]
        return response.content.decode()


@pytest.fixture
def browser(client, cast, monkeypatch):
    return Browser(client, cast, monkeypatch)


def company_sheet(**more):
    whole = {"sanitation": "no", "facilities": "no", "order": "no", "fire": "no", "people": "陶经理"}
    return {"key": uuid4().hex, **whole, **more}


@pytest.mark.clause("JJ-4.2.15-1", "JJ-4.2.15-2")
def test_a_manager_walks_with_the_phone_and_the_finding_goes_to_its_end(browser, cast):
    browser.as_("project_manager")
    pk = cast.estate.pk
    assert "还差1次" in browser.see("list")
    assert "物业日常巡查表" in browser.see("estate", pk)
    page = browser.see("fill", pk, "company_round")
    assert "data-offline" in page and "patrol.js" in page and 'name="form_key"' in page
    refused = browser.do("fill", pk, "company_round", status=422, **company_sheet(fire="yes"))
    assert "选了“有”的，要写明问题或附照片" in refused
    found = {"found_0_kind": "消防安全", "found_0_text": "灭火器过期", "found_0_location": "1幢"}
    browser.do("fill", pk, "company_round", status=422, **company_sheet(**found))
    sheet = company_sheet(
        **found, found_0_in_contract="yes", photos=photo(), walked_at="2022-05-09T08:30:00", offline="1"
    )
    browser.do("fill", pk, "company_round", **sheet)
    sheet["photos"] = photo()
    browser.do("fill", pk, "company_round", **sheet)
    row = PatrolRound.objects.get()
    assert row.offline and row.findings.count() == 1 and row.photos.count() == 1
    page = browser.see("round", row.pk)
    assert "离线填写" in page and row.photos.get().file.sha256[:16] in page
    finding = PatrolFinding.objects.get()
    browser.do("act", finding.pk, "zhenggai", text="已更换", photos=photo(), version=finding.version)
    browser.as_("community_station")
    assert "报送整改" in browser.see("finding", finding.pk)
    finding = fresh(finding)
    browser.do("act", finding.pk, "fucha", passed="no", text="还有一个", due_on="2022-05-12", version=finding.version)
    finding = rectified(cast, finding)
    browser.do("act", finding.pk, "fucha", passed="yes", text="合格", version=finding.version)
    assert fresh(finding).state == "passed"
    browser.do("act", finding.pk, "gongkai", version=fresh(finding).version)
    assert "已公开的问题和整改" in browser.client.get(reverse("estate_public", args=[pk])).content.decode()


def test_signing_in_by_the_code_on_the_wall_and_the_sheet_to_print(browser, cast):
    browser.as_("project_manager")
    pk = cast.estate.pk
    browser.do("set_route", pk, title="日常路线", points="东门岗 东门\n配电房 1幢地下")
    route = cast.estate.patrol_routes.get()
    pdf = browser.get("codes", route.pk)
    assert pdf["Content-Type"] == "application/pdf" and pdf.content.startswith(b"%PDF")
    point = route.points.first()
    assert "签到" in browser.see("point", point.token)
    key = uuid4().hex
    browser.do("point", point.token, key=key)
    browser.do("point", point.token, key=key)
    assert PointVisit.objects.count() == 1
    assert "今天已经签到" in browser.see("point", point.token)
    browser.do("fill", pk, "company_round", **company_sheet())
    page = browser.see("round", PatrolRound.objects.get().pk)
    assert "已签到" in page and "没有签到" in page
    kept = point.token
    browser.do("change_route", pk, route.pk, title="日常路线", points="配电房 1幢\n东门岗 东门", version=route.version)
    assert route.points.get(name="东门岗", ended_on=None).token == kept
    browser.do("end_route", route.pk, version=fresh(route).version)
    browser.do("point", kept, key=uuid4().hex, status=422)


def test_the_three_lists_show_and_export_the_same(browser, cast):
    walked(cast, "site_round", {"staff": True, "fire": True}, by="street_office", notes={"fire": "通道堵塞"})
    browser.as_("street_office")
    for which, words in (("problems", "问题清单"), ("duties", "责任清单"), ("rectification", "整改清单")):
        page = browser.see("findings", query=f"?list={which}")
        assert words in page and "消防安全隐患" in page
        book = browser.get("findings_export", query=f"?list={which}")
        assert book.content.startswith(b"PK")
    browser.as_("fire_rescue")
    assert "消防安全隐患" not in browser.see("findings")


def test_a_finding_that_nobody_may_read_is_not_there(browser, cast):
    row = walked(cast, "site_round", {"staff": True, "fire": True}, by="street_office", notes={"fire": "堵塞"})
    browser.as_("street_office@2")
    browser.see("finding", row.findings.get().pk, status=404)
    browser.see("round", row.pk, status=404)
    browser.as_("fire_rescue")
    browser.see("finding", row.findings.get().pk, status=404)


def test_a_book_is_kept_by_its_writers_and_shown_to_who_watches(browser, cast):
    pk = cast.estate.pk
    browser.as_("community_station")
    assert "三级网格违建巡查责任人" in browser.see("books")
    form = browser.see("enter_estate", "grid_person", pk)
    assert "责任人（可不填）" not in form and "巡查措施（可不填）" in form
    browser.do("enter_estate", "grid_person", pk, level="community", name="王某", grid="网格一")
    row = RegisterEntry.objects.get()
    assert "王某" in browser.see("entry", row.pk)
    page = browser.see("book", "grid_person")
    assert "缺区、镇（街）" in page and row.number in page
    browser.do("change_entry", row.pk, level="community", name="赵某", grid="网格一", version=row.version)
    assert fresh(row).values["name"] == "赵某"
    browser.do("change_entry", row.pk, level="community", name="钱某", grid="网格一", version=row.version, status=409)
    assert browser.get("book_export", "grid_person").content.startswith(b"PK")
    browser.as_("police")
    browser.see("book", "grid_person", status=404)
    browser.see("entry", row.pk, status=404)
    browser.as_("community_station").do("end_entry", row.pk, version=fresh(row).version)
    assert fresh(row).ended_on is not None


def test_steward_and_owner_report_and_read_their_own(browser, cast):
    pk = cast.estate.pk
    browser.as_("building_steward")
    browser.do("report", pk, kind="安全隐患", text="电线裸露", location="2幢", grade="minor", photos=photo())
    row = PatrolFinding.objects.get()
    assert row.found_by == cast.users["building_steward"]
    assert "已经办结0条" in browser.see("findings")
    browser.see("finding", row.pk)
    browser.as_("owner").see("finding", row.pk, status=404)


def test_the_lists_and_figures_are_open_to_who_watches(browser, cast):
    walked(cast, "site_round", {"staff": True}, by="community_station")
    for role in ("leading_group_office", "housing", "street_office", "community_station"):
        browser.as_(role)
        assert "社区（村）物管站巡查" in browser.see("list")
        browser.see("list", query="?view=rounds")
        assert "按单位" in browser.see("figures")
    browser.as_("police")
    assert "执法部门定期巡查" in browser.see("list")
    browser.see("figures", status=403)
    panel = browser.as_("street_office").client.get(reverse("registry:estate", args=[cast.estate.pk]))
    assert "巡查和问题" in panel.content.decode()


def test_the_worker_stands_above_the_pages_that_it_keeps(browser):
    response = browser.get("worker")
    assert response["Content-Type"].startswith("text/javascript") and b"patrol-pages" in response.content


def test_assigning_by_hand_where_the_document_names_nobody(browser, cast):
    row = services.report_finding(
        cast.estate, found=services.Found("其他", "不明", "1幢", uploads=(pictured(),)),
        actor=someone(cast, "project_manager"), now=cast.now,
    )  # fmt: skip
    assert row.state == "found"
    browser.as_("community_station")
    browser.do("act", row.pk, "zeren", grade="minor", version=row.version, status=422)
    unit = cast.organisations["property_company"].pk
    browser.do("act", row.pk, "zeren", grade="serious", responsible=unit, due_on="2022-05-20", version=row.version)
    assert (fresh(row).state, fresh(row).grade) == ("assigned", "serious")


@pytest.mark.clause("JY-2.2.5-1", "JY-2.2.5-4")
def test_ten_problems_of_one_survey_stand_in_all_three_lists_with_the_unit_that_was_named(client, monkeypatch):
    cast = city("jiangyin", "2024-05-08")
    browser = Browser(client, cast, monkeypatch).as_("street_office")
    unit = cast.organisation("property_company")
    found = {
        f"found_{row}_{name}": value
        for row in range(10)
        for name, value in (
            ("kind", "其他"),
            ("text", f"履约{row}"),
            ("location", "东区"),
            ("side", "property_company"),
        )
    }
    named = {f"found_{row}_responsible": unit.pk for row in range(10)}
    sheet = {"key": uuid4().hex, "scope": "全面排查", "people": "喻某", **found}
    page = browser.do(
        "fill", cast.estate.pk, "duty_survey", status=422, **{**sheet, **named, "found_9_responsible": ""}
    )
    assert "请选责任单位" in page and "<details open><summary>还有更多问题" in page and "履约9" in page
    browser.do("fill", cast.estate.pk, "duty_survey", **sheet, **named)
    assert {(one.responsible, one.state) for one in PatrolFinding.objects.all()} == {(unit, "found")}
    for which in LISTS:
        assert browser.see("findings", query=f"?list={which}&view=all").count("履约") == 10, which
    assert "还没有明确" not in browser.see("findings", query="?list=duties")
    row = PatrolFinding.objects.first()
    assert f'<option value="{unit.pk}" selected' in browser.see("act", row.pk, "zeren")


@pytest.mark.clause("JJ-A5-3.1-1")
def test_a_steward_finds_from_his_first_page_what_he_may_report_and_how_it_went(browser, cast):
    steward = browser.as_("building_steward")
    report = reverse("patrols:report", args=[cast.estate.pk])
    assert report in steward.client.get(reverse("home")).content.decode()
    steward.do("report", cast.estate.pk, kind="环境卫生", text="楼道有垃圾", location="2幢1单元", grade="minor")
    row = PatrolFinding.objects.get()
    page = steward.see("finding", row.pk)
    assert "明确责任和时限" not in page.split("<main")[1].split("<ol")[0]
    for code in ("zeren", "tongzhi", "anjian", "gongkai"):
        steward.get("act", row.pk, code, status=404)
    steward.get("act", row.pk, "zuofei")
    assert "1条，办结0条" in steward.client.get(reverse("home")).content.decode()


@pytest.mark.clause("JJ-4.2.15-4", "JJ-4.2.15-1")
def test_the_list_shows_how_often_each_estate_was_seen_and_all_that_lack(browser, cast):
    walked(cast, "site_round", {"staff": True}, by="community_station")
    page = browser.as_("street_office").see("list")
    seen = page.split("各小区被巡次数")[1]
    assert "1次" in seen[: seen.index("</details>")] and cast.estate.name in seen
    estates(cast, 13, served=True)
    page = browser.as_("street_office").see("list")
    assert "共14个，先列12个" in page and page.count('data-label="缺"') == 14
    assert browser.see("list", query="?rows=all").count('data-label="缺"') == 16


@pytest.mark.clause("JJ-4.2.15-6")
def test_a_department_reads_its_own_count_not_that_of_the_others(browser, cast):
    someone(cast, "police")
    page = browser.as_("urban_management").see("list")
    assert "应1，达标0" in page
