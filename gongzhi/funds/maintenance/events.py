"""What happens to a maintenance fund and to each use of it. No Django."""

from gongzhi.funds.maintenance.words import (
    LEVELS,
    MATTERS,
    NEEDS,
    OWNERS_PLANS,
    PARTS,
    PATHS,
    PAYERS,
    PURPOSES,
    REPAIRERS,
    STAGES,
    STEPS,
    WARRANTY_MOVES,
)
from gongzhi.policy.vocabulary import BOOL, COUNT, DATE, MONEY_FEN, OPTIONAL, RATIO, ROLE, TEXT, Enum, EventKind

_USE = {
    "estate": TEXT,
    "applicant": ROLE,
    "path": Enum(PATHS),
    "matter": Enum(MATTERS),
    "amount": MONEY_FEN,
    "has_management_committee": BOOL,
}

_PLAN = {
    "plan": Enum(OWNERS_PLANS),
    "year": COUNT,
    "amount": MONEY_FEN,
    "estate": TEXT,
    "motion": OPTIONAL(TEXT),
}


def _of_use(name: str, title: str, /, **fields: object) -> EventKind:
    return EventKind(name, title, {**_USE, **fields}, subject="fund_use")


EVENTS: tuple[EventKind, ...] = (
    EventKind(
        "fund.assessed",
        "核定维修资金应交额",
        {"purpose": Enum(PURPOSES), "units": COUNT, "total": MONEY_FEN},
        subject="estate",
    ),
    EventKind(
        "fund.taken_over", "接管维修资金余额", {"units": COUNT, "total": MONEY_FEN, "on": DATE}, subject="estate"
    ),
    EventKind(
        "fund.deposited",
        "交存维修资金",
        {"purpose": Enum(PURPOSES), "payer": Enum(PAYERS), "amount": MONEY_FEN, "unit": TEXT, "on": DATE},
        subject="estate",
    ),
    EventKind(
        "fund.deposit_refused",
        "违规代收代缴维修资金线索",
        {"payer": Enum(PAYERS), "amount": MONEY_FEN, "unit": TEXT},
        subject="estate",
    ),
    EventKind(
        "fund.interest_added", "维修资金增值分摊", {"amount": MONEY_FEN, "units": COUNT, "on": DATE}, subject="estate"
    ),
    EventKind("fund.carried_over", "维修资金结转", {"amount": MONEY_FEN, "units": COUNT, "on": DATE}, subject="estate"),
    EventKind(
        "fund.stage_checked",
        "查验维修资金交存",
        {"stage": Enum(STAGES), "units": COUNT, "short_units": COUNT, "short": MONEY_FEN, "passed": BOOL},
        subject="estate",
    ),
    EventKind(
        "fund.renewal_due",
        "触发续筹",
        {
            "level": Enum(LEVELS),
            "units": COUNT,
            "balance": MONEY_FEN,
            "first": MONEY_FEN,
            "share": RATIO,
            "estate": TEXT,
            "has_owners_committee": BOOL,
            "has_management_committee": BOOL,
        },
        subject="estate",
    ),
    EventKind("fund.renewal_over", "续筹到位", {"level": Enum(LEVELS)}, subject="estate"),
    EventKind("fund.guided", "续筹指导", {"by": ROLE}, subject="estate"),
    EventKind("fund.plan_drafted", "拟定维修计划、续筹方案", _PLAN, subject="owners_plan"),
    EventKind("fund.plan_put", "维修计划、续筹方案付表决", _PLAN, subject="owners_plan"),
    EventKind("fund.urged", "督办申报维修", {"reason": TEXT, "applicant": OPTIONAL(ROLE)}, subject="place"),
    _of_use("fund.use_proposed", "提出使用维修资金"),
    _of_use("fund.use_applied", "申请使用维修资金", materials=COUNT),
    _of_use("fund.use_step", "办理维修资金使用步骤", step=Enum(STEPS), agreed=BOOL, on=DATE),
    _of_use("fund.use_paid", "拨付维修资金", step=Enum(STEPS), paid=MONEY_FEN, on=DATE, total=MONEY_FEN),
    _of_use("fund.use_accepted", "维修工程竣工验收", on=DATE),
    _of_use("fund.use_published", "公布维修资金使用情况", on=DATE, shown=OPTIONAL(MONEY_FEN)),
    _of_use("fund.use_returned", "退回维修资金使用申请", reason=TEXT, step=Enum(STEPS)),
    _of_use(
        "fund.use_refused",
        "不予使用维修资金",
        reason=TEXT,
        step=Enum(STEPS),
        case=OPTIONAL(TEXT),
        goes_to=OPTIONAL(ROLE),
    ),
    _of_use("fund.use_resubmitted", "补正后重新提交", step=OPTIONAL(Enum(STEPS)), note=OPTIONAL(TEXT), materials=COUNT),
    _of_use("fund.use_withdrawn", "撤回维修资金使用", reason=TEXT),
    _of_use("fund.use_closed", "维修资金使用结案"),
    _of_use("fund.use_urged", "督办维修", reason=TEXT),
    EventKind(
        "repair.plan_submitted",
        "上报年度维修计划",
        {"year": COUNT, "items": COUNT, "amount": MONEY_FEN},
        subject="repair_plan",
    ),
    EventKind(
        "repair.plan_decided",
        "批复年度维修计划",
        {"year": COUNT, "amount": MONEY_FEN, "agreed": BOOL},
        subject="repair_plan",
    ),
    EventKind(
        "repair.judged",
        "判定报修由谁修",
        {
            "part": Enum(PARTS),
            "need": Enum(NEEDS),
            "who": Enum(REPAIRERS),
            "repairer": TEXT,
            "case": OPTIONAL(TEXT),
            "goes_to": OPTIONAL(ROLE),
            "contact": OPTIONAL(TEXT),
            "guide": OPTIONAL(TEXT),
            "due_on": OPTIONAL(DATE),
        },
        subject="repair_report",
    ),
    EventKind("repair.done", "登记报修修好", {"who": Enum(REPAIRERS), "on": DATE}, subject="repair_report"),
    EventKind("repair.team_registered", "登记维修队伍", {"tendered": BOOL, "until": DATE}, subject="place"),
    EventKind("warranty.assessed", "核定物业保修金", {"due": MONEY_FEN, "until": DATE}, subject="estate"),
    EventKind(
        "warranty.moved",
        "物业保修金收支",
        {"kind": Enum(WARRANTY_MOVES), "step": TEXT, "amount": MONEY_FEN, "on": DATE, "balance": MONEY_FEN},
        subject="estate",
    ),
)
