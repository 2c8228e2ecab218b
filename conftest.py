"""One throw-away PostgreSQL cluster a test session, a database a worker, and the record of proven clauses."""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import django
import psycopg
import pytest

# Before Django's settings are read: pytest-django reads them after this file.
if "PYTEST_XDIST_WORKER" not in os.environ:
    _var = Path(tempfile.mkdtemp(prefix="gongzhi-test-"))
    _var.chmod(0o711)
    os.environ["GONGZHI_VAR"] = str(_var)
    os.environ["GONGZHI_TESTING"] = "1"
    os.environ["DJANGO_SETTINGS_MODULE"] = "gongzhi.site.settings"
    for _name in ("DATABASE_URL", "GONGZHI_HTTPS", "GONGZHI_DEBUG", "GONGZHI_HOSTS", "GONGZHI_PACKS"):
        os.environ.pop(_name, None)
    # Playwright runs its own event loop beside Django's synchronous code.
    os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")

from django.conf import settings  # noqa: E402
from hypothesis import settings as hypothesis_settings  # noqa: E402

from gongzhi.site import clause_record  # noqa: E402
from gongzhi.site.collector import settle_collector  # noqa: E402
from gongzhi.site.database import APP_ROLE, socket_url  # noqa: E402
from gongzhi.site.embedded import Server, home  # noqa: E402

pytest_plugins = ["gongzhi.core.tests.fixtures"]

hypothesis_settings.register_profile("ci", derandomize=True, deadline=None, print_blob=True)
hypothesis_settings.load_profile("ci")

MOST_CLAUSES = 5
ROOT = Path(__file__).parent
TEMPLATE = "gongzhi_template"
OF_THE_CLUSTER = ("settings", "database", "embedded", "roles")  # beside the migrations
VAR = Path(os.environ["GONGZHI_VAR"])
_servers: list[Server] = []
_record = clause_record.Record()


def _is_worker(config: pytest.Config) -> bool:
    return hasattr(config, "workerinput")


def _start_cluster() -> None:
    """Once a session. Workers are handed the address: with them, whoever started them has the cluster."""
    if "PYTEST_XDIST_WORKER" in os.environ or _servers:
        return
    server = Server(home(VAR), throw_away=True)
    _servers.append(server)
    kept = _kept_cluster()
    if not kept.exists():
        server.start()
        _migrate_template(server)
        server.stop()
        fresh = kept.with_name(f"{kept.name}.{os.getpid()}")
        _copy(server.data, fresh)
        try:
            fresh.rename(kept)
        except OSError:  # another session was faster
            shutil.rmtree(fresh)
    elif server.take():
        _copy(kept, server.data)
    server.start()


def _kept_cluster() -> Path:
    """A cluster with every migration run, kept for the next session: another one for each state of the migrations."""
    state = hashlib.sha256(f"{sys.version} {django.__version__}".encode())
    site = [ROOT / "gongzhi" / "site" / f"{name}.py" for name in OF_THE_CLUSTER]
    lock = ROOT / "requirements.lock"
    for path in sorted([*ROOT.glob("gongzhi/**/migrations/*.py"), *site, lock, Path(__file__)]):
        state.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
    return Path(tempfile.gettempdir()) / f"gongzhi-cluster-{os.geteuid()}-{state.hexdigest()[:16]}"


def _migrate_template(server: Server) -> None:
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {TEMPLATE}")
    url = socket_url(server.sockets, name=TEMPLATE)
    command = [sys.executable, "-m", "django", "migrate", "--verbosity", "0"]
    subprocess.run(command, check=True, cwd=ROOT, env={**os.environ, "DATABASE_URL": url})


def _copy(source: Path, target: Path) -> None:
    subprocess.run(["cp", "-a", source, target], check=True)  # with their owner: the server's own user


def pytest_configure(config: pytest.Config) -> None:
    assert settings.DATABASES  # read now: pytest-django sets Django up where the settings were read before its turn
    if config.getoption("numprocesses", default=None) and not config.option.collectonly and not _is_worker(config):
        _start_cluster()


def pytest_unconfigure(config: pytest.Config) -> None:
    if _is_worker(config):
        return
    while _servers:
        server = _servers.pop()
        server.stop()
        shutil.rmtree(server.base, ignore_errors=True)
        shutil.rmtree(server.sockets, ignore_errors=True)
    shutil.rmtree(VAR, ignore_errors=True)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        for marker in item.iter_markers("clause"):
            if not 0 < len(marker.args) <= MOST_CLAUSES or not all(isinstance(one, str) for one in marker.args):
                raise pytest.UsageError(f"{item.nodeid}: clause() takes one to {MOST_CLAUSES} clause ids")


def pytest_collection_finish(session: pytest.Session) -> None:
    if not session.config.option.collectonly:
        settle_collector()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, None]:
    """Clause ids travel with the report, so that they arrive from another process too."""
    outcome = yield
    found = sorted({str(one) for marker in item.iter_markers("clause") for one in marker.args})
    if found:
        outcome.get_result().user_properties.append((clause_record.PROPERTY, found))


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if "PYTEST_XDIST_WORKER" not in os.environ:
        _record.take(report)


def pytest_sessionfinish(session: pytest.Session) -> None:
    if not _is_worker(session.config) and not session.config.option.collectonly:
        _record.write(session.config.rootpath)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings: None) -> None:
    """The owner makes the test database; pytest-django gives each worker's its name before this."""
    from django.db import connections

    _start_cluster()
    connections["default"].settings_dict["OPTIONS"].pop("options", None)
    connections["default"].settings_dict["TEST"]["TEMPLATE"] = TEMPLATE


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Tests themselves run with the application's rights."""
    from django.db import connections

    connection = connections["default"]
    options = connection.settings_dict["OPTIONS"]
    with django_db_blocker.unblock():
        connection.close()
        options["options"] = f"-c role={APP_ROLE}"
    yield
    with django_db_blocker.unblock():
        connection.close()
        options.pop("options", None)
