"""公共用房 of an estate: what each serves for, and the community's word that its work goes on when one is let."""

from datetime import datetime
from decimal import Decimal

from django.db import transaction

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.funds.common.queries import OfEstate
from gongzhi.funds.revenue.models import PublicRoom
from gongzhi.registry.models import Estate

MOST_SHARE = 100


@transaction.atomic
def register_room(
    estate: Estate, *, name: str, serves: str, area_m2: Decimal, used_share: int, actor: Actor, now: datetime
) -> PublicRoom:
    """Puts a room into the register, or says anew what it serves for and how far it is used."""
    core.require(actor, "revenue.keep", OfEstate(estate, core.local_day(now)))
    if not name.strip() or not 0 <= used_share <= MOST_SHARE or area_m2 <= 0:
        raise Refused("room", "请填房屋、面积和0到100的使用率。", fields={"used_share": "0到100"})
    row, _ = PublicRoom.objects.update_or_create(
        estate=estate, name=name.strip(),
        defaults={"serves": serves, "area_m2": area_m2, "used_share": used_share, "place_path": estate.place_path,
                  "demo": actor.demo},
    )  # fmt: skip
    _tell(row, actor, now)
    return row


@transaction.atomic
def confirm_room(room: PublicRoom, *, unaffected: bool, actor: Actor, now: datetime) -> PublicRoom:
    """The community says whether its office and its activities go on unaffected when the room is let."""
    row = PublicRoom.objects.select_for_update(of=("self",)).select_related("estate").get(pk=room.pk)
    core.require(actor, "room.confirm", row)
    row.unaffected, row.confirmed_by, row.confirmed_on = unaffected, actor.label, core.local_day(now)
    row.version += 1
    row.save()
    _tell(row, actor, now)
    return row


def check_letting(estate: Estate, room: PublicRoom | None, *, now: datetime) -> None:
    """Refuses (`check_failed`) to let a public room that the pack wants confirmed first."""
    if room is not None and room.estate_id != estate.pk:
        raise Refused("room", "这间房不在这个小区。", fields={"room": "请另选"})
    facts = {
        "estate_type": estate.estate_type,
        "room": room is not None,
        "office_unaffected": room is not None and room.unaffected,
    }
    core.run_checks("funds.revenue_contract", facts, place_path=estate.place_path, on=core.local_day(now))


def _tell(row: PublicRoom, actor: Actor, now: datetime) -> None:
    core.record("room.registered", subject=row.estate.ref, actor=actor, at=now, place_path=row.place_path,
                data={"serves": row.serves, "unaffected": row.unaffected})  # fmt: skip
