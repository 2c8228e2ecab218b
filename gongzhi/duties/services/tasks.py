"""Tasks given by hand: 交办. The pack's rule for tasks opens the duty; where it has none, the plain clock."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import uuid4

from django.db import transaction

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.days import local_day
from gongzhi.core.errors import Refused
from gongzhi.core.models import Event, Organisation
from gongzhi.core.refs import Ref
from gongzhi.duties.models import LOCAL, LONGEST_TITLE, Duty, Source
from gongzhi.duties.services.recording import open_duty
from gongzhi.policy import Pack
from gongzhi.policy.duties import DutyRefused, assign

# The ladder of a task where a pack has several.
LADDER = "supervision"


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
    duty = Duty.objects.filter(opened_by=event).order_by("id").first() or _open_plainly(
        event, owner=owner, due_on=due_on, title=title, clauses=clauses
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
    pack = core.pack_for(owner.place_path, today)
    unknown = [clause for clause in clauses if pack is None or clause not in pack.clauses]
    if unknown:
        fields["clauses"] = f"没有这样的条款编号：{'、'.join(unknown)}"
    if fields:
        raise Refused("bad_task", "交办任务填得不全，请改正后再交办。", fields=fields)


def _open_plainly(event: Event, *, owner: Organisation, due_on: date, title: str, clauses: Sequence[str]) -> Duty:
    """Where the pack has no rule for tasks: due at 24:00 of the day, on the pack's ladder if it has just one."""
    pack = core.pack_for(owner.place_path, local_day(event.at))
    if pack is None:
        raise Refused("no_pack", "该地区没有可用的文件，不能交办。请系统管理员先启用文件。")
    try:
        state = assign(
            pack=pack,
            title=title,
            owner=owner.role,
            due_on=due_on,
            subject=event.subject.key,
            place=owner.place_path,
            at=event.at.astimezone(LOCAL),
            clauses=tuple(clauses),
            ladder=_ladder(pack),
            switches=core.switches_for(owner.place_path, local_day(event.at), pack=pack),
        )
    except DutyRefused as refusal:
        raise Refused("bad_task", str(refusal), fields={"due_on": str(refusal)}) from refusal
    duty = open_duty(
        state,
        opening=f"event:{event.pk}",
        place_path=owner.place_path,
        at=event.at,
        source=Source.TASK,
        manual=True,
        event=event,
        owner=owner,
    )
    if duty is None:
        raise RuntimeError(f"the task of event {event.pk} was opened twice")
    return duty


def _ladder(pack: Pack) -> str:
    return next(iter(pack.ladders)) if len(pack.ladders) == 1 else LADDER if LADDER in pack.ladders else ""
