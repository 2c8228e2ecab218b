"""A case comes back from where it was sent: what another way refused goes to the unit that the document names."""

from gongzhi.cases.models import Case
from gongzhi.cases.models.case import State
from gongzhi.cases.services.acting import emit, locked, tell_unit, unit_for
from gongzhi.cases.services.opening import assigned_data, hand_out
from gongzhi.core.actors import Actor
from gongzhi.core.models import Event

OVER = (State.ANSWERED, State.CLOSED, State.ARCHIVED, State.MERGED, State.VOIDED)


def fund_refused(event: Event) -> None:
    """Reaction to `fund.use_refused`: the case behind the refused use is handed to whom the pack names."""
    number, role = event.data.get("case"), event.data.get("goes_to")
    found = Case.objects.filter(number=number).exclude(state__in=OVER).first() if number and role else None
    if found is None:
        return
    case = locked(found)
    unit = unit_for(str(role), case)
    case.route_lead = str(role)
    hand_out(case, unit, str(role), now=event.at)
    reason = f"维修资金申请没有批准（{event.data['reason']}），改由{unit}负责。"
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
