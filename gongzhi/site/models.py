"""What the doors of the platform remember: attempts that are counted, and puzzles already answered."""

from django.db import models


class Attempt(models.Model):
    """One try at a door that is counted: a failed login, a query by number, a public submission."""

    scope = models.CharField("门", max_length=20)
    key = models.CharField("谁（密文）", max_length=64)
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = "尝试"
        verbose_name_plural = "尝试"
        indexes = [models.Index(fields=["scope", "key", "at"], name="site_attempt_scope_key_at")]

    def __str__(self) -> str:
        return f"{self.scope} {self.at:%Y-%m-%d %H:%M}"


class UsedPuzzle(models.Model):
    """The number of a puzzle that has been answered: it counts once."""

    number = models.CharField("编号", max_length=40, unique=True)
    used_at = models.DateTimeField("用过的时间", db_index=True)

    class Meta:
        verbose_name = "用过的验证题"
        verbose_name_plural = "用过的验证题"

    def __str__(self) -> str:
        return self.number
