"""Complaints and cases for other programs. The same lists, forms, services and refusals as on screen."""

from ninja import Router

from gongzhi.cases.api.acting import router as acting
from gongzhi.cases.api.complaints import router as complaints
from gongzhi.cases.api.exports import router as exports
from gongzhi.cases.api.figures import router as figures
from gongzhi.cases.api.hotline import router as hotline
from gongzhi.cases.api.problems import router as problems
from gongzhi.cases.api.reading import router as reading
from gongzhi.cases.api.registers import router as registers

router = Router()
router.add_router("", complaints)
router.add_router("", reading)
router.add_router("", acting)
router.add_router("", registers)
router.add_router("", problems)
router.add_router("", figures)
router.add_router("", exports)
router.add_router("", hotline)

__all__ = ["router"]
