"""Short ways to bring a case to where a test begins. Moments are given as day and hour in 2022."""

from datetime import datetime
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from gongzhi.cases import services
from gongzhi.cases.models import Case, Complaint
from gongzhi.core.actors import Actor
from gongzhi.core.days import ZONE
from gongzhi.core.tests.cast import Cast
from gongzhi.registry.models import Estate

CALLER = services.ComplainantInput(name="陈建国", phone="13812345678", address="2幢301室")


def at(month: int, day: int, hour: int = 9, minute: int = 0) -> datetime:
    return datetime(2022, month, day, hour, minute, tzinfo=ZONE)


def submit(
    cast: Cast, *matters: str, estate: Estate | None = None, now: datetime | None = None, **given: Any
) -> Complaint:
    """A complaint on the web by the owner of the cast, unless told otherwise."""
    now = now or at(5, 5)
    channel = given.pop("channel", "web")
    actor = given.pop("actor", None) or cast.actor("owner" if channel == "web" else "street_office")
    values: dict[str, Any] = {
        "channel": channel,
        "estate": estate or cast.estate,
        "text": "楼顶有人搭建玻璃房，夜间施工，影响采光。",
        "location": "7幢楼顶",
        "matters": [services.MatterInput(matter=one, title="7幢楼顶搭建玻璃房") for one in matters],
        "complainant": CALLER,
        "received_at": now,
        "actor": actor,
        "now": now,
    }
    return services.receive_complaint(**{**values, **given})


def submitted(cast: Cast, matter: str, **given: Any) -> Case:
    return submit(cast, matter, **given).cases.get()


def assigned(cast: Cast, matter: str, *, by: str = "hotline_desk", **given: Any) -> Case:
    now = given.get("now") or at(5, 5)
    case = submitted(cast, matter, **given)
    return services.assign_case(case, actor=cast.actor(by), now=now)


def reported_in(cast: Cast, matter: str, *, lead: str, **given: Any) -> Case:
    now = given.get("now") or at(5, 5)
    case = assigned(cast, matter, **given)
    return services.report_in(case, actor=cast.actor(lead), now=now)


def answered(cast: Cast, matter: str, *, lead: str, now: datetime, **given: Any) -> Case:
    """Looked at, told, handled and answered, all at one moment."""
    case = reported_in(cast, matter, lead=lead, now=now, **given)
    actor: Actor = cast.actor(lead)
    services.verify_on_site(case, note="到场核实，情况属实。", actor=actor, now=now)
    services.contact_complainant(case, promised_on=now.date(), method="电话", actor=actor, now=now)
    services.handle(case, result="已责令改正。", outcome="rectified", actor=actor, now=now)
    return services.answer(case, text="已责令改正。", method="电话", actor=actor, now=now)


ARCHIVE_NONE = {"minutes": "none", "instructions": "none", "pictures": "none"}


def upload(name: str) -> SimpleUploadedFile:
    return SimpleUploadedFile(f"{name}.txt", f"{name} 材料正文".encode(), content_type="text/plain")
