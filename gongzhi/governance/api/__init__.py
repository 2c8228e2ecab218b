"""Bodies and votes for other programs. Owners, agents and trustees act on their own pages, never through a key."""

from ninja import Router

from gongzhi.governance.api import bodies, votes
from gongzhi.governance.api import evidence as evidence
from gongzhi.governance.api import paper as paper
from gongzhi.governance.api import running as running

router = Router()
for part in (bodies, votes):  # the others put their operations into that of votes
    router.add_router("", part.router)

__all__ = ["router"]
