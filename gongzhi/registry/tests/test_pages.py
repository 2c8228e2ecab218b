"""The pages of the registry: who sees what, forms that keep what was typed, second clicks, two clerks."""

from datetime import date
from decimal import Decimal
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from python_calamine import CalamineWorkbook

from gongzhi.core.actors import Actor
from gongzhi.core.models import Event, Post
from gongzhi.core.tests.cast import NOW
from gongzhi.registry import services as registry
from gongzhi.registry.models import ArchivePaper, Building, Estate, ImportRun, Ownership, Project, Unit
from gongzhi.registry.services import OwnerInput
from gongzhi.registry.tests.books import workbook

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system()
TODAY = timezone.localdate()  # noqa: TID251 - the pages read the clock


@pytest.fixture
def client_of(quiet_cast):
    def sign_in(role):
        client = Client()
        client.force_login(quiet_cast.users[role])
        return client

    return sign_in


@pytest.fixture
def unit(quiet_cast):
    building = quiet_cast.estate.buildings.get(name="1幢")
    found = registry.register_unit(
        building, name="101", exclusive_area_m2=Decimal("89.50"), area_source="survey", actor=SYSTEM, now=NOW
    )
    owners = [OwnerInput("陈建国", "13912345678", "340207198001011234")]
    registry.transfer_unit(found, owners=owners, from_on=date(2021, 1, 1), actor=SYSTEM, now=NOW)
    found.refresh_from_db()
    return found


def url(name, *args):
    return reverse(f"registry:{name}", args=args)


KEY = iter(range(10_000))


def send(client, address, /, **data):
    data.setdefault("form_key", f"key-{next(KEY)}")
    return client.post(address, data)


EVERY_PAGE = (
    "estates", "known", "register", "imports", "organisations", "estate", "fact", "change", "paper", "units",
    "add_unit", "project", "ask_review", "merge", "split", "unit", "transfer", "area", "organisation",
)  # fmt: skip
OF_UNIT, OF_NOTHING = ("unit", "transfer", "area"), EVERY_PAGE[:5]


def address_of(name, cast, unit):
    if name in OF_NOTHING:
        return url(name)
    if name == "organisation":
        return url(name, cast.organisation("property_company").pk)
    return url(name, unit.pk if name in OF_UNIT else cast.estate.pk)


@pytest.mark.parametrize("name", EVERY_PAGE)
def test_every_page_shows_for_the_housing_bureau_without_a_name_in_the_plain(quiet_cast, client_of, unit, name):
    page = client_of("housing").get(address_of(name, quiet_cast, unit))
    assert page.status_code == 200, page.content[:300]
    text = page.content.decode()
    assert "陈建国" not in text and "13912345678" not in text and "340207198001011234" not in text


# role -> pages that it may not open at all (403 or 404); it may open the others.
BARRED = {
    "street_office": {"merge", "split"},
    "community_station": {"merge", "split", "project"},
    "police": set(EVERY_PAGE) - {"estates", "organisations", "estate", "organisation"},
    "project_manager": set(EVERY_PAGE) - {"estates", "organisations", "organisation", "estate", "paper"},
    "owner": set(EVERY_PAGE) - {"organisations", "estate"},
    "community_station@2": set(EVERY_PAGE)
    - {"estates", "known", "register", "imports", "organisations", "organisation"},
}  # fmt: skip


@pytest.mark.parametrize("role", BARRED)
def test_each_role_opens_its_pages_and_no_other(quiet_cast, client_of, unit, role):
    client = client_of(role)
    opened = {name: client.get(address_of(name, quiet_cast, unit)).status_code for name in EVERY_PAGE}
    barred = {name for name, status in opened.items() if status in (403, 404)}
    assert {name for name, status in opened.items() if status not in (200, 403, 404)} == set()
    assert barred == BARRED[role]


def test_a_visitor_is_asked_to_sign_in(quiet_cast, unit):
    for name in EVERY_PAGE:
        assert Client().get(address_of(name, quiet_cast, unit)).status_code == 302


def test_a_street_sees_its_own_estates_and_the_filter_is_what_is_exported(quiet_cast, client_of):
    client = client_of("street_office")
    text = client.get(url("estates")).content.decode()
    assert "梧桐花园" in text and "湖畔新村" not in text
    file = client.get(url("export"), {"served": "yes"})
    rows = CalamineWorkbook.from_filelike(BytesIO(file.content)).get_sheet_by_index(0).to_python()
    assert [row[1] for row in rows[1:]] == ["梧桐花园"]
    assert client.get(url("estate", quiet_cast.estate_outside.pk)).status_code == 403
    assert "清风小区" in client.get(url("estates"), {"served": "no"}).content.decode()


