"""Runs and bills. A bill names who owned the unit when it was made: what he owes stays his when the unit is sold."""

from datetime import date

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Q

from gongzhi.core.models import PlaceBound, User
from gongzhi.core.refs import Ref
from gongzhi.funds.charges.models.prices import Tariff
from gongzhi.funds.charges.words import BILL_KINDS, EVERY, FEES, RUN_STATES
from gongzhi.ledger.models import Entry
from gongzhi.registry.models import Ownership, Project, Unit
from gongzhi.registry.models.spans import days


class BillingRun(PlaceBound):
    """出账 of a project for a period of whole months. It goes on where it stopped; no two meet in one period.

    One that was withdrawn leaves its period free. `told_bill`: the owners of the bills up to this key were told.
    """

    project = models.ForeignKey(Project, models.PROTECT, related_name="billing_runs", verbose_name="物业项目")
    every = models.PositiveSmallIntegerField("周期", choices=list(EVERY.items()))
    from_on = models.DateField("自")
    to_on = models.DateField("至")
    issued_on = models.DateField("出账日期")
    due_on = models.DateField("缴费期限")
    state = models.CharField("状态", max_length=10, choices=list(RUN_STATES.items()), default="running")
    bills = models.PositiveIntegerField("户数", default=0)
    amount_fen = models.BigIntegerField("金额（分）", default=0)
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="出账人")
    by_label = models.CharField("出账人（当时）", max_length=200)
    at = models.DateTimeField("开始时间")
    done_at = models.DateTimeField("完成时间", null=True)
    withdrawn_at = models.DateTimeField("撤回时间", null=True)
    withdrawn_reason = models.CharField("撤回原因", max_length=200, blank=True)
    told_bill = models.BigIntegerField("已发送到的账单", default=0)
    told_at = models.DateTimeField("账单发送时间", null=True)
    version = models.PositiveIntegerField(default=1)
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "出账"
        indexes = [models.Index(fields=["place_path"], opclasses=["text_pattern_ops"], name="funds_run_path")]
        constraints = [
            models.CheckConstraint(condition=Q(to_on__gte=F("from_on")), name="funds_run_days"),
            ExclusionConstraint(
                name="funds_run_once",
                expressions=[
                    ("project", RangeOperators.EQUAL),
                    ("every", RangeOperators.EQUAL),
                    (days(), RangeOperators.OVERLAPS),
                ],
                condition=~Q(state="withdrawn"),
            ),
            models.CheckConstraint(
                condition=~Q(state="withdrawn") | Q(withdrawn_at__isnull=False), name="funds_run_withdrawn"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.project} {self.from_on}至{self.to_on}"

    @property
    def ref(self) -> Ref:
        return Ref("billing_run", str(self.pk), str(self), self.place_path)


class Bill(PlaceBound):
    """账单 of one unit. `paid_fen` is the sum of its allocations; `ownership` empty: the developer still has the unit.

    Its number is made of its period and its key (`number`), with no column of its own.
    """

    project = models.ForeignKey(Project, models.PROTECT, related_name="bills", db_index=False, verbose_name="物业项目")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="bills", db_index=False, verbose_name="房屋")
    ownership = models.ForeignKey(
        Ownership, models.PROTECT, null=True, related_name="bills", db_index=False, verbose_name="产权"
    )
    run = models.ForeignKey(
        BillingRun, models.PROTECT, null=True, related_name="made", db_index=False, verbose_name="出账"
    )
    kind = models.CharField("种类", max_length=8, choices=list(BILL_KINDS.items()))
    of = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="late_bill", verbose_name="原账单"
    )
    from_on = models.DateField("自")
    to_on = models.DateField("至")
    issued_on = models.DateField("出账日期")
    due_on = models.DateField("缴费期限")
    amount_fen = models.BigIntegerField("应缴（分）")
    paid_fen = models.BigIntegerField("已缴（分）", default=0)
    settled_on = models.DateField("缴清日期", null=True)
    cancelled_on = models.DateField("作废日期", null=True)
    entry = models.OneToOneField(Entry, models.PROTECT, related_name="bill", db_index=False, verbose_name="凭证")
    version = models.PositiveIntegerField(default=1)
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "物业费账单"
        indexes = [
            models.Index(
                fields=["project", "settled_on", "due_on"], name="funds_bill_due", condition=Q(cancelled_on=None)
            ),
            models.Index(fields=["unit", "from_on"], name="funds_bill_unit"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["run", "unit"], condition=Q(cancelled_on=None) & ~Q(run=None), name="funds_bill_once"
            ),
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="funds_bill_amount"),
            models.CheckConstraint(
                condition=Q(paid_fen__gte=0) & Q(paid_fen__lte=F("amount_fen")), name="funds_bill_paid"
            ),
            models.CheckConstraint(
                condition=Q(settled_on=None) | Q(paid_fen=F("amount_fen")) | Q(cancelled_on__isnull=False),
                name="funds_bill_settled",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        return f"{self.from_on:%Y%m}{self.pk:08d}"

    @property
    def open_fen(self) -> int:
        """What is still to be paid, without the cost of being late."""
        return 0 if self.cancelled_on else self.amount_fen - self.paid_fen

    @property
    def state(self) -> str:
        if self.cancelled_on:
            return "已作废"
        if self.open_fen == 0:
            return "已缴清"
        return "部分缴纳" if self.paid_fen else "待缴"

    def overdue(self, on: date) -> bool:
        return self.open_fen > 0 and on > self.due_on

    @property
    def ref(self) -> Ref:
        return Ref("bill", str(self.pk), f"物业费账单{self.number}", self.place_path)


class BillItem(models.Model):
    """One line of a bill: quantity × price × months, less what is discounted (a line below 0)."""

    bill = models.ForeignKey(Bill, models.PROTECT, related_name="items", verbose_name="账单")
    fee = models.CharField("收费项目", max_length=12, choices=list(FEES.items()))
    tariff = models.ForeignKey(
        Tariff, models.PROTECT, null=True, related_name="items", db_index=False, verbose_name="收费标准"
    )
    text = models.CharField("说明", max_length=100)
    quantity = models.DecimalField("数量", max_digits=12, decimal_places=2, null=True)
    price = models.DecimalField("单价（元）", max_digits=12, decimal_places=4, null=True)
    months = models.PositiveSmallIntegerField("月数", default=0)
    amount_fen = models.BigIntegerField("金额（分）")

    class Meta:
        verbose_name = verbose_name_plural = "账单明细"
        constraints = [models.CheckConstraint(condition=~Q(amount_fen=0), name="funds_billitem_amount")]

    def __str__(self) -> str:
        return self.text
