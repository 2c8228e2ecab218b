"""What a step leaves as a document by itself: a choice announced, who was chosen, what was taken over, who leaves."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from gongzhi.contracts.models import Party, Procedure, ProcedureItem
from gongzhi.contracts.queries import counts, done_steps, ranked
from gongzhi.contracts.services.common import developer_of, unit_of, words_of
from gongzhi.contracts.words import CHANNELS, GROUNDS
from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.display import cn_date
from gongzhi.core.models import Organisation

CENT = Decimal("0.01")  # of points, as the page rounds them
# By step; of the takeover the agreement, of every other list the list itself.
CALL, RESULT, AGREEMENT = "selection_call", "selection_result", "takeover_agreement"
LEAVING, LIST = "exit_notice", "hand_over_list"
STILL_DUE = ("defect", "passed_on")
# Who is told that a company leaves, beside the company where another one begins it.
TOLD = ("owners_committee", "management_committee", "street_office")
SIGNING_STEPS = {"conclude": ("takeover", AGREEMENT), "hand_over": ("exit", LIST), "transfer": ("asset_transfer", LIST)}


def write(row: Procedure, *, step: str, given_on: date, where: str, actor: Actor, now: datetime) -> None:
    """The document of the step for its sides, where it has one; the pack's own letters are another matter."""
    kind, instrument = SIGNING_STEPS.get(step, ("", ""))
    if step == "announce":
        _issue(row, CALL, _call(row), actor=actor, now=now)
    elif step == "result_notice":
        _issue(row, RESULT, _result(row, where), actor=actor, now=now)
    elif step == "warn":
        told = [row.company, *(unit_of(role, row.estate, given_on) for role in TOLD)]
        _issue(row, LEAVING, _leaving(row), to=told, actor=actor, now=now)
    elif row.kind == kind:
        _issue(row, instrument, _listed(row, given_on), actor=actor, now=now)


def _issue(
    row: Procedure,
    instrument: str,
    values: Mapping[str, Any],
    *,
    to: Sequence[Organisation | None] = (),
    actor: Actor,
    now: datetime,
) -> None:
    issuer = actor.organisation or row.opener or row.company
    if issuer is None:
        return
    sides = to or (developer_of(row), row.company)
    core.issue_document(
        instrument, subject=row.ref, to=[one for one in sides if one is not None and one != issuer],
        values={"estate": row.estate.name, **values}, issuer=issuer, place_path=row.place_path, actor=actor, now=now,
    )  # fmt: skip


def _call(row: Procedure) -> dict[str, Any]:
    step, estate = done_steps(row)["announce"], row.estate
    said = (CHANNELS.get(step.given.get("channel", ""), ""), step.given.get("reference"), step.given.get("link"))
    size = (
        estate.address,
        f"{estate.households}户" if estate.households else "",
        f"总建筑面积{estate.building_area_m2:,.2f}平方米" if estate.building_area_m2 else "",
    )
    return {
        "kind": row.get_kind_display(),
        "method": row.method_words or "业主共同决定",
        "text": "，".join(part for part in size if part) or "见选聘文件",
        "demand": step.note or row.given.get("plan") or "见选聘文件",
        "where": "，".join(part for part in said if part) or "本平台",
    }


def _leaving(row: Procedure) -> dict[str, Any]:
    leave = date.fromisoformat(row.given["leave_on"])
    step = done_steps(row)["warn"]
    ahead = (leave - step.on).days
    return {
        "company": str(row.company or "物业服务企业"),
        "kind": GROUNDS[row.given["ground"]],
        "date": cn_date(leave),
        "text": f"，提前{ahead}日告知" if ahead > 0 else "",
        "reason": row.given.get("reason") or step.note or "没有写明",
    }


def _result(row: Procedure, where: str) -> dict[str, Any]:
    bids = [one for one in ranked(row) if one.state != "declined"]
    won = next((one for one in bids if one.state == "won"), None)
    listed = [_bidder(one) for one in bids]
    return {
        "kind": row.get_kind_display(),
        "method": row.method_words or "业主共同决定",
        "bidders": "、".join(listed) or str(row.company or ""),
        "winner": str(row.company or ""),
        "offer": (won.offer if won is not None else "") or "见投标文件",
        "where": where or "本小区显著位置",
    }


def _bidder(bid: Any) -> str:
    if bid.average is None:
        return f"{bid.company}"
    return f"{bid.company}（平均{bid.average.quantize(CENT, ROUND_HALF_UP)}分）"


def _listed(row: Procedure, on: date) -> dict[str, Any]:
    taken = counts(row)
    items = list(row.items.order_by("group", "pk"))
    return {
        "developer": str(developer_of(row) or "建设单位"),
        "company": str(row.company or "物业服务企业"),
        "asset": str(row.given.get("asset_name") or ""),
        "date": cn_date(on),
        "all": taken["all"],
        "settled": taken["settled"],
        "items": [_line(one) for one in items],
        "signatures": _signatures(row, on),
    }


RECEIVER = "接收方（业主组织或者新的物业企业）"


def _signatures(row: Procedure, on: date) -> list[dict[str, str]]:
    """Of an exit who leaves and who receives sign on paper; everybody else as far as he signed here."""
    parties = [_signature(one, row, on) for one in row.parties.order_by("part", "pk")]
    if row.kind != "exit":
        return parties
    return [
        {"name": f"{row.company or '物业服务企业'}（移交方）", "signed": ""},
        {"name": RECEIVER, "signed": ""},
        *parties,
    ]


def _line(item: ProcedureItem) -> dict[str, str]:
    said = (
        item.get_state_display(),
        item.get_defect_display() if item.defect else "",
        f"转{item.responsible}" if item.responsible else "",
        f"{cn_date(item.due_on)}前" if item.due_on and item.state in STILL_DUE else "",
        item.note,
    )
    return {
        "group": item.group,
        "name": item.name,
        "expected": str(item.expected),
        "found": "" if item.found is None else str(item.found),
        "state": "，".join(part for part in said if part),
    }


def _signature(party: Party, row: Procedure, on: date) -> dict[str, str]:
    name = str(party.organisation) if party.organisation else words_of([party.role], row.place_path, on)
    signed = f"{party.by_label}　{cn_date(party.signed_on)}（平台签字）" if party.signed_on else ""
    return {"name": f"{name}（{party.get_part_display()}）", "signed": signed}
