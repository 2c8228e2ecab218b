"""The pages as each role sees them; the notice and the board on paper; the same for programs."""

import io
import json
import zipfile

import lxml.html
import pytest
from django.urls import reverse

from gongzhi.cases import services as cases
from gongzhi.cases.accountability.queries.boards import board_lines, coverage
from gongzhi.cases.accountability.services import boards
from gongzhi.cases.enforcement import services
from gongzhi.cases.enforcement.models import DissuasionNotice, Evidence, Operation
from gongzhi.cases.enforcement.tests.steps import SYSTEM, at, city, company, day, line, picture, reported
from gongzhi.cases.tests.pages import browse, post, words  # noqa: F401
from gongzhi.core import services as core
from gongzhi.core.errors import Refused
from gongzhi.core.models import Organisation
from gongzhi.core.tests.calling import Caller, key_for
from gongzhi.core.tests.cast import now_in
from gongzhi.duties.models import Duty

pytestmark = pytest.mark.django_db
OVERVIEW = "/zhifa/"


@pytest.fixture
def cast(request):
    return city(getattr(request, "param", "jiangyin"), "2024-06-03")


@pytest.mark.parametrize(
    ("role", "status"),
    [("street_office", 200), ("police", 200), ("leading_group_office", 200), ("project_manager", 403), ("owner", 403)],
)
def test_who_looks_at_the_figures_of_a_place(cast, browse, role, status):  # noqa: F811
    at(cast, role)
    for url in (OVERVIEW, f"{OVERVIEW}zhandian/"):
        assert browse(role).get(url).status_code == status


@pytest.mark.clause("JY-2.4.10-4")
@pytest.mark.parametrize(("effective", "offered"), [(True, False), (False, True)])
def test_what_was_stopped_is_kept_and_no_button_hands_it_on(cast, browse, effective, offered):  # noqa: F811
    row = line(cast, effective=effective)
    page = browse("project_manager").get(reverse("cases:problem", args=[row.number]))
    assert (reverse("cases:problem_act", args=[row.number, "report"]) in page.content.decode()) is offered
    assert ("只存档，不移送" in words(page)) is not offered


@pytest.mark.clause("JY-2.1.2-6", "JY-2.4.10-2")
def test_a_department_finds_from_the_overview_where_to_enter_that_it_was_in_an_estate(cast, browse):  # noqa: F811
    at(cast, "police")
    me, url = browse("police"), reverse("enforcement:begin", args=["jinxiaoqu"])
    assert url in me.get(OVERVIEW).content.decode()
    given = {"estate": cast.estate.pk, "organisation": cast.organisation("police").pk, "on": "2024-06-03"}
    assert post(me, url, {**given, "estate": ""}).status_code == 422
    done = post(me, url, given)
    assert done.status_code == 303, words(done)
    assert "1次" in words(me.get(done["Location"])).split("各部门进小区")[1]


@pytest.mark.parametrize(("cast", "status"), [("jiujiang", 200), ("jiangyin", 404)], indirect=["cast"])
def test_a_category_is_chosen_only_where_the_document_names_some(cast, browse, status):  # noqa: F811
    cast.organisation("property_company")
    complaint = cases.receive_complaint(
        channel="found", estate=cast.estate, text="保洁少", matters=[cases.MatterInput("company_violation", "保洁")],
        received_at=cast.now, actor=at(cast, "housing"), now=cast.now,
    )  # fmt: skip
    case = complaint.cases.get()
    me, form = browse("housing"), reverse("enforcement:act", args=["leibie", case.pk])
    assert me.get(form).status_code == status
    assert (form in me.get(reverse("cases:case", args=[case.number])).content.decode()) is (status == 200)


