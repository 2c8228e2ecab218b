"""A round as it is sent: once, whatever the phone does; its points, its sheet, its findings, the units that walked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.core.models import Organisation
from gongzhi.patrols.models import (
    PatrolPhoto,
    PatrolPoint,
    PatrolRound,
    PatrolRoute,
    PointVisit,
    RegisterEntry,
    RoundUnit,
)
from gongzhi.patrols.queries.books import Reader, stored
from gongzhi.patrols.queries.plans import Plan, plans_for
from gongzhi.patrols.services.common import At, Upload, judged, keep_files, required, role_of, tell
from gongzhi.patrols.services.findings import Found, Origin, make_finding
from gongzhi.policy.registers import Register
from gongzhi.registry.models import Estate

# Clocks of phones run ahead a little; more than this is no clock of the day.
AHEAD = timedelta(minutes=10)
LONGEST_KEY = 64


@dataclass(frozen=True)
class Visit:
    """Signing in at a point, with the number that the phone gave it."""

    point: PatrolPoint
    at: datetime
    key: str


@dataclass(frozen=True)
class Given:
    """A filled sheet. `answers` typed by field; `notes` what was written beside a field; `joint` who came along."""

    sheet: str
    answers: Mapping[str, Any]
    notes: Mapping[str, str] = field(default_factory=dict)
    kind: str = ""
    began_at: datetime | None = None
    walked_at: datetime | None = None
    people: str = ""
    note: str = ""
    joint: Sequence[Organisation] = ()
    route: PatrolRoute | None = None
    entry: RegisterEntry | None = None
    found: Sequence[Found] = ()
    uploads: Sequence[Upload] = ()
    visits: Sequence[Visit] = ()
    offline: bool = False


@transaction.atomic
def send_round(estate: Estate, *, given: Given, key: str, actor: Actor, now: datetime) -> PatrolRound:
    """Keeps the round. The same key from the same person gives the round that it gave before, and nothing twice."""
    if not key or len(key) > LONGEST_KEY:
        raise Refused("key", "这次巡查缺少编号，请重新打开巡查页面填写。")
    core.require(actor, "patrols.walk", At(estate))
    first = PatrolRound.objects.filter(by=actor.user, key=key).first()
    if first is not None:
        return first
    try:
        with transaction.atomic():
            return _keep(estate, given=given, key=key, actor=actor, now=now)
    except IntegrityError:
        first = PatrolRound.objects.filter(by=actor.user, key=key).first()
        if first is None:
            raise
        return first


def _keep(estate: Estate, *, given: Given, key: str, actor: Actor, now: datetime) -> PatrolRound:
    on = core.local_day(now)
    plan, sheet = _plan(estate, given.sheet, actor, now)
    began, walked = _times(given, now)
    if plan.rule.kinds and given.kind not in plan.rule.kinds:
        choices = "、".join(plan.rule.kinds.values())
        raise Refused("kind", f"请选巡查类别：{choices}。", tuple(plan.rule.clauses), {"kind": "请选一种"})
    people = required(given.people or actor.label, "people", "请填巡查人员。")
    complete(sheet, given)
    visits, route = _visits(given, estate, actor, walked)
    facts = {
        **{name: one for name, one in given.answers.items() if one is not None},
        "by": role_of(actor),
        "units": len(given.joint),
        "unit_roles": [one.role for one in given.joint],
        "findings": len(given.found),
        "kind": given.kind,
        "points_missed": _missed(route, visits),
    }
    notes = judged(sheet.question.name, facts, place_path=estate.place_path, on=on)
    row = PatrolRound.objects.create(
        number=f"XC-{on.year}-{core.next_number('patrol', on.year):06d}",
        estate=estate,
        place_path=estate.place_path,
        route=route,
        sheet=sheet.code,
        plan=plan.code,
        kind=given.kind,
        began_at=began,
        walked_at=walked,
        received_at=now,
        offline=given.offline,
        people=people[:200],
        answers={name: stored(sheet.fields[name], one) for name, one in given.answers.items()} | noted(sheet, given),
        score=Reader(sheet, estate.place_path, on).score(facts),
        note=given.note.strip(),
        told=[one.message for one in notes],
        clauses=list(dict.fromkeys((*plan.rule.clauses, *sheet.clauses))),
        entry=given.entry,
        key=key,
        by=actor.user,
        by_label=actor.label[:200],
        demo=actor.demo or estate.demo,
    )
    _units(row, given, actor)
    _sign(row, visits, actor=actor, now=now)
    kept = keep_files(_own_photos(sheet, given), owner=row.ref, actor=actor, now=now)
    PatrolPhoto.objects.bulk_create(
        PatrolPhoto(round=row, field=one.field[:60], file=file, taken_at=one.taken_at) for one, file in kept
    )
    found = [*from_sheet(sheet, given, facts, estate=estate, on=on), *given.found]
    for one in found:
        origin = Origin("round", round=row, sheet=sheet.code)
        made = make_finding(estate, found=one, origin=origin, at=walked, actor=actor, now=now)
        if made.repeat_of_id is not None:
            row.told = [*row.told, f"“{made.kind}”是重复发生的问题，已关联{made.repeat_of}。"]
    row.save(update_fields=["told"])
    core.record(
        "patrol.done",
        subject=row.ref,
        actor=actor,
        at=walked,
        place_path=row.place_path,
        data={
            "estate": estate.ref.key,
            "sheet": row.sheet,
            "plan": row.plan,
            "kind": row.kind or None,
            "by": role_of(actor),
            "units": [role_of(actor), *(one.role for one in given.joint)],
            "findings": len(found),
            "offline": row.offline,
        },
    )
    tell(given.joint, template="patrol.joint", text=f"已登记与您单位的联合巡查：{estate.name}。", ref=row.ref, now=now)
    return row


def _plan(estate: Estate, code: str, actor: Actor, now: datetime) -> tuple[Plan, Register]:
    on = core.local_day(now)
    pack = core.pack_for(estate.place_path, on)
    plans = [one for one in plans_for(actor, estate.place_path, on) if code in one.rule.sheets]
    if pack is None or not plans:
        raise Refused("sheet", "您的岗位没有这张巡查表，请从列表里选。", fields={"sheet": "请从列表里选"})
    return plans[0], pack.registers[code]


def _times(given: Given, now: datetime) -> tuple[datetime, datetime]:
    walked = given.walked_at or now
    if walked > now + AHEAD:
        raise Refused("future", "巡查时间不能晚于现在，请核对手机的时间。", fields={"walked_at": "不能晚于现在"})
    walked = min(walked, now)
    began = given.began_at or walked
    if began > walked:
        raise Refused("order", "开始时间不能晚于结束时间。", fields={"began_at": "不能晚于结束时间"})
    return began, walked


def complete(sheet: Register, given: Given) -> None:
    """Every item has its answer; a problem that is there is described or photographed."""
    missing = {}
    for name, one in sheet.fields.items():
        value = given.answers.get(name)
        empty = value is None or value == "" or value == []
        if one.form == "file":
            empty = empty and not any(upload.field == name and upload.file for upload in given.uploads)
        if (one.required or one.form == "problem") and empty:
            missing[name] = "请选有或无" if one.form == "problem" else f"请填写{one.title}"
        elif one.form == "problem" and value and not _described(name, given):
            missing[name] = "选了“有”的，要写明问题或附照片"
    if missing:
        raise Refused("incomplete", "巡查表还没有填完。", tuple(sheet.clauses), missing)


def _described(name: str, given: Given) -> bool:
    photo = any(one.field == name and one.file for one in given.uploads)
    return photo or bool(given.notes.get(name, "").strip())


def noted(sheet: Register, given: Given) -> dict[str, str]:
    """What was written beside the items; beside a problem that is not there nothing stays."""
    return {
        f"{name}__note": text.strip()
        for name, text in given.notes.items()
        if name in sheet.fields and text.strip() and (sheet.fields[name].form != "problem" or given.answers.get(name))
    }


def _own_photos(sheet: Register, given: Given) -> list[Upload]:
    """Photos of the round itself; those of a problem belong to its finding."""
    problems = {name for name, one in sheet.fields.items() if one.form == "problem" and given.answers.get(name)}
    return [one for one in given.uploads if one.field not in problems]


def from_sheet(sheet: Register, given: Given, facts: Mapping[str, Any], *, estate: Estate, on: Any) -> list[Found]:
    """What the sheet itself makes findings of: problems that are there, and conditions of the pack. A field
    `location` says where, unless the note does."""
    found = []
    where = given.note.strip() or str(given.answers.get("location") or "").strip() or estate.name
    for name, one in sheet.fields.items():
        if one.form == "problem" and given.answers.get(name):
            uploads = tuple(upload for upload in given.uploads if upload.field == name)
            text = given.notes.get(name, "").strip() or f"{one.title}：见照片"
            found.append(Found(kind=one.title, text=text, location=where, uploads=uploads))
    reader = Reader(sheet, estate.place_path, on)
    scope = reader.scope(facts)
    for rule in sheet.finds:
        if sheet.surely(rule.when, scope):
            found.append(Found(kind=rule.kind, text=rule.kind, location=where, grade=rule.grade or "minor"))
    return found


def _visits(
    given: Given, estate: Estate, actor: Actor, walked: datetime
) -> tuple[list[Visit | PointVisit], PatrolRoute | None]:
    """Those that came with the round, and those signed on the spot that day and not yet of a round."""
    mine = [one for one in given.visits if one.point.route.estate_id == estate.pk]
    day = core.local_day(walked)
    waiting = PointVisit.objects.filter(user=actor.user, round=None, point__route__estate=estate)
    before = [one for one in waiting.select_related("point__route") if core.local_day(one.at) == day]
    route = given.route or (mine[0].point.route if mine else before[0].point.route if before else None)
    return [*before, *mine], route


def _missed(route: PatrolRoute | None, visits: Sequence[Visit | PointVisit]) -> int:
    if route is None:
        return 0
    seen = {one.point.pk for one in visits}
    return sum(one.pk not in seen for one in route.points.filter(ended_on=None))


def _units(row: PatrolRound, given: Given, actor: Actor) -> None:
    if actor.organisation is None:
        raise Refused("no_unit", "您没有单位，不能登记巡查。")
    parts = [(actor.organisation, role_of(actor), "lead")]
    parts += [(one, one.role, "joint") for one in given.joint if one.pk != actor.organisation.pk]
    RoundUnit.objects.bulk_create(
        RoundUnit(round=row, organisation=unit, role=role, part=part, walked_at=row.walked_at)
        for unit, role, part in parts
    )


def _sign(row: PatrolRound, visits: Sequence[Visit | PointVisit], *, actor: Actor, now: datetime) -> None:
    if actor.user is None or actor.organisation is None:
        return
    for one in visits:
        if isinstance(one, PointVisit):
            one.round = row
            one.save(update_fields=["round"])
        elif not PointVisit.objects.filter(user=actor.user, key=one.key).exists():
            PointVisit.objects.create(
                point=one.point, round=row, user=actor.user, organisation=actor.organisation, at=one.at,
                received_at=now, key=one.key, demo=row.demo,
            )  # fmt: skip


@transaction.atomic
def sign_in(
    point: PatrolPoint, *, key: str, at: datetime | None = None, offline: bool = False, actor: Actor, now: datetime
) -> PointVisit:
    """Signing in at a point before the round is sent. The same key signs in once."""
    estate = point.route.estate
    core.require(actor, "patrols.walk", At(estate))
    if point.ended_on is not None or point.route.ended_on is not None:
        raise Refused("ended", "这个点位已经停用。")
    if not key or len(key) > LONGEST_KEY or actor.user is None or actor.organisation is None:
        raise Refused("key", "签到缺少编号，请重新扫码。")
    first = PointVisit.objects.filter(user=actor.user, key=key).first()
    if first is not None:
        return first
    moment = at or now
    if moment > now + AHEAD:
        raise Refused("future", "签到时间不能晚于现在，请核对手机的时间。")
    visit = PointVisit.objects.create(
        point=point, user=actor.user, organisation=actor.organisation, at=min(moment, now), received_at=now, key=key,
        demo=actor.demo or estate.demo,
    )  # fmt: skip
    core.record(
        "patrol.signed_in",
        subject=point.route.ref,
        actor=actor,
        at=now,
        place_path=point.route.place_path,
        data={"estate": estate.ref.key, "by": role_of(actor), "offline": offline},
    )
    return visit


@transaction.atomic
def set_route(
    estate: Estate,
    *,
    title: str,
    points: Sequence[tuple[str, str]],
    route: PatrolRoute | None = None,
    version: int | None = None,
    actor: Actor,
    now: datetime,
) -> PatrolRoute:
    """A new route, or the points of one changed: those that keep their name keep their code on the wall."""
    core.require(actor, "patrols.routes", route or At(estate))
    if actor.organisation is None or not plans_for(actor, estate.place_path, core.local_day(now)):
        raise Refused("no_plan", "您的单位没有巡查安排，不能设置路线。")
    title = required(title, "title", "请填路线名称。")
    named = [(name.strip(), place.strip()) for name, place in points if name.strip()]
    if not named:
        raise Refused("no_points", "至少填一个点位。", fields={"points": "一行一个点位"})
    if len({name for name, _ in named}) < len(named):
        raise Refused("twice", "点位名称有重复。", fields={"points": "名称不能重复"})
    if route is None:
        route = PatrolRoute.objects.create(
            estate=estate, place_path=estate.place_path, organisation=actor.organisation, title=title,
            demo=actor.demo or estate.demo,
        )  # fmt: skip
    else:
        route = PatrolRoute.objects.select_for_update().get(pk=route.pk)
        core.check_version(route, version)
        route.title, route.version = title, route.version + 1
        route.save()
    _points(route, named, core.local_day(now))
    core.record(
        "patrol.route_set",
        subject=route.ref,
        actor=actor,
        at=now,
        place_path=route.place_path,
        data={"estate": estate.ref.key, "by": role_of(actor), "points": len(named)},
    )
    return route


def _points(route: PatrolRoute, named: Sequence[tuple[str, str]], on: Any) -> None:
    known = {one.name: one for one in route.points.filter(ended_on=None)}
    for gone in [one for name, one in known.items() if name not in {name for name, _ in named}]:
        gone.ended_on = on
        gone.save(update_fields=["ended_on"])
    most = len(named) + max([one.order for one in known.values()], default=0)
    for one in known.values():
        PatrolPoint.objects.filter(pk=one.pk, ended_on=None).update(order=most + one.order)
    for order, (name, place) in enumerate(named, start=1):
        if name in known:
            PatrolPoint.objects.filter(pk=known[name].pk).update(order=order, location=place)
        else:
            PatrolPoint.objects.create(route=route, order=order, name=name, location=place)


@transaction.atomic
def end_route(route: PatrolRoute, *, version: int | None = None, actor: Actor, now: datetime) -> PatrolRoute:
    row: PatrolRoute = PatrolRoute.objects.select_for_update(of=("self",)).select_related("estate").get(pk=route.pk)
    core.require(actor, "patrols.routes", row)
    core.check_version(row, version)
    row.ended_on, row.version = core.local_day(now), row.version + 1
    row.save(update_fields=["ended_on", "version"])
    core.record(
        "patrol.route_ended",
        subject=row.ref,
        actor=actor,
        at=now,
        place_path=row.place_path,
        data={"estate": row.estate.ref.key, "by": role_of(actor)},
    )
    return row
