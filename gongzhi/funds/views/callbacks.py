"""What a payment provider calls. No login and no form's token: a signature decides. Little is read, little is told."""

import logging

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from gongzhi.core.pages import now_of
from gongzhi.funds.payments import services as payments
from gongzhi.funds.payments.models import PayChannel
from gongzhi.funds.payments.providers import Forged

logger = logging.getLogger(__name__)

# A callback has about two thousand characters.
MOST_BYTES = 32 * 1024
NOT_FOUND, TOO_LARGE = 404, 413


@csrf_exempt
@never_cache
@require_POST
def notice(request: HttpRequest, handle: str) -> HttpResponse:
    """One request, one transaction. Whatever is well signed is answered as taken, also what a person must look into.

    An error answers 500 by itself and undoes everything: the provider calls again.
    """
    channel = PayChannel.objects.select_related("project__estate").filter(handle=handle).first()
    if channel is None:
        return _not_believed(HttpResponse(status=NOT_FOUND))
    length = request.META.get("CONTENT_LENGTH") or ""
    if not length.isdecimal() or int(length) > MOST_BYTES:
        return _not_believed(HttpResponse(status=TOO_LARGE))
    body = request.body
    provider = payments.provider_of(channel)
    try:
        outcome = payments.take_notice(channel, headers=request.headers, body=body, now=now_of(request))
    except Forged as error:
        logger.warning("callback at channel %s not believed: %s", channel.pk, error)
        return _not_believed(_answer(*provider.answer(taken=False)))
    logger.info("callback at channel %s: %s", channel.pk, outcome)
    return _answer(*provider.answer(taken=True))


def _answer(status: int, content_type: str, body: str) -> HttpResponse:
    return HttpResponse(body, status=status, content_type=content_type)


def _not_believed(response: HttpResponse) -> HttpResponse:
    """So that the door counts the address."""
    response.not_believed = True  # type: ignore[attr-defined]
    return response
