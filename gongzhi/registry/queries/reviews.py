"""What competent units are asked to state about estates: who is asked by the local document, and about what exactly."""

from dataclasses import dataclass
from datetime import date

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.display import role_name
from gongzhi.core.models import Place
from gongzhi.registry.models import Building, Estate, EstateReview
from gongzhi.registry.queries.known import organisation_for
from gongzhi.registry.questions import REVIEW_KINDS


@dataclass(frozen=True)
class Offered:
    """One matter that somebody else has to state an opinion on, here and now."""

    kind: str
    title: str
    desk: str
    choices: tuple[str, ...]
    sets_up: tuple[str, ...]
    by_whom: tuple[str, ...]
    clauses: tuple[str, ...]
    mine: bool


def reviews_offered(estate: Estate, actor: Actor, on: date) -> dict[str, Offered]:
    """By the code of the matter: those for which the local document names a unit."""
    found = {}
    pack = core.pack_for(estate.place_path, on)
    for kind, title in REVIEW_KINDS.items():
        answer = core.ask(
            "registry.review", {"kind": kind, "estate_type": estate.estate_type}, place_path=estate.place_path, on=on
        )
        if not answer.ok or not answer.value.get("desk"):
            continue
        role, asked_by = answer.value["desk"], tuple(answer.value.get("asked_by") or ())
        unit = organisation_for(role, estate.place_path, estate)
        found[kind] = Offered(
            kind=kind,
            title=title,
            desk=unit.name if unit is not None else role_name(role, pack),
            choices=tuple(answer.value.get("choices") or ()),
            sets_up=tuple(answer.value.get("sets_up") or ()),
            by_whom=tuple(role_name(one, pack) for one in asked_by),
            clauses=tuple(answer.clauses),
            mine=not asked_by or actor.role in asked_by,
        )
    return found


def about_words(review: EstateReview) -> list[tuple[str, str]]:
    """What exactly is asked about, in words."""
    about = review.details
    found = []
    if review.choice:
        found.append(("选定", review.choice))
    if about.get("community"):
        place = Place.objects.filter(code=about["community"]).first()
        found.append(("社区（村）", place.name if place is not None else about["community"]))
    if about.get("new_community"):
        found.append(("新社区", about["new_community"]))
    for name, title, rows in (
        ("merge", "并入的小区", Estate.objects.all()),
        ("split", "拆出的楼幢", Building.objects.all()),
    ):
        if about.get(name):
            names = rows.filter(pk__in=about[name]).order_by("name").values_list("name", flat=True)
            found.append((title, "、".join(names)))
    return found
