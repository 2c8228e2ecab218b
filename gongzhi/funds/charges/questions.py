"""What service charges ask of a pack. No Django."""

from gongzhi.funds.charges.words import (
    ARREARS_STEPS,
    BILL_TO,
    CHANGE_STEPS,
    FINDINGS,
    PLACES,
    PRICE_KINDS,
    PRICED,
    SHARED_COSTS,
    SHOWN_ITEMS,
)
from gongzhi.ledger.kinds import REST_TO
from gongzhi.policy.vocabulary import (
    BOOL,
    COUNT,
    LIST,
    MATTER,
    MONEY_FEN,
    PERIOD,
    RATIO,
    ROLE,
    TEXT,
    Enum,
    Fact,
    Question,
    Record,
)
from gongzhi.policy.vocabulary import RecordField as Field
from gongzhi.registry.questions import ESTATE_TYPES, UNIT_USES

_ESTATE_TYPE = Fact("estate_type", Enum(ESTATE_TYPES), "小区类型")

QUESTIONS: tuple[Question, ...] = (
    Question("funds.fee_kinds", "收费科目有哪些", (), LIST(Enum(PRICED))),
    Question(
        "funds.guide_price_rules",
        "政府指导价由谁制定，谁会签，写明哪些因素，多久核对一次",
        (),
        Record(
            Field("made_by", ROLE, "由谁制定"),
            Field("signed_by", LIST(ROLE), "由谁会签", optional=True),
            Field("factors", LIST(TEXT), "要写明的因素", optional=True),
            Field("review_every", PERIOD, "多久核对一次", optional=True),
        ),
        default={},
    ),
    Question(
        "funds.price_filing",
        "这个收费标准能不能备案",
        (
            Fact("price_kind", Enum(PRICE_KINDS), "定价方式"),
            Fact("over_most", BOOL, "高于指导价上限"),
            Fact("under_least", BOOL, "低于指导价下限"),
            Fact("guide_given", BOOL, "有这个等级的指导价"),
            Fact("ordinary_home", BOOL, "普通住宅"),
            Fact("has_owners_committee", BOOL, "已成立业主委员会"),
        ),
        BOOL,
        kind="check",
    ),
    Question("funds.price_change_steps", "调价要办哪些手续", (_ESTATE_TYPE,), LIST(Enum(CHANGE_STEPS))),
    Question(
        "funds.price_change",
        "这样调价可不可以",
        (
            Fact("reason_given", BOOL, "写明了理由"),
            Fact("evidence", BOOL, "附了依据"),
            Fact("noticed", BOOL, "已公示"),
            Fact("decided", BOOL, "业主表决已通过并生效"),
            Fact("filed", BOOL, "已备案"),
        ),
        BOOL,
        kind="check",
    ),
    Question(
        "funds.price_display",
        "收费公示哪些项目，放在哪里，多久更新",
        (),
        Record(
            Field("items", LIST(Enum(SHOWN_ITEMS)), "项目"),
            Field("places", LIST(Enum(PLACES)), "位置"),
            Field("every", PERIOD, "财务收支多久更新一次", optional=True),
        ),
    ),
    Question(
        "funds.price_inspection",
        "收费公示检查由哪些部门参加，发现问题由谁主办",
        (Fact("finding", Enum(FINDINGS), "问题"),),
        Record(
            Field("roles", LIST(ROLE), "参加的部门", optional=True),
            Field("lead", ROLE, "由谁主办", optional=True),
            Field("matter", MATTER, "转为哪个事项的案件", optional=True),
        ),
        default={},
    ),
    Question(
        "funds.price_for_quality",
        "是否把收费单价、服务等级和服务质量得分放在一起对照（质价相符）",
        (),
        BOOL,
        default=False,
    ),
    Question(
        "funds.commission",
        "酬金是多少",
        (Fact("spent", MONEY_FEN, "物业服务支出"), Fact("ratio", RATIO, "合同约定的酬金比例")),
        MONEY_FEN,
    ),
    Question(
        "funds.late_charge",
        "欠缴物业费要付多少违约金",
        (
            Fact("owed", MONEY_FEN, "账单金额"),
            Fact("daily", RATIO, "合同约定的每日比例"),
            Fact("open_days", MONEY_FEN, "逐日欠费之和"),
        ),
        MONEY_FEN,
    ),
    Question("funds.vacancy_discount", "空置的房屋少收多少", (Fact("unit_use", Enum(UNIT_USES), "用途"),), RATIO),
    Question(
        "funds.share_charges",
        "公共水电怎样分摊到户",
        (Fact("kind", Enum(SHARED_COSTS), "种类"),),
        Record(Field("rest_to", Enum(REST_TO), "不足一分的余数给谁")),
    ),
    Question(
        "funds.let_unit_bill",
        "出租的房屋由谁缴物业费",
        (_ESTATE_TYPE, Fact("agreed", BOOL, "租赁合同约定由承租人缴")),
        Enum(BILL_TO),
    ),
    Question("funds.demand_period", "催告后给多长的合理期限", (), PERIOD),
    Question("funds.opinion_period", "合理意见多久内解决", (), PERIOD),
    Question(
        "funds.arrears_step",
        "欠费现在能不能走这一步",
        (
            Fact("step", Enum(ARREARS_STEPS), "步骤"),
            Fact("demanded", BOOL, "催告过"),
            Fact("period_over", BOOL, "催告的期限已满"),
            Fact("opinion_open", BOOL, "有没有解决的合理意见"),
            Fact("reason_confirmed", BOOL, "社区确认有正当理由"),
            Fact("days_overdue", COUNT, "最早一笔逾期多少日"),
            Fact("months_overdue", COUNT, "最早一笔欠费满多少个月"),
            Fact("written_demands", COUNT, "书面催交次数"),
            Fact("willful_confirmed", BOOL, "社区确认蓄意拖欠"),
            Fact("judged", BOOL, "有生效的判决"),
            Fact("refused", BOOL, "拒不履行"),
            Fact("malicious", BOOL, "恶意欠缴"),
        ),
        BOOL,
        kind="check",
    ),
    Question(
        "funds.clearance",
        "能不能出具物业费清零证明",
        (Fact("cleared", BOOL, "没有欠费"), _ESTATE_TYPE),
        BOOL,
        kind="check",
    ),
    Question("funds.urges_by_itself", "符合条件的欠费是不是自动交业委会督促", (), BOOL, default=False),
    Question("funds.clearance_valid", "清零证明有效多久", (), PERIOD),
    Question(
        "funds.charge_custody",
        "物业费集中托管能不能开启",
        (Fact("pilot", BOOL, "试点小区"), Fact("assessed", BOOL, "写明了考核结果")),
        BOOL,
        kind="check",
    ),
    Question(
        "funds.charge_deduction",
        "物业费能不能签约由银行代扣",
        (Fact("pilot", BOOL, "试点小区"),),
        BOOL,
        kind="check",
    ),
)
