"""督查: open, draw, write down, send, answer, check again."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from secrets import token_hex
from typing import Any

from django.db import transaction

from gongzhi.cases.accountability.models import Finding, InspectedEstate, Inspection
from gongzhi.cases.accountability.services.common import (
    issue,
    locked,
    next_number,
    note,
    of_unit,
    save,
    store_all,
    text_of,
)
from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.days import local_day
from gongzhi.core.errors import Refused
from gongzhi.core.models import Organisation
from gongzhi.duties import queries as duty_queries
from gongzhi.duties import services as duties
from gongzhi.registry import queries as registry
from gongzhi.registry.models import Estate

SEED_BYTES = 8


def drawn(estates: Sequence[Estate], *, seed: str, number: int) -> list[Estate]:
    """The first ones in the order of SHA-256 of `seed:code`: anyone with the seed can draw them again."""
    order = sorted(estates, key=lambda one: sha256(f"{seed}:{one.place.code}".encode()).hexdigest())
    return order[:number]


@transaction.atomic
def open_inspection(
    *,
    title: str,
    inspected: Organisation | None = None,
    estates: Sequence[Estate] = (),
    draw: int = 0,
    seed: str = "",
    actor: Actor,
    now: datetime,
) -> Inspection:
    """Against a street or department, or over estates chosen or drawn below it. Nobody is told."""
    title = text_of(title, "title", "请写明督查什么。")
    core.require(actor, "accountability.inspect", inspected or actor.organisation)
    if inspected is None and not draw:
        raise Refused("no_object", "请选择被查单位，或者随机抽取小区。", fields={"inspected": "选单位，或抽小区"})
    if inspected is not None and actor.organisation is not None and inspected.pk == actor.organisation.pk:
        raise Refused("own_unit", "不能督查本单位。", fields={"inspected": "请选别的单位"})
    chosen, seed, pool = _chosen(inspected, estates, draw, seed.strip(), actor)
    row = Inspection.objects.create(
        number=next_number(actor.place_path, letter="D", now=now),
        title=title,
        inspected=inspected,
        opened_at=now,
        opened_by=actor.user,
        opened_label=actor.label,
        office=actor.organisation,
        seed=seed,
        drawn_from=pool,
        place_path=actor.place_path,
        demo=actor.demo,
    )
    InspectedEstate.objects.bulk_create(
        InspectedEstate(inspection=row, estate=one, position=index) for index, one in enumerate(chosen, 1)
    )
    note(
        row,
        event="inspection.opened",
        actor=actor,
        now=now,
        inspected=inspected.role if inspected else None,
        random=bool(seed),
        seed=seed or None,
        drawn=[one.place.code for one in chosen] if seed else None,
        drawn_from=pool,
    )
    return row


def _chosen(
    inspected: Organisation | None, estates: Sequence[Estate], draw: int, seed: str, actor: Actor
) -> tuple[list[Estate], str, int | None]:
    if not draw:
        return list(estates), "", None
    below = inspected.place_path if inspected is not None else actor.place_path
    pool = list(registry.estates_within(below).select_related("place"))
    if draw > len(pool):
        raise Refused("too_many", f"范围内只有{len(pool)}个小区。", fields={"draw": f"最多抽{len(pool)}个。"})
    seed = seed or token_hex(SEED_BYTES)
    return drawn(pool, seed=seed, number=draw), seed, len(pool)


@transaction.atomic
def note_finding(
    inspection: Inspection,
    *,
    unit: Organisation,
    text: str,
    days: int,
    estate: Estate | None = None,
    matter: str = "",
    actor: Actor,
    now: datetime,
) -> Finding:
    """Written down for later: the unit does not see it yet."""
    row = locked(inspection)
    core.require(actor, "accountability.inspect", row)
    _running(row)
    finding = Finding.objects.create(
        inspection=row,
        unit=unit,
        estate=estate,
        matter=matter,
        text=text_of(text, "text", "请写明发现的问题。"),
        days=days,
        found_at=now,
        place_path=estate.place_path if estate is not None else unit.place_path,
        demo=actor.demo,
    )
    note(finding, event="inspection.noted", actor=actor, now=now, matter=matter or None, **of_unit(unit))
    return finding


@transaction.atomic
def send_finding(finding: Finding, *, version: int | None = None, actor: Actor, now: datetime) -> Finding:
    """The numbered order, served on the unit, and its duty with the pack's ladder."""
    row = locked(finding, version=version)
    core.require(actor, "accountability.inspect", row.inspection)
    if row.sent:
        raise Refused("sent", "这个问题已经交办。")
    row.sent_at = now
    row.document = issue(
        "inspection_order", subject=row.ref, to=[row.unit], values={}, place_path=row.place_path, actor=actor, now=now
    )
    _open_duty(row, actor=actor, now=now)
    return row


