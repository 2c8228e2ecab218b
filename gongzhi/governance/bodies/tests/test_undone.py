"""Decisions that the street or a court undoes, where only national law speaks."""

import pytest

from gongzhi.core.errors import Refused
from gongzhi.governance.bodies import services as bodies
from gongzhi.governance.bodies.queries.decisions import revocation_of_decision
from gongzhi.governance.bodies.tests.steps import SYSTEM, city, committee, day, owners

pytestmark = pytest.mark.django_db


@pytest.mark.clause("TL-19")
def test_where_only_national_law_speaks_the_street_orders_or_revokes_and_tells_every_owner():
    """Jinhua's document says nothing of unlawful decisions."""
    cast = city("jinhua", "2024-05-06")
    homes = owners(cast.estate, 5)
    body, street = committee(cast, cast.estate, units=homes), cast.actor("street_office")
    kept = _decided(cast, body)
    order = bodies.open_correction(kept, kind="order", grounds="没有依据", actor=street, now=cast.now)
    assert order.basis["clauses"] == ["TL-19"] and order.consulted is None
    with pytest.raises(Refused) as refused:
        bodies.issue_correction(order, actor=street, now=cast.now)
    assert "due_on" in refused.value.fields, "the law has no number of days: the street sets the day"
    order = bodies.issue_correction(order, due_on=day("2024-05-20"), actor=street, now=cast.now)
    assert (order.state, order.notices.count()) == ("ordered", 5)
    revoked = bodies.open_correction(kept, kind="revoke", grounds="逾期不改正", actor=street, now=cast.now)
    revoked = bodies.issue_correction(revoked, actor=street, now=cast.now)
    kept.refresh_from_db()
    assert kept.revoked_on == day("2024-05-06") and revoked.notices.count() == 5
    assert "撤销决定通告" in revoked.document.title


def _decided(cast, body):
    return bodies.record_decision(
        cast.estate, body=body, title="平分收益", text="平分给委员", decided_on=day("2024-05-06"), actor=SYSTEM,
        now=cast.now,
    )  # fmt: skip


@pytest.mark.clause("CC-280", "SPC-12")
@pytest.mark.parametrize("slug", ["jinhua", "meixian"])
def test_a_court_annuls_a_decision_and_what_rests_on_it_stands_still(slug):
    """Nobody is consulted about a judgment, in Meixian neither, and every owner is told of it."""
    cast = city(slug, "2024-05-06")
    homes = owners(cast.estate, 5)
    body, street = committee(cast, cast.estate, units=homes), cast.actor("street_office")
    kept = _decided(cast, body)
    assert revocation_of_decision(kept) is None, "until then it binds"
    row = bodies.open_correction(kept, kind="court", grounds="某法院（2024）民初1号", actor=street, now=cast.now)
    row = bodies.issue_correction(row, actor=street, now=cast.now)
    assert set(row.basis["clauses"]) == {"CC-280", "SPC-12"} and row.consulted is None
    assert revocation_of_decision(kept) == row and row.notices.count() == 5
    assert "法院" in row.document.title and "（2024）民初1号" in str(row.document.data["paragraphs"])
    kept.refresh_from_db()
    with pytest.raises(Refused):
        bodies.open_correction(kept, kind="revoke", grounds="再撤", actor=street, now=cast.now)