@pytest.mark.parametrize("many", [3, 18])
def test_the_list_and_the_file_cost_the_same_however_much_there_is(
    quiet_cast, client_of, many, django_assert_max_num_queries
):
    for number in range(many):
        registry.register_estate(
            community=quiet_cast.community, name=f"样例{number}", buildings=("1幢",), actor=SYSTEM, now=NOW
        )
    client = client_of("street_office")
    client.get(url("estates"))
    with django_assert_max_num_queries(24):
        client.get(url("estates"))
    with django_assert_max_num_queries(80):
        client.get(url("estate", quiet_cast.estate.pk))


def test_a_fact_is_recorded_with_its_day_and_shown_with_its_origin(quiet_cast, client_of):
    client, estate = client_of("street_office"), quiet_cast.estate
    sent = {"name": "delivered_on", "value": "2016年", "from_on": "2020-01-01"}
    page = send(client, url("fact", estate.pk), **sent)
    assert page.status_code == 422 and "2016年" in page.content.decode()
    page = send(client, url("fact", estate.pk), **{**sent, "value": "2016-09-30"})
    assert page.status_code == 303
    text = client.get(url("estate", estate.pk)).content.decode()
    assert "2016年9月30日" in text and "自2020年1月1日" in text and "赵敏" in text
    assert "记录小区情况" in client.get(url("estate", estate.pk), {"line": "file"}).content.decode()


def test_a_second_click_records_once_and_a_second_clerk_is_told(quiet_cast, client_of):
    client, estate = client_of("street_office"), quiet_cast.estate
    sent = {"estate_type": "commercial", "address": "新路1号", "version": 1, "form_key": "same-key-1"}
    assert send(client, url("change", estate.pk), **sent).status_code == 303
    assert send(client, url("change", estate.pk), **sent).status_code == 303
    assert Event.objects.filter(kind="estate.changed").count() == 1
    late = send(client_of("housing"), url("change", estate.pk), **{**sent, "form_key": "k2", "address": "别路2号"})
    assert late.status_code == 409 and "别路2号" in late.content.decode()
    estate.refresh_from_db()
    assert (estate.address, estate.version) == ("新路1号", 2)


def test_a_unit_changes_hands_on_the_page_and_a_bad_share_is_told_in_its_field(quiet_cast, client_of, unit):
    client = client_of("community_station")
    sent = {"from_on": "2022-01-01", "owners": "李秀英 13900000000 - 1/2\n王某 - - 1/3", "version": unit.version}
    page = send(client, url("transfer", unit.pk), **sent)
    assert page.status_code == 422 and "5/6" in page.content.decode() and "李秀英" in page.content.decode()
    sent["owners"] = "李秀英 13900000000 - 1/2\n王某 - - 50%"
    assert send(client, url("transfer", unit.pk), **sent).status_code == 303
    assert Ownership.objects.filter(unit=unit).count() == 2
    text = client.get(url("unit", unit.pk)).content.decode()
    assert "李**" in text and "陈**" in text and "1/2" in text and "李秀英" not in text


def test_an_owner_is_shown_in_the_plain_once_with_a_reason_that_is_kept(quiet_cast, client_of, unit):
    client = client_of("community_station")
    share = unit.ownerships.get().shares.get()
    page = client.post(url("reveal", unit.pk, share.pk), {"reason": ""})
    assert page.status_code == 422 and "陈建国" not in page.content.decode()
    page = client.post(url("reveal", unit.pk, share.pk), {"reason": "verify"})
    assert "陈建国" in page.content.decode() and "13912345678" in page.content.decode()
    assert {event.data["field"] for event in Event.objects.filter(kind="person.revealed")} == {
        "name",
        "phone",
        "id_number",
    }
    assert client_of("police").post(url("reveal", unit.pk, share.pk), {"reason": "verify"}).status_code == 404


def test_areas_are_corrected_and_units_registered(quiet_cast, client_of, unit):
    client = client_of("street_office")
    sent = {"exclusive_area_m2": "90.20", "area_source": "register", "version": unit.version}
    assert send(client, url("area", unit.pk), **sent).status_code == 303
    assert "89.50㎡" in client.get(url("unit", unit.pk)).content.decode()
    sent = {"building": unit.building.pk, "name": "101", "exclusive_area_m2": "60", "area_source": "survey"}
    assert send(client, url("add_unit", quiet_cast.estate.pk), **sent).status_code == 422
    assert send(client, url("add_unit", quiet_cast.estate.pk), **{**sent, "name": "102"}).status_code == 303
    assert Unit.objects.count() == 2
    assert "陈**" in client.get(url("units", quiet_cast.estate.pk)).content.decode()


