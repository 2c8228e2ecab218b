"""Browsing for the tests of pages: a client signed in as one of the cast, at a moment of the cast's year."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from gongzhi.cases.models import Case
from gongzhi.core import middleware
from gongzhi.core.tests.cast import Cast

Browse = Callable[..., Client]


@pytest.fixture
def browse(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Browse:
    """`browse("street_office")` is at work at the cast's moment; `now=` moves the clock of all clients."""

    def signed_in(role: str, now: datetime | None = None) -> Client:
        moment = now or cast.now
        monkeypatch.setattr(middleware.timezone, "now", lambda: moment)
        client = Client()
        client.force_login(cast.user(role))
        return client

    return signed_in


def post(client: Client, url: str, data: dict[str, Any] | None = None, **more: Any) -> Any:
    """With a form key of its own, unless the test gives one."""
    return client.post(url, {"form_key": uuid4().hex, **(data or {}), **more})


def act_url(case: Case, code: str) -> str:
    return f"/anjian/{case.number}/{code}/"


def case_url(case: Case) -> str:
    return f"/anjian/{case.number}/"


def words(response: Any) -> str:
    return str(response.content.decode())
