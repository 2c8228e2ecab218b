"""What is due and was paid in, and every use of the fund with its shares, steps, papers and payments."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from gongzhi.core.models import Organisation, Place, PlaceBound, StoredFile, User
from gongzhi.core.refs import Ref
from gongzhi.funds.maintenance.words import (
    LEVELS,
    MATTERS,
    NEEDS,
    OWNERS_PLANS,
    PARTS,
    PATHS,
    PAYERS,
    PLAN_STATES,
    PUBLISHED,
    PURPOSES,
    REPAIRERS,
    SELECTED,
    STATES,
    STEPS,
    WARRANTY_MOVES,
    WORKS,
)
from gongzhi.funds.public_money.models import PublicProject
from gongzhi.governance.bodies.models import BodyDecision
from gongzhi.governance.votes.models import Motion
from gongzhi.ledger.models import Entry
from gongzhi.policy.periods import due_text
from gongzhi.registry.models import Building, Estate, Facility, Unit


class FundDue(PlaceBound):
    """应交额 of a unit, in 分, with the answer that it rests on."""

    estate = models.ForeignKey(Estate, models.PROTECT, related_name="fund_dues", verbose_name="小区")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="fund_dues", verbose_name="房屋")
    purpose = models.CharField("用途", max_length=10, choices=list(PURPOSES.items()))
    amount_fen = models.BigIntegerField("应交额（分）")
    assessed_on = models.DateField("核定日期")
    pay_by = models.DateField("交款期限", null=True, blank=True)
    party = models.CharField("由谁交", max_length=20, choices=list(PAYERS.items()), default="owner")
    basis = models.JSONField("依据", null=True)
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "维修资金应交额"
        indexes = [
            models.Index(fields=["place_path"], opclasses=["text_pattern_ops"], name="funds_due_path"),
            models.Index(fields=["estate", "purpose"], name="funds_due_estate"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["unit", "purpose", "assessed_on"], name="funds_due_once"),
            models.UniqueConstraint(fields=["unit"], condition=Q(purpose="first"), name="funds_due_first"),
            models.CheckConstraint(condition=Q(amount_fen__gte=0), name="funds_due_amount"),
        ]

    def __str__(self) -> str:
        return f"{self.unit_id} {self.purpose}"


class FundDeposit(PlaceBound):
    """Money paid in for a unit; the entry has it in the books."""

    estate = models.ForeignKey(Estate, models.PROTECT, related_name="fund_deposits", verbose_name="小区")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="fund_deposits", verbose_name="房屋")
    purpose = models.CharField("用途", max_length=10, choices=list(PURPOSES.items()))
    payer = models.CharField("交款人", max_length=20, choices=list(PAYERS.items()))
    amount_fen = models.BigIntegerField("金额（分）")
    paid_on = models.DateField("交款日期")
    reference = models.CharField("银行流水号", max_length=64, blank=True)
    file = models.ForeignKey(StoredFile, models.PROTECT, null=True, related_name="+", verbose_name="凭证")
    entry = models.ForeignKey(Entry, models.PROTECT, related_name="fund_deposits", verbose_name="记账凭证")
    taken_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="登记人")
    taken_at = models.DateTimeField("登记时间")
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "维修资金交存"
        indexes = [
            models.Index(fields=["place_path"], opclasses=["text_pattern_ops"], name="funds_deposit_path"),
            models.Index(fields=["estate", "paid_on"], name="funds_deposit_estate"),
        ]
        constraints = [models.CheckConstraint(condition=Q(amount_fen__gt=0), name="funds_deposit_amount")]

    def __str__(self) -> str:
        return f"{self.unit_id} {self.paid_on}"


class FundRenewal(PlaceBound):
    """续筹: a group of units (an estate, a building, one unit) below the line, until its balance reaches the target."""

    estate = models.ForeignKey(Estate, models.PROTECT, related_name="fund_renewals", verbose_name="小区")
    level = models.CharField("按什么算", max_length=10, choices=list(LEVELS.items()))
    name = models.CharField("范围", max_length=120)
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+", verbose_name="房屋")
    first_fen = models.BigIntegerField("首期（分）")
    balance_fen = models.BigIntegerField("触发时余额（分）")
    missing_fen = models.BigIntegerField("触发时应续交（分）")
    noticed_on = models.DateField("通知日期")
    pay_by = models.DateField("期限")
    ended_on = models.DateField("到位日期", null=True)
    guided = models.TextField("指导记录", blank=True)
    basis = models.JSONField("依据")
    version = models.PositiveIntegerField(default=1)
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "续筹"
        indexes = [models.Index(fields=["place_path"], opclasses=["text_pattern_ops"], name="funds_renewal_path")]
        constraints = [
            models.UniqueConstraint(
                fields=["estate", "level", "name"], condition=Q(ended_on=None), name="funds_renewal_open"
            )
        ]

    def __str__(self) -> str:
        return f"{self.name}续筹"


class OwnersPlan(PlaceBound):
    """年度维修计划 or 续筹方案 of an estate: the owners decide once, it is carried out in parts or house by house.

    `matters` what a year's plan may be spent on; `amount_fen` the most it may cost, or what is to be raised.
    """

    kind = models.CharField("类别", max_length=10, choices=list(OWNERS_PLANS.items()))
    estate = models.ForeignKey(Estate, models.PROTECT, related_name="owners_plans", verbose_name="小区")
    year = models.PositiveSmallIntegerField("年度")
    text = models.TextField("内容")
    matters = ArrayField(models.CharField(max_length=20), default=list, verbose_name="使用范围")
    amount_fen = models.BigIntegerField("总额（分）")
    motion = models.ForeignKey(Motion, models.PROTECT, null=True, related_name="owners_plans", verbose_name="业主表决")
    assessed_on = models.DateField("核定到户日期", null=True)
    version = models.PositiveIntegerField(default=1)
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "业主的计划和方案"
        indexes = [models.Index(fields=["place_path"], opclasses=["text_pattern_ops"], name="funds_owners_plan_path")]
        constraints = [
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="funds_owners_plan_amount"),
            models.UniqueConstraint(
                fields=["estate", "year"], condition=Q(kind="uses"), name="funds_owners_plan_once_a_year"
            ),
        ]

    def __str__(self) -> str:
        kind = OWNERS_PLANS[self.kind]
        return f"{self.year}{kind}" if kind.startswith("年") else f"{self.year}年{kind}"

    @property
    def ref(self) -> Ref:
        return Ref("owners_plan", str(self.pk), str(self), self.place_path)


class FundUse(PlaceBound):
    """使用维修资金: one repair from proposal to archive. `steps` are the pack's, frozen when it was proposed."""

    number = models.CharField("编号", max_length=40, unique=True)
    estate = models.ForeignKey(Estate, models.PROTECT, related_name="fund_uses", verbose_name="小区")
    title = models.CharField("维修项目", max_length=100)
    matter = models.CharField("事项", max_length=20, choices=list(MATTERS.items()))
    work = models.CharField("性质", max_length=12, choices=list(WORKS.items()))
    path = models.CharField("程序", max_length=12, choices=list(PATHS.items()))
    part = models.CharField("部位", max_length=200)
    facility = models.ForeignKey(
        Facility, models.PROTECT, null=True, blank=True, related_name="fund_uses", verbose_name="设施设备"
    )
    buildings = models.ManyToManyField(Building, blank=True, related_name="+", verbose_name="受益楼幢")
    applicant = models.ForeignKey(
        Organisation, models.PROTECT, null=True, related_name="fund_uses", verbose_name="申请人"
    )
    applicant_role = models.CharField("申请人身份", max_length=40)
    guidance = models.TextField("镇街指导意见", blank=True)
    estimate_fen = models.BigIntegerField("预算（分）")
    settled_fen = models.BigIntegerField("决算（分）", null=True)
    motion = models.ForeignKey(Motion, models.PROTECT, null=True, related_name="fund_uses", verbose_name="业主决定")
    decision = models.ForeignKey(
        BodyDecision, models.PROTECT, null=True, related_name="fund_uses", verbose_name="业主组织的决定"
    )
    plan = models.ForeignKey(OwnersPlan, models.PROTECT, null=True, related_name="fund_uses", verbose_name="年度计划")
    notice_on = models.DateField("公示日期", null=True)
    objection_until = models.DateTimeField("异议期至", null=True)
    contractor = models.CharField("施工单位", max_length=100, blank=True)
    selected = models.CharField("选定方式", max_length=12, choices=list(SELECTED.items()), blank=True)
    steps = models.JSONField("步骤")
    basis = models.JSONField("步骤的依据")
    case = models.CharField("来自案件", max_length=40, blank=True)
    state = models.CharField("状态", max_length=10, choices=list(STATES.items()), default="running")
    withdrawn_reason = models.TextField("撤回理由", blank=True)
    proposed_at = models.DateTimeField("提出时间")
    closed_at = models.DateTimeField("结案时间", null=True)
    version = models.PositiveIntegerField(default=1)
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "维修资金使用"
        indexes = [
            models.Index(fields=["place_path"], opclasses=["text_pattern_ops"], name="funds_use_path"),
            models.Index(fields=["estate", "-proposed_at"], name="funds_use_estate"),
        ]
        constraints = [models.CheckConstraint(condition=Q(estimate_fen__gt=0), name="funds_use_estimate")]

    def __str__(self) -> str:
        return self.title

    @property
    def ref(self) -> Ref:
        return Ref("fund_use", str(self.pk), self.title, self.place_path)

    @property
    def objection_words(self) -> str:
        """The last day with its 24:00."""
        return due_text(self.objection_until) if self.objection_until else ""


