"""The steps of a decision in words, each with the figures put in and the clauses behind it."""

from collections.abc import Sequence

from gongzhi.governance.tally.parts import square_metres
from gongzhi.governance.tally.result import OUTCOMES, STANDINGS, Count, OfCandidate, Tallied, Test, Told
from gongzhi.governance.tally.rules import VALUES, Motion, Settings, Silence

MEASURES = {"heads": "人数", "area": "面积"}
TESTS = {"quorum": "参与", "approval": "同意", "objection": "反对"}
BASES = {"whole_roll": "范围内全体业主", "participants": "参与表决的业主", "interested_owners": "有利害关系的业主"}
SCOPES = {"estate": "全小区", "building": "楼幢", "entrance": "单元", "parts": "楼幢和单元", "units": "所列房屋"}


def both(one: Count) -> str:
    return f"{one.heads}人、{square_metres(one.area)}平方米"


def amount(measure: str, value: int) -> str:
    return f"{value}人" if measure == "heads" else f"{square_metres(value)}平方米"


def test_says(one: Test) -> str:
    above, below = one.ratio.split("/")
    sign = {"at_least": "≥", "above": ">", "at_most": "≤"}[one.bound]
    bound = {"at_least": "达到", "above": "超过", "at_most": "不超过"}[one.bound]
    verdict = "是" if one.holds else "否"
    limit = "至多" if one.bound == "at_most" else "至少"
    return (
        f"{TESTS[one.name]}{MEASURES[one.measure]}是否{bound}{one.ratio}："
        f"{amount(one.measure, one.part)} × {below} {sign} {amount(one.measure, one.whole)} × {above}，"
        f"即 {one.left} {sign} {one.right}，{verdict}，{limit}须{amount(one.measure, one.least)}"
    )


def least(one: Test) -> str:
    """What had to be reached, in a line for a paper."""
    bound = {"at_least": "须达到", "above": "须超过", "at_most": "不得超过"}[one.bound]
    limit = "至多" if one.bound == "at_most" else "至少"
    name = f"{TESTS[one.name]}{MEASURES[one.measure]}"
    return f"{name}{bound}{one.ratio}，即{limit}{amount(one.measure, one.least)}"


def requirement(one: Test) -> str:
    """The same, and whether it was reached."""
    return f"{least(one)}：{'符合' if one.holds else '不符合'}"


def steps_of(
    motion: Motion,
    settings: Settings,
    tallied: Tallied,
    *,
    tests: Sequence[Test],
    outcome: str,
    notes: Sequence[str],
    candidates: Sequence[OfCandidate] = (),
) -> tuple[Told, ...]:
    silence = motion.silence or settings.silence
    found = [_scope_step(motion, tallied), *_rule_steps(settings, silence)]
    found += [Told(says=one, clauses=silence.clauses) for one in notes]
    if motion.election is None:
        found.append(_votes_step(tallied))
    else:
        found.append(Told(says=f"参与表决：{both(tallied.participating)}"))
    found += [Told(says=test_says(one), clauses=one.clauses) for one in tests]
    found += [_candidate_step(one) for one in candidates]
    base = motion.approval.base
    clauses = (*motion.approval.clauses, *(motion.quorum.clauses if motion.quorum else ()))
    found.append(
        Told(says=f"同意的分母是{BASES[base]}；结果：{OUTCOMES[outcome]}", clauses=tuple(dict.fromkeys(clauses)))
    )
    return tuple(found)


def _scope_step(motion: Motion, tallied: Tallied) -> Told:
    where = SCOPES[motion.scope.level] + (f"（{'、'.join(motion.scope.of)}）" if motion.scope.of else "")
    return Told(says=f"表决范围：{where}，共{both(tallied.base)}", clauses=motion.scope.clauses)


def _rule_steps(settings: Settings, silence: Silence) -> list[Told]:
    found = []
    for name in ("merge", "developer_stock", "parking", "invalid", "blank", "revote", "precedence", "sale"):
        setting = getattr(settings, name)
        found.append(Told(says=VALUES[name][setting.value], clauses=setting.clauses))
    return [*found, Told(says=VALUES["silence"][silence.value], clauses=silence.clauses)]


def _votes_step(tallied: Tallied) -> Told:
    votes = tallied.votes
    parts = [f"同意{both(votes.agree)}", f"反对{both(votes.oppose)}", f"弃权{both(votes.abstain)}"]
    if votes.invalid.heads or votes.invalid.area:
        parts.append(f"废票（算参与）{both(votes.invalid)}")
    if tallied.deemed.heads or tallied.deemed.area:
        parts.append(f"其中推定计入{both(tallied.deemed)}")
    if tallied.followed.heads or tallied.followed.area:
        parts.append(f"其中选“从多数”{both(tallied.followed)}")
    return Told(says=f"参与表决：{both(tallied.participating)}；{'；'.join(parts)}；未参与{both(tallied.silent)}")


def _candidate_step(one: OfCandidate) -> Told:
    reached = "达到" if one.has_majority else "未达到"
    clauses = tuple(dict.fromkeys(clause for test in one.tests for clause in test.clauses))
    won = both(one.tallied.votes.agree)
    says = f"{one.name or one.candidate}：同意{won}，{reached}通过比例，{STANDINGS[one.standing]}"
    return Told(says=says, clauses=clauses)
