"""Plans that the owners vote on: how far each is, and what is left of it."""

from datetime import date

from gongzhi.funds.maintenance.models import OwnersPlan
from gongzhi.funds.maintenance.words import DEAD, MATTERS
from gongzhi.governance.bodies.queries.decisions import revocation_of
from gongzhi.registry.models import Estate

IN_FORCE = ("final", "filed")


def plan_state(plan: OwnersPlan, on: date) -> str:
    """As its vote stands. A year's plan ends with its year; a vote that was stopped leaves it as it was drafted."""
    motion, lapsed = plan.motion, plan.kind == "uses" and on.year > plan.year
    if motion is None or motion.vote.state == "stopped":
        return "lapsed" if lapsed else "drafting"
    if motion.vote.state not in IN_FORCE:
        return "voting"
    if motion.outcome != "passed":
        return "lapsed" if lapsed else "not_passed"
    if revocation_of(vote_ref=motion.vote.ref.key, title=motion.title) is not None:
        return "revoked"
    return "lapsed" if lapsed else "passed"


def plan_left(plan: OwnersPlan) -> int:
    """分 that no batch has asked for; one that was refused gives its sum back, one settled for less the rest."""
    rows = plan.fund_uses.exclude(state__in=DEAD).values_list("settled_fen", "estimate_fen")
    return plan.amount_fen - sum(estimate if settled is None else settled for settled, estimate in rows)


def plans_of(estate: Estate, on: date) -> list[tuple[OwnersPlan, str, int]]:
    """Each plan with its state and, of a year's plan, what is left; the newest first."""
    rows = OwnersPlan.objects.filter(estate=estate).select_related("motion__vote").order_by("-year", "-pk")
    return [(one, plan_state(one, on), plan_left(one) if one.kind == "uses" else 0) for one in rows]


def scope_words(plan: OwnersPlan) -> str:
    return "、".join(MATTERS.get(one, one) for one in plan.matters)
