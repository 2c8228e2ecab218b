"""Time-stamps from a real authority on this machine; outages; and the verifier's own reading of a token."""

import hashlib
from datetime import UTC, datetime, timedelta

import pytest

from gongzhi.proof import exporting, notes, sealing, services
from gongzhi.proof.models import Seal
from gongzhi.proof.tests import authority
from gongzhi.proof.tests.test_exports import bad, report, with_members
from gongzhi.proof.verifier import verify

NOW = datetime.now(UTC)  # noqa: TID251 - the authority stamps with the machine's clock
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(authority.OPENSSL is None, reason="the authority answers by openssl"),
]


@pytest.fixture(params=[False, True], ids=["rsa", "ec"])
def tsa(request, tmp_path_factory, settings):
    with authority.serving(tmp_path_factory.mktemp("tsa"), curve=request.param) as found:
        settings.PROOF_TSA_URL, settings.PROOF_TSA_ROOTS = found.url, found.roots
        yield found


@pytest.fixture
def seal(db):
    log = services.open_log("vote/1", now=NOW)
    services.append(log, {"n": 1}, now=NOW)
    return services.ask_for_seal(services.checkpoint(log, now=NOW), now=NOW)


def test_a_checkpoint_is_sealed_once_and_its_token_is_good(tsa, seal, tmp_path, capsys):
    assert sealing.seal_due(now=NOW) == 1
    seal.refresh_from_db()
    assert (seal.next_at, seal.fault, seal.authority) == (None, "", tsa.url)
    # The authority stamps with the machine's clock, which has gone on since this file was read.
    assert NOW - timedelta(minutes=1) < seal.sealed_at < NOW + timedelta(hours=1)
    assert sealing.seal_due(now=NOW + timedelta(days=1)) == 0
    assert len(tsa.requests) == 1
    data = services.export(seal.checkpoint, members={}, now=NOW)
    code, found = report(data, tmp_path, "--ca", tsa.roots, capsys=capsys)
    assert code == 0
    assert any("机构证书已核对" in line for line in found["checks"])
    assert any("机构证书未核对" in line for line in report(data, tmp_path, capsys=capsys)[1]["checks"])


def test_the_verifier_refuses_a_token_of_another_authority_or_checkpoint_or_with_any_byte_changed(
    tsa, seal, tmp_path, tmp_path_factory, capsys
):
    sealing.seal_due(now=NOW)
    data = services.export(seal.checkpoint, members={}, now=NOW)
    folder = tmp_path_factory.mktemp("other")
    authority.set_up(folder)
    name = "log/seals/000000000001.tsr"
    assert bad(data, tmp_path, capsys, "--ca", folder / "root.pem")["member"] == name
    foreign = sealing.ask(b"another checkpoint", url=tsa.url, roots=tsa.roots).response

    def swapped(members):
        members[name] = foreign

    key = services.keys.signer(now=NOW).private
    found = bad(with_members(data, swapped, key=key), tmp_path, capsys)
    assert (found["member"], "不是给这个检查点" in found["reason"]) == (name, True)
    whole = verify.unpacked(data)[name]
    stamp = verify.stamp_of(whole)
    imprint = hashlib.sha256(seal.checkpoint.note.encode()).digest()
    roots = verify.x509.load_pem_x509_certificates(tsa.roots.read_bytes())
    assert stamp.imprint == imprint
    good = 0
    for place in range(0, len(whole), 3):
        changed = bytearray(whole)
        changed[place] ^= 0x55
        try:
            other = verify.stamp_of(bytes(changed))
            good += (other.at, other.imprint) != (stamp.at, imprint) and verify.trusted(other, roots)
        except Exception:  # noqa: S112 - no token any more
            continue
    assert good == 0  # whatever still reads as a good token says the same


def test_while_the_authority_is_down_the_seal_waits_longer_and_longer(seal, tsa, caplog):
    tsa.status = 503
    assert sealing.seal_due(now=NOW) == 0
    moment, pauses = NOW, []
    for _ in range(8):
        seal.refresh_from_db()
        pauses.append((seal.next_at - moment).total_seconds() / 60)
        moment = seal.next_at
        assert sealing.seal_due(now=moment - timedelta(seconds=1)) == 0
        sealing.seal_due(now=moment)
    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60]
    seal.refresh_from_db()
    assert (seal.tries, "没有应答" in seal.fault) == (9, True)
    tsa.status = 200
    assert sealing.seal_due(now=seal.next_at) == 1


@pytest.mark.parametrize("answer", [b"", b"no time-stamp", b"0\x05\x30\x03\x02\x01\x02"])
def test_an_answer_that_is_no_granted_time_stamp_is_not_kept(seal, tsa, answer, caplog):
    tsa.answer = answer
    assert sealing.seal_due(now=NOW) == 0
    assert Seal.objects.get().token is None


def test_an_answer_to_another_question_is_not_kept(seal, tsa, tmp_path, caplog):
    """Replayed: a good token of the same authority, over the same bytes, for an earlier request."""
    first = sealing.ask(seal.checkpoint.note.encode(), url=tsa.url, roots=tsa.roots).response
    tsa.answer = first
    assert sealing.seal_due(now=NOW) == 0
    assert "核对不上" in Seal.objects.get().fault and "Nonce" in caplog.text


def test_without_an_authority_seals_wait_and_nothing_is_asked(seal):
    assert sealing.seal_due(now=NOW) == 0
    assert Seal.objects.get().tries == 0


def test_a_received_seal_cannot_be_changed(seal, tsa):
    sealing.seal_due(now=NOW)
    with pytest.raises(Exception, match="append-only"):
        Seal.objects.update(token=b"x")


def test_what_is_sealed_is_the_note_as_the_log_signed_it(seal):
    note = seal.checkpoint.note
    line = notes.signature_line("w", b"abcd", bytes(72))
    assert verify.note_of((note + line).encode(), "x").first_signed == note.encode()
    assert exporting.log_members(seal.checkpoint)["log/checkpoints/000000000001.txt"] == note.encode()
