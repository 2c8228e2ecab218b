"""An estate goes to another community: what is under way goes with it."""

from gongzhi.core import services as core
from gongzhi.core.models import Event
from gongzhi.equipment.models import (
    Defect,
    DirectiveTarget,
    Emergency,
    EmergencyPlan,
    Fault,
    UpkeepContract,
    UsePermit,
)


def follow_estate(event: Event) -> None:
    """What is under way goes along; what is over keeps the path of its time."""
    was, path = str(event.data["was_path"]), event.place_path
    for rows in (
        UpkeepContract.objects.filter(ended_on=None),
        Fault.objects.exclude(state="fixed"),
        EmergencyPlan.objects.filter(withdrawn_on=None),
        Emergency.objects.filter(state="open"),
        DirectiveTarget.objects.exclude(state="closed"),
        Defect.objects.exclude(state="closed"),
        UsePermit.objects.exclude(state="refused"),
    ):
        core.rebase(rows, old=was, new=path)
