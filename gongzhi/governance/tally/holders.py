"""Who may vote for a unit at a moment: owners through a sale, the co-owners' nominee, agents with an instrument."""

from dataclasses import dataclass, field
from datetime import datetime

from gongzhi.governance.tally.events import Ballot, Events, Instrument, Nominated, Revoked, Transferred
from gongzhi.governance.tally.parts import Id
from gongzhi.governance.tally.roll import RollUnit
from gongzhi.governance.tally.rules import Rules, Settings


@dataclass(slots=True)
class Tenure:
    """One set of owners of a unit, from a moment on (None: those of the roll)."""

    since: datetime | None
    owners: frozenset[Id]
    nominees: list[tuple[datetime | None, Id]] = field(default_factory=list)

    def nominee_at(self, at: datetime) -> Id | None:
        named = [who for since, who in self.nominees if since is None or since <= at]
        return named[-1] if named else None


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a ballot does not count: the reason's name and the setting whose clauses stand behind it."""

    reason: str
    setting: str | None = None


REASONS = {
    "early": "表决开始之前投的",
    "late": "截止时刻或之后才到的",
    "not_owner": "投票人当时不是该房屋的业主",
    "sold": "投票人投票前已转让该房屋",
    "not_on_roll": "投票人不是名册上的业主",
    "no_nominee": "共有人未推定由谁表决",
    "not_nominee": "投票人不是共有人推定的表决人",
    "no_instrument": "没有这份委托书",
    "proxy_not_allowed": "本次表决不接受委托",
    "not_the_agent": "投票人不是委托书上的代理人",
    "not_signed": "委托书没有委托人签名",
    "agent_barred": "代理人的身份不得代理",
    "agent_not_owner": "代理人不是本小区业主",
    "over_cap": "代理人代理的业主超过上限",
    "revoked": "委托已撤销",
    "out_of_term": "不在委托期限内",
    "other_units": "委托书没有写这套房屋",
    "other_motions": "委托书没有写这一事项",
    "against_instruction": "与委托书写明的意见不一致",
    "fault": "选票有瑕疵，未经认定为有效",
    "adjudicated_invalid": "监票人认定无效",
    "wrong_mark": "选项不属于这一事项",
    "too_many": "所选人数超过可选人数",
    "follow_not_allowed": "规则不允许选“从多数”",
    "not_sealed": "无记名的选举只收加密的票",
    "sealed": "记名的事项不收加密的票",
    "blank": "这一事项没有填",
    "co_owners_differ": "共有人意见不一致",
    "superseded": "同一房屋另有一张票按改票规则为准",
    "own_ballot_beats": "业主本人已投票，代理票不计",
    "other_channel": "另一渠道的票按规则优先",
    "sold_after_voting": "出让人已投票，受让人的票不计",
    "buyer_replaced": "受让人已投票，出让人的票不计",
}
# Nothing is wrong with the ballot: another of the same unit stands.
REPLACED = ("superseded", "own_ballot_beats", "other_channel", "sold_after_voting", "buyer_replaced")


