"""The rules 表决规则, frozen when the vote opens: each value with where it comes from and its clauses."""

from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from gongzhi.governance.tally.parts import Channel, Id, Moment, Part, Ratio, Text

RULES_FORMAT = "gongzhi-rules/1"

# What people read for each value of each setting.
VALUES: dict[str, dict[str, str]] = {
    "silence": {
        "not_participating": "未投票的不算参与",
        "deem_abstain": "已送达未投票的视为弃权",
        "follow_majority": "已送达未投票的计入已表决的多数票",
        "deem_agree": "已送达未投票的视为同意",
    },
    "follow_choice": {"invalid": "选票没有“从多数”一项", "allowed": "选票可选“从多数”"},
    "invalid": {
        "not_participating": "废票不算参与",
        "participating": "废票算参与，不算同意也不算反对",
        "as_silent": "废票按未投票对待",
    },
    "blank": {
        "abstain": "选票上没有填的事项按弃权",
        "invalid": "选票上没有填的事项按废票",
        "not_participating": "选票上没有填的事项按未投票",
    },
    "merge": {
        "same_owner_set": "业主完全相同的多套算一人",
        "any_common_owner": "有共同业主的多套算一人",
        "none": "一套算一人，同一业主的多套不合并",
    },
    "developer_stock": {
        "one_person": "建设单位未出售和已售未交付的部分合算一人",
        "per_unit": "建设单位的房屋一套算一人",
    },
    "split_head": {
        "abstain": "一人名下各套意见不同的，人数计弃权",
        "latest": "一人名下各套意见不同的，人数按最后一票",
        "largest_area": "一人名下各套意见不同的，人数按面积最大的意见",
    },
    "co_owners": {
        "nominee": "共有人推定一人表决",
        "any_unless_conflict": "任一共有人可表决，意见不一的作废票",
        "any_latest": "任一共有人可表决，按改票规则取一票",
    },
    "parking": {"excluded": "车位不计", "area_only": "车位计面积不计人数", "counted": "车位计面积也计人数"},
    "storage": {"excluded": "储藏间不计", "area_only": "储藏间计面积不计人数", "counted": "储藏间计面积也计人数"},
    "revote": {
        "last_valid": "以最后一张有效票为准",
        "first_only": "以第一张有效票为准",
        "n_changes": "在限定次数内可以改票",
    },
    "precedence": {"by_time": "各渠道的票只按时间", "by_channel": "按渠道定先后"},
    "sale": {
        "first_vote_stands": "出让人已投的票有效，受让人只在尚未投票时可投",
        "buyer_replaces": "受让人投票的，以受让人的为准",
        "roll_owner": "只有名册上的业主可以投票",
    },
    "ballot_covers": {"named_units": "选票只及于票上写明的房屋", "all_of_owner": "一张选票及于该业主的全部房屋"},
    "proxy": {"allowed": "可以委托代理人", "not_allowed": "不接受委托"},
    "notice": {
        "full_days": "公告之日不计，满期限的次日起方可表决",
        "exclude_first": "公告之日不计，期限最后一日即可表决",
        "include_first": "公告之日计入期限",
    },
    "service": {"delivered": "送到才算送达", "delivered_or_refused": "拒收并有见证的也算送达"},
    "secrecy": {"named": "记名表决", "secret_elections": "选举可以无记名"},
    "official_platform": {"not_required": "不须，在本平台表决即可", "required": "须使用政府指定的平台"},
}
ORIGINS = {"law": "法律", "pack": "本地规定", "estate": "议事规则", "default": "平台默认"}


class Setting(Part):
    """One rule. `contested`: other readings of it for the sensitivity report; left out, the usual ones."""

    clauses: tuple[Text, ...] = ()
    origin: Literal["law", "pack", "estate", "default"] = "default"
    says: Text = ""
    contested: tuple[str, ...] | None = None


class Silence(Setting):
    value: Literal["not_participating", "deem_abstain", "follow_majority", "deem_agree"] = "not_participating"
    floor: Annotated[
        Ratio | None, Field(description="计入多数票的前提：已投的多数票须超过全体的这一比例（面积和人数）")
    ] = None


class FollowChoice(Setting):
    value: Literal["invalid", "allowed"] = "invalid"


class Invalid(Setting):
    value: Literal["not_participating", "participating", "as_silent"] = "not_participating"


class Blank(Setting):
    value: Literal["abstain", "invalid", "not_participating"] = "abstain"


class Merge(Setting):
    value: Literal["same_owner_set", "any_common_owner", "none"] = "same_owner_set"


