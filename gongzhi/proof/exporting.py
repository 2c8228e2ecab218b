"""An export: one zip with a log and whatever belongs to it, every member named and hashed in a signed manifest.

The members are stored, not compressed, in the order of their names, without dates: the same content always gives
the same bytes, so that the verifier can check the container to the last byte. docs/proof.md has the format.
"""

import base64
import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gongzhi.proof import notes
from gongzhi.proof.leaves import milliseconds
from gongzhi.proof.models import Checkpoint, Cosignature, Entry, Seal, SigningKey

MANIFEST = "manifest.txt"
TITLE = "gongzhi export v1"
VERIFIER = Path(__file__).parent / "verifier" / "verify.py"
MEMBER_NAME = re.compile(r"[a-z0-9_-]+(/[a-z0-9_-]+)*(\.[a-z0-9]+)+")
OWN = ("log/", "keys.json", MANIFEST, "verify.py")
FIRST_DAY = (1980, 1, 1, 0, 0, 0)
UNIX, READABLE = 3, 0o100644 << 16
READ_AT_ONCE = 5_000


def plain_json(value: Any) -> bytes:
    """Members of ours that are read by people too: sorted, one form, a line end."""
    return (json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")) + "\n").encode()


def log_members(at: Checkpoint) -> dict[str, bytes]:
    """The log up to that checkpoint: entries, promises, checkpoints with co-signatures, seals, witnesses, keys."""
    entries, promises = [], []
    placed = Entry.objects.filter(log=at.log, leaf_index__lt=at.size).select_related("key").order_by("leaf_index")
    for entry in placed.iterator(READ_AT_ONCE):
        entries.append(f"{entry.data}\n")
        promises.append(_promise_line(entry))
    members = {
        "log/entries.jsonl": "".join(entries).encode(),
        "log/promises.jsonl": "".join(promises).encode(),
        "keys.json": plain_json(list(signing_keys())),
    }
    cosigned = Cosignature.objects.filter(checkpoint__log=at.log, checkpoint__size__lte=at.size)
    lines: dict[int, list[str]] = {}
    witnesses: dict[tuple[str, str], dict[str, str]] = {}
    for one in cosigned.select_related("witness").order_by("pk"):
        lines.setdefault(one.checkpoint_id, []).append(one.line)
        public = bytes(one.witness.public).hex()
        witnesses[one.witness.name, public] = {
            "label": one.witness.label, "name": one.witness.name, "public": public,
        }  # fmt: skip
    members["log/witnesses.json"] = plain_json([witnesses[key] for key in sorted(witnesses)])
    for point in Checkpoint.objects.filter(log=at.log, size__lte=at.size).order_by("size"):
        members[f"log/checkpoints/{point.size:012d}.txt"] = (point.note + "".join(lines.get(point.pk, ()))).encode()
    sealed = Seal.objects.filter(checkpoint__log=at.log, checkpoint__size__lte=at.size).exclude(token=None)
    for seal in sealed.select_related("checkpoint"):
        members[f"log/seals/{seal.checkpoint.size:012d}.tsr"] = bytes(seal.token or b"")
    return members


def _promise_line(entry: Entry) -> str:
    signature = base64.b64encode(bytes(entry.promise)).decode()
    return f'{{"at":{entry.promised_ms},"key":"{bytes(entry.key.public).hex()}","signature":"{signature}"}}\n'


def signing_keys() -> Iterator[dict[str, Any]]:
    """Oldest first; each but the first with the signature of the one before it."""
    for row in SigningKey.objects.order_by("pk"):
        endorsed = None if row.endorsement is None else base64.b64encode(bytes(row.endorsement)).decode()
        yield {"activated": milliseconds(row.activated_at), "endorsement": endorsed, "public": bytes(row.public).hex()}


def manifest(at: notes.CheckpointText, members: Mapping[str, bytes], *, key: Ed25519PrivateKey) -> bytes:
    """Names, lengths and hashes of all members, signed with the log's key."""
    lines = "".join(
        f"{hashlib.sha256(body).hexdigest()} {len(body)} {name}\n" for name, body in sorted(members.items())
    )
    text = f"{TITLE}\n{at.text}{lines}"
    identifier = notes.key_id(at.origin, key.public_key().public_bytes_raw())
    return f"{text}\n{notes.signature_line(at.origin, identifier, key.sign(text.encode()))}".encode()


def packed(members: Mapping[str, bytes]) -> bytes:
    target = BytesIO()
    with ZipFile(target, "w", ZIP_STORED) as file:
        for name, body in sorted(members.items()):
            info = ZipInfo(name, FIRST_DAY)
            info.create_system, info.external_attr = UNIX, READABLE
            file.writestr(info, body)
    return target.getvalue()


def export(at: Checkpoint, *, members: Mapping[str, bytes], key: Ed25519PrivateKey) -> bytes:
    """The zip of a log up to a checkpoint, with the caller's members (`roll.json`, `rules.json`, notices) beside it."""
    for name in members:
        if not MEMBER_NAME.fullmatch(name) or name.startswith(OWN):
            raise ValueError(f"no name for a member of an export: {name!r}")
    body = notes.CheckpointText(at.log.origin, at.size, bytes(at.root))
    everything = {**members, **log_members(at), "verify.py": VERIFIER.read_bytes()}
    return packed({**everything, MANIFEST: manifest(body, everything, key=key)})
