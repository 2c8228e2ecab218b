"""What service charges ask of a pack. No Django."""

from gongzhi.policy.vocabulary import MONEY_FEN, RATIO, Fact, Question

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
)
