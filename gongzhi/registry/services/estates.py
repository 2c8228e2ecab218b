"""The estate itself: registering it, changing its file, stating facts of it, keeping its papers."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.core.models import Event, Place
from gongzhi.core.refs import Ref
from gongzhi.registry.models import ArchivePaper, Building, BuildingStay, Estate, StandingFact
from gongzhi.registry.queries import FACT
from gongzhi.registry.questions import ESTATE_SUBTYPES, ESTATE_TYPES, MANAGEMENT_MODES, NOT_BY_HAND
from gongzhi.registry.services.archive import archive_items
from gongzhi.registry.services.facts import set_fact, stored

ARCHIVE = "estate_archive"  # whose files the papers are: the estate's, read by who keeps them
CODE_DIGITS = 4
CHANGEABLE = ("estate_type", "estate_subtype", "address", "households", "building_area_m2")


@transaction.atomic
def register_estate(
    *,
    community: Place,
    name: str,
    estate_type: str = "commercial",
    estate_subtype: str = "",
    address: str = "",
    households: int | None = None,
    building_area_m2: Decimal | None = None,
    buildings: Iterable[str] = (),
    facts: Mapping[str, Any] | None = None,
    from_on: date | None = None,
    begun_on: date | None = None,
    actor: Actor,
    now: datetime,
) -> Estate:
    """A new estate below its community, with what is known of it. `facts` hold from `from_on`, else from today.

    `begun_on`: the first day on which it is a property area of its own; without it nobody knows more.
    """
    core.require(actor, "estate.register", community)
    if community.level != "community":
        raise Refused("estate_place", "小区要登记在社区（村）之下。", fields={"community": "请选择社区（村）"})
    if not name.strip():
        raise Refused("estate_name", "请填写小区名称。", fields={"name": "请填写小区名称"})
    check_type(estate_type, estate_subtype, place_path=community.path, on=core.local_day(now))
    seq = core.next_number(f"estate|{community.code}", 0)
    try:
        with transaction.atomic():
            place = core.add_place(
                community,
                code=f"{community.code}{seq:0{CODE_DIGITS}d}",
                name=name.strip(),
                level="estate",
                demo=actor.demo,
            )
            estate = Estate.objects.create(
                place=place,
                community=community,
                place_path=place.path,
                name=name.strip(),
                estate_type=estate_type,
                estate_subtype=estate_subtype,
                address=address,
                households=households,
                building_area_m2=building_area_m2,
                begun_on=begun_on,
                name_grams=core.grams(name),
                demo=actor.demo,
            )
    except IntegrityError as error:
        raise Refused(
            "estate_twice", f"{community.name}已经登记过“{name}”。", fields={"name": "已登记过同名小区"}
        ) from error
    known = dict(facts or {})
    event = core.record(
        "estate.registered",
        subject=estate.ref,
        actor=actor,
        at=now,
        place_path=estate.place_path,
        data={"estate_type": estate_type, "facts": sorted(known)},
    )
    add_buildings(estate, dict.fromkeys(buildings), from_on=begun_on, event=event)
    for fact_name, value in known.items():
        set_fact(estate.ref, fact_name, value, from_on=from_on or core.local_day(now), event=event)
    return estate


def check_type(estate_type: str, estate_subtype: str, *, place_path: str, on: date) -> None:
    """Refuses a type that the local document does not know, and what its checks of an estate refuse."""
    if estate_type not in ESTATE_TYPES:
        raise Refused("estate_type", f"小区类型“{estate_type}”不认识。", fields={"estate_type": "请从列表里选"})
    if estate_subtype and (estate_subtype not in ESTATE_SUBTYPES or estate_type != "old"):
        raise Refused("estate_subtype", "只有老旧小区分细类。", fields={"estate_subtype": "请从列表里选"})
    answer = core.ask("registry.estate_types", {}, place_path=place_path, on=on)
    allowed = answer.value["types"] if answer.ok else list(ESTATE_TYPES)
    if estate_type not in allowed:
        words = "、".join(ESTATE_TYPES[one] for one in allowed)
        raise Refused(
            "estate_type",
            f"本地小区只分{words}，没有“{ESTATE_TYPES[estate_type]}”。请从这几类里选。",
            tuple(answer.clauses),
            fields={"estate_type": f"请从{words}里选"},
        )
    values: dict[str, Any] = {"estate_type": estate_type}
    if estate_subtype:
        values["estate_subtype"] = estate_subtype
    core.run_checks("registry.estate", values, place_path=place_path, on=on)


def add_buildings(
    estate: Estate, names: Iterable[str], *, from_on: date | None = None, event: Event | None
) -> list[Building]:
    made = Building.objects.bulk_create(Building(estate=estate, name=one) for one in names)
    BuildingStay.objects.bulk_create(
        BuildingStay(building=one, estate=estate, name=one.name, from_on=from_on, event=event) for one in made
    )
    return made


@transaction.atomic
def change_estate(
    estate: Estate, *, changes: Mapping[str, Any], actor: Actor, now: datetime, version: int | None = None
) -> Estate:
    """Other values of the estate's own row. The event keeps what was and what is."""
    core.require(actor, "estate.change", estate)
    estate = Estate.objects.select_for_update(of=("self",)).select_related("community").get(pk=estate.pk)
    core.check_version(estate, version)
    differing = {
        name: changes[name] for name in CHANGEABLE if name in changes and getattr(estate, name) != changes[name]
    }
    if not differing:
        return estate
    was = [f"{name}={_plain(getattr(estate, name))}" for name in differing]
    for name, value in differing.items():
        setattr(estate, name, value)
    check_type(estate.estate_type, estate.estate_subtype, place_path=estate.place_path, on=core.local_day(now))
    estate.version += 1
    estate.save(update_fields=[*differing, "version"])
    core.record(
        "estate.changed",
        subject=estate.ref,
        actor=actor,
        at=now,
        place_path=estate.place_path,
        data={
            "fields": sorted(differing),
            "was": was,
            "now": [f"{name}={_plain(value)}" for name, value in differing.items()],
        },
    )
    return estate


