"""What common revenue asks of a pack. No Django."""

from gongzhi.funds.common.words import SHARED_BY
from gongzhi.funds.revenue.words import ACCOUNTS, MANAGED_BY, OWNED_BY, PURPOSES, SHARE_OF
from gongzhi.ledger.kinds import REST_TO
from gongzhi.policy.vocabulary import BOOL, LIST, MONEY_FEN, RATIO, Enum, Fact, Question, Record
from gongzhi.policy.vocabulary import RecordField as Field
from gongzhi.registry.questions import ESTATE_TYPES, SERVICE_KINDS

_ESTATE_TYPE = Fact("estate_type", Enum(ESTATE_TYPES), "小区类型")
_MANAGED = Fact("managed_by", Enum(MANAGED_BY), "由谁管理")
_OWNED = Fact("owned_by", Enum(OWNED_BY), "谁的收益")
EVERY = {"quarter": "每季度", "half_year": "每半年", "year": "每年"}

QUESTIONS: tuple[Question, ...] = (
    Question(
        "funds.revenue_spend",
        "公共收益可不可以这样支出",
        (
            Fact("purpose", Enum(PURPOSES), "用途"),
            _ESTATE_TYPE,
            _MANAGED,
            _OWNED,
            Fact("decided", BOOL, "有业主共同决定"),
            Fact("within_decision", BOOL, "在决定的金额以内"),
            Fact("voucher", BOOL, "有凭证"),
            Fact("gap_covered", BOOL, "物业费缺口已经补足"),
            Fact("to_service_charges", BOOL, "转入物业费账"),
            Fact("service_kind", Enum(SERVICE_KINDS), "服务方式"),
            Fact("fund_share_met", BOOL, "今年补充维修资金已达到要求的比例"),
            Fact("reason_given", BOOL, "写明了理由"),
        ),
        BOOL,
        kind="check",
    ),
    Question(
        "funds.revenue_to_fund",
        "多少公共收益要补充维修资金",
        (_ESTATE_TYPE, _MANAGED),
        Record(
            Field("share", RATIO, "比例（须超过）", optional=True),
            Field("of", Enum(SHARE_OF), "占什么的比例（不写即净收益）", optional=True),
            Field("every", Enum(EVERY), "多久一次", optional=True),
        ),
        default={},
    ),
    Question(
        "funds.revenue_collected",
        "哪些公共资金要进监管账户",
        (),
        LIST(Enum("parking", "advertising", "premises", "extended", "other", "energy", "elevator")),
        default=[],
    ),
    Question(
        "funds.gap_covered",
        "公共收益弥补多少物业费缺口",
        (
            Fact("spent", MONEY_FEN, "物业支出"),
            Fact("charged", MONEY_FEN, "物业费收入"),
            Fact("revenue", MONEY_FEN, "公共收益"),
        ),
        MONEY_FEN,
        kind="formula",
    ),
    Question(
        "funds.revenue_publish",
        "公共收益多久公布一次",
        (),
        Record(Field("every", Enum(EVERY), "多久一次")),
        default={"every": "half_year"},
    ),
    Question(
        "funds.household_credit",
        "转入物业费的公共收益怎样抵到各户",
        (_ESTATE_TYPE,),
        Record(
            Field("by", Enum(SHARED_BY), "按什么分", optional=True),
            Field("rest_to", Enum(REST_TO), "不足一分的余数给谁", optional=True),
        ),
        default={},
    ),
    Question("funds.publish_accounts", "一期要公布哪几项账目", (), LIST(Enum(ACCOUNTS)), default=[]),
    Question(
        "funds.revenue_contract",
        "公共用房可不可以这样出租",
        (
            _ESTATE_TYPE,
            Fact("office_unaffected", BOOL, "社区确认办公活动不受影响"),
            Fact("room", BOOL, "选了公共用房"),
        ),
        BOOL,
        kind="check",
    ),
)
