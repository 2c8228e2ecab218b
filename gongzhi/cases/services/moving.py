"""Running cases that come to other units: with their estate to another community, or from a unit that is given up."""

from datetime import datetime

from gongzhi.cases.accountability.models import NoticeBoard
from gongzhi.cases.models import Case, CaseParty, Complaint, Part, Problem, Report
from gongzhi.cases.models.case import RUNNING
from gongzhi.cases.services.acting import emit, join, locked, set_lead, tell_unit
from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.models import Event, Organisation, PersonalData
from gongzhi.registry.models import Estate
from gongzhi.registry.services import successor

STAYS = (Part.PAST, Part.WATCH)


def follow_estate(event: Event) -> None:
    """Every running case, with its complaint and the company's open problems, and the board with its numbers."""
    estate, was = Estate.objects.get(pk=event.subject_id), str(event.data["was_path"])
    for case in Case.objects.filter(estate=estate, state__in=RUNNING).order_by("pk"):
        move_case(locked(case), estate, now=event.at)
    core.rebase(Problem.objects.filter(solved_at=None, voided_at=None), old=was, new=estate.place_path)
    core.rebase(NoticeBoard.objects.all(), old=was, new=estate.place_path)


def reopened(event: Event) -> None:
    """A case that was closed before its estate moved goes where the estate lies now."""
    case = Case.objects.select_related("estate").filter(pk=event.subject_id).first()
    if case is not None and case.estate is not None and case.place_path != case.estate.place_path:
        move_case(locked(case), case.estate, now=event.at)


def move_case(case: Case, estate: Estate, *, now: datetime) -> None:
    """Units of the former community or street leave it to those of the new one, and stay in it as having had it."""
    was, before = case.place_path, case.lead
    case.place_path = estate.place_path
    Complaint.objects.filter(pk=case.complaint_id).update(place_path=estate.place_path)
    if case.complaint.complainant_id is not None:
        PersonalData.objects.filter(pk=case.complaint.complainant_id).update(place_path=estate.place_path)
    parts = [row for row in case.part_rows() if row.part not in STAYS]
    given = [(row, heir) for row in parts if (heir := successor(row.organisation, was=was, estate=estate))]
    for row, heir in given:
        _hand_on(case, row, heir, now=now)
    for report in Report.objects.filter(case=case, signed_at=None).select_related("to_organisation"):
        report.to_organisation = successor(report.to_organisation, was=was, estate=estate) or report.to_organisation
        report.save(update_fields=["to_organisation"])
    _noted(case, given, title=f"小区划到{estate.community}", why="随小区划转", before=before, now=now)


def give_case(case: Case, unit: Organisation, heir: Organisation, *, now: datetime) -> None:
    """Of a locked case: what the unit had to do in it the heir has to do."""
    before = case.lead
    given = [(row, heir) for row in case.part_rows() if row.part not in STAYS and row.organisation_id == unit.pk]
    for row, _ in given:
        _hand_on(case, row, heir, now=now)
    if heir.role != unit.role:
        case.lead_role = heir.role if case.lead == heir else case.lead_role
        case.desk_role = heir.role if case.desk == heir else case.desk_role
    _noted(case, given, title=f"{unit.name}撤销，由{heir.name}接手", why="由你单位接手", before=before, now=now)


def _noted(
    case: Case,
    given: list[tuple[CaseParty, Organisation]],
    *,
    title: str,
    why: str,
    before: Organisation | None,
    now: datetime,
) -> None:
    """What went from whom to whom; the complainant is told where the lead is another one."""
    emit(
        case,
        kind="moved",
        title=title,
        actor=Actor.system(demo=case.demo),
        now=now,
        text="；".join(f"{row.get_part_display()}由{row.organisation}移交{heir}" for row, heir in given),
        told=f"{title}，由{case.lead}接着办理，期限不变。" if case.lead != before else "",
        was_organisation=before.pk if before is not None else None,
    )
    for heir in {heir.pk: heir for _, heir in given}.values():
        tell_unit(case, heir, "case.moved", text=f"{case.number} {case.title}{why}，请接着办。", now=now)


def _hand_on(case: Case, row: CaseParty, heir: Organisation, *, now: datetime) -> None:
    if row.part == Part.LEAD:
        set_lead(case, heir, case.lead_role, now=now)
        return
    CaseParty.objects.filter(pk=row.pk).delete()
    case.part_rows().remove(row)
    join(case, row.organisation, row.role, part=Part.PAST, now=now)
    join(case, heir, row.role, part=row.part, now=now)
    if row.part == Part.DESK:
        case.desk = heir
