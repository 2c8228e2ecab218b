"""How a price changes, where it is shown, what inspections find, invoices, and the pilot of custody."""

from django.db import models
from django.db.models import F, Q

from gongzhi.core.models import PlaceBound, StoredFile, User
from gongzhi.core.refs import Ref
from gongzhi.funds.charges.models.prices import Tariff, price_field
from gongzhi.funds.charges.models.settling import Settlement
from gongzhi.funds.charges.words import CHANGE_STATES, FINDINGS, PLACES, SHOWN_ITEMS
from gongzhi.governance.votes.models import Motion
from gongzhi.ledger.models import Entry
from gongzhi.registry.models import Project


class PriceReport(PlaceBound):
    """评估报告 of an intermediary on content and price. It binds nobody; both sides must have ordered it."""

    project = models.ForeignKey(Project, models.PROTECT, related_name="price_reports", verbose_name="物业项目")
    firm = models.CharField("评估机构", max_length=100)
    price = price_field("评估价（元/㎡·月）")
    on = models.DateField("报告日期")
    ordered_by_company = models.BooleanField("企业签字委托", default=False)
    ordered_by_owners = models.BooleanField("业主方签字委托", default=False)
    file = models.ForeignKey(StoredFile, models.PROTECT, null=True, related_name="+", verbose_name="报告")
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "收费评估报告"
        indexes = [models.Index(fields=["place_path"], opclasses=["text_pattern_ops"], name="funds_pricereport_path")]

    def __str__(self) -> str:
        return f"{self.firm} {self.on}"

    @property
    def by_both(self) -> bool:
        return self.ordered_by_company and self.ordered_by_owners


class PriceChange(PlaceBound):
    """调价: from a proposal with its reason to the day the new price holds, step by step as the document asks."""

    tariff = models.ForeignKey(Tariff, models.PROTECT, related_name="changes", verbose_name="现行标准")
    new_price = price_field("拟调价格")
    reason = models.TextField("理由")
    evidence = models.ForeignKey(StoredFile, models.PROTECT, null=True, related_name="+", verbose_name="依据")
    report = models.ForeignKey(PriceReport, models.PROTECT, null=True, related_name="+", verbose_name="评估报告")
    steps = models.JSONField("步骤")
    state = models.CharField("状态", max_length=8, choices=list(CHANGE_STATES.items()), default="open")
    proposed_on = models.DateField("提出日期")
    noticed_on = models.DateField("公示日期", null=True)
    motion = models.ForeignKey(Motion, models.PROTECT, null=True, related_name="price_changes", verbose_name="业主决定")
    filed_on = models.DateField("备案日期", null=True)
    filing_number = models.CharField("备案号", max_length=60, blank=True)
    effective_on = models.DateField("执行日期", null=True)
    result = models.OneToOneField(Tariff, models.PROTECT, null=True, related_name="made_by", verbose_name="新标准")
    answer = models.JSONField("判断", null=True)
    version = models.PositiveIntegerField(default=1)
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "调价"
        indexes = [models.Index(fields=["place_path"], opclasses=["text_pattern_ops"], name="funds_pricechange_path")]
        constraints = [
            models.UniqueConstraint(fields=["tariff"], condition=Q(state="open"), name="funds_change_one"),
            models.CheckConstraint(
                condition=~Q(state="done") | Q(result__isnull=False, effective_on__isnull=False),
                name="funds_change_done",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.tariff} {self.new_price.normalize():f}"

    @property
    def ref(self) -> Ref:
        return Ref("price_change", str(self.pk), f"调价 {self.tariff}", self.place_path)


class PriceNotice(PlaceBound):
    """One item as it hangs in one place, with a photo. `price` and `grade` as they stand there, to be compared."""

    project = models.ForeignKey(Project, models.PROTECT, related_name="price_notices", verbose_name="物业项目")
    item = models.CharField("项目", max_length=12, choices=list(SHOWN_ITEMS.items()))
    place = models.CharField("位置", max_length=8, choices=list(PLACES.items()))
    price = models.DecimalField("公示单价", max_digits=12, decimal_places=4, null=True, blank=True)
    grade = models.CharField("公示等级", max_length=40, blank=True)
    photo = models.ForeignKey(StoredFile, models.PROTECT, related_name="+", verbose_name="现场照片")
    shown_on = models.DateField("公示日期")
    to_on = models.DateField("撤下日期", null=True, blank=True)
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="登记人")
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "收费公示"
        indexes = [models.Index(fields=["place_path"], opclasses=["text_pattern_ops"], name="funds_notice_path")]
        constraints = [
            models.CheckConstraint(condition=Q(to_on=None) | Q(to_on__gte=F("shown_on")), name="funds_notice_days"),
            models.UniqueConstraint(
                fields=["project", "item", "place"], condition=Q(to_on=None), name="funds_notice_one"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_item_display()}（{self.get_place_display()}）"


class PriceInspection(PlaceBound):
    """收费公示检查 by several departments together."""

    on = models.DateField("检查日期")
    roles = models.JSONField("参加部门")
    note = models.TextField("情况", blank=True)
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="登记人")
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "收费联合检查"
        indexes = [models.Index(fields=["place_path"], opclasses=["text_pattern_ops"], name="funds_inspection_path")]

    def __str__(self) -> str:
        return f"收费检查 {self.on}"

    @property
    def ref(self) -> Ref:
        return Ref("price_inspection", str(self.pk), str(self), self.place_path)


