"""Signed notes, checkpoints and witnesses' co-signatures in the formats of C2SP.

`c2sp.org/signed-note`: a text, an empty line, and signature lines `— name base64(key id ‖ signature)`.
`c2sp.org/tlog-checkpoint`: the text is origin, size and root, a line each. `c2sp.org/tlog-cosignature`: version 1.
"""

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from gongzhi.proof.merkle import HASH_BYTES, LARGEST_TREE

ED25519, COSIGNATURE = 0x01, 0x04
KEY_ID_BYTES, TIME_BYTES, SIGNATURE_BYTES, PUBLIC_KEY_BYTES = 4, 8, 64, 32
DASH = "— "
LONGEST_NOTE = 64 * 1024
MOST_SIGNATURES = 64
CHECKPOINT_LINES = 3
SIZE = re.compile(r"0|[1-9][0-9]{0,18}")
KEY_NAME = re.compile(r"[^\s+]+")


class BadNote(ValueError):  # noqa: N818
    """The text is no note of the expected form, or a signature on it does not hold."""


@dataclass(frozen=True)
class Signature:
    name: str
    key_id: bytes
    value: bytes


@dataclass(frozen=True)
class Note:
    text: str
    signatures: tuple[Signature, ...]


@dataclass(frozen=True)
class CheckpointText:
    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


def key_id(name: str, public_key: bytes, kind: int = ED25519) -> bytes:
    if not KEY_NAME.fullmatch(name) or len(public_key) != PUBLIC_KEY_BYTES:
        raise BadNote("a key has a name without spaces or plus signs, and 32 bytes")
    return hashlib.sha256(name.encode() + b"\n" + bytes([kind]) + public_key).digest()[:KEY_ID_BYTES]


def verifier_key(name: str, public_key: bytes, kind: int = ED25519) -> str:
    """`name+hex key id+base64(kind ‖ key)`: how a key is handed to those who verify."""
    encoded = base64.b64encode(bytes([kind]) + public_key).decode()
    return f"{name}+{key_id(name, public_key, kind).hex()}+{encoded}"


def from_base64(text: str, length: int | None = None) -> bytes:
    """Strict: the one spelling of these bytes, and of that length."""
    try:
        value = base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError) as error:
        raise BadNote("not base64") from error
    if base64.b64encode(value).decode() != text or (length is not None and len(value) != length):
        raise BadNote("not the one spelling of a value of that length")
    return value


def signature_line(name: str, identifier: bytes, value: bytes) -> str:
    return f"{DASH}{name} {base64.b64encode(identifier + value).decode()}\n"


def sign_checkpoint(body: CheckpointText, key: Ed25519PrivateKey) -> str:
    """The note with the log's own signature; the key goes by the log's origin."""
    public = key.public_key().public_bytes_raw()
    line = signature_line(body.origin, key_id(body.origin, public), key.sign(body.text.encode()))
    return f"{body.text}\n{line}"


def parse_note(note: str) -> Note:
    if len(note.encode()) > LONGEST_NOTE or any(ord(one) < ord(" ") and one != "\n" for one in note):
        raise BadNote("too long, or control characters in it")
    text, gap, tail = note.rpartition("\n\n")
    if not gap or not tail.endswith("\n"):
        raise BadNote("no signatures after an empty line")
    lines = tail[:-1].split("\n")
    if not 0 < len(lines) <= MOST_SIGNATURES:
        raise BadNote("no signature, or too many")
    return Note(f"{text}\n", tuple(_signature(line) for line in lines))


def _signature(line: str) -> Signature:
    name, space, encoded = line.removeprefix(DASH).partition(" ")
    if not line.startswith(DASH) or not space or not KEY_NAME.fullmatch(name):
        raise BadNote("a signature line reads: dash, name, base64")
    raw = from_base64(encoded)
    if len(raw) <= KEY_ID_BYTES:
        raise BadNote("a signature is longer than the id of its key")
    return Signature(name, raw[:KEY_ID_BYTES], raw[KEY_ID_BYTES:])


def parse_checkpoint(note: Note) -> CheckpointText:
    """Checkpoints of ours carry no further lines."""
    lines = note.text.split("\n")
    if len(lines) != CHECKPOINT_LINES + 1 or lines[-1] or not lines[0] or not SIZE.fullmatch(lines[1]):
        raise BadNote("a checkpoint has three lines: origin, size, root")
    body = CheckpointText(lines[0], int(lines[1]), from_base64(lines[2], HASH_BYTES))
    if body.size > LARGEST_TREE:
        raise BadNote("the size is too large")
    return body


def signature_holds(public_key: bytes, signature: bytes, message: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def signed_by(note: Note, *, name: str, public_key: bytes) -> bool:
    """Whether the note carries that key's signature, and each one that claims to be its holds."""
    wanted = key_id(name, public_key)
    ours = [one for one in note.signatures if (one.name, one.key_id) == (name, wanted)]
    return bool(ours) and all(signature_holds(public_key, one.value, note.text.encode()) for one in ours)


def cosigned_text(text: str, seconds: int) -> bytes:
    return f"cosignature/v1\ntime {seconds}\n{text}".encode()


def cosign(note: Note, *, name: str, key: Ed25519PrivateKey, seconds: int) -> str:
    """A witness's line for a checkpoint: `seconds` since 1970, when it was seen."""
    public = key.public_key().public_bytes_raw()
    value = seconds.to_bytes(TIME_BYTES, "big") + key.sign(cosigned_text(note.text, seconds))
    return signature_line(name, key_id(name, public, COSIGNATURE), value)


def cosigned_at(note: Note, line: str, *, name: str, public_key: bytes) -> int:
    """When the witness saw the checkpoint; raises `BadNote` unless the line is its good co-signature."""
    found = _signature(line.removesuffix("\n"))
    if (found.name, found.key_id) != (name, key_id(name, public_key, COSIGNATURE)):
        raise BadNote("another key's signature")
    if len(found.value) != TIME_BYTES + SIGNATURE_BYTES:
        raise BadNote("a co-signature holds a time and 64 bytes")
    seconds = int.from_bytes(found.value[:TIME_BYTES], "big")
    if not signature_holds(public_key, found.value[TIME_BYTES:], cosigned_text(note.text, seconds)):
        raise BadNote("the co-signature does not hold")
    return seconds
