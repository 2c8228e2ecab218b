"""Posts on two sides, councils of communities, alliances, who pays for the first assembly, what only owners decide."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from gongzhi.core import services as core
from gongzhi.core.errors import Refused
from gongzhi.core.models import Place
from gongzhi.duties import services as duties
from gongzhi.duties.models import Duty
from gongzhi.governance.bodies import services as bodies
from gongzhi.governance.bodies.models import BodyDecision, CrossPost
from gongzhi.governance.bodies.queries.coverage import due_bodies, place_bodies
from gongzhi.governance.bodies.queries.crossing import by_community, cross_posts_of
from gongzhi.governance.bodies.services import PersonInput, SeatInput
from gongzhi.governance.bodies.tests.steps import SYSTEM, city, committee, day, later, moment, seats
from gongzhi.registry import services as registry
from gongzhi.registry.models import Estate

pytestmark = pytest.mark.django_db


def paper():
    return SimpleUploadedFile("推选记录.txt", "依法定程序推选".encode())


def cross(cast, name="吴兼职", **more):
    given = {
        "person": PersonInput(name),
        "first": ("community", "委员"),
        "second": ("owners_committee", "副主任"),
        "from_on": core.local_day(cast.now),
        "procedure": "2023年2月居民代表会议选举，业主大会选举",
        "files": [paper()],
        "actor": cast.actor("street_office"),
        "now": cast.now,
    }
    return bodies.register_cross_post(cast.estate, **{**given, **more})


@pytest.mark.clause("MX-3.1.3-4")
def test_posts_on_two_sides_are_counted_with_the_paper_on_the_lawful_procedure_and_none_is_no_fault():
    cast = city("meixian", "2023-03-01")
    [own] = [one for one in by_community([cast.estate], day("2023-03-01"))]
    assert (own.people, own.estates, own.whole) == (0, 0, 1)
    for lacking in ({"files": ()}, {"procedure": " "}):
        with pytest.raises(Refused) as refused:
            cross(cast, **lacking)
        assert (refused.value.code, refused.value.clause) == ("procedure_missing", "MX-3.1.3-4")
    with pytest.raises(Refused) as refused:
        cross(cast, second=("property_company", "经理"))
    assert refused.value.code == "side"
    row = cross(cast)
    cross(cast, "郑兼职")
    assert [one.people for one in by_community([cast.estate], day("2023-03-01"))] == [2]
    assert core.files_of(row.ref)
    assert not Duty.objects.filter(state="overdue").exists()


@pytest.mark.clause("JJ-5.1-3")
def test_cross_appointments_turn_into_history_by_themselves():
    cast = city("jiujiang", "2022-05-05")
    sides = {"first": ("community_party", "委员"), "second": ("property_company", "项目副经理")}
    row = cross(cast, **sides, files=(), procedure="", to_on=day("2022-12-31"))
    assert [one.estates for one in by_community([cast.estate], day("2022-12-31"))] == [1]
    assert [one.estates for one in by_community([cast.estate], day("2023-01-01"))] == [0]
    assert list(cross_posts_of(cast.estate)) == [row]
    with pytest.raises(Refused):
        cross(cast, first=("owners_committee", "主任"), files=())
    row = bodies.end_cross_post(row, to_on=day("2022-06-30"), actor=cast.actor("street_office"), now=cast.now)
    assert row.to_on == day("2022-06-30") and CrossPost.objects.count() == 1


@pytest.mark.clause("MX-3.1.3-3")
def test_every_community_should_have_its_council_and_those_without_are_listed():
    cast = city("meixian", "2023-03-01")
    communities = list(Place.objects.filter(level="community"))
    whole, missing = place_bodies(cast.county.path, kind="property_council", level="community", on=day("2023-03-01"))
    assert len(whole) == len(missing) == len(communities)
    bodies.register_body(
        kind="property_council",
        place=cast.community,
        seats=seats(3, side="community"),
        formed_on=day("2023-03-01"),
        actor=cast.actor("street_office"),
        now=cast.now,
    )
    _, missing = place_bodies(cast.county.path, kind="property_council", level="community", on=day("2023-03-01"))
    assert cast.community not in missing and len(missing) == len(communities) - 1
    cast_elsewhere = place_bodies(cast.county.path, kind="property_council", level="street", on=day("2023-03-01"))
    assert cast_elsewhere is None


@pytest.mark.clause("ZJG-4.2.2a")
def test_an_alliance_without_the_company_is_not_whole_and_the_rate_counts_whole_ones():
    cast = city("zhangjiagang", "2026-03-16")
    estates = list(Estate.objects.all())

    def register(estate, *sides):
        given = [
            SeatInput(unit_name=side, side=side, post="head" if n == 0 else "member") for n, side in enumerate(sides)
        ]
        return bodies.register_body(
            kind="party_alliance", place=estate.place, estate=estate, seats=given, formed_on=day("2026-03-16"),
            actor=SYSTEM, now=cast.now,
        )  # fmt: skip

    register(cast.estate, "community_party", "community", "owners_committee", "property_company", "police")
    lacking = register(cast.estate_outside, "community_party", "community", "owners_committee", "police")
    assert [one["name"] for one in lacking.basis] == ["alliance_company"]
    due, having = due_bodies(estates, "party_alliance", day("2026-03-16"))
    assert (len(due), having) == (len(estates), [cast.estate])


@pytest.mark.clause("ZJG-3.3.1-4b")
@pytest.mark.parametrize(
    ("delivered", "gone", "expected"),
    [
        ("2020-01-01", True, {"payer": "street", "by_hand": False}),
        ("2020-01-01", False, {"payer": "developer", "by_hand": False}),
        ("2030-01-01", True, {"by_hand": True}),
    ],
)
def test_who_pays_for_the_first_assembly(delivered, gone, expected):
    cast = city("zhangjiagang", "2026-03-16")
    street = cast.actor("street_office")
    assert bodies.first_meeting_costs(cast.estate, day("2026-03-16")).needs
    event = core.record(
        "formation.conditions_met", subject=cast.estate.ref, actor=SYSTEM, at=cast.now,
        place_path=cast.estate.place_path, data={"met_on": day("2020-01-01")},
    )  # fmt: skip
    registry.set_fact(cast.estate.ref, "delivered_on", day(delivered), from_on=day("2020-01-01"), event=event)
    bodies.note_developer(
        cast.estate, gone=gone, from_on=day("2026-03-01"), basis="注销登记", actor=street, now=cast.now
    )
    found = bodies.first_meeting_costs(cast.estate, day("2026-03-16"))
    assert {name: value for name, value in found.value.items() if value is not None} == expected


@pytest.mark.clause("ZJG-3.3.1-3d")
def test_the_management_committee_reviews_every_half_year_with_a_conclusion():
    cast = city("zhangjiagang", "2026-01-05")
    street = cast.actor("street_office")
    bodies.guide(cast.estate, text="经指导不能成立", on=day("2026-01-05"), actor=street, now=cast.now)
    formation = bodies.start_formation(
        cast.estate, kind="management_committee", trigger="failed", started_on=day("2026-01-05"), actor=street,
        now=cast.now,
    )  # fmt: skip
    body = bodies.form_management_committee(
        formation, seats=seats(7), formed_on=day("2026-01-05"), explanation="缺的说明", actor=street, now=cast.now
    )
    duties.tick(moment("2026-07-01"))
    later(cast, "2026-08-03")
    with pytest.raises(Refused) as refused:
        bodies.review_conversion(body, conclusion="", text="已评估", actor=SYSTEM, now=cast.now)
    assert "conclusion" in refused.value.fields
    row = bodies.review_conversion(
        body, conclusion="not_yet", text="交付面积不足", actor=cast.actor("street_office"), now=cast.now
    )
    assert (row.kind, row.get_conclusion_display()) == ("review", "暂不具备条件")
    states = {one.title: one.state for one in Duty.objects.filter(rule="review_conversion")}
    assert states["评估能否成立业主大会（2026年下半年）"] == "fulfilled"
    duties.tick(moment("2027-07-01"))
    missed = Duty.objects.get(rule="review_conversion", title__contains="2027年上半年")
    assert missed.state == "overdue"
    notice = core.documents_of(missed.subject)[0]
    assert {one.organisation.role for one in notice.recipients.all()} == {"management_committee", "street_office"}


@pytest.mark.clause("MX-3.7.2-1", "ZJG-3.3.1-3c")
@pytest.mark.parametrize(("slug", "on", "alone"), [("meixian", "2023-03-01", False), ("jiangyin", "2024-05-06", True)])
def test_what_only_the_owners_decide_a_stand_in_does_not(slug, on, alone):
    """In Meixian the management committee stands in for the committee alone, in Jiangyin for the assembly too."""
    cast = city(slug, on)
    street = cast.actor("street_office")
    formation = bodies.start_formation(
        cast.estate, kind="management_committee", trigger="not_qualified", reason="不具备条件，依据条例",
        started_on=day(on), actor=street, now=cast.now,
    )  # fmt: skip
    sides = ("street", "community_party", "community")
    given = [SeatInput(person=PersonInput(f"单位{one}"), side=one) for one in sides]
    owners_of = [
        SeatInput(person=PersonInput(f"业主{n}"), side="owner", source="chosen", source_note="推选记录")
        for n in range(4)
    ]
    body = bodies.form_management_committee(
        formation, seats=[*given, *owners_of], formed_on=day(on), actor=street, now=cast.now
    )

    def decide(**more):
        return bodies.record_decision(
            cast.estate, title="选聘物业", text="选聘甲公司", decided_on=day(on), actor=street, now=cast.now,
            **{"body": body, "matter": "hire_company", **more},
        )  # fmt: skip

    if alone:
        assert decide().matter == "hire_company"
        return
    with pytest.raises(Refused) as refused:
        decide()
    assert refused.value.code == "owners_decide" and "须业主表决" in refused.value.fields["matter"]
    assert {"MX-3.7.2-1", "CC-278"} <= set(refused.value.clauses)
    assert not BodyDecision.objects.exists()
    assert decide(matter="").pk and decide(body=None).pk and decide(vote_ref="vote:1").pk


@pytest.mark.clause("ZJG-3.3.1-3c")
def test_a_committee_in_office_leaves_to_the_owners_what_is_theirs():
    cast = city("zhangjiagang", "2026-03-16")
    body = committee(cast, cast.estate)
    with pytest.raises(Refused) as refused:
        bodies.record_decision(
            cast.estate, body=body, title="动用维修资金", text="修电梯", matter="use_fund",
            decided_on=day("2026-03-16"), actor=cast.actor("street_office"), now=cast.now,
        )  # fmt: skip
    assert refused.value.code == "owners_decide"
