"""What owners decide together, and by which majorities: the questions of the owners' assembly."""

from gongzhi.governance.bodies.questions import ACTS as ACTS_OF_BODIES
from gongzhi.governance.bodies.questions import QUESTIONS as BODIES
from gongzhi.governance.bodies.words import OWNERS_MATTERS as MATTERS_OF_OWNERS
from gongzhi.governance.votes.questions import questions as votes
from gongzhi.policy.vocabulary import AREA_M2, BOOL, COUNT, RATIO, Act, Enum, Fact, Question, Record, RecordField

BOUNDS = {"at_least": "含本数", "above": "不含本数"}
BASES = {"whole_roll": "全体业主", "participants": "参与表决的业主", "interested_owners": "有利害关系的业主"}
RESULTS = {"no_quorum": "参与不足，表决无效", "passed": "通过", "rejected": "不通过"}

OWNERS_MATTER = Enum(MATTERS_OF_OWNERS)
BOUND = Enum(BOUNDS)
BASE = Enum(BASES)
RESULT = Enum(RESULTS)

_MATTER = Fact("matter", OWNERS_MATTER, "表决事项")

ACTS: tuple[Act, ...] = ACTS_OF_BODIES

QUESTIONS: tuple[Question, ...] = (
    Question(
        name="governance.decision_thresholds",
        asks="业主共同决定这一事项要多少人参与、多少人同意",
        facts=(_MATTER,),
        answer=Record(
            RecordField("quorum_area", RATIO, "参与表决的专有部分面积占比", optional=True),
            RecordField("quorum_heads", RATIO, "参与表决的人数占比", optional=True),
            RecordField("quorum_bound", BOUND, "参与比例是否含本数", optional=True),
            RecordField("quorum_base", BASE, "参与比例的分母", optional=True),
            RecordField("approval_area", RATIO, "同意的专有部分面积占比"),
            RecordField("approval_heads", RATIO, "同意的人数占比"),
            RecordField("approval_bound", BOUND, "同意比例是否含本数"),
            RecordField("approval_base", BASE, "同意比例的分母"),
        ),
    ),
    Question(
        name="governance.motion_result",
        asks="这次表决是否通过",
        facts=(
            _MATTER,
            Fact("total_area_m2", AREA_M2, "专有部分总面积"),
            Fact("total_heads", COUNT, "业主总人数"),
            Fact("voted_area_m2", AREA_M2, "参与表决的面积"),
            Fact("voted_heads", COUNT, "参与表决的人数"),
            Fact("agreed_area_m2", AREA_M2, "同意的面积"),
            Fact("agreed_heads", COUNT, "同意的人数"),
            Fact("all_interested_agree", BOOL, "有利害关系的业主一致同意"),
        ),
        answer=RESULT,
        limits=(
            ("voted_area_m2", "total_area_m2"),
            ("voted_heads", "total_heads"),
            ("agreed_area_m2", "voted_area_m2"),
            ("agreed_heads", "voted_heads"),
        ),
    ),
    *BODIES,
    *votes(_MATTER),
)
