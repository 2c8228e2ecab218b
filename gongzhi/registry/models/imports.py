"""Workbooks that were handed in: what the dry run found, and what the import then did."""

from django.db import models

from gongzhi.core.models import PlaceBound, StoredFile, User
from gongzhi.core.refs import Ref


class ImportRun(PlaceBound):
    """One workbook. The dry run writes the row; the import is possible only with the digest that the dry run gave."""

    STATES = [("faulty", "有错误"), ("checked", "待确认"), ("imported", "已导入")]

    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+", verbose_name="文件")
    marked = models.ForeignKey(StoredFile, models.PROTECT, null=True, related_name="+", verbose_name="标注错误的文件")
    state = models.CharField("状态", max_length=10, choices=STATES)
    digest = models.CharField("试导校验码", max_length=64)
    report = models.JSONField("结果")
    uploaded_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="上传人")
    uploaded_at = models.DateTimeField("上传时间")
    imported_at = models.DateTimeField("导入时间", null=True, blank=True)
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "底数导入"

    def __str__(self) -> str:
        return self.file.name

    @property
    def ref(self) -> Ref:
        return Ref("registry_import", str(self.pk), self.file.name, self.place_path)

    def is_party(self, actor: object) -> bool:
        user = getattr(actor, "user", None)
        return user is not None and user.pk == self.uploaded_by_id
