"""Whose estates an actor may see, and what one estate's file shows."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Case, Prefetch, Q, QuerySet, Value, When

from gongzhi.core import refs
from gongzhi.core import services as core
from gongzhi.core.accounts import accounts_near
from gongzhi.core.actors import Actor
from gongzhi.core.display import area, cn_date, role_name
from gongzhi.core.grams import search_grams
from gongzhi.core.models import Event, Organisation, Place, User
from gongzhi.core.packs import codes_of, pack_for, vocabulary
from gongzhi.core.questions import ROLES
from gongzhi.core.refs import Ref
from gongzhi.core.units import NO_UNITS
from gongzhi.registry.area_line import AREA_LINE, area_m2, points_of
from gongzhi.registry.models import Estate, EstateStay, Ownership, OwnershipShare, StandingFact, Unit, covers
from gongzhi.registry.queries.history import paths_of
from gongzhi.registry.queries.known import FACT, county_of, typed
from gongzhi.registry.questions import (
    COMPANY_FILE,
    COMPANY_JOINS,
    ESTATE_TYPES,
    MANAGEMENT_MODES,
    NOT_BY_HAND,
    REVIEW_KINDS,
    REVIEW_RESULTS,
    STATED_OF_COMPANIES,
)

MOST_OWNED = 100
AT_HOME = ("owner", "building_steward", "owners_committee", "project_manager")
# What happens in an estate, by who records it: the prefix of the kind of event. Later parts join by their own kinds.
LINES: dict[str, tuple[str, tuple[str, ...]]] = {
    "file": ("档案", ("estate.", "unit.", "facility.", "review.", "project.", "registry.")),
    "case": ("案件", ("complaint.", "case.", "problem.", "check.")),
    "patrol": ("巡查", ("patrol.", "finding.", "register.")),
    "duty": ("期限", ("duty.",)),
    "paper": ("文书", ("document.", "inspection.", "board.")),
    "equipment": (
        "设施",
        ("fault.", "upkeep.", "directive.", "defect.", "permit.", "plan.", "drill.", "emergency."),
    ),
}
# Of every duty and file there is an event; on the line of an estate they would hide the rest.
LEFT_OUT = ("duty.opened", "duty.reminded", "file.stored", "person.revealed", "duty.needs_person")


def formerly_in(actor: Actor, pk: int) -> tuple[Estate, EstateStay] | None:
    """An estate that lay in the actor's place once, with its last time there: staff keep reading it up to that day."""
    if not actor.is_staff_role or not actor.place_path:
        return None
    stays = EstateStay.objects.filter(estate_id=pk, place_path__startswith=actor.place_path, to_on__isnull=False)
    last = stays.select_related("estate__community", "estate__place", "community").order_by("-to_on").first()
    return (last.estate, last) if last is not None else None


def estates_for(actor: Actor) -> QuerySet[Estate]:
    """Staff: those of their place. A company: those it serves or served. Owners, stewards, committees: their own."""
    rows = Estate.objects.select_related("community").order_by("place_path")
    if actor.is_staff_role or actor.role == "system_admin":
        return rows.filter(place_path__startswith=actor.place_path) if actor.place_path else rows.none()
    seen = Q(pk=None)
    if actor.organisation is not None:
        seen |= Q(projects__company=actor.organisation)
    if (actor.role in AT_HOME or actor.organisation is not None) and actor.place_path:
        seen |= Q(place_path=actor.place_path)
    return rows.filter(seen).distinct()


def organisations_seen_by(actor: Actor) -> QuerySet[Organisation]:
    """Those of the actor's place, those above it, and its own."""
    rows = Organisation.objects.select_related("place")
    if not (actor.is_staff_role or actor.role == "system_admin"):
        return rows.filter(pk__in=[actor.organisation.pk] if actor.organisation else [])
    seen = Q(place_path__startswith=actor.place_path) | Q(place__code__in=codes_of(actor.place_path))
    return rows.filter(seen) if actor.place_path else rows.none()


def communities_for(actor: Actor, estate: Estate) -> QuerySet[Place]:
    """To which communities of its county the actor may move the estate."""
    rows = communities_near(estate).exclude(pk=estate.community_id)
    return rows.filter(path__startswith=actor.place_path)


