"""公共收益抵物业费: what an old estate earns lowers what each household still has to pay."""

from datetime import datetime

from django.db import transaction

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.funds.charges.models import Settlement
from gongzhi.funds.charges.services import HomePart, settle_each
from gongzhi.funds.maintenance.services.common import area_weight
from gongzhi.funds.revenue.models import RevenueItem
from gongzhi.ledger import services as ledger
from gongzhi.registry.models import Project, Unit


@transaction.atomic
def credit_households(item: RevenueItem, *, project: Project | None, now: datetime) -> list[Settlement]:
    """Each home gets its part as a payment: of its open bills, the oldest first; the rest is kept for the next ones.

    Nothing where the pack does not say how the money is shared out. Refuses `no_project` while nobody charges.
    """
    estate = item.estate
    answer = core.ask(
        "funds.household_credit", {"estate_type": estate.estate_type}, place_path=estate.place_path, on=item.on
    )
    by = (answer.value or {}).get("by")
    if by is None:
        return []
    homes = list(
        Unit.objects.filter(building__estate=estate, use="residence").select_related("building__estate").order_by("pk")
    )
    if project is None or not homes:
        raise Refused("no_project", "没有收物业费的单位或没有住宅，不能抵物业费。", clause=tuple(answer.clauses))
    weights = [(unit.pk, area_weight(unit) if by == "area" else 1) for unit in homes]
    split = ledger.apportion(item.amount_fen, weights, rest_to=str(answer.value["rest_to"]))
    parts = {int(str(part.key)): part.amount_fen for part in split.parts if part.amount_fen}
    each = [HomePart(unit, parts[unit.pk], f"revenue:{item.pk}:{unit.pk}") for unit in homes if unit.pk in parts]
    actor = Actor.system(demo=item.demo)
    return settle_each(each, project=project, channel="revenue", on=item.on, text=item.text, actor=actor, now=now)
