"""How the platform finds bodies and what belongs to them by their reference, and who may read them."""

from collections.abc import Callable
from typing import Any

from django.urls import reverse

from gongzhi.core import refs
from gongzhi.core.actors import Actor
from gongzhi.core.rights import may
from gongzhi.governance.bodies import models

# kind of reference -> (model, address, right over the row)
KINDS: dict[str, tuple[type[Any], str, str]] = {
    "body": (models.Body, "bodies:body", "body.see_estate"),
    "formation": (models.Formation, "bodies:formation", "body.see_estate"),
    "candidate": (models.Candidate, "bodies:candidate", "candidate.review"),
    "filing": (models.Filing, "bodies:filing", "body.see_estate"),
    "body_change": (models.BodyChange, "", "body.see_estate"),
    "body_handover": (models.HandOver, "bodies:handover", "handover.work"),
    "petition": (models.Petition, "bodies:petition", "petition.take"),
    "owed_meeting": (models.OwedMeeting, "bodies:meeting", "meeting.hold"),
    "advice": (models.Advice, "bodies:advice", "body.see_estate"),
    "body_meeting": (models.BodyMeeting, "", "body.see_estate"),
    "representative_meeting": (models.RepresentativeMeeting, "bodies:representatives", "body.see_estate"),
    "prospect": (models.Prospect, "", "candidate.nominate"),
    "cross_post": (models.CrossPost, "", "body.see_estate"),
    "body_decision": (models.BodyDecision, "", "body.see_estate"),
    "body_member": (models.Member, "", "body.see_estate"),
    "correction": (models.Correction, "bodies:correction", "body.see_estate"),
    "charge": (models.Charge, "bodies:charge", "charge.work"),
    "body_notice": (models.BodyNotice, "bodies:shown", "body.see_estate"),
    "notice_report": (models.NoticeReport, "bodies:report", "body.see_estate"),
    "adopted_text": (models.AdoptedText, "bodies:text", "body.see_estate"),
}


def readable(actor: Actor, row: Any, right: str) -> bool:
    party = getattr(row, "is_party", None)
    return may(actor, right, row) or may(actor, "body.read", row) or bool(party and party(actor))


def _loader(model: type[Any]) -> Callable[[str], Any | None]:
    return lambda pk: model.objects.filter(pk=pk).first() if str(pk).isdigit() else None


def _reader(right: str) -> Callable[[Any, Any], bool]:
    return lambda actor, row: readable(actor, row, right)


def _address(name: str) -> Callable[[Any], str]:
    return lambda row: reverse(name, args=[row.pk]) if name else ""


def register() -> None:
    for kind, (model, address, right) in KINDS.items():
        refs.register_kind(kind, load=_loader(model), may_read=_reader(right), url=_address(address))
