"""Budgets and their moves, claims with lines, shares, steps and papers, direct spending, projects, support, doubts."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Q

from gongzhi.core.models import Organisation, PersonalData, Place, PlaceBound, StoredFile, User
from gongzhi.core.refs import Ref
from gongzhi.funds.public_money.words import (
    ENJOYED,
    EXPENSE_KINDS,
    EXPENSE_STATES,
    HOLDERS,
    ITEMS,
    MOVES,
    PAYERS,
    POLICY_LEVELS,
    PROJECT_STATES,
    PROJECT_STEPS,
    SELECTED,
    STATES,
    STEPS,
    SUPPORTS,
)
from gongzhi.governance.votes.models import Motion
from gongzhi.ledger.models import Entry
from gongzhi.policy.periods import due_text
from gongzhi.registry.models import Estate, Unit
from gongzhi.registry.models.spans import days


class Budget(PlaceBound):
    """One item of one payer's yearly budget; what is left of it stands in the ledger. `posts`: people granted."""

    place = models.ForeignKey(Place, models.PROTECT, related_name="budgets", verbose_name="地区")
    payer = models.CharField("出资方", max_length=20, choices=list(PAYERS.items()))
    year = models.PositiveSmallIntegerField("年度")
    item = models.CharField("科目", max_length=24, choices=list(ITEMS.items()))
    holder_kind = models.CharField("用款对象类别", max_length=20, blank=True)
    holder_id = models.CharField("用款对象", max_length=40, blank=True)
    holder_title = models.CharField("用款对象名称", max_length=100, blank=True)
    posts = models.PositiveIntegerField("核定人数", null=True)
    published_on = models.DateField("公开日期", null=True)
    version = models.PositiveIntegerField(default=1)
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "年度预算"
        indexes = [models.Index(fields=["place_path"], opclasses=["text_pattern_ops"], name="funds_budget_path")]
        constraints = [
            models.UniqueConstraint(
                fields=["place", "payer", "year", "item", "holder_kind", "holder_id"], name="funds_budget_once"
            )
        ]

    def __str__(self) -> str:
        whose = f"（{self.holder_title}）" if self.holder_title else ""
        return f"{self.year}年{self.get_item_display()}{whose}"

    @property
    def ref(self) -> Ref:
        return Ref("budget", str(self.pk), str(self), self.place_path)


class BudgetMove(models.Model):
    """安排、核减、调剂 of an item, in 分, with its entry and the paper that it rests on."""

    budget = models.ForeignKey(Budget, models.PROTECT, related_name="moves", verbose_name="预算")
    kind = models.CharField("事由", max_length=8, choices=list(MOVES.items()))
    amount_fen = models.BigIntegerField("金额（分）")
    on = models.DateField("日期")
    basis = models.CharField("依据", max_length=200)
    file = models.ForeignKey(StoredFile, models.PROTECT, null=True, related_name="+", verbose_name="文件")
    entry = models.ForeignKey(Entry, models.PROTECT, related_name="+", verbose_name="记账凭证")
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="经办人")
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "预算变动"
        constraints = [models.CheckConstraint(condition=~Q(amount_fen=0), name="funds_move_amount")]

    def __str__(self) -> str:
        return f"{self.budget_id} {self.amount_fen}"


