"""What equipment asks of packs. No Django."""

from gongzhi.equipment.words import (
    ABOUT,
    CONTRACTS,
    DIRECTIVES,
    EMERGENCIES,
    FAULTS,
    PERMIT_STEPS,
    PLAN_LEVELS,
    PLANS,
    RESPONDERS,
    STAGES,
    SUSPENSIONS,
)
from gongzhi.policy.vocabulary import BOOL, COUNT, LIST, PERIOD, ROLE, TEXT, Enum, Fact, Question, Record
from gongzhi.policy.vocabulary import RecordField as Field
from gongzhi.registry.questions import CARE_ITEMS, ESTATE_TYPES, FACILITY_KINDS

_KIND = Fact("kind", Enum(FACILITY_KINDS), "设施种类")
_ESTATE = Fact("estate_type", Enum(ESTATE_TYPES), "小区类型")
_HIGH = Fact("high_rise", BOOL, "是否高层")

QUESTIONS: tuple[Question, ...] = (
    Question(
        "equipment.kind",
        "一类设施登记什么、归谁管、什么时候停用",
        (_KIND, _ESTATE),
        Record(
            Field("fields", LIST(TEXT), "另外登记的明细", optional=True),
            Field("keeper", ROLE, "管理单位", optional=True),
            Field("department", ROLE, "监督部门", optional=True),
            Field("tells", LIST(ROLE), "过期推送给谁", optional=True),
            Field("suspends", LIST(Enum(SUSPENSIONS)), "哪些情形停用", optional=True),
            Field("shown", BOOL, "检验情况向业主公开", optional=True),
        ),
        default={"keeper": "property_company", "suspends": ["failed"]},
    ),
    Question(
        "equipment.care",
        "一类设施多久检验、检查、维护一次",
        (_KIND, Fact("item", Enum(CARE_ITEMS), "项目")),
        Record(
            Field("every", PERIOD, "周期", optional=True),
            Field("by", LIST(ROLE), "由谁做", optional=True),
        ),
        default={},
    ),
    Question(
        "equipment.contract",
        "设施的维保、保险、维修合同由谁签、由谁付费、提前多久提醒",
        (Fact("contract", Enum(CONTRACTS), "合同种类"), _KIND, _ESTATE, _HIGH),
        Record(
            Field("party_a", LIST(ROLE), "由谁签订", optional=True),
            Field("payers", LIST(ROLE), "只能由谁付费", optional=True),
            Field("tender", BOOL, "要招标确定", optional=True),
            Field("warn_before", PERIOD, "到期前多久提醒", optional=True),
        ),
        default={},
    ),
    Question(
        "equipment.programme",
        "试点模式要几份合同才算齐备",
        (),
        Record(
            Field("name", TEXT, "模式的名称", optional=True),
            Field("parts", LIST(Enum(CONTRACTS)), "要有的合同", optional=True),
        ),
        default={},
    ),
    Question(
        "equipment.fault",
        "设施故障由谁处置、多久到场、多久修复",
        (Fact("fault", Enum(FAULTS), "故障"), _KIND, _ESTATE, _HIGH),
        Record(
            Field("responder", Enum(RESPONDERS), "由谁处置", optional=True),
            Field("arrive", PERIOD, "多久到场", optional=True),
            Field("fix", PERIOD, "多久修复", optional=True),
            Field("suspends", BOOL, "停止使用到修复", optional=True),
            Field("tells", LIST(ROLE), "同时告诉谁", optional=True),
        ),
        default={"responder": "keeper"},
    ),
    Question(
        "equipment.plans",
        "应当有哪些应急预案",
        (Fact("level", Enum(PLAN_LEVELS), "哪一级的预案"),),
        Record(
            Field("kinds", LIST(Enum(PLANS)), "预案种类", optional=True),
            Field("reserves", BOOL, "要登记备选企业", optional=True),
        ),
        default={},
    ),
    Question(
        "equipment.emergency",
        "突发事件通知谁，要不要应急接管",
        (Fact("emergency", Enum(EMERGENCIES), "突发事件"),),
        Record(
            Field("tells", LIST(ROLE), "通知谁", optional=True),
            Field("reserves", BOOL, "通知备选企业应急接管", optional=True),
            Field("takeover_for", PERIOD, "应急接管多久", optional=True),
        ),
        default={"tells": ["community_station", "street_office"]},
    ),
    Question(
        "equipment.drills",
        "每年演练几次",
        (),
        Record(Field("at_least", COUNT, "每年至少几次", optional=True)),
        default={},
    ),
    Question(
        "equipment.directive",
        "指导意见、检查、整改由谁下发、由谁反馈、要不要核销",
        (Fact("directive", Enum(DIRECTIVES), "种类"), Fact("kind", Enum(ABOUT), "关于什么")),
        Record(
            Field("by", LIST(ROLE), "由谁下发", optional=True),
            Field("answered_by", ROLE, "由谁反馈", optional=True),
            Field("within", PERIOD, "反馈期限", optional=True),
            Field("settled", BOOL, "反馈后要核销", optional=True),
            Field("photo", BOOL, "反馈要附照片", optional=True),
            Field("rechecked", BOOL, "销号要有复查照片", optional=True),
            Field("watched_by", LIST(ROLE), "还有谁可以看", optional=True),
        ),
        default={},
    ),
    Question(
        "equipment.permit",
        "设施使用证由谁发、分几步、管多久",
        (_KIND,),
        Record(
            Field("name", TEXT, "证的名称", optional=True),
            Field("by", ROLE, "由谁发", optional=True),
            Field("asked_by", LIST(ROLE), "由谁申请", optional=True),
            Field("steps", LIST(Enum(PERMIT_STEPS)), "依次的步骤", optional=True),
            Field("valid_for", PERIOD, "有效期", optional=True),
            Field("warn_before", PERIOD, "到期前多久提醒", optional=True),
        ),
        default={},
    ),
    Question(
        "equipment.stage",
        "一项登记什么算落实、什么时候以前、算哪些小区",
        (Fact("stage", Enum(STAGES), "哪一项"),),
        Record(
            Field("kind", Enum(FACILITY_KINDS), "设施种类", optional=True),
            Field("wants", LIST(TEXT), "要登记的内容", optional=True),
            Field("exactly", TEXT, "第一项内容须是", optional=True),
            Field("by", TEXT, "什么时候以前（年-月-日）", optional=True),
            Field("counted", TEXT, "只算有这项标记的小区", optional=True),
        ),
        default={},
    ),
)
