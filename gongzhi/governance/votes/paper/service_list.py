"""The list of service: how and when the ballot reached each unit, and room to sign. Printed to be carried round."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from gongzhi.core.display import cn_moment
from gongzhi.core.printing import print_pdf
from gongzhi.governance.votes.models import Vote

TEMPLATE = Path(__file__).with_name("service.typ")


@dataclass(frozen=True, slots=True)
class ServedUnit:
    """One unit. Empty words where nothing is on record yet. `owners`: masked; `evidence`: the digest of its file."""

    room: str
    owners: str
    served: bool
    way: str = ""
    at: str = ""
    by: str = ""
    evidence: str = ""


def service_pdf(vote: Vote, rows: Iterable[ServedUnit], *, part: str, now: datetime) -> bytes:
    """`part`: which of the roll's units these are, in words; empty: all."""
    listed = [asdict(one) for one in rows]
    served = sum(one["served"] for one in listed)
    data = {
        "estate": vote.estate.name,
        "title": vote.title,
        "part": part,
        "window": f"{cn_moment(vote.opens_at)}至{cn_moment(vote.closes_at)}",
        "whole": len(listed),
        "served": served,
        "left": len(listed) - served,
        "printed": cn_moment(now),
        "rows": listed,
        "demo": vote.demo,
    }
    return print_pdf(TEMPLATE, data, now=now)
