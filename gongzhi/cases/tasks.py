"""The complaint's own jobs. Like views and commands they are an edge of the platform: here the clock is read."""

import logging

from django.utils import timezone

from gongzhi.cases.hotline import services as hotline
from gongzhi.cases.services import retention
from gongzhi.core import jobs

logger = logging.getLogger(__name__)

NIGHTLY = "50 3 * * *"


@jobs.task(hotline.IMPORT)
def import_hotline(run_id: int) -> None:
    hotline.carry_out(run_id, now=timezone.now())  # noqa: TID251 - an edge


@jobs.periodic("cases.erase_identities", cron=NIGHTLY)
def erase_identities() -> None:
    """Who complained is forgotten when the period is over."""
    while erased := retention.erase_due(now=timezone.now()):  # noqa: TID251 - an edge
        logger.info("complainants erased: %s", erased)
