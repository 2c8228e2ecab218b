"""组织图: who is there at each of the three levels of a county, and where nobody is."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Count, Q

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.models import Organisation, Place
from gongzhi.core.packs import codes_of
from gongzhi.core.questions import ROLES

LEADING = ("leading_group_office", "county_leader", "county_office", "party_office")
COMPETENT = ("housing",)
STREET = ("street_office", "street_government")
COMMUNITY = ("community_station", "community_committee")
LEVELS = ("street", "community")
_KIND = {role.code: role.kind for role in ROLES}


@dataclass
class Node:
    """A place with its bodies. `lacks` says in words what is missing there."""

    place: Place
    bodies: list[Organisation] = field(default_factory=list)
    below: list["Node"] = field(default_factory=list)

    @property
    def people(self) -> int:
        return sum(one.in_post for one in self.bodies)  # type: ignore[attr-defined]

    @property
    def lacks(self) -> str:
        if not self.bodies:
            return "没有登记物业管理机构" if self.place.level == "street" else "没有登记机构和人员"
        return "" if self.people else "没有登记人员"

    @property
    def gaps(self) -> int:
        return bool(self.lacks) + sum(one.gaps for one in self.below)


@dataclass(frozen=True)
class Chart:
    county: Place
    leading: list[Organisation]
    competent: list[Organisation]
    departments: list[Organisation]
    streets: list[Node]

    @property
    def incomplete(self) -> list[Node]:
        found = [one for street in self.streets for one in (street, *street.below)]
        return [one for one in found if one.lacks]


def chart_of(county: Place, on: date, *, within: str = "") -> Chart:
    """Three levels in three statements. `within` narrows the streets and communities to a subtree."""
    in_post = Count("posts", filter=Q(posts__begins_on__lte=on) & (Q(posts__ends_on=None) | Q(posts__ends_on__gte=on)))
    bodies = Organisation.objects.filter(active=True).annotate(in_post=in_post).order_by("role", "name")
    above = list(bodies.filter(place=county))
    places = list(
        Place.objects.filter(path__startswith=within or county.path, level__in=LEVELS).order_by("path")
    )  # fmt: skip
    nodes = {place.pk: Node(place) for place in places}
    for one in bodies.filter(place__in=places, role__in=(*STREET, *COMMUNITY)):
        nodes[one.place_id].bodies.append(one)
    streets: list[Node] = []
    for place in places:
        parent = nodes.get(place.parent_id or 0) if place.level == "community" else None
        (parent.below if parent is not None else streets).append(nodes[place.pk])
    return Chart(
        county=county,
        leading=_of(above, LEADING),
        competent=_of(above, COMPETENT),
        departments=[
            one
            for one in above
            if one.role not in (*LEADING, *COMPETENT) and _KIND.get(one.role, one.kind) in ("office", "department")
        ],
        streets=streets,
    )


def chart_for(actor: Actor, wanted: str, on: date) -> tuple[Chart, list[Place]]:
    """The chart of the actor's county; of one of them, and which there are, for an actor above counties."""
    if not (actor.is_staff_role or actor.role == "system_admin") or not actor.place_path:
        raise core.Refused("forbidden", "组织图由镇街、社区和部门的账号查看。", status=403)
    counties = Place.objects.filter(level="county")
    above = counties.filter(code__in=codes_of(actor.place_path)).first()
    below = counties.filter(path__startswith=actor.place_path).order_by("path")
    county = above or below.filter(code=wanted).first() or below.first()
    if county is None:
        raise core.Refused("no_county", "您的辖区里还没有区县。")
    found = chart_of(county, on, within=actor.place_path if above is not None else "")
    return found, list(below) if above is None else []


def _of(bodies: Iterable[Organisation], roles: tuple[str, ...]) -> list[Organisation]:
    return [one for one in bodies if one.role in roles]
