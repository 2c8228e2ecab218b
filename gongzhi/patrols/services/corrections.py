"""What was sent of a round wrongly is put right in an entry of its own beside it, or the round is void: each with the
reason and by whom. What was sent stays to be read."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.patrols.models import PatrolRound, RoundCorrection
from gongzhi.patrols.queries.books import Reader, stored
from gongzhi.patrols.services.common import judged, required, role_of
from gongzhi.patrols.services.findings import Found, Origin, drop_finding, make_finding
from gongzhi.patrols.services.rounds import Given, complete, from_sheet, noted
from gongzhi.policy.registers import Register


@transaction.atomic
def correct_round(row: PatrolRound, *, given: Given, reason: str, actor: Actor, now: datetime) -> RoundCorrection:
    """The whole sheet once more. A problem that is new in it becomes a finding; one that is gone from it is voided
    while nobody has begun to put it right. The round, its time and its units stay as they were sent."""
    first = _standing(row, actor)
    reason = required(reason, "reason", "请写明更正的理由。")
    people = required(given.people, "people", "请填巡查人员。")
    on = core.local_day(first.walked_at)
    pack = core.pack_for(first.place_path, on)
    sheet = pack.registers.get(first.sheet) if pack is not None else None
    if sheet is None:
        raise Refused("sheet", "这张巡查表本地文件已经没有，不能更正。")
    complete(sheet, given)
    answers = {name: stored(sheet.fields[name], one) for name, one in given.answers.items()}
    answers = {**_files_kept(sheet, first.answers_now), **answers, **noted(sheet, given)}
    if _given(answers) == _given(first.answers_now) and (people, given.note.strip()) == _beside(first):
        raise Refused("unchanged", "和原来的一样，没有要更正的。")
    facts = {
        **{name: one for name, one in given.answers.items() if one is not None},
        "by": role_of(actor),
        "units": first.units.filter(part="joint").count(),
        "unit_roles": list(first.units.filter(part="joint").values_list("role", flat=True)),
        "findings": first.findings.exclude(state="voided").count(),
        "kind": first.kind,
        "points_missed": 0,
    }
    notes = judged(sheet.question.name, facts, place_path=first.place_path, on=on)
    made = RoundCorrection.objects.create(
        round=first, answers=answers, people=people[:200], location=given.note.strip()[:200], reason=reason, at=now,
        score=Reader(sheet, first.place_path, on).score(facts), told=[one.message for one in notes],
        organisation=actor.organisation, by=actor.user, by_label=actor.label[:200], demo=first.demo,
    )  # fmt: skip
    _follow(first, sheet, from_sheet(sheet, given, facts, estate=first.estate, on=on), reason, actor=actor, now=now)
    core.record(
        "patrol.corrected",
        subject=first.ref,
        actor=actor,
        at=now,
        place_path=first.place_path,
        data={
            "estate": first.estate.ref.key,
            "sheet": first.sheet,
            "by": role_of(actor),
            "items": sum(answers.get(name) != first.answers.get(name) for name in sheet.fields),
            "findings": first.findings.exclude(state="voided").count(),
        },
    )
    return made


@transaction.atomic
def void_round(row: PatrolRound, *, reason: str, actor: Actor, now: datetime) -> PatrolRound:
    """A round that was none, sent twice or for another estate: it counts for nobody, its findings are void with it."""
    first = _standing(row, actor)
    reason = required(reason, "reason", "请写明作废的理由。")
    found = list(first.findings.select_for_update().exclude(state="voided"))
    begun = [one.number for one in found if one.state not in ("found", "assigned")]
    if begun:
        numbers = "、".join(begun)
        raise Refused("begun", f"这次巡查发现的问题已经在办（{numbers}），不能作废；填错的内容请用“更正”。", status=409)
    for one in found:
        drop_finding(one, text=f"巡查记录作废：{reason}", actor=actor, now=now)
    first.voided_at, first.void_reason, first.voided_label = now, reason, actor.label[:200]
    first.save(update_fields=["voided_at", "void_reason", "voided_label"])
    core.record(
        "patrol.voided",
        subject=first.ref,
        actor=actor,
        at=now,
        place_path=first.place_path,
        data={"estate": first.estate.ref.key, "sheet": first.sheet, "by": role_of(actor), "findings": len(found)},
    )
    return first


def _standing(row: PatrolRound, actor: Actor) -> PatrolRound:
    """The round, locked, for who may put it right."""
    first: PatrolRound = PatrolRound.objects.select_for_update(of=("self",)).select_related("estate").get(pk=row.pk)
    core.require(actor, "patrols.correct", first)
    if first.voided_at is not None:
        raise Refused("voided", "这次巡查已经作废，不再更正。", status=409)
    return first


def _files_kept(sheet: Register, answers: Mapping[str, Any]) -> dict[str, Any]:
    return {name: answers[name] for name, one in sheet.fields.items() if one.form == "file" and name in answers}


def _given(answers: Mapping[str, Any]) -> dict[str, Any]:
    return {name: one for name, one in answers.items() if one not in (None, "", [])}


def _beside(row: PatrolRound) -> tuple[str, str]:
    latest = row.latest
    return (latest.people, latest.location) if latest is not None else (row.people, row.note)


def _follow(row: PatrolRound, sheet: Register, found: list[Found], reason: str, *, actor: Actor, now: datetime) -> None:
    """Findings as the sheet has them now."""
    kinds = {one.title for one in sheet.fields.values() if one.form == "problem"} | {one.kind for one in sheet.finds}
    there = {one.kind: one for one in row.findings.exclude(state="voided") if one.kind in kinds}
    for one in found:
        if one.kind not in there:
            origin = Origin("round", round=row, sheet=sheet.code)
            make_finding(row.estate, found=one, origin=origin, at=row.walked_at, actor=actor, now=now)
    wanted = {one.kind for one in found}
    for kind, finding in there.items():
        if kind not in wanted and finding.state in ("found", "assigned"):
            drop_finding(finding, text=f"巡查记录更正：{reason}", actor=actor, now=now)
