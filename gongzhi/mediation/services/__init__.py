"""The face of mediation: its commands."""

from gongzhi.mediation.services.closing import close, may_be_visited, note_confirmation, note_court, visit
from gongzhi.mediation.services.conferring import (
    conclude_topic,
    hold_conference,
    put_to_conference,
    raise_topic,
    set_measure,
)
from gongzhi.mediation.services.filing import PartyInput, Weight, accept, apply, consent, decline, own_parties, withdraw
from gongzhi.mediation.services.staffing import guide, leave, plan_circuit, register_body, register_mediator, train
from gongzhi.mediation.services.weighing import weigh
from gongzhi.mediation.services.working import (
    agree,
    agree_to_extension,
    appoint,
    ask_help,
    comment,
    fail,
    give_opinion,
    hold_session,
    move,
    recuse,
    sign,
)

__all__ = [
    "PartyInput",
    "Weight",
    "accept",
    "agree",
    "agree_to_extension",
    "apply",
    "appoint",
    "ask_help",
    "close",
    "comment",
    "conclude_topic",
    "consent",
    "decline",
    "fail",
    "give_opinion",
    "guide",
    "hold_conference",
    "hold_session",
    "leave",
    "may_be_visited",
    "move",
    "note_confirmation",
    "note_court",
    "own_parties",
    "plan_circuit",
    "put_to_conference",
    "raise_topic",
    "recuse",
    "register_body",
    "register_mediator",
    "set_measure",
    "sign",
    "train",
    "visit",
    "weigh",
    "withdraw",
]
