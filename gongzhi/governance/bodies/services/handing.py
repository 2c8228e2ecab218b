"""From the body that left to the one that came: the list, what was given, the signatures, the refusals."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.display import cn_date
from gongzhi.core.errors import Refused
from gongzhi.core.models import Document, Event
from gongzhi.core.sheets import Asked, workbook
from gongzhi.core.word import render_word
from gongzhi.governance.bodies.models import Asset, Body, HandOver, HandOverItem, HandOverSignature
from gongzhi.governance.bodies.services.common import bump, lock, words
from gongzhi.governance.bodies.words import COMMITTEES
from gongzhi.registry.queries import organisation_for

OLD, NEW = "old", "new"
PARTIES = {OLD: "移交方", NEW: "接收方"}
INSTRUMENT = "handover_list"
LONGEST_TITLE = 100


@transaction.atomic
def open_handover(from_body: Body, *, to_body: Body | None, opened_on: date, actor: Actor, now: datetime) -> HandOver:
    """The list and the parties that the local document names."""
    core.require(actor, "handover.work", from_body)
    if HandOver.objects.filter(from_body=from_body).exists():
        raise Refused("handover_open", "移交已经开始。")
    answer = core.ask("governance.handover", {"kind": from_body.kind}, place_path=from_body.place_path, on=opened_on)
    value = answer.value if answer.ok and answer.value else {"items": [], "parties": []}
    row = HandOver.objects.create(
        from_body=from_body,
        to_body=to_body,
        opened_on=opened_on,
        basis=answer.to_json(),
        place_path=from_body.place_path,
        demo=from_body.demo,
    )
    HandOverItem.objects.bulk_create(
        HandOverItem(handover=row, title=title, quantity="1" if asset else "", asset=asset)
        for title, asset in _to_hand_over(from_body, value["items"], opened_on)
    )
    parties = [OLD, NEW, *(value.get("parties") or ())]
    HandOverSignature.objects.bulk_create(HandOverSignature(handover=row, party=one) for one in parties)
    core.record(
        "handover.opened",
        subject=row.ref,
        actor=actor,
        at=now,
        place_path=row.place_path,
        data={
            "body": from_body.ref.key,
            "from_kind": from_body.kind,
            "opened_on": opened_on,
            "parties": list(value.get("parties") or ()),
        },
    )
    return row


def _to_hand_over(body: Body, wanted: Sequence[str], on: date) -> list[tuple[str, Asset | None]]:
    """Each seal and account that the body keeps by its name, then the rest of the document's list."""
    kept = list(body.assets.filter(Q(to_on=None) | Q(to_on__gt=on)).order_by("-kind", "pk"))
    kinds = {one.get_kind_display() for one in kept}
    return [*((_title(one)[:LONGEST_TITLE], one) for one in kept), *((one, None) for one in wanted if one not in kinds)]


def _title(asset: Asset) -> str:
    return f"{asset.get_kind_display()}：{asset.title}{f'（尾号{asset.tail}）' if asset.tail else ''}"


def open_handovers(event: Event) -> None:
    """Reaction: a committee is on file, or one of the street's own was formed, so those before it hand over to it."""
    body = Body.objects.select_related("estate").filter(pk=event.subject_id).first()
    if body is None or body.estate is None or body.kind not in COMMITTEES:
        return
    if event.kind == "body.formed" and body.kind == COMMITTEES[0]:
        return  # until it is on file the others keep what they have
    for before in _before(body):
        row = open_handover(
            before,
            to_body=body,
            opened_on=core.local_day(event.at),
            actor=Actor.system(demo=body.demo),
            now=event.at,
        )
        if body.organisation is not None:
            text = f"请办理移交：{_terms(row)}移交印章、账户、账簿和档案资料。"
            core.notify(to=body.organisation, template="handover.opened", text=text, ref=row.ref, now=event.at)


def _before(body: Body) -> list[Body]:
    """The last of each kind that stood for these owners before it, has ended or ends with it, and never handed over."""
    found = []
    for kind in COMMITTEES:
        earlier = Body.objects.filter(estate=body.estate, kind=kind, formed_on__lte=body.formed_on).exclude(pk=body.pk)
        last = earlier.order_by("-term").first()
        ends = last is not None and (last.state == "ended" or body.kind == COMMITTEES[0])
        if last is not None and ends and not last.handovers.exists():
            found.append(last)
    return found


@transaction.atomic
def add_item(handover: HandOver, *, title: str, quantity: str = "", actor: Actor, now: datetime) -> HandOverItem:
    core.require(actor, "handover.work", handover)
    handover = _running(handover)
    signed = handover.signatures.exclude(signed_at=None).order_by("pk").first()
    if signed is not None:
        raise Refused("list_signed", f"{party_name(signed.party, handover)}已经在清单上签字，不能再增加。")
    row = HandOverItem.objects.create(
        handover=handover, title=words(title, "title", "物品资料"), quantity=quantity.strip()
    )
    bump(handover)
    _record_items(handover, actor=actor, now=now)
    return row


