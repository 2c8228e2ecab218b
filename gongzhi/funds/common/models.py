"""Accounts at the bank that hold a purse, the bank's statements, and what each of their lines was matched with."""

from django.db import models
from django.db.models import F, Q

from gongzhi.core.models import Organisation, PlaceBound, StoredFile, User
from gongzhi.core.money import yuan
from gongzhi.core.refs import Ref
from gongzhi.funds.common.words import MANAGERS, MATCHES
from gongzhi.ledger.kinds import PURSES
from gongzhi.ledger.models import Entry
from gongzhi.registry.models import Estate


class SupervisedAccount(PlaceBound):
    """专户、监管账户: where an estate's purse lies from a day on. One number holds the money of one estate."""

    estate = models.ForeignKey(Estate, models.PROTECT, related_name="bank_accounts", verbose_name="小区")
    purse = models.CharField("资金", max_length=20, choices=list(PURSES.items()))
    manager = models.CharField("管理方式", max_length=12, choices=list(MANAGERS.items()))
    bank = models.CharField("开户行", max_length=100)
    holder = models.CharField("户名", max_length=100)
    number = models.CharField("账号", max_length=40)
    contract_clause = models.CharField("合同条款", max_length=200, blank=True)
    keeper = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+", verbose_name="管理单位")
    supervisor = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+", verbose_name="监管单位")
    from_on = models.DateField("启用")
    to_on = models.DateField("停用", null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "监管账户"
        indexes = [
            models.Index(fields=["place_path"], opclasses=["text_pattern_ops"], name="funds_account_path"),
            models.Index(fields=["estate", "purse"], name="funds_account_estate"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["number", "purse"], condition=Q(to_on=None), name="funds_account_number"),
            models.UniqueConstraint(fields=["estate", "purse"], condition=Q(to_on=None), name="funds_account_one"),
            models.CheckConstraint(condition=Q(to_on=None) | Q(to_on__gte=F("from_on")), name="funds_account_days"),
        ]

    def __str__(self) -> str:
        return f"{self.bank} 尾号{self.tail}"

    @property
    def tail(self) -> str:
        return self.number[-4:]

    @property
    def ref(self) -> Ref:
        return Ref("bank_account", str(self.pk), str(self), self.place_path)


class BankStatement(models.Model):
    """A file of the bank as it came, with how its columns were read."""

    account = models.ForeignKey(SupervisedAccount, models.PROTECT, related_name="statements", verbose_name="账户")
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+", verbose_name="文件")
    columns = models.JSONField("列的对应")
    from_on = models.DateField("自")
    to_on = models.DateField("至")
    closing_fen = models.BigIntegerField("期末余额（分）", null=True)
    fresh = models.PositiveIntegerField("新增笔数")
    known = models.PositiveIntegerField("已有笔数")
    imported_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="导入人")
    imported_at = models.DateTimeField("导入时间")
    demo = models.BooleanField("示范数据", default=False)

    class Meta:
        verbose_name = verbose_name_plural = "银行对账单"

    def __str__(self) -> str:
        return f"{self.from_on}至{self.to_on}"


class BankLine(models.Model):
    """One movement at the bank, in 分: money in above 0. `reference` is the bank's own number: it comes in once.

    Where the bank gives none it is made of day, amount and balance, and begins with `MADE`.
    """

    MADE = "无流水号/"

    account = models.ForeignKey(SupervisedAccount, models.PROTECT, related_name="lines", verbose_name="账户")
    statement = models.ForeignKey(BankStatement, models.PROTECT, related_name="lines", verbose_name="对账单")
    booked_on = models.DateField("日期")
    amount_fen = models.BigIntegerField("金额（分）")
    balance_fen = models.BigIntegerField("余额（分）", null=True)
    reference = models.CharField("流水号", max_length=64)
    counterparty = models.CharField("对方户名", max_length=100, blank=True)
    text = models.CharField("摘要", max_length=200, blank=True)
    match = models.CharField("对账", max_length=8, choices=list(MATCHES.items()), default="none")
    entries = models.ManyToManyField(Entry, through="LineEntry", related_name="bank_lines", verbose_name="凭证")
    reason = models.CharField("说明", max_length=200, blank=True)
    matched_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="对账人")
    matched_at = models.DateTimeField("对账时间", null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = verbose_name_plural = "银行流水"
        constraints = [
            models.UniqueConstraint(fields=["account", "reference"], name="funds_line_once"),
            models.CheckConstraint(condition=~Q(amount_fen=0), name="funds_line_amount"),
        ]
        indexes = [models.Index(fields=["account", "match", "booked_on"], name="funds_line_open")]

    def __str__(self) -> str:
        return f"{self.booked_on} {self.reference}"

    @property
    def told(self) -> str:
        """The bank's number, or what tells the line without one."""
        if self.reference.startswith(self.MADE):
            return f"余额{yuan(self.balance_fen or 0)}元"
        return f"流水号{self.reference}"


class LineEntry(models.Model):
    """An entry of the books that a movement at the bank was matched with; the bank may put several in one sum."""

    line = models.ForeignKey(BankLine, models.CASCADE, related_name="matched", verbose_name="流水")
    entry = models.OneToOneField(Entry, models.PROTECT, related_name="at_bank", verbose_name="凭证")

    class Meta:
        verbose_name = verbose_name_plural = "流水对上的凭证"

    def __str__(self) -> str:
        return f"{self.line_id} {self.entry_id}"
