"""Merchant accounts, orders, issues, refunds, receipts, deductions by the bank, the provider's bill of each day.

Money that came in is a `charges.Settlement`; here is how it came.
"""

from datetime import datetime

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from gongzhi.core.models import Organisation, PlaceBound, StoredFile, User
from gongzhi.core.money import yuan
from gongzhi.core.refs import Ref
from gongzhi.funds.charges.models import Bill, Settlement
from gongzhi.funds.payments.words import (
    BATCH_STATES,
    DAY_STATES,
    HOWS,
    ISSUE_STATES,
    ISSUES,
    LINE_STATES,
    ORDER_STATES,
    PROVIDERS,
    REFUND_HOWS,
    REFUND_STATES,
    WAYS,
)
from gongzhi.ledger.models import Entry
from gongzhi.registry.models import Ownership, Project, Unit


def path_index(name: str) -> models.Index:
    return models.Index(fields=["place_path"], opclasses=["text_pattern_ops"], name=name)


class PayChannel(PlaceBound):
    """收款渠道: a merchant account of the company for one of its projects. `handle` is in the callback's address.

    The keys lie under cipher in `keys_cipher` (JSON); nobody is shown them again. `stand_in`: no provider behind it,
    for demonstrations alone.
    """

    project = models.ForeignKey(Project, models.PROTECT, related_name="pay_channels", verbose_name="物业项目")
    provider = models.CharField("渠道", max_length=8, choices=list(PROVIDERS.items()))
    merchant = models.CharField("商户号", max_length=40)
    app = models.CharField("应用编号", max_length=40)
    keys_cipher = models.TextField("密钥（密文）", blank=True)
    handle = models.CharField("回调标识", max_length=32, unique=True)
    stand_in = models.BooleanField("演示渠道", default=False)
    from_on = models.DateField("启用")
    to_on = models.DateField("停用", null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "收款渠道"
        indexes = [path_index("funds_paychannel_path")]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "provider"], condition=Q(to_on=None), name="funds_paychannel_one"
            ),
            models.CheckConstraint(condition=Q(stand_in=False) | Q(demo=True), name="funds_paychannel_stand_in"),
        ]

    def __str__(self) -> str:
        return f"{self.get_provider_display()} {self.merchant}"

    @property
    def ref(self) -> Ref:
        return Ref("pay_channel", str(self.pk), str(self), self.place_path)


