"""What is done to a piece again and again: begun with the piece, counted on from the last time, noted when missed."""

from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import F, Q

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.display import cn_date
from gongzhi.core.errors import Refused
from gongzhi.core.models import Event
from gongzhi.equipment.models import Care
from gongzhi.equipment.queries.rules import after, care_rule, kind_rule
from gongzhi.equipment.services.common import tell
from gongzhi.equipment.words import EXPIRED, FAILED
from gongzhi.registry import services as registry
from gongzhi.registry.models import Facility
from gongzhi.registry.queries import county_of
from gongzhi.registry.questions import CARE_ITEMS, INSPECTION
from gongzhi.registry.services.estates import ServedEstate

PASSED = "passed"
DAY = timedelta(days=1)
REPEATED = tuple(one for one in CARE_ITEMS if one != INSPECTION)


def begin_cares(event: Event) -> None:
    """Reaction to `facility.registered`: what the document wants done to such a piece counts from today."""
    row = _facility(event)
    on = core.local_day(event.at)
    for item in REPEATED:
        rule = care_rule(row.place_path, row.kind, item, on=on)
        if rule.value.get("every"):
            due = after(row.place_path, on, rule.value["every"])
            Care.objects.get_or_create(facility=row, item=item, defaults={"due_on": due, "basis": list(rule.clauses)})


def begin_missing(now: datetime) -> int:
    """Pieces that were registered before the document held get their dates from today."""
    on, made = core.local_day(now), 0
    rows = Facility.objects.filter(ended_on=None)
    pairs = {(county_of(path), kind) for path, kind in rows.values_list("place_path", "kind").distinct()}
    for county, kind in sorted(pairs):
        for item in REPEATED:
            rule = care_rule(county, kind, item, on=on)
            if not rule.value.get("every"):
                continue
            due = after(county, on, rule.value["every"])
            lacking = rows.filter(place_path__startswith=county, kind=kind).exclude(cares__item=item)
            cares = [Care(facility=one, item=item, due_on=due, basis=list(rule.clauses)) for one in lacking]
            made += len(Care.objects.bulk_create(cares, ignore_conflicts=True))
    return made


@transaction.atomic
def set_due(facility: Facility, *, item: str, due_on: date, actor: Actor, now: datetime) -> Care:
    """The day that a paper names for the next time, instead of the one that was counted."""
    row = Facility.objects.select_for_update(of=("self",)).select_related("estate").get(pk=facility.pk)
    core.require(actor, "facility.register", ServedEstate(row.estate, core.local_day(now)))
    if item not in REPEATED:
        raise Refused("care_item", "请选哪一项。", fields={"item": "请从列表里选"})
    care = Care.objects.select_for_update().filter(facility=row, item=item).first()
    was = care.due_on if care is not None else None
    if care is None:
        care = Care(facility=row, item=item)
    care.due_on, care.noted = due_on, None
    care.save()
    title = CARE_ITEMS[item]
    data = {"kind": row.kind, "was": [f"{title}最迟={was or ''}"], "now": [f"{title}最迟={due_on}"]}
    core.record("facility.changed", subject=row.ref, actor=actor, at=now, place_path=row.place_path, data=data)
    return care


def follow_inspection(event: Event) -> None:
    """Reaction to `facility.inspected`: the next day, and whether the piece may be used."""
    row = _facility(event)
    item = event.data.get("item") or INSPECTION
    done_on = date.fromisoformat(event.data.get("inspected_on") or core.local_day(event.at).isoformat())
    on, passed = core.local_day(event.at), event.data["result"] == PASSED
    given = event.data.get("valid_until")
    actor = Actor.system(demo=event.demo)
    if passed:
        _count_on(row, item, done_on, date.fromisoformat(given) if given else None, on)
    rule = kind_rule(row.estate, row.kind, on)
    if not passed and FAILED in rule.many("suspends"):
        registry.suspend_facility(row, reason=f"{CARE_ITEMS[item]}不合格", actor=actor, now=event.at)
    row.refresh_from_db()
    current = row.valid_until is None or row.valid_until >= on or EXPIRED not in rule.many("suspends")
    if passed and not row.faulty and current and not row.faults.exclude(state="fixed").exists():
        registry.resume_facility(row, actor=actor, now=event.at)


def _count_on(row: Facility, item: str, done_on: date, given: date | None, on: date) -> None:
    rule = care_rule(row.place_path, row.kind, item, on=on)
    every = rule.value.get("every")
    due = given or (after(row.place_path, done_on, every) if every else None)
    if due is None:
        return
    if item != INSPECTION:
        values = {"last_on": done_on, "due_on": due, "noted": None, "basis": list(rule.clauses)}
        Care.objects.update_or_create(facility=row, item=item, defaults=values)
    elif given is None:
        Facility.objects.filter(pk=row.pk).update(valid_until=due)


def follow_expiry(event: Event) -> None:
    """Reaction to `facility.expired`: who is told, and whether it may still be used."""
    row = _facility(event)
    until = date.fromisoformat(str(event.data["valid_until"]))
    _missed(row, f"检验有效期到{cn_date(until)}，已过期", event)


def follow_missed(event: Event) -> None:
    """Reaction to `facility.care_overdue`."""
    row = _facility(event)
    due = date.fromisoformat(str(event.data["due_on"]))
    _missed(row, f"{CARE_ITEMS[event.data['item']]}应在{cn_date(due)}前完成，已逾期", event)


def _missed(row: Facility, what: str, event: Event) -> None:
    rule = kind_rule(row.estate, row.kind, core.local_day(event.at))
    tell(
        rule.many("tells"), row.estate, template="equipment.overdue", text=f"{row.estate}{row}{what}。",
        ref=row.ref, now=event.at,
    )  # fmt: skip
    if EXPIRED in rule.many("suspends"):
        registry.suspend_facility(row, reason=what, actor=Actor.system(demo=event.demo), now=event.at)


def watch_cares(now: datetime) -> int:
    """Notes every care that was missed, once, from the day after its last one. Gives how many."""
    today, noted = core.local_day(now), 0
    due = Care.objects.filter(Q(noted=None) | ~Q(noted=F("due_on")), due_on__lt=today, facility__ended_on=None)
    for pk in due.order_by("pk").values_list("pk", flat=True):
        with transaction.atomic():
            rows = due.select_for_update(skip_locked=True, of=("self",)).select_related("facility")
            row = rows.filter(pk=pk).first()
            if row is None:
                continue
            row.noted = row.due_on
            row.save(update_fields=["noted"])
            piece = row.facility
            core.record(
                "facility.care_overdue",
                subject=piece.ref,
                actor=Actor.system(demo=piece.demo),
                at=now,
                place_path=piece.place_path,
                data={"kind": piece.kind, "item": row.item, "due_on": row.due_on},
            )
            noted += 1
    return noted


def _facility(event: Event) -> Facility:
    found: Facility = Facility.objects.select_related("estate", "building").get(pk=event.subject_id)
    return found
