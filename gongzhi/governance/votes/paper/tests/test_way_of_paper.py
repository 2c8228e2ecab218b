"""Paper ballots from the printer to the count: two people read each page, and nothing doubtful counts by itself."""

import io
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import segno
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image
from pypdf import PdfReader

from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.core.models import Event
from gongzhi.core.tests.cast import Cast
from gongzhi.governance.votes import services as votes
from gongzhi.governance.votes.models import Ballot, Vote, VoteRecord
from gongzhi.governance.votes.paper import services as paper
from gongzhi.governance.votes.paper.codes import new_code
from gongzhi.governance.votes.paper.models import PaperCode, PaperSheet
from gongzhi.governance.votes.paper.queries import progress
from gongzhi.governance.votes.tests.steps import CLOSES, OPENS, VOTING, entry, opened
from gongzhi.governance.votes.tests.test_pages import browse  # noqa: F401

ADDRESS = "https://example.org/biaojue/p"
DESK = "社区服务站"


@pytest.fixture
def vote(cast: Cast) -> Vote:
    return opened(cast)


def printed(cast: Cast, vote: Vote, *numbers: int, again: bool = False) -> bytes:
    return paper.print_ballots(
        vote,
        entries=[entry(vote, number) for number in numbers],
        returns=DESK,
        address=ADDRESS,
        actor=cast.actor("community_station"),
        now=VOTING,
        again=again,
    )


def code_of(vote: Vote, number: int) -> str:
    return PaperCode.objects.get(vote=vote, roll_entry=entry(vote, number), void_at=None).code


def scan(*codes: str | None) -> bytes:
    """Pages as a scanner makes them: white, with the ballot's code where there is one."""
    pages = []
    for code in codes:
        page = Image.new("RGB", (800, 1100), "white")
        if code:
            made = io.BytesIO()
            segno.make(f"{ADDRESS}/{code}", error="m", micro=False).save(made, kind="png", scale=6, border=4)
            page.paste(Image.open(made), (500, 40))
        pages.append(page)
    file = io.BytesIO()
    pages[0].save(file, "PDF", save_all=True, append_images=pages[1:])
    return file.getvalue()


def received(cast: Cast, vote: Vote, *codes: str | None) -> list[PaperSheet]:
    return paper.receive_pages(
        vote, content=scan(*codes), received_at=VOTING, actor=cast.actor("community_station"), now=VOTING
    )


def read(sheet: PaperSheet, actor: Actor, vote: Vote, number: int, choice: str = "agree", **more: Any) -> PaperSheet:
    reading = paper.Reading(voter=entry(vote, number).owners[0], choices={"m1": choice}, **more)
    return paper.read_sheet(sheet, reading=reading, version=None, actor=actor, now=VOTING)


def both_read(cast: Cast, sheet: PaperSheet, vote: Vote, number: int, choice: str = "agree", **more: Any) -> PaperSheet:
    for role in ("community_station", "street_office"):
        sheet = read(sheet, cast.actor(role), vote, number, choice, **more)
    return sheet


def outcome_of(ballot: Ballot) -> list[str]:
    return list(ballot.faults)


def test_ballots_are_printed_once_with_a_code_each(cast: Cast, vote: Vote) -> None:
    pages = PdfReader(io.BytesIO(printed(cast, vote, 1, 2, 3))).pages
    assert len(pages) == 3
    text = "".join(pages[0].extract_text().split())
    assert "1幢001室" in text
    assert DESK in text
    assert code_of(vote, 1) in text
    with pytest.raises(Refused, check=lambda error: error.code == "printed_already"):
        printed(cast, vote, 3, 4)
    assert PaperCode.objects.filter(vote=vote).count() == 3
    told = Event.objects.get(kind="vote.ballots_printed")
    assert (told.data["units"], told.data["again"]) == (3, 0)


