"""Puts a new signing key into service; the one before endorses it."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from gongzhi.proof import keys


class Command(BaseCommand):
    help = "更换存证签名密钥。旧公钥继续用来核验旧签名。"

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"已启用新密钥：{keys.rotate(now=timezone.now())}")
