"""Who sets prices, bills, takes money, and who watches over it. No Django."""

from gongzhi.core.rights import Right
from gongzhi.funds.common.rights import COMPANY

RIGHTS: tuple[Right, ...] = (
    Right("fee.bill", roles=COMPANY, scope="party", title="物业费出账"),
    Right("fee.settle", roles=COMPANY, scope="party", title="登记物业费收款"),
    Right("fee.refund", roles=COMPANY, scope="party", title="退还物业费"),
)
