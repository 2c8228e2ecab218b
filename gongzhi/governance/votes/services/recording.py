"""What stands beside the ballots: service, proxies, nominations, adjudications, lots. Each is an entry of the log."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.core.models import StoredFile
from gongzhi.governance.tally.parts import day_words
from gongzhi.governance.tally.rules import Rules
from gongzhi.governance.votes.models import Ballot, RollEntry, Vote, VoteRecord
from gongzhi.governance.votes.services.balloting import rules_of
from gongzhi.governance.votes.services.common import entered, locked, refuse_weighed, saved, tell
from gongzhi.governance.votes.services.rules import rules_for
from gongzhi.governance.votes.services.sales import code_for, holders_now
from gongzhi.governance.votes.words import SERVICE_KINDS, SERVICE_RESULTS

RUNNING = ("noticed", "open")
COUNTING = ("closed", "published")


@transaction.atomic
def serve(
    vote: Vote,
    *,
    units: Sequence[str],
    how: str,
    result: str,
    at: datetime,
    actor: Actor,
    now: datetime,
    file: StoredFile | None = None,
    note: str = "",
) -> VoteRecord:
    """送达: how the ballot reached the units (or did not), by whom, when, with what evidence."""
    core.require(actor, "vote.run", vote)
    vote = locked(vote, states=RUNNING, doing="登记送达")
    if how not in SERVICE_KINDS or result not in SERVICE_RESULTS:
        raise Refused("service_kind", "请选择送达方式和结果。", fields={"how": "请选择"})
    if at > now:
        raise Refused("service_in_future", "送达时间不能晚于现在。", fields={"at": "不能晚于现在"})
    if vote.noticed_on is not None and core.local_day(at) < vote.noticed_on:
        raise Refused(
            "service_before_notice",
            f"{day_words(vote.noticed_on)}才公告，送达不能早于那一天。",
            fields={"at": "不能早于公告"},
        )
    if not units:
        raise Refused("no_units", "请至少选一套房屋。", fields={"units": "请选择房屋"})
    if how == "door" and result == "served" and file is None:
        raise Refused("photo_missing", "上门张贴的，要附照片。", fields={"photo": "请附照片"})
    data: dict[str, Any] = {
        "units": sorted(set(units)),
        "kind": how,
        "result": result,
        "evidence": [file.sha256] if file is not None else [],
        "by": actor.label,
    }
    public = {"how" if name == "kind" else name: value for name, value in data.items()}
    record = entered(vote, kind="SERVE", data=data, public=public, at=at, actor=actor, now=now, file=file)
    tell(
        vote, kind="vote.served", actor=actor, now=now, data={"units": len(data["units"]), "result": result, "how": how}
    )
    return record


@transaction.atomic
def record_proxy(
    vote: Vote,
    *,
    principal: str,
    agent: str,
    agent_kind: str,
    units: Sequence[str],
    valid_from: datetime,
    valid_until: datetime,
    actor: Actor,
    now: datetime,
    motions: Sequence[str] = (),
    instructions: dict[str, Any] | None = None,
    signed: bool = True,
    file: StoredFile | None = None,
) -> VoteRecord:
    """A written instrument, with its limits checked now: who would not count is told before the agent votes."""
    core.require(actor, "vote.run", vote)
    vote = locked(vote, states=("noticed", "open"), doing="登记委托")
    _refuse_proxy(vote, agent=agent, agent_kind=agent_kind, principal=principal, signed=signed, motions=motions)
    own = vote.roll.filter(code__in=list(units), owners__contains=[principal]).count()
    if not units or own != len(set(units)):
        raise Refused("proxy_units", "委托的房屋要是委托人自己的。", fields={"units": "请核对房屋"})
    number = f"w{VoteRecord.objects.filter(vote=vote, kind='PROXY').count() + 1}"
    data: dict[str, Any] = {
        "id": number,
        "principal": principal,
        "agent": agent,
        "agent_kind": agent_kind,
        "units": sorted(set(units)),
        "valid_from": valid_from.isoformat(),
        "valid_until": valid_until.isoformat(),
        "motions": list(motions) or None,
        "instructions": dict(instructions or {}),
        "signed": signed,
        "image": file.sha256 if file is not None else None,
    }
    # An instruction says how the principal votes: the log commits to it by the image alone.
    public = {name: value for name, value in data.items() if name != "instructions" and value is not None}
    record = entered(vote, kind="PROXY", data=data, public=public, at=now, actor=actor, now=now, file=file)
    tell(vote, kind="vote.proxy_recorded", actor=actor, now=now, data={"units": len(data["units"])})
    return record


def _refuse_proxy(
    vote: Vote, *, agent: str, agent_kind: str, principal: str, signed: bool, motions: Sequence[str] = ()
) -> None:
    rules = rules_in_force(vote)
    rule = rules.settings.proxy
    if rule.value == "not_allowed":
        raise Refused("proxy_not_allowed", "议事规则不接受委托，请业主本人投票。", clause=rule.clauses)
    if not signed:
        raise Refused("proxy_not_signed", "委托书要有委托人签名。", clause=rule.clauses, fields={"signed": "没有签名"})
    if agent_kind in rule.barred:
        raise Refused("agent_barred", "物业服务企业人员不得代理，请另选代理人。", clause=rule.clauses)
    if rule.agent == "owner" and not vote.roll.filter(owners__contains=[agent]).exists():
        raise Refused(
            "agent_not_owner",
            "议事规则只许本小区业主代理，请另选代理人。",
            clause=rule.clauses,
            fields={"agent": "不是本小区业主"},
        )
    if set(motions) - {one.motion for one in rules.motions}:
        raise Refused("unknown_motion", "委托的议题不在这次表决里。", fields={"motions": "请从列表里选"})
    others = VoteRecord.objects.filter(vote=vote, kind="PROXY", data__agent=agent)
    ended = set(VoteRecord.objects.filter(vote=vote, kind="REVOKE").values_list("data__proxy", flat=True))
    principals = {one.data["principal"] for one in others if one.data["id"] not in ended} | {principal}
    if rule.cap is not None and len(principals) > rule.cap:
        raise Refused(
            "over_cap",
            f"这名代理人已代理{len(principals) - 1}名业主，最多{rule.cap}名。请另选代理人。",
            clause=rule.clauses,
            fields={"agent": f"最多代理{rule.cap}名"},
        )


def rules_in_force(vote: Vote) -> Rules:
    """The frozen rules; before the opening those that would be frozen."""
    return rules_of(vote) if vote.rules else rules_for(vote, on=core.local_day(vote.opens_at))


def agent_code(vote: Vote, *, name: str, phone: str, actor: Actor, now: datetime) -> str:
    """An agent's pseudonym: that of the log. The same name and phone are the same agent, so that he is counted once."""
    if not name.strip() or not phone.strip():
        raise Refused("agent_person", "请填代理人的姓名和电话。", fields={"agent": "姓名和电话都要填"})
    for one in vote.owners.exclude(person=None).select_related("person"):
        known = one.person
        if known is not None and (core.opened(known, "name"), core.opened(known, "phone")) == (name.strip(), phone):
            return one.code
    person = core.keep_person(
        name=name.strip(),
        phone=phone.strip(),
        place_path=vote.place_path,
        owner=vote.ref,
        demo=vote.demo or actor.demo,
        now=now,
    )
    return code_for(vote, person)


