"""Stations and teams, the officers that people can call, and the days on which a department came."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction

from gongzhi.cases.enforcement.models import Officer, SiteEntry, Station
from gongzhi.cases.enforcement.queries.asking import rule
from gongzhi.cases.enforcement.services.common import (
    CONFLICT_STATUS,
    kept,
    locked,
    not_ahead,
    required,
    role_words,
)
from gongzhi.cases.enforcement.words import STATIONS
from gongzhi.cases.services.books import enter_estate
from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.core.models import Organisation, Place
from gongzhi.registry.models import Estate


@transaction.atomic
def set_up_station(
    organisation: Organisation,
    *,
    kind: str,
    name: str,
    address: str = "",
    phone: str = "",
    estates: Sequence[Estate] = (),
    opened_on: date,
    actor: Actor,
    now: datetime,
) -> Station:
    """Of a unit that the document names as host; it answers for the estates given. A station needs a telephone."""
    core.require(actor, "stations.keep", organisation)
    if kind not in STATIONS:
        raise Refused("kind", "请选种类。", fields={"kind": "请选种类"})
    named, clauses = rule("stations", organisation.place_path, core.local_day(now), kind=kind)
    hosts = named.get("hosts") or ()
    if hosts and organisation.role not in hosts:
        words = role_words(hosts, organisation.place_path, core.local_day(now))
        raise Refused(
            "host", f"{STATIONS[kind]}由{words}设立。", clause=clauses, fields={"organisation": "请选设立单位"}
        )
    name = required(name, "name", "请填名称。")
    if kind == "station":
        phone = required(phone, "phone", "站点要有电话。")
    not_ahead(opened_on, now, "opened_on")
    if organisation.stations.filter(kind=kind, closed_on=None).exists():
        raise Refused("there_already", f"{organisation}已经登记{STATIONS[kind]}。", status=CONFLICT_STATUS)
    _within(estates, organisation)
    row = Station.objects.create(
        kind=kind, organisation=organisation, name=name[:100], address=address.strip()[:200], phone=phone.strip(),
        opened_on=opened_on, place_path=organisation.place_path, demo=actor.demo,
    )  # fmt: skip
    row.estates.set(estates)
    _tell(row, "set_up", actor=actor, now=now, estates=len(estates))
    return row


def _within(estates: Sequence[Estate], organisation: Organisation) -> None:
    strange = [one.name for one in estates if not one.place_path.startswith(organisation.place_path)]
    if strange:
        raise Refused(
            "not_of_place", f"{'、'.join(strange)}不在{organisation}辖区。", fields={"estates": "请选辖区里的"}
        )


@transaction.atomic
def change_station(
    row: Station, *, address: str, phone: str, estates: Sequence[Estate], version: int | None = None, actor: Actor,
    now: datetime,
) -> Station:  # fmt: skip
    row = locked(row, version)
    core.require(actor, "stations.keep", row)
    _within(estates, row.organisation)
    if row.kind == "station":
        phone = required(phone, "phone", "站点要有电话。")
    row.address, row.phone = address.strip()[:200], phone.strip()
    row.estates.set(estates)
    kept(row, "address", "phone")
    _tell(row, "changed", actor=actor, now=now, estates=len(estates))
    return row


@transaction.atomic
def close_station(row: Station, *, on: date, version: int | None = None, actor: Actor, now: datetime) -> Station:
    row = locked(row, version)
    core.require(actor, "stations.keep", row)
    not_ahead(on, now)
    if row.closed_on is not None or on < row.opened_on:
        raise Refused("closed", "已经撤销，或日期早于设立日期。", fields={"on": "请核对日期"})
    row.closed_on = on
    kept(row, "closed_on")
    _tell(row, "closed", actor=actor, now=now)
    return row


def _tell(row: Station, event: str, *, actor: Actor, now: datetime, **data: Any) -> None:
    core.record(
        f"station.{event}", subject=row.ref, actor=actor, at=now, place_path=row.place_path,
        data={"kind": row.kind, "host": row.organisation.role, **data},
    )  # fmt: skip


@transaction.atomic
def name_officer(
    organisation: Organisation,
    *,
    place: Place,
    name: str,
    phone: str = "",
    title: str = "",
    station: Station | None = None,
    from_on: date,
    actor: Actor,
    now: datetime,
) -> Officer:
    """Who of that unit answers for a place: an estate, a community, a town. A liaison has a public telephone; a
    member of a team need not have one."""
    core.require(actor, "officers.keep", place)
    own = actor.organisation
    oversees = (
        own is None
        or own.role in ("leading_group_office", "housing")
        or organisation.place_path.startswith(own.place_path)
    )
    if not oversees and own != organisation:
        raise Refused("not_yours", "只能登记本单位和下级单位的联络人。", status=403)
    if not place.path.startswith(organisation.place_path):
        raise Refused("not_of_place", f"{place}不在{organisation}辖区。", fields={"place": "请选辖区里的地方"})
    name = required(name, "name", "请填姓名。")
    if station is None:
        phone = required(phone, "phone", "请填公开的工作电话。")
    row = Officer.objects.create(
        organisation=organisation, station=station, name=name[:60], title=title.strip()[:60], phone=phone.strip()[:30],
        from_on=from_on, place_path=place.path, demo=actor.demo,
    )  # fmt: skip
    core.record("officer.named", subject=row.ref, actor=actor, at=now, place_path=row.place_path,
                data={"unit": organisation.role, "from_on": from_on})  # fmt: skip
    return row


@transaction.atomic
def end_officer(row: Officer, *, on: date, version: int | None = None, actor: Actor, now: datetime) -> Officer:
    row = locked(row, version)
    core.require(actor, "officers.keep", row)
    if row.to_on is not None or on < row.from_on:
        raise Refused("ended", "已经离任，或日期早于开始日期。", fields={"on": "请核对日期"})
    row.to_on = on
    kept(row, "to_on")
    core.record("officer.left", subject=row.ref, actor=actor, at=now, place_path=row.place_path,
                data={"unit": row.organisation.role, "on": on})  # fmt: skip
    return row


@transaction.atomic
def record_entry(
    estate: Estate, *, organisation: Organisation | None = None, on: date, note: str = "", actor: Actor, now: datetime
) -> SiteEntry:
    """A department came by itself, to look or to advise."""
    core.require(actor, "entries.record", estate)
    unit = organisation or actor.organisation
    if unit is None:
        raise Refused("no_unit", "请选哪个单位来的。", fields={"organisation": "请选单位"})
    not_ahead(on, now)
    return enter_estate(estate, unit=unit, kind="visit", on=on, note=note, actor=actor, now=now)
