"""Bodies and votes over the API: the forms, rights, rules and refusals of the pages."""

from datetime import timedelta
from typing import Any

import pytest

from gongzhi.core import middleware
from gongzhi.core.tests.calling import Caller, items, key_for, refused
from gongzhi.core.tests.cast import Cast
from gongzhi.governance.bodies.models import Formation
from gongzhi.governance.votes import queries
from gongzhi.governance.votes import services as votes
from gongzhi.governance.votes.models import Ballot, Vote, VoteLink
from gongzhi.governance.votes.tests import steps
from gongzhi.governance.votes.tests.steps import CLOSES, OPENS


@pytest.fixture
def call(cast: Cast) -> Any:
    """Keys that outlive the vote."""
    return lambda role, *scopes: Caller(key_for(cast, role, *scopes, days=90))


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch, cast: Cast) -> Any:
    def moved(now: Any) -> None:
        monkeypatch.setattr(middleware.timezone, "now", lambda: now)
        monkeypatch.setattr(queries, "database_now", lambda: now)

    moved(cast.now)
    return moved


def draft(cast: Cast, **more: Any) -> dict[str, Any]:
    fields = {
        "estate": cast.estate.pk, "name": "2022年第一次业主大会", "convener": "community_station",
        "opens_at": OPENS.isoformat(), "closes_at": CLOSES.isoformat(), "matter": "hire_company",
        "title": "续聘物业服务企业", **more,
    }  # fmt: skip
    return {"fields": fields}


def done(caller: Any, pk: int, act: str, **fields: Any) -> Any:
    tag = caller.get(f"/votes/{pk}").headers["ETag"]
    return caller.post(f"/votes/{pk}/acts/{act}", {"fields": fields}, match=tag)


def test_a_vote_from_draft_to_its_published_result(cast: Cast, call: Any, at: Any) -> None:
    steps.people(cast)
    clerk, street = call("community_station"), call("street_office")
    asked = {one["name"]: one for one in clerk.get("/forms/vote").json()["fields"]}
    assert asked["convener"]["required"] and not asked["scope"]["required"]
    made = clerk.post("/votes", draft(cast))
    assert made.status_code == 201, made.content.decode()
    pk = made.json()["id"]
    assert made.json()["motions"][0]["clauses"] and made.json()["turnout"] is None
    checking = {"act": "hedui", "title": "核对"}
    assert checking not in street.get(f"/votes/{pk}").json()["acts"]  # there is no roll yet
    assert done(clerk, pk, "mingce").status_code == 200
    assert checking in street.get(f"/votes/{pk}").json()["acts"]
    assert done(street, pk, "hedui", agreed="yes").status_code == 200
    early = done(clerk, pk, "kaishi")
    assert early.status_code in (409, 422) and early.json()["message"]
    assert done(clerk, pk, "gonggao", published_on=cast.now.date().isoformat()).status_code == 200
    at(OPENS)
    opened = done(clerk, pk, "kaishi")
    assert opened.status_code == 200 and opened.json()["kind"] == "vote"
    roll = items(clerk.get(f"/votes/{pk}/roll"))
    assert len(roll) == steps.UNITS and "业主" not in str([one["owners"] for one in roll])
    units = [one["unit"] for one in roll]
    service = {"units": units, "fields": {"how": "signed", "result": "served", "at": OPENS.isoformat()}}
    assert clerk.post(f"/votes/{pk}/service", service).status_code == 200
    vote = Vote.objects.get(pk=pk)
    for number in range(1, 8):
        steps.ballot(vote, number)
    turnout = clerk.get(f"/votes/{pk}").json()["turnout"]
    assert (turnout["units"], turnout["served"], turnout["waiting"]) == (7, 10, 0)
    at(CLOSES)
    assert done(clerk, pk, "jiezhi").status_code == 200
    assert clerk.get(f"/votes/{pk}/result").status_code == 404
    at(CLOSES + timedelta(days=1))
    day = (CLOSES + timedelta(days=1)).date().isoformat()
    shown = done(clerk, pk, "gongshi", day=day)
    assert shown.status_code == 200, shown.content.decode()
    result = clerk.get(f"/votes/{pk}/result").json()
    assert result["official"] and result["result"]["motions"][0]["outcome"] == "passed"
    other = clerk.get(f"/votes/{pk}/result", {"reading": "silence:deem_abstain"}).json()
    assert not other["official"]
    assert clerk.get(f"/votes/{pk}/result", {"reading": "silence:none"}).status_code == 404
    assert clerk.get(f"/votes/{pk}/package").content[:2] == b"PK"
    assert clerk.get(f"/votes/{pk}/proof").json()["ballots"] == 7


