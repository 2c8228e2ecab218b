"""The list of what is inspected or handed over, and the signatures of those who take part."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction

from gongzhi.contracts.models import Party, Procedure, ProcedureItem, own_role
from gongzhi.contracts.queries import done_steps, is_clean, missing
from gongzhi.contracts.rights import RECORDERS
from gongzhi.contracts.services.common import CONFLICT_STATUS, check_day, locked, tell
from gongzhi.contracts.services.written import write
from gongzhi.contracts.words import DEFECTS, ITEM_STATES, VERDICTS
from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.core.models import StoredFile

SEALING = ("agree", "pass", "transfer", "hand_over", "end")


@dataclass(frozen=True)
class Line:
    """A line of the list. Fewer than there should be is a defect of quantity by itself."""

    group: str
    name: str
    expected: int = 1
    found: int | None = None
    state: str = "open"
    defect: str = ""
    note: str = ""
    responsible: str = ""
    due_on: date | None = None
    photo: StoredFile | None = None


@transaction.atomic
def mark(
    row: Procedure, *, lines: Sequence[Line], version: int | None = None, actor: Actor, now: datetime
) -> Procedure:
    """Writes lines of the list, new ones and those there are by group and name.

    Once everything was put right after a re-inspection the agreement is drawn up anew, with the list as it is now.

    Refuses `line_missing`, `defect_missing`, `responsible_missing`, `not_notified` (put right before anybody was told
    to), `list_closed`.
    """
    row = locked(row, version)
    core.require(actor, "contracts.list", row)
    if any(one in done_steps(row) for one in SEALING):
        raise Refused("list_closed", "已经办结的清单不能再改。", status=CONFLICT_STATUS)
    if not lines:
        raise Refused("line_missing", "请至少登记一项。", fields={"name": "请填写名称"})
    for line in lines:
        _write(row, _checked(row, line))
    row.version += 1
    row.save(update_fields=["version"])
    if "reinspect" in done_steps(row) and is_clean(row):
        write(row, step="conclude", given_on=core.local_day(now), where="", actor=actor, now=now)
    tell(
        row, event="procedure.listed", actor=actor, now=now, items=row.items.count(),
        defects=row.items.filter(state="defect").count(), clean=is_clean(row),
    )  # fmt: skip
    return row


def _checked(row: Procedure, line: Line) -> Line:
    if not line.group.strip() or not line.name.strip():
        raise Refused("line_missing", "请填类别和名称。", fields={"name": "请填写名称"})
    if line.state not in ITEM_STATES:
        raise Refused("line_missing", "结果请从列表里选。", fields={"state": "请从列表里选"})
    if line.state == "defect" and line.defect not in DEFECTS:
        raise Refused("defect_missing", f"“{line.name}”不合格，请选不符在哪里。", fields={"defect": "请选一项"})
    if line.state == "passed_on" and not line.responsible.strip():
        raise Refused("responsible_missing", f"“{line.name}”转给谁，请写明责任单位。", fields={"responsible": "请填写"})
    if line.state == "ok" and line.found is not None and line.found < line.expected:
        raise Refused(
            "count_short", f"“{line.name}”应有{line.expected}，实有{line.found}，数量不符，不能记合格。",
            fields={"found": "数量不符"},
        )  # fmt: skip
    was = row.items.filter(group=line.group, name=line.name).first()
    put_right = was is not None and was.state == "defect" and line.state in ("ok", "fixed")
    if put_right and "notify" in row.rules.get("sides", ()) and "reinspect" not in done_steps(row):
        raise Refused(
            "not_notified", f"“{line.name}”先书面通知整改，组织复验后再记合格。", fields={"state": "还没有复验"}
        )
    return line


def _write(row: Procedure, line: Line) -> None:
    values: dict[str, Any] = {
        "expected": line.expected, "found": line.found, "state": line.state, "note": line.note.strip(),
        "defect": line.defect if line.state == "defect" else "", "responsible": line.responsible.strip(),
    }  # fmt: skip
    if line.due_on is not None:
        values["due_on"] = line.due_on
    if line.photo is not None:
        values["photo"] = line.photo
    ProcedureItem.objects.update_or_create(
        procedure=row, group=line.group.strip(), name=line.name.strip(), defaults=values
    )


@transaction.atomic
def sign(
    row: Procedure,
    *,
    party: Party,
    verdict: str,
    opinion: str = "",
    on: date,
    file: StoredFile | None = None,
    version: int | None = None,
    actor: Actor,
    now: datetime,
) -> Party:
    """A unit signs. For one without an account an office writes it down with the page that it signed.

    Refuses `verdict_missing`, `not_this_party`, `page_missing`, `opinion_missing` (unfit without saying what).
    """
    row = locked(row, version)
    core.require(actor, "contracts.sign", row)
    party = Party.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=party.pk, procedure=row)
    if not verdict or verdict not in VERDICTS:
        raise Refused("verdict_missing", "请选意见。", fields={"verdict": "请选一项"})
    if verdict == "unfit" and not opinion.strip():
        raise Refused("opinion_missing", "不符合的要写明是什么。", fields={"opinion": "请写明"})
    _check_signer(party, file, actor)
    check_day(on, now)
    party.verdict, party.opinion, party.signed_on = verdict, opinion.strip(), on
    party.by, party.by_label, party.file = actor.user, actor.label, file or party.file
    party.save()
    row.version += 1
    row.save(update_fields=["version"])
    complete = not missing(row, party.part)
    tell(row, event="procedure.signed", actor=actor, now=now, role=party.role, verdict=verdict, complete=complete)
    return party


def signs_itself(party: Party, actor: Actor) -> bool:
    own = getattr(actor.organisation, "pk", None)
    return own_role(actor.role) == party.role and party.organisation_id in (None, own)


def may_sign(party: Party, actor: Actor) -> bool:
    """Its own people, and offices that write down what was signed on paper."""
    return actor.is_system or signs_itself(party, actor) or actor.role in RECORDERS


def _check_signer(party: Party, file: StoredFile | None, actor: Actor) -> None:
    if not may_sign(party, actor):
        raise Refused("not_this_party", "只能由这个单位自己签字，或由办事机构凭签字页代录。")
    if not signs_itself(party, actor) and not actor.is_system and file is None:
        raise Refused("page_missing", "代录要上传签字页。", fields={"file": "请上传签字页"})
