"""公示牌: the numbers to call, as printed and posted in an estate."""

from django.db import models

from gongzhi.core.models import PlaceBound, StoredFile
from gongzhi.core.refs import Ref


class NoticeBoard(PlaceBound):
    """`lines` are the numbers as printed; they are compared with those that hold now."""

    estate = models.OneToOneField("registry.Estate", models.PROTECT, related_name="notice_board", verbose_name="小区")
    lines = models.JSONField("印制的电话", default=list)
    printed_at = models.DateTimeField("印制时间", null=True, blank=True)
    posted_at = models.DateTimeField("张贴时间", null=True, blank=True)
    posted_lines = models.JSONField("张贴的电话", default=list)
    posted_label = models.CharField("张贴人", max_length=200, blank=True)
    spot = models.CharField("张贴地点", max_length=200, blank=True)
    photo = models.ForeignKey(
        StoredFile, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="张贴照片"
    )
    version = models.PositiveIntegerField("版本", default=1)
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "公示牌"

    def __str__(self) -> str:
        return f"{self.estate}公示牌"

    @property
    def ref(self) -> Ref:
        return Ref("notice_board", str(self.pk), str(self), self.place_path)