class SupportPolicy(PlaceBound):
    """扶持政策、税收优惠、规划: what companies may enjoy from a day to a day, how much and how often."""

    kind = models.CharField("类别", max_length=12, choices=list(SUPPORTS.items()))
    level = models.CharField("级别", max_length=10, choices=list(POLICY_LEVELS.items()))
    title = models.CharField("名称", max_length=100)
    basis = models.CharField("文件和章节", max_length=200)
    conditions = models.TextField("条件", blank=True)
    cap_fen = models.BigIntegerField("上限（分）", null=True)
    times_a_year = models.PositiveSmallIntegerField("每年次数", null=True)
    from_on = models.DateField("自")
    to_on = models.DateField("至", null=True)
    file = models.ForeignKey(StoredFile, models.PROTECT, null=True, related_name="+", verbose_name="文件")
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "扶持政策"
        indexes = [models.Index(fields=["place_path"], opclasses=["text_pattern_ops"], name="funds_policy_path")]
        constraints = [
            models.CheckConstraint(condition=Q(to_on=None) | Q(to_on__gte=F("from_on")), name="funds_policy_days")
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def ref(self) -> Ref:
        return Ref("support_policy", str(self.pk), self.title, self.place_path)


class PolicyUse(PlaceBound):
    """A company under a policy in a year: asked, found to fit or not, what it enjoyed."""

    policy = models.ForeignKey(SupportPolicy, models.PROTECT, related_name="uses", verbose_name="政策")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="企业")
    year = models.PositiveSmallIntegerField("年度")
    state = models.CharField("状态", max_length=10, choices=list(ENJOYED.items()), default="asked")
    amount_fen = models.BigIntegerField("享受金额（分）", default=0)
    on = models.DateField("日期")
    note = models.TextField("说明", blank=True)
    by_label = models.CharField("经办（当时）", max_length=200)
    version = models.PositiveIntegerField(default=1)
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "政策享受"
        indexes = [models.Index(fields=["place_path"], opclasses=["text_pattern_ops"], name="funds_enjoyed_path")]
        constraints = [
            models.UniqueConstraint(fields=["policy", "organisation", "year"], name="funds_enjoyed_once"),
            models.CheckConstraint(condition=Q(amount_fen__gte=0), name="funds_enjoyed_amount"),
        ]

    def __str__(self) -> str:
        return f"{self.policy_id} {self.organisation_id} {self.year}"


