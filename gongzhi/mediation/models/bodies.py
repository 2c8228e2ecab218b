"""Who mediates and who guides: mediators of a body with their training, guidance, sessions of the circuit court."""

from datetime import date
from typing import ClassVar

from django.db import models
from django.db.models import Q

from gongzhi.core.models import Organisation, PlaceBound, User
from gongzhi.core.refs import Ref
from gongzhi.governance.bodies.models import Body, Member
from gongzhi.mediation.words import ADOPTED, GUIDANCE_KINDS, TRIBUNALS
from gongzhi.registry.models import Estate


class Mediator(PlaceBound):
    """A seat of a mediation body whose holder may be given disputes: where he comes from and what he knows."""

    member = models.OneToOneField(Member, models.PROTECT, related_name="mediator", verbose_name="席位")
    user = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="账号")
    line = models.CharField("来源条线", max_length=60, blank=True)
    qualification = models.TextField("资历说明", blank=True)
    hired_on = models.DateField("选聘日期", null=True, blank=True)
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "调解员"
        indexes: ClassVar = [*PlaceBound.Meta.indexes]

    def __str__(self) -> str:
        return str(self.member.person or self.member.unit_name or "调解员")

    @property
    def ref(self) -> Ref:
        return Ref("mediator", str(self.pk), "调解员", self.place_path)

    @property
    def body(self) -> Body:
        return self.member.body

    def sits(self, on: date) -> bool:
        return self.member.from_on <= on and (self.member.to_on is None or self.member.to_on >= on)


class MediatorTraining(models.Model):
    """One training that one mediator went through."""

    mediator = models.ForeignKey(Mediator, models.CASCADE, related_name="trainings", verbose_name="调解员")
    on = models.DateField("培训日期")
    title = models.CharField("内容", max_length=120)
    given_by = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+", verbose_name="培训单位")
    demo = models.BooleanField("示范数据", default=False)

    class Meta:
        verbose_name = verbose_name_plural = "调解员培训"
        ordering: ClassVar = ["-on", "-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["mediator", "on", "title"], name="mediation_trained_once")
        ]

    def __str__(self) -> str:
        return f"{self.on} {self.title}"


class MediationGuidance(PlaceBound):
    """What an office gave to the bodies below it, or to the public: guidance, a template, an example, a session held.

    `body` the one it was given to; without one it is for all of the place. An example is written without persons.
    """

    kind = models.CharField("类别", max_length=14, choices=list(GUIDANCE_KINDS.items()))
    body = models.ForeignKey(Body, models.PROTECT, null=True, blank=True, related_name="guidance", verbose_name="机构")
    given_by = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="指导单位")
    title = models.CharField("标题", max_length=120)
    text = models.TextField("内容")
    on = models.DateField("日期")
    files = models.ManyToManyField("mediation.MediationFile", related_name="guidance", verbose_name="案件", blank=True)
    published_on = models.DateField("公开日期", null=True, blank=True)
    adopted = models.CharField("采纳", max_length=12, choices=list(ADOPTED.items()), blank=True)
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "调解指导"
        ordering: ClassVar = ["-on", "-id"]
        indexes: ClassVar = [
            models.Index(fields=["place_path"], opclasses=["text_pattern_ops"], name="mediation_guidance_path")
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def ref(self) -> Ref:
        return Ref("mediation_guidance", str(self.pk), self.title, self.place_path)


class CircuitSession(PlaceBound):
    """A session that the court holds in an estate, announced there beforehand."""

    estate = models.ForeignKey(Estate, models.PROTECT, related_name="circuit_sessions", verbose_name="小区")
    court = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="法院")
    tribunal = models.CharField("法庭", max_length=12, choices=list(TRIBUNALS.items()), default="circuit")
    on = models.DateField("日期")
    location = models.CharField("地点", max_length=200)
    cause = models.CharField("案由", max_length=200)
    planned_at = models.DateTimeField("登记时间")
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "巡回审理"
        ordering: ClassVar = ["on", "id"]
        indexes: ClassVar = [
            models.Index(fields=["place_path"], opclasses=["text_pattern_ops"], name="mediation_circuit_path")
        ]
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(location="") & ~Q(cause=""), name="mediation_circuit_whole")
        ]

    def __str__(self) -> str:
        return f"{self.on} {self.estate}"

    @property
    def ref(self) -> Ref:
        return Ref("circuit_session", str(self.pk), str(self), self.place_path)
