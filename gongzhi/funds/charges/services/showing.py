"""公示 of prices, inspections of it, invoices."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from django.db import IntegrityError, transaction

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.core.models import Place, StoredFile
from gongzhi.funds.charges.models import Invoice, PriceFinding, PriceInspection, PriceNotice, Settlement
from gongzhi.funds.charges.queries.owed import OfProject
from gongzhi.funds.charges.queries.prices import shown
from gongzhi.funds.charges.words import PLACES, SHOWN_ITEMS
from gongzhi.registry.models import Project

CONFLICT_STATUS = 409


@transaction.atomic
def show(
    project: Project, *, item: str, place: str, photo: StoredFile | None, price: Decimal | None, grade: str,
    shown_on: date, actor: Actor, now: datetime,
) -> PriceNotice:  # fmt: skip
    """Hangs out one item in one place, with a photo; what hung there before is taken down that day."""
    core.require(actor, "fee.show", OfProject(project))
    if photo is None:
        raise Refused("photo", "请上传现场照片。", fields={"photo": "请上传照片"})
    if item not in SHOWN_ITEMS or place not in PLACES or (item == "price" and price is None):
        raise Refused("shown_price", "请选项目和位置；公示收费标准要写单价。", fields={"price": "请写单价"})
    if shown_on > core.local_day(now):
        raise Refused("shown_day", "公示日期不能晚于今天。", fields={"shown_on": "不能晚于今天"})
    project.price_notices.filter(item=item, place=place, to_on=None).update(to_on=shown_on)
    row = PriceNotice.objects.create(
        project=project, item=item, place=place, photo=photo, price=price, grade=grade.strip(), shown_on=shown_on,
        by=actor.user, place_path=project.place_path, demo=actor.demo,
    )  # fmt: skip
    found = shown(project, core.local_day(now))
    core.record(
        "fee.shown",
        subject=project.estate.ref,
        actor=actor,
        at=now,
        place_path=project.place_path,
        data={
            "item": item,
            "place": place,
            "price": str(price) if price is not None else None,
            "differs": row in found.differs,
            "complete": found.complete,
        },
    )
    return row


@transaction.atomic
def inspect(
    place: Place, *, on: date, roles: Sequence[str], note: str, findings: Sequence[tuple[Project, str]], actor: Actor,
    now: datetime,
) -> PriceInspection:  # fmt: skip
    """收费公示检查: the departments that the document names all take part; each finding goes to who is in charge."""
    core.require(actor, "price.inspect", place)
    first = findings[0][1] if findings else "not_shown"
    rule = dict(core.ask("funds.price_inspection", {"finding": first}, place_path=place.path, on=on).value or {})
    lacking = [role for role in rule.get("roles") or [] if role not in roles]
    if lacking:
        names = "、".join(core.role_name(role, place_path=place.path, on=on) for role in lacking)
        raise Refused("not_joint", f"联合检查还要有{names}参加。", fields={"roles": "部门没有齐"})
    row = PriceInspection.objects.create(
        on=on, roles=list(roles), note=note.strip(), by=actor.user, place_path=place.path, demo=actor.demo
    )
    core.record(
        "fee.inspected", subject=row.ref, actor=actor, at=now, place_path=place.path,
        data={"on": on, "roles": list(roles), "findings": len(findings)},
    )  # fmt: skip
    for project, kind in findings:
        _found(row, project, kind, actor=actor, now=now)
    return row


def _found(row: PriceInspection, project: Project, kind: str, *, actor: Actor, now: datetime) -> PriceFinding:
    rule = dict(core.ask("funds.price_inspection", {"finding": kind}, place_path=row.place_path, on=row.on).value or {})
    finding = PriceFinding.objects.create(
        inspection=row, project=project, kind=kind, lead=rule.get("lead") or actor.role,
        place_path=project.place_path, demo=actor.demo,
    )  # fmt: skip
    core.record(
        "fee.finding_made",
        subject=finding.ref,
        actor=actor,
        at=now,
        place_path=project.place_path,
        data={
            "finding": kind,
            "lead": finding.lead,
            "estate": str(project.estate_id),
            "company": str(project.company_id),
        },
    )
    return finding


@transaction.atomic
def close_finding(
    finding: PriceFinding, *, case_ref: str, result: str, version: int | None, actor: Actor, now: datetime
) -> PriceFinding:
    """What the department in charge made of it goes into the file of the company."""
    row = PriceFinding.objects.select_for_update(of=("self",)).select_related("project").get(pk=finding.pk)
    core.check_version(row, version)
    core.require(actor, "price.inspect", row)
    if actor.role != row.lead and not actor.is_system:
        lead = core.role_name(row.lead, place_path=row.place_path, on=core.local_day(now))
        raise Refused("not_lead", f"由{lead}主办，请转主办单位填写。", status=CONFLICT_STATUS)
    if not result.strip():
        raise Refused("result", "请写处理结果。", fields={"result": "请写结果"})
    row.case_ref, row.result, row.closed_on = case_ref.strip() or row.case_ref, result.strip(), core.local_day(now)
    row.version += 1
    row.save(update_fields=["case_ref", "result", "closed_on", "version"])
    core.record(
        "fee.finding_closed",
        subject=row.ref,
        actor=actor,
        at=now,
        place_path=row.place_path,
        data={
            "finding": row.kind,
            "lead": row.lead,
            "company": str(row.project.company_id),
            "result": row.result,
        },
    )
    return row


@transaction.atomic
def issue_invoice(
    settlement: Settlement, *, number: str, amount_fen: int, issued_on: date, actor: Actor, now: datetime
) -> Invoice:
    """开票 for a payment; that its amount differs is kept and told, not refused: the company has to put it right."""
    row = Settlement.objects.select_for_update(of=("self",)).select_related("project").get(pk=settlement.pk)
    core.require(actor, "fee.settle", OfProject(row.project))
    if row.kind != "payment" or issued_on < row.on or issued_on > core.local_day(now):
        raise Refused("invoice_day", "开票日期要在收款之后、不晚于今天。", fields={"issued_on": "请核对日期"})
    try:
        with transaction.atomic():
            made = Invoice.objects.create(
                settlement=row, number=number.strip(), amount_fen=amount_fen, issued_on=issued_on,
                differs_fen=amount_fen - row.amount_fen, place_path=row.place_path, demo=actor.demo,
            )  # fmt: skip
    except IntegrityError as error:
        raise Refused("invoiced", "这笔收款已经开票，或者发票号码已用过。", status=CONFLICT_STATUS) from error
    core.record(
        "fee.invoiced",
        subject=row.ref,
        actor=actor,
        at=now,
        place_path=row.place_path,
        data={"amount": amount_fen, "on": issued_on, "differs": made.differs_fen != 0},
    )
    return made
