"""What the clock brings: missed cares, contracts and permits that end, plans that lack."""

from datetime import datetime

from gongzhi.equipment.services.cares import begin_missing, watch_cares
from gongzhi.equipment.services.contracts import watch_contracts
from gongzhi.equipment.services.permits import watch_permits
from gongzhi.equipment.services.readiness import watch_plans


def watch(now: datetime) -> dict[str, int]:
    """Safe to run twice, and after a week of outage. Gives how many of each were noted."""
    return {
        "begun": begin_missing(now),
        "cares": watch_cares(now),
        "contracts": watch_contracts(now),
        "permits": watch_permits(now),
        "plans": watch_plans(now),
    }
