"""Paper ballots as PDF: one a unit, with a code of its own that is counted once."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from gongzhi.core.printing import print_pdf, qr_svg
from gongzhi.governance.votes.paper.codes import in_words

TEMPLATE = Path(__file__).with_name("ballot.typ")
OPTIONS = ("同意", "反对", "弃权")


@dataclass(frozen=True, slots=True)
class PollSheet:
    """What stands on every ballot of a poll. `silence`: what becomes of a ballot that is not returned."""

    title: str
    estate: str
    closes: str
    returns: str
    rules_hash: str
    silence: str = ""
    phone: str = ""
    basis: str = ""


@dataclass(frozen=True, slots=True)
class PrintedMotion:
    """A motion, or an election: then each of `candidates` has the options beside the name."""

    number: str
    title: str
    text: str = ""
    hint: str = ""
    candidates: tuple[str, ...] = ()
    options: tuple[str, ...] = OPTIONS


@dataclass(frozen=True, slots=True)
class PrintedBallot:
    """One unit's ballot. `code`: see codes.py; `address`: what its QR code leads a phone to.

    `motions`: the numbers of those that the unit decides on.
    """

    unit: str
    owners: str
    area: str
    code: str
    address: str
    motions: tuple[str, ...]


def ballots_pdf(
    poll: PollSheet, motions: Sequence[PrintedMotion], ballots: Sequence[PrintedBallot], *, now: datetime
) -> bytes:
    """The ballots in one file, each on pages of its own. Refuses (`missing_glyph`) what would print as empty boxes."""
    data = {
        "poll": asdict(poll),
        "motions": [asdict(motion) for motion in motions],
        "ballots": [
            {
                "unit": ballot.unit,
                "owners": ballot.owners,
                "area": ballot.area,
                "code_words": in_words(ballot.code),
                "qr": qr_svg(ballot.address),
                "motions": ballot.motions,
            }
            for ballot in ballots
        ],
    }
    return print_pdf(TEMPLATE, data, now=now)