@dataclass(frozen=True)
class Proxy:
    """An instrument as pages show it."""

    id: str
    agent: str
    principal: str
    units: list[str]
    motions: list[str]
    instructions: dict[str, Any]
    until: datetime
    revoked: bool
    file: int | None = None


def proxies_of(vote: Vote) -> list[Proxy]:
    ended = set(VoteRecord.objects.filter(vote=vote, kind="REVOKE").values_list("data__proxy", flat=True))
    rows = VoteRecord.objects.filter(vote=vote, kind="PROXY").order_by("pk").values_list("data", "file_id")
    return [
        Proxy(
            id=one["id"],
            agent=one["agent"],
            principal=one["principal"],
            units=one["units"],
            motions=one["motions"] or [],
            instructions=one["instructions"],
            until=datetime.fromisoformat(one["valid_until"]),
            revoked=one["id"] in ended,
            file=file,
        )
        for one, file in rows
    ]


def refuse_against_instruction(vote: Vote, proxy: str, choices: dict[str, Any]) -> None:
    """At the desk: an agent who must follow his principal's words is told before the ballot is taken."""
    if rules_in_force(vote).settings.proxy.instruction != "must_follow":
        return
    found = next((one for one in proxies_of(vote) if one.id == proxy), None)
    wrong = {
        motion: "与委托书写明的意见不一致"
        for motion, wanted in (found.instructions if found else {}).items()
        if motion in choices and _marked(choices[motion]) != _marked(wanted)
    }
    if wrong:
        raise Refused("against_instruction", "代理人要按委托书写明的意见投，这张票没有收。", fields=wrong)


