"""What was mediated in a file of its own is a round of the complaint it came from."""

from gongzhi.cases.models import Case
from gongzhi.cases.models.case import RUNNING
from gongzhi.cases.services.disputes import mediate
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.core.models import Event
from gongzhi.core.refs import Ref

RESULTS = {"mediation.agreed": "agreed", "mediation.failed": "not_agreed"}


def mediated(event: Event) -> None:
    """Reaction: agreed, the complaint is handled; not agreed, it stays open. What the sides said stays in the file."""
    origin = event.data.get("origin") or ""
    if not origin.startswith("case:"):
        return
    case = Case.objects.filter(pk=Ref.of_key(origin).id, state__in=RUNNING).first()
    if case is None:
        return
    words = f"见{event.subject_title}"
    try:
        mediate(
            case,
            kind=str(event.data["kind"]),
            complainants_view=words,
            others_view=words,
            result=RESULTS[event.kind],
            note=words,
            actor=Actor.system(demo=event.demo),
            now=event.at,
        )
    except Refused:
        return  # the complaint is past that step: it keeps its own result, and its page leads to the file
