"""What a clerk does with a duty: hand it to a person, prompt its owner, mark it done with evidence."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.days import local_day
from gongzhi.core.errors import Refused
from gongzhi.core.models import Organisation, Post, User
from gongzhi.duties.locks import hold
from gongzhi.duties.models import LOCAL, Duty, State
from gongzhi.duties.references import supervises
from gongzhi.duties.services.recording import note_event
from gongzhi.duties.store import put_state, save_clock, state_of
from gongzhi.policy.duties import DutyRefused
from gongzhi.policy.duties import fulfil as fulfilled


def locked(duty: Duty, *, version: int | None = None) -> Duty:
    """The running row, locked. Refuses a closed one, and one that another clerk changed since this page was read."""
    hold([duty.subject.key])
    row = Duty.objects.select_for_update(of=("self",)).get(pk=duty.pk)
    core.check_version(row, version)
    if not row.running:
        raise Refused("not_running", f"“{row.title}”已经结束（{row.get_state_display()}），不用再办。")
    return row


def _serves(unit: Organisation | None, user: User, now: datetime) -> bool:
    """In a post of the unit that day, or standing in for somebody who is."""
    if unit is None:
        return False
    on = local_day(now)
    return Post.objects.in_force(on).filter(user=user, organisation=unit).exists() or user in core.holders(unit, on=on)


@transaction.atomic
def hand_out(duty: Duty, *, user: User, actor: Actor, now: datetime, version: int | None = None) -> Duty:
    """Names the person of the owing organisation who does it."""
    row = locked(duty, version=version)
    core.require(actor, "duty.hand_out", row.own_side)
    if not _serves(row.owner_organisation, user, now):
        raise Refused("not_of_unit", f"{user}不是责任单位的在岗人员，不能分派。", fields={"to": "请选本单位在岗的人"})
    row.assigned_to = user
    row.version += 1
    row.save(update_fields=["assigned_to", "version"])
    note_event("duty.handed_out", row, actor=actor, at=now, organisation=row.owner_organisation_id, to_user=user.pk)
    core.notify(to=user, template="duty.handed_out", text=f"分派给您：{row.title}", ref=row.ref, now=now)
    return row


@transaction.atomic
def prompt(duty: Duty, *, actor: Actor, now: datetime) -> Duty:
    """催办: tells whoever owes it. At most once a day, so that it keeps its weight."""
    row = locked(duty)
    if not supervises(actor, row):
        core.require(actor, "duty.prompt", row)
    today = local_day(now)
    if row.prompted_on == today:
        raise Refused("prompted_today", f"“{row.title}”今天已经催办过，明天再催。")
    row.prompted_on = today
    row.version += 1
    row.save(update_fields=["prompted_on", "version"])
    note_event("duty.prompted", row, actor=actor, at=now, due_at=row.due_at)
    to = row.assigned_to or row.owner_organisation
    if to is not None:
        core.notify(to=to, template="duty.prompted", text=f"{actor.label}催办：{row.title}", ref=row.ref, now=now)
    return row


@transaction.atomic
def fulfil(
    duty: Duty, *, note: str, files: Sequence[Any] = (), actor: Actor, now: datetime, version: int | None = None
) -> Duty:
    """Marks done by hand, with evidence. What an act closes by itself cannot be marked."""
    row = locked(duty, version=version)
    core.require(actor, "duty.fulfil", row.own_side)
    if not row.manual:
        raise Refused(
            "closed_by_act",
            f"“{row.title}”由办理动作自动办结，不能直接标记。请打开所属事项，在那里办理。",
            tuple(row.clauses),
        )
    if not note.strip() and not files:
        raise Refused("no_evidence", "标记办结要有凭据。", fields={"note": "请写明办了什么、结果怎样，或者上传附件"})
    try:
        state = fulfilled(state_of(row), at=now.astimezone(LOCAL))
    except DutyRefused as refusal:
        raise Refused("not_fulfillable", str(refusal), tuple(row.clauses)) from refusal
    put_state(row, state, at=now)
    row.note = note.strip()
    row.save(update_fields=["note"])
    save_clock(row)
    for file in files:
        core.store_file(file, owner=row.ref, actor=actor, now=now)
    late = row.state == State.FULFILLED_LATE
    note_event("duty.fulfilled", row, actor=actor, at=now, late=late, silent=False, manual=True)
    return row
