"""What a page shows, without how: cells, tables, facts. One template draws them all."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from gongzhi.core.pages import actor_of, now_of, page_of, today_of
from gongzhi.core.sending import EXPORT, download
from gongzhi.core.sheets import Asked, workbook

NAV = "equipment"
WIDTH = 22
MOST_ROWS = 20_000


@dataclass(frozen=True)
class Cell:
    """`css` makes a label of a state; `sub` is a second line."""

    text: Any = ""
    url: str = ""
    sub: str = ""
    css: str = ""

    @property
    def plain(self) -> str:
        return "　".join(str(one) for one in (self.text, self.sub) if one not in ("", None))


@dataclass(frozen=True)
class Table:
    code: str
    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    empty: str = "没有。"
    url: str = ""
    link: str = ""
    clauses: Sequence[str] = ()

    @property
    def lines(self) -> list[list[tuple[str, Cell]]]:
        return [titled(self.columns, cells) for cells in self.rows]


def titled(columns: Sequence[str], cells: Sequence[Cell]) -> list[tuple[str, Cell]]:
    """Each cell with the head of its column: on a phone it is its label."""
    return list(zip(columns, cells, strict=True))


@dataclass(frozen=True)
class Said:
    """A fact of the row: what it is called, and what it is."""

    title: str
    text: Any
    url: str = ""
    clauses: Sequence[str] = ()


@dataclass(frozen=True)
class Act:
    title: str
    url: str
    main: bool = False


@dataclass(frozen=True)
class Told:
    title: str
    text: str
    css: str = "gz-today"
    clauses: Sequence[str] = ()


@dataclass
class Sheet:
    """One thing with everything about it."""

    title: str
    sub: str = ""
    crumbs: Sequence[tuple[str, str]] = ()
    tag: tuple[str, str] | None = None
    figures: Sequence[tuple[str, str, str, str]] = ()
    notes: Sequence[Told] = ()
    facts: Sequence[Said] = ()
    tables: Sequence[Table] = ()
    acts: Sequence[Act] = ()
    clauses: Sequence[str] = ()
    nav: str = NAV

    def answer(self, request: HttpRequest) -> HttpResponse:
        context = {"nav": self.nav, "page_title": self.title, "sheet": self, "now": now_of(request)}
        return render(request, "equipment/sheet.html", context)


@dataclass(frozen=True)
class Choice:
    """A filter of a list: its name, and its values."""

    name: str
    title: str
    values: dict[str, str]
    chosen: str = ""


@dataclass
class Listing:
    """A list of rows that can be filtered and taken along as Excel: exactly what the filter shows."""

    title: str
    code: str
    columns: Sequence[str]
    rows: Any
    cells: Callable[[Any], Sequence[Cell]]
    sub: str = ""
    crumbs: Sequence[tuple[str, str]] = ()
    choices: Sequence[Choice] = ()
    acts: Sequence[Act] = ()
    clauses: Sequence[str] = ()
    empty: str = "没有符合条件的。"
    unit: str = "件"
    tabs: Sequence[tuple[str, str, bool]] = field(default_factory=tuple)

    def answer(self, request: HttpRequest) -> HttpResponse:
        if EXPORT in request.GET:
            return self._export(request)
        page = page_of(request, self.rows)
        context = {
            "nav": NAV,
            "page_title": self.title,
            "listing": self,
            "page": page,
            "lines": [titled(self.columns, self.cells(one)) for one in page.object_list],
        }
        return render(request, "equipment/list.html", context)

    def _export(self, request: HttpRequest) -> HttpResponse:
        conditions = [(one.title, one.values.get(one.chosen, "")) for one in self.choices]
        asked = Asked.of(actor_of(request), now_of(request), conditions)
        lines: Iterable[Sequence[str]] = ([cell.plain for cell in self.cells(one)] for one in self.rows[:MOST_ROWS])
        content = workbook(self.title, [(one, WIDTH) for one in self.columns], lines, asked=asked)
        return download(content, name=f"{self.code}-{today_of(request):%Y%m%d}.xlsx")


def chosen(request: HttpRequest, name: str, values: dict[str, str]) -> str:
    """What is asked for, if it is one of the values."""
    given = request.GET.get(name, "")
    return given if given in values else ""
