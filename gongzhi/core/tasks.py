"""The core's own jobs. Like views and commands they are an edge of the platform: here the clock is read."""

import logging
from datetime import timedelta
from typing import Any

from django.utils import timezone
from procrastinate.contrib.django import app

from gongzhi.core import files, jobs, messages, sms, webhooks
from gongzhi.core.models import ApiReply, FormKey

logger = logging.getLogger(__name__)

SWEEP_CRON = "* * * * *"
EVERY_TEN_MINUTES = "*/10 * * * *"
HOURLY = "25 * * * *"
NIGHTLY = "40 3 * * *"
FORM_KEYS_KEPT = timedelta(days=30)
SECONDS_WITHOUT_HEARTBEAT = 60


@jobs.task(messages.SEND)
def send_message(message_id: int) -> None:
    messages.send(message_id, now=timezone.now())  # noqa: TID251 - an edge


@jobs.periodic("core.ask_sms_reports", cron=EVERY_TEN_MINUTES)
def ask_sms_reports() -> None:
    sms.ask_reports(now=timezone.now())  # noqa: TID251 - an edge


@jobs.task(webhooks.DELIVER)
def deliver_webhook(delivery_id: int) -> None:
    webhooks.deliver(delivery_id, now=timezone.now())  # noqa: TID251 - an edge


@app.periodic(cron=SWEEP_CRON, periodic_id="core.sweep_stalled")
@app.task(name="core.sweep_stalled", queueing_lock="core.sweep_stalled", pass_context=True)
async def sweep_stalled(context: Any, timestamp: int) -> None:
    """Queues again what a killed worker left behind: its heartbeat stopped, its jobs are marked as running."""
    manager = context.app.job_manager
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=SECONDS_WITHOUT_HEARTBEAT):
        logger.warning("job %s (%s) of a stopped worker is queued again", job.id, job.task_name)
        await manager.retry_job(job)


@jobs.periodic("core.sweep_uploads", cron=HOURLY)
def sweep_uploads() -> None:
    """What programs uploaded and never used."""
    while swept := files.sweep_uploads(now=timezone.now()):  # noqa: TID251 - an edge
        logger.info("unused uploads swept: %s", swept)


@jobs.periodic("core.forget_form_keys", cron=NIGHTLY)
def forget_form_keys() -> None:
    """A form that has lain open for a month is not sent twice any more; a request of a program neither."""
    before = timezone.now() - FORM_KEYS_KEPT  # noqa: TID251 - an edge
    FormKey.objects.filter(created_at__lt=before).delete()
    ApiReply.objects.filter(created_at__lt=before).delete()
