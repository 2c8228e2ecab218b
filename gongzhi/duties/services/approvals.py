"""Time given, taken away and stopped: extension, excuse, suspension; hand-over; dates settled by a new calendar."""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.days import local_day
from gongzhi.core.errors import Refused
from gongzhi.core.models import Event, Post
from gongzhi.duties import queries
from gongzhi.duties.locks import hold
from gongzhi.duties.models import LOCAL, Duty
from gongzhi.duties.recount import recounted
from gongzhi.duties.services.handling import locked
from gongzhi.duties.services.recording import note_event
from gongzhi.duties.store import put_state, save_clock, save_clocks, state_of
from gongzhi.policy import Pack, Period
from gongzhi.policy import duties as clocks
from gongzhi.policy.duties import DutyRefused, DutyState
from gongzhi.registry.services import organisation_for

SHORTEST_REASON = 4
LONGEST_REASON = 1000
BATCH = 200


@transaction.atomic
def ask_extension(
    duty: Duty, *, reason: str, actor: Actor, now: datetime, version: int | None = None, consent: str = ""
) -> Duty:
    """Asks for more time, before it has run out and only where the rule knows an extension.

    Where the rule names the event that stands for the consent, only the act that will record it (`consent`) may ask:
    that act asks the pack first whether more time is allowed at all.
    """
    row = locked(duty, version=version)
    core.require(actor, "duty.ask", row.own_side)
    why = _reason(reason)
    if row.request:
        raise Refused("asked_already", "已经申请过延期，正在等批。")
    rule = _pack(row).duty_rules.get(row.rule)
    if rule is None or rule.extension is None:
        raise Refused("no_extension", f"“{row.title}”按规定不能延期，请在期限内办结。", tuple(row.clauses))
    if rule.extension.after and consent not in rule.extension.after:
        raise Refused(
            "asked_elsewhere",
            f"“{row.title}”的延期要在它所属的案件里申请，由那里核对能不能延。",
            tuple(row.clauses),
        )
    if row.due_at is not None and now >= row.due_at:
        raise Refused("asked_late", "期限已过，不能再申请延期。请尽快办结，并说明逾期情况。", tuple(row.clauses))
    row.request = {"reason": why, "by": actor.label, "at": now.isoformat()}
    row.version += 1
    row.save(update_fields=["request", "version"])
    note_event("duty.extension_asked", row, actor=actor, at=now, due_at=row.due_at)
    _tell_creditor(row, f"申请延期：{row.title}", now)
    return row


@transaction.atomic
def decide_extension(
    duty: Duty,
    *,
    approve: bool,
    reason: str,
    days: int | None = None,
    actor: Actor,
    now: datetime,
    version: int | None = None,
) -> Duty:
    """Approves or refuses what was asked. How long is the rule's; `days` counts only where the rule leaves it open."""
    row = locked(duty, version=version)
    _require_approver(row, actor)
    if not row.request:
        raise Refused("not_asked", "责任单位没有申请延期，不用批。")
    why = _reason(reason)
    row.request = None
    row.save(update_fields=["request"])
    if not approve:
        row.version += 1
        row.save(update_fields=["version"])
        note_event("duty.extension_refused", row, actor=actor, at=now, due_at=row.due_at)
        _tell_owner(row, f"不同意延期：{row.title}。{why}", now)
        return row
    was = row.due_at
    pack = _pack(row)
    _apply(
        row,
        lambda state: clocks.extend(
            pack,
            state,
            by=actor.role,
            reason=why,
            at=now.astimezone(LOCAL),
            period=Period.parse(f"{days}d") if days else None,
            switches=core.switches_for(row.place_path, local_day(row.opened_at)),
        ),
        at=now,
    )
    note_event("duty.extended", row, actor=actor, at=now, was_due_at=was, due_at=row.due_at, approver=actor.role)
    _tell_owner(row, f"同意延期：{row.title}", now)
    return row


@transaction.atomic
def excuse(duty: Duty, *, reason: str, actor: Actor, now: datetime, version: int | None = None) -> Duty:
    """Ends the duty without blame. Decided by an office above, never by who owes it."""
    row = locked(duty, version=version)
    core.require(actor, "duty.excuse", row.to_decide)
    why = _reason(reason)
    _apply(row, lambda state: clocks.excuse(state, by=actor.role, reason=why, at=now.astimezone(LOCAL)), at=now)
    note_event("duty.excused", row, actor=actor, at=now, approver=actor.role)
    _tell_owner(row, f"已免责：{row.title}。{why}", now)
    return row


@transaction.atomic
def suspend(duty: Duty, *, reason: str, actor: Actor, now: datetime, version: int | None = None) -> Duty:
    row = locked(duty, version=version)
    core.require(actor, "duty.suspend", row.to_decide)
    why, pack = _reason(reason), _pack(row)
    _apply(row, lambda state: clocks.suspend(pack, state, reason=why, at=now.astimezone(LOCAL)), at=now)
    note_event("duty.suspended", row, actor=actor, at=now, due_at=row.due_at)
    return row


