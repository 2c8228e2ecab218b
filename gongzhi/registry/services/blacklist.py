"""The black list, as far as it goes without scores: a penalty or a matter complained of again and again
proposes an entry, an office decides, an entry goes back.

Proposal and entry are standing facts of the company, each with the event it comes from; none is ever overwritten.
"""

from datetime import date, datetime

from django.db import transaction

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.core.models import Event, Organisation
from gongzhi.policy import Answer
from gongzhi.registry.models import StandingFact
from gongzhi.registry.queries.known import facts_of, organisation_for
from gongzhi.registry.queries.reading import listing_of
from gongzhi.registry.services.facts import set_fact

PENDING, LISTED = "list_pending", "blacklisted"
CONFLICT_STATUS, FORBIDDEN_STATUS = 409, 403


def propose_listing(company: Organisation, *, because: str, event: Event, answer: Answer) -> StandingFact:
    """待批: from the event's day on, until the office that the answer names has decided."""
    on = core.local_day(event.at)
    row = set_fact(company.ref, PENDING, True, from_on=on, event=event, answer=answer.to_json())
    office = organisation_for(str(answer.value["by"]), event.place_path)
    if office is not None:
        words = f"{company}{because}，请决定是否列入黑名单。"
        core.notify(to=office, template="company.list_pending", text=words, ref=company.ref, now=event.at)
    return row


@transaction.atomic
def decide_listing(
    company: Organisation,
    *,
    listed: bool,
    to_on: date | None = None,
    reason: str,
    actor: Actor,
    now: datetime,
) -> StandingFact:
    """列入 or 不列入 what is proposed, 撤回 what is listed, with the reason; by the office that the document names."""
    row = Organisation.objects.select_for_update(of=("self",)).get(pk=company.pk)
    core.require(actor, "organisation.list", row)
    on = core.local_day(now)
    proposals = listing_of(row, on)
    known = facts_of(row.ref, (PENDING, LISTED), on)
    pending, held = bool(known.get(PENDING)), bool(known.get(LISTED))
    if not pending and not held or listed and not pending:
        raise Refused("not_proposed", "没有待批的事由，也不在黑名单里，不用决定。", status=CONFLICT_STATUS)
    offices = {str((one.answer or {}).get("value", {}).get("by", "")) for one in proposals} - {""}
    clauses = tuple(clause for one in proposals for clause in (one.answer or {}).get("clauses", ()))
    if offices and actor.role not in offices and not actor.is_system:
        names = "、".join(core.role_name(one, place_path=row.place_path, on=on) for one in sorted(offices))
        raise Refused("not_decider", f"由{names}决定。", clauses, status=FORBIDDEN_STATUS)
    if not reason.strip():
        raise Refused("missing", "请写明理由。", fields={"reason": "请写明理由"})
    if to_on is not None and to_on < on:
        raise Refused("listing_day", "止日不能早于今天。", fields={"to_on": "不能早于今天"})
    event = core.record(
        "organisation.listing_decided",
        subject=row.ref,
        actor=actor,
        at=now,
        place_path=row.place_path,
        data={"listed": listed, "was_listed": held, "until": to_on if listed else None, "reason": reason.strip()},
    )
    if pending:
        set_fact(row.ref, PENDING, False, from_on=on, event=event)
    return set_fact(row.ref, LISTED, listed, from_on=on, to_on=to_on if listed else None, event=event)
