"""Disputes of the demonstration, on their way or at their end; the centre with its mediators."""

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from gongzhi.core import services as core
from gongzhi.core.models import Post
from gongzhi.governance.bodies.services import PersonInput, register_body
from gongzhi.mediation import services
from gongzhi.mediation.models import MediationFile
from gongzhi.mediation.services import PartyInput

if TYPE_CHECKING:
    from gongzhi.site.demo.loading import Stage

PLAN = Path(__file__).with_name("mediation.yaml")
MORNING, FIRST = "09:30", "09:00"


def load(stage: "Stage") -> None:
    plan = yaml.safe_load(PLAN.read_text(encoding="utf-8"))
    for row in plan["bodies"]:
        _body(stage, row)
    for row in plan["files"]:
        _file(stage, row)


def _body(stage: "Stage", row: dict[str, Any]) -> None:
    at = stage.moment(row["days"], MORNING)
    by: dict[str, Any] = {"actor": stage.director, "now": at}
    body = register_body(kind=row["kind"], place=stage.county, formed_on=core.local_day(at), **by)
    for name, full_time, line in row["mediators"]:
        services.register_mediator(
            body, person=PersonInput(name), full_time=full_time, line=line, qualification="多年从事调解",
            hired_on=core.local_day(at), from_on=core.local_day(at), **by,
        )  # fmt: skip


def _file(stage: "Stage", row: dict[str, Any]) -> None:
    estate = stage.estates[row["estate"]]
    holder = Post.objects.filter(role="owner", place_path=estate.place_path).select_related("user").first()
    user = holder.user if row.get("owner") and holder is not None else None
    name = user.display_name if user is not None else row.get("applicant", "业主")
    other = row.get("respondent")
    parties = [
        PartyInput("applicant", "owner", name=name, user=user),
        PartyInput("respondent", "owner" if other else "property_company", name=other or ""),
    ]
    file = services.apply(
        estate, matter=row["matter"], text=row["text"], parties=parties, source="applied", actor=stage.director,
        now=stage.moment(row["days"], FIRST),
    )  # fmt: skip
    for turn, step in enumerate(row["steps"]):
        _step(stage, MediationFile.objects.get(pk=file.pk), step, row, turn)


def _step(stage: "Stage", file: MediationFile, step: str, row: dict[str, Any], turn: int) -> None:
    """Each step on the day after the one before it, never later than today."""
    now = stage.moment(max(row["days"] - turn - 1, 0), MORNING)
    by: dict[str, Any] = {"actor": stage.director, "now": now}
    if step == "accept":
        for party in file.parties.filter(consents=None):
            services.consent(file, party=party, agrees=True, how="written", **by)
        services.accept(file, **by)
    elif step == "session":
        services.hold_session(file, held_at=now - timedelta(minutes=30), location="社区会议室", attended="双方",
                              content="双方说了各自的意见。", **by)  # fmt: skip
    elif step == "agree":
        services.agree(file, terms=row["terms"], agreed_on=core.local_day(now), **by)
    elif step == "visit":
        services.visit(file, on=core.local_day(now), performed="yes", text="已履行。", **by)
    elif step == "fail":
        services.fail(file, reason="双方对责任说法不一。", **by)
    elif step == "up":
        services.move(file, way="up", reason="请镇街继续调解", **by)
    else:
        services.close(file, **by)
