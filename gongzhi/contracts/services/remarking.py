"""Owners' opinions of the service, advice while an estate is built, help that is owed: each is answered."""

from datetime import datetime

from django.db import transaction

from gongzhi.contracts.models import Procedure, Remark, own_role
from gongzhi.contracts.services.common import CONFLICT_STATUS
from gongzhi.contracts.services.opening import OfOpening
from gongzhi.contracts.words import REMARKS, STAGES
from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.registry.models import Estate
from gongzhi.registry.queries import organisation_for

ASKED_OF = {"opinion": "property_company", "advice": "developer", "help": "owners_committee"}


@transaction.atomic
def make_remark(
    estate: Estate,
    *,
    kind: str,
    text: str,
    stage: str = "",
    asked_role: str = "",
    procedure: Procedure | None = None,
    actor: Actor,
    now: datetime,
) -> Remark:
    """Passes it on to who has to answer. Refuses `field_missing`."""
    on = core.local_day(now)
    company = procedure.company if procedure is not None else None
    core.require(actor, "contracts.remark", OfOpening(estate, company, on))
    if kind not in REMARKS or not text.strip() or (kind == "advice" and stage not in STAGES):
        raise Refused(
            "field_missing", "请填内容；建设阶段的建议还要选阶段。", fields={"text": "请填写", "stage": "请选阶段"}
        )
    role = asked_role or ASKED_OF[kind]
    row = Remark.objects.create(
        estate=estate, place_path=estate.place_path, kind=kind, stage=stage if kind == "advice" else "",
        procedure=procedure, text=text.strip(), made_by=actor.organisation, made_label=actor.label, made_at=now,
        asked_of=organisation_for(role, estate.place_path, estate, on=on), asked_role=role, demo=actor.demo,
    )  # fmt: skip
    core.record(
        "remark.made", subject=row.ref, actor=actor, at=now, place_path=row.place_path,
        data={"kind": kind, "estate": estate.name, "asked_of": role},
    )  # fmt: skip
    return row


def may_answer(row: Remark, actor: Actor) -> bool:
    """Whom it was put to, and nobody else; where nobody is on record, the role that it belongs to."""
    if not core.may(actor, "contracts.answer", row):
        return False
    if row.asked_of_id is None:
        return actor.is_system or own_role(actor.role) == row.asked_role
    return actor.is_system or getattr(actor.organisation, "pk", None) == row.asked_of_id


@transaction.atomic
def answer_remark(
    row: Remark, *, answer: str, adopted: bool, version: int | None = None, actor: Actor, now: datetime
) -> Remark:
    """Who was asked answers. Refuses `step_by`, `field_missing`, `answered`."""
    row = Remark.objects.select_for_update(of=("self",)).select_related("estate").get(pk=row.pk)
    core.check_version(row, version)
    core.require(actor, "contracts.answer", row)
    if not may_answer(row, actor):
        raise Refused("step_by", f"这一条由{row.asked_of or '被问的单位'}答复。")
    if row.answered_at is not None:
        raise Refused("answered", "已经答复过。", status=CONFLICT_STATUS)
    if not answer.strip():
        raise Refused("field_missing", "请写答复。", fields={"answer": "请写答复"})
    row.answer, row.adopted, row.answered_at = answer.strip(), adopted, now
    row.answered_label, row.version = actor.label, row.version + 1
    row.save()
    core.record(
        "remark.answered", subject=row.ref, actor=actor, at=now, place_path=row.place_path,
        data={"kind": row.kind, "estate": row.estate.name, "adopted": adopted},
    )  # fmt: skip
    return row
