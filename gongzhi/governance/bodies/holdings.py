"""What of the bodies' affairs a unit has in hand, for the day on which it is given up."""

from django.db.models import Q

from gongzhi.core import services as core
from gongzhi.governance.bodies.models import Advice, Correction, Filing

IN_HAND = (
    core.by_column("待审核的备案", Filing, "desk", still=Q(state="submitted")),
    core.by_column("要回复的指导和督促", Advice, "to", still=Q(replied_at=None, due_on__isnull=False)),
    core.by_column("待会同的违法决定", Correction, "consulted", still=Q(consulted_at=None)),
)