def communities_near(estate: Estate) -> QuerySet[Place]:
    """Those of the estate's county."""
    rows = Place.objects.filter(level="community", path__startswith=county_of(estate.place_path))
    return rows.select_related("parent").order_by("path")


def roles_of_units(place_path: str, on: date) -> list[tuple[str, str]]:
    """The roles of units that the document of a place knows, and the platform's own, by their names there."""
    pack = pack_for(place_path, on)
    own = pack.roles.values() if pack is not None else ROLES
    found = {one.code: role_name(one.code, pack) for one in own if one.kind not in NO_UNITS}
    return sorted(found.items(), key=lambda row: row[1])


def places_of_units(actor: Actor) -> QuerySet[Place]:
    rows = Place.objects.filter(level__in=("county", "street", "community"), path__startswith=actor.place_path or "-")
    return rows.order_by("path")


def heirs_near(actor: Actor, unit: Organisation | None = None) -> QuerySet[Organisation]:
    """Units of the administration in the actor's place that may give up their work, or take over that of `unit`."""
    rows = Organisation.objects.filter(active=True, place_path__startswith=actor.place_path or "-")
    rows = rows.exclude(kind__in=NO_UNITS).exclude(place__level="estate")
    if unit is not None:
        rows = rows.filter(place_path__startswith=county_of(unit.place_path)).exclude(pk=unit.pk)
    return rows.select_related("place").order_by("place_path", "name")


def companies_near(place_path: str) -> QuerySet[Organisation]:
    """Companies in use, those known in the county of the place first: a company may be known elsewhere."""
    here = Case(When(place_path__startswith=county_of(place_path), then=Value(0)), default=Value(1))
    rows = Organisation.objects.filter(role="property_company", active=True).select_related("place")
    return rows.order_by(here, "name", "pk")


def people_near(actor: Actor) -> QuerySet[User]:
    """Accounts with a post in the actor's place, or with none anywhere yet: who can be put into a post."""
    rows = accounts_near(actor).filter(is_active=True).order_by("display_name", "pk")
    return rows.prefetch_related("posts__organisation")


@dataclass(frozen=True)
class Wanted:
    """The filter of the list; the export carries the same."""

    text: str = ""
    estate_type: str = ""
    within: str = ""
    served: str = ""

    def conditions(self) -> list[tuple[str, str]]:
        """The filter in words."""
        place = Place.objects.filter(code=self.within).first() if self.within else None
        return [
            ("名称", self.text),
            ("类型", ESTATE_TYPES.get(self.estate_type, self.estate_type)),
            ("镇街、社区", place.name if place is not None else self.within),
            ("物业服务", {"yes": "有物业服务", "no": "没有物业服务"}.get(self.served, "")),
        ]

    def rows(self, actor: Actor, on: date) -> QuerySet[Estate]:
        rows = estates_for(actor).filter(ended_on=None)
        grams = search_grams(self.text)
        if self.text:
            rows = rows.filter(name_grams__contains=grams, name__icontains=self.text) if grams else rows.none()
        if self.estate_type:
            rows = rows.filter(estate_type=self.estate_type)
        if self.within:
            rows = rows.filter(place_path__contains=f"/{self.within}/")
        served = Q(projects__from_on__lte=on) & (Q(projects__to_on=None) | Q(projects__to_on__gte=on))
        if self.served in ("yes", "no"):
            serving = Estate.objects.filter(served).values("pk")
            rows = rows.filter(pk__in=serving) if self.served == "yes" else rows.exclude(pk__in=serving)
        return rows


@dataclass(frozen=True)
class KnownFact:
    """A standing fact in words, since when, who said so and when: its origin."""

    name: str
    title: str
    words: str
    from_on: date
    by: str
    at: datetime


def units_owned_by(actor: Actor, *, phone: str = "", id_number: str = "", on: date) -> list[Unit]:
    """The units of the actor's place whose owner has that phone or identity number, found by the hash of the whole."""
    shares = Prefetch("shares", OwnershipShare.objects.select_related("owner").order_by("pk"))
    titles = Ownership.objects.filter(covers(on))
    held = titles.filter(shares__owner__in=core.persons_by(phone=phone, id_number=id_number))
    rows = (
        Unit.objects.filter(pk__in=held.values("unit"), building__estate__place_path__startswith=actor.place_path)
        .select_related("building__estate")
        .prefetch_related(Prefetch("ownerships", titles.prefetch_related(shares), to_attr="today"))
        .order_by("building__estate__name", "building__name", "name")
    )
    return [one for one in rows[:MOST_OWNED] if core.may(actor, "unit.read", one)] if actor.place_path else []


