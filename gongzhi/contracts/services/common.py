"""What the commands share: the locked row, the event's facts, who comes next, who a role is at an estate."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from gongzhi.contracts.models import COMPANY_ROLE, Procedure, ProcedurePaper, Remark, ServiceContract, own_role
from gongzhi.contracts.queries import next_step, step_rule
from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.display import cn_date
from gongzhi.core.errors import Refused
from gongzhi.core.models import Event, Organisation, StoredFile
from gongzhi.policy import periods
from gongzhi.registry.models import Estate
from gongzhi.registry.queries import organisation_for

CONFLICT_STATUS = 409
Papers = Sequence[tuple[str, StoredFile]]


def locked(row: Procedure, version: int | None = None, *, states: Sequence[str] = ("running",)) -> Procedure:
    found: Procedure = Procedure.objects.select_for_update(of=("self",)).select_related("estate").get(pk=row.pk)
    if found.state not in states:
        raise Refused(
            "procedure_state", f"这一件现在是“{found.get_state_display()}”，不能再办。", status=CONFLICT_STATUS
        )
    core.check_version(found, version)
    return found


def locked_contract(row: ServiceContract, version: int | None = None) -> ServiceContract:
    rows = ServiceContract.objects.select_for_update(of=("self",)).select_related("estate", "company")
    found: ServiceContract = rows.get(pk=row.pk)
    core.check_version(found, version)
    return found


def tell(row: Procedure, *, event: str, actor: Actor, now: datetime, **more: Any) -> Any:
    """Records the event of a procedure, with what comes next and whose turn it is."""
    due = next_step(row) if row.state == "running" else None
    on = core.local_day(now)
    turn, unit = _whose_turn(row, step_rule(row, due, on).by, on) if due else (None, None)
    data = {
        "kind": row.kind,
        "estate": row.estate.name,
        "method": row.given.get("method"),
        "ground": row.given.get("ground"),
        "asset": row.given.get("asset"),
        "company": row.company.name if row.company else None,
        "opened_by": row.opener_role,
        **_named("served_by", row.company),
        **_named("built_by", developer_of(row)),
        "next_step": due,
        "next_by": turn,
        **({"next_by_organisation": unit.pk} if unit is not None else {}),
        "watchers": list(row.parties.filter(part="supervisor", signed_on=None).values_list("role", flat=True)),
        **more,
    }
    return core.record(event, subject=row.ref, actor=actor, at=now, place_path=row.place_path, data=data)


def _whose_turn(row: Procedure, by: Sequence[str], on: date) -> tuple[str | None, Organisation | None]:
    """Who began it, if he may take the next step, otherwise the first who may and is there (an estate may have no
    committee); and which unit, where that is known."""
    known = {row.opener_role: row.opener, "developer": developer_of(row), COMPANY_ROLE: row.company}
    if row.opener_role in by:
        return row.opener_role, row.opener
    there = (one for one in by if known.get(one) is not None or unit_of(one, row.estate, on) is not None)
    turn = next(there, next(iter(by), None))
    return turn, known.get(turn or "")


def developer_of(row: Procedure) -> Organisation | None:
    """The developer who takes part, or who was named when it was opened."""
    party = row.parties.filter(role="developer").select_related("organisation").first()
    if party is not None and party.organisation is not None:
        return party.organisation
    pk = row.given.get("developer")
    return Organisation.objects.filter(pk=pk).first() if pk else unit_of("developer", row.estate, row.opened_at.date())


def _named(field: str, unit: Organisation | None) -> dict[str, Any]:
    return {field: unit.role, f"{field}_organisation": unit.pk} if unit is not None else {}


def tell_contract(row: ServiceContract, *, event: str, actor: Actor, now: datetime, **more: Any) -> Any:
    data = {
        "kind": row.kind, "estate": row.estate.name, "company": row.company.name, "party_a": row.party_a,
        **_named("served_by", row.company),
        "from_on": row.from_on, "to_on": row.to_on, **more,
    }  # fmt: skip
    return core.record(event, subject=row.ref, actor=actor, at=now, place_path=row.place_path, data=data)


def keep_papers(
    papers: Papers,
    *,
    now: datetime,
    row: Procedure | None = None,
    step: str = "",
    contract: ServiceContract | None = None,
) -> None:
    ProcedurePaper.objects.bulk_create(
        ProcedurePaper(procedure=row, contract=contract, step=step, item=item, file=file, at=now)
        for item, file in papers
    )


def missing_papers(wanted: Sequence[str], papers: Papers, kept: Sequence[str] = ()) -> list[str]:
    there = {item for item, _ in papers} | set(kept)
    return [one for one in wanted if one not in there]


def words_of(roles: Sequence[str], place_path: str, on: date) -> str:
    return "、".join(core.role_name(one, place_path=place_path, on=on) for one in roles)


def acts_as(actor: Actor, roles: Sequence[str]) -> bool:
    return actor.is_system or own_role(actor.role) in roles


def unit_of(role: str, estate: Estate, on: date) -> Organisation | None:
    return organisation_for(role, estate.place_path, estate, on=on)


def after(place_path: str, on: date, period: periods.Period) -> date:
    """The last day of a period that begins on a day, by the calendar of the place."""
    pack = core.pack_for(place_path, on)
    if pack is None:
        raise Refused("no_pack", "平台没有装载任何文件，算不出期限。")
    return periods.deadline(start=periods.start_of(on), period=period, calendar=pack.calendar).last_day


def before(place_path: str, on: date, period: periods.Period) -> date:
    """The last day on which something is still that long ahead of a day."""
    pack = core.pack_for(place_path, on)
    if pack is None:
        raise Refused("no_pack", "平台没有装载任何文件，算不出期限。")
    return periods.deadline_before(moment=periods.start_of(on), period=period, calendar=pack.calendar).last_day


def check_day(on: date, now: datetime, *, since: date | None = None) -> None:
    if on > core.local_day(now):
        raise Refused("step_day", "日期不能晚于今天。", fields={"on": "不能晚于今天"})
    if since is not None and on < since:
        raise Refused("step_day", f"日期不能早于前一步（{cn_date(since)}）。", fields={"on": f"不早于{cn_date(since)}"})


def follow_estate(event: Event) -> None:
    """An estate goes to another community: what is under way goes with it; what is over keeps the path of its time."""
    was, path = str(event.data["was_path"]), event.place_path
    for rows in (
        Procedure.objects.filter(state="running"),
        ServiceContract.objects.filter(ended_on=None),
        Remark.objects.filter(answered_at=None),
    ):
        core.rebase(rows, old=was, new=path)
