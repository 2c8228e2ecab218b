"""Files, official documents and their numbers."""

from django.db import models
from django.db.models import Q

from gongzhi.core.models.bases import PlaceBound
from gongzhi.core.models.events import Event
from gongzhi.core.models.people import User
from gongzhi.core.models.places import Organisation
from gongzhi.core.refs import Ref


class StoredFile(PlaceBound):
    """A file somebody gave, or the platform made. The bytes lie under MEDIA_ROOT by their hash, never by its name."""

    sha256 = models.CharField("摘要", max_length=64, db_index=True)
    name = models.CharField("文件名", max_length=200)
    content_type = models.CharField("类型", max_length=100)
    size = models.PositiveBigIntegerField("字节数")
    path = models.CharField(max_length=120)
    owner_kind = models.CharField("所属类别", max_length=40)
    owner_id = models.CharField("所属编号", max_length=40)
    uploaded_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="上传人")
    uploaded_label = models.CharField("上传人（当时）", max_length=200)
    uploaded_at = models.DateTimeField("上传时间")
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "文件"
        indexes = [*PlaceBound.Meta.indexes, models.Index(fields=["owner_kind", "owner_id"], name="core_file_owner")]

    def __str__(self) -> str:
        return self.name

    @property
    def owner(self) -> Ref:
        return Ref(self.owner_kind, self.owner_id, "", self.place_path)

    @property
    def ref(self) -> Ref:
        return Ref("file", str(self.pk), self.name, self.place_path)

    @property
    def is_image(self) -> bool:
        return self.content_type.startswith("image/")


class NumberSeries(models.Model):
    """The last number given in a series and year. Its row is locked while a number is given: no gaps, no doubles."""

    series = models.CharField("序列", max_length=200)
    year = models.PositiveSmallIntegerField("年份")
    last = models.PositiveIntegerField("最后号", default=0)

    class Meta:
        verbose_name = verbose_name_plural = "编号序列"
        constraints = [models.UniqueConstraint(fields=["series", "year"], name="core_series_once")]

    def __str__(self) -> str:
        return f"{self.series} {self.year}: {self.last}"


class Document(PlaceBound):
    """An official document that was issued, with its number and its Word file."""

    instrument = models.CharField("文书", max_length=60)
    title = models.CharField("标题", max_length=200)
    number = models.CharField("文号", max_length=80)
    issuer = models.ForeignKey(Organisation, models.PROTECT, related_name="issued_documents", verbose_name="发文单位")
    series = models.CharField("序列", max_length=200)
    year = models.PositiveSmallIntegerField("年份")
    seq = models.PositiveIntegerField("序号")
    subject_kind = models.CharField("事由类别", max_length=40)
    subject_id = models.CharField("事由编号", max_length=40)
    subject_title = models.CharField("事由", max_length=200, blank=True)
    file = models.ForeignKey(StoredFile, models.PROTECT, null=True, related_name="+", verbose_name="文件")
    issued_at = models.DateTimeField("成文时间")
    issued_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="经办人")
    data = models.JSONField("内容")
    clauses = models.JSONField("依据", default=list)
    event = models.ForeignKey(Event, models.PROTECT, null=True, related_name="+")
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "文书"
        indexes = [
            *PlaceBound.Meta.indexes,
            models.Index(fields=["subject_kind", "subject_id"], name="core_document_subject"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["issuer", "series", "year", "seq"], name="core_document_number_once"),
            models.CheckConstraint(condition=Q(seq__gte=1), name="core_document_seq_from_one"),
        ]

    def __str__(self) -> str:
        return f"{self.title} {self.number}"

    @property
    def subject(self) -> Ref:
        return Ref(self.subject_kind, self.subject_id, self.subject_title, self.place_path)

    @property
    def ref(self) -> Ref:
        return Ref("document", str(self.pk), str(self), self.place_path)

    @property
    def signed_for(self) -> bool:
        """Every main recipient has signed."""
        return all(row.signed_for_at for row in self.recipients.all() if not row.copy)

    def is_party(self, actor: object) -> bool:
        organisation = getattr(actor, "organisation", None)
        if organisation is None:
            return False
        return organisation.pk == self.issuer_id or any(
            row.organisation_id == organisation.pk for row in self.recipients.all()
        )


class DocumentRecipient(models.Model):
    """An organisation a document was served on, or copied to, and whether it signed for it."""

    document = models.ForeignKey(Document, models.CASCADE, related_name="recipients", verbose_name="文书")
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="received_documents", verbose_name="收文单位"
    )
    copy = models.BooleanField("抄送", default=False)
    served_at = models.DateTimeField("送达时间")
    signed_for_at = models.DateTimeField("签收时间", null=True, blank=True)
    signed_for_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="签收人"
    )
    signed_for_label = models.CharField("签收人（当时）", max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "文书收文"
        constraints = [models.UniqueConstraint(fields=["document", "organisation"], name="core_recipient_once")]
        indexes = [models.Index(fields=["organisation", "signed_for_at"], name="core_recipient_open")]

    def __str__(self) -> str:
        return f"{self.organisation} ← {self.document_id}"