class Holders:
    """The owners of each unit through the vote."""

    def __init__(self, rows: tuple[RollUnit, ...], events: Events, rules: Rules) -> None:
        self._settings: Settings = rules.settings
        self._closes_at = rules.window.closes_at
        self.tenures: dict[str, list[Tenure]] = {}
        for row in rows:
            first = Tenure(None, frozenset(row.owners))
            if row.nominee is not None:
                first.nominees.append((None, row.nominee))
            self.tenures[row.unit] = [first]
        for event in sorted(
            (one for one in events.events if isinstance(one, Transferred | Nominated)), key=lambda one: one.at
        ):
            self._apply(event)
        self.owners = {owner for own in self.tenures.values() for one in own for owner in one.owners}
        self.units_of: dict[str, list[str]] = {}
        for unit, own in self.tenures.items():
            for owner in {owner for one in own for owner in one.owners}:
                self.units_of.setdefault(owner, []).append(unit)

    def _apply(self, event: Transferred | Nominated) -> None:
        own = self.tenures.get(event.unit)
        if own is None:
            return
        if isinstance(event, Nominated):
            if event.nominee in own[-1].owners and event.at < self._closes_at:
                own[-1].nominees.append((event.at, event.nominee))
            return
        after = Tenure(event.at, frozenset(event.owners))
        if event.nominee is not None and event.nominee in after.owners:
            after.nominees.append((event.at, event.nominee))
        own.append(after)

    def tenure_of(self, unit: str, owner: str, at: datetime) -> int | Refusal:
        """Which tenure the owner votes in at the moment, or why he may not."""
        own = self.tenures[unit]
        if self._settings.sale.value == "roll_owner":
            if owner not in own[0].owners:
                return Refusal("not_on_roll", "sale")
            return self._among_co_owners(own[0], owner, at) or 0
        now = max(number for number, one in enumerate(own) if one.since is None or one.since <= at)
        if owner not in own[now].owners:
            before = any(owner in one.owners for one in own[:now])
            return Refusal("sold", "sale") if before else Refusal("not_owner")
        return self._among_co_owners(own[now], owner, at) or now

    def _among_co_owners(self, tenure: Tenure, owner: str, at: datetime) -> Refusal | None:
        if len(tenure.owners) == 1 or self._settings.co_owners.value != "nominee":
            return None
        if not tenure.nominees:
            return Refusal("no_nominee", "co_owners")
        if owner in (tenure.nominee_at(at), tenure.nominees[-1][1]):
            return None
        return Refusal("not_nominee", "co_owners")


class Proxies:
    """The instruments, their revocations, and which go over an agent's cap."""

    def __init__(self, events: Events, rules: Rules, holders: Holders) -> None:
        self._rule = rules.settings.proxy
        self._owners = holders.owners
        acts = [one for one in events.events if isinstance(one, Instrument | Revoked)]
        self.by_id = {one.id: one for one in acts if isinstance(one, Instrument)}
        self.revoked_at: dict[str, datetime] = {}
        for one in acts:
            if isinstance(one, Revoked):
                self.revoked_at[one.proxy] = min(one.at, self.revoked_at.get(one.proxy, one.at))
        self._over_cap = self._beyond_the_cap()

    def refusal(self, ballot: Ballot) -> Refusal | None:
        """Why the agent's ballot does not bind the principal at all."""
        instrument = self.by_id.get(ballot.proxy or "")
        if self._rule.value == "not_allowed":
            return Refusal("proxy_not_allowed", "proxy")
        if instrument is None:
            return Refusal("no_instrument", "proxy")
        if instrument.agent != ballot.voter:
            return Refusal("not_the_agent", "proxy")
        formal = self._formal(instrument)
        if formal is not None:
            return formal
        if instrument.id in self._over_cap:
            return Refusal("over_cap", "proxy")
        revoked = self.revoked_at.get(instrument.id)
        if revoked is not None and revoked <= ballot.at:
            return Refusal("revoked", "proxy")
        if not instrument.valid_from <= ballot.at < instrument.valid_until:
            return Refusal("out_of_term", "proxy")
        return None

    def _formal(self, one: Instrument) -> Refusal | None:
        if not one.signed:
            return Refusal("not_signed", "proxy")
        if one.agent_kind in self._rule.barred:
            return Refusal("agent_barred", "proxy")
        if self._rule.agent == "owner" and one.agent not in self._owners:
            return Refusal("agent_not_owner", "proxy")
        return None

    def _beyond_the_cap(self) -> set[str]:
        """In the order of registration; an instrument revoked or run out no longer fills the cap."""
        if self._rule.cap is None:
            return set()
        over: set[str] = set()
        taken: dict[str, list[Instrument]] = {}
        for one in sorted(self.by_id.values(), key=lambda one: one.at):
            if self._formal(one) is not None:
                continue
            mine = [
                other
                for other in taken.get(one.agent, [])
                if other.valid_until > one.at and self.revoked_at.get(other.id, other.valid_until) > one.at
            ]
            if len({other.principal for other in mine} | {one.principal}) > self._rule.cap:
                over.add(one.id)
            else:
                mine.append(one)
            taken[one.agent] = mine
        return over
