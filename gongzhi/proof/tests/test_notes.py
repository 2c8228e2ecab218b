"""The formats of C2SP, with the vectors of its own text where there are some."""

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gongzhi.proof import notes
from gongzhi.proof.leaves import BadEntry, canonical, promise

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = KEY.public_key().public_bytes_raw()
ORIGIN = "gongzhi.test/vote/1"
BODY = notes.CheckpointText(ORIGIN, 7, bytes(32))
NOTE = notes.sign_checkpoint(BODY, KEY)
# The example in the documentation of golang.org/x/mod/sumdb/note.
PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PETER_NOTE = (
    "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n"
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)


def test_the_known_note_of_another_implementation_holds():
    name, _, rest = PETER.partition("+")
    identifier, _, encoded = rest.partition("+")
    public = base64.b64decode(encoded)[1:]
    assert notes.key_id(name, public).hex() == identifier
    assert notes.verifier_key(name, public) == PETER
    assert notes.signed_by(notes.parse_note(PETER_NOTE), name=name, public_key=public)
    assert not notes.signed_by(notes.parse_note(PETER_NOTE.replace("answer", "Answer")), name=name, public_key=public)


def test_a_checkpoint_has_three_lines_and_our_signature():
    head, size, root, empty, line = NOTE.removesuffix("\n").split("\n")
    assert (head, size, empty) == (ORIGIN, "7", "")
    assert base64.b64decode(root) == bytes(32)
    assert line.startswith(f"— {ORIGIN} ")
    assert notes.parse_checkpoint(notes.parse_note(NOTE)) == BODY
    assert notes.signed_by(notes.parse_note(NOTE), name=ORIGIN, public_key=PUBLIC)


def test_no_character_of_a_checkpoint_can_be_changed():
    for place in range(len(NOTE)):
        for other in ("A", "1", "\n", " ", "é", ""):
            if NOTE[place] == other:
                continue
            changed = NOTE[:place] + other + NOTE[place + 1 :]
            try:
                parsed = notes.parse_note(changed)
                notes.parse_checkpoint(parsed)
                holds = notes.signed_by(parsed, name=ORIGIN, public_key=PUBLIC)
            except notes.BadNote:
                continue
            assert not holds, (place, other)


@pytest.mark.parametrize(
    "text",
    [
        f"{ORIGIN}\n07\n{'A' * 43}=\n",
        f"{ORIGIN}\n-7\n{'A' * 43}=\n",
        f"{ORIGIN}\n7\n{'A' * 43}\n",
        f"{ORIGIN}\n7\n{'A' * 42}B=\n",
        f"{ORIGIN}\n7\n{'A' * 44}\n",
        f"{ORIGIN}\n7\n",
        f"{ORIGIN}\n7\n{'A' * 43}=\nmore\n",
        f"\n7\n{'A' * 43}=\n",
        f"{ORIGIN}\n9999999999999999999\n{'A' * 43}=\n",
    ],
)
def test_other_texts_are_no_checkpoints(text):
    with pytest.raises(notes.BadNote):
        notes.parse_checkpoint(notes.Note(text, ()))


@pytest.mark.parametrize(
    "note",
    [
        "",
        "text\n",
        "text\n\n",
        "text\n\n— a\n",
        "text\n\n- a AAAAAAA=\n",
        "text\n\n— a AAAAAA==",
        "text\n\n— a+b AAAAAAAAAA==\n",
        "text\n\n— a AAAA\n",
        "te\tt\n\n— a AAAAAAAAAAAA\n",
        "text\n\n" + "— a AAAAAAAAAAAA\n" * 65,
        "t" * 70_000 + "\n\n— a AAAAAAAAAAAA\n",
    ],
)
def test_other_texts_are_no_notes(note):
    with pytest.raises(notes.BadNote):
        notes.parse_note(note)


def test_a_witness_signs_the_checkpoint_with_the_time_it_saw_it():
    witness = Ed25519PrivateKey.generate()
    public = witness.public_key().public_bytes_raw()
    parsed = notes.parse_note(NOTE)
    line = notes.cosign(parsed, name="street.test", key=witness, seconds=1_700_000_000)
    assert notes.cosigned_at(parsed, line, name="street.test", public_key=public) == 1_700_000_000
    # Co-signed notes are notes: the log's own signature still holds.
    assert notes.signed_by(notes.parse_note(NOTE + line), name=ORIGIN, public_key=PUBLIC)
    other = notes.parse_note(notes.sign_checkpoint(notes.CheckpointText(ORIGIN, 8, bytes(32)), KEY))
    for wrong in (
        {"note": other, "line": line, "name": "street.test", "public_key": public},
        {"note": parsed, "line": line, "name": "street.test", "public_key": PUBLIC},
        {"note": parsed, "line": line, "name": "other.test", "public_key": public},
        {"note": parsed, "line": notes.signature_line("street.test", notes.key_id("street.test", public, 4), bytes(72)),
         "name": "street.test", "public_key": public},
        {"note": parsed, "line": notes.signature_line("street.test", notes.key_id("street.test", public, 4), bytes(64)),
         "name": "street.test", "public_key": public},
    ):  # fmt: skip
        with pytest.raises(notes.BadNote):
            notes.cosigned_at(wrong["note"], wrong["line"], name=wrong["name"], public_key=wrong["public_key"])


def test_a_cosignature_counts_for_its_time_alone():
    witness = Ed25519PrivateKey.generate()
    public = witness.public_key().public_bytes_raw()
    parsed = notes.parse_note(NOTE)
    raw = base64.b64decode(notes.cosign(parsed, name="w", key=witness, seconds=5).split(" ")[2])
    later = notes.signature_line("w", raw[:4], (6).to_bytes(8, "big") + raw[12:])
    with pytest.raises(notes.BadNote):
        notes.cosigned_at(parsed, later, name="w", public_key=public)


def test_an_entry_has_one_form_and_belongs_to_one_log():
    assert canonical({"b": 1, "a": "票", "c": [True, None]}, origin=ORIGIN) == (
        '{"a":"票","b":1,"c":[true,null],"log":"gongzhi.test/vote/1"}'
    )
    assert canonical({"log": ORIGIN}, origin=ORIGIN) == canonical({}, origin=ORIGIN)
    for entry in ({"log": "gongzhi.test/vote/2"}, {"a": 1.0}, {"a": [{"b": 0.1}]}, {"a": 1 << 60}, {"a": "\ud800"},
                  {"a": object()}, {"a": "x" * 70_000}, {1: 2}):  # fmt: skip
        with pytest.raises(BadEntry):
            canonical(entry, origin=ORIGIN)


def test_a_promise_holds_for_one_leaf_one_log_and_one_moment():
    made = promise(ORIGIN, leaf=bytes(32), at_ms=1_700_000_000_000, key=KEY, public_key=PUBLIC)
    assert made.holds
    for name, value in (
        ("origin", "gongzhi.test/vote/2"),
        ("leaf", b"\x01" + bytes(31)),
        ("at_ms", 1_700_000_000_001),
        ("public_key", Ed25519PrivateKey.generate().public_key().public_bytes_raw()),
        ("signature", bytes(64)),
        ("public_key", b"short"),
    ):
        assert not made.__class__(**{**made.__dict__, name: value}).holds
