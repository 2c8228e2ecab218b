"""A small fixed cast for the tests of every app: one county of the divisions, its offices, its people, three estates.

`build(now)` makes it; the fixture `cast` hands it out. Actors are reached by role: `cast.actor("street_office")`.
`build(now, county=…, pack=…)` makes it in another county, with the offices that its document adds and with somebody
in every one of them.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.conf import settings

from gongzhi.core import dispatcher, packs
from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.days import ZONE, local_day
from gongzhi.core.models import Organisation, Place, User
from gongzhi.core.places import import_divisions, read_divisions
from gongzhi.core.questions import ROLES
from gongzhi.core.tests.kept_rows import built_alike
from gongzhi.registry.models import Estate
from gongzhi.registry.services import begin_project, register_estate

NOW = datetime(2022, 5, 5, 9, 0, tzinfo=ZONE)
STARTED = datetime.now(ZONE)  # noqa: TID251 - for what reads the clock itself, pages and the API
SINCE = date(2020, 1, 1)
PACK = "jiujiang"
COUNTY = "340207"
PASSWORD = "demo-Pass-2022"
STREETS, COMMUNITIES = 2, 3
COUNTY_ROLES = (
    "leading_group_office",
    "county_leader",
    "county_office",
    "party_office",
    "discipline_office",
    "hotline_desk",
    "complaint_desk",
    "petition_office",
    "housing",
    "urban_management",
    "market_regulation",
    "ecology",
    "police",
    "fire_rescue",
    "emergency",
    "planning",
    "civil_affairs",
    "justice",
    "health",
    "mediation_centre",
)
STREET_ROLES = ("street_office", "street_government", "mediation_station")
COMMUNITY_ROLES = ("community_station", "community_committee", "mediation_room")
NAMES = {
    "leading_group_office": "周宁",
    "county_leader": "高远",
    "hotline_desk": "方琳",
    "housing": "许静",
    "urban_management": "孟强",
    "police": "雷刚",
    "planning": "丁岚",
    "market_regulation": "何平",
    "ecology": "叶青",
    "fire_rescue": "石勇",
    "street_office": "赵敏",
    "community_station": "钱芳",
    "mediation_room": "孙和",
    "community_committee": "吴洁",
}


@dataclass
class Cast:
    """Everybody and everything; `at` holds organisations by role (and `role@code` for a second place)."""

    now: datetime
    county: Place
    streets: list[Place]
    communities: list[Place]
    organisations: dict[str, Organisation] = field(default_factory=dict)
    users: dict[str, User] = field(default_factory=dict)
    estates: dict[str, Estate] = field(default_factory=dict)

    @property
    def street(self) -> Place:
        return self.streets[0]

    @property
    def community(self) -> Place:
        return self.communities[0]

    @property
    def estate(self) -> Estate:
        """Inside the built-up area, served by a company."""
        return self.estates["inside"]

    @property
    def estate_outside(self) -> Estate:
        return self.estates["outside"]

    @property
    def estate_unknown(self) -> Estate:
        """Whether it lies in the built-up area nobody has recorded."""
        return self.estates["unknown"]

    def organisation(self, role: str) -> Organisation:
        return self.organisations[role]

    def user(self, role: str) -> User:
        return self.users[role]

    def actor(self, role: str) -> Actor:
        """The person of that role, acting now. `street_office@2` and `community_station@2`: the second street's."""
        return Actor.of(self.users[role], self.now)


def county_rows(county: str = COUNTY) -> list[dict[str, str]]:
    """The county with its ancestors, its first streets and their first communities, out of the real divisions."""
    rows = read_divisions(settings.BASE_DIR / "divisions" / "divisions.csv")
    heads = [row for row in rows if row["code"] in (county[:2], county[:4], county)]
    streets = [row for row in rows if row["parent_code"] == county][:STREETS]
    found = heads + streets
    for street in streets:
        found += [row for row in rows if row["parent_code"] == street["code"]][:COMMUNITIES]
    return found


def now_in(city: Callable[[str, str], Cast], pack: str) -> Cast:
    """What an app makes of the cast of a city, at this moment: pages and the API read the clock."""
    now = datetime.now(ZONE)  # noqa: TID251
    made = city(pack, now.date().isoformat())
    made.now = now
    return made


def build(now: datetime = NOW, *, county: str = COUNTY, pack: str = PACK) -> Cast:
    reactions = tuple(dispatcher.reactions())
    return built_alike((now, county, pack, settings.PACKS, reactions), lambda: _build(now, county, pack))


