"""What a ticket holds, by our names; a source says in which of its columns each stands. No Django."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Column:
    """`late`: may still change after the ticket was taken in. The others are told when they differ, and stay."""

    code: str
    title: str
    required: bool = False
    late: bool = False
    longest: int = 200


COLUMNS: tuple[Column, ...] = (
    Column("number", "热线编号", required=True, longest=60),
    Column("received_at", "来电时间", required=True),
    Column("text", "诉求内容", required=True, longest=5000),
    Column("estate", "小区", required=True),
    Column("matter", "事项", required=True),
    Column("title", "标题", longest=120),
    Column("location", "地点"),
    Column("caller_name", "来电人", longest=60),
    Column("caller_phone", "联系电话", longest=40),
    Column("caller_address", "联系地址"),
    Column("due_at", "热线期限", late=True),
    Column("state", "热线状态", late=True, longest=60),
    Column("attachments", "附件", late=True, longest=2000),
)
BY_CODE = {one.code: one for one in COLUMNS}
REQUIRED = tuple(one.code for one in COLUMNS if one.required)
LATE = tuple(one.code for one in COLUMNS if one.late)


def own_names(headers: list[str]) -> dict[str, str]:
    """The columns that bear exactly our own name or title; nothing is guessed beyond that."""
    known = {one.title: one.code for one in COLUMNS} | {one.code: one.code for one in COLUMNS}
    return {known[header]: header for header in headers if header in known}


def columns_in(kept: Mapping[str, str], headers: Sequence[str]) -> dict[str, str]:
    """Which column of this file is which: as kept for its source, where the file has it; else the one with our name."""
    found = {code: header for code, header in kept.items() if header in headers}
    own = {code: header for code, header in own_names(list(headers)).items() if header not in found.values()}
    return {**own, **found}
