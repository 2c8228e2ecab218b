"""公告: a committee tells the owners something for so many days; what asks them not to pay is stopped before.

Whoever lives by a notice may object to it, and may report a committee that told owners so on another way: the street
looks into it, and what is true stands in the committee's file.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NoReturn

from django.db import transaction

from gongzhi.core import refs
from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.core.refs import Ref
from gongzhi.core.rights import FORBIDDEN_STATUS
from gongzhi.governance.bodies.models import Body, BodyNotice, NoticeReport
from gongzhi.governance.bodies.queries.notices import barred_words, dismissing, rules_of
from gongzhi.governance.bodies.services.common import bump, estate_of, last_day, lock, words
from gongzhi.governance.bodies.words import NOTICE_KINDS, NOTICE_REPORTS
from gongzhi.policy import Finding
from gongzhi.registry.queries.reading import estates_for

CONFLICT_STATUS = 409


@transaction.atomic
def show_notice(
    body: Body,
    *,
    kind: str,
    title: str,
    text: str,
    until_on: date | None,
    about: str = "",
    file: Any = None,
    photo: Any = None,
    ask_street: bool = False,
    actor: Actor,
    now: datetime,
) -> BodyNotice:
    """Puts a notice up today. With `ask_street` one that the document stops waits for the street instead.

    Refuses (`check_failed`) what the document does not let pass, and days shorter than it asks for (`notice_days`).
    """
    core.require(actor, "notice.show", body)
    estate, on = estate_of(body), core.local_day(now)
    if kind not in NOTICE_KINDS:
        raise Refused("notice_kind", "请选公告类别。", fields={"kind": "请选类别"})
    if body.state != "in_office":
        raise Refused("body_state", f"{body}不在任，不能发布公告。", status=CONFLICT_STATUS)
    title, text = words(title, "title", "标题"), words(text, "text", "内容")
    rules = rules_of(body, kind, on)
    until = _until(body, rules.value.get("least"), until_on, on, rules.clauses)
    found = barred_words(title + text, list(rules.value.get("withholding") or ()))
    facts = {"notice": kind, "dismissing": dismissing(estate, on), "withholding": bool(found), "verified": False}
    findings = core.run_checks("governance.notice", facts, place_path=body.place_path, on=on, raise_=False)
    stopped = [one for one in findings if one.outcome == "refuse"]
    if stopped and not (ask_street and found):
        _refuse(stopped, found)
    row = BodyNotice.objects.create(
        body=body, kind=kind, title=title, words=text, about=_about(about, actor), state="held" if stopped else "shown",
        shown_on=on, until_on=until, by=actor.user, by_label=actor.label, at=now, place_path=body.place_path,
        demo=actor.demo or body.demo,
        basis={
            "words": found,
            "says": [one.message for one in findings],
            "clauses": list(dict.fromkeys([*rules.clauses, *(id_ for one in findings for id_ in one.clauses)])),
        },
    )  # fmt: skip
    row.file = _kept(file, row, actor, now)
    row.photo = _kept(photo, row, actor, now)
    row.save(update_fields=["file", "photo"])
    if stopped:
        _record(row, "notice.held", actor, now)
    else:
        _record(row, "notice.shown", actor, now, shown_on=on, until_on=until)
    return row


def _refuse(stopped: Sequence[Finding], found: Sequence[str]) -> NoReturn:
    says = "；".join(dict.fromkeys(one.message for one in stopped))
    raise Refused(
        "check_failed",
        f"公告里有“{'、'.join(found)}”：{says}。不是这个意思的，勾选请街道核实。" if found else f"{says}。",
        clause=tuple(dict.fromkeys(id_ for one in stopped for id_ in one.clauses)),
        fields={"text": "请删改，或请街道核实"},
    )


def _until(body: Body, least: Any, until_on: date | None, on: date, clauses: tuple[str, ...]) -> date:
    first = last_day(on, least, place_path=body.place_path) if least is not None else on
    until = until_on or (first if least is not None else None)
    if until is None:
        raise Refused("notice_days", "请填公示到哪一天。", fields={"until_on": "请填公示止"})
    if until < first:
        words_ = f"至少要公示到{first}。" if least is not None else "公示止不能早于今天。"
        raise Refused("notice_days", words_, clause=clauses, fields={"until_on": words_})
    return until


def _about(key: str, actor: Actor) -> str:
    """The row it tells of, as far as who puts it up may read it."""
    if not key:
        return ""
    try:
        ref = Ref.of_key(key)
    except ValueError:
        return ""
    return key if refs.may_read(actor, ref) else ""


def _kept(file: Any, row: BodyNotice | NoticeReport, actor: Actor, now: datetime) -> Any:
    return core.store_file(file, owner=row.ref, actor=actor, now=now) if file is not None else None


def _record(row: BodyNotice, kind: str, actor: Actor, now: datetime, **more: Any) -> None:
    data = {"notice": row.kind, "body": row.body.ref.key, "estate": estate_of(row.body).ref.key, **more}
    core.record(kind, subject=row.ref, actor=actor, at=now, place_path=row.place_path, data=data)


@transaction.atomic
def photograph(notice: BodyNotice, *, photo: Any, version: int | None, actor: Actor, now: datetime) -> BodyNotice:
    """The paper as it hangs."""
    row = lock(notice, version=version)
    core.require(actor, "notice.show", row.body)
    if row.state != "shown":
        raise Refused("notice_state", f"这份公告现在是“{row.get_state_display()}”。", status=CONFLICT_STATUS)
    row.photo = _kept(photo, row, actor, now)
    bump(row, "photo")
    return row


@transaction.atomic
def verify_notice(
    notice: BodyNotice, *, lawful: bool, reason: str, version: int | None, actor: Actor, now: datetime
) -> BodyNotice:
    """The street lets a held notice be put up, for as many days as it was meant to hang, or bars it with its reason."""
    row = lock(notice, version=version)
    core.require(actor, "notice.verify", row)
    if row.state != "held":
        raise Refused("notice_state", f"这份公告现在是“{row.get_state_display()}”。", status=CONFLICT_STATUS)
    on = core.local_day(now)
    if lawful:
        row.state, row.reason = "shown", reason.strip()
        row.shown_on, row.until_on = on, on + (row.until_on - row.shown_on)
        bump(row, "state", "reason", "shown_on", "until_on")
        _record(row, "notice.shown", actor, now, shown_on=on, until_on=row.until_on)
        return row
    row.state, row.reason, row.closed_on = "barred", words(reason, "reason", "理由"), on
    bump(row, "state", "reason", "closed_on")
    _record(row, "notice.barred", actor, now)
    return row


@transaction.atomic
def take_down(notice: BodyNotice, *, reason: str, version: int | None, actor: Actor, now: datetime) -> BodyNotice:
    """Before its last day with the reason, which everybody reads who read the notice."""
    row = lock(notice, version=version)
    if not core.may(actor, "notice.verify", row):
        core.require(actor, "notice.show", row.body)
    return _down(row, words(reason, "reason", "撤下的原因"), actor, now)


def _down(row: BodyNotice, reason: str, actor: Actor, now: datetime) -> BodyNotice:
    on = core.local_day(now)
    if row.state != "shown" or on > row.until_on:
        raise Refused("notice_state", "公示期已满或已撤下，留存备查，不用再撤。", status=CONFLICT_STATUS)
    row.state, row.reason, row.closed_on = "taken_down", reason, on
    bump(row, "state", "reason", "closed_on")
    _record(row, "notice.taken_down", actor, now, early=on < row.until_on)
    return row


@transaction.atomic
def report_notice(
    body: Body,
    *,
    kind: str,
    text: str,
    notice: BodyNotice | None = None,
    file: Any = None,
    actor: Actor,
    now: datetime,
) -> NoticeReport:
    """An objection to a notice that hangs, or that the committee asks owners not to pay, in whatever way."""
    core.require(actor, "notice.report", body)
    estate, on = estate_of(body), core.local_day(now)
    if not estates_for(actor).filter(pk=estate.pk).exists():
        raise Refused("forbidden", "只能对本小区的公告提出。", status=FORBIDDEN_STATUS)
    if kind not in NOTICE_REPORTS:
        raise Refused("report_kind", "请选类别。", fields={"kind": "请选类别"})
    if kind == "objection" and (notice is None or not notice.on_show(on)):
        raise Refused("notice_over", "公示期已满，不能再提异议；可以向街道反映。", fields={"kind": "公示期已满"})
    row = NoticeReport.objects.create(
        body=body, notice=notice, kind=kind, words=words(text, "text", "情况"), role=actor.role,
        organisation=actor.organisation, by=actor.user, at=now, place_path=body.place_path,
        demo=actor.demo or body.demo,
    )  # fmt: skip
    row.file = _kept(file, row, actor, now)
    row.save(update_fields=["file"])
    _record_report(row, "notice.reported", actor, now)
    return row


@transaction.atomic
def settle_report(
    report: NoticeReport, *, confirmed: bool, text: str, version: int | None, actor: Actor, now: datetime
) -> NoticeReport:
    """The committee answers an objection; the street finds whether owners were asked not to pay. What was is taken
    down at once."""
    row = lock(report, version=version)
    if row.kind == "objection":
        core.require(actor, "notice.show", row.body)
    else:
        core.require(actor, "notice.verify", row)
    if row.found_on is not None:
        raise Refused("settled", "已经答复、核实过。", status=CONFLICT_STATUS)
    row.confirmed, row.finding = confirmed, words(text, "text", "答复、核实情况")
    row.found_by, row.found_on = actor.label, core.local_day(now)
    bump(row, "confirmed", "finding", "found_by", "found_on")
    _record_report(row, "notice.report_settled", actor, now, confirmed=confirmed)
    if confirmed and row.kind == "withholding" and row.notice is not None and row.notice.on_show(row.found_on):
        _down(lock(row.notice), f"经{actor.label}核实，要求业主拒交、缓交物业费", actor, now)
    return row


def _record_report(row: NoticeReport, kind: str, actor: Actor, now: datetime, **more: Any) -> None:
    data = {"report": row.kind, "body": row.body.ref.key, "estate": estate_of(row.body).ref.key, **more}
    core.record(kind, subject=row.ref, actor=actor, at=now, place_path=row.place_path, data=data)
