"""The event log: append-only by trigger and by the application role's privileges."""

from typing import Any, NoReturn

from django.db import models
from django.db.models.functions import Now

from gongzhi.core.models.bases import PlaceBound
from gongzhi.core.models.people import User
from gongzhi.core.models.places import Organisation
from gongzhi.core.refs import Ref


class Event(PlaceBound):
    """Something that happened. Written by `record` alone, in the transaction that made it happen."""

    kind = models.CharField("事件", max_length=60)
    subject_kind = models.CharField("对象类别", max_length=40)
    subject_id = models.CharField("对象编号", max_length=40)
    subject_title = models.CharField("对象", max_length=200, blank=True)
    actor = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="办理人")
    actor_label = models.CharField("办理人（当时）", max_length=200)
    actor_role = models.CharField("办理角色", max_length=40, blank=True)
    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+", verbose_name="办理单位")
    at = models.DateTimeField("发生时间")
    recorded_at = models.DateTimeField("记录时间", db_default=Now())
    data = models.JSONField("内容")
    cause = models.ForeignKey("self", models.PROTECT, null=True, related_name="effects", verbose_name="起因")
    depth = models.PositiveSmallIntegerField("层次", default=0)
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "事件"
        indexes = [
            *PlaceBound.Meta.indexes,
            models.Index(fields=["subject_kind", "subject_id", "id"], name="core_event_subject"),
            models.Index(fields=["kind", "at"], name="core_event_kind_at"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject_kind}:{self.subject_id}"

    @property
    def subject(self) -> Ref:
        return Ref(self.subject_kind, self.subject_id, self.subject_title, self.place_path)

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk is not None:
            raise TypeError("an event is never changed")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise TypeError("an event is never deleted")
