"""Fixtures for the tests of every app; loaded by the root conftest through `pytest_plugins`.

Django is imported within them: pytest reads this file before the settings are known.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from django.test import Client

    from gongzhi.core.tests.cast import Cast


@pytest.fixture
def now() -> datetime:
    from gongzhi.core.tests.cast import NOW

    return NOW


@pytest.fixture(autouse=True)
def files(settings: Any, tmp_path: Any) -> None:
    """Files lie in a folder of the test's own."""
    settings.MEDIA_ROOT = tmp_path / "files"


@pytest.fixture(autouse=True, scope="session")
def plain_templates(django_test_environment: None) -> None:
    """Templates render as they do in service: no page keeps copies of its words, which is half of its time. Who reads
    `response.context` asks for `contexts`."""
    from django.template import Template
    from django.test.utils import _TestState

    Template._render = _TestState.saved_data.template_render  # type: ignore[attr-defined]


@pytest.fixture
def contexts(monkeypatch: pytest.MonkeyPatch) -> None:
    from django.template import Template
    from django.test.utils import instrumented_test_render

    monkeypatch.setattr(Template, "_render", instrumented_test_render)


@pytest.fixture
def cast(db: Any) -> "Cast":
    """The cast. What the platform does on events, it does here."""
    from gongzhi.core.tests.cast import build

    return build()


@pytest.fixture
def sign_in(cast: "Cast") -> Callable[[str], "Client"]:
    """A browser each in which somebody of the cast has signed in, by his key in the cast."""
    from django.test import Client

    from gongzhi.core.tests.cast import PASSWORD

    def signed_in(role: str) -> Client:
        client = Client()
        assert client.login(username=cast.user(role).username, password=PASSWORD)
        return client

    return signed_in


@pytest.fixture
def quiet() -> Iterator[None]:
    """No reactions: for tests of the core and the registry alone. Ask for it before `cast`."""
    from gongzhi.core import dispatcher

    with dispatcher.only([]):
        yield


@pytest.fixture
def quiet_cast(quiet: None, cast: "Cast") -> "Cast":
    return cast


@pytest.fixture
def _fresh_connection(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Set up before the database and torn down after it: the next test connects with the application's rights.

    Django would empty three hundred tables and make its permissions anew after each test; `committed` knows better.
    """
    from django.db import connection
    from django.test import TransactionTestCase

    monkeypatch.setattr(TransactionTestCase, "_fixture_teardown", lambda case: None)
    yield
    connection.close()


@pytest.fixture
def committed(_fresh_connection: None, transactional_db: None) -> Iterator[None]:
    """Real commits, for tests with several connections. Emptying the tables afterwards is the owner's business."""
    yield
    from django.db import connection, transaction

    with connection.cursor() as cursor, transaction.atomic():
        cursor.execute("SET ROLE NONE")
        # A worker's threads leave their connections open.
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        written = ", ".join(f'"{name}"' for name in _written(cursor))
        cursor.execute(f"TRUNCATE {written} CASCADE" if written else "SELECT")


KEPT_TABLES = ("django_migrations", "django_content_type", "auth_permission")


def _written(cursor: Any) -> list[str]:
    """Tables with rows, the queue's among them."""
    cursor.execute(
        "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND NOT relispartition"
        " AND relnamespace = 'public'::regnamespace AND relname <> ALL(%s)",
        [list(KEPT_TABLES)],
    )
    names = [name for (name,) in cursor.fetchall()]
    cursor.execute(" UNION ALL ".join(f"SELECT '{name}' WHERE EXISTS (SELECT FROM \"{name}\")" for name in names))
    return [name for (name,) in cursor.fetchall()]


@pytest.fixture
def call(cast: "Cast", monkeypatch: pytest.MonkeyPatch) -> Any:
    """`call("street_office")` calls the API with a key of that post, at the cast's moment."""
    from gongzhi.core import middleware
    from gongzhi.core.tests.calling import Caller, key_for

    monkeypatch.setattr(middleware.timezone, "now", lambda: cast.now)
    return lambda role="", *scopes: Caller(key_for(cast, role, *scopes) if role else "")