def _running(handover: HandOver, version: int | None = None) -> HandOver:
    locked: HandOver = lock(handover, version=version)
    if locked.completed_at is not None:
        raise Refused("handover_done", "移交已经办结。")
    return locked


def _record_items(handover: HandOver, *, actor: Actor, now: datetime) -> None:
    items = list(handover.items.all())
    core.record(
        "handover.item_given",
        subject=handover.ref,
        actor=actor,
        at=now,
        place_path=handover.place_path,
        data={
            "body": handover.from_body.ref.key,
            "given": sum(one.given_on is not None for one in items),
            "items": len(items),
        },
    )


@transaction.atomic
def give_items(
    handover: HandOver,
    *,
    items: Sequence[int],
    on: date,
    note: str = "",
    actor: Actor,
    now: datetime,
    version: int | None = None,
) -> HandOver:
    core.require(actor, "handover.work", handover)
    handover = _running(handover, version)
    rows = list(handover.items.filter(pk__in=items, given_on=None))
    if not rows:
        raise Refused("nothing_given", "请勾选这次移交的物品资料。", fields={"items": "请勾选"})
    for one in rows:
        one.given_on, one.note = on, note.strip()
        one.save(update_fields=["given_on", "note"])
    bump(handover)
    _record_items(handover, actor=actor, now=now)
    return handover


@transaction.atomic
def lack_items(
    handover: HandOver,
    *,
    items: Sequence[int],
    reason: str,
    actor: Actor,
    now: datetime,
    version: int | None = None,
) -> HandOver:
    """What is not there to be given stays on the list with the reason; the parties sign under that."""
    core.require(actor, "handover.work", handover)
    handover = _running(handover, version)
    rows = list(_left(handover).filter(pk__in=items))
    if not rows:
        raise Refused("nothing_given", "请勾选无法移交的物品资料。", fields={"items": "请勾选"})
    why = words(reason, "reason", "为什么无法移交")[:200]
    for one in rows:
        one.note = why
        one.save(update_fields=["note"])
    bump(handover)
    _record_items(handover, actor=actor, now=now)
    return handover


def _left(handover: HandOver) -> QuerySet[HandOverItem]:
    """Neither given nor said to be lacking."""
    return handover.items.filter(given_on=None, note="")


@transaction.atomic
def sign_handover(
    handover: HandOver,
    *,
    party: str,
    signer: str,
    files: Sequence[Any] = (),
    actor: Actor,
    now: datetime,
    version: int | None = None,
) -> HandOver:
    """A party signs; an office signs for itself. With the last signature, and everything given, it is done. `files`:
    photographs of the list signed on paper."""
    core.require(actor, "handover.work", handover)
    handover = _running(handover, version)
    row = _signature(handover, party, actor)
    if row.signed_at is not None:
        raise Refused("signed", "这一方已经签字。")
    if not handover.items.exists():
        raise Refused("list_empty", "移交清单还是空的，不能签字。请先增加移交的物品资料。")
    if party in PARTIES and _left(handover).exists():
        raise Refused("items_left", "还有物品资料没有移交，双方不能签字。请登记移交；移交不了的，登记原因。")
    row.signed_at, row.signed_by, row.refused_at, row.reason = now, words(signer, "signer", "签字人"), None, ""
    row.save()
    bump(handover)
    for file in files:
        core.store_file(file, owner=handover.ref, actor=actor, now=now)
    signatures = list(handover.signatures.all())
    signed = sum(one.signed_at is not None for one in signatures)
    core.record(
        "handover.signed",
        subject=handover.ref,
        actor=actor,
        at=now,
        place_path=handover.place_path,
        data={"body": handover.from_body.ref.key, "party": party, "signed": signed, "parties": len(signatures)},
    )
    if signed == len(signatures) and not _left(handover).exists():
        _complete(handover, actor=actor, now=now)
    return handover


def _signature(handover: HandOver, party: str, actor: Actor) -> HandOverSignature:
    row = handover.signatures.select_for_update().filter(party=party).first()
    if row is None:
        raise Refused("party", "移交没有这一方。", fields={"party": "请从列表里选"})
    if party not in PARTIES and not actor.is_system and actor.role != party:
        name = core.role_name(party, place_path=handover.place_path)
        raise Refused("forbidden", f"这一栏由{name}自己确认。", status=403)
    return row


@transaction.atomic
def refuse_handover(
    handover: HandOver, *, party: str, reason: str, actor: Actor, now: datetime, version: int | None = None
) -> HandOver:
    """A party will not sign: who, when and why stays on record, and the hand-over stays open."""
    core.require(actor, "handover.work", handover)
    handover = _running(handover, version)
    row = _signature(handover, party, actor)
    if row.signed_at is not None:
        raise Refused("signed", "这一方已经签字，不能再登记拒签。")
    row.refused_at, row.reason = now, words(reason, "reason", "拒签理由")[:200]
    row.save(update_fields=["refused_at", "reason"])
    bump(handover)
    core.record(
        "handover.refused",
        subject=handover.ref,
        actor=actor,
        at=now,
        place_path=handover.place_path,
        data={"body": handover.from_body.ref.key, "party": party},
    )
    return handover


