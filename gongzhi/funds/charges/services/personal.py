"""What one unit has of its own - parking places, vacancy, a rebate - and the shared costs of an estate."""

from datetime import date, datetime
from decimal import Decimal

from django.db import IntegrityError, transaction

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.core.models import StoredFile
from gongzhi.funds.charges.models import PersonalCharge, SharedCost, SharedPart, Tariff
from gongzhi.funds.charges.queries.owed import OfProject
from gongzhi.funds.charges.words import PERSONAL, SHARED_COSTS
from gongzhi.ledger import services as ledger
from gongzhi.ledger.kinds import REST_TO
from gongzhi.registry.models import Building, Project, Unit

AREA_SCALE = 100
CONFLICT_STATUS = 409


@transaction.atomic
def have_item(
    unit: Unit, *, tariff: Tariff, quantity: Decimal, text: str, from_on: date, to_on: date | None, actor: Actor,
    now: datetime,
) -> PersonalCharge:  # fmt: skip
    """A number of things that the unit is charged for by that tariff: parking places, a service by contract."""
    core.require(actor, "fee.bill", OfProject(tariff.project))
    if tariff.basis != "item":
        raise Refused("tariff_basis", "请选按数量计费的收费标准。", fields={"tariff": "要按数量计费"})
    if quantity <= 0:
        raise Refused("quantity", "数量要大于0。", fields={"quantity": "要大于0"})
    row = PersonalCharge(unit=unit, kind="item", tariff=tariff, quantity=quantity, text=text.strip())
    return _kept(row, tariff.project, from_on=from_on, to_on=to_on, actor=actor, now=now)


@transaction.atomic
def declare_vacant(
    unit: Unit, *, project: Project, text: str, from_on: date, to_on: date | None, actor: Actor, now: datetime
) -> PersonalCharge:
    """空置: the pack says whether and how much less is charged. Where it says nothing, nothing is taken off."""
    core.require(actor, "fee.bill", OfProject(project))
    answer = core.ask("funds.vacancy_discount", {"unit_use": unit.use}, place_path=project.place_path, on=from_on)
    ratio = Decimal(answer.value.numerator) / answer.value.denominator if answer.ok and answer.value else Decimal(0)
    if ratio <= 0:
        raise Refused("no_vacancy_discount", "现行文件没有空置减收，按原标准收。", clause=tuple(answer.clauses))
    row = PersonalCharge(unit=unit, kind="vacant", ratio=ratio, text=text.strip(), answer=answer.to_json())
    return _kept(row, project, from_on=from_on, to_on=to_on, actor=actor, now=now)


@transaction.atomic
def give_rebate(
    unit: Unit, *, project: Project, ratio: Decimal, text: str, from_on: date, to_on: date | None, actor: Actor,
    now: datetime, tariff: Tariff | None = None,
) -> PersonalCharge:  # fmt: skip
    """减免、优惠 of the company; the reason stands on the bill."""
    core.require(actor, "fee.bill", OfProject(project))
    if not 0 < ratio <= 1:
        raise Refused("ratio", "减免比例要大于0、不超过100%。", fields={"ratio": "0到100%之间"})
    if not text.strip():
        raise Refused("reason_missing", "请写减免的原因，会印在账单上。", fields={"text": "请写原因"})
    row = PersonalCharge(unit=unit, kind="rebate", tariff=tariff, ratio=ratio, text=text.strip())
    return _kept(row, project, from_on=from_on, to_on=to_on, actor=actor, now=now)


