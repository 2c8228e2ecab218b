"""Procedures with their steps, parties and lists; bids and judges; contracts; what is said and answered about them."""

from datetime import date
from typing import Any

from django.db import models
from django.db.models import F, Q

from gongzhi.contracts.questions import METHODS
from gongzhi.contracts.words import (
    BID_STATES,
    CHANNELS,
    CONTRACT_KINDS,
    CONTRACT_STATES,
    DEFECTS,
    FILINGS,
    ITEM_STATES,
    JUDGES,
    PROCEDURES,
    REASONS,
    REMARKS,
    ROLES_OF_PARTIES,
    STAGES,
    STATES,
    STEPS,
    VERDICTS,
)
from gongzhi.core.display import cn_date
from gongzhi.core.models import Organisation, PlaceBound, StoredFile, User
from gongzhi.core.refs import Ref
from gongzhi.governance.votes.models import Motion
from gongzhi.registry.models import Estate, Project
from gongzhi.registry.queries.known import SERVED_BY_PROJECT

COMPANY_ROLE = "property_company"
# Choices that companies enter for, the steps that end the entering, and the way in which only those asked may enter.
CALLS, CLOSING, INVITED = ("tender", "reselect"), ("open", "compare"), "invited"
COUNTY_DEPTH = 3  # of a place path


def county_of(path: str) -> str:
    return "/".join(path.split("/")[:COUNTY_DEPTH]) + "/"


def own_role(role: str) -> str:
    """A project manager acts for his company."""
    return COMPANY_ROLE if role in SERVED_BY_PROJECT else role


def office_of(actor: Any) -> tuple[str, ...]:
    """What every office and department is here, also those that only a city's document knows."""
    return ("office",) if actor.is_staff_role else ()


class Procedure(PlaceBound):
    """选聘、承接查验、综合验收、资产移交、退出、兜底: ordered steps of an estate; what the pack said stays in `rules`.

    `due_on`: the last day on which the step that counts is in time. `fix_on`: the last day given to put things right.
    """

    number = models.CharField("编号", max_length=40, unique=True)
    kind = models.CharField("种类", max_length=16, choices=list(PROCEDURES.items()))
    estate = models.ForeignKey(Estate, models.PROTECT, related_name="procedures", verbose_name="小区")
    opener = models.ForeignKey(
        Organisation, models.PROTECT, null=True, related_name="opened_procedures", verbose_name="提出单位"
    )
    opener_role = models.CharField("提出单位的身份", max_length=40)
    company = models.ForeignKey(
        Organisation, models.PROTECT, null=True, related_name="procedures", verbose_name="物业服务企业"
    )
    origin = models.ForeignKey("self", models.PROTECT, null=True, related_name="followed_by", verbose_name="接续自")
    motion = models.ForeignKey(Motion, models.PROTECT, null=True, related_name="+", verbose_name="业主决定")
    given = models.JSONField("填报", default=dict)
    rules = models.JSONField("本项办理的规定")
    basis = models.JSONField("依据")
    method_basis = models.JSONField("选聘方式的依据", null=True)
    due_on = models.DateField("最迟日期", null=True)
    in_time = models.BooleanField("按期", null=True)
    fix_on = models.DateField("整改期限", null=True)
    decision = models.CharField("业主决定（没有在平台表决的）", max_length=200, blank=True)
    state = models.CharField("状态", max_length=8, choices=list(STATES.items()), default="running")
    opened_at = models.DateTimeField("提出时间")
    closed_at = models.DateTimeField("办结时间", null=True)
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="经办人")
    version = models.PositiveIntegerField(default=1)
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "选聘、查验、退出"
        indexes = [
            *PlaceBound.Meta.indexes,
            models.Index(fields=["estate", "kind", "-opened_at"], name="contracts_procedure_estate"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="running", closed_at=None) | ~Q(state="running") & ~Q(closed_at=None),
                name="contracts_procedure_closed",
            )
        ]

    def __str__(self) -> str:
        return f"{self.estate}{self.get_kind_display()}"

    @property
    def ref(self) -> Ref:
        return Ref("procedure", str(self.pk), str(self), self.place_path)

    @property
    def steps(self) -> list[str]:
        return list(self.rules["steps"])

    @property
    def method_words(self) -> str:
        return METHODS.get(self.given.get("method", ""), "")

    def party_roles(self, actor: Any) -> tuple[str, ...]:
        return office_of(actor)

    def is_party(self, actor: Any) -> bool:
        """The opener, the company, who has to sign, who bids, and who serves the estate."""
        organisation = getattr(actor, "organisation", None)
        if organisation is None:
            return False
        if organisation.pk in (self.opener_id, self.company_id):
            return True
        return (
            self.parties.filter(organisation=organisation).exists()
            or self.bids.filter(company=organisation).exists()
            or self.estate.projects.filter(company=organisation, to_on=None).exists()
            or self.calls(actor)
        )

    def calls(self, actor: Any) -> bool:
        """Whether a company may read it because it may enter: announced in its county, open to all, not closed yet."""
        if self.kind not in CALLS or self.state != "running" or self.company_id is not None:
            return False
        if own_role(actor.role) != COMPANY_ROLE or self.given.get("method") == INVITED:
            return False
        if not actor.place_path or county_of(actor.place_path) != county_of(self.place_path):
            return False
        steps = set(self.taken.values_list("step", flat=True))
        return "announce" in steps and not steps & set(CLOSING)


