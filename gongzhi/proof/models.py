"""Logs, entries, the inner nodes of their trees, checkpoints, and who signs. Append-only by trigger and privileges."""

from typing import Any, NoReturn

from django.db import models


class Log(models.Model):
    """One append-only log: a vote's, or the platform's own. Its origin is its name in every signature."""

    origin = models.CharField("日志名", max_length=200, unique=True)
    created_at = models.DateTimeField("建立时间")
    demo = models.BooleanField("示范数据", default=False)

    class Meta:
        verbose_name = verbose_name_plural = "存证日志"

    def __str__(self) -> str:
        return self.origin


class SigningKey(models.Model):
    """A key of the platform (Ed25519). The newest signs; each but the first is endorsed by the one before it."""

    public = models.BinaryField("公钥", unique=True)
    sealed = models.TextField("加密的私钥")
    activated_at = models.DateTimeField("启用时间")
    previous = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="+", verbose_name="上一把", db_index=False
    )
    endorsement = models.BinaryField("上一把的签名", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "签名密钥"
        constraints = [
            # One chain: one beginning, and one key after each.
            models.UniqueConstraint(fields=["previous"], nulls_distinct=False, name="proof_signingkey_one_chain"),
        ]

    def __str__(self) -> str:
        return bytes(self.public).hex()


class Entry(models.Model):
    """A promised leaf. `leaf_index` is given once, by the sequencer; until then the entry waits.

    No database constraint leads to the log and the key: a row that every ballot would lock. Neither can be deleted.
    """

    log = models.ForeignKey(Log, models.PROTECT, db_constraint=False, db_index=False, related_name="entries")
    leaf_hash = models.BinaryField("叶子哈希")
    data = models.TextField("内容")
    promised_ms = models.BigIntegerField("承诺时间（毫秒）")
    key = models.ForeignKey(SigningKey, models.PROTECT, db_constraint=False, db_index=False, related_name="+")
    promise = models.BinaryField("承诺签名")
    leaf_index = models.BigIntegerField("序号", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "存证条目"
        constraints = [
            models.UniqueConstraint(fields=["log", "leaf_hash"], name="proof_entry_once"),
            models.UniqueConstraint(fields=["log", "leaf_index"], name="proof_entry_index"),
        ]
        indexes = [
            models.Index(fields=["log", "id"], condition=models.Q(leaf_index=None), name="proof_entry_waiting"),
        ]

    def __str__(self) -> str:
        return f"{self.log_id}:{self.leaf_index if self.leaf_index is not None else '…'}"

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise TypeError("an entry is never deleted")


class TreeNode(models.Model):
    """The root of a complete subtree above the leaves; leaves have theirs in `Entry.leaf_hash`."""

    pk = models.CompositePrimaryKey("log", "level", "index")
    log = models.ForeignKey(Log, models.PROTECT, db_constraint=False, db_index=False, related_name="+")
    level = models.SmallIntegerField("层")
    index = models.BigIntegerField("位")
    hash = models.BinaryField("哈希")

    class Meta:
        verbose_name = verbose_name_plural = "树节点"

    def __str__(self) -> str:
        return f"{self.log_id}:{self.level}/{self.index}"


class Checkpoint(models.Model):
    """What the log committed itself to: size and root, signed. The note is what was published, byte for byte."""

    log = models.ForeignKey(Log, models.PROTECT, db_index=False, related_name="checkpoints")
    size = models.BigIntegerField("条数")
    root = models.BinaryField("根哈希")
    signed_at = models.DateTimeField("签名时间")
    key = models.ForeignKey(SigningKey, models.PROTECT, related_name="+")
    note = models.TextField("签名文本")

    class Meta:
        verbose_name = verbose_name_plural = "检查点"
        constraints = [models.UniqueConstraint(fields=["log", "size"], name="proof_checkpoint_once")]

    def __str__(self) -> str:
        return f"{self.log_id}:{self.size}"


class Witness(models.Model):
    """Whose key co-signs checkpoints: the street, the community, an owner's device. Of one log, or of all."""

    name = models.CharField("密钥名", max_length=100)
    public = models.BinaryField("公钥")
    label = models.CharField("见证人", max_length=100)
    log = models.ForeignKey(Log, models.PROTECT, null=True, related_name="witnesses", verbose_name="日志")
    added_at = models.DateTimeField("登记时间")
    ended_at = models.DateTimeField("停用时间", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "见证人"
        constraints = [models.UniqueConstraint(fields=["name", "public", "log"], name="proof_witness_once")]

    def __str__(self) -> str:
        return self.label


class Cosignature(models.Model):
    """A witness's signature under a checkpoint of ours, with the time at which the witness saw it."""

    checkpoint = models.ForeignKey(Checkpoint, models.PROTECT, related_name="cosignatures")
    witness = models.ForeignKey(Witness, models.PROTECT, related_name="+")
    seen_at = models.DateTimeField("见证时间")
    line = models.TextField("签名行")

    class Meta:
        verbose_name = verbose_name_plural = "见证签名"
        constraints = [models.UniqueConstraint(fields=["checkpoint", "witness"], name="proof_cosignature_once")]

    def __str__(self) -> str:
        return f"{self.checkpoint_id} {self.witness_id}"


class Seal(models.Model):
    """A time-stamp (RFC 3161) over a checkpoint's note: asked for, retried while no authority answers, then kept."""

    checkpoint = models.OneToOneField(Checkpoint, models.PROTECT, related_name="seal")
    requested_at = models.DateTimeField("申请时间")
    next_at = models.DateTimeField("下次尝试", null=True)
    tries = models.PositiveIntegerField("尝试次数", default=0)
    fault = models.TextField("上次失败的原因", blank=True)
    authority = models.CharField("时间戳机构", max_length=200, blank=True)
    token = models.BinaryField("时间戳", null=True)
    sealed_at = models.DateTimeField("时间戳时间", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "时间戳"
        indexes = [models.Index(fields=["next_at"], condition=models.Q(token=None), name="proof_seal_waiting")]

    def __str__(self) -> str:
        return str(self.checkpoint_id)
