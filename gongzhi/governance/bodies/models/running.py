"""How a committee runs: its own meetings; and the owners of an estate who might serve, as somebody went and asked."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from gongzhi.core.models import Organisation, PersonalData, PlaceBound
from gongzhi.core.refs import Ref
from gongzhi.governance.bodies.models.body import Body
from gongzhi.governance.bodies.words import ATTRIBUTES
from gongzhi.registry.models import Estate, Unit


class BodyMeeting(PlaceBound):
    """One meeting of a committee: when, how many of its members came, what was talked over and decided."""

    body = models.ForeignKey(Body, models.PROTECT, related_name="meetings", verbose_name="组织")
    held_on = models.DateField("召开日期")
    attended = models.PositiveSmallIntegerField("到会委员人数")
    members = models.PositiveSmallIntegerField("当日委员人数")
    words = models.TextField("议题和决定")
    version = models.PositiveIntegerField(default=1)
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "业委会会议"
        constraints = [
            models.CheckConstraint(condition=models.Q(attended__lte=models.F("members")), name="governance_attended")
        ]

    def __str__(self) -> str:
        return f"{self.body} {self.held_on}会议"

    @property
    def ref(self) -> Ref:
        return Ref("body_meeting", str(self.pk), str(self), self.place_path)


class Prospect(PlaceBound):
    """摸排: an owner who might serve, with what he is. Who he is is for those who put people forward, and masked."""

    estate = models.ForeignKey(Estate, models.PROTECT, related_name="prospects", verbose_name="小区")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="房屋")
    person = models.ForeignKey(PersonalData, models.PROTECT, related_name="+", verbose_name="业主")
    attributes = ArrayField(
        models.CharField(max_length=30, choices=list(ATTRIBUTES.items())), verbose_name="身份", default=list
    )
    note = models.CharField("说明", max_length=200, blank=True)
    found_on = models.DateField("摸排日期")
    found_by = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+", verbose_name="摸排单位")
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "摸排的人选"

    def __str__(self) -> str:
        return f"{self.estate} {self.unit}"

    @property
    def ref(self) -> Ref:
        return Ref("prospect", str(self.pk), str(self), self.place_path)