def test_an_older_version_is_refused_and_nothing_is_done(cast: Cast, call: Any, at: Any) -> None:
    steps.people(cast)
    clerk = call("community_station")
    pk = clerk.post("/votes", draft(cast)).json()["id"]
    tag = clerk.get(f"/votes/{pk}").headers["ETag"]
    assert done(clerk, pk, "mingce").status_code == 200
    refused(clerk.post(f"/votes/{pk}/acts/mingce", {"fields": {}}, match=tag), 412, "stale")
    refused(clerk.post(f"/votes/{pk}/acts/mingce", {"fields": {}}), 428, "if_match_missing")
    assert clerk.post(f"/votes/{pk}/acts/nichts", {"fields": {}}, match=tag).status_code == 404


def test_what_a_rule_refuses_names_its_clause(cast: Cast, call: Any, at: Any) -> None:
    steps.people(cast)
    clerk, street = call("community_station"), call("street_office")
    soon = (cast.now + timedelta(days=3)).isoformat()
    pk = clerk.post("/votes", draft(cast, opens_at=soon)).json()["id"]
    done(clerk, pk, "mingce")
    done(street, pk, "hedui", agreed="yes")
    answer = done(clerk, pk, "gonggao", published_on=cast.now.date().isoformat())
    told = refused(answer, 422, "notice_too_short")
    assert told["clauses"] and "published_on" in told["fields"]


def test_another_streets_key_and_one_without_the_scope_see_nothing(cast: Cast, call: Any, at: Any) -> None:
    vote = steps.opened(cast)
    assert call("community_station", "cases:read").get(f"/votes/{vote.pk}").status_code == 403
    owner = call("owner")
    assert owner.get(f"/votes/{vote.pk}").status_code == 404
    assert [one["id"] for one in items(owner.get("/votes"))] == [vote.pk]  # as on his page: that there is one
    assert owner.get(f"/votes/{vote.pk}/roll").status_code == 404
    assert owner.post("/votes", draft(cast)).status_code in (403, 422) and Vote.objects.count() == 1


def test_a_link_is_given_once_and_the_key_itself_votes_for_nobody(cast: Cast, call: Any, at: Any) -> None:
    vote = steps.opened(cast)
    clerk = call("community_station")
    unit = steps.entry(vote, 3).code
    address = clerk.post(f"/votes/{vote.pk}/roll/{unit}/link", {}, key="").json()["address"]
    token = address.rstrip("/").rpartition("/")[2]
    assert votes.link_of(token) is not None and token not in str(VoteLink.objects.values_list("token_hash"))
    assert not [path for path in paths() if path.endswith("/ballots") or "cast" in path]
    assert not Ballot.objects.exists()


def paths() -> list[str]:
    from gongzhi.site.api import api

    return list(api.get_openapi_schema()["paths"])


