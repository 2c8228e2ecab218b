"""What waits for an owner on his first page: votes, bills, the maintenance fund, and what his estate was told."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from itertools import islice
from typing import Any

from django.urls import reverse

from gongzhi.core.actors import Actor
from gongzhi.core.display import cn_date, cn_moment, due_moment_words, local, role_name
from gongzhi.funds.charges.queries import late_by_bill, open_bills
from gongzhi.funds.maintenance import queries as fund
from gongzhi.funds.payments.queries import own_titles
from gongzhi.funds.payments.services import Payer
from gongzhi.governance.votes import queries
from gongzhi.governance.votes import services as votes
from gongzhi.governance.votes.models import Ballot, Vote
from gongzhi.registry.models import Estate, Ownership

VOTES_SHOWN = 3
UNITS_SHOWN = 4
TITLES_SHOWN = 3
NOTICES_SHOWN = 5
OF_EACH = 3


@dataclass(frozen=True, slots=True)
class VoteCard:
    """A vote that was announced in his estate. `own`: the roll has him as one who votes."""

    vote: Vote
    motions: tuple[str, ...]
    own: bool
    takes: bool
    voted_at: datetime | None
    platform: str

    @property
    def to_vote(self) -> bool:
        return self.own and self.takes and not self.voted_at and not self.platform

    @property
    def to_look(self) -> bool:
        return self.own and self.takes and bool(self.voted_at) and not self.platform


@dataclass(frozen=True, slots=True)
class BillCard:
    """What one unit still owes, in 分, with what being late costs by contract."""

    title: Ownership
    open_fen: int
    late_fen: int
    count: int
    due_on: date
    late: bool


@dataclass(frozen=True, slots=True)
class FundCard:
    """His account, in 分, and the whole estate's. `line`: the estate's renewal line as it is drawn, "" without one."""

    own_fen: int
    own_low: bool
    whole: fund.Low
    line: str
    low: bool


@dataclass(frozen=True, slots=True)
class Told:
    title: str
    address: str
    hint: str


def titles_of(actor: Actor, on: date) -> list[Ownership]:
    """The units that are his today."""
    return [one for one in own_titles(actor, on=on) if one.to_on is None or one.to_on >= on]


def vote_cards(estate: Estate, *, actor: Actor, now: datetime) -> list[VoteCard]:
    """Announced or running, the one that ends first on top; those that only await their result are among the news."""
    rows = queries.open_to_all(estate).filter(state__in=("noticed", "open"), closes_at__gt=now)
    return [_vote_card(one, actor, now) for one in rows.order_by("closes_at")[:VOTES_SHOWN]]


def _vote_card(vote: Vote, actor: Actor, now: datetime) -> VoteCard:
    code = votes.own_code(vote, actor)
    own = code is not None and bool(votes.units_of(vote, code))
    given = Ballot.objects.filter(vote=vote, voter=code, proxy="").order_by("-at").first() if own else None
    titles = tuple(vote.motions.order_by("position").values_list("title", flat=True)[:TITLES_SHOWN])
    platform = queries.official_platform(vote)
    return VoteCard(vote, titles, own, vote.takes_ballots(now), given.at if given else None, platform)


def bill_cards(titles: list[Ownership], on: date) -> list[BillCard]:
    found = []
    for title in titles[:UNITS_SHOWN]:
        rows = Payer(title.unit, title).own(list(open_bills(unit=title.unit)))
        if rows:
            late = sum(one.fen for one in late_by_bill(rows, on).values())
            left = sum(one.open_fen for one in rows)
            found.append(BillCard(title, left, late, len(rows), rows[0].due_on, rows[0].due_on < on))
    return found


def fund_card(titles: list[Ownership], estate: Estate, on: date) -> FundCard | None:
    """None while the estate has no books of the fund."""
    whole = fund.fund(estate, on)
    if not whole.due_fen:
        return None
    units = [one.unit for one in titles if one.unit.building.estate_id == estate.pk]
    line = fund.renewal(estate, on)
    own = {one.pk for one in units}
    due = line.due if line else ()
    below = Fraction(line.answer.value["below"]) if line else Fraction(0)
    as_one = fund.Low(estate.name, (), whole.due_fen, whole.balance_fen, below * whole.due_fen, Fraction(0))
    of_estate = line is not None and line.level == "estate"
    return FundCard(
        sum(one.balance_fen for one in fund.units_funds(units, on=on)),
        any(row.unit.pk in own for group in due for row in group.units),
        as_one,
        fund.plain_percent(below) if of_estate else "",
        of_estate and bool(due),
    )


def news(estate: Estate, now: datetime, pack: Any = None) -> list[Told]:
    """What was announced in the estate, of each kind the newest."""
    return list(islice((*_of_votes(estate, now), *_of_money(estate, pack)), NOTICES_SHOWN))


def _of_votes(estate: Estate, now: datetime) -> Iterator[Told]:
    for one in queries.open_to_all(estate)[:OF_EACH]:
        if one.state in queries.ANNOUNCED:
            until = f"{cn_moment(one.closes_at)}截止" if one.closes_at > now else "已截止，等待计票"
            yield Told(f"表决公告：{one.title}", reverse("governance:notice", args=[one.pk]), until)
        else:
            objections = one.objection_until
            said = f"{cn_date(one.published_on)}公示"
            if objections is not None and objections > now:
                said = f"有异议的{due_moment_words(objections)}前提出"
            yield Told(f"表决结果：{one.title}", reverse("governance:result", args=[one.pk]), said)


def _of_money(estate: Estate, pack: Any) -> Iterator[Told]:
    for one in estate.revenue_statements.order_by("-to_on", "-pk")[:1]:
        title = f"公共收益{cn_date(one.from_on)}至{cn_date(one.to_on)}收支"
        yield Told(
            title,
            reverse("funds:shown", args=[one.pk]),
            f"{role_name(one.publisher, pack)}，{cn_date(one.published_on)}公布",
        )
    for use in estate.fund_uses.filter(state__in=("running", "closed")).order_by("-proposed_at")[:OF_EACH]:
        hint = f"用维修资金，{use.get_state_display()}，{cn_date(local(use.proposed_at).date())}申请"
        yield Told(use.title, reverse("funds:own_use", args=[use.pk]), hint)
