"""Who may use a work for what, what the platform found and what came of it, and what an estate has settled."""

from datetime import date

from django.db import models
from django.db.models import Q

from gongzhi.core.models import Organisation, PlaceBound
from gongzhi.core.refs import Ref
from gongzhi.equipment.models.upkeep import Served
from gongzhi.equipment.words import PERMIT_STATES, STAGES
from gongzhi.registry.models import Estate, Facility
from gongzhi.registry.questions import LEAD_REASONS


class UsePermit(Served, PlaceBound):
    """使用证: asked for, then step by step. It holds from `from_on`; without `to_on` until something else is said."""

    number = models.CharField("编号", max_length=40, unique=True)
    estate = models.ForeignKey(Estate, models.PROTECT, related_name="use_permits", verbose_name="小区")
    facility = models.ForeignKey(Facility, models.PROTECT, related_name="permits", verbose_name="设施")
    name = models.CharField("证的名称", max_length=60)
    applicant = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+", verbose_name="申请单位")
    use = models.CharField("用途", max_length=100)
    desk_role = models.CharField("办理单位的身份", max_length=40)
    steps = models.JSONField("步骤", default=list)
    taken = models.JSONField("已办步骤", default=list)
    state = models.CharField("状态", max_length=12, choices=list(PERMIT_STATES.items()), default="asked")
    permit_number = models.CharField("证号", max_length=60, blank=True)
    from_on = models.DateField("自", null=True)
    to_on = models.DateField("至", null=True)
    warn_on = models.DateField("从哪一天起提醒", null=True)
    warned = models.BooleanField("已提醒", default=False)
    reason = models.CharField("不予发证的理由", max_length=200, blank=True)
    basis = models.JSONField("依据", default=list)
    asked_at = models.DateTimeField("申请时间")
    version = models.PositiveIntegerField(default=1)
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "使用证"
        constraints = [
            models.CheckConstraint(
                condition=Q(state="issued", from_on__isnull=False) | ~Q(state="issued"), name="equipment_permit_issued"
            ),
            models.UniqueConstraint(
                fields=["permit_number"], condition=~Q(permit_number=""), name="equipment_permit_number_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.facility}{self.name}"

    @property
    def ref(self) -> Ref:
        return Ref("use_permit", str(self.pk), f"{self.estate}{self}", self.place_path)

    def _of(self, organisation: Organisation) -> bool:
        return organisation.pk == self.applicant_id

    def holds(self, on: date) -> bool:
        issued = self.state == "issued" and self.from_on is not None and self.from_on <= on
        return issued and (self.to_on is None or on <= self.to_on)

    @property
    def next_step(self) -> str | None:
        done = {one["step"] for one in self.taken}
        return next((one for one in self.steps if one not in done), None) if self.state != "refused" else None


class FacilityLead(models.Model):
    """A lead that the platform made of a piece, and what came of it: it stays in the file of the piece."""

    facility = models.ForeignKey(Facility, models.CASCADE, related_name="leads", verbose_name="设施")
    reason = models.CharField("缘由", max_length=10, choices=list(LEAD_REASONS.items()))
    since = models.DateField("自")
    case_key = models.CharField("案件", max_length=60, blank=True)
    company = models.ForeignKey(
        Organisation, models.PROTECT, null=True, related_name="facility_leads", verbose_name="当时的维保单位"
    )
    result = models.TextField("查处结果", blank=True)
    closed_on = models.DateField("结案", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "设施线索"
        ordering = ["-since", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["facility", "reason", "since"], condition=Q(closed_on=None), name="equipment_lead_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.facility}{self.get_reason_display()}"


class StageMark(models.Model):
    """An estate has settled what the document wants, since that day."""

    estate = models.ForeignKey(Estate, models.CASCADE, related_name="stage_marks", verbose_name="小区")
    stage = models.CharField("哪一项", max_length=12, choices=list(STAGES.items()))
    on = models.DateField("日期")
    late = models.BooleanField("逾期", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "落实情况"
        constraints = [models.UniqueConstraint(fields=["estate", "stage"], name="equipment_stage_once")]

    def __str__(self) -> str:
        return f"{self.estate}{self.get_stage_display()}"