class FundShare(models.Model):
    """One unit's part of the costs: by its area in 0.01 m², in 分; the parts add up to the whole."""

    use = models.ForeignKey(FundUse, models.CASCADE, related_name="shares", verbose_name="使用")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="fund_shares", verbose_name="房屋")
    weight = models.BigIntegerField("面积（0.01平方米）")
    amount_fen = models.BigIntegerField("分摊（分）")

    class Meta:
        verbose_name = verbose_name_plural = "维修费用分摊"
        constraints = [models.UniqueConstraint(fields=["use", "unit"], name="funds_share_once")]

    def __str__(self) -> str:
        return f"{self.use_id} {self.unit_id}"


class FundStep(models.Model):
    """A step as it was taken. It is taken once; what went back is taken again under a new round."""

    use = models.ForeignKey(FundUse, models.PROTECT, related_name="taken", verbose_name="使用")
    step = models.CharField("步骤", max_length=16, choices=list(STEPS.items()))
    round = models.PositiveSmallIntegerField("轮次", default=1)
    on = models.DateField("日期")
    agreed = models.BooleanField("同意", default=True)
    note = models.TextField("说明", blank=True)
    data = models.JSONField("内容", default=dict)
    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+", verbose_name="单位")
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="经办人")
    by_label = models.CharField("经办（当时）", max_length=200)
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "使用步骤"
        constraints = [models.UniqueConstraint(fields=["use", "step", "round"], name="funds_step_once")]

    def __str__(self) -> str:
        return f"{self.use_id} {self.step}"


