import logging

import pytest
from django.db import connection, transaction

from gongzhi.core import messages, people
from gongzhi.core import services as core
from gongzhi.core.models import OutboxMessage
from gongzhi.core.refs import Ref
from gongzhi.core.tests.cast import NOW

ABOUT = Ref("case", "1", "JJ-2022-00001", "34/")


def queued_jobs():
    with connection.cursor() as cursor:
        cursor.execute("SELECT task_name, (args ->> 'message_id')::int FROM procrastinate_jobs")
        return cursor.fetchall()


def person():
    return people.keep_person(name="陈建国", phone="13800001234", place_path="34/", now=NOW)


def tell(to=None):
    return core.notify(to=to or person(), template="case.opened", text="已受理", ref=ABOUT, now=NOW)


@pytest.mark.django_db
def test_a_message_is_queued_with_the_act_it_tells_of_and_not_without():
    message = tell()
    assert queued_jobs() == [("core.send_message", message.pk)]
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        tell()
        raise ZeroDivisionError
    assert (len(queued_jobs()), OutboxMessage.objects.count()) == (1, 1)


@pytest.mark.django_db
def test_the_log_channel_sends_once_and_shows_no_number(caplog):
    message = tell()
    logger = logging.getLogger("gongzhi.outbox")
    logger.addHandler(caplog.handler)
    try:
        with caplog.at_level("INFO", logger="gongzhi.outbox"):
            assert messages.send(message.pk, now=NOW) is True
            assert messages.send(message.pk, now=NOW) is False
    finally:
        logger.removeHandler(caplog.handler)
    lines = [record.getMessage() for record in caplog.records]
    assert lines and not any("13800001234" in line or "陈建国" in line for line in lines)
    message.refresh_from_db()
    assert (message.state, message.sent_at, message.tries) == ("sent", NOW, 1)


@pytest.mark.django_db
def test_a_channel_that_is_down_is_tried_again_and_given_up_after_five_times(monkeypatch):
    def down(message, now):
        raise messages.NotSent("通道不通")

    monkeypatch.setitem(messages.SENDERS, "log", down)
    message = tell()
    for _ in range(messages.MOST_TRIES - 1):
        with pytest.raises(messages.NotSent):
            messages.send(message.pk, now=NOW)
    assert messages.send(message.pk, now=NOW) is False
    message.refresh_from_db()
    assert (message.state, message.error, message.tries) == ("failed", "通道不通", 5)


@pytest.mark.django_db
def test_a_message_has_exactly_one_recipient():
    from django.db import IntegrityError

    with pytest.raises(IntegrityError), transaction.atomic():
        OutboxMessage.objects.create(template="x", text="x", created_at=NOW, place_path="")


def test_a_job_runs_in_the_worker_and_an_unknown_task_is_refused(committed):
    from procrastinate.contrib.django import app
    from procrastinate.exceptions import TaskNotFound

    message = tell()
    with app.replace_connector(app.connector.get_worker_connector()) as worker:
        worker.run_worker(wait=False, install_signal_handlers=False, listen_notify=False)
    message.refresh_from_db()
    assert message.state == "sent"
    with pytest.raises(TaskNotFound):
        core.later("core.nothing")


def test_a_job_left_by_a_killed_worker_is_swept_back_into_the_queue(committed):
    from asgiref.sync import async_to_sync
    from procrastinate.contrib.django import app

    from gongzhi.core.tasks import sweep_stalled

    message = tell()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '10 minutes') RETURNING id"
        )
        (worker,) = cursor.fetchone()
        cursor.execute("UPDATE procrastinate_jobs SET status = 'doing', worker_id = %s", [worker])

    class Context:
        pass

    context = Context()
    context.app = app
    async_to_sync(sweep_stalled.func)(context, 0)
    with connection.cursor() as cursor:
        cursor.execute("SELECT status::text FROM procrastinate_jobs")
        assert cursor.fetchall() == [("todo",)]
    assert OutboxMessage.objects.get(pk=message.pk).state == "queued"
