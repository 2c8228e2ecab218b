"""What the maintenance fund asks of a pack. No Django."""

from gongzhi.funds.common.words import MANAGERS
from gongzhi.funds.maintenance.words import (
    BEARERS,
    COST_ON,
    LEVELS,
    MATTERS,
    NEEDS,
    PARTS,
    PATHS,
    PAYERS,
    PUBLISHED,
    REPAIRERS,
    SERVICES,
    STAGES,
    STEPS,
    WORKS,
)
from gongzhi.ledger.kinds import PURSES, REST_TO
from gongzhi.policy.vocabulary import (
    AREA_M2,
    BOOL,
    COUNT,
    LIST,
    MONEY_FEN,
    PERIOD,
    RATIO,
    ROLE,
    TEXT,
    YUAN,
    Enum,
    Fact,
    Question,
    Record,
)
from gongzhi.policy.vocabulary import RecordField as Field
from gongzhi.registry.questions import ESTATE_SUBTYPES, ESTATE_TYPES, UNIT_USES

_ESTATE_TYPE = Fact("estate_type", Enum(ESTATE_TYPES), "小区类型")
_MATTER = Fact("matter", Enum(MATTERS), "维修事项")
_PATH = Fact("path", Enum(PATHS), "程序")
_AMOUNT = Fact("amount", MONEY_FEN, "金额")
_BODIES = (
    Fact("has_owners_committee", BOOL, "有业主委员会"),
    Fact("has_management_committee", BOOL, "有物业管理委员会"),
)
_PURSE = Fact("purse", Enum(PURSES), "资金")
_MANAGER = Fact("manager", Enum(MANAGERS), "管理方式")

