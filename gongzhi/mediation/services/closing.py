"""After the mediation: the visit, the court's confirmation, the action at law, the archive."""

from datetime import date, datetime

from django.db import transaction

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.mediation.models import CourtStep, FollowUpVisit, MediationFile, SettlementAgreement
from gongzhi.mediation.offices import conference
from gongzhi.mediation.queries import asking
from gongzhi.mediation.services.common import in_state, keep, locked, not_later, note, parties_of, required, tell
from gongzhi.mediation.services.papers import confirmation_paper
from gongzhi.mediation.words import CONFIRMATIONS, PERFORMED, TRIBUNALS
from gongzhi.registry.models import Estate
from gongzhi.registry.queries.known import organisation_for

ENDED = ("agreed", "failed", "declined", "withdrawn")
TRIED = ("failed", "declined", "withdrawn")


def may_be_visited(row: MediationFile) -> bool:
    agreed = row.state in ("agreed", "closed") and getattr(row, "agreement", None) is not None
    step = getattr(row, "court_step", None)
    return agreed or (step is not None and bool(step.judgment))


@transaction.atomic
def visit(
    file: MediationFile,
    *,
    on: date,
    performed: str,
    text: str = "",
    version: int | None = None,
    actor: Actor,
    now: datetime,
) -> FollowUpVisit:
    """回访, once there is an agreement or the court has judged; also of what was put away since."""
    row = locked(file, "mediation.work", version=version, actor=actor)
    if not may_be_visited(row):
        raise Refused("state", "签订协议（或者法院裁判）以后才回访。", status=409)
    if performed not in PERFORMED:
        raise Refused("performed", "请选履行情况。", fields={"performed": "请选一种"})
    not_later(on, now, "on")
    agreement = getattr(row, "agreement", None)
    if agreement is not None and on < agreement.agreed_on:
        raise Refused("on", "回访不能早于达成协议。", fields={"on": "请核对日期"})
    made = FollowUpVisit.objects.create(
        file=row, organisation=row.stage.organisation, on=on, performed=performed, note=text.strip(), demo=row.demo
    )
    keep(row)
    note(row, event="visited", actor=actor, now=now, performed=performed)
    return made


@transaction.atomic
def note_confirmation(
    file: MediationFile,
    *,
    state: str,
    on: date,
    number: str = "",
    version: int | None = None,
    actor: Actor,
    now: datetime,
) -> SettlementAgreement:
    """司法确认: applied for within the document's period, which draws up the paper; then the court's ruling."""
    if state not in CONFIRMATIONS:
        raise Refused("state", "请选司法确认的情况。", fields={"state": "请选一种"})
    right = "mediation.confirm" if state == "applied" else "mediation.rule"
    row = locked(file, right, version=version, actor=actor)
    not_later(on, now, "on")
    made = getattr(row, "agreement", None)
    late = bool(made and made.confirm_by and on > made.confirm_by)
    if state == "applied":
        facts = {"agreed": made is not None, "in_time": not late}
        core.run_checks("mediation.confirmation", facts, place_path=row.place_path, on=on)
    if made is None:
        raise Refused("not_agreed", "没有达成协议的，不能申请司法确认。")
    if state == "applied":
        if made.confirm_applied_on is not None:
            raise Refused("applied", "已经申请过司法确认。", status=409)
        if on < made.agreed_on:
            raise Refused("on", "申请不能早于达成协议。", fields={"on": "请核对日期"})
        made.confirm_applied_on, made.confirm_late = on, late
    elif made.confirm_applied_on is None:
        raise Refused("not_applied", "先登记申请，再登记裁定。")
    else:
        made.confirmed_on = on
        made.confirm_number = required(number, "number", "请填写案号。")
    made.confirmation = state
    made.save()
    keep(row)
    note(row, event="confirmation_noted", actor=actor, now=now, state=state, late=made.confirm_late)
    if state == "applied":
        paper = confirmation_paper(made, actor=actor, now=now)
        courts = [one.organisation for one in paper.recipients.select_related("organisation")]
        tell(row, courts, template="mediation.confirmation", text=f"申请司法确认，见{paper.number}。", now=now)
    else:
        words = f"司法确认：{made.get_confirmation_display()}，{made.confirm_number}。"
        tell(row, parties_of(row), template="mediation.confirmation", text=words, now=now)
    return made


