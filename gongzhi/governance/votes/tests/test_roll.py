"""What the roll takes from the registry: whose area, from which source, and what is still the developer's."""

from decimal import Decimal
from typing import Any

import pytest

from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.core.tests.cast import Cast
from gongzhi.governance.bodies.tests.steps import city, day, moment, owners
from gongzhi.governance.electors import electors_on
from gongzhi.governance.votes import services as votes
from gongzhi.governance.votes.models import Vote
from gongzhi.governance.votes.services.sales import sale_answer
from gongzhi.registry import services as registry
from gongzhi.registry.models import Unit

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system()


@pytest.fixture
def jinhua() -> Cast:
    return city("jinhua", "2024-05-06")


def drafted(cast: Cast) -> Vote:
    return votes.draft_vote(
        cast.estate, title="第一次业主大会", convener="street_office", opens_at=moment("2024-05-27"),
        closes_at=moment("2024-06-10", 18), motions=[votes.MotionDraft("use_fund", "修电梯")],
        actor=cast.actor("street_office"), now=cast.now,
    )  # fmt: skip


def frozen(cast: Cast) -> Vote:
    return votes.freeze_roll(drafted(cast), actor=cast.actor("street_office"), now=cast.now)


def deliver(cast: Cast, unit: Any, delivered: bool) -> None:
    registry.record_unit_fact(
        unit, name="delivered", value=delivered, from_on=day("2024-05-01"), actor=SYSTEM, now=cast.now
    )


@pytest.mark.clause("SPC-9")
def test_what_is_sold_and_not_handed_over_is_the_developers_one_person_with_what_is_unsold(jinhua: Cast) -> None:
    """T5 in small: two not handed over, one unsold, three with their owners: four people."""
    homes = owners(jinhua.estate, 5)
    for unit in homes[:2]:
        deliver(jinhua, unit, delivered=False)
    deliver(jinhua, homes[2], delivered=True)
    registry.register_unit(
        homes[0].building, name="空置室", exclusive_area_m2=Decimal(100), area_source="register", actor=SYSTEM,
        now=moment("2020-01-02"),
    )  # fmt: skip
    vote = frozen(jinhua)
    rows = {one.room: (one.stock, one.owners) for one in vote.roll.all()}
    held = [stock for stock, who in rows.values() if who == ["developer"]]
    assert sorted(held) == ["undelivered", "undelivered", "unsold"]
    roll = votes.roll_of(vote)
    assert sum(one.stock == "undelivered" for one in roll.units) == 2
    found = electors_on(jinhua.estate, day("2024-05-06"))
    assert (found.head_count, found.area) == (4, 60_000)
    deliver(jinhua, homes[0], delivered=True)
    assert electors_on(jinhua.estate, day("2024-05-06")).head_count == 5


@pytest.mark.clause("SPC-9")
def test_a_resale_of_what_is_not_handed_over_changes_nobody_on_the_roll(jinhua: Cast) -> None:
    homes = owners(jinhua.estate, 3)
    deliver(jinhua, homes[0], delivered=False)
    vote = frozen(jinhua)
    street = jinhua.actor("street_office")
    vote = votes.check_vote(vote, agreed=True, opinion="", actor=street, now=jinhua.now)
    vote = votes.notice_vote(vote, published_on=day("2024-05-06"), silence_told=False, actor=street, now=jinhua.now)
    registry.transfer_unit(
        homes[0], owners=[registry.OwnerInput("新买主", "13911110000", "", None)], from_on=day("2024-05-20"),
        actor=SYSTEM, now=moment("2024-05-20"),
    )  # fmt: skip
    entry = vote.roll.get(unit=homes[0])
    assert not sale_answer(vote, entry, day("2024-05-21")).changed
    assert entry.voters == ["developer"]


@pytest.mark.clause("SPC-8")
def test_the_register_goes_before_the_survey_and_the_survey_before_the_contract(jinhua: Cast) -> None:
    """What stands in the registry of titles is taken where it is known; otherwise the roll says where it is from."""
    homes = owners(jinhua.estate, 3)
    for unit, area, source in ((homes[1], "95.00", "survey"), (homes[2], "90.00", "contract")):
        registry.correct_area(unit, exclusive_area_m2=Decimal(area), area_source=source, actor=SYSTEM, now=jinhua.now)
    before = {one.room: (one.area, one.area_source) for one in frozen(jinhua).roll.all()}
    assert sorted(before.values()) == [(9_000, "contract"), (9_500, "survey"), (10_000, "register")]
    registry.correct_area(
        homes[2], exclusive_area_m2=Decimal("91.20"), area_source="register", actor=SYSTEM, now=jinhua.now
    )
    vote = frozen(jinhua)
    after = {one.room: (one.area, one.area_source) for one in vote.roll.all()}
    assert sorted(after.values()) == [(9_120, "register"), (9_500, "survey"), (10_000, "register")]
    for unit, source in ((homes[2], "survey"), (homes[2], "contract"), (homes[1], "contract")):
        with pytest.raises(Refused) as refused:
            registry.correct_area(
                Unit.objects.get(pk=unit.pk), exclusive_area_m2=Decimal("99.00"), area_source=source,
                from_on=day("2024-05-02"), actor=SYSTEM, now=jinhua.now,
            )  # fmt: skip
        assert refused.value.clause == "SPC-8"


@pytest.mark.clause("CC-280", "SPC-12")
def test_the_result_that_stands_tells_until_when_a_court_may_be_asked(jinhua: Cast, client: Any) -> None:
    owners(jinhua.estate, 3)
    vote, street = frozen(jinhua), jinhua.actor("street_office")
    vote = votes.check_vote(vote, agreed=True, opinion="", actor=street, now=jinhua.now)
    vote = votes.notice_vote(vote, published_on=day("2024-05-06"), silence_told=False, actor=street, now=jinhua.now)
    vote = votes.open_vote(vote, actor=street, now=vote.opens_at)
    vote = votes.close_vote(vote, actor=street, now=vote.closes_at)
    vote = votes.publish_result(vote, published_on=day("2024-06-11"), actor=street, now=moment("2024-06-11"))
    page = f"/biaojue/jieguo/{vote.pk}/"
    assert "请求人民法院撤销" not in client.get(page).content.decode()
    votes.finalise(vote, actor=street, now=moment("2024-06-25"))
    shown = client.get(page).content.decode()
    assert "知道决定之日起1年内请求人民法院撤销" in shown and "第二百八十条" in shown
