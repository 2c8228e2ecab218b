"""Which numbers a board shows, which boards hang, and which show an old number."""

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from gongzhi.cases.accountability.models import NoticeBoard
from gongzhi.cases.enforcement.queries.asking import rule
from gongzhi.cases.enforcement.queries.presence import officers_of, station_of
from gongzhi.cases.queries.ledgers import departments_of_matter
from gongzhi.core import services as core
from gongzhi.core.display import percent, role_name
from gongzhi.core.models import Organisation
from gongzhi.registry import queries as registry
from gongzhi.registry.models import Estate

KINDS = {
    "departments": "相关执法部门",
    "station": "联合执法工作站点",
    "officers": "责任执法人员",
    "street": "镇街",
    "community": "社区（村）",
}
OF_ROLES = ("departments", "street", "community")
# Whom a board names below the departments where the document says nothing of boards.
OFFERED = {"street": ["street_office"], "community": ["community_station", "community_committee"]}
MOST_DUTIES = 8


@dataclass(frozen=True)
class Line:
    kind: str
    unit_id: int
    name: str
    number: str
    duties: str = ""


@dataclass(frozen=True)
class Numbers:
    """The lines of a board; `missing` names what has no number."""

    lines: tuple[Line, ...]
    missing: tuple[str, ...]
    clauses: tuple[str, ...]

    @property
    def groups(self) -> list[tuple[str, list[Line]]]:
        """Those that have lines."""
        found = ((title, [one for one in self.lines if one.kind == kind]) for kind, title in KINDS.items())
        return [(title, lines) for title, lines in found if lines]

    def to_json(self) -> list[dict[str, Any]]:
        """A line without duties is kept as it was before boards had any."""
        return [{name: one for name, one in asdict(line).items() if name != "duties" or one} for line in self.lines]


def board_lines(estate: Estate, *, on: date) -> Numbers:
    """The kinds of numbers that the pack wants on the board, as they are now; where that is wanted with what each
    department deals with, the station that answers for the estate and its officers. Where it wants none: the
    departments that come into estates, the street and the community, as far as they have a number."""
    answer = core.ask("cases.board_numbers", {}, place_path=estate.place_path, on=on)
    value = (answer.value or {}) if answer.ok else {}
    liaisons, of_liaisons = rule("liaisons", estate.place_path, on)
    roles = {kind: _roles(value.get(kind)) for kind in OF_ROLES}
    if not value:
        roles = {"departments": _roles(liaisons.get("roles")), **OFFERED}
    units = registry.organisations_for({role for one in roles.values() for role in one}, estate.place_path)
    pack = core.pack_for(estate.place_path, on)
    wanted, clauses = rule("board", estate.place_path, on)
    duties = duties_of(roles["departments"], place_path=estate.place_path, on=on) if wanted.get("duties") else {}
    lines, missing = [], []
    for kind, named in roles.items():
        for role in named:
            unit = units.get(role)
            words = duties.get(role, "") if kind == "departments" else ""
            if not value and (unit is None or not unit.phone):
                continue
            if unit is None or not unit.phone:
                missing.append(unit.name if unit is not None else role_name(role, pack))
            elif wanted.get("duties") and kind == "departments" and not words:
                missing.append(f"{unit.name}的执法职责")
            else:
                lines.append(Line(kind, unit.pk, unit.name, unit.phone, words))
    if wanted.get("station") and lines:
        station = station_of(estate, on)
        lines += [Line("station", station.organisation_id, station.name, station.phone)] if station else []
    if wanted.get("officers") and lines:
        lines += [
            Line("officers", one.organisation_id, f"{one.organisation.name}　{one.name}", one.phone)
            for one in officers_of(estate, on)
        ]
    found = (*(answer.clauses if value else of_liaisons), *clauses)
    return Numbers(tuple(lines), tuple(missing), tuple(dict.fromkeys(found)))


def duties_of(roles: list[str], *, place_path: str, on: date) -> dict[str, str]:
    """What each department deals with, in the words of the place's own list of matters; of one that leads in none, the
    list of its duties."""
    pack = core.pack_for(place_path, on)
    if pack is None:
        return {}
    names: dict[str, dict[str, None]] = {}
    for one in departments_of_matter(pack, on=on, switches=core.switches_for(place_path, on, pack=pack)):
        if one.nature == "violation" and one.lead_role:
            names.setdefault(one.lead_role, {})[one.name] = None
    listed = {
        role: "、".join(list(found)[:MOST_DUTIES]) + ("等" if len(found) > MOST_DUTIES else "")
        for role, found in names.items()
    }
    for role in roles:
        if role not in listed:
            answer = core.ask("cases.duty_list", {"role": role}, place_path=place_path, on=on)
            listed[role] = "、".join((answer.value or {}).get("duties") or ()) if answer.ok else ""
    return listed


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
    # Estates of one community read the same numbers, but where a station and officers of their own are on the board.
    wanted = rule("board", place_path, on)[0]
    own = bool(wanted.get("station") or wanted.get("officers"))
    known: dict[int, Numbers] = {}
    rows = []
    with core.hold_policy():
        for estate in estates:
            key = estate.pk if own else estate.community_id
            numbers = known.get(key)
            if numbers is None:
                numbers = known[key] = board_lines(estate, on=on)
            board = boards.get(estate.pk)
            stale = board is not None and board.posted_at is not None and board.posted_lines != numbers.to_json()
            rows.append(EstateBoard(estate, board, numbers.missing, stale))
    return Coverage(rows)


def boards_naming(unit: Organisation) -> list[NoticeBoard]:
    """Boards that hang with a number of the unit."""
    rows = NoticeBoard.objects.filter(posted_lines__contains=[{"unit_id": unit.pk}]).select_related("estate")
    return list(rows.order_by("pk"))
