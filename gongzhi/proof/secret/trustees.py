"""Three trustees, any two of whom open the totals: Pedersen's distributed key, nobody ever holds the whole one.

1. Each draws a line f(x) = a0 + a1·x, publishes a0·G and a1·G with a proof that he knows a0, and hands each other one
   his share f(j) in private. 2. Each holds what he was handed against what was published. 3. The election's key is
the sum of all a0·G. 4. After the close two of them publish their parts of the decryption, each with a proof.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gongzhi.proof.secret import group
from gongzhi.proof.secret.ballots import Ciphertext
from gongzhi.proof.secret.group import ORDER

TRUSTEES, NEEDED = 3, 2
NUMBERS = tuple(range(1, TRUSTEES + 1))
POSSESSION_LABEL, PART_LABEL = "gongzhi trustee v1", "gongzhi decryption v1"


class BadTrustee(ValueError):  # noqa: N818
    """A published key, a share or a part of a decryption does not hold; the message names the trustee."""


@dataclass(frozen=True)
class Published:
    """What everybody sees of trustee `number`: his line's commitments and the proof of possession."""

    number: int
    commitments: tuple[bytes, bytes]
    c: int
    s: int

    def as_json(self) -> dict[str, Any]:
        return {
            "number": self.number,
            "commitments": [one.hex() for one in self.commitments],
            "proof": {"c": group.shown(self.c), "s": group.shown(self.s)},
        }


@dataclass(frozen=True)
class Dealt:
    """Of one trustee: what he publishes, and the share for each number (his own too), for that trustee's eyes only."""

    published: Published
    shares: Mapping[int, int]


def deal(election: str, number: int) -> Dealt:
    """Done on the trustee's own device."""
    if number not in NUMBERS:
        raise BadTrustee(f"there are {TRUSTEES} trustees")
    a0, a1 = group.random_scalar(), group.random_scalar()
    commitments = (group.base_times(a0), group.base_times(a1))
    secret = group.random_scalar()
    c = _possession(election, number, commitments, group.base_times(secret))
    published = Published(number, commitments, c, (secret + c * a0) % ORDER)
    return Dealt(published, {j: (a0 + a1 * j) % ORDER for j in NUMBERS})


def _possession(election: str, number: int, commitments: Sequence[bytes], commitment: bytes) -> int:
    return group.challenge(POSSESSION_LABEL, election.encode(), bytes([number]), *commitments, commitment)


def published_of(value: Mapping[str, Any]) -> Published:
    try:
        first, second = (group.point_of(one) for one in value["commitments"])
        proof = value["proof"]
        return Published(value["number"], (first, second), group.scalar_of(proof["c"]), group.scalar_of(proof["s"]))
    except (KeyError, TypeError, ValueError) as error:
        raise BadTrustee("no trustee's key") from error


def election_key(election: str, published: Sequence[Published]) -> bytes:
    """The key to encrypt with; raises `BadTrustee` unless all three are there and each knows his part."""
    if [one.number for one in published] != list(NUMBERS):
        raise BadTrustee("three trustees, in their order")
    key = group.IDENTITY
    for one in published:
        group.checked(one.commitments[0])
        group.checked(one.commitments[1])
        commitment = group.minus(group.base_times(one.s), group.times(one.c, one.commitments[0]))
        if _possession(election, one.number, one.commitments, commitment) != one.c:
            raise BadTrustee(f"trustee {one.number} does not know his part of the key")
        key = group.plus(key, one.commitments[0])
    return group.checked(key)


def _expected(published: Published, number: int) -> bytes:
    """f(number)·G from the published commitments."""
    return group.plus(published.commitments[0], group.times(number, published.commitments[1]))


def own_share(number: int, *, handed: Mapping[int, int], published: Sequence[Published]) -> int:
    """A trustee's part of the secret from what the others handed him; names the one whose share does not hold."""
    for one in published:
        if group.base_times(handed[one.number]) != _expected(one, number):
            raise BadTrustee(f"the share from trustee {one.number} is not the one he committed to")
    return sum(handed[one.number] for one in published) % ORDER


def public_share(number: int, published: Sequence[Published]) -> bytes:
    found = group.IDENTITY
    for one in published:
        found = group.plus(found, _expected(one, number))
    return found


@dataclass(frozen=True)
class Part:
    """A trustee's part of one decryption: his share times `a`, with the proof that it is that share."""

    number: int
    value: bytes
    c: int
    s: int

    def as_json(self) -> dict[str, Any]:
        return {
            "number": self.number,
            "value": self.value.hex(),
            "proof": {"c": group.shown(self.c), "s": group.shown(self.s)},
        }


def part_of(value: Mapping[str, Any]) -> Part:
    try:
        proof = value["proof"]
        return Part(
            value["number"], group.point_of(value["value"]), group.scalar_of(proof["c"]), group.scalar_of(proof["s"])
        )
    except (KeyError, TypeError, ValueError) as error:
        raise BadTrustee("no part of a decryption") from error


def _part_challenge(what: str, number: int, *points: bytes) -> int:
    return group.challenge(PART_LABEL, what.encode(), bytes([number]), *points)


def open_part(total: Ciphertext, *, what: str, number: int, share: int) -> Part:
    """`what` names election, option and measure, so that a part says nothing about another total."""
    value, secret = group.times(share, total.a), group.random_scalar()
    points = (group.base_times(share), total.a, total.b, value, group.base_times(secret), group.times(secret, total.a))
    c = _part_challenge(what, number, *points)
    return Part(number, value, c, (secret + c * share) % ORDER)


def part_holds(part: Part, total: Ciphertext, *, what: str, published: Sequence[Published]) -> bool:
    if part.number not in NUMBERS:
        return False
    key = public_share(part.number, published)
    first = group.minus(group.base_times(part.s), group.times(part.c, key))
    second = group.minus(group.times(part.s, total.a), group.times(part.c, part.value))
    return _part_challenge(what, part.number, key, total.a, total.b, part.value, first, second) == part.c


def opened(total: Ciphertext, parts: Sequence[Part]) -> bytes:
    """`value·G` from two verified parts."""
    numbers = [one.number for one in parts]
    if len(set(numbers)) != len(numbers) or len(parts) < NEEDED:
        raise BadTrustee(f"{NEEDED} different trustees are needed")
    mask = group.IDENTITY
    for one in parts:
        weight = 1
        for other in numbers:
            if other != one.number:
                weight = weight * other * pow(other - one.number, -1, ORDER) % ORDER
        mask = group.plus(mask, group.times(weight, one.value))
    return group.minus(total.b, mask)