def test_a_company_issues_a_notice_serves_it_prints_it_and_keeps_evidence(cast, browse):  # noqa: F811
    row, me = line(cast, effective=False), browse("project_manager")
    url = reverse("enforcement:act", args=["gaozhishu", row.pk])
    assert post(me, url, {"addressee": "", "demand": ""}).status_code == 422
    to = cast.organisation("street_office").pk
    done = post(me, url, {"addressee": "2幢301室业主", "demand": "请停止搭建", "to": to})
    assert done.status_code == 303, words(done)
    notice = DissuasionNotice.objects.get()
    shown = words(me.get(done["Location"]))
    assert notice.document.number in shown and "上报以后" in shown
    pdf = me.get(reverse("enforcement:notice_pdf", args=[notice.pk]))
    assert pdf.content.startswith(b"%PDF")
    serve = reverse("enforcement:act", args=["songda", notice.pk])
    refused = post(me, serve, {"signing": "refused", "at": "2024-06-03T09:00"})
    assert refused.status_code == 422 and "见证人" in words(refused)
    done = post(me, serve, {"signing": "refused", "at": "2024-06-03T09:00", "witness": "社区钱芳", "photo": picture()})
    assert done.status_code == 303, words(done)
    take = reverse("enforcement:evidence_act", args=["problem", row.pk, "shoucun"])
    given = {"title": "正在搭建", "taken_at": "2024-06-03T08:50", "taken_where": "楼顶", "file": picture()}
    done = post(me, take, given)
    assert done.status_code == 303, words(done)
    shown = words(me.get(done["Location"]))
    assert Evidence.objects.get().file.sha256 in shown
    package = post(me, reverse("enforcement:package", args=["problem", row.pk]), {})
    assert package.status_code == 200 and package.content.startswith(b"PK")
    assert browse("police").get(reverse("enforcement:evidence", args=["problem", row.pk])).status_code == 404


@pytest.mark.clause("JY-2.4.10-7")
def test_a_board_wants_every_telephone_and_says_what_each_department_deals_with(cast):
    street = cast.actor("street_office")
    units = Organisation.objects.filter(role__in=(
        "housing", "urban_management", "police", "market_regulation", "ecology", "emergency", "fire_rescue",
        "street_office", "community_committee",
    ))  # fmt: skip
    units.update(phone="0510-86000000")
    Organisation.objects.filter(pk=cast.organisation("police").pk).update(phone="")
    with pytest.raises(Refused) as refused:
        boards.print_board(cast.estate, actor=street, now=cast.now)
    assert "公安" in refused.value.message
    units.update(phone="0510-86000000")
    numbers = board_lines(cast.estate, on=cast.now.date())
    by_name = {one.unit_id: one.duties for one in numbers.lines}
    assert "群租" in by_name[cast.organisation("police").pk]
    assert "安全生产监督" in by_name[cast.organisation("emergency").pk] and not numbers.missing


@pytest.mark.clause("JY-2.4.10-7")
def test_what_hangs_is_what_the_page_shows_and_how_many_hang_is_counted(cast, browse):  # noqa: F811
    Organisation.objects.update(phone="0510-86000000")
    services.set_up_station(
        cast.organisation("street_office"), kind="station", name="澄江站点", phone="0510-86000001",
        estates=[cast.estate], opened_on=day("2024-01-01"), actor=SYSTEM, now=cast.now,
    )  # fmt: skip
    row = boards.print_board(cast.estate, actor=cast.actor("street_office"), now=cast.now)
    boards.post_board(row, photo=picture(), spot="大门", actor=cast.actor("street_office"), now=cast.now)
    row.refresh_from_db()
    assert row.posted_lines == board_lines(cast.estate, on=cast.now.date()).to_json()
    assert any(one["name"] == "澄江站点" for one in row.posted_lines)
    found = coverage(cast.county.path, on=cast.now.date())
    assert (found.posted, found.total) == (1, 3)
    page = words(browse("owner").get(reverse("accountability:notice_board", args=[cast.estate.pk])))
    assert "澄江站点" in page and "群租" in page
    pdf = browse("owner").get(reverse("enforcement:board_pdf", args=[cast.estate.pk]))
    assert pdf.content.startswith(b"%PDF")


@pytest.mark.parametrize("cast", ["meixian"], indirect=True)
def test_the_city_managers_plan_give_tasks_and_archive(cast, browse):  # noqa: F811
    lead = at(cast, "urban_management")
    me = browse("urban_management")
    begin = reverse("enforcement:begin", args=["xingdong"])
    page = words(me.get(begin))
    assert "联席会议" in page and "专项整治" not in page, "that one is another office's"
    given = {"kind": "joint", "title": "夏季进小区", "plan": "逐个查", "planned_on": "2024-06-10",
             "units": [cast.organisation("police").pk], "topics": ["fire_lane"]}  # fmt: skip
    done = post(me, begin, given)
    assert done.status_code == 303, words(done)
    row = Operation.objects.get()
    shown = words(me.get(done["Location"]))
    assert "还漏" in shown and "占用消防通道" in shown
    task = reverse("enforcement:act", args=["renwu", row.pk])
    missing = post(me, task, {"text": "清理通道", "version": row.version})
    assert missing.status_code == 422 and "承办" in words(missing)
    row.refresh_from_db()
    given = {"text": "清理通道", "organisation": cast.organisation("police").pk, "estate": cast.estate.pk,
             "version": row.version}  # fmt: skip
    assert post(me, task, given).status_code == 303
    assert "填报" in words(browse(at(cast, "police").role).get(done["Location"]))
    assert browse("project_manager").get(done["Location"]).status_code == 404
    row.refresh_from_db()
    assert lead.organisation in [one.organisation for one in row.units.filter(part="lead")]