def known_facts(subject: Ref, on: date) -> list[KnownFact]:
    """What holds of the subject that day, in the order of the declarations. One query."""
    rows = (
        StandingFact.objects.filter(subject_kind=subject.kind, subject_id=subject.id, from_on__lte=on)
        .select_related("event")
        .order_by("name", "-from_on", "-pk")
        .distinct("name")
    )
    found = {
        row.name: row
        for row in rows
        if row.value is not None and row.name in FACT and (row.to_on is None or on <= row.to_on)
    }
    return [
        KnownFact(name, FACT[name].title, words_of(name, row.value), row.from_on, row.event.actor_label, row.event.at)
        for name in FACT
        if (row := found.get(name)) is not None
    ]


def company_file(company: Organisation) -> list[KnownFact]:
    """Every line of the company's file, the last first: also what was replaced or has ended since."""
    rows = StandingFact.objects.filter(subject_kind="organisation", subject_id=str(company.pk), name__in=COMPANY_FILE)
    return [
        KnownFact(row.name, FACT[row.name].title, words_of(row.name, row.value), row.from_on, row.event.actor_label,
                  row.event.at)
        for row in rows.filter(value__isnull=False).select_related("event").order_by("-from_on", "-pk")
    ]  # fmt: skip


def joins_of(company: Organisation) -> list[dict[str, Any]]:
    """What it joined, and when: the latest first."""
    rows = Event.objects.filter(
        kind="organisation.merged", subject_kind="organisation", subject_id=str(company.pk)
    ).order_by("-at", "-pk")
    return [
        {
            "into": one.data["into"],
            "way": COMPANY_JOINS.get(one.data["way"], ""),
            "from_on": date.fromisoformat(one.data["from_on"]),
            "projects": one.data["projects"],
            "by": one.actor_label,
            "at": one.at,
        }
        for one in rows
    ]


def listing_of(company: Organisation, on: date) -> list[StandingFact]:
    """The penalties that propose an entry of the black list and are not decided; those of the entry in force else."""
    rows = StandingFact.objects.filter(subject_kind="organisation", subject_id=str(company.pk), from_on__lte=on)
    rows = rows.filter(name="list_pending").select_related("event").order_by("-from_on", "-pk")
    found: list[StandingFact] = []
    for row in rows:
        if row.value is True:
            found.append(row)
        elif found:
            break
    return found


def companies_pending(companies: Iterable[int], on: date) -> set[int]:
    """Of these companies, by their keys, those with an undecided penalty that day."""
    rows = StandingFact.objects.filter(
        subject_kind="organisation", subject_id__in=[str(one) for one in companies], name="list_pending",
        from_on__lte=on,
    )  # fmt: skip
    latest = rows.order_by("subject_id", "-from_on", "-pk").distinct("subject_id")
    return {int(row.subject_id) for row in latest if row.value is True}


def words_of(name: str, stored: Any) -> str:
    value, type_ = typed(name, stored), FACT[name].type
    if isinstance(value, bool):
        return "是" if value else "否"
    if type_.kind == "area_m2":
        return area(value)
    if isinstance(value, date):
        return cn_date(value)
    if name == AREA_LINE:
        points = points_of(value)
        return f"拐点{len(points)}个，约{area_m2(points):,}平方米"
    return type_.label(value) if type_.choices else str(value)


def recordable() -> Mapping[str, str]:
    """The facts of an estate that a person may state, with their titles."""
    return {name: fact.title for name, fact in FACT.items() if name not in NOT_BY_HAND}


def stated_of(organisation: Organisation) -> Mapping[str, str]:
    """The facts of a company, and of a developer who stands behind it, that a person may state, with their titles."""
    names = {"property_company": STATED_OF_COMPANIES, "developer": ("controller",)}.get(organisation.role, ())
    return {name: FACT[name].title for name in names}


