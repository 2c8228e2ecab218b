"""Large workbooks: tried and imported by the worker, visibly, all or nothing, once."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError, connection
from django.urls import reverse

from gongzhi.core import dispatcher
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.core.tests.cast import NOW, build
from gongzhi.core.tests.threads import at_once
from gongzhi.registry import tasks
from gongzhi.registry.models import Estate, ImportProgress, ImportRun, Unit
from gongzhi.registry.services import imports
from gongzhi.registry.services.imports import queueing, registering, running
from gongzhi.registry.tests.books import workbook


@pytest.fixture
def large(monkeypatch):
    """Every workbook counts as a large one."""
    monkeypatch.setattr(queueing, "IMMEDIATE_BYTES", 0)


@pytest.fixture
def keeper(committed):
    """The street's office and its place, with real commits."""
    with dispatcher.only([]):
        yield build()


def book(cast, *, units=30, estate="新苑"):
    return workbook(
        小区=[[cast.community.name, estate, "", "商品房小区"]],
        楼幢=[[estate, "1幢"]],
        房屋=[[estate, "1幢", str(n), 80, "测绘", ""] for n in range(units)],
    )


def handed_in(cast, content, *, role="street_office"):
    return imports.hand_in(name="底数.xlsx", content=content, place=cast.street, actor=cast.actor(role), now=NOW)


def jobs(task):
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs WHERE task_name = %s", [task])
        return cursor.fetchone()[0]


def text(response):
    return response.content.decode()


def test_a_large_workbook_goes_to_the_worker_and_its_page_says_how_far_it_is(quiet_cast, client, large):
    cast = quiet_cast
    client.force_login(cast.user("street_office"))
    file = SimpleUploadedFile("底数.xlsx", book(cast))
    answer = client.post(reverse("registry:imports"), {"file": file, "form_key": "a"})
    run = ImportRun.objects.get()
    assert (answer.status_code, run.state, run.report) == (303, "waiting", {})
    assert jobs(queueing.TRY) == 1
    here = reverse("registry:import", args=[run.pk])
    page = text(client.get(here))
    assert "正在后台试导" in page and "排队中" in page and "刷新" in page and "确认导入" not in page
    assert 'http-equiv="refresh"' in page, "without a script the page asks again by itself"
    ImportProgress.objects.filter(run=run).update(step="处理“房屋”", done=10, total=30)
    part = client.get(here, headers={"HX-Request": "true"})
    assert "已处理10行，共30行" in text(part) and "<html" not in text(part) and "HX-Refresh" not in part.headers

    tasks.try_workbook(run.pk)
    assert client.get(here, headers={"HX-Request": "true"}).headers["HX-Refresh"] == "true"
    page = text(client.get(here))
    assert "确认导入" in page and "正在后台" not in page and not Unit.objects.filter(building__estate__name="新苑")
    run.refresh_from_db()
    for key in ("b", "c"):
        client.post(here, {"digest": run.digest, "form_key": key})
    assert jobs(queueing.IMPORT) == 1, "a second click hands over no second job"
    assert "正在后台导入" in text(client.get(here))

    for _ in range(2):  # a job may run twice
        tasks.import_workbook(run.pk)
    assert Unit.objects.filter(building__estate__name="新苑").count() == 30
    assert "已导入" in text(client.get(here))


def test_a_small_workbook_waits_for_nobody(quiet_cast):
    run = handed_in(quiet_cast, book(quiet_cast))
    assert run.state == "checked"
    done = imports.accept(run, digest=run.digest, actor=quiet_cast.actor("street_office"), now=NOW)
    assert done.state == "imported" and not ImportProgress.objects.exists()


def test_what_the_worker_cannot_read_is_told_on_the_page(quiet_cast, client, large):
    run = handed_in(quiet_cast, book(quiet_cast).replace(b"xl/worksheets/sheet1", b"xl/worksheets/sheetX"))
    tasks.try_workbook(run.pk)
    client.force_login(quiet_cast.user("street_office"))
    page = text(client.get(reverse("registry:import", args=[run.pk])))
    assert "没有导入" in page and "打不开" in page and "确认导入" not in page
    with pytest.raises(Refused, match="不能导入"):
        imports.accept(run, digest="", actor=quiet_cast.actor("street_office"), now=NOW)


