"""Answering, asking back, closing, filing away; and opening again."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from gongzhi.cases.codes import ARCHIVE_ITEMS
from gongzhi.cases.models import ArchiveItem, Case, State
from gongzhi.cases.queries import asking
from gongzhi.cases.queries.acts import rule_of
from gongzhi.cases.queries.conditions import Ground
from gongzhi.cases.services.acting import act, add_files, emit, locked, mirror_clock, required_text
from gongzhi.cases.services.problems import feed_back
from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.days import local_day
from gongzhi.core.errors import Refused

MOST_STARS = 5
NONE = "none"


def answer(
    case: Case,
    *,
    text: str,
    method: str,
    files: Iterable[Any] = (),
    final: bool = True,
    actor: Actor,
    now: datetime,
    **form: Any,
) -> Case:
    """Tells the complainant. A final answer ends the clock of the answer; progress does not."""
    does = _answer_finally if final else _answer_progress
    return does(case, text=text, method=method, files=files, actor=actor, now=now, **form)


@act("answer")
def _answer_finally(
    case: Case, *, text: str, method: str, files: Iterable[Any] = (), actor: Actor, now: datetime
) -> Case:
    text = required_text(text, "text", "请填写答复内容。")
    method = required_text(method, "method", "请选择答复方式。")
    case.answered_late = case.answer_due_at is not None and now >= case.answer_due_at
    case.answered_at, case.answer_text, case.state = now, text, State.ANSWERED
    emit(
        case,
        kind="answered",
        title=f"{method}答复投诉人",
        actor=actor,
        now=now,
        text=text,
        told=text,
        files=files,
        item="result",
        final=True,
        on_time=not case.answered_late,
    )
    if "reported_by" in case.facts:
        feed_back(case, actor=actor, now=now)
    return case


@act("answer_progress")
def _answer_progress(
    case: Case, *, text: str, method: str, files: Iterable[Any] = (), actor: Actor, now: datetime
) -> Case:
    text = required_text(text, "text", "请填写进展。")
    on_time = case.answer_due_at is None or now < case.answer_due_at
    emit(
        case,
        kind="answered",
        title=f"{method}答复进展",
        actor=actor,
        now=now,
        text=text,
        told=text,
        files=files,
        final=False,
        on_time=on_time,
    )
    return case


@act("call_back")
def call_back(case: Case, *, satisfied: bool | None, note: str = "", actor: Actor, now: datetime) -> Case:
    """`satisfied` None: could not be reached. Kept although the case may be closed already. Where the pack says so,
    what is not solved is taken up again at once."""
    case.called_back_at = now
    case.call_back_result = {True: "satisfied", False: "unsatisfied", None: "unreachable"}[satisfied]
    title = {"satisfied": "满意", "unsatisfied": "不满意", "unreachable": "联系不上"}[case.call_back_result]
    emit(
        case, kind="called_back", title=f"回访：{title}", actor=actor, now=now, text=note, result=case.call_back_result
    )
    if satisfied is False and asking.follow_up(case)[0]["reopens"]:
        return _reopened(case, reason=note.strip() or "回访时投诉人认为没有解决。", actor=actor, now=now)
    return case


@act("rate")
def _rate_by_account(case: Case, *, stars: int, comment: str, actor: Actor, now: datetime) -> Case:
    return _rated(case, stars=stars, comment=comment, actor=actor, now=now)


def rate(
    case: Case,
    *,
    stars: int,
    comment: str = "",
    number: str = "",
    phone_tail: str = "",
    actor: Actor,
    now: datetime,
    **form: Any,
) -> Case:
    """By the complainant's account, or by the tracking number with the phone tail or the query code."""
    if not number:
        return _rate_by_account(case, stars=stars, comment=comment, actor=actor, now=now, **form)
    return _tracked_act(
        "rate",
        case,
        lambda row, who: _rated(row, stars=stars, comment=comment, actor=who, now=now),
        proof=(number, phone_tail),
        key=form.get("key", ""),
        now=now,
    )


def _rated(case: Case, *, stars: int, comment: str, actor: Actor, now: datetime) -> Case:
    if not 1 <= stars <= MOST_STARS:
        raise Refused("stars", f"请选1到{MOST_STARS}星。", fields={"stars": "请选择。"})
    case.stars, case.rating_text = stars, comment.strip()[:500]
    emit(case, kind="rated", title=f"评价{stars}星", actor=actor, now=now, text=case.rating_text, stars=stars)
    return case


@act("reopen")
def _reopen_by_account(case: Case, *, reason: str, actor: Actor, now: datetime) -> Case:
    return _reopened(case, reason=reason, actor=actor, now=now)


def reopen(
    case: Case, *, reason: str, number: str = "", phone_tail: str = "", actor: Actor, now: datetime, **form: Any
) -> Case:
    """Work begins anew within the pack's window. The former answer stays on record."""
    if not number:
        return _reopen_by_account(case, reason=reason, actor=actor, now=now, **form)
    return _tracked_act(
        "reopen",
        case,
        lambda row, who: _reopened(row, reason=reason, actor=who, now=now),
        proof=(number, phone_tail),
        key=form.get("key", ""),
        now=now,
    )


