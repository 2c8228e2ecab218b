"""What is done in a mediation: sessions, who stood aside, help, the agreement and its confirmation, court, visits."""

from typing import ClassVar

from django.db import models

from gongzhi.core import crypto
from gongzhi.core.models import Document, Organisation, User
from gongzhi.mediation.models.bodies import Mediator
from gongzhi.mediation.models.file import MediationFile, MediationStage
from gongzhi.mediation.words import ASSIST_KINDS, CONFIRMATIONS, GRADES, PERFORMED, TRIBUNALS
from gongzhi.registry.models import Estate

PURPOSE = "mediation.session"


class MediationSession(models.Model):
    """One sitting. What was said is kept under cipher and read by the parties and the bodies that had the dispute."""

    stage = models.ForeignKey(MediationStage, models.CASCADE, related_name="sessions", verbose_name="调解阶段")
    held_at = models.DateTimeField("时间")
    location = models.CharField("地点", max_length=200)
    attended = models.CharField("到场", max_length=200)
    content_cipher = models.TextField("调解内容（密文）")
    written_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="记录人")
    demo = models.BooleanField("示范数据", default=False)

    class Meta:
        verbose_name = verbose_name_plural = "调解会"
        ordering: ClassVar = ["held_at", "id"]

    def __str__(self) -> str:
        return f"{self.held_at:%Y-%m-%d}"

    def set_content(self, text: str) -> None:
        self.content_cipher = crypto.encrypt(text, purpose=PURPOSE)

    @property
    def content(self) -> str:
        return crypto.decrypt(self.content_cipher, purpose=PURPOSE)


class Recusal(models.Model):
    """回避: a mediator has to do with a party, as he said himself or as a party said. He is not given this dispute."""

    file = models.ForeignKey(MediationFile, models.CASCADE, related_name="recusals", verbose_name="调解案件")
    mediator = models.ForeignKey(Mediator, models.PROTECT, related_name="recusals", verbose_name="调解员")
    reason = models.CharField("利害关系", max_length=200)
    noted_at = models.DateTimeField("登记时间")
    demo = models.BooleanField("示范数据", default=False)

    class Meta:
        verbose_name = verbose_name_plural = "回避"
        constraints: ClassVar = [models.UniqueConstraint(fields=["file", "mediator"], name="mediation_recused_once")]

    def __str__(self) -> str:
        return self.reason


class MediationAssist(models.Model):
    """Another office asked to help, with its opinion; or the comment of one that guides. Whoever is asked may read."""

    file = models.ForeignKey(MediationFile, models.CASCADE, related_name="assists", verbose_name="调解案件")
    kind = models.CharField("类别", max_length=8, choices=list(ASSIST_KINDS.items()))
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="单位")
    asked_at = models.DateTimeField("请求时间")
    opinion = models.TextField("意见", blank=True)
    given_at = models.DateTimeField("意见时间", null=True)
    demo = models.BooleanField("示范数据", default=False)

    class Meta:
        verbose_name = verbose_name_plural = "协助调解"
        ordering: ClassVar = ["id"]

    def __str__(self) -> str:
        return f"{self.organisation} {self.get_kind_display()}"


class SettlementAgreement(models.Model):
    """调解协议: what the sides agreed, on which day, and how the court confirmed it."""

    file = models.OneToOneField(MediationFile, models.CASCADE, related_name="agreement", verbose_name="调解案件")
    stage = models.ForeignKey(MediationStage, models.PROTECT, related_name="+", verbose_name="调解阶段")
    terms = models.TextField("协议内容")
    perform_by = models.DateField("履行期限", null=True, blank=True)
    agreed_on = models.DateField("达成日期")
    document = models.ForeignKey(Document, models.PROTECT, null=True, related_name="+", verbose_name="协议书")
    confirm_by = models.DateField("司法确认申请期限", null=True, blank=True)
    confirmation = models.CharField("司法确认", max_length=10, choices=list(CONFIRMATIONS.items()), blank=True)
    confirm_applied_on = models.DateField("申请日期", null=True, blank=True)
    confirm_late = models.BooleanField("超过申请期限", default=False)
    confirm_number = models.CharField("确认案号", max_length=80, blank=True)
    confirmed_on = models.DateField("裁定日期", null=True, blank=True)
    demo = models.BooleanField("示范数据", default=False)

    class Meta:
        verbose_name = verbose_name_plural = "调解协议"

    def __str__(self) -> str:
        return f"{self.file} {self.agreed_on}"


class CourtStep(models.Model):
    """The action at law after a mediation: followed here, judged elsewhere."""

    file = models.OneToOneField(MediationFile, models.CASCADE, related_name="court_step", verbose_name="调解案件")
    tribunal = models.CharField("受理法庭", max_length=12, choices=list(TRIBUNALS.items()), default="court")
    number = models.CharField("案号", max_length=80)
    green_channel = models.BooleanField("绿色通道", default=False)
    estate = models.ForeignKey(Estate, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="开庭小区")
    location = models.CharField("开庭地点", max_length=200, blank=True)
    hearing_on = models.DateField("开庭日期", null=True, blank=True)
    judgment = models.TextField("裁判结果", blank=True)
    judged_on = models.DateField("裁判登记", null=True, blank=True)
    demo = models.BooleanField("示范数据", default=False)

    class Meta:
        verbose_name = verbose_name_plural = "调解后诉讼"

    def __str__(self) -> str:
        return self.number


class FollowUpVisit(models.Model):
    """回访: whether the agreement is kept, and whether the matter rests."""

    file = models.ForeignKey(MediationFile, models.CASCADE, related_name="visits", verbose_name="调解案件")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="回访单位")
    on = models.DateField("回访日期")
    performed = models.CharField("履行情况", max_length=8, choices=list(PERFORMED.items()))
    note = models.TextField("情况", blank=True)
    demo = models.BooleanField("示范数据", default=False)

    class Meta:
        verbose_name = verbose_name_plural = "调解回访"
        ordering: ClassVar = ["on", "id"]

    def __str__(self) -> str:
        return f"{self.on} {self.get_performed_display()}"


class MediationWeighing(models.Model):
    """The dispute was found heavier or lighter. `found_at`: when it was noticed; `due_at`: until when to tell."""

    file = models.ForeignKey(MediationFile, models.CASCADE, related_name="weighings", verbose_name="调解案件")
    grade = models.CharField("轻重", max_length=12, choices=list(GRADES.items()))
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="认定单位")
    reason = models.TextField("理由")
    found_at = models.DateTimeField("发现时间")
    reported_at = models.DateTimeField("报送时间")
    due_at = models.DateTimeField("报送期限", null=True, blank=True)
    late = models.BooleanField("迟报", default=False)
    demo = models.BooleanField("示范数据", default=False)

    class Meta:
        verbose_name = verbose_name_plural = "调解轻重"
        ordering: ClassVar = ["reported_at", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(reported_at__gte=models.F("found_at")), name="mediation_weighed_after_found"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_grade_display()}{'（迟报）' if self.late else ''}"
