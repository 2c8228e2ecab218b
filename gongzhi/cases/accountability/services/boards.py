"""公示牌: printed with the numbers that hold now, posted with a photograph, and printed again when a number changes."""

from datetime import datetime
from typing import Any

from django.db import transaction

from gongzhi.cases.accountability.models import NoticeBoard
from gongzhi.cases.accountability.queries.boards import board_lines, boards_naming
from gongzhi.cases.accountability.services.common import locked, note, save, text_of
from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.days import local_day
from gongzhi.core.errors import Refused
from gongzhi.core.models import Organisation
from gongzhi.registry import queries as registry
from gongzhi.registry.models import Estate

LONGEST_NUMBER = 40


@transaction.atomic
def print_board(estate: Estate, *, actor: Actor, now: datetime) -> NoticeBoard:
    """Keeps the numbers as they are printed. Refuses while one of the three kinds has none."""
    core.require(actor, "accountability.post_board", estate)
    board = board_lines(estate, on=local_day(now))
    if board.missing:
        raise Refused(
            "no_number", f"还没有登记{'、'.join(board.missing)}的受理电话，不能印制。请先补登电话。", board.clauses
        )
    row, _ = NoticeBoard.objects.select_for_update().get_or_create(
        estate=estate, defaults={"place_path": estate.place_path, "demo": actor.demo or estate.demo}
    )
    row.lines, row.printed_at = board.to_json(), now
    save(row)
    note(row, event="board.printed", actor=actor, now=now, lines=len(row.lines))
    return row


@transaction.atomic
def post_board(
    board: NoticeBoard, *, photo: Any, spot: str, version: int | None = None, actor: Actor, now: datetime
) -> NoticeBoard:
    row = locked(board, version=version)
    core.require(actor, "accountability.post_board", row)
    if row.printed_at is None:
        raise Refused("not_printed", "请先印制公示牌。")
    if photo is None:
        raise Refused("no_photo", "请上传张贴照片。", fields={"photo": "请上传张贴照片。"})
    row.spot = text_of(spot, "spot", "请写明张贴地点。")
    row.photo = core.store_file(photo, owner=row.ref, actor=actor, now=now)
    if not row.photo.is_image:
        raise Refused("no_picture", "张贴照片要是图片。", fields={"photo": "请选照片。"})
    row.posted_at, row.posted_label, row.posted_lines = now, actor.label, row.lines
    save(row)
    note(row, event="board.posted", actor=actor, now=now, lines=len(row.lines))
    return row


@transaction.atomic
def change_number(unit: Organisation, *, number: str, actor: Actor, now: datetime) -> list[NoticeBoard]:
    """A unit's number changed: pages show the new one at once; streets learn which boards to print again."""
    core.require(actor, "accountability.set_number", unit)
    row = Organisation.objects.select_for_update().get(pk=unit.pk)
    number = text_of(number, "number", "请填电话。")
    if len(number) > LONGEST_NUMBER or not all(sign.isdigit() or sign in "-+ ()（）转、" for sign in number):
        raise Refused("bad_number", "电话里只能有数字、横线和“转”。", fields={"number": "请核对电话。"})
    if row.phone == number:
        raise Refused("same_number", "电话没有变化。", fields={"number": "与现在的电话相同。"})
    row.phone = number
    row.save(update_fields=["phone"])
    core.record(
        "unit.number_changed",
        subject=row.ref,
        actor=actor,
        at=now,
        data={"lead": row.role},
        place_path=row.place_path,
    )
    stale = boards_naming(row)
    for board in stale:
        street = registry.organisation_for("street_office", board.place_path)
        if street is not None:
            core.notify(
                to=street,
                template="board.stale",
                text=f"{row.name}改了电话，{board.estate}的公示牌请重印。",
                ref=board.ref,
                now=now,
            )
    return stale
