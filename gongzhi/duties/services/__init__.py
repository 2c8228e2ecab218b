"""The face of duties: what opens, closes and changes them. The site wires `react` and `tick`."""

from gongzhi.duties.services.approvals import (
    ask_extension,
    decide_extension,
    excuse,
    hand_over,
    recompute_provisional,
    resume,
    suspend,
)
from gongzhi.duties.services.handling import fulfil, hand_out, prompt
from gongzhi.duties.services.moving import follow_estate
from gongzhi.duties.services.reacting import react
from gongzhi.duties.services.standing import open_standing, standing_changed
from gongzhi.duties.services.tasks import assign_task, delegate
from gongzhi.duties.services.ticking import TickReport, tick
from gongzhi.duties.services.undoing import uncount

__all__ = [
    "TickReport",
    "ask_extension",
    "assign_task",
    "decide_extension",
    "delegate",
    "excuse",
    "fulfil",
    "hand_out",
    "follow_estate",
    "hand_over",
    "open_standing",
    "prompt",
    "react",
    "recompute_provisional",
    "resume",
    "standing_changed",
    "suspend",
    "tick",
    "uncount",
]