class DeveloperStock(Setting):
    value: Literal["one_person", "per_unit"] = "one_person"


class SplitHead(Setting):
    value: Literal["abstain", "latest", "largest_area"] = "abstain"


class CoOwners(Setting):
    value: Literal["nominee", "any_unless_conflict", "any_latest"] = "nominee"


class Accessory(Setting):
    """Parking spaces and storage rooms."""

    value: Literal["excluded", "area_only", "counted"] = "excluded"


class Revote(Setting):
    value: Literal["last_valid", "first_only", "n_changes"] = "last_valid"
    changes: Annotated[int, Field(ge=0, le=100, description="n_changes：第一次投票后还可改几次")] = 1


class Precedence(Setting):
    value: Literal["by_time", "by_channel"] = "by_time"
    order: Annotated[tuple[Channel, ...], Field(description="by_channel：在前的渠道优先，不论先后")] = ()

    @model_validator(mode="after")
    def _has_an_order(self) -> Self:
        if self.value == "by_channel" and not self.order:
            raise ValueError("按渠道定先后的，要在 order 中写明渠道的次序")
        if len(set(self.order)) != len(self.order):
            raise ValueError("order 中渠道重复")
        return self


class Sale(Setting):
    value: Literal["first_vote_stands", "buyer_replaces", "roll_owner"] = "first_vote_stands"


class BallotCovers(Setting):
    value: Literal["named_units", "all_of_owner"] = "named_units"


class Proxy(Setting):
    value: Literal["allowed", "not_allowed"] = "allowed"
    cap: Annotated[int | None, Field(ge=1, description="一名代理人最多代理几名业主")] = None
    barred: Annotated[tuple[Text, ...], Field(description="不得代理的身份，如 property_staff")] = ()
    agent: Literal["anyone", "owner"] = "anyone"
    instruction: Literal["must_follow", "free"] = "must_follow"


class Notice(Setting):
    value: Literal["full_days", "exclude_first", "include_first"] = "full_days"
    days: Annotated[int, Field(ge=0, le=366)] = 15


class Service(Setting):
    """Which kinds of service count (empty: all), and whether one who refused the ballot was served."""

    value: Literal["delivered", "delivered_or_refused"] = "delivered"
    kinds: tuple[Text, ...] = ()


class Adjudication(Setting):
    people: Annotated[int, Field(ge=1, le=9, description="认定一张票须几人共同签署")] = 2


class Secrecy(Setting):
    """Whether elections may be secret, with how many trustees; the smallest electorate that the documents allow."""

    value: Literal["named", "secret_elections"] = "named"
    trustees: Annotated[int, Field(ge=2, le=9, description="托管人几名")] = 3
    needed: Annotated[int, Field(ge=2, le=9, description="其中几名到场方能开票")] = 2
    least: Annotated[int | None, Field(ge=1, description="少于几名表决人的不得无记名；不写即只按面积推算")] = None


class OfficialPlatform(Setting):
    value: Literal["not_required", "required"] = "not_required"
    name: Text = ""


class Settings(Part):
    silence: Silence = Silence()
    follow_choice: FollowChoice = FollowChoice()
    invalid: Invalid = Invalid()
    blank: Blank = Blank()
    merge: Merge = Merge()
    developer_stock: DeveloperStock = DeveloperStock()
    split_head: SplitHead = SplitHead()
    co_owners: CoOwners = CoOwners()
    parking: Accessory = Accessory()
    storage: Accessory = Accessory()
    revote: Revote = Revote()
    precedence: Precedence = Precedence()
    sale: Sale = Sale()
    ballot_covers: BallotCovers = BallotCovers()
    proxy: Proxy = Proxy()
    notice: Notice = Notice()
    service: Service = Service()
    adjudication: Adjudication = Adjudication()
    secrecy: Secrecy = Secrecy()
    official_platform: OfficialPlatform = OfficialPlatform()

    @model_validator(mode="after")
    def _readings_are_known(self) -> Self:
        for name in type(self).model_fields:
            setting: Any = getattr(self, name)
            for reading in setting.contested or ():
                if reading not in VALUES.get(name, {}):
                    raise ValueError(f"{name}.contested 中没有“{reading}”这种读法")
        return self


class Threshold(Part):
    """`base`: the denominator; whole_roll and interested_owners are everybody in the motion's scope."""

    area: Ratio
    heads: Ratio
    bound: Literal["at_least", "above"]
    base: Literal["whole_roll", "participants", "interested_owners"]
    join: Literal["both", "either"] = "both"
    clauses: tuple[Text, ...] = ()
    says: Text = ""


