"""Cases that wait for a fact of their estate: when it is recorded, each looks for its unit anew."""

from datetime import date

from gongzhi.cases.models import Case
from gongzhi.cases.services.routing import route_with
from gongzhi.core.actors import Actor
from gongzhi.core.days import local_day
from gongzhi.core.models import Event
from gongzhi.registry import services as registry


def fact_recorded(event: Event) -> None:
    """Reaction to `estate.fact_recorded`. Cases that already have their unit stay where they are.

    A fact that is recorded from a later day than the complaint's still tells where the complaint belongs.
    """
    if event.data.get("value") is None:
        return
    name = str(event.data["name"])
    if date.fromisoformat(str(event.data["from_on"])) > local_day(event.at):
        return
    value = registry.told(name, str(event.data["value"]))
    waiting = Case.objects.select_for_update(of=("self",)).select_related("complaint", "estate")
    for case in waiting.filter(estate_id=event.subject_id, needs__contains=[name], lead=None).order_by("pk"):
        system = Actor.system(demo=event.demo)
        route_with(case, name=name, value=value, title="小区底数已补登，重新找承办单位", actor=system, now=event.at)
