"""Stewards are chosen at a meeting of the owners' representatives that is on record; texts of offices listed apart."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from gongzhi.core import services as core
from gongzhi.core.errors import Refused
from gongzhi.core.models import Place
from gongzhi.governance.bodies import services as bodies
from gongzhi.governance.bodies.models import AdoptedText, Candidate, Formation, RepresentativeMeeting
from gongzhi.governance.bodies.queries.bodies import body_on, members_on
from gongzhi.governance.bodies.queries.composition import percent_words, rate_places, share
from gongzhi.governance.bodies.queries.coverage import Coverage, steward_plan
from gongzhi.governance.bodies.tests.steps import (
    SYSTEM,
    city,
    committee,
    day,
    later,
    owner_name,
    owners,
    representatives,
)
from gongzhi.governance.bodies.tests.test_pages import at, send, text
from gongzhi.registry.models import Estate

pytestmark = pytest.mark.django_db
ON = "2022-05-05"
MINUTES = "会议记录.txt"


def minutes():
    return SimpleUploadedFile(MINUTES, "签到三人，一致推选".encode())


def act(row, code):
    kind = {Formation: "formation", Estate: "estate", Candidate: "candidate"}.get(type(row), "body")
    return reverse("bodies:act", args=[kind, row.pk, code])


@pytest.mark.clause("JJ-A5-2.1-1", "JJ-4.1.13-2")
def test_stewards_from_putting_forward_over_the_representatives_meeting_to_their_posts(client):
    cast = city("jiujiang", ON)
    estate, (first, second) = cast.estate, cast.estate.buildings.order_by("name")
    one, two, three = owners(estate, 3)
    [far] = owners(estate, 1, building=second.name, start=10)
    street = at(client, cast, "street_office")
    start = {"kind": "building_stewards", "trigger": "appointment", "started_on": ON}
    assert send(street, act(estate, "qidong"), **start).status_code == 303
    formation = Formation.objects.get()

    def put(number, unit, building, source="recommended", **more):
        given = {"name": owner_name(number), "unit": unit.pk, "building": building.pk, "source": source}
        return send(street, act(formation, "renxuan"), **given, recommended_by="代表", **more)

    assert "要住在本楼幢" in text(put(1, one, second), 422)
    assert "要由本小区业主担任" in text(put(7, one, first), 422)
    assert put(1, one, first).status_code == 303
    assert put(2, two, first, attributes=["resident_group_leader"]).status_code == 303
    assert put(11, far, second, source="self", statement="热心").status_code == 303
    page = text(street.get(reverse("bodies:formation", args=[formation.pk])))
    before, after = page.index("002室"), page.index("001室")
    assert before < after and "优先" in page and "居民小组长" in page

    confirm = {"from_on": ON, "version": formation.version}
    assert "还没有业主代表会议推选出的人选" in text(send(street, act(formation, "queren"), **confirm), 422)
    listed = "\n".join(f"{owner_name(n)} 1幢 {n:03d}室" for n in (1, 2, 3))
    rows = {row.unit_id: row for row in Candidate.objects.all()}
    meeting = {
        "held_on": ON,
        "present": listed,
        "text": "推选两幢的楼幢长",
        "chosen": [rows[one.pk].pk, rows[far.pk].pk],
    }
    form = act(formation, "daibiao")
    assert "请附上会议记录" in text(send(street, form, **meeting), 422)
    wrong = {**meeting, "present": f"{owner_name(9)} 1幢 001室", "minutes": minutes()}
    assert "的业主不是这个姓名" in text(send(street, form, **wrong), 422)
    nowhere = {**meeting, "present": f"{owner_name(1)} 9幢 001室", "minutes": minutes()}
    assert "小区里没有登记9幢001室" in text(send(street, form, **nowhere), 422)
    both = {**meeting, "chosen": [rows[one.pk].pk, rows[two.pk].pk], "minutes": minutes()}
    assert "同一幢勾选了两名" in text(send(street, form, **both), 422)
    assert not RepresentativeMeeting.objects.exists()
    assert send(street, form, **meeting, minutes=minutes()).status_code == 303
    held = RepresentativeMeeting.objects.get()
    shown = text(street.get(reverse("bodies:representatives", args=[held.pk])))
    assert "3人" in shown and "推选两幢的楼幢长" in shown and MINUTES in shown and "业*" in shown

    assert "还没有公示" in text(send(street, act(formation, "queren"), from_on=ON), 422)
    assert send(street, act(formation, "tuixuangongshi"), from_on=ON).status_code == 303
    notice = text(street.get(reverse("bodies:notice", args=[formation.pk])))
    assert "经业主代表会议推选" in notice and owner_name(1) in notice and owner_name(2) not in notice
    later(cast, "2022-05-13")
    street = at(client, cast, "street_office")
    assert "公示期还没有满" in text(send(street, act(formation, "queren"), from_on="2022-05-12"), 422)
    assert send(street, act(formation, "queren"), from_on="2022-05-13").status_code == 303
    seated = members_on(body_on(estate, "building_stewards", day("2022-05-13")), day("2022-05-13"))
    assert {(row.building, row.chosen_at, row.source) for row in seated} == {
        (b, held, "chosen") for b in (first, second)
    }
    assert steward_plan(estate, day("2022-05-13")).rate == "100.00%"
    formation.refresh_from_db()
    assert formation.state == "formed"


@pytest.mark.clause("JJ-A5-2.1-1")
def test_nobody_is_seated_as_a_steward_without_the_record_of_a_meeting(client):
    cast = city("jiujiang", ON)
    representatives(cast, ON)
    street = at(client, cast, "street_office")
    stewards = bodies.register_body(
        kind="building_stewards", place=cast.estate.place, estate=cast.estate, formed_on=day(ON), actor=SYSTEM,
        now=cast.now,
    )  # fmt: skip
    first = cast.estate.buildings.order_by("name")[0]
    given = {"side": "owner", "post": "member", "name": "李楼长", "building": first.pk, "from_on": ON}
    refused = text(send(street, act(stewards, "xiwei"), **given), 422)
    assert "要由业主代表会议推选" in refused and "JJ-A5-2.1-1" in refused
    meeting = RepresentativeMeeting.objects.get()
    assert send(street, act(stewards, "xiwei"), **given, chosen_at=meeting.pk).status_code == 303
    assert steward_plan(cast.estate, day(ON)).filled == 1
    with pytest.raises(Refused) as only_committees:
        formation = bodies.start_formation(
            cast.estate, kind="building_stewards", trigger="appointment", started_on=day(ON), actor=SYSTEM, now=cast.now
        )
        bodies.take_election(formation, elected=[], held_on=day(ON), actor=SYSTEM, now=cast.now)
    assert only_committees.value.code == "formation_kind"


@pytest.mark.clause("JJ-4.1.12-1", "JJ-4.1.12-2", "JJ-4.1.13-1")
def test_shares_are_written_with_the_decimals_of_the_document(client):
    cast = city("jiujiang", ON)
    places = rate_places(cast.estate.place_path, day(ON))
    target = core.ask("governance.body_coverage", {}, place_path=cast.county.path, on=day(ON)).value["target"]
    rate = lambda part, whole: Coverage("", part, whole, (), (), target, (), (), places)  # noqa: E731
    assert [(rate(part, 120).rate, rate(part, 120).met) for part in (60, 59)] == [("50.00%", True), ("49.17%", False)]
    assert (rate(49_999, 100_000).rate, rate(49_999, 100_000).met) == ("49.99%", False)
    assert [percent_words(share(part, 7), places=places) for part in (3, 4)] == ["42.86%", "57.14%"]
    assert [percent_words(share(part, whole), places=places) for part, whole in ((3, 6), (11, 12))] == [
        "50.00%",
        "91.67%",
    ]
    body = committee(cast, cast.estate, members=7, party=3)
    page = text(at(client, cast, "street_office").get(reverse("bodies:body", args=[body.pk])))
    assert "42.86%" in page and "党员" in page


@pytest.mark.clause("MX-3.7.1-1")
def test_the_parks_office_is_listed_apart_from_the_streets(client):
    cast = city("meixian", "2023-03-06")
    assert rate_places(cast.estate.place_path, day("2023-03-06")) == 1
    bodies.adopt_text(
        cast.street, kind="committee_rules", title="业委会管理制度", text="一", from_on=day("2023-03-06"), actor=SYSTEM,
        now=cast.now,
    )  # fmt: skip
    core.set_switch(
        place=cast.county, pack="meixian", name="park_offices", value="园区管委会、科技园", from_on=day("2023-03-06"),
        actor=SYSTEM, reason="会议决定", now=cast.now,
    )  # fmt: skip
    park = Place.objects.create(
        code="610326900", name="科技园", short_name="科技园", level="street", parent=cast.county,
        path=f"{cast.county.path}610326900/",
    )  # fmt: skip
    county = reverse("bodies:place", args=[cast.county.pk])
    office = at(client, cast, "housing")
    page = text(office.get(county))
    assert f"1/{len(cast.streets)}" in page and "另列的单位" in page and "园区管委会" in page
    form = reverse("bodies:act", args=["place", cast.county.pk, "linglie"])
    rules = {
        "issuer": "园区管委会",
        "kind": "committee_rules",
        "title": "园区制度",
        "text": "一",
        "from_on": "2023-03-06",
    }
    assert send(office, form, **rules).status_code == 303
    assert send(office, form, **{**rules, "text": "二", "from_on": "2023-03-06"}).status_code == 303
    page = text(office.get(county))
    assert "园区制度（第2版）" in page and f"1/{len(cast.streets)}" in page
    latest = AdoptedText.objects.order_by("-pk")[0]
    own = {"kind": "committee_rules", "title": "科技园制度", "text": "一", "from_on": day("2023-03-06")}
    bodies.adopt_text(park, **own, actor=SYSTEM, now=cast.now)
    page = text(office.get(county))
    assert "科技园制度（第1版）" in page and f"1/{len(cast.streets)}" in page
    assert "园区制度（第1版）" in text(office.get(reverse("bodies:text", args=[latest.pk])))
    assert "请从列表里选" in text(send(office, form, **{**rules, "issuer": "别的单位"}), 422)
    assert "园区管委会" not in text(office.get(reverse("bodies:place", args=[cast.street.pk])))
