"""What an authorised person decides about packs: attaching one, setting a switch, entering a calendar year."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction

from gongzhi.core import packs
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.core.models import CalendarYear, PackAttachment, Place, SwitchValue
from gongzhi.core.recording import record
from gongzhi.core.refs import Ref
from gongzhi.core.rights import require
from gongzhi.core.versions import check_version
from gongzhi.policy.calendar import CalendarYear as YearBlock
from gongzhi.policy.problems import PackFault
from gongzhi.policy.values import typed_switch

LONGEST_SOURCE = 200


@transaction.atomic
def attach_pack(
    place: Place, *, pack: str, switched_on: bool = False, since: date | None = None, actor: Actor, now: datetime
) -> PackAttachment:
    """The pack holds at the place from now on (`since`: from that day). A draft only when switched on."""
    require(actor, "pack.attach", place)
    found = packs.named_pack(pack)
    if found is None:
        raise Refused("unknown_pack", f"没有名为“{pack}”的文件，请核对后再启用。", fields={"pack": "没有这份文件"})
    attachment, made = PackAttachment.objects.select_for_update().get_or_create(
        place=place,
        pack=pack,
        defaults={"place_path": place.path, "switched_on": switched_on, "since": since, "demo": actor.demo},
    )
    if not made and (attachment.switched_on, attachment.since) == (switched_on, since):
        return attachment
    attachment.switched_on, attachment.since = switched_on, since
    attachment.save()
    packs.changed()  # after the row stands: a reaction to the event reads what holds from now on
    attachment.event = record(
        "pack.attached",
        subject=place.ref,
        actor=actor,
        at=now,
        place_path=place.path,
        data={"pack": pack, "hash": found.hash, "status": found.status, "switched_on": switched_on, "since": since},
    )
    attachment.save(update_fields=["event"])
    return attachment


@transaction.atomic
def set_switch(
    *, place: Place, pack: str, name: str, value: str, from_on: date, actor: Actor, reason: str, now: datetime
) -> SwitchValue:
    """Decides what the document leaves open, at this place and below, from a day on. Earlier decisions stay."""
    require(actor, "switch.set", place)
    found = packs.named_pack(pack)
    switch = found.switches.get(name) if found else None
    if found is None or switch is None:
        raise Refused("unknown_switch", f"文件“{pack}”里没有开关“{name}”。", fields={"name": "没有这个开关"})
    if not reason.strip():
        raise Refused(
            "reason_missing", "设定开关要写明理由（如会议决定、批复文号）。", fields={"reason": "请填写理由。"}
        )
    try:
        typed_switch(value, switch.type, found.words)
    except PackFault as error:
        raise Refused(
            "bad_switch_value",
            f"“{switch.title}”不能设为“{value}”：{error}",
            clause=switch.clauses,
            fields={"value": str(error)},
        ) from error
    row = SwitchValue(
        place=place,
        place_path=place.path,
        pack=pack,
        name=name,
        value=value,
        from_on=from_on,
        decided_by=actor.user,
        reason=reason,
        demo=actor.demo,
    )
    row.save()
    packs.changed()
    row.event = record(
        "switch.set",
        subject=place.ref,
        actor=actor,
        at=now,
        place_path=place.path,
        data={"pack": pack, "switch": name, "value": value, "from_on": from_on, "reason": reason},
    )
    row.save(update_fields=["event"])
    return row


@transaction.atomic
def enter_calendar_year(
    year: int, *, data: Mapping[str, Any], source: str, version: int | None = None, actor: Actor, now: datetime
) -> CalendarYear:
    """Enters or corrects a year's holidays and adjusted work days: `{holidays: [{name, from, to}], workdays: [date]}`.

    Deadlines of that year stop being provisional when they are computed anew.
    """
    require(actor, "calendar.enter")
    if not source.strip():
        raise Refused(
            "source_missing",
            "请填写放假安排的发文字号。",
            fields={"source": "请填写发文字号，如国办发明电〔年份〕几号。"},
        )
    try:
        block = YearBlock.from_data(year, {**data, "source": source}).to_data()
    except (ValueError, KeyError, TypeError) as error:
        raise Refused("bad_calendar", f"日历不能录入：{error}", fields={"holidays": str(error)}) from error
    row = CalendarYear.objects.select_for_update().filter(year=year).first()
    if row is not None:
        check_version(row, version)
        row.version += 1
    else:
        row = CalendarYear(year=year, demo=actor.demo)
    row.data = {"holidays": block["holidays"], "workdays": block["workdays"]}
    row.source, row.entered_by, row.entered_at = source[:LONGEST_SOURCE], actor.user, now
    row.save()
    packs.changed()
    record(
        "calendar.entered",
        subject=Ref("calendar", str(year), f"{year}年工作日历"),
        actor=actor,
        at=now,
        place_path=actor.place_path,
        data={"year": year, "source": source},
    )
    return row