@pytest.mark.clause("JY-2.8.20-4", "JY-2.4.9-1")
def test_the_kind_of_an_operation_says_which_units_are_ticked(cast, browse):  # noqa: F811
    for role in ("housing", "police"):
        at(cast, role)
    at(cast, "urban_management")
    me, begin = browse("urban_management"), reverse("enforcement:begin", args=["xingdong"])
    listed = me.get(reverse("enforcement:operations")).content.decode()
    assert f"{begin}?kind=check" in listed and f"{begin}?kind=joint" in listed

    def ticked(query):
        page = lxml.html.fromstring(me.get(begin + query).content)
        return {int(value) for value in page.xpath("//input[@name='units' and @checked]/@value")}

    housing, police = cast.organisation("housing").pk, cast.organisation("police").pk
    assert housing in ticked("?kind=check") and police not in ticked("?kind=check")
    assert {housing, police} <= ticked("?kind=joint")
    assert not ticked("") and "按种类发起" in words(me.get(begin))


@pytest.mark.parametrize("cast", ["jiujiang"], indirect=True)
def test_companies_and_collective_names_are_not_asked_to_an_operation_and_it_is_called_off_on_a_page(cast, browse):  # noqa: F811
    for role in ("member_units", "upkeep_company"):
        core.ensure_organisation(role, place=cast.county, name=f"示范{role}")
    at(cast, "urban_management")
    me, begin = browse("urban_management"), reverse("enforcement:begin", args=["xingdong"])
    page = words(me.get(begin))
    assert "示范member_units" not in page and "示范upkeep_company" not in page
    given = {"kind": "joint", "title": "夏季进小区", "plan": "逐个查", "planned_on": "2024-06-10",
             "units": [cast.organisation("police").pk], "topics": ["fire_lane"]}  # fmt: skip
    done = post(me, begin, given)
    row = Operation.objects.get()
    off = reverse("enforcement:act", args=["quxiao", row.pk])
    assert off in me.get(done["Location"]).content.decode()
    assert post(me, off, {"reason": "大雨", "version": row.version}).status_code == 303
    shown = me.get(done["Location"]).content.decode()
    assert "已取消" in shown and "取消原因" in shown and off not in shown
    assert reverse("enforcement:act", args=["renwu", row.pk]) not in shown
    assert post(browse("police"), off, {"reason": "大雨", "version": row.version}).status_code in (403, 404)


@pytest.mark.parametrize("cast", ["jiujiang"], indirect=True)
def test_structures_are_listed_and_taken_down_on_screen(cast, browse):  # noqa: F811
    me = browse("street_office")
    done = post(me, reverse("enforcement:begin", args=["weijian"]), {
        "estate": cast.estate.pk, "location": "2幢楼顶", "begun_on": "2024-06-01", "area_m2": "12.5",
        "before": picture(),
    })  # fmt: skip
    assert done.status_code == 303, words(done)
    shown = words(me.get(done["Location"]))
    assert "新增" in shown and "12.50平方米" in shown
    pk = done["Location"].rstrip("/").split("/")[-1]
    gone = post(me, reverse("enforcement:act", args=["chaichu", pk]), {
        "on": "2024-06-02", "lead": cast.organisation("street_office").pk, "after": picture(), "version": 1,
    })  # fmt: skip
    assert gone.status_code == 303, words(gone)
    assert "100.0%" in words(me.get(reverse("enforcement:structures")))


