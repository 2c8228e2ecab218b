"""A department's paper to estates: issued, answered, settled or sent back; what was found is mended and struck off."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.core.models import StoredFile
from gongzhi.equipment.models import Defect, Directive, DirectiveTarget
from gongzhi.equipment.queries.rules import DEFAULT_KEEPER, AtEstate, after, directive_rule
from gongzhi.equipment.services.common import filled, locked, named, numbered, saved
from gongzhi.equipment.words import ABOUT, DEFECTS, DIRECTIVES
from gongzhi.registry.models import Estate
from gongzhi.registry.queries import organisation_for


@dataclass(frozen=True)
class Found:
    """Something wrong that a check found."""

    kind: str
    text: str
    photo: StoredFile | None = None


@transaction.atomic
def issue(
    estates: Sequence[Estate],
    *,
    directive: str,
    kind: str,
    title: str,
    text: str,
    due_on: date | None = None,
    found: Sequence[Found] = (),
    actor: Actor,
    now: datetime,
) -> Directive:
    """One paper to every estate. What a check found becomes a paper of its own for each of them.

    Refuses `no_estates`, `directive_by` (the document lets others issue it), an estate outside the issuer's place.
    """
    on = core.local_day(now)
    filled(title=(title, "标题"), text=(text, "要求"))
    if directive not in DIRECTIVES or kind not in ABOUT:
        raise Refused("directive_kind", "请选种类。", fields={"directive": "请从列表里选"})
    if not estates:
        raise Refused("no_estates", "请至少选一个小区。", fields={"estates": "至少选一个小区"})
    for one in estates:
        core.require(actor, "equipment.direct", AtEstate(one, on))
    path = actor.place_path or estates[0].place_path
    rule = directive_rule(path, directive, kind, on=on)
    if rule.many("by") and actor.role not in rule.many("by") and not actor.is_system:
        words = "、".join(core.role_name(one, place_path=path, on=on) for one in rule.many("by"))
        raise Refused("directive_by", f"{DIRECTIVES[directive]}由{words}下发。", clause=rule.clauses, status=403)
    if due_on is None and rule.value.get("within"):
        due_on = after(path, on, rule.value["within"])
    if due_on is not None and due_on < on:
        raise Refused("due_past", "反馈期限不能早于今天。", fields={"due_on": "不能早于今天"})
    if actor.organisation is None:
        raise Refused("issuer", "没有登记您的单位，不能下发。")
    row = Directive.objects.create(
        number=numbered("ZD", now), place_path=path, directive=directive, kind=kind, title=title.strip(),
        text=text.strip(), issuer=actor.organisation, issuer_role=actor.role, issued_at=now, due_on=due_on,
        rules={name: _plain(value) for name, value in rule.value.items()}, basis=list(rule.clauses), demo=actor.demo,
    )  # fmt: skip
    data = {"directive": directive, "kind": kind, "issuer": actor.role, "estates": len(estates), "due_on": due_on}
    core.record("directive.issued", subject=row.ref, actor=actor, at=now, place_path=path, data=data)
    role = str(rule.value.get("answered_by") or DEFAULT_KEEPER)
    for estate in estates:
        target = DirectiveTarget.objects.create(
            directive=row, estate=estate, place_path=estate.place_path, unit_role=role,
            unit=organisation_for(role, estate.place_path, estate, on=on),
        )  # fmt: skip
        _tell(target, "directive.addressed", actor, now)
        for each in found:
            _write_down(target, each, actor, now)
    return row


def _plain(value: Any) -> Any:
    return (
        value
        if isinstance(value, bool | str | list | None)
        else list(value)
        if isinstance(value, tuple)
        else str(value)
    )


@transaction.atomic
def add_found(
    target: DirectiveTarget, *, found: Found, actor: Actor, now: datetime, version: int | None = None
) -> Defect:
    """What the visit to this estate found."""
    row = locked(target, version, states=("open", "answered", "returned"))
    core.require(actor, "equipment.settle", row)
    saved(row)
    return _write_down(row, found, actor, now)


def _write_down(target: DirectiveTarget, found: Found, actor: Actor, now: datetime) -> Defect:
    filled(defect_text=(found.text, "问题"))
    if found.kind not in DEFECTS:
        raise Refused("defect_kind", "请选隐患种类。", fields={"defect_kind": "请从列表里选"})
    made = Defect.objects.create(
        target=target, estate=target.estate, place_path=target.place_path, number=numbered("ZG", now),
        kind=found.kind, text=found.text.strip(), photo=found.photo,
    )  # fmt: skip
    _tell_defect(made, "defect.found", actor, now)
    return made


@transaction.atomic
def answer(
    target: DirectiveTarget,
    *,
    text: str,
    file: StoredFile | None = None,
    actor: Actor,
    now: datetime,
    version: int | None = None,
) -> DirectiveTarget:
    """What was done. Where nobody has to settle it and nothing that was found stands open, the answer settles it."""
    row = locked(target, version, states=("open", "returned"))
    core.require(actor, "equipment.answer", row)
    filled(text=(text, "落实情况"))
    if row.directive.rules.get("photo") and file is None:
        raise Refused(
            "no_photo", "反馈要附照片。", clause=tuple(row.directive.basis), fields={"file": "请上传落实的照片"}
        )
    due = row.directive.due_on
    settles = row.directive.rules.get("settled") or row.defects.exclude(state="closed").exists()
    row.answer, row.file, row.answered_at, row.answered_label = text.strip(), file, now, actor.label
    row.late = due is not None and core.local_day(now) > due
    row.state = "answered" if settles else "closed"
    saved(row, "answer", "file", "answered_at", "answered_label", "late", "state")
    _tell(row, "directive.answered", actor, now, late=row.late, settled=row.state == "closed")
    return row


@transaction.atomic
def settle(
    target: DirectiveTarget, *, enough: bool, remark: str = "", actor: Actor, now: datetime, version: int | None = None
) -> DirectiveTarget:
    """核销, or back to be answered again. Nothing is settled that was not answered, nor while something stands open."""
    row = locked(target, version)
    core.require(actor, "equipment.settle", row)
    if row.state != "answered":
        raise Refused("not_answered", "反馈落实情况以后才能核销。", clause=tuple(row.directive.basis), status=409)
    if enough and row.defects.exclude(state="closed").exists():
        raise Refused("defects_open", "还有整改单没有销号，不能核销。", clause=tuple(row.directive.basis))
    if not enough:
        filled(remark=(remark, "退回的理由"))
    row.state, row.remark = "closed" if enough else "returned", remark.strip()
    saved(row, "state", "remark")
    _tell(row, "directive.settled" if enough else "directive.returned", actor, now)
    return row


@transaction.atomic
def penalise(
    target: DirectiveTarget, *, penalty: str, on: date, actor: Actor, now: datetime, version: int | None = None
) -> DirectiveTarget:
    """A penalty stands in the company's file from then on."""
    row = locked(target, version)
    core.require(actor, "equipment.settle", row)
    filled(penalty=(penalty, "处罚"))
    if on > core.local_day(now) or row.penalty:
        raise Refused("penalty", "处罚只登记一次，日期不能晚于今天。", fields={"on": "请核对"})
    row.penalty, row.penalised_on = penalty.strip(), on
    saved(row, "penalty", "penalised_on")
    _tell(row, "directive.penalised", actor, now, penalty=row.penalty)
    return row


