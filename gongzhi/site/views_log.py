"""The logs for programs of strangers: checkpoint, leaf, proofs, package; JSON without a key. docs/proof.md lists them.

A leaf's text is shown when its vote's result is published; before that, and of other logs, its hash alone. What can
never change is kept by every cache between here and the reader.
"""

import base64
import math
import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from gongzhi.core.apikit.problems import problem
from gongzhi.governance.votes.models import Vote
from gongzhi.governance.votes.queries import PUBLISHED
from gongzhi.proof import exporting, merkle, queries
from gongzhi.proof.models import Checkpoint, Entry, Log
from gongzhi.site.limits import address_of
from gongzhi.site.reading import Allowance

READING = Allowance(most=600, seconds=60)
FOREVER = "public, max-age=31536000, immutable"
SHORTLY = "public, max-age=5"
TEXT = "text/plain; charset=utf-8"
LONGEST_NUMBER = 16

View = Callable[..., HttpResponse]


class _NotThere(Exception):
    """What was asked for is not in the log (yet)."""


def _open(view: View) -> View:
    """For everybody, from any page, at a bearable rate; what is wrong is said as a problem."""

    @require_safe
    @wraps(view)
    def answered(request: HttpRequest, **names: Any) -> HttpResponse:
        wait = READING.take(address_of(request), at=time.monotonic())
        if wait:
            response = problem(429, headers={"Retry-After": str(math.ceil(wait))})
        else:
            try:
                response = view(request, **names)
            except _NotThere as error:
                response = problem(404, message=str(error))
            except ValueError as error:
                response = problem(400, message=str(error))
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    return answered


def _log(name: str) -> Log:
    found = queries.log_named(name)
    if found is None:
        raise _NotThere("没有这本日志。")
    return found


def _whole(request: HttpRequest, name: str) -> int | None:
    text = request.GET.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= LONGEST_NUMBER):
        raise ValueError(f"{name} 要写不带符号的整数。")
    return int(text)


def _size(request: HttpRequest, log: Log, name: str = "size") -> int:
    """As asked, or the newest. A proof leads to a checkpoint that was signed, or it would prove nothing."""
    newest = queries.newest_checkpoint(log)
    size = _whole(request, name)
    if newest is None or (size is not None and not 0 < size <= newest.size):
        raise _NotThere(f"日志现在有 {newest.size if newest else 0} 条，{name} 要在 1 和它之间。")
    return newest.size if size is None else size


def _answer(data: dict[str, Any], *, keep: str) -> JsonResponse:
    response = JsonResponse(data, json_dumps_params={"ensure_ascii": False})
    response.headers["Cache-Control"] = keep
    return response


def _encoded(path: list[bytes]) -> list[str]:
    return [base64.b64encode(one).decode() for one in path]


@_open
def checkpoint(request: HttpRequest, name: str) -> HttpResponse:
    """The newest signed note, or that of a size, with the witnesses' lines."""
    log = _log(name)
    size = _whole(request, "size")
    rows = Checkpoint.objects.filter(log=log).order_by("-size")
    found = rows.first() if size is None else rows.filter(size=size).first()
    if found is None:
        raise _NotThere("日志还是空的。" if size is None else "没有这个条数的检查点。")
    lines = found.cosignatures.order_by("pk").values_list("line", flat=True)
    response = HttpResponse(found.note + "".join(lines), content_type=TEXT)
    response.headers["Cache-Control"] = SHORTLY  # witnesses may still sign
    return response


@_open
def keys(request: HttpRequest, name: str) -> HttpResponse:
    """All signing keys, oldest first, each with the signature of the one before it."""
    return _answer({"log": _log(name).origin, "keys": list(exporting.signing_keys())}, keep=SHORTLY)


@_open
def leaf(request: HttpRequest, name: str) -> HttpResponse:
    """By its place (`index`) or by its hash (`leaf`)."""
    log = _log(name)
    entry = _entry(request, log)
    data = {**queries.receipt(entry), "index": entry.leaf_index}
    public = Vote.objects.filter(log=log, state__in=PUBLISHED).exists()
    if public:
        data["entry"] = entry.data
    return _answer(data, keep=SHORTLY)


def _entry(request: HttpRequest, log: Log) -> Entry:
    index = _whole(request, "index")
    rows = Entry.objects.select_related("log", "key").filter(log=log)
    if index is not None:
        found = rows.filter(leaf_index=index).first()
    else:
        text = request.GET.get("leaf", "")
        try:
            value = bytes.fromhex(text)
        except ValueError:
            value = b""
        if len(value) != merkle.HASH_BYTES or value.hex() != text:
            raise ValueError("请给出 index（从 0 起的序号）或 leaf（64 位小写十六进制的叶子哈希）。")
        found = rows.filter(leaf_hash=value).first()
    if found is None:
        raise _NotThere("日志里没有这一条。")
    return found


@_open
def inclusion(request: HttpRequest, name: str) -> HttpResponse:
    """That a leaf stands in the log of a size (left out: the newest)."""
    log = _log(name)
    entry, size = _entry(request, log), _size(request, log)
    if entry.leaf_index is None or entry.leaf_index >= size:
        raise _NotThere("这一条还没有排进这个条数的日志，请稍后再取，或者换大一些的 size。")
    data = {
        "log": log.origin,
        "leaf": bytes(entry.leaf_hash).hex(),
        "index": entry.leaf_index,
        "size": size,
        "root": base64.b64encode(queries.root_at(log, size)).decode(),
        "path": _encoded(queries.inclusion(log, entry.leaf_index, size)),
    }
    return _answer(data, keep=FOREVER if "size" in request.GET else SHORTLY)


@_open
def consistency(request: HttpRequest, name: str) -> HttpResponse:
    """That the log of size `second` (left out: the newest) begins with the log of size `first`."""
    log = _log(name)
    second = _size(request, log, "second")
    first = _whole(request, "first")
    if first is None or not 0 < first <= second:
        raise ValueError("first 要写明，至少 1，不大于 second。")
    data = {
        "log": log.origin,
        "first": first,
        "first_root": base64.b64encode(queries.root_at(log, first)).decode(),
        "second": second,
        "second_root": base64.b64encode(queries.root_at(log, second)).decode(),
        "path": _encoded(queries.consistency(log, first, second)),
    }
    return _answer(data, keep=FOREVER if "second" in request.GET else SHORTLY)


@_open
def export(request: HttpRequest, name: str) -> HttpResponse:
    """The whole package of a vote whose result is published."""
    vote = Vote.objects.filter(log=_log(name), state__in=PUBLISHED).first()
    if vote is None:
        raise _NotThere("这本日志没有可以下载的存证包：表决结果公示以后才有。")
    return redirect("governance:export", vote.pk)


@_open
def listing(request: HttpRequest) -> HttpResponse:
    """The votes whose results are published, the newest first, with the names of their logs."""
    rows = Vote.objects.filter(state__in=PUBLISHED).select_related("log", "estate").order_by("-published_on", "-pk")
    found = [
        {
            "log": vote.log.origin,
            "name": vote.log.origin.removeprefix(f"{settings.PROOF_SITE}/"),
            "title": vote.title,
            "estate": vote.estate.name,
            "published_on": vote.published_on,
        }
        for vote in rows[:MOST_LISTED]
        if vote.log is not None
    ]
    return _answer({"logs": found}, keep=SHORTLY)


MOST_LISTED = 200
