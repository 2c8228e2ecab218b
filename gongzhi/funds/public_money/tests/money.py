"""What the tests of public money share: offices that the cast lacks, budgets, claims on their way."""

from datetime import date
from decimal import Decimal
from typing import Any

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.models import Event
from gongzhi.core.tests.cast import Cast, _person, build
from gongzhi.funds.maintenance.tests.fund import day, file, switch
from gongzhi.funds.public_money import services as money
from gongzhi.funds.public_money.models import Budget, Claim
from gongzhi.registry.services import set_fact

COUNTY = {"zhangjiagang": "320582", "jinhua": "330782", "jiangyin": "320281", "meixian": "610326", "jiujiang": "340207"}
SINCE = date(2020, 1, 1)
PLACE = {"county": "county", "street": "street", "responsible_unit": "street"}
BY = {"verify": "street_office", "review": "housing", "approve": "finance", "match": "street_government",
      "notice": "housing", "pay": "treasury", "audit": "audit"}  # fmt: skip


def city(pack: str, moment: str) -> Cast:
    cast = build(day(moment), county=COUNTY[pack], pack=pack)
    for role in ("finance", "audit"):
        if role not in cast.organisations:
            cast.organisations[role] = core.ensure_organisation(role, place=cast.county)
    for role in ("finance", "audit", "street_government", "leading_group_office", "urban_management", "housing"):
        if role not in cast.users:
            _person(cast, role, f"经办{role}", organisation=cast.organisations[role])
    _person(cast, "treasury", "支付岗", organisation=cast.organisations["finance"])
    return cast


def known(cast: Cast, subject: Any, since: date = SINCE, **facts: Any) -> None:
    """Facts written down as if their own page had recorded them."""
    event = Event.objects.order_by("pk").first()
    for name, value in facts.items():
        set_fact(subject.ref, name, value, from_on=since, event=event)


def budget(cast: Cast, yuan: str, *, item: str, payer: str = "county", year: int | None = None, **more: Any) -> Budget:
    place = cast.county if PLACE[payer] == "county" else cast.street
    given = {"basis": "年度预算批复", "key": f"{item}{payer}{yuan}{year}", "on": cast.now.date(), **more}
    return money.appropriate(
        place, payer=payer, year=year or cast.now.year, item=item, amount_fen=int(Decimal(yuan) * 100),
        actor=given.pop("actor", Actor.system()), now=cast.now, **given,
    )  # fmt: skip


def asked(cast: Cast, scheme: str, *, by: str, estate: Any = "own", papers: tuple[str, ...] = (), **more: Any) -> Claim:
    where = cast.estate if estate == "own" else estate
    year = cast.now.year
    given = {"from_on": date(year, 1, 1), "to_on": date(year, 12, 31), **more}
    files = [(name, file(cast, cast.estate)) for name in papers]
    return money.claim(
        where, asking=money.Asking(scheme=scheme, papers=files, **given), place_path=cast.county.path,
        actor=cast.actor(by), now=cast.now,
    )  # fmt: skip


def took(cast: Cast, claim: Claim, name: str, *, by: str = "", now: Any = None, **more: Any) -> Claim:
    moment = now or cast.now
    given = {"on": moment.date(), **more}
    if name == "pay" and "voucher" not in given:
        given["voucher"] = file(cast, claim)
    return money.take_step(claim, step=name, given=money.Step(**given), actor=cast.actor(by or BY[name]), now=moment)


def until(cast: Cast, claim: Claim, last: str, **more: Any) -> Claim:
    """Every step up to and including `last`, each by whom it belongs to."""
    for name in claim.steps:
        claim = took(cast, claim, name, **more)
        if name == last:
            return claim
    raise AssertionError(f"{claim} has no step {last}")


__all__ = ["COUNTY", "asked", "budget", "city", "day", "file", "known", "switch", "took", "until"]
