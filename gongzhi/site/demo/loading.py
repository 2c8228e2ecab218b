"""Loads the demonstration: places people into offices and lets them work, by the same commands everybody uses.

Everything happens in the past, in order, with the clock of the duties run in between, so that desks show what is
overdue, due today and due soon.
"""

import logging
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import transaction

from gongzhi.cases.models import Case
from gongzhi.cases.services import intake
from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.days import ZONE
from gongzhi.core.errors import Refused
from gongzhi.core.models import Organisation, Place, User
from gongzhi.duties import services as duties
from gongzhi.registry import services as registry
from gongzhi.registry.models import Estate, Unit
from gongzhi.site.demo import (
    bodies,
    charges,
    contracts,
    enforcement,
    equipment,
    funds,
    history,
    hotline,
    mediation,
    patrols,
    payments,
    public_money,
    votes,
)
from gongzhi.site.demo.accounts import county_of
from gongzhi.site.demo.acts import ACTS, arguments
from gongzhi.site.demo.office import Office

logger = logging.getLogger(__name__)

POSTS_SINCE = timedelta(days=200)
CLOCK_HOUR = time(0, 5)
MINUTE = timedelta(minutes=1)
HOTLINE_BEFORE = timedelta(minutes=20)
COUNTY_LEVELS = ("county",)
COMPANY, GROUP = "company", "group"
OWNER, PUBLIC = "owner", "public"


@dataclass
class Stage:
    """What has been put up so far."""

    scene: dict[str, Any]
    now: datetime
    county: Place
    places: dict[str, Place] = field(default_factory=dict)
    estates: dict[str, Estate] = field(default_factory=dict)
    companies: dict[str, Organisation] = field(default_factory=dict)
    users: dict[str, User] = field(default_factory=dict)
    numbers: int = 0
    skipped: list[str] = field(default_factory=list)

    @property
    def director(self) -> Actor:
        return Actor.system(demo=True)

    def moment(self, days_ago: int, at: str) -> datetime:
        """So many days before today at that time, never later than now."""
        day = self.now.astimezone(ZONE).date() - timedelta(days=days_ago)
        return min(datetime.combine(day, time.fromisoformat(at), tzinfo=ZONE), self.now - MINUTE)

    def phone(self, code: str) -> str:
        """The next number of the county in which a place of this code lies."""
        self.numbers += 1
        return str(county_of(self.scene, code)["phones"]).format(number=self.numbers)


@dataclass(order=True)
class Deed:
    """One thing that somebody does at a moment; `turn` keeps the order of the file where moments are equal."""

    at: datetime
    turn: int
    complaint: dict[str, Any] = field(compare=False)
    matter: int = field(compare=False, default=-1)
    step: list[Any] = field(compare=False, default_factory=list)
    office: list[Any] = field(compare=False, default_factory=list)


@transaction.atomic
def load(scene: dict[str, Any], *, now: datetime) -> Stage:
    """Puts the whole demonstration up. Steps that a rule refuses are left out and named in `skipped`."""
    county = Place.objects.get(code=scene["place"])
    stage = Stage(scene, now, county)
    _attach(stage)
    with core.hold_policy():
        _offices(stage)
        _estates(stage)
        votes.units(stage)
        bodies.load(stage)
        contracts.units(stage)
        equipment.units(stage)
        _accounts(stage)
        votes.load(stage)
        funds.load(stage)
        public_money.load(stage)
        charges.load(stage)
        contracts.load(stage)
        payments.load(stage)
        mediation.load(stage)
        equipment.load(stage)
        patrols.load(stage)
        enforcement.load(stage)
        history.load(stage.scene["history"], estates=stage.estates, now=now)
        bodies.watch(stage)
        _play(stage)
        _hotline(stage)
    return stage


def _hotline(stage: Stage) -> None:
    given = stage.scene["hotline"]
    desk = Organisation.objects.get(role=given["desk"], place=stage.county)
    at = stage.now - HOTLINE_BEFORE
    clerk = _actor(stage, given["by"], at)
    hotline.load(given, desk=desk, clerk=clerk, director=stage.director, estates=stage.estates, now=at)


def _attach(stage: Stage) -> None:
    for county in stage.scene["counties"]:
        since = (stage.now - timedelta(days=county["pack"]["days_ago"])).astimezone(ZONE)
        core.attach_pack(
            Place.objects.get(code=county["place"]),
            pack=county["pack"]["pack"],
            switched_on=True,
            since=since.date(),
            actor=stage.director,
            now=since,
        )


def _offices(stage: Stage) -> None:
    for county in stage.scene["counties"]:
        _offices_of(stage, county)


