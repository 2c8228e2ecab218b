"""Checking a receipt that somebody hands in: what it proves by itself, and what the log says to it. Also as QR."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

import segno

from gongzhi.proof import merkle, notes, queries
from gongzhi.proof.leaves import EPOCH, Promise
from gongzhi.proof.models import Checkpoint, Cosignature, Entry, Log, SigningKey

LONGEST = 16 * 1024
MOST_WITNESSES = 12
CODE_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_LENGTH, CODE_BITS, CODE_GROUP = 12, 5, 4
LETTER_MISREAD = str.maketrans("OIL", "011")

State = Literal["good", "bad", "waits"]


class NoReceipt(ValueError):  # noqa: N818
    """The text is no receipt of this platform's format."""


@dataclass(frozen=True)
class Receipt:
    """As it was handed in, every part of the right shape."""

    promise: Promise
    index: int | None
    path: tuple[bytes, ...]
    checkpoint: notes.Note | None
    value: Mapping[str, Any]

    @property
    def promised_at(self) -> datetime:
        return EPOCH + timedelta(milliseconds=self.promise.at_ms)


@dataclass(frozen=True)
class Finding:
    """One thing looked at. `name` says which; the page has the words."""

    name: str
    state: State


@dataclass(frozen=True)
class Report:
    receipt: Receipt
    findings: tuple[Finding, ...]
    entry: Entry | None
    newest: Checkpoint | None
    witnesses: tuple[Cosignature, ...] = ()

    @property
    def state(self) -> State:
        states = {one.state for one in self.findings}
        return "bad" if "bad" in states else "waits" if "waits" in states else "good"


def code_of(leaf: bytes) -> str:
    """Twelve letters that people can compare and read out: 7K4Q-M9XT-2B6D."""
    number = int.from_bytes(leaf, "big") >> (8 * merkle.HASH_BYTES - CODE_LENGTH * CODE_BITS)
    letters = "".join(
        CODE_LETTERS[number >> CODE_BITS * place & len(CODE_LETTERS) - 1] for place in reversed(range(CODE_LENGTH))
    )
    return "-".join(letters[start : start + CODE_GROUP] for start in range(0, CODE_LENGTH, CODE_GROUP))


def by_code(log: Log, code: str) -> Entry | None:
    """The entry of a log whose code was typed in, however it was spaced; None if there is none or more than one."""
    letters = "".join(one for one in code.upper().translate(LETTER_MISREAD) if one in CODE_LETTERS)
    if len(letters) != CODE_LENGTH:
        return None
    number = 0
    for letter in letters:
        number = number << CODE_BITS | CODE_LETTERS.index(letter)
    shift = 8 * merkle.HASH_BYTES - CODE_LENGTH * CODE_BITS
    first = (number << shift).to_bytes(merkle.HASH_BYTES, "big")
    last = ((number + 1 << shift) - 1).to_bytes(merkle.HASH_BYTES, "big")
    found = list(Entry.objects.filter(log=log, leaf_hash__gte=first, leaf_hash__lte=last).order_by("leaf_hash")[:2])
    return found[0] if len(found) == 1 else None


def text_of(value: Mapping[str, Any]) -> str:
    """A receipt as one line, the same every time."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def qr(text: str) -> segno.QRCode:
    """Whole receipts of large logs fit: low correction, for screens and prints of some size."""
    return segno.make(text, error="l", micro=False)


def parsed(text: str) -> Receipt:
    if len(text.encode()) > LONGEST:
        raise NoReceipt("too long")
    try:
        value = json.loads(text)
        if value["format"] != queries.RECEIPT_FORMAT or not isinstance(value["log"], str):
            raise NoReceipt("another format")
        made = value["promise"]
        signature = notes.from_base64(made["signature"], notes.SIGNATURE_BYTES)
        promise = Promise(value["log"], _hex(value["leaf"]), _whole(made["at"]), _hex(made["key"]), signature)
        if "inclusion" not in value:
            return Receipt(promise, None, (), None, value)
        proof = value["inclusion"]
        path = tuple(notes.from_base64(one, merkle.HASH_BYTES) for one in proof["path"])
        note = notes.parse_note(value["checkpoint"]["note"])
        notes.parse_checkpoint(note)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, OverflowError) as error:
        raise NoReceipt("not the parts of a receipt") from error
    return Receipt(promise, _whole(proof["index"]), path, note, value)


def _hex(text: Any) -> bytes:
    value = bytes.fromhex(text)
    if len(value) != merkle.HASH_BYTES or value.hex() != text:
        raise NoReceipt("a hash is 64 small hexadecimal digits")
    return value


def _whole(value: Any) -> int:
    if type(value) is not int or not 0 <= value <= merkle.LARGEST_TREE:
        raise NoReceipt("a number is whole and not too large")
    return value


def check(receipt: Receipt) -> Report:
    """Every signature and proof on the receipt, then the log itself. Order: what fails first explains the rest."""
    promise = receipt.promise
    log = Log.objects.filter(origin=promise.origin).first()
    known = {bytes(public) for public in SigningKey.objects.values_list("public", flat=True)}
    findings = [
        Finding("log", "good" if log else "bad"),
        Finding("promise", "good" if promise.holds and promise.public_key in known else "bad"),
    ]
    body = notes.parse_checkpoint(receipt.checkpoint) if receipt.checkpoint else None
    if receipt.checkpoint is not None and body is not None and receipt.index is not None:
        note = receipt.checkpoint
        signed = any(notes.signed_by(note, name=promise.origin, public_key=public) for public in known)
        included = merkle.includes(receipt.path, leaf=promise.leaf, index=receipt.index, size=body.size, root=body.root)
        findings += [
            Finding("checkpoint", "good" if signed and body.origin == promise.origin else "bad"),
            Finding("inclusion", "good" if included else "bad"),
        ]
    entry = queries.entry_of(log, promise.leaf) if log else None
    newest = queries.newest_checkpoint(log) if log else None
    findings.append(Finding("entry", "bad" if entry is None else "waits" if entry.leaf_index is None else "good"))
    if body is not None and log is not None and newest is not None:
        same = 0 < body.size <= newest.size and queries.root_at(log, body.size) == body.root
        findings.append(Finding("history", "good" if same else "bad"))
    return Report(receipt, tuple(findings), entry, newest, _seen(entry))


def _seen(entry: Entry | None) -> tuple[Cosignature, ...]:
    """Who signed that they saw a checkpoint with this entry in it, the newest first."""
    if entry is None or entry.leaf_index is None:
        return ()
    signed = Cosignature.objects.filter(checkpoint__log_id=entry.log_id, checkpoint__size__gt=entry.leaf_index)
    newest = signed.select_related("witness", "checkpoint").order_by("-checkpoint__size", "pk")
    return tuple(newest[:MOST_WITNESSES])


def address(receipt: Mapping[str, Any], *, page: str) -> str:
    """What the small QR on a receipt holds: the page where a stranger checks it."""
    leaf = base64.urlsafe_b64encode(bytes.fromhex(receipt["leaf"])).decode().rstrip("=")
    return f"{page}?ri={receipt['log']}&tiao={leaf}"


def by_address(origin: str, leaf: str) -> Entry | None:
    try:
        value = base64.urlsafe_b64decode(f"{leaf}=")
    except ValueError:
        return None
    return Entry.objects.select_related("log", "key").filter(log__origin=origin, leaf_hash=value).first()
