"""What happens with money. An entry of the ledger is a record of its own; these are the acts behind it. No Django."""

from gongzhi.funds.charges.events import EVENTS as CHARGES
from gongzhi.funds.common.events import EVENTS as COMMON
from gongzhi.funds.maintenance.events import EVENTS as MAINTENANCE
from gongzhi.funds.payments.events import EVENTS as PAYMENTS
from gongzhi.funds.public_money.events import EVENTS as PUBLIC_MONEY
from gongzhi.funds.revenue.events import EVENTS as REVENUE
from gongzhi.policy.vocabulary import EventKind

EVENTS: tuple[EventKind, ...] = (*COMMON, *MAINTENANCE, *PUBLIC_MONEY, *REVENUE, *CHARGES, *PAYMENTS)
