"""The events of a case as the clocks see them, without the cases themselves."""

from datetime import datetime
from typing import Any

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.days import ZONE
from gongzhi.core.models import Event
from gongzhi.core.refs import Ref
from gongzhi.core.tests.cast import Cast
from gongzhi.duties.models import Duty


def on(text: str) -> datetime:
    """`05-13 09:00` of 2022 in the platform's zone."""
    return datetime.strptime(f"2022-{text}", "%Y-%m-%d %H:%M").replace(tzinfo=ZONE)


def case_event(
    cast: Cast, kind: str, *, at: datetime, case: str = "1", by: str = "street_office", **data: Any
) -> Event:
    given = {
        "number": f"JJ-2022-{int(case):05d}",
        "channel": "phone",
        "matter": "illegal_structure",
        "nature": "violation",
        "received_at": on("04-28 10:00"),
        "lead": "urban_management",
        **data,
    }
    return core.record(
        f"case.{kind}",
        subject=Ref("case", case, f"搭建阳光房 {case}", cast.estate.place_path),
        actor=cast.actor(by) if by else Actor.system(),
        at=at,
        data={name: value for name, value in given.items() if value is not None},
        place_path=cast.estate.place_path,
    )


def assigned(cast: Cast, *, case: str = "1", at: datetime | None = None, **data: Any) -> Event:
    """A case handed to its lead: the duties to answer, to report in, to verify and to tell the deadline open."""
    return case_event(cast, "assigned", at=at or on("04-28 11:00"), case=case, finding_required=False, **data)


def answered(cast: Cast, *, at: datetime, case: str = "1") -> Event:
    return case_event(cast, "answered", at=at, case=case, by="urban_management", final=True, on_time=True)


def the_duty(rule: str, case: str = "1") -> Duty:
    return Duty.objects.get(rule=rule, subject_kind="case", subject_id=case)


def happened(duty: Duty, kind: str) -> int:
    return Event.objects.filter(subject_kind="duty", subject_id=str(duty.pk), kind=f"duty.{kind}").count()
