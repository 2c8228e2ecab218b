"""A unit that is let, and who pays its charges meanwhile. The owner answers jointly."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Q

from gongzhi.core.models import PersonalData, PlaceBound, StoredFile
from gongzhi.funds.charges.words import BILL_TO
from gongzhi.registry.models import Unit
from gongzhi.registry.models.spans import days


class Tenancy(PlaceBound):
    """租赁 of a unit from a day to a day. `bill_to`: who is asked for the bills of periods that begin meanwhile."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="tenancies", verbose_name="房屋")
    tenant = models.ForeignKey(PersonalData, models.PROTECT, related_name="+", verbose_name="承租人")
    from_on = models.DateField("租期自")
    to_on = models.DateField("租期至", null=True, blank=True)
    agreed = models.BooleanField("租赁合同约定由承租人缴物业费", default=False)
    bill_to = models.CharField("缴费人", max_length=8, choices=list(BILL_TO.items()))
    contract = models.ForeignKey(StoredFile, models.PROTECT, null=True, related_name="+", verbose_name="租赁合同")
    answer = models.JSONField("判断", null=True)
    version = models.PositiveIntegerField(default=1)
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "房屋租赁"
        indexes = [models.Index(fields=["place_path"], opclasses=["text_pattern_ops"], name="funds_tenancy_path")]
        constraints = [
            models.CheckConstraint(condition=Q(to_on=None) | Q(to_on__gte=F("from_on")), name="funds_tenancy_days"),
            ExclusionConstraint(
                name="funds_tenancy_one_a_day",
                expressions=[("unit", RangeOperators.EQUAL), (days(), RangeOperators.OVERLAPS)],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit}租给{self.tenant}"
