"""What is known of the estates of a place, as the local document wants it known: rates, and who is missing."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from gongzhi.core import services as core
from gongzhi.core.display import percent
from gongzhi.registry.models import Estate, EstateReview, Project, ProjectManager, StandingFact, covers
from gongzhi.registry.questions import COVERAGES, ESTATE_TYPES, ITEM_LISTS, ITEMS, LIST_WORDS


@dataclass(frozen=True)
class Missing:
    estate: Estate
    items: tuple[str, ...]


@dataclass(frozen=True)
class Indicator:
    """So many of so many; `missing` the others, with what is missing of each."""

    code: str
    title: str
    part: int
    whole: int
    missing: tuple[Missing, ...]
    clauses: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def rate(self) -> str:
        return percent(self.part, self.whole)

    @property
    def words(self) -> tuple[str, str]:
        """What an estate is called that has everything, and one that lacks something; empty where there is no word."""
        return LIST_WORDS.get(self.code, ("", ""))


@dataclass
class Picture:
    """Everything the indicators need of a place that day: five queries, however many estates there are."""

    estates: list[Estate]
    facts: dict[str, dict[str, Any]]
    projects: dict[int, Project]
    managers: set[int]
    on: date

    @classmethod
    def of(cls, estates: Iterable[Estate], on: date) -> "Picture":
        rows = list(estates)
        keys = [str(one.pk) for one in rows]
        facts: dict[str, dict[str, Any]] = {}
        for fact in (
            StandingFact.objects.filter(subject_kind="estate", subject_id__in=keys, from_on__lte=on)
            .order_by("subject_id", "name", "-from_on", "-pk")
            .distinct("subject_id", "name")
        ):
            if fact.value is not None and (fact.to_on is None or on <= fact.to_on):
                facts.setdefault(fact.subject_id, {})[fact.name] = fact.value
        projects = {
            one.estate_id: one for one in Project.objects.filter(covers(on), estate__in=rows).select_related("company")
        }
        managers = set(
            ProjectManager.objects.filter(covers(on), project__in=projects.values()).values_list(
                "project_id", flat=True
            )
        )
        return cls(rows, facts, projects, managers, on)

    def fact(self, estate: Estate, name: str) -> Any:
        return self.facts.get(str(estate.pk), {}).get(name)

    def served(self, estate: Estate) -> bool:
        return estate.pk in self.projects

    def organised(self, estate: Estate) -> bool:
        """One of the two committees; an estate with both counts once."""
        return bool(self.fact(estate, "has_owners_committee") or self.fact(estate, "has_management_committee"))

    def given(self, estate: Estate, item: str) -> bool:
        """Is it known? `no` is known as well."""
        project = self.projects.get(estate.pk)
        if item == "committee":
            names = ("has_owners_committee", "has_management_committee")
            return any(self.fact(estate, name) is not None for name in names)
        if item == "service":
            return project is not None or self.fact(estate, "unmanaged_confirmed") is not None
        if item in ("households", "building_area_m2"):
            return getattr(estate, item) is not None
        if item == "manager":
            return project is not None and project.pk in self.managers
        if item == "fee":
            return project is not None and (bool(project.fee) or project.fee_yuan_m2_month is not None)
        if item == "service_standard":
            return project is not None and bool(project.service_standard)
        return project is not None if item == "company" else self.fact(estate, item) not in (None, "")


def required_lists(picture: Picture, place_path: str) -> list[Indicator]:
    """A completion rate for each list of the local document, with the estates that lack something."""
    found = []
    for code, title in ITEM_LISTS.items():
        answer = core.ask("registry.required_items", {"list": code}, place_path=place_path, on=picture.on)
        if answer.ok and answer.value.get("items"):
            only_served = bool(answer.value.get("only_served"))
            counted = [one for one in picture.estates if not only_served or picture.served(one)]
            lacking = [Missing(one, _lacks(picture, one, answer.value["items"])) for one in counted]
            missing = tuple(one for one in lacking if one.items)
            found.append(
                Indicator(
                    code, f"{title}完成率", len(counted) - len(missing), len(counted), missing, tuple(answer.clauses),
                    tuple(answer.defaults),
                )
            )  # fmt: skip
    return found


def _lacks(picture: Picture, estate: Estate, items: Sequence[str]) -> tuple[str, ...]:
    return tuple(ITEMS[item] for item in items if not picture.given(estate, item))


def lacking(estate: Estate, on: date) -> list[Indicator]:
    """The same for one estate: which lists lack what."""
    return required_lists(Picture.of([estate], on), estate.place_path)


def coverages(picture: Picture, place_path: str) -> list[Indicator]:
    found = []
    for code, title in COVERAGES.items():
        answer = core.ask("registry.coverage", {"coverage": code}, place_path=place_path, on=picture.on)
        if not answer.ok or not answer.value.get("shown"):
            continue
        counted = [one for one in picture.estates if one.estate_type in answer.value["counted_types"]]
        if code == "service":
            kinds = answer.value.get("served_by") or ()
            covered = [one for one in counted if picture.served(one) and picture.projects[one.pk].service_kind in kinds]
        else:
            covered = [one for one in counted if picture.organised(one)]
        chosen = {one.pk for one in covered}
        gaps = tuple(Missing(one, (title[:-1],)) for one in counted if one.pk not in chosen)
        found.append(
            Indicator(
                f"{code}_coverage",
                title,
                len(covered),
                len(counted),
                gaps,
                tuple(answer.clauses),
                tuple(answer.defaults),
            )
        )
    return found


def unserved(picture: Picture) -> tuple[list[Estate], list[Estate]]:
    """Estates that nobody serves that day: those the street has not looked at yet, and those it confirmed."""
    nobody = [one for one in picture.estates if not picture.served(one) and one.estate_type != "non_residential"]
    confirmed = [one for one in nobody if picture.fact(one, "unmanaged_confirmed") is True]
    return [one for one in nobody if one not in confirmed], confirmed


def unguided(picture: Picture) -> list[Estate]:
    """Estates without a committee for which nobody is named to help, or no next day."""
    return [
        one
        for one in picture.estates
        if not picture.organised(one)
        and not (picture.fact(one, "guidance_person") and picture.fact(one, "guidance_next_on"))
    ]


def by_type(picture: Picture, place_path: str) -> list[tuple[str, str, int]]:
    """How many of each type of the local document; types it does not know only where some are left."""
    answer = core.ask("registry.estate_types", {}, place_path=place_path, on=picture.on)
    local = answer.value["types"] if answer.ok else list(ESTATE_TYPES)
    counts = {code: sum(one.estate_type == code for one in picture.estates) for code in ESTATE_TYPES}
    return [(code, title, counts[code]) for code, title in ESTATE_TYPES.items() if code in local or counts[code]]


def waiting_reviews(estates: Iterable[Estate], place_path: str, on: date) -> list[Indicator]:
    """Per matter that a competent unit has to settle for every estate: how many are settled, and which are not."""
    rows = list(estates)
    settled: dict[str, set[int]] = {}
    for pk, kind in EstateReview.objects.filter(estate__in=rows, result="agreed").values_list("estate_id", "kind"):
        settled.setdefault(kind, set()).add(pk)
    found = []
    for kind, title in EVERY_ESTATE.items():
        answer = core.ask("registry.review", {"kind": kind}, place_path=place_path, on=on)
        if answer.ok and answer.value.get("desk"):
            open_ones = tuple(Missing(one, (title,)) for one in rows if one.pk not in settled.get(kind, set()))
            found.append(
                Indicator(
                    kind, f"{title}完成率", len(rows) - len(open_ones), len(rows), open_ones, tuple(answer.clauses)
                )
            )
    return found


EVERY_ESTATE = {"community_choice": "社区归属", "community_premises": "社区用房验收"}