class Claim(PlaceBound):
    """补贴申请: one claim under a scheme. What the scheme said when it was made is frozen in `rules` and `basis`."""

    number = models.CharField("编号", max_length=40, unique=True)
    scheme = models.CharField("项目", max_length=40)
    title = models.CharField("名称", max_length=100)
    estate = models.ForeignKey(Estate, models.PROTECT, null=True, related_name="subsidy_claims", verbose_name="小区")
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+", verbose_name="房屋")
    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+", verbose_name="受益单位")
    person = models.ForeignKey(PersonalData, models.PROTECT, null=True, related_name="+", verbose_name="受益人")
    policy = models.ForeignKey(SupportPolicy, models.PROTECT, null=True, related_name="claims", verbose_name="扶持政策")
    motion = models.ForeignKey(Motion, models.PROTECT, null=True, related_name="+", verbose_name="业主决定")
    occasion = models.CharField("事由", max_length=100, blank=True)
    from_on = models.DateField("自")
    to_on = models.DateField("至")
    given = models.JSONField("填报", default=dict)
    rules = models.JSONField("本项目的规定")
    basis = models.JSONField("依据")
    findings = models.JSONField("须核定的情形", default=list)
    amount_fen = models.BigIntegerField("金额（分）")
    steps = models.JSONField("步骤")
    payee = models.CharField("收款人", max_length=100)
    claimant = models.ForeignKey(
        Organisation, models.PROTECT, null=True, related_name="subsidy_claims", verbose_name="申请单位"
    )
    claimant_role = models.CharField("申请人身份", max_length=40)
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="申请人")
    state = models.CharField("状态", max_length=10, choices=list(STATES.items()), default="running")
    notice_on = models.DateField("公示日期", null=True)
    notice_until = models.DateTimeField("公示期满", null=True)
    made_at = models.DateTimeField("申请时间")
    closed_at = models.DateTimeField("办结时间", null=True)
    version = models.PositiveIntegerField(default=1)
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "补贴申请"
        indexes = [
            models.Index(fields=["place_path"], opclasses=["text_pattern_ops"], name="funds_claim_path"),
            models.Index(fields=["scheme", "-made_at"], name="funds_claim_scheme"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(to_on__gte=F("from_on")), name="funds_claim_days"),
            models.CheckConstraint(condition=Q(amount_fen__gte=0), name="funds_claim_amount"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def ref(self) -> Ref:
        return Ref("subsidy_claim", str(self.pk), self.title, self.place_path)

    @property
    def notice_words(self) -> str:
        """The last day of the notice with its 24:00."""
        return due_text(self.notice_until) if self.notice_until else ""


class ClaimLine(models.Model):
    """One amount of a claim: for whom, for which days, by which answer. Nobody gets two for one day of a scheme.

    `occasion` keeps awards apart that are given for different things; `slot` those who share in one case.
    """

    claim = models.ForeignKey(Claim, models.CASCADE, related_name="lines", verbose_name="申请")
    scheme = models.CharField("项目", max_length=40)
    holder_kind = models.CharField("对象类别", max_length=16, choices=list(HOLDERS.items()))
    holder_id = models.CharField("对象", max_length=80)
    holder_title = models.CharField("对象名称", max_length=100)
    person = models.ForeignKey(PersonalData, models.PROTECT, null=True, related_name="+", verbose_name="受益人")
    occasion = models.CharField("事由", max_length=100, blank=True)
    slot = models.PositiveSmallIntegerField("份", default=1)
    from_on = models.DateField("自", null=True)
    to_on = models.DateField("至", null=True)
    months = models.CharField("月数", max_length=20, blank=True)
    amount_fen = models.BigIntegerField("金额（分）")
    basis = models.JSONField("依据")
    live = models.BooleanField("有效", default=True)

    class Meta:
        verbose_name = verbose_name_plural = "补贴明细"
        constraints = [
            models.CheckConstraint(condition=Q(amount_fen__gte=0), name="funds_claim_line_amount"),
            ExclusionConstraint(
                name="funds_claim_line_once",
                expressions=[
                    ("scheme", RangeOperators.EQUAL),
                    ("holder_kind", RangeOperators.EQUAL),
                    ("holder_id", RangeOperators.EQUAL),
                    ("occasion", RangeOperators.EQUAL),
                    ("slot", RangeOperators.EQUAL),
                    (days(), RangeOperators.OVERLAPS),
                ],
                condition=Q(live=True),
            ),
        ]
        indexes = [models.Index(fields=["scheme", "holder_kind", "holder_id"], name="funds_claim_line_holder")]

    def __str__(self) -> str:
        return f"{self.holder_title} {self.amount_fen}"


class ClaimShare(models.Model):
    """What one payer bears of a claim: its budget, what was committed and what was paid of it. Each once."""

    claim = models.ForeignKey(Claim, models.CASCADE, related_name="shares", verbose_name="申请")
    payer = models.CharField("出资方", max_length=20, choices=list(PAYERS.items()))
    item = models.CharField("科目", max_length=24, choices=list(ITEMS.items()))
    place = models.ForeignKey(Place, models.PROTECT, related_name="+", verbose_name="出资地区")
    amount_fen = models.BigIntegerField("金额（分）")
    budget = models.ForeignKey(Budget, models.PROTECT, null=True, related_name="shares", verbose_name="预算")
    committed = models.ForeignKey(Entry, models.PROTECT, null=True, related_name="+", verbose_name="承诺凭证")
    paid = models.ForeignKey(Entry, models.PROTECT, null=True, related_name="+", verbose_name="支付凭证")
    paid_on = models.DateField("拨付日期", null=True)
    voucher = models.ForeignKey(StoredFile, models.PROTECT, null=True, related_name="+", verbose_name="凭证")

    class Meta:
        verbose_name = verbose_name_plural = "补贴分担"
        constraints = [
            models.UniqueConstraint(fields=["claim", "payer"], name="funds_share_payer"),
            models.CheckConstraint(condition=Q(amount_fen__gte=0), name="funds_share_amount"),
            models.CheckConstraint(condition=Q(paid=None) | ~Q(committed=None), name="funds_share_committed_first"),
            models.CheckConstraint(condition=Q(paid=None) | ~Q(voucher=None), name="funds_share_voucher"),
        ]

    def __str__(self) -> str:
        return f"{self.claim_id} {self.payer}"


class ClaimStep(models.Model):
    """A step as it was taken; what went back is taken again under a new round."""

    claim = models.ForeignKey(Claim, models.PROTECT, related_name="taken", verbose_name="申请")
    step = models.CharField("步骤", max_length=12, choices=list(STEPS.items()))
    round = models.PositiveSmallIntegerField("轮次", default=1)
    on = models.DateField("日期")
    agreed = models.BooleanField("同意", default=True)
    note = models.TextField("说明", blank=True)
    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+", verbose_name="单位")
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="经办人")
    by_label = models.CharField("经办（当时）", max_length=200)
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "补贴步骤"
        constraints = [models.UniqueConstraint(fields=["claim", "step", "round"], name="funds_claim_step_once")]

    def __str__(self) -> str:
        return f"{self.claim_id} {self.step}"


class ClaimPaper(models.Model):
    """Evidence of a claim, or a paper of one of its steps."""

    claim = models.ForeignKey(Claim, models.PROTECT, related_name="papers", verbose_name="申请")
    step = models.CharField("步骤", max_length=12, choices=list(STEPS.items()), blank=True)
    item = models.CharField("材料", max_length=60)
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+", verbose_name="文件")
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "补贴材料"

    def __str__(self) -> str:
        return self.item


class Reinvestment(models.Model):
    """What a company spent of its subsidy on the estate itself."""

    claim = models.ForeignKey(Claim, models.PROTECT, related_name="reinvested", verbose_name="奖补")
    amount_fen = models.BigIntegerField("金额（分）")
    on = models.DateField("日期")
    text = models.CharField("改造内容", max_length=200)
    voucher = models.ForeignKey(StoredFile, models.PROTECT, related_name="+", verbose_name="凭证")
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="登记人")
    at = models.DateTimeField("登记时间")

    class Meta:
        verbose_name = verbose_name_plural = "奖补用于改造"
        constraints = [models.CheckConstraint(condition=Q(amount_fen__gt=0), name="funds_reinvested_amount")]

    def __str__(self) -> str:
        return self.text


