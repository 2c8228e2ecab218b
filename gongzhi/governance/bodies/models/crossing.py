"""Somebody who holds a post on two sides: of the residents' committee and the owners' committee, say."""

from django.db import models
from django.db.models import F, Q

from gongzhi.core.models import PersonalData, PlaceBound
from gongzhi.core.refs import Ref
from gongzhi.governance.bodies.words import SIDES
from gongzhi.registry.models import Estate


class CrossPost(PlaceBound):
    """Both posts of one person, from a day to a day (both included); from the day after it is history by itself."""

    estate = models.ForeignKey(Estate, models.PROTECT, related_name="cross_posts", verbose_name="小区")
    person = models.ForeignKey(PersonalData, models.PROTECT, related_name="+", verbose_name="人员")
    first_side = models.CharField("一方", max_length=24, choices=list(SIDES.items()))
    first_title = models.CharField("一方职务", max_length=60)
    second_side = models.CharField("另一方", max_length=24, choices=list(SIDES.items()))
    second_title = models.CharField("另一方职务", max_length=60)
    from_on = models.DateField("自")
    to_on = models.DateField("至", null=True, blank=True)
    procedure = models.TextField("依什么程序产生", blank=True)
    version = models.PositiveIntegerField(default=1)
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "双向兼职（交叉任职）"
        constraints = [
            models.CheckConstraint(condition=~Q(first_side=F("second_side")), name="governance_cross_sides"),
            models.CheckConstraint(condition=Q(to_on=None) | Q(to_on__gte=F("from_on")), name="governance_cross_days"),
        ]

    def __str__(self) -> str:
        return f"{self.get_first_side_display()}、{self.get_second_side_display()}"

    @property
    def ref(self) -> Ref:
        return Ref("cross_post", str(self.pk), str(self), self.place_path)
