"""Between equipment and cases: what the platform found of a piece becomes a lead, and its result goes into the file."""

from datetime import date

from gongzhi.cases.models import Case
from gongzhi.cases.services.leads import lead_of_facility
from gongzhi.core import services as core
from gongzhi.core.display import cn_date
from gongzhi.core.models import Event, Organisation
from gongzhi.equipment.models import FacilityLead, UpkeepContract
from gongzhi.equipment.services import permit_on
from gongzhi.registry.models import Facility

NOT_SAID = "已办结，没有写明结果"
LONGEST_USE = 60


def inspection_expired(event: Event) -> None:
    """Reaction to `facility.expired`: one lead for each last day, where the local document makes one of it."""
    row = _facility(event)
    if row is None:
        return
    until = date.fromisoformat(str(event.data["valid_until"]))
    upkeep = f"维保单位：{row.upkeep}。" if row.upkeep else ""
    text = f"{row}的检验有效期到{cn_date(until)}，已过期，没有登记新的检验。{upkeep}"
    case = lead_of_facility(row, reason="expired", text=text, event=event)
    if case is not None:
        FacilityLead.objects.create(
            facility=row, reason="expired", since=core.local_day(event.at), case_key=case.ref.key,
            company=_upkeep_of(row, core.local_day(event.at)),
        )  # fmt: skip


def misused(event: Event) -> None:
    """Reaction to `facility.misused`: the lead of a work that is used without a permit, or otherwise than it says."""
    row = _facility(event)
    if row is None:
        return
    reason, use = str(event.data["reason"]), str(event.data.get("use") or "")[:LONGEST_USE]
    permit = permit_on(row, core.local_day(event.at))
    says = f"使用证载明的用途是“{permit.use}”" if permit is not None else "没有登记有效的使用证"
    text = f"{row}登记的用途是“{use}”，{says}，请核实查处。"
    case = lead_of_facility(row, reason=reason, text=text, event=event)
    if case is not None:
        FacilityLead.objects.filter(facility=row, reason=reason, closed_on=None).update(case_key=case.ref.key)


def lead_closed(event: Event) -> None:
    """Reaction to `case.closed`: what came of it stands in the file of the piece and of who looked after it."""
    rows = FacilityLead.objects.filter(case_key=event.subject.key, closed_on=None)
    if not rows.exists():
        return
    case = Case.objects.get(pk=event.subject_id)
    result = case.result or case.answer_text or NOT_SAID
    rows.update(result=result, closed_on=core.local_day(event.at))


def _facility(event: Event) -> Facility | None:
    return Facility.objects.select_related("estate", "building").filter(pk=event.subject_id).first()


def _upkeep_of(row: Facility, on: date) -> Organisation | None:
    """The company of the contract that runs that day."""
    rows = UpkeepContract.objects.filter(estate=row.estate, kind=row.kind, contract="maintenance", from_on__lte=on)
    found = rows.filter(to_on__gte=on, ended_on=None).select_related("company").order_by("-from_on").first()
    return found.company if found is not None else None
