"""Only those decide whom a motion concerns: a building, an entrance. Nobody else gets a ballot or is counted."""

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.core.tests.cast import Cast
from gongzhi.governance.votes import queries
from gongzhi.governance.votes import services as votes
from gongzhi.governance.votes.models import Ballot, Vote
from gongzhi.governance.votes.tests import steps
from gongzhi.governance.votes.tests.test_pages import browse, post, words  # noqa: F401
from gongzhi.registry.models import Building, Unit
from gongzhi.registry.services import OwnerInput, register_unit, transfer_unit

pytestmark = pytest.mark.django_db


def homes(cast: Cast) -> list[Unit]:
    """Two entrances of three units each in the second building; their owners live nowhere else."""
    building = Building.objects.get(estate=cast.estate, name="2幢")
    made = []
    for entrance in (1, 2):
        for number in (1, 2, 3):
            unit = register_unit(
                building, name=f"{entrance}单元{number}01室", exclusive_area_m2=Decimal(80), area_source="register",
                area_from_on=steps.SINCE, actor=Actor.system(), now=cast.now,
            )  # fmt: skip
            owner = OwnerInput(f"住户{entrance}{number}", phone=f"1380000{entrance}{number}00")
            transfer_unit(unit, owners=[owner], from_on=steps.SINCE, actor=Actor.system(), now=cast.now)
            made.append(unit)
    return made


def of_entrance(cast: Cast, *lines: str, **more: Any) -> votes.MotionDraft:
    buildings, entrances = votes.named_scope(cast.estate, lines, on=cast.now.date())
    return steps.motion(
        **{"matter": "use_fund", "title": "换电梯", "buildings": buildings, "entrances": entrances, **more}
    )


def opened(cast: Cast, *motions: votes.MotionDraft) -> Vote:
    vote = steps.opened(cast, *motions)
    votes.serve(
        vote, units=[one.code for one in votes.concerned(vote)], how="signed", result="served", at=steps.OPENS,
        actor=cast.actor("community_station"), now=steps.OPENS,
    )  # fmt: skip
    return vote


def vote_of(vote: Vote, room: str, choice: Any = "agree", **more: Any) -> Ballot:
    row = vote.roll.get(room=room)
    given = votes.Given(
        **{
            "voter": row.owners[0], "units": [row.code], "choices": {"m1": choice}, "channel": "phone",
            "at": steps.VOTING, "key": f"{room}{choice}", **more,
        }
    )  # fmt: skip
    return votes.cast(vote, given=given, now=steps.VOTING)


@pytest.fixture
def quiet(cast: Cast) -> Cast:
    homes(cast)
    return cast


def test_an_entrance_alone_decides_by_its_own_units(quiet: Cast) -> None:
    vote = opened(quiet, of_entrance(quiet, "2幢2单元"))
    assert [one.room for one in votes.concerned(vote).order_by("room")] == [
        "2幢2单元101室", "2幢2单元201室", "2幢2单元301室",
    ]  # fmt: skip
    assert vote.rules is not None and vote.rules["motions"][0]["scope"]["of"] == ["2幢2单元"]
    vote_of(vote, "2幢2单元101室")
    vote_of(vote, "2幢2单元201室")
    shown = queries.turnout(vote)
    assert (shown.units, shown.all_units, shown.heads, shown.all_heads, shown.all_area) == (2, 3, 2, 3, 24000)
    assert (queries.service_of(vote).served, queries.service_of(vote).waiting) == (3, 0)
    counted = votes.counted(steps.closed(quiet, vote)).motions[0]
    assert counted.outcome == "passed"  # two of three took part and agreed: of the sixteen units it would be none
    assert (counted.tallied.base.heads, counted.tallied.base.area) == (3, 24000)


def test_a_unit_of_the_next_entrance_has_no_ballot(quiet: Cast) -> None:
    vote = opened(quiet, of_entrance(quiet, "2幢2单元"))
    with pytest.raises(Refused) as refused:
        vote_of(vote, "2幢1单元101室")
    assert refused.value.code == "nothing_to_decide" and not Ballot.objects.exists()
    outsider = vote.owners.get(code=vote.roll.get(room="2幢1单元101室").owners[0])
    token = votes.make_link(vote, owner=outsider, actor=quiet.actor("community_station"), now=steps.OPENS)
    assert votes.units_of(vote, outsider.code) == ()
    assert votes.link_of(token) is not None


