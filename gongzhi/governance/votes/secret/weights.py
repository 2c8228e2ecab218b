"""Who votes in a secret election with which weight, and whether they are enough for a secret."""

from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings

from gongzhi.core import services as core
from gongzhi.core.errors import Refused
from gongzhi.governance.tally.events import Events
from gongzhi.governance.tally.parts import fraction
from gongzhi.governance.tally.rules import Motion, Rules
from gongzhi.governance.tally.sealed import Voters, voters_of
from gongzhi.governance.votes.models import Vote, VoteRecord
from gongzhi.governance.votes.services.rolls import roll_of, roll_today
from gongzhi.governance.votes.services.rules import poll_of, rules_for
from gongzhi.proof.exporting import plain_json
from gongzhi.proof.secret.totals import least_voters


@dataclass(frozen=True)
class Guard:
    """`safe`: what the areas ask for; `asked`: of the documents and the areas the greater; `least`: what holds here.

    `least` is less only where the installation's switch for demonstrations has lowered it.
    """

    safe: int
    asked: int
    least: int


def secret_rules(vote: Vote, on: date) -> tuple[Rules, Motion]:
    """Refuses what cannot go together with a secret: see `refuse_rules`."""
    rules = rules_for(vote, on=on)
    refuse_rules(rules)
    return rules, rules.motions[0]


def refuse_rules(rules: Rules) -> None:
    """The documents must allow it, and nobody may be deemed to have voted: a deemed vote would have to be readable."""
    rule = rules.settings.secrecy
    if rule.value != "secret_elections":
        raise Refused(
            "secret_not_allowed",
            "现行文件和本小区议事规则没有允许无记名选举，请按记名办；要无记名的，先由业主大会修改议事规则并登记。",
            clause=rule.clauses,
            fields={"secret": "议事规则没有允许"},
        )
    silence = rules.motions[0].silence or rules.settings.silence
    if silence.value != "not_participating":
        raise Refused(
            "secret_and_silence",
            "议事规则对不投票的作推定，推定要知道各户的意见，和无记名不能并用。请按记名办。",
            clause=silence.clauses,
            fields={"secret": "与推定规则不能并用"},
        )
    if rules.settings.official_platform.value == "required":
        raise Refused(
            "official_platform",
            "本地须用政府指定的平台投票，这里不办无记名选举。",
            clause=rules.settings.official_platform.clauses,
        )
    if not rule.needed <= rule.trustees:
        raise Refused("trustees", "议事规则登记的开票人数多于托管人数，请先更正议事规则。", clause=rule.clauses)


def voters_now(vote: Vote, rules: Rules) -> Voters:
    """From the frozen roll with what has been corrected and named since."""
    return voters_of(roll_of(vote), rules, _changes_of_roll(vote), motion=rules.motions[0])


@dataclass(frozen=True)
class Outlook:
    """Whether a draft may go on in secret: by the frozen roll, before that by the registry as it stands."""

    enough: bool
    says: str
    clauses: tuple[str, ...]


def outlook(vote: Vote, now: datetime) -> Outlook:
    frozen = vote.roll_frozen_at is not None
    by = "按锁定的名册" if frozen else "按今天登记的房屋和业主估计"
    more = "" if frozen else "以锁定的名册为准。"
    try:
        rules, _ = secret_rules(vote, core.local_day(now))
        voters = voters_now(vote, rules) if frozen else _voters_today(vote, rules, now)
        guard = refuse_few(voters, rules)
    except Refused as refused:
        return Outlook(False, f"{by}：{refused.message}{more}", tuple(refused.clauses))
    left = len(voters.without)
    named = f"另有{left}套共有的还没有推定由谁投票，不在其中。" if left else ""
    says = f"{by}：范围内约有{len(voters.weights)}名表决人" if not frozen else f"{by}：{len(voters.weights)}名表决人"
    clauses = tuple(rules.settings.secrecy.clauses)
    return Outlook(True, f"{says}，不少于{guard.least}名，可以无记名。{named}{more}", clauses)


