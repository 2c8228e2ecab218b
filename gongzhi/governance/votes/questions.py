"""What an owners' vote asks of a pack: how it is counted, one question a rule, and its calendar. No Django."""

from gongzhi.governance.tally.rules import VALUES
from gongzhi.governance.votes.words import CONSENTS, CONVENERS, MODES
from gongzhi.policy.vocabulary import BOOL, COUNT, LIST, PERIOD, RATIO, ROLE, TEXT, Enum, Fact, Question, Record
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
    "secrecy": "选举可不可以无记名",
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
    "secrecy": (
        Field("trustees", COUNT, "托管人几名"),
        Field("needed", COUNT, "几名到场方能开票"),
        Field("least", COUNT, "少于几名表决人不得无记名", optional=True),
    ),
    "official_platform": (Field("name", TEXT, "平台名称", optional=True),),
}
PREFIX = "governance.vote_"


def _rule(name: str, matter: Fact) -> Question:
    value = (Field("value", Enum(VALUES[name]), "怎样计"),) if name in VALUES else ()
    return Question(name=PREFIX + name, asks=ASKS[name], facts=(matter,), answer=Record(*value, *MORE.get(name, ())))


def questions(matter: Fact) -> tuple[Question, ...]:
    """`matter`: the fact by which a document may tell rules apart."""
    return (*(_rule(name, matter) for name in ASKS), *_of_counting(matter), *_of_others(matter))


def _of_counting(matter: Fact) -> tuple[Question, ...]:
    return (
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
        Question(
            name="governance.vote_election",
            asks="选举怎样投、怎样当选",
            facts=(matter,),
            answer=Record(
                Field("choices", Enum({"seats": "最多选应选人数", "any": "不限"}), "一张票最多选几人，多选为废票"),
                Field("rank_by", Enum({"heads": "人数", "area": "面积"}), "按什么排名次"),
                Field("tie", Enum({"other_measure_then_lot": "先比另一口径再抽签", "lot": "抽签"}), "得票相同"),
                Field("alternates_need_majority", BOOL, "候补是否也须达到通过比例"),
                Field("least_share", RATIO, "选出人数须超过应选人数的比例，方成立", optional=True),
            ),
        ),
    )


def _of_others(matter: Fact) -> tuple[Question, ...]:
    """Ways of voting, and what street and community have to do with a vote."""
    return (
        Question(
            name="governance.vote_modes",
            asks="可以选哪几种表决方式、议事规则约定了哪几种",
            facts=(matter,),
            answer=Record(
                Field("offered", LIST(Enum(MODES)), "文件所列的表决方式"),
                Field("agreed", LIST(Enum(MODES)), "议事规则已约定的", optional=True),
            ),
            default={"offered": []},
        ),
        Question(
            name="governance.vote_supervision",
            asks="业主大会由谁到场指导监督、会后要不要意见",
            facts=(matter,),
            answer=Record(
                Field("by", LIST(ROLE), "指导监督单位"),
                Field("blocking", BOOL, "没有意见是否不能公示结果", optional=True),
            ),
            default={"by": []},
        ),
        Question(
            name="governance.vote_convening",
            asks="这个小区现在可不可以由他召集",
            facts=(
                matter,
                Fact("convener", Enum(CONVENERS), "召集人"),
                Fact("by", ROLE, "由谁拟定"),
                Fact("committee_in_office", BOOL, "业委会在任"),
                Fact("committee_unable", BOOL, "业委会不能正常开展工作"),
                Fact("management_in_office", BOOL, "物管会在任"),
                Fact("group_in_office", BOOL, "筹备组（换届小组）已成立"),
                Fact("meeting_assigned", BOOL, "所依的应召开会议由他召集"),
            ),
            answer=BOOL,
            kind="check",
        ),
        Question(
            name="governance.vote_confirmation",
            asks="换届期间的表决要不要镇街审批、确认",
            facts=(
                matter,
                Fact("convener", Enum(CONVENERS), "召集人"),
                Fact("renewal_under_way", BOOL, "换届小组已成立、新业委会还没有成立"),
                Fact("begun_before", BOOL, "在换届小组成立以前已经发起"),
            ),
            answer=Record(
                Field("by", ROLE, "由谁审批、确认", optional=True),
                Field("before", Enum(CONSENTS), "何时", optional=True),
            ),
            default={},
        ),
    )
