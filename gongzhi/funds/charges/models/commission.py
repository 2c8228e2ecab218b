"""酬金制: what the service of a period cost, paid as it was, and the commission that the contract gives for it."""

from django.db import models
from django.db.models import F, Q

from gongzhi.core.models import PlaceBound, StoredFile, User
from gongzhi.funds.charges.models.prices import ChargeTerms
from gongzhi.ledger.models import Entry
from gongzhi.registry.models import Project


class CommissionSettlement(PlaceBound):
    project = models.ForeignKey(Project, models.PROTECT, related_name="commissions", verbose_name="物业项目")
    terms = models.ForeignKey(ChargeTerms, models.PROTECT, related_name="+", verbose_name="合同约定")
    from_on = models.DateField("自")
    to_on = models.DateField("至")
    spent_fen = models.BigIntegerField("物业服务支出（分）")
    commission_fen = models.BigIntegerField("酬金（分）")
    text = models.CharField("支出说明", max_length=300)
    papers = models.ForeignKey(StoredFile, models.PROTECT, null=True, related_name="+", verbose_name="支出明细")
    settled_on = models.DateField("结算日期")
    settled_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="经办人")
    entry = models.ForeignKey(Entry, models.PROTECT, related_name="+", verbose_name="凭证")
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "酬金结算"
        indexes = [models.Index(fields=["place_path"], opclasses=["text_pattern_ops"], name="funds_commission_path")]
        constraints = [
            models.UniqueConstraint(fields=["project", "from_on"], name="funds_commission_once"),
            models.CheckConstraint(condition=Q(spent_fen__gt=0, commission_fen__gte=0), name="funds_commission_sums"),
            models.CheckConstraint(condition=Q(to_on__gte=F("from_on")), name="funds_commission_days"),
        ]

    def __str__(self) -> str:
        return f"{self.project} {self.from_on}至{self.to_on}"
