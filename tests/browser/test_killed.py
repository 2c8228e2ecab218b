"""Parts of the running platform are killed under its users' hands; it is started again, and everything is there."""

import os
import random
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg
import pytest
from playwright.sync_api import Error

from gongzhi.registry.tests.books import workbook
from gongzhi.site.database import embedded_url
from gongzhi.site.embedded import home
from tests.browser import complaints
from tests.browser.complaints import ILLEGAL_BUILDING, receipt
from tests.browser.people import Office
from tests.browser.running import Platform

pytestmark = pytest.mark.browser

NAME, PHONE = "龚小禾", "13955512083"
WHAT = {ILLEGAL_BUILDING: "楼顶连夜搭建，怕夜里就封顶。"}
SECONDS = 90


def wait_for(holds: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + SECONDS
    while not holds():
        assert time.monotonic() < end, f"waited in vain: {what}"
        time.sleep(0.1)


@contextmanager
def database(platform: Platform) -> Iterator[psycopg.Connection]:
    """As the owner of the tables. The database may end while this is open."""
    connection = psycopg.connect(embedded_url(platform.var), autocommit=True, options="-c role=none")
    try:
        yield connection
    finally:
        connection.close()


def counted(connection: psycopg.Connection, query: str) -> int:
    row = connection.execute(query).fetchone()  # type: ignore[call-overload]
    assert row is not None
    return int(row[0])


@pytest.fixture(autouse=True)
def running(platform: Platform) -> Iterator[None]:
    """Whatever a test leaves, the next one finds the platform at work."""
    yield
    if not platform.at_work():
        platform.stop()
        platform.start()


def test_a_web_process_killed_in_the_middle_of_an_intake_loses_and_doubles_nothing(
    office: Office, platform: Platform
) -> None:
    public = office.window()
    complaints.fill(public, WHAT, name=NAME, phone=PHONE, location="3幢楼顶")
    with database(platform) as watching, database(platform) as holding:
        before = counted(watching, "SELECT count(*) FROM cases_complaint")
        holding.execute("BEGIN")
        holding.execute("LOCK TABLE core_event IN EXCLUSIVE MODE")  # the intake gets as far as its first event
        killer = threading.Thread(target=_kill_web_when_it_waits, args=(platform,))
        killer.start()
        with pytest.raises(Error):  # the browser has lost its server
            public.send("提交投诉")
            public.page.reload()
        killer.join(SECONDS)
        platform.ended()
    platform.start()
    with database(platform) as watching:
        assert counted(watching, "SELECT count(*) FROM cases_complaint") == before
        complaints.fill(public, WHAT, name=NAME, phone=PHONE, location="3幢楼顶")
        public.send("提交投诉")
        receipt(public, name=NAME, phone=PHONE)
        assert counted(watching, "SELECT count(*) FROM cases_complaint") == before + 1


def _kill_web_when_it_waits(platform: Platform) -> None:
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    with database(platform) as watching:
        wait_for(lambda: counted(watching, waiting) > 0, "the intake waits for the lock")
    for pid, _ in platform.processes("granian"):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def test_after_the_database_is_killed_and_everything_started_again_all_is_there(
    office: Office, platform: Platform
) -> None:
    complaint = complaints.submit(office.window(), WHAT, name=NAME, phone=PHONE, location="5幢楼顶")
    kept = ("cases_complaint", "cases_case", "cases_caseentry", "core_document", "duties_duty", "core_personaldata")
    with database(platform) as watching:
        before = [counted(watching, f"SELECT count(*) FROM {table}") for table in kept]
    os.kill(int((home(platform.var) / "data/postmaster.pid").read_text().splitlines()[0]), signal.SIGKILL)
    assert platform.ended() == 1, "it says that its database is gone, and ends"
    assert any("数据库意外结束" in line for line in platform.lines)
    platform.start()
    with database(platform) as watching:
        assert [counted(watching, f"SELECT count(*) FROM {table}") for table in kept] == before
    hotline = office.window("rexian")
    hotline.open_case(complaint.cases[0])
    hotline.sees(WHAT[ILLEGAL_BUILDING])


def test_the_job_of_a_killed_worker_is_swept_up_and_finished_once(office: Office, platform: Platform) -> None:
    state = "SELECT state FROM core_outboxmessage WHERE id = {}"
    with database(platform) as watching, database(platform) as holding:
        message = counted(watching, "SELECT max(id) FROM core_outboxmessage")
        watching.execute("UPDATE core_outboxmessage SET state = 'queued', tries = 0 WHERE id = %s", [message])
        holding.execute("BEGIN")
        holding.execute("SELECT 1 FROM core_outboxmessage WHERE id = %s FOR UPDATE", [message])
        again = f"from gongzhi.core.jobs import later; later('core.send_message', message_id={message})"
        platform.manage("shell", "--no-imports", "-c", again)
        mine = f"FROM procrastinate_jobs WHERE args = '{{\"message_id\": {message}}}' AND status = "
        wait_for(lambda: counted(watching, f"SELECT count(*) {mine}'doing'") == 1, "the worker takes the job")
        dead = counted(watching, f"SELECT worker_id {mine}'doing'")
        (worker,) = [pid for pid, command in platform.processes("procrastinate worker")]
        os.kill(worker, signal.SIGKILL)
        # Else the dead worker's session may still get the row and count a try of its own, when the database ends.
        watching.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
                         " AND datname = current_database()")  # fmt: skip
        platform.ended()
    platform.start()
    with database(platform) as watching:
        # Where stopping and starting took long, the job may be swept up already.
        gone = "UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 hour' WHERE id = %s"
        watching.execute(gone, [dead])
        wait_for(lambda: counted(watching, f"SELECT count(*) {mine}'doing'") == 0, "the job is swept up")
        wait_for(lambda: watching.execute(state.format(message)).fetchone() == ("sent",), "the message is sent")
        tries = counted(watching, f"SELECT tries FROM core_outboxmessage WHERE id = {message}")
    assert tries == 1


