"""What mediation asks of a pack. Which level takes a dispute is the complaint's own question (`cases.mediation_level`),
asked by its name: a dispute goes the same way whichever door it came in by. No Django."""

from gongzhi.mediation.words import GRADES, LEVELS, MEDIATION_KINDS, SOURCES
from gongzhi.policy.vocabulary import BOOL, COUNT, LIST, MATTER, PERIOD, ROLE, TEXT, Enum, Fact, Question, Record
from gongzhi.policy.vocabulary import RecordField as Field

_MATTER = Fact("matter", MATTER, "事项")
_LEVEL = Fact("level", Enum(LEVELS), "调解机构的层级")
_KIND = Fact("kind", Enum(MEDIATION_KINDS), "调解方式")

QUESTIONS: tuple[Question, ...] = (
    Question(
        "mediation.first_body",
        "申请调解先由谁受理（与投诉转来的不同时）",
        (Fact("source", Enum(SOURCES), "来源"), _MATTER),
        Record(Field("role", ROLE, "受理单位", optional=True)),
        default={},
    ),
    Question(
        "mediation.stand_in",
        "这一级没有调解机构时由谁代受理",
        (Fact("role", ROLE, "没有的机构"),),
        LIST(ROLE),
    ),
    Question(
        "mediation.kind_bodies",
        "这种调解由哪些单位主持",
        (_KIND,),
        LIST(ROLE),
    ),
    Question(
        "mediation.oversight",
        "谁可以看辖区的调解案件，谁只看统计，谁指导，谁可以提级接办，谁可以被邀请协助",
        (),
        Record(
            Field("readers", LIST(ROLE), "看辖区案件"),
            Field("statistics", LIST(ROLE), "看辖区统计", optional=True),
            Field("guides", LIST(ROLE), "业务指导", optional=True),
            Field("takes_over", LIST(ROLE), "指派、提级接办", optional=True),
            Field("invited", LIST(ROLE), "可以邀请协助", optional=True),
            Field("outside", LIST(ROLE), "可以受理调解的行业组织", optional=True),
            Field("court", ROLE, "移交案件、登记审理安排的法院", optional=True),
            Field("notified", LIST(ROLE), "群体性苗头即时通知谁", optional=True),
        ),
    ),
    Question(
        "mediation.procedure",
        "调解要走哪些步骤",
        (_LEVEL,),
        Record(
            Field("consent_first", BOOL, "受理前须各方同意"),
            Field("visit_first", BOOL, "达成协议的，回访以后才能归档"),
            Field("must_go_on", BOOL, "未达成的不能就此归档，要转另一级、另一种调解或诉讼"),
            Field("extensions", COUNT, "各方同意可以延长几次"),
            Field("must_take_from_above", BOOL, "上级交下来的不得拒收", optional=True),
        ),
    ),
    Question(
        "mediation.periods",
        "调解各步的期限",
        (_LEVEL,),
        Record(
            Field("mediate", PERIOD, "受理以后多久调解完", optional=True),
            Field("extension", PERIOD, "每次延长多久", optional=True),
            Field("confirm", PERIOD, "达成协议以后多久以内申请司法确认", optional=True),
            Field("circuit", PERIOD, "多久没有巡回审理即提示", optional=True),
        ),
        default={},
    ),
    Question(
        "mediation.mediator",
        "可否登记为调解员",
        (
            _LEVEL,
            Fact("full_time", BOOL, "专职"),
            Fact("line_given", BOOL, "填写了来源条线"),
            Fact("qualification_given", BOOL, "填写了资历说明"),
            Fact("hired_given", BOOL, "填写了选聘日期"),
        ),
        BOOL,
        kind="check",
    ),
    Question(
        "mediation.appointment",
        "可否由这名调解员调解这件纠纷",
        (
            Fact("left", BOOL, "已离任"),
            Fact("hired_given", BOOL, "填写了选聘日期"),
            Fact("trained", BOOL, "近一个周期有培训记录"),
            Fact("is_party", BOOL, "本人是当事人"),
            Fact("of_party", BOOL, "在当事人单位任职"),
            Fact("related", BOOL, "登记了与当事人的利害关系"),
        ),
        BOOL,
        kind="check",
    ),
    Question(
        "mediation.move",
        "可否这样移转",
        (
            Fact("agreed_once", BOOL, "已经达成过协议"),
            Fact("tried", BOOL, "本级已经调解未成"),
            Fact("reason_given", BOOL, "写明了理由"),
            Fact("way", TEXT, "怎样移转"),
        ),
        BOOL,
        kind="check",
    ),
    Question(
        "mediation.court",
        "可否登记转诉讼",
        (
            Fact("agreed", BOOL, "已达成协议"),
            Fact("tried", BOOL, "调解未成、当事人不同意或撤回"),
            Fact("green_channel", BOOL, "走绿色通道"),
            Fact("circuit", BOOL, "巡回审理"),
            Fact("hearing_given", BOOL, "填写了开庭日期"),
            Fact("location_given", BOOL, "填写了开庭地点"),
        ),
        BOOL,
        kind="check",
    ),
    Question(
        "mediation.confirmation",
        "可否申请司法确认",
        (Fact("agreed", BOOL, "已达成协议"), Fact("in_time", BOOL, "在申请期限内")),
        BOOL,
        kind="check",
    ),
    Question(
        "mediation.conference",
        "纠纷怎样上联席会议",
        (),
        Record(
            Field("holders", LIST(ROLE), "由谁召开", optional=True),
            Field("whole_list", BOOL, "每次会议附辖区全部未结纠纷", optional=True),
            Field("above", ROLE, "较难的上报给谁", optional=True),
        ),
        default={},
    ),
    Question(
        "mediation.training",
        "调解员多久要培训一次",
        (),
        Record(Field("every", PERIOD, "多久一次", optional=True)),
        default={},
    ),
    Question(
        "mediation.beside",
        "这类纠纷要不要同时建执法工单",
        (_MATTER, Fact("grade", Enum(GRADES), "等级")),
        Record(
            Field("matter", MATTER, "另建工单的事项", optional=True), Field("lead", ROLE, "由谁查处", optional=True)
        ),
        default={},
    ),
)
