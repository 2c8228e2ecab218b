"""Texts that a place gave itself, version by version; the lists of what a committee has to do or leave."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.core.models import Place
from gongzhi.governance.bodies.models import AdoptedText, Body, ListItem, ListMark, Member, TextReceipt
from gongzhi.governance.bodies.queries.apart import listed_apart
from gongzhi.governance.bodies.services.common import of_body, words
from gongzhi.governance.bodies.services.supervising import open_charge
from gongzhi.governance.bodies.words import LIST_KINDS, TEXT_KINDS
from gongzhi.registry.models import Unit


@transaction.atomic
def adopt_text(
    place: Place,
    *,
    kind: str,
    title: str,
    issuer: str = "",
    text: str = "",
    file: Any = None,
    from_on: date,
    vote_ref: str = "",
    actor: Actor,
    now: datetime,
) -> AdoptedText:
    """A new version; the older ones stay readable. `issuer` an office that the document lists apart."""
    core.require(actor, "text.adopt_apart" if issuer else "text.adopt", place)
    if kind not in TEXT_KINDS:
        raise Refused("text_kind", "请从列表里选类别。", fields={"kind": "请从列表里选"})
    if not text.strip() and file is None:
        raise Refused("text_empty", "请填写正文，或附上文件。", fields={"text": "请填写正文，或附上文件"})
    if issuer and issuer not in listed_apart(place.path, core.local_day(now))[0]:
        raise Refused("issuer", "请从列表里选发布单位。", fields={"issuer": "请从列表里选"})
    of = {"place": place, "kind": kind, "issuer": issuer}
    rows = AdoptedText.objects.select_for_update().filter(**of)
    number = (AdoptedText.objects.filter(**of).aggregate(last=Max("number"))["last"] or 0) + 1
    if rows.filter(from_on__gt=from_on).exists():
        raise Refused("text_day", "施行日期不能早于现行版本。", fields={"from_on": "不能早于现行版本"})
    row = AdoptedText.objects.create(
        **of,
        title=words(title, "title", "名称"),
        number=number,
        from_on=from_on,
        words=text.strip(),
        vote_ref=vote_ref,
        place_path=place.path,
        demo=actor.demo,
    )
    if file is not None:
        row.file = core.store_file(file, owner=row.ref, actor=actor, now=now)
        row.save(update_fields=["file"])
    core.record(
        "text.adopted",
        subject=row.ref,
        actor=actor,
        at=now,
        place_path=row.place_path,
        data={"kind": kind, "number": number, "from_on": from_on},
    )
    return row


@transaction.atomic
def receive_text(text: AdoptedText, *, units: Iterable[Unit], on: date, actor: Actor, now: datetime) -> int:
    """The owners of these units have signed for the text. How many by now."""
    core.require(actor, "text.adopt", text)
    TextReceipt.objects.bulk_create(
        (TextReceipt(text=text, unit=one, received_on=on) for one in units), ignore_conflicts=True
    )
    received = text.receipts.count()
    core.record(
        "text.received",
        subject=text.ref,
        actor=actor,
        at=now,
        place_path=text.place_path,
        data={"received": received},
    )
    return received


@transaction.atomic
def add_list_item(place: Place, *, kind: str, text: str, from_on: date, actor: Actor, now: datetime) -> ListItem:
    core.require(actor, "list.keep", place)
    if kind not in LIST_KINDS:
        raise Refused("list_kind", "请选清单。", fields={"kind": "请选清单"})
    try:
        with transaction.atomic():
            row = ListItem.objects.create(
                place=place, kind=kind, words=words(text, "text", "条目"), from_on=from_on, place_path=place.path,
                demo=actor.demo,
            )  # fmt: skip
    except IntegrityError as error:
        raise Refused("item_twice", "清单里已有这一条。", fields={"text": "已有这一条"}) from error
    _record_list(row, "新增", actor=actor, now=now)
    return row


def _record_list(row: ListItem, what: str, *, actor: Actor, now: datetime) -> None:
    core.record(
        "list.changed",
        subject=row.place.ref,
        actor=actor,
        at=now,
        place_path=row.place_path,
        data={"list": row.kind, "what": what},
    )


@transaction.atomic
def drop_list_item(item: ListItem, *, to_on: date, actor: Actor, now: datetime) -> ListItem:
    core.require(actor, "list.keep", item)
    item.to_on = to_on
    item.save(update_fields=["to_on"])
    _record_list(item, "停用", actor=actor, now=now)
    return item


@transaction.atomic
def mark_list(
    body: Body, *, item: ListItem, on: date, note: str = "", member: Member | None = None, actor: Actor, now: datetime
) -> ListMark:
    """A duty done; or, by the street, something forbidden that was found: then with the member it concerns."""
    core.require(actor, "list.mark", body)
    if item.kind == "negative":
        core.require(actor, "charge.work", body)
        if member is None:
            raise Refused("mark_member", "负面清单要写明涉及的委员。", fields={"member": "请选委员"})
    row = ListMark.objects.create(
        item=item, body=body, member=member, on=on, note=note.strip()[:200], place_path=body.place_path,
        demo=actor.demo or body.demo,
    )  # fmt: skip
    if item.kind == "negative" and member is not None:
        said = f"负面清单：{item.words}" + (f"。{note.strip()}" if note.strip() else "")
        open_charge(member, text=said, actor=actor, now=now)
    core.record(
        "list.marked",
        subject=body.ref,
        actor=actor,
        at=now,
        place_path=body.place_path,
        data=of_body(body, list=item.kind),
    )
    return row


def current_items(place_path: str, kind: str, on: date) -> list[ListItem]:
    """The list that holds at the place: every entry of it and of the places above."""
    codes = [code for code in place_path.split("/") if code]
    rows = ListItem.objects.filter(place__code__in=codes, kind=kind, from_on__lte=on).exclude(to_on__lt=on)
    return list(rows.order_by("from_on", "pk"))
