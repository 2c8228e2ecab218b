"""What a dispute goes through: rounds of mediation, the court after them, and how heavy it was found to be."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from gongzhi.cases.codes import GRADES, MEDIATION_KINDS, MEDIATION_RESULTS, TRIBUNALS
from gongzhi.cases.models.case import Case
from gongzhi.core.models import Organisation


class Mediation(models.Model):
    """One attempt by one body, with what either side said. Lines are added, never changed."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="mediations", verbose_name="案件")
    kind = models.CharField("方式", max_length=16, choices=list(MEDIATION_KINDS.items()))
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="调解单位")
    complainants_view = models.TextField("反映一方的意见")
    others_view = models.TextField("另一方的意见")
    result = models.CharField("结果", max_length=12, choices=list(MEDIATION_RESULTS.items()))
    note = models.TextField("说明", blank=True)
    held_at = models.DateTimeField("调解时间")
    demo = models.BooleanField("示范数据", default=False)

    class Meta:
        verbose_name = verbose_name_plural = "调解记录"
        ordering: ClassVar = ["held_at", "id"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}：{self.get_result_display()}"


class CourtAction(models.Model):
    """The action at law that followed: followed here, judged elsewhere. One a case; the timeline keeps each entry."""

    case = models.OneToOneField(Case, models.PROTECT, related_name="court_action", verbose_name="案件")
    tribunal = models.CharField("受理法庭", max_length=12, choices=list(TRIBUNALS.items()), default="court")
    number = models.CharField("案号", max_length=80, blank=True)
    estate = models.ForeignKey(
        "registry.Estate", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="开庭的小区"
    )
    location = models.CharField("开庭地点", max_length=200, blank=True)
    hearing_on = models.DateField("开庭日期", null=True, blank=True)
    judgment = models.TextField("裁判结果", blank=True)
    demo = models.BooleanField("示范数据", default=False)

    class Meta:
        verbose_name = verbose_name_plural = "诉讼"

    def __str__(self) -> str:
        return self.number or self.get_tribunal_display()


class Weighing(models.Model):
    """A dispute found heavier or lighter than before. `found_at`: when it was noticed; `due_at`: until when to tell."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="weighings", verbose_name="案件")
    grade = models.CharField("轻重", max_length=12, choices=list(GRADES.items()))
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="认定单位")
    reason = models.TextField("理由")
    found_at = models.DateTimeField("发现时间")
    reported_at = models.DateTimeField("报送时间")
    due_at = models.DateTimeField("报送期限", null=True, blank=True)
    late = models.BooleanField("迟报", default=False)
    demo = models.BooleanField("示范数据", default=False)

    class Meta:
        verbose_name = verbose_name_plural = "纠纷轻重"
        ordering: ClassVar = ["reported_at", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(reported_at__gte=models.F("found_at")), name="cases_weighed_after_found")
        ]
        indexes: ClassVar = [models.Index(fields=["case"], name="cases_weighed_late", condition=Q(late=True))]

    def __str__(self) -> str:
        return f"{self.get_grade_display()}{'（迟报）' if self.late else ''}"