def test_a_proxy_is_registered_linked_and_revoked(cast: Cast, call: Any, at: Any) -> None:
    vote = steps.opened(cast)
    clerk = call("community_station")
    fields = {
        "room": "1幢001室", "agent_kind": "relative", "agent": "王某", "agent_phone": "13922220001", "m1": "agree",
        "signed": True, "valid_until": CLOSES.isoformat(),
    }  # fmt: skip
    made = done(clerk, vote.pk, "weituo", **fields)
    assert made.status_code == 200, made.content.decode()
    (row,) = clerk.get(f"/votes/{vote.pk}/proxies").json()
    assert row["id"] == "w1" and row["motions"] == ["m1"] and not row["revoked"] and "王" not in str(row)
    assert "/piao/" in clerk.post(f"/votes/{vote.pk}/proxies/w1/link", {}, key="").json()["address"]
    assert clerk.post(f"/votes/{vote.pk}/proxies/w1/revoke", {}).json() == {"proxy": "w1", "revoked": True}
    refused(clerk.post(f"/votes/{vote.pk}/proxies/w1/link", {}, key=""), 422, "revoked")


def test_the_form_that_a_program_is_shown_is_the_pages_own(cast: Cast, call: Any, at: Any) -> None:
    vote = steps.opened(cast, steps.motion(), steps.motion(title="其他事项", matter="other_major"))
    fields = call("community_station").get(f"/votes/{vote.pk}/acts/weituo").json()["fields"]
    assert [one["title"] for one in fields if one["name"] in ("m1", "m2")] == [
        "议题1　续聘物业服务企业",
        "议题2　其他事项",
    ]
    assert {"value": "oppose", "title": "委托，反对"} in next(one for one in fields if one["name"] == "m2")["choices"]


# -- bodies


def test_a_formation_begins_by_the_estates_act_and_is_read_as_its_page_shows_it(cast: Cast, call: Any, at: Any) -> None:
    street = call("community_station")  # here the community takes the first step
    place = f"/bodies/rows/estate/{cast.estate.pk}"
    seen = street.get(place)
    acts = {one["act"] for one in seen.json()["acts"]}
    assert {"qidong", "shenqing"} <= acts
    asked = street.get(f"{place}/acts/qidong").json()
    assert {one["name"] for one in asked["fields"]} >= {"kind", "trigger", "started_on"}
    fields = {"kind": "owners_committee", "trigger": "by_election", "started_on": cast.now.date().isoformat()}
    tag = seen.headers["ETag"]
    refused(street.post(f"{place}/acts/qidong", {"fields": fields}, match=tag), 422, "no_committee")
    fields["trigger"] = "failed"
    made = street.post(f"{place}/acts/qidong", {"fields": fields}, match=tag)
    assert made.status_code == 200, made.content.decode()
    formation = Formation.objects.get()
    assert (made.json()["kind"], made.json()["id"]) == ("formation", str(formation.pk))
    row = street.get(f"/bodies/rows/formation/{formation.pk}").json()
    assert row["title"] and any(one["line"] for one in row["sections"]) and row["acts"]
    wrong = street.post(f"{place}/acts/qidong", {"fields": {"kind": "x", "none": 1}}, match=tag)
    assert "none" in refused(wrong, 422, "invalid")["fields"]


def test_who_may_not_see_an_estate_sees_no_row_of_its_bodies(cast: Cast, call: Any, at: Any) -> None:
    street = call("street_office")
    assert street.get(f"/bodies/rows/estate/{cast.estate_outside.pk}").status_code == 403
    assert street.get("/bodies/rows/secret/1").status_code == 404
    refused(call("owner").get("/bodies"), 403, "forbidden")
    assert call("owner").get(f"/bodies/rows/estate/{cast.estate.pk}").json()["sections"]


def test_the_rate_of_bodies_comes_with_its_clause(cast: Cast, call: Any, at: Any) -> None:
    street, place = call("street_office"), f"/bodies/rows/estate/{cast.estate.pk}"
    fields = {"met_on": cast.now.date().isoformat()}
    tag = street.get(place).headers["ETag"]
    assert street.post(f"{place}/acts/tiaojian", {"fields": fields}, match=tag).status_code == 200
    body = call("housing").get("/statistics/bodies").json()
    assert (body["having"], body["whole"]) == (0, 1)
    assert items(call("housing").get("/bodies")) == []
