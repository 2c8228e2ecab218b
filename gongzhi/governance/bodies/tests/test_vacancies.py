"""Vacant seats are filled by substitutes first, then by a by-election; the members choose their head."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from gongzhi.core import services as core
from gongzhi.core.errors import Refused
from gongzhi.core.tests.cast import Cast
from gongzhi.governance.bodies import services as bodies
from gongzhi.governance.bodies.models import Body, BodyDecision, Formation, Member
from gongzhi.governance.bodies.queries.bodies import members_on
from gongzhi.governance.bodies.services import Winner
from gongzhi.governance.bodies.services.bringing import bring_in_committee
from gongzhi.governance.bodies.tests import steps

pytestmark = pytest.mark.django_db


def left(cast: Cast, body: Body, count: int) -> None:
    """So many members have left by today."""
    on = core.local_day(cast.now)
    for one in members_on(body, on)[-count:]:
        bodies.end_seat(
            one, to_on=on - timedelta(days=1), reason="辞职", actor=cast.actor("street_office"), now=cast.now
        )


def begun(cast: Cast, **more: Any) -> Formation:
    on = core.local_day(cast.now)
    given = {"kind": "owners_committee", "trigger": "by_election", "started_on": on, "actor": steps.SYSTEM, **more}
    return bodies.start_formation(cast.estate, **given, now=cast.now)


def candidates(cast: Cast, formation: Formation, count: int) -> list[Any]:
    for step in ("group", "candidates", "assembly"):
        bodies.guide(
            cast.estate, formation=formation, step=step, text="到场指导", on=core.local_day(cast.now),
            actor=cast.actor("street_office"), now=cast.now,
        )  # fmt: skip
    homes = steps.owners(cast.estate, count, building="2幢", start=50)
    return steps.passed(cast, steps.nominated(cast, formation, homes, party=count))


def term(cast: Cast) -> Body:
    body = steps.committee(cast, cast.estate, term_until="2027-05-04")
    steps.later(cast, "2024-03-04")
    return body


@pytest.fixture
def cast() -> Cast:
    return steps.city("jiujiang", "2023-05-05")


def test_nobody_comes_into_an_elected_committee_but_by_an_election(cast: Cast) -> None:
    body = term(cast)
    left(cast, body, 1)
    street, on = cast.actor("street_office"), core.local_day(cast.now)
    with pytest.raises(Refused) as refused:
        given = bodies.SeatInput(person=bodies.PersonInput("某人"))
        bodies.fill_seat(body, given=given, from_on=on, actor=street, now=cast.now)
    assert refused.value.code == "seat_by_election" and "补选" in refused.value.message
    client = Client()
    client.force_login(cast.user("street_office"))
    shown = client.get(reverse("bodies:body", args=[body.pk])).content.decode()
    assert "/liren/" in shown and "/xiwei/" not in shown


def test_the_members_of_a_committee_elected_before_the_platform_are_entered_as_elected(cast: Cast) -> None:
    on = core.local_day(cast.now)
    bring_in_committee(
        cast.estate, kind="owners_committee", formed_on=on, seats=5, head="甲某", actor=steps.SYSTEM, now=cast.now
    )
    body = Body.objects.get(kind="owners_committee")
    for name, source in (("乙某", ""), ("丙某", "appointed")):  # the page says "appointed" where nothing was picked
        given = bodies.SeatInput(person=bodies.PersonInput(name), side="owner", source=source)
        made = bodies.fill_seat(body, given=given, from_on=on, actor=cast.actor("street_office"), now=cast.now)
        assert made.source == "elected"


def test_a_by_election_seats_the_winners_beside_the_others_for_what_is_left_of_the_term(cast: Cast) -> None:
    body = term(cast)
    left(cast, body, 2)
    formation = begun(cast)
    first, second, third = candidates(cast, formation, 3)
    on, street = core.local_day(cast.now), cast.actor("street_office")
    bodies.publish_candidates(formation, seats=2, from_on=on, actor=street, now=cast.now)
    formation.refresh_from_db()
    got = bodies.take_election(
        formation, elected=[Winner(first.pk, 90, 1), Winner(second.pk, 80, 1)], held_on=on, actor=street, now=cast.now
    )
    body.refresh_from_db()
    assert got == body and body.state == "in_office" and body.term == 1
    assert str(body.term_until) == "2027-05-04"
    sitting = members_on(body, on)
    assert len(sitting) == 5
    assert {one.person for one in sitting if one.source_note == "补选"} == {first.person, second.person}
    formation.refresh_from_db()
    assert (formation.state, formation.body) == ("formed", body)
    third.refresh_from_db()
    assert third.member is None


def test_the_committee_itself_convenes_the_vote_of_a_by_election(cast: Cast, client: Client) -> None:
    left(cast, term(cast), 1)
    formation = begun(cast)
    client.force_login(cast.user("street_office"))
    draft = client.get(reverse("governance:draft"), {"yi": formation.ref.key}).content.decode()
    assert '<option value="owners_committee" selected>' in draft
    shown = client.get(reverse("bodies:formation", args=[formation.pk])).content.decode()
    assert shown.index("登记人选") < shown.index("成立筹备组")


def test_nobody_elected_leaves_the_by_election_open(cast: Cast) -> None:
    body = term(cast)
    left(cast, body, 1)
    formation = begun(cast)
    candidates(cast, formation, 1)
    on, street = core.local_day(cast.now), cast.actor("street_office")
    assert bodies.take_election(formation, elected=[], held_on=on, actor=street, now=cast.now) is None
    formation.refresh_from_db()
    assert formation.state == "open" and len(members_on(body, on)) == 4


def test_no_by_election_without_a_vacancy_and_none_below_half(cast: Cast) -> None:
    body = term(cast)
    with pytest.raises(Refused) as refused:
        begun(cast)
    assert refused.value.code == "no_vacancy"
    left(cast, body, 3)
    with pytest.raises(Refused) as refused:
        begun(cast)
    assert refused.value.code == "below_half" and "2名" in refused.value.message
    assert begun(cast, trigger="re_election").trigger == "re_election"


def test_more_seats_than_are_vacant_are_not_put_to_the_vote(cast: Cast) -> None:
    body = term(cast)
    left(cast, body, 1)
    formation = begun(cast)
    rows = candidates(cast, formation, 2)
    on, street = core.local_day(cast.now), cast.actor("street_office")
    for seats, substitutes in ((2, 0), (1, 1)):
        with pytest.raises(Refused) as refused:
            bodies.publish_candidates(
                formation, seats=seats, substitutes=substitutes, from_on=on, actor=street, now=cast.now
            )
        assert refused.value.code == "by_election_seats"
    with pytest.raises(Refused) as refused:
        bodies.take_election(
            formation, elected=[Winner(one.pk) for one in rows], held_on=on, actor=street, now=cast.now
        )
    assert refused.value.code == "no_vacancy"


# -- head and deputies


def chosen(cast: Cast, body: Body, head: Member, *deputies: Member, **more: Any) -> Body:
    given = {"held_on": core.local_day(cast.now), "attended": 4, "agreed": 3, **more}
    return bodies.elect_officers(
        body, head=head, deputies=deputies, **given, actor=cast.actor("street_office"), now=cast.now
    )


def test_the_members_choose_their_head_and_it_stands_as_a_decision_of_theirs(cast: Cast) -> None:
    body = steps.committee(cast, cast.estate, term_until="2027-05-04")
    on = core.local_day(cast.now)
    one, two, *_ = members_on(body, on)
    chosen(cast, body, one, two)
    assert [member.post for member in members_on(body, on)] == ["head", "deputy", "member", "member", "member"]
    row = BodyDecision.objects.get(body=body)
    assert row.title == "推选主任、副主任" and "同意3人" in row.words
    names = [core.opened(member.person, "name") for member in (one, two)]
    assert not any(name in row.words for name in names)


def test_another_head_from_another_day_and_both_days_are_known(cast: Cast) -> None:
    body = steps.committee(cast, cast.estate, term_until="2027-05-04")
    first, second, *_ = members_on(body, core.local_day(cast.now))
    chosen(cast, body, first)
    before = core.local_day(cast.now)
    steps.later(cast, "2024-03-04")
    body.refresh_from_db()
    chosen(cast, body, second)
    now = members_on(body, core.local_day(cast.now))
    assert [one.post for one in now] == ["head", "member", "member", "member", "member"]
    assert now[0].person == second.person
    assert members_on(body, before)[0].person == first.person


@pytest.mark.parametrize(
    ("more", "code"),
    [({"agreed": 2}, "officers_half"), ({"attended": 6}, "officers_count"), ({"agreed": 5}, "officers_count")],
)
def test_more_than_half_of_all_members_have_to_agree(cast: Cast, more: dict[str, int], code: str) -> None:
    body = steps.committee(cast, cast.estate, term_until="2027-05-04")
    head = members_on(body, core.local_day(cast.now))[0]
    with pytest.raises(Refused) as refused:
        chosen(cast, body, head, **more)
    assert refused.value.code == code
    assert not BodyDecision.objects.exists()


def test_a_substitute_or_somebody_who_left_is_no_head(cast: Cast) -> None:
    body = steps.committee(cast, cast.estate, substitutes=1, term_until="2027-05-04")
    on = core.local_day(cast.now)
    waiting = members_on(body, on, seat="substitute")[0]
    head = members_on(body, on)[0]
    for who, deputies, code in ((waiting, (), "officer"), (head, (head,), "officer_twice")):
        with pytest.raises(Refused) as refused:
            chosen(cast, body, who, *deputies)
        assert refused.value.code == code


def test_the_group_of_a_by_election_is_none_of_a_first_assembly(cast: Cast) -> None:
    body = term(cast)
    left(cast, body, 2)
    formation = begun(cast)
    candidates(cast, formation, 2)
    on = core.local_day(cast.now)
    group = bodies.form_group(formation, seats=steps.seats(5), formed_on=on, actor=steps.SYSTEM, now=cast.now)
    assert group.kind == "renewal_group" and "首次" not in str(group)


# -- a charge that ends the seat


def paper(name: str) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, "流水和笔录".encode())


@pytest.mark.clause("JJ-4.1.12-6")
def test_a_member_who_is_disqualified_sits_no_more_and_the_street_owes_a_by_election(client: Client) -> None:
    cast = steps.city("jiujiang", "2024-05-08")
    body = steps.committee(cast, cast.estate)
    now, street = steps.later(cast, "2024-06-03"), cast.actor("street_office")
    member = body.members.filter(to_on=None).first()
    before = len(members_on(body, steps.day("2024-06-03")))
    charge = bodies.open_charge(member, text="侵占公共收益", files=[paper("流水.txt")], actor=street, now=now)
    with pytest.raises(Refused):
        bodies.close_charge(charge, outcome="disqualified", note="业主大会决定", actor=street, now=now)
    charge = bodies.find_charge(charge, verified=True, finding="属实", files=[paper("笔录.txt")], actor=street, now=now)
    for wrong in ({"outcome": ""}, {"outcome": "disqualified", "note": " "}):
        with pytest.raises(Refused):
            bodies.close_charge(charge, **wrong, actor=street, now=now)
    charge = bodies.close_charge(charge, outcome="disqualified", note="业主大会决定终止资格", actor=street, now=now)
    member.refresh_from_db()
    assert member.to_on == steps.day("2024-06-02") and member.end_note == "终止委员资格"
    assert len(members_on(body, steps.day("2024-06-03"))) == before - 1
    assert steps.duty("fill_vacant_seats").owner_role == "street_office"
    client.force_login(cast.user("street_office"))
    shown = client.get(reverse("bodies:body", args=[body.pk])).content.decode()
    assert f"{body.seats}席缺1席" in shown and "请组织补选" in shown
    page = client.get(reverse("bodies:charge", args=[charge.pk])).content.decode()
    assert all(one in page for one in ("侵占公共收益", "流水.txt", "笔录.txt", "终止委员资格", "业主大会决定终止资格"))
