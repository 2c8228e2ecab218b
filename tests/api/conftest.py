"""The cast, built once a module and rolled back at its end; each test has a savepoint of its own.

Django is set up only after this file is read, so its models are imported where they are used.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from django.core.cache import cache
from django.db import transaction

if TYPE_CHECKING:
    from gongzhi.core.tests.cast import Cast


@pytest.fixture(scope="module")
def standing(django_db_setup: None, django_db_blocker: Any) -> "Iterator[Cast]":
    from gongzhi.core.tests.cast import build

    with django_db_blocker.unblock(), transaction.atomic():
        yield build()
        transaction.set_rollback(True)


@pytest.fixture
def db() -> None:
    """By this name pytest-django knows that the test database is wanted; `cast` holds the transaction itself."""


@pytest.fixture
def cast(standing: "Cast", db: None, django_db_blocker: Any) -> "Iterator[Cast]":
    cache.clear()
    with django_db_blocker.unblock(), transaction.atomic():
        yield standing
        transaction.set_rollback(True)
