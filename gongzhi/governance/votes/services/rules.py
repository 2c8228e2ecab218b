"""The rules of one vote from the documents in force, and the estate's own rules of procedure."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.days import ZONE
from gongzhi.core.errors import Refused
from gongzhi.governance.bodies.models import BodyDecision
from gongzhi.governance.tally.rules import VALUES, Rules
from gongzhi.governance.votes.models import Motion, Vote
from gongzhi.governance.votes.questions import ASKS, PREFIX
from gongzhi.governance.votes.rights import COMMITTEE
from gongzhi.governance.votes.services.oversight import modes_of
from gongzhi.policy.answer import Answer
from gongzhi.policy.periods import Period
from gongzhi.registry.models import Estate

PACK = "national"
DELEGATED = "delegated_"
# What the owners of an estate settle for themselves: how they vote, and how far their committee decides for them.
SWITCHES_BEGIN = ("vote_", DELEGATED)


def rules_for(vote: Vote, *, on: date) -> Rules:
    """As they hold at the estate that day. Refuses (`vote_needs`) where a document cannot answer."""
    motions = list(vote.motions.prefetch_related("buildings"))
    matters = _matters(vote)
    settings = {name: _setting(vote, name, matters, on) for name in ASKS}
    official = settings["official_platform"]
    if official["value"] == "required":
        # There the ballots are cast and changed; here a corrected export takes the place of the one before.
        settings["revote"] = {"value": "last_valid", "clauses": official["clauses"], "origin": official["origin"],
                              "says": "在官方平台投票，改票按该平台的规则；这里以最后一次导入的为准"}  # fmt: skip
    pack = core.pack_for(vote.place_path, on)
    return Rules.model_validate_json(
        _json(
            {
                "format": "gongzhi-rules/1",
                "poll": poll_of(vote),
                "window": {
                    "opens_at": vote.opens_at.astimezone(ZONE).isoformat(),
                    "closes_at": vote.closes_at.astimezone(ZONE).isoformat(),
                },
                "motions": [_motion(vote, one, on) for one in motions],
                "settings": settings,
                "pack": pack.slug if pack else "",
                "pack_hash": pack.hash if pack else "",
            }
        )
    )


def poll_of(vote: Vote) -> str:
    return f"vote-{vote.pk}"


def threshold_answer(vote: Vote, matter: str, on: date) -> Answer:
    return core.ask("governance.decision_thresholds", {"matter": matter}, place_path=vote.place_path, on=on)


def calendar_answer(vote: Vote, on: date) -> Answer:
    matter = vote.motions.values_list("matter", flat=True).first()
    return core.ask("governance.vote_calendar", {"matter": matter}, place_path=vote.place_path, on=on)


def notice_days(vote: Vote, on: date) -> tuple[int, str, tuple[str, ...]]:
    """How many days, how they are counted, by which clauses."""
    setting = _setting(vote, "notice", _matters(vote), on)
    return int(setting["days"]), str(setting["value"]), tuple(setting["clauses"])


def _matters(vote: Vote) -> list[str]:
    """Each once, in the order of the motions."""
    return list(dict.fromkeys(vote.motions.order_by("position").values_list("matter", flat=True)))


def _setting(vote: Vote, name: str, matters: list[str], on: date) -> dict[str, Any]:
    """One setting for the whole vote. The matters must not differ in it, save in silence, which motions have apart."""
    made = {matter: _one_setting(vote, name, matter, on) for matter in matters}
    first = next(iter(made.values()))
    if name != "silence" and any(one != first for one in made.values()):
        raise Refused(
            "vote_rules_differ",
            f"几个议题的规则不一样（{ASKS[name]}），不能放在同一次表决里，请分开表决。",
            clause=tuple(first["clauses"]),
        )
    return first


def _one_setting(vote: Vote, name: str, matter: str, on: date) -> dict[str, Any]:
    """Of one matter. Where the document has silence as a way of voting that is chosen, only the chosen counts so."""
    answer = core.ask(PREFIX + name, {"matter": matter}, place_path=vote.place_path, on=on)
    made = _as_setting(vote, name, answer, on)
    if name == "silence" and "deemed" not in vote.modes:
        modes = modes_of(matter, place_path=vote.place_path, on=on)
        if "deemed" in modes.offered and made["value"] != "not_participating":
            return {"value": "not_participating", "clauses": list(modes.clauses), "origin": "pack",
                    "says": "这次没有选默认表决，未投票的不算参与"}  # fmt: skip
    return made


def _election(vote: Vote, motion: Motion, candidates: int, on: date) -> dict[str, Any]:
    """How a ballot of an election is marked and who has won, as far as the vote itself does not say."""
    answer = core.ask("governance.vote_election", {"matter": motion.matter}, place_path=vote.place_path, on=on)
    value = _given(answer)
    made = {name: value[name] for name in ("rank_by", "tie", "alternates_need_majority") if value.get(name) is not None}
    if motion.matter == "elect_committee" and value.get("least_share") is not None:
        made["least_share"] = _ratio(value["least_share"])
    made["clauses"] = list(answer.clauses)
    if value.get("choices") == "any":
        made["most_choices"] = candidates
    return made


def _as_setting(vote: Vote, name: str, answer: Answer, on: date) -> dict[str, Any]:
    value = _given(answer)
    made: dict[str, Any] = {
        "clauses": list(answer.clauses),
        "origin": _origin(answer, vote, on),
        "says": "；".join(answer.explanation.steps),
    }
    for key, one in value.items():
        if one is None or (key == "floor" and not one):
            continue
        if isinstance(one, Period):
            made[key] = one.count
        elif key == "floor":
            made[key] = _ratio(one)
        else:
            made[key] = list(one) if isinstance(one, list | tuple) else one
    if name == "precedence" and made.get("value") == "by_time":
        made.pop("order", None)
    return made


def _origin(answer: Answer, vote: Vote, on: date) -> str:
    """Of the estate's own rules, if a switch was set; of the law or the local document where no switch decides."""
    switches = answer.explanation.switches
    if any(not one["default"] for one in switches):
        return "estate"
    if switches:
        return "default"
    pack = core.pack_for(vote.place_path, on)
    of_law = pack is not None and all(pack.clauses[one].pack == PACK for one in answer.clauses)
    return "law" if of_law else "pack"


