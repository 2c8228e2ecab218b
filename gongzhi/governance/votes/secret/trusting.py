"""The ceremony: trustees are named, and each hands in what he has made on his own device. All of it is checked here.

The server sees public points, sealed shares and proofs; a trustee's code and what follows from it stay with him.
"""

import secrets as random_bytes
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.governance.tally.rules import Motion, Rules, Secret
from gongzhi.governance.votes.models import Vote
from gongzhi.governance.votes.secret import weights
from gongzhi.governance.votes.secret.models import Ceremony, Trustee
from gongzhi.governance.votes.secret.words import OFFICES, STEPS
from gongzhi.governance.votes.services.common import digest, entered, locked, log_of, tell
from gongzhi.proof import services as proof
from gongzhi.proof.secret import ceremony as parts
from gongzhi.proof.secret import entries, trustees
from gongzhi.proof.secret.trustees import BadTrustee, Published

TOKEN_BYTES = 16
MOTION = "m1"
FILE = f"voters-{MOTION}.json"
Named = tuple[str, str]


@transaction.atomic
def name_trustees(
    vote: Vote, *, people: Sequence[Named], actor: Actor, now: datetime, version: int | None = None
) -> dict[int, str]:
    """(office, name) of each, after the notice and before the opening. Fixes the weights; gives each one's link token.

    Called again, it begins anew: everybody acts again, with a new code.
    """
    core.require(actor, "vote.run", vote)
    vote = locked(vote, states=("noticed",), doing="指定托管人", version=version)
    _refuse_named(vote)
    rules, motion = weights.secret_rules(vote, core.local_day(vote.opens_at))
    rule = rules.settings.secrecy
    _refuse_people(people, motion, rule.trustees, rule.clauses)
    voters = weights.voters_now(vote, rules)
    guard = weights.refuse_few(voters, rules)
    Ceremony.objects.filter(vote=vote).delete()
    made = Ceremony.objects.create(
        vote=vote,
        started_at=now,
        voters=entries.voters_file(voters.weights).decode(),
        without=list(voters.without),
        count=rule.trustees,
        needed=rule.needed,
        guard=guard.least,
        safe=guard.asked,
    )
    tokens = {}
    for number, (office, name) in enumerate(people, 1):
        tokens[number] = random_bytes.token_urlsafe(TOKEN_BYTES)
        Trustee.objects.create(
            ceremony=made, number=number, office=office, name=name.strip(), token_hash=digest(tokens[number])
        )
    data = {"trustees": [office for office, _ in people], "needed": made.needed, "voters": digest(made.voters)}
    entered(vote, kind="TRUSTEES", data=data, at=now, actor=actor, now=now)
    tell(vote, kind="vote.trustees_named", actor=actor, now=now, data={"trustees": made.count, "needed": made.needed})
    return tokens


def _refuse_named(vote: Vote) -> None:
    if not vote.secret:
        raise Refused("vote_is_named", "这次表决是记名的，不用托管人。")


def _refuse_people(people: Sequence[Named], motion: Motion, count: int, clauses: tuple[str, ...]) -> None:
    names = ["".join(name.split()) for _, name in people]
    if len(people) != count or not all(names) or not all(office in OFFICES for office, _ in people):
        raise Refused(
            "trustees_number", f"按规则要有{count}名托管人，每名写明姓名和身份。", clause=clauses,
            fields={"people": f"要{count}名"},
        )  # fmt: skip
    if len(set(names)) != len(names):
        raise Refused("trustee_twice", "一个人只能当一名托管人。", fields={"people": "有重复"})
    if len({office for office, _ in people}) == 1:
        raise Refused(
            "trustees_alike",
            "托管人都来自一处，他们商量好就能看到每张票。请至少从两处指定，如镇街、业主监督员、社区各一名。",
            fields={"people": "至少来自两处"},
        )
    running = {one.name for one in motion.election.candidates} if motion.election else set()
    both = [one for one in names if one in running]
    if both:
        raise Refused("trustee_runs", f"候选人不能当托管人：{'、'.join(both)}。", fields={"people": "请另选"})


@transaction.atomic
def renew_link(trustee: Trustee, *, actor: Actor, now: datetime) -> str:
    """A new link for one whose link got lost. What he has handed in stays."""
    vote = trustee.ceremony.vote
    core.require(actor, "vote.run", vote)
    vote = locked(vote, states=("noticed", "open", "closed"), doing="补发托管链接")
    token = random_bytes.token_urlsafe(TOKEN_BYTES)
    Trustee.objects.filter(pk=trustee.pk).update(token_hash=digest(token))
    tell(vote, kind="vote.trustee_linked", actor=actor, now=now, data={"number": trustee.number})
    return token


