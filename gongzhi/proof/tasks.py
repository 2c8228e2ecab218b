"""The logs' own jobs, by the clock. An edge of the platform: the clock is read."""

from django.utils import timezone
from procrastinate.contrib.django import app

from gongzhi.proof.sealing import seal_due
from gongzhi.proof.sequencing import sequence_all

EVERY_MINUTE = "* * * * *"


@app.periodic(cron=EVERY_MINUTE, periodic_id="proof.sequence")
@app.task(name="proof.sequence", queueing_lock="proof.sequence")
def sequence(timestamp: int) -> None:
    """For installations without the sequencer process, and for the time in which it restarts."""
    sequence_all(now=timezone.now())  # noqa: TID251 - an edge


@app.periodic(cron=EVERY_MINUTE, periodic_id="proof.seal")
@app.task(name="proof.seal", queueing_lock="proof.seal")
def seal(timestamp: int) -> None:
    seal_due(now=timezone.now())  # noqa: TID251 - an edge