class ProcedureStep(models.Model):
    """A step taken: when, by whom, with which opinion and what was typed. `round` counts repetitions."""

    procedure = models.ForeignKey(Procedure, models.CASCADE, related_name="taken", verbose_name="办理")
    step = models.CharField("步骤", max_length=16, choices=list(STEPS.items()))
    round = models.PositiveSmallIntegerField("第几次", default=1)
    on = models.DateField("日期")
    agreed = models.BooleanField("同意", default=True)
    note = models.TextField("说明", blank=True)
    given = models.JSONField("填报", default=dict)
    clauses = models.JSONField("依据", default=list)
    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+", verbose_name="单位")
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="经办人")
    by_label = models.CharField("经办（当时）", max_length=200)
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "办理步骤"
        constraints = [
            models.UniqueConstraint(fields=["procedure", "step", "round"], name="contracts_step_once"),
        ]

    def __str__(self) -> str:
        return f"{self.get_step_display()} {cn_date(self.on)}"

    @property
    def stated(self) -> list[str]:
        """Why it was refused, and what was said of ties with the developer."""
        words = [REASONS[self.given["reason"]]] if self.given.get("reason") in REASONS else []
        if "related" in self.given:
            words.append("与建设单位有关联关系" if self.given["related"] else "与建设单位没有关联关系")
        if self.given.get("third_party"):
            words.append(f"第三方：{self.given['third_party']}")
        return words

    @property
    def channel_words(self) -> str:
        return CHANNELS.get(self.given.get("channel", ""), "")

    @property
    def web_link(self) -> str:
        """What was typed as the link, where it is one."""
        link = str(self.given.get("link", "")).strip()
        return link if link.startswith(("https://", "http://")) else ""


class ProcedurePaper(models.Model):
    """A paper of a procedure, or of a contract, under the name that the document gives it."""

    procedure = models.ForeignKey(Procedure, models.CASCADE, null=True, related_name="papers", verbose_name="办理")
    contract = models.ForeignKey(
        "ServiceContract", models.CASCADE, null=True, related_name="papers", verbose_name="合同"
    )
    step = models.CharField("步骤", max_length=16, blank=True)
    item = models.CharField("材料", max_length=60)
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+", verbose_name="文件")
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "办理材料"
        constraints = [
            models.CheckConstraint(
                condition=Q(procedure=None) & ~Q(contract=None) | ~Q(procedure=None) & Q(contract=None),
                name="contracts_paper_of_one",
            )
        ]

    def __str__(self) -> str:
        return self.item


class Party(models.Model):
    """A unit that has to sign or watches over it, with its verdict."""

    procedure = models.ForeignKey(Procedure, models.CASCADE, related_name="parties", verbose_name="办理")
    role = models.CharField("身份", max_length=40)
    part = models.CharField("作用", max_length=10, choices=list(ROLES_OF_PARTIES.items()), default="party")
    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+", verbose_name="单位")
    verdict = models.CharField("意见", max_length=6, choices=list(VERDICTS.items()), blank=True)
    opinion = models.TextField("意见内容", blank=True)
    signed_on = models.DateField("签字日期", null=True)
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="签字人")
    by_label = models.CharField("签字（当时）", max_length=200, blank=True)
    file = models.ForeignKey(StoredFile, models.PROTECT, null=True, related_name="+", verbose_name="签字页")

    class Meta:
        verbose_name = verbose_name_plural = "参加单位"
        constraints = [
            models.UniqueConstraint(fields=["procedure", "role", "part"], name="contracts_party_once"),
            models.CheckConstraint(
                condition=Q(verdict="", signed_on=None) | ~Q(verdict="") & ~Q(signed_on=None),
                name="contracts_party_signed",
            ),
        ]

    def __str__(self) -> str:
        return str(self.organisation or self.role)


