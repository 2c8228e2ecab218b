"""Counting attempts at the doors, the same for every web process. Who tried is kept as a keyed hash only."""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.http import HttpRequest

from gongzhi.site.models import Attempt, UsedPuzzle

KEPT = timedelta(days=2)
FORWARDED = "HTTP_X_FORWARDED_FOR"


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `most` attempts of one key within `within`."""

    scope: str
    most: int
    within: timedelta


LOGIN_NAME = Limit("login-name", 8, timedelta(minutes=15))
LOGIN_CODE = Limit("login-code", 5, timedelta(minutes=15))
LOGIN_ADDRESS = Limit("login-address", 40, timedelta(minutes=15))
TRACK_ADDRESS = Limit("track-address", 20, timedelta(minutes=15))
TRACK_NUMBER = Limit("track-number", 8, timedelta(minutes=15))
OBJECT_ADDRESS = Limit("object", 12, timedelta(hours=1))
COMPLAIN_ADDRESS = Limit("complain", 12, timedelta(hours=1))
CALLBACK_ADDRESS = Limit("callback", 30, timedelta(minutes=15))
READ_ADDRESS = Limit("read-address", 300, timedelta(minutes=15))
# A program asks for many people from one address: its key is counted instead.
COMPLAIN_TOKEN = Limit("complain-token", 300, timedelta(hours=1))
TRACK_TOKEN = Limit("track-token", 200, timedelta(minutes=15))


def address_of(request: HttpRequest) -> str:
    """The visitor's address; behind a proxy the last one that the proxy itself wrote down."""
    forwarded = request.META.get(FORWARDED, "")
    if settings.SECURE_PROXY_SSL_HEADER and forwarded:
        return str(forwarded).rsplit(",", 1)[-1].strip()
    return str(request.META.get("REMOTE_ADDR", ""))


def _hashed(limit: Limit, key: str) -> str:
    text = f"{limit.scope}\n{key}".encode()
    return hmac.new(settings.SECRET_KEY.encode(), text, hashlib.sha256).hexdigest()


def too_many(limit: Limit, key: str, *, now: datetime) -> bool:
    since = now - limit.within
    return Attempt.objects.filter(scope=limit.scope, key=_hashed(limit, key), at__gt=since).count() >= limit.most


def count(limit: Limit, key: str, *, now: datetime) -> None:
    Attempt.objects.create(scope=limit.scope, key=_hashed(limit, key), at=now)


def forget(limit: Limit, key: str) -> None:
    Attempt.objects.filter(scope=limit.scope, key=_hashed(limit, key)).delete()


def sweep(*, now: datetime) -> int:
    """Deletes what no limit looks at any more."""
    removed, _ = Attempt.objects.filter(at__lt=now - KEPT).delete()
    spent, _ = UsedPuzzle.objects.filter(used_at__lt=now - KEPT).delete()
    return removed + spent
