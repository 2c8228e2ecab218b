"""Between inspections of prices and cases: what was found becomes a case where the local document says so."""

from gongzhi.cases.codes import FOUND
from gongzhi.cases.services.intake import receive_complaint
from gongzhi.cases.services.opening import MatterInput
from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.display import cn_date
from gongzhi.core.models import Event
from gongzhi.funds.charges.models import PriceFinding


def case_of_finding(event: Event) -> None:
    """Reaction to `fee.finding_made`: one case of the matter that the pack names; the finding keeps its number."""
    rows = PriceFinding.objects.select_for_update(of=("self",)).filter(pk=event.subject_id, case_ref="")
    row = rows.select_related("project__estate", "project__company", "inspection").first()
    if row is None:
        return
    on = row.inspection.on
    answer = core.ask("funds.price_inspection", {"finding": row.kind}, place_path=row.place_path, on=on)
    matter = (answer.value or {}).get("matter") if answer.ok else None
    if not matter:
        return
    estate, title = row.project.estate, row.get_kind_display()
    text = f"{cn_date(on)}收费公示检查发现：{estate.name}（{row.project.company}）{title}。{row.inspection.note}"
    complaint = receive_complaint(
        channel=FOUND,
        estate=estate,
        text=text,
        location="",
        matters=[MatterInput(matter=str(matter), title=f"{estate.name}{title}", text=text)],
        received_at=event.at,
        actor=Actor.system(demo=event.demo),
        now=event.at,
    )
    row.case_ref = complaint.cases.get().number
    row.save(update_fields=["case_ref"])
