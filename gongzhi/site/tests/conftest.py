"""The demonstration, loaded once a module and rolled back at its end; each test has a savepoint of its own.

Django is set up only after this file is read, so its models are imported where they are used.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.core.management import call_command
from django.db import transaction
from django.test import Client
from django.utils import timezone

from gongzhi.core.tests.kept_rows import built_alike

if TYPE_CHECKING:
    from gongzhi.site.demo.loading import Stage


def put_up() -> "Stage":
    from gongzhi.core.places import import_divisions, read_divisions
    from gongzhi.site.demo import accounts, loading

    scene = accounts.scene()
    provinces = {county["place"][:2] for county in scene["counties"]}
    rows = read_divisions(Path(settings.BASE_DIR) / "divisions" / "divisions.csv")
    import_divisions(row for row in rows if row["code"][:2] in provinces)
    call_command("sync_packs", verbosity=0)
    return loading.load(scene, now=timezone.now())


@pytest.fixture(scope="module")
def loaded(django_db_setup: None, django_db_blocker: Any) -> "Iterator[Stage]":
    with django_db_blocker.unblock(), transaction.atomic():
        yield built_alike("the demonstration", put_up)
        transaction.set_rollback(True)


@pytest.fixture
def db() -> None:
    """By this name pytest-django knows that the test database is wanted; `stage` holds the transaction itself."""


@pytest.fixture
def stage(loaded: "Stage", db: None, django_db_blocker: Any) -> "Iterator[Stage]":
    cache.clear()
    with django_db_blocker.unblock(), transaction.atomic():
        yield loaded
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def files() -> None:
    """Those of the demonstration, which outlive a test."""


@pytest.fixture
def visitor(stage: "Stage") -> Client:
    return Client()


@pytest.fixture
def signed_in(stage: "Stage") -> Callable[[str], Client]:
    def sign_in(username: str) -> Client:
        client = Client()
        client.force_login(stage.users[username])
        return client

    return sign_in
