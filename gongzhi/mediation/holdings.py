"""What of mediation a unit has in hand, for the day on which it is given up."""

from django.db.models import Q

from gongzhi.core import services as core
from gongzhi.mediation.models import MediationAssist, MediationStage
from gongzhi.mediation.words import OPEN_STATES

IN_HAND = (
    core.by_column("在办的调解", MediationStage, "organisation", still=Q(ended_at=None, file__state__in=OPEN_STATES)),
    core.by_column("待出意见的协助调解", MediationAssist, "organisation", still=Q(kind="help", given_at=None)),
)
