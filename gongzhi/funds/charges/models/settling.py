"""How money settles bills: what came in or went back, and which bills it went to."""

from django.db import models
from django.db.models import F, Q

from gongzhi.core.models import PlaceBound, User
from gongzhi.core.money import yuan
from gongzhi.core.refs import Ref
from gongzhi.funds.charges.models.billing import Bill
from gongzhi.funds.charges.words import CHANNELS, SETTLEMENT_KINDS
from gongzhi.ledger.models import Entry
from gongzhi.registry.models import Ownership, Project, Unit


class Settlement(PlaceBound):
    """One movement of money, with its entry. `key` names the act: it comes in once.

    What its bills did not take is paid in advance (预存) for `unit` by the owners of `ownership`. A refund or a
    reversal names the payment it takes back; `refunded_fen` of a payment is the sum of those.
    """

    project = models.ForeignKey(Project, models.PROTECT, related_name="settlements", verbose_name="物业项目")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="settlements", verbose_name="房屋")
    ownership = models.ForeignKey(Ownership, models.PROTECT, null=True, related_name="+", verbose_name="产权")
    kind = models.CharField("种类", max_length=8, choices=list(SETTLEMENT_KINDS.items()))
    of = models.ForeignKey("self", models.PROTECT, null=True, related_name="taken_back", verbose_name="原缴费")
    channel = models.CharField("渠道", max_length=10, choices=list(CHANNELS.items()))
    key = models.CharField("业务编号", max_length=80, unique=True)
    reference = models.CharField("渠道流水号", max_length=80, blank=True)
    amount_fen = models.BigIntegerField("金额（分）")
    allocated_fen = models.BigIntegerField("用于账单（分）", default=0)
    refunded_fen = models.BigIntegerField("已退（分）", default=0)
    on = models.DateField("日期")
    text = models.CharField("说明", max_length=200, blank=True)
    entry = models.OneToOneField(Entry, models.PROTECT, related_name="settlement", verbose_name="凭证")
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="经办人")
    by_label = models.CharField("经办人（当时）", max_length=200)
    at = models.DateTimeField("登记时间")
    version = models.PositiveIntegerField(default=1)
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "物业费收款"
        indexes = [
            models.Index(fields=["place_path"], opclasses=["text_pattern_ops"], name="funds_settlement_path"),
            models.Index(fields=["project", "on"], name="funds_settlement_day"),
            models.Index(fields=["channel", "on"], name="funds_settlement_channel"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="funds_settlement_amount"),
            models.CheckConstraint(
                condition=Q(allocated_fen__gte=0)
                & Q(refunded_fen__gte=0)
                & Q(amount_fen__gte=F("allocated_fen") + F("refunded_fen")),
                name="funds_settlement_parts",
            ),
            models.CheckConstraint(
                condition=Q(kind="payment", of=None) | ~Q(kind="payment") & Q(of__isnull=False, allocated_fen=0),
                name="funds_settlement_kind",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.key}"

    @property
    def advance_fen(self) -> int:
        """预存: what is left of the payment."""
        return self.amount_fen - self.allocated_fen - self.refunded_fen if self.kind == "payment" else 0

    @property
    def ref(self) -> Ref:
        title = f"{self.unit}{self.get_kind_display()}{yuan(self.amount_fen)}元"
        return Ref("settlement", str(self.pk), title, self.place_path)


class Allocation(models.Model):
    """What of a payment went to a bill, in 分; below 0 where it was taken back. Rows are added, never changed."""

    settlement = models.ForeignKey(Settlement, models.PROTECT, related_name="allocations", verbose_name="收款")
    bill = models.ForeignKey(Bill, models.PROTECT, related_name="allocations", verbose_name="账单")
    amount_fen = models.BigIntegerField("金额（分）")
    on = models.DateField("日期")

    class Meta:
        verbose_name = verbose_name_plural = "收款去向"
        constraints = [models.CheckConstraint(condition=~Q(amount_fen=0), name="funds_allocation_amount")]

    def __str__(self) -> str:
        return f"{self.bill_id}: {self.amount_fen}"
