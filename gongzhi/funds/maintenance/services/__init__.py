"""The face of the maintenance fund."""

from gongzhi.funds.maintenance.services.deposits import (
    Gate,
    TakenOver,
    add_interest,
    assess_first,
    check_stage,
    judge_stage,
    note_refused_deposit,
    receive_deposit,
    take_over,
)
from gongzhi.funds.maintenance.services.paying import pay
from gongzhi.funds.maintenance.services.planning import PlanDraft, draft_plan, open_motions, put_plan, revise_plan
from gongzhi.funds.maintenance.services.renewing import assess_renewal, guide_renewal, watch_all, watch_renewal
from gongzhi.funds.maintenance.services.repairing import (
    Team,
    add_repair,
    ask_repair_payment,
    begin_repair,
    decide_plan,
    planned,
    register_team,
    submit_plan,
)
from gongzhi.funds.maintenance.services.using import Proposal, Taking, propose_use, resubmit, take_step, urge
from gongzhi.funds.maintenance.services.warranty import (
    ask_use,
    assess_warranty,
    check_use,
    give_back,
    pay_in,
    pay_use,
)

__all__ = [
    "Gate",
    "PlanDraft",
    "draft_plan",
    "open_motions",
    "put_plan",
    "revise_plan",
    "Proposal",
    "TakenOver",
    "Taking",
    "Team",
    "add_repair",
    "ask_repair_payment",
    "ask_use",
    "assess_warranty",
    "begin_repair",
    "check_use",
    "decide_plan",
    "give_back",
    "pay_in",
    "pay_use",
    "planned",
    "register_team",
    "submit_plan",
    "add_interest",
    "assess_first",
    "assess_renewal",
    "check_stage",
    "guide_renewal",
    "judge_stage",
    "note_refused_deposit",
    "pay",
    "propose_use",
    "receive_deposit",
    "resubmit",
    "take_over",
    "take_step",
    "urge",
    "watch_all",
    "watch_renewal",
]
