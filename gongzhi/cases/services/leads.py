"""Cases that nobody reported: what the platform itself knows becomes a lead on the day that it does."""

from gongzhi.cases.codes import FOUND
from gongzhi.cases.models import Case
from gongzhi.cases.services.intake import receive_complaint
from gongzhi.cases.services.opening import MatterInput
from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.days import local_day
from gongzhi.core.models import Event
from gongzhi.registry.models import Facility
from gongzhi.registry.questions import LEAD_REASONS


def lead_of_facility(row: Facility, *, reason: str, text: str, event: Event) -> Case | None:
    """The case that the local document makes of what was found of a piece; None where it makes none."""
    on = local_day(event.at)
    facts = {"kind": row.kind, "reason": reason}
    answer = core.ask("cases.lead_from_facility", facts, place_path=row.place_path, on=on)
    matter = (answer.value or {}).get("matter") if answer.ok else None
    if not matter:
        return None
    place = " ".join(one for one in (str(row.building or ""), row.location) if one)
    complaint = receive_complaint(
        channel=FOUND,
        estate=row.estate,
        text=text,
        location=place,
        matters=[MatterInput(matter=str(matter), title=f"{row}{LEAD_REASONS[reason]}", text=text)],
        received_at=event.at,
        actor=Actor.system(demo=event.demo),
        now=event.at,
    )
    return complaint.cases.get()
