"""Bodies of an estate that moves or goes into another area.

To another community what is in office or under way goes along. In another area there is nothing more to form; a
committee in office stays until it has wound up its affairs and is ended on its page.
"""

from typing import Any

from django.db.models import Q

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.models import Event, PersonalData
from gongzhi.governance.bodies.models import (
    AdoptedText,
    Advice,
    Asset,
    Body,
    BodyAssessment,
    BodyChange,
    BodyDecision,
    BodyMeeting,
    Candidate,
    Charge,
    Correction,
    CrossPost,
    Filing,
    Formation,
    HandOver,
    ListMark,
    Member,
    OwedMeeting,
    Petition,
    Prospect,
)
from gongzhi.governance.bodies.services.forming import stop_formation
from gongzhi.registry import services as registry
from gongzhi.registry.models import Estate

ENDED = "ended"
OF_BODY = (Member, Filing, Asset, BodyChange, BodyMeeting, BodyAssessment, BodyDecision, ListMark)
# (rows, what is not over yet)
UNDER_WAY: tuple[tuple[Any, Q], ...] = (
    (Body, ~Q(state=ENDED)),
    *((model, ~Q(body__state=ENDED)) for model in OF_BODY),
    (Formation, Q(state="open")),
    (Candidate, Q(formation__state="open")),
    (HandOver, Q(completed_at=None)),
    (Petition, Q(state="open")),
    (OwedMeeting, Q(state="due")),
    (Advice, Q(replied_at=None) | Q(formation__state="open")),
    (Correction, Q(state__in=("consulting", "ordered"))),
    (Charge, Q(state="open")),
    (CrossPost, Q()),
    (Prospect, Q()),
    (AdoptedText, Q()),
)
# Where a unit of the former community or street has still to act.
HANDED_ON: tuple[tuple[Any, str, Q], ...] = (
    (Filing, "desk", Q(state="submitted")),
    (Advice, "to", Q(replied_at=None, due_on__isnull=False)),
    (Correction, "consulted", Q(consulted_at=None)),
)
PEOPLE = (Member, Candidate, Prospect, CrossPost)


def follow_estate(event: Event) -> None:
    was, path = str(event.data["was_path"]), event.place_path
    alive = dict(UNDER_WAY)
    for model in PEOPLE:
        people: Any = model.objects.filter(alive[model], place_path__startswith=was).values("person_id")
        core.rebase(PersonalData.objects.filter(pk__in=people), old=was, new=path)
    for model, not_over in UNDER_WAY:
        core.rebase(model.objects.filter(not_over), old=was, new=path)
    estate = Estate.objects.get(pk=event.subject_id)
    for model, column, waiting in HANDED_ON:
        registry.hand_on(model, column, waiting, was=was, estate=estate)


def stop_forming(event: Event) -> None:
    """Reaction: the estate went into another area, so what was begun to found its assembly or elect ends."""
    reason = f"{event.subject_title}并入{event.data['into']}"
    for one in Formation.objects.filter(estate_id=int(event.subject_id), state="open").order_by("pk"):
        stop_formation(one, reason=reason, actor=Actor.system(demo=event.demo), now=event.at)
