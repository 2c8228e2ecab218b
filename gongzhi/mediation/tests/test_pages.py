"""The pages: a journey from an owner's application over two levels to the visit, what is hidden, what is kept."""

import pytest
from django.urls import reverse

from gongzhi.cases.models import Case
from gongzhi.cases.services import ComplainantInput, MatterInput, receive_complaint, report_in
from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.models import Event, OutboxMessage
from gongzhi.funds.charges.models import ArrearsHelp
from gongzhi.governance.bodies.tests.steps import owners
from gongzhi.mediation import services
from gongzhi.mediation.models import MediationFile
from gongzhi.mediation.tests.steps import (
    SYSTEM,
    accepted,
    asked,
    at,
    body_of,
    city,
    day,
    failed,
    mediator,
    registered,
    settled,
)
from gongzhi.registry.models import Project

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast(db):
    return city("jiujiang", "2022-05-05")


class Browser:
    """Somebody at a browser, on the day of the cast."""

    def __init__(self, client, cast, monkeypatch):
        self.client, self.cast, self.key = client, cast, 0
        monkeypatch.setattr("django.utils.timezone.now", lambda: cast.now)

    def as_(self, actor):
        self.client.force_login(actor.user)
        return self

    def see(self, page, *args, status=200, query=""):
        response = self.client.get(reverse(f"mediation:{page}", args=args) + query)
        assert response.status_code == status, response.content.decode()[:2000]
        return response.content.decode()

    def do(self, page, *args, status=303, query="", **data):
        self.key += 1
        url = reverse(f"mediation:{page}", args=args) + query
        response = self.client.post(url, {"form_key": f"mediation-{self.key}", **data})
        assert response.status_code == status, response.content.decode()[:3000]
        return response.content.decode()


@pytest.fixture
def browser(client, cast, monkeypatch):
    return Browser(client, cast, monkeypatch)


@pytest.mark.clause("JJ-A6-3-1", "JJ-A6-2.3-2", "JJ-A6-1-1")
def test_from_an_owners_application_over_the_town_to_the_visit(browser, cast):
    owner, company = cast.actor("owner"), at(cast, "property_company")
    assert cast.estate.name in browser.as_(owner).see("choose")
    form = browser.see("apply", cast.estate.pk)
    assert "纠纷类别" in form and "法院案号" not in form
    kept = browser.do("apply", cast.estate.pk, status=422, text="", matter="service_charge_dispute",
                      applicant_kind="owner", respondent_kind="property_company")  # fmt: skip
    assert "物业费收交纠纷" in kept
    browser.do("apply", cast.estate.pk, text="物业费计费面积不对。", matter="service_charge_dispute",
               applicant_kind="owner", respondent_kind="property_company")  # fmt: skip
    file = MediationFile.objects.get()
    assert (file.source, file.stage.role, file.amount_fen) == ("applied", "mediation_room", None)
    room = body_of(file, cast)
    assert "还没有" in browser.as_(room).do("act", file.pk, "shouli", status=422, version=file.version)
    party = file.parties.get(side="respondent")
    assert file.number in browser.as_(company).see("list")
    browser.do("act", file.pk, "tongyi", party=party.pk, agrees="yes", how="online")
    browser.as_(room).do("act", file.pk, "shouli")
    browser.do("act", file.pk, "tiaojiehui", held_at="2022-05-05T09:00", location="社区", attended="双方",
               content="业主说面积少了两平方米")  # fmt: skip
    assert "两平方米" in browser.see("file", file.pk)
    browser.do("act", file.pk, "weidacheng", reason="面积对不上")
    browser.do("act", file.pk, "yizhuan", way="up", reason="请镇街核对")
    file = MediationFile.objects.get()
    station = body_of(file, cast)
    assert file.stage.role == "mediation_station"
    browser.as_(station).do("act", file.pk, "shouli")
    browser.do("act", file.pk, "xieyi", terms="按实测面积补退。", agreed_on="2022-05-05", perform_by="2022-05-31")
    page = browser.as_(owner).see("file", file.pk)
    assert "按实测面积补退" in page and "签收协议" in page and "Word" in page
    own = MediationFile.objects.get().parties.get(side="applicant")
    browser.do("act", file.pk, "qianshou", party=own.pk, how="online")
    browser.as_(station).do("act", file.pk, "guidang", status=422)
    browser.do("act", file.pk, "huifang", on="2022-05-05", performed="yes")
    browser.do("act", file.pk, "guidang")
    assert MediationFile.objects.get().state == "closed"
    assert "100.0%" in browser.see("figures", query="?from=2022-05-01&to=2022-05-31")


