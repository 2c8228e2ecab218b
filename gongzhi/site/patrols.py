"""Between patrols and cases: a finding becomes a case where the local document says so, a round a check sheet."""

from gongzhi.cases.codes import FOUND
from gongzhi.cases.models import SiteCheck
from gongzhi.cases.queries.asking import route_facts
from gongzhi.cases.services.checks import record_check, void_check
from gongzhi.cases.services.intake import receive_complaint
from gongzhi.cases.services.opening import MatterInput
from gongzhi.core.actors import Actor
from gongzhi.core.display import cn_date
from gongzhi.core.models import Event
from gongzhi.core.questions import STAFF_ROLES
from gongzhi.core.rights import may
from gongzhi.core.services import local_day
from gongzhi.patrols.models import PatrolFinding, PatrolRound


def case_of_finding(event: Event) -> None:
    """Reaction: one case of the matter that the pack names, or that somebody chose; the finding keeps its number."""
    matter = event.data.get("matter")
    if not matter:
        return
    rows = PatrolFinding.objects.select_for_update(of=("self",)).filter(pk=event.subject_id, case_number="")
    row = rows.select_related("estate").first()
    if row is None:
        return
    where = row.location if row.location.startswith(row.estate.name) else row.estate.name + row.location
    text = f"{cn_date(local_day(row.found_at))}巡查发现：{where}，{row.text}"
    facts = route_facts(row.round.answers_now) if row.round is not None else {}
    complaint = receive_complaint(
        channel=FOUND,
        estate=row.estate,
        text=text,
        location=row.location,
        matters=[MatterInput(matter=str(matter), title=f"{row.estate.name}{row.kind}", text=text, facts=facts)],
        received_at=event.at,
        desk=row.finder if row.finder is not None and row.finder.role in STAFF_ROLES else None,
        actor=Actor.system(demo=event.demo),
        now=event.at,
    )
    row.case_number = complaint.cases.get().number
    row.save(update_fields=["case_number"])


def check_of_round(event: Event) -> None:
    """Reaction to `patrol.done`: what an office or department walked counts among its checks, from patrol."""
    rows = PatrolRound.objects.select_related("estate", "by").filter(pk=event.subject_id)
    row = rows.first()
    if row is None or row.by is None:
        return
    actor = Actor.of(row.by, event.at)
    if actor.organisation is None or not may(actor, "checks.record", row.estate):
        return
    findings = list(row.findings.values_list("kind", flat=True))
    found = f"巡查{row.number}：" + ("、".join(findings) if findings else "没有发现问题")
    record_check(
        estate=row.estate,
        source="patrol",
        checked_at=row.walked_at,
        found=found,
        violation=bool(findings),
        round_number=row.number,
        actor=actor,
        now=max(event.at, row.walked_at),
    )


def check_of_voided_round(event: Event) -> None:
    """Reaction to `patrol.voided`: the check that rested on it counts no more."""
    row = PatrolRound.objects.get(pk=event.subject_id)
    for sheet in SiteCheck.objects.filter(round_number=row.number):
        void_check(sheet, reason=f"巡查记录作废：{row.void_reason}", actor=Actor.system(demo=row.demo), now=event.at)
