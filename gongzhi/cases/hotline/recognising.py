"""From a row to a ticket: our estate and matter are recognised by name or by what a clerk said, never guessed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from gongzhi.cases.hotline.columns import BY_CODE, COLUMNS
from gongzhi.cases.hotline.models import HotlineSource
from gongzhi.cases.hotline.reading import Table
from gongzhi.cases.matters import MATTERS
from gongzhi.cases.queries import asking
from gongzhi.core import crypto
from gongzhi.core.days import ZONE
from gongzhi.registry.models import Estate

MOMENTS = (
    "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M", "%Y-%m-%dT%H:%M:%S",
    "%Y年%m月%d日 %H:%M",
)  # fmt: skip
DAYS = ("%Y-%m-%d", "%Y/%m/%d", "%Y年%m月%d日", "%Y%m%d")
MARK = "hotline.cell"


@dataclass(frozen=True)
class Fault:
    """One bad cell. `asks`: what a clerk may answer once for all rows: `matter` or `estate`."""

    row: int
    column: str
    reason: str
    header: str = ""
    asks: str = ""
    word: str = ""

    def to_json(self) -> dict[str, Any]:
        return {"row": self.row, "column": BY_CODE[self.column].title, "header": self.header, "reason": self.reason,
                "code": self.column, "asks": self.asks, "word": self.word}  # fmt: skip


@dataclass(frozen=True)
class Ticket:
    row: int
    number: str
    received_at: datetime
    text: str
    estate: Estate
    matter: str
    title: str
    location: str
    caller_name: str
    caller_phone: str
    caller_address: str
    due_at: datetime | None
    state: str
    attachments: str
    marks: Mapping[str, str]


class Recogniser:
    """Reads what it needs of the source's place once, then row by row."""

    def __init__(self, source: HotlineSource, *, on: date) -> None:
        self.source = source
        estates = Estate.objects.within(source.place_path).filter(ended_on=None)
        self.estates = {str(one.pk): one for one in estates}
        self.by_name: dict[str, list[Estate]] = {}
        for one in self.estates.values():
            self.by_name.setdefault(one.name, []).append(one)
        names = {one.name: one.code for one in MATTERS}
        known = asking.matters_at(source.place_path, on)
        self.matters = set(known)
        self.by_matter = {name: code for name, code in names.items() if code in known} | {
            asking.matter_name(code, place_path=source.place_path, on=on): code for code in known
        }

    def ticket(self, table: Table, index: int) -> tuple[Ticket | None, list[Fault]]:
        """The ticket of a row, or all that is wrong with it."""
        row, cells = table.number(index), table.cells(index)
        values = {code: cells.get(header, "") for code, header in self.source.mapping.items()}
        values = {one.code: values.get(one.code, "").strip() for one in COLUMNS}
        faults: list[Fault] = []

        def wrong(column: str, reason: str, asks: str = "") -> None:
            header = self.source.mapping.get(column, "")
            faults.append(Fault(row, column, reason, header, asks, values[column] if asks else ""))

        for one in COLUMNS:
            if one.required and not values[one.code]:
                wrong(one.code, f"没有填“{one.title}”")
            elif len(values[one.code]) > one.longest:
                wrong(one.code, f"超过{one.longest}字")
        received = self._moment(values["received_at"], "received_at", wrong)
        due = self._moment(values["due_at"], "due_at", wrong, end=True)
        estate = self._estate(values["estate"], wrong)
        matter = self._matter(values["matter"], wrong)
        if faults or received is None or estate is None:
            return None, faults
        plain = {name: values[name] for name in ("number", "text", "title", "location", "caller_name", "caller_phone",
                                                 "caller_address", "state", "attachments")}  # fmt: skip
        marks = {code: crypto.keyed_hash(value, purpose=MARK) for code, value in values.items()}
        return Ticket(row=row, received_at=received, due_at=due, estate=estate, matter=matter, marks=marks, **plain), []

    def _moment(self, text: str, column: str, wrong: Any, *, end: bool = False) -> datetime | None:
        """A day alone means its beginning; of a deadline its end."""
        if not text:
            return None
        for form in MOMENTS:
            try:
                return datetime.strptime(text, form).replace(tzinfo=ZONE)
            except ValueError:
                continue
        for form in DAYS:
            try:
                day = datetime.strptime(text, form).date()
            except ValueError:
                continue
            return datetime.combine(day, time(), tzinfo=ZONE) + timedelta(days=1 if end else 0)
        try:
            found = datetime.fromisoformat(text)
        except ValueError:
            wrong(column, f"“{text[:30]}”不是时间，应像 2022-05-05 09:30")
            return None
        return found if found.tzinfo else found.replace(tzinfo=ZONE)

    def _estate(self, word: str, wrong: Any) -> Estate | None:
        if not word:
            return None
        known = self.estates.get(str(self.source.estate_words.get(word, "")))
        named = self.by_name.get(word, [])
        if known is not None:
            return known
        if len(named) == 1:
            return named[0]
        what = f"辖区里有{len(named)}个“{word}”，请指定是哪一个" if named else f"辖区里没有叫“{word}”的小区，请指定"
        wrong("estate", what, "estate")
        return None

    def _matter(self, word: str, wrong: Any) -> str:
        if not word:
            return ""
        code = str(self.source.matter_words.get(word) or self.by_matter.get(word) or word)
        if code in self.matters:
            return code
        wrong("matter", f"“{word}”还没有对应的事项，请指定", "matter")
        return ""
