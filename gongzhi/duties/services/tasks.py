"""Tasks given by hand: 交办. The pack's rule for tasks opens the duty; where it has none, the platform's plain clock does."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import uuid4

from django.db import transaction

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.core.models import Organisation
from gongzhi.core.refs import Ref
from gongzhi.duties.models import LONGEST_TITLE, Duty
from gongzhi.duties.services.reacting import open_plain
from gongzhi.duties.store import local_day


@transaction.atomic
def assign_task(
    *,
    title: str,
    owner: Organisation,
    due_on: date,
    subject: Ref | None = None,
    clauses: Sequence[str] = (),
    note: str = "",
    actor: Actor,
    now: datetime,
) -> Duty:
    """Gives a task to an organisation, to be done by the end of `due_on`. The reaction to the event opens the duty."""
    core.require(actor, "duty.assign_task", owner)
    return _assign(
        title=title, owner=owner, due_on=due_on, subject=subject, clauses=clauses, note=note, actor=actor, now=now
    )


@transaction.atomic
def delegate(duty: Duty, *, owner: Organisation, actor: Actor, now: datetime) -> Duty:
    """Has an organisation below do it: a task of its own, due no later. The duty itself stays where it is."""
    core.require(actor, "duty.hand_out", duty.own_side)
    core.require(actor, "duty.assign_task", owner)
    due_on = duty.last_day or local_day(now)
    return _assign(
        title=f"协办：{duty.title}"[:LONGEST_TITLE],
        owner=owner,
        due_on=max(due_on, local_day(now)),
        subject=duty.subject,
        clauses=duty.clauses,
        note="",
        actor=actor,
        now=now,
    )


def _assign(
    *,
    title: str,
    owner: Organisation,
    due_on: date,
    subject: Ref | None,
    clauses: Sequence[str],
    note: str,
    actor: Actor,
    now: datetime,
) -> Duty:
    title = title.strip()
    _check(title=title, due_on=due_on, clauses=clauses, owner=owner, today=local_day(now))
    event = core.record(
        "duty.task_assigned",
        subject=subject or Ref("task", uuid4().hex, title=title, place_path=owner.place_path),
        actor=actor,
        at=now,
        data={
            "title": title,
            "owner": owner.role,
            "owner_level": core.role_level(owner.role),
            "owner_organisation": owner.pk,
            "by": actor.role,
            "due_on": due_on,
            "within": f"{(due_on - local_day(now)).days}d",
            "clauses": list(clauses),
            "about": subject.key if subject else "",
        },
        place_path=owner.place_path,
    )
    duty = Duty.objects.filter(opened_by=event).order_by("id").first() or open_plain(
        event, owner=owner, due_on=due_on, title=title, clauses=clauses, actor=actor
    )
    if note.strip():
        duty.note = note.strip()
        duty.save(update_fields=["note"])
    core.notify(to=owner, template="duty.task_assigned", text=f"{actor.label}交办：{title}", ref=duty.ref, now=now)
    return duty


def _check(*, title: str, due_on: date, clauses: Sequence[str], owner: Organisation, today: date) -> None:
    fields = {}
    if not title:
        fields["title"] = "请写明要办什么事"
    elif len(title) > LONGEST_TITLE:
        fields["title"] = f"不超过{LONGEST_TITLE}字，细节写在说明里"
    if due_on < today:
        fields["due_on"] = "期限不能早于今天"
    if not owner.active:
        fields["owner"] = "该单位已停用，请另选"
    unknown = [clause for clause in clauses if core.clause(clause) is None]
    if unknown:
        fields["clauses"] = f"没有这样的条款编号：{'、'.join(unknown)}"
    if fields:
        raise Refused("bad_task", "交办任务填得不全，请改正后再交办。", fields=fields)
