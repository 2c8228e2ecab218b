"""What street, community and bureau tell a body; decisions that are set right; charges; yearly assessments."""

from django.db import models
from django.db.models import Q

from gongzhi.core.models import Document, Organisation, PlaceBound, User
from gongzhi.core.refs import Ref
from gongzhi.governance.bodies.models.body import Body, Member
from gongzhi.governance.bodies.models.forming import Formation
from gongzhi.governance.bodies.words import (
    ADVICE_KINDS,
    CHARGE_OUTCOMES,
    CHARGE_STATES,
    CONCLUSIONS,
    CORRECTION_KINDS,
    CORRECTION_STATES,
    OWNERS_MATTERS,
    SERVICE_WAYS,
    STEPS,
)
from gongzhi.registry.models import Estate, Unit


class Advice(PlaceBound):
    """Guidance, an opinion, an order, a request: who told whom what, by when an answer is due, and the answer."""

    estate = models.ForeignKey(Estate, models.PROTECT, null=True, related_name="advice", verbose_name="小区")
    body = models.ForeignKey(Body, models.PROTECT, null=True, blank=True, related_name="advice", verbose_name="组织")
    formation = models.ForeignKey(
        Formation, models.PROTECT, null=True, blank=True, related_name="advice", verbose_name="组建"
    )
    kind = models.CharField("类别", max_length=12, choices=list(ADVICE_KINDS.items()))
    step = models.CharField("环节", max_length=12, choices=list(STEPS.items()), blank=True)
    given_by = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+", verbose_name="单位")
    given_role = models.CharField("角色", max_length=40, blank=True)
    to = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="advice_received", verbose_name="给谁"
    )
    words = models.TextField("内容")
    given_on = models.DateField("日期")
    due_on = models.DateField("回复期限", null=True, blank=True)
    conclusion = models.CharField("结论", max_length=10, choices=list(CONCLUSIONS.items()), blank=True)
    reply = models.TextField("回复", blank=True)
    replied_at = models.DateTimeField("回复时间", null=True, blank=True)
    confirmed_at = models.DateTimeField("确认时间", null=True, blank=True)
    open_to_owners = models.BooleanField("向业主公开", default=False)
    version = models.PositiveIntegerField(default=1)
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "指导和督促"
        indexes = [*PlaceBound.Meta.indexes, models.Index(fields=["kind", "given_on"], name="governance_advice_kind")]

    def __str__(self) -> str:
        return f"{self.body or self.estate or ''} {self.get_kind_display()}".strip()

    @property
    def ref(self) -> Ref:
        return Ref("advice", str(self.pk), str(self), self.place_path)

    @property
    def unanswered(self) -> bool:
        return self.due_on is not None and self.replied_at is None

    def is_party(self, actor: object) -> bool:
        organisation = getattr(actor, "organisation", None)
        return organisation is not None and organisation.pk in (self.given_by_id, self.to_id)


class BodyDecision(PlaceBound):
    """A decision of the assembly or the committee, as far as somebody has to look at it or act on it."""

    estate = models.ForeignKey(Estate, models.PROTECT, related_name="decisions", verbose_name="小区")
    body = models.ForeignKey(Body, models.PROTECT, null=True, blank=True, related_name="decisions", verbose_name="组织")
    title = models.CharField("决定", max_length=100)
    words = models.TextField("内容")
    matter = models.CharField("共同决定事项", max_length=24, choices=list(OWNERS_MATTERS.items()), blank=True)
    decided_on = models.DateField("决定日期")
    revoked_on = models.DateField("撤销日期", null=True, blank=True)
    vote_ref = models.CharField("表决", max_length=80, blank=True)
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "决定"

    def __str__(self) -> str:
        return self.title

    @property
    def ref(self) -> Ref:
        return Ref("body_decision", str(self.pk), self.title, self.place_path)


