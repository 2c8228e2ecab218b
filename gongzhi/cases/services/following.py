"""What was mediated in a file of its own is a round of the complaint it came from."""

from gongzhi.cases.codes import MEDIATION_RESULTS
from gongzhi.cases.models import Case
from gongzhi.cases.models.case import RUNNING
from gongzhi.cases.services.disputes import mediate
from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.core.models import Event
from gongzhi.core.refs import Ref

RESULTS = {"mediation.agreed": "agreed", "mediation.failed": "not_agreed"}
# It ended without a result: no round of the complaint, and whoever handles it has to go on.
NOT_MEDIATED = {"mediation.declined": "没有受理", "mediation.withdrawn": "已终止"}


def mediated(event: Event) -> None:
    """Reaction: agreed, the complaint is handled; not agreed, it stays open. What the sides said stays in the file."""
    case, words = _origin(event), f"见{event.subject_title}"
    if case is None:
        return
    result = RESULTS[event.kind]
    try:
        mediate(
            case,
            kind=str(event.data["kind"]),
            complainants_view=words,
            others_view=words,
            result=result,
            note=words,
            actor=Actor.system(demo=event.demo),
            now=event.at,
        )
    except Refused as refused:
        why = f"投诉没有跟着登记：{refused.message}"
        _tell_lead(case, f"调解{MEDIATION_RESULTS[result]}，{words}。{why}", event)


def not_mediated(event: Event) -> None:
    """Reaction: the complaint is still open, and its lead is told so."""
    case = _origin(event)
    if case is not None:
        _tell_lead(case, f"调解{NOT_MEDIATED[event.kind]}，见{event.subject_title}。请继续办理这件投诉。", event)


def _origin(event: Event) -> Case | None:
    origin = event.data.get("origin") or ""
    if not origin.startswith("case:"):
        return None
    return Case.objects.select_related("lead").filter(pk=Ref.of_key(origin).id, state__in=RUNNING).first()


def _tell_lead(case: Case, text: str, event: Event) -> None:
    if case.lead is not None:
        core.notify(to=case.lead, template="cases.mediated", text=f"{case.number}：{text}", ref=case.ref, now=event.at)
