"""Several requests of one program at the same time."""

from typing import Any

from gongzhi.cases.models import Complaint
from gongzhi.core import middleware
from gongzhi.core.models import ApiReply
from gongzhi.core.tests.calling import Caller, key_for
from gongzhi.core.tests.cast import build
from gongzhi.core.tests.threads import at_once


def test_two_at_once_with_one_key_make_one_row(committed: None, settings: Any, tmp_path: Any, monkeypatch: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    cast = build()
    monkeypatch.setattr(middleware.timezone, "now", lambda: cast.now)
    secret = key_for(cast, "street_office")
    body = {
        "channel": "phone",
        "estate": cast.estate.pk,
        "reason": "楼顶搭建玻璃房，夜间施工。",
        "matters": [{"matter": "illegal_structure"}],
        "caller_name": "陈建国",
        "caller_phone": "13812345678",
        "caller_address": "2幢301室",
    }
    answers = at_once(lambda _: Caller(secret).post("/complaints", body, key="the same"), times=4)
    assert [one.status_code for one in answers] == [201] * 4, [one.content.decode() for one in answers]
    assert len({one.json()["number"] for one in answers}) == 1
    assert Complaint.objects.count() == ApiReply.objects.count() == 1
    assert sum("Idempotency-Replayed" in one.headers for one in answers) == 3
