"""Trustees, any `needed` of whom open the totals: Pedersen's distributed key, nobody ever holds the whole one.

1. Each draws a polynomial f of `needed` coefficients, publishes them times G with a proof that he knows the first, and
   hands each other one his share f(j) in private (`ceremony`: sealed to him). 2. Each holds what he was handed against
what was published. 3. The election's key is the sum of all a0·G. 4. After the close `needed` of them publish their
parts of the decryption, each with a proof.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gongzhi.proof.secret import group
from gongzhi.proof.secret.ballots import Ciphertext
from gongzhi.proof.secret.group import ORDER

TRUSTEES, NEEDED = 3, 2
FEWEST, MOST = 2, 9
NUMBERS = tuple(range(1, TRUSTEES + 1))
POSSESSION_LABEL, PART_LABEL = "gongzhi trustee v1", "gongzhi decryption v1"


class BadTrustee(ValueError):  # noqa: N818
    """A published key, a share or a part of a decryption does not hold; the message names the trustee."""


@dataclass(frozen=True)
class Published:
    """What everybody sees of trustee `number`: his polynomial's commitments and the proof of possession."""

    number: int
    commitments: tuple[bytes, ...]
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


def refuse_numbers(count: int, needed: int) -> None:
    if not FEWEST <= needed <= count <= MOST:
        raise BadTrustee(f"{FEWEST} to {MOST} trustees, and at least {FEWEST} of them needed")


def deal(
    election: str,
    number: int,
    *,
    count: int = TRUSTEES,
    needed: int = NEEDED,
    coefficients: Sequence[int] | None = None,
) -> Dealt:
    """Done on the trustee's own device. `coefficients`: drawn before, from his code."""
    refuse_numbers(count, needed)
    if not 1 <= number <= count:
        raise BadTrustee(f"there are {count} trustees")
    drawn = [group.random_scalar() for _ in range(needed)] if coefficients is None else list(coefficients)
    if len(drawn) != needed or not all(0 < one < ORDER for one in drawn):
        raise BadTrustee("as many coefficients as trustees are needed")
    commitments = tuple(group.base_times(one) for one in drawn)
    secret = group.random_scalar()
    c = _possession(election, number, commitments, group.base_times(secret))
    published = Published(number, commitments, c, (secret + c * drawn[0]) % ORDER)
    return Dealt(published, {j: _value(drawn, j) for j in range(1, count + 1)})


def _value(coefficients: Sequence[int], at: int) -> int:
    found = 0
    for one in reversed(coefficients):
        found = (found * at + one) % ORDER
    return found


def _possession(election: str, number: int, commitments: Sequence[bytes], commitment: bytes) -> int:
    return group.challenge(POSSESSION_LABEL, election.encode(), bytes([number]), *commitments, commitment)


def published_of(value: Mapping[str, Any]) -> Published:
    try:
        commitments = tuple(group.point_of(one) for one in value["commitments"])
        proof = value["proof"]
        return Published(int(value["number"]), commitments, group.scalar_of(proof["c"]), group.scalar_of(proof["s"]))
    except (KeyError, TypeError, ValueError) as error:
        raise BadTrustee("no trustee's key") from error


def election_key(election: str, published: Sequence[Published]) -> bytes:
    """The key to encrypt with; raises `BadTrustee` unless all are there and each knows his part."""
    needed = {len(one.commitments) for one in published}
    if len(needed) != 1 or [one.number for one in published] != list(range(1, len(published) + 1)):
        raise BadTrustee("all trustees in their order, with as many commitments each as are needed")
    refuse_numbers(len(published), needed.pop())
    key = group.IDENTITY
    for one in published:
        refuse_unknowing(election, one)
        key = group.plus(key, one.commitments[0])
    return group.checked(key)


def refuse_unknowing(election: str, one: Published) -> None:
    """Raises `BadTrustee` unless the trustee has shown that he knows the secret behind his first commitment."""
    for point in one.commitments:
        group.checked(point)
    commitment = group.minus(group.base_times(one.s), group.times(one.c, one.commitments[0]))
    if _possession(election, one.number, one.commitments, commitment) != one.c:
        raise BadTrustee(f"trustee {one.number} does not know his part of the key")


def expected(published: Published, number: int) -> bytes:
    """f(number)·G from the published commitments."""
    found = group.IDENTITY
    for one in reversed(published.commitments):
        found = group.plus(group.times(number, found), one)
    return found


def own_share(number: int, *, handed: Mapping[int, int], published: Sequence[Published]) -> int:
    """A trustee's part of the secret from what the others handed him; names the one whose share does not hold."""
    for one in published:
        if group.base_times(handed[one.number]) != expected(one, number):
            raise BadTrustee(f"the share from trustee {one.number} is not the one he committed to")
    return sum(handed[one.number] for one in published) % ORDER


def public_share(number: int, published: Sequence[Published]) -> bytes:
    found = group.IDENTITY
    for one in published:
        found = group.plus(found, expected(one, number))
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
    if not 1 <= part.number <= len(published):
        return False
    key = public_share(part.number, published)
    first = group.minus(group.base_times(part.s), group.times(part.c, key))
    second = group.minus(group.times(part.s, total.a), group.times(part.c, part.value))
    return _part_challenge(what, part.number, key, total.a, total.b, part.value, first, second) == part.c


def opened(total: Ciphertext, parts: Sequence[Part], *, needed: int = NEEDED) -> bytes:
    """`value·G` from the verified parts of as many trustees as are needed."""
    numbers = [one.number for one in parts]
    if len(set(numbers)) != len(numbers) or len(parts) < needed:
        raise BadTrustee(f"{needed} different trustees are needed")
    mask = group.IDENTITY
    for one in parts:
        weight = 1
        for other in numbers:
            if other != one.number:
                weight = weight * other * pow(other - one.number, -1, ORDER) % ORDER
        mask = group.plus(mask, group.times(weight, one.value))
    return group.minus(total.b, mask)
