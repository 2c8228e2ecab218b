"""Complaints and cases for other programs. The same lists, forms, services and refusals as on screen."""

from ninja import Router

from gongzhi.cases.api.acting import router as acting
from gongzhi.cases.api.complaints import router as complaints
from gongzhi.cases.api.reading import router as reading
from gongzhi.cases.api.registers import router as registers

router = Router()
router.add_router("", complaints)
router.add_router("", reading)
router.add_router("", acting)
router.add_router("", registers)

__all__ = ["router"]
