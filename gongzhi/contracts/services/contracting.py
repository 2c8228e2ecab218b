"""A contract is registered against its choice, filed, takes effect, ends; its company enters."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction

from gongzhi.contracts.models import Procedure, ProcedurePaper, ServiceContract
from gongzhi.contracts.queries import contract_rule, done_steps, filings_open, running_exit, takeover_of
from gongzhi.contracts.rights import OWNERS
from gongzhi.contracts.services.common import (
    CONFLICT_STATUS,
    Papers,
    acts_as,
    check_day,
    keep_papers,
    locked_contract,
    missing_papers,
    tell_contract,
    words_of,
)
from gongzhi.contracts.services.opening import OfOpening
from gongzhi.contracts.words import CONTRACT_KINDS, STEPS
from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.display import cn_date, role_name
from gongzhi.core.errors import Refused
from gongzhi.core.models import Organisation, StoredFile
from gongzhi.governance.bodies.queries.bodies import acting
from gongzhi.governance.votes.models import Motion
from gongzhi.policy.answer import Answer
from gongzhi.registry.models import Estate, Project
from gongzhi.registry.queries import project_on
from gongzhi.registry.services import begin_project, change_terms

DAY = timedelta(days=1)
WRITTEN = "书面合同"


@dataclass(frozen=True)
class Terms:
    """What a contract says. `terms` and `services` by the names of the pack's lists."""

    signed_on: date
    manager_name: str
    party_a: str
    party_a_name: str
    from_on: date | None = None
    to_on: date | None = None
    grade: str = ""
    fee: str = ""
    fee_yuan_m2_month: Decimal | None = None
    terms: Mapping[str, str] = field(default_factory=dict)
    services: Mapping[str, str] = field(default_factory=dict)
    repairs: Sequence[str] = ()
    procedure: Procedure | None = None
    motion: Motion | None = None
    decision: str = ""
    renews: ServiceContract | None = None
    papers: Papers = ()


@transaction.atomic
def sign_contract(
    estate: Estate, *, company: Organisation, kind: str, given: Terms, actor: Actor, now: datetime
) -> ServiceContract:
    """Registers a contract.

    Refuses `field_missing`, `terms_missing` (a term or a standard that the document wants), `contract_days`,
    `not_acting` (another committee acts for the owners), `check_failed` by the pack's checks on `contracts.contract`.
    """
    on = core.local_day(now)
    core.require(actor, "contracts.contract", OfOpening(estate, company, on))
    if kind not in CONTRACT_KINDS or not given.manager_name.strip():
        raise Refused("field_missing", "请填合同种类和项目经理。", fields={"manager_name": "请填写项目经理"})
    check_day(given.signed_on, now)
    if given.from_on and given.to_on and given.to_on < given.from_on:
        raise Refused("contract_days", "届满日期不能早于生效日期。", fields={"to_on": "不能早于生效日期"})
    _check_acting(estate, given.party_a, on)
    terms = core.ask("contracts.terms", {"contract_kind": kind}, place_path=estate.place_path, on=on)
    unwritten = _check_terms(terms, given)
    core.run_checks(
        "contracts.contract", _facts(estate, company, kind, given, "sign", on), place_path=estate.place_path, on=on
    )
    row = ServiceContract.objects.create(
        number=f"HT{on.year}{core.next_number('contracts|HT', on.year):05d}", estate=estate, kind=kind,
        company=company, place_path=estate.place_path, party_a=given.party_a, party_a_name=given.party_a_name.strip(),
        procedure=given.procedure, motion=given.motion or (given.procedure.motion if given.procedure else None),
        decision=given.decision.strip() or (given.procedure.decision if given.procedure else ""),
        renews=given.renews, signed_on=given.signed_on, to_on=given.to_on,
        manager_name=given.manager_name.strip(), grade=given.grade.strip(), fee=given.fee.strip(),
        fee_yuan_m2_month=given.fee_yuan_m2_month, terms=dict(given.terms), services=dict(given.services),
        repairs=[one for one in given.repairs if one], open_terms=unwritten, basis=list(terms.clauses),
        made_at=now, demo=actor.demo,
    )  # fmt: skip
    _own(row, given.papers)
    keep_papers(given.papers, contract=row, now=now)
    tell_contract(
        row, event="contract.signed", actor=actor, now=now, open_terms=len(unwritten), signed_on=row.signed_on,
        filing_open=bool(filings_open(row, on).value),
    )  # fmt: skip
    _tell_those_before(row, actor, now)
    if given.from_on is not None:
        row = make_effective(row, on=given.from_on, actor=actor, now=now)
    return row


