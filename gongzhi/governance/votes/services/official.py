"""A vote held on a government's platform: its export is taken in ballot by ballot, counted here, and compared."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any

from django.db import transaction
from python_calamine import CalamineError, CalamineWorkbook

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.governance.tally.parts import ANSWERS
from gongzhi.governance.tally.result import Result
from gongzhi.governance.votes.models import Vote, VoteRecord
from gongzhi.governance.votes.services.balloting import Given, cast, rules_of
from gongzhi.governance.votes.services.common import digest, entered, locked, tell

COUNTED = ("closed", "published", "final", "filed")
ROOM = "房号"
MARKS = {words: answer for answer, words in ANSWERS.items()}
MOST_FAULTS = 20
KEY_LETTERS = 16
TICK = timedelta(microseconds=1)


@dataclass(frozen=True)
class Taken:
    ballots: int
    unvoted: int


@transaction.atomic
def take_official(vote: Vote, *, content: bytes, actor: Actor, now: datetime) -> Taken:
    """A workbook with a column 房号 and one for each motion by its title; an empty cell: not voted.

    Every fault is told at once and nothing is kept. Each row becomes a ballot of the channel `official`, so that the
    count, its reasons and its readings can be held against what the platform announced.
    """
    core.require(actor, "vote.run", vote)
    vote = locked(vote, states=("open",), doing="导入官方平台的结果")
    if now < vote.closes_at:
        raise Refused("still_open", "投票还没有截止。截止后再导入官方平台导出的结果。")
    rows = _rows(content)
    titles = {one.title: one.motion for one in rules_of(vote).motions}
    rooms = {one.room: one for one in vote.roll.all()}
    faults = _faults(rows, titles, rooms)
    if faults:
        shown = "；".join(faults[:MOST_FAULTS])
        raise Refused(
            "official_rows", f"表格有{len(faults)}处不符，没有导入：{shown}。", fields={"file": "请改好后重新导入"}
        )
    file = digest(content)
    data = {"official": {"file": file, "rows": len(rows)}}
    entered(vote, kind="RESULT", data=data, at=now, actor=actor, now=now)
    taken = 0
    for row in rows:
        entry = rooms[row[ROOM]]
        choices = {titles[title]: MARKS[mark] for title, mark in row.items() if title != ROOM and mark}
        if not choices:
            continue
        voter = entry.voters[0] if entry.voters else entry.owners[0]
        key = f"official-{file[:KEY_LETTERS]}-{entry.code}"
        # The export tells no moment for a ballot: it stands at the last one before the close.
        given = Given(voter, [entry.code], choices, "official", vote.closes_at - TICK, key)
        cast(vote, given=given, now=now, actor=actor)
        taken += 1
    return Taken(taken, len(rows) - taken)


@transaction.atomic
def record_announced(
    vote: Vote, *, figures: Mapping[str, Mapping[str, Any]], actor: Actor, now: datetime
) -> VoteRecord:
    """What the platform announced, motion by motion (areas in 0.01 m²), to be held against the count here."""
    core.require(actor, "vote.count", vote)
    vote = locked(vote, states=COUNTED, doing="核对官方结果")
    if rules_of(vote).settings.official_platform.value != "required":
        raise Refused("not_official", "这次表决就在本平台办，没有官方平台的结果可核对。")
    if not figures:
        raise Refused("no_figures", "一项也没有填，没有登记。请照官方平台公布的填。")
    record = entered(vote, kind="RESULT", data={"announced": figures}, at=now, actor=actor, now=now)
    tell(vote, kind="vote.announced", actor=actor, now=now, data={"motions": len(figures)})
    return record


@dataclass(frozen=True)
class Compared:
    """One figure as announced and as counted here."""

    title: str
    name: str
    announced: Any
    counted: Any

    @property
    def agrees(self) -> bool:
        return bool(self.announced == self.counted)


def compared(vote: Vote, result: Result) -> list[Compared]:
    """The last announcement against our count; nothing where none was entered."""
    rows = VoteRecord.objects.filter(vote=vote, kind="RESULT", data__has_key="announced").order_by("-pk")
    record = rows.first()
    if record is None:
        return []
    found = []
    for one in result.motions:
        took, agree = one.tallied.participating, one.tallied.votes.agree
        ours = {
            "outcome": one.outcome,
            "voted_heads": took.heads,
            "voted_area": took.area,
            "agree_heads": agree.heads,
            "agree_area": agree.area,
        }
        given = record.data["announced"].get(one.motion, {})
        found += [Compared(one.title, name, given[name], ours[name]) for name in ours if name in given]
    return found


def _rows(content: bytes) -> list[dict[str, str]]:
    try:
        sheet = CalamineWorkbook.from_filelike(BytesIO(content)).get_sheet_by_index(0).to_python()
    except (CalamineError, IndexError) as error:
        raise Refused(
            "official_file", "读不出这个文件，请上传官方平台导出的Excel。", fields={"file": "不是Excel"}
        ) from error
    if not sheet or ROOM not in [str(cell).strip() for cell in sheet[0]]:
        raise Refused("official_head", "第一行要有“房号”和各议题的名称。", fields={"file": "第一行不符"})
    head = [str(cell).strip() for cell in sheet[0]]
    return [
        {title: str(cell).strip() for title, cell in zip(head, row, strict=False) if title}
        for row in sheet[1:]
        if any(str(cell).strip() for cell in row)
    ]


def _faults(rows: Sequence[Mapping[str, str]], titles: Mapping[str, str], rooms: Mapping[str, Any]) -> list[str]:
    found = []
    if rows:
        unknown = [title for title in rows[0] if title != ROOM and title not in titles]
        found += [f"没有议题“{one}”" for one in unknown]
        found += [f"缺少议题“{one}”的一列" for one in titles if one not in rows[0]]
    seen: set[str] = set()
    for number, row in enumerate(rows, 2):
        room = row.get(ROOM, "")
        if room not in rooms:
            found.append(f"第{number}行：名册里没有房号“{room}”")
        elif room in seen:
            found.append(f"第{number}行：房号“{room}”重复")
        seen.add(room)
        found += [
            f"第{number}行：“{mark}”不是同意、反对、弃权"
            for title, mark in row.items()
            if title != ROOM and mark and mark not in MARKS
        ]
    return found