@transaction.atomic
def resume(duty: Duty, *, actor: Actor, now: datetime, version: int | None = None) -> Duty:
    row = locked(duty, version=version)
    core.require(actor, "duty.suspend", row.to_decide)
    pack = _pack(row)
    _apply(row, lambda state: clocks.resume(pack, state, at=now.astimezone(LOCAL)), at=now)
    note_event("duty.resumed", row, actor=actor, at=now, due_at=row.due_at)
    return row


def hand_over(event: Event) -> None:
    """When a post ends, its holder's work goes to whoever else holds a post there, else to the unit's pool."""
    post = Post.objects.filter(pk=event.subject_id).select_related("organisation").first()
    if post is None or post.organisation is None or post.ends_on is None:
        return
    on = post.ends_on + timedelta(days=1)
    if Post.objects.in_force(on).filter(user=post.user, organisation=post.organisation).exists():
        return
    heirs = [user for user in core.holders(post.organisation, on=on) if user.pk != post.user_id]
    heir = heirs[0] if heirs else None
    left = queries.work_of_post(post)
    hold(duty.subject.key for duty in left.only("subject_kind", "subject_id"))
    rows = list(left.select_for_update(of=("self",)).order_by("id"))
    Duty.objects.filter(pk__in=[row.pk for row in rows]).update(assigned_to=heir, version=F("version") + 1)
    for row in rows:
        note_event("duty.handed_over", row, at=event.at, post=post.pk, to_user=heir.pk if heir else None)
    if rows:
        to = heir or post.organisation
        core.notify(to=to, template="duty.handed_over", text=f"接手{len(rows)}件未办事项", ref=post.ref, now=event.at)


def recompute_provisional(event: Event) -> None:
    """A year's work days are known now: running duties whose dates were provisional are counted again."""
    last = 0
    while True:
        rows = list(
            Duty.objects.select_for_update(of=("self",))
            .filter(closed_at__isnull=True, provisional=True, pk__gt=last)
            .select_related("opened_by")
            .order_by("pk")[:BATCH]
        )
        if not rows:
            return
        last = rows[-1].pk
        before = {row.pk: row.due_at for row in rows}
        changed = [row for row in rows if _counted_again(row, event.at)]
        save_clocks(changed)
        for row in changed:
            if before[row.pk] != row.due_at:
                note_event("duty.recomputed", row, at=event.at, was_due_at=before[row.pk], due_at=row.due_at)


def _counted_again(row: Duty, at: datetime) -> bool:
    before = state_of(row)
    switches = core.switches_for(row.place_path, local_day(row.opened_at))
    after = recounted(row, _pack(row), at=at, switches=switches)
    if after == before:
        return False
    put_state(row, after, at=at)
    return True


def _apply(row: Duty, act: Callable[[DutyState], DutyState], *, at: datetime) -> None:
    try:
        state = act(state_of(row))
    except DutyRefused as refusal:
        raise Refused("duty_refused", str(refusal), tuple(row.clauses)) from refusal
    put_state(row, state, at=at)
    save_clock(row)


def _pack(row: Duty) -> Pack:
    pack = core.pack_for(row.place_path, local_day(row.opened_at))
    if pack is None:
        raise Refused("no_pack", "该地区没有可用的文件，期限不能计算。请系统管理员先启用文件。")
    return pack


def may_decide_extension(row: Duty, actor: Actor) -> bool:
    try:
        _require_approver(row, actor)
    except Refused:
        return False
    return True


def _require_approver(row: Duty, actor: Actor) -> None:
    """The roles that the rule names; where it names none, an approving office, or who handed the task out."""
    rule = _pack(row).duty_rules.get(row.rule)
    named = rule.extension.by if rule and rule.extension else ()
    if named:
        if actor.role in named and actor.within(row.place_path) and not row.owed_by(actor):
            return
        who = "、".join(core.role_name(role) for role in named)
        raise Refused("forbidden", f"延期由{who}批准，您的岗位不能批。", tuple(row.clauses), status=403)
    if row.is_party(actor) and not row.owed_by(actor):
        return
    core.require(actor, "duty.approve", row.to_decide)


def _reason(reason: str) -> str:
    words = reason.strip()
    if not SHORTEST_REASON <= len(words) <= LONGEST_REASON:
        raise Refused(
            "reason_missing", "请写明理由。", fields={"reason": f"理由要写{SHORTEST_REASON}到{LONGEST_REASON}个字"}
        )
    return words


def _tell_owner(row: Duty, text: str, now: datetime) -> None:
    to = row.assigned_to or row.owner_organisation
    if to is not None:
        core.notify(to=to, template="duty.decided", text=text, ref=row.ref, now=now)


def _tell_creditor(row: Duty, text: str, now: datetime) -> None:
    to = row.creditor or organisation_for("leading_group_office", row.place_path, row.estate)
    if to is not None:
        core.notify(to=to, template="duty.asked", text=text, ref=row.ref, now=now)