class PublicProject(PlaceBound):
    """A project that public money pays for, from 立项 to 决算审计. `steps` are the pack's, frozen at its beginning."""

    estate = models.ForeignKey(Estate, models.PROTECT, null=True, related_name="public_projects", verbose_name="小区")
    place = models.ForeignKey(Place, models.PROTECT, related_name="public_projects", verbose_name="实施地区")
    title = models.CharField("项目", max_length=100)
    year = models.PositiveSmallIntegerField("年度")
    estimate_fen = models.BigIntegerField("预算（分）")
    quoted_fen = models.BigIntegerField("报审金额（分）", null=True)
    audited_fen = models.BigIntegerField("审定金额（分）", null=True)
    contractor = models.CharField("施工单位", max_length=100, blank=True)
    selected = models.CharField("选定方式", max_length=12, choices=list(SELECTED.items()), blank=True)
    steps = models.JSONField("步骤")
    basis = models.JSONField("依据")
    urgent = models.BooleanField("先维修后报批", default=False)
    emergency = models.CharField("紧急情形", max_length=40, blank=True)
    state = models.CharField("状态", max_length=10, choices=list(PROJECT_STATES.items()), default="running")
    version = models.PositiveIntegerField(default=1)
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "财政资金项目"
        indexes = [models.Index(fields=["place_path"], opclasses=["text_pattern_ops"], name="funds_project_path")]
        constraints = [models.CheckConstraint(condition=Q(estimate_fen__gt=0), name="funds_project_estimate")]

    def __str__(self) -> str:
        return self.title

    @property
    def ref(self) -> Ref:
        return Ref("public_project", str(self.pk), self.title, self.place_path)


class ProjectStep(models.Model):
    """A step of a project, once, with its paper."""

    project = models.ForeignKey(PublicProject, models.PROTECT, related_name="taken", verbose_name="项目")
    step = models.CharField("步骤", max_length=12, choices=list(PROJECT_STEPS.items()))
    on = models.DateField("日期")
    note = models.TextField("说明", blank=True)
    file = models.ForeignKey(StoredFile, models.PROTECT, null=True, related_name="+", verbose_name="文件")
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="经办人")
    by_label = models.CharField("经办（当时）", max_length=200)
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "项目步骤"
        constraints = [models.UniqueConstraint(fields=["project", "step"], name="funds_project_step_once")]

    def __str__(self) -> str:
        return f"{self.project_id} {self.step}"


