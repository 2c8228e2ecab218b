"""Messages waiting to be sent, and the keys that make a second click harmless."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from gongzhi.core.models.bases import PlaceBound
from gongzhi.core.models.people import PersonalData, User
from gongzhi.core.models.places import Organisation
from gongzhi.core.refs import Ref

STATES = {"queued": "待发", "sent": "已发", "arrived": "已送达", "failed": "失败"}
CHANNELS = {"log": "日志", "sms": "短信", "letter": "站内信", "hotline": "热线回传"}


class OutboxMessage(PlaceBound):
    """One message to one recipient, written with the act it tells of and sent by the worker after the commit."""

    to_person = models.ForeignKey(
        PersonalData, models.CASCADE, null=True, related_name="messages", verbose_name="收件人"
    )
    to_user = models.ForeignKey(User, models.CASCADE, null=True, related_name="messages", verbose_name="用户")
    to_organisation = models.ForeignKey(
        Organisation, models.CASCADE, null=True, related_name="messages", verbose_name="单位"
    )
    channel = models.CharField("渠道", max_length=12, choices=list(CHANNELS.items()), default="log")
    template = models.CharField("模板", max_length=60)
    text = models.TextField("正文")
    params = models.JSONField("模板变量", default=dict, blank=True)
    ref_kind = models.CharField("事由类别", max_length=40, blank=True)
    ref_id = models.CharField("事由编号", max_length=40, blank=True)
    ref_title = models.CharField("事由", max_length=200, blank=True)
    state = models.CharField("状态", max_length=8, choices=list(STATES.items()), default="queued")
    tries = models.PositiveSmallIntegerField("次数", default=0)
    error = models.TextField("失败原因", blank=True)
    created_at = models.DateTimeField("写入时间")
    sent_at = models.DateTimeField("发送时间", null=True, blank=True)
    receipt = models.CharField("发送回执号", max_length=64, blank=True)
    asked_at = models.DateTimeField("查问送达的时间", null=True, blank=True)
    arrived_at = models.DateTimeField("送达时间", null=True, blank=True)
    read_at = models.DateTimeField("查看时间", null=True, blank=True)
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "消息"
        indexes = [
            *PlaceBound.Meta.indexes,
            models.Index(fields=["ref_kind", "ref_id"], name="core_outbox_ref"),
            models.Index(fields=["id"], name="core_outbox_queued", condition=Q(state="queued")),
            models.Index(fields=["sent_at"], name="core_outbox_unreported", condition=Q(channel="sms", state="sent")),
        ]
        constraints = [
            models.CheckConstraint(
                name="core_outbox_one_recipient",
                condition=(
                    Q(to_person__isnull=False, to_user=None, to_organisation=None)
                    | Q(to_person=None, to_user__isnull=False, to_organisation=None)
                    | Q(to_person=None, to_user=None, to_organisation__isnull=False)
                ),
            )
        ]

    def __str__(self) -> str:
        return f"{self.template} → {self.recipient_label}"

    @property
    def recipient_label(self) -> str:
        return str(self.to_person or self.to_user or self.to_organisation)

    @property
    def ref(self) -> Ref:
        return Ref(self.ref_kind, self.ref_id, self.ref_title, self.place_path)


class FormKey(models.Model):
    """The key of one form on one screen, and what its first submission made."""

    key = models.CharField(max_length=64, unique=True)
    user = models.ForeignKey(User, models.CASCADE, null=True, related_name="+")
    ref_kind = models.CharField(max_length=40, blank=True)
    ref_id = models.CharField(max_length=40, blank=True)
    ref_title = models.CharField(max_length=200, blank=True)
    place_path = models.TextField(blank=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = verbose_name_plural = "表单防重"
        indexes = [models.Index(fields=["created_at"], name="core_formkey_created")]

    def __str__(self) -> str:
        return self.key
