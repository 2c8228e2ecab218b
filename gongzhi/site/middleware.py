"""What every answer carries: security headers, the size of the letters; and who has to set up a second factor first."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from gongzhi.core import second_factor
from gongzhi.core.models import User

Handler = Callable[[HttpRequest], HttpResponse]

# In the session: who was found to have what is demanded; that something was demanded.
HELD, DEMANDED = "second_factor_held", "second_factor_demanded"
# In the session: he came in with a password that somebody else gave him, and goes no further than changing it.
HANDED_OUT = "handed_out"
ADMINISTRATOR, API = "system_admin", "/api/v1/"
LARGE_COOKIE = "gz_zi"
LARGE = "da"
NORMAL = "biaozhun"
YEAR_SECONDS = 365 * 24 * 3600

# Nothing is loaded from elsewhere and no script stands in a page; Bootstrap's marks in inputs are data: images.
POLICY = "; ".join(
    (
        "default-src 'self'",
        "img-src 'self' data:",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class SecurityHeaders:
    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        if response.headers.get("Content-Type", "").startswith("text/html"):
            response.headers.setdefault("Cache-Control", "private, no-store")
        return response


class LargePrint:
    """`?zi=da` on any page keeps large letters in a cookie and leads back to the page; `?zi=biaozhun` ends them."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        wish = request.GET.get("zi")
        if request.method == "GET" and wish in (LARGE, NORMAL):
            query = request.GET.copy()
            del query["zi"]
            address = f"{request.path}?{query.urlencode()}" if query else request.path
            response = HttpResponseRedirect(address if not address.startswith("//") else "/")
            response.set_cookie(
                LARGE_COOKIE, wish, max_age=YEAR_SECONDS, samesite="Lax", httponly=True, secure=request.is_secure()
            )
            return response
        return self.get_response(request)


def wants_large(request: HttpRequest) -> bool:
    return request.COOKIES.get(LARGE_COOKIE) == LARGE


def large_address(request: HttpRequest) -> str:
    """The link of the switch: this page with the other size."""
    if request.method != "GET":
        return ""
    query = request.GET.copy()
    query["zi"] = NORMAL if wants_large(request) else LARGE
    return f"{request.path}?{query.urlencode()}"


class OwnPasswordFirst:
    """Who signed in with a password that was given to him gets no further than choosing his own."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # Without a cookie nobody is signed in, and an answer to anybody stays one that caches may keep.
        known = settings.SESSION_COOKIE_NAME in request.COOKIES
        held_up = known and request.user.is_authenticated and request.session.get(HANDED_OUT)
        if held_up and request.path not in (reverse("own_password"), reverse("logout")):
            return HttpResponseRedirect(reverse("own_password"), status=303)
        return self.get_response(request)


class SecondFactorDemanded:
    """Where the installation demands it, an official without a one-time code gets no further than setting one up."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.SECOND_FACTOR_FOR_STAFF and self._held_up(request):
            request.session[DEMANDED] = True
            return HttpResponseRedirect(reverse("second_factor_settings"), status=303)
        return self.get_response(request)

    def _held_up(self, request: HttpRequest) -> bool:
        user = request.user
        if not isinstance(user, User) or request.session.get(HELD) == user.pk:
            return False
        if request.path.startswith(API) or request.path in (
            reverse("second_factor_settings"),
            reverse("own_password"),
            reverse("logout"),
        ):
            return False
        actor = request.actor  # type: ignore[attr-defined]
        if not (actor.is_staff_role or actor.role == ADMINISTRATOR) or second_factor.is_on(user):
            request.session[HELD] = user.pk
            return False
        return True
