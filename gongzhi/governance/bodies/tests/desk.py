"""A person at his screen, for tests that walk the pages of bodies."""

from typing import Any
from uuid import uuid4

from django.test import Client
from django.urls import reverse

from gongzhi.core import middleware
from gongzhi.core.tests.cast import Cast
from gongzhi.governance.bodies.tests.steps import later


class Desk:
    """Somebody at his screen on a day: what the pages show, what their forms answer."""

    def __init__(self, cast: Cast, monkeypatch: Any) -> None:
        self._cast, self._patch = cast, monkeypatch
        self.on("")

    def on(self, text: str) -> "Desk":
        now = later(self._cast, text) if text else self._cast.now
        self._patch.setattr(middleware.timezone, "now", lambda: now)
        return self

    def as_(self, role: str) -> "Desk":
        self.client = Client()
        self.client.force_login(self._cast.user(role))
        return self

    def reads(self, url: str) -> str:
        answer = self.client.get(url)
        assert answer.status_code == 200, answer.status_code
        return str(answer.content.decode())

    def post(self, url: str, **data: Any) -> tuple[int, str]:
        answer = self.client.post(url, {"form_key": uuid4().hex, **data})
        return answer.status_code, answer.content.decode()

    def act(self, row: Any, code: str, **data: Any) -> tuple[int, str]:
        return self.post(
            reverse("bodies:act", args=[row.ref.kind if hasattr(row, "ref") else row, row.pk, code]), **data
        )

    def does(self, row: Any, code: str, **data: Any) -> None:
        status, text = self.act(row, code, **data)
        assert status == 303, text[:3000]

    def is_told(self, row: Any, code: str, said: str, **data: Any) -> None:
        status, text = self.act(row, code, **data)
        assert status == 422 and said in text, (status, text[:3000])
