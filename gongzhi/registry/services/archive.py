"""The list of what a service archive has to hold: the document's, until a place sets its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.core.models import Place
from gongzhi.core.packs import codes_of
from gongzhi.registry.models import ArchiveCatalogue

LONGEST_ITEM = 60
MOST_ITEMS = 60


@dataclass(frozen=True)
class Items:
    """`set_by` the place that set them; None while they are the document's."""

    items: tuple[str, ...]
    clauses: tuple[str, ...]
    set_by: Place | None = None
    from_on: date | None = None


def archive_items(place_path: str, on: date) -> Items:
    """What holds at the place that day: the nearest place upwards that set a list, else the local document."""
    answer = core.ask("registry.archive_items", {}, place_path=place_path, on=on)
    above = {one.path: one for one in Place.objects.filter(code__in=codes_of(place_path))}
    rows = ArchiveCatalogue.objects.filter(place_path__in=above, from_on__lte=on)
    found = max(rows, key=lambda one: (len(one.place_path), one.from_on, one.pk), default=None)
    if found is None:
        return Items(tuple(answer.value), tuple(answer.clauses))
    return Items(tuple(found.items), tuple(answer.clauses), above[found.place_path], found.from_on)


@transaction.atomic
def set_archive_items(place: Place, *, items: Sequence[str], from_on: date, actor: Actor, now: datetime) -> Items:
    """From that day on the archives of all estates of the place have to hold exactly these."""
    core.require(actor, "archive.set_items", place)
    wanted = [one.strip() for one in items if one.strip()]
    before = archive_items(place.path, from_on)
    fields = {}
    if not wanted:
        fields["items"] = "至少写一类"
    elif len(set(wanted)) != len(wanted):
        fields["items"] = "有重复的类目"
    elif len(wanted) > MOST_ITEMS or max(map(len, wanted)) > LONGEST_ITEM:
        fields["items"] = f"最多{MOST_ITEMS}类，每类不超过{LONGEST_ITEM}字"
    if fields:
        raise Refused("archive_items", f"目录没有改：{fields['items']}。", before.clauses, fields=fields)
    event = core.record(
        "archive.items_set",
        subject=place.ref,
        actor=actor,
        at=now,
        place_path=place.path,
        data={"items": wanted, "was": list(before.items), "from_on": from_on},
    )
    ArchiveCatalogue.objects.create(place_path=place.path, items=wanted, from_on=from_on, event=event, demo=actor.demo)
    return archive_items(place.path, from_on)