def test_those_above_see_the_file_and_not_what_was_said(browser, cast):
    file = settled(asked(cast), cast)
    above = browser.as_(at(cast, "mediation_centre")).see("file", file.pk)
    assert file.number in above and "有争议" not in above and "补缴" not in above
    browser.as_(cast.actor("street_office@2")).see("file", file.pk, status=403)
    assert file.number not in browser.see("list", query="?view=all")
    document = file.agreement.document
    assert browser.client.get(reverse("core:file", args=[document.file_id])).status_code in (403, 404)


def test_an_older_page_is_refused_and_a_second_click_does_nothing(browser, cast):
    file = accepted(asked(cast), cast)
    body = browser.as_(body_of(file, cast))
    assert body.do("act", file.pk, "weidacheng", status=409, reason="谈不拢", version=1)
    for _ in range(2):
        body.key = 90
        body.do("act", file.pk, "weidacheng", reason="谈不拢")
    assert MediationFile.objects.get().stages.filter(result="not_agreed").count() == 1


def test_bodies_show_what_they_lack_and_take_mediators(browser, cast):
    centre = registered(cast, "mediation_centre", cast.county)
    mediator(centre, cast)
    user = browser.as_(at(cast, "mediation_centre"))
    page = user.see("bodies")
    assert "区中心专职调解员不足2名" in page and "还没有建的地方" in page
    user.do("add_mediator", centre.pk, name="郑二", full_time="on", from_on="2022-05-05")
    assert "不足2名" not in user.see("bodies")
    user.do("guide", kind="propaganda", title="送法进小区", text="讲民法典。", on="2022-05-05", publish="on")
    assert "送法进小区" in user.see("bodies")
    browser.as_(cast.actor("owner")).see("bodies", status=403)


@pytest.mark.clause("JJ-4.2.16-2", "JJ-A3-2.11-2")
def test_a_session_of_the_court_is_announced_in_the_estate(browser, cast):
    from gongzhi.mediation.tests.steps import court

    judge = browser.as_(court(cast))
    assert "请安排下一场" in judge.see("bodies")
    judge.do("plan", estate=cast.estate.pk, tribunal="circuit", on="2022-06-01", location="会议室", cause="物业费")
    assert "请安排下一场" not in judge.see("bodies")
    browser.client.logout()
    shown = browser.client.get(reverse("estate_public", args=[cast.estate.pk])).content.decode()
    assert "法院巡回审理" in shown and "会议室" in shown


def complaint(cast):
    """A dispute between neighbours, with whoever has to handle it: (case, its lead)."""
    made = receive_complaint(
        channel="phone", estate=cast.estate, text="邻居占用楼道。", location="1幢", received_at=cast.now,
        complainant=ComplainantInput(name="王五", phone="13811112222", address="1幢101室"),
        matters=[MatterInput(matter="neighbour_dispute", title="邻里", text="占用楼道")],
        actor=cast.actor("hotline_desk"), now=cast.now,
    )  # fmt: skip
    case = Case.objects.get(complaint=made)
    lead = next(one for one in (at(cast, key) for key in ("mediation_room", "community_station"))
                if one.organisation == case.lead)  # fmt: skip
    return case, lead


def handed_to_mediation(browser, cast, case, lead):
    browser.as_(lead).do(
        "apply", cast.estate.pk, query=f"?yi=case:{case.pk}", text="占用楼道", matter="neighbour_dispute",
        respondent_kind="owner", respondent_name="赵六",
    )  # fmt: skip
    return MediationFile.objects.get()


def told(template):
    return {one.to_organisation: one.text for one in OutboxMessage.objects.filter(template=template)}


