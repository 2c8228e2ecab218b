"""The complaint's own jobs. Like views and commands they are an edge of the platform: here the clock is read."""

from django.utils import timezone

from gongzhi.cases.hotline import services as hotline
from gongzhi.core import jobs


@jobs.task(hotline.IMPORT)
def import_hotline(run_id: int) -> None:
    hotline.carry_out(run_id, now=timezone.now())  # noqa: TID251 - an edge