def _marked(mark: Any) -> Any:
    return sorted(mark) if isinstance(mark, list | tuple) else mark


@transaction.atomic
def revoke_proxy(vote: Vote, *, proxy: str, actor: Actor, now: datetime) -> VoteRecord:
    core.require(actor, "vote.run", vote)
    vote = locked(vote, states=RUNNING, doing="撤销委托")
    if not VoteRecord.objects.filter(vote=vote, kind="PROXY", data__id=proxy).exists():
        raise Refused("no_instrument", "没有这份委托书。", fields={"proxy": "请核对编号"})
    if VoteRecord.objects.filter(vote=vote, kind="REVOKE", data__proxy=proxy).exists():
        raise Refused("revoked", "这份委托书已经撤销。")
    record = entered(vote, kind="REVOKE", data={"proxy": proxy}, at=now, actor=actor, now=now)
    tell(vote, kind="vote.proxy_revoked", actor=actor, now=now)
    return record


@transaction.atomic
def nominate(vote: Vote, *, entry: RollEntry, nominee: str, actor: Actor, now: datetime) -> VoteRecord:
    """共有人推定一人."""
    core.require(actor, "vote.run", vote)
    vote = locked(vote, states=RUNNING, doing="登记推定")
    refuse_weighed(vote)
    if nominee not in holders_now(vote, entry):
        raise Refused("nominee", "推定的人要是这套房屋的共有人。", fields={"nominee": "请另选"})
    record = entered(vote, kind="NOMINATE", data={"unit": entry.code, "nominee": nominee}, at=now, actor=actor, now=now)
    RollEntry.objects.filter(pk=entry.pk).update(voters=[nominee])
    saved(vote)
    tell(vote, kind="vote.nominated", actor=actor, now=now, data={"unit": entry.room})
    return record


@transaction.atomic
def adjudicate(
    ballot: Ballot,
    *,
    decision: str,
    by: Sequence[str],
    reason: str,
    actor: Actor,
    now: datetime,
    choices: dict[str, Any] | None = None,
) -> VoteRecord:
    """Scrutineers settle a ballot; the rules say how many must sign. Until the final result."""
    core.require(actor, "vote.adjudicate", ballot.vote)
    vote = locked(ballot.vote, states=("open", *COUNTING), doing="认定选票")
    people = rules_of(vote).settings.adjudication.people
    signers = sorted({one.strip() for one in by if one.strip()})
    if len(signers) < people:
        raise Refused("too_few_signers", f"认定要{people}名监票人共同签署。", fields={"by": f"至少{people}人"})
    if not reason.strip():
        raise Refused("reason_missing", "请写明认定的理由。", fields={"reason": "请填写"})
    data: dict[str, Any] = {
        "ballot": ballot.number,
        "decision": decision,
        "by": signers,
        "reason": reason,
        "choices": choices,
    }
    public = {name: value for name, value in data.items() if name != "choices"}
    record = entered(vote, kind="ADJUDICATE", data=data, public=public, at=now, actor=actor, now=now)
    tell(vote, kind="vote.adjudicated", actor=actor, now=now, data={"ballot": ballot.number, "decision": decision})
    return record


@transaction.atomic
def draw_lot(
    vote: Vote,
    *,
    motion: str,
    order: Sequence[str],
    by: Sequence[str],
    file: StoredFile | None = None,
    actor: Actor,
    now: datetime,
) -> VoteRecord:
    """Candidates with the same votes, in the order in which their lots were drawn."""
    core.require(actor, "vote.count", vote)
    vote = locked(vote, states=COUNTING, doing="抽签")
    data = {"motion": motion, "order": list(order), "by": list(by)}
    return entered(vote, kind="LOT", data=data, at=now, actor=actor, now=now, file=file)
