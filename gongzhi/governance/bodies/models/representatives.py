"""Meetings of the owners' representatives: what such a meeting chose or agreed to rests on its record."""

from django.db import models

from gongzhi.core.display import cn_date
from gongzhi.core.models import Organisation, PersonalData, PlaceBound
from gongzhi.core.refs import Ref
from gongzhi.registry.models import Estate, Unit


class RepresentativeMeeting(PlaceBound):
    """One meeting of the representatives of an estate: when, who called it, what was agreed; its minutes are files."""

    estate = models.ForeignKey(Estate, models.PROTECT, related_name="representative_meetings", verbose_name="小区")
    held_on = models.DateField("召开日期")
    called_by = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+", verbose_name="召集单位")
    words = models.TextField("议题和决定")
    version = models.PositiveIntegerField(default=1)
    demo = models.BooleanField("示范数据", default=False)

    class Meta:
        verbose_name = verbose_name_plural = "业主代表会议"
        # As every row of a place has it; the name made of the model's would be too long.
        indexes = [
            models.Index(fields=["place_path"], opclasses=["text_pattern_ops"], name="governance_representative_path")
        ]

    def __str__(self) -> str:
        return f"{self.estate}{cn_date(self.held_on)}业主代表会议"

    @property
    def ref(self) -> Ref:
        return Ref("representative_meeting", str(self.pk), str(self), self.place_path)


class RepresentativePresent(models.Model):
    """One representative who was there, and the home for which he was held against the owners of that day."""

    meeting = models.ForeignKey(RepresentativeMeeting, models.CASCADE, related_name="present", verbose_name="会议")
    person = models.ForeignKey(PersonalData, models.PROTECT, related_name="+", verbose_name="业主代表")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="房屋")

    class Meta:
        verbose_name = verbose_name_plural = "到会的业主代表"
        constraints = [models.UniqueConstraint(fields=["meeting", "unit"], name="governance_present_once")]

    def __str__(self) -> str:
        return f"{self.meeting_id} {self.unit}"
