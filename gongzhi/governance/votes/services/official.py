"""A vote held on a government's platform: its export is taken in ballot by ballot, counted here, and compared."""

import re
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
from gongzhi.governance.tally.rules import Motion
from gongzhi.governance.votes.models import Ballot, Vote, VoteRecord
from gongzhi.governance.votes.scopes import concerned
from gongzhi.governance.votes.services.balloting import Given, cast, rules_of
from gongzhi.governance.votes.services.common import digest, entered, locked, tell

COUNTED = ("closed", "published", "final", "filed")
ROOM = "房号"
MARKS = {words: answer for answer, words in ANSWERS.items()}
MOST_FAULTS = 20
KEY_LETTERS = 16
BETWEEN = re.compile(r"[、，,；;\s]+")
WANTED = {False: "不是同意、反对、弃权", True: "不是候选人的姓名（几个用顿号隔开）或弃权"}
TICK = timedelta(microseconds=1)


@dataclass(frozen=True)
class Taken:
    """`unvoted`: units of the roll that have no ballot in the export."""

    ballots: int
    unvoted: int


@transaction.atomic
def take_official(vote: Vote, *, content: bytes, actor: Actor, now: datetime) -> Taken:
    """A workbook with a column 房号 and one for each motion by its title; an empty cell: not voted. Of an election the
    cell names who is agreed to. A corrected export takes the place of the one before; what it drops is refused.

    Every fault is told at once and nothing is kept. Each row becomes a ballot of the channel `official`, so that the
    count, its reasons and its readings can be held against what the platform announced.
    """
    core.require(actor, "vote.run", vote)
    vote = locked(vote, states=("open",), doing="导入官方平台的结果")
    if now < vote.closes_at:
        raise Refused("still_open", "投票还没有截止。截止后再导入官方平台导出的结果。")
    rows = _rows(content)
    motions = {one.title: one for one in rules_of(vote).motions}
    rooms = {one.room: one for one in concerned(vote)}
    faults = _faults(rows, motions, rooms) or _dropped(vote, rows, rooms)
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
        marks = [(motions[title], mark) for title, mark in row.items() if title != ROOM and mark]
        choices = {motion.motion: _mark(mark, motion) for motion, mark in marks}
        if not choices:
            continue
        voter = entry.voters[0] if entry.voters else entry.owners[0]
        key = f"official-{file[:KEY_LETTERS]}-{entry.code}"
        # The export tells no moment for a ballot: it stands at the last one before the close.
        given = Given(voter, [entry.code], choices, "official", vote.closes_at - TICK, key)
        cast(vote, given=given, now=now, actor=actor)
        taken += 1
    return Taken(taken, len(rooms) - taken)


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
        ours |= {
            f"{measure}:{who.candidate}": getattr(who.tallied.votes.agree, measure)
            for who in one.candidates
            for measure in ("heads", "area")
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
        {title: _cell(cell) for title, cell in zip(head, row, strict=False) if title}
        for row in sheet[1:]
        if any(str(cell).strip() for cell in row)
    ]


def _cell(value: Any) -> str:
    """As somebody sees it: a number without its tail."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value).strip()


def _mark(text: str, motion: Motion) -> str | list[str] | None:
    """None: not understood."""
    if text in MARKS and (motion.election is None or text == ANSWERS["abstain"]):
        return MARKS[text] if motion.election is None else []
    if motion.election is None:
        return None
    names = {one.name: one.candidate for one in motion.election.candidates}
    said = [one for one in BETWEEN.split(text) if one]
    return [names[one] for one in said] if all(one in names for one in said) else None


def _dropped(vote: Vote, rows: Sequence[Mapping[str, str]], rooms: Mapping[str, Any]) -> list[str]:
    """A ballot that was taken in stays: an export that no longer has it is not simply the newer one."""
    taken = Ballot.objects.filter(vote=vote, channel="official").values_list("units", flat=True)
    before = {unit for units in taken for unit in units}
    voted = {rooms[row[ROOM]].code for row in rows if any(mark for title, mark in row.items() if title != ROOM)}
    return [
        f"房号“{room}”上次导入有票，这一份没有，请问官方平台哪一份对"
        for room, one in rooms.items()
        if one.code in before - voted
    ]


def _faults(rows: Sequence[Mapping[str, str]], motions: Mapping[str, Motion], rooms: Mapping[str, Any]) -> list[str]:
    found = []
    if rows:
        unknown = [title for title in rows[0] if title != ROOM and title not in motions]
        found += [f"没有议题“{one}”" for one in unknown]
        found += [f"缺少议题“{one}”的一列" for one in motions if one not in rows[0]]
    seen: set[str] = set()
    for number, row in enumerate(rows, 2):
        room = row.get(ROOM, "")
        if room not in rooms:
            found.append(f"第{number}行：名册里没有房号“{room}”")
        elif room in seen:
            found.append(f"第{number}行：房号“{room}”重复")
        seen.add(room)
        found += [
            f"第{number}行：“{mark}”{WANTED[motions[title].election is not None]}"
            for title, mark in row.items()
            if title in motions and mark and _mark(mark, motions[title]) is None
        ]
    return found