def _open_duty(row: Finding, *, actor: Actor, now: datetime) -> None:
    """The pack's rule opens the duty; where it has none, the plain clock of a task does."""
    save(row)
    note(
        row,
        event="inspection.finding_recorded",
        actor=actor,
        now=now,
        within=f"{row.days}d",
        matter=row.matter or None,
        **of_unit(row.unit),
    )
    duty = duty_queries.duties_of(row.ref).filter(closed_at__isnull=True).first()
    if duty is None:
        duty = duties.assign_task(
            title=f"按督查要求整改：{row.text}"[:120],
            owner=row.unit,
            due_on=local_day(now) + timedelta(days=row.days),
            subject=row.ref,
            actor=actor,
            now=now,
        )
    row.due_on = duty.last_day
    row.save(update_fields=["due_on"])
    core.notify(to=row.unit, template="inspection.finding", text=f"督查交办：{row.text}", ref=row.ref, now=now)


@transaction.atomic
def answer_finding(
    finding: Finding, *, text: str, files: Sequence[Any] = (), version: int | None = None, actor: Actor, now: datetime
) -> Finding:
    """The unit reports that it was put right: its clock stops. Whether it was, the office checks."""
    row = locked(finding, version=version)
    core.require(actor, "accountability.answer_finding", row)
    if row.feedback_at is not None:
        raise Refused("answered", "已经反馈整改情况，等待复核。")
    row.feedback = text_of(text, "text", "请写明整改情况。")
    row.feedback_at = now
    store_all(files, owner=row.ref, actor=actor, now=now)
    save(row)
    note(row, event="inspection.rectified", actor=actor, now=now, **of_unit(row.unit))
    for duty in duty_queries.duties_of(row.ref).filter(closed_at__isnull=True, manual=True):
        duties.fulfil(duty, note=row.feedback, actor=actor, now=now)
    return row


@transaction.atomic
def check_finding(
    finding: Finding,
    *,
    passed: bool,
    text: str,
    days: int = 0,
    version: int | None = None,
    actor: Actor,
    now: datetime,
) -> Finding:
    """Put right, or handed out again with new days: the count of the ladder goes on."""
    row = locked(finding, version=version)
    core.require(actor, "accountability.inspect", row.inspection)
    if row.feedback_at is None or row.rectified_at is not None:
        raise Refused("nothing_to_check", "没有等待复核的整改反馈。")
    text = text_of(text, "text", "请写明复核情况。")
    row.result = f"{row.result}\n{text}".strip()
    note(row, event="inspection.checked", actor=actor, now=now, passed=passed, **of_unit(row.unit))
    if passed:
        row.rectified_at = now
        save(row)
        return row
    if days < 1:
        raise Refused("no_days", "没有整改到位的，要给新的期限。", fields={"days": "请填再给几天。"})
    row.days, row.feedback_at = days, None
    _open_duty(row, actor=actor, now=now)
    return row


@transaction.atomic
def close_inspection(
    inspection: Inspection, *, result: str, version: int | None = None, actor: Actor, now: datetime
) -> Inspection:
    row = locked(inspection, version=version)
    core.require(actor, "accountability.inspect", row)
    _running(row)
    waiting = row.findings.filter(sent_at=None).count()
    if waiting:
        raise Refused("unsent", f"还有{waiting}个问题没有交办，请先交办。")
    row.result, row.closed_at = text_of(result, "result", "请写明督查结果。"), now
    save(row)
    note(row, event="inspection.closed", actor=actor, now=now, findings=row.findings.count())
    return row


def _running(row: Inspection) -> None:
    if row.closed_at is not None:
        raise Refused("closed", "这次督查已经结束。新的问题请另建督查单。")
