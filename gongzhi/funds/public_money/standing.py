"""What a person has to decide on while a claim goes its way: by what is on record of the company that day."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from gongzhi.core import services as core
from gongzhi.funds.public_money.models import Claim
from gongzhi.funds.public_money.queries import next_step
from gongzhi.registry.queries.known import fact_of_many

# What is on record of the company while a claim goes its way: asked anew at every step, for it may be taken back.
OF_COMPANY = ("blacklisted", "list_pending")


def standing_of(claim: Claim, on: date) -> list[dict[str, Any]]:
    return standing([claim], on).get(claim.pk, [])


def standing(claims: Iterable[Claim], on: date) -> dict[int, list[dict[str, Any]]]:
    """What a person has to decide on that day, by claim: what the pack's checks of a step warn of. Two statements."""
    rows = {one: one.organisation_id for one in claims if one.organisation_id and one.state in ("running", "returned")}
    keys = set(rows.values())
    known = {name: fact_of_many("organisation", keys, name, on=on) for name in OF_COMPANY} if keys else {}
    found: dict[int, list[dict[str, Any]]] = {}
    for row, company in rows.items():
        facts = {name: of[company] for name, of in known.items() if of.get(company)}
        step = next_step(row) if facts else None
        if step is None:
            continue
        asked = {"scheme": row.scheme, "step": step, **facts}
        findings = core.run_checks("funds.claim_step", asked, place_path=row.place_path, on=on, raise_=False)
        found[row.pk] = [
            {"says": one.message, "clauses": list(one.clauses), "outcome": one.outcome}
            for one in findings
            if one.outcome == "warn"
        ]
    return found
