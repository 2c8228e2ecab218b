from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from gongzhi.core import packs
from gongzhi.core.actors import Actor
from gongzhi.core.deciding import attach_pack
from gongzhi.core.models import PackAttachment, Place


class Command(BaseCommand):
    help = "装载政策包，有错即停；把有地区的包挂到该地区（征求意见稿挂上但不启用）。可以重复执行。"

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        found, problems = packs.loaded(anew=True)
        for problem in problems:
            self.stderr.write(str(problem))
        if problems:
            raise CommandError(f"政策包有 {len(problems)} 处问题，未作改动。请按上面的文件和行号改正。")
        attached = set(PackAttachment.objects.values_list("place__code", "pack"))
        places = {place.code: place for place in Place.objects.filter(code__in=[p.place for p in self._placed(found)])}
        for pack in self._placed(found):
            if (pack.place, pack.slug) in attached:
                continue
            place = places.get(pack.place)
            if place is None:
                self.stderr.write(f"{pack.slug}：地区 {pack.place} 不在区划里，请先执行 import_divisions。")
                continue
            attach_pack(place, pack=pack.slug, actor=Actor.system(), now=timezone.now())
            self.stdout.write(f"{pack.slug} 挂到 {place.name}（{pack.status}）")
        packs.changed()
        self.stdout.write(f"政策包：{len(found)} 个")

    def _placed(self, found: Any) -> list[Any]:
        return [pack for pack in found if pack.place]