class Objection(Part):
    """异议表决: how many dissenters at most. Predates the Civil Code; shown as a warning, decides nothing."""

    area: Ratio
    heads: Ratio
    clauses: tuple[Text, ...] = ()


class Scope(Part):
    """Who decides: the estate, or the units of some buildings, entrances, both of these (`parts`), or named units."""

    level: Literal["estate", "building", "entrance", "parts", "units"] = "estate"
    of: tuple[Id, ...] = ()
    clauses: tuple[Text, ...] = ()

    @model_validator(mode="after")
    def _names_its_parts(self) -> Self:
        if (self.level == "estate") == bool(self.of):
            raise ValueError("表决范围是全小区的不写 of，其他范围须写明是哪些")
        return self


class Candidate(Part):
    candidate: Id
    name: Text = ""


class Election(Part):
    """Candidates, or companies to choose from. Who wins must have the majority of the motion each for himself."""

    candidates: Annotated[tuple[Candidate, ...], Field(min_length=1)]
    seats: Annotated[int, Field(ge=1)]
    alternates: Annotated[int, Field(ge=0, description="候补人数")] = 0
    alternates_need_majority: Annotated[bool, Field(description="候补也须达到通过比例")] = True
    most_choices: Annotated[int | None, Field(ge=1, description="一张票最多同意几人，多选为废票；不写即席位数")] = None
    rank_by: Literal["heads", "area"] = "heads"
    tie: Annotated[
        Literal["other_measure_then_lot", "lot"],
        Field(description="得票相同：先比另一口径再抽签，或直接抽签；没有 LOT 记录的列为待定"),
    ] = "other_measure_then_lot"
    least_elected: Annotated[int, Field(ge=1, description="至少选出几人方成立")] = 1
    least_share: Annotated[Ratio | None, Field(description="选出人数须超过席位的这一比例方成立")] = None
    clauses: tuple[Text, ...] = ()

    @model_validator(mode="after")
    def _candidates_differ(self) -> Self:
        names = [one.candidate for one in self.candidates]
        if len(set(names)) != len(names):
            raise ValueError("候选人重复")
        return self


class Secret(Part):
    """无记名: ballots come in sealed, and only their totals are opened. docs/secret-votes.md."""

    key: Annotated[Text, Field(pattern=r"^[0-9a-f]{64}$", description="选举公钥")]
    voters: Annotated[Text, Field(pattern=r"^[0-9a-f]{64}$", description="计权名册文件的 SHA-256")]
    trustees: Annotated[int, Field(ge=2, le=9)]
    needed: Annotated[int, Field(ge=2, le=9)]
    guard: Annotated[int, Field(ge=1, description="少于几张票不开合计")]


class Motion(Part):
    motion: Id
    title: Text
    matter: Text = ""
    approval: Threshold
    quorum: Threshold | None = None
    scope: Scope = Scope()
    election: Annotated[Election | None, Field(description="选举或多选一的事项；不写即同意、反对、弃权")] = None
    objection: Objection | None = None
    silence: Annotated[Silence | None, Field(description="这一事项另有规定时写，不写用 settings.silence")] = None
    secret: Annotated[Secret | None, Field(description="无记名的选举；不写即记名")] = None

    @model_validator(mode="after")
    def _only_an_election_is_secret(self) -> Self:
        if self.secret is not None and self.election is None:
            raise ValueError("只有选举可以无记名")
        return self

    @model_validator(mode="after")
    def _the_quorum_is_of_everybody(self) -> Self:
        if self.quorum is not None and self.quorum.base == "participants":
            raise ValueError("参与比例的分母不能是参与表决的业主")
        return self


class Window(Part):
    """[opens_at, closes_at): a ballot at the closing moment is late."""

    opens_at: Moment
    closes_at: Moment

    @model_validator(mode="after")
    def _opens_before_it_closes(self) -> Self:
        if self.opens_at >= self.closes_at:
            raise ValueError("开始时刻要早于截止时刻")
        return self


class Rules(Part):
    format: Literal["gongzhi-rules/1"]
    poll: Id
    window: Window
    motions: Annotated[tuple[Motion, ...], Field(min_length=1)]
    settings: Settings = Settings()
    pack: Text = ""
    pack_hash: Text = ""

    @model_validator(mode="after")
    def _each_motion_once(self) -> Self:
        names = [one.motion for one in self.motions]
        if len(set(names)) != len(names):
            raise ValueError("事项编号重复")
        return self