def _check_acting(estate: Estate, party_a: str, on: date) -> None:
    """Of the two committees the one signs that acts for the owners; with none on record, who signs is believed."""
    acts = acting(estate, "committee", on)
    if {party_a, acts.role} == set(OWNERS):
        name = role_name(acts.role, core.pack_for(estate.place_path, on))
        raise Refused(
            "not_acting", f"现在由{name}代表业主签约，甲方请改成它。",
            clause=acts.clauses, fields={"party_a": "不是现在代表业主的组织"},
        )  # fmt: skip


def _own(row: ServiceContract, papers: Papers) -> None:
    """They were kept before there was a contract: from now on whoever reads it reads them."""
    held = StoredFile.objects.filter(pk__in=[file.pk for _, file in papers])
    held.update(owner_kind=row.ref.kind, owner_id=row.ref.id)


def _tell_those_before(row: ServiceContract, actor: Actor, now: datetime) -> None:
    """The contract that it renews, or those of the estate that run out, need not be decided on any more."""
    rows = ServiceContract.objects.filter(estate=row.estate, ended_on=None, from_on__lte=row.signed_on)
    for one in rows.exclude(pk=row.pk).exclude(to_on__lt=row.signed_on).select_related("estate", "company"):
        kind = "contract.renewed" if one.company_id == row.company_id else "contract.replaced"
        tell_contract(one, event=kind, actor=actor, now=now, by=row.number)


def _written(given: Terms) -> dict[str, str]:
    own = {"服务等级": given.grade, "收费标准": given.fee, "服务期限": cn_date(given.to_on)}
    return {**own, **{name: text for name, text in given.terms.items() if text.strip()}}


def _check_terms(answer: Answer, given: Terms) -> list[str]:
    """What was to be listed and is not written. Refuses where the document wants it without exception."""
    rules = answer.value or {}
    written = {name for name, text in _written(given).items() if text.strip()}
    lacking = [one for one in rules.get("required") or () if one not in written]
    bare = [one for one in rules.get("services") or () if not given.services.get(one, "").strip()]
    if lacking or bare:
        words = [*lacking, *(f"{one}的服务标准" for one in bare)]
        raise Refused(
            "terms_missing", f"合同没有约定：{'、'.join(words)}。", clause=tuple(answer.clauses),
            fields={"terms": f"还缺{'、'.join(words)}"},
        )  # fmt: skip
    return [one for one in rules.get("listed") or () if one not in written]


def _facts(estate: Estate, company: Organisation, kind: str, given: Any, stage: str, on: date) -> dict[str, Any]:
    procedure: Procedure | None = given.procedure
    chosen = procedure is not None and "award" in done_steps(procedure)
    motion = given.motion or (procedure.motion if procedure is not None else None)
    leaving = running_exit(estate)
    own = motion is not None and motion.vote.estate_id == estate.pk and motion.outcome == "passed"
    if isinstance(given, Terms):
        names = [item for item, _ in given.papers]
    else:
        names = list(ProcedurePaper.objects.filter(contract=given).values_list("item", flat=True))
    facts: dict[str, Any] = {
        "stage": stage,
        "contract_kind": kind,
        "party_a": given.party_a,
        "written": WRITTEN in names,
        "tendered": chosen,
        "winner_matches": bool(chosen and procedure is not None and procedure.company_id == company.pk),
        "approved": procedure is not None
        and (not procedure.given.get("approval_needed") or "approve" in done_steps(procedure)),
        "decided": bool(own or given.decision.strip() or (procedure is not None and procedure.decision)),
        "decision_names": bool(motion is None or company.name in f"{motion.title}{motion.text}"),
        "handed_over": leaving is None or "confirm" in done_steps(leaving),
        "takeover_done": takeover_of(estate) is not None,
        "filed": not isinstance(given, Terms) and given.filing == "filed",
    }
    if procedure is not None and procedure.given.get("method"):
        facts["method"] = procedure.given["method"]
    return facts


