"""Forming a body: from what brought it about, over candidates and their review, to the body that came of it."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from gongzhi.core.models import Event, Organisation, PersonalData, PlaceBound, User
from gongzhi.core.refs import Ref
from gongzhi.governance.bodies.models.body import Body, Member
from gongzhi.governance.bodies.models.representatives import RepresentativeMeeting
from gongzhi.governance.bodies.words import (
    ATTRIBUTES,
    BODY_KINDS,
    FORMATION_STATES,
    REVIEW_RESULTS,
    SOURCES,
    TRIGGERS,
)
from gongzhi.registry.models import Building, Estate, Unit


class Formation(PlaceBound):
    """One formation of a body in an estate. `group` the preparatory or renewal group, `body` what came of it."""

    estate = models.ForeignKey(Estate, models.PROTECT, related_name="formations", verbose_name="小区")
    kind = models.CharField("组建", max_length=24, choices=list(BODY_KINDS.items()), default="owners_committee")
    trigger = models.CharField("情形", max_length=20, choices=list(TRIGGERS.items()))
    reason = models.TextField("说明", blank=True)
    opened_on = models.DateField("启动日期")
    opened_by = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+", verbose_name="启动单位")
    state = models.CharField("状态", max_length=8, choices=list(FORMATION_STATES.items()), default="open")
    group = models.ForeignKey(
        Body, models.PROTECT, null=True, blank=True, related_name="formations_led", verbose_name="筹备组（换届小组）"
    )
    body = models.ForeignKey(
        Body, models.PROTECT, null=True, blank=True, related_name="formations", verbose_name="产生的组织"
    )
    previous = models.ForeignKey(
        Body, models.PROTECT, null=True, blank=True, related_name="successions", verbose_name="上一届"
    )
    seats = models.PositiveSmallIntegerField("席位", null=True, blank=True)
    substitutes = models.PositiveSmallIntegerField("候补席位", default=0)
    guide = models.CharField("镇街指导人", max_length=60, blank=True)
    supervisor = models.CharField("社区监督人", max_length=60, blank=True)
    choosing_failed_on = models.DateField("推选未达成共同意见", null=True, blank=True)
    published_on = models.DateField("候选人公示起", null=True, blank=True)
    published_until = models.DateField("候选人公示止", null=True, blank=True)
    vote_ref = models.CharField("表决", max_length=80, blank=True)
    closed_on = models.DateField("结束日期", null=True, blank=True)
    basis = models.JSONField("判断", null=True)
    version = models.PositiveIntegerField(default=1)
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "组建"
        constraints = [
            models.UniqueConstraint(
                fields=["estate", "kind"], condition=Q(state="open"), name="governance_one_formation"
            ),
            models.CheckConstraint(
                condition=Q(published_on=None) | Q(published_until__gte=models.F("published_on")),
                name="governance_notice_days",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.estate}{self.get_kind_display()}组建"

    @property
    def ref(self) -> Ref:
        return Ref("formation", str(self.pk), str(self), self.place_path)


class Candidate(PlaceBound):
    """Somebody put forward for a body, the review with its reasons, and what became of it."""

    formation = models.ForeignKey(Formation, models.CASCADE, related_name="candidates", verbose_name="组建")
    person = models.ForeignKey(PersonalData, models.PROTECT, related_name="+", verbose_name="人选")
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="房屋")
    building = models.ForeignKey(Building, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="楼幢")
    source = models.CharField("产生方式", max_length=12, choices=list(SOURCES.items()))
    recommended_by = models.CharField("推荐人", max_length=100, blank=True)
    attributes = ArrayField(
        models.CharField(max_length=30, choices=list(ATTRIBUTES.items())), verbose_name="身份", default=list
    )
    statement = models.TextField("自荐（推荐）情况", blank=True)
    tied_to_company = models.BooleanField("本人、配偶或直系亲属在本小区物业企业任职", default=False)
    put_on_list = models.BooleanField("违反负面清单", default=False)
    nominated_on = models.DateField("提名日期")
    chosen_at = models.ForeignKey(
        RepresentativeMeeting, models.PROTECT, null=True, blank=True, related_name="chosen",
        verbose_name="推选的业主代表会议",
    )  # fmt: skip
    result = models.CharField("审核", max_length=8, choices=list(REVIEW_RESULTS.items()), blank=True)
    opinion = models.TextField("审核意见", blank=True)
    failed = models.JSONField("不符合的条件", default=list)
    notes = models.JSONField("提示", default=list)
    reviewed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="审核人")
    reviewed_at = models.DateTimeField("审核时间", null=True, blank=True)
    withdrawn_on = models.DateField("退出日期", null=True, blank=True)
    member = models.ForeignKey(Member, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="当选")
    event = models.ForeignKey(Event, models.PROTECT, null=True, related_name="+")
    version = models.PositiveIntegerField(default=1)
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "候选人"
        constraints = [
            models.UniqueConstraint(fields=["formation", "person"], name="governance_candidate_once"),
            models.CheckConstraint(
                condition=Q(reviewed_at=None, result="") | Q(reviewed_at__isnull=False) & ~Q(result=""),
                name="governance_candidate_reviewed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.formation} {self.person}"

    @property
    def ref(self) -> Ref:
        return Ref("candidate", str(self.pk), str(self.person), self.place_path)

    @property
    def standing(self) -> bool:
        """On the ballot; where representatives choose, chosen by them."""
        if self.withdrawn_on is not None:
            return False
        return self.result == "passed" if self.chosen_at_id is None else self.result != "refused"
