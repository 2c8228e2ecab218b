"""What an account is asked for beside its password."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from gongzhi.core.models.people import User
from gongzhi.core.refs import Ref


class SecondFactor(models.Model):
    """A generator of one-time codes on somebody's phone. Asked for from `confirmed_at` on.

    `last_step`: the thirty seconds whose code was taken last; a code is taken once. `recovery`: digests of codes for
    when the phone is lost, each of which works once.
    """

    user = models.OneToOneField(User, models.CASCADE, related_name="second_factor", verbose_name="账号")
    secret_cipher = models.TextField("密钥（密文）")
    confirmed_at = models.DateTimeField("启用时间", null=True, blank=True)
    last_step = models.BigIntegerField("最近用过的时段", default=0)
    recovery = ArrayField(models.CharField(max_length=64), verbose_name="恢复码摘要", default=list)
    created_at = models.DateTimeField("产生时间")
    demo = models.BooleanField("示范数据", default=False)

    class Meta:
        verbose_name = verbose_name_plural = "二次验证"

    def __str__(self) -> str:
        return str(self.user)

    @property
    def ref(self) -> Ref:
        return Ref("user", str(self.user_id))
