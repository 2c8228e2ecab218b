"""A dispute in mediation is found heavier than was told: it is reported, and the body of that level has it."""

from datetime import datetime

from django.db import transaction

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.mediation.models import MediationFile, MediationWeighing
from gongzhi.mediation.offices import oversight
from gongzhi.mediation.queries import asking
from gongzhi.mediation.services.common import (
    in_state,
    keep,
    level_of,
    locked,
    note,
    pass_on,
    required,
    start_of_minute,
    tell,
)
from gongzhi.mediation.words import GRADES, LEVELS
from gongzhi.registry.queries.known import organisation_for

UPWARDS = ("community", "street", "county")


@transaction.atomic
def weigh(
    file: MediationFile,
    *,
    grade: str,
    reason: str,
    found_at: datetime | None = None,
    version: int | None = None,
    actor: Actor,
    now: datetime,
) -> MediationFile:
    """认定轻重: a heavier one goes to the level that the document names, at once, and those above are told.

    Where the document sets a time for telling, what was told after it is on the list of late reports. A lighter one
    stays with whoever has it.
    """
    row = locked(file, "mediation.work", version=version, actor=actor)
    in_state(row, "applied", "accepted", "failed", message="没有办结的才认定轻重。")
    reason = required(reason, "reason", "请写明认定的理由。")
    if grade not in GRADES:
        raise Refused("grade", "请选择轻重。", fields={"grade": "请选择"})
    found = found_at or now
    if found > now or found < start_of_minute(row.applied_at):
        words = "要在申请以后、现在以前"
        raise Refused("found_at", f"发现时间{words}。", fields={"found_at": words})
    on, stage = core.local_day(now), row.stage
    row.grade = grade
    answer = asking.level_role(row, on)
    role = asking.role_of(answer)
    here = level_of(role, place_path=row.place_path, on=on) if role else stage.level
    heavier = UPWARDS.index(here) > UPWARDS.index(stage.level)
    due_at = asking.report_due(row, grade, found) if heavier else None
    late = due_at is not None and now >= due_at
    MediationWeighing.objects.create(
        file=row, grade=grade, organisation=stage.organisation, reason=reason, found_at=found, reported_at=now,
        due_at=due_at, late=late, demo=row.demo,
    )  # fmt: skip
    if heavier:
        row.answer = answer.to_json()
    keep(row, "grade", "answer")
    note(row, event="weighed", actor=actor, now=now, late=late, **{"from": stage.role})
    if not heavier:
        return row
    unit, role = asking.body_for(role, estate=row.estate, place_path=row.place_path, on=on)
    named, _ = oversight(row.place_path, on)
    units = [organisation_for(one, row.place_path, estate=row.estate) for one in named.get("notified") or ()]
    said = f"{stage.organisation}认定为{GRADES[grade]}纠纷，报{LEVELS[here]}调解。"
    tell(row, units, template="mediation.weighed", text=said, now=now)
    return pass_on(row, role=role, way="up", kind=stage.kind, reason=reason, organisation=unit, actor=actor, now=now)
