"""The count of plain motions in one pass of the database: for votes of a whole city.

It knows the usual rules only (`counts_alike` says so): the last or first valid ballot by time, heads by the same
owners, a blank as an abstention, differing answers of one head as an abstention. It names no reasons; the tally does.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connection

from gongzhi.governance.votes.models import Vote, VoteRecord

ANSWERS = ("agree", "oppose", "abstain")
USUAL = {
    "merge": ("same_owner_set", "none"),
    "invalid": ("not_participating",),
    "blank": ("abstain",),
    "split_head": ("abstain",),
    "revote": ("last_valid", "first_only"),
    "precedence": ("by_time",),
    "ballot_covers": ("named_units",),
    "silence": ("not_participating",),
    "parking": ("excluded", "counted"),
    "storage": ("excluded", "counted"),
}
# What changes who may vote, or which ballots stand.
UNUSUAL_RECORDS = ("CORRECT", "TRANSFER", "NOMINATE", "PROXY", "ADJUDICATE")

OUT_OF_ORDER = """
SELECT EXISTS (
    SELECT FROM (
        SELECT id, lag(id) OVER (ORDER BY leaf_index, id) AS before FROM proof_entry WHERE log_id = %s
    ) AS placed WHERE before > id)
"""


@dataclass(frozen=True)
class SetCount:
    heads: int
    area: int


def counts_alike(vote: Vote) -> bool:
    """Whether this count and the tally must agree on the vote."""
    settings = (vote.rules or {}).get("settings", {})
    usual = all(settings.get(name, {}).get("value") in values for name, values in USUAL.items())
    plain = all(one["election"] is None and one["scope"]["level"] == "estate" for one in (vote.rules or {})["motions"])
    records = VoteRecord.objects.filter(vote=vote, kind__in=UNUSUAL_RECORDS)
    return usual and plain and not records.exists() and _in_order(vote)


def _in_order(vote: Vote) -> bool:
    """Whether places go as the numbers of entries do: of two ballots at one moment the number decides here."""
    with connection.cursor() as cursor:
        cursor.execute(OUT_OF_ORDER, [vote.log_id])
        return cursor.fetchone() == (False,)


def set_tally(vote: Vote) -> Mapping[str, Mapping[str, SetCount]]:
    """Of every motion the answers by heads and area."""
    rules = vote.rules or {}
    motions = [str(one["motion"]) for one in rules["motions"]]
    if not motions or not all(one.isalnum() for one in motions):
        raise ValueError("motions have plain names")
    with connection.cursor() as cursor:
        cursor.execute(
            _sql(motions, rules["settings"]),
            {"vote": vote.pk, "opens": vote.opens_at, "closes": vote.closes_at},
        )
        row = cursor.fetchone()
    found: dict[str, dict[str, SetCount]] = {}
    figures = iter(row)
    for motion in motions:
        found[motion] = {answer: SetCount(next(figures), int(next(figures) or 0)) for answer in ANSWERS}
    return found


def _sql(motions: list[str], settings: Mapping[str, Any]) -> str:
    """Ballots to units (the one that stands), units to heads, heads to figures: two sorts, no loop over motions."""
    order = "DESC" if settings["revote"]["value"] == "last_valid" else "ASC"
    owners = (
        "'o' || array_to_string(ARRAY(SELECT unnest(r.owners) ORDER BY 1), '+')"
        if settings["merge"]["value"] == "same_owner_set"
        else "'u' || r.code"
    )
    stock = "'s' || r.owners[1]" if settings["developer_stock"]["value"] == "one_person" else "'u' || r.code"
    left_out = [kind for kind in ("parking", "storage") if settings[kind]["value"] == "excluded"]
    kinds = f"AND r.kind NOT IN ({', '.join(repr(one) for one in left_out)})" if left_out else ""
    marks = ", ".join(f"COALESCE(b.choices->>'{one}', 'abstain') AS {one}" for one in motions)
    heads = ", ".join(
        f"CASE WHEN min({one}) = max({one}) THEN min({one}) ELSE 'abstain' END AS {one}, "
        + ", ".join(f"sum(area) FILTER (WHERE {one} = '{answer}') AS {one}_{answer}" for answer in ANSWERS)
        for one in motions
    )
    figures = ", ".join(
        f"count(*) FILTER (WHERE {one} = '{answer}'), sum({one}_{answer})" for one in motions for answer in ANSWERS
    )
    # Only names of motions made of letters and digits, and words of this module, are put into the text.
    return f"""
WITH standing AS (
    SELECT DISTINCT ON (unit) unit, r.area, CASE WHEN r.stock = 'sold' THEN {owners} ELSE {stock} END AS head, {marks}
    FROM governance_ballot b
    CROSS JOIN unnest(b.units) AS unit
    JOIN governance_rollentry r ON r.vote_id = b.vote_id AND r.code = unit {kinds}
        AND CASE WHEN cardinality(r.owners) = 1 THEN r.owners[1] ELSE r.nominee END = b.voter
    WHERE b.vote_id = %(vote)s AND b.at >= %(opens)s AND b.at < %(closes)s AND b.faults = '{{}}' AND b.proxy = ''
    ORDER BY unit, b.at {order}, b.entry_id {order}
), head AS (
    SELECT head, {heads} FROM standing GROUP BY head
)
SELECT {figures} FROM head
"""  # noqa: S608
