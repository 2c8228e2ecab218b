"""What trustees do on their own devices, all of it from one code that each keeps, and how others hold it to account.

1. `channel`: a point to which the others seal his shares. 2. `deal`: his commitments, and a sealed share for everyone.
3. `own_share`, then `holding`, a proof that he has his share of the key; or `complain` about a share that does not
hold: the complaint opens that one box, so that anybody sees who cheated. 4. `entries.parts_of` after the close.
"""

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gongzhi.proof.secret import group, trustees
from gongzhi.proof.secret.group import BYTES, ORDER
from gongzhi.proof.secret.trustees import BadTrustee, Published

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: no I, L, O, U
DRAWN, CHECKED, LETTER_GROUP = 28, 4, 4
FINGERPRINT = 8
SECRET_LABEL, CODE_LABEL = "gongzhi trustee secret v1", "gongzhi trustee code v1"
CHANNEL_LABEL, BOX_LABEL = "gongzhi trustee channel v1", "gongzhi trustee box v1"
HOLDS_LABEL, COMPLAINT_LABEL = "gongzhi trustee holds v1", "gongzhi trustee complaint v1"


def new_code() -> str:
    """140 random bits and 20 that catch a slip of the pen."""
    drawn = "".join(secrets.choice(ALPHABET) for _ in range(DRAWN))
    return shown_code(drawn + _check(drawn))


def _check(drawn: str) -> str:
    return "".join(ALPHABET[one % len(ALPHABET)] for one in group.digest(CODE_LABEL, drawn.encode())[:CHECKED])


def shown_code(code: str) -> str:
    return "-".join(code[at : at + LETTER_GROUP] for at in range(0, len(code), LETTER_GROUP))


def code_of(typed: str) -> str:
    """Without dashes, slips of similar letters put right; raises ValueError where it cannot be a code."""
    code = "".join(typed.upper().split()).replace("-", "").translate(str.maketrans("OIL", "011"))
    if len(code) != DRAWN + CHECKED or _check(code[:DRAWN]) != code[DRAWN:]:
        raise ValueError("no trustee's code")
    return code


def secret_of(code: str, election: str, purpose: str) -> int:
    """A secret scalar of one trustee in one election: from the code alone, so that only the code has to be kept."""
    found = group.challenge(SECRET_LABEL, code_of(code).encode(), election.encode(), purpose.encode())
    return found or 1


@dataclass(frozen=True)
class Channel:
    """The point to which shares for trustee `number` are sealed, with the proof that he knows the secret behind it."""

    number: int
    point: bytes
    c: int
    s: int

    def as_json(self) -> dict[str, Any]:
        return {"number": self.number, "point": self.point.hex(), "proof": _shown(self.c, self.s)}


def _shown(c: int, s: int) -> dict[str, str]:
    return {"c": group.shown(c), "s": group.shown(s)}


def _proof_of(value: Mapping[str, Any]) -> tuple[int, int]:
    return group.scalar_of(value["c"]), group.scalar_of(value["s"])


def _schnorr(label: str, election: str, number: int, *points: bytes) -> int:
    return group.challenge(label, election.encode(), bytes([number]), *points)


def channel(election: str, number: int, *, code: str) -> Channel:
    secret, nonce = secret_of(code, election, "channel"), group.random_scalar()
    point = group.base_times(secret)
    c = _schnorr(CHANNEL_LABEL, election, number, point, group.base_times(nonce))
    return Channel(number, point, c, (nonce + c * secret) % ORDER)


def channel_of(value: Mapping[str, Any], election: str) -> Channel:
    """From JSON; raises `BadTrustee` unless its owner knows the secret."""
    try:
        found = Channel(int(value["number"]), group.point_of(value["point"]), *_proof_of(value["proof"]))
    except (KeyError, TypeError, ValueError) as error:
        raise BadTrustee("no trustee's channel") from error
    commitment = group.minus(group.base_times(found.s), group.times(found.c, found.point))
    if _schnorr(CHANNEL_LABEL, election, found.number, found.point, commitment) != found.c:
        raise BadTrustee(f"trustee {found.number} does not know the secret of his channel")
    return found


def fingerprint(election: str, channels: Sequence[Channel]) -> str:
    """What trustees compare by word of mouth: all of them seal to the same points."""
    found = hashlib.sha256(election.encode())
    for one in sorted(channels, key=lambda one: one.number):
        found.update(bytes([one.number]) + one.point)
    return found.hexdigest()[:FINGERPRINT].upper()


@dataclass(frozen=True)
class Box:
    """One share, sealed: `point` is the sealer's, `hidden` the share under a pad that only the two can make."""

    point: bytes
    hidden: bytes

    def as_json(self) -> dict[str, str]:
        return {"point": self.point.hex(), "hidden": self.hidden.hex()}


def box_of(value: Mapping[str, Any]) -> Box:
    try:
        hidden = bytes.fromhex(value["hidden"])
        if len(hidden) != BYTES:
            raise ValueError("32 bytes")
        return Box(group.point_of(value["point"]), hidden)
    except (KeyError, TypeError, ValueError) as error:
        raise BadTrustee("no sealed share") from error


