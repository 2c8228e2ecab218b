"""Who may call the owners together: the committee while it is in office, others when the document lets them."""

from typing import Any

import pytest
from django.test import Client

from gongzhi.core import services as core
from gongzhi.core.errors import Refused
from gongzhi.core.tests.cast import Cast
from gongzhi.governance.bodies.models import Body, OwedMeeting
from gongzhi.governance.votes import services as votes
from gongzhi.governance.votes.models import Vote
from gongzhi.governance.votes.tests import steps

pytestmark = pytest.mark.django_db


def body(cast: Cast, kind: str) -> Body:
    return Body.objects.create(
        kind=kind, name=kind, estate=cast.estate, state="in_office", formed_on=steps.SINCE,
        place_path=cast.estate.place_path,
    )  # fmt: skip


def drafted(cast: Cast, convener: str, *, by: str = "community_station", **more: Any) -> Vote:
    return votes.draft_vote(
        cast.estate, title="业主大会", convener=convener, opens_at=steps.OPENS, closes_at=steps.CLOSES,
        motions=[steps.motion(**more)], actor=cast.actor(by), now=cast.now,
    )  # fmt: skip


def refused(cast: Cast, convener: str, clause: str, **more: Any) -> None:
    with pytest.raises(Refused) as caught:
        drafted(cast, convener, **more)
    assert clause in caught.value.clauses and "convener" in caught.value.fields, caught.value.message
    assert not Vote.objects.exists()


@pytest.mark.clause("TL-15", "TL-10")
def test_nobody_convenes_in_the_name_of_a_body_that_is_not_there(cast: Cast) -> None:
    refused(cast, "owners_committee", "TL-15")
    refused(cast, "management_committee", "TL-15")
    refused(cast, "preparatory_group", "TL-10")
    assert drafted(cast, "community_station").convener == "community_station"


@pytest.mark.clause("TL-13", "TL-15")
def test_while_a_committee_is_in_office_it_convenes_and_nobody_in_its_place(cast: Cast) -> None:
    body(cast, "owners_committee")
    for convener in ("community_station", "community_committee", "street_office"):
        refused(cast, convener, "TL-13")
    assert drafted(cast, "owners_committee").convener == "owners_committee"


def test_others_convene_when_the_committee_cannot_or_would_not(cast: Cast) -> None:
    committee = body(cast, "owners_committee")
    meeting = OwedMeeting.objects.create(
        estate=cast.estate, body=committee, reason="interim_meeting", convener="owners_committee",
        owed_from=cast.now.date(), place_path=cast.estate.place_path,
    )  # fmt: skip
    refused(cast, "community_committee", "TL-13", origin=meeting)
    meeting.convener = "community_committee"
    meeting.save()
    refused(cast, "street_office", "TL-13", origin=meeting)
    assert drafted(cast, "community_committee", origin=meeting).motions.get().origin == meeting.ref.key
    Body.objects.filter(pk=committee.pk).update(unable_from=core.local_day(cast.now))
    assert drafted(cast, "street_office", by="street_office").convener == "street_office"


def test_a_group_convenes_the_election_that_it_prepares(cast: Cast) -> None:
    body(cast, "owners_committee")
    body(cast, "renewal_group")
    assert drafted(cast, "preparatory_group").convener == "preparatory_group"


def test_the_form_knows_who_convenes_and_on_what(cast: Cast, client: Client) -> None:
    committee = body(cast, "owners_committee")
    meeting = OwedMeeting.objects.create(
        estate=cast.estate, body=committee, reason="dismiss_company", convener="community_committee",
        owed_from=cast.now.date(), place_path=cast.estate.place_path,
    )  # fmt: skip
    client.force_login(cast.user("community_station"))
    page = client.get(f"/biaojue/niding/?yi={meeting.ref.key}").content.decode()
    assert '<option value="community_station" selected>' in page
    assert '<option value="hire_company" selected>' in page
    client.force_login(cast.user("street_office"))
    page = client.get(f"/biaojue/niding/?yi={meeting.ref.key}").content.decode()
    assert '<option value="community_committee" selected>' in page
    shown = client.get(f"/zuzhi/huiyi/{meeting.pk}/").content.decode()
    assert shown.index("付业主表决") < shown.index("催告召开")
