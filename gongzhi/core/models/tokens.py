"""Keys of other programs, what was answered to them, and who is told of events."""

from datetime import date, timedelta
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from gongzhi.core.days import local_day
from gongzhi.core.models.bases import PlaceBound
from gongzhi.core.models.events import Event
from gongzhi.core.models.people import Post, User
from gongzhi.core.refs import Ref

INSTANT = timedelta(microseconds=1)
DELIVERY_STATES = {"queued": "待送", "sent": "已送达", "failed": "停止重送", "withheld": "不在权限内"}


class ApiToken(PlaceBound):
    """A program acts with it as its post does. Of the secret only a hash is kept: it is shown once."""

    post = models.ForeignKey(Post, models.PROTECT, related_name="tokens", verbose_name="岗位")
    name = models.CharField("名称", max_length=60)
    handle = models.CharField("令牌号", max_length=16, unique=True)
    secret_hash = models.CharField("密文摘要", max_length=64)
    scopes = ArrayField(models.CharField(max_length=40), verbose_name="范围")
    issued_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="发放人")
    issued_at = models.DateTimeField("发放时间")
    expires_at = models.DateTimeField("失效时间")
    revoked_at = models.DateTimeField("收回时间", null=True, blank=True)
    last_used_at = models.DateTimeField("最近使用", null=True, blank=True)
    version = models.PositiveIntegerField("版本", default=1)
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "接口令牌"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(expires_at__gt=models.F("issued_at")), name="core_token_expires_after_issue"
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def last_on(self) -> date:
        """The last day on which it opens something."""
        return local_day(self.expires_at - INSTANT)

    @property
    def ref(self) -> Ref:
        return Ref("token", str(self.pk), self.name, self.place_path)


class ApiReply(models.Model):
    """What a request with an `Idempotency-Key` was answered, written in the transaction that did it."""

    token = models.ForeignKey(ApiToken, models.CASCADE, related_name="replies")
    key = models.CharField(max_length=128)
    request_hash = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    body_cipher = models.TextField(blank=True)
    etag = models.CharField(max_length=80, blank=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = verbose_name_plural = "接口防重"
        constraints: ClassVar = [models.UniqueConstraint(fields=["token", "key"], name="core_apireply_once")]
        indexes: ClassVar = [models.Index(fields=["created_at"], name="core_apireply_created")]

    def __str__(self) -> str:
        return self.key


class Webhook(PlaceBound):
    """An address that is told of events which its post may read. The secret that signs is kept under cipher."""

    post = models.ForeignKey(Post, models.PROTECT, related_name="webhooks", verbose_name="岗位")
    name = models.CharField("名称", max_length=60)
    url = models.CharField("网址", max_length=500)
    kinds = ArrayField(models.CharField(max_length=60), verbose_name="事件")
    secret_cipher = models.TextField("签名密钥（密文）")
    created_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="登记人")
    created_at = models.DateTimeField("登记时间")
    ended_at = models.DateTimeField("停用时间", null=True, blank=True)
    version = models.PositiveIntegerField("版本", default=1)
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "事件推送"

    def __str__(self) -> str:
        return self.name

    @property
    def ref(self) -> Ref:
        return Ref("webhook", str(self.pk), self.name, self.place_path)


class WebhookDelivery(models.Model):
    """One event for one address. Sent at least once; the receiver knows a second time by the event's id."""

    webhook = models.ForeignKey(Webhook, models.PROTECT, related_name="deliveries", verbose_name="推送")
    event = models.ForeignKey(Event, models.PROTECT, related_name="+", verbose_name="事件")
    state = models.CharField("状态", max_length=10, choices=list(DELIVERY_STATES.items()), default="queued")
    tries = models.PositiveSmallIntegerField("次数", default=0)
    status = models.PositiveSmallIntegerField("对方答复", null=True, blank=True)
    error = models.CharField("失败原因", max_length=300, blank=True)
    queued_at = models.DateTimeField("排队时间", db_default=Now())
    tried_at = models.DateTimeField("最近一次", null=True, blank=True)
    sent_at = models.DateTimeField("送达时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "推送记录"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["webhook", "event"], name="core_webhook_event_once"),
        ]
        indexes: ClassVar = [models.Index(fields=["webhook", "-id"], name="core_delivery_hook")]

    def __str__(self) -> str:
        return f"{self.event_id} → {self.webhook}"
