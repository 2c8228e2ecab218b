"""The company's register of problems: found by itself or brought by owners; stopped, solved, or reported upwards."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from gongzhi.cases.models import Case, Problem, ProblemEntry
from gongzhi.cases.models.problems import REPORT_REASONS
from gongzhi.cases.queries.asking import route_facts
from gongzhi.cases.services.acting import required_text
from gongzhi.cases.services.opening import next_case_number
from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.days import local_day
from gongzhi.core.errors import Refused
from gongzhi.core.models import Organisation
from gongzhi.duties.models import Duty
from gongzhi.registry import queries as registry
from gongzhi.registry.models import Estate

EASERS = ("owners_committee", "community_station")
KNOWN_FOR = timedelta(days=180)


@transaction.atomic
def register_problem(
    *,
    estate: Estate,
    source: str,
    found_at: datetime,
    spot: str,
    text: str,
    reporter: str,
    matter: str = "",
    violation: bool = False,
    stopped_at: datetime | None = None,
    stopped_how: str = "",
    key: str = "",
    actor: Actor,
    now: datetime,
) -> Problem:
    """A line of the register. For conduct against the regulations when and how it was stopped must be told; the
    owners' committee and the community learn of it at once."""
    if key:
        first = core.form_key(key, actor, makes="problem")
        if first is not None:
            return Problem.objects.get(pk=first.id)
    core.require(actor, "problems.register", estate)
    company = registry.organisation_for("property_company", estate.place_path, estate, on=local_day(now))
    if company is None or (actor.organisation is not None and actor.organisation.pk != company.pk):
        raise Refused(
            "not_serving", "只有正在服务本小区的物业服务企业可以登记。", fields={"estate": "请选择本企业服务的小区。"}
        )
    if found_at > now:
        raise Refused("future", "发现时间不能晚于现在。", fields={"found_at": "不能晚于现在。"})
    values: dict[str, Any] = {
        "source": source,
        "found_at": found_at.isoformat(),
        "spot": spot.strip() or None,
        "text": text.strip() or None,
        "reporter": reporter.strip() or None,
        "violation": violation,
        "stopped_at": stopped_at.isoformat() if stopped_at else None,
        "stopped_how": stopped_how.strip() or None,
    }
    given = {name: value for name, value in values.items() if value is not None}
    core.run_checks("cases.problem", given, place_path=estate.place_path, on=local_day(now))
    problem = Problem.objects.create(
        number=next_case_number(estate.place_path, local_day(now), "problem"),
        estate=estate,
        company=company,
        source=source,
        matter=matter,
        found_at=found_at,
        registered_at=now,
        spot=spot.strip()[:200],
        text=text.strip(),
        reporter=reporter.strip()[:60],
        violation=violation,
        stopped_at=stopped_at,
        stopped_how=stopped_how.strip()[:200],
        place_path=estate.place_path,
        demo=actor.demo or estate.demo,
    )
    _enter(problem, "registered", "登记问题", actor=actor, now=now, text=problem.text, stopped=stopped_at is not None)
    if violation:
        _push(problem, now=now)
    if key:
        core.keep_form_key(key, problem.ref)
    return problem


def _push(problem: Problem, *, now: datetime) -> None:
    found = registry.organisations_for(EASERS, problem.place_path, estate=problem.estate)
    for organisation in found.values():
        core.notify(
            to=organisation,
            template="problem.registered",
            text=f"{problem.estate}发现违反条例的行为（{problem.number}），物业已劝阻，请协助化解并登记情况。",
            ref=problem.ref,
            now=now,
        )


@transaction.atomic
def stop_problem(problem: Problem, *, at: datetime, how: str, effective: bool, actor: Actor, now: datetime) -> Problem:
    """When and how it was stopped, and whether that helped. What did not help must be reported."""
    row = _locked(problem, "problems.handle", actor)
    if at < row.found_at or at > now:
        raise Refused("stop_time", "制止时间应在发现之后、现在之前。", fields={"at": "请核对时间。"})
    row.stopped_at = at
    row.stopped_how = required_text(how, "how", "请填写制止方式。")[:200]
    row.stop_effective = effective
    _enter(
        row,
        "stopped",
        "现场制止",
        actor=actor,
        now=now,
        text=row.stopped_how,
        method=row.stopped_how,
        effective=effective,
    )
    return row


@transaction.atomic
def solve_problem(problem: Problem, *, text: str, actor: Actor, now: datetime) -> Problem:
    row = _locked(problem, "problems.handle", actor)
    row.solved_at, row.solved_text = now, required_text(text, "text", "请写明处理结果。")
    _enter(row, "solved", "处理完毕", actor=actor, now=now, text=row.solved_text)
    return row


def report_targets(problem: Problem, *, on: Any) -> list[tuple[str, Organisation]]:
    """Whom the pack recommends to report it to: who leads such a matter, then the street and the community."""
    facts = {**registry.estate_facts(problem.estate, on), "matter": problem.matter}
    wanted: list[str] = []
    if problem.matter:
        answer = core.ask("cases.route", route_facts(facts), place_path=problem.place_path, on=on)
        wanted = [str((answer.value or {}).get("lead") or "")] if answer.ok else []
    roles = [role for role in dict.fromkeys((*wanted, "street_office", "community_station")) if role]
    found = registry.organisations_for(roles, problem.place_path, estate=problem.estate)
    return [(role, found[role]) for role in roles if role in found]


