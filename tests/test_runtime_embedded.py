"""The embedded database outlives no run, survives every kill, and is never run twice."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from gongzhi.site import embedded
from gongzhi.site.embedded import NotStarted, Server, home

OTHER_PROCESS = """
import sys, time
from pathlib import Path
from gongzhi.site.embedded import Server
server = Server(Path(sys.argv[1]))
server.start()
print("started", flush=True)
time.sleep(60)
"""


@pytest.fixture
def base() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="gongzhi-test-"))
    folder.chmod(0o711)
    yield home(folder)
    shutil.rmtree(folder)


def _start_elsewhere(base: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen([sys.executable, "-c", OTHER_PROCESS, str(base)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "started\n"
    return process


def _gone(pid: int, seconds: float = 20) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if not Path(f"/proc/{pid}").exists():
            return True
        time.sleep(0.1)
    return False


def _postmaster(base: Path) -> int:
    return int((base / "data" / "postmaster.pid").read_text().splitlines()[0])


def test_a_server_ends_with_the_process_that_started_it_even_by_sigkill_and_keeps_what_was_committed(
    base: Path,
) -> None:
    process = _start_elsewhere(base)
    with psycopg.connect(Server(base).url) as connection:
        connection.execute("CREATE TABLE kept (word text)")
        connection.execute("INSERT INTO kept VALUES ('安')")
    pid = _postmaster(base)
    process.kill()
    process.wait()
    assert _gone(pid)
    server = Server(base)
    server.start()
    try:
        with psycopg.connect(server.url) as connection:
            assert connection.execute("SELECT word FROM kept").fetchall() == [("安",)]
    finally:
        server.stop()


def test_a_server_that_was_itself_killed_starts_again(base: Path) -> None:
    process = _start_elsewhere(base)
    os.kill(_postmaster(base), signal.SIGKILL)
    process.kill()
    process.wait()
    server = Server(base)
    server.start()
    assert server.answers()
    server.stop()
    assert not server.answers()


def test_a_pid_file_that_names_some_other_process_does_not_stop_the_start(base: Path) -> None:
    server = Server(base)
    server.start()
    server.stop()
    pid_file = base / "data" / "postmaster.pid"
    pid_file.write_text(f"{os.getpid()}\n{base / 'data'}\n0\n5432\n{base}\n\n  0 0\nready\n")
    pid_file.chmod(0o644)
    server.start()
    assert server.answers()
    server.stop()


def test_a_cluster_that_runs_is_not_started_a_second_time(base: Path) -> None:
    process = _start_elsewhere(base)
    try:
        with pytest.raises(NotStarted, match="正由另一个 gongzhi 使用"):
            Server(base).start()
        with embedded.serving(base) as url, psycopg.connect(url) as connection:
            assert connection.execute("SELECT current_user").fetchone() == ("gongzhi_owner",)
        assert Server(base).answers(), "a command that joined must not stop it"
    finally:
        pid = _postmaster(base)
        process.terminate()
        process.wait()
        assert _gone(pid)


def test_a_first_start_that_was_cut_short_is_begun_anew(base: Path) -> None:
    (base / "data.new").mkdir(parents=True)
    (base / "data.new" / "PG_VERSION").write_text("1\n")
    with embedded.serving(base) as url, psycopg.connect(url) as connection:
        found = connection.execute(
            "SELECT datcollate, pg_encoding_to_char(encoding) FROM pg_database LIMIT 1"
        ).fetchone()
    assert found == ("C.UTF-8", "UTF8")
    assert not (base / "data.new").exists()


def test_data_of_another_major_version_is_refused_with_a_way_out(base: Path) -> None:
    server = Server(base)
    server.start()
    server.stop()
    (base / "data" / "PG_VERSION").write_text("9\n")
    with pytest.raises(NotStarted, match="由 PostgreSQL 9 建立"):
        server.start()
    server.stop()
