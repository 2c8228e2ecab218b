"""What the document of the place says about a mediation."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from gongzhi.core import services as core
from gongzhi.core.errors import Refused
from gongzhi.core.models import Organisation
from gongzhi.mediation.words import GRADES, MEDIATION_KINDS
from gongzhi.policy import Period, deadline
from gongzhi.policy.answer import Answer
from gongzhi.policy.periods import start_of
from gongzhi.registry.models import Estate
from gongzhi.registry.queries.known import organisation_for

if TYPE_CHECKING:
    from gongzhi.mediation.models import MediationFile


def value_of(answer: Answer) -> Mapping[str, Any]:
    return answer.value if answer.ok and answer.value else {}


def weight(file: "MediationFile") -> dict[str, Any]:
    """How heavy it is, as far as it was told."""
    found: dict[str, Any] = {"matter": file.matter, "grade": file.grade, "petition": file.petition or None}
    found |= {"affected_households": file.households, "amount": file.amount_fen}
    return {name: one for name, one in found.items() if one not in (None, "")}


def first_role(file: "MediationFile", on: date) -> Answer:
    """Who takes the application: the document's own rule for applications, else the level of the dispute."""
    facts = {"source": file.source, "matter": file.matter}
    own = core.ask("mediation.first_body", facts, place_path=file.place_path, on=on)
    if value_of(own).get("role"):
        return own
    return level_role(file, on)


def level_role(file: "MediationFile", on: date) -> Answer:
    """Which level has a dispute of this weight."""
    return core.ask("cases.mediation_level", weight(file), place_path=file.place_path, on=on)


def is_weighed(file: "MediationFile", on: date) -> bool:
    """Whether the document sends a heavy dispute of this matter elsewhere than a light one."""
    facts = {name: one for name, one in weight(file).items() if name != "grade"}
    asked = (
        core.ask("cases.mediation_level", {**facts, "grade": grade}, place_path=file.place_path, on=on)
        for grade in GRADES
    )
    return len({role_of(answer) for answer in asked}) > 1


def report_due(file: "MediationFile", grade: str, found: datetime) -> datetime | None:
    """Until when what was noticed had to be told; None where the document says nothing."""
    on = core.local_day(found)
    answer = core.ask("cases.report_weight_within", {"grade": grade}, place_path=file.place_path, on=on)
    pack = core.pack_for(file.place_path, on)
    if not answer.ok or answer.value is None or pack is None:
        return None
    return deadline(start=found, period=Period.parse(str(answer.value)), calendar=pack.calendar).due_at


def role_of(answer: Answer) -> str:
    value = answer.value if answer.ok else None
    return str(value.get("role") if isinstance(value, Mapping) else value or "")


def next_role(file: "MediationFile", failed_at: str, on: date) -> Answer:
    facts = {**weight(file), "failed_at": failed_at}
    return core.ask("cases.mediation_level", facts, place_path=file.place_path, on=on)


def body_for(role: str, *, estate: Estate, place_path: str, on: date) -> tuple[Organisation, str]:
    """The organisation in that role, or who takes its place where there is none: (organisation, its role)."""
    found = organisation_for(role, place_path, estate=estate)
    if found is not None:
        return found, role
    answer = core.ask("mediation.stand_in", {"role": role}, place_path=place_path, on=on)
    for other in answer.value if answer.ok else ():
        found = organisation_for(other, place_path, estate=estate)
        if found is not None:
            return found, other
    name = core.role_name(role, place_path=place_path, on=on)
    raise Refused("no_body", f"本地还没有登记{name}，不能受理调解。请先登记这个单位。", answer.clauses)


def kinds_after(file: "MediationFile") -> list[str]:
    """One kind follows another and never goes back."""
    order = list(MEDIATION_KINDS)
    return order[order.index(file.stage.kind) + 1 :]


def kind_bodies(file: "MediationFile", kind: str, on: date) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(roles that lead this kind of mediation, clauses)."""
    answer = core.ask("mediation.kind_bodies", {"kind": kind}, place_path=file.place_path, on=on)
    return tuple(answer.value or ()) if answer.ok else (), tuple(answer.clauses)


def procedure(file: "MediationFile", on: date) -> tuple[Mapping[str, Any], tuple[str, ...]]:
    answer = core.ask("mediation.procedure", {"level": file.stage.level}, place_path=file.place_path, on=on)
    return value_of(answer), tuple(answer.clauses)


def period(place_path: str, level: str, *, name: str, on: date) -> tuple[Period | None, tuple[str, ...]]:
    answer = core.ask("mediation.periods", {"level": level}, place_path=place_path, on=on)
    found = value_of(answer).get(name)
    return (Period.parse(str(found)) if found is not None else None), tuple(answer.clauses)


def last_day(start: date, length: Period, *, place_path: str) -> date:
    pack = core.pack_for(place_path, start)
    if pack is None:
        raise Refused("no_pack", "平台没有装载任何文件，不能计算期限。")
    return deadline(start=start_of(start), period=length, calendar=pack.calendar).last_day
