"""The main way over the API: by the page's own forms, with their rules and refusals."""

import pytest

from gongzhi.core.tests.calling import Caller, key_for
from gongzhi.core.tests.cast import now_in
from gongzhi.mediation.models import MediationFile
from gongzhi.mediation.tests.steps import at, city


@pytest.fixture
def cast(db):
    return now_in(city, "jiujiang")


@pytest.fixture
def room(cast):
    """A program of the mediation room."""
    at(cast, "mediation_room")
    return Caller(key_for(cast, "mediation_room", "mediation:read", "mediation:write"))


APPLICATION = {
    "source": "found", "matter": "service_charge_dispute", "text": "物业费计费面积不对。", "applicant_kind": "owner",
    "applicant_name": "王五", "respondent_kind": "property_company",
}  # fmt: skip


def applied(room, cast, **fields):
    return room.post(f"/estates/{cast.estate.pk}/mediations", {"fields": {**APPLICATION, **fields}})


def act(caller, row, code, **fields):
    tag = caller.get(f"/mediations/{row.pk}").headers["ETag"]
    return caller.post(f"/mediations/{row.pk}/acts/{code}", {"fields": fields}, match=tag)


def test_a_program_applies_mediates_settles_visits_and_archives(room, cast):
    today = cast.now.date().isoformat()
    asked = room.get(f"/estates/{cast.estate.pk}/mediations/form").json()
    assert {"matter", "text", "respondent_kind"} <= {one["name"] for one in asked["fields"]}
    made = applied(room, cast)
    assert made.status_code == 201, made.content.decode()
    row = MediationFile.objects.get()
    shown = room.get(f"/mediations/{row.pk}").json()
    assert (shown["id"], shown["state"], shown["source"]) == (row.pk, "applied", "found")
    assert {"tongyi", "shouli", "bushouli"} <= {one["act"] for one in shown["acts"]}
    refused = act(room, row, "shouli")
    assert refused.status_code == 422 and "先征得同意" in refused.json()["message"]
    for party in row.parties.all():
        done = act(room, row, "tongyi", party=party.pk, agrees="yes", how="written")
        assert done.status_code == 200, done.content.decode()
    assert act(room, row, "shouli").status_code == 200
    assert act(room, row, "xieyi", terms="按实测面积补退。", agreed_on=today).status_code == 200
    assert act(room, row, "guidang").json()["code"] == "not_visited"
    assert act(room, row, "huifang", on=today, performed="yes").status_code == 200
    assert act(room, row, "guidang").status_code == 200
    read = room.get(f"/mediations/{row.pk}").json()
    assert (read["state"], read["outcome"], [one["result"] for one in read["stages"]]) == (
        "closed", "agreed", ["agreed"],
    )  # fmt: skip
    listed = room.get("/mediations", {"state": "closed"}).json()["items"]
    assert [one["number"] for one in listed] == [row.number]
    figures = room.get("/statistics/mediations", {"from_on": today, "to_on": today}).json()
    assert (figures["whole"]["agreed"], figures["whole"]["rate"]) == (1, "100.0%")


def test_what_lacks_is_named_by_its_field_and_an_older_version_refused(room, cast):
    refused = applied(room, cast, text="")
    assert refused.status_code == 422 and "text" in refused.json()["fields"]
    applied(room, cast)
    row = MediationFile.objects.get()
    old = room.get(f"/mediations/{row.pk}").headers["ETag"]
    party = {"party": row.parties.first().pk, "agrees": "yes", "how": "written"}
    assert room.post(f"/mediations/{row.pk}/acts/tongyi", {"fields": party}, match=old).status_code == 200
    late = room.post(f"/mediations/{row.pk}/acts/bushouli", {"fields": {"reason": "重复"}}, match=old)
    assert late.status_code == 412


def test_those_above_read_the_file_without_what_was_said_and_another_town_nothing(room, cast):
    applied(room, cast)
    row = MediationFile.objects.get()
    assert room.get(f"/mediations/{row.pk}").json()["text"] == APPLICATION["text"]
    above = Caller(key_for(cast, "street_office", "mediation:read"))
    assert above.get(f"/mediations/{row.pk}").json()["text"] == ""
    elsewhere = Caller(key_for(cast, "street_office@2", "mediation:read"))
    assert elsewhere.get(f"/mediations/{row.pk}").status_code in (403, 404)
    assert elsewhere.get("/mediations").json()["items"] == []


def test_the_bodies_and_what_they_lack_are_read_by_a_program(room, cast):
    from gongzhi.mediation.tests.steps import registered

    registered(cast, "mediation_room", cast.community)
    above = Caller(key_for(cast, "street_office", "mediation:read"))
    seen = above.get("/mediation-bodies")
    assert seen.status_code == 200, seen.content.decode()
    assert seen.json()["bodies"][0]["lacking"] == ["调解室缺专职调解员", "调解室缺信息员"]
