"""An estate with units, owners, terms and tariffs, as the tests of charges need them."""

from datetime import date
from decimal import Decimal
from typing import Any

from gongzhi.core.actors import Actor
from gongzhi.core.models import Event, PersonalData
from gongzhi.core.tests.cast import Cast
from gongzhi.funds.charges import services as charges
from gongzhi.funds.charges.models import Bill, ChargeTerms, Tariff
from gongzhi.registry.models import Ownership, OwnershipShare, Project, Unit


def project_of(cast: Cast) -> Project:
    return Project.objects.select_related("estate", "company").get(estate=cast.estate)


def manager(cast: Cast) -> Actor:
    return cast.actor("project_manager")


def terms(cast: Cast, **more: Any) -> ChargeTerms:
    project = project_of(cast)
    return ChargeTerms.objects.create(
        project=project, due_days=30, from_on=date(2021, 1, 1), place_path=project.place_path, **more
    )


def bill(cast: Cast, unit: Unit, yuan: str, *, due: date, fee: str = "service", key: str = "") -> Bill:
    item = charges.Item(fee, "物业费", int(Decimal(yuan) * 100))
    return charges.bill_once(
        unit, project=project_of(cast), items=[item], from_on=cast.now.date().replace(day=1), to_on=due, due_on=due,
        key=key or f"{unit.pk}-{yuan}-{due}", actor=manager(cast), now=cast.now,
    )  # fmt: skip


def pay(cast: Cast, bills: list[Bill], yuan: str, *, on: date | None = None, key: str = "k1", **more: Any) -> Any:
    return charges.settle(
        bills, amount_fen=int(Decimal(yuan) * 100), channel=more.pop("channel", "cash"), key=key,
        on=on or cast.now.date(), actor=more.pop("actor", manager(cast)), now=more.pop("now", cast.now), **more,
    )  # fmt: skip


def tariff(
    cast: Cast,
    price: str,
    *,
    every: int = 1,
    fee: str = "service",
    basis: str = "area",
    title: str = "物业公共服务费",
    use: str = "",
    since: date = date(2021, 1, 1),
    to: date | None = None,
    **more: Any,
) -> Tariff:
    project = project_of(cast)
    return Tariff.objects.create(
        project=project, fee=fee, title=title, price_kind="market", basis=basis, price=Decimal(price), every=every,
        use=use, state="in_force", from_on=since, to_on=to, place_path=project.place_path, **more,
    )  # fmt: skip


def owned(unit: Unit, name: str, *, since: date, cast: Cast, phone_hash: str = "") -> Ownership:
    person = PersonalData.objects.create(
        masked_name=f"{name[0]}**", phone_hash=phone_hash, created_at=cast.now, place_path=unit.place_path
    )
    title = Ownership.objects.create(unit=unit, from_on=since, event=Event.objects.order_by("pk").first())
    OwnershipShare.objects.create(ownership=title, owner=person, numerator=1, denominator=1)
    return title
