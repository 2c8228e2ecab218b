"""Witnesses co-sign a vote's checkpoints; the proof page shows who did; the sheet for a court says what it proves."""

from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.test import Client

from gongzhi.core.errors import Refused
from gongzhi.core.tests.cast import Cast
from gongzhi.governance.votes import services as votes
from gongzhi.governance.votes.models import Vote
from gongzhi.governance.votes.tests import steps
from gongzhi.governance.votes.tests.steps import CLOSES, VOTING
from gongzhi.governance.votes.tests.test_pages import browse, post, words  # noqa: F401
from gongzhi.proof import notes
from gongzhi.proof import services as proof

KEY = Ed25519PrivateKey.from_private_bytes(b"w" * 32)
NAME = "3幢业主代表"
VKEY = notes.verifier_key(NAME, KEY.public_key().public_bytes_raw())


def pointed(vote: Vote, *, at: Any = VOTING) -> str:
    found = proof.checkpoint(vote.log, now=at)
    assert found is not None
    return found.note


def signed(note: str, *, key: Ed25519PrivateKey = KEY, name: str = NAME, at: Any = VOTING) -> str:
    return note + notes.cosign(notes.parse_note(note), name=name, key=key, seconds=int(at.timestamp()))


def added(cast: Cast, vote: Vote, **more: Any) -> Any:
    return votes.add_witness(
        vote, **{"kind": "owner", "name": "3幢业主", "key": VKEY, "actor": cast.actor("street_office"), "now": VOTING,
                 **more},
    )  # fmt: skip


def test_a_registered_witness_signs_and_the_page_shows_when_and_how_far(cast: Cast) -> None:
    vote = steps.opened(cast)
    added(cast, vote)
    page = words(Client().get(f"/biaojue/cunzheng/{vote.pk}/"))
    assert "业主　3幢业主" in page and "待签" in page
    sent = Client().post(f"/biaojue/cunzheng/{vote.pk}/", {"text": signed(pointed(vote)).replace("\n", "\r\n")})
    assert sent.status_code == 303
    assert "见证到最新" in words(Client().get(f"/biaojue/cunzheng/{vote.pk}/"))
    steps.ballot(vote, 1)
    pointed(vote, at=VOTING + timedelta(minutes=1))
    assert "之后又有1条" in words(Client().get(f"/biaojue/cunzheng/{vote.pk}/"))


@pytest.mark.parametrize("what", ["stranger", "forged", "nothing", "other"])
def test_what_no_registered_witness_signed_is_refused_and_kept_on_the_page(cast: Cast, what: str) -> None:
    vote = steps.opened(cast)
    added(cast, vote)
    note = pointed(vote)
    other = proof.open_log("vote/other", now=VOTING)
    proof.append(other, {"kind": "X"}, now=VOTING)
    elsewhere = proof.checkpoint(other, now=VOTING)
    assert elsewhere is not None
    text = {
        "stranger": signed(note, key=Ed25519PrivateKey.from_private_bytes(b"x" * 32)),
        "forged": signed(note).replace("\n3\n", "\n4\n", 1) if "\n3\n" in note else signed(note)[::-1],
        "nothing": note,
        "other": signed(elsewhere.note),
    }[what]
    answer = Client().post(f"/biaojue/cunzheng/{vote.pk}/", {"text": text})
    assert answer.status_code == 422 and "待签" in words(answer)
    assert all(one.last is None for one in votes.witnesses_of(vote, size=1))


def test_the_officer_enters_and_ends_witnesses_on_their_page(cast: Cast, browse: Any) -> None:  # noqa: F811
    vote = steps.opened(cast)
    officer, url = browse("street_office"), f"/biaojue/{vote.pk}/jianzheng/"
    wrong = post(officer, url, kind="street", name="街道物管办", key=VKEY[:-4] + "AAAA")
    assert wrong.status_code == 422 and "见证公钥不对" in words(wrong)
    assert post(officer, url, kind="street", name="街道物管办", key=VKEY).status_code == 303
    assert post(officer, url, kind="street", name="街道物管办", key=VKEY).status_code == 422
    witness = votes.witnesses_of(vote, size=1)[0].witness
    assert post(officer, url, witness=witness.pk).status_code == 303
    with pytest.raises(Refused, match="没有已登记见证人"):
        votes.take_signed_note(vote, text=signed(pointed(vote)), now=VOTING)
    assert browse("owner").get(url).status_code == 404


def test_the_sheet_for_a_court_says_what_is_proven_and_what_is_not(cast: Cast) -> None:
    vote = steps.opened(cast)
    for number in range(1, 8):
        steps.ballot(vote, number)
    vote = steps.published(cast, vote)
    pointed(vote, at=CLOSES + timedelta(days=1))
    page = words(Client().get(f"/biaojue/cunzheng/{vote.pk}/shuoming/"))
    for text in (
        vote.roll_root,
        vote.rules_hash,
        "python verify.py",
        "不能证明投票的手机在谁手里",
        "收到选票7张",
        "截止",
    ):
        assert text in page, text


def test_a_vote_without_a_notice_has_no_proof_page(cast: Cast) -> None:
    assert Client().get(f"/biaojue/cunzheng/{steps.drafted(cast).pk}/").status_code == 404