def _kept(
    row: PersonalCharge, project: Project, *, from_on: date, to_on: date | None, actor: Actor, now: datetime
) -> PersonalCharge:
    if row.unit.building.estate_id != project.estate_id:
        raise Refused("foreign_unit", "这套房屋不在本项目内。", fields={"unit": "不在本项目内"})
    if to_on is not None and to_on < from_on:
        raise Refused("days", "止日不能早于起日。", fields={"to_on": "不能早于起日"})
    row.from_on, row.to_on, row.demo = from_on, to_on, actor.demo
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        raise Refused(
            "vacant_overlaps", "这套房屋在这段时间已经登记过空置。", fields={"from_on": "和已登记的重叠"},
            status=CONFLICT_STATUS,
        ) from error  # fmt: skip
    core.record(
        "fee.personal_set",
        subject=row.unit.ref,
        actor=actor,
        at=now,
        place_path=project.place_path,
        data={
            "what": PERSONAL[row.kind],
            "from_on": from_on,
            "to_on": to_on,
            "ratio": str(row.ratio) if row.ratio is not None else None,
            "estate": str(project.estate_id),
        },
    )
    return row


@transaction.atomic
def end_personal(
    row: PersonalCharge, *, project: Project, to_on: date, version: int | None, actor: Actor, now: datetime
) -> PersonalCharge:
    held = PersonalCharge.objects.select_for_update(of=("self",)).select_related("unit__building").get(pk=row.pk)
    core.check_version(held, version)
    core.require(actor, "fee.bill", OfProject(project))
    held.version += 1
    held.save(update_fields=["version"])
    return _kept(held, project, from_on=held.from_on, to_on=to_on, actor=actor, now=now)


@transaction.atomic
def share_cost(
    project: Project, *, kind: str, by: str, amount_fen: int, from_on: date, to_on: date, building: Building | None,
    voucher: StoredFile | None, actor: Actor, now: datetime,
) -> SharedCost:  # fmt: skip
    """公摊: splits a utility's invoice over the units; each part stands on the unit's next bill. The parts add up."""
    core.require(actor, "fee.bill", OfProject(project))
    if kind not in SHARED_COSTS or amount_fen <= 0 or to_on < from_on:
        raise Refused("shared_cost", "请填种类、大于0的金额和起止日期。", fields={"amount_fen": "要大于0"})
    units = Unit.objects.filter(building__estate=project.estate).order_by("building__name", "name")
    if building is not None:
        units = units.filter(building=building)
    answer = core.ask("funds.share_charges", {"kind": kind}, place_path=project.place_path, on=to_on)
    weights = [(one.pk, int(one.exclusive_area_m2 * AREA_SCALE) if by == "area" else 1) for one in units]
    split = ledger.apportion(amount_fen, weights, rest_to=str(answer.value["rest_to"]))
    try:
        with transaction.atomic():
            cost = SharedCost.objects.create(
                project=project, building=building, kind=kind, by=by, from_on=from_on, to_on=to_on,
                amount_fen=amount_fen, words=_words(split, by_area=by == "area"), voucher=voucher,
                place_path=project.place_path, demo=actor.demo,
            )  # fmt: skip
    except IntegrityError as error:
        raise Refused(
            "shared_twice", "这一期的这项费用已经分摊过。", fields={"from_on": "已分摊"}, status=CONFLICT_STATUS
        ) from error
    SharedPart.objects.bulk_create(
        SharedPart(cost=cost, unit_id=int(str(part.key)), amount_fen=part.amount_fen) for part in split.parts
    )
    core.record(
        "fee.cost_shared",
        subject=project.estate.ref,
        actor=actor,
        at=now,
        place_path=project.place_path,
        data={"cost": kind, "amount": amount_fen, "from_on": from_on, "to_on": to_on, "units": len(split.parts)},
    )
    return cost


def _words(split: ledger.Apportioned, *, by_area: bool) -> str:
    """How it was split, in what the owners know: 元, 户 and ㎡."""
    area = f"、共{Decimal(split.total_weight) / AREA_SCALE:,.2f}㎡" if by_area else ""
    rest = f"余下{split.rest_fen}分{REST_TO[split.rest_to]}"
    return f"{core.yuan(split.total_fen)}元分摊给{len(split.parts)}户{area}，每户舍去不足1分的部分，{rest}。"
