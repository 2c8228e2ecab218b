"""What is known of estates, units, companies and posts, for other programs; and workbooks of it."""

from ninja import Router

from gongzhi.registry.api.accounts import router as accounts
from gongzhi.registry.api.estates import router as estates
from gongzhi.registry.api.facilities import router as facilities
from gongzhi.registry.api.imports import router as imports
from gongzhi.registry.api.known import router as known
from gongzhi.registry.api.parties import router as parties
from gongzhi.registry.api.places import router as places
from gongzhi.registry.api.units import router as units

router = Router()
for one in (estates, facilities, units, parties, accounts, places, known, imports):
    router.add_router("", one)

__all__ = ["router"]