class FundPaper(models.Model):
    """A paper of a use: of its application, of a step, or on display."""

    use = models.ForeignKey(FundUse, models.PROTECT, related_name="papers", verbose_name="使用")
    step = models.CharField("步骤", max_length=16, choices=list(STEPS.items()), blank=True)
    item = models.CharField("材料", max_length=60)
    shown_as = models.CharField("公布项目", max_length=16, choices=list(PUBLISHED.items()), blank=True)
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+", verbose_name="文件")
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "使用材料"

    def __str__(self) -> str:
        return self.item


class FundPayment(models.Model):
    """Money that left the fund for a use, with its entry. Advance and last payment: one of each."""

    use = models.ForeignKey(FundUse, models.PROTECT, related_name="payments", verbose_name="使用")
    step = models.CharField("款项", max_length=16, choices=[("advance", "预付款"), ("settle", "尾款")])
    amount_fen = models.BigIntegerField("金额（分）")
    payee = models.CharField("收款单位", max_length=100)
    paid_on = models.DateField("拨付日期")
    reference = models.CharField("银行流水号", max_length=64, blank=True)
    entry = models.ForeignKey(Entry, models.PROTECT, related_name="fund_payments", verbose_name="记账凭证")
    invoice = models.ForeignKey(StoredFile, models.PROTECT, null=True, related_name="+", verbose_name="发票")

    class Meta:
        verbose_name = verbose_name_plural = "维修资金拨付"
        constraints = [
            models.UniqueConstraint(fields=["use", "step"], name="funds_payment_once"),
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="funds_payment_amount"),
        ]

    def __str__(self) -> str:
        return f"{self.use_id} {self.step}"