def _plain(value: Any) -> str:
    return "" if value is None else str(value)


BUILDING_FIELDS = ("storeys", "elevators", "households", "entrances")


@transaction.atomic
def change_building(building: Building, *, changes: Mapping[str, Any], actor: Actor, now: datetime) -> Building:
    """Other figures of a building: storeys, lifts, households, entrances. The event keeps what was."""
    building = Building.objects.select_for_update(of=("self",)).select_related("estate").get(pk=building.pk)
    core.require(actor, "estate.change", building.estate)
    differing = [one for one in BUILDING_FIELDS if one in changes and getattr(building, one) != changes[one]]
    was = [f"{one}={_plain(getattr(building, one))}" for one in differing]
    for name in differing:
        setattr(building, name, changes[name])
    if not differing:
        return building
    building.save(update_fields=differing)
    core.record(
        "building.changed",
        subject=building.estate.ref,
        actor=actor,
        at=now,
        place_path=building.estate.place_path,
        data={"building": building.name, "was": was, "now": [f"{one}={_plain(changes[one])}" for one in differing]},
    )
    return building


@transaction.atomic
def record_fact(estate: Estate, *, name: str, value: Any, from_on: date, actor: Actor, now: datetime) -> StandingFact:
    """An authorised person states what holds of an estate from a day on. None: it is no longer known."""
    core.require(actor, "estate.record_fact", estate)
    if name in FACT and name in NOT_BY_HAND:
        raise Refused("derived_fact", f"“{FACT[name].title}”不在这里登记，请改小区档案或企业档案。")
    event = core.record(
        "estate.fact_recorded",
        subject=estate.ref,
        actor=actor,
        at=now,
        place_path=estate.place_path,
        data={"name": name, "value": None if value is None else str(stored(name, value)), "from_on": from_on},
    )
    return set_fact(estate.ref, name, value, from_on=from_on, event=event)


@transaction.atomic
def set_management(
    estate: Estate, *, mode: str, body: str = "", contact: str = "", from_on: date, actor: Actor, now: datetime
) -> Estate:
    """How the estate is looked after from a day on, and by whom; the local document says what must be named."""
    core.require(actor, "estate.record_fact", estate)
    if mode not in MANAGEMENT_MODES:
        raise Refused("management_mode", "请选管理方式。", fields={"management_mode": "请选管理方式"})
    given = {"management_mode": mode, "management_body": body.strip(), "management_contact": contact.strip()}
    known = {name: value for name, value in given.items() if value}
    core.run_checks("registry.management", known, place_path=estate.place_path, on=core.local_day(now))
    event = core.record(
        "estate.management_set",
        subject=estate.ref,
        actor=actor,
        at=now,
        place_path=estate.place_path,
        data={"mode": mode, "body": body.strip() or None, "from_on": from_on},
    )
    for name, value in given.items():
        set_fact(estate.ref, name, value or None, from_on=from_on, event=event)
    return estate


@transaction.atomic
def file_paper(estate: Estate, *, item: str, file: Any, actor: Actor, now: datetime) -> ArchivePaper:
    """Keeps a paper of the service archive under one of the items of the local list."""
    core.require(actor, "estate.file_paper", ServedEstate(estate, core.local_day(now)))
    known = archive_items(estate.place_path, core.local_day(now))
    if item not in known.items:
        raise Refused("archive_item", f"档案目录里没有“{item}”。", known.clauses, fields={"item": "请从目录里选"})
    owner = Ref(ARCHIVE, str(estate.pk), str(estate), estate.place_path)
    kept = core.store_file(file, owner=owner, actor=actor, now=now)
    event = core.record(
        "estate.paper_filed",
        subject=estate.ref,
        actor=actor,
        at=now,
        place_path=estate.place_path,
        data={"item": item},
    )
    return ArchivePaper.objects.create(
        estate=estate, item=item, file=kept, event=event, place_path=estate.place_path, demo=actor.demo
    )


class ServedEstate:
    """The estate as the company sees it that serves it that day."""

    def __init__(self, estate: Estate, on: date) -> None:
        self.estate, self.on = estate, on
        self.place_path = estate.place_path

    def is_party(self, actor: Actor) -> bool:
        if actor.organisation is None:
            return False
        from gongzhi.registry.queries import project_on

        project = project_on(self.estate, self.on)
        return project is not None and project.company_id == actor.organisation.pk
