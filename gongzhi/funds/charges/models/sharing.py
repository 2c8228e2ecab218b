"""Shared water and power of a period, and what each unit bears of it."""

from django.db import models
from django.db.models import F, Q

from gongzhi.core.models import PlaceBound, StoredFile
from gongzhi.funds.charges.models.billing import Bill
from gongzhi.funds.charges.words import SHARED_COSTS
from gongzhi.funds.common.words import SHARED_BY
from gongzhi.registry.models import Building, Project, Unit


class SharedCost(PlaceBound):
    """公摊: an invoice of a utility for a period, split over the units of the estate or of one building."""

    project = models.ForeignKey(Project, models.PROTECT, related_name="shared_costs", verbose_name="物业项目")
    building = models.ForeignKey(Building, models.PROTECT, null=True, related_name="+", verbose_name="楼幢")
    kind = models.CharField("种类", max_length=12, choices=list(SHARED_COSTS.items()))
    by = models.CharField("分摊方式", max_length=8, choices=list(SHARED_BY.items()))
    from_on = models.DateField("自")
    to_on = models.DateField("至")
    amount_fen = models.BigIntegerField("金额（分）")
    words = models.CharField("分摊说明", max_length=200)
    voucher = models.ForeignKey(StoredFile, models.PROTECT, null=True, related_name="+", verbose_name="票据")
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "公共水电"
        indexes = [models.Index(fields=["place_path"], opclasses=["text_pattern_ops"], name="funds_shared_path")]
        constraints = [
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="funds_shared_amount"),
            models.CheckConstraint(condition=Q(to_on__gte=F("from_on")), name="funds_shared_days"),
            models.UniqueConstraint(
                fields=["project", "building", "kind", "from_on"], nulls_distinct=False, name="funds_shared_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.from_on}至{self.to_on}"


class SharedPart(models.Model):
    """What one unit bears, and on which bill it stands."""

    cost = models.ForeignKey(SharedCost, models.PROTECT, related_name="parts", verbose_name="公共水电")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="房屋")
    amount_fen = models.BigIntegerField("金额（分）")
    bill = models.ForeignKey(Bill, models.PROTECT, null=True, related_name="shared_parts", verbose_name="账单")

    class Meta:
        verbose_name = verbose_name_plural = "公共水电分摊"
        constraints = [models.UniqueConstraint(fields=["cost", "unit"], name="funds_shared_part_once")]
        indexes = [models.Index(fields=["unit"], condition=Q(bill=None), name="funds_shared_part_open")]

    def __str__(self) -> str:
        return f"{self.unit_id} {self.amount_fen}"