class PublicExpense(PlaceBound):
    """Spending from an item without a claim: asked for, approved by somebody else (committed), paid on a voucher."""

    budget = models.ForeignKey(Budget, models.PROTECT, related_name="expenses", verbose_name="预算")
    kind = models.CharField("用途", max_length=16, choices=list(EXPENSE_KINDS.items()))
    estate = models.ForeignKey(Estate, models.PROTECT, null=True, related_name="+", verbose_name="小区")
    project = models.ForeignKey(PublicProject, models.PROTECT, null=True, related_name="expenses", verbose_name="项目")
    amount_fen = models.BigIntegerField("金额（分）")
    text = models.CharField("事由", max_length=200)
    payee = models.CharField("收款人", max_length=100)
    on = models.DateField("日期")
    state = models.CharField("状态", max_length=10, choices=list(EXPENSE_STATES.items()), default="asked")
    basis = models.JSONField("依据", default=dict)
    asked_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="申请人")
    asked_label = models.CharField("申请（当时）", max_length=200)
    approved_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="审批人")
    approved_label = models.CharField("审批（当时）", max_length=200, blank=True)
    opinion = models.TextField("审批意见", blank=True)
    paper = models.ForeignKey(StoredFile, models.PROTECT, null=True, related_name="+", verbose_name="申请材料")
    voucher = models.ForeignKey(StoredFile, models.PROTECT, null=True, related_name="+", verbose_name="支付凭证")
    committed = models.ForeignKey(Entry, models.PROTECT, null=True, related_name="+", verbose_name="承诺凭证")
    paid = models.ForeignKey(Entry, models.PROTECT, null=True, related_name="+", verbose_name="支付凭证号")
    paid_on = models.DateField("支付日期", null=True)
    withdrawn_label = models.CharField("撤回（当时）", max_length=200, blank=True)
    withdrawn_on = models.DateField("撤回日期", null=True)
    withdrawn_reason = models.TextField("撤回理由", blank=True)
    version = models.PositiveIntegerField(default=1)
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "经费支出"
        indexes = [models.Index(fields=["place_path"], opclasses=["text_pattern_ops"], name="funds_expense_path")]
        constraints = [
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="funds_expense_amount"),
            models.CheckConstraint(
                condition=~Q(state="paid")
                | (~Q(voucher=None) & ~Q(paid=None) & ~Q(committed=None) & ~Q(approved_label="")),
                name="funds_expense_three",
            ),
        ]

    def __str__(self) -> str:
        return self.text

    @property
    def ref(self) -> Ref:
        return Ref("public_expense", str(self.pk), self.text, self.place_path)


class Doubt(PlaceBound):
    """疑点 that finance or audit marked on a claim, an expense or a project, and what was said to it."""

    about_kind = models.CharField("对象类别", max_length=20)
    about_id = models.CharField("对象", max_length=40)
    about_title = models.CharField("对象名称", max_length=200)
    text = models.TextField("疑点")
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="提出人")
    by_label = models.CharField("提出（当时）", max_length=200)
    at = models.DateTimeField("提出时间")
    asked_of = models.CharField("由谁说明", max_length=40)
    reply = models.TextField("说明", blank=True)
    reply_label = models.CharField("说明（当时）", max_length=200, blank=True)
    replied_at = models.DateTimeField("说明时间", null=True)
    settled_at = models.DateTimeField("销号时间", null=True)
    version = models.PositiveIntegerField(default=1)
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "资金疑点"
        indexes = [models.Index(fields=["place_path"], opclasses=["text_pattern_ops"], name="funds_doubt_path")]

    def __str__(self) -> str:
        return self.text[:20]

    @property
    def ref(self) -> Ref:
        return Ref("money_doubt", str(self.pk), str(self), self.place_path)


class PreparatoryFund(PlaceBound):
    """首次业主大会筹备经费 of an estate: who owes it, how much, before what day, into which account."""

    estate = models.OneToOneField(Estate, models.PROTECT, related_name="preparatory_fund", verbose_name="小区")
    payer = models.CharField("承担方", max_length=20)
    due_fen = models.BigIntegerField("应交（分）")
    account = models.CharField("指定账户", max_length=60)
    registration_on = models.DateField("首次登记日期", null=True)
    basis = models.JSONField("依据")
    version = models.PositiveIntegerField(default=1)
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "业主大会筹备经费"
        indexes = [models.Index(fields=["place_path"], opclasses=["text_pattern_ops"], name="funds_prep_path")]
        constraints = [models.CheckConstraint(condition=Q(due_fen__gt=0), name="funds_prep_due")]

    def __str__(self) -> str:
        return f"{self.estate}筹备经费"


class PreparatoryReceipt(models.Model):
    """What came in of it. Money on another account than the one named is not counted."""

    fund = models.ForeignKey(PreparatoryFund, models.PROTECT, related_name="receipts", verbose_name="筹备经费")
    amount_fen = models.BigIntegerField("金额（分）")
    on = models.DateField("到账日期")
    account = models.CharField("收款账户", max_length=60)
    accepted = models.BooleanField("认可")
    by_label = models.CharField("登记（当时）", max_length=200)
    at = models.DateTimeField("登记时间")

    class Meta:
        verbose_name = verbose_name_plural = "筹备经费到账"
        constraints = [models.CheckConstraint(condition=Q(amount_fen__gt=0), name="funds_prep_amount")]

    def __str__(self) -> str:
        return f"{self.fund_id} {self.on}"