class PriceFinding(PlaceBound):
    """What an inspection found at a project; `result` is what the department in charge made of it."""

    inspection = models.ForeignKey(PriceInspection, models.PROTECT, related_name="findings", verbose_name="检查")
    project = models.ForeignKey(Project, models.PROTECT, related_name="price_findings", verbose_name="物业项目")
    kind = models.CharField("问题", max_length=12, choices=list(FINDINGS.items()))
    lead = models.CharField("主办", max_length=40)
    case_ref = models.CharField("案件", max_length=80, blank=True)
    result = models.CharField("结果", max_length=200, blank=True)
    closed_on = models.DateField("办结日期", null=True)
    version = models.PositiveIntegerField(default=1)
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "收费检查发现"
        indexes = [models.Index(fields=["place_path"], opclasses=["text_pattern_ops"], name="funds_finding_path")]
        constraints = [
            models.UniqueConstraint(fields=["inspection", "project", "kind"], name="funds_finding_once"),
        ]

    def __str__(self) -> str:
        return f"{self.project.estate} {self.get_kind_display()}"

    @property
    def ref(self) -> Ref:
        return Ref("price_finding", str(self.pk), str(self), self.place_path)


class Invoice(PlaceBound):
    """发票 for a payment. `differs_fen`: the invoice less the payment."""

    settlement = models.OneToOneField(Settlement, models.PROTECT, related_name="invoice", verbose_name="收款")
    number = models.CharField("发票号码", max_length=40, unique=True)
    amount_fen = models.BigIntegerField("金额（分）")
    issued_on = models.DateField("开票日期")
    differs_fen = models.BigIntegerField("与收款相差（分）", default=0)
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "物业费发票"
        indexes = [models.Index(fields=["place_path"], opclasses=["text_pattern_ops"], name="funds_invoice_path")]
        constraints = [models.CheckConstraint(condition=Q(amount_fen__gt=0), name="funds_invoice_amount")]

    def __str__(self) -> str:
        return self.number


class CustodyRelease(PlaceBound):
    """集中托管: money handed to the company for a period, after its assessment, approved by the keeper."""

    project = models.ForeignKey(Project, models.PROTECT, related_name="releases", verbose_name="物业项目")
    from_on = models.DateField("自")
    to_on = models.DateField("至")
    amount_fen = models.BigIntegerField("拨付金额（分）")
    assessment = models.CharField("考核结果", max_length=200)
    approved_on = models.DateField("批准日期")
    approved_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="批准人")
    entry = models.ForeignKey(Entry, models.PROTECT, related_name="+", verbose_name="凭证")
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "托管资金拨付"
        indexes = [models.Index(fields=["place_path"], opclasses=["text_pattern_ops"], name="funds_release_path")]
        constraints = [
            models.UniqueConstraint(fields=["project", "from_on"], name="funds_release_once"),
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="funds_release_amount"),
            models.CheckConstraint(condition=Q(to_on__gte=F("from_on")), name="funds_release_days"),
        ]

    def __str__(self) -> str:
        return f"{self.project} {self.from_on}至{self.to_on}"