@transaction.atomic
def report_problem(problem: Problem, *, reason: str, to: Organisation, actor: Actor, now: datetime) -> Problem:
    """Reported to the competent unit because stopping did not help or the company cannot deal with it."""
    row = _locked(problem, "problems.handle", actor)
    if reason not in REPORT_REASONS:
        raise Refused("report_reason", "请选择“制止无效”或“处理不了”。", fields={"reason": "请选择上报原因。"})
    if row.reported_up_at is not None:
        raise Refused("reported_already", f"已经上报{row.reported_to}。")
    row.reported_up_at, row.reported_to, row.report_reason = now, to, reason
    _enter(
        row, "reported_up", f"上报{to}", actor=actor, now=now, text=REPORT_REASONS[reason], to=to.role, reason=reason
    )
    core.notify(
        to=to, template="problem.reported", text=f"{row.estate}上报问题{row.number}，请依法处理。", ref=row.ref, now=now
    )
    return row


@transaction.atomic
def ease_problem(problem: Problem, *, text: str, actor: Actor, now: datetime) -> Problem:
    """The owners' committee and the community write down what they did to calm the matter."""
    core.require(actor, "cases.ease", problem)
    row = Problem.objects.select_for_update().get(pk=problem.pk)
    _enter(row, "eased", "矛盾化解", actor=actor, now=now, text=required_text(text, "text", "请写明化解情况。"))
    return row


@transaction.atomic
def ask_void_problem(problem: Problem, *, reason: str, actor: Actor, now: datetime) -> Problem:
    row = _locked(problem, "problems.handle", actor)
    row.void_reason = required_text(reason, "reason", "请写明作废原因。")[:200]
    row.void_asked_by = actor.user
    row.version += 1
    row.save()
    return row


@transaction.atomic
def decide_void_problem(problem: Problem, *, allowed: bool, actor: Actor, now: datetime) -> Problem:
    """Struck out by somebody else than who asked; the line stays and is shown as void."""
    core.require(actor, "problems.approve_void", problem)
    row = Problem.objects.select_for_update().get(pk=problem.pk)
    if not row.void_reason or row.voided_at is not None:
        raise Refused("nothing_asked", "没有等待批准的作废申请。")
    if actor.user is not None and row.void_asked_by_id == actor.user.pk:
        raise Refused("same_person", "批准人不能是申请人本人。")
    if not allowed:
        row.void_reason, row.void_asked_by = "", None
        row.version += 1
        row.save()
        return row
    row.voided_at, row.voided_label = now, actor.label[:200]
    _enter(row, "voided", "作废", actor=actor, now=now, text=row.void_reason)
    return row


def known_problem(estate: Estate, matter: str, *, now: datetime) -> Problem | None:
    """A line of the register about the same matter that nobody solved: the company knew when the owner complained."""
    return next(iter(_unsolved(estate.pk, matter, now - KNOWN_FOR)), None)


@core.Fetch
def _unsolved(estate: int, matter: str, since: datetime) -> QuerySet[Problem]:
    rows = Problem.objects.filter(estate=estate, matter=matter, solved_at=None, voided_at=None, case=None)
    return rows.filter(found_at__gte=since).order_by("-found_at")[:1]


def complained_of(problem: Problem, *, case: Case, actor: Actor, now: datetime) -> None:
    """Links the owner's complaint. `late` when the company had let the day of reporting pass."""
    row = Problem.objects.select_for_update().get(pk=problem.pk)
    overdue = Duty.objects.filter(
        subject_kind="problem",
        subject_id=str(row.pk),
        closed_at=None,
        due_at__lte=now,
        until_kinds__contains=["problem.reported_up"],
    )
    late = row.reported_up_at is None and overdue.exists()
    row.case = case
    system = Actor.system(demo=row.demo)
    _enter(row, "complained_of", "业主就同一问题投诉", actor=system, now=now, text=case.number, late=late)


def _locked(problem: Problem, right: str, actor: Actor) -> Problem:
    core.require(actor, right, problem)
    row = Problem.objects.select_for_update().select_related("estate", "company").get(pk=problem.pk)
    if row.voided_at is not None:
        raise Refused("voided", "这条登记已经作废，不能再办。")
    if row.solved_at is not None:
        raise Refused("solved", "这条登记已经处理完毕；新的情况请另登一条。")
    return row


def _enter(
    problem: Problem, kind: str, title: str, *, actor: Actor, now: datetime, text: str = "", **data: Any
) -> None:
    problem.version += 1
    problem.save()
    core.record(
        f"problem.{kind}",
        subject=problem.ref,
        actor=actor,
        at=now,
        data={
            "number": problem.number,
            "source": problem.source,
            "matter": problem.matter or None,
            "violation": problem.violation,
            "by": actor.role or None,
            "found_at": problem.found_at,
            **data,
        },
        place_path=problem.place_path,
    )
    ProblemEntry.objects.create(
        problem=problem,
        kind=kind,
        title=title[:200],
        at=now,
        actor_label=actor.label,
        organisation=actor.organisation,
        text=text,
        demo=problem.demo,
    )
