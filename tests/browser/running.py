"""The whole platform as its users start it: `gongzhi run` in a process of its own, with data of its own."""

import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from pathlib import Path

from gongzhi.site.embedded import home

ROOT = Path(__file__).resolve().parents[2]
COMMAND = ROOT / ".venv/bin/gongzhi"
MARK = "GONGZHI_BROWSER_RUN"
READY = "平台已启动"
START_SECONDS = 900
STOP_SECONDS = 60
FOREIGN = (
    "DATABASE_URL",
    "GONGZHI_TESTING",
    "GONGZHI_DEBUG",
    "GONGZHI_HTTPS",
    "GONGZHI_HOSTS",
    "GONGZHI_PACKS",
    "PORT",
)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Platform:
    """Started, killed, started again: always on the same port and the same data."""

    def __init__(self) -> None:
        self.var = Path(tempfile.mkdtemp(prefix="gongzhi-browser-"))
        self.var.chmod(0o711)  # the database runs as a user of its own and has to get in
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.mark = f"{MARK}={self.port}"
        self.lines: list[str] = []
        self._process: subprocess.Popen[str] | None = None

    @property
    def environ(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if name not in FOREIGN}
        return {**kept, "GONGZHI_VAR": str(self.var), MARK: str(self.port)}

    def start(self) -> None:
        """Returns when the first page is answered."""
        self.lines.clear()
        self._process = subprocess.Popen(
            [str(COMMAND), "run", "--port", str(self.port)],
            env=self.environ,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        threading.Thread(target=self._read, args=(self._process,), daemon=True).start()
        end = time.monotonic() + START_SECONDS
        while not any(READY in line for line in self.lines):
            if self._process.poll() is not None or time.monotonic() > end:
                raise AssertionError("the platform did not start:\n" + "".join(self.lines[-30:]))
            time.sleep(0.1)

    def _read(self, process: "subprocess.Popen[str]") -> None:
        assert process.stdout is not None
        for line in process.stdout:
            self.lines.append(line)

    def at_work(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def ended(self, seconds: float = STOP_SECONDS) -> int:
        """The exit code, once it has ended by itself."""
        assert self._process is not None
        return self._process.wait(seconds)

    def stop(self) -> None:
        """As Ctrl-C would; whatever is left is named."""
        process = self._process
        if process is not None and process.poll() is None:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
        for pid, _ in self.processes():
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue

    def remove(self) -> None:
        self.stop()
        base = home(self.var)
        shutil.rmtree(base, ignore_errors=True)
        shutil.rmtree(self.var, ignore_errors=True)

    def processes(self, name: str = "") -> list[tuple[int, str]]:
        """Number and command line of every process of this run, found by the mark in its environment."""
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                inside = self.mark.encode() in (folder / "environ").read_bytes().split(b"\0")
                database = (folder / "cwd").readlink() == home(self.var) / "data"
            except OSError:
                continue
            if (inside or database) and name in command:
                found.append((int(folder.name), command))
        return found

    def manage(self, *arguments: str) -> str:
        """A command of the platform, beside the running one."""
        done = subprocess.run(
            [str(COMMAND), "manage", *arguments],
            env=self.environ,
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def ask(self, expression: str) -> str:
        """What a line of Python says about the data, e.g. `Case.objects.count()`."""
        lines = [
            "from gongzhi.cases.models import *",
            "from gongzhi.core.models import *",
            "from gongzhi.duties.models import *",
            f"print('ANSWER', {expression})",
        ]
        answer = re.search(r"^ANSWER (.*)$", self.manage("shell", "--no-imports", "-c", "\n".join(lines)), re.M)
        assert answer is not None
        return answer.group(1)
