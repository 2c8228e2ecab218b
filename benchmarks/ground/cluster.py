"""A platform to measure: on a cluster that is thrown away, or on one as `gongzhi run` keeps it."""

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def _environment(var: Path, *, testing: bool) -> None:
    sys.path.insert(0, str(ROOT))
    os.environ["DJANGO_SETTINGS_MODULE"] = "gongzhi.site.settings"
    os.environ["PYTHONPATH"] = str(ROOT)  # for the processes that are started
    os.environ["GONGZHI_VAR"] = str(var)
    if testing:
        os.environ["GONGZHI_TESTING"] = "1"


@contextmanager
def platform() -> Iterator[None]:
    """Django on an empty, migrated test database: of DATABASE_URL, or of an embedded cluster that is thrown away."""
    with tempfile.TemporaryDirectory(prefix="gongzhi-benchmark-") as folder:
        Path(folder).chmod(0o711)
        _environment(Path(folder), testing=True)
        server = None
        if not os.environ.get("DATABASE_URL"):
            from gongzhi.site.embedded import Server, home

            server = Server(home(Path(folder)), throw_away=True)
            server.start()
        try:
            yield from _migrated()
        finally:
            if server is not None:
                server.stop()


def _migrated() -> Iterator[None]:
    import django

    django.setup()
    from django.db import connections
    from django.test.utils import setup_databases, teardown_databases

    # The owner makes the database; the migrate command hands the application's role its rights.
    options = connections["default"].settings_dict["OPTIONS"].pop("options", None)
    config = setup_databases(verbosity=0, interactive=False)
    try:
        yield
    finally:
        connections["default"].close()
        teardown_databases(config, verbosity=0)
        if options:
            connections["default"].settings_dict["OPTIONS"]["options"] = options


@contextmanager
def kept_platform(at: Path | None) -> Iterator[str]:
    """Django on the embedded cluster as `gongzhi run` starts it: every commit goes to the disk, the application's
    role works. Yields the address of its superuser, for filling. `at`: a folder to keep; without it all is removed."""
    folder = (at or Path(tempfile.mkdtemp(prefix="gongzhi-benchmark-"))).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o711)
    _environment(folder, testing=False)
    from gongzhi.site.database import socket_url
    from gongzhi.site.embedded import SUPERUSER, Server, home

    server = Server(home(folder))
    server.start()
    os.environ["DATABASE_URL"] = server.url
    try:
        import django

        django.setup()
        from django.core.management import call_command
        from django.db import connections

        call_command("migrate", interactive=False, verbosity=0)
        connections.close_all()
        yield socket_url(server.sockets, role=SUPERUSER)
        connections.close_all()
    finally:
        server.stop()
        if at is None:
            shutil.rmtree(server.base, ignore_errors=True)
            shutil.rmtree(server.sockets, ignore_errors=True)
            shutil.rmtree(folder, ignore_errors=True)
