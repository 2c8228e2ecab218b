"""What of findings and routes a unit has in hand, for the day on which it is given up."""

from django.db.models import Q

from gongzhi.core import services as core
from gongzhi.patrols.models import PatrolFinding, PatrolRoute

IN_HAND = (
    core.by_column("待整改的巡查问题", PatrolFinding, "responsible", still=Q(state="assigned")),
    core.by_column("待复查的巡查问题", PatrolFinding, "rechecker", still=Q(state__in=["assigned", "rectified"])),
    core.by_column("巡查路线", PatrolRoute, "organisation", still=Q(ended_on=None)),
)
