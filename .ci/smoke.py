"""Runs the platform on an installed PostgreSQL as its own owner role would, asks for a few pages, and ends it."""

import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGES = ("/healthz", "/", "/denglu/")
START_SECONDS = 900
STOP_SECONDS = 60


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def newest_binaries() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    if not found:
        raise SystemExit("no PostgreSQL is installed")
    return found[-1].parent


class Cluster:
    """A cluster of its own in a temporary folder, reached by TCP with a password, as a deployment would be."""

    def __init__(self) -> None:
        self.bin = newest_binaries()
        self.base = Path(tempfile.mkdtemp(prefix="gongzhi-smoke-"))
        self.port = free_port()
        self.as_root = os.geteuid() == 0
        if self.as_root:
            user = pwd.getpwnam("postgres")
            os.chown(self.base, user.pw_uid, user.pw_gid)

    def run(self, name: str, *arguments: str, given: str | None = None) -> None:
        command = [str(self.bin / name), *arguments]
        user = {"user": "postgres", "group": "postgres", "extra_groups": []} if self.as_root else {}
        with open(self.base.with_suffix(".log"), "ab") as log:
            subprocess.run(
                command, check=True, cwd="/", stdout=log, stderr=log, timeout=120,
                input=given.encode() if given else None, **user,
            )  # fmt: skip

    def start(self) -> str:
        data = str(self.base / "data")
        self.run("initdb", "-D", data, "-U", "postgres", "--locale=C.UTF-8", "--encoding=UTF8", "--no-sync",
                 "--auth-host=scram-sha-256", "--auth-local=trust")  # fmt: skip
        options = f"-c listen_addresses=127.0.0.1 -c port={self.port} -c unix_socket_directories={self.base}"
        self.run("pg_ctl", "-D", data, "-w", "-l", str(self.base / "log"), "-o", options, "start")
        # What docs tell an administrator to do: an owner who is no superuser, the application's role, a database.
        self.run(
            "psql", "-v", "ON_ERROR_STOP=1", "-h", str(self.base), "-p", str(self.port), "-U", "postgres",
            given="CREATE ROLE city LOGIN NOSUPERUSER PASSWORD 'smoke';\n"
            "CREATE ROLE gongzhi_app NOLOGIN;\nGRANT gongzhi_app TO city;\n"
            "CREATE DATABASE city OWNER city;\n",
        )  # fmt: skip
        return f"postgresql://city:smoke@127.0.0.1:{self.port}/city"

    def stop(self) -> None:
        if (self.base / "data" / "postmaster.pid").exists():
            self.run("pg_ctl", "-D", str(self.base / "data"), "-m", "fast", "-w", "stop")
        shutil.rmtree(self.base, ignore_errors=True)
        self.base.with_suffix(".log").unlink(missing_ok=True)


def ours(mark: str) -> list[str]:
    """Processes whose environment carries the mark: every one that the run started."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if mark.encode() in (folder / "environ").read_bytes():
                found.append(f"{folder.name} {(folder / 'cmdline').read_bytes().replace(bytes(1), b' ').decode()}")
        except OSError:
            continue
    return found


def fetch(url: str) -> None:
    with urllib.request.urlopen(url, timeout=20) as response:  # noqa: S310
        body = response.read()
        print(f"{response.status} {url} {len(body)} bytes")
        if response.status != 200:
            raise SystemExit(f"{url}: {response.status}")
        for name in re.findall(rb'(?:href|src)="(/static/[^"#]+)"', body)[:6]:
            urllib.request.urlopen(url.split("/", 3)[0] + "//" + url.split("/")[2] + name.decode(), timeout=20).close()  # noqa: S310


def wait_until_ready(process: subprocess.Popen[str], seconds: float) -> None:
    end = time.monotonic() + seconds
    assert process.stdout is not None
    for line in process.stdout:
        print("   ", line.rstrip())
        if "平台已启动" in line:
            return
        if time.monotonic() > end:
            break
    raise SystemExit("the platform did not start")


def one_run(url: str, var: Path, limit: float) -> None:
    port = free_port()
    mark = f"GONGZHI_SMOKE={port}"
    environ = {**os.environ, "DATABASE_URL": url, "GONGZHI_VAR": str(var), "GONGZHI_SMOKE": str(port)}
    command = [str(ROOT / ".venv/bin/gongzhi"), "run", "--port", str(port)]
    begun = time.monotonic()
    process = subprocess.Popen(command, env=environ, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        wait_until_ready(process, limit)
        print(f"ready after {time.monotonic() - begun:.1f} s")
        for page in PAGES:
            fetch(f"http://127.0.0.1:{port}{page}")
        process.send_signal(signal.SIGINT)
        process.stdout.read()  # type: ignore[union-attr]
        code = process.wait(STOP_SECONDS)
    finally:
        if process.poll() is None:
            process.kill()
    if code != 0:
        raise SystemExit(f"the platform ended with {code} after Ctrl-C")
    left = ours(mark)
    if left:
        raise SystemExit("left running after Ctrl-C:\n" + "\n".join(left))


def main() -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("out of time"))
    cluster = Cluster()
    var = Path(tempfile.mkdtemp(prefix="gongzhi-smoke-var-"))
    try:
        url = cluster.start()
        one_run(url, var, START_SECONDS)
        one_run(url, var, START_SECONDS / 5)
    finally:
        cluster.stop()
        shutil.rmtree(var, ignore_errors=True)
    print("both starts were fine, and nothing was left running")


if __name__ == "__main__":
    main()
