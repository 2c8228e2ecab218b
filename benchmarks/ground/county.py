"""A county as it is: every street and community of the divisions, their offices with somebody in each, a thousand
estates; and a few cases brought through the services to where a case can stand. The million are their copies."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

ESTATES_EACH, SERVED = 9, 12
COUNTY = "340207"
NAMES = ("梧桐", "湖畔", "清风", "翠竹", "金桂", "锦绣", "阳光", "望江", "碧水", "紫薇", "银杏", "香樟", "新安", "和平")
KINDS = ("花园", "新村", "小区", "家园", "苑", "府", "城", "里")
# Matter, weight: what a hotline hears, the most frequent first.
MATTERS = (
    ("centralised_penalty_other", 26), ("sanitation_order_dispute", 17), ("fire_lane", 14), ("pollution_source", 11),
    ("elevator_safety", 9), ("public_safety", 8), ("price_violation", 6), ("fireworks", 4), ("group_rental", 3),
    ("other_fire", 2),
)  # fmt: skip
RUNNING_KINDS = ("pending", "assigned", "handling")


@dataclass
class Template:
    """A case of the services' own making. `kind`: how far it came."""

    case_id: int
    kind: str
    weight: int


@dataclass
class County:
    cast: Any
    estates: list[Any]
    templates: list[Template] = field(default_factory=list)


def build_county(now: datetime) -> County:
    """In some seconds: nobody signs in here, so that the passwords need not be hard to guess."""
    from django.test import override_settings

    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        return _county(now)


def _county(now: datetime) -> County:
    from django.conf import settings

    from gongzhi.core import services as core
    from gongzhi.core.models import Place
    from gongzhi.core.places import import_divisions, read_divisions
    from gongzhi.core.tests import cast as casting

    rows = read_divisions(settings.BASE_DIR / "divisions" / "divisions.csv")
    codes = {COUNTY[:2], COUNTY[:4], COUNTY}
    streets = {row["code"] for row in rows if row["parent_code"] == COUNTY}
    import_divisions(row for row in rows if row["code"] in codes | streets or row["parent_code"] in streets)
    cast = casting.build(now)
    for place in Place.objects.filter(level__in=("street", "community")):
        roles = casting.STREET_ROLES if place.level == "street" else casting.COMMUNITY_ROLES
        for role in roles:
            unit = core.ensure_organisation(role, place=place)
            key = f"{role}@{place.code}"
            if role == "street_office" and unit != cast.organisations[role]:
                cast.organisations[key] = unit
                casting._person(cast, key, f"经办{place.short_name}", organisation=unit)
    return County(cast, _estates(cast))


def _estates(cast: Any) -> list[Any]:
    """The first by the service, as those that cases are opened at; the others as rows like theirs."""
    from gongzhi.core.actors import Actor
    from gongzhi.core.models import Place
    from gongzhi.core.services import grams
    from gongzhi.registry.models import Estate
    from gongzhi.registry.services import register_estate

    first = [
        register_estate(
            community=community,
            name=_name(number, 0),
            facts={"in_built_up_area": True},
            from_on=casting_since(),
            actor=Actor.system(),
            now=cast.now,
        )
        for number, community in enumerate(cast.communities[:SERVED])
    ]
    wanted = [
        (community, _name(number, one), f"{community.code}9{one:03d}")
        for number, community in enumerate(cast.communities)
        for one in range(1, ESTATES_EACH + 1)
    ]
    places = Place.objects.bulk_create(
        Place(code=code, name=name, short_name=name, level="estate", parent=community, path=f"{community.path}{code}/")
        for community, name, code in wanted
    )
    return first + Estate.objects.bulk_create(
        Estate(place=one, community=one.parent, place_path=one.path, name=one.name, name_grams=grams(one.name))
        for one in places
    )


def casting_since() -> Any:
    from gongzhi.core.tests.cast import SINCE

    return SINCE


def _name(community: int, one: int) -> str:
    return f"{NAMES[(community + one * 5) % len(NAMES)]}{KINDS[(community * 3 + one) % len(KINDS)]}{one + 1}期"


def templates(county: County, now: datetime) -> list[Template]:
    """Every matter in every state, all at the first estate, received a fortnight ago."""
    found = []
    for matter, weight in MATTERS:
        for kind in (*RUNNING_KINDS, "closed"):
            found.append(Template(_brought(county, matter, kind, now - timedelta(days=14)), kind, weight))
    county.templates = found
    return found


def _brought(county: County, matter: str, kind: str, at: datetime) -> int:
    from gongzhi.cases import services
    from gongzhi.cases.models import Complaint
    from gongzhi.core.days import local_day

    cast, estate = county.cast, county.estates[0]
    desk = cast.actor("street_office")
    complaint: Complaint = services.receive_complaint(
        channel="phone",
        estate=estate,
        text="待替换的事由",
        location="1幢",
        matters=[services.MatterInput(matter=matter, title="待替换的标题")],
        complainant=services.ComplainantInput(name="陈建国", phone=_phone(matter, kind), address="1幢"),
        received_at=at,
        actor=desk,
        now=at,
    )
    case = complaint.cases.get()
    if kind == "pending" and case.lead is None:
        return int(case.pk)
    if case.lead is None:
        case = services.assign_case(case, actor=desk, now=at + timedelta(hours=1))
    if kind in ("pending", "assigned"):
        return int(case.pk)
    lead = _somebody_of(cast, case.lead)
    if case.reported_in_at is None:
        case = services.report_in(case, actor=lead, now=at + timedelta(hours=3))
    if kind == "handling":
        return int(case.pk)
    then = at + timedelta(days=2)
    case = services.verify_on_site(case, note="到场核实，情况属实。", actor=lead, now=then)
    case = services.contact_complainant(case, promised_on=local_day(then), method="电话", actor=lead, now=then)
    case = services.handle(case, result="已责令改正。", outcome="rectified", actor=lead, now=then)
    case = services.answer(case, text="已责令改正并复查。", method="电话", actor=lead, now=then)
    case = services.close_case(case, actor=lead, now=then + timedelta(days=1))
    return int(case.pk)


def _phone(matter: str, kind: str) -> str:
    listed = [one for one, _ in MATTERS]
    return f"1390000{listed.index(matter):02d}{[*RUNNING_KINDS, 'closed'].index(kind):02d}"


def _somebody_of(cast: Any, unit: Any) -> Any:
    for key, one in cast.organisations.items():
        if one == unit and key in cast.users:
            return cast.actor(key)
    raise LookupError(f"nobody works in {unit}")
