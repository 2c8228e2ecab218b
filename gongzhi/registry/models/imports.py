"""Workbooks that were handed in: what the dry run found, and what the import then did."""

from django.db import models

from gongzhi.core.models import PlaceBound, Post, StoredFile, User
from gongzhi.core.refs import Ref

AT_WORK = ("waiting", "confirmed")
ENDED = ("refused", "outdated", "imported")


class ImportRun(PlaceBound):
    """One workbook. The import is possible only with the digest that the dry run gave.

    A large one is tried and imported by the worker: `waiting` for its dry run, `confirmed` for its import. `message`
    says why one that is `refused` or `outdated` went no further.
    """

    STATES = [
        ("waiting", "等待试导"),
        ("refused", "不能导入"),
        ("faulty", "有错误"),
        ("checked", "待确认"),
        ("confirmed", "等待导入"),
        ("outdated", "底数已变化"),
        ("imported", "已导入"),
    ]

    kind = models.CharField("哪一种表格", max_length=20, default="registry")
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+", verbose_name="文件")
    marked = models.ForeignKey(StoredFile, models.PROTECT, null=True, related_name="+", verbose_name="标注错误的文件")
    state = models.CharField("状态", max_length=10, choices=STATES)
    digest = models.CharField("试导校验码", max_length=64, blank=True)
    report = models.JSONField("结果", default=dict)
    message = models.CharField("没有导入的原因", max_length=300, blank=True)
    leave_out = models.BooleanField("有错误的行不导入", default=False)
    post = models.ForeignKey(Post, models.PROTECT, null=True, related_name="+", verbose_name="上传人的岗位")
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

    @property
    def at_work(self) -> bool:
        """The worker has it, or will have it next."""
        return self.state in AT_WORK

    @property
    def ended(self) -> bool:
        return self.state in ENDED

    def is_party(self, actor: object) -> bool:
        user = getattr(actor, "user", None)
        return user is not None and user.pk == self.uploaded_by_id


class ImportProgress(models.Model):
    """How far the worker is with a workbook. Beside it: the work is one transaction that nobody sees into."""

    run = models.OneToOneField(
        ImportRun, models.CASCADE, primary_key=True, related_name="progress", verbose_name="底数导入"
    )
    step = models.CharField("正在做", max_length=60, blank=True)
    done = models.PositiveIntegerField("已处理行数", default=0)
    total = models.PositiveIntegerField("行数", default=0)
    begun_at = models.DateTimeField("开始时间", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "导入进度"

    def __str__(self) -> str:
        return f"{self.step} {self.done}/{self.total}"
