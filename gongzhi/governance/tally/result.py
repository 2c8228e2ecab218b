"""The result 计票结果: every figure of the decision, both measures side by side, each step with its clauses."""

from typing import Annotated, Literal

from pydantic import Field

from gongzhi.governance.tally.parts import Part

RESULT_FORMAT = "gongzhi-result/1"
OUTCOMES = {
    "passed": "通过",
    "rejected": "不通过",
    "no_quorum": "参与不足，表决无效",
    "no_voters": "范围内没有可表决的业主",
    "elected": "选举成立",
    "partly_elected": "部分当选",
    "not_elected": "未能选出",
    "tied": "得票相同，待抽签",
    "sealed": "已截止，待托管人开票",
}
STANDINGS = {
    "elected": "当选",
    "alternate": "候补",
    "tied": "得票相同，待抽签",
    "tied_alternate": "候补得票相同，待抽签",
    "not_elected": "未当选",
}
POSITIONS = {"agree": "同意", "oppose": "反对", "abstain": "弃权", "invalid": "废票（算参与）"}


class Count(Part):
    """Heads, and area in whole units of 0.01 m²."""

    heads: int
    area: int


class Told(Part):
    """One line of reasons with its clauses."""

    says: str
    clauses: tuple[str, ...] = ()


class Test(Part):
    """part × below against whole × above, where the ratio is above/below: no division."""

    name: Literal["quorum", "approval", "objection"]
    measure: Literal["heads", "area"]
    part: int
    whole: int
    ratio: str
    bound: Literal["at_least", "above", "at_most"]
    left: Annotated[int, Field(description="part × 比例的分母")]
    right: Annotated[int, Field(description="whole × 比例的分子")]
    holds: bool
    least: Annotated[int, Field(description="达到所需的最小数；at_most 为最大数")]
    clauses: tuple[str, ...] = ()


class Votes(Part):
    agree: Count
    oppose: Count
    abstain: Count
    invalid: Annotated[Count, Field(description="按规则算参与的废票")]


class Tallied(Part):
    """One thing that is agreed to or not: a motion, or a candidate."""

    base: Annotated[Count, Field(description="范围内全体")]
    participating: Count
    votes: Votes
    returned: Annotated[Votes, Field(description="只算交回的票，不含推定和从多数")]
    deemed: Annotated[Count, Field(description="推定计入的")]
    followed: Annotated[Count, Field(description="选“从多数”而计入的")]
    silent: Annotated[Count, Field(description="未参与的（含未送达、废票不算参与的）；人数按一人各套都未参与计")]
    majority: Annotated[Literal["agree", "oppose", "abstain"] | None, Field(description="从多数所从")] = None


class OfCandidate(Part):
    candidate: str
    name: str
    tallied: Tallied
    tests: tuple[Test, ...]
    has_majority: bool
    rank: Annotated[int | None, Field(description="按得票的名次；得票完全相同的同名次")] = None
    standing: Literal["elected", "alternate", "tied", "tied_alternate", "not_elected"]


class OfMotion(Part):
    motion: str
    title: str
    matter: str
    outcome: Literal[
        "passed", "rejected", "no_quorum", "no_voters", "elected", "partly_elected", "not_elected", "tied", "sealed"
    ]
    tallied: Tallied
    tests: tuple[Test, ...]
    candidates: tuple[OfCandidate, ...] = ()
    by_objection: Annotated[bool | None, Field(description="按异议表决是否通过；只作提示，不决定结果")] = None
    objection_tests: tuple[Test, ...] = ()
    steps: tuple[Told, ...] = ()


class Ignored(Part):
    """A ballot that was not counted, for all its units or some, for all motions or some, and why."""

    ballot: str
    units: tuple[str, ...]
    motions: tuple[str, ...] = ()
    reason: str
    says: str
    clauses: tuple[str, ...] = ()


class Check(Part):
    name: str
    ok: bool
    says: str
    clauses: tuple[str, ...] = ()


class Reading(Part):
    """The outcome had one rule been read otherwise."""

    setting: str
    value: str
    says: str
    instead_of: str
    outcomes: dict[str, str]
    procedure_ok: Annotated[bool, Field(description="公告的天数够不够")]
    flips: Annotated[tuple[str, ...], Field(description="结果因此不同的事项；procedure 指公告天数")]


class UnitVote(Part):
    """`position`: agree, oppose, abstain, invalid, or none. `ballot`: empty where it was deemed."""

    motion: str
    position: Literal["agree", "oppose", "abstain", "invalid", "none"]
    ballot: str | None = None
    deemed: bool = False
    candidate: str | None = None


class OfUnit(Part):
    unit: str
    head: str
    area: int
    counts_heads: bool
    served: bool
    votes: tuple[UnitVote, ...]


class Digests(Part):
    """SHA-256 of the RFC 8785 form of each input."""

    roll: str
    rules: str
    events: str


class RollTotals(Part):
    units: int
    heads: int
    area: int
    excluded: Annotated[int, Field(description="按规则不计的房屋数")]
    served: int
    unserved: int
    head_groups: Annotated[int, Field(description="合并算一人的组数（两套以上）")]


class Result(Part):
    format: Literal["gongzhi-result/1"] = "gongzhi-result/1"
    poll: str
    digests: Digests
    binding: Annotated[bool, Field(description="依规则本平台的结果是否即为表决结果")]
    roll: RollTotals
    procedure: tuple[Check, ...]
    motions: tuple[OfMotion, ...]
    ignored: tuple[Ignored, ...]
    warnings: tuple[Told, ...]
    sensitivity: tuple[Reading, ...]
    units: Annotated[tuple[OfUnit, ...] | None, Field(description="逐户明细；--detail 时给出")] = None
