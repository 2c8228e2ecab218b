"""What one unit asks of another about a case: an approval, a signature upward, a transfer."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from gongzhi.cases.codes import APPROVALS
from gongzhi.cases.models.case import Case
from gongzhi.core.models import Document, Organisation, User

DECISIONS = {"asked": "待批", "allowed": "同意", "refused": "不同意"}


class Approval(models.Model):
    """Extension, suspension or voiding: asked with a reason by one person, decided by another."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="approvals", verbose_name="案件")
    act = models.CharField("申请", max_length=12, choices=list(APPROVALS.items()))
    reason = models.TextField("理由")
    days = models.PositiveSmallIntegerField("天数", null=True, blank=True)
    state = models.CharField("状态", max_length=8, choices=list(DECISIONS.items()), default="asked")
    asked_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="申请人")
    asked_label = models.CharField("申请人（当时）", max_length=200)
    asked_at = models.DateTimeField("申请时间")
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="批准人")
    decided_label = models.CharField("批准人（当时）", max_length=200, blank=True)
    decided_at = models.DateTimeField("批准时间", null=True, blank=True)
    note = models.TextField("批准意见", blank=True)
    clauses = models.JSONField("依据", default=list)
    demo = models.BooleanField("示范数据", default=False)

    class Meta:
        verbose_name = verbose_name_plural = "申请和批准"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["case", "act"], condition=Q(state="asked"), name="cases_one_open_request"),
            models.CheckConstraint(
                condition=Q(decided_by=None) | Q(asked_by=None) | ~Q(decided_by=models.F("asked_by")),
                name="cases_approved_by_another",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_act_display()} {self.get_state_display()}"


class Report(models.Model):
    """A case handed to the next level up, with papers; the superior signs for it."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="reports", verbose_name="案件")
    from_organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, related_name="+", verbose_name="上报单位"
    )
    from_role = models.CharField("上报角色", max_length=40)
    to_organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="上级单位")
    to_role = models.CharField("上级角色", max_length=40)
    reason = models.TextField("上报事由")
    reported_at = models.DateTimeField("上报时间")
    signed_at = models.DateTimeField("签收时间", null=True, blank=True)
    signed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="签收人")
    signed_label = models.CharField("签收人（当时）", max_length=200, blank=True)
    demo = models.BooleanField("示范数据", default=False)

    class Meta:
        verbose_name = verbose_name_plural = "上报"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["case"], condition=Q(signed_at=None), name="cases_one_open_report")
        ]

    def __str__(self) -> str:
        return f"{self.case_id} → {self.to_organisation}"


class Transfer(models.Model):
    """A case moved to the unit that now holds the power to punish, with its numbered letter."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="transfers", verbose_name="案件")
    from_organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="移出单位")
    to_organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="接收单位")
    document = models.ForeignKey(
        Document, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="移送函"
    )
    reason = models.TextField("移交事由")
    transferred_at = models.DateTimeField("移交时间")
    signed_at = models.DateTimeField("签收时间", null=True, blank=True)
    demo = models.BooleanField("示范数据", default=False)

    class Meta:
        verbose_name = verbose_name_plural = "移交"

    def __str__(self) -> str:
        return f"{self.case_id} {self.from_organisation} → {self.to_organisation}"
