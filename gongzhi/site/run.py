"""`gongzhi run`: from an empty folder to a running platform, and one Ctrl-C to end all of it."""

import argparse
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import NoReturn

from gongzhi.site import env
from gongzhi.site.processes import end_group, start_child

WEB_WORKERS = 2
WEB_THREADS = 4
WEB_READY_SECONDS = 300.0
LOOK_EVERY_SECONDS = 0.2
SECOND_SIGNAL_IGNORED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
LAST_PORT = 65535


class Stop(BaseException):
    """Somebody asked the platform to end."""


@dataclass(frozen=True)
class Child:
    title: str
    process: subprocess.Popen[bytes]


def run(argv: list[str]) -> int:
    """Returns 0 when asked to end, 1 when a part of the platform ended by itself."""
    options = _options(argv)
    _refuse_busy_port(options.host, options.port)
    for number in SECOND_SIGNAL_IGNORED:
        signal.signal(number, _on_signal)
    try:
        with _database() as alive:
            _prepare()
            with _children(options.host, options.port) as children:
                if not _web_answers(options.host, options.port, children):
                    sys.stderr.write("网页服务没有启动，原因见上面的日志。\n")
                    return 1
                _say_ready(options.host, options.port)
                return _watch(children, alive)
    except Stop:
        return 0
    finally:
        _say("已停止。")


def _options(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="gongzhi run", description="准备一切并启动平台，Ctrl-C 结束。")
    parser.add_argument("--host", default="127.0.0.1", help="监听地址，默认只在本机")
    parser.add_argument("--port", type=int, default=env.whole("PORT", default=8000, least=1, most=LAST_PORT))
    return parser.parse_args(argv)


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _on_signal(number: int, frame: FrameType | None) -> NoReturn:
    _ignore_signals()  # what follows must not be cut short by a second Ctrl-C
    raise Stop


def _ignore_signals() -> None:
    for number in SECOND_SIGNAL_IGNORED:
        signal.signal(number, signal.SIG_IGN)


def _refuse_busy_port(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            advice = "请换一个端口，例如 gongzhi run --port 8001"
            raise SystemExit(f"不能监听 {host}:{port}（{error.strerror}）。{advice}") from error


@contextmanager
def _database() -> Iterator[Callable[[], bool]]:
    """Yields whether the database is still there: for one that is not ours, nothing is watched."""
    if env.text("DATABASE_URL"):
        _say("使用 DATABASE_URL 指定的数据库。")
        yield lambda: True
        return
    from django.conf import settings

    from gongzhi.site.embedded import Server, told_home

    _say("正在启动嵌入式数据库…")
    server = Server(told_home(settings.VAR))
    try:
        server.start()
        os.environ["DATABASE_URL"] = server.url
        yield server.alive
    finally:
        _ignore_signals()
        server.stop()


def _prepare() -> None:
    """Tables, packs, divisions, demonstration data and static files; each step is quick when there is nothing new."""
    import django
    from django.core.management import CommandError, call_command, get_commands

    django.setup()
    from django.db import connections

    known = get_commands()
    steps: tuple[tuple[str, tuple[str, ...]], ...] = (
        ("migrate", ()),
        ("import_divisions", ()),
        ("sync_packs", ()),
        ("demo", ("load",)),
    )
    for name, arguments in steps:
        if name not in known:
            continue
        _say(f"正在准备：{' '.join((name, *arguments))}")
        try:
            call_command(name, *arguments, **({"interactive": False, "verbosity": 0} if name == "migrate" else {}))
        except CommandError as error:
            raise SystemExit(f"{name} 没有完成：{error}") from error
    _say("正在准备：collectstatic")
    call_command("collectstatic", interactive=False, verbosity=0)
    connections.close_all()


def web_command(host: str, port: int) -> list[str]:
    """How the pages are served: here, and where they are measured."""
    web = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", host, "--port", str(port)]
    web += ["--workers", str(WEB_WORKERS), "--blocking-threads", str(WEB_THREADS), "--log-level", "warning"]
    # A worker that is still loading misses the request to end.
    return [*web, "--no-ws", "--workers-kill-timeout", "5", "gongzhi.site.wsgi:application"]


@contextmanager
def _children(host: str, port: int) -> Iterator[list[Child]]:
    worker = [sys.executable, "-m", "gongzhi", "manage", "procrastinate", "worker", "--shutdown-graceful-timeout", "10"]
    sequencer = [sys.executable, "-m", "gongzhi", "manage", "sequence_logs", "--forever"]
    children: list[Child] = []
    try:
        children.append(Child("网页服务", start_child(web_command(host, port))))
        # Asked politely, a worker without its database waits for it; its jobs stand being killed.
        children.append(Child("后台任务", start_child(worker, end_signal=signal.SIGKILL)))
        children.append(Child("存证排序", start_child(sequencer, end_signal=signal.SIGKILL)))
        yield children
    finally:
        _ignore_signals()
        for child in children:
            if child.process.poll() is None:
                child.process.terminate()
        for child in children:
            end_group(child.process)


def _web_answers(host: str, port: int, children: list[Child]) -> bool:
    """Waits until a page is answered: the socket is open before anybody serves it."""
    target = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    end = time.monotonic() + WEB_READY_SECONDS
    while time.monotonic() < end and all(child.process.poll() is None for child in children):
        connection = http.client.HTTPConnection(target, port, timeout=LOOK_EVERY_SECONDS * 20)
        try:
            connection.request("GET", "/healthz")
            connection.getresponse().read()
            return True
        except (OSError, http.client.HTTPException):
            time.sleep(LOOK_EVERY_SECONDS)
        finally:
            connection.close()
    return False


def _say_ready(host: str, port: int) -> None:
    from django.core.management import call_command, get_commands
    from django.db import connections

    shown = f"[{host}]" if ":" in host else host
    if "demo" in get_commands():
        _say("")
        call_command("demo", "accounts")
        connections.close_all()
    _say(f"\n平台已启动：http://{shown}:{port}/\n按 Ctrl-C 结束。")


def _watch(children: list[Child], database_alive: Callable[[], bool]) -> int:
    while True:
        for child in children:
            code = child.process.poll()
            if code is not None:
                sys.stderr.write(f"{child.title}意外结束（退出码 {code}），平台停止。\n")
                return 1
        if not database_alive():
            sys.stderr.write("嵌入式数据库意外结束，平台停止。\n")
            return 1
        time.sleep(LOOK_EVERY_SECONDS)
