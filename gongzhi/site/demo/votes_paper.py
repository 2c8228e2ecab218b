"""Paper ballots of the demonstration: printed, handed in as a scan, read by two people, one page still to be read."""

import io
from random import Random
from typing import Any

import segno
from PIL import Image, ImageDraw

from gongzhi.governance.votes.models import RollEntry, Vote
from gongzhi.governance.votes.paper import services as paper
from gongzhi.governance.votes.paper.models import PaperCode

ADDRESS = "https://example.org/biaojue/p"
DESK = "社区服务大厅"
PAGE = (620, 860)
LINES, LINE = 9, 46
READ_ONCE, UNREAD = 2, 1


def print_and_read(poll: Any, *, vote: Vote, rows: list[RollEntry], count: int, chance: Random) -> list[RollEntry]:
    """The units that vote on paper. The last page waits for a reader, the one before it for the second."""
    taken = rows[:: max(len(rows) // count, 1)][:count] if count else []
    if not taken:
        return []
    at = poll.at("open")
    handed_in = at.replace(hour=16)
    paper.print_ballots(vote, entries=taken, returns=DESK, address=ADDRESS, actor=poll.by(at), now=at)
    codes = PaperCode.objects.filter(vote=vote).select_related("roll_entry").order_by("roll_entry__room")
    pages = paper.receive_pages(
        vote,
        content=_scan([one.code for one in codes]),
        received_at=handed_in,
        actor=poll.by(handed_in),
        now=handed_in,
    )
    for number, sheet in enumerate(pages):
        entry = sheet.code.roll_entry if sheet.code else taken[number]
        reading = paper.Reading(voter=(entry.voters or entry.owners)[0], choices=poll.choices(vote, chance, unit=entry))
        left = len(pages) - number
        readers = () if left == UNREAD else ("run",) if left == READ_ONCE else ("run", "check")
        for who in readers:
            sheet = paper.read_sheet(sheet, reading=reading, version=None, actor=poll.by(handed_in, who), now=handed_in)
    return [one.roll_entry for one in codes]


def _scan(codes: list[str]) -> bytes:
    """Pages as a scanner makes them: the code, the lines of the motions, a tick in each."""
    pages = []
    for number, code in enumerate(codes):
        page = Image.new("RGB", PAGE, "white")
        made = io.BytesIO()
        segno.make(f"{ADDRESS}/{code}", error="m", micro=False).save(made, kind="png", scale=4, border=4)
        made.seek(0)
        page.paste(Image.open(made), (PAGE[0] - 220, 30))
        pen = ImageDraw.Draw(page)
        for line in range(LINES):
            top = 300 + line * LINE
            pen.line([(60, top), (PAGE[0] - 60, top)], fill="#999")
            pen.rectangle([(70, top + 10), (96, top + 36)], outline="#333", width=2)
            if (line + number) % 3 == 0:
                pen.line([(74, top + 24), (82, top + 33), (100, top + 8)], fill="#1f3f8f", width=4)
        pages.append(page)
    kept = io.BytesIO()
    pages[0].save(kept, "PDF", save_all=True, append_images=pages[1:])
    return kept.getvalue()
