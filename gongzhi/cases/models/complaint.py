"""One submission: what somebody told, by which channel, when. Its matters are its cases."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from gongzhi.cases.codes import CHANNELS, TAGS
from gongzhi.core import crypto
from gongzhi.core.actors import Actor
from gongzhi.core.models import Organisation, PersonalData, PlaceBound, User
from gongzhi.core.refs import Ref

LOOKUP = "complaint.lookup"


def reader_key(*, organisation: int | None = None, user: int | None = None) -> str:
    """How a unit or an account stands among the readers of a case."""
    return f"o{organisation}" if organisation is not None else f"u{user}"


class Complaint(PlaceBound):
    """`received_at` and `number` are fixed by a trigger; rows are never deleted."""

    number = models.CharField("查询编号", max_length=40, unique=True)
    channel = models.CharField("来源", max_length=12, choices=list(CHANNELS.items()))
    received_at = models.DateTimeField("收到时间")
    registered_at = models.DateTimeField("登记时间")
    estate = models.ForeignKey(
        "registry.Estate", models.PROTECT, null=True, blank=True, related_name="complaints", verbose_name="小区"
    )
    location = models.CharField("地点", max_length=200, blank=True)
    text = models.TextField("事由")
    complainant = models.OneToOneField(
        PersonalData, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="投诉人"
    )
    anonymous = models.BooleanField("匿名", default=False)
    anonymous_reason = models.CharField("匿名原因", max_length=200, blank=True)
    lookup_hash = models.CharField("查询码摘要", max_length=64, blank=True)
    visitors = models.PositiveSmallIntegerField("来访人数", null=True, blank=True)
    tags = ArrayField(models.CharField(max_length=12, choices=list(TAGS.items())), verbose_name="标签", default=list)
    signed_register = models.BooleanField("来访登记表已签字", default=False)
    visitor_confirmed = models.BooleanField("来访人已确认当场办结", default=False)
    answered_on_spot = models.TextField("当场答复内容", blank=True)
    hotline_number = models.CharField("热线编号", max_length=60, blank=True)
    receiver = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="received_complaints", verbose_name="受理单位"
    )
    received_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="受理人"
    )
    submitted_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="complaints", verbose_name="提交账号"
    )
    steward = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="complaints_for_others", verbose_name="代提的楼幢长"
    )
    extra = models.JSONField("其他登记内容", default=dict)
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "投诉"
        indexes: ClassVar = [
            *PlaceBound.Meta.indexes,
            models.Index(fields=["receiver", "received_at"], name="cases_complaint_desk"),
            models.Index(fields=["estate", "received_at"], name="cases_complaint_estate"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["hotline_number"], condition=~Q(hotline_number=""), name="cases_hotline_number_once"
            ),
            models.CheckConstraint(
                condition=Q(anonymous=False) | ~Q(anonymous_reason="") | Q(channel="web"),
                name="cases_anonymous_needs_reason",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def ref(self) -> Ref:
        return Ref("complaint", str(self.pk), self.number, self.place_path)

    @property
    def tagged(self) -> bool:
        return bool(self.tags)

    @property
    def tag_names(self) -> list[str]:
        return [TAGS.get(tag, tag) for tag in self.tags]

    def is_party(self, actor: Actor) -> bool:
        if actor.organisation is not None and actor.organisation.pk == self.receiver_id:
            return True
        return actor.user is not None and actor.user.pk in (self.submitted_by_id, self.steward_id)

    def reader_keys(self) -> list[str]:
        """Who sees its cases whatever becomes of them: the unit that received it, and whose account it came by."""
        accounts = {one for one in (self.submitted_by_id, self.steward_id) if one is not None}
        unit = [reader_key(organisation=self.receiver_id)] if self.receiver_id is not None else []
        return [*unit, *(reader_key(user=one) for one in sorted(accounts))]

    def opens_with(self, secret: str) -> bool:
        """Whether the phone tail or the query code is the one kept with this number."""
        return bool(self.lookup_hash) and self.lookup_hash == lookup_hash(self.number, secret)


def lookup_hash(number: str, secret: str) -> str:
    return crypto.keyed_hash(f"{number}:{secret.strip().upper()}", purpose=LOOKUP)
