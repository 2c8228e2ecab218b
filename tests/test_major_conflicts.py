"""A major conflict that the street found: the owners decide on the company, or on the committee, and nobody else."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from gongzhi.cases.accountability.services import trust
from gongzhi.core.errors import Refused
from gongzhi.governance.bodies import services as bodies
from gongzhi.governance.bodies.models import Body, OwedMeeting
from gongzhi.governance.bodies.tests.steps import SYSTEM, city, committee, day, later, moment
from gongzhi.governance.votes import services as votes
from gongzhi.governance.votes.queries import waiting_for_owners

pytestmark = pytest.mark.django_db


def found(cast, party, *consequences):
    return trust.find_major(
        estate=cast.estate, party=party, text="断水三日，群众聚集", consequences=list(consequences),
        certificate=SimpleUploadedFile("认定书.pdf", b"%PDF-1.4"), actor=cast.actor("street_office"), now=cast.now,
    )  # fmt: skip


@pytest.mark.clause("JJ-A7-3.7-2")
def test_the_dismissal_of_a_company_waits_for_the_owners_vote():
    cast = city("jiujiang", "2022-05-05")
    committee(cast, cast.estate)
    found(cast, cast.organisation("property_company"), "dismissal")
    [meeting] = OwedMeeting.objects.all()
    assert (meeting.reason, meeting.convener, meeting.state) == ("dismiss_company", "owners_committee", "due")
    assert meeting in waiting_for_owners([cast.estate.pk])
    draft = votes.MotionDraft("hire_company", "解聘某安物业", origin=meeting)
    vote = votes.draft_vote(
        cast.estate, title="业主大会", convener="owners_committee", opens_at=moment("2022-05-30"),
        closes_at=moment("2022-06-13", 18), motions=[draft], actor=cast.actor("street_office"), now=cast.now,
    )  # fmt: skip
    assert vote.motions.get().origin == meeting.ref.key
    meeting.refresh_from_db()
    assert meeting.state == "due", "until the owners have voted"


@pytest.mark.clause("JJ-A7-3.7-2")
def test_a_committee_goes_only_when_the_owners_have_decided():
    cast = city("jiujiang", "2022-05-05")
    body = committee(cast, cast.estate)
    with pytest.raises(Refused):
        found(cast, body.organisation, "dismissal")
    found(cast, body.organisation, "re_election")
    [meeting] = OwedMeeting.objects.all()
    assert (meeting.reason, meeting.convener) == ("recall_committee", "street_office")
    assert Body.objects.get(pk=body.pk).state == "in_office", "a finding alone ends nothing"
    later(cast, "2022-06-20")
    bodies.hold_meeting(meeting, held_on=day("2022-06-20"), passed=True, result="改选", actor=SYSTEM, now=cast.now)
    assert Body.objects.get(pk=body.pk).state == "ended"
