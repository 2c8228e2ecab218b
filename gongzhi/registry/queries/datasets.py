"""The five kinds of basic data of an estate and how complete each is: so many of what there should be."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q

from gongzhi.core.display import percent
from gongzhi.registry.models import Estate, Facility, Ownership, Unit, covers
from gongzhi.registry.queries.indicators import Picture

TITLES = {
    "units": "房屋", "facilities": "设施设备", "owners": "业主", "committee": "业主委员会", "company": "物业服务企业",
}  # fmt: skip
OF_COMPANY = ("company", "manager", "service_standard", "fee")
TO_BE_INSPECTED = ("elevator", "special")


@dataclass(frozen=True)
class Dataset:
    """`whole` 0: nothing is known of how many there should be."""

    code: str
    part: int
    whole: int
    means: str

    @property
    def title(self) -> str:
        return TITLES[self.code]

    @property
    def rate(self) -> str:
        return percent(self.part, self.whole) if self.whole else "0.0%"


def of_estates(estates: Sequence[Estate], on: date) -> dict[int, list[Dataset]]:
    """Per estate the five, in a fixed number of statements however many estates there are."""
    picture = Picture.of(estates, on)
    units = _counted(Unit.objects.filter(building__estate__in=estates), "building__estate")
    owned = _counted(Ownership.objects.filter(covers(on), unit__building__estate__in=estates), "unit__building__estate")
    pieces = Facility.objects.filter(estate__in=estates, ended_on=None)
    whole = _counted(pieces, "estate")
    # Where a lift stands and how long its inspection holds; of other equipment, where it is.
    placed = ~Q(location="") | Q(building__isnull=False)
    full = _counted(pieces.filter(placed).exclude(kind__in=TO_BE_INSPECTED, valid_until=None), "estate")
    found = {}
    for one in estates:
        known = units.get(one.pk, 0)
        expected = max(one.households or 0, known)
        committee = _committee(picture, one)
        company = sum(picture.given(one, item) for item in OF_COMPANY)
        found[one.pk] = [
            Dataset("units", known, expected, f"已登记{known}套，应有{expected}套"),
            Dataset(
                "facilities", full.get(one.pk, 0), whole.get(one.pk, 0),
                f"{whole.get(one.pk, 0)}台（处），位置和检验有效期齐全{full.get(one.pk, 0)}台（处）",
            ),
            Dataset("owners", owned.get(one.pk, 0), known, f"{known}套中有业主{owned.get(one.pk, 0)}套"),
            Dataset("committee", *committee),
            Dataset("company", company, len(OF_COMPANY), f"企业、负责人、标准、收费四项有{company}项"),
        ]  # fmt: skip
    return found


def _counted(rows: object, key: str) -> dict[int, int]:
    found = rows.order_by().values_list(key).annotate(number=Count("pk"))  # type: ignore[attr-defined]
    return dict(found)


def _committee(picture: Picture, estate: Estate) -> tuple[int, int, str]:
    """Whether there is one is known; of an owners' committee, also until when its term runs."""
    if not picture.given(estate, "committee"):
        return 0, 1, "有没有业委会（物管会）没有登记"
    if not picture.fact(estate, "has_owners_committee"):
        return 1, 1, "有没有业委会（物管会）已登记"
    term = picture.fact(estate, "committee_term_until")
    return (2, 2, f"任期到{term}") if term else (1, 2, "任期没有登记")
