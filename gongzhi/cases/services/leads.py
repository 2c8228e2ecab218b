"""Cases that nobody reported: what the platform itself knows becomes a lead on the day that it does."""

from datetime import date

from gongzhi.cases.codes import FOUND
from gongzhi.cases.services.intake import receive_complaint
from gongzhi.cases.services.opening import MatterInput
from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.days import local_day
from gongzhi.core.display import cn_date
from gongzhi.core.models import Event
from gongzhi.registry.models import Facility


def inspection_expired(event: Event) -> None:
    """Reaction to `facility.expired`: one lead for each last day, where the local document makes one of it."""
    row = Facility.objects.select_related("estate", "building").filter(pk=event.subject_id).first()
    if row is None:
        return
    on = local_day(event.at)
    answer = core.ask("cases.lead_from_facility", {"kind": row.kind}, place_path=row.place_path, on=on)
    matter = (answer.value or {}).get("matter") if answer.ok else None
    if not matter:
        return
    until = date.fromisoformat(str(event.data["valid_until"]))
    upkeep = f"维保单位：{row.upkeep}。" if row.upkeep else ""
    text = f"{row}的检验有效期到{cn_date(until)}，已过期，没有登记新的检验。{upkeep}"
    place = " ".join(one for one in (str(row.building or ""), row.location) if one)
    receive_complaint(
        channel=FOUND,
        estate=row.estate,
        text=text,
        location=place,
        matters=[MatterInput(matter=str(matter), title=f"{row}检验过期", text=text)],
        received_at=event.at,
        actor=Actor.system(demo=event.demo),
        now=event.at,
    )