def _offices_of(stage: Stage, county: dict[str, Any]) -> None:
    """Every county unit that the document names, and the offices of the streets and communities in the file."""
    on, top = stage.now.astimezone(ZONE).date(), Place.objects.get(code=county["place"])
    pack = core.pack_for(top.path, on)
    if pack is None:
        raise Refused("no_pack", "没有装载规则包，不能装示范数据。请先执行 sync_packs。")
    for code, role in sorted(pack.roles.items()):
        named = role.kind != GROUP and (role.kind != COMPANY or code in county.get("companies", ()))
        if role.level in COUNTY_LEVELS and named and code in pack.terms["roles"]:
            core.ensure_organisation(
                code, place=top, name=pack.role_name(code), on=on, phone=stage.phone(top.code), demo=True
            )
    for rows, roles in (("streets", "street_roles"), ("communities", "community_roles")):
        for row in county[rows]:
            place = Place.objects.get(code=row["code"])
            stage.places[place.code] = place
            for role, form in county[roles].items():
                name = form.format(short=row["short"], name=place.name)
                core.ensure_organisation(role, place=place, name=name, on=on, phone=stage.phone(place.code), demo=True)


def _estates(stage: Stage) -> None:
    begun = stage.now - POSTS_SINCE
    for row in stage.scene["estates"]:
        estate = registry.register_estate(
            community=Place.objects.get(code=row["community"]),
            name=row["name"],
            estate_type=row["type"],
            estate_subtype=row.get("subtype", ""),
            address=row["address"],
            households=row["households"],
            building_area_m2=Decimal(row["area"]),
            buildings=row["buildings"],
            facts=row["facts"],
            from_on=begun.date(),
            actor=stage.director,
            now=begun,
        )
        stage.estates[row["key"]] = estate
        if "company" in row:
            stage.companies[row["key"]] = _company(stage, row, estate)
        _units(stage, row["key"])


def _company(stage: Stage, row: dict[str, Any], estate: Estate) -> Organisation:
    """One company serves several estates of its county."""
    county = county_of(stage.scene, row["community"])["place"]
    for key, known in stage.companies.items():
        if known.name == row["company"] and stage.estates[key].place.code.startswith(county):
            return known
    return core.ensure_organisation(
        "property_company", place=estate.place, name=row["company"], phone=stage.phone(row["community"]), demo=True
    )


def _units(stage: Stage, key: str) -> None:
    """The units of an estate, who owned them since when, and to whom some were sold."""
    begun = stage.now - POSTS_SINCE
    buildings = {one.name: one for one in stage.estates[key].buildings.all()}
    units = {}
    for building, name, area, source, owners, days in stage.scene["units"].get(key, ()):
        units[building, name] = unit = registry.register_unit(
            buildings[building],
            name=name,
            exclusive_area_m2=Decimal(area),
            area_source=source,
            actor=stage.director,
            now=begun,
        )
        if owners:
            _own(stage, unit, owners, days)
    for building, name, owners, days in stage.scene["transfers"].get(key, ()):
        _own(stage, units[building, name], owners, days)


def _own(stage: Stage, unit: Unit, owners: list[list[str]], days: int) -> None:
    at = max(stage.now - timedelta(days=days), stage.now - POSTS_SINCE)
    registry.transfer_unit(
        unit,
        owners=[
            registry.OwnerInput(name, phone, "", Fraction(share) if share else None) for name, phone, share in owners
        ],
        from_on=(stage.now - timedelta(days=days)).astimezone(ZONE).date(),
        actor=stage.director,
        now=at,
    )


def _accounts(stage: Stage) -> None:
    begins = (stage.now - POSTS_SINCE).astimezone(ZONE)
    password = make_password(stage.scene["password"])  # one for all of them: to make one is slow on purpose
    for row in stage.scene["accounts"]:
        user = User(username=row["username"], password=password, display_name=row["name"], demo=True)
        if "phone" in row:  # an owner is found by his number
            user.set_phone(row["phone"])
        user.save()
        stage.users[row["username"]] = user
        organisation, place = _post_of(stage, row)
        core.begin_post(
            user,
            organisation=organisation,
            role=row["role"],
            place=place,
            title=row["title"],
            begins_on=begins.date(),
            actor=stage.director,
            now=begins,
        )
    managers = {
        row["estate"]: stage.users[row["username"]]
        for row in stage.scene["accounts"]
        if row.get("company") and row["role"] == "project_manager"
    }
    for key, company in stage.companies.items():
        registry.begin_project(
            estate=stage.estates[key],
            company=company,
            manager=managers.get(key),
            from_on=begins.date(),
            actor=stage.director,
            now=begins,
        )