class Correction(PlaceBound):
    """An unlawful decision that the street orders to be put right, or revokes, and the notice to all owners."""

    decision = models.ForeignKey(BodyDecision, models.PROTECT, related_name="corrections", verbose_name="决定")
    kind = models.CharField("处理", max_length=8, choices=list(CORRECTION_KINDS.items()))
    grounds = models.TextField("违法之处和依据")
    state = models.CharField("状态", max_length=12, choices=list(CORRECTION_STATES.items()))
    opened_on = models.DateField("立案日期")
    consulted = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="会同单位"
    )
    consulted_at = models.DateTimeField("会同时间", null=True, blank=True)
    consultation = models.TextField("会同意见", blank=True)
    issued_on = models.DateField("下达日期", null=True, blank=True)
    due_on = models.DateField("改正期限", null=True, blank=True)
    corrected_on = models.DateField("改正日期", null=True, blank=True)
    closed_at = models.DateTimeField("结案时间", null=True, blank=True)
    document = models.ForeignKey(Document, models.PROTECT, null=True, related_name="+", verbose_name="文书")
    basis = models.JSONField("判断", null=True)
    version = models.PositiveIntegerField(default=1)
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "违法决定处理"
        constraints = [
            models.UniqueConstraint(
                fields=["decision", "kind"], condition=Q(closed_at=None), name="governance_correction_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.decision} {self.get_kind_display()}"

    @property
    def ref(self) -> Ref:
        return Ref("correction", str(self.pk), str(self), self.place_path)


class DecisionNotice(models.Model):
    """The notice of a correction to one unit, and how it was served."""

    correction = models.ForeignKey(Correction, models.CASCADE, related_name="notices", verbose_name="违法决定处理")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="房屋")
    way = models.CharField("方式", max_length=8, choices=list(SERVICE_WAYS.items()), blank=True)
    served_on = models.DateField("送达日期", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "通告送达"
        constraints = [models.UniqueConstraint(fields=["correction", "unit"], name="governance_notice_once")]

    def __str__(self) -> str:
        return f"{self.correction_id} {self.unit}"


class Charge(PlaceBound):
    """What a member of a committee is said to have done, what was found, and to whom it was handed over."""

    member = models.ForeignKey(Member, models.PROTECT, related_name="charges", verbose_name="委员")
    words = models.TextField("情况")
    state = models.CharField("状态", max_length=12, choices=list(CHARGE_STATES.items()), default="open")
    opened_on = models.DateField("立案日期")
    found_on = models.DateField("认定日期", null=True, blank=True)
    finding = models.TextField("认定", blank=True)
    suspected_crime = models.BooleanField("涉嫌犯罪", default=False)
    handed_to = models.CharField("移交机关", max_length=100, blank=True)
    handed_on = models.DateField("移交日期", null=True, blank=True)
    outcome = models.CharField("处理结果", max_length=12, choices=list(CHARGE_OUTCOMES.items()), blank=True)
    outcome_note = models.TextField("处理情况", blank=True)
    closed_at = models.DateTimeField("结案时间", null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "委员违法违规查处"

    def __str__(self) -> str:
        return f"{self.member} 查处"

    @property
    def ref(self) -> Ref:
        return Ref("charge", str(self.pk), str(self), self.place_path)


class BodyAssessment(PlaceBound):
    """The assessment of a body in a year: the community's opinion, the street's score."""

    body = models.ForeignKey(Body, models.PROTECT, related_name="assessments", verbose_name="组织")
    year = models.PositiveSmallIntegerField("年度")
    first_score = models.DecimalField("社区初评", max_digits=5, decimal_places=2, null=True, blank=True)
    first_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="初评人")
    first_on = models.DateField("初评日期", null=True, blank=True)
    score = models.DecimalField("镇街定评", max_digits=5, decimal_places=2, null=True, blank=True)
    scored_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="定评人")
    scored_on = models.DateField("定评日期", null=True, blank=True)
    remarks = models.TextField("评语和整改要求", blank=True)
    version = models.PositiveIntegerField(default=1)
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "组织考评"
        constraints = [
            models.UniqueConstraint(fields=["body", "year"], name="governance_assessment_once"),
            models.CheckConstraint(
                condition=(Q(first_score=None) | Q(first_score__gte=0, first_score__lte=100))
                & (Q(score=None) | Q(score__gte=0, score__lte=100)),
                name="governance_assessment_range",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.body} {self.year}年考评"

    @property
    def ref(self) -> Ref:
        return Ref("body_assessment", str(self.pk), str(self), self.place_path)