class PayOrder(PlaceBound):
    """支付订单: one for a set of bills, an amount and a channel while it is open. `number` is what the provider knows.

    `basket` is a digest of what is to be paid and how: a second click, or a second tab, finds the first order.
    """

    number = models.CharField("商户订单号", max_length=32, unique=True)
    channel = models.ForeignKey(PayChannel, models.PROTECT, related_name="orders", verbose_name="收款渠道")
    way = models.CharField("方式", max_length=8, choices=list(WAYS.items()))
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="pay_orders", verbose_name="房屋")
    ownership = models.ForeignKey(Ownership, models.PROTECT, null=True, related_name="+", verbose_name="产权")
    basket = models.CharField("内容摘要", max_length=64)
    amount_fen = models.BigIntegerField("金额（分）")
    state = models.CharField("状态", max_length=8, choices=list(ORDER_STATES.items()), default="open")
    qr = models.CharField("二维码内容", max_length=600, blank=True)
    url = models.TextField("付款地址", blank=True)
    transaction = models.CharField("渠道流水号", max_length=64, blank=True)
    settlement = models.OneToOneField(
        Settlement, models.PROTECT, null=True, related_name="pay_order", verbose_name="收款"
    )
    made_at = models.DateTimeField("下单时间")
    expires_at = models.DateTimeField("有效期至")
    looked_at = models.DateTimeField("最近查询", null=True)
    paid_at = models.DateTimeField("付款时间", null=True)
    closed_at = models.DateTimeField("关闭时间", null=True)
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="下单人")
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "支付订单"
        indexes = [
            path_index("funds_payorder_path"),
            models.Index(fields=["unit", "-made_at"], name="funds_payorder_unit"),
            models.Index(fields=["expires_at"], condition=Q(state__in=["open", "closing"]), name="funds_payorder_due"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["basket"], condition=Q(state="open"), name="funds_payorder_once"),
            models.UniqueConstraint(
                fields=["channel", "transaction"], condition=~Q(transaction=""), name="funds_payorder_transaction"
            ),
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="funds_payorder_amount"),
            models.CheckConstraint(
                condition=~Q(state="paid") | Q(settlement__isnull=False, paid_at__isnull=False),
                name="funds_payorder_paid",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    def payable(self, now: datetime) -> bool:
        return self.state == "open" and now < self.expires_at

    @property
    def ref(self) -> Ref:
        return Ref("pay_order", str(self.pk), f"支付订单{self.number}", self.place_path)


class PayOrderBill(models.Model):
    """A bill that the order is to clear, and what was open of it, cost of being late included, in 分."""

    order = models.ForeignKey(PayOrder, models.PROTECT, related_name="lines", verbose_name="订单")
    bill = models.ForeignKey(Bill, models.PROTECT, related_name="order_lines", verbose_name="账单")
    amount_fen = models.BigIntegerField("金额（分）")

    class Meta:
        verbose_name = verbose_name_plural = "订单账单"
        constraints = [models.UniqueConstraint(fields=["order", "bill"], name="funds_payorderbill_once")]

    def __str__(self) -> str:
        return f"{self.order_id}: {self.bill_id}"


class PayLink(models.Model):
    """The address on a unit's bills, as a QR code. Whoever opens it sees nothing of the unit before he confirms.

    The token is made anew from `nonce` whenever a bill is printed; looked up by its digest.
    """

    unit = models.OneToOneField(Unit, models.PROTECT, related_name="pay_link", verbose_name="房屋")
    nonce = models.CharField(max_length=32)
    token_hash = models.CharField(max_length=64, unique=True)
    failures = models.PositiveSmallIntegerField("不符次数", default=0)
    shut_until = models.DateTimeField("暂停至", null=True)
    made_at = models.DateTimeField("生成时间")

    class Meta:
        verbose_name = verbose_name_plural = "缴费链接"

    def __str__(self) -> str:
        return str(self.unit_id)


class PayIssue(PlaceBound):
    """疑点 of a channel: what a callback, a query or the daily bill says and our books do not; how it ended."""

    channel = models.ForeignKey(PayChannel, models.PROTECT, related_name="issues", verbose_name="收款渠道")
    kind = models.CharField("种类", max_length=16, choices=list(ISSUES.items()))
    order = models.ForeignKey(PayOrder, models.PROTECT, null=True, related_name="issues", verbose_name="订单")
    day = models.DateField("账单日期", null=True)
    number = models.CharField("商户订单号", max_length=64, blank=True)
    transaction = models.CharField("渠道流水号", max_length=64, blank=True)
    refund = models.CharField("退款单号", max_length=64, blank=True)
    their_fen = models.BigIntegerField("渠道金额（分）", null=True)
    our_fen = models.BigIntegerField("平台金额（分）", null=True)
    noted_at = models.DateTimeField("发现时间")
    state = models.CharField("状态", max_length=8, choices=list(ISSUE_STATES.items()), default="open")
    how = models.CharField("处理", max_length=16, choices=list(HOWS.items()), blank=True)
    reason = models.CharField("说明", max_length=200, blank=True)
    done_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="处理人")
    done_at = models.DateTimeField("处理时间", null=True)
    version = models.PositiveIntegerField(default=1)
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "收款疑点"
        indexes = [
            path_index("funds_payissue_path"),
            models.Index(fields=["channel", "state", "noted_at"], name="funds_payissue_open"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["channel", "kind", "number", "transaction", "refund"], name="funds_payissue_once"
            ),
            models.CheckConstraint(condition=Q(state="open") | ~Q(how="") & ~Q(reason=""), name="funds_payissue_done"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.number}"

    @property
    def ref(self) -> Ref:
        return Ref("pay_issue", str(self.pk), str(self), self.place_path)


class RefundRequest(PlaceBound):
    """退款申请 of what came in: asked for by one person, approved by another, paid out, then posted."""

    settlement = models.ForeignKey(Settlement, models.PROTECT, related_name="refund_requests", verbose_name="原缴费")
    number = models.CharField("退款单号", max_length=32, unique=True)
    how = models.CharField("退款方式", max_length=8, choices=list(REFUND_HOWS.items()))
    amount_fen = models.BigIntegerField("金额（分）")
    reason = models.CharField("原因", max_length=200)
    state = models.CharField("状态", max_length=8, choices=list(REFUND_STATES.items()), default="asked")
    opinion = models.CharField("审批意见", max_length=200, blank=True)
    provider_number = models.CharField("渠道退款单号", max_length=64, blank=True)
    said = models.CharField("渠道答复", max_length=200, blank=True)
    taken_back = models.OneToOneField(
        Settlement, models.PROTECT, null=True, related_name="refund_request", verbose_name="退款记账"
    )
    asked_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="申请人")
    asked_at = models.DateTimeField("申请时间")
    judged_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="审批人")
    judged_at = models.DateTimeField("审批时间", null=True)
    sent_at = models.DateTimeField("送渠道时间", null=True)
    done_at = models.DateTimeField("退款时间", null=True)
    version = models.PositiveIntegerField(default=1)
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "退款申请"
        indexes = [
            path_index("funds_refund_path"),
            models.Index(fields=["state", "sent_at"], name="funds_refund_state"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="funds_refund_amount"),
            models.CheckConstraint(
                condition=~Q(state="done") | Q(taken_back__isnull=False), name="funds_refund_posted"
            ),
            models.CheckConstraint(
                condition=Q(judged_by=None) | Q(asked_by=None) | ~Q(judged_by=F("asked_by")),
                name="funds_refund_two_people",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def ref(self) -> Ref:
        title = f"{self.settlement.unit}退款{yuan(self.amount_fen)}元"
        return Ref("refund_request", str(self.pk), title, self.place_path)


class Receipt(PlaceBound):
    """收据 of money that came in. Numbered without gaps per company and year; voided with a reason, never deleted."""

    company = models.ForeignKey(Organisation, models.PROTECT, related_name="receipts", verbose_name="物业服务企业")
    settlement = models.ForeignKey(Settlement, models.PROTECT, related_name="receipts", verbose_name="收款")
    year = models.PositiveSmallIntegerField("年份")
    seq = models.PositiveIntegerField("序号")
    amount_fen = models.BigIntegerField("金额（分）")
    lines = models.JSONField("明细")
    issued_at = models.DateTimeField("开具时间")
    issued_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="开具人")
    issued_label = models.CharField("开具人（当时）", max_length=200)
    replaces = models.OneToOneField(
        "self", models.PROTECT, null=True, related_name="replaced_by", verbose_name="换开自"
    )
    voided_at = models.DateTimeField("作废时间", null=True)
    voided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="作废人")
    void_reason = models.CharField("作废原因", max_length=200, blank=True)
    version = models.PositiveIntegerField(default=1)
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "收据"
        indexes = [path_index("funds_receipt_path")]
        constraints = [
            models.UniqueConstraint(fields=["company", "year", "seq"], name="funds_receipt_number"),
            models.UniqueConstraint(fields=["settlement"], condition=Q(voided_at=None), name="funds_receipt_one"),
            models.CheckConstraint(condition=Q(voided_at=None) | ~Q(void_reason=""), name="funds_receipt_void"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        return f"SJ{self.company_id}-{self.year}-{self.seq:06d}"

    @property
    def ref(self) -> Ref:
        return Ref("receipt", str(self.pk), f"收据{self.number}", self.place_path)


class CashDeposit(PlaceBound):
    """现金存行: what was taken at the counter, paid into the purse's account at the bank on a slip. `key`: once."""

    project = models.ForeignKey(Project, models.PROTECT, related_name="cash_deposits", verbose_name="物业项目")
    amount_fen = models.BigIntegerField("金额（分）")
    on = models.DateField("存入日期")
    slip = models.CharField("缴款单号", max_length=64)
    file = models.ForeignKey(StoredFile, models.PROTECT, null=True, related_name="+", verbose_name="缴款单")
    key = models.CharField("业务编号", max_length=80, unique=True)
    entry = models.OneToOneField(Entry, models.PROTECT, related_name="+", verbose_name="凭证")
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="经办人")
    by_label = models.CharField("经办人（当时）", max_length=200)
    at = models.DateTimeField("登记时间")
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "现金存行"
        indexes = [path_index("funds_cashdeposit_path")]
        constraints = [
            models.UniqueConstraint(fields=["project", "slip"], name="funds_cashdeposit_slip"),
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="funds_cashdeposit_amount"),
        ]

    def __str__(self) -> str:
        return f"现金存行 {self.slip}"

    @property
    def ref(self) -> Ref:
        return Ref("cash_deposit", str(self.pk), str(self), self.place_path)


