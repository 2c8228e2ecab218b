"""What every purse asks of a pack alike. No Django."""

from gongzhi.funds.maintenance.words import STEPS as OF_USE
from gongzhi.funds.public_money.words import STEPS as OF_CLAIM
from gongzhi.policy.vocabulary import LIST, Enum, Question, Record
from gongzhi.policy.vocabulary import RecordField as Field

ASK = "ask"
WAYS: dict[str, str] = {"use": "维修资金使用", "claim": "补贴、奖励", "expense": "经费支出"}
STEPS: dict[str, str] = {ASK: "申请", **OF_CLAIM, **OF_USE}
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
}

QUESTIONS: tuple[Question, ...] = tuple(
    Question(
        f"funds.apart_{way}",
        f"{title}：哪些步骤不能由同一个人办",
        (),
        Record(*(Field(name, LIST(Enum(STEPS)), STEPS[name], optional=True) for name in steps)),
        default=APART[way],
    )
    for way, title, steps in (
        ("use", WAYS["use"], OF_USE),
        ("claim", WAYS["claim"], OF_CLAIM),
        ("expense", WAYS["expense"], ("approve", "pay")),
    )
)
