"""A case comes back from where it was sent: what another way refused goes to the unit that the document names."""

from gongzhi.cases.models import Case
from gongzhi.cases.models.case import State
from gongzhi.cases.services.acting import emit, locked, tell_unit, unit_for
from gongzhi.cases.services.opening import assigned_data, hand_out
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.core.models import Event, Organisation

OVER = (State.ANSWERED, State.CLOSED, State.ARCHIVED, State.MERGED, State.VOIDED)


def fund_refused(event: Event) -> None:
    """Reaction to `fund.use_refused`: the case behind the refused use is handed to whom the pack names."""
    number, role = event.data.get("case"), event.data.get("goes_to")
    found = Case.objects.filter(number=number).exclude(state__in=OVER).first() if number and role else None
    if found is None:
        return
    _hand_over(found, str(role), "维修资金申请没有批准（{why}），改由{unit}负责。", str(event.data["reason"]), event)


def repair_judged(event: Event) -> None:
    """Reaction to `repair.judged`: the case goes to the desk of whoever repairs; without one here, who it is is noted.

    What the owner repairs himself is told to him, and no unit gets it.
    """
    number, role = event.data.get("case"), event.data.get("goes_to")
    here = Case.objects.filter(number=number, estate__place_path=event.place_path)
    found = here.exclude(state__in=OVER).first() if number else None
    if found is None:
        return
    who = str(event.data["repairer"])
    contact = f"（{event.data['contact']}）" if event.data.get("contact") else ""
    guide = f"{event.data['guide']}。" if event.data.get("guide") else ""
    unit = _unit(str(role), found, named=str(event.data.get("contact") or "")) if role else None
    if unit is not None and unit.pk != found.lead_id:
        _hand_over(found, str(role), "判定由{why}维修，改派{unit}。", f"{who}{contact}", event, unit=unit)
        return
    case = locked(found)
    emit(
        case, kind="progress_noted", title=f"判定由{who}维修", actor=Actor.system(demo=case.demo), now=event.at,
        text=f"由{who}{contact}维修。{guide}", told=f"由{who}{contact}维修。{guide}", stage="handle",
    )  # fmt: skip


def _unit(role: str, case: Case, *, named: str) -> Organisation | None:
    """Of several units in a role the one that goes by the name on record."""
    for one in Organisation.objects.filter(role=role, name=named) if named else ():
        if case.place_path.startswith(one.place_path):
            return one
    try:
        return unit_for(role, case)
    except Refused:
        return None


def _hand_over(
    found: Case, role: str, words: str, why: str, event: Event, *, unit: Organisation | None = None
) -> None:  # fmt: skip
    case = locked(found)
    unit = unit or unit_for(role, case)
    case.route_lead = role
    hand_out(case, unit, role, now=event.at)
    reason = words.format(why=why, unit=unit)
    emit(
        case,
        kind="assigned",
        title=f"改派：主办{unit}",
        actor=Actor.system(demo=case.demo),
        now=event.at,
        text=reason,
        told=f"已改由{unit}办理。",
        stage="handle",
        **assigned_data(case, by=""),
    )
    tell_unit(case, unit, "case.assigned", text=f"改派：{case.number} {case.title}，请报到签收。", now=event.at)
