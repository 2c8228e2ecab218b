"""A secret ballot: each option a ciphertext of 0 or 1 with a proof of that, and a proof of how many are 1.

Proofs are disjunctions of Chaum-Pedersen (Cramer, Damgård, Schoenmakers), made non-interactive by hashing everything
that the ballot is about: the election, its key, the voter, all ciphertexts. A ballot copied to another voter, another
election, or with its parts exchanged, does not verify.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gongzhi.proof.secret import group
from gongzhi.proof.secret.group import ORDER

BALLOT_LABEL, PROOF_LABEL = "gongzhi secret ballot v1", "gongzhi secret proof v1"
SUM = "sum"
MOST_OPTIONS = 200

Branch = tuple[int, int]


@dataclass(frozen=True)
class Context:
    """What a ballot is for: election (the log's origin and the digests frozen in it), voter, options, how many."""

    election: str
    voter: str
    key: bytes
    options: tuple[str, ...]
    least: int = 1
    most: int = 1

    def __post_init__(self) -> None:
        if not 0 < len(self.options) <= MOST_OPTIONS or len(set(self.options)) != len(self.options):
            raise ValueError("options differ and are not too many")
        if not 0 <= self.least <= self.most <= len(self.options):
            raise ValueError("least and most lie within the options")


@dataclass(frozen=True)
class Ciphertext:
    """`(rG, vG + rH)`."""

    a: bytes
    b: bytes

    def plus(self, other: "Ciphertext") -> "Ciphertext":
        return Ciphertext(group.plus(self.a, other.a), group.plus(self.b, other.b))

    def times(self, weight: int) -> "Ciphertext":
        return self if weight == 1 else Ciphertext(group.times(weight, self.a), group.times(weight, self.b))


NOTHING = Ciphertext(group.IDENTITY, group.IDENTITY)


@dataclass(frozen=True)
class Ballot:
    """Ciphertexts in the order of the options; of each proof, challenge and response of every branch."""

    ciphertexts: tuple[Ciphertext, ...]
    proofs: tuple[tuple[Branch, ...], ...]
    sum_proof: tuple[Branch, ...]

    def as_json(self) -> dict[str, Any]:
        return {
            "options": [
                {"a": one.a.hex(), "b": one.b.hex(), "proof": _branches_shown(proof)}
                for one, proof in zip(self.ciphertexts, self.proofs, strict=True)
            ],
            "sum": _branches_shown(self.sum_proof),
        }


def _branches_shown(branches: Sequence[Branch]) -> list[dict[str, str]]:
    return [{"c": group.shown(c), "s": group.shown(s)} for c, s in branches]


def ballot_of(value: Mapping[str, Any], context: Context) -> Ballot:
    """From JSON; raises ValueError for anything that no ballot of this election could be."""
    try:
        if set(value) != {"options", "sum"} or len(value["options"]) != len(context.options):
            raise ValueError("options and sum, for as many options as there are")
        ciphertexts, proofs = [], []
        for one in value["options"]:
            if set(one) != {"a", "b", "proof"}:
                raise ValueError("a, b, proof")
            ciphertexts.append(Ciphertext(group.point_of(one["a"]), group.point_of(one["b"])))
            proofs.append(_branches_of(one["proof"], 2))
        total = _branches_of(value["sum"], context.most - context.least + 1)
    except (TypeError, KeyError, AttributeError) as error:
        raise ValueError("no ballot") from error
    return Ballot(tuple(ciphertexts), tuple(proofs), total)


def _branches_of(value: Any, count: int) -> tuple[Branch, ...]:
    if not isinstance(value, list) or len(value) != count or any(set(one) != {"c", "s"} for one in value):
        raise ValueError("as many branches as values are allowed")
    return tuple((group.scalar_of(one["c"]), group.scalar_of(one["s"])) for one in value)


def _bound(context: Context, ciphertexts: Sequence[Ciphertext]) -> bytes:
    return group.digest(
        BALLOT_LABEL,
        context.election.encode(),
        context.voter.encode(),
        context.key,
        bytes([context.least, context.most]),
        *(one.encode() for one in context.options),
        *(part for one in ciphertexts for part in (one.a, one.b)),
    )


def cast(context: Context, chosen: Sequence[str]) -> Ballot:
    """Encrypts and proves. Who calls this sees the choice: it belongs on the voter's side."""
    return sealed(context, chosen)[0]


def opening(context: Context, ballot: Ballot, *, nonces: Sequence[int], chosen: Sequence[str]) -> dict[str, Any]:
    """What shows to anybody what is in a ballot that is not cast (verify.py --challenge)."""
    return {
        "format": "gongzhi-challenge/1",
        "election": context.election,
        "voter": context.voter,
        "key": context.key.hex(),
        "options": list(context.options),
        "least": context.least,
        "most": context.most,
        "chosen": list(chosen),
        "nonces": [group.shown(one) for one in nonces],
        "ballot": ballot.as_json(),
    }


def sealed(context: Context, chosen: Sequence[str]) -> tuple[Ballot, list[int]]:
    """The ballot, and the secrets that open it."""
    values = [int(option in chosen) for option in context.options]
    if not set(chosen) <= set(context.options) or not context.least <= sum(values) <= context.most:
        raise ValueError("not what this ballot allows")
    nonces = [group.random_scalar() for _ in values]
    ciphertexts = [
        Ciphertext(group.base_times(r), group.plus(group.base_times(v), group.times(r, context.key)))
        for v, r in zip(values, nonces, strict=True)
    ]
    bound = _bound(context, ciphertexts)
    proofs = [
        _prove(context.key, one, value=v, nonce=r, allowed=(0, 1), bound=bound, place=str(number))
        for number, (one, v, r) in enumerate(zip(ciphertexts, values, nonces, strict=True))
    ]
    total = _prove(
        context.key,
        summed(ciphertexts),
        value=sum(values),
        nonce=sum(nonces) % ORDER,
        allowed=range(context.least, context.most + 1),
        bound=bound,
        place=SUM,
    )
    return Ballot(tuple(ciphertexts), tuple(proofs), total), nonces


def summed(ciphertexts: Sequence[Ciphertext]) -> Ciphertext:
    found = NOTHING
    for one in ciphertexts:
        found = found.plus(one)
    return found


def _prove(
    key: bytes,
    one: Ciphertext,
    *,
    value: int,
    nonce: int,
    allowed: Sequence[int],
    bound: bytes,
    place: str,
) -> tuple[Branch, ...]:
    """That `one` hides a value of `allowed`: the true branch answers, the others are simulated."""
    branches: list[Branch] = []
    commitments: list[bytes] = []
    secret = group.random_scalar()
    for other in allowed:
        if other == value:
            branches.append((0, 0))
            commitments += [group.base_times(secret), group.times(secret, key)]
            continue
        c, s = group.random_scalar(), group.random_scalar()
        branches.append((c, s))
        commitments += _commitments(key, one, value=other, branch=(c, s))
    whole = group.challenge(PROOF_LABEL, bound, place.encode(), *commitments)
    rest = (whole - sum(c for c, _ in branches)) % ORDER
    branches[list(allowed).index(value)] = (rest, (secret + rest * nonce) % ORDER)
    return tuple(branches)


def _commitments(key: bytes, one: Ciphertext, *, value: int, branch: Branch) -> list[bytes]:
    c, s = branch
    shifted = group.minus(one.b, group.base_times(value)) if value else one.b
    return [
        group.minus(group.base_times(s), group.times(c, one.a)),
        group.minus(group.times(s, key), group.times(c, shifted)),
    ]


def _proven(
    key: bytes, one: Ciphertext, branches: Sequence[Branch], *, allowed: Sequence[int], bound: bytes, place: str
) -> bool:
    commitments: list[bytes] = []
    for value, branch in zip(allowed, branches, strict=True):
        commitments += _commitments(key, one, value=value, branch=branch)
    whole = group.challenge(PROOF_LABEL, bound, place.encode(), *commitments)
    return sum(c for c, _ in branches) % ORDER == whole


def verified(ballot: Ballot, context: Context) -> bool:
    """Whether every option hides 0 or 1, and as many are 1 as allowed, for this voter in this election."""
    if len(ballot.ciphertexts) != len(context.options) or len(ballot.proofs) != len(context.options):
        return False
    try:
        for one in ballot.ciphertexts:
            group.checked(one.a)
            group.checked(one.b)
        bound = _bound(context, ballot.ciphertexts)
        each = all(
            _proven(context.key, one, proof, allowed=(0, 1), bound=bound, place=str(number))
            for number, (one, proof) in enumerate(zip(ballot.ciphertexts, ballot.proofs, strict=True))
        )
        return each and _proven(
            context.key,
            summed(ballot.ciphertexts),
            ballot.sum_proof,
            allowed=range(context.least, context.most + 1),
            bound=bound,
            place=SUM,
        )
    except ValueError:
        return False
