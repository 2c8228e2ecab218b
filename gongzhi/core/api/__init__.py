"""The caller itself, files, documents, places, and who is told of events."""

from ninja import Router

from gongzhi.core.api.hooks import router as hooks
from gongzhi.core.api.papers import me, papers, places

router = Router()
for one in (me, places, papers, hooks):
    router.add_router("", one)

__all__ = ["router"]
