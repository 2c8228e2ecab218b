"""What the desk lists, as pages, Excel and the API do; and the units below to whom work may go."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q, QuerySet

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.models import Organisation
from gongzhi.duties import queries
from gongzhi.duties.models import Duty

LONGEST_SEARCH = 50
TABS = (queries.MINE, queries.UNIT, queries.DONE)
TAB_TITLES = {queries.MINE: "我本人", queries.UNIT: "本单位", queries.DONE: "已办"}


@dataclass(frozen=True)
class Filter:
    """What the desk shows: whose, which group, and words. The export and the bulk acts carry the same."""

    tab: str = queries.UNIT
    group: str = ""
    words: str = ""

    @classmethod
    def of(cls, data: Any, *, default: str = queries.UNIT) -> "Filter":
        tab, group = data.get("tab", ""), data.get("group", "")
        return cls(
            tab=tab if tab in TABS else default,
            group=group if group in queries.GROUPS else "",
            words=str(data.get("words", "")).strip()[:LONGEST_SEARCH],
        )

    def rows(self, actor: Actor, bounds: queries.Bounds) -> QuerySet[Duty]:
        rows = self.before_group(actor)
        return rows.filter(bounds.condition(self.group)) if self.group and self.tab != queries.DONE else rows

    def before_group(self, actor: Actor) -> QuerySet[Duty]:
        rows = queries.due_for(actor, scope=self.tab)
        if not self.words:
            return rows
        return rows.filter(
            Q(title__icontains=self.words)
            | Q(subject_title__icontains=self.words)
            | Q(estate__name__icontains=self.words)
        )

    def conditions(self) -> list[tuple[str, str]]:
        """The filter in words."""
        group = queries.GROUPS[self.group][0] if self.group else ""
        return [("看谁的", TAB_TITLES[self.tab]), ("到期情况", group), ("搜索", self.words)]

    def query(self, **changes: str) -> str:
        given = {"tab": self.tab, "group": self.group, "words": self.words, **changes}
        return urlencode({name: value for name, value in given.items() if value})


def units_below(actor: Actor) -> Any:
    """The organisations in the actor's subtree, but for its own, the nearest first."""
    if actor.organisation is None:
        return Organisation.objects.none()
    return (
        Organisation.objects.within(actor.place_path)
        .filter(active=True)
        .exclude(pk=actor.organisation.pk)
        .order_by("place_path", "name")
    )


def work_of(organisation: Organisation, actor: Actor) -> QuerySet[Duty]:
    """What the unit owes, for itself and for whoever supervises it."""
    rows = queries.of_unit(organisation).select_related("owner_organisation", "assigned_to", "estate")
    if actor.organisation is not None and actor.organisation.pk == organisation.pk:
        return rows
    core.require(actor, "duty.supervise", _Below(organisation, actor.place_path))
    # A department of the county also works outside this supervisor's part of it.
    return rows.filter(place_path__startswith=actor.place_path)


class _Below:
    """A unit seen from a supervisor: its work lies in the supervisor's subtree, even where its seat is above it."""

    def __init__(self, organisation: Organisation, place_path: str) -> None:
        above = place_path.startswith(organisation.place_path)
        self.place_path = place_path if above else organisation.place_path
