"""A step of the ladder becomes an official document to whoever owes the duty: 抄告, 督办, 通报."""

import logging
from datetime import datetime
from typing import Any

from django.db import transaction

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.days import local_day
from gongzhi.core.display import cn_date, due_moment_words
from gongzhi.core.models import Document, Organisation
from gongzhi.duties.models import Duty
from gongzhi.duties.services.faults import OF_THE_PACK, Unfollowable
from gongzhi.duties.services.recording import note_event, open_fault
from gongzhi.policy import Pack, Transition
from gongzhi.registry.services import organisation_for

log = logging.getLogger(__name__)


def take_step(duty: Duty, pack: Pack, taken: Transition, *, now: datetime) -> None:
    """Issues the step's paper, if it has one, and records the climb. A paper that fails is left to a person."""
    document: Document | None = None
    try:
        if taken.instrument:
            with transaction.atomic():
                document = _issue(duty, pack, taken, now=now)
    except OF_THE_PACK as fault:
        log.exception("duties: %s for duty %s could not be issued", taken.instrument, duty.pk)
        open_fault(duty, rule=f"{duty.rule}.{taken.instrument}", fault=fault, at=taken.at)
    note_event(
        "duty.climbed",
        duty,
        at=taken.at,
        step=taken.step,
        instrument=taken.instrument or None,
        document=document.pk if document else None,
        number=document.number if document else None,
        due_at=taken.new_due,
    )


def _issue(duty: Duty, pack: Pack, taken: Transition, *, now: datetime) -> Document:
    """Dated when it is issued, also where an outage let the step come due earlier: no paper is dated back."""
    instrument = pack.instruments.get(taken.instrument)
    if instrument is None:
        raise Unfollowable(f"没有名为“{taken.instrument}”的文书")
    owner = duty.owner_organisation
    issuing = instrument.issuer_role or str(duty.state_json.get("facts", {}).get(instrument.issuer_field, ""))
    issuer = _holder(issuing, duty)
    if owner is None:
        raise Unfollowable(f"找不到责任单位（{duty.owner_role}），文书没有主送对象")
    if issuer is None:
        raise Unfollowable(f"找不到{instrument.name}的发文单位（{issuing}）")
    copies = [found for role in instrument.copy_to if (found := _holder(role, duty)) not in (None, owner)]
    return core.issue_document(
        taken.instrument,
        subject=duty.subject,
        to=[owner if instrument.to in ("", "owner") else _holder(instrument.to, duty) or owner],
        copy_to=copies,
        values=_values(duty, owner, taken),
        issuer=issuer,
        place_path=duty.place_path,
        actor=_office(issuer, demo=duty.demo),
        now=now,
    )


def _holder(role: str, duty: Duty) -> Organisation | None:
    return duty.owner_organisation if role == "owner" else organisation_for(role, duty.place_path, duty.estate)


def _office(issuer: Organisation, *, demo: bool) -> Actor:
    """The issuing office itself acts by the clock: no person has decided anything."""
    return Actor(None, issuer, issuer.role, issuer.place_path, f"{issuer.name}（到期自动）", demo=demo)


def _values(duty: Duty, owner: Organisation, taken: Transition) -> dict[str, str]:
    """What the body of an instrument may name."""
    late = (local_day(taken.at) - duty.last_day).days if duty.last_day else 0
    return {
        "duty": duty.title,
        "subject": duty.subject_title or duty.title,
        "owner": owner.name,
        "due": due_moment_words(duty.due_at) if duty.due_at else "",
        "new_due": due_moment_words(taken.new_due) if taken.new_due else "",
        "days_late": str(max(late, 0)),
        "step": taken.step,
        "date": cn_date(taken.at),
    }


def step_taken_at(duty: Duty) -> list[dict[str, Any]]:
    """The steps reached, for display: name, moment, and the limit given again."""
    found: list[dict[str, Any]] = duty.state_json.get("steps", [])
    return [{**one, "at": datetime.fromisoformat(one["at"])} for one in found]
