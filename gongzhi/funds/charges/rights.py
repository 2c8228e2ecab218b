"""Who sets prices, bills, takes money, and who watches over it. No Django."""

from gongzhi.core.rights import Right
from gongzhi.funds.common.rights import COMPANY

RIGHTS: tuple[Right, ...] = (
    Right("charge.bill", roles=COMPANY, scope="party", title="物业费出账"),
    Right("charge.settle", roles=COMPANY, scope="party", title="登记物业费收款"),
    Right("charge.refund", roles=COMPANY, scope="party", title="退还物业费"),
)
