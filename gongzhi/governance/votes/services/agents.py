"""An agent votes by his instrument, on the phone as at the desk: what the tally would not count is refused at once."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.governance.tally import events as tally_events
from gongzhi.governance.tally.holders import REASONS, Holders, Proxies
from gongzhi.governance.tally.roll import RollUnit
from gongzhi.governance.votes.models import RollOwner, Vote
from gongzhi.governance.votes.services.closing import events_of
from gongzhi.governance.votes.services.common import locked
from gongzhi.governance.votes.services.links import issued
from gongzhi.governance.votes.services.recording import Proxy, proxies_of, rules_in_force


def instrument_of(vote: Vote, number: str) -> Proxy:
    found = next((one for one in proxies_of(vote) if one.id == number), None)
    if found is None:
        raise Refused("no_instrument", "没有这份委托书。", fields={"proxy": "请核对编号"})
    if found.revoked:
        raise Refused("revoked", "这份委托书已经撤销，请业主本人投票。", fields={"proxy": "已撤销"})
    return found


@transaction.atomic
def make_agent_link(vote: Vote, *, proxy: str, actor: Actor, now: datetime) -> str:
    """A personal link for the agent of one instrument; the earlier one for it stops working. He too shows who he is."""
    core.require(actor, "vote.run", vote)
    vote = locked(vote, states=("noticed", "open"), doing="发代理投票链接")
    instrument = instrument_of(vote, proxy)
    if not RollOwner.objects.filter(vote=vote, code=instrument.agent, person__isnull=False).exists():
        raise Refused("agent_unknown", "这名代理人没有登记姓名和电话，不能在手机上核对身份，请到现场投票。")
    return issued(vote, owner=instrument.agent, proxy=proxy, now=now)


def refuse_agent(
    vote: Vote, *, agent: str, proxy: str, units: Sequence[str], at: datetime, roll: Iterable[RollUnit] = ()
) -> tally_events.Instrument:
    """Whatever keeps the agent's ballot from binding the principal: form, cap, revocation, term. `roll`: whose owners
    an agent may have to be among."""
    rules = rules_in_force(vote)
    rows = tuple(roll) or tuple(one.counted_as for one in vote.roll.all())
    events = events_of(vote, units=units)
    proxies = Proxies(events, rules, Holders(rows, events, rules))
    cast = tally_events.Ballot(
        type="CAST", id="-", at=at, voter=agent, units=tuple(units), choices={}, channel="desk", proxy=proxy,
        sealed=vote.secret,
    )  # fmt: skip
    refusal, instrument = proxies.refusal(cast), proxies.by_id.get(proxy)
    if refusal is not None or instrument is None:
        reason = refusal.reason if refusal is not None else "no_instrument"
        raise refused_agent(vote, reason)
    return instrument


def refused_agent(vote: Vote, reason: str) -> Refused:
    return Refused(
        f"proxy_{reason}",
        f"代理不算数：{REASONS[reason]}。请业主本人投票，或补正委托书。",
        clause=tuple(rules_in_force(vote).settings.proxy.clauses),
        fields={"proxy": REASONS[reason]},
    )
