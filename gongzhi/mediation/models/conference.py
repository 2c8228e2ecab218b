"""联席会议 as far as it is about disputes: which were on its list, what is done about each, what came of it."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from gongzhi.core.models import Organisation, PlaceBound
from gongzhi.core.refs import Ref
from gongzhi.mediation.models.file import MediationFile
from gongzhi.mediation.words import TOPIC_ORIGINS


class DisputeConference(PlaceBound):
    """One conference that an office held over the disputes of its place."""

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="召开单位")
    held_on = models.DateField("召开日期")
    attended = models.CharField("到会", max_length=300)
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "联席会议"
        ordering: ClassVar = ["-held_on", "-id"]
        indexes: ClassVar = [
            models.Index(fields=["place_path"], opclasses=["text_pattern_ops"], name="mediation_conference_path")
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation", "held_on"], name="mediation_conference_a_day")
        ]

    def __str__(self) -> str:
        return f"{self.organisation} {self.held_on}联席会议"

    @property
    def ref(self) -> Ref:
        return Ref("dispute_conference", str(self.pk), str(self), self.place_path)


class ConferenceTopic(models.Model):
    """A dispute before the conference of `holder`: waiting for the next one while `conference` is empty.

    `carried`: it went on to the next conference and counts there.
    """

    file = models.ForeignKey(MediationFile, models.CASCADE, related_name="topics", verbose_name="调解案件")
    holder = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="召开单位")
    conference = models.ForeignKey(
        DisputeConference, models.PROTECT, null=True, related_name="topics", verbose_name="联席会议"
    )
    origin = models.CharField("怎样来的", max_length=8, choices=list(TOPIC_ORIGINS.items()))
    reason = models.TextField("提请理由", blank=True)
    put_at = models.DateTimeField("列入时间")
    measure = models.TextField("处置措施", blank=True)
    person = models.CharField("责任人", max_length=60, blank=True)
    raised_to = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+", verbose_name="上报给")
    raised_at = models.DateTimeField("上报时间", null=True)
    conclusion = models.TextField("结论", blank=True)
    concluded_by = models.ForeignKey(
        Organisation, models.PROTECT, null=True, related_name="+", verbose_name="作出结论的单位"
    )
    concluded_at = models.DateTimeField("结论时间", null=True)
    carried = models.BooleanField("转入下次会议", default=False)
    demo = models.BooleanField("示范数据", default=False)

    class Meta:
        verbose_name = verbose_name_plural = "联席会议议题"
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["conference", "file"], name="mediation_topic_once"),
            models.UniqueConstraint(fields=["file"], condition=Q(conference=None), name="mediation_topic_waiting"),
            models.CheckConstraint(
                condition=Q(measure="", person="") | ~Q(measure="") & ~Q(person=""), name="mediation_measure_whole"
            ),
            models.CheckConstraint(
                condition=Q(conclusion="", concluded_at__isnull=True)
                | ~Q(conclusion="") & Q(concluded_at__isnull=False),
                name="mediation_topic_concluded",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.file} {self.get_origin_display()}"

    @property
    def decides(self) -> Organisation:
        """Whose conclusion it waits for."""
        return self.raised_to or self.holder

    @property
    def binding(self) -> bool:
        """Whether the dispute cannot be put away before there is a conclusion."""
        return not self.conclusion and not self.carried and (self.origin == "put" or self.raised_to_id is not None)

    @property
    def unsettled(self) -> bool:
        """Whether the next conference has to take it up again: nobody is charged with it, or a conclusion is owed."""
        if self.conclusion or self.raised_to_id is not None:
            return False
        return self.origin == "put" or not self.measure

    @property
    def state(self) -> str:
        if self.conclusion:
            return "已有结论"
        if self.raised_to is not None:
            return f"{self.raised_to.place.name[-1]}级待议"
        if self.conference_id is None:
            return "等下次会议"
        return "已登记措施" if self.measure else "未登记措施"
