"""Who bears the costs of the first assembly: the developer, or the street where there is no developer any more."""

from datetime import date, datetime
from typing import Any

from django.db import transaction

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.governance.bodies.services.common import not_later, words
from gongzhi.policy.answer import Answer
from gongzhi.registry import services as registry
from gongzhi.registry.models import Estate
from gongzhi.registry.services import set_fact


@transaction.atomic
def note_developer(estate: Estate, *, gone: bool, from_on: date, basis: str, actor: Actor, now: datetime) -> None:
    """The street finds that the developer exists no more (struck off, bankrupt), or that it does."""
    core.require(actor, "formation.conditions", estate)
    not_later(from_on, now, field="from_on", what="日期")
    words(basis, "basis", "依据")
    event = core.record(
        "formation.developer_noted",
        subject=estate.ref,
        actor=actor,
        at=now,
        place_path=estate.place_path,
        data={"gone": gone, "from_on": from_on},
    )
    set_fact(estate.ref, "developer_gone", gone, from_on=from_on, event=event)


def first_meeting_costs(estate: Estate, on: date) -> Answer:
    """As far as delivery and the developer are on record: the answer asks for what is not."""
    known = registry.facts_of(estate.ref, ("delivered_on", "developer_gone"), on)
    facts: dict[str, Any] = {}
    delivered = known.get("delivered_on")
    if delivered is not None:
        facts["delivered"] = delivered <= on
    if known.get("developer_gone") is not None:
        facts["developer_gone"] = known["developer_gone"]
    return core.ask("governance.first_meeting_costs", facts, place_path=estate.place_path, on=on)