def test_what_is_no_workbook_is_refused_at_the_door(quiet_cast, large):
    with pytest.raises(Refused, match="xlsx"):
        handed_in(quiet_cast, b"a,b,c")
    assert not ImportRun.objects.exists()


def test_of_two_clerks_with_the_same_units_one_imports_and_the_other_is_told(keeper):
    content = book(keeper)
    runs = [handed_in(keeper, content), handed_in(keeper, content)]
    assert [run.state for run in runs] == ["checked", "checked"]

    def accept(number):
        with dispatcher.only([]):
            return imports.accept(
                runs[number], digest=runs[number].digest, actor=keeper.actor("street_office"), now=NOW
            )

    at_once(accept, times=2)
    for run in runs:  # whoever found the other at work has left it to the worker
        tasks.import_workbook(run.pk)
        run.refresh_from_db()
    assert Unit.objects.filter(building__estate__name="新苑").count() == 30
    assert Estate.objects.filter(name="新苑").count() == 1
    states = sorted(run.state for run in runs)
    assert states in (["imported", "outdated"], ["checked", "imported"]), states


def test_while_one_imports_another_workbook_of_the_city_waits_its_turn(keeper):
    with connection.cursor() as cursor:
        cursor.execute("BEGIN")
        assert queueing._alone(keeper.street.path, wait=False)
        (run,) = at_once(lambda _: handed_in(keeper, book(keeper)), times=1)
        cursor.execute("ROLLBACK")
    assert run.state == "waiting"
    tasks.try_workbook(run.pk)
    run.refresh_from_db()
    assert run.state == "checked"


def test_progress_is_seen_while_the_import_itself_is_not(keeper, large, monkeypatch):
    run = handed_in(keeper, book(keeper))
    tasks.try_workbook(run.pk)
    run.refresh_from_db()
    imports.accept(run, digest=run.digest, actor=keeper.actor("street_office"), now=NOW)
    seen = []
    real = registering.apply_units

    def look(job, sheet):
        def beside(_):
            progress = ImportProgress.objects.get()
            return progress.step, progress.total, Estate.objects.filter(name="新苑").exists()

        seen.extend(at_once(beside, times=1))
        return real(job, sheet)

    monkeypatch.setattr(registering, "apply_units", look)
    tasks.import_workbook(run.pk)
    assert seen == [("处理“房屋”", 32, False)]
    assert Unit.objects.filter(building__estate__name="新苑").count() == 30


def test_when_the_database_breaks_off_nothing_is_written_and_the_next_try_does_all(keeper, large, monkeypatch):
    run = handed_in(keeper, book(keeper))
    tasks.try_workbook(run.pk)
    run.refresh_from_db()
    imports.accept(run, digest=run.digest, actor=keeper.actor("street_office"), now=NOW)
    real = running.digest_of

    def break_off(*args):
        def end(_):
            with connection.cursor() as cursor:
                cursor.execute("SET ROLE NONE")
                cursor.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
                    " AND pid <> pg_backend_pid() AND state LIKE 'idle in transaction%%'"
                )

        at_once(end, times=1)
        return real(*args)

    monkeypatch.setattr(running, "digest_of", break_off)
    with pytest.raises(OperationalError):  # the queue tries again
        tasks.import_workbook(run.pk)
    connection.close()
    monkeypatch.setattr(running, "digest_of", real)
    run.refresh_from_db()
    assert run.state == "confirmed" and not Estate.objects.filter(name="新苑").exists()
    tasks.import_workbook(run.pk)
    assert Unit.objects.filter(building__estate__name="新苑").count() == 30


def test_an_account_that_lost_its_post_imports_no_more(quiet_cast, large):
    run = handed_in(quiet_cast, book(quiet_cast))
    quiet_cast.user("street_office").posts.update(ends_on=NOW.date())
    tasks.try_workbook(run.pk)
    run.refresh_from_db()
    assert run.state == "refused" and "权限" in run.message
    assert Actor.of(run.uploaded_by, NOW).role == "street_office", "on its last day the post still held"
