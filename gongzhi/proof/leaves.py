"""Entries as bytes (RFC 8785), and the signed promise that an entry will be in the log."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gongzhi.proof.merkle import leaf_hash
from gongzhi.proof.notes import signature_holds

LOG_MEMBER = "log"
LONGEST_ENTRY = 64 * 1024
SHORTEST_SALT = 16
PROMISE_TITLE = "gongzhi promise v1"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class BadEntry(ValueError):  # noqa: N818
    """The entry has no canonical form, is too long, or names another log."""


def canonical(entry: Mapping[str, Any], *, origin: str) -> str:
    """The entry as the log keeps it: RFC 8785 JSON with the log's origin in it, so that it belongs to no other log.

    Floats are refused: numbers in an entry are whole.
    """
    if entry.get(LOG_MEMBER, origin) != origin:
        raise BadEntry("the entry names another log")
    whole = {**entry, LOG_MEMBER: origin}
    try:
        text = PLAIN.encode(whole) if _plain(whole) else rfc8785.dumps(whole).decode()
        encoded = text.encode()
    except (rfc8785.CanonicalizationError, UnicodeError, TypeError) as error:
        raise BadEntry(f"the entry has no canonical form: {error}") from error
    if len(encoded) > LONGEST_ENTRY:
        raise BadEntry("the entry is too long")
    return text


# What the standard library writes as RFC 8785 does, several times faster, where `_plain` holds.
PLAIN = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), check_circular=False)
LARGEST_WHOLE = 2**53 - 1


def _plain(value: object) -> bool:
    """Names in ASCII, whose order is the same in every encoding, and values of JSON's own types. Refuses fractions."""
    kind = type(value)
    if kind is str or kind is bool or value is None:
        return True
    if kind is int:
        return -LARGEST_WHOLE <= value <= LARGEST_WHOLE  # type: ignore[operator]
    if isinstance(value, float):
        raise BadEntry("an entry holds whole numbers only")
    if isinstance(value, Mapping):
        names = all(type(name) is str and name.isascii() for name in value)
        return all([_plain(one) for one in value.values()]) and names and kind is dict
    if isinstance(value, list | tuple):
        return all([_plain(one) for one in value])
    return False


def hash_of(text: str) -> bytes:
    return leaf_hash(text.encode())


def milliseconds(moment: datetime) -> int:
    """Since 1970, as the promise says it."""
    return (moment - EPOCH) // timedelta(milliseconds=1)


@dataclass(frozen=True)
class Promise:
    """The log owes an entry: signed when it was handed in, before it has a place in the tree."""

    origin: str
    leaf: bytes
    at_ms: int
    public_key: bytes
    signature: bytes

    @property
    def holds(self) -> bool:
        message = promise_text(self.origin, leaf=self.leaf, at_ms=self.at_ms)
        return signature_holds(self.public_key, self.signature, message)


def promise_text(origin: str, *, leaf: bytes, at_ms: int) -> bytes:
    """What is signed. Its first line keeps it apart from checkpoints, whose first line is an origin without spaces."""
    return f"{PROMISE_TITLE}\n{origin}\n{leaf.hex()}\n{at_ms}\n".encode()


def promise(origin: str, *, leaf: bytes, at_ms: int, key: Ed25519PrivateKey, public_key: bytes) -> Promise:
    return Promise(origin, leaf, at_ms, public_key, key.sign(promise_text(origin, leaf=leaf, at_ms=at_ms)))


def commitment(value: Any, *, salt: bytes, origin: str) -> str:
    """Hides a value (JSON of whole numbers and texts) in an entry until it is opened: SHA-256 in hex.

    Over the RFC 8785 form of `{"log", "salt", "value"}`, salt in hex: 16 bytes or more that nobody can guess.
    """
    if len(salt) < SHORTEST_SALT:
        raise BadEntry("the salt is too short to hide anything")
    return hashlib.sha256(canonical({"salt": salt.hex(), "value": value}, origin=origin).encode()).hexdigest()