@transaction.atomic
def fix_defect(
    defect: Defect, *, text: str, file: StoredFile | None, actor: Actor, now: datetime, version: int | None = None
) -> Defect:
    row = locked(defect, version, states=("open",))
    core.require(actor, "equipment.answer", row)
    filled(text=(text, "整改情况"))
    row.state, row.fix, row.fix_file, row.fixed_at = "fixed", text.strip(), file, now
    saved(row, "state", "fix", "fix_file", "fixed_at")
    _tell_defect(row, "defect.fixed", actor, now)
    return row


@transaction.atomic
def recheck_defect(
    defect: Defect,
    *,
    passed: bool,
    text: str,
    file: StoredFile | None,
    actor: Actor,
    now: datetime,
    version: int | None = None,
) -> Defect:
    """Struck off with a photograph of the second look, or back once more."""
    row = locked(defect, version, states=("fixed",))
    core.require(actor, "equipment.settle", row)
    filled(text=(text, "复查情况"))
    rules = row.target.directive
    if passed and rules.rules.get("rechecked") and file is None:
        raise Refused(
            "recheck_photo", "没有复查照片不能销号。", clause=tuple(rules.basis), fields={"file": "请上传复查照片"}
        )
    row.recheck, row.recheck_file = text.strip(), file
    if passed:
        row.state, row.closed_at = "closed", now
        saved(row, "state", "closed_at", "recheck", "recheck_file")
        _tell_defect(row, "defect.closed", actor, now)
        _settled_by_itself(row.target, actor, now)
    else:
        row.state, row.returns = "open", row.returns + 1
        saved(row, "state", "returns", "recheck", "recheck_file")
        _tell_defect(row, "defect.returned", actor, now, times=row.returns)
    return row


def _settled_by_itself(target: DirectiveTarget, actor: Actor, now: datetime) -> None:
    """Answered, and the last paper is struck off: done, unless somebody has to settle it."""
    row = locked(target)
    left = row.defects.exclude(state="closed").exists()
    if row.state == "answered" and not row.directive.rules.get("settled") and not left:
        row.state = "closed"
        saved(row, "state")
        _tell(row, "directive.settled", actor, now)


def _facts(target: DirectiveTarget) -> dict[str, Any]:
    paper = target.directive
    return {
        "directive": paper.directive,
        "kind": paper.kind,
        "estate": target.estate.name,
        "issuer": paper.issuer_role,
        "due_on": paper.due_on,
        **named("addressee", target.unit, target.unit_role),
    }


def _tell(target: DirectiveTarget, event: str, actor: Actor, now: datetime, **more: Any) -> None:
    data = {**_facts(target), **more}
    core.record(event, subject=target.ref, actor=actor, at=now, place_path=target.place_path, data=data)


def _tell_defect(row: Defect, event: str, actor: Actor, now: datetime, **more: Any) -> None:
    data = {**_facts(row.target), "defect": row.kind, **more}
    core.record(event, subject=row.ref, actor=actor, at=now, place_path=row.place_path, data=data)
