"""Who asks, and when: every view finds `request.actor` and `request.now`. Clock and policy are read once a request."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from gongzhi.core import packs
from gongzhi.core.actors import Actor

POST_SESSION_KEY = "post"


class ActorMiddleware:
    """After Django's AuthenticationMiddleware. The actor costs a query when a view first looks at it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        now = timezone.now()  # noqa: TID251 - the edge where a request meets the clock
        request.now = now  # type: ignore[attr-defined]
        request.actor = SimpleLazyObject(  # type: ignore[attr-defined]
            lambda: Actor.of(request.user, now, post_id=request.session.get(POST_SESSION_KEY))
        )
        with packs.held():
            return self.get_response(request)