@transaction.atomic
def _tracked_act(
    code: str,
    case: Case,
    does: Callable[[Case, Actor], Case],
    *,
    proof: tuple[str, str],
    key: str,
    now: datetime,
) -> Case:
    """An act by whoever knows the tracking number and its secret (`proof`). A second click does nothing more."""
    row = locked(case)
    number, secret = proof
    if row.complaint.number != number.strip().upper() or not row.complaint.opens_with(secret):
        raise Refused("not_found", "编号和手机尾号（或查询码）对不上，请核对。", fields={"phone_tail": "请核对。"})
    who = Actor.public("投诉人", demo=row.demo)
    if key and core.form_key(key, who) is not None:
        return row
    refused = rule_of(code).refusal(Ground(row, who, now))
    if refused is not None:
        raise refused
    done = does(row, who)
    if key:
        core.keep_form_key(key, done.ref)
    return done


def _reopened(case: Case, *, reason: str, actor: Actor, now: datetime) -> Case:
    reason = required_text(reason, "reason", "请写明要求重新办理的理由。")
    case.reopened_at = now
    case.reopened_times += 1
    case.handled_at = case.answered_at = case.closed_at = None
    case.answered_late, case.explained_at, case.outcome = None, None, ""
    case.call_back_result, case.called_back_at, case.on_spot = "", None, False
    case.answer_due_at = None
    case.state = State.HANDLING if case.lead_id else State.PENDING
    emit(
        case,
        kind="reopened",
        title=f"重新办理（第{case.reopened_times}次）",
        actor=actor,
        now=now,
        text=reason,
        told="已重新办理。",
        after_answer=True,
    )
    mirror_clock(case)
    return case


@act("close")
def close_case(case: Case, *, actor: Actor, now: datetime) -> Case:
    """Ended: looked at, told, handled and answered, with every step the pack asks for."""
    case.state, case.closed_at = State.CLOSED, now
    emit(
        case,
        kind="closed",
        title="办结",
        actor=actor,
        now=now,
        told="已办结，欢迎评价。",
        outcome=case.outcome or None,
        on_time=not case.answered_late,
        late_explained=bool(case.answered_late and case.explained_at),
    )
    return case


@act("archive")
def archive_case(case: Case, *, items: Mapping[str, Sequence[Any] | str], actor: Actor, now: datetime) -> Case:
    """Seven kinds of material, each present or ticked as none. Read-only from here on.

    `items` by kind: files, or "none". What the case holds already of a kind counts without being given again.
    """
    held = archived_material(case)
    values: dict[str, Any] = {"closed": True, "matter": case.matter, "called_back": case.called_back_at is not None}
    for item in ARCHIVE_ITEMS:
        given = items.get(item)
        if held[item] or (given and given != NONE):
            values[item] = "files"
        elif given == NONE:
            values[item] = NONE
    missing = [name for item, name in ARCHIVE_ITEMS.items() if item not in values]
    core.run_checks("cases.archive", values, place_path=case.place_path, on=local_day(now))
    if missing:
        raise Refused(
            "archive_items",
            f"还不能归档：{'、'.join(missing)}没有材料，也没有勾“无”。",
            fields={item: "请上传或勾“无”。" for item in ARCHIVE_ITEMS if item not in values},
        )
    for item in ARCHIVE_ITEMS:
        given = items.get(item)
        if given and given != NONE:
            add_files(given, case=case, item=item, actor=actor, now=now)
        ArchiveItem.objects.create(case=case, item=item, none=values[item] == NONE, demo=case.demo)
    _shut(case, actor=actor, now=now)
    return case


def _shut(case: Case, *, actor: Actor, now: datetime) -> None:
    """The event and the last line come first: once the row is archived, the database takes nothing more."""
    case.archived_at = now
    emit(case, kind="archived", title="归档", actor=actor, now=now)
    case.state = State.ARCHIVED
    Case.objects.filter(pk=case.pk).update(state=State.ARCHIVED)


def archived_material(case: Case) -> dict[str, bool]:
    """Which kinds the case holds by itself: the register, the result and the opinion are in its own entries."""
    kinds = set(case.files.values_list("item", flat=True)) | set(case.complaint.files.values_list("item", flat=True))
    entries = set(case.entries.values_list("kind", flat=True))
    return {
        "registration": True,
        "investigation": "investigation" in kinds or bool(entries & {"verified", "finding_recorded"}),
        "pictures": "pictures" in kinds,
        "opinion": "opinion" in kinds or bool(entries & {"handled", "finding_recorded", "answered"}),
        "minutes": "minutes" in kinds,
        "instructions": "instructions" in kinds,
        "result": "result" in kinds or bool(case.result),
    }
