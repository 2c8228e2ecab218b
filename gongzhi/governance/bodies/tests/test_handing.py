"""A management committee that stood in hands over to the first committee; a committee's seals serve its next term."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from gongzhi.core.errors import Refused
from gongzhi.core.tests.cast import Cast
from gongzhi.governance.bodies import services as bodies
from gongzhi.governance.bodies.models import Asset, Body, Formation, HandOver
from gongzhi.governance.bodies.services import PersonInput, SeatInput
from gongzhi.governance.bodies.tests.steps import SYSTEM, city, committee, day, due_on, duty, later, owners
from gongzhi.registry.models import Unit

pytestmark = pytest.mark.django_db

SIDES = ("owner", "owner", "owner", "owner", "street", "police", "community")


def stand_in(cast: Cast) -> Body:
    """A management committee in office with a seal and an account."""
    estate, street, now = cast.estate, cast.actor("street_office"), cast.now
    bodies.guide(estate, text="经指导仍不能成立", on=now.date(), actor=street, now=now)
    started = bodies.start_formation(
        estate, kind="management_committee", trigger="failed", reason="无人参选", started_on=now.date(), actor=street,
        now=now,
    )  # fmt: skip
    seats = [SeatInput(person=PersonInput(f"成员{n}"), side=side, source="chosen") for n, side in enumerate(SIDES)]
    body = bodies.form_management_committee(started, seats=seats, formed_on=now.date(), actor=street, now=now)
    kept: dict[str, Any] = {"from_on": now.date(), "actor": street, "now": now}
    bodies.register_asset(body, kind="seal", title="物管会公章", **kept)
    assert body.organisation is not None
    bodies.register_asset(
        body, kind="account", title=body.organisation.name, bank="某行", number="6222000011112222", **kept
    )
    return body


def filed(cast: Cast, body: Body) -> None:
    filing = bodies.submit_filing(body, explanation="说明", actor=SYSTEM, now=cast.now)
    bodies.decide_filing(filing, accepted=True, actor=cast.actor("street_office"), now=cast.now)


@pytest.mark.clause("ZJG-3.3.2-4d")
def test_a_management_committee_hands_over_to_the_first_committee() -> None:
    cast = city("zhangjiagang", "2026-03-16")
    owners(cast.estate, 7)
    old = stand_in(cast)
    later(cast, "2026-06-01")
    new = committee(cast, cast.estate, members=5)
    assert not HandOver.objects.exists(), "until it is on file the other keeps what it has"
    filed(cast, new)
    row = HandOver.objects.get()
    assert (row.from_body, row.to_body) == (old, new)
    assert due_on(duty("hand_over_management")) == day("2026-06-11")
    assert {one.party for one in row.signatures.all()} == {"old", "new", "street_office"}
    assert [one.title for one in row.items.order_by("pk")][:2] == [
        "印章：物管会公章",
        f"银行账户：{old.organisation.name}（尾号2222）",
    ]
    street, now = cast.actor("street_office"), cast.now
    bodies.give_items(row, items=[one.pk for one in row.items.all()], on=now.date(), actor=street, now=now)
    for party in ("old", "new", "street_office"):
        bodies.sign_handover(row, party=party, signer="某", actor=street, now=now)
    row.refresh_from_db()
    assert duty("hand_over_management").state == "fulfilled"
    assert f"{old.name}向{new.name}移交" in str(row.document.data)
    assert not new.assets.exists(), "the seal of another body serves nobody"
    _destroyed(cast, old.assets.get(kind="seal"))


def _destroyed(cast: Cast, seal: Asset) -> None:
    street, now = cast.actor("street_office"), cast.now
    client = Client()
    client.force_login(street.user)
    page = client.get(reverse("bodies:body", args=[seal.body_id])).content.decode()
    assert page.count("已移交，待缴销（销户）") == 2
    with pytest.raises(Refused) as refused:
        bodies.close_asset(seal, to_on=day("2026-03-15"), note="销毁", actor=street, now=now)
    assert refused.value.code == "asset_order"
    bodies.close_asset(seal, to_on=now.date(), note="交公安机关销毁", actor=street, now=now)
    page = client.get(reverse("bodies:body", args=[seal.body_id])).content.decode()
    assert "交公安机关销毁" in page and page.count("已移交，待缴销（销户）") == 1


def test_a_committees_seal_serves_its_next_term() -> None:
    cast = city("zhangjiagang", "2022-03-16")
    old = committee(cast, cast.estate, term_until="2026-12-31")
    bodies.register_asset(old, kind="seal", title="公章", from_on=day("2022-03-16"), actor=SYSTEM, now=cast.now)
    later(cast, "2027-01-25")
    bodies.notify_term_end(old, told_on=day("2026-12-31"), actor=SYSTEM, now=cast.now)
    Formation.objects.filter(estate=cast.estate, state="open").update(state="stopped")
    new = committee(
        cast, cast.estate, trigger="renewal", units=list(Unit.objects.filter(building__estate=cast.estate))[:5]
    )
    filed(cast, new)
    row = HandOver.objects.get()
    items = list(row.items.values_list("pk", flat=True))
    police = cast.actor("police")
    bodies.give_items(row, items=items, on=day("2027-01-25"), actor=SYSTEM, now=cast.now)
    for party in ("old", "new", "street_office"):
        bodies.sign_handover(row, party=party, signer="某", actor=cast.actor("street_office"), now=cast.now)
    bodies.sign_handover(row, party="police", signer="雷刚", actor=police, now=cast.now)
    assert list(new.assets.values_list("title", "to_on")) == [("公章", None)]
    assert list(old.assets.values_list("to_on", "end_note")) == [(day("2027-01-25"), "移交第2届")]


def test_a_committee_that_ended_hands_over_to_the_management_committee_after_it() -> None:
    cast = city("zhangjiagang", "2026-03-16")
    gone = committee(cast, cast.estate)
    bodies.register_asset(gone, kind="seal", title="公章", from_on=day("2026-03-16"), actor=SYSTEM, now=cast.now)
    later(cast, "2026-09-01")
    bodies.end_body(gone, ended_on=day("2026-09-01"), reason="other", actor=cast.actor("street_office"), now=cast.now)
    new = stand_in(cast)
    row = HandOver.objects.get()
    assert (row.from_body, row.to_body) == (gone, new)
    assert {one.party for one in row.signatures.all()} == {"old", "new", "street_office", "police"}
    assert duty("hand_over_committee").subject_id == str(row.pk)
    later(cast, "2027-01-10")
    second = committee(cast, cast.estate, units=list(Unit.objects.filter(building__estate=cast.estate))[:5])
    filed(cast, second)
    rest = HandOver.objects.exclude(pk=row.pk).get()
    assert (rest.from_body, rest.to_body) == (new, second), "who has handed over is not asked again"
