"""Tasks, inspections, orders, talks, referrals, clues, censures and boards for other programs, as on screen."""

from ninja import Router

from gongzhi.cases.accountability.api.boards import router as boards
from gongzhi.cases.accountability.api.figures import router as figures
from gongzhi.cases.accountability.api.items import router as items
from gongzhi.cases.accountability.api.orders import router as orders

router = Router()
# Named addresses stand before those that take any word.
for one in (orders, figures, boards, items):
    router.add_router("", one)

__all__ = ["router"]
