"""A vote of the owners: motions, the frozen roll, the ballots, and what else its log holds."""

from datetime import datetime
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from gongzhi.core.models import Organisation, PersonalData, PlaceBound, StoredFile, User
from gongzhi.core.refs import Ref
from gongzhi.governance.questions import MATTERS_OF_OWNERS
from gongzhi.governance.tally.roll import AREA_SOURCES, STOCKS, UNIT_KINDS, RollUnit
from gongzhi.governance.votes.words import CONVENERS, OBJECTED, OBJECTION_RESULTS, RECORD_KINDS, STATES
from gongzhi.policy.periods import due_text
from gongzhi.proof.models import Entry, Log
from gongzhi.registry.models import Building, Estate, Unit
from gongzhi.registry.models.units import entrance_of


class Vote(PlaceBound):
    """One vote. `rules` are frozen when it opens; `result` is the tally's, stored when it is published.

    Ballots count in [opens_at, closes_at) by the database's clock, whatever the state says later.
    """

    estate = models.ForeignKey(Estate, models.PROTECT, related_name="votes", verbose_name="小区")
    title = models.CharField("名称", max_length=100)
    secret = models.BooleanField("无记名", default=False)
    convener = models.CharField("召集人", max_length=24, choices=list(CONVENERS.items()))
    state = models.CharField("状态", max_length=12, choices=list(STATES.items()), default="draft")
    opens_at = models.DateTimeField("开始")
    closes_at = models.DateTimeField("截止")
    check_opinion = models.TextField("核对意见", blank=True)
    checked_at = models.DateTimeField("核对时间", null=True, blank=True)
    roll_frozen_at = models.DateTimeField("名册锁定时间", null=True, blank=True)
    roll_root = models.CharField("名册的根", max_length=64, blank=True)
    noticed_on = models.DateField("公告日期", null=True, blank=True)
    silence_told = models.BooleanField("公告写明不投票的后果", default=False)
    rules = models.JSONField("表决规则", null=True, blank=True)
    rules_hash = models.CharField("规则摘要", max_length=64, blank=True)
    calendar = models.JSONField("期限", null=True, blank=True)
    log = models.OneToOneField(Log, models.PROTECT, null=True, related_name="vote", verbose_name="票册")
    result = models.JSONField("计票结果", null=True, blank=True)
    published_on = models.DateField("结果公示日期", null=True, blank=True)
    objection_until = models.DateTimeField("异议截止", null=True, blank=True)
    finalised_at = models.DateTimeField("生效时间", null=True, blank=True)
    filed_on = models.DateField("备案日期", null=True, blank=True)
    stop_reason = models.TextField("终止原因", blank=True)
    modes = ArrayField(models.CharField(max_length=10), default=list, blank=True, verbose_name="表决方式")
    consent_opinion = models.TextField("审批、确认意见", blank=True)
    consented_at = models.DateTimeField("审批、确认时间", null=True, blank=True)
    made_at = models.DateTimeField("拟定时间")
    version = models.PositiveIntegerField(default=1)
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "表决"
        indexes = [
            *PlaceBound.Meta.indexes,
            models.Index(fields=["estate", "-opens_at"], name="governance_vote_estate"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(closes_at__gt=F("opens_at")), name="governance_vote_window"),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "checked", "noticed", "stopped"])
                | Q(rules__isnull=False, log__isnull=False),
                name="governance_vote_rules_frozen",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def ref(self) -> Ref:
        return Ref("vote", str(self.pk), self.title, self.place_path)

    @property
    def objection_words(self) -> str:
        """The last day with its 24:00."""
        return due_text(self.objection_until) if self.objection_until else ""

    def takes_ballots(self, now: datetime) -> bool:
        return self.state == "open" and self.opens_at <= now < self.closes_at