def _build(now: datetime, county: str, pack: str) -> Cast:
    import_divisions(county_rows(county))
    place = Place.objects.get(code=county)
    streets = list(Place.objects.filter(level="street").order_by("code"))
    communities = list(Place.objects.filter(level="community").order_by("code"))
    cast = Cast(now, place, streets, communities)
    _attach(cast, pack)
    _organisations(cast)
    _own_organisations(cast, pack)
    for role in COUNTY_ROLES + STREET_ROLES + COMMUNITY_ROLES:
        if role in NAMES:
            _person(cast, role, NAMES[role], organisation=cast.organisations[role])
    _person(cast, "street_office@2", "赵二", organisation=cast.organisations["street_office@2"])
    _person(cast, "community_station@2", "钱二", organisation=cast.organisations["community_station@2"])
    _person(cast, "system_admin", "郑管理", role="system_admin", place=Place.objects.get(level="province"))
    _estates(cast)
    return cast


def _organisations(cast: Cast) -> None:
    first_of_second = next(one for one in cast.communities if one.parent_id == cast.streets[1].pk)
    for role in COUNTY_ROLES:
        cast.organisations[role] = core.ensure_organisation(role, place=cast.county)
    for role in STREET_ROLES:
        cast.organisations[role] = core.ensure_organisation(role, place=cast.streets[0])
        cast.organisations[f"{role}@2"] = core.ensure_organisation(role, place=cast.streets[1])
    for role in COMMUNITY_ROLES:
        cast.organisations[role] = core.ensure_organisation(role, place=cast.communities[0])
        cast.organisations[f"{role}@2"] = core.ensure_organisation(role, place=first_of_second)
    cast.organisations["property_company"] = core.ensure_organisation(
        "property_company", place=cast.county, name="安居物业服务有限公司"
    )
    cast.organisations["property_company@2"] = core.ensure_organisation(
        "property_company", place=cast.county, name="和美物业服务有限公司"
    )


def _person(cast: Cast, key: str, name: str, **post: Any) -> User:
    user = User(username=key.replace("@", "_"), display_name=name)
    user.set_password(PASSWORD)
    user.set_phone(f"1380000{len(cast.users):04d}")
    user.save()
    cast.users[key] = user
    core.begin_post(
        user,
        organisation=post.get("organisation"),
        role=post.get("role", ""),
        place=post.get("place"),
        begins_on=SINCE,
        actor=Actor.system(),
        now=cast.now,
    )
    return user


def _attach(cast: Cast, pack: str) -> None:
    """The draft is switched on, as the demonstration does, when its folder is there."""
    if (settings.PACKS / pack / "pack.yaml").exists() and packs.named_pack(pack) is not None:
        core.attach_pack(cast.county, pack=pack, switched_on=True, actor=Actor.system(), now=cast.now)


def _own_organisations(cast: Cast, slug: str) -> None:
    """The offices and departments that only this city's document knows; and somebody in everyone that has nobody."""
    pack = packs.named_pack(slug) if slug != PACK else None
    if pack is None:
        return
    platform = {role.code for role in ROLES}
    at = {"county": cast.county, "street": cast.streets[0], "community": cast.communities[0]}
    for role in pack.roles.values():
        if role.code not in platform and role.level in at:
            unit = core.ensure_organisation(role.code, place=at[role.level], on=local_day(cast.now))
            cast.organisations[role.code] = unit
    for code, unit in cast.organisations.items():
        if code not in cast.users and "@" not in code and code not in NAMES and code != "property_company":
            _person(cast, code, f"经办{len(cast.users)}", organisation=unit)


def _estates(cast: Cast) -> None:
    system = Actor.system()
    second = next(one for one in cast.communities if one.parent_id == cast.streets[1].pk)
    for key, name, community, facts in (
        ("inside", "梧桐花园", cast.communities[0], {"in_built_up_area": True}),
        ("outside", "湖畔新村", second, {"in_built_up_area": False}),
        ("unknown", "清风小区", cast.communities[1], {}),
    ):
        cast.estates[key] = register_estate(
            community=community,
            name=name,
            households=420,
            building_area_m2=Decimal("52300.50"),
            buildings=("1幢", "2幢"),
            facts=facts,
            from_on=SINCE,
            actor=system,
            now=cast.now,
        )
    estate = cast.estates["inside"]
    _person(
        cast, "project_manager", "陶经理", organisation=cast.organisations["property_company"], role="project_manager"
    )
    # The manager works in the estate served, not in the whole county of the company's seat.
    cast.users["project_manager"].posts.update(place_path=estate.place_path)
    _person(cast, "owner", "陈建国", role="owner", place=estate.place)
    _person(cast, "building_steward", "李楼长", role="building_steward", place=estate.place)
    begin_project(
        estate=estate,
        company=cast.organisations["property_company"],
        manager=cast.users["project_manager"],
        from_on=SINCE,
        actor=system,
        now=cast.now,
    )
