"""Short ways for the tests of accountability: people of further offices, the clock, pictures."""

from datetime import date, datetime
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from gongzhi.cases.accountability.models import Finding, Inspection, WorkTask
from gongzhi.cases.accountability.services import inspections, tasks
from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.days import ZONE
from gongzhi.core.models import User
from gongzhi.core.tests.cast import SINCE, Cast
from gongzhi.duties import services as duties
from gongzhi.duties.models import Duty

OFFICE = "leading_group_office"
# The smallest PNG there is.
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360000002000001e221bc33"
    "0000000049454e44ae426082"
)


def at(month: int, day: int, hour: int = 9, minute: int = 0) -> datetime:
    return datetime(2022, month, day, hour, minute, tzinfo=ZONE)


def person(cast: Cast, role: str, name: str = "") -> User:
    """Somebody in an office of the cast that has nobody yet."""
    key = f"{role}:{name}"
    if key in cast.users:
        return cast.users[key]
    user = User.objects.create_user(username=key.replace(":", "_"), display_name=name or role, password="x")
    core.begin_post(
        user,
        organisation=cast.organisation(role),
        begins_on=SINCE,
        actor=Actor.system(),
        now=cast.now,
        role="",
        place=None,
    )
    cast.users[key] = user
    return user


def acting(cast: Cast, role: str, name: str = "") -> Actor:
    if role in cast.users and not name:
        return cast.actor(role)
    return Actor.of(person(cast, role, name), cast.now)


def photo(name: str = "xianchang.png") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, PNG, content_type="image/png")


def paper(name: str = "rending.txt") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, "认定书正文".encode(), content_type="text/plain")


def inspection(cast: Cast, unit: str = "street_office", *, now: datetime) -> Inspection:
    return inspections.open_inspection(
        title="物业管理履职", inspected=cast.organisation(unit), actor=cast.actor(OFFICE), now=now
    )


def sent_finding(cast: Cast, unit: str = "street_office", *, days: int = 10, now: datetime) -> Finding:
    found = inspections.note_finding(
        inspection(cast, unit, now=now),
        unit=cast.organisation(unit),
        text="楼道堆放杂物没有清理",
        days=days,
        actor=cast.actor(OFFICE),
        now=now,
    )
    return inspections.send_finding(found, actor=cast.actor(OFFICE), now=now)


def given(cast: Cast, unit: str = "urban_management", *, due_on: date, now: datetime, **more: Any) -> WorkTask:
    return tasks.give_task(
        title="排查楼顶违建", unit=cast.organisation(unit), due_on=due_on, actor=cast.actor(OFFICE), now=now, **more
    )


def clock(moment: datetime) -> None:
    duties.tick(moment)


def duty_of(row: Any) -> Duty:
    return Duty.objects.filter(subject_kind=row.ref.kind, subject_id=row.ref.id).order_by("-pk").first()


def papers(row: Any) -> list[str]:
    return [one.instrument for one in core.documents_of(row.ref)]
