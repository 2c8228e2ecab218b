"""Which numbers a board shows, which boards hang, and which show an old number."""

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from gongzhi.cases.accountability.models import NoticeBoard
from gongzhi.core import services as core
from gongzhi.core.display import percent, role_name
from gongzhi.core.models import Organisation
from gongzhi.registry import queries as registry
from gongzhi.registry.models import Estate

KINDS = {"departments": "相关执法部门", "street": "镇街", "community": "社区（村）"}


@dataclass(frozen=True)
class Line:
    kind: str
    unit_id: int
    name: str
    number: str


@dataclass(frozen=True)
class Numbers:
    """The lines of a board; `missing` names what has no number."""

    lines: tuple[Line, ...]
    missing: tuple[str, ...]
    clauses: tuple[str, ...]

    @property
    def groups(self) -> list[tuple[str, list[Line]]]:
        return [(title, [one for one in self.lines if one.kind == kind]) for kind, title in KINDS.items()]

    def to_json(self) -> list[dict[str, Any]]:
        return [asdict(one) for one in self.lines]


def board_lines(estate: Estate, *, on: date) -> Numbers:
    """The three kinds of numbers that the pack wants on the board, as they are now."""
    answer = core.ask("cases.board_numbers", {}, place_path=estate.place_path, on=on)
    value = (answer.value or {}) if answer.ok else {}
    roles = {kind: _roles(value.get(kind)) for kind in KINDS}
    units = registry.organisations_for({role for one in roles.values() for role in one}, estate.place_path)
    pack = core.pack_for(estate.place_path, on)
    lines, missing = [], []
    for kind, wanted in roles.items():
        for role in wanted:
            unit = units.get(role)
            if unit is None or not unit.phone:
                missing.append(unit.name if unit is not None else role_name(role, pack))
            else:
                lines.append(Line(kind, unit.pk, unit.name, unit.phone))
    return Numbers(tuple(lines), tuple(missing), tuple(answer.clauses) if answer.ok else ())


def _roles(value: Any) -> list[str]:
    return [value] if isinstance(value, str) and value else list(value or ())


@dataclass(frozen=True)
class EstateBoard:
    estate: Estate
    board: NoticeBoard | None
    missing: tuple[str, ...]
    stale: bool

    @property
    def posted(self) -> bool:
        return self.board is not None and self.board.posted_at is not None


@dataclass(frozen=True)
class Coverage:
    rows: list[EstateBoard]

    @property
    def total(self) -> int:
        return len(self.rows)

    @property
    def posted(self) -> int:
        return sum(1 for one in self.rows if one.posted)

    @property
    def not_posted(self) -> list[Estate]:
        return [one.estate for one in self.rows if not one.posted]

    @property
    def stale(self) -> list[Estate]:
        return [one.estate for one in self.rows if one.stale]

    @property
    def percent(self) -> str:
        """98%, 88.9%"""
        return percent(self.posted, self.total).replace(".0%", "%")


def coverage(place_path: str, *, on: date) -> Coverage:
    """Every estate below a place: whether its board hangs, and whether its numbers are those of today."""
    estates = list(registry.estates_within(place_path))
    boards = {one.estate_id: one for one in NoticeBoard.objects.filter(estate__in=estates).select_related("photo")}
    # Estates of one community read the same numbers.
    known: dict[int, Numbers] = {}
    rows = []
    with core.hold_policy():
        for estate in estates:
            numbers = known.get(estate.community_id)
            if numbers is None:
                numbers = known[estate.community_id] = board_lines(estate, on=on)
            board = boards.get(estate.pk)
            stale = board is not None and board.posted_at is not None and board.posted_lines != numbers.to_json()
            rows.append(EstateBoard(estate, board, numbers.missing, stale))
    return Coverage(rows)


def boards_naming(unit: Organisation) -> list[NoticeBoard]:
    """Boards that hang with a number of the unit."""
    rows = NoticeBoard.objects.filter(posted_lines__contains=[{"unit_id": unit.pk}]).select_related("estate")
    return list(rows.order_by("pk"))
