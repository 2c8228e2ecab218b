"""Who may call the owners together here and now. The documents say; this gathers what they ask."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.governance.bodies.models import Body, OwedMeeting
from gongzhi.governance.bodies.queries.bodies import body_on
from gongzhi.registry.models import Estate

GROUPS = ("preparatory_group", "renewal_group")
# Whom an owed meeting names, and as whom he convenes the vote.
AS = {
    "owners_committee": ("owners_committee",),
    "management_committee": ("management_committee",),
    "community_committee": ("community_committee", "community_station"),
    "street_office": ("street_office",),
    "group": ("preparatory_group",),
}


def refuse_convener(
    estate: Estate, *, convener: str, matters: Iterable[str], origins: Iterable[Any], actor: Actor, now: datetime
) -> None:
    """Refuses by the checks on `governance.vote_convening`, each naming its clause."""
    on = core.local_day(now)
    committee = body_on(estate, "owners_committee", on)
    assigned = [one for one in origins if isinstance(one, OwedMeeting) and convener in AS.get(one.convener, ())]
    facts: dict[str, Any] = {
        "convener": convener,
        "committee_in_office": committee is not None,
        "committee_unable": committee is not None and committee.unable_from is not None,
        "management_in_office": body_on(estate, "management_committee", on) is not None,
        "group_in_office": Body.objects.in_office(on).filter(estate=estate, kind__in=GROUPS).exists(),
        "meeting_assigned": bool(assigned),
    }
    if not actor.is_system:
        facts["by"] = actor.role
    for matter in dict.fromkeys(matters):
        core.run_checks("governance.vote_convening", {**facts, "matter": matter}, place_path=estate.place_path, on=on)
