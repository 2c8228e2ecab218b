"""What a body may do now: acts that the local document freezes, and who may convene what."""

from datetime import date, datetime
from typing import Any

from gongzhi.core import services as core
from gongzhi.core.errors import Refused
from gongzhi.governance.bodies.models import Formation
from gongzhi.governance.bodies.queries.bodies import body_on
from gongzhi.policy import window_state
from gongzhi.policy.periods import start_of
from gongzhi.policy.windows import WindowAnswer
from gongzhi.registry.models import Estate

CONVENE = "governance.convene_vote"
RENEWALS = ("renewal", "re_election")


def power_state(
    estate: Estate, *, matter: str, convener: str, now: datetime, anchors: dict[str, Any] | None = None
) -> WindowAnswer | None:
    """May this convener put this matter to the owners now? None when no document is loaded. `anchors`: the estate's
    days, where they are known already."""
    on = core.local_day(now)
    pack = core.pack_for(estate.place_path, on)
    if pack is None:
        return None
    days = _anchors(estate, now) if anchors is None else anchors
    switches = core.switches_for(estate.place_path, on, pack=pack)
    return window_state(pack, CONVENE, {"matter": matter, "convener": convener, **days}, now, switches=switches)


def _anchors(estate: Estate, now: datetime) -> dict[str, Any]:
    """The day the latest renewal group was formed, and the day the committee after it was: from 0:00 of each."""
    on = core.local_day(now)
    found: dict[str, Any] = {}
    span = renewal_span(estate)
    if span is not None:
        formed, ended = span
        found["formation.group_formed"] = start_of(formed)
        if ended is not None:
            found["body.formed"] = start_of(ended)
    committee = body_on(estate, "owners_committee", on)
    if committee is not None and committee.term_until is not None:
        found["term_until"] = committee.term_until
    return found


def renewal_span(estate: Estate) -> tuple[date, date | None] | None:
    """The day the latest renewal group was formed, and the day of the committee that came of it (None: not yet)."""
    renewal = (
        Formation.objects.filter(estate=estate, kind="owners_committee", trigger__in=RENEWALS, group__isnull=False)
        .exclude(state="stopped")
        .order_by("-group__formed_on")
        .select_related("group", "body")
        .first()
    )
    if renewal is None or renewal.group is None or renewal.group.formed_on is None:
        return None
    return renewal.group.formed_on, renewal.body.formed_on if renewal.body is not None else None


def require_power(estate: Estate, *, matter: str, convener: str, now: datetime) -> None:
    """For whoever opens a vote: refuses while the convener's power is frozen, naming clause and day."""
    state = power_state(estate, matter=matter, convener=convener, now=now)
    if state is not None and not state.open:
        raise Refused(
            "power_frozen", f"现在不能发起：{state.why}。", tuple(state.clauses), fields={"matter": state.why}
        )


def frozen_matters(
    estate: Estate, *, convener: str, now: datetime, matters: dict[str, str]
) -> list[tuple[str, WindowAnswer]]:
    """The matters that are frozen now, by title."""
    found, anchors = [], _anchors(estate, now)
    for code, title in matters.items():
        state = power_state(estate, matter=code, convener=convener, now=now, anchors=anchors)
        if state is not None and not state.open:
            found.append((title, state))
    return found
