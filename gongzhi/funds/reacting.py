"""What money does when something happens elsewhere."""

from datetime import date
from typing import Any

from django.apps import apps
from django.db import transaction
from django.db.models import Q

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.days import local_day
from gongzhi.core.errors import Refused
from gongzhi.core.models import Event, PlaceBound
from gongzhi.funds.charges.services import note_paid as charges_paid
from gongzhi.funds.common.models import SupervisedAccount
from gongzhi.funds.common.services import pass_supervision
from gongzhi.funds.maintenance.models import FundUse
from gongzhi.funds.public_money import services as public
from gongzhi.funds.public_money.queries import scheme_at
from gongzhi.governance.bodies.models import Body
from gongzhi.governance.bodies.words import COMMITTEES
from gongzhi.ledger.models import Book
from gongzhi.registry import services as registry
from gongzhi.registry.models import Estate, Unit

__all__ = ["charges_paid", "committee_changed", "delivered", "follow_estate", "unit_let"]

AT_DELIVERY = "opening_fee"
PUBLIC_MONEY = "gongzhi.funds.public_money"


def follow_estate(event: Event) -> None:
    """The owners' accounts are one thing from their first entry on: with the estate they go as a whole.

    Public money stays with the budget it came from.
    """
    rows = [model for model in apps.get_app_config("funds").get_models() if issubclass(model, PlaceBound)]
    owners: list[Any] = [model for model in rows if not model.__module__.startswith(PUBLIC_MONEY)]
    was = str(event.data["was_path"])
    for model in (*owners, Book):
        core.rebase(model.objects.all(), old=was, new=event.place_path)
    estate = Estate.objects.get(pk=event.subject_id)
    for column in ("keeper", "supervisor"):
        registry.hand_on(SupervisedAccount, column, Q(to_on=None), was=was, estate=estate)
    registry.hand_on(FundUse, "applicant", Q(state="running"), was=was, estate=estate)


def committee_changed(event: Event) -> None:
    """A committee was filed or ended: the accounts of its estate pass to whom the pack names."""
    body_id = event.data.get("body") or event.subject_id
    body = Body.objects.select_related("estate").filter(pk=body_id).first() if str(body_id).isdigit() else None
    if body is None or body.estate is None or body.kind not in COMMITTEES:
        return
    pass_supervision(body.estate, on=local_day(event.at), actor=Actor.system(demo=event.demo), now=event.at)


def unit_let(event: Event) -> None:
    """A unit was let: the registry learns it, and a resettled household's rebate stops with that day."""
    unit = Unit.objects.select_related("building__estate").get(pk=event.subject_id)
    day = date.fromisoformat(str(event.data["from_on"]))
    registry.record_unit_fact(
        unit, name="let_from", value=day, from_on=day, actor=Actor.system(demo=event.demo), now=event.at
    )  # fmt: skip


def delivered(event: Event) -> None:
    """An estate's day of delivery was recorded: what its document grants at delivery is claimed by the platform."""
    if event.data.get("name") != "delivered_on" or not event.data.get("value"):
        return
    estate = Estate.objects.filter(pk=event.subject_id).first()
    on = local_day(event.at)
    if estate is None or scheme_at(AT_DELIVERY, estate.place_path, on, estate_type=estate.estate_type) is None:
        return
    day = date.fromisoformat(str(event.data["value"]))
    given = {"delivered_on": day}  # the fact itself is written after its event
    asking = public.Asking(scheme=AT_DELIVERY, from_on=day, to_on=day, occasion="交付", given=given)
    try:
        with transaction.atomic():
            public.claim(estate, asking=asking, actor=Actor.system(demo=event.demo), now=event.at)
    except Refused:
        return  # another kind of estate, nothing known of its area, or claimed before: nothing to pay by itself