def trustee_of(token: str) -> Trustee | None:
    return Trustee.objects.select_related("ceremony__vote__estate", "ceremony__vote__log").filter(
        token_hash=digest(token)
    ).first()  # fmt: skip


def election_of(ceremony: Ceremony) -> str:
    return entries.election_of(log_of(ceremony.vote).origin, MOTION, ceremony.voters.encode())


def step_of(ceremony: Ceremony, rows: Sequence[Trustee]) -> str:
    """What the ceremony waits for: a step, "ready" while the vote runs, or "opened"."""
    for name, field in (("channel", "channel"), ("deal", "dealt"), ("confirm", "holding")):
        if any(getattr(one, field) is None for one in rows):
            return name
    if ceremony.opened_at is not None:
        return "opened"
    return "open" if ceremony.sums is not None else "ready"


@transaction.atomic
def hand_in(trustee: Trustee, *, answer: Mapping[str, Any], now: datetime) -> Trustee:
    """What a trustee's device made for the step that the ceremony is at. The link stands for him."""
    vote = locked(trustee.ceremony.vote, states=("noticed",), doing="办理托管")
    ceremony = Ceremony.objects.select_for_update().get(vote=vote)
    rows = list(ceremony.trustees.select_for_update())
    own = next((one for one in rows if one.pk == trustee.pk), None)
    if own is None:
        raise Refused("ceremony_over", "托管已经重新开始，这个链接不用了。请向召集人要新的链接。")
    if ceremony.state == "failed":
        raise Refused("ceremony_failed", f"{ceremony.failure}。这次作废，请召集人重新指定托管人。")
    step = step_of(ceremony, rows)
    field = {"channel": "channel", "deal": "dealt", "confirm": "holding"}.get(step)
    if field is None:
        raise Refused("ceremony_ready", "密钥已经备好，现在不用办什么。截止以后请来开票。")
    if getattr(own, field) is not None:
        raise Refused("step_done", f"“{STEPS[step]}”您已经办过，请等其他托管人办完。")
    election = election_of(ceremony)
    try:
        told = HANDLERS[step](ceremony, rows, own, election, answer)
    except BadTrustee as error:
        raise Refused(
            "trustee_proof",
            f"{own.number}号托管人交来的内容证明不成立，没有收。请在本机重新生成后再交；"
            "反复不成立的，换一台设备，仍不成立的应换人。",
            fields={"answer": "证明不成立"},
        ) from error
    own.acted_at = now
    own.save()
    actor = Actor.public(f"{own.number}号托管人", demo=vote.demo)
    tell(vote, kind="vote.trustee_acted", actor=actor, now=now, data={"number": own.number, "step": told})
    return own


def _channel(
    ceremony: Ceremony, rows: Sequence[Trustee], own: Trustee, election: str, answer: Mapping[str, Any]
) -> str:
    found = parts.channel_of(_of_step(answer, "channel", own), election)
    if any(one.channel is not None and one.channel["point"] == found.point.hex() for one in rows):
        raise BadTrustee("a channel of another")
    own.channel = found.as_json()
    return "channel"


def _of_step(answer: Mapping[str, Any], name: str, own: Trustee) -> Any:
    """Raises `BadTrustee` for what belongs to another step or another trustee."""
    value = answer.get(name) if isinstance(answer, Mapping) else None
    if not isinstance(value, Mapping) or value.get("number") != own.number:
        raise BadTrustee("of another step or trustee")
    return value


def _deal(ceremony: Ceremony, rows: Sequence[Trustee], own: Trustee, election: str, answer: Mapping[str, Any]) -> str:
    value = _of_step(answer, "deal", own)
    published = trustees.published_of(value.get("published") or {})
    if published.number != own.number or len(published.commitments) != ceremony.needed:
        raise BadTrustee("of another trustee, or with another number of commitments")
    trustees.refuse_unknowing(election, published)
    boxes = value.get("boxes")
    if not isinstance(boxes, Mapping) or set(boxes) != {str(one.number) for one in rows}:
        raise BadTrustee("a box for each trustee")
    own.dealt = {
        "published": published.as_json(),
        "boxes": {number: parts.box_of(one).as_json() for number, one in sorted(boxes.items())},
    }
    return "deal"