class Motion(models.Model):
    """What is decided. `election`: candidates and seats as the tally takes them; `basis`: the answer on thresholds.

    `origin`: the reference of what it came from, a formation or a meeting that is owed; `follow_up`: what became of it
    there once the motion was decided (`done`, `says`, `clauses`, `ref`).
    """

    vote = models.ForeignKey(Vote, models.CASCADE, related_name="motions", verbose_name="表决")
    position = models.PositiveSmallIntegerField("次序")
    matter = models.CharField("事项类别", max_length=24, choices=list(MATTERS_OF_OWNERS.items()))
    title = models.CharField("议题", max_length=200)
    text = models.TextField("内容", blank=True)
    amount_fen = models.BigIntegerField("金额（分）", null=True, blank=True)
    buildings = models.ManyToManyField(Building, blank=True, related_name="+", verbose_name="只由这些楼幢表决")
    entrances = ArrayField(models.CharField(max_length=60), default=list, blank=True, verbose_name="只由这些单元表决")
    election = models.JSONField("选举", null=True, blank=True)
    file = models.ForeignKey(StoredFile, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="材料")
    basis = models.JSONField("通过比例的依据", null=True, blank=True)
    outcome = models.CharField("结果", max_length=20, blank=True)
    origin = models.CharField("由来", max_length=80, blank=True)
    follow_up = models.JSONField("接续", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "议题"
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["vote", "position"], name="governance_motion_place")]

    def __str__(self) -> str:
        return self.title

    @property
    def code(self) -> str:
        return f"m{self.position}"

    @property
    def scope(self) -> dict[str, Any]:
        """Who decides, as the rules have it."""
        whole = sorted(one.name for one in self.whole_buildings)
        if self.entrances:
            return {"level": "parts" if whole else "entrance", "of": [*whole, *sorted(self.entrances)]}
        return {"level": "building", "of": whole} if whole else {"level": "estate", "of": []}

    @property
    def whole_buildings(self) -> list[Building]:
        """Those of which every unit decides; of the others only the entrances that are named."""
        return [one for one in self.buildings.all() if not self.parted(one)]

    def parted(self, building: Building) -> bool:
        """Whether only some entrances of the building decide."""
        return any(entrance_of(building.name, one) for one in self.entrances)


class RollEntry(models.Model):
    """A unit of the frozen roll. Owners are pseudonyms of this vote; a correction is a record, the row stays.

    `voters`: who may vote for it now. It alone follows nominations and sales, and is no part of the published row.
    """

    vote = models.ForeignKey(Vote, models.CASCADE, related_name="roll", verbose_name="表决")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="房屋")
    code = models.CharField("名册代号", max_length=20)
    room = models.CharField("房号", max_length=100)
    building = models.CharField("楼幢", max_length=40)
    entrance = models.CharField("单元", max_length=60, blank=True)
    kind = models.CharField("用途", max_length=10, choices=list(UNIT_KINDS.items()))
    stock = models.CharField("出售交付", max_length=12, choices=list(STOCKS.items()))
    area = models.BigIntegerField("专有部分面积（0.01平方米）")
    area_source = models.CharField("面积来源", max_length=10, choices=list(AREA_SOURCES.items()))
    owners = ArrayField(models.CharField(max_length=20), verbose_name="业主代号")
    nominee = models.CharField("推定的表决人", max_length=20, blank=True)
    voters = ArrayField(models.CharField(max_length=20), default=list, verbose_name="现在可以投票的")

    class Meta:
        verbose_name = verbose_name_plural = "名册房屋"
        constraints = [
            models.UniqueConstraint(fields=["vote", "code"], name="governance_roll_code"),
            models.UniqueConstraint(fields=["vote", "unit"], name="governance_roll_unit"),
        ]

    def __str__(self) -> str:
        return self.room

    @property
    def counted_as(self) -> RollUnit:
        """The row as the tally takes it. It was checked when the roll was frozen."""
        return RollUnit.model_construct(
            unit=self.code,
            building=self.building,
            entrance=self.entrance or None,
            area=self.area,
            owners=tuple(self.owners),
            area_source=self.area_source,
            kind=self.kind,
            stock=self.stock,
            title="registered",
            nominee=self.nominee or None,
        )


class RollOwner(models.Model):
    """Who stands behind a pseudonym of one vote."""

    vote = models.ForeignKey(Vote, models.CASCADE, related_name="owners", verbose_name="表决")
    code = models.CharField("业主代号", max_length=20)
    person = models.ForeignKey(PersonalData, models.PROTECT, null=True, related_name="+", verbose_name="业主")

    class Meta:
        verbose_name = verbose_name_plural = "名册业主"
        constraints = [models.UniqueConstraint(fields=["vote", "code"], name="governance_owner_code")]

    def __str__(self) -> str:
        return self.code


