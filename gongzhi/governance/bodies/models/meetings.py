"""Petitions of owners, and meetings of the assembly that somebody owes."""

from datetime import date

from django.db import models
from django.db.models import Q

from gongzhi.core.models import Organisation, PersonalData, PlaceBound
from gongzhi.core.refs import Ref
from gongzhi.governance.bodies.models.body import Body, Member
from gongzhi.governance.bodies.words import (
    CONVENERS,
    MEETING_REASONS,
    MEETING_STATES,
    PETITION_KINDS,
    PETITION_STATES,
)
from gongzhi.registry.models import Estate, Unit


class Petition(PlaceBound):
    """Owners who ask together for a recall or a meeting; their signatures are held against the owners of that day."""

    estate = models.ForeignKey(Estate, models.PROTECT, related_name="petitions", verbose_name="小区")
    kind = models.CharField("请求", max_length=16, choices=list(PETITION_KINDS.items()))
    body = models.ForeignKey(Body, models.PROTECT, null=True, blank=True, related_name="petitions", verbose_name="组织")
    member = models.ForeignKey(Member, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="委员")
    matter = models.TextField("事项和理由")
    opened_on = models.DateField("收到日期")
    state = models.CharField("状态", max_length=8, choices=list(PETITION_STATES.items()), default="open")
    total_area_dm2 = models.BigIntegerField("总面积（0.01平方米）", null=True, blank=True)
    total_heads = models.PositiveIntegerField("总人数", null=True, blank=True)
    signed_area_dm2 = models.BigIntegerField("联名面积（0.01平方米）", null=True, blank=True)
    signed_heads = models.PositiveIntegerField("联名人数", null=True, blank=True)
    decided_on = models.DateField("核验日期", null=True, blank=True)
    basis = models.JSONField("判断", null=True)
    version = models.PositiveIntegerField(default=1)
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "联名"

    def __str__(self) -> str:
        return f"{self.estate}{self.get_kind_display()}联名"

    @property
    def ref(self) -> Ref:
        return Ref("petition", str(self.pk), str(self), self.place_path)


class PetitionSignature(models.Model):
    """One signature for one unit; `fault` says why it does not count."""

    petition = models.ForeignKey(Petition, models.CASCADE, related_name="signatures", verbose_name="联名")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="房屋")
    person = models.ForeignKey(PersonalData, models.PROTECT, related_name="+", verbose_name="签名人")
    owner = models.ForeignKey(PersonalData, models.PROTECT, null=True, related_name="+", verbose_name="核对到的业主")
    signed_on = models.DateField("签名日期")
    fault = models.CharField("不计入的原因", max_length=100, blank=True)
    demo = models.BooleanField("示范数据", default=False)

    class Meta:
        verbose_name = verbose_name_plural = "联名签名"
        constraints = [models.UniqueConstraint(fields=["petition", "unit"], name="governance_signed_once")]

    def __str__(self) -> str:
        return f"{self.petition_id} {self.unit}"


class OwedMeeting(PlaceBound):
    """A meeting of the owners' assembly that somebody has to convene, and whether it was held."""

    estate = models.ForeignKey(Estate, models.PROTECT, related_name="owed_meetings", verbose_name="小区")
    body = models.ForeignKey(Body, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="组织")
    member = models.ForeignKey(Member, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="委员")
    petition = models.ForeignKey(
        Petition, models.PROTECT, null=True, blank=True, related_name="meetings", verbose_name="联名"
    )
    reason = models.CharField("缘由", max_length=20, choices=list(MEETING_REASONS.items()))
    state = models.CharField("状态", max_length=6, choices=list(MEETING_STATES.items()), default="due")
    convener = models.CharField("召集人", max_length=24, choices=list(CONVENERS.items()))
    owed_from = models.DateField("应召开起")
    urged_on = models.DateField("催告日期", null=True, blank=True)
    urged_until = models.DateField("催告期限", null=True, blank=True)
    refused_on = models.DateField("拒绝召开", null=True, blank=True)
    refused_by = models.CharField("拒绝召开的召集人", max_length=24, choices=list(CONVENERS.items()), blank=True)
    refusal = models.TextField("拒绝的理由", blank=True)
    refusal_taken_by = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="登记拒绝的单位"
    )
    moved_on = models.DateField("改由他人召集", null=True, blank=True)
    held_on = models.DateField("召开日期", null=True, blank=True)
    result = models.TextField("结果", blank=True)
    passed = models.BooleanField("通过", null=True)
    vote_ref = models.CharField("表决", max_length=80, blank=True)
    version = models.PositiveIntegerField(default=1)
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "应召开的业主大会"
        constraints = [
            models.CheckConstraint(
                condition=Q(state="due", held_on=None) | Q(state="held", held_on__isnull=False),
                name="governance_meeting_held",
            )
        ]

    def __str__(self) -> str:
        return f"{self.estate}业主大会（{self.get_reason_display()}）"

    @property
    def ref(self) -> Ref:
        return Ref("owed_meeting", str(self.pk), str(self), self.place_path)

    @property
    def refused(self) -> bool:
        """Whether whoever has to convene it now said that he will not."""
        return self.refused_on is not None and self.refused_by == self.convener

    def urged_in_vain(self, on: date) -> bool:
        """The days of the urging are over, or were answered with a refusal."""
        if self.urged_on is None:
            return False
        answered = self.refused and self.refused_on is not None and self.refused_on >= self.urged_on
        return answered or self.urged_until is None or self.urged_until < on
