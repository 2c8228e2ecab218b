"""Money for other programs: the same figures, forms, rights and refusals as the pages. Owners pay on their phones."""

from gongzhi.funds.api import acts as acts
from gongzhi.funds.api import paying as paying
from gongzhi.funds.api import public as public
from gongzhi.funds.api import uses as uses
from gongzhi.funds.api.purses import router

__all__ = ["router"]