def _pad(election: str, giver: int, taker: int, *points: bytes) -> bytes:
    return group.digest(BOX_LABEL, election.encode(), bytes([giver, taker]), *points)[:BYTES]


def _hide(share: bytes, pad: bytes) -> bytes:
    return bytes(one ^ other for one, other in zip(share, pad, strict=True))


def deal(
    election: str, number: int, *, code: str, channels: Sequence[Channel], needed: int
) -> tuple[Published, dict[int, Box]]:
    """What the trustee publishes, and for everyone (himself too) a sealed share."""
    drawn = [secret_of(code, election, f"coefficient {place}") for place in range(needed)]
    dealt = trustees.deal(election, number, count=len(channels), needed=needed, coefficients=drawn)
    boxes = {}
    for one in channels:
        nonce = group.random_scalar()
        point = group.base_times(nonce)
        pad = _pad(election, number, one.number, point, group.times(nonce, one.point))
        boxes[one.number] = Box(point, _hide(dealt.shares[one.number].to_bytes(BYTES, "little"), pad))
    return dealt.published, boxes


def _opened(election: str, box: Box, shared: bytes, *, giver: int, taker: int) -> int:
    return int.from_bytes(_hide(box.hidden, _pad(election, giver, taker, box.point, shared)), "little")


def own_share(
    election: str, number: int, *, code: str, boxes: Mapping[int, Box], published: Sequence[Published]
) -> int:
    """The trustee's share of the key; raises `BadTrustee` naming whose box does not hold. `boxes`: by giver."""
    secret = secret_of(code, election, "channel")
    handed = {
        giver: _opened(election, box, group.times(secret, box.point), giver=giver, taker=number)
        for giver, box in boxes.items()
    }
    return trustees.own_share(number, handed=handed, published=published)


def bad_givers(
    election: str, number: int, *, code: str, boxes: Mapping[int, Box], published: Sequence[Published]
) -> list[int]:
    """Whose box for this trustee does not hold what was committed to."""
    secret = secret_of(code, election, "channel")
    found = []
    for one in published:
        box = boxes[one.number]
        share = _opened(election, box, group.times(secret, box.point), giver=one.number, taker=number)
        if share >= ORDER or group.base_times(share) != trustees.expected(one, number):
            found.append(one.number)
    return found


def holding(election: str, number: int, *, share: int, published: Sequence[Published]) -> dict[str, Any]:
    """A proof that the trustee has his share of the key, without it."""
    nonce = group.random_scalar()
    key = trustees.public_share(number, published)
    c = _schnorr(HOLDS_LABEL, election, number, key, group.base_times(nonce))
    return {"number": number, "proof": _shown(c, (nonce + c * share) % ORDER)}


def refuse_not_holding(value: Mapping[str, Any], election: str, *, number: int, published: Sequence[Published]) -> None:
    try:
        c, s = _proof_of(value["proof"])
        stated = value["number"]
    except (KeyError, TypeError, ValueError) as error:
        raise BadTrustee("no proof of a share") from error
    key = trustees.public_share(number, published)
    commitment = group.minus(group.base_times(s), group.times(c, key))
    if stated != number or _schnorr(HOLDS_LABEL, election, number, key, commitment) != c:
        raise BadTrustee(f"trustee {number} does not have his share of the key")


def complain(election: str, number: int, *, code: str, giver: int, box: Box) -> dict[str, Any]:
    """Opens one box for everybody: the point that both could make, with the proof that it is that one."""
    secret, nonce = secret_of(code, election, "channel"), group.random_scalar()
    point, shared = group.base_times(secret), group.times(secret, box.point)
    points = (point, box.point, shared, group.base_times(nonce), group.times(nonce, box.point))
    c = _schnorr(COMPLAINT_LABEL, election, number, *points)
    return {"number": number, "giver": giver, "shared": shared.hex(), "proof": _shown(c, (nonce + c * secret) % ORDER)}


def guilty(
    value: Mapping[str, Any],
    election: str,
    *,
    channels: Sequence[Channel],
    published: Sequence[Published],
    boxes: Mapping[int, Mapping[int, Box]],
) -> int:
    """Who is in the wrong: the giver whose box does not hold, or who complained for nothing. `boxes`: giver, taker."""
    try:
        number, giver = int(value["number"]), int(value["giver"])
        shared, (c, s) = group.point_of(value["shared"]), _proof_of(value["proof"])
        point = next(one.point for one in channels if one.number == number)
        box, committed = boxes[giver][number], next(one for one in published if one.number == giver)
    except (KeyError, TypeError, ValueError, StopIteration) as error:
        raise BadTrustee("no complaint") from error
    first = group.minus(group.base_times(s), group.times(c, point))
    second = group.minus(group.times(s, box.point), group.times(c, shared))
    if _schnorr(COMPLAINT_LABEL, election, number, point, box.point, shared, first, second) != c:
        return number
    share = _opened(election, box, shared, giver=giver, taker=number)
    holds = share < ORDER and group.base_times(share) == trustees.expected(committed, number)
    return number if holds else giver