def test_two_people_who_read_the_same_make_a_ballot(cast: Cast, vote: Vote) -> None:
    printed(cast, vote, 1)
    (sheet,) = received(cast, vote, code_of(vote, 1))
    sheet = read(sheet, cast.actor("community_station"), vote, 1)
    assert sheet.state == "once"
    assert not Ballot.objects.exists()
    sheet = read(sheet, cast.actor("street_office"), vote, 1)
    assert sheet.state == "counted"
    ballot = Ballot.objects.get()
    assert (ballot.channel, ballot.at, ballot.choices, ballot.faults) == ("paper", VOTING, {"m1": "agree"}, [])
    assert ballot.image_id == sheet.image_id
    assert len(ballot.entered_by) == 2
    (event,) = [one for one in votes.events_of(vote).events if one.type == "PAPER"]
    assert event.image == sheet.image.sha256


def test_one_person_alone_never_makes_a_ballot(cast: Cast, vote: Vote) -> None:
    printed(cast, vote, 1)
    (sheet,) = received(cast, vote, code_of(vote, 1))
    for choice in ("agree", "oppose", "agree"):
        sheet = read(sheet, cast.actor("community_station"), vote, 1, choice)
    assert sheet.state == "once"
    assert not Ballot.objects.exists()


def test_who_read_differently_look_again(cast: Cast, vote: Vote) -> None:
    printed(cast, vote, 1)
    (sheet,) = received(cast, vote, code_of(vote, 1))
    sheet = read(sheet, cast.actor("community_station"), vote, 1, "agree")
    sheet = read(sheet, cast.actor("street_office"), vote, 1, "oppose")
    assert sheet.state == "differs"
    with pytest.raises(Refused, check=lambda error: error.code == "reader"):
        read(sheet, cast.actor("community_committee"), vote, 1, "oppose")
    sheet = read(sheet, cast.actor("community_station"), vote, 1, "oppose")
    assert sheet.state == "counted"
    assert Ballot.objects.get().choices == {"m1": "oppose"}


def test_an_unknown_code_counts_only_after_scrutineers(cast: Cast, vote: Vote) -> None:
    (sheet,) = received(cast, vote, None)
    with pytest.raises(Refused, check=lambda error: error.code == "unknown_unit"):
        read(sheet, cast.actor("community_station"), vote, 1)
    sheet = both_read(cast, sheet, vote, 1, unit=entry(vote, 1).code)
    assert outcome_of(Ballot.objects.get()) == ["unknown_code"]


def test_a_code_that_the_scan_missed_can_be_typed(cast: Cast, vote: Vote) -> None:
    printed(cast, vote, 1)
    (sheet,) = received(cast, vote, None)
    code, station = code_of(vote, 1), cast.actor("community_station")
    wrong = code[:-1] + ("0" if code[-1] != "0" else "1")
    with pytest.raises(Refused, check=lambda error: error.code == "bad_code"):
        paper.name_code(sheet, typed=wrong, version=None, actor=station, now=VOTING)
    with pytest.raises(Refused, check=lambda error: error.code == "unknown_code"):
        paper.name_code(sheet, typed=new_code(), version=None, actor=station, now=VOTING)
    sheet = paper.name_code(sheet, typed=f"{code[:4]} {code[4:].lower()}", version=None, actor=station, now=VOTING)
    both_read(cast, sheet, vote, 1)
    assert outcome_of(Ballot.objects.get()) == []


def test_a_second_page_of_one_code_and_a_void_ballot_wait_for_scrutineers(cast: Cast, vote: Vote) -> None:
    printed(cast, vote, 1, 2)
    first, old = code_of(vote, 1), code_of(vote, 2)
    printed(cast, vote, 2, again=True)
    assert code_of(vote, 2) != old
    for sheet, number in zip(received(cast, vote, first, first, old), (1, 1, 2), strict=True):
        both_read(cast, sheet, vote, number)
    assert [outcome_of(one) for one in Ballot.objects.order_by("pk")] == [[], ["duplicate_code"], ["void_code"]]


def test_only_an_owner_of_the_unit_or_his_agent_signs(cast: Cast, vote: Vote) -> None:
    printed(cast, vote, 1)
    (sheet,) = received(cast, vote, code_of(vote, 1))
    reading = paper.Reading(voter=entry(vote, 2).owners[0], choices={"m1": "agree"})
    with pytest.raises(Refused, check=lambda error: error.code == "voter"):
        paper.read_sheet(sheet, reading=reading, version=None, actor=cast.actor("community_station"), now=VOTING)


