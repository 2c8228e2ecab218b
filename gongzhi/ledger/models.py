"""Books, accounts, entries and their postings. The database keeps them balanced: see migration 0002.

An entry is written once with all its postings and never changed; it is undone by a counter-entry alone.
"""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from gongzhi.core.models import User
from gongzhi.core.models.bases import PlaceBound
from gongzhi.core.refs import Ref
from gongzhi.ledger.kinds import ACCOUNT_KINDS, DEBIT_KINDS, PURSES


class Book(PlaceBound):
    """The books of one purse of one subject: an estate's maintenance fund, a bureau's subsidies."""

    subject_kind = models.CharField("主体类别", max_length=40)
    subject_id = models.CharField("主体编号", max_length=40)
    title = models.CharField("账簿", max_length=200)
    purse = models.CharField("资金", max_length=20, choices=list(PURSES.items()))
    opened_on = models.DateField("建账日期")
    closed_until = models.DateField("已结账至", null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "账簿"
        constraints = [
            models.UniqueConstraint(fields=["subject_kind", "subject_id", "purse"], name="ledger_book_once"),
            models.CheckConstraint(
                condition=Q(closed_until=None) | Q(closed_until__gte=F("opened_on")), name="ledger_book_closed"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def ref(self) -> Ref:
        return Ref("book", str(self.pk), self.title, self.place_path)


class Account(models.Model):
    """An account of a book. `code` orders the tree; a child's code begins with its parent's and a dot."""

    book = models.ForeignKey(Book, models.PROTECT, related_name="accounts", verbose_name="账簿", db_index=False)
    code = models.CharField("科目代码", max_length=60)
    title = models.CharField("科目", max_length=120)
    kind = models.CharField("类别", max_length=10, choices=list(ACCOUNT_KINDS.items()))
    holder_kind = models.CharField("户主类别", max_length=40, blank=True)
    holder_id = models.CharField("户主编号", max_length=40, blank=True)
    closed_on = models.DateField("停用日期", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "科目"
        constraints = [
            models.UniqueConstraint(fields=["book", "code"], name="ledger_account_once"),
            models.UniqueConstraint(
                fields=["book", "holder_kind", "holder_id"],
                condition=~Q(holder_kind=""),
                name="ledger_account_holder",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"

    @property
    def grows_by_debit(self) -> bool:
        return self.kind in DEBIT_KINDS


class Entry(models.Model):
    """One business act in the books. `key` names the act: a second posting under it returns the first."""

    book = models.ForeignKey(Book, models.PROTECT, related_name="entries", verbose_name="账簿", db_index=False)
    key = models.CharField("业务编号", max_length=80)
    kind = models.CharField("种类", max_length=40)
    booked_on = models.DateField("记账日期")
    text = models.CharField("摘要", max_length=200)
    legs = models.PositiveSmallIntegerField("分录数")
    source_kind = models.CharField("来由类别", max_length=40, blank=True)
    source_id = models.CharField("来由编号", max_length=40, blank=True)
    reverses = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="reversed_by", verbose_name="冲销"
    )
    posted_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="记账人")
    posted_label = models.CharField("记账人（当时）", max_length=200)
    posted_at = models.DateTimeField("记账时间", db_default=Now())

    class Meta:
        verbose_name = verbose_name_plural = "凭证"
        constraints = [
            models.UniqueConstraint(fields=["book", "key"], name="ledger_entry_once"),
            models.CheckConstraint(condition=Q(legs__gte=2), name="ledger_entry_legs"),
        ]
        indexes = [
            models.Index(fields=["book", "booked_on", "id"], name="ledger_entry_day"),
            models.Index(fields=["source_kind", "source_id"], name="ledger_entry_source", condition=~Q(source_kind="")),
        ]

    def __str__(self) -> str:
        return f"{self.booked_on} {self.text}"


class Posting(models.Model):
    """One leg of an entry: a debit above 0, a credit below, in 分."""

    entry = models.ForeignKey(Entry, models.PROTECT, related_name="postings", verbose_name="凭证", db_index=False)
    leg = models.PositiveSmallIntegerField("序号")
    account = models.ForeignKey(Account, models.PROTECT, related_name="postings", verbose_name="科目", db_index=False)
    booked_on = models.DateField("记账日期")
    amount_fen = models.BigIntegerField("金额（分）")

    class Meta:
        verbose_name = verbose_name_plural = "分录"
        constraints = [
            models.UniqueConstraint(fields=["entry", "leg"], name="ledger_posting_leg"),
            models.CheckConstraint(condition=~Q(amount_fen=0), name="ledger_posting_amount"),
        ]
        indexes = [models.Index(fields=["account", "booked_on"], include=["amount_fen"], name="ledger_posting_day")]

    def __str__(self) -> str:
        return f"{self.account_id}: {self.amount_fen}"


class ClosedBalance(models.Model):
    """An account's balance at the end of a closed period; a balance on a later day begins from it."""

    account = models.ForeignKey(
        Account, models.PROTECT, related_name="closed_balances", verbose_name="科目", db_index=False
    )
    on = models.DateField("截至")
    amount_fen = models.BigIntegerField("余额（分）")

    class Meta:
        verbose_name = verbose_name_plural = "期末余额"
        constraints = [models.UniqueConstraint(fields=["account", "on"], name="ledger_closed_once")]

    def __str__(self) -> str:
        return f"{self.account_id} {self.on}: {self.amount_fen}"
