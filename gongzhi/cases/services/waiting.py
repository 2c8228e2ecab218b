"""Cases that wait for a fact of their estate: when it is recorded, each looks for its unit anew."""

from datetime import date, datetime
from typing import Any

from gongzhi.cases.models import Case
from gongzhi.cases.queries import asking
from gongzhi.cases.services.acting import emit
from gongzhi.cases.services.opening import apply_route, core_clauses, route_at_once
from gongzhi.cases.services.routing import routing_answer
from gongzhi.core.actors import Actor
from gongzhi.core.days import local_day
from gongzhi.core.models import Event
from gongzhi.registry import services as registry


def fact_recorded(event: Event) -> None:
    """Reaction to `estate.fact_recorded`. Cases that already have their unit stay where they are."""
    if event.data.get("value") is None:
        return
    name = str(event.data["name"])
    if date.fromisoformat(str(event.data["from_on"])) > local_day(event.at):
        return
    value = registry.told(name, str(event.data["value"]))
    waiting = Case.objects.select_for_update(of=("self",)).select_related("complaint", "estate")
    for case in waiting.filter(estate_id=event.subject_id, needs__contains=[name], lead=None).order_by("pk"):
        _look_again(case, name, value, actor=Actor.system(demo=event.demo), now=event.at)


def _look_again(case: Case, name: str, value: Any, *, actor: Actor, now: datetime) -> None:
    """A fact that is recorded from a later day than the complaint's still tells where the complaint belongs."""
    asking.forget_facts(case)
    case.facts = {**case.facts, name: value}
    if name == "in_built_up_area":
        case.in_built_up_area = bool(value)
    apply_route(case, routing_answer(case, local_day(case.received_at)))
    title = "小区底数已补登，重新找承办单位"
    emit(case, kind="progress_noted", title=title, actor=actor, now=now, clauses=core_clauses(case))
    route_at_once(case, actor=actor, now=now)