def test_a_complaint_goes_to_mediation_and_is_handled_by_the_agreement(browser, cast):
    case, lead = complaint(cast)
    report_in(case, actor=lead, now=cast.now)
    file = handed_to_mediation(browser, cast, case, lead)
    assert (file.source, file.origin.key) == ("case", f"case:{case.pk}")
    page = browser.client.get(reverse("cases:case", args=[case.number])).content.decode()
    assert reverse("mediation:file", args=[file.pk]) in page and "转入调解" not in page
    settled(file, cast)
    case.refresh_from_db()
    assert [(one.kind, one.result) for one in case.mediations.all()] == [("people", "agreed")]
    assert file.number in case.mediations.get().complainants_view
    assert (case.state, case.outcome) == ("handled", "mediated")


def test_a_complaint_whose_mediation_failed_stays_open(browser, cast):
    case, lead = complaint(cast)
    report_in(case, actor=lead, now=cast.now)
    failed(handed_to_mediation(browser, cast, case, lead), cast)
    case.refresh_from_db()
    assert [one.result for one in case.mediations.all()] == ["not_agreed"]
    assert case.state == "handling"


def test_whoever_handles_a_complaint_that_is_not_at_that_step_is_told(browser, cast):
    case, lead = complaint(cast)
    file = settled(handed_to_mediation(browser, cast, case, lead), cast)
    case.refresh_from_db()
    assert case.state == "assigned" and not case.mediations.exists()
    said = told("cases.mediated")
    assert set(said) == {case.lead}
    assert file.number in said[case.lead] and case.number in said[case.lead] and "没有跟着登记" in said[case.lead]


def test_whoever_asked_in_the_stead_of_the_sides_is_told_of_the_refusal(browser, cast):
    case, lead = complaint(cast)
    file = handed_to_mediation(browser, cast, case, lead)
    services.decline(file, reason="不属于调解范围。", actor=body_of(file, cast), now=cast.now)
    said = OutboxMessage.objects.filter(template="mediation.declined")
    assert lead.user in {one.to_user for one in said} and all("不属于调解范围" in one.text for one in said)
    assert "没有受理" in told("cases.mediated")[case.lead]


def help_asked(cast, unit):
    """The company asks for mediation with those who owe for the unit."""
    project = Project.objects.get(estate=cast.estate)
    row = ArrearsHelp.objects.create(
        project=project, unit=unit, ownership=unit.ownerships.first(), kind="mediation", role="mediation_room",
        asked_on=day("2022-05-05"), place_path=project.place_path,
    )  # fmt: skip
    core.record(
        "fee.help_asked", subject=row.ref, actor=Actor.system(), at=cast.now, place_path=row.place_path,
        data={"help": "mediation", "by": "mediation_room", "estate": str(cast.estate.pk)},
    )  # fmt: skip
    return row


def test_arrears_handed_to_mediation_begin_one_and_learn_what_came_of_it(cast):
    row = help_asked(cast, owners(cast.estate, 1)[0])
    file = MediationFile.objects.get()
    assert (file.source, file.matter, file.stage.role) == ("arrears", "service_charge_dispute", "mediation_room")
    assert {one.kind for one in file.parties.all()} == {"property_company", "owner"}
    failed(file, cast)
    row.refresh_from_db()
    assert row.result == f"调解未达成，见{file.number}" and row.handed_on == file.number


def test_the_account_of_a_unit_leads_to_the_mediation_of_its_arrears(browser, cast):
    row = help_asked(cast, owners(cast.estate, 1)[0])
    browser.as_(at(cast, "property_company"))
    account = reverse("funds:charges_unit", args=[row.project_id, row.unit_id])
    page = browser.client.get(account).content.decode()
    assert reverse("mediation:file", args=[MediationFile.objects.get().pk]) in page


def test_a_company_whose_arrears_cannot_be_mediated_is_told_why(cast):
    unit = owners(cast.estate, 1)[0]
    unit.ownerships.all().delete()
    row = help_asked(cast, unit)
    assert not MediationFile.objects.exists()
    assert told("mediation.not_begun") == {row.project.company: f"{unit}欠费没有能转为调解：请写明申请人和被申请人。"}


