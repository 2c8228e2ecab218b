"""Contracts of the shared parts, each receipt and expense, statements put on display, and what owners ask of them."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from gongzhi.core.display import cn_date
from gongzhi.core.models import PersonalData, PlaceBound, StoredFile, User
from gongzhi.core.refs import Ref
from gongzhi.funds.common.models import SupervisedAccount
from gongzhi.funds.revenue.words import FLAGS, OWNED_BY, PURPOSES, ROOM_USES, SOURCES, UPKEEP
from gongzhi.governance.votes.models import Motion
from gongzhi.ledger.models import Entry
from gongzhi.registry.models import Estate


class PublicRoom(PlaceBound):
    """公共用房 of an estate: what it serves for, how far it is used, and whether the community agrees to letting it."""

    estate = models.ForeignKey(Estate, models.PROTECT, related_name="public_rooms", verbose_name="小区")
    name = models.CharField("房屋", max_length=100)
    serves = models.CharField("用途", max_length=12, choices=list(ROOM_USES.items()))
    area_m2 = models.DecimalField("面积（平方米）", max_digits=10, decimal_places=2)
    used_share = models.PositiveSmallIntegerField("使用率（%）")
    unaffected = models.BooleanField("社区办公不受影响", default=False)
    confirmed_by = models.CharField("确认的社区", max_length=200, blank=True)
    confirmed_on = models.DateField("确认日期", null=True)
    version = models.PositiveIntegerField(default=1)
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "公共用房"
        indexes = [models.Index(fields=["place_path"], opclasses=["text_pattern_ops"], name="funds_room_path")]
        constraints = [
            models.UniqueConstraint(fields=["estate", "name"], name="funds_room_once"),
            models.CheckConstraint(condition=Q(used_share__lte=100), name="funds_room_share"),
        ]

    def __str__(self) -> str:
        return self.name


class RevenueContract(PlaceBound):
    """Parking, advertising, premises let for money."""

    estate = models.ForeignKey(Estate, models.PROTECT, related_name="revenue_contracts", verbose_name="小区")
    source = models.CharField("来源", max_length=12, choices=list(SOURCES.items()))
    owned_by = models.CharField("谁的收益", max_length=12, choices=list(OWNED_BY.items()), default="owners")
    title = models.CharField("名称", max_length=100)
    payer = models.CharField("付款人", max_length=100)
    amount_fen = models.BigIntegerField("合同金额（分）")
    from_on = models.DateField("自")
    to_on = models.DateField("至")
    room = models.ForeignKey(PublicRoom, models.PROTECT, null=True, related_name="contracts", verbose_name="公共用房")
    tariff_shown = models.BooleanField("收费标准已公示", default=False)
    file = models.ForeignKey(StoredFile, models.PROTECT, null=True, related_name="+", verbose_name="合同")
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "公共收益合同"
        indexes = [models.Index(fields=["place_path"], opclasses=["text_pattern_ops"], name="funds_contract_path")]
        constraints = [
            models.CheckConstraint(condition=Q(to_on__gte=F("from_on")), name="funds_contract_days"),
            models.CheckConstraint(condition=Q(amount_fen__gte=0), name="funds_contract_amount"),
        ]

    def __str__(self) -> str:
        return self.title


class RevenueItem(PlaceBound):
    """One receipt (`source`) or expense (`purpose`), with its entry. `flags`: what was wrong when it was entered."""

    said: tuple[str, ...] = ()
    """What the checks said when it was just entered; not kept."""

    estate = models.ForeignKey(Estate, models.PROTECT, related_name="revenue_items", verbose_name="小区")
    source = models.CharField("来源", max_length=12, choices=list(SOURCES.items()), blank=True)
    purpose = models.CharField("用途", max_length=20, choices=list(PURPOSES.items()), blank=True)
    upkeep = models.CharField("维保类别", max_length=12, choices=list(UPKEEP.items()), blank=True)
    owned_by = models.CharField("谁的收益", max_length=12, choices=list(OWNED_BY.items()), default="owners")
    amount_fen = models.BigIntegerField("金额（分）")
    on = models.DateField("日期")
    text = models.CharField("摘要", max_length=200)
    contract = models.ForeignKey(RevenueContract, models.PROTECT, null=True, related_name="items", verbose_name="合同")
    account = models.ForeignKey(SupervisedAccount, models.PROTECT, null=True, related_name="+", verbose_name="账户")
    motion = models.ForeignKey(Motion, models.PROTECT, null=True, related_name="revenue_items", verbose_name="业主决定")
    voucher = models.ForeignKey(StoredFile, models.PROTECT, null=True, related_name="+", verbose_name="凭证")
    flags = ArrayField(models.CharField(max_length=20, choices=list(FLAGS.items())), default=list, verbose_name="标记")
    once_flagged = ArrayField(models.CharField(max_length=20), default=list, verbose_name="曾有的标记")
    entry = models.ForeignKey(Entry, models.PROTECT, related_name="revenue_items", verbose_name="记账凭证")
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="登记人")
    at = models.DateTimeField("登记时间")
    version = models.PositiveIntegerField(default=1)
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "公共收益收支"
        indexes = [
            models.Index(fields=["place_path"], opclasses=["text_pattern_ops"], name="funds_item_path"),
            models.Index(fields=["estate", "on"], name="funds_item_estate"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="funds_item_amount"),
            models.CheckConstraint(
                condition=Q(source="", purpose__gt="") | Q(purpose="", source__gt=""), name="funds_item_one_side"
            ),
        ]

    def __str__(self) -> str:
        return self.text

    @property
    def income(self) -> bool:
        return bool(self.source)


class RevenueStatement(PlaceBound):
    """收支公示: a period as it was shown, in 分; opening + income − cost − to the fund = closing."""

    estate = models.ForeignKey(Estate, models.PROTECT, related_name="revenue_statements", verbose_name="小区")
    from_on = models.DateField("自")
    to_on = models.DateField("至")
    opening_fen = models.BigIntegerField("期初（分）")
    income_fen = models.BigIntegerField("收入（分）")
    cost_fen = models.BigIntegerField("支出（分）")
    to_fund_fen = models.BigIntegerField("补充维修资金（分）")
    closing_fen = models.BigIntegerField("期末（分）")
    detail = models.JSONField("分类")
    last_entry = models.BigIntegerField("截至凭证")
    photo = models.ForeignKey(StoredFile, models.PROTECT, null=True, related_name="+", verbose_name="张贴照片")
    published_on = models.DateField("公布日期")
    published_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="公布人")
    publisher = models.CharField("公布单位", max_length=40)
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "公共收益公示"
        indexes = [models.Index(fields=["place_path"], opclasses=["text_pattern_ops"], name="funds_shown_path")]
        constraints = [
            models.CheckConstraint(
                condition=Q(closing_fen=F("opening_fen") + F("income_fen") - F("cost_fen") - F("to_fund_fen")),
                name="funds_statement_balanced",
            )
        ]

    def __str__(self) -> str:
        return f"{cn_date(self.from_on)}至{cn_date(self.to_on)}公共收益收支"

    @property
    def complete(self) -> bool:
        """Every list that the document wants had books to show."""
        return None not in self.detail.get("accounts", {}).values()

    @property
    def ref(self) -> Ref:
        return Ref("revenue_statement", str(self.pk), str(self), self.place_path)


class RevenueQuestion(PlaceBound):
    """疑问 of an owner about a statement, and the answer."""

    statement = models.ForeignKey(RevenueStatement, models.PROTECT, related_name="questions", verbose_name="公示")
    person = models.ForeignKey(PersonalData, models.PROTECT, null=True, related_name="+", verbose_name="提出人")
    text = models.TextField("疑问")
    at = models.DateTimeField("提出时间")
    reply = models.TextField("答复", blank=True)
    replied_at = models.DateTimeField("答复时间", null=True)
    version = models.PositiveIntegerField(default=1)
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "公示疑问"
        indexes = [models.Index(fields=["place_path"], opclasses=["text_pattern_ops"], name="funds_question_path")]

    def __str__(self) -> str:
        return self.text[:20]

    @property
    def ref(self) -> Ref:
        return Ref("revenue_question", str(self.pk), f"{self.statement.estate}公示的疑问", self.place_path)