def test_what_was_handed_in_late_is_refused_and_the_images_stand_in_the_log(cast: Cast, vote: Vote) -> None:
    station = cast.actor("community_station")
    for at in (OPENS - timedelta(minutes=1), CLOSES, CLOSES + timedelta(hours=1)):
        with pytest.raises(Refused, check=lambda error: error.code == "received_at"):
            paper.receive_pages(vote, content=scan(None), received_at=at, actor=station, now=CLOSES)
    sheets = received(cast, vote, None, None)
    record = VoteRecord.objects.get(vote=vote, kind="SCAN")
    assert record.data["images"] == [one.image.sha256 for one in sheets]
    assert record.entry_id is not None


def test_the_close_waits_for_pages_that_nobody_read(cast: Cast, vote: Vote) -> None:
    printed(cast, vote, 1)
    one, back = received(cast, vote, code_of(vote, 1), None)
    station = cast.actor("community_station")
    with pytest.raises(Refused, check=lambda error: error.code == "sheets_unread"):
        votes.close_vote(vote, actor=station, now=CLOSES)
    both_read(cast, one, vote, 1)
    with pytest.raises(Refused, check=lambda error: error.code == "reason_missing"):
        paper.set_aside(back, reason=" ", version=None, actor=station, now=CLOSES)
    paper.set_aside(back, reason="选票背面，空白", version=None, actor=station, now=CLOSES)
    assert progress(vote).by_state == {"waiting": 0, "once": 0, "differs": 0, "counted": 1, "set_aside": 1}
    assert votes.close_vote(vote, actor=station, now=CLOSES).state == "closed"


def test_a_page_handed_in_before_the_close_may_be_read_after_it(cast: Cast, vote: Vote) -> None:
    printed(cast, vote, 1)
    (sheet,) = received(cast, vote, code_of(vote, 1))
    reading = paper.Reading(voter=entry(vote, 1).owners[0], choices={"m1": "agree"})
    later = CLOSES + timedelta(hours=2)
    for role in ("community_station", "street_office"):
        sheet = paper.read_sheet(sheet, reading=reading, version=None, actor=cast.actor(role), now=later)
    assert Ballot.objects.get().at == VOTING


def test_strangers_to_the_vote_print_and_read_nothing(cast: Cast, vote: Vote) -> None:
    printed(cast, vote, 1)
    (sheet,) = received(cast, vote, code_of(vote, 1))
    for role in ("police", "community_station@2"):
        with pytest.raises(Refused, check=lambda error: error.code == "forbidden"):
            read(sheet, cast.actor(role), vote, 1)


def test_two_clerks_on_one_page_are_told(cast: Cast, vote: Vote) -> None:
    printed(cast, vote, 1)
    (sheet,) = received(cast, vote, code_of(vote, 1))
    read(sheet, cast.actor("community_station"), vote, 1)
    reading = paper.Reading(voter=entry(vote, 1).owners[0], choices={"m1": "agree"})
    with pytest.raises(Refused, check=lambda error: error.code == "stale"):
        paper.read_sheet(sheet, reading=reading, version=1, actor=cast.actor("street_office"), now=VOTING)


def test_an_owner_votes_on_his_phone_by_the_code_of_his_ballot(cast: Cast, vote: Vote, browse: Any) -> None:  # noqa: F811
    printed(cast, vote, 1)
    address = f"/biaojue/p/{code_of(vote, 1)}"
    phone = Client()
    assert phone.get(f"{address}/").status_code == 200
    wrong = phone.post(f"{address}/", {"answer": "0000"})
    assert wrong.status_code == 422
    assert "还可以试4次" in wrong.content.decode()
    right = phone.post(f"{address}/", {"answer": "0001"})
    assert right.status_code == 303
    assert right.url.startswith("/biaojue/piao/")
    assert phone.post(f"{address}/", {"answer": "0001"}).url == right.url


