"""The prime-order subgroup of edwards25519 by libsodium: points are 32 bytes, scalars whole numbers below ORDER."""

import hashlib
import secrets

from nacl import bindings
from nacl.exceptions import RuntimeError as SodiumError

ORDER = 2**252 + 27742317777372353535851937790883648493
BYTES = 32
IDENTITY = b"\x01" + bytes(BYTES - 1)


class BadPoint(ValueError):  # noqa: N818
    """No canonical encoding of a point of the subgroup of prime order, or the neutral element."""


def _scalar(value: int) -> bytes:
    return (value % ORDER).to_bytes(BYTES, "little")


def random_scalar() -> int:
    return secrets.randbelow(ORDER - 1) + 1


def checked(point: bytes) -> bytes:
    """The point itself; raises `BadPoint` for whatever a stranger must not send."""
    if len(point) != BYTES or not bindings.crypto_core_ed25519_is_valid_point(point):
        raise BadPoint(point.hex())
    return point


def times(scalar: int, point: bytes) -> bytes:
    if scalar % ORDER == 0 or point == IDENTITY:
        return IDENTITY
    try:
        return bindings.crypto_scalarmult_ed25519_noclamp(_scalar(scalar), point)
    except SodiumError as error:
        raise BadPoint(point.hex()) from error


def base_times(scalar: int) -> bytes:
    if scalar % ORDER == 0:
        return IDENTITY
    return bindings.crypto_scalarmult_ed25519_base_noclamp(_scalar(scalar))


def plus(first: bytes, second: bytes) -> bytes:
    return bindings.crypto_core_ed25519_add(first, second)


def minus(first: bytes, second: bytes) -> bytes:
    return bindings.crypto_core_ed25519_sub(first, second)


BASE = base_times(1)


def digest(label: str, *parts: bytes) -> bytes:
    """SHA-512 over a label and parts, each with its length before it: no two lists of parts look the same."""
    found = hashlib.sha512()
    for part in (label.encode(), *parts):
        found.update(len(part).to_bytes(8, "little"))
        found.update(part)
    return found.digest()


def challenge(label: str, *parts: bytes) -> int:
    return int.from_bytes(digest(label, *parts), "little") % ORDER


def scalar_of(text: object) -> int:
    """From hex; raises ValueError unless it is the one spelling of a number below the order."""
    value = int.from_bytes(_bytes_of(text), "little")
    if value >= ORDER:
        raise ValueError("a scalar above the order")
    return value


def point_of(text: object) -> bytes:
    return checked(_bytes_of(text))


def _bytes_of(text: object) -> bytes:
    if not isinstance(text, str) or len(text) != 2 * BYTES or text != text.lower():
        raise ValueError("32 bytes in small hex letters")
    return bytes.fromhex(text)


def shown(scalar: int) -> str:
    return _scalar(scalar).hex()