def _post_of(stage: Stage, row: dict[str, Any]) -> tuple[Organisation | None, Place | None]:
    if row.get("company"):
        return stage.companies[row["estate"]], None
    if row.get("committee"):
        place = stage.estates[row["estate"]].place
        return Organisation.objects.filter(role=row["role"], place=place, active=True).first(), place
    if "estate" in row:
        return None, stage.estates[row["estate"]].place
    place = Place.objects.get(code=row["place"])
    return Organisation.objects.filter(role=row["role"], place=place, active=True).first(), place


def _play(stage: Stage) -> None:
    """All deeds in the order of time; the duties' clock is run once a day in between, and at the end."""
    opened: dict[str, list[Case]] = {}
    office = Office(estates=stage.estates, county=stage.county)
    ticked = None
    for deed in sorted(_deeds(stage)):
        day = deed.at.astimezone(ZONE).date()
        if ticked is None or day > ticked:
            _run_clock(ticked, day)
            ticked = day
        if deed.office:
            _do_office(stage, office, deed)
            continue
        key = deed.complaint["key"]
        if not deed.step:
            opened[key] = _submit(stage, deed)
        elif key in opened and deed.matter < len(opened[key]):
            _do(stage, deed, opened[key][deed.matter])
    _run_clock(ticked, stage.now.astimezone(ZONE).date())
    duties.tick(stage.now)


def _run_clock(last: Any, until: Any) -> None:
    day = last + timedelta(days=1) if last is not None else until
    while day <= until:
        duties.tick(datetime.combine(day, CLOCK_HOUR, tzinfo=ZONE))
        day += timedelta(days=1)


def _deeds(stage: Stage) -> list[Deed]:
    found: list[Deed] = []
    for complaint in stage.scene["complaints"]:
        found.append(Deed(stage.moment(*complaint["at"]), len(found), complaint))
        for matter, steps in complaint.get("steps", {}).items():
            for step in steps:
                found.append(Deed(stage.moment(step[0], step[1]), len(found), complaint, matter, step))
    for step in stage.scene.get("office", ()):
        found.append(Deed(stage.moment(step[0], step[1]), len(found), {}, office=step))
    return found


def _do_office(stage: Stage, office: Office, deed: Deed) -> None:
    _, _, username, name, key, given = deed.office
    try:
        with transaction.atomic():
            office.do(name, key, given, actor=_actor(stage, username, deed.at), at=deed.at)
    except (Refused, KeyError) as refused:
        _skip(stage, f"{key} {name} {username}: {getattr(refused, 'message', refused)}")


def _submit(stage: Stage, deed: Deed) -> list[Case]:
    row = deed.complaint
    person = stage.scene["people"][row["person"]] if "person" in row else None
    complainant = intake.ComplainantInput(**person) if person is not None else None
    if row["by"] == OWNER:
        complainant = intake.ComplainantInput(**stage.scene["people"][0])
    try:
        complaint = intake.receive_complaint(
            channel=row["channel"],
            estate=stage.estates[row["estate"]],
            text=row["text"],
            location=row["location"],
            matters=[
                intake.MatterInput(matter=one["matter"], title=one["title"], text=one.get("text", row["text"]))
                for one in row["matters"]
            ],
            complainant=complainant,
            anonymous_reason=row.get("anonymous", ""),
            received_at=deed.at,
            visitors=row.get("visitors"),
            tags=row.get("tags", ()),
            signed_register=row["channel"] == "visit",
            extra={"hotline_number": row["hotline"]} if "hotline" in row else None,
            actor=_actor(stage, row["by"], deed.at),
            now=deed.at,
        )
    except Refused as refused:
        _skip(stage, f"{row['key']}: {refused.message}")
        return []
    return list(complaint.cases.order_by("id"))


def _actor(stage: Stage, username: str, at: datetime) -> Actor:
    if username == PUBLIC:
        return Actor.public(demo=True)
    owner = next(row["username"] for row in stage.scene["accounts"] if row["role"] == "owner")
    return Actor.of(stage.users[owner if username == OWNER else username], at)


def _do(stage: Stage, deed: Deed, case: Case) -> None:
    _, _, username, name, given = deed.step
    case.refresh_from_db()
    try:
        with transaction.atomic():
            ACTS[name](
                case,
                **arguments(name, given, case=case, at=deed.at, today=stage.now.astimezone(ZONE).date()),
                actor=_actor(stage, username, deed.at),
                now=deed.at,
            )
    except Refused as refused:
        _skip(stage, f"{deed.complaint['key']} {name} {username}: {refused.message}")


def _skip(stage: Stage, line: str) -> None:
    logger.warning("demonstration: %s", line)
    stage.skipped.append(line)
