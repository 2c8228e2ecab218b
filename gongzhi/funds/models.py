"""The rows of funds: accounts at the bank and what their statements say, then purse by purse."""

from gongzhi.funds.charges import models as charges
from gongzhi.funds.common import models as common
from gongzhi.funds.maintenance import models as maintenance
from gongzhi.funds.payments import models as payments
from gongzhi.funds.public_money import models as public_money
from gongzhi.funds.revenue import models as revenue

__all__ = ["charges", "common", "maintenance", "payments", "public_money", "revenue"]