UNITS = 6000
OF_ESTATE = (
    "SELECT count(*) FROM registry_unit u JOIN registry_building b ON b.id = u.building_id"
    " JOIN registry_estate e ON e.id = b.estate_id WHERE e.name = '示范花园'"
)


def _large_workbook(folder: Path) -> Path:
    """More than is tried at once: numbers of certificates that no packing makes small."""
    chance = random.Random(7)  # noqa: S311 - no secret
    home = ("示范花园", "1幢")
    names = [f"9单元{number:05d}室" for number in range(UNITS)]
    numbers = [f"{chance.getrandbits(240):060x}" for _ in names]
    file = folder / "底数.xlsx"
    file.write_bytes(
        workbook(
            房屋=[[*home, name, 80, "测绘", ""] for name in names],
            业主=[[*home, name, "业主", "", "", "", number] for name, number in zip(names, numbers, strict=True)],
        )
    )
    return file


def test_an_import_whose_worker_is_killed_has_written_nothing_and_is_taken_up_again(
    office: Office, platform: Platform, tmp_path: Path
) -> None:
    clerk = office.window("jiedao")
    clerk.go("/xiaoqu/daoru/")
    clerk.page.locator("input[type=file]").set_input_files(_large_workbook(tmp_path))
    clerk.page.locator("main form button.btn-primary").click()
    with database(platform) as watching, database(platform) as holding:
        state = "SELECT state FROM registry_importrun ORDER BY id DESC LIMIT 1"
        wait_for(lambda: watching.execute(state).fetchone() == ("checked",), "the dry run is done by the worker")
        before = counted(watching, OF_ESTATE)
        holding.execute("BEGIN")
        holding.execute("LOCK TABLE registry_ownership IN SHARE MODE")  # the units are written, the owners wait
        clerk.page.reload()
        clerk.page.get_by_role("button", name="确认导入").click()
        waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%ownership%'"
        wait_for(lambda: counted(watching, waiting) > 0, "the import has come to the owners")
        (worker,) = [pid for pid, command in platform.processes("procrastinate worker")]
        os.kill(worker, signal.SIGKILL)
        watching.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
                         " AND datname = current_database()")  # fmt: skip
        platform.ended()
    platform.start()
    with database(platform) as watching:
        assert watching.execute(state).fetchone() == ("confirmed",) and counted(watching, OF_ESTATE) == before
        watching.execute("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 hour' WHERE id IN"
                         " (SELECT worker_id FROM procrastinate_jobs WHERE status = 'doing')")  # fmt: skip
        wait_for(lambda: watching.execute(state).fetchone() == ("imported",), "the job is taken up and done")
        assert counted(watching, OF_ESTATE) == before + UNITS
        assert counted(watching, "SELECT count(*) FROM core_event WHERE kind = 'registry.imported'") == 1
