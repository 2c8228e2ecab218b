"""What every purse asks of a pack alike. No Django."""

from gongzhi.funds.maintenance.words import STEPS as OF_USE
from gongzhi.funds.public_money.words import PROJECT_STEPS
from gongzhi.funds.public_money.words import STEPS as OF_CLAIM
from gongzhi.policy.vocabulary import LIST, Enum, Question, Record
from gongzhi.policy.vocabulary import RecordField as Field

ASK = "ask"
WAYS: dict[str, str] = {
    "use": "维修资金使用",
    "claim": "补贴、奖励",
    "expense": "经费支出",
    "project": "财政资金项目",
    "refund": "物业费退款",
}
# What may stand before a step, and the step itself, in each way's own words.
STEPS: dict[str, dict[str, str]] = {
    "use": {ASK: "申请", **OF_USE},
    "claim": {ASK: "申请", **OF_CLAIM},
    "expense": {ASK: "申请", "approve": "审批", "pay": "支付"},
    "project": PROJECT_STEPS,
    "refund": {ASK: "申请", "approve": "审批", "pay": "付出退款"},
}
# 不相容岗位: whoever did one of these does not take the step as well.
APART: dict[str, dict[str, list[str]]] = {
    "use": {
        "verify": [ASK],
        "review": [ASK, "apply"],
        "advance": [ASK, "apply", "verify", "review"],
        "audit": [ASK, "apply", "review", "advance", "settle"],
        "settle": [ASK, "apply", "verify", "review", "audit"],
    },
    "claim": {
        "verify": [ASK],
        "review": [ASK],
        "approve": [ASK, "verify", "review"],
        "pay": [ASK, "approve"],
        "audit": [ASK, "approve", "pay"],
    },
    "expense": {"approve": [ASK], "pay": ["approve"]},
    "project": {
        "accept": ["select"],
        "approve": ["initiate"],
        "audit": ["initiate", "design", "select", "start", "accept", "approve"],
    },
    "refund": {"pay": ["approve"]},
}

QUESTIONS: tuple[Question, ...] = tuple(
    Question(
        f"funds.apart_{way}",
        f"{title}：哪些步骤不能由同一个人办",
        (),
        Record(*(Field(name, LIST(Enum(STEPS[way])), STEPS[way][name], optional=True) for name in asked)),
        default=APART[way],
    )
    for way, title, asked in (
        ("use", WAYS["use"], OF_USE),
        ("claim", WAYS["claim"], OF_CLAIM),
        ("expense", WAYS["expense"], ("approve", "pay")),
        ("project", WAYS["project"], PROJECT_STEPS),
        ("refund", WAYS["refund"], ("pay",)),  # nobody approves his own, whatever a pack says
    )
)
