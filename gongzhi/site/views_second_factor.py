"""二次验证: asked for after the password, set up with the phone's camera, switched off again."""

from datetime import datetime, timedelta
from typing import Any

import segno
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from gongzhi.core import second_factor
from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.core.models import SecondFactor, User
from gongzhi.site import limits
from gongzhi.site.forms import CodeForm
from gongzhi.site.landing import after_signing_in
from gongzhi.site.middleware import DEMANDED, HELD

UNPROCESSABLE, SEE_OTHER = 422, 303
# In the session between the password and the code: who it is, since when, and where he wanted to go.
WAITING = "second_factor_waiting"
WAITS = timedelta(minutes=10)
BACKEND = "django.contrib.auth.backends.ModelBackend"
QUIET_ZONE = 3
WRONG = "验证码不对，或者已经用过。请等手机上换了新的再填；手机不在身边的，填一个恢复码。"
TOO_MANY = "试得太多，为防别人猜验证码，这个账号15分钟内不能再试。"
EXPIRED = "等得太久，请重新登录。"


def wait_for_code(request: HttpRequest, user: User, *, wanted: str, now: datetime) -> HttpResponse:
    """After the right password of an account that has a second factor: nobody is signed in yet."""
    request.session.cycle_key()
    request.session[WAITING] = {"user": user.pk, "since": now.isoformat(), "next": wanted}
    return _see("second_factor")


def _see(name: str) -> HttpResponse:
    return HttpResponseRedirect(reverse(name), status=SEE_OTHER)


@never_cache
@sensitive_post_parameters("code")
@require_http_methods(["GET", "POST"])
def challenge(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    waiting = request.session.get(WAITING)
    if waiting is None or now - datetime.fromisoformat(waiting["since"]) > WAITS:
        request.session.pop(WAITING, None)
        messages.warning(request, EXPIRED)
        return _see("login")
    form = CodeForm(request.POST if request.method == "POST" else None)
    if request.method == "GET" or not form.is_valid():
        return _challenge_page(request, form)
    user = get_object_or_404(User, pk=waiting["user"], is_active=True)
    key = str(user.pk)
    if limits.too_many(limits.LOGIN_CODE, key, now=now):
        form.add_error("code", TOO_MANY)
        return _challenge_page(request, form)
    if not second_factor.passes(user, code=form.cleaned_data["code"], actor=Actor.of(user, now), now=now):
        limits.count(limits.LOGIN_CODE, key, now=now)
        form.add_error("code", WRONG)
        return _challenge_page(request, form)
    limits.forget(limits.LOGIN_CODE, key)
    del request.session[WAITING]
    login(request, user, backend=BACKEND)
    return HttpResponseRedirect(after_signing_in(request, waiting["next"], now), status=SEE_OTHER)


def _challenge_page(request: HttpRequest, form: CodeForm) -> HttpResponse:
    context = {"form": form, "page_title": "填验证码", "nav": "login"}
    return render(request, "site/second_factor/challenge.html", context, status=UNPROCESSABLE if form.errors else 200)


def _who(request: HttpRequest) -> tuple[User, Actor, datetime]:
    """The request has been let in already; its clock and its actor are those of the middleware."""
    return request.user, request.actor, request.now  # type: ignore[attr-defined, return-value]


@never_cache
@login_required
@sensitive_post_parameters("code")
@require_http_methods(["GET", "POST"])
def settings_page(request: HttpRequest) -> HttpResponse:
    """On: the button to switch it off. Off: the code for the camera, and the field for the first one-time code."""
    user, actor, now = _who(request)
    if second_factor.is_on(user):
        return _on_page(request, actor)
    row = second_factor.begin(user, now=now)
    form = CodeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        if limits.too_many(limits.LOGIN_CODE, str(user.pk), now=now):
            form.add_error("code", TOO_MANY)
        else:
            try:
                codes = second_factor.confirm(user, code=form.cleaned_data["code"], actor=actor, now=now)
                return _codes_page(request, codes)
            except Refused as refused:
                limits.count(limits.LOGIN_CODE, str(user.pk), now=now)
                form.add_error("code", refused.message)
    context = {
        "page_title": "设置二次验证",
        "form": form,
        "qr": qr_of(second_factor.address_of(row)),
        "secret": " ".join(_groups(second_factor.secret_of(row))),
        "demanded": request.session.get(DEMANDED, False),
    }
    return render(request, "site/second_factor/setup.html", context, status=UNPROCESSABLE if form.errors else 200)


def qr_of(text: str) -> str:
    """As SVG in the page itself: nothing of a secret goes through an address."""
    return str(segno.make(text, error="m", micro=False).svg_inline(scale=4, border=QUIET_ZONE))


def _groups(text: str, size: int = 4) -> list[str]:
    return [text[index : index + size] for index in range(0, len(text), size)]


def _codes_page(request: HttpRequest, codes: list[str]) -> HttpResponse:
    request.session.pop(DEMANDED, None)
    context = {"page_title": "二次验证已启用", "codes": ["-".join(_groups(one, 5)) for one in codes]}
    return render(request, "site/second_factor/codes.html", context)


def _on_page(request: HttpRequest, actor: Actor, form: Any = None, status: int = 200) -> HttpResponse:
    may = actor.post is not None and core.may(actor, "post.manage", actor.post)
    rows: Any = SecondFactor.objects.none()
    if may:
        rows = SecondFactor.objects.filter(
            confirmed_at__isnull=False, user__posts__place_path__startswith=actor.place_path
        ).exclude(user=actor.user)
    context = {
        "page_title": "二次验证",
        "row": SecondFactor.objects.get(user=actor.user),
        "form": form or CodeForm(),
        "others": rows.select_related("user").distinct().order_by("user__username") if may else [],
    }
    return render(request, "site/second_factor/on.html", context, status=status)


@login_required
@require_POST
def switch_off(request: HttpRequest) -> HttpResponse:
    """One's own, with a code: an open browser alone takes nothing away."""
    user, actor, now = _who(request)
    form = CodeForm(request.POST)
    if not form.is_valid():
        return _on_page(request, actor, form, status=UNPROCESSABLE)
    too_many = limits.too_many(limits.LOGIN_CODE, str(user.pk), now=now)
    if too_many or not second_factor.passes(user, code=form.cleaned_data["code"], actor=actor, now=now):
        limits.count(limits.LOGIN_CODE, str(user.pk), now=now)
        form.add_error("code", TOO_MANY if too_many else WRONG)
        return _on_page(request, actor, form, status=UNPROCESSABLE)
    second_factor.take_away(user, reason="", actor=actor, now=now)
    request.session.pop(HELD, None)
    messages.success(request, "二次验证已停用。")
    return _see("second_factor_settings")


@login_required
@require_POST
def switch_off_for(request: HttpRequest, pk: int) -> HttpResponse:
    """Somebody else's, by whoever manages his post: phone and codes are lost."""
    _, actor, now = _who(request)
    user = get_object_or_404(User, pk=pk)
    second_factor.take_away(user, reason=request.POST.get("reason", ""), actor=actor, now=now)
    messages.success(request, f"已替{user}停用，下次登录只要口令；请本人重新设置。")
    return _see("second_factor_settings")
