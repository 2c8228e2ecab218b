"""A unit changes hands while its vote runs: who votes now, and what becomes of a ballot that was cast."""

import secrets
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import QuerySet

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.core.models import Event, PersonalData
from gongzhi.governance.tally.rules import VALUES, Sale
from gongzhi.governance.votes.models import Ballot, RollEntry, RollOwner, Vote, VoteRecord
from gongzhi.governance.votes.services.balloting import rules_of
from gongzhi.governance.votes.services.common import entered, locked, refuse_weighed, saved, tell
from gongzhi.governance.votes.services.rules import rules_for
from gongzhi.registry import queries as registry

FOLLOW_SALE = "governance.follow_sale"
RUNNING = ("noticed", "open")
CODE_BYTES = 5


@dataclass(frozen=True)
class SaleAnswer:
    """What the rule in force says of this unit. `changed`: the registry knows other owners than the vote does."""

    rule: str
    clauses: tuple[str, ...]
    changed: bool
    sold: bool
    cast: bool
    buyer_votes: bool
    who: str
    ballot: str
    owners: tuple[PersonalData, ...]


def sale_answer(vote: Vote, entry: RollEntry, on: date) -> SaleAnswer:
    """Before and after the sale is entered."""
    rule = _rule(vote)
    owners = tuple(one.owner for one in registry.owners_on(vote.estate, on) if one.unit.pk == entry.unit_id)
    last = _last(vote, entry)
    seller = Ballot.objects.filter(vote=vote, units__contains=[entry.code], faults=[])
    if last is not None:
        seller = seller.filter(at__lt=last.at)
    cast = seller.exists()
    buyer = rule.value == "buyer_replaces" or (rule.value == "first_vote_stands" and not cast)
    # What is not handed over yet is the developer's, whoever bought it.
    others = bool(owners) and entry.stock != "undelivered"
    return SaleAnswer(
        rule=VALUES["sale"][rule.value],
        clauses=rule.clauses,
        changed=others and _codes_known(vote, owners) != set(_holders(entry, last)),
        sold=last is not None,
        cast=cast,
        buyer_votes=buyer,
        who=_who(rule.value, cast=cast),
        ballot=_ballot(rule.value, cast=cast),
        owners=owners,
    )


def _rule(vote: Vote) -> Sale:
    rules = rules_of(vote) if vote.rules else rules_for(vote, on=core.local_day(vote.opens_at))
    return rules.settings.sale


def _who(rule: str, *, cast: bool) -> str:
    if rule == "roll_owner":
        return "仍由名册上的业主（出让人）投票，受让人不能投。"
    if rule == "buyer_replaces":
        return "由受让人投票。"
    return "出让人已经投过，受让人不能再投。" if cast else "出让人没有投过，由受让人投票。"


def _ballot(rule: str, *, cast: bool) -> str:
    if not cast:
        return "还没有收到这套房屋的票。"
    if rule == "buyer_replaces":
        return "出让人已投的票先算数；受让人投了，就以受让人的为准。"
    return "出让人已投的票有效，照计。"


def _last(vote: Vote, entry: RollEntry) -> VoteRecord | None:
    return VoteRecord.objects.filter(vote=vote, kind="TRANSFER", data__unit=entry.code).order_by("-pk").first()


def holders_now(vote: Vote, entry: RollEntry) -> list[str]:
    """Pseudonyms of the owners after the sales that were entered."""
    return _holders(entry, _last(vote, entry))


def _holders(entry: RollEntry, last: VoteRecord | None) -> list[str]:
    return list(last.data["owners"]) if last is not None else list(entry.owners)


def _codes_known(vote: Vote, owners: tuple[PersonalData, ...]) -> set[str]:
    """The pseudonyms of these people in this vote; somebody unknown to it stands as his row's number."""
    return {_code_of(vote, one) or f"#{one.pk}" for one in owners}


def _code_of(vote: Vote, person: PersonalData) -> str:
    rows = RollOwner.objects.filter(vote=vote)
    found = rows.filter(person=person).first()
    if found is None and person.id_hash:
        found = rows.filter(person__id_hash=person.id_hash).first()
    return found.code if found is not None else ""


def code_for(vote: Vote, person: PersonalData) -> str:
    """The person's pseudonym in this vote; a new one for whoever was not on the roll."""
    known = _code_of(vote, person)
    if known:
        return known
    return RollOwner.objects.create(vote=vote, code=f"y{secrets.token_hex(CODE_BYTES)}", person=person).code


@transaction.atomic
def record_sale(vote: Vote, *, entry: RollEntry, nominee: str = "", actor: Actor, now: datetime) -> VoteRecord:
    """Takes over who owns the unit by the registry now. `nominee`: which of several buyers votes, by his pseudonym."""
    core.require(actor, "vote.run", vote)
    vote = locked(vote, states=RUNNING, doing="登记转让")
    refuse_weighed(vote)
    entry = RollEntry.objects.select_for_update().get(pk=entry.pk)
    answer = sale_answer(vote, entry, core.local_day(now))
    if not answer.changed:
        raise Refused("not_sold", "房屋档案里没有新业主。请先在小区的房屋页登记转让，再到这里办。")
    codes = sorted({code_for(vote, one) for one in answer.owners})
    if len(codes) == 1:
        nominee = codes[0]
    elif nominee and nominee not in codes:
        raise Refused("nominee", "推定的人要是受让人之一。", fields={"nominee": "请另选"})
    data = {"unit": entry.code, "owners": codes, "nominee": nominee or None}
    record = entered(vote, kind="TRANSFER", data=data, at=now, actor=actor, now=now)
    if _rule(vote).value != "roll_owner":
        any_of_them = vote.rules is not None and rules_of(vote).settings.co_owners.value != "nominee"
        named = codes if any_of_them else [nominee] if nominee else []
        RollEntry.objects.filter(pk=entry.pk).update(voters=named if answer.buyer_votes else [])
        saved(vote)
    tell(vote, kind="vote.transferred", actor=actor, now=now, data={"unit": entry.room})
    return record


def note_sale(event: Event) -> None:
    """Reaction: the registry is told of new owners. It writes them after this; so the votes follow by a job."""
    if _running(int(event.subject_id), event.at).exists():
        core.later(FOLLOW_SALE, unit_id=int(event.subject_id))


def _running(unit_id: int, now: datetime) -> QuerySet[RollEntry]:
    return RollEntry.objects.filter(unit_id=unit_id, vote__state__in=RUNNING, vote__closes_at__gt=now)


@transaction.atomic
def follow_sale(unit_id: int, *, now: datetime) -> int:
    """Every running vote takes the new owners of the unit over, where the registry knows others. Safe to run twice."""
    done = 0
    for entry in _running(unit_id, now).select_related("vote__estate", "vote__log"):
        if entry.vote.secret and entry.vote.state != "noticed":
            continue  # its weights are part of its key
        if sale_answer(entry.vote, entry, core.local_day(now)).changed:
            record_sale(entry.vote, entry=entry, actor=Actor.system(demo=entry.vote.demo), now=now)
            done += 1
    return done