def test_two_motions_reach_two_circles(quiet: Cast) -> None:
    """The estate decides on one, an entrance on the other: everybody gets a ballot, with what concerns him."""
    vote = opened(quiet, steps.motion(), of_entrance(quiet, "2幢1单元"))
    assert votes.concerned(vote).count() == vote.roll.count()
    inside, outside = vote.roll.get(room="2幢1单元101室"), vote.roll.get(room="1幢001室")
    with pytest.raises(Refused) as refused:
        votes.cast(
            vote,
            given=votes.Given(inside.owners[0], [inside.code], {"m1": "agree", "m2": "?"}, "phone", steps.VOTING, "x"),
        )
    assert refused.value.code.startswith("mark_")
    for row, choices in ((inside, {"m1": "agree", "m2": "oppose"}), (outside, {"m1": "agree"})):
        votes.cast(vote, given=votes.Given(row.owners[0], [row.code], choices, "phone", steps.VOTING, f"k{row.code}"))
    first, second = votes.counted(steps.closed(quiet, vote)).motions
    assert (first.tallied.votes.agree.heads, second.tallied.votes.oppose.heads) == (2, 1)
    assert second.tallied.base.heads == 3


def test_a_building_and_an_entrance_of_another_decide_together(quiet: Cast) -> None:
    """1幢 as a whole and 2幢1单元: the pipe between them. Nobody of 2幢2单元 is asked or counted."""
    vote = opened(quiet, of_entrance(quiet, "1幢", "2幢1单元"))
    assert vote.rules is not None
    assert vote.rules["motions"][0]["scope"] == {"level": "parts", "of": ["1幢", "2幢1单元"], "clauses": []}
    rooms = set(votes.concerned(vote).values_list("room", flat=True))
    inside = {one.room for one in vote.roll.all() if one.building == "1幢" or one.entrance == "2幢1单元"}
    assert rooms == inside and "2幢2单元101室" not in rooms and len(rooms) > 3
    for room in rooms:
        vote_of(vote, room)
    with pytest.raises(Refused) as refused:
        vote_of(vote, "2幢2单元101室")
    assert refused.value.code == "nothing_to_decide"
    counted = votes.counted(steps.closed(quiet, vote)).motions[0]
    assert counted.outcome == "passed" and counted.tallied.silent.heads == 0
    assert counted.tallied.base.area == sum(one.area for one in vote.roll.all() if one.room in inside)
    assert any("楼幢和单元（1幢、2幢1单元）" in one.says for one in counted.steps)


def test_an_entrance_of_a_building_that_decides_as_a_whole_adds_nothing(quiet: Cast) -> None:
    buildings, entrances = votes.named_scope(quiet.estate, ["2幢1单元", "2幢"], on=quiet.now.date())
    assert [one.name for one in buildings] == ["2幢"] and entrances == []


def test_what_is_typed_as_scope_is_known_to_the_registry(quiet: Cast) -> None:
    on = quiet.now.date()
    assert votes.named_scope(quiet.estate, ["", " "], on=on) == ([], [])
    buildings, entrances = votes.named_scope(quiet.estate, ["1 幢"], on=on)
    assert [one.name for one in buildings] == ["1幢"] and entrances == []
    for text, code in (("9幢", "scope_unknown"), ("2幢3单元", "scope_unknown")):
        with pytest.raises(Refused) as refused:
            votes.named_scope(quiet.estate, text.split(), on=on)
        assert refused.value.code == code and "scope" in refused.value.fields


def test_nobody_of_the_building_is_left_out_for_want_of_an_entrance(quiet: Cast) -> None:
    building = Building.objects.get(estate=quiet.estate, name="2幢")
    unit = register_unit(
        building, name="门卫室", exclusive_area_m2=Decimal(20), area_source="register", area_from_on=steps.SINCE,
        actor=Actor.system(), now=quiet.now,
    )  # fmt: skip
    with pytest.raises(Refused) as refused:
        of_entrance(quiet, "2幢1单元")
    assert refused.value.code == "entrance_unknown" and "门卫室" in refused.value.message
    Unit.objects.filter(pk=unit.pk).update(entrance=1)
    vote = opened(quiet, of_entrance(quiet, "2幢1单元"))
    assert votes.concerned(vote).filter(room="2幢门卫室").exists()


def test_the_desk_asks_what_concerns_the_room(quiet: Cast, browse: Any) -> None:  # noqa: F811
    vote = opened(quiet, steps.motion(), of_entrance(quiet, "2幢1单元"))
    clerk: Client = browse("community_station")
    url = f"/biaojue/{vote.pk}/ban/xianchang/"
    assert "只由2幢1单元表决" in words(clerk.get(url))
    missing = post(clerk, url, room="2幢1单元101室", m1="agree")
    assert missing.status_code == 422 and "这套房屋也要表决" in words(missing)
