"""Estates that become one area: what cannot be in the way, what ends with the estate, what the area goes on owing."""

from datetime import date

import pytest

from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.core.models import Event
from gongzhi.core.tests.cast import Cast
from gongzhi.duties.models import Duty
from gongzhi.governance.bodies import services as bodies
from gongzhi.governance.bodies.models import Body, Formation
from gongzhi.governance.votes import services as votes
from gongzhi.governance.votes.models import Vote
from gongzhi.governance.votes.tests import steps as voting
from gongzhi.registry import services as registry
from gongzhi.registry.models import Estate, Project
from gongzhi.registry.services import division
from tests.test_estate_moves import RECEIVED, town

__all__ = ["town"]

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system()
FROM = date(2022, 5, 5)


@pytest.fixture(autouse=True)
def agreed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(division, "_agreed", lambda *_, **__: None)  # the opinion is tried in the registry's tests


def merge(into: Estate, gone: Estate) -> Estate:
    Project.objects.filter(estate=gone).delete()
    return registry.merge_estates(into, others=[gone], from_on=FROM, actor=SYSTEM, now=RECEIVED)


@pytest.mark.parametrize("voting_in", ["gone", "into"])
def test_no_area_changes_under_a_vote_that_is_under_way(town: Cast, voting_in: str) -> None:
    vote = voting.opened(town)
    pair = (town.estate_unknown, town.estate) if voting_in == "gone" else (town.estate, town.estate_unknown)
    with pytest.raises(Refused, match=vote.title) as refused:
        merge(*pair)
    assert refused.value.code == "votes_under_way"
    assert not Event.objects.filter(kind__in=("estate.merged", "estate.enlarged")).exists()
    buildings = list(town.estate.buildings.order_by("name"))
    with pytest.raises(Refused, match="办完或者终止"):
        registry.split_estate(
            town.estate, buildings=buildings[:1], name="新苑", from_on=FROM, actor=SYSTEM, now=RECEIVED
        )
    votes.stop_vote(vote, reason="区域要调整", actor=town.actor("community_station"), now=RECEIVED)
    merge(*pair)


def test_a_vote_whose_result_stands_is_in_nobodys_way(town: Cast) -> None:
    vote = voting.opened(town)
    Vote.objects.filter(pk=vote.pk).update(state="final")
    merge(town.estate_unknown, town.estate)


def test_what_was_begun_to_found_an_assembly_ends_and_so_does_the_duty_to_lead_it(town: Cast) -> None:
    gone, into = town.estate, town.estate_unknown
    for one in (gone, into):
        bodies.meet_conditions(one, met_on=FROM, actor=SYSTEM, now=RECEIVED)
    running = bodies.start_formation(
        gone, kind="owners_committee", trigger="failed", started_on=FROM, actor=SYSTEM, now=RECEIVED
    )
    other = bodies.start_formation(
        into, kind="owners_committee", trigger="failed", started_on=FROM, actor=SYSTEM, now=RECEIVED
    )
    merge(into, gone)
    running.refresh_from_db()
    assert running.state == "stopped" and f"并入{into.name}" in running.reason
    assert Formation.objects.get(pk=other.pk).state == "open"


def test_a_duty_that_only_the_living_estate_owes_ends_and_the_area_goes_on_owing_its_own(town: Cast) -> None:
    gone, into = town.estate, town.estate_unknown
    for one in (gone, into):
        bodies.meet_conditions(one, met_on=FROM, actor=SYSTEM, now=RECEIVED)
    found = {one.subject_id: one for one in Duty.objects.filter(rule="found_assembly")}
    assert all(one.running for one in found.values()) and len(found) == 2  # noqa: PLR2004
    merge(into, gone)
    assert Duty.objects.get(pk=found[str(gone.pk)].pk).state == "void"
    assert Duty.objects.get(pk=found[str(into.pk)].pk).running
    ended = Event.objects.get(kind="estate.merged")
    assert ended.subject_id == str(gone.pk) and Event.objects.get(kind="estate.enlarged").subject_id == str(into.pk)


def test_a_committee_in_office_stays_until_it_has_wound_up(town: Cast) -> None:
    body = Body.objects.create(
        kind="owners_committee", name="业主委员会", estate=town.estate, state="in_office", formed_on=date(2021, 1, 1),
        place_path=town.estate.place_path,
    )  # fmt: skip
    merge(town.estate_unknown, town.estate)
    body.refresh_from_db()
    assert body.state == "in_office"
    ended = bodies.end_body(body, ended_on=FROM, reason="other", actor=town.actor("street_office"), now=RECEIVED)
    assert ended.state == "ended"