class ProcedureItem(models.Model):
    """A line of a list: something inspected, found unfit by a department, or to be handed over."""

    procedure = models.ForeignKey(Procedure, models.CASCADE, related_name="items", verbose_name="办理")
    group = models.CharField("类别", max_length=40)
    name = models.CharField("名称", max_length=100)
    expected = models.PositiveIntegerField("应有数量", default=1)
    found = models.PositiveIntegerField("实有数量", null=True)
    state = models.CharField("结果", max_length=10, choices=list(ITEM_STATES.items()), default="open")
    defect = models.CharField("不符", max_length=10, choices=list(DEFECTS.items()), blank=True)
    note = models.CharField("情况", max_length=200, blank=True)
    responsible = models.CharField("责任单位", max_length=100, blank=True)
    due_on = models.DateField("整改期限", null=True)
    photo = models.ForeignKey(StoredFile, models.PROTECT, null=True, related_name="+", verbose_name="图片")

    class Meta:
        verbose_name = verbose_name_plural = "清单"
        constraints = [
            models.UniqueConstraint(fields=["procedure", "group", "name"], name="contracts_item_once"),
            models.CheckConstraint(condition=~Q(state="defect") | ~Q(defect=""), name="contracts_item_defect"),
            models.CheckConstraint(condition=~Q(state="passed_on") | ~Q(responsible=""), name="contracts_item_whose"),
        ]

    def __str__(self) -> str:
        return f"{self.group} {self.name}"

    def overdue(self, on: date) -> bool:
        """Not put right within the time given: 未整改到位."""
        return self.state == "defect" and self.due_on is not None and on > self.due_on


class Bid(models.Model):
    """A company that takes part. `known`: what was known of it that day; `offer_fen`: its price a month and m²."""

    procedure = models.ForeignKey(Procedure, models.CASCADE, related_name="bids", verbose_name="选聘")
    company = models.ForeignKey(Organisation, models.PROTECT, related_name="bids", verbose_name="企业")
    state = models.CharField("状态", max_length=10, choices=list(BID_STATES.items()))
    known = models.JSONField("当时的信用和评价", default=dict)
    basis = models.JSONField("资格依据", default=list)
    offer = models.CharField("报价和承诺", max_length=200, blank=True)
    reason = models.CharField("说明", max_length=200, blank=True)
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "报名企业"
        constraints = [models.UniqueConstraint(fields=["procedure", "company"], name="contracts_bid_once")]

    def __str__(self) -> str:
        return str(self.company)


class Judge(models.Model):
    """A member of the panel, with where he works: nobody judges his employer, nor what he has an interest in."""

    procedure = models.ForeignKey(Procedure, models.CASCADE, related_name="judges", verbose_name="选聘")
    name = models.CharField("姓名", max_length=60)
    side = models.CharField("代表", max_length=10, choices=list(JUDGES.items()))
    employer = models.CharField("工作单位", max_length=100)

    class Meta:
        verbose_name = verbose_name_plural = "评委"
        constraints = [models.UniqueConstraint(fields=["procedure", "name"], name="contracts_judge_once")]

    def __str__(self) -> str:
        return self.name


class BidScore(models.Model):
    """A judge's points for a bid."""

    judge = models.ForeignKey(Judge, models.CASCADE, related_name="scores", verbose_name="评委")
    bid = models.ForeignKey(Bid, models.CASCADE, related_name="scores", verbose_name="企业")
    points = models.DecimalField("得分", max_digits=5, decimal_places=2)

    class Meta:
        verbose_name = verbose_name_plural = "评分"
        constraints = [
            models.UniqueConstraint(fields=["judge", "bid"], name="contracts_score_once"),
            models.CheckConstraint(condition=Q(points__gte=0, points__lte=100), name="contracts_score_range"),
        ]

    def __str__(self) -> str:
        return f"{self.bid_id} {self.points}"