@pytest.mark.clause("JJ-A6-1-1")
def test_whoever_agreed_to_more_time_is_shown_and_not_asked_again(browser, cast):
    file = accepted(asked(cast), cast)
    was, first = file.due_on, file.parties.get(side="applicant")
    owner, company = cast.actor("owner"), at(cast, "property_company")
    longer = f"/tiaojie/{file.pk}/ban/yanchang/"
    assert longer in browser.as_(owner).see("file", file.pk)
    browser.do("act", file.pk, "yanchang", version=str(file.version), party=str(first.pk))
    page = browser.see("file", file.pk)
    assert longer not in page and "已同意延长，还要" in page
    file.refresh_from_db()
    assert file.due_on == was, "one side alone does not lengthen it"
    assert Event.objects.filter(kind="mediation.extension_agreed", subject_id=str(file.pk)).count() == 1
    second = file.parties.get(side="respondent")
    assert f'value="{first.pk}"' not in browser.as_(company).see("act", file.pk, "yanchang")
    browser.do("act", file.pk, "yanchang", version=str(file.version), party=str(second.pk))
    file.refresh_from_db()
    assert file.due_on > was
    page = browser.as_(owner).see("file", file.pk)
    assert longer not in page and "已同意延长，还要" not in page, "the document allows one"


@pytest.mark.clause("JJ-A6-2.3-1")
def test_a_mediator_is_chosen_by_body_and_unit_and_the_body_has_its_offices_name(browser, cast):
    file = accepted(asked(cast), cast)
    office = file.stage.organisation
    room = services.register_body(
        office.role, place=office.place, formed_on=day("2022-01-05"), actor=SYSTEM, now=cast.now
    )
    assert room.name == office.name
    mediator(room, cast, "乔某", unit_name="某某物业", from_on=day("2022-01-05"))
    page = browser.as_(body_of(file, cast)).see("act", file.pk, "tiaojieyuan")
    assert f"（{office.name}，某某物业）" in page


@pytest.mark.clause("ZJG-5.1c", "JJ-A6-2.1-2")
@pytest.mark.parametrize(("name", "headed"), [("jiujiang", True), ("zhangjiagang", False)])
def test_the_heads_of_disputes_are_those_of_the_city(name, headed):
    there = city(name, "2024-06-03")
    pack = core.pack_for(there.estate.place_path, core.local_day(there.now))
    heads = {one.group for one in pack.matters.values() if one.nature == "dispute"}
    assert ("重大专项纠纷" in heads) is headed


@pytest.mark.clause("JJ-A6-2.3-2")
def test_no_way_is_offered_that_leads_to_nobody(browser, cast):
    file = failed(asked(cast), cast)
    page = browser.as_(body_of(file, cast)).see("act", file.pk, "yizhuan")
    assert "上交上一级" in page and "交下一级" not in page and "转行业调解" not in page


@pytest.mark.clause("JJ-A6-3-1")
def test_the_way_says_what_was_not_done_and_the_list_is_searched(browser, cast):
    file = failed(asked(cast), cast)
    MediationFile.objects.filter(pk=file.pk).update(state="closed", closed_at=cast.now)
    body = body_of(file, cast)
    page = browser.as_(body).see("file", file.pk)
    assert "没有达成协议" in page and "签订协议、回访" not in page
    other = settled(asked(cast), cast)
    MediationFile.objects.filter(pk=other.pk).update(state="closed", outcome="agreed", closed_at=cast.now)
    assert "签订协议、没有回访" in browser.see("file", other.pk)
    MediationFile.objects.filter(pk=file.pk).update(outcome="eased", outcome_note="和好")
    assert "没有达成协议" not in browser.see("file", file.pk)
    found = browser.see("list", query=f"?view=all&q={other.number[-3:]}")
    assert other.number in found and file.number not in found


@pytest.mark.clause("JJ-A5-3.3-2")
def test_a_steward_reads_what_became_of_what_he_put_down_and_unrest_is_marked_in_the_list(browser, cast):
    given = {"text": "楼上漏水", "matter": "neighbour_dispute", "applicant_kind": "owner", "applicant_name": "陈某",
             "respondent_kind": "owner", "respondent_name": "王某"}  # fmt: skip
    browser.as_(cast.actor("building_steward")).do("apply", cast.estate.pk, eased="当面说和", **given)
    assert "当场化解，已归档" in browser.see("file", MediationFile.objects.get().pk)
    assert "群体性苗头" not in browser.see("list", query="?view=all")
    browser.do("apply", cast.estate.pk, petition="on", **given)
    assert "调解组织会联系各方" in browser.see("file", MediationFile.objects.get(state="applied").pk)
    assert "群体性苗头" in browser.as_(cast.actor("street_office")).see("list")