def test_estates_are_merged_and_split_on_their_pages(quiet_cast, client_of):
    client, estate, other = client_of("housing"), quiet_cast.estate, quiet_cast.estate_unknown
    second = estate.buildings.get(name="2幢")
    sent = {"name": "梧桐二期", "buildings": [second.pk], "from_on": "2022-04-01"}
    assert send(client, url("split", estate.pk), **sent).status_code == 303
    fresh = Estate.objects.get(name="梧桐二期")
    assert [one.name for one in fresh.buildings.all()] == ["2幢"]
    page = send(client, url("merge", estate.pk), others=[fresh.pk, other.pk], from_on="2099-01-01")
    assert page.status_code == 422 and "不能晚于今天" in page.content.decode()
    assert send(client, url("merge", estate.pk), others=[fresh.pk, other.pk], from_on="2022-05-01").status_code == 303
    assert Building.objects.filter(estate=estate).count() == 4
    text = client.get(url("estate", estate.pk)).content.decode()
    assert "区域调整过2次" in text and "并入" in text
    assert "并入其他区域" in client.get(url("estate", fresh.pk)).content.decode()


def test_a_company_leaves_another_comes_and_its_manager_changes(quiet_cast, client_of):
    client, estate = client_of("street_office"), quiet_cast.estate
    project = Project.objects.get(estate=estate)
    sent = {
        "company": quiet_cast.organisation("property_company@2").pk,
        "service_kind": "market",
        "from_on": "2022-06-01",
    }
    assert send(client, url("project", estate.pk), **sent).status_code == 422
    assert send(client, url("end_project", project.pk), day="2022-05-31").status_code == 303
    assert send(client, url("project", estate.pk), **{**sent, "manager_name": "新某"}).status_code == 303
    latest = Project.objects.get(estate=estate, to_on=None)
    assert send(client, url("manager", latest.pk), name="又某", from_on="2022-07-01").status_code == 303
    text = client.get(url("estate", estate.pk)).content.decode()
    assert "和美物业" in text and "又某" in text and "2022年5月31日" in text


@pytest.mark.clause("JJ-A4-2.3-4")
def test_papers_belong_to_the_estate_and_the_rate_says_what_is_there(quiet_cast, client_of):
    client, estate = client_of("street_office"), quiet_cast.estate
    for number, item in enumerate(registry_items()[:9]):
        file = SimpleUploadedFile(f"资料{number}.txt", "内容".encode())
        assert send(client, url("paper", estate.pk), item=item, file=file).status_code == 303
    text = client.get(url("estate", estate.pk)).content.decode()
    assert "完整率90.0%" in text and text.count("还缺</span>") == 1
    manager, file = client_of("project_manager"), ArchivePaper.objects.first().file
    shown = manager.get(url("estate", estate.pk)).content.decode()
    assert "完整率90.0%" in shown and shown.count("还缺</span>") == 1, "the company sees what it keeps"
    assert manager.get(reverse("core:file", args=[file.pk])).status_code == 200
    owner = client_of("owner")
    assert "完整率" not in owner.get(url("estate", estate.pk)).content.decode()
    assert owner.get(reverse("core:file", args=[file.pk])).status_code == 403
    registry.end_project(Project.objects.get(estate=estate), to_on=TODAY, actor=SYSTEM, now=NOW)
    assert ArchivePaper.objects.filter(estate=estate).count() == 9


def registry_items():
    from gongzhi.registry.questions import DEFAULT_PAPERS

    return DEFAULT_PAPERS


def test_a_workbook_goes_from_upload_over_the_dry_run_to_the_import(quiet_cast, client_of):
    client = client_of("street_office")
    assert CalamineWorkbook.from_filelike(BytesIO(client.get(url("template")).content)).sheet_names[0] == "说明"
    bad = SimpleUploadedFile("房屋.xlsx", workbook(房屋=[["梧桐花园", "1幢", "101", "大", "测绘", ""]]))
    page = send(client, url("imports"), file=bad)
    run = ImportRun.objects.get()
    assert page.status_code == 303 and page.url == url("import", run.pk)
    text = client.get(page.url).content.decode()
    assert "第2行" in text and "D（专有面积）" in text and "还没有写入" in text
    assert client.get(url("marked", run.pk)).content.startswith(b"PK")
    assert send(client, page.url, digest=run.digest).status_code == 422
    good = SimpleUploadedFile("房屋.xlsx", workbook(房屋=[["梧桐花园", "1幢", "101", 80, "测绘", ""]]))
    page = send(client, url("imports"), file=good)
    run = ImportRun.objects.latest("pk")
    assert send(client, page.url, digest=run.digest).status_code == 303
    assert Unit.objects.count() == 1 and "已导入" in client.get(page.url).content.decode()
    assert client_of("housing").get(page.url).status_code == 404
    page = send(client, url("imports"), file=SimpleUploadedFile("x.xlsx", b"nothing"))
    assert page.status_code == 422 and "xlsx" in page.content.decode()


