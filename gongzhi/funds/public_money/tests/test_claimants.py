"""Who claims for whom and who reads it; which day's document computes it."""

from datetime import date
from decimal import Decimal

import pytest

from gongzhi.core import packs
from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.models import PackAttachment
from gongzhi.core.tests.cast import _person
from gongzhi.funds.maintenance.tests.test_deposits import refuses
from gongzhi.funds.public_money import queries
from gongzhi.funds.public_money import services as money
from gongzhi.funds.public_money.services import claiming
from gongzhi.funds.public_money.tests.money import asked, file, switch, took
from gongzhi.funds.public_money.tests.test_claims import cast, change, delivered, in_city, rebate
from gongzhi.registry.services import OwnerInput, transfer_unit

__all__ = ["cast"]


@in_city("jiangyin", "2026-12-31")
@pytest.mark.clause("JY-2.8.20-2")
def test_the_office_that_has_a_step_finds_and_reads_the_claim_and_no_other_office_does(cast):
    switch(cast, "jiangyin", "waste_excellent", "20")
    change(cast.estate, households=300)
    row = asked(
        cast, "waste_award", by="street_office", papers=("考核结果",), given={"grade": "excellent"},
        from_on=date(2026, 1, 1), to_on=date(2026, 12, 31),
    )  # fmt: skip
    assert row.amount_fen == 600_000
    if "police" not in cast.users:
        _person(cast, "police", "经办police", organisation=core.ensure_organisation("police", place=cast.county))
    on = cast.now.date()
    for role, reads in (("urban_management", True), ("police", False)):
        actor = cast.actor(role)
        assert queries.may_read_claim(actor, row) is reads, role
        assert queries.claims_for(actor, on=on).exists() is reads, role
    assert "申请是您提的" in refuses("kept_apart", lambda: took(cast, row, "verify")).message
    took(cast, row, "verify", by="street_government")
    took(cast, row, "review", by="urban_management")
    assert queries.next_step(row) == "approve"


@in_city("zhangjiagang", "2028-05-01")
@pytest.mark.clause("ZJG-4.3.2a", "ZJG-6.3.2b")
def test_an_owner_claims_for_his_own_unit_alone_and_reads_what_he_bears_himself(cast):
    mine, other, _ = delivered(cast)
    owner = cast.actor("owner")
    owner.user.set_phone("13900000001")
    owner.user.save()
    transfer_unit(
        mine,
        owners=[OwnerInput("张三", "13900000001", "", None)],
        from_on=date(2023, 4, 1),
        actor=Actor.system(),
        now=cast.now,
    )
    year = {"scheme": "resettlement_rebate", "from_on": date(2026, 4, 1), "to_on": date(2027, 3, 31)}
    given = {"given": {"paid": Decimal("1392")}, "papers": [("缴费凭证", file(cast, cast.estate))]}
    ask = lambda unit: money.claim(  # noqa: E731
        cast.estate, asking=money.Asking(**year, **given, unit=unit), actor=owner, now=cast.now
    )
    assert refuses("not_yours", lambda: ask(other)).fields["unit"]
    claim = ask(mine)
    line = claim.lines.get()
    assert (claim.amount_fen, line.basis["value"]["own"]) == (104_400, 34_800) and claim.payee == owner.label


@in_city("zhangjiagang", "2028-05-01")
@pytest.mark.clause("ZJG-6.3.2a", "ZJG-6.1.1a")
def test_days_before_the_document_held_here_count_as_its_first_day(cast):
    unit, *_ = delivered(cast)
    PackAttachment.objects.filter(pack="zhangjiagang").update(since=date(2028, 1, 1))
    packs.changed()
    assert rebate(cast, unit, "2023-04-01", "2024-03-31", "1392").amount_fen == 139_200
    assert claiming._first_day(cast.estate.place_path, date(2023, 4, 1), date(2028, 5, 1)) == date(2028, 1, 1)
