"""Units: registering one, correcting its area, and transfers. What was before stays on record."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db import IntegrityError, transaction

from gongzhi.core import crypto
from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.core.models import Event
from gongzhi.registry.models import Building, Ownership, OwnershipShare, StandingFact, Unit, UnitArea
from gongzhi.registry.models.units import entrance_in
from gongzhi.registry.queries.known import FACT
from gongzhi.registry.questions import AREA_SOURCES, OF_UNITS, UNIT_USES
from gongzhi.registry.services.facts import set_fact, stored

DAY = timedelta(days=1)
LARGEST_DENOMINATOR = 10**9
CENT = Decimal("0.01")
LARGEST_AREA = Decimal(10) ** 8


@dataclass(frozen=True)
class OwnerInput:
    """`share` None for everybody: joint ownership; for a single owner: the whole."""

    name: str
    phone: str = ""
    id_number: str = ""
    share: Fraction | None = None


def fingerprint(name: str, phone: str, id_number: str) -> str:
    """Equal for equal data, and tells nothing of them."""
    return crypto.keyed_hash(f"{name}|{phone}|{id_number}", purpose="owner")


@transaction.atomic
def register_unit(
    building: Building,
    *,
    name: str,
    exclusive_area_m2: Decimal,
    area_source: str,
    use: str = "residence",
    entrance: int | None = None,
    area_from_on: date | None = None,
    actor: Actor,
    now: datetime,
) -> Unit:
    """`entrance` left out: the one that its number tells, if it tells one."""
    core.require(actor, "estate.change", building.estate)
    area = _area(exclusive_area_m2)
    if area_source not in AREA_SOURCES or use not in UNIT_USES:
        raise Refused("unit_words", "面积来源和用途请从列表里选。")
    if not name.strip():
        raise Refused("unit_name", "请填写室号。", fields={"name": "请填写室号"})
    try:
        with transaction.atomic():
            unit = Unit.objects.create(
                building=building,
                name=name.strip(),
                entrance=entrance or entrance_in(name.strip()),
                use=use,
                exclusive_area_m2=area,
                area_source=area_source,
                area_from_on=area_from_on,
                demo=actor.demo,
            )
    except IntegrityError as error:
        raise Refused("unit_twice", f"{building}已经登记过{name}。", fields={"name": "已登记过这个室号"}) from error
    core.record(
        "unit.registered",
        subject=unit.ref,
        actor=actor,
        at=now,
        place_path=unit.place_path,
        data={"area_m2": area, "source": area_source},
    )
    return unit


def _area(value: Decimal) -> Decimal:
    if value <= 0 or value >= LARGEST_AREA or value != value.quantize(CENT):
        raise Refused(
            "unit_area", "面积要大于0，最多两位小数。", fields={"exclusive_area_m2": "例如 89.50，最多两位小数"}
        )
    return value.quantize(CENT)


@transaction.atomic
def correct_area(
    unit: Unit,
    *,
    exclusive_area_m2: Decimal,
    area_source: str,
    from_on: date | None = None,
    actor: Actor,
    now: datetime,
    version: int | None = None,
) -> Unit:
    """Another area from a day on; without a day, what was written was wrong from the start. The old value is kept."""
    unit = _locked(unit, version=version)
    core.require(actor, "estate.change", unit)
    area = _area(exclusive_area_m2)
    if area_source not in AREA_SOURCES:
        raise Refused("unit_words", "面积来源请从列表里选。", fields={"area_source": "请从列表里选"})
    if from_on is not None and unit.area_from_on is not None and from_on <= unit.area_from_on:
        raise Refused(
            "area_days",
            f"现面积从{unit.area_from_on}起有效，新面积要晚于这一天；当初就写错的，不填日期。",
            fields={"from_on": "要晚于现面积的起始日期"},
        )
    ranks = list(AREA_SOURCES)
    if from_on is not None and ranks.index(area_source) > ranks.index(unit.area_source):
        known, given = AREA_SOURCES[unit.area_source], AREA_SOURCES[area_source]
        raise Refused(
            "area_rank",
            f"已有{known}的面积，{given}的面积不能替它：依次以登记簿、测绘、合同为准。登记有误的，不填日期更正。",
            clause="SPC-8",
            fields={"area_source": f"已有{known}的面积"},
        )
    event = core.record(
        "unit.area_corrected",
        subject=unit.ref,
        actor=actor,
        at=now,
        place_path=unit.place_path,
        data={"was_m2": unit.exclusive_area_m2, "area_m2": area, "source": area_source, "from_on": from_on},
    )
    keep_old_area(unit, from_on=from_on, event=event)
    unit.exclusive_area_m2, unit.area_source = area, area_source
    unit.area_from_on = from_on or unit.area_from_on
    unit.version += 1
    unit.save(update_fields=["exclusive_area_m2", "area_source", "area_from_on", "version"])
    return unit


def keep_old_area(unit: Unit, *, from_on: date | None, event: Event) -> None:
    UnitArea.objects.create(
        unit=unit,
        exclusive_area_m2=unit.exclusive_area_m2,
        area_source=unit.area_source,
        from_on=unit.area_from_on,
        to_on=from_on - DAY if from_on else None,
        replaced=from_on is None,
        event=event,
        demo=unit.demo,
    )


@transaction.atomic
def place_in_entrance(
    unit: Unit, *, entrance: int | None, actor: Actor, now: datetime, version: int | None = None
) -> Unit:
    """Which entrance (单元) of its building the unit lies in; None where that is not known after all.

    Rolls that are frozen already keep theirs; the event keeps what was.
    """
    unit = _locked(unit, version=version)
    core.require(actor, "estate.change", unit)
    most = unit.building.entrances
    if entrance is not None and (entrance < 1 or (most is not None and entrance > most)):
        says = f"{unit.building.name}登记了{most}个单元" if most is not None else "单元从1数起"
        raise Refused("entrance_number", f"没有这个单元：{says}。", fields={"entrance": says})
    if entrance == unit.entrance:
        raise Refused("entrance_same", "登记的已经是这个单元。", fields={"entrance": "没有变化"})
    core.record(
        "unit.entrance_changed",
        subject=unit.ref,
        actor=actor,
        at=now,
        place_path=unit.place_path,
        data={"was": unit.entrance, "entrance": entrance},
    )
    unit.entrance, unit.version = entrance, unit.version + 1
    unit.save(update_fields=["entrance", "version"])
    return unit


def _locked(unit: Unit, *, version: int | None) -> Unit:
    row = Unit.objects.select_for_update(of=("self",)).select_related("building__estate").get(pk=unit.pk)
    core.check_version(row, version)
    return row


@transaction.atomic
def transfer_unit(
    unit: Unit,
    *,
    owners: Sequence[OwnerInput],
    from_on: date,
    certificate: str = "",
    actor: Actor,
    now: datetime,
    version: int | None = None,
) -> Ownership:
    """From that day on the unit belongs to these owners; the ownership before ends on the day before."""
    unit = _locked(unit, version=version)
    core.require(actor, "unit.transfer", unit)
    shares = whole(owners)
    if from_on > core.local_day(now):
        raise Refused("transfer_later", "转让从登记之日起算，不能晚于今天。", fields={"from_on": "不能晚于今天"})
    latest = unit.ownerships.order_by("-from_on").exclude(from_on=None).first() or unit.ownerships.first()
    if latest is not None and latest.from_on is not None and from_on <= latest.from_on:
        raise Refused(
            "transfer_days",
            f"现业主从{latest.from_on}起持有，转让日期要晚于这一天。",
            fields={"from_on": "要晚于现业主的取得日期"},
        )
    event = core.record(
        "unit.transferred",
        subject=unit.ref,
        actor=actor,
        at=now,
        place_path=unit.place_path,
        data={
            "from_on": from_on,
            "owners": len(owners),
            "joint": shares[0] is None,
            "was_owned": latest is not None,
        },
    )
    if latest is not None and (latest.to_on is None or latest.to_on >= from_on):
        latest.to_on = from_on - DAY
        latest.save(update_fields=["to_on"])
    unit.version += 1
    unit.save(update_fields=["version"])
    return _owned(unit, owners, shares, from_on=from_on, certificate=certificate, event=event, now=now)


def whole(owners: Sequence[OwnerInput]) -> list[Fraction | None]:
    """The shares as they are kept. Refuses (`shares`) what is neither a whole nor joint ownership."""
    if not owners or any(not one.name.strip() for one in owners):
        raise Refused("owners", "请填写业主姓名。", fields={"owners": "请填写业主姓名"})
    given = [one.share for one in owners]
    if all(one is None for one in given):
        return [Fraction(1)] if len(owners) == 1 else given
    sized = [one for one in given if one is not None]
    if len(sized) != len(given):
        raise Refused("shares", "份额要么都填，要么都不填（共同共有）。", fields={"owners": "份额要么都填，要么都不填"})
    if any(one <= 0 or one.denominator > LARGEST_DENOMINATOR for one in sized) or sum(sized) != 1:
        raise Refused(
            "shares", f"各业主份额相加是{sum(sized)}，应当正好是1。", fields={"owners": "份额相加要正好是1，例如 1/2"}
        )
    return given


def _owned(
    unit: Unit,
    owners: Sequence[OwnerInput],
    shares: Sequence[Fraction | None],
    *,
    from_on: date,
    certificate: str,
    event: Event,
    now: datetime,
) -> Ownership:
    title = Ownership.objects.create(
        unit=unit,
        from_on=from_on,
        joint=shares[0] is None,
        certificate=certificate.strip(),
        event=event,
        demo=event.demo,
    )
    for one, share in zip(owners, shares, strict=True):
        OwnershipShare.objects.create(
            ownership=title,
            owner=core.keep_person(
                name=one.name,
                phone=one.phone,
                id_number=one.id_number,
                place_path=unit.place_path,
                owner=unit.ref,
                demo=event.demo,
                now=now,
            ),
            numerator=share.numerator if share is not None else None,
            denominator=share.denominator if share is not None else None,
            fingerprint=fingerprint(one.name.strip(), one.phone.strip(), one.id_number.strip()),
            demo=event.demo,
        )
    return title


@transaction.atomic
def record_unit_fact(unit: Unit, *, name: str, value: Any, from_on: date, actor: Actor, now: datetime) -> StandingFact:
    """What holds of a unit from a day on: that its owners are in arrears, that a violation is not put right."""
    core.require(actor, "estate.record_fact", unit.building.estate)
    if name not in OF_UNITS:
        raise Refused("unit_fact", "房屋没有这一项。", fields={"name": "请从列表里选"})
    if FACT[name].type.kind == "date" and isinstance(value, bool):
        value = from_on if value else None
    event = core.record(
        "unit.fact_recorded",
        subject=unit.ref,
        actor=actor,
        at=now,
        place_path=unit.place_path,
        data={"name": name, "value": None if value is None else str(stored(name, value)), "from_on": from_on},
    )
    return set_fact(unit.ref, name, value, from_on=from_on, event=event)