class RepairPlan(PlaceBound):
    """年度维修计划和预算 of a street for its resettlement and old estates; counted only after the government agreed."""

    place = models.ForeignKey(Place, models.PROTECT, related_name="repair_plans", verbose_name="镇街")
    year = models.PositiveSmallIntegerField("年度")
    state = models.CharField("状态", max_length=10, choices=list(PLAN_STATES.items()), default="drafting")
    submitted_on = models.DateField("上报日期", null=True)
    decided_on = models.DateField("批复日期", null=True)
    decided_by = models.CharField("批复单位", max_length=100, blank=True)
    paper = models.ForeignKey(StoredFile, models.PROTECT, null=True, related_name="+", verbose_name="批复")
    note = models.TextField("意见", blank=True)
    version = models.PositiveIntegerField(default=1)
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "年度维修计划"
        indexes = [models.Index(fields=["place_path"], opclasses=["text_pattern_ops"], name="funds_plan_path")]
        constraints = [models.UniqueConstraint(fields=["place", "year"], name="funds_plan_once")]

    def __str__(self) -> str:
        return f"{self.place.name}{self.year}年维修计划"

    @property
    def ref(self) -> Ref:
        return Ref("repair_plan", str(self.pk), str(self), self.place_path)


class RepairPlanItem(models.Model):
    """One repair of a plan; its project begins when the plan was agreed to."""

    plan = models.ForeignKey(RepairPlan, models.PROTECT, related_name="items", verbose_name="计划")
    estate = models.ForeignKey(Estate, models.PROTECT, related_name="repair_plan_items", verbose_name="小区")
    part = models.CharField("部位", max_length=20)
    title = models.CharField("维修内容", max_length=100)
    estimate_fen = models.BigIntegerField("预算（分）")
    project = models.OneToOneField(
        PublicProject, models.PROTECT, null=True, related_name="plan_item", verbose_name="项目"
    )

    class Meta:
        verbose_name = verbose_name_plural = "维修计划项目"
        constraints = [models.CheckConstraint(condition=Q(estimate_fen__gt=0), name="funds_plan_item_estimate")]

    def __str__(self) -> str:
        return self.title


class RepairReport(PlaceBound):
    """报修判定: whose repair a reported part is by the document of that day, and when it was done. Never rewritten."""

    estate = models.ForeignKey(Estate, models.PROTECT, related_name="repair_reports", verbose_name="小区")
    case_number = models.CharField("案件", max_length=40, blank=True)
    part = models.CharField("部位", max_length=20, choices=list(PARTS.items()))
    need = models.CharField("要什么", max_length=10, choices=list(NEEDS.items()))
    text = models.CharField("情况", max_length=200, blank=True)
    who = models.CharField("由谁修", max_length=20, choices=list(REPAIRERS.items()))
    answer = models.JSONField("判断")
    judged_on = models.DateField("判定日期")
    due_on = models.DateField("应修好的日期", null=True)
    done_on = models.DateField("修好的日期", null=True)
    done_note = models.CharField("维修结果", max_length=200, blank=True)
    version = models.PositiveIntegerField(default=1)
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "报修判定"
        indexes = [
            models.Index(fields=["place_path"], opclasses=["text_pattern_ops"], name="funds_report_path"),
            models.Index(fields=["who", "due_on"], condition=Q(done_on=None), name="funds_report_open"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(done_on=None) | Q(done_on__gte=F("judged_on")), name="funds_report_days")
        ]

    def __str__(self) -> str:
        return f"{self.estate}{self.get_part_display()}"

    @property
    def ref(self) -> Ref:
        return Ref("repair_report", str(self.pk), str(self), self.place_path)


