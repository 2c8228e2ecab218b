"""What an import found and did, sheet by sheet."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from gongzhi.registry.services.imports.checking import CellError
from gongzhi.registry.services.imports.kinds import REGISTRY, kind_of

SHOWN = 500
COLUMN_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True)
class Change:
    """One value that is another now. Personal data are masked here."""

    what: str
    column: str
    old: str
    new: str


@dataclass
class Sheetwise:
    """The numbers of a sheet, and the first rows of each kind."""

    read: int = 0
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    gone: int = 0
    skipped: int = 0
    additions: list[str] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)


@dataclass
class Outcome:
    kind: str = REGISTRY
    sheets: dict[str, Sheetwise] = field(default_factory=dict)
    errors: list[CellError] = field(default_factory=list)

    def of(self, code: str) -> Sheetwise:
        return self.sheets.setdefault(code, Sheetwise())

    def total(self, name: str) -> int:
        return sum(getattr(one, name) for one in self.sheets.values())

    def to_json(self) -> dict[str, Any]:
        """What is kept and shown; long lists are cut, their numbers are not."""
        return {
            "sheets": {
                code: {
                    **asdict(one),
                    "additions": one.additions[:SHOWN],
                    "changes": [asdict(change) for change in one.changes[:SHOWN]],
                    "missing": one.missing[:SHOWN],
                }
                for code, one in self.sheets.items()
            },
            "errors": [told(one, self.kind) for one in self.errors[:SHOWN]],
            "error_count": len(self.errors),
        }


def told(error: CellError, kind: str = REGISTRY) -> dict[str, Any]:
    """An error in the words of the workbook: sheet, row, column."""
    sheet = kind_of(kind).sheet(error.sheet)
    column = sheet.columns[error.column]
    return {
        "sheet": sheet.title,
        "row": error.row,
        "column": f"{COLUMN_LETTERS[error.column]}（{column.title}）",
        "reason": error.reason,
    }


def first_lines(rows: Sequence[Any]) -> list[str]:
    return ["".join(str(part) for part in row) for row in rows[:SHOWN]]
