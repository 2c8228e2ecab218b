"""What service charges ask of a pack. No Django."""

from gongzhi.funds.charges.words import SHARED_COSTS
from gongzhi.ledger.kinds import REST_TO
from gongzhi.policy.vocabulary import MONEY_FEN, RATIO, Enum, Fact, Question, Record
from gongzhi.policy.vocabulary import RecordField as Field
from gongzhi.registry.questions import UNIT_USES

QUESTIONS: tuple[Question, ...] = (
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
)