class VoteRecord(models.Model):
    """What the tally reads beside ballots: notice, service, corrections, proxies, adjudications. Never changed."""

    vote = models.ForeignKey(Vote, models.PROTECT, related_name="records", verbose_name="表决")
    kind = models.CharField("种类", max_length=12, choices=list(RECORD_KINDS.items()))
    at = models.DateTimeField("时间")
    data = models.JSONField("内容")
    entry = models.ForeignKey(Entry, models.PROTECT, null=True, related_name="+", verbose_name="票册条目")
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="经办人")
    file = models.ForeignKey(StoredFile, models.PROTECT, null=True, related_name="+", verbose_name="凭证")

    class Meta:
        verbose_name = verbose_name_plural = "表决记录"
        indexes = [models.Index(fields=["vote", "kind"], name="governance_record_kind")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.at}"


class Ballot(models.Model):
    """One ballot as it came in; the log holds its commitment. `key`: the form's, so that a second click is the same."""

    # No constraint to the vote: a row that every ballot would lock.
    vote = models.ForeignKey(Vote, models.PROTECT, related_name="ballots", db_constraint=False, verbose_name="表决")
    number = models.CharField("票号", max_length=20)
    key = models.CharField("表单标记", max_length=64)
    at = models.DateTimeField("收到")
    channel = models.CharField("渠道", max_length=10)
    voter = models.CharField("投票人代号", max_length=20)
    units = ArrayField(models.CharField(max_length=20), verbose_name="房屋代号")
    choices = models.JSONField("意见")
    salt = models.CharField("盐", max_length=64)
    proxy = models.CharField("委托书", max_length=20, blank=True)
    faults = ArrayField(models.CharField(max_length=20), default=list, verbose_name="瑕疵")
    entered_by = ArrayField(models.CharField(max_length=60), default=list, verbose_name="录入人")
    image = models.ForeignKey(StoredFile, models.PROTECT, null=True, related_name="+", verbose_name="选票影像")
    entry = models.ForeignKey(Entry, models.PROTECT, related_name="+", verbose_name="票册条目")
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="经办人")

    class Meta:
        verbose_name = verbose_name_plural = "选票"
        indexes = [models.Index(fields=["vote", "voter"], name="governance_ballot_voter")]
        constraints = [
            models.UniqueConstraint(fields=["vote", "number"], name="governance_ballot_number"),
            models.UniqueConstraint(fields=["vote", "key"], name="governance_ballot_key"),
        ]

    def __str__(self) -> str:
        return self.number


class VoteLink(models.Model):
    """A personal way to the phone page. Only a hash of it is kept; who opens it still shows who he is.

    `proxy`: the instrument by which `owner`, then an agent, votes for its principal.
    """

    vote = models.ForeignKey(Vote, models.CASCADE, related_name="links", verbose_name="表决")
    owner = models.CharField("业主代号", max_length=20)
    proxy = models.CharField("委托书", max_length=20, blank=True)
    token_hash = models.CharField("链接摘要", max_length=64, unique=True)
    made_at = models.DateTimeField("生成时间")
    failures = models.PositiveSmallIntegerField("核验不符次数", default=0)
    verified_at = models.DateTimeField("核验时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "投票链接"

    def __str__(self) -> str:
        return f"{self.vote_id} {self.owner}"


class VoteObjection(models.Model):
    """异议 against the published roll or a draft result, and what became of it."""

    vote = models.ForeignKey(Vote, models.PROTECT, related_name="objections", verbose_name="表决")
    about = models.CharField("针对", max_length=10, choices=list(OBJECTED.items()), default="result")
    at = models.DateTimeField("提出时间")
    by_room = models.CharField("提出人房号", max_length=100, blank=True)
    text = models.TextField("异议")
    result = models.CharField("处理结果", max_length=10, choices=list(OBJECTION_RESULTS.items()), blank=True)
    reply = models.TextField("答复", blank=True)
    decided_at = models.DateTimeField("答复时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "表决异议"

    def __str__(self) -> str:
        return self.text[:20]


class VoteOpinion(models.Model):
    """What street or community, who guide and supervise the meeting, wrote about it. `role`: as whom."""

    vote = models.ForeignKey(Vote, models.PROTECT, related_name="opinions", verbose_name="表决")
    role = models.CharField("角色", max_length=40)
    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+", verbose_name="单位")
    text = models.TextField("监督意见")
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "表决监督意见"
        constraints = [models.UniqueConstraint(fields=["vote", "role"], name="governance_opinion_once")]

    def __str__(self) -> str:
        return f"{self.vote_id} {self.role}"
