"""What the handling of money asks of a pack, purse by purse. No Django."""

from gongzhi.funds.charges.questions import QUESTIONS as CHARGES
from gongzhi.funds.common.questions import QUESTIONS as COMMON
from gongzhi.funds.maintenance.questions import QUESTIONS as MAINTENANCE
from gongzhi.funds.public_money.questions import QUESTIONS as PUBLIC_MONEY
from gongzhi.funds.revenue.questions import QUESTIONS as REVENUE
from gongzhi.policy.vocabulary import Question

QUESTIONS: tuple[Question, ...] = (
    *COMMON,
    *MAINTENANCE,
    *PUBLIC_MONEY,
    *REVENUE,
    *CHARGES,
)
