"""Prices: guide prices that departments make together, terms of the contract, tariffs and how they are filed."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.display import cn_date
from gongzhi.core.errors import Refused
from gongzhi.core.models import Place
from gongzhi.funds.charges.models import (
    ChargeTerms,
    GuidePrice,
    GuidePriceSign,
    Tariff,
)
from gongzhi.funds.charges.queries.owed import OfProject
from gongzhi.funds.charges.queries.prices import filing_facts, guide_on, in_force
from gongzhi.funds.charges.words import PRICED
from gongzhi.registry.models import Building, Project

CONFLICT_STATUS = 409
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class TariffInput:
    """What is registered of a price. `state` follows: at once, or once it is filed."""

    fee: str
    title: str
    price_kind: str
    basis: str
    price: Decimal
    every: int
    from_on: date
    use: str = ""
    building: Building | None = None
    grade: str = ""


# -- guide prices


@transaction.atomic
def draft_guide_price(
    place: Place, *, grade: str, base_price: Decimal, up_ratio: Decimal, down_ratio: Decimal, from_on: date,
    factors: dict[str, str], document: str, actor: Actor, now: datetime,
) -> GuidePrice:  # fmt: skip
    """A draft; nobody is held to it until it is published."""
    core.require(actor, "price.guide", place)
    rules = guide_rules(place.path, core.local_day(now))
    if rules.get("made_by") and actor.role != rules["made_by"] and not actor.is_system:
        made_by = core.role_name(rules["made_by"], place_path=place.path, on=core.local_day(now))
        raise Refused("guide_maker", f"政府指导价由{made_by}制定，请转{made_by}。", status=CONFLICT_STATUS)
    if base_price <= 0:
        raise Refused("price", "基准价要大于0。", fields={"base_price": "要大于0"})
    row = GuidePrice.objects.create(
        grade=grade.strip(), base_price=base_price, up_ratio=up_ratio, down_ratio=down_ratio, from_on=from_on,
        factors={name: text.strip() for name, text in factors.items() if text.strip()}, document=document.strip(),
        made_by=actor.organisation, place_path=place.path, demo=actor.demo,
    )  # fmt: skip
    _record_guide(row, "fee.guide_drafted", actor, now)
    return row


@transaction.atomic
def amend_guide_price(
    guide: GuidePrice, *, grade: str, base_price: Decimal, up_ratio: Decimal, down_ratio: Decimal, from_on: date,
    factors: dict[str, str], document: str, version: int | None, actor: Actor, now: datetime,
) -> GuidePrice:  # fmt: skip
    """The draft written anew; who had signed signs again."""
    row = GuidePrice.objects.select_for_update().get(pk=guide.pk)
    core.check_version(row, version)
    core.require(actor, "price.guide", row)
    if row.state != "draft":
        raise Refused("guide_published", "已经公布的指导价不改，要调整的另行起草。", status=CONFLICT_STATUS)
    if base_price <= 0:
        raise Refused("price", "基准价要大于0。", fields={"base_price": "要大于0"})
    row.grade, row.base_price, row.up_ratio, row.down_ratio = grade.strip(), base_price, up_ratio, down_ratio
    row.from_on, row.document, row.version = from_on, document.strip(), row.version + 1
    row.factors = {name: text.strip() for name, text in factors.items() if text.strip()}
    row.save()
    row.signs.all().delete()
    _record_guide(row, "fee.guide_drafted", actor, now)
    return row


@transaction.atomic
def sign_guide_price(guide: GuidePrice, *, actor: Actor, now: datetime) -> GuidePriceSign:
    """会签 by a department that the document names; a second time gives the first."""
    row = GuidePrice.objects.select_for_update().get(pk=guide.pk)
    core.require(actor, "price.sign", row)
    wanted = guide_rules(row.place_path, core.local_day(now)).get("signed_by") or []
    if actor.role not in wanted:
        raise Refused("not_a_signer", "这份指导价不用您的单位会签。", status=CONFLICT_STATUS)
    sign, fresh = GuidePriceSign.objects.get_or_create(
        guide=row, role=actor.role, defaults={"by": actor.user, "at": now}
    )
    if fresh:
        _record_guide(row, "fee.guide_signed", actor, now)
    return sign


@transaction.atomic
def publish_guide_price(guide: GuidePrice, *, version: int | None, actor: Actor, now: datetime) -> GuidePrice:
    """In force from its day on, once every department signed and every factor is written; the one before ends then."""
    row = GuidePrice.objects.select_for_update().get(pk=guide.pk)
    core.check_version(row, version)
    core.require(actor, "price.guide", row)
    rules = guide_rules(row.place_path, core.local_day(now))
    _all_signed(row, rules, core.local_day(now))
    lacking = [name for name in rules.get("factors") or [] if not row.factors.get(name)]
    if lacking:
        raise Refused(
            "factors", f"还缺{len(lacking)}项因素的说明：{'、'.join(lacking)}。", fields={"factors": "没有写齐"}
        )
    before = guide_on(row.place_path, row.grade, row.from_on, exactly=True)
    if before is not None:
        if before.from_on >= row.from_on:
            raise Refused(
                "guide_days",
                f"这个等级从{cn_date(before.from_on)}起已有指导价，执行日期要晚于它。",
                fields={"from_on": "要更晚"},
            )
        before.to_on = row.from_on - DAY
        before.version += 1
        before.save(update_fields=["to_on", "version"])
    row.state, row.published_at, row.version = "published", now, row.version + 1
    try:
        with transaction.atomic():
            row.save(update_fields=["state", "published_at", "version"])
    except IntegrityError as error:
        raise Refused("guide_days", "同一等级同一时段只能有一个指导价。", fields={"from_on": "时段重叠"}) from error
    _record_guide(row, "fee.guide_published", actor, now)
    return row


def guide_rules(place_path: str, on: date) -> dict[str, Any]:
    return dict(core.ask("funds.guide_price_rules", {}, place_path=place_path, on=on).value or {})


def _all_signed(row: GuidePrice, rules: dict[str, Any], on: date) -> None:
    signed = set(row.signs.values_list("role", flat=True))
    lacking = [role for role in rules.get("signed_by") or [] if role not in signed]
    if lacking:
        names = "、".join(core.role_name(role, place_path=row.place_path, on=on) for role in lacking)
        raise Refused("not_signed", f"{names}还没有会签，不能公布。", fields={"signs": "会签没有齐"})


def _record_guide(row: GuidePrice, kind: str, actor: Actor, now: datetime) -> None:
    data = {"grade": row.grade, "price": str(row.base_price), "from_on": row.from_on}
    place = core.place_at(row.place_path)
    assert place is not None  # noqa: S101 - the row was made for a place
    core.record(kind, subject=place.ref, actor=actor, at=now, place_path=row.place_path, data=data)


# -- the contract


@transaction.atomic
def set_terms(project: Project, *, actor: Actor, now: datetime, **given: Any) -> ChargeTerms:
    """收费方式 by the contract, from a day on. With a commission its ratio or amount is written."""
    core.require(actor, "fee.bill", OfProject(project))
    if given["mode"] == "commission" and given.get("commission_ratio") is None and given.get("commission_fen") is None:
        raise Refused("commission", "选酬金制要填酬金比例或每月数额。", fields={"commission_ratio": "请填酬金标准"})
    before = project.charge_terms.filter(to_on=None).first()
    if before is not None:
        if before.from_on >= given["from_on"]:
            raise Refused(
                "terms_days",
                f"现有约定自{cn_date(before.from_on)}起，新约定要更晚。",
                fields={"from_on": "要晚于现有约定"},
            )
        before.to_on = given["from_on"] - DAY
        before.save(update_fields=["to_on"])
    row = ChargeTerms.objects.create(project=project, place_path=project.place_path, demo=actor.demo, **given)
    core.record(
        "fee.terms_set",
        subject=project.estate.ref,
        actor=actor,
        at=now,
        place_path=project.place_path,
        data={"mode": row.mode, "from_on": row.from_on, "late_rate": str(row.late_rate) if row.late_rate else None},
    )
    return row


@transaction.atomic
def register_tariff(project: Project, *, given: TariffInput, actor: Actor, now: datetime) -> Tariff:
    """The first price of its kind, by the contract. A price that is there already is changed by 调价 alone.

    A price within the government's guide is a draft until it is filed; a market price by contract holds from its day.
    """
    core.require(actor, "fee.bill", OfProject(project))
    if given.fee not in PRICED or given.price <= 0:
        raise Refused("price", "请选收费项目，单价要大于0。", fields={"price": "要大于0"})
    if (
        in_force(project)
        .filter(fee=given.fee, title=given.title.strip(), use=given.use, building=given.building)
        .exists()
    ):
        raise Refused(
            "tariff_exists",
            "这一项已有执行中的收费标准，不能直接改。要调价请走调价手续。",
            fields={"price": "要走调价手续"},
            status=CONFLICT_STATUS,
        )
    filed_first = given.price_kind == "guide"
    row = Tariff.objects.create(
        project=project, fee=given.fee, title=given.title.strip(), price_kind=given.price_kind, basis=given.basis,
        price=given.price, every=given.every, use=given.use, building=given.building, grade=given.grade.strip(),
        from_on=given.from_on, state="draft" if filed_first else "in_force", place_path=project.place_path,
        demo=actor.demo,
    )  # fmt: skip
    _record_tariff(row, "fee.tariff_registered", actor, now)
    return row


@transaction.atomic
def file_tariff(tariff: Tariff, *, number: str, version: int | None, actor: Actor, now: datetime) -> Tariff:
    """收费备案 by the department in charge: what the document does not let pass is refused with its reason."""
    row = held_tariff(tariff)
    core.check_version(row, version)
    core.require(actor, "price.file", row)
    if row.filed_on is not None:
        return row
    on = core.local_day(now)
    guide, facts = filing_facts(row, on)
    outcome = core.run_checks("funds.price_filing", facts, place_path=row.place_path, on=on)
    row.guide, row.filed_on, row.filing_number = guide, on, number.strip()
    row.state, row.version = "in_force", row.version + 1
    row.answer = outcome_json(outcome)
    row.save(update_fields=["guide", "filed_on", "filing_number", "state", "answer", "version"])
    _record_tariff(row, "fee.tariff_filed", actor, now)
    return row


@transaction.atomic
def refuse_filing(tariff: Tariff, *, reason: str, version: int | None, actor: Actor, now: datetime) -> Tariff:
    row = held_tariff(tariff)
    core.check_version(row, version)
    core.require(actor, "price.file", row)
    if not reason.strip():
        raise Refused("reason_missing", "请写不予备案的原因。", fields={"reason": "请写原因"})
    row.state, row.answer, row.version = "refused", {"reason": reason.strip()}, row.version + 1
    row.save(update_fields=["state", "answer", "version"])
    _record_tariff(row, "fee.filing_refused", actor, now)
    return row


def outcome_json(outcome: Any) -> Any:
    """The notes and warnings of checks, as they are kept beside the row."""
    return [{"says": one.message, "clauses": list(one.clauses)} for one in outcome or ()]


def held_tariff(tariff: Tariff) -> Tariff:
    rows = Tariff.objects.select_for_update(of=("self",)).select_related("project__estate", "guide")
    return rows.get(pk=tariff.pk)


def _record_tariff(row: Tariff, kind: str, actor: Actor, now: datetime) -> None:
    core.record(
        kind,
        subject=row.ref,
        actor=actor,
        at=now,
        place_path=row.place_path,
        data={
            "fee": row.fee,
            "price": str(row.price),
            "from_on": row.from_on,
            "estate": str(row.project.estate_id),
        },
    )
