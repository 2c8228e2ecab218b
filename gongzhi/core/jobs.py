"""Work done after the commit, by the worker. Procrastinate keeps the queue in the same database and transaction.

A task lives in some app's `tasks.py`, which is imported on start. The site adds periodic ones with `periodic`.
"""

import json
from collections.abc import Callable
from functools import cache
from typing import Any

from django.db.models import Model
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.jobs import Job

from gongzhi.core.prepared import first_row, insert, insert_and

DEFAULT_RETRIES = 5
SECONDS_BEFORE_RETRY = 30

Work = Callable[..., None]


def task(name: str, *, retries: int = DEFAULT_RETRIES, once: str | None = None) -> Callable[[Work], Work]:
    """Declares a task. It may run twice (a killed worker's job is tried again): make its effect conditional.

    `once`: while a job with this lock waits, a further one is not queued.
    """

    def declare(function: Work) -> Work:
        app.task(
            name=name,
            queueing_lock=once,
            retry=RetryStrategy(max_attempts=retries, exponential_wait=SECONDS_BEFORE_RETRY),
        )(function)
        return function

    return declare


def periodic(name: str, *, cron: str) -> Callable[[Work], Work]:
    """Declares a task that the worker starts by the clock; the function takes no argument."""

    def declare(function: Work) -> Work:
        def run(timestamp: int) -> None:
            function()

        run.__name__ = function.__name__
        declared = app.task(name=name, queueing_lock=name)(run)
        app.periodic(cron=cron, periodic_id=name)(declared)
        return function

    return declare


def later(name: str, *, wait_seconds: int = 0, **kwargs: Any) -> int:
    """Queues a job in the caller's transaction: it runs if and only if the transaction commits. Arguments: JSON."""
    job = _known(name)
    if wait_seconds or job.lock or job.queueing_lock:
        wait = {"seconds": wait_seconds} if wait_seconds else None
        return app.configure_task(name, allow_unknown=False, schedule_in=wait).defer(**kwargs)
    found = first_row(DEFER, [job.queue, job.task_name, job.priority, json.dumps({**job.task_kwargs, **kwargs})])
    assert found is not None  # noqa: S101 - the statement gives the key of what it queued
    return int(found[0])


def insert_and_later(row: Model, name: str, argument: str) -> None:
    """Writes the row and queues a job with its key as `argument`, in one statement of the caller's transaction."""
    job = _known(name)
    if job.lock or job.queueing_lock:
        insert([row])
        later(name, **{argument: row.pk})
        return
    values = [job.queue, job.task_name, job.priority, json.dumps(job.task_kwargs), argument]
    insert_and(row, DEFER_KEPT, values)


DEFER_KEPT = """(procrastinate_defer_jobs_v1(ARRAY[ROW(%s::varchar, %s::varchar, %s::integer, NULL, NULL,
  %s::jsonb || jsonb_build_object(%s::text, kept.id), NULL)::procrastinate_job_to_defer_v1]))[1]"""

# As procrastinate queues a job, planned once a connection: most acts tell somebody something.
DEFER = """
SELECT (procrastinate_defer_jobs_v1(
  ARRAY[ROW(%s, %s, %s, NULL, NULL, %s::jsonb, NULL)::procrastinate_job_to_defer_v1]))[1]
"""


@cache
def _known(name: str) -> Job:
    return app.configure_task(name, allow_unknown=False).job