@transaction.atomic
def note_court(
    file: MediationFile,
    *,
    tribunal: str,
    number: str,
    green_channel: bool = False,
    estate: Estate | None = None,
    location: str = "",
    hearing_on: date | None = None,
    judgment: str = "",
    version: int | None = None,
    actor: Actor,
    now: datetime,
) -> CourtStep:
    """转诉讼: number, hearing, judgment; a later entry completes the earlier one. Followed here, judged elsewhere."""
    row = locked(file, "mediation.court", version=version, actor=actor)
    if tribunal not in TRIBUNALS:
        raise Refused("tribunal", "请选受理法庭。", fields={"tribunal": "请选一种"})
    facts = {
        "agreed": row.state == "agreed" or hasattr(row, "agreement"),
        "tried": row.state in TRIED or row.outcome in ("not_agreed", "no_consent", "withdrawn", "declined"),
        "green_channel": green_channel,
        "circuit": tribunal == "circuit",
        "hearing_given": hearing_on is not None,
        "location_given": bool(location.strip()),
    }
    core.run_checks("mediation.court", facts, place_path=row.place_path, on=core.local_day(now))
    made, _ = CourtStep.objects.update_or_create(
        file=row,
        defaults={
            "tribunal": tribunal,
            "number": required(number, "number", "请填写案号。")[:80],
            "green_channel": green_channel,
            "estate": estate,
            "location": location.strip(),
            "hearing_on": hearing_on,
            "judgment": judgment.strip(),
            "judged_on": core.local_day(now) if judgment.strip() else None,
            "demo": row.demo,
        },
    )
    keep(row)
    note(row, event="court_noted", actor=actor, now=now, tribunal=tribunal, judged=bool(judgment.strip()))
    return made


@transaction.atomic
def close(file: MediationFile, *, version: int | None = None, actor: Actor, now: datetime) -> MediationFile:
    """归档, when nothing is left to do by the document: the visit made, or the dispute gone somewhere else."""
    row = locked(file, "mediation.work", version=version, actor=actor)
    in_state(row, *ENDED, message="有了结果才能归档。")
    rules, clauses = asking.procedure(row, core.local_day(now))
    in_court = getattr(row, "court_step", None) is not None
    if row.state == "agreed" and rules.get("visit_first") and not row.visits.exists():
        raise Refused("not_visited", "还没有回访，先回访再归档。", clauses)
    if row.state == "failed" and rules.get("must_go_on") and not in_court:
        raise Refused("must_go_on", "未达成的不能就此归档，请上交、转另一种调解，或者登记转诉讼。", clauses)
    owed = next((one for one in row.topics.select_related("raised_to__place") if one.binding), None)
    if owed is not None:
        _, clauses = conference(row.place_path, core.local_day(now))
        raise Refused("conference", f"联席会议还没有结论（{owed.state}），有结论以后才能归档。", clauses)
    row.state, row.closed_at = "closed", now
    keep(row, "state", "closed_at")
    note(row, event="closed", actor=actor, now=now, outcome=row.outcome)
    if row.source == "court":
        court = organisation_for("court", row.place_path, estate=row.estate)
        words = f"{row.court_number}移交的调解：{row.get_outcome_display()}。"
        tell(row, [court, row.filed_by], template="mediation.returned", text=words, now=now)
    below = row.stages.exclude(organisation=row.stage.organisation).select_related("organisation")
    tell(row, [one.organisation for one in below], template="mediation.result", text=row.get_outcome_display(), now=now)
    tell(row, parties_of(row), template="mediation.closed", text=row.get_outcome_display(), now=now)
    return row