@transaction.atomic
def make_effective(row: ServiceContract, *, on: date, actor: Actor, now: datetime) -> ServiceContract:
    """The day from which it holds. A preliminary contract that still runs ends that day (民法典第九百四十条)."""
    row = locked_contract(row)
    core.require(actor, "contracts.contract", OfOpening(row.estate, row.company, core.local_day(now)))
    if row.from_on is not None:
        raise Refused("already_effective", f"合同自{cn_date(row.from_on)}生效，已经登记过。", status=CONFLICT_STATUS)
    if row.to_on is not None and row.to_on < on:
        raise Refused("contract_days", "生效日期不能晚于届满日期。", fields={"on": "不能晚于届满日期"})
    row.from_on, row.version = on, row.version + 1
    row.save(update_fields=["from_on", "version"])
    replaced = _end_preliminary(row, on, actor, now) if row.kind == "service" else False
    tell_contract(row, event="contract.effective", actor=actor, now=now, replaces=replaced)
    return row


def _end_preliminary(row: ServiceContract, on: date, actor: Actor, now: datetime) -> bool:
    running = ServiceContract.objects.select_for_update(of=("self",)).select_related("estate", "company").filter(
        estate=row.estate, kind="preliminary", from_on__lt=on, ended_on=None
    ).exclude(to_on__lt=on)  # fmt: skip
    found = list(running)
    for one in found:
        one.ended_on, one.ended_by, one.version = on, row, one.version + 1
        one.save(update_fields=["ended_on", "ended_by", "version"])
        tell_contract(one, event="contract.ended", actor=actor, now=now, on=on, early=True, replaced=True)
    return bool(found)


@transaction.atomic
def end_contract(
    row: ServiceContract, *, on: date, reason: str, version: int | None = None, actor: Actor, now: datetime
) -> ServiceContract:
    """Ended before its time by agreement or decision; the last day of service is the day before."""
    row = locked_contract(row, version)
    core.require(actor, "contracts.contract", OfOpening(row.estate, row.company, core.local_day(now)))
    if row.from_on is None or row.ended_on is not None or on <= row.from_on:
        raise Refused("contract_state", "只能终止正在履行的合同，日期要晚于生效日期。", fields={"on": "请核对日期"})
    if not reason.strip():
        raise Refused("note_missing", "终止要写明理由。", fields={"reason": "请写理由"})
    early = row.to_on is not None and on <= row.to_on
    row.ended_on, row.version = on, row.version + 1
    row.save(update_fields=["ended_on", "version"])
    tell_contract(row, event="contract.ended", actor=actor, now=now, on=on, early=early, replaced=False)
    return row


def _require_step(row: ServiceContract, step: str, actor: Actor, on: date) -> Any:
    core.require(actor, "contracts.contract", OfOpening(row.estate, row.company, on))
    rule = contract_rule(row, step, on)
    if not acts_as(actor, rule.by):
        words = words_of(rule.by, row.place_path, on)
        raise Refused("step_by", f"“{STEPS[step]}”由{words}办，请转给他们。", clause=rule.clauses)
    return rule


@transaction.atomic
def ask_filing(
    row: ServiceContract, *, on: date, papers: Papers = (), version: int | None = None, actor: Actor, now: datetime
) -> ServiceContract:
    """The company or the committee hands it in. Refuses `papers_missing`, `check_failed`, `filing_state`."""
    row = locked_contract(row, version)
    today = core.local_day(now)
    core.require(actor, "contracts.contract", OfOpening(row.estate, row.company, today))
    open_ = filings_open(row, today)
    if not open_.value:
        raise Refused("filing_closed", "本地没有开启这类合同的备案。", clause=tuple(open_.clauses))
    if row.filing in ("asked", "filed"):
        raise Refused("filing_state", f"这份合同{row.get_filing_display()}。", status=CONFLICT_STATUS)
    check_day(on, now, since=row.signed_on)
    rule = contract_rule(row, "file", today)
    kept = list(row.papers.values_list("item", flat=True))
    lacking = missing_papers(rule.papers, papers, kept)
    if lacking:
        raise Refused(
            "papers_missing", f"还缺：{'、'.join(lacking)}。", clause=rule.clauses, fields={"papers": "请补齐"}
        )
    core.run_checks(
        "contracts.contract", _facts(row.estate, row.company, row.kind, row, "file", today), place_path=row.place_path,
        on=today,
    )  # fmt: skip
    keep_papers(papers, contract=row, now=now)
    row.filing, row.filing_on, row.filing_missing, row.version = "asked", on, [], row.version + 1
    row.save()
    tell_contract(row, event="contract.filing_asked", actor=actor, now=now, on=on)
    return row


