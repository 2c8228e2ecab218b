"""Calling the API in tests: a key for somebody of the cast, and a client that sends it."""

import json
from collections.abc import Sequence
from datetime import timedelta
from io import BytesIO
from typing import Any
from uuid import uuid4

from django.test import Client
from python_calamine import CalamineWorkbook

from gongzhi.core import tokens
from gongzhi.core.actors import Actor
from gongzhi.core.scopes import SCOPES
from gongzhi.core.sending import XLSX
from gongzhi.core.tests.cast import Cast

ROOT = "/api/v1"


def key_for(cast: Cast, role: str, *scopes: str, days: int = 30) -> str:
    """The secret of a new key of that person's post; every scope, unless some are named."""
    post = cast.user(role).posts.get()
    issued = tokens.issue_token(
        post,
        name="测试系统",
        scopes=scopes or tuple(SCOPES),
        expires_at=cast.now + timedelta(days=days),
        actor=Actor.system(),
        now=cast.now,
    )
    return issued.secret


class Caller:
    """`caller.get("/cases")`; every creation has a key of its own, every change the version last read."""

    def __init__(self, secret: str = "") -> None:
        self.client = Client(raise_request_exception=False)
        self.secret = secret

    def _headers(self, more: dict[str, str]) -> dict[str, str]:
        return {**({"Authorization": f"Bearer {self.secret}"} if self.secret else {}), **more}

    def get(self, path: str, data: dict[str, Any] | None = None, **headers: str) -> Any:
        return self.client.get(ROOT + path, data or {}, headers=self._headers(headers))

    def post(
        self, path: str, body: Any = None, *, match: str = "", key: str | None = None, method: str = "post"
    ) -> Any:
        headers = {"Idempotency-Key": uuid4().hex if key is None else key} if key != "" else {}
        if match:
            headers["If-Match"] = match
        return getattr(self.client, method)(
            ROOT + path, json.dumps(body or {}), content_type="application/json", headers=self._headers(headers)
        )

    def upload(self, file: Any, *, key: str | None = None) -> Any:
        headers = self._headers({"Idempotency-Key": key or uuid4().hex})
        return self.client.post(f"{ROOT}/files", {"file": file}, headers=headers)

    def etag(self, path: str) -> str:
        return str(self.get(path).headers["ETag"])


def refused(response: Any, status: int, code: str = "") -> dict[str, Any]:
    """The problem, its shape looked at."""
    assert response.status_code == status, response.content.decode()
    assert response.headers["Content-Type"] == "application/problem+json"
    found: dict[str, Any] = response.json()
    assert set(found) == {"type", "title", "status", "code", "message", "clause", "clauses", "fields"}
    assert found["status"] == status and found["message"] and found["title"]
    assert found["clause"] == (found["clauses"][0] if found["clauses"] else None)
    if code:
        assert found["code"] == code, found
    return found


def cells(response: Any) -> list[list[Any]]:
    """The rows of a workbook that was handed out, its heading among them."""
    assert response.status_code == 200, response.content.decode()
    assert response.headers["Content-Type"] == XLSX
    sheet = CalamineWorkbook.from_filelike(BytesIO(response.content)).get_sheet_by_index(0)
    return sheet.to_python()


def items(response: Any) -> Sequence[dict[str, Any]]:
    assert response.status_code == 200, response.content.decode()
    found: list[dict[str, Any]] = response.json()["items"]
    return found