def _confirm(
    ceremony: Ceremony, rows: Sequence[Trustee], own: Trustee, election: str, answer: Mapping[str, Any]
) -> str:
    published = [published_of(one) for one in rows]
    if "complaint" in answer:
        return _complained(ceremony, rows, own, election, answer)
    value = _of_step(answer, "confirm", own)
    parts.refuse_not_holding(value, election, number=own.number, published=published)
    own.holding = {"number": own.number, "proof": value["proof"]}
    if all(one.holding is not None or one.pk == own.pk for one in rows):
        trustees.election_key(election, published)
        ceremony.state = "ready"
        ceremony.save(update_fields=["state"])
    return "confirm"


def _complained(
    ceremony: Ceremony, rows: Sequence[Trustee], own: Trustee, election: str, answer: Mapping[str, Any]
) -> str:
    """Anybody can see from the complaint who cheated: the giver of a bad share, or who complained without reason."""
    value = _of_step(answer, "complaint", own)
    guilty = parts.guilty(
        value,
        election,
        channels=[parts.channel_of(one.channel or {}, election) for one in rows],
        published=[published_of(one) for one in rows],
        boxes={
            one.number: {int(number): parts.box_of(box) for number, box in (one.dealt or {})["boxes"].items()}
            for one in rows
        },
    )
    if guilty == own.number:
        raise Refused(
            "complaint_unfounded",
            "核对过了：您收到的份额和承诺相符，举报不成立。请在本机重新核对一遍；用的代码不是原来那个的，也会这样。",
            fields={"answer": "举报不成立"},
        )
    own.complaint = dict(value)
    wrong = next(one for one in rows if one.number == guilty)
    ceremony.state = "failed"
    ceremony.failure = f"{wrong.number}号托管人{wrong.name}发出的份额与他公布的承诺不符"
    ceremony.save(update_fields=["state", "failure"])
    return "complaint"


HANDLERS = {"channel": _channel, "deal": _deal, "confirm": _confirm}


def published_of(row: Trustee) -> Published:
    return trustees.published_of(row.published or {})


def secret_for(vote: Vote, rules: Rules, *, now: datetime) -> Rules:
    """At the opening: the key goes into the log and into the rules. Refuses until every trustee has confirmed it.

    The weights are worked out once more: a roll or rules changed since the ceremony would not be those that the key is
    bound to.
    """
    weights.refuse_rules(rules)
    ceremony = Ceremony.objects.select_for_update().filter(vote=vote).first()
    if ceremony is None or ceremony.state != "ready":
        raise Refused("no_key", "托管人还没有都办完，选举的密钥没有备好，不能开始。请先在“托管人”一页看缺哪一步。")
    motion = rules.motions[0]
    now_held = weights.voters_now(vote, rules)
    if entries.voters_file(now_held.weights).decode() != ceremony.voters:
        raise Refused(
            "weights_changed",
            "指定托管人以后，名册、推定或议事规则又改过，密钥绑定的计权名册已经不符。请重新指定托管人，再开始。",
        )
    rows = list(ceremony.trustees.all())
    published = [published_of(one) for one in rows]
    key = trustees.election_key(election_of(ceremony), published)
    entry = entries.key_entry(
        motion=MOTION,
        file=FILE,
        voters=ceremony.voters.encode(),
        published=published,
        options=[one.candidate for one in motion.election.candidates] if motion.election else [],
        least=0,
        most=most_of(motion),
        guard=ceremony.guard,
    )
    proof.append(log_of(vote), entry, now=now)
    sealed = Secret(
        key=key.hex(),
        voters=digest(ceremony.voters),
        trustees=ceremony.count,
        needed=ceremony.needed,
        guard=ceremony.guard,
    )
    return rules.model_copy(update={"motions": (motion.model_copy(update={"secret": sealed}),)})


def refuse_opened(vote: Vote) -> None:
    """Once anybody has seen the totals, the election has a result, whether it pleases or not."""
    if Ceremony.objects.filter(vote=vote).exclude(opened_at=None).exists():
        raise Refused("opened", "合计已经开出，不能终止。请公示结果；有异议的按异议办。")


def most_of(motion: Motion) -> int:
    election = motion.election
    if election is None:
        raise Refused("secret_election_only", "只有选举可以无记名。")
    return min(election.most_choices or election.seats, len(election.candidates))
