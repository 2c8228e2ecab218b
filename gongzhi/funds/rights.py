"""Who may do what with money. No Django."""

from gongzhi.core.rights import Right
from gongzhi.funds.common.rights import RIGHTS as COMMON
from gongzhi.funds.maintenance.rights import RIGHTS as MAINTENANCE

RIGHTS: tuple[Right, ...] = (*COMMON, *MAINTENANCE)