class DeductionMandate(PlaceBound):
    """代扣授权 of an account at the bank for a unit's charges. Account and holder lie under cipher."""

    project = models.ForeignKey(Project, models.PROTECT, related_name="mandates", verbose_name="物业项目")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="mandates", verbose_name="房屋")
    bank = models.CharField("开户行", max_length=100)
    agreement = models.CharField("协议号", max_length=64)
    holder_cipher = models.TextField("户名（密文）")
    account_cipher = models.TextField("账号（密文）")
    account_tail = models.CharField("账号末四位", max_length=4)
    from_on = models.DateField("自")
    to_on = models.DateField("至", null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "代扣授权"
        indexes = [path_index("funds_mandate_path")]
        constraints = [
            models.UniqueConstraint(fields=["unit", "project"], condition=Q(to_on=None), name="funds_mandate_one")
        ]

    def __str__(self) -> str:
        return f"{self.bank} 尾号{self.account_tail}"

    @property
    def ref(self) -> Ref:
        return Ref("mandate", str(self.pk), f"代扣授权{self.agreement}", self.place_path)


class DeductionBatch(PlaceBound):
    """代扣文件: what the bank was asked to collect, and what it answered."""

    project = models.ForeignKey(Project, models.PROTECT, related_name="deduction_batches", verbose_name="物业项目")
    number = models.PositiveIntegerField("批次")
    state = models.CharField("状态", max_length=10, choices=list(BATCH_STATES.items()), default="made")
    count = models.PositiveIntegerField("笔数")
    amount_fen = models.BigIntegerField("金额（分）")
    paid_fen = models.BigIntegerField("扣成金额（分）", default=0)
    made_at = models.DateTimeField("生成时间")
    made_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="生成人")
    reply = models.ForeignKey(StoredFile, models.PROTECT, null=True, related_name="+", verbose_name="回盘文件")
    returned_at = models.DateTimeField("回盘时间", null=True)
    version = models.PositiveIntegerField(default=1)
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "代扣批次"
        indexes = [path_index("funds_batch_path")]
        constraints = [models.UniqueConstraint(fields=["project", "number"], name="funds_batch_number")]

    def __str__(self) -> str:
        return f"代扣第{self.number}批"

    @property
    def ref(self) -> Ref:
        return Ref("deduction_batch", str(self.pk), str(self), self.place_path)


