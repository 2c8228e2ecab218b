"""A unit's own look at what it is responsible for, whatever led it there."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from gongzhi.cases.models.case import Case
from gongzhi.cases.models.problems import Problem
from gongzhi.core.actors import Actor
from gongzhi.core.models import Organisation, PlaceBound, User
from gongzhi.core.refs import Ref

CHECK_SOURCES = {"patrol": "日常巡查", "complaint": "受理投诉", "other": "其他途径"}


class SiteCheck(PlaceBound):
    """A check sheet. The same matter found by another way is linked by `case`, `problem` or `same_as`; what a patrol
    led to by the number of its record. One with a `void_reason` counts no more."""

    number = models.CharField("编号", max_length=40, unique=True)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="site_checks", verbose_name="检查单位")
    estate = models.ForeignKey("registry.Estate", models.PROTECT, related_name="site_checks", verbose_name="小区")
    source = models.CharField("来源", max_length=12, choices=list(CHECK_SOURCES.items()))
    matter = models.CharField("事项", max_length=60, blank=True)
    checked_at = models.DateTimeField("检查时间")
    found = models.TextField("检查情况")
    violation = models.BooleanField("发现问题", default=False)
    case = models.ForeignKey(
        Case, models.PROTECT, null=True, blank=True, related_name="site_checks", verbose_name="关联案件"
    )
    problem = models.ForeignKey(
        Problem, models.PROTECT, null=True, blank=True, related_name="site_checks", verbose_name="关联企业问题"
    )
    same_as = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="repeats", verbose_name="同一问题"
    )
    checked_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="检查人")
    checked_label = models.CharField("检查人（当时）", max_length=200)
    round_number = models.CharField("巡查记录", max_length=40, blank=True)
    void_reason = models.TextField("作废的理由", blank=True)
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "检查单"
        indexes: ClassVar = [
            *PlaceBound.Meta.indexes,
            models.Index(fields=["organisation", "checked_at"], name="cases_check_unit"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~Q(source="complaint") | Q(case__isnull=False), name="cases_check_of_complaint_has_case"
            )
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def ref(self) -> Ref:
        return Ref("check", str(self.pk), self.number, self.place_path)

    def is_party(self, actor: Actor) -> bool:
        return actor.organisation is not None and actor.organisation.pk == self.organisation_id
