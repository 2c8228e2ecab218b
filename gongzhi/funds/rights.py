"""Who may do what with money. No Django."""

from gongzhi.core.rights import Right
from gongzhi.funds.charges.rights import RIGHTS as CHARGES
from gongzhi.funds.common.rights import RIGHTS as COMMON
from gongzhi.funds.maintenance.rights import RIGHTS as MAINTENANCE
from gongzhi.funds.payments.rights import RIGHTS as PAYMENTS
from gongzhi.funds.public_money.rights import RIGHTS as PUBLIC_MONEY
from gongzhi.funds.revenue.rights import RIGHTS as REVENUE

RIGHTS: tuple[Right, ...] = (*COMMON, *MAINTENANCE, *PUBLIC_MONEY, *REVENUE, *CHARGES, *PAYMENTS)
