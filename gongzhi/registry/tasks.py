"""The registry's jobs. Like views they are an edge of the platform: here the clock is read."""

from django.utils import timezone

from gongzhi.core import jobs
from gongzhi.registry.services.imports import queueing


@jobs.task(queueing.TRY)
def try_workbook(run_id: int) -> None:
    queueing.try_out(run_id, now=timezone.now())  # noqa: TID251 - an edge


@jobs.task(queueing.IMPORT)
def import_workbook(run_id: int) -> None:
    queueing.bring_in(run_id, now=timezone.now())  # noqa: TID251 - an edge
