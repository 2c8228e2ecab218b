"""A fund with a few units, a committee, and decisions of the owners, made as the tests need them."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.days import ZONE
from gongzhi.core.models import Organisation, StoredFile
from gongzhi.core.tests.cast import Cast, _person
from gongzhi.funds.maintenance import services as fund
from gongzhi.funds.maintenance.models import FundUse
from gongzhi.governance.bodies.models import Body
from gongzhi.governance.votes.models import Motion, Vote
from gongzhi.proof.models import Log
from gongzhi.registry.models import Building, Unit
from gongzhi.registry.services import register_unit

SINCE = date(2021, 1, 1)
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360000002000001e221bc330000000049454e44ae426082"
)


def day(text: str, hour: int = 9) -> datetime:
    return datetime.fromisoformat(text).replace(hour=hour, tzinfo=ZONE)


def units(cast: Cast, *areas: str) -> list[Unit]:
    building = Building.objects.get(estate=cast.estate, name="1幢")
    return [
        register_unit(
            building,
            name=f"{number:03d}室",
            exclusive_area_m2=Decimal(area),
            area_source="register",
            area_from_on=SINCE,
            actor=Actor.system(),
            now=cast.now,
        )
        for number, area in enumerate(areas, start=1)
    ]


def rate(cast: Cast, yuan: str) -> None:
    """The bureau enters the rate, the same for every kind of unit."""
    for name in ("deposit_rate", "deposit_rate_elevator", "deposit_rate_other"):
        core.set_switch(
            place=cast.county, pack="national", name=name, value=yuan, from_on=SINCE,
            actor=Actor.system(), reason="测试标准", now=cast.now,
        )  # fmt: skip


def switch(cast: Cast, pack: str, name: str, value: str) -> None:
    core.set_switch(
        place=cast.county, pack=pack, name=name, value=value, from_on=SINCE,
        actor=Actor.system(), reason="测试", now=cast.now,
    )  # fmt: skip


def paid(cast: Cast, unit: Unit, fen: int, *, payer: str = "owner", purpose: str = "first", **more: Any) -> Any:
    given = {"paid_on": cast.now.date(), "key": f"{unit.pk}-{fen}-{purpose}", "now": cast.now, **more}
    return fund.receive_deposit(
        unit, purpose=purpose, payer=payer, amount_fen=fen, actor=given.pop("actor", cast.actor("housing")), **given
    )


def committee(cast: Cast, kind: str = "owners_committee") -> Body:
    organisation = Organisation.objects.create(
        name=f"{cast.estate.name}{'业主' if kind == 'owners_committee' else '物业管理'}委员会",
        role=kind,
        kind="committee",
        place=cast.estate.place,
        place_path=cast.estate.place_path,
    )
    return Body.objects.create(
        kind=kind, name=organisation.name, estate=cast.estate, organisation=organisation, state="in_office",
        formed_on=SINCE, filed_on=SINCE, place_path=cast.estate.place_path,
    )  # fmt: skip


def decided(
    cast: Cast, *, fen: int | None, outcome: str = "passed", state: str = "final", matter: str = "use_fund"
) -> Motion:
    """A motion on the fund with its outcome, in a vote that is as far as `state`."""
    vote = Vote.objects.create(
        estate=cast.estate, title="使用维修资金", convener="owners_committee", state=state,
        opens_at=cast.now - timedelta(days=30), closes_at=cast.now - timedelta(days=15), rules={},
        log=Log.objects.create(origin=f"vote/{Vote.objects.count()}", created_at=cast.now),
        made_at=cast.now, place_path=cast.estate.place_path,
    )  # fmt: skip
    return Motion.objects.create(
        vote=vote, position=1, matter=matter, title="屋面维修", amount_fen=fen, outcome=outcome
    )


def file(cast: Cast, owner: Any, name: str = "附件.png") -> StoredFile:
    upload = SimpleUploadedFile(name, BytesIO(PNG).getvalue(), content_type="image/png")
    return core.store_file(upload, owner=owner.ref, actor=Actor.system(), now=cast.now)


def proposed(cast: Cast, *, by: str = "street_office", **more: Any) -> FundUse:
    given = {
        "title": "1幢屋面防水", "matter": "roof", "work": "repair", "path": "ordinary", "part": "1幢屋面",
        "common_part": True, "estimate_fen": 6_000_000, "applicant_role": "owners_committee", **more,
    }  # fmt: skip
    now = given.pop("now", cast.now)
    return fund.propose_use(cast.estate, given=fund.Proposal(**given), actor=cast.actor(by), now=now)


BY = {
    "attest": "community_committee", "review": "housing", "verify": "street_government", "audit": "audit",
    "discuss": "community_committee",
}  # fmt: skip
MATERIALS = ("使用方案和预算", "业主表决结果", "公示照片", "分摊清册", "施工合同", "审价资料")
EMERGENCY = ("现场证据", "维修方案和预算", "核实证明")


def hand(cast: Cast, role: str) -> Actor:
    """Somebody of the role, who gets his post where the cast has nobody."""
    if role not in cast.users:
        place = cast.street if role.startswith("street") else cast.county
        _person(cast, role, f"经办{role}", organisation=core.ensure_organisation(role, place=place))
    return cast.actor(role)


def step(cast: Cast, use: FundUse, name: str, *, by: str = "", now: datetime | None = None, **more: Any) -> FundUse:
    moment = now or cast.now
    given: dict[str, Any] = {"on": moment.date(), **more}
    if name == "apply" and "papers" not in given:
        names = EMERGENCY if use.path == "emergency" else MATERIALS
        given["papers"] = [(one, file(cast, use)) for one in names]
    if name == "tender":
        given = {"contractor": "某某防水工程有限公司", "selected": "open_tender", **given}
    if name == "accept":
        given = {"settled_fen": use.estimate_fen, **given}
    if name == "price_review":
        given = {"third_party": True, **given}
    if name == "publish" and "shown" not in given:
        given["shown"] = {one: file(cast, use) for one in ("vote", "works", "acceptance", "apportioning")}
    actor = hand(cast, by or BY.get(name, "street_office"))
    return fund.take_step(use, step=name, given=fund.Taking(**given), actor=actor, now=moment)


def pay(
    cast: Cast, use: FundUse, name: str, fen: int | None = None, *, now: datetime | None = None, **more: Any
) -> Any:
    moment = now or cast.now
    given = {"invoice": file(cast, use), "paid_on": moment.date(), **more}
    by = hand(cast, "leading_group_office")
    return fund.pay(use, step=name, amount_fen=fen, payee="某某防水工程有限公司", actor=by, now=moment, **given)