def happened_in(estate: Estate, line: str = "", *, paths: Sequence[str] = ()) -> QuerySet[Event]:
    """The events of everything in the estate, the latest first. `line`: only those of one kind of work.

    Events keep the place of their time: those of every community it lay in count, or of the `paths` alone.
    """
    rows = Event.objects.filter(place_path__in=paths or paths_of(estate)).exclude(kind__in=LEFT_OUT)
    if line in LINES:
        wanted = Q(pk=None)
        for prefix in LINES[line][1]:
            wanted |= Q(kind__startswith=prefix)
        rows = rows.filter(wanted)
    return rows.order_by("-at", "-pk")


@dataclass(frozen=True)
class Happened:
    at: datetime
    title: str
    words: str
    who: str
    url: str


def lines_of(events: list[Event], actor: Actor) -> list[Happened]:
    """The events in words; of a row that the actor may not read only that something happened is left out."""
    known = refs.readable(actor, (event.subject for event in events if event.subject_kind != "estate"))
    shown = []
    for event in events:
        if event.subject.key not in known and event.subject_kind not in ("estate", "unit"):
            continue
        url = known.get(event.subject.key, "")
        declared = vocabulary().events.get(event.kind)
        title = declared.title if declared else event.kind
        shown.append(Happened(event.at, title, _note(event), event.actor_label, url))
    return shown


def _note(event: Event) -> str:
    data = event.data
    if event.kind in ("estate.fact_recorded", "organisation.fact_recorded") and data["name"] in FACT:
        value = {"True": "是", "False": "否"}.get(str(data.get("value")), data.get("value") or "不再认定")
        return f"{FACT[data['name']].title}：{value}，自{data['from_on']}"
    if event.kind == "estate.management_set":
        words = (MANAGEMENT_MODES[data["mode"]], data.get("body") or "", f"自{data['from_on']}")
        return "，".join(one for one in words if one)
    if event.kind == "unit.area_corrected":
        return f"{event.subject_title}：{data['was_m2']}㎡改为{data['area_m2']}㎡"
    if event.kind == "unit.entrance_changed":
        was, now = (f"{one}单元" if one else "没有登记单元" for one in (data.get("was"), data.get("entrance")))
        return f"{event.subject_title}：{was}改为{now}"
    if event.kind == "unit.transferred":
        return f"{event.subject_title}，自{data['from_on']}，{data['owners']}人"
    if event.kind in ("project.begun", "project.ended", "project.manager_changed"):
        return f"{data['company']}，{data.get('from_on') or data.get('to_on')}"
    if event.kind in ("estate.merged", "estate.enlarged"):
        return f"{'、'.join(data['estates'])}并入{data['into']}，自{data['from_on']}"
    if event.kind == "estate.moved":
        return f"{data['was']}划到{data['now']}，自{data['from_on']}"
    if event.kind == "estate.split":
        return f"{'、'.join(data['buildings'])}另成{data['new']}，自{data['from_on']}"
    if event.kind == "estate.rows_imported":
        return f"{data['rows']}：新增{data['added']}，更改{data['changed']}"
    if event.kind == "estate.paper_filed":
        return str(data["item"])
    return _own_note(event)


def _own_note(event: Event) -> str:
    data = event.data
    if event.kind == "estate.changed":
        return "；".join(_changed(*pair) for pair in zip(data["was"], data["now"], strict=True))
    if event.kind in ("review.asked", "review.answered"):
        words = (REVIEW_KINDS[data["kind"]], REVIEW_RESULTS.get(data.get("result") or "", ""))
        return "：".join(one for one in words if one)
    return event.subject_title if event.subject_kind not in ("estate", "unit") else ""


def _changed(was: str, now: str) -> str:
    name, old = was.split("=", 1)
    field: Any = Estate._meta.get_field(name)
    words = [dict(field.choices or ()).get(one, one) or "没有登记" for one in (old, now.split("=", 1)[1])]
    return f"{field.verbose_name}：{words[0]}改为{words[1]}"


def entrance_changes(unit: Unit) -> list[Event]:
    """Every correction of the entrance of a unit, the newest first: who, when, and what was."""
    rows = Event.objects.filter(kind="unit.entrance_changed", subject_kind="unit", subject_id=str(unit.pk))
    return list(rows.order_by("-at", "-pk"))


def own_units(actor: Actor) -> QuerySet[Unit]:
    """The units that belong, or once belonged, to the phone number of the actor's account."""
    hashed = actor.user.phone_hash if actor.user is not None else ""
    if not hashed:
        return Unit.objects.none()
    return Unit.objects.filter(ownerships__shares__owner__phone_hash=hashed).distinct()
