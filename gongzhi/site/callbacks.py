"""The door for payment providers: whoever keeps knocking with bad signatures is not listened to for a while."""

from collections.abc import Callable
from functools import wraps

from django.http import HttpRequest, HttpResponse

from gongzhi.core.pages import now_of
from gongzhi.site import limits

TOO_MANY = 429


def bounded(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """`view` says on its answer what was not believed. Addresses that were believed are never counted."""

    @wraps(view)
    def guard(request: HttpRequest, handle: str) -> HttpResponse:
        now, address = now_of(request), limits.address_of(request)
        if limits.too_many(limits.CALLBACK_ADDRESS, address, now=now):
            return HttpResponse(status=TOO_MANY)
        response = view(request, handle)
        if getattr(response, "not_believed", False):
            limits.count(limits.CALLBACK_ADDRESS, address, now=now)
        return response

    return guard