@pytest.mark.parametrize("cast", ["zhangjiagang"], indirect=True)
def test_the_police_see_who_rents_and_the_company_does_not(cast, browse):  # noqa: F811
    from gongzhi.governance.bodies.tests.steps import owners

    me = browse("project_manager")
    form = reverse("enforcement:act", args=["chuzu", cast.estate.pk])
    assert "还没有登记房屋" in words(me.get(form))
    (unit,) = owners(cast.estate, 1)
    assert "还没有登记房屋" not in words(me.get(form))
    given = {"unit": unit.pk, "tenant_name": "马租客", "people": 3, "from_on": "2024-06-01"}
    done = post(me, reverse("enforcement:act", args=["chuzu", cast.estate.pk]), given)
    assert done.status_code == 303, words(done)
    assert "马租客" not in words(me.get(done["Location"]))
    reveal = f"{done['Location']}chengzuren/"
    assert post(me, reveal, {"reason": "想看看是谁"}).status_code == 403
    at(cast, "police")
    police = browse("police")
    assert post(police, reveal, {"reason": "核查群租情况"}).status_code == 303
    assert "承租人：马租客" in words(police.get(done["Location"]))


def test_a_program_reads_and_acts_as_the_pages_do():
    cast = now_in(city, "jiangyin")
    at(cast, "police")
    today = cast.now.date().isoformat()
    call = Caller(key_for(cast, "police", "enforcement:read", "enforcement:write"))
    entered = call.post(
        f"/enforcement/acts/jinxiaoqu/{cast.estate.pk}",
        {"fields": {"organisation": cast.organisation("police").pk, "on": today}},
    )
    assert entered.status_code in (200, 201), entered.content.decode()
    found = call.get(f"/statistics/enforcement?from_on={today}&to_on={today}").json()
    assert sum(one["entries"] for one in found["towns"]) == 1
    assert call.get("/operations").json()["items"] == []
    case = reported(cast, "falling_objects", to="street_office")
    at(cast, "ecology")
    stranger = Caller(key_for(cast, "ecology", "enforcement:read"))
    assert stranger.get(f"/evidence/case/{case.pk}").status_code == 404
    assert [one["kind"] for one in call.get("/enforcement/stations").json()] == ["station", "team"]


def test_the_line_of_the_register_shows_what_became_of_it(cast, browse):  # noqa: F811
    case = reported(cast, to="street_office")
    row = case.reported_line
    page = words(browse("project_manager").get(reverse("cases:problem", args=[row.number])))
    assert case.number in page and "还没有" in page
    assert browse("street_office").get(reverse("cases:problem", args=[row.number])).status_code == 200
    assert browse("street_office").get(reverse("cases:case", args=[case.number])).status_code == 200


def _taken(cast, row, me, *, tail):
    return services.take_in(
        row, file=picture(tail=tail), title="玻璃房", taken_at=cast.now, taken_where="2幢", actor=me, now=cast.now
    )


@pytest.mark.parametrize("cast", ["jiujiang"], indirect=True)
def test_a_unit_outside_the_case_opens_signs_and_exports_what_it_was_handed_and_no_more(cast, browse):  # noqa: F811
    row, me = line(cast), company(cast)
    given, kept = (_taken(cast, row, me, tail=tail) for tail in (b"", b"\n"))
    police = at(cast, "police")
    listing = reverse("enforcement:evidence", args=["problem", row.pk])
    assert browse("police").get(listing).status_code == 404
    services.hand_over([given], to=police.organisation, reason="商请鉴别", actor=me, now=cast.now)
    (duty,) = Duty.objects.filter(rule="sign_evidence")
    assert duty.owner_organisation == police.organisation and duty.subject_title.startswith(given.number)
    client = browse("police")
    shown = client.get(listing)
    page = words(shown)
    assert given.number in page and kept.number not in page
    assert reverse("cases:problem", args=[row.number]) not in shown.content.decode()
    assert client.get(reverse("core:file", args=[given.file_id])).status_code == 200
    assert client.get(reverse("core:file", args=[kept.file_id])).status_code == 403
    sign = reverse("enforcement:evidence_act", args=["problem", row.pk, "qianshou"])
    assert sign in shown.content.decode()
    assert post(client, sign, {"evidence": [given.pk]}).status_code == 303
    duty.refresh_from_db()
    assert duty.state == "fulfilled" and Evidence.objects.get(pk=given.pk).holder == police.organisation
    content = services.package(row, actor=police, now=cast.now)
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        assert [one["number"] for one in json.loads(package.read("custody.json"))] == [given.number]
