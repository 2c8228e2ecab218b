"""What a payer has to add to a claim that another payer has approved, beside what its budget still has."""

from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Sum

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.models import Place
from gongzhi.funds.public_money.models import ClaimShare
from gongzhi.funds.public_money.queries import balance_of, budget_for
from gongzhi.funds.public_money.words import ITEMS


@dataclass(frozen=True)
class Unmatched:
    """应配未配: what a place has to add to parts that others have approved, beside what its budget still has, in 分."""

    place: Place
    payer: str
    item: str
    owed_fen: int
    free_fen: int

    @property
    def gap_fen(self) -> int:
        return max(self.owed_fen - self.free_fen, 0)

    @property
    def words(self) -> str:
        owed, free = core.yuan(self.owed_fen), core.yuan(self.free_fen)
        return f"{ITEMS[self.item]}应配{owed}元，预算还有{free}元，差{core.yuan(self.gap_fen)}元"


def unmatched(actor: Actor, *, year: int) -> list[Unmatched]:
    """The places whose budget of the year cannot bear what they have to match."""
    if not actor.place_path:
        return []
    others = ClaimShare.objects.filter(claim=OuterRef("claim")).exclude(committed=None)
    waiting = ClaimShare.objects.filter(
        Exists(others), committed=None, amount_fen__gt=0, claim__state="running", claim__steps__contains=["match"],
        place__path__startswith=actor.place_path,
    ).values("place", "payer", "item").annotate(owed=Sum("amount_fen")).order_by("place", "item")  # fmt: skip
    places = Place.objects.in_bulk([one["place"] for one in waiting])
    found = []
    for one in waiting:
        place = places[one["place"]]
        row = budget_for(payer=one["payer"], place_path=place.path, item=one["item"], year=year)
        free = balance_of(row).free_fen if row is not None else 0
        found.append(Unmatched(place, one["payer"], one["item"], one["owed"], free))
    return [one for one in found if one.gap_fen]
