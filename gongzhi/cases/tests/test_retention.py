"""Who complained is forgotten when the period is over: his data, and his name in the words that he wrote."""

from datetime import timedelta
from typing import Any

import pytest

from gongzhi.cases import services
from gongzhi.cases.models import Case, Complaint
from gongzhi.cases.services import retention
from gongzhi.cases.tests.steps import answered, at, submitted
from gongzhi.core import services as core
from gongzhi.core.errors import Refused
from gongzhi.core.models import Event
from gongzhi.core.tests.cast import Cast


@pytest.fixture(autouse=True)
def a_year(settings: Any) -> None:
    settings.PERSONAL_DATA_DAYS = 365


def ended(cast: Cast) -> Case:
    case = answered(
        cast, "price_violation", lead="market_regulation", now=at(5, 5), text="我是陈建国，电话13812345678，价格不对。"
    )
    return services.close_case(case, actor=cast.actor("market_regulation"), now=at(5, 6))


def test_after_the_period_the_person_is_erased_and_the_case_stays(cast: Cast) -> None:
    case = ended(cast)
    assert retention.erase_due(now=at(5, 6) + timedelta(days=364)) == 0
    late = at(5, 6) + timedelta(days=366)
    assert (retention.erase_due(now=late), retention.erase_due(now=late)) == (1, 0)
    complaint = Complaint.objects.select_related("complainant").get()
    person = complaint.complainant
    assert person is not None and person.erased_at == late
    assert not any((person.name_cipher, person.phone_cipher, person.address_cipher, person.phone_hash))
    case.refresh_from_db()
    kept = f"{case.text}{case.location}{complaint.text}{complaint.location}"
    assert "陈建国" not in kept and "13812345678" not in kept and "价格不对" in kept
    with pytest.raises(Refused, match="保存期限"):
        core.reveal(person, "name", reason="contact", actor=cast.actor("housing"), now=late)
    event = Event.objects.get(kind="complaint.identity_erased")
    assert event.subject_id == str(complaint.pk) and event.data == {"kept_days": 365, "cases": 1}


def test_of_a_case_that_still_runs_nothing_is_erased(cast: Cast) -> None:
    submitted(cast, "price_violation")
    assert retention.erase_due(now=at(5, 5) + timedelta(days=4000)) == 0
    assert Complaint.objects.get().complainant.erased_at is None  # type: ignore[union-attr]
