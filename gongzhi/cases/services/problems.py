"""The register of problems: found by who keeps it or brought by owners; stopped, solved, or reported, and what came of
it."""

from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from gongzhi.cases.enforcement.words import LAW_FIELDS, STAGES
from gongzhi.cases.models import Case, Problem, ProblemEntry
from gongzhi.cases.queries.reporting import chosen, reporting_rule
from gongzhi.cases.services.acting import required_text
from gongzhi.cases.services.numbering import next_case_number
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
    law_field: str = "",
    extent: str = "",
    key: str = "",
    actor: Actor,
    now: datetime,
) -> Problem:
    """A line of the register. For conduct against the regulations when and how it was stopped must be told; the
    owners' committee and the community learn of it at once. `extent`: whether it has only begun."""
    if key:
        first = core.form_key(key, actor, makes="problem")
        if first is not None:
            return Problem.objects.get(pk=first.id)
    core.require(actor, "problems.register", estate)
    keeper = _keeper(estate, actor, local_day(now))
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
    if law_field not in ("", *LAW_FIELDS) or extent not in ("", *STAGES):
        raise Refused("choice", "请从列表里选。", fields={"law_field": "请从列表里选", "extent": "请从列表里选"})
    facts = {"violation": violation, "stopped_at": stopped_at is not None, **chosen(matter, law_field, extent)}
    core.run_checks("enforcement.clue", facts, place_path=estate.place_path, on=local_day(now))
    problem = Problem.objects.create(
        number=next_case_number(estate.place_path, local_day(now), "problem"),
        estate=estate,
        keeper=keeper,
        source=source,
        matter=matter,
        found_at=found_at,
        registered_at=now,
        spot=spot.strip()[:200],
        text=text.strip(),
        reporter=reporter.strip()[:60],
        violation=violation,
        law_field=law_field,
        extent=extent,
        stopped_at=stopped_at,
        stopped_how=stopped_how.strip()[:200],
        place_path=estate.place_path,
        demo=actor.demo or estate.demo,
    )
    enter_line(
        problem,
        kind="registered",
        title="登记问题",
        actor=actor,
        now=now,
        text=problem.text,
        stopped=stopped_at is not None,
    )
    if violation:
        _push(problem, now=now)
    if key:
        core.keep_form_key(key, problem.ref)
    return problem


def _keeper(estate: Estate, actor: Actor, on: date) -> Organisation:
    """Of companies the one that serves the estate; of others the unit that acts."""
    company = registry.organisation_for("property_company", estate.place_path, estate, on=on)
    own = actor.organisation
    if own is not None and own.role not in registry.SERVED_BY_PROJECT:
        return own
    if company is None or (own is not None and own.pk != company.pk):
        raise Refused(
            "not_serving", "只有正在服务本小区的物业服务企业可以登记。", fields={"estate": "请选择本企业服务的小区。"}
        )
    return company


def _push(problem: Problem, *, now: datetime) -> None:
    found = registry.organisations_for(EASERS, problem.place_path, estate=problem.estate)
    for organisation in found.values():
        core.notify(
            to=organisation,
            template="problem.registered",
            text=f"{problem.estate}发现违反条例的行为（{problem.number}），{problem.keeper}已劝阻，请协助化解并登记情况。",
            ref=problem.ref,
            now=now,
        )


@transaction.atomic
def stop_problem(problem: Problem, *, at: datetime, how: str, effective: bool, actor: Actor, now: datetime) -> Problem:
    """When and how it was stopped, and whether that helped. What did not help must be reported."""
    row = locked_line(problem, "problems.handle", actor)
    if at < row.found_at or at > now:
        raise Refused("stop_time", "制止时间应在发现之后、现在之前。", fields={"at": "请核对时间。"})
    row.stopped_at = at
    row.stopped_how = required_text(how, "how", "请填写制止方式。")[:200]
    row.stop_effective = effective
    check_clue(row, local_day(now))
    enter_line(
        row,
        kind="stopped",
        title="现场制止",
        actor=actor,
        now=now,
        text=row.stopped_how,
        method=row.stopped_how,
        effective=effective,
    )
    return row


