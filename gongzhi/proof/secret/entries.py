"""The kinds of log entries of a secret election, as the verifier reads them: key, ballot, challenged, totals.

The voters and their weights are a file that the key's entry names with its SHA-256: `{"<voter>": [area, heads], …}`.
Its digest is part of what every ballot is bound to, so that weights cannot change after the first ballot.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from gongzhi.proof.secret import totals, trustees
from gongzhi.proof.secret.ballots import Ballot, Ciphertext, Context

KEY, BALLOT, CHALLENGED, TOTALS = "key", "ballot", "challenged", "totals"
Voters = Mapping[str, tuple[int, int]]


def voters_file(voters: Voters) -> bytes:
    """Area in units of 0.01 m² and heads of each voter."""
    plain = {voter: [area, heads] for voter, (area, heads) in voters.items()}
    return (json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":")) + "\n").encode()


def election_of(origin: str, motion: str, voters: bytes) -> str:
    """What trustees and ballots are bound to."""
    return f"{origin}\n{motion}\n{hashlib.sha256(voters).hexdigest()}"


def key_entry(
    *,
    motion: str,
    file: str,
    voters: bytes,
    published: Sequence[trustees.Published],
    options: Sequence[str],
    least: int,
    most: int,
    guard: int | None = None,
) -> dict[str, Any]:
    """`guard`: how many ballots it takes before the totals may be opened, if other than what the areas ask for."""
    return {
        "secret": KEY,
        "motion": motion,
        "voters": file,
        "files": {file: hashlib.sha256(voters).hexdigest()},
        "trustees": [one.as_json() for one in published],
        "options": list(options),
        "least": least,
        "most": most,
        **({} if guard is None else {"guard": guard}),
    }


def ballot_entry(ballot: Ballot, *, motion: str, voter: str) -> dict[str, Any]:
    return {"secret": BALLOT, "motion": motion, "voter": voter, "ballot": ballot.as_json()}


def challenged_entry(ballot: Ballot, *, motion: str, voter: str) -> dict[str, Any]:
    """A ballot that was opened by its voter instead of cast: it never counts."""
    return {"secret": CHALLENGED, "motion": motion, "voter": voter, "ballot": ballot.as_json()}


def context_of(key: Mapping[str, Any], *, origin: str, voters: bytes, voter: str) -> Context:
    """A voter's context from the key's entry."""
    election = election_of(origin, key["motion"], voters)
    published = [trustees.published_of(one) for one in key["trustees"]]
    return Context(
        election,
        voter,
        trustees.election_key(election, published),
        tuple(key["options"]),
        key["least"],
        key["most"],
    )


def totals_entry(
    *,
    motion: str,
    counted: int,
    opened: Mapping[str, Sequence[int]],
    parts: Mapping[str, Sequence[Sequence[trustees.Part]]],
) -> dict[str, Any]:
    """For each measure and option the number and the trustees' parts that prove it."""
    return {
        "secret": TOTALS,
        "motion": motion,
        "counted": counted,
        "totals": {
            measure: [
                {"value": value, "parts": [one.as_json() for one in two]}
                for value, two in zip(opened[measure], parts[measure], strict=True)
            ]
            for measure in totals.MEASURES
        },
    }


def parts_of(
    sums: Mapping[str, Sequence[Ciphertext]], *, election: str, options: Sequence[str], number: int, share: int
) -> dict[str, list[trustees.Part]]:
    """All parts of one trustee, made on his own device."""
    return {
        measure: [
            trustees.open_part(total, what=totals.what_of(election, measure, option), number=number, share=share)
            for total, option in zip(sums[measure], options, strict=True)
        ]
        for measure in totals.MEASURES
    }
