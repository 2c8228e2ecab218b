"""The events 表决记录, in the order of the log. Of two at one moment the earlier in the list came first."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from gongzhi.governance.tally.parts import Answer, Channel, Id, Moment, Part, Text
from gongzhi.governance.tally.roll import RollUnit

EVENTS_FORMAT = "gongzhi-events/1"

# Of an ordinary motion one answer; of an election the candidates agreed to, or an answer for each.
Mark = Answer | tuple[Id, ...] | dict[Id, Answer]


class Noticed(Part):
    """公告. `silence_told`: it said what becomes of a ballot that is not returned."""

    type: Literal["NOTICE"]
    at: Moment
    published_on: Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$", description="张贴公告的日期")]
    silence_told: bool = False


class Milestone(Part):
    """Marks of the log that the count does not need: the window of the rules decides."""

    type: Literal["OPEN", "CLOSE", "SEAL", "RESULT", "OBJECTION"]
    at: Moment
    says: Text = ""


class Served(Part):
    """送达 of the ballot to units, with evidence."""

    type: Literal["SERVE"]
    at: Moment
    units: Annotated[tuple[Id, ...], Field(min_length=1)]
    kind: Annotated[Text, Field(description="当面签收、挂号信、短信回执等，由规则的 service.kinds 定哪些算送达")] = ""
    result: Literal["served", "refused", "undeliverable"] = "served"
    evidence: tuple[Text, ...] = ()
    by: Text = ""


class Nominated(Part):
    """共有人推定一人行使表决权."""

    type: Literal["NOMINATE"]
    at: Moment
    unit: Id
    nominee: Id


class Transferred(Part):
    """The unit changed hands while the vote ran."""

    type: Literal["TRANSFER"]
    at: Moment
    unit: Id
    owners: Annotated[tuple[Id, ...], Field(min_length=1)]
    nominee: Id | None = None


class Corrected(Part):
    """A correction of the roll: the row as it should have been; without `row` the unit is struck off."""

    type: Literal["CORRECT"]
    at: Moment
    unit: Id
    row: RollUnit | None = None
    reason: Annotated[Text, Field(min_length=1)]
    by: Text = ""

    @model_validator(mode="after")
    def _the_row_is_of_the_unit(self) -> Self:
        if self.row is not None and self.row.unit != self.unit:
            raise ValueError(f"更正的是房屋 {self.unit}，所附的行却是 {self.row.unit}")
        return self


class Ballot(Part):
    """CAST on a phone, at a desk, on the official platform; PAPER handed in at `at`, whenever it was typed in.

    `voter` is who filled it in: an owner, or with `proxy` the agent. `faults` of a paper ballot (signature_mismatch,
    double_mark, …) make it invalid until it is adjudicated. `sealed`: what it says stands encrypted in the log.
    """

    type: Literal["CAST", "PAPER"]
    id: Id
    at: Moment
    voter: Id
    units: Annotated[tuple[Id, ...], Field(min_length=1)]
    choices: dict[Id, Mark]
    sealed: Annotated[bool, Field(description="无记名的票，意见不在这里")] = False
    channel: Channel = "phone"
    proxy: Annotated[Id | None, Field(description="委托书编号")] = None
    faults: tuple[Text, ...] = ()
    entered_by: Annotated[tuple[Text, ...], Field(description="纸质票由谁录入、谁复核")] = ()
    image: Annotated[Text | None, Field(description="选票影像的摘要")] = None

    @model_validator(mode="after")
    def _its_channel_is_its_own(self) -> Self:
        if (self.type == "PAPER") != (self.channel == "paper"):
            raise ValueError('纸质票写 "type": "PAPER", "channel": "paper"，其他票写 CAST 和别的渠道')
        if len(set(self.units)) != len(self.units):
            raise ValueError("一张票上房屋重复")
        if self.sealed and self.choices:
            raise ValueError("无记名的票 choices 写空，意见不在这里")
        return self


class Instrument(Part):
    """授权委托书: who, for which units, on which motions, from when to when, with which instruction."""

    type: Literal["PROXY"]
    id: Id
    at: Moment
    principal: Id
    agent: Id
    units: Annotated[tuple[Id, ...], Field(min_length=1)]
    valid_from: Moment
    valid_until: Moment
    agent_kind: Annotated[Text, Field(description="代理人身份，如 relative、owner、property_staff")] = ""
    motions: Annotated[tuple[Id, ...] | None, Field(description="委托哪些事项；不写即全部")] = None
    instructions: dict[Id, Mark] = {}
    signed: bool = True
    image: Text | None = None


class Revoked(Part):
    type: Literal["REVOKE"]
    at: Moment
    proxy: Id


class Adjudicated(Part):
    """A ballot found valid or invalid by scrutineers; `choices` where they settle what a mark means."""

    type: Literal["ADJUDICATE"]
    at: Moment
    ballot: Id
    decision: Literal["valid", "invalid"]
    by: Annotated[tuple[Id, ...], Field(min_length=1)]
    reason: Annotated[Text, Field(min_length=1)]
    choices: dict[Id, Mark] | None = None


class Drawn(Part):
    """抽签: the order of candidates with equal votes."""

    type: Literal["LOT"]
    at: Moment
    motion: Id
    order: Annotated[tuple[Id, ...], Field(min_length=2)]
    by: tuple[Id, ...] = ()


class Opened(Part):
    """开票: of a secret election what each candidate was given, as the trustees opened it."""

    type: Literal["TOTALS"]
    at: Moment
    motion: Id
    counted: Annotated[int, Field(ge=0, description="合计了几名表决人的票")]
    area: dict[Id, Annotated[int, Field(ge=0)]]
    heads: dict[Id, Annotated[int, Field(ge=0)]]


Happening = Annotated[
    Noticed
    | Milestone
    | Served
    | Nominated
    | Transferred
    | Corrected
    | Ballot
    | Instrument
    | Revoked
    | Adjudicated
    | Drawn
    | Opened,
    Field(discriminator="type"),
]


class Events(Part):
    format: Literal["gongzhi-events/1"]
    poll: Id
    events: tuple[Happening, ...] = ()

    @model_validator(mode="after")
    def _numbers_are_their_own(self) -> Self:
        for kind, label in ((Ballot, "选票"), (Instrument, "委托书")):
            seen: set[str] = set()
            for one in self.events:
                if isinstance(one, Ballot | Instrument) and isinstance(one, kind):
                    if one.id in seen:
                        raise ValueError(f"{label}编号 {one.id} 重复")
                    seen.add(one.id)
        return self
