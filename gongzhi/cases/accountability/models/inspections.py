"""督查: who was looked at, which estates were drawn, what was found, and whether it was put right."""

from datetime import datetime, time, timedelta
from typing import ClassVar

from django.db import models
from django.db.models import Q

from gongzhi.core.actors import Actor
from gongzhi.core.days import ZONE
from gongzhi.core.models import Document, Organisation, PlaceBound, User
from gongzhi.core.refs import Ref


class Inspection(PlaceBound):
    """Opened at any time. Nobody but its openers sees it; the inspected unit sees a finding once that was sent."""

    number = models.CharField("编号", max_length=40, unique=True)
    title = models.CharField("督查内容", max_length=120)
    inspected = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="inspections", verbose_name="被查单位"
    )
    opened_at = models.DateTimeField("督查时间")
    opened_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="督查人")
    opened_label = models.CharField("督查人（当时）", max_length=200)
    office = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+", verbose_name="督查单位")
    seed = models.CharField("抽取种子", max_length=40, blank=True)
    drawn_from = models.PositiveIntegerField("抽取范围的小区数", null=True, blank=True)
    closed_at = models.DateTimeField("结束时间", null=True, blank=True)
    result = models.TextField("督查结果", blank=True)
    version = models.PositiveIntegerField("版本", default=1)
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "督查"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(inspected__isnull=False) | ~Q(seed=""), name="cases_inspection_has_object"
            )
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    @property
    def ref(self) -> Ref:
        return Ref("inspection", str(self.pk), str(self), self.place_path)


class InspectedEstate(models.Model):
    """An estate of an inspection: chosen or drawn, in the order of the draw."""

    inspection = models.ForeignKey(Inspection, models.CASCADE, related_name="estates", verbose_name="督查")
    estate = models.ForeignKey("registry.Estate", models.PROTECT, related_name="+", verbose_name="小区")
    position = models.PositiveSmallIntegerField("次序")

    class Meta:
        verbose_name = verbose_name_plural = "督查小区"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["inspection", "estate"], name="cases_inspected_estate_once")
        ]

    def __str__(self) -> str:
        return str(self.estate)


class Finding(PlaceBound):
    """One thing found. Written down first; once sent it is a numbered order and a duty of the unit."""

    inspection = models.ForeignKey(Inspection, models.PROTECT, related_name="findings", verbose_name="督查")
    unit = models.ForeignKey(Organisation, models.PROTECT, related_name="findings", verbose_name="整改单位")
    estate = models.ForeignKey(
        "registry.Estate", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="小区"
    )
    matter = models.CharField("事项", max_length=60, blank=True)
    text = models.CharField("发现问题", max_length=400)
    days = models.PositiveSmallIntegerField("整改天数")
    found_at = models.DateTimeField("发现时间")
    sent_at = models.DateTimeField("交办时间", null=True, blank=True)
    due_on = models.DateField("整改期限", null=True, blank=True)
    document = models.ForeignKey(
        Document, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="督查单"
    )
    feedback = models.TextField("整改情况", blank=True)
    feedback_at = models.DateTimeField("反馈时间", null=True, blank=True)
    rectified_at = models.DateTimeField("整改到位时间", null=True, blank=True)
    result = models.TextField("整改结果", blank=True)
    version = models.PositiveIntegerField("版本", default=1)
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "督查发现问题"
        indexes: ClassVar = [
            *PlaceBound.Meta.indexes,
            models.Index(fields=["unit", "sent_at"], name="cases_finding_unit"),
        ]

    def __str__(self) -> str:
        return self.text

    @property
    def ref(self) -> Ref:
        return Ref("finding", str(self.pk), self.text, self.place_path)

    @property
    def due_at(self) -> datetime | None:
        """24:00 of the last day, kept as a moment as duties keep theirs."""
        if self.due_on is None:
            return None
        return datetime.combine(self.due_on + timedelta(days=1), time(), tzinfo=ZONE)

    @property
    def sent(self) -> bool:
        return self.sent_at is not None

    def is_party(self, actor: Actor) -> bool:
        """The unit is party to it from the moment it was sent."""
        return self.sent and actor.organisation is not None and actor.organisation.pk == self.unit_id
