"""Arrears: the demand and its period, what the owner says, who helps, where it goes; clearance and hand-over."""

from datetime import date

from django.db import models
from django.db.models import Q

from gongzhi.core.models import PlaceBound, StoredFile, User
from gongzhi.core.refs import Ref
from gongzhi.funds.charges.words import (
    DEMANDED_BY,
    HANDOVER_KINDS,
    HELPERS,
    OPINION_STATES,
    PAYER_KINDS,
    RECOURSES,
)
from gongzhi.registry.models import Ownership, Project, Unit


class Demand(PlaceBound):
    """催告 of what these owners owe for a unit: pay until the last day of the period. Closed when all of it is paid."""

    project = models.ForeignKey(Project, models.PROTECT, related_name="demands", verbose_name="物业项目")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="demands", verbose_name="房屋")
    ownership = models.ForeignKey(Ownership, models.PROTECT, null=True, related_name="+", verbose_name="产权")
    amount_fen = models.BigIntegerField("欠费（分）")
    late_fen = models.BigIntegerField("违约金（分）", default=0)
    how = models.CharField("方式", max_length=8, choices=list(DEMANDED_BY.items()))
    on = models.DateField("催告日期")
    until = models.DateField("期限最后一日")
    in_writing = models.BooleanField("书面", default=False)
    told_over = models.BooleanField("期满已记录", default=False)
    closed_on = models.DateField("缴清日期", null=True)
    answer = models.JSONField("判断", null=True)
    version = models.PositiveIntegerField(default=1)
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "催告"
        indexes = [
            models.Index(fields=["place_path"], opclasses=["text_pattern_ops"], name="funds_demand_path"),
            models.Index(fields=["unit"], name="funds_demand_open", condition=Q(closed_on=None)),
        ]
        constraints = [models.CheckConstraint(condition=Q(amount_fen__gt=0), name="funds_demand_amount")]

    def __str__(self) -> str:
        return f"{self.unit} {self.on}"

    def over(self, on: date) -> bool:
        """The reasonable period has ended and it is not paid."""
        return self.closed_on is None and on > self.until

    @property
    def ref(self) -> Ref:
        return Ref("demand", str(self.pk), f"催告 {self.unit}", self.place_path)


class ArrearsOpinion(PlaceBound):
    """What the owner says against paying, and what was made of it."""

    project = models.ForeignKey(Project, models.PROTECT, related_name="opinions", verbose_name="物业项目")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="opinions", verbose_name="房屋")
    ownership = models.ForeignKey(Ownership, models.PROTECT, null=True, related_name="+", verbose_name="产权")
    text = models.TextField("意见")
    state = models.CharField("状态", max_length=12, choices=list(OPINION_STATES.items()), default="heard")
    on = models.DateField("提出日期")
    judged_on = models.DateField("认定日期", null=True)
    reply = models.TextField("答复", blank=True)
    resolve_until = models.DateField("解决期限", null=True)
    measures = models.TextField("解决措施", blank=True)
    resolved_on = models.DateField("解决日期", null=True)
    confirmed_on = models.DateField("社区确认正当理由", null=True)
    confirmed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="确认人")
    version = models.PositiveIntegerField(default=1)
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "欠费意见"
        indexes = [
            models.Index(fields=["place_path"], opclasses=["text_pattern_ops"], name="funds_opinion_path"),
            models.Index(fields=["unit", "state"], name="funds_opinion_unit"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="resolved") | Q(resolved_on__isnull=False), name="funds_opinion_resolved"
            )
        ]

    def __str__(self) -> str:
        return self.text[:20]

    def resolved_late(self, on: date) -> bool:
        """超时: the last day for measures has passed without any."""
        ended = self.resolved_on or on
        return self.resolve_until is not None and ended > self.resolve_until

    @property
    def ref(self) -> Ref:
        return Ref("arrears_opinion", str(self.pk), f"欠费意见 {self.unit}", self.place_path)


class ArrearsHelp(PlaceBound):
    """协助催缴: what the committee, a steward or mediation was asked for, and what came of it."""

    project = models.ForeignKey(Project, models.PROTECT, related_name="helps", verbose_name="物业项目")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="helps", verbose_name="房屋")
    ownership = models.ForeignKey(Ownership, models.PROTECT, null=True, related_name="+", verbose_name="产权")
    kind = models.CharField("方式", max_length=10, choices=list(HELPERS.items()))
    role = models.CharField("由谁办", max_length=40)
    asked_on = models.DateField("交办日期")
    result = models.CharField("结果", max_length=200, blank=True)
    done_on = models.DateField("办理日期", null=True)
    done_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="办理人")
    closed_on = models.DateField("结束日期", null=True)
    handed_on = models.CharField("转社区调解", max_length=80, blank=True)
    version = models.PositiveIntegerField(default=1)
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "协助催缴"
        indexes = [models.Index(fields=["place_path"], opclasses=["text_pattern_ops"], name="funds_help_path")]
        constraints = [
            models.UniqueConstraint(fields=["unit", "kind"], condition=Q(closed_on=None), name="funds_help_one")
        ]

    def __str__(self) -> str:
        return f"{self.unit} {self.get_kind_display()}"

    @property
    def ref(self) -> Ref:
        return Ref("arrears_help", str(self.pk), f"{self.get_kind_display()} {self.unit}", self.place_path)


