"""What the contract between developer, owners and property company asks of a pack."""

from gongzhi.contracts.words import (
    ASSETS,
    CHOICES,
    CONTRACT_KINDS,
    GROUNDS,
    KINDS,
    NEEDS,
    REACHES,
    REASONS,
    SALES,
    STEPS,
)
from gongzhi.policy.vocabulary import (
    AREA_M2,
    BOOL,
    COUNT,
    LIST,
    NUMBER,
    PERIOD,
    RATIO,
    ROLE,
    TEXT,
    Enum,
    Fact,
    Question,
    Record,
    RecordField,
)
from gongzhi.registry.questions import ESTATE_TYPES

PROJECT_TYPES = {"residential": "住宅", "non_residential": "非住宅", "mixed": "住宅与非住宅混合"}
FEE_MODES = {"lump_sum": "包干制", "commission": "酬金制"}
METHODS = {"public": "公开招标", "invited": "邀请招标", "agreement": "协议方式"}

PROJECT_TYPE = Enum(PROJECT_TYPES)
FEE_MODE = Enum(FEE_MODES)
METHOD = Enum(METHODS)
KIND = Fact("kind", Enum(KINDS), "办理什么")
STEP = Fact("step", Enum(STEPS), "步骤")
CONTRACT_KIND = Fact("contract_kind", Enum(CONTRACT_KINDS), "合同种类")

# What is known of a procedure when a pack is asked about it.
OF_PROCEDURE: tuple[Fact, ...] = (
    KIND,
    Fact("method", METHOD, "选聘方式"),
    Fact("ground", Enum(GROUNDS), "退出原因"),
    Fact("approval_needed", BOOL, "这种方式要先批准"),
    Fact("asset", Enum(ASSETS), "资产归谁"),
    Fact("opened_by", ROLE, "由谁提出"),
    Fact("has_committee", BOOL, "有业委会或物管会"),
    Fact("estate_type", Enum(ESTATE_TYPES), "小区类型"),
)
OF_COMPANY: tuple[Fact, ...] = (
    Fact("tender_barred", BOOL, "被限制投标"),
    Fact("blacklisted", BOOL, "在黑榜期内"),
    Fact("credit_grade", TEXT, "信用等级"),
    Fact("credit_score", NUMBER("point"), "信用分"),
)