def check_clue(row: Problem, on: date, *, minutes: int | None = None) -> None:
    """What the document wants of the times and of what was written down."""
    facts: dict[str, Any] = {"violation": row.violation, "stopped_at": row.stopped_at is not None}
    facts |= chosen(row.matter, row.law_field, row.extent)
    if row.stop_effective is not None:
        facts["effective"] = row.stop_effective
    if minutes is not None:
        facts["minutes"] = minutes
    core.run_checks("enforcement.clue", facts, place_path=row.place_path, on=on)


@transaction.atomic
def solve_problem(problem: Problem, *, text: str, actor: Actor, now: datetime) -> Problem:
    """Ends the line. What was reported ends only when the unit that dealt with it has told its result."""
    row = locked_line(problem, "problems.handle", actor)
    if row.opened_case_id is not None and row.fed_back_at is None:
        raise Refused(
            "no_result",
            f"已上报{row.reported_to}，还没有收到查处结果，不能了结。收到反馈后再登记。",
            clause=reporting_rule(row, on=local_day(now))[1],
        )
    row.solved_at, row.solved_text = now, required_text(text, "text", "请写明处理结果。")
    enter_line(row, kind="solved", title="处理完毕", actor=actor, now=now, text=row.solved_text)
    return row


@transaction.atomic
def ease_problem(problem: Problem, *, text: str, actor: Actor, now: datetime) -> Problem:
    """The owners' committee and the community write down what they did to calm the matter."""
    core.require(actor, "cases.ease", problem)
    row = Problem.objects.select_for_update().get(pk=problem.pk)
    enter_line(
        row, kind="eased", title="矛盾化解", actor=actor, now=now, text=required_text(text, "text", "请写明化解情况。")
    )
    return row


@transaction.atomic
def ask_void_problem(problem: Problem, *, reason: str, actor: Actor, now: datetime) -> Problem:
    row = locked_line(problem, "problems.handle", actor)
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
    enter_line(row, kind="voided", title="作废", actor=actor, now=now, text=row.void_reason)
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
    enter_line(
        row, kind="complained_of", title="业主就同一问题投诉", actor=system, now=now, text=case.number, late=late
    )


def feed_back(case: Case, *, actor: Actor, now: datetime) -> None:
    """The answer to a case that somebody reported goes back into his register."""
    row = Problem.objects.select_for_update(of=("self",)).select_related("keeper").filter(opened_case=case).first()
    if row is None or row.voided_at is not None:
        return
    row.fed_back_at = now
    enter_line(
        row,
        kind="fed_back",
        title=f"{case.lead}反馈",
        actor=actor,
        now=now,
        text=case.answer_text or case.result,
        case=case.number,
    )
    text = f"您上报的{row.number}（{row.spot}）：{case.answer_text or case.result}"
    core.notify(to=row.keeper, template="problem.fed_back", text=text, ref=row.ref, now=now)


def locked_line(problem: Problem, right: str, actor: Actor) -> Problem:
    core.require(actor, right, problem)
    row = (
        Problem.objects.select_for_update(of=("self",))
        .select_related("estate", "keeper", "reported_to")
        .get(pk=problem.pk)
    )
    if row.voided_at is not None:
        raise Refused("voided", "这条登记已经作废，不能再办。")
    if row.solved_at is not None:
        raise Refused("solved", "这条登记已经处理完毕；新的情况请另登一条。")
    return row


def enter_line(
    problem: Problem, *, kind: str, title: str, actor: Actor, now: datetime, text: str = "", **data: Any
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
            "keeper": problem.keeper.role,
            "keeper_organisation": problem.keeper_id,
            "extent": problem.extent or None,
            "stopped_at": problem.stopped_at,
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
