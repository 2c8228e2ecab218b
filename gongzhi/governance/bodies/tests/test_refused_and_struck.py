"""A refusal to convene, and what was entered of a body by mistake, on the screen."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from gongzhi.core.models import Event, OutboxMessage
from gongzhi.core.tests.cast import _person
from gongzhi.governance.bodies import services as bodies
from gongzhi.governance.bodies.models import Body, Candidate, Charge, Formation, OwedMeeting
from gongzhi.governance.bodies.queries.bodies import members_on
from gongzhi.governance.bodies.queries.composition import composition_facts
from gongzhi.governance.bodies.services import PersonInput, SeatInput
from gongzhi.governance.bodies.services.meetings import owe_meeting
from gongzhi.governance.bodies.tests.desk import Desk
from gongzhi.governance.bodies.tests.steps import SYSTEM, city, committee, day, duty

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk_in(monkeypatch: pytest.MonkeyPatch) -> Any:
    return lambda slug, on: (cast := city(slug, on), Desk(cast, monkeypatch))


@pytest.mark.clause("ZJG-3.3.2-3d")
def test_a_committee_that_refuses_in_words_is_not_waited_for_but_is_urged_first(desk_in: Any) -> None:
    cast, desk = desk_in("zhangjiagang", "2026-03-16")
    body = committee(cast, cast.estate)
    street = desk.as_("street_office")
    street.does(body, "lian", member=body.members.order_by("pk")[0].pk, text="违规收费")
    street.does(Charge.objects.get(), "rending", verified="yes", finding="查证属实")
    meeting = OwedMeeting.objects.get()
    page = reverse("bodies:meeting", args=[meeting.pk])
    other = owe_meeting(
        cast.estate, reason="interim_meeting", convener="community_committee", owed_from=day("2026-03-16"),
        actor=SYSTEM, now=cast.now,
    )  # fmt: skip
    _person(cast, "owners_committee", "孙小红", organisation=body.organisation)
    ours = desk.as_("owners_committee")
    assert "登记拒绝召开" not in ours.reads(reverse("bodies:meeting", args=[other.pk]))
    ours.is_told(other, "jujue", "轮不到本组织答复", why="不开", refused_on="2026-03-16")
    ours.is_told(meeting, "jujue", "拒绝的理由", why=" ", refused_on="2026-03-16")
    ours.is_told(meeting, "jujue", "不早于2026年3月16日", why="不开", refused_on="2026-03-15")
    assert "拒绝召开" in ours.reads(page)
    ours.does(
        meeting,
        "jujue",
        why="全体委员认为没有必要",
        refused_on="2026-03-16",
        papers=SimpleUploadedFile("答复.txt", "不开".encode()),
    )
    assert Event.objects.get(kind="meeting.refused").data == {
        "convener": "owners_committee", "refused_on": "2026-03-16",
    }  # fmt: skip
    told = OutboxMessage.objects.get(template="meeting.refused")
    assert told.to_organisation is not None and told.to_organisation.role == "street_office"
    street = desk.on("2026-03-18").as_("street_office")
    street.is_told(meeting, "gaipai", "要先书面催告", convener="community_committee")
    shown = street.reads(page)
    assert "全体委员认为没有必要" in shown and "还不能改由他人召集：要先书面催告业委会" in shown and "答复.txt" in shown
    street.does(meeting, "cuigao", until_on="2026-03-28")
    street.is_told(meeting, "gaipai", "要先书面催告", convener="community_committee")
    assert "催告后答复不召开的，才能改由居委会组织" in street.reads(page)
    street.is_told(meeting, "jujue", "再次拒绝的日期", why="还是不开", refused_on="2026-03-17")
    street.does(meeting, "jujue", why="电话答复：还是不开", refused_on="2026-03-18")
    assert "不用再等期限届满" in street.reads(page)
    assert "拒绝召开" in street.reads(reverse("bodies:estate", args=[cast.estate.pk]))
    told = desk.as_("owner").reads(reverse("bodies:estate", args=[cast.estate.pk]))
    assert "召集人答复不召开" in told and "电话答复：还是不开" in told and "由业主委员会召集" in told
    street = desk.as_("street_office")
    street.does(meeting, "gaipai", convener="community_committee")
    meeting.refresh_from_db()
    assert (meeting.convener, meeting.moved_on, meeting.refused) == ("community_committee", day("2026-03-18"), False)
    assert "不用再等期限届满" not in street.reads(page)
    assert duty("propose_recall").owner_role == "community_committee"


def test_where_the_document_asks_for_no_urging_a_refusal_opens_the_way_at_once(desk_in: Any) -> None:
    cast, desk = desk_in("jinhua", "2026-03-16")
    committee(cast, cast.estate)
    meeting = owe_meeting(
        cast.estate, reason="interim_meeting", convener="owners_committee", owed_from=day("2026-03-16"),
        actor=SYSTEM, now=cast.now,
    )  # fmt: skip
    street = desk.as_("street_office")
    street.does(meeting, "jujue", why="当面答复不开", refused_on="2026-03-16")
    assert "不用再等期限届满" in street.reads(reverse("bodies:meeting", args=[meeting.pk]))
    street.does(meeting, "gaipai", convener="community_committee")


def test_a_member_entered_by_mistake_is_struck_out_before_the_day_he_begins_and_counts_nowhere(desk_in: Any) -> None:
    cast, desk = desk_in("jiujiang", "2026-03-16")
    street = desk.as_("street_office")
    street.does(
        cast.estate, "dengji", kind="four_party_group", formed_on="2026-03-16",
        seats="社区（村）党组织 组长 赵一 党委 - -\n业主委员会 成员 钱二 业委会 - -", absent_sides=[],
    )  # fmt: skip
    body = Body.objects.get(kind="four_party_group")
    held = body.members.get(unit_name="业委会")
    row = {"side": "property_company", "post": "member", "unit_name": "和谐物业", "from_on": "2026-04-01"}
    street.does(body, "xiwei", name="孙三", replaces=held.pk, **row)
    slip = body.members.get(unit_name="和谐物业")
    held.refresh_from_db()
    assert held.to_on == day("2026-03-31")
    assert "还没有到任" in street.reads(reverse("bodies:body", args=[body.pk]))
    street.is_told(body, "huaqu", "请填划去的原因", member=slip.pk, reason="")
    street.is_told(body, "huaqu", "已经登记了接替他的人", member=held.pk, reason="录错")
    street.does(body, "huaqu", member=slip.pk, reason="录到了别的组织")
    held.refresh_from_db()
    slip.refresh_from_db()
    assert (held.to_on, held.end_note, slip.struck_on) == (None, "", day("2026-03-16"))
    struck = Event.objects.get(kind="body.member_struck")
    assert struck.data["reason"] == "录到了别的组织" and struck.data["from_on"] == "2026-04-01"
    shown = street.reads(reverse("bodies:body", args=[body.pk]))
    assert "划去的登记（不计入）" in shown and "录到了别的组织" in shown
    assert [one.pk for one in members_on(body, day("2026-04-02"), seat=None)].count(slip.pk) == 0
    assert composition_facts(body, day("2026-04-02"))["members"] == 2
    street.is_told(body, "huaqu", "划去哪一条", member=slip.pk, reason="再来一次")


def test_whoever_was_elected_or_has_been_dealt_with_as_a_member_is_not_struck_out(desk_in: Any) -> None:
    cast, desk = desk_in("zhangjiagang", "2026-03-16")
    body = committee(cast, cast.estate)
    street = desk.as_("street_office")
    one = body.members.order_by("pk")[0]
    assert "划去错登的成员" not in street.reads(reverse("bodies:body", args=[body.pk]))
    street.is_told(body, "huaqu", "由业主选举产生", member=one.pk, reason="录错")
    Formation.objects.filter(body=body).update(body=None)
    street.is_told(body, "huaqu", "已有候选人的记录", member=one.pk, reason="录错")
    Candidate.objects.update(member=None)
    street.does(body, "lian", member=one.pk, text="违规收费")
    street.is_told(body, "huaqu", "已有委员违法违规查处的记录", member=one.pk, reason="录错")
    other = body.members.order_by("pk")[1]
    bodies.open_petition(
        cast.estate, kind="recall_member", body=body, member=other, matter="账目不清", opened_on=day("2026-03-16"),
        actor=SYSTEM, now=cast.now,
    )  # fmt: skip
    street.is_told(body, "huaqu", "已有联名的记录", member=other.pk, reason="录错")
    owner = desk.as_("owner").act(body, "huaqu", member=one.pk, reason="录错")
    assert owner[0] in (403, 404)


@pytest.mark.clause("JH-4.1a", "JH-4.1b")
def test_a_side_that_the_estate_has_not_is_put_right_on_the_bodys_page(desk_in: Any) -> None:
    cast, desk = desk_in("jinhua", "2026-03-16")
    street = desk.as_("street_office")
    bodies.register_body(
        kind="coordination", place=cast.estate.place, estate=cast.estate, formed_on=day("2026-03-16"),
        seats=[SeatInput(person=PersonInput("赵一"), side="community_party", post="head"),
               SeatInput(person=PersonInput("钱二"), side="community"),
               SeatInput(person=PersonInput("孙三"), side="property_company")],
        actor=SYSTEM, now=cast.now,
    )  # fmt: skip
    body = Body.objects.get(kind="coordination")
    page = reverse("bodies:body", args=[body.pk])
    assert "不完整" in street.reads(page)
    street.is_told(body, "gefang", "物业", absent_sides=["property_company"], reason="没有物业")
    street.is_told(body, "gefang", "请填更正的原因", absent_sides=["owners_committee"], reason="")
    street.does(body, "gefang", absent_sides=["owners_committee"], reason="业委会还没有成立")
    shown = street.reads(page)
    assert "待推进：业委会未成立" in shown and "不存在的一方" in shown
    event = Event.objects.get(kind="body.sides_corrected")
    assert (event.data["absent"], event.data["reason"]) == (["owners_committee"], "业委会还没有成立")
    street.is_told(body, "gefang", "没有要更正的", absent_sides=["owners_committee"], reason="再来一次")
    street.does(body, "gefang", reason="业委会成立了")
    body.refresh_from_db()
    assert body.absent_sides == []
