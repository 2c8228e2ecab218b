"""Joint operations, checks, campaigns, conferences: planned, told to everybody, held, answered by each, archived."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction

from gongzhi.cases.enforcement.models import Operation, OperationItem, OperationUnit
from gongzhi.cases.enforcement.queries.asking import rule
from gongzhi.cases.enforcement.queries.operations import missing_units, unanswered
from gongzhi.cases.enforcement.services.common import (
    CONFLICT_STATUS,
    Where,
    kept,
    locked,
    not_ahead,
    number_for,
    required,
    role_words,
    stored,
)
from gongzhi.cases.enforcement.words import OPERATION_OVER, OPERATION_STATES, OPERATIONS, PUNISHED
from gongzhi.cases.queries import asking
from gongzhi.cases.services.books import enter_estate
from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.display import cn_date
from gongzhi.core.errors import Refused
from gongzhi.core.models import Organisation
from gongzhi.registry import queries as registry
from gongzhi.registry.models import Estate


@transaction.atomic
def plan_operation(
    place_path: str,
    *,
    kind: str,
    title: str,
    plan: str,
    planned_on: date,
    main: Organisation | None = None,
    units: Sequence[Organisation] = (),
    topics: Sequence[str] = (),
    actor: Actor,
    now: datetime,
) -> Operation:
    """Planned by one of those that lead. `main` does the work where several lead; `units` are told, and who of those
    that the document names is missing is said.

    Refuses `opener`, `main` (not one that leads), `matter` (unknown).
    """
    on = core.local_day(now)
    core.require(actor, "operations.plan", Where(place_path))
    if kind not in OPERATIONS:
        raise Refused("kind", "请选种类。", fields={"kind": "请选种类"})
    named, clauses = rule("operation", place_path, on, kind=kind)
    leads, may_open = list(named.get("leads") or ()), list(named.get("openers") or named.get("leads") or ())
    if may_open and actor.role not in may_open and not actor.is_system:
        words = role_words(may_open, place_path, on)
        raise Refused("opener", f"{OPERATIONS[kind]}由{words}发起。", clause=clauses, status=403)
    title, plan = required(title, "title", "请填名称。"), required(plan, "plan", "请写方案。")
    found = registry.organisations_for(leads, place_path)
    if main is not None and leads and main.role not in leads:
        words = role_words(leads, place_path, on)
        raise Refused(
            "main", f"牵头单位是{words}，不能由{main}主办。", clause=clauses, fields={"main": f"牵头单位是{words}"}
        )
    _known(topics, place_path, on)
    lead = main or next((found[role] for role in leads if role in found), actor.organisation)
    row = Operation.objects.create(
        number=number_for("operation", place_path, on), kind=kind, title=title[:120], plan=plan, planned_on=planned_on,
        topics=list(dict.fromkeys(topics)), opener=actor.organisation, place_path=place_path,
        basis={"clauses": list(clauses), "leads": leads, "support": list(named.get("support") or ()),
               "items_needed": bool(named.get("items_needed"))},
        opened_at=now, by=actor.user, demo=actor.demo,
    )  # fmt: skip
    joined = [
        _join(row, unit, "main" if main is not None and unit == main else "lead", now=now)
        for unit in dict.fromkeys([*(found[role] for role in leads if role in found), *([lead] if lead else [])])
    ]
    joined += [_join(row, unit, "support", now=now) for unit in units]
    missing = [role for role, _ in missing_units(row, on=on)]
    _tell(row, "planned", actor=actor, now=now, missing=missing)
    for one in joined:
        if one is not None:
            _tell_of_part(one, actor=actor, now=now)
    return row


def _known(topics: Sequence[str], place_path: str, on: date) -> None:
    unknown = set(topics) - set(asking.matters_at(place_path, on))
    if unknown:
        raise Refused("matter", "请从列表里选事项。", fields={"topics": "没有这个事项"})


def _join(row: Operation, unit: Organisation, part: str, *, now: datetime) -> OperationUnit | None:
    if row.units.filter(organisation=unit).exists():
        return None
    made = OperationUnit.objects.create(operation=row, organisation=unit, role=unit.role, part=part, told_at=now)
    core.notify(
        to=unit, template="operation.told", ref=row.ref, now=now,
        text=f"{row.get_kind_display()}“{row.title}”：{cn_date(row.planned_on)}，请参加。",
    )  # fmt: skip
    return made


@transaction.atomic
def tell_unit(
    row: Operation, *, unit: Organisation, version: int | None = None, actor: Actor, now: datetime
) -> Operation:
    """One more takes part."""
    row = _open(row, "operations.run", version, actor)
    if not row.place_path.startswith(unit.place_path) and not unit.place_path.startswith(row.place_path):
        raise Refused("not_of_place", f"{unit}不在本地。", fields={"unit": "请选本地的单位"})
    part = _join(row, unit, "support", now=now)
    if part is None:
        raise Refused("told", f"{unit}已经在名单里。", fields={"unit": "已经在名单里"})
    kept(row)
    _tell_of_part(part, actor=actor, now=now)
    return row


@transaction.atomic
def give_item(
    row: Operation,
    *,
    text: str,
    organisation: Organisation | None,
    estate: Estate | None = None,
    matter: str = "",
    company: Organisation | None = None,
    version: int | None = None,
    actor: Actor,
    now: datetime,
) -> OperationItem:
    """A task of one unit: what is to be done where."""
    row = _open(row, "operations.run", version, actor)
    text = required(text, "text", "请写任务。")
    if organisation is None:
        raise Refused("nobody", "请指定承办单位。", fields={"organisation": "请指定承办单位"})
    if matter:
        _known([matter], row.place_path, core.local_day(now))
    item = OperationItem.objects.create(
        operation=row, text=text[:200], organisation=organisation, estate=estate, matter=matter, company=company
    )
    part = _join(row, organisation, "support", now=now) or row.units.get(organisation=organisation)
    kept(row)
    _tell(row, "item_given", actor=actor, now=now, to=organisation.role, to_organisation=organisation.pk,
          unit=part.ref.key, task=item.ref.key, matter=matter or None)  # fmt: skip
    return item


@transaction.atomic
def tell_result(
    row: Operation,
    *,
    result: str,
    item: OperationItem | None = None,
    punished: dict[str, int] | None = None,
    photo: Any = None,
    version: int | None = None,
    actor: Actor,
    now: datetime,
) -> Operation:
    """What a unit did: of one task, or of its part in the whole."""
    row = _open(row, "operations.answer", version, actor)
    result = required(result, "result", "请写结果。")
    own = actor.organisation
    if item is None:
        part = row.units.filter(organisation=own).first()
        if part is None:
            raise Refused("not_yours", "你单位没有参加这次行动。", status=403)
        part.result, part.result_at = result, now
        part.save()
    else:
        task = row.items.select_for_update().get(pk=item.pk)
        leads = "operation_lead" in row.party_roles(actor)
        if task.organisation_id != (own.pk if own else None) and not leads:
            raise Refused("not_yours", f"这项任务由{task.organisation}填报。", status=403)
        for name in PUNISHED:
            setattr(task, name, (punished or {}).get(name) or 0)
        task.result, task.result_at = result, now
        task.photo = stored(photo, owner=row.ref, actor=actor, now=now) or task.photo
        task.save()
        part = row.units.get(organisation=task.organisation)
    kept(row)
    _tell(row, "result_told", actor=actor, now=now, unit=part.ref.key, task=item.ref.key if item else None,
          by=actor.role or None)  # fmt: skip
    return row


@transaction.atomic
def hold_operation(
    row: Operation, *, on: date, summary: str = "", version: int | None = None, actor: Actor, now: datetime
) -> Operation:
    """It took place: every estate of its tasks was entered by the units that had them."""
    row = _open(row, "operations.run", version, actor)
    not_ahead(on, now)
    if row.held_on is not None:
        raise Refused("held", "已经登记开展。", status=CONFLICT_STATUS)
    row.held_on, row.summary, row.state = on, summary.strip(), "held"
    kept(row, "held_on", "summary", "state")
    items = list(row.items.select_related("estate", "organisation"))
    pairs = {(one.organisation, one.estate) for one in items if one.estate is not None}
    for unit, estate in sorted(pairs, key=lambda pair: (pair[0].pk, pair[1].pk)):
        enter_estate(estate, unit=unit, kind="operation", on=on, operation=row, actor=actor, now=now)
    counts = {name: sum(getattr(one, name) for one in items) for name in PUNISHED}
    estates = len({one.estate_id for one in items if one.estate_id})
    _tell(row, "held", actor=actor, now=now, on=on, estates=estates, **counts)
    return row


@transaction.atomic
def archive_operation(row: Operation, *, version: int | None = None, actor: Actor, now: datetime) -> Operation:
    """Refuses while it was not held, while a unit or a task has no result, and where matters must be given out."""
    row = _open(row, "operations.run", version, actor)
    clauses = tuple(row.basis.get("clauses", ()))
    if row.held_on is None:
        raise Refused("not_held", "还没有登记开展，不能归档。", clause=clauses)
    if row.basis.get("items_needed") and not row.items.exists():
        raise Refused("no_items", "议定事项还没有分派到单位，不能归档。", clause=clauses)
    silent = unanswered(row)
    if silent:
        raise Refused(
            "unanswered", f"还有{len(silent)}项没有填结果：{'、'.join(silent[:5])}，不能归档。", clause=clauses
        )
    row.state, row.archived_at = "archived", now
    kept(row, "state", "archived_at")
    _tell(row, "archived", actor=actor, now=now)
    return row


@transaction.atomic
def call_off_operation(
    row: Operation, *, reason: str, version: int | None = None, actor: Actor, now: datetime
) -> Operation:
    """It does not take place: who was to come is told, and nobody owes a result. Refuses `held` once it was held."""
    row = _open(row, "operations.run", version, actor)
    if row.held_on is not None:
        raise Refused("held", "已经登记开展，不能取消；请填齐结果后归档。", status=CONFLICT_STATUS)
    reason = required(reason, "reason", "请写为什么取消。")
    row.state, row.summary = "off", reason
    kept(row, "state", "summary")
    _tell(row, "called_off", actor=actor, now=now, reason=reason)
    parts = {one.organisation_id: one for one in row.units.select_related("organisation")}
    for part in parts.values():
        _tell(row, "part_ended", actor=actor, now=now, unit=part.ref.key, task=None)
        text = f"{row.title}取消：{reason}"
        core.notify(to=part.organisation, template="operation.called_off", text=text, ref=row.ref, now=now)
    for item in row.items.all():
        unit = parts[item.organisation_id].ref.key
        _tell(row, "part_ended", actor=actor, now=now, unit=unit, task=item.ref.key)
    return row


def _open(row: Operation, right: str, version: int | None, actor: Actor) -> Operation:
    found: Operation = locked(row, version)
    core.require(actor, right, found)
    if found.state in OPERATION_OVER:
        raise Refused(found.state, f"{OPERATION_STATES[found.state]}，不能再办。", status=CONFLICT_STATUS)
    return found


def _tell_of_part(part: OperationUnit, *, actor: Actor, now: datetime) -> None:
    unit = part.organisation
    _tell(part.operation, "unit_told", actor=actor, now=now, to=unit.role, to_organisation=unit.pk, part=part.part,
          unit=part.ref.key)  # fmt: skip


def _tell(row: Operation, event: str, *, actor: Actor, now: datetime, **data: Any) -> None:
    lead = row.units.filter(part="main").first() or row.units.filter(part="lead").first()
    core.record(
        f"operation.{event}", subject=row.ref, actor=actor, at=now, place_path=row.place_path,
        data={
            "number": row.number, "kind": row.kind, "topics": row.topics, "planned_on": row.planned_on,
            "lead": lead.role if lead else None, "lead_organisation": lead.organisation_id if lead else None, **data,
        },
    )  # fmt: skip
