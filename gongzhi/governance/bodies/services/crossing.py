"""Posts on two sides: registered with the way they came about where the document asks for it, ended."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.governance.bodies.models import CrossPost
from gongzhi.governance.bodies.queries.crossing import crossing_rules
from gongzhi.governance.bodies.services.common import PersonInput, bump, keep, lock, not_later, words
from gongzhi.governance.bodies.words import SIDES
from gongzhi.registry.models import Estate


@transaction.atomic
def register_cross_post(
    estate: Estate,
    *,
    person: PersonInput,
    first: tuple[str, str],
    second: tuple[str, str],
    from_on: date,
    to_on: date | None = None,
    procedure: str = "",
    files: Sequence[Any] = (),
    actor: Actor,
    now: datetime,
) -> CrossPost:
    """`first` and `second`: the side and the post on it. The paper on the lawful procedure is kept with the row."""
    core.require(actor, "body.seat", estate)
    rules = crossing_rules(estate.place_path, core.local_day(now))
    if first[0] == second[0]:
        raise Refused("same_side", "两个职务要在不同的两方。", rules.clauses, fields={"second_side": "请选另一方"})
    strange = [SIDES[one] for one in (first[0], second[0]) if one not in rules.sides]
    if strange:
        raise Refused(
            "side", f"本地文件没有{'、'.join(strange)}的兼职。", rules.clauses, fields={"second_side": "请选别的一方"}
        )
    if to_on is not None and to_on < from_on:
        raise Refused("to_on", "任期结束不能早于开始。", fields={"to_on": "不能早于开始"})
    not_later(from_on, now, field="from_on", what="开始日期")
    if rules.paper and not (procedure.strip() and files):
        said = "要写明依什么法定程序产生，并附材料（如推选记录、会议纪要）。"
        lacking = {} if procedure.strip() else {"procedure": "请写明"}
        raise Refused(
            "procedure_missing", said, rules.clauses, fields={**lacking, **({} if files else {"papers": "请附材料"})}
        )
    row = CrossPost(
        estate=estate,
        first_side=first[0],
        first_title=words(first[1], "first_title", "一方的职务"),
        second_side=second[0],
        second_title=words(second[1], "second_title", "另一方的职务"),
        from_on=from_on,
        to_on=to_on,
        procedure=procedure.strip(),
        place_path=estate.place_path,
        demo=actor.demo or estate.demo,
    )
    row.person = keep(person, owner=estate.ref, place_path=estate.place_path, actor=actor, now=now)
    row.save()
    for file in files:
        core.store_file(file, owner=row.ref, actor=actor, now=now)
    core.record(
        "cross_post.registered",
        subject=row.ref,
        actor=actor,
        at=now,
        place_path=row.place_path,
        data={"estate": estate.ref.key, "sides": [first[0], second[0]], "from_on": from_on, "to_on": to_on},
    )
    return row


@transaction.atomic
def end_cross_post(
    row: CrossPost, *, to_on: date, actor: Actor, now: datetime, version: int | None = None
) -> CrossPost:
    core.require(actor, "body.seat", row)
    row = lock(row, version=version)
    if to_on < row.from_on:
        raise Refused("to_on", "任期结束不能早于开始。", fields={"to_on": "不能早于开始"})
    row.to_on = to_on
    bump(row, "to_on")
    core.record(
        "cross_post.ended",
        subject=row.ref,
        actor=actor,
        at=now,
        place_path=row.place_path,
        data={"estate": row.estate.ref.key, "to_on": to_on},
    )
    return row
