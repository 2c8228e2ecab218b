"""The log's own job, for installations without the sequencer process. An edge of the platform: the clock is read."""

from django.utils import timezone
from procrastinate.contrib.django import app

from gongzhi.proof.sequencing import sequence_all

EVERY_MINUTE = "* * * * *"


@app.periodic(cron=EVERY_MINUTE, periodic_id="proof.sequence")
@app.task(name="proof.sequence", queueing_lock="proof.sequence")
def sequence(timestamp: int) -> None:
    sequence_all(now=timezone.now())  # noqa: TID251 - an edge