class ArrearsRecourse(PlaceBound):
    """仲裁或诉讼 over what is owed, up to the judgment, its execution and the clue for the court's list."""

    project = models.ForeignKey(Project, models.PROTECT, related_name="recourses", verbose_name="物业项目")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="recourses", verbose_name="房屋")
    ownership = models.ForeignKey(Ownership, models.PROTECT, null=True, related_name="+", verbose_name="产权")
    kind = models.CharField("途径", max_length=12, choices=list(RECOURSES.items()))
    number = models.CharField("案号", max_length=60, blank=True)
    filed_on = models.DateField("提起日期")
    amount_fen = models.BigIntegerField("标的（分）")
    judged_on = models.DateField("裁判生效日期", null=True)
    judgment = models.CharField("裁判结果", max_length=200, blank=True)
    refused_on = models.DateField("拒不履行认定日期", null=True)
    malicious_on = models.DateField("恶意欠缴认定日期", null=True)
    clue_on = models.DateField("移交线索日期", null=True)
    clue_result = models.CharField("法院处理结果", max_length=200, blank=True)
    withdrawn_on = models.DateField("撤销线索日期", null=True)
    closed_on = models.DateField("结束日期", null=True)
    version = models.PositiveIntegerField(default=1)
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "欠费仲裁诉讼"
        indexes = [models.Index(fields=["place_path"], opclasses=["text_pattern_ops"], name="funds_recourse_path")]
        constraints = [
            models.UniqueConstraint(
                fields=["unit", "ownership"], condition=Q(closed_on=None), nulls_distinct=False,
                name="funds_recourse_one",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.unit} {self.get_kind_display()}"

    @property
    def ref(self) -> Ref:
        return Ref("arrears_recourse", str(self.pk), f"{self.get_kind_display()} {self.unit}", self.place_path)


class PayerMark(PlaceBound):
    """身份类别 that the owner himself states, and may take back. Shown in sums alone."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="payer_marks", verbose_name="房屋")
    kind = models.CharField("身份类别", max_length=12, choices=list(PAYER_KINDS.items()))
    user = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="标注人")
    from_on = models.DateField("标注日期")
    to_on = models.DateField("撤回日期", null=True, blank=True)
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "身份类别标注"
        indexes = [models.Index(fields=["place_path"], opclasses=["text_pattern_ops"], name="funds_mark_path")]
        constraints = [models.UniqueConstraint(fields=["unit"], condition=Q(to_on=None), name="funds_mark_one")]

    def __str__(self) -> str:
        return self.get_kind_display()


class Clearance(PlaceBound):
    """物业费清零证明: on that day these owners owed nothing for the unit."""

    project = models.ForeignKey(Project, models.PROTECT, related_name="clearances", verbose_name="物业项目")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="clearances", verbose_name="房屋")
    ownership = models.ForeignKey(Ownership, models.PROTECT, null=True, related_name="+", verbose_name="产权")
    number = models.CharField("编号", max_length=60, unique=True)
    issued_on = models.DateField("出具日期")
    valid_until = models.DateField("有效期至")
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="出具人")
    answer = models.JSONField("判断", null=True)
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "清零证明"
        indexes = [models.Index(fields=["place_path"], opclasses=["text_pattern_ops"], name="funds_clearance_path")]

    def __str__(self) -> str:
        return self.number

    @property
    def ref(self) -> Ref:
        return Ref("clearance", str(self.pk), f"清零证明 {self.number}", self.place_path)


class ArrearsHandover(PlaceBound):
    """新老企业交接: what was owed to the old company and paid to it in advance, on the day, and who goes on with it."""

    from_project = models.OneToOneField(Project, models.PROTECT, related_name="handed_over", verbose_name="原项目")
    to_project = models.ForeignKey(Project, models.PROTECT, null=True, related_name="taken_over", verbose_name="新项目")
    kind = models.CharField("欠费处理", max_length=8, choices=list(HANDOVER_KINDS.items()))
    on = models.DateField("交接日期")
    units = models.PositiveIntegerField("欠费户数")
    owed_fen = models.BigIntegerField("欠费合计（分）")
    advance_fen = models.BigIntegerField("预存合计（分）")
    rows = models.JSONField("清单")
    agreement = models.ForeignKey(StoredFile, models.PROTECT, null=True, related_name="+", verbose_name="交接协议")
    confirmed_on = models.DateField("接收方确认", null=True)
    version = models.PositiveIntegerField(default=1)
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "欠费交接"
        indexes = [models.Index(fields=["place_path"], opclasses=["text_pattern_ops"], name="funds_handover_path")]

    def __str__(self) -> str:
        return f"{self.from_project} {self.on}"

    @property
    def ref(self) -> Ref:
        return Ref("arrears_handover", str(self.pk), f"欠费交接 {self.from_project.estate}", self.place_path)
