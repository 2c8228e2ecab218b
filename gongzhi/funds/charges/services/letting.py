"""出租: from the first day of a lease the tenant may be asked for the bills; the owner answers jointly."""

from datetime import date, datetime

from django.db import IntegrityError, transaction

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.core.models import StoredFile
from gongzhi.core.people import keep_person
from gongzhi.funds.charges.models import Tenancy
from gongzhi.funds.charges.queries.owed import OfProject
from gongzhi.registry.models import Project, Unit

CONFLICT_STATUS = 409


@transaction.atomic
def let_unit(
    unit: Unit, *, project: Project, name: str, phone: str, from_on: date, to_on: date | None, agreed: bool,
    contract: StoredFile | None, actor: Actor, now: datetime,
) -> Tenancy:  # fmt: skip
    """登记出租. `agreed`: the lease says that the tenant pays; the pack says whom the bills then go to.

    Refuses `lease_missing` where it is agreed and no lease is there to show it, `let_twice` for overlapping days.
    """
    core.require(actor, "fee.bill", OfProject(project))
    if unit.building.estate_id != project.estate_id:
        raise Refused("foreign_unit", "这套房屋不在本项目内。", fields={"unit": "不在本项目内"})
    if to_on is not None and to_on < from_on:
        raise Refused("days", "止日不能早于起日。", fields={"to_on": "不能早于起日"})
    if not name.strip() or not phone.strip():
        raise Refused("tenant_missing", "请填承租人的姓名和手机号。", fields={"name": "请填承租人"})
    if agreed and contract is None:
        raise Refused(
            "lease_missing", "租赁合同约定由承租人缴物业费的，请上传合同。", fields={"contract": "请上传租赁合同"}
        )
    facts = {"estate_type": project.estate.estate_type, "agreed": agreed}
    answer = core.ask("funds.let_unit_bill", facts, place_path=project.place_path, on=from_on)
    tenant = keep_person(
        name=name, phone=phone, place_path=project.place_path, owner=unit.ref, demo=actor.demo, now=now
    )  # fmt: skip
    try:
        with transaction.atomic():
            row = Tenancy.objects.create(
                unit=unit, tenant=tenant, from_on=from_on, to_on=to_on, agreed=agreed, bill_to=str(answer.value),
                contract=contract, answer=answer.to_json(), place_path=project.place_path, demo=actor.demo,
            )  # fmt: skip
    except IntegrityError as error:
        raise Refused(
            "let_twice", "这套房屋在这段时间已经登记过出租。", fields={"from_on": "和已登记的重叠"},
            status=CONFLICT_STATUS,
        ) from error  # fmt: skip
    core.record(
        "fee.unit_let", subject=unit.ref, actor=actor, at=now, place_path=project.place_path,
        data={"from_on": from_on, "to_on": to_on, "bill_to": row.bill_to, "estate": str(project.estate_id)},
    )  # fmt: skip
    return row


@transaction.atomic
def end_tenancy(
    tenancy: Tenancy, *, project: Project, to_on: date, version: int | None, actor: Actor, now: datetime
) -> Tenancy:
    """退租: bills of periods that begin after that day are the owner's again."""
    row = Tenancy.objects.select_for_update(of=("self",)).select_related("unit__building").get(pk=tenancy.pk)
    core.check_version(row, version)
    core.require(actor, "fee.bill", OfProject(project))
    if to_on < row.from_on or (row.to_on is not None and to_on > row.to_on):
        raise Refused("days", "退租日期要在租期以内。", fields={"to_on": "要在租期以内"})
    row.to_on, row.version = to_on, row.version + 1
    row.save(update_fields=["to_on", "version"])
    core.record(
        "fee.unit_let_ended", subject=row.unit.ref, actor=actor, at=now, place_path=project.place_path,
        data={"to_on": to_on, "estate": str(project.estate_id)},
    )  # fmt: skip
    return row
