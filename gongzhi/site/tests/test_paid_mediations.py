"""One subsidy a case: of a mediation that the platform keeps, its own file says whether and when it was closed."""

from datetime import date, datetime

import pytest

from gongzhi.core.days import ZONE
from gongzhi.funds.maintenance.tests.test_deposits import refuses
from gongzhi.funds.public_money import services as money
from gongzhi.funds.public_money.models import Claim
from gongzhi.funds.public_money.tests.money import asked, city, switch
from gongzhi.mediation.models import MediationFile
from gongzhi.mediation.tests import steps as mediation


@pytest.mark.django_db
@pytest.mark.clause("ZJG-6.1.2b")
def test_a_mediation_is_paid_for_once_it_is_closed_and_in_the_month_of_its_own_day() -> None:
    cast = city("zhangjiagang", "2026-12-31")
    switch(cast, "zhangjiagang", "mediator_fixed", "500")
    switch(cast, "zhangjiagang", "mediator_case", "200")
    file = mediation.asked(cast)

    def claimed(on: date) -> Claim:
        claim: Claim = asked(
            cast, "mediator_pay", by="street_office", papers=("办结登记",), from_on=date(2026, 11, 1),
            to_on=date(2026, 11, 30), people=[money.Person("孙和", date(2026, 1, 1))],
            cases=[money.DoneCase(file.number, on)],
        )  # fmt: skip
        return claim

    assert "还没有办结" in refuses("case_open", lambda: claimed(date(2026, 11, 30))).message
    closed_at = datetime(2026, 11, 20, 9, tzinfo=ZONE)
    MediationFile.objects.update(state="closed", outcome="failed", closed_at=closed_at)
    assert "2026年11月20日" in refuses("case_day", lambda: claimed(date(2026, 11, 30))).message
    assert claimed(date(2026, 11, 20)).amount_fen == 70_000