@transaction.atomic
def file_contract(
    row: ServiceContract,
    *,
    number: str = "",
    missing: Sequence[str] = (),
    version: int | None = None,
    actor: Actor,
    now: datetime,
) -> ServiceContract:
    """The desk gives a number, or sends it back with what is missing. Refuses `step_by`, `filing_state`, `number`."""
    row = locked_contract(row, version)
    today = core.local_day(now)
    _require_step(row, "file", actor, today)
    if row.filing != "asked":
        raise Refused("filing_state", "还没有报备，或已经办过。", status=CONFLICT_STATUS)
    if missing:
        row.filing, row.filing_missing = "returned", list(missing)
    else:
        if not number.strip():
            raise Refused("number", "请填备案号。", fields={"number": "请填备案号"})
        if ServiceContract.objects.filter(filing_number=number.strip()).exists():
            raise Refused("number", f"备案号{number}已经用过。", fields={"number": "已经用过"})
        row.filing, row.filing_number = "filed", number.strip()
    row.version += 1
    row.save()
    if missing:
        tell_contract(row, event="contract.filing_returned", actor=actor, now=now, missing=list(missing))
    else:
        tell_contract(row, event="contract.filed", actor=actor, now=now, on=row.filing_on or today)
    return row


@transaction.atomic
def perform(
    row: ServiceContract,
    *,
    service: str,
    on: date,
    note: str,
    file: StoredFile | None = None,
    version: int | None = None,
    actor: Actor,
    now: datetime,
) -> ServiceContract:
    """The company writes down what it did of a service that the contract has a standard for.

    Refuses `step_by` (another's contract), `service`, `note_missing`, a day outside the contract.
    """
    row = locked_contract(row, version)
    core.require(actor, "contracts.contract", OfOpening(row.estate, row.company, core.local_day(now)))
    if not actor.is_system and actor.organisation != row.company:
        raise Refused("step_by", "履行记录由履行合同的物业企业填报。")
    if service not in row.services:
        raise Refused("service", "请从合同约定了标准的服务里选。", fields={"service": "请从列表里选"})
    if not note.strip():
        raise Refused("note_missing", "请写明做了什么。", fields={"note": "请填写"})
    check_day(on, now, since=row.from_on or row.signed_on)
    if row.state_on(on) != "in_force":
        raise Refused("contract_state", "合同在这一天没有生效，或已经终止。", fields={"on": "不在合同期内"})
    row.version += 1
    row.save(update_fields=["version"])
    tell_contract(
        row, event="contract.performed", actor=actor, now=now, service=service, on=on, note=note.strip(),
        file=file.pk if file else None,
    )  # fmt: skip
    return row


@transaction.atomic
def begin_service(
    row: ServiceContract, *, on: date, version: int | None = None, actor: Actor, now: datetime
) -> Project:
    """The company enters: its days in the registry begin. Refuses while the one before has not handed over.

    A company that serves already goes on: its terms in the registry become those of this contract.
    """
    row = locked_contract(row, version)
    today = core.local_day(now)
    _require_step(row, "begin", actor, today)
    if row.state_on(on) != "in_force":
        raise Refused("contract_state", "合同在这一天没有生效，或已经终止。", fields={"on": "不在合同期内"})
    core.run_checks(
        "contracts.contract", _facts(row.estate, row.company, row.kind, row, "begin", today), place_path=row.place_path,
        on=today,
    )  # fmt: skip
    keeper = Actor.system(demo=actor.demo)
    serving = project_on(row.estate, on)
    if serving is not None and serving.company_id == row.company_id:
        changes = {"service_standard": row.grade[:40], "fee": row.fee, "fee_yuan_m2_month": row.fee_yuan_m2_month}
        project = change_terms(serving, changes=changes, actor=keeper, now=now)
    else:
        project = begin_project(
            estate=row.estate, company=row.company, manager_name=row.manager_name, service_standard=row.grade[:40],
            fee=row.fee, fee_yuan_m2_month=row.fee_yuan_m2_month, from_on=on, actor=keeper, now=now,
        )  # fmt: skip
    row.project, row.version = project, row.version + 1
    row.save(update_fields=["project", "version"])
    before = row.estate.projects.filter(to_on__lt=on).exclude(company=row.company).order_by("-to_on").first()
    follows = before.company.name if before is not None else None
    tell_contract(row, event="contract.begun", actor=actor, now=now, on=on, follows=follows)
    return project