def test_the_code_of_a_ballot_leaves_the_link_that_was_sent(cast: Cast, vote: Vote, browse: Any) -> None:  # noqa: F811
    printed(cast, vote, 1)
    owner = vote.owners.get(code=entry(vote, 1).owners[0])
    sent = votes.make_link(vote, owner=owner, actor=cast.actor("community_station"), now=VOTING)
    phone = Client()
    assert phone.post(f"/biaojue/p/{code_of(vote, 1)}/", {"answer": "0001"}).status_code == 303
    assert phone.get(f"/biaojue/piao/{sent}/").status_code == 200


def test_after_five_wrong_answers_a_code_is_shut(cast: Cast, vote: Vote, browse: Any) -> None:  # noqa: F811
    printed(cast, vote, 1)
    phone, address = Client(), f"/biaojue/p/{code_of(vote, 1)}/"
    for _ in range(5):
        assert phone.post(address, {"answer": "9999"}).status_code == 422
    shut = phone.post(address, {"answer": "0001"})
    assert shut.status_code == 422
    assert "已停用" in shut.content.decode()


def test_a_void_and_an_invented_code_lead_nowhere(cast: Cast, vote: Vote, browse: Any) -> None:  # noqa: F811
    printed(cast, vote, 1)
    old = code_of(vote, 1)
    printed(cast, vote, 1, again=True)
    for code in (old, new_code(), "ABC"):
        assert Client().get(f"/biaojue/p/{code}/").status_code == 404
    assert "最近一次发的选票" in Client().get(f"/biaojue/p/{old}/").content.decode()


def test_paper_is_printed_scanned_and_read_on_pages(cast: Cast, vote: Vote, browse: Any) -> None:  # noqa: F811
    desk, street = browse("community_station", VOTING), browse("street_office", VOTING)
    base = f"/biaojue/{vote.pk}/zhizhi/"
    nothing = desk.post(f"{base}dayin/", {"returns": "", "building": ""})
    assert nothing.status_code == 422
    pdf = desk.post(f"{base}dayin/", {"returns": DESK, "building": "1幢"})
    assert pdf.status_code == 200
    assert pdf["Content-Type"] == "application/pdf"
    assert len(PdfReader(io.BytesIO(pdf.content)).pages) == vote.roll.count()
    sent = {"received_at": "2022-05-24T09:00", "form_key": uuid4().hex}
    file = SimpleUploadedFile("scan.pdf", scan(code_of(vote, 1)), "application/pdf")
    (sheet,) = received(cast, vote, code_of(vote, 1))
    assert desk.post(f"{base}saomiao/", {**sent, "scan": file}).status_code == 303
    assert PaperSheet.objects.count() == 2
    page = f"/biaojue/zhizhi/{sheet.pk}/"
    typed = {"voter": entry(vote, 1).owners[0], "motion_m1": "agree", "version": "1"}
    assert desk.post(page, {**typed, "form_key": uuid4().hex}).status_code == 303
    stale = street.post(page, {**typed, "form_key": uuid4().hex})
    assert stale.status_code == 409
    shown = street.get(page).content.decode()
    assert "另一个人录的这里看不到" in shown
    assert " checked" not in shown
    assert street.post(page, {**typed, "version": "2", "form_key": uuid4().hex}).status_code == 303
    assert Ballot.objects.get().channel == "paper"
    listed = desk.get(base).content.decode()
    assert "已录入" in listed
    assert "待录入" in listed


def test_images_of_ballots_are_for_those_who_run_the_vote(cast: Cast, vote: Vote, browse: Any) -> None:  # noqa: F811
    printed(cast, vote, 1)
    (sheet,) = received(cast, vote, code_of(vote, 1))
    image = f"/wenjian/{sheet.image_id}/"
    assert browse("community_station", VOTING).get(image).status_code == 200
    for role in ("housing", "police", "community_station@2"):
        assert browse(role, VOTING).get(image).status_code == 403
        assert browse(role, VOTING).get(f"/biaojue/zhizhi/{sheet.pk}/").status_code == 404
