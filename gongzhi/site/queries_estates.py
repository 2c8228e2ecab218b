"""What everybody may read of an estate: the page and the API show the same."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from gongzhi.cases.accountability.models import NoticeBoard
from gongzhi.cases.accountability.queries.boards import Numbers, board_lines
from gongzhi.contracts.models import Procedure
from gongzhi.contracts.queries import shown_takeovers
from gongzhi.core import services as core
from gongzhi.core.models import Organisation, Place
from gongzhi.equipment.queries import public as equipment
from gongzhi.funds.charges.models import PriceNotice
from gongzhi.funds.charges.queries.prices import shown
from gongzhi.funds.charges.words import SHOWN_ITEMS
from gongzhi.governance.votes import queries as votes
from gongzhi.governance.votes.models import Vote
from gongzhi.mediation.models import CircuitSession
from gongzhi.mediation.queries.circuit import coming_sessions
from gongzhi.patrols.models import PatrolFinding
from gongzhi.patrols.queries.open import public_lines, published_findings
from gongzhi.registry.models import Estate, Project
from gongzhi.registry.queries import Serving, facts_of, governing, serving
from gongzhi.registry.queries.reading import KnownFact, known_facts

VOTES_SHOWN = 5
BODIES = {"has_owners_committee": "业主委员会", "has_management_committee": "物管会"}
PUBLIC_CREDIT = ("credit_grade", "credit_score", "star", "service_rating", "demonstration", "blacklisted")
LEVELS = ("county", "street", "community")


@dataclass(frozen=True, slots=True)
class Board:
    """The numbers to call, and whether they hang in the estate: without a photograph they count as not shown."""

    numbers: Numbers
    posted: NoticeBoard | None
    stale: bool

    @property
    def wanted(self) -> int:
        return len(self.numbers.lines) + len(self.numbers.missing)


@dataclass(frozen=True, slots=True)
class OpenEstate:
    """Nothing of a person is in it."""

    estate: Estate
    places: Sequence[Place]
    serving: Serving | None
    offices: Sequence[Organisation]
    bodies: Sequence[tuple[str, bool]]
    board: Board
    votes: Sequence[Vote]
    circuit: Sequence[CircuitSession]
    takeovers: Sequence[Procedure]
    inspected: Sequence[equipment.Open]
    findings: Sequence[PatrolFinding]
    books: Sequence[tuple[str, Sequence[tuple[str, str]]]]
    credit: Sequence[KnownFact]
    notices: Sequence[PriceNotice]


def open_estate(found: Estate, on: date) -> OpenEstate:
    served = serving(found, on) if found.ended_on is None else None
    return OpenEstate(
        estate=found,
        places=places_of(found),
        serving=served,
        offices=[one for one in governing(found, on)["offices"].values() if one.phone],
        bodies=_bodies(found, on),
        board=_board_of(found, on),
        votes=list(votes.open_to_all(found)[:VOTES_SHOWN]),
        circuit=coming_sessions(found, on),
        takeovers=list(shown_takeovers(found)),
        inspected=equipment.shown_of(found, on),
        findings=list(published_findings(found)),
        books=public_lines(found, on),
        credit=credit_of(served.company, on) if served is not None else (),
        notices=notices_of(served.project, on) if served is not None else (),
    )


def credit_of(company: Organisation, on: date) -> list[KnownFact]:
    """What everybody may know of a company's credit that day, each with since when."""
    return [one for one in known_facts(company.ref, on) if one.name in PUBLIC_CREDIT]


def notices_of(project: Project, on: date) -> list[PriceNotice]:
    """What hangs out of charges that day, in the order of the items."""
    there, order = shown(project, on).there, list(SHOWN_ITEMS)
    return sorted(there.values(), key=lambda one: (order.index(one.item), one.place))


def places_of(found: Estate) -> list[Place]:
    return [one for one in core.ancestors(found.community.path) if one.level in LEVELS]


def _board_of(found: Estate, on: date) -> Board:
    numbers = board_lines(found, on=on)
    row = NoticeBoard.objects.filter(estate=found, posted_at__isnull=False).first()
    return Board(numbers, row, row is not None and row.posted_lines != numbers.to_json())


def _bodies(found: Estate, on: date) -> list[tuple[str, bool]]:
    known = facts_of(found.ref, tuple(BODIES), on)
    return [(title, bool(known[name])) for name, title in BODIES.items() if known.get(name) is not None]