class RepairTeam(PlaceBound):
    """维修队伍 of resettlement estates, with how it was chosen."""

    place = models.ForeignKey(Place, models.PROTECT, related_name="repair_teams", verbose_name="地区")
    name = models.CharField("队伍", max_length=100)
    selected = models.CharField("选定方式", max_length=12, choices=list(SELECTED.items()))
    scope = models.CharField("维修范围", max_length=200, blank=True)
    file = models.ForeignKey(StoredFile, models.PROTECT, null=True, related_name="+", verbose_name="中标文件")
    from_on = models.DateField("自")
    to_on = models.DateField("至")
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "维修队伍"
        indexes = [models.Index(fields=["place_path"], opclasses=["text_pattern_ops"], name="funds_team_path")]
        constraints = [models.CheckConstraint(condition=Q(to_on__gte=F("from_on")), name="funds_team_days")]

    def __str__(self) -> str:
        return self.name


class WarrantyDeposit(PlaceBound):
    """物业保修金 of an estate: what the developer owes by cost and ratio, and until when it is held."""

    estate = models.OneToOneField(Estate, models.PROTECT, related_name="warranty_deposit", verbose_name="小区")
    developer = models.CharField("建设单位", max_length=100)
    cost_fen = models.BigIntegerField("建筑安装总造价（分）")
    due_fen = models.BigIntegerField("应交（分）")
    held_until = models.DateField("留存到")
    basis = models.JSONField("依据")
    version = models.PositiveIntegerField(default=1)
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "物业保修金"
        indexes = [models.Index(fields=["place_path"], opclasses=["text_pattern_ops"], name="funds_warranty_path")]
        constraints = [models.CheckConstraint(condition=Q(cost_fen__gt=0, due_fen__gte=0), name="funds_warranty_due")]

    def __str__(self) -> str:
        return f"{self.estate}保修金"

    @property
    def ref(self) -> Ref:
        return Ref("warranty", str(self.pk), str(self), self.place_path)


class WarrantyMove(models.Model):
    """交存、支用、退还 of warranty money, with its entry. A use names its repair; who asked is not who agreed."""

    deposit = models.ForeignKey(WarrantyDeposit, models.PROTECT, related_name="moves", verbose_name="保修金")
    kind = models.CharField("事项", max_length=8, choices=list(WARRANTY_MOVES.items()))
    amount_fen = models.BigIntegerField("金额（分）")
    on = models.DateField("日期")
    text = models.CharField("说明", max_length=200)
    repair = models.CharField("维修部位", max_length=20, blank=True)
    reported_on = models.DateField("报修日期", null=True)
    voucher = models.ForeignKey(StoredFile, models.PROTECT, null=True, related_name="+", verbose_name="凭证")
    entry = models.ForeignKey(Entry, models.PROTECT, null=True, related_name="+", verbose_name="记账凭证")
    asked_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="申请人")
    by_label = models.CharField("经办（当时）", max_length=200)
    checked_label = models.CharField("核实（当时）", max_length=200, blank=True)
    at = models.DateTimeField("时间")
    state = models.CharField(
        "状态", max_length=8, choices=[("asked", "待核实"), ("checked", "待拨付"), ("done", "已办")], default="done"
    )
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = verbose_name_plural = "保修金收支"
        constraints = [
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="funds_warranty_amount"),
            models.CheckConstraint(condition=~Q(state="done") | ~Q(entry=None), name="funds_warranty_entry"),
        ]

    def __str__(self) -> str:
        return self.text
