"""Fixtures for the tests of every app; loaded by the root conftest through `pytest_plugins`."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from gongzhi.core import dispatcher
from gongzhi.core.tests.cast import NOW, Cast, build


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def cast(db: Any, settings: Any, tmp_path: Any) -> Cast:
    """The cast, with files kept in a folder of the test's own. What the platform does on events, it does here."""
    settings.MEDIA_ROOT = tmp_path / "files"
    return build()


@pytest.fixture
def quiet() -> Iterator[None]:
    """No reactions: for tests of the core and the registry alone. Ask for it before `cast`."""
    with dispatcher.only([]):
        yield


@pytest.fixture
def quiet_cast(quiet: None, cast: Cast) -> Cast:
    return cast
