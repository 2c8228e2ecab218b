"""What everybody may see of an estate's equipment: until when its inspection holds, who looks after it."""

from dataclasses import dataclass
from datetime import date

from gongzhi.equipment.queries.rules import kind_rule
from gongzhi.registry.models import Estate, Facility
from gongzhi.registry.queries import facilities as found_by


@dataclass(frozen=True)
class Open:
    piece: Facility
    words: str
    css: str
    last_on: date | None
    clauses: tuple[str, ...]


def shown_of(estate: Estate, on: date) -> list[Open]:
    """Only the kinds that the document lets owners see."""
    kinds = set(Facility.objects.filter(estate=estate, ended_on=None).values_list("kind", flat=True))
    rules = {one: kind_rule(estate, one, on) for one in sorted(kinds)}
    open_kinds = [one for one, rule in rules.items() if rule.value.get("shown")]
    rows = Facility.objects.filter(estate=estate, ended_on=None, kind__in=open_kinds).select_related("building")
    days = int(found_by.warning(estate.place_path, on).value)
    shown = []
    for one in found_by.shown(rows.order_by("kind", "building__name", "code"), on, days=days):
        last = one.facility.inspections.filter(item="inspection").first()
        stopped = one.facility.suspended_on is not None
        shown.append(
            Open(one.facility, "停止使用" if stopped else one.words, "gz-over" if stopped else one.css,
                 last.inspected_on if last else None, rules[one.facility.kind].clauses)
        )  # fmt: skip
    return shown
