"""Who reacts to which event. The core only holds the list; the first event reads it from the site's reactions.py.

Reactions run first-in first-out in the transaction of the event that started them; what they record joins the queue.
"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.module_loading import import_string

if TYPE_CHECKING:
    from gongzhi.core.models import Event

Reaction = Callable[["Event"], None]
ALL = "*"
DEEPEST = 10


class TooDeep(RuntimeError):
    """Reactions cause each other without end: a fault of the wiring, so the transaction fails."""


REACTIONS = "gongzhi.site.reactions.REACTIONS"

_reactions: list[tuple[str, Reaction]] | None = None
_current: ContextVar["Event | None"] = ContextVar("the event being reacted to", default=None)
_queue: ContextVar["deque[Event] | None"] = ContextVar("events waiting for their reactions", default=None)


def react_to(kind: str, function: Reaction) -> None:
    """`kind` is an event kind or `*` for all."""
    listed = reactions()
    if (kind, function) not in listed:
        listed.append((kind, function))


def fill(these: Sequence[tuple[str, Reaction]]) -> None:
    """Replaces the list."""
    global _reactions
    _reactions = list(these)


def reactions() -> list[tuple[str, Reaction]]:
    """The list in force. The site's is found by its dotted name, for the core may not import the site."""
    global _reactions
    if _reactions is None:
        _reactions = list(import_string(getattr(settings, "GONGZHI_REACTIONS", REACTIONS)))
    return _reactions


@contextmanager
def only(these: Sequence[tuple[str, Reaction]]) -> Iterator[None]:
    """For tests of one package: these reactions and no others."""
    kept = list(reactions())
    fill(these)
    try:
        yield
    finally:
        fill(kept)


def cause() -> "Event | None":
    """The event whose reactions are running now."""
    return _current.get()


@contextmanager
def trying() -> Iterator[None]:
    """For a reaction that tries a command in a savepoint: when it fails, what it recorded is reacted to by nobody."""
    waiting = _queue.get()
    before = len(waiting) if waiting is not None else 0
    try:
        yield
    except BaseException:
        while waiting is not None and len(waiting) > before:
            waiting.pop()
        raise


def dispatch(event: "Event") -> None:
    """Runs what reacts to `event`, or queues it when reactions are running already."""
    waiting = _queue.get()
    if event.depth > DEEPEST:
        chain = " < ".join(_chain(event))
        raise TooDeep(f"reactions cause each other more than {DEEPEST} deep: {chain}")
    if waiting is not None:
        waiting.append(event)
        return
    waiting = deque([event])
    queue_token = _queue.set(waiting)
    try:
        while waiting:
            _run(waiting.popleft())
    finally:
        _queue.reset(queue_token)


def _run(event: "Event") -> None:
    token = _current.set(event)
    try:
        for kind, function in list(reactions()):
            if kind in (ALL, event.kind):
                function(event)
    finally:
        _current.reset(token)


def _chain(event: "Event") -> Iterator[str]:
    link: Event | None = event
    while link is not None:
        yield link.kind
        link = link.cause