def test_posts_begin_have_deputies_and_end_with_the_open_work_listed(quiet_cast, client_of):
    client = client_of("leading_group_office")
    office = quiet_cast.organisation("street_office")
    post = Post.objects.get(organisation=office)
    text = client.get(url("organisation", office.pk)).content.decode()
    assert "赵敏" in text and "2020年1月1日至今" in text
    other = quiet_cast.users["housing"]
    assert send(client, url("begin_post", office.pk), user=other.pk, begins_on=str(TODAY)).status_code == 303
    sent = {"deputy": other.pk, "from_on": str(TODAY)}
    assert send(client, url("deputy", post.pk), **sent).status_code == 303
    assert "接手" in client.get(url("end_post", post.pk)).content.decode()
    assert send(client, url("end_post", post.pk), day="2019-01-01").status_code == 422
    assert send(client, url("end_post", post.pk), day=str(TODAY)).status_code == 303
    assert Post.objects.get(pk=post.pk).ends_on == TODAY
    assert client_of("street_office").get(url("end_post", post.pk)).status_code == 403


def test_staff_addresses_and_mergers_are_kept_on_the_company_page(quiet_cast, client_of):
    company = quiet_cast.organisation("property_company")
    client = client_of("housing")
    assert "没有登记从业人员" in client.get(url("organisation", company.pk)).content.decode()
    listed = client.get(url("organisations"), {"without": "staff"}).content.decode()
    assert company.name in listed and "街道" not in listed.split("<tbody>")[1].split("</tbody>")[0].replace("鸠江", "")
    sent = {"name": "保安某", "position": "保安", "from_on": "2022-01-01"}
    assert send(client, url("staff", company.pk), **sent).status_code == 303
    assert send(client, url("leave", company.staff.get().pk), day="2022-02-01").status_code == 303
    for day, address in (("2021-01-01", "甲路1号"), ("2022-01-01", "乙路2号")):
        assert send(client, url("address", company.pk), address=address, from_on=day).status_code == 303
    sent = {"into": quiet_cast.organisation("property_company@2").pk, "way": "takeover", "from_on": "2022-05-01"}
    assert send(client, url("join", company.pk), **sent).status_code == 303
    text = client.get(url("organisation", company.pk)).content.decode()
    assert "甲路1号" in text and "乙路2号" in text and "在岗0人" in text and "保**" in text


@pytest.mark.clause("JH-4.9k")
def test_an_owner_reads_his_own_estate_and_no_personal_data(quiet_cast, client_of, unit):
    client = client_of("owner")
    text = client.get(url("estate", quiet_cast.estate.pk)).content.decode()
    assert "安居物业服务有限公司" in text and "大事记" not in text and "陈**" not in text
    assert client.get(url("mine")).url == url("estate", quiet_cast.estate.pk)
    assert client.get(url("estate", quiet_cast.estate_unknown.pk)).status_code == 403
    assert client.get(url("units", quiet_cast.estate.pk)).status_code == 403


def test_an_estate_is_registered_on_the_page_and_without_a_type_it_is_not(quiet_cast, client_of):
    client = client_of("community_station")
    sent = {"community": quiet_cast.community.pk, "name": "新苑", "buildings": "1幢\n2幢"}
    page = send(client, url("register"), **sent)
    assert page.status_code == 422 and "请选类型" in page.content.decode()
    page = send(client, url("register"), **sent, estate_type="commercial")
    assert page.status_code == 303
    assert Estate.objects.get(name="新苑").buildings.count() == 2
    assert page.url == url("estate", Estate.objects.get(name="新苑").pk)


