"""What holds of a subject from a day on, and what another unit was asked to state about an estate."""

from django.db import models
from django.db.models import Q

from gongzhi.core.models import Event, Organisation, PlaceBound, User
from gongzhi.core.refs import Ref
from gongzhi.registry.models.estates import Estate
from gongzhi.registry.questions import REVIEW_KINDS, REVIEW_RESULTS


class StandingFact(PlaceBound):
    """What holds of a subject from a day on, until a later row of that name. Rows are added, never changed."""

    subject_kind = models.CharField("对象类别", max_length=40)
    subject_id = models.CharField("对象编号", max_length=40)
    name = models.CharField("事实", max_length=60)
    value = models.JSONField("值", null=True)
    from_on = models.DateField("自")
    to_on = models.DateField("至", null=True, blank=True)
    event = models.ForeignKey(Event, models.PROTECT, related_name="+", verbose_name="来由")
    answer = models.JSONField("判断", null=True)
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "既定事实"
        indexes = [
            *PlaceBound.Meta.indexes,
            models.Index(fields=["subject_kind", "subject_id", "name", "from_on"], name="registry_fact_lookup"),
        ]

    def __str__(self) -> str:
        return f"{self.subject_kind}:{self.subject_id} {self.name}={self.value}"

    @property
    def subject(self) -> Ref:
        return Ref(self.subject_kind, self.subject_id, "", self.place_path)


class EstateReview(PlaceBound):
    """A question about an estate to the unit that is competent for it, and what that unit stated."""

    estate = models.ForeignKey(Estate, models.PROTECT, related_name="reviews", verbose_name="小区")
    kind = models.CharField("事项", max_length=30, choices=list(REVIEW_KINDS.items()))
    asked = models.TextField("请求说明")
    asked_by = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+", verbose_name="提出单位")
    asked_at = models.DateTimeField("提出时间")
    desk = models.ForeignKey(Organisation, models.PROTECT, related_name="estate_reviews", verbose_name="受理单位")
    result = models.CharField("结论", max_length=12, choices=list(REVIEW_RESULTS.items()), blank=True)
    opinion = models.TextField("意见", blank=True)
    choice = models.CharField("选定", max_length=100, blank=True)
    answered_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="答复人")
    answered_at = models.DateTimeField("答复时间", null=True, blank=True)
    basis = models.JSONField("依据", null=True)
    details = models.JSONField("涉及", default=dict)
    version = models.PositiveIntegerField(default=1)
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "小区事项核办"
        constraints = [
            models.UniqueConstraint(
                fields=["estate", "kind"], condition=Q(answered_at=None), name="registry_review_one_open"
            ),
            models.CheckConstraint(
                condition=Q(answered_at=None, result="") | Q(answered_at__isnull=False) & ~Q(result=""),
                name="registry_review_answered",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.estate} {self.get_kind_display()}"

    @property
    def ref(self) -> Ref:
        return Ref("estate_review", str(self.pk), str(self), self.place_path)

    def is_party(self, actor: object) -> bool:
        organisation = getattr(actor, "organisation", None)
        return organisation is not None and organisation.pk in (self.desk_id, self.asked_by_id)
