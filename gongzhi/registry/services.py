"""What is written down of estates: the estate itself, who serves it, and standing facts. The face of the registry."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.core.models import Event, Organisation, Place, User
from gongzhi.core.refs import Ref
from gongzhi.registry.models import Building, Estate, Project, StandingFact
from gongzhi.registry.queries import (
    FACT,
    estate_facts,
    estates_within,
    fact,
    facts_of,
    find_estates,
    history,
    organisation_for,
    organisations_for,
    project_on,
)
from gongzhi.registry.questions import ESTATE_TYPES

__all__ = [
    "begin_project",
    "end_project",
    "estate_facts",
    "estates_within",
    "fact",
    "facts_of",
    "find_estates",
    "history",
    "organisation_for",
    "organisations_for",
    "project_on",
    "record_fact",
    "register_estate",
    "set_fact",
]

CODE_DIGITS = 4
EXACT = ("area_m2", "ratio", "yuan", "number")


@transaction.atomic
def register_estate(
    *,
    community: Place,
    name: str,
    estate_type: str = "commercial",
    address: str = "",
    households: int | None = None,
    building_area_m2: Decimal | None = None,
    buildings: Iterable[str] = (),
    facts: Mapping[str, Any] | None = None,
    from_on: date | None = None,
    actor: Actor,
    now: datetime,
) -> Estate:
    """A new estate below its community, with what is known of it. `facts` hold from `from_on`, else from today."""
    core.require(actor, "estate.register", community)
    if community.level != "community":
        raise Refused("estate_place", "小区要登记在社区（村）之下。", fields={"community": "请选择社区（村）"})
    if estate_type not in ESTATE_TYPES:
        raise Refused("estate_type", f"小区类型“{estate_type}”不认识。", fields={"estate_type": "请从列表里选"})
    if not name.strip():
        raise Refused("estate_name", "请填写小区名称。", fields={"name": "请填写小区名称"})
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
                address=address,
                households=households,
                building_area_m2=building_area_m2,
                name_grams=core.grams(name),
                demo=actor.demo,
            )
    except IntegrityError as error:
        raise Refused(
            "estate_twice", f"{community.name}已经登记过“{name}”。", fields={"name": "已登记过同名小区"}
        ) from error
    Building.objects.bulk_create(Building(estate=estate, name=one) for one in dict.fromkeys(buildings))
    known = dict(facts or {})
    event = core.record(
        "estate.registered",
        subject=estate.ref,
        actor=actor,
        at=now,
        place_path=estate.place_path,
        data={"estate_type": estate_type, "facts": sorted(known)},
    )
    for fact_name, value in known.items():
        set_fact(estate.ref, fact_name, value, from_on=from_on or core.local_day(now), event=event)
    return estate


@transaction.atomic
def record_fact(estate: Estate, *, name: str, value: Any, from_on: date, actor: Actor, now: datetime) -> StandingFact:
    """An authorised person states what holds of an estate from a day on. None: it is no longer known."""
    core.require(actor, "estate.record_fact", estate)
    event = core.record(
        "estate.fact_recorded",
        subject=estate.ref,
        actor=actor,
        at=now,
        place_path=estate.place_path,
        data={"name": name, "value": None if value is None else str(stored(name, value)), "from_on": from_on},
    )
    return set_fact(estate.ref, name, value, from_on=from_on, event=event)


def set_fact(
    subject: Ref,
    name: str,
    value: Any,
    *,
    from_on: date,
    to_on: date | None = None,
    event: Event,
    answer: Mapping[str, Any] | None = None,
) -> StandingFact:
    """For the packages above: writes down what they decided, with the event (and the answer) it comes from."""
    return StandingFact.objects.create(
        subject_kind=subject.kind,
        subject_id=subject.id,
        place_path=subject.place_path,
        name=name,
        value=None if value is None else stored(name, value),
        from_on=from_on,
        to_on=to_on,
        event=event,
        answer=dict(answer) if answer is not None else None,
        demo=event.demo,
    )


def stored(name: str, value: Any) -> Any:
    """The value as JSON, checked against the type its fact declares. Refuses `bad_fact`."""
    declared = FACT.get(name)
    if declared is None:
        raise LookupError(f"no standing fact {name!r}; declare it in gongzhi/registry/questions.py")
    type_ = declared.type
    fits: dict[str, bool] = {
        "bool": isinstance(value, bool),
        "count": isinstance(value, int) and not isinstance(value, bool) and value >= 0,
        "money_fen": isinstance(value, int) and not isinstance(value, bool),
        "date": isinstance(value, date) and not isinstance(value, datetime),
        "moment": isinstance(value, datetime),
        **dict.fromkeys(EXACT, isinstance(value, Decimal | int) and not isinstance(value, bool)),
    }
    good = fits.get(type_.kind, isinstance(value, str)) and (not type_.choices or value in type_.choices)
    if not good:
        raise Refused("bad_fact", f"“{declared.title}”的值不对，请重新填写。", fields={name: f"请填写{declared.title}"})
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if type_.kind in EXACT else value


@transaction.atomic
def begin_project(
    *, estate: Estate, company: Organisation, manager: User | None = None, from_on: date, actor: Actor, now: datetime
) -> Project:
    """A company begins to serve the estate. Refuses while another one serves it."""
    core.require(actor, "project.register", estate)
    if Project.objects.select_for_update().filter(estate=estate, to_on=None).exists():
        raise Refused("project_open", f"{estate.name}已有物业服务企业，请先办理原企业退出。")
    project = Project.objects.create(
        estate=estate, company=company, manager=manager, from_on=from_on, place_path=estate.place_path, demo=actor.demo
    )
    core.record(
        "project.begun",
        subject=estate.ref,
        actor=actor,
        at=now,
        place_path=estate.place_path,
        data={"from_on": from_on, "company": company.name},
    )
    return project


@transaction.atomic
def end_project(project: Project, *, to_on: date, actor: Actor, now: datetime) -> Project:
    """The last day of a company's service."""
    core.require(actor, "project.register", project)
    project = Project.objects.select_for_update().select_related("company", "estate").get(pk=project.pk)
    if project.to_on is not None:
        raise Refused("project_ended", "该企业的服务已经登记过结束日期。")
    if to_on < project.from_on:
        raise Refused("project_dates", "结束日期不能早于开始日期。", fields={"to_on": "不能早于开始日期"})
    project.to_on = to_on
    project.save(update_fields=["to_on"])
    core.record(
        "project.ended",
        subject=project.estate.ref,
        actor=actor,
        at=now,
        place_path=project.place_path,
        data={"to_on": to_on, "company": project.company.name},
    )
    return project