def test_a_whole_number_finds_its_owners_units_and_a_part_of_it_nothing(quiet_cast, client_of, unit):
    client = client_of("community_station")
    assert client.get(url("estates")).content.decode().count(url("search_units")) == 1
    for number in ("139 1234 5678", "340207198001011234"):
        page = send(client, url("search_units"), number=number)
        text = page.content.decode()
        assert page.status_code == 200 and "找到1套" in text and url("unit", unit.pk) in text and "陈**" in text
    for number in ("1391234567", "13900000000"):
        assert "找到0套" in send(client, url("search_units"), number=number).content.decode()
    assert send(client, url("search_units"), number="").status_code == 422
    assert client_of("owner").get(url("search_units")).status_code == 403


def test_a_number_finds_nothing_outside_the_clerks_own_place(quiet_cast, client_of, unit):
    elsewhere = quiet_cast.community.path.replace(quiet_cast.community.code, "x")
    Post.objects.filter(user=quiet_cast.users["community_station"]).update(place_path=elsewhere)
    page = send(client_of("community_station"), url("search_units"), number="13912345678")
    assert page.status_code in (200, 403) and "找到1套" not in page.content.decode()


def test_who_looked_at_an_owner_stands_where_the_owner_is_shown(quiet_cast, client_of, unit):
    client, page = client_of("street_office"), url("unit", unit.pk)
    assert "看过的" not in client.get(page).content.decode()
    share = unit.ownerships.get().shares.get()
    client.post(url("reveal", unit.pk, share.pk), {"reason": "serve"})
    shown = client.get(page).content.decode()
    assert "看过的" in shown and "看了姓名、电话、证件号，理由：送达文书" in shown
    assert "13912345678" not in shown and "陈建国" not in shown


def test_a_day_that_is_a_fact_is_recorded_as_that_day_on_the_page(quiet_cast, client_of, unit):
    client, page = client_of("community_station"), url("unit_fact", unit.pk)
    assert send(client, page, name="let_from", holds="yes", from_on="2022-03-01").status_code == 303
    assert registry.fact(unit.ref, "let_from", date(2022, 3, 1)) == date(2022, 3, 1)
    assert send(client, page, name="let_from", holds="no", from_on="2022-04-01").status_code == 303
    assert registry.fact(unit.ref, "let_from", date(2022, 4, 1)) is None


def test_a_deputy_takes_nothing_over_when_the_post_ends_and_the_page_says_so(quiet_cast, client_of):
    client = client_of("leading_group_office")
    post = Post.objects.get(organisation=quiet_cast.organisation("street_office"))
    deputy = quiet_cast.users["community_station"]
    assert send(client, url("deputy", post.pk), deputy=deputy.pk, from_on=str(TODAY)).status_code == 303
    shown = client.get(url("end_post", post.pk)).content.decode()
    assert "代办人到离岗之日为止" in shown and "接手" not in shown


def test_what_the_reader_may_not_see_is_counted_on_the_timeline_and_not_called_nothing(quiet_cast, client_of):
    from gongzhi.core import services as core
    from gongzhi.core.refs import Ref

    estate = quiet_cast.estate
    for number in range(16):
        core.record(
            "facility.ended",
            subject=Ref("nobodys_kind", str(number), "秘密", estate.place_path),
            actor=SYSTEM,
            at=NOW,
            place_path=estate.place_path,
            data={"kind": "elevator", "to_on": TODAY},
        )
    shown = client_of("housing").get(url("estate", estate.pk)).content.decode()
    assert "这一页另有15条不在您能看的范围里" in shown and "秘密" not in shown
    assert "还没有记录" not in shown


def test_after_a_merger_the_former_estate_says_where_it_went_and_its_owners_live_there(quiet_cast, client_of):
    into, gone = quiet_cast.estate_unknown, quiet_cast.estate
    Project.objects.filter(estate=gone).delete()
    owner = quiet_cast.users["owner"]
    shown = client_of("housing").get(url("merge", into.pk)).content.decode()
    assert "业主和楼幢长的账号一起转过来" in shown
    sent = send(client_of("housing"), url("merge", into.pk), others=[gone.pk], from_on="2022-05-01")
    assert sent.status_code == 303
    posts = {one.place_path: (one.begins_on, one.ends_on) for one in Post.objects.filter(user=owner, role="owner")}
    assert posts[gone.place_path][1] == date(2022, 4, 30) and posts[into.place_path] == (date(2022, 5, 1), None)
    for page in (url("estate", gone.pk), reverse("estate_public", args=[gone.pk])):
        text = client_of("housing").get(page).content.decode()
        assert "已并入<a href=" in text and f">{into.name}</a>" in text
    assert registry.find_estates(gone.name) == [into]
    assert client_of("owner").get(url("estate", into.pk)).status_code == 200
