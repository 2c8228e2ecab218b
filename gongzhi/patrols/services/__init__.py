"""The commands of patrols: rounds and signing in, findings to their end, entries of registers."""

from gongzhi.patrols.services.books import Filled, change, end, enter, may_stage, take_stage
from gongzhi.patrols.services.common import At, Upload
from gongzhi.patrols.services.corrections import correct_round, void_round
from gongzhi.patrols.services.findings import (
    Found,
    assign,
    escalate_overdue,
    give_notice,
    hand_on,
    noticed,
    publish,
    recheck,
    rectify,
    report_finding,
    void,
)
from gongzhi.patrols.services.moving import follow_estate
from gongzhi.patrols.services.rounds import Given, Visit, end_route, send_round, set_route, sign_in

__all__ = [
    "At",
    "Filled",
    "Found",
    "Given",
    "Upload",
    "Visit",
    "assign",
    "change",
    "correct_round",
    "end",
    "end_route",
    "enter",
    "escalate_overdue",
    "follow_estate",
    "give_notice",
    "hand_on",
    "may_stage",
    "noticed",
    "publish",
    "recheck",
    "rectify",
    "report_finding",
    "send_round",
    "set_route",
    "sign_in",
    "take_stage",
    "void",
    "void_round",
]
