"""工作交办单 and 督查通报: drafted, signed as the pack wants, then sent as one paper with a task for every item."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from gongzhi.cases.accountability.models import Sheet, SheetItem, SheetSignature
from gongzhi.cases.accountability.models.sheets import INSTRUMENTS, KINDS
from gongzhi.cases.accountability.queries.sheets import wanted
from gongzhi.cases.accountability.services.common import issue, locked, note, own_unit, save, text_of
from gongzhi.cases.accountability.services.tasks import give_task
from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.days import local_day
from gongzhi.core.display import cn_date
from gongzhi.core.errors import Refused
from gongzhi.core.models import Organisation


@dataclass(frozen=True)
class ItemInput:
    text: str
    unit: Organisation
    due_on: date


@transaction.atomic
def draft_sheet(
    *, kind: str, title: str, origin: str, items: Sequence[ItemInput], actor: Actor, now: datetime
) -> Sheet:
    """`origin`: the minutes, the field visit, the instruction it comes of."""
    core.require(actor, "accountability.draft_sheet", actor.organisation)
    office = own_unit(actor)
    if not items:
        raise Refused("empty", "还没有事项。", fields={"title": "请至少填一项"})
    late = [item for item in items if item.due_on < local_day(now)]
    if late:
        raise Refused("past_day", f"“{late[0].text}”的期限已经过去。")
    row = Sheet.objects.create(
        kind=kind,
        title=text_of(title, "title", "请写标题。"),
        origin=text_of(origin, "origin", "请写明根据什么交办。"),
        drafted_at=now,
        drafted_label=actor.label,
        office=office,
        place_path=actor.place_path,
        demo=actor.demo,
    )
    SheetItem.objects.bulk_create(
        SheetItem(sheet=row, position=index, text=item.text, unit=item.unit, due_on=item.due_on)
        for index, item in enumerate(items, 1)
    )
    note(row, event="sheet.drafted", actor=actor, now=now, kind=kind, items=len(items))
    return row


@transaction.atomic
def sign_sheet(sheet: Sheet, *, version: int | None = None, actor: Actor, now: datetime) -> Sheet:
    """签发 or 会签, by those whom the pack names."""
    row = locked(sheet, version=version)
    core.require(actor, "accountability.sign_sheet", row)
    if row.sent_at is not None:
        raise Refused("sent", "已经下发，不用再签。")
    signers = wanted(row, on=local_day(now))
    if actor.role not in signers.named:
        raise Refused("not_signer", f"{KINDS[row.kind]}不由您的单位签，应由{signers.words}签。", signers.clauses)
    if row.signatures.filter(role=actor.role).exists():
        raise Refused("signed", "您的单位已经签过。")
    SheetSignature.objects.create(
        sheet=row, role=actor.role, signed_by=actor.user, signed_label=actor.label, signed_at=now
    )
    save(row)
    note(row, event="sheet.signed", actor=actor, now=now, kind=row.kind, by=actor.role)
    return row


@transaction.atomic
def send_sheet(sheet: Sheet, *, version: int | None = None, actor: Actor, now: datetime) -> Sheet:
    """Only when signed: numbered, served on every unit named, a task for each item."""
    row = locked(sheet, version=version)
    core.require(actor, "accountability.send_sheet", row)
    if row.sent_at is not None:
        raise Refused("sent", "已经下发。")
    signers = wanted(row, on=local_day(now))
    missing = signers.missing(row)
    if missing:
        raise Refused("unsigned", f"还缺{missing}签字，不能下发。", signers.clauses)
    items = list(row.items.select_related("unit"))
    lines = "\n".join(f"{item.position}. {item.text}（{item.unit.name}，{cn_date(item.due_on)}前）" for item in items)
    names = "、".join(one.signed_label for one in row.signatures.order_by("signed_at"))
    row.document = issue(
        INSTRUMENTS[row.kind],
        subject=row.ref,
        to=list(dict.fromkeys(item.unit for item in items)),
        values={"origin": row.origin, "signers": names, "items": lines},
        place_path=row.place_path,
        actor=actor,
        now=now,
    )
    for item in items:
        item.task = give_task(
            title=item.text,
            unit=item.unit,
            due_on=item.due_on,
            source=row.kind,
            text=f"{row.title}（{row.document.number}）第{item.position}项",
            actor=actor,
            now=now,
        )
        item.save(update_fields=["task"])
    row.sent_at = now
    save(row)
    note(row, event="sheet.sent", actor=actor, now=now, kind=row.kind, items=len(items), number=row.document.number)
    return row