def _complete(handover: HandOver, *, actor: Actor, now: datetime) -> None:
    handover.completed_at = now
    handover.document = _list(handover, actor=actor, now=now)
    bump(handover, "completed_at", "document")
    _pass_on(handover)
    core.record(
        "handover.completed",
        subject=handover.ref,
        actor=actor,
        at=now,
        place_path=handover.place_path,
        data={"body": handover.from_body.ref.key},
    )


def _pass_on(handover: HandOver) -> None:
    """Seals and accounts of one committee serve its next term. Those of another body go to its keeping, and stay on
    the other's page until they are destroyed and closed."""
    old, new = handover.from_body, handover.to_body
    if new is None or old.organisation_id != new.organisation_id:
        return
    for item in handover.items.filter(asset__to_on=None, given_on__isnull=False).select_related("asset"):
        kept = item.asset
        if kept is None or item.given_on is None:
            continue
        Asset.objects.create(
            body=new,
            kind=kept.kind,
            title=kept.title,
            bank=kept.bank,
            tail=kept.tail,
            from_on=kept.from_on,
            place_path=new.place_path,
            demo=kept.demo,
        )
        kept.to_on, kept.end_note = max(item.given_on, kept.from_on), f"移交第{new.term}届"
        kept.save(update_fields=["to_on", "end_note"])


def _list(handover: HandOver, *, actor: Actor, now: datetime) -> Document | None:
    """The signed list as a paper of the street, where the local document has one."""
    pack = core.pack_for(handover.place_path, core.local_day(now))
    street = organisation_for("street_office", handover.place_path, handover.from_body.estate)
    if pack is None or street is None or INSTRUMENT not in pack.instruments:
        return None
    return core.issue_document(
        INSTRUMENT,
        subject=handover.ref,
        to=[one.organisation for one in (handover.to_body,) if one is not None and one.organisation],
        values={
            "estate": str(handover.from_body.estate or ""),
            "text": _terms(handover),
            **listed(handover),
        },
        issuer=street,
        place_path=handover.place_path,
        actor=actor,
        now=now,
    )


def _terms(handover: HandOver) -> str:
    """From whom to whom: two terms of one committee share their name."""
    before, after = handover.from_body, handover.to_body
    if after is None:
        return f"{before.name}第{before.term}届向接收方"
    if after.kind == before.kind:
        return f"{before.name}第{before.term}届向第{after.term}届"
    return f"{before.name}向{after.name}"


def listed(handover: HandOver) -> dict[str, Any]:
    """The lines of the list and the places of the signatures, as the paper shows them now."""
    items = list(handover.items.order_by("pk"))
    return {
        "all": len(items),
        "settled": sum(one.given_on is not None for one in items),
        "items": [_line(one) for one in items],
        "signatures": [
            {"name": party_name(one.party, handover), "signed": _signed(one)}
            for one in handover.signatures.order_by("pk")
        ],
    }


def handover_paper(handover: HandOver, *, now: datetime) -> bytes:
    """The list as it stands now, as Word: with an empty place for everybody who has yet to sign."""
    shown = listed(handover)
    return render_word(
        "signed_list",
        {
            "title": f"{handover.from_body.name}移交清单",
            "number": handover.document.number if handover.document else "（办结后编号）",
            "paragraphs": [f"{_terms(handover)}移交，共{shown['all']}项，已移交{shown['settled']}项。"],
            "items": shown["items"],
            "signatures": shown["signatures"],
            "basis": "",
            "date": cn_date(core.local_day(now)),
            "demo": handover.demo,
        },
    )


COLUMNS = (("序号", 6), ("类别", 12), ("名称", 40), ("应有", 8), ("实有", 8), ("结果和情况", 40))


def handover_workbook(handover: HandOver, *, asked: Asked) -> bytes:
    names = ("group", "name", "expected", "found", "state")
    rows = [[number, *(one[name] for name in names)] for number, one in enumerate(listed(handover)["items"], start=1)]
    return workbook("移交清单", COLUMNS, rows, asked=asked)


def _line(one: HandOverItem) -> dict[str, str]:
    kind, _, name = one.title.rpartition("：")
    state = f"没有移交：{one.note}" if one.note else ""
    if one.given_on is not None:
        state = f"{cn_date(one.given_on)}移交{f'，{one.note}' if one.note else ''}"
    given = one.quantity or "有" if one.given_on else "无" if one.note else ""
    return {"group": kind or "资料", "name": name, "expected": one.quantity, "found": given, "state": state}


def _signed(one: HandOverSignature) -> str:
    if one.signed_at is not None:
        return f"{one.signed_by}　{cn_date(core.local_day(one.signed_at))}"
    return f"拒签：{one.reason}" if one.refused_at else ""


def party_name(party: str, handover: HandOver) -> str:
    """The two bodies by their part in it and their name, an office as the local document of that day calls it."""
    if party not in PARTIES:
        return core.role_name(party, place_path=handover.place_path, on=handover.opened_on)
    body = handover.from_body if party == OLD else handover.to_body
    if body is None:
        return PARTIES[party]
    return f"{PARTIES[party]}（{body.get_kind_display()}第{body.term}届）"