def _given(answer: Answer) -> Mapping[str, Any]:
    if not isinstance(answer.value, Mapping):
        raise Refused(
            "vote_needs",
            f"现行文件没有回答“{answer.asks}”，请主管部门先在“条款”里本地文件的“文件未规定的”中设定。",
            clause=tuple(answer.clauses),
        )
    return answer.value


def _motion(vote: Vote, motion: Motion, on: date) -> dict[str, Any]:
    answer = threshold_answer(vote, motion.matter, on)
    value = _given(answer)
    made: dict[str, Any] = {
        "motion": motion.code,
        "title": motion.title,
        "matter": motion.matter,
        "approval": _threshold(value, "approval", answer),
    }
    if value.get("quorum_area") is not None:
        made["quorum"] = _threshold(value, "quorum", answer)
    made["scope"] = motion.scope
    if motion.election:
        made["election"] = {**_election(vote, motion, len(motion.election["candidates"]), on), **motion.election}
    objection = core.ask("governance.objection_vote", {"matter": motion.matter}, place_path=vote.place_path, on=on)
    offered = modes_of(motion.matter, place_path=vote.place_path, on=on).offered
    if (
        isinstance(objection.value, Mapping)
        and objection.value.get("area") is not None
        and ("objection" in vote.modes or "objection" not in offered)
    ):
        made["objection"] = {
            "area": _ratio(objection.value["area"]),
            "heads": _ratio(objection.value["heads"]),
            "clauses": list(objection.clauses),
        }
    made["silence"] = _one_setting(vote, "silence", motion.matter, on)
    return made


def _threshold(value: Mapping[str, Any], side: str, answer: Answer) -> dict[str, Any]:
    return {
        "area": _ratio(value[f"{side}_area"]),
        "heads": _ratio(value[f"{side}_heads"]),
        "bound": value[f"{side}_bound"],
        "base": value[f"{side}_base"],
        "clauses": list(answer.clauses),
        "says": "；".join(answer.explanation.steps),
    }


def _ratio(value: Any) -> str:
    from fractions import Fraction

    exact = Fraction(value)
    return f"{exact.numerator}/{exact.denominator}"


def _json(data: Any) -> str:
    import json

    return json.dumps(data, ensure_ascii=False)


@transaction.atomic
def adopt_rules(
    estate: Estate,
    *,
    values: Mapping[str, str],
    adopted_on: date,
    document: str,
    actor: Actor,
    now: datetime,
    decision: BodyDecision | None = None,
) -> list[str]:
    """The estate's own rules of procedure: values of the pack's switches at the estate, each checked like any pack.

    `decision`: of the assembly, that what the committee may decide alone rests on.
    """
    core.require(actor, "vote.adopt_rules", estate)
    if not document.strip():
        raise Refused(
            "document_missing",
            "请写明是哪一次业主大会通过的议事规则。",
            fields={"document": "如：2026年3月议事规则第八条"},
        )
    if any(name.startswith(DELEGATED) and value for name, value in values.items()):
        _refuse_own_mandate(estate, decision, actor)
    changed = []
    pack, known = core.pack_for(estate.place_path, adopted_on), core.switches_for(estate.place_path, adopted_on)
    switches = pack.switches if pack else {}
    for name, value in values.items():
        if not name.startswith(SWITCHES_BEGIN) or name not in switches:
            raise Refused("not_a_rule_of_votes", f"“{name}”不是表决规则，不能在这里设定。")
        if value == "" or known.get(name) == value:
            continue
        # Who adopted it stands in the event below; the switch itself is set for the estate alone.
        core.set_switch(
            place=estate.place,
            pack=switches[name].pack,
            name=name,
            value=value,
            from_on=adopted_on,
            actor=Actor.system(demo=actor.demo),
            reason=f"{document}（{decision.title}）" if decision is not None else document,
            now=now,
        )
        changed.append(name)
    if not changed:
        raise Refused("nothing_changed", "没有改动任何一条规则，没有登记。")
    core.record(
        "vote.rules_adopted",
        subject=estate.ref,
        actor=actor,
        at=now,
        place_path=estate.place_path,
        data={"adopted_on": adopted_on, "rules": changed},
    )
    return changed


def _refuse_own_mandate(estate: Estate, decision: BodyDecision | None, actor: Actor) -> None:
    """Only the owners let their committee decide: their decision is on record and stands. A committee that enters it
    itself has to name a vote of this platform."""
    if (
        decision is None
        or decision.estate_id != estate.pk
        or decision.body_id is not None
        or decision.revoked_on is not None
    ):
        raise Refused(
            "mandate_decision",
            "授权额度由业主大会给，请选业主大会作出的、没有撤销的决定；还没有登记的，先表决或在小区组织里登记。",
            fields={"decision": "请选业主大会的决定"},
        )
    if actor.role in COMMITTEE and not decision.vote_ref:
        raise Refused(
            "mandate_decision",
            "业委会、物管会自己登记授权的，要依据在平台上表决通过的决定；在线下表决的，请镇街或社区登记。",
            fields={"decision": "不是平台上表决的"},
        )


def value_words(name: str, value: str) -> str:
    return VALUES.get(name, {}).get(value, value)
