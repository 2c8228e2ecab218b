"""What a committee told the owners: each notice with its days on show, and what was said of it."""

from datetime import date

from django.db import models
from django.db.models import F, Q

from gongzhi.core.models import Organisation, PlaceBound, StoredFile, User
from gongzhi.core.refs import Ref
from gongzhi.governance.bodies.models.body import Body
from gongzhi.governance.bodies.models.texts import LIVE_BY_IT
from gongzhi.governance.bodies.words import NOTICE_KINDS, NOTICE_REPORTS, NOTICE_STATES
from gongzhi.registry.models import Estate


class BodyNotice(PlaceBound):
    """公告: on show from `shown_on` to `until_on`, both included; then it is kept.

    Its words never change: what has to be said otherwise is taken down with its reason and put up anew. `about`: the
    row that it tells of.
    """

    body = models.ForeignKey(Body, models.PROTECT, related_name="notices", verbose_name="组织")
    kind = models.CharField("类别", max_length=12, choices=list(NOTICE_KINDS.items()))
    title = models.CharField("标题", max_length=100)
    words = models.TextField("内容")
    about = models.CharField("所依的记录", max_length=80, blank=True)
    file = models.ForeignKey(StoredFile, models.PROTECT, null=True, related_name="+", verbose_name="附件")
    photo = models.ForeignKey(StoredFile, models.PROTECT, null=True, related_name="+", verbose_name="张贴照片")
    state = models.CharField("状态", max_length=12, choices=list(NOTICE_STATES.items()))
    shown_on = models.DateField("公示起")
    until_on = models.DateField("公示止")
    closed_on = models.DateField("撤下日期", null=True, blank=True)
    reason = models.CharField("原因", max_length=200, blank=True)
    basis = models.JSONField("判断", null=True)
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="经办人")
    by_label = models.CharField("经办", max_length=120)
    at = models.DateTimeField("提交时间")
    version = models.PositiveIntegerField(default=1)
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "业主组织公告"
        indexes = [*PlaceBound.Meta.indexes, models.Index(fields=["body", "-shown_on"], name="governance_notice_body")]
        constraints = [
            models.CheckConstraint(condition=Q(until_on__gte=F("shown_on")), name="governance_notice_span"),
            models.CheckConstraint(
                condition=Q(state__in=["held", "shown"], closed_on=None)
                | Q(state__in=["taken_down", "barred"], closed_on__isnull=False) & ~Q(reason=""),
                name="governance_notice_closed",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def ref(self) -> Ref:
        return Ref("body_notice", str(self.pk), self.title, self.place_path)

    @property
    def estate(self) -> Estate | None:
        return self.body.estate

    def on_show(self, on: date) -> bool:
        return self.state == "shown" and self.shown_on <= on <= self.until_on

    def is_party(self, actor: object) -> bool:
        """Who lives by it reads it, whoever may read the body besides."""
        own_place: str = getattr(actor, "place_path", "")
        put_up = self.state in ("shown", "taken_down")
        return put_up and getattr(actor, "role", "") in LIVE_BY_IT and own_place.startswith(self.place_path)


class NoticeReport(PlaceBound):
    """异议、举报: of a notice, or of what a committee told the owners without the platform (`notice` empty)."""

    body = models.ForeignKey(Body, models.PROTECT, related_name="notice_reports", verbose_name="组织")
    notice = models.ForeignKey(BodyNotice, models.PROTECT, null=True, related_name="reports", verbose_name="公告")
    kind = models.CharField("类别", max_length=12, choices=list(NOTICE_REPORTS.items()))
    words = models.TextField("情况")
    file = models.ForeignKey(StoredFile, models.PROTECT, null=True, related_name="+", verbose_name="照片、材料")
    role = models.CharField("提出人的身份", max_length=40)
    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+", verbose_name="提出单位")
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="提出人")
    at = models.DateTimeField("提出时间")
    confirmed = models.BooleanField("属实", null=True)
    finding = models.TextField("答复、核实情况", blank=True)
    found_by = models.CharField("答复、核实", max_length=120, blank=True)
    found_on = models.DateField("答复、核实日期", null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "公告的异议和举报"
        constraints = [
            models.CheckConstraint(
                condition=Q(confirmed=None, found_on=None) | Q(confirmed__isnull=False, found_on__isnull=False),
                name="governance_report_found",
            )
        ]

    def __str__(self) -> str:
        return f"{self.body} {self.get_kind_display()}"

    @property
    def ref(self) -> Ref:
        return Ref("notice_report", str(self.pk), str(self), self.place_path)

    @property
    def estate(self) -> Estate | None:
        return self.body.estate

    def is_party(self, actor: object) -> bool:
        user = getattr(actor, "user", None)
        return user is not None and user.pk == self.by_id