class ServiceContract(PlaceBound):
    """物业服务合同. It holds from `from_on` (known once it takes effect) to `to_on`; `ended_on` is the day it ended."""

    number = models.CharField("编号", max_length=40, unique=True)
    estate = models.ForeignKey(Estate, models.PROTECT, related_name="service_contracts", verbose_name="小区")
    kind = models.CharField("种类", max_length=12, choices=list(CONTRACT_KINDS.items()))
    company = models.ForeignKey(Organisation, models.PROTECT, related_name="contracts", verbose_name="物业服务企业")
    party_a = models.CharField("甲方的身份", max_length=40)
    party_a_name = models.CharField("甲方", max_length=100)
    procedure = models.ForeignKey(
        Procedure, models.PROTECT, null=True, related_name="contracts", verbose_name="选聘记录"
    )
    motion = models.ForeignKey(Motion, models.PROTECT, null=True, related_name="+", verbose_name="业主决定")
    decision = models.CharField("业主决定（征询）", max_length=200, blank=True)
    renews = models.ForeignKey("self", models.PROTECT, null=True, related_name="renewals", verbose_name="续签自")
    signed_on = models.DateField("签订日期")
    from_on = models.DateField("生效日期", null=True)
    to_on = models.DateField("届满日期", null=True)
    ended_on = models.DateField("终止日期", null=True)
    ended_by = models.ForeignKey("self", models.PROTECT, null=True, related_name="replaces", verbose_name="被哪份代替")
    manager_name = models.CharField("项目经理", max_length=60)
    grade = models.CharField("服务等级", max_length=40, blank=True)
    fee = models.CharField("收费标准", max_length=60, blank=True)
    fee_yuan_m2_month = models.DecimalField(
        "物业费（元/平方米·月）", max_digits=8, decimal_places=4, null=True, blank=True
    )
    terms = models.JSONField("约定", default=dict)
    services = models.JSONField("服务标准", default=dict)
    repairs = models.JSONField("企业负责维修", default=list)
    open_terms = models.JSONField("没有写明的约定", default=list)
    basis = models.JSONField("依据", default=list)
    filing = models.CharField("备案", max_length=10, choices=list(FILINGS.items()), default="none")
    filing_number = models.CharField("备案号", max_length=60, blank=True)
    filing_on = models.DateField("备案日期", null=True)
    filing_missing = models.JSONField("所缺材料", default=list)
    project = models.ForeignKey(Project, models.PROTECT, null=True, related_name="contracts", verbose_name="物业项目")
    made_at = models.DateTimeField("登记时间")
    version = models.PositiveIntegerField(default=1)
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "物业服务合同"
        indexes = [
            *PlaceBound.Meta.indexes,
            models.Index(fields=["estate", "-signed_on"], name="contracts_contract_estate"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(to_on=None) | Q(from_on=None) | Q(to_on__gte=F("from_on")), name="contracts_contract_days"
            ),
            models.CheckConstraint(condition=Q(ended_on=None) | ~Q(from_on=None), name="contracts_contract_ended"),
            models.UniqueConstraint(
                fields=["filing_number"], condition=~Q(filing_number=""), name="contracts_filing_number_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.estate}{self.get_kind_display()}（{self.company}）"

    @property
    def ref(self) -> Ref:
        return Ref("service_contract", str(self.pk), str(self), self.place_path)

    @property
    def days_left_over(self) -> int:
        """Days of the term that were no longer served because it ended early; the day of the end counts."""
        if self.ended_on is None or self.to_on is None:
            return 0
        return max((self.to_on - self.ended_on).days + 1, 0)

    def state_on(self, on: date) -> str:
        if self.from_on is None or on < self.from_on:
            return "signed"
        if self.ended_on is not None and on >= self.ended_on:
            return "ended"
        return "over" if self.to_on is not None and on > self.to_on else "in_force"

    def state_words(self, on: date) -> str:
        return CONTRACT_STATES[self.state_on(on)]

    def party_roles(self, actor: Any) -> tuple[str, ...]:
        return office_of(actor)

    def is_party(self, actor: Any) -> bool:
        organisation = getattr(actor, "organisation", None)
        return organisation is not None and organisation.pk == self.company_id


class Remark(PlaceBound):
    """What owners think of the service, what a company advises while the estate is built; and the answer."""

    estate = models.ForeignKey(Estate, models.PROTECT, related_name="contract_remarks", verbose_name="小区")
    kind = models.CharField("种类", max_length=8, choices=list(REMARKS.items()))
    stage = models.CharField("阶段", max_length=12, choices=list(STAGES.items()), blank=True)
    procedure = models.ForeignKey(Procedure, models.PROTECT, null=True, related_name="remarks", verbose_name="办理")
    text = models.TextField("内容")
    made_by = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+", verbose_name="提出单位")
    made_label = models.CharField("提出（当时）", max_length=200)
    made_at = models.DateTimeField("时间")
    asked_of = models.ForeignKey(
        Organisation, models.PROTECT, null=True, related_name="contract_remarks", verbose_name="答复单位"
    )
    asked_role = models.CharField("答复单位的身份", max_length=40)
    answer = models.TextField("答复", blank=True)
    adopted = models.BooleanField("采纳", null=True)
    answered_at = models.DateTimeField("答复时间", null=True)
    answered_label = models.CharField("答复（当时）", max_length=200, blank=True)
    version = models.PositiveIntegerField(default=1)
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "意见和建议"

    def __str__(self) -> str:
        return f"{self.get_kind_display()}：{self.text[:20]}"

    @property
    def ref(self) -> Ref:
        return Ref("contract_remark", str(self.pk), self.get_kind_display(), self.place_path)

    def party_roles(self, actor: Any) -> tuple[str, ...]:
        return office_of(actor)

    def is_party(self, actor: Any) -> bool:
        organisation = getattr(actor, "organisation", None)
        return organisation is not None and organisation.pk in (self.asked_of_id, self.made_by_id)