def _voters_today(vote: Vote, rules: Rules, now: datetime) -> Voters:
    roll = roll_today(vote, now)
    if not roll.units:
        raise Refused("roll_empty", "这个小区还没有登记房屋。")
    return voters_of(roll, rules, _changes_of_roll(vote), motion=rules.motions[0])


def _changes_of_roll(vote: Vote) -> Events:
    rows = VoteRecord.objects.filter(vote=vote, kind__in=("NOMINATE", "CORRECT", "TRANSFER")).order_by("pk")
    events = [{"type": one.kind, "at": one.at.isoformat(), **one.data} for one in rows]
    return Events.model_validate_json(
        plain_json({"format": "gongzhi-events/1", "poll": poll_of(vote), "events": events})
    )


def guard_of(rules: Rules, area: int) -> Guard:
    safe = least_voters(area)
    asked = max(safe, rules.settings.secrecy.least or 1)
    lowered = int(getattr(settings, "VOTE_SECRET_LEAST", 0))
    return Guard(safe, asked, min(asked, lowered) if lowered else asked)


def fewest_for_quorum(voters: Voters, motion: Motion) -> int:
    """With how few ballots the quorum could be reached: the heaviest first, by area and by heads."""
    if motion.quorum is None:
        return 0
    found = []
    wholes = {"area": voters.electorate.area, "heads": voters.electorate.head_count}
    for place, (measure, whole) in enumerate(wholes.items()):
        above, below = fraction(getattr(motion.quorum, measure))
        left = -(-whole * above // below) if motion.quorum.bound == "at_least" else whole * above // below + 1
        weights = sorted((one[place] for one in voters.weights.values()), reverse=True)
        taken = 0
        while left > 0 and taken < len(weights):
            left -= weights[taken]
            taken += 1
        found.append(taken)
    return max(found) if motion.quorum.join == "both" else min(found)


def refuse_few(voters: Voters, rules: Rules) -> Guard:
    """Too few people to hide among. Even the fewest ballots that make a quorum must be enough to open the totals."""
    motion, rule = rules.motions[0], rules.settings.secrecy
    guard, fewest = guard_of(rules, voters.area), fewest_for_quorum(voters, motion)
    number = len(voters.weights)
    if number < guard.least:
        raise Refused(
            "too_few_for_secret",
            f"范围内有{number}名表决人，少于{guard.least}名：按人数和面积公布的合计能反推出个别人选了谁，不能无记名。"
            f"请按记名办，或者等人数够了再办。（{_why(guard)}）",
            clause=rule.clauses,
            fields={"secret": f"至少{guard.least}名表决人"},
        )
    if motion.quorum is not None and fewest < guard.least:
        raise Refused(
            "too_few_at_quorum",
            f"范围内有{number}名表决人，面积大的{fewest}名到齐就够参与比例，少于开票所需的{guard.least}张："
            f"到时票数合法却不能开，不能无记名。请按记名办。（{_why(guard)}）",
            clause=rule.clauses,
            fields={"secret": f"够参与比例的票至少要有{guard.least}张"},
        )
    return guard


def refuse_few_units(rules: Rules, *, units: int, area: int) -> None:
    """At the drafting, before there is a roll: there are never more people who vote than units."""
    guard = guard_of(rules, area)
    if units < guard.least:
        raise Refused(
            "too_few_for_secret",
            f"范围内只有{units}套房屋，少于{guard.least}名表决人：合计能反推出个别人选了谁，不能无记名。请按记名办。"
            f"（{_why(guard)}）",
            clause=rules.settings.secrecy.clauses,
            fields={"secret": f"至少{guard.least}名表决人"},
        )


def _why(guard: Guard) -> str:
    if guard.least < guard.asked:
        return f"演示开关把人数线从{guard.asked}调到了{guard.least}"
    if guard.asked > guard.safe:
        return f"人数线由文件规定；按面积推算是{guard.safe}"
    return "人数线按总面积（0.01平方米）的二进制位数加20推算"