QUESTIONS: tuple[Question, ...] = (
    Question(
        "funds.account",
        "可不可以这样开设专户",
        (
            _PURSE,
            _MANAGER,
            _ESTATE_TYPE,
            Fact("delivered", BOOL, "已交付"),
            Fact("holder_is_keeper", BOOL, "户名与管理单位一致"),
            Fact("contract_named", BOOL, "写明了合同条款"),
        ),
        BOOL,
        kind="check",
    ),
    Question("funds.account_supervisor", "专户由谁监管", (_MANAGER, *_BODIES), ROLE, default="street_office"),
    Question(
        "funds.deposit_due",
        "一套房屋首期应交多少维修资金",
        (
            Fact("area_m2", AREA_M2, "专有部分面积"),
            Fact("unit_use", Enum(UNIT_USES), "用途"),
            Fact("with_elevator", BOOL, "有电梯"),
            _ESTATE_TYPE,
        ),
        MONEY_FEN,
    ),
    Question(
        "funds.deposit",
        "这样交存维修资金可不可以",
        (
            Fact("payer", Enum(PAYERS), "交款人"),
            Fact("own_due", BOOL, "交的是自己应交的部分"),
            Fact("into_fund_account", BOOL, "交入维修资金专户"),
            _ESTATE_TYPE,
        ),
        BOOL,
        kind="check",
    ),
    Question(
        "funds.stage_gate",
        "维修资金没有交足时能不能办",
        (
            Fact("stage", Enum(STAGES), "办什么"),
            Fact("paid_in_full", BOOL, "首期维修资金已交足"),
            _ESTATE_TYPE,
        ),
        BOOL,
        kind="check",
    ),
    Question(
        "funds.renewal",
        "余额低于多少要续交，交到多少",
        (_ESTATE_TYPE,),
        Record(
            Field("level", Enum(LEVELS), "按什么算"),
            Field("below", RATIO, "低于首期的比例（不含）"),
            Field("target", RATIO, "续交后不低于首期的比例"),
            Field("within", PERIOD, "通知后多久交"),
            Field("voted", BOOL, "续筹方案要先经业主大会表决", optional=True),
        ),
    ),
    Question(
        "funds.apportion",
        "费用怎样分摊到户",
        (_PATH,),
        Record(Field("rest_to", Enum(REST_TO), "不足一分的余数给谁")),
    ),
    Question("funds.notice", "使用方案公示多久", (_PATH,), PERIOD),
    Question("funds.emergency_matters", "哪些事项可以走紧急程序", (), LIST(Enum(MATTERS))),
    Question(
        "funds.services",
        "维修资金可以购买哪些第三方服务",
        (),
        LIST(Enum({one: MATTERS[one] for one in SERVICES})),
        default=[],
    ),
    Question(
        "funds.use_proposal",
        "这样提出使用可不可以",
        (
            _MATTER,
            _PATH,
            Fact("emergency_matter", BOOL, "属于可以走紧急程序的事项"),
            Fact("common_part", BOOL, "共用部位、共用设施设备"),
            Fact("evidence", BOOL, "附了现场证据"),
            Fact("work", Enum(WORKS), "维修、更新还是改造"),
            Fact("within_warranty", BOOL, "在质保期内"),
            Fact("service", BOOL, "购买第三方服务"),
            Fact("third_party", BOOL, "填了第三方机构"),
            Fact("contract", BOOL, "附了合同"),
        ),
        BOOL,
        kind="check",
    ),
    Question(
        "funds.applicants",
        "由谁申请使用维修资金",
        (_PATH, *_BODIES),
        Record(
            Field("roles", LIST(ROLE), "可以申请的"),
            Field("guided_by", ROLE, "须由谁指导", optional=True),
        ),
    ),
    Question(
        "funds.use_steps",
        "使用维修资金依次要办哪些步骤",
        (_PATH, _AMOUNT, _MATTER, *_BODIES),
        LIST(Enum(STEPS)),
    ),
    Question(
        "funds.use_materials",
        "申请时要交哪些材料，至少几份",
        (_PATH,),
        Record(Field("names", LIST(TEXT), "材料"), Field("at_least", COUNT, "至少几份")),
    ),
    Question(
        "funds.use_step",
        "这一步现在能不能办",
        (
            Fact("step", Enum(STEPS), "步骤"),
            _PATH,
            _AMOUNT,
            Fact("files", COUNT, "本步附件"),
            Fact("materials", COUNT, "已交材料"),
            Fact("materials_at_least", COUNT, "至少要交的材料"),
            Fact("guided", BOOL, "填了指导意见"),
            Fact("third_party", BOOL, "由第三方专业机构"),
            Fact("delegated_to_community", BOOL, "社区受镇街委托"),
            Fact("by_community", BOOL, "由社区办理"),
            Fact("agreed", BOOL, "同意"),
            Fact("motion_passed", BOOL, "业主表决已通过并生效"),
            Fact("all_published", BOOL, "应公布的项目已全部公布"),
            Fact("published", LIST(Enum(PUBLISHED)), "已公布的项目"),
            Fact("amount_matches", BOOL, "公布的金额与支用一致"),
            Fact("reason_given", BOOL, "写明了理由"),
            Fact("open_tender", BOOL, "公开招标"),
        ),
        BOOL,
        kind="check",
    ),
    Question(
        "funds.delegated_limit",
        "业主大会授权的额度是多少",
        (),
        Record(Field("single", MONEY_FEN, "单笔"), Field("yearly", MONEY_FEN, "全年")),
    ),
    Question(
        "funds.payment_rules",
        "预付多少，超出预算多少要重新表决",
        (_PATH,),
        Record(Field("advance", RATIO, "预付款最多占预算"), Field("overrun", RATIO, "决算最多超出预算")),
    ),
    Question(
        "funds.refused_goes_to",
        "维修资金申请被驳回后，来源案件改派给谁",
        (_MATTER,),
        Record(Field("role", ROLE, "改派给", optional=True)),
        default={},
    ),
    Question(
        "funds.repair_duty",
        "报修的部位由谁修、谁出钱",
        (
            Fact("part", Enum(PARTS), "部位"),
            Fact("need", Enum(NEEDS), "养护还是维修"),
            _ESTATE_TYPE,
            Fact("estate_subtype", Enum(ESTATE_SUBTYPES), "小区细类"),
            Fact("within_warranty", BOOL, "在质保期内"),
            Fact("by_contract", BOOL, "合同约定由物业企业维修"),
            Fact("agreed_otherwise", BOOL, "合同对专营设施另有约定"),
            Fact("cost_on", Enum(COST_ON), "专营设施的费用登记由谁承担"),
            Fact("has_fund", BOOL, "小区有维修资金"),
            Fact("fund_fits", BOOL, "符合维修资金申请条件"),
            Fact("high_rise", BOOL, "高层"),
            Fact("managing_unit", BOOL, "有物管单位"),
        ),
        Record(
            Field("who", Enum(REPAIRERS), "由谁修", optional=True),
            Field("bearers", LIST(Enum(BEARERS)), "谁出钱", optional=True),
            Field("guide", TEXT, "怎样办", optional=True),
            Field("within", PERIOD, "多久内修好", optional=True),
        ),
        default={},
    ),
    Question(
        "funds.part_warranty",
        "一个部位质保多久",
        (Fact("part", Enum(PARTS), "部位"),),
        Record(Field("period", PERIOD, "质保期", optional=True)),
        default={},
    ),
    Question("funds.warranty_due", "应交多少物业保修金", (Fact("cost", YUAN, "建筑安装总造价"),), MONEY_FEN),
    Question("funds.warranty_held", "物业保修金留存多久", (), PERIOD),
    Question(
        "funds.warranty_use",
        "可不可以这样支用保修金",
        (
            Fact("part", Enum(PARTS), "部位"),
            Fact("within_warranty", BOOL, "报修时在保修期内"),
            Fact("voucher", BOOL, "有凭证"),
            Fact("step", Enum({"ask": "申请", "check": "核实", "pay": "拨付", "return": "退还"}), "环节"),
            Fact("period_over", BOOL, "留存期已满"),
        ),
        BOOL,
        kind="check",
    ),
)
