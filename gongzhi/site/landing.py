"""Where somebody is led who has signed in."""

from datetime import datetime

from django.http import HttpRequest
from django.shortcuts import resolve_url
from django.urls import NoReverseMatch, reverse
from django.utils.http import url_has_allowed_host_and_scheme

from gongzhi.core import accounts
from gongzhi.core.actors import Actor
from gongzhi.core.models import User
from gongzhi.site.context import has_desk
from gongzhi.site.middleware import HANDED_OUT


def after_signing_in(request: HttpRequest, wanted: str, now: datetime) -> str:
    user = request.user
    if isinstance(user, User) and accounts.password_was_given(user):
        request.session[HANDED_OUT] = True
        return reverse("own_password")
    if wanted and url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    ):
        return wanted
    return landing(Actor.of(request.user, now))


def landing(actor: Actor) -> str:
    """Who works here goes to the work desk; an owner goes home."""
    if has_desk(actor):
        try:
            return reverse("duties:desk")
        except NoReverseMatch:
            pass
    return resolve_url("home")
