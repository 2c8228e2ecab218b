"""Signing in and out, for officials and owners alike."""

from django.contrib import messages
from django.contrib.auth import authenticate, login, logout, update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from gongzhi.core import accounts as accounts_of
from gongzhi.core import second_factor
from gongzhi.core.actors import Actor, capacities
from gongzhi.core.errors import Refused
from gongzhi.core.middleware import POST_SESSION_KEY
from gongzhi.core.models import User
from gongzhi.site import limits
from gongzhi.site.demo import accounts
from gongzhi.site.forms import OwnPasswordForm, SignInForm
from gongzhi.site.landing import after_signing_in, landing
from gongzhi.site.middleware import HANDED_OUT
from gongzhi.site.views_second_factor import wait_for_code

UNPROCESSABLE = 422
WRONG = "账号或者口令不对。口令分大小写；忘了请找本单位管理员重设。"
TOO_MANY = "试得太多，为防别人猜口令，这个账号15分钟内不能再试。请过15分钟再来，或者找本单位管理员。"


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    if request.method == "GET":
        wanted = request.GET.get("zhanghao", "")
        form = SignInForm(initial={"username": wanted, "next": request.GET.get("next", "")})
        return _page(request, form)
    form = SignInForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=UNPROCESSABLE)
    name, address = form.cleaned_data["username"].strip(), limits.address_of(request)
    if limits.too_many(limits.LOGIN_NAME, name, now=now) or limits.too_many(limits.LOGIN_ADDRESS, address, now=now):
        form.add_error("username", TOO_MANY)
        return _page(request, form, status=UNPROCESSABLE)
    user = authenticate(request, username=name, password=form.cleaned_data["password"])
    if user is None:
        limits.count(limits.LOGIN_NAME, name, now=now)
        limits.count(limits.LOGIN_ADDRESS, address, now=now)
        form.add_error("password", WRONG)
        return _page(request, form, status=UNPROCESSABLE)
    limits.forget(limits.LOGIN_NAME, name)
    if second_factor.is_on(user):
        return wait_for_code(request, user, wanted=form.cleaned_data["next"], now=now)
    login(request, user)
    return HttpResponseRedirect(after_signing_in(request, form.cleaned_data["next"], now), status=303)


def _page(request: HttpRequest, form: SignInForm, status: int = 200) -> HttpResponse:
    context = {"form": form, "page_title": "登录", "nav": "login", "demo_accounts": accounts.shown()}
    return render(request, "site/login.html", context, status=status)


@never_cache
@login_required
@sensitive_post_parameters("old", "new", "again")
@require_http_methods(["GET", "POST"])
def own_password(request: HttpRequest) -> HttpResponse:
    """One's own password changed. Whoever was given one comes here first."""
    now, user = timezone.now(), request.user
    assert isinstance(user, User)  # noqa: S101 - login_required
    form = OwnPasswordForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        if limits.too_many(limits.LOGIN_NAME, user.username, now=now):
            form.add_error("old", TOO_MANY)
        else:
            try:
                data, actor = form.cleaned_data, Actor.of(user, now)
                user = accounts_of.change_password(user, old=data["old"], new=data["new"], actor=actor, now=now)
            except Refused as refused:
                if refused.code == "wrong_password":
                    limits.count(limits.LOGIN_NAME, user.username, now=now)
                form.add_refusal(refused)
            else:
                update_session_auth_hash(request, user)
                request.session.pop(HANDED_OUT, None)
                messages.success(request, "口令已改。别处登录着的都已退出。")
                return HttpResponseRedirect(after_signing_in(request, "", now), status=303)
    context = {"page_title": "改口令", "form": form, "given": request.session.get(HANDED_OUT, False)}
    return render(request, "site/own_password.html", context, status=UNPROCESSABLE if form.errors else 200)


@login_required
@require_http_methods(["GET", "POST"])
def choose_post(request: HttpRequest) -> HttpResponse:
    """Who holds several posts, or stands in for somebody, says in which he acts from here on."""
    now = timezone.now()
    found = capacities(request.user, now)  # type: ignore[arg-type]
    if request.method == "POST":
        wanted = request.POST.get("post", "")
        actor = next((one for one in found if one.post is not None and str(one.post.pk) == wanted), None)
        if actor is None or actor.post is None:
            raise Refused("no_post", "这个岗位现在不归您办，请重新选。")
        request.session[POST_SESSION_KEY] = actor.post.pk
        messages.success(request, f"现在以“{actor.label}”的身份办理，记录里也这样写。")
        return HttpResponseRedirect(landing(actor), status=303)
    held = request.actor.post  # type: ignore[attr-defined]
    context = {"page_title": "换岗位", "capacities": found, "held": held.pk if held is not None else None}
    return render(request, "site/choose_post.html", context)


@require_http_methods(["GET", "POST"])
def sign_out(request: HttpRequest) -> HttpResponse:
    """A page with one button for a link, the act itself for a form: no address alone signs anybody out."""
    if request.method == "GET":
        return render(request, "site/logout.html", {"page_title": "退出登录"})
    logout(request)
    cache.delete("page-scope:")
    messages.success(request, "您已退出。")
    return HttpResponseRedirect(reverse("home"), status=303)
