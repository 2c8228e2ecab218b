"""What an owners' vote asks of a pack: how it is counted, one question a rule, and its calendar. No Django."""

from gongzhi.governance.tally.rules import VALUES
from gongzhi.policy.vocabulary import COUNT, LIST, PERIOD, RATIO, TEXT, Enum, Fact, Question, Record
from gongzhi.policy.vocabulary import RecordField as Field

# In the order in which a person reads them.
ASKS: dict[str, str] = {
    "silence": "送达而没有投票的怎样计",
    "follow_choice": "选票上可不可以选“从多数”",
    "invalid": "废票怎样计",
    "blank": "选票上没有填的事项怎样计",
    "merge": "哪些房屋合算一人",
    "developer_stock": "建设单位的房屋怎样算人数",
    "split_head": "一人名下各套意见不同怎样算人数",
    "co_owners": "共有人怎样表决",
    "parking": "车位计不计",
    "storage": "储藏间计不计",
    "revote": "投票后可不可以改",
    "precedence": "不同渠道的票以哪张为准",
    "sale": "表决期间转让的房屋谁投票",
    "ballot_covers": "一张选票及于哪些房屋",
    "proxy": "可不可以委托、怎样委托",
    "notice": "公告多少天后方可表决",
    "service": "怎样算送达",
    "adjudication": "有瑕疵的选票由几人认定",
    "official_platform": "是否须用政府指定的平台",
}
# Particulars beside the value.
MORE: dict[str, tuple[Field, ...]] = {
    "silence": (Field("floor", RATIO, "已投的多数票须超过全体的比例", optional=True),),
    "revote": (Field("changes", COUNT, "可改几次", optional=True),),
    "precedence": (Field("order", LIST(TEXT), "渠道的先后", optional=True),),
    "proxy": (
        Field("cap", COUNT, "一名代理人最多代理几名业主", optional=True),
        Field("barred", LIST(TEXT), "不得代理的身份", optional=True),
        Field("agent", Enum({"anyone": "不限", "owner": "本小区业主"}), "代理人", optional=True),
        Field("instruction", Enum({"must_follow": "须按委托意见", "free": "可自行投票"}), "委托意见", optional=True),
    ),
    "notice": (Field("days", PERIOD, "公告的期限"),),
    "service": (Field("kinds", LIST(TEXT), "算数的送达方式", optional=True),),
    "adjudication": (Field("people", COUNT, "认定人数"),),
    "official_platform": (Field("name", TEXT, "平台名称", optional=True),),
}
PREFIX = "governance.vote_"


def _rule(name: str, matter: Fact) -> Question:
    value = (Field("value", Enum(VALUES[name]), "怎样计"),) if name in VALUES else ()
    return Question(name=PREFIX + name, asks=ASKS[name], facts=(matter,), answer=Record(*value, *MORE.get(name, ())))


def questions(matter: Fact) -> tuple[Question, ...]:
    """`matter`: the fact by which a document may tell rules apart."""
    return (
        *(_rule(name, matter) for name in ASKS),
        Question(
            name="governance.vote_calendar",
            asks="表决的公告、投票、公示和备案各多少天",
            facts=(matter,),
            answer=Record(
                Field("shortest", PERIOD, "投票最短时间"),
                Field("longest", PERIOD, "投票最长时间", optional=True),
                Field("publish", PERIOD, "投票结束后几日内公示结果"),
                Field("objection", PERIOD, "结果草案的异议期"),
                Field("filing", PERIOD, "生效后几日内备案"),
            ),
        ),
        Question(
            name="governance.objection_vote",
            asks="异议表决：反对的不超过多少视为通过（只作提示）",
            facts=(matter,),
            answer=Record(
                Field("area", RATIO, "反对的面积占比", optional=True),
                Field("heads", RATIO, "反对的人数占比", optional=True),
            ),
            default={},
        ),
    )