QUESTIONS: tuple[Question, ...] = (
    Question(
        name="contracts.tender_methods",
        asks="建设单位选聘前期物业服务企业可以用哪些方式",
        facts=(
            Fact("project_type", PROJECT_TYPE, "项目类型"),
            Fact("fee_mode", FEE_MODE, "收费方式"),
            Fact("total_area_m2", AREA_M2, "总建筑面积"),
            Fact("residential_area_m2", AREA_M2, "住宅建筑面积"),
            Fact("non_residential_area_m2", AREA_M2, "非住宅建筑面积"),
            Fact("multi_storey_area_m2", AREA_M2, "多层住宅建筑面积"),
            Fact("high_rise_area_m2", AREA_M2, "高层住宅建筑面积"),
            Fact("bidders", COUNT, "投标人数"),
            Fact("small_scale", BOOL, "主管部门认定住宅规模较小"),
            Fact("approved", BOOL, "主管部门已批准协议选聘"),
        ),
        answer=Record(
            RecordField("methods", LIST(METHOD), "可用方式"),
            RecordField("on_approval", LIST(METHOD), "经批准后可用的方式", optional=True),
            RecordField("approval_by", ROLE, "批准单位", optional=True),
            RecordField("supervised_by", LIST(ROLE), "监督单位", optional=True),
            RecordField("counts_as", PROJECT_TYPE, "按哪类项目对待", optional=True),
        ),
        notes="开标前还没有投标人数时不给 bidders；规则只在给出后才用它。",
    ),
    Question(
        "contracts.procedure",
        "一项办理依次有哪些步骤，哪些单位参加",
        OF_PROCEDURE,
        Record(
            RecordField("opened_by", LIST(ROLE), "由谁提出"),
            RecordField("steps", LIST(Enum(STEPS)), "依次办理"),
            RecordField("sides", LIST(Enum(STEPS)), "需要时办理", optional=True),
            RecordField("parties", LIST(ROLE), "应签字", optional=True),
            RecordField("choose_parties", BOOL, "参加单位可以增减", optional=True),
            RecordField("supervisors", LIST(ROLE), "监督", optional=True),
            RecordField("lead", ROLE, "牵头", optional=True),
            RecordField("groups", LIST(TEXT), "清单分哪几类", optional=True),
            RecordField("asks", LIST(TEXT), "提出时填报", optional=True),
        ),
    ),
    Question(
        "contracts.step",
        "一个步骤由谁办，要哪些材料",
        (*OF_PROCEDURE, STEP, CONTRACT_KIND),
        Record(
            RecordField("by", LIST(ROLE), "由谁办"),
            RecordField("papers", LIST(TEXT), "材料", optional=True),
            RecordField("needs", LIST(Enum(NEEDS)), "条件", optional=True),
            RecordField("letter", TEXT, "出什么文书", optional=True),
            RecordField("letter_from", ROLE, "由谁出文", optional=True),
            RecordField("letter_to", LIST(ROLE), "发给谁", optional=True),
            RecordField("within", PERIOD, "整改（办理）限多久", optional=True),
        ),
    ),
    Question(
        "contracts.selection_due",
        "前期物业选聘要在销售前多久办好，哪一步算办好",
        (Fact("sale", Enum(SALES), "销售方式"),),
        Record(RecordField("before", PERIOD, "至少提前"), RecordField("counts", Enum(STEPS), "算办好的一步")),
        default=None,
    ),
    Question("contracts.bidder", "这家企业能不能参加选聘", (*OF_COMPANY, KIND), BOOL, kind="check"),
    Question(
        "contracts.opening",
        "这项办理现在能不能提出",
        (
            *OF_PROCEDURE,
            Fact("responsible_named", BOOL, "指定了承接查验责任人"),
            Fact("days_ahead", COUNT, "提前几日"),
            Fact("reason", BOOL, "写了理由"),
            Fact("plan", BOOL, "写了衔接方案"),
            Fact("months_since_change", COUNT, "距上次更换企业几个月"),
            Fact("registered_company", BOOL, "受托方是登记的物业企业"),
            Fact("blacklisted", BOOL, "受托方在黑榜期内"),
            Fact("months", COUNT, "委托几个月（不足一个月的算一个月）"),
        ),
        BOOL,
        kind="check",
    ),
    Question(
        "contracts.taking",
        "这一步现在能不能办",
        (
            *OF_PROCEDURE,
            STEP,
            Fact("by", ROLE, "由谁办"),
            Fact("winner_blacklisted", BOOL, "选定的企业在黑榜期内"),
            Fact("note", BOOL, "写了说明"),
            Fact("related", BOOL, "填报与建设单位有关联关系"),
            Fact("related_known", BOOL, "企业档案显示有关联关系"),
            Fact("third_party", BOOL, "有第三方机构和报告"),
            Fact("counter_proof", BOOL, "有没有关联的证明"),
            Fact("refusal_reason", Enum(REASONS), "拒绝的理由"),
            Fact("inspected", BOOL, "已经查验"),
            Fact("passed", BOOL, "清单全部合格"),
            Fact("evidence", BOOL, "有证据"),
            Fact("choice", Enum(CHOICES), "接续方式"),
            Fact("bidders", COUNT, "报名企业数"),
        ),
        BOOL,
        kind="check",
    ),
    Question(
        "contracts.contract",
        "这份合同能不能登记、备案，企业能不能进场",
        (
            Fact("stage", Enum({"sign": "登记", "file": "备案", "begin": "进场"}), "环节"),
            CONTRACT_KIND,
            Fact("party_a", ROLE, "甲方"),
            Fact("written", BOOL, "有书面合同"),
            Fact("tendered", BOOL, "关联了选聘结果"),
            Fact("winner_matches", BOOL, "企业与选定的一致"),
            Fact("approved", BOOL, "协议选聘已批准"),
            Fact("method", METHOD, "选聘方式"),
            Fact("decided", BOOL, "关联了通过的业主决定（征询）"),
            Fact("decision_names", BOOL, "业主决定写明这家企业"),
            Fact("handed_over", BOOL, "原企业的交接已办结"),
            Fact("filed", BOOL, "已备案"),
            Fact("takeover_done", BOOL, "承接查验已完成"),
        ),
        BOOL,
        kind="check",
    ),
    Question(
        "contracts.terms",
        "合同要约定哪些内容",
        (CONTRACT_KIND,),
        Record(
            RecordField("required", LIST(TEXT), "缺一不可"),
            RecordField("listed", LIST(TEXT), "逐条核对", optional=True),
            RecordField("services", LIST(TEXT), "每项写明服务标准", optional=True),
        ),
    ),
    Question(
        "contracts.panel",
        "评标委员会怎样组成",
        (),
        Record(
            RecordField("least", COUNT, "至少几人", optional=True),
            RecordField("odd", BOOL, "须是单数", optional=True),
            RecordField("experts", RATIO, "专家至少占", optional=True),
        ),
        default={},
    ),
    Question(
        "contracts.ordered_out",
        "登记了考核结果，物业企业要不要退出，退出哪些小区",
        (
            Fact("estate_type", Enum(ESTATE_TYPES), "小区类型"),
            Fact("bottom_streak", COUNT, "连续几次全区后三名"),
            Fact("assessment_passed", BOOL, "年度考核是否达标"),
        ),
        Record(
            RecordField("reach", Enum(REACHES), "退出哪些小区"),
            RecordField("within", PERIOD, "多久内退出（办结）", optional=True),
            RecordField("by", ROLE, "由谁责令（出文）", optional=True),
            RecordField("advise", BOOL, "建议业委会解除合同", optional=True),
            RecordField("letter", TEXT, "不用退出的，给企业出什么文书", optional=True),
        ),
        default={"reach": "nowhere"},
    ),
    Question("contracts.responsible_first", "承接查验是否先指定责任人", (), BOOL, default=False),
    Question("contracts.filings_open", "前期物业服务合同是否办理备案", (CONTRACT_KIND,), BOOL, default=True),
)
