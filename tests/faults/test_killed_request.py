"""A web process that is killed in the middle of a program's request: sent again, the request has one result."""

from typing import Any

import pytest

from gongzhi.cases.models import Case, Complaint
from gongzhi.core import middleware
from gongzhi.core.models import ApiReply, Event
from gongzhi.core.tests.calling import Caller, key_for
from gongzhi.core.tests.cast import Cast, build
from gongzhi.core.tests.killing import Here, killed, stopping
from gongzhi.site import api

KEY = "the-request-that-was-being-sent"


def body_for(cast: Cast) -> dict[str, Any]:
    return {
        "channel": "phone",
        "estate": cast.estate.pk,
        "reason": "楼顶搭建玻璃房，夜间施工。",
        "matters": [{"matter": "illegal_structure"}],
        "caller_name": "陈建国",
        "caller_phone": "13812345678",
        "caller_address": "2幢301室",
    }


def _killed_at(point: str, caller: Caller, cast: Cast) -> None:
    def work(here: Here) -> None:
        if point in ("before the reply is kept", "before the commit"):
            api.finish = stopping(api.finish, here, before=point == "before the reply is kept")
        caller.post("/complaints", body_for(cast), key=KEY)
        here()

    killed(work)


@pytest.mark.parametrize("point", ["before the reply is kept", "before the commit", "after the commit"])
def test_a_request_of_a_killed_server_has_one_result_when_it_is_sent_again(
    committed: None, monkeypatch: pytest.MonkeyPatch, point: str
) -> None:
    cast = build()
    monkeypatch.setattr(middleware.timezone, "now", lambda: cast.now)
    caller = Caller(key_for(cast, "street_office"))
    before = Event.objects.count()
    _killed_at(point, caller, cast)
    left = Complaint.objects.count()
    assert left == (1 if point == "after the commit" else 0)
    assert (Event.objects.count() > before) == bool(left)
    first, again = (caller.post("/complaints", body_for(cast), key=KEY) for _ in range(2))
    assert first.status_code == again.status_code == 201, first.content.decode()
    assert first.json() == again.json() and first.json()["number"] == Complaint.objects.get().number
    assert ("Idempotency-Replayed" in first.headers) == bool(left) and "Idempotency-Replayed" in again.headers
    assert Case.objects.count() == ApiReply.objects.count() == 1
