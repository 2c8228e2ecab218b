"""The notice and the board as PDF pages: one sheet each."""

from datetime import date, datetime
from pathlib import Path

from gongzhi.cases.accountability.queries.boards import board_lines
from gongzhi.cases.enforcement.models import DissuasionNotice
from gongzhi.core.display import cn_date, cn_moment
from gongzhi.core.errors import Refused
from gongzhi.core.printing import print_pdf, qr_svg
from gongzhi.registry.models import Estate

HERE = Path(__file__).parent


def notice_pages(notice: DissuasionNotice, *, now: datetime) -> bytes:
    """The text of the numbered notice, with room to sign, and what was registered of its serving."""
    data = notice.document.data
    served = ""
    if notice.signed_at is not None:
        witness = f"　见证人：{notice.witness}" if notice.witness else ""
        served = f"{notice.get_signing_display()}　{cn_moment(notice.signed_at)}{witness}"
    return print_pdf(
        HERE / "notice.typ",
        {
            "title": data["title"],
            "number": data["number"],
            "issuer": data["issuer"],
            "date": data["date"],
            "paragraphs": data["paragraphs"],
            "basis": data["basis"],
            "served": served,
            "demo": notice.demo,
        },
        now=now,
    )


def board_pages(estate: Estate, *, address: str, on: date, now: datetime) -> bytes:
    """A3 across: whom to call, what each one deals with. Refused while a number is missing."""
    numbers = board_lines(estate, on=on)
    if numbers.missing or not numbers.lines:
        lacking = "、".join(numbers.missing) or "受理电话"
        raise Refused("no_number", f"还没有登记{lacking}，不能印制。", clause=numbers.clauses)
    return print_pdf(
        HERE / "board.typ",
        {
            "estate": estate.name,
            "place": f"{estate.community.parent or ''}　{estate.community}",
            "groups": [
                {
                    "title": title,
                    "lines": [{"name": one.name, "number": one.number, "duties": one.duties} for one in lines],
                }
                for title, lines in numbers.groups
                if lines
            ],
            "address": address,
            "qr": qr_svg(address),
            "checked": cn_date(on),
            "demo": estate.demo,
        },
        now=now,
    )
