"""What kinds of workbooks are taken in: the registry's own, and those that packages above keep, each its own sheets.

Every kind goes the same way: template, dry run, faulty cells marked, the import of exactly what the dry run told.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gongzhi.core.actors import Actor
from gongzhi.core.models import Place
from gongzhi.registry.services.imports.sheets import Sheet

if TYPE_CHECKING:
    from gongzhi.registry.services.imports.applying import Applying

REGISTRY = "registry"


@dataclass(frozen=True)
class BookKind:
    """`require` refuses whoever may not bring it in; `apply` does what one staged and checked sheet says.

    `sub` says what it holds, `crumbs` lead back to the pages that it belongs to, `notes` stand in the template.
    """

    code: str
    title: str
    sub: str
    sheets: tuple[Sheet, ...]
    require: Callable[[Place, Actor], None]
    apply: Callable[["Applying", Sheet], None]
    crumbs: Callable[[], list[tuple[str, str]]]
    notes: Sequence[str]

    def sheet(self, code: str) -> Sheet:
        return next(one for one in self.sheets if one.code == code)


_kinds: dict[str, BookKind] = {}


def register_book_kind(kind: BookKind) -> None:
    """Called once when the apps are ready, by the package that keeps what the workbook holds."""
    _kinds[kind.code] = kind


def is_kind(code: str) -> bool:
    return code in _kinds


def kind_of(code: str = REGISTRY) -> BookKind:
    return _kinds[code]