class DeductionLine(models.Model):
    """One unit in a batch. While the bank has it, the unit stands in no other batch."""

    batch = models.ForeignKey(DeductionBatch, models.PROTECT, related_name="lines", verbose_name="批次")
    mandate = models.ForeignKey(DeductionMandate, models.PROTECT, related_name="lines", verbose_name="授权")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="房屋")
    serial = models.CharField("明细号", max_length=32, unique=True)
    amount_fen = models.BigIntegerField("金额（分）")
    bills = ArrayField(models.BigIntegerField(), verbose_name="账单")
    state = models.CharField("状态", max_length=8, choices=list(LINE_STATES.items()), default="sent")
    said = models.CharField("银行答复", max_length=100, blank=True)
    settlement = models.OneToOneField(
        Settlement, models.PROTECT, null=True, related_name="deduction_line", verbose_name="收款"
    )

    class Meta:
        verbose_name = verbose_name_plural = "代扣明细"
        constraints = [
            models.UniqueConstraint(fields=["unit"], condition=Q(state="sent"), name="funds_deduction_one"),
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="funds_deduction_amount"),
            models.CheckConstraint(
                condition=~Q(state="paid") | Q(settlement__isnull=False), name="funds_deduction_paid"
            ),
        ]

    def __str__(self) -> str:
        return self.serial


class ChannelDay(PlaceBound):
    """对账 of a channel's day: the provider's bill against ours; then the transfer to the bank, net of the fee."""

    channel = models.ForeignKey(PayChannel, models.PROTECT, related_name="days", verbose_name="收款渠道")
    on = models.DateField("日期")
    state = models.CharField("状态", max_length=8, choices=list(DAY_STATES.items()))
    paid_count = models.PositiveIntegerField("收款笔数")
    paid_fen = models.BigIntegerField("收款（分）")
    refund_count = models.PositiveIntegerField("退款笔数")
    refund_fen = models.BigIntegerField("退款（分）")
    fee_fen = models.BigIntegerField("手续费（分）")
    matched = models.PositiveIntegerField("对上笔数")
    fetched_at = models.DateTimeField("取账时间")
    entry = models.ForeignKey(Entry, models.PROTECT, null=True, related_name="+", verbose_name="到账凭证")
    arrived_on = models.DateField("到账日期", null=True)
    version = models.PositiveIntegerField(default=1)
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "渠道对账"
        indexes = [path_index("funds_channelday_path")]
        constraints = [models.UniqueConstraint(fields=["channel", "on"], name="funds_channelday_once")]

    def __str__(self) -> str:
        return f"{self.channel} {self.on}"

    @property
    def net_fen(self) -> int:
        """What comes to the bank: paid less refunds less the fee."""
        return self.paid_fen - self.refund_fen - self.fee_fen

    @property
    def ref(self) -> Ref:
        return Ref("channel_day", str(self.pk), str(self), self.place_path)


class ChannelLine(models.Model):
    """A line of the provider's bill. `refund`: our number of the refund; empty for a payment."""

    day = models.ForeignKey(ChannelDay, models.PROTECT, related_name="lines", verbose_name="对账日")
    transaction = models.CharField("渠道流水号", max_length=64)
    number = models.CharField("商户订单号", max_length=64)
    refund = models.CharField("退款单号", max_length=64, blank=True)
    amount_fen = models.BigIntegerField("金额（分）")
    fee_fen = models.BigIntegerField("手续费（分）")
    at = models.DateTimeField("时间")
    settlement = models.ForeignKey(Settlement, models.PROTECT, null=True, related_name="+", verbose_name="对上的收款")

    class Meta:
        verbose_name = verbose_name_plural = "渠道账单明细"
        constraints = [
            models.UniqueConstraint(fields=["day", "transaction", "refund"], name="funds_channelline_once"),
            models.UniqueConstraint(
                fields=["settlement"], condition=Q(settlement__isnull=False), name="funds_channelline_settlement"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.refund}".strip()
