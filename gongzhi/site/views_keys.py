"""接口: the guide for who connects a system; keys and event deliveries, issued, revoked, sent again."""

from collections.abc import Callable
from datetime import datetime, time, timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from gongzhi.core import crypto, tokens, webhooks
from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.days import ZONE
from gongzhi.core.errors import Refused
from gongzhi.core.models import ApiToken, Post, Webhook, WebhookDelivery
from gongzhi.core.refs import Ref
from gongzhi.core.scopes import SCOPES
from gongzhi.site.forms_keys import EndForm, HookForm, ReasonForm, TokenForm

UNPROCESSABLE, SEE_OTHER = 422, 303
SHOWN_ONCE = "key_shown_once"
PURPOSE = "session.key"
PAGE_SIZE = 30
SAMPLES = 3


def _actor(request: HttpRequest) -> Actor:
    return request.actor  # type: ignore[attr-defined]


def _posts(request: HttpRequest) -> QuerySet[Post]:
    """The posts whose keys the actor may manage: those below him with the right, and his own."""
    actor, today = _actor(request), timezone.localdate()
    seen = Q(pk=actor.post.pk) if actor.post is not None and actor.user == actor.post.user else Q(pk__in=[])
    if actor.post is not None and core.may(actor, "token.manage", actor.post):
        seen |= Q(place_path__startswith=actor.place_path)
    rows: QuerySet[Post] = Post.objects.in_force(today).filter(seen)
    return rows.select_related("user", "organisation").order_by("place_path", "role", "pk")


def _managed(request: HttpRequest) -> QuerySet[Post]:
    actor = _actor(request)
    if actor.post is None:
        return Post.objects.none()
    core.require(actor, "token.manage", actor.post)
    return _posts(request)


@require_GET
def guide(request: HttpRequest) -> HttpResponse:
    """The Chinese manual of the interface, for everybody."""
    actor = _actor(request)
    context = {
        "page_title": "接口说明",
        "page_sub": "给接入系统的开发人员",
        "nav": "api",
        "scopes": SCOPES,
        "waits": [_waited(one) for one in webhooks.WAITS],
        "tries": webhooks.MOST_TRIES,
        "root": request.build_absolute_uri("/api/v1/"),
        "may": actor.post is not None and core.may(actor, "token.manage", actor.post),
    }
    return render(request, "site/keys/guide.html", context)


def _waited(seconds: int) -> str:
    for unit, name in ((3600, "小时"), (60, "分")):
        if seconds >= unit:
            return f"{seconds // unit}{name}"
    return f"{seconds}秒"


@login_required
@require_GET
def keys(request: HttpRequest) -> HttpResponse:
    actor, now = _actor(request), timezone.now()
    posts = _posts(request)
    held = ApiToken.objects.filter(Q(post__in=posts) | Q(post__user=actor.user)).select_related(
        "post__user", "post__organisation"
    )
    hooks = Webhook.objects.filter(Q(post__in=posts) | Q(post__user=actor.user)).select_related(
        "post__user", "post__organisation"
    )
    failed = Count("deliveries", filter=Q(deliveries__state="failed"))
    queued = Count("deliveries", filter=Q(deliveries__state="queued"))
    context = {
        "page_title": "接口令牌和事件推送",
        "nav": "api",
        "now": now,
        "page": Paginator(held.order_by("revoked_at", "-pk"), PAGE_SIZE).get_page(request.GET.get("page")),
        "hooks": list(hooks.annotate(failed=failed, queued=queued).order_by("ended_at", "-pk")[:PAGE_SIZE]),
        "may": actor.post is not None and core.may(actor, "token.manage", actor.post),
    }
    return render(request, "site/keys/keys.html", context)


def _handled(
    request: HttpRequest,
    *,
    form: Any,
    title: str,
    run: Callable[[Any], tuple[Ref, str]],
    back: str,
    button: str,
    hint: str = "",
    below: str = "",
) -> HttpResponse:
    """One form: 303 to what it made, or 422 with what was typed. `run` gives the row and where to go."""
    status = 200
    if request.method == "POST":
        status = UNPROCESSABLE
        if form.is_valid():
            key, actor = request.POST.get("form_key", ""), _actor(request)
            try:
                with transaction.atomic():
                    if core.form_key(key, actor) is not None:
                        return HttpResponseRedirect(back, status=SEE_OTHER)
                    ref, url = run(form.cleaned_data)
                    core.keep_form_key(key, ref)
                return HttpResponseRedirect(url, status=SEE_OTHER)
            except Refused as refused:
                if refused.code == "forbidden":
                    raise
                form.add_refusal(refused)
                status = refused.status
    context = {"page_title": title, "nav": "api", "form": form, "back": back, "button": button, "hint": hint}
    if below:
        context |= {"below": below, "kinds": _kinds()}
    return render(request, "site/keys/form.html", context, status=status)


def _show_once(request: HttpRequest, secret: str) -> None:
    """Under cipher in the session until the next page has shown it."""
    request.session[SHOWN_ONCE] = crypto.encrypt(secret, purpose=PURPOSE)


def _shown_once(request: HttpRequest) -> str:
    kept = request.session.pop(SHOWN_ONCE, "")
    return crypto.decrypt(kept, purpose=PURPOSE) if kept else ""


@login_required
@require_http_methods(["GET", "POST"])
def issue(request: HttpRequest) -> HttpResponse:
    posts = _managed(request)

    def run(data: dict[str, Any]) -> tuple[Ref, str]:
        end = datetime.combine(data["expires_on"] + timedelta(days=1), time(), tzinfo=ZONE)
        issued = tokens.issue_token(
            data["post"],
            name=data["name"],
            scopes=data["scopes"],
            expires_at=end,
            actor=_actor(request),
            now=timezone.now(),
        )
        _show_once(request, issued.secret)
        return issued.token.ref, reverse("api_key", args=[issued.token.pk])

    given: dict[str, Any] = {"posts": posts, "today": timezone.localdate()}
    form = TokenForm(request.POST, **given) if request.method == "POST" else TokenForm(**given)
    return _handled(
        request,
        form=form,
        title="发放接口令牌",
        run=run,
        back=reverse("api_keys"),
        button="发放",
        hint="令牌只显示一次，请当场交给接入的系统。",
    )


def _token(request: HttpRequest, pk: int) -> ApiToken:
    found = get_object_or_404(ApiToken.objects.select_related("post__user", "post__organisation"), pk=pk)
    actor = _actor(request)
    if found.post.user_id != (actor.user.pk if actor.user else None) and not core.may(actor, "token.manage", found):
        raise Http404
    return found


@login_required
@require_GET
def key(request: HttpRequest, pk: int) -> HttpResponse:
    found = _token(request, pk)
    context = {
        "page_title": found.name,
        "nav": "api",
        "token": found,
        "scopes": [(one, SCOPES.get(one, one)) for one in found.scopes],
        "secret": _shown_once(request),
        "now": timezone.now(),
    }
    return render(request, "site/keys/key.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    found = _token(request, pk)
    here = reverse("api_key", args=[found.pk])

    def run(data: dict[str, Any]) -> tuple[Ref, str]:
        row = tokens.revoke_token(
            found, reason=data["reason"], version=data["version"], actor=_actor(request), now=timezone.now()
        )
        messages.success(request, "已收回，马上失效。")
        return row.ref, here

    form = ReasonForm(request.POST) if request.method == "POST" else ReasonForm(version=found.version)
    return _handled(
        request,
        form=form,
        title=f"收回“{found.name}”的令牌",
        run=run,
        back=here,
        button="收回",
        hint="收回后不能恢复。",
    )


# --- event deliveries


@login_required
@require_http_methods(["GET", "POST"])
def subscribe(request: HttpRequest) -> HttpResponse:
    posts = _managed(request)

    def run(data: dict[str, Any]) -> tuple[Ref, str]:
        made = webhooks.subscribe(**data, actor=_actor(request), now=timezone.now())
        _show_once(request, made.secret)
        return made.webhook.ref, reverse("api_hook", args=[made.webhook.pk])

    form = HookForm(request.POST, posts=posts) if request.method == "POST" else HookForm(posts=posts)
    return _handled(
        request,
        form=form,
        title="登记事件推送",
        run=run,
        back=reverse("api_keys"),
        button="登记",
        hint="推送的内容没有个人信息和办理人员写的文字；要看详情的，用令牌来取。",
        below="site/keys/_kinds.html",
    )


def _kinds() -> list[tuple[str, str, list[tuple[str, str]]]]:
    """The kinds that are told, by their first word: what the first of them are called, and each with its Chinese."""
    found: dict[str, list[tuple[str, str]]] = {}
    for name, title in webhooks.subscribable().items():
        found.setdefault(name.split(".")[0], []).append((name, title))
    return [
        (first, "、".join(title for _, title in rows[:SAMPLES]) + ("等" if len(rows) > SAMPLES else ""), rows)
        for first, rows in found.items()
    ]


def _hook(request: HttpRequest, pk: int) -> Webhook:
    found = get_object_or_404(Webhook.objects.select_related("post__user", "post__organisation"), pk=pk)
    actor = _actor(request)
    if found.post.user_id != (actor.user.pk if actor.user else None) and not core.may(actor, "token.manage", found):
        raise Http404
    return found


@login_required
@require_GET
def hook(request: HttpRequest, pk: int) -> HttpResponse:
    found = _hook(request, pk)
    rows = WebhookDelivery.objects.filter(webhook=found).select_related("event").order_by("-pk")
    state = request.GET.get("state", "")
    if state in ("queued", "sent", "failed", "withheld"):
        rows = rows.filter(state=state)
    known = webhooks.subscribable()
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "page_title": found.name,
        "nav": "api",
        "hook": found,
        "kinds": [(one, known.get(one, "")) for one in found.kinds],
        "secret": _shown_once(request),
        "page": page,
        "rows": [(row, known.get(row.event.kind, row.event.kind), webhooks.event_id(row.event)) for row in page],
        "state": state,
        "failed": WebhookDelivery.objects.filter(webhook=found, state="failed").count(),
    }
    return render(request, "site/keys/hook.html", context)


@login_required
@require_POST
def send_again(request: HttpRequest, pk: int, delivery: int) -> HttpResponse:
    found = _hook(request, pk)
    row = get_object_or_404(WebhookDelivery.objects.select_related("webhook__post"), pk=delivery, webhook=found)
    key, actor = request.POST.get("form_key", ""), _actor(request)
    if core.form_key(key, actor) is None:
        webhooks.send_again(row, actor=actor, now=timezone.now())
        core.keep_form_key(key, found.ref)
        messages.success(request, "已排队，马上再送。")
    return HttpResponseRedirect(reverse("api_hook", args=[found.pk]), status=SEE_OTHER)


@login_required
@require_http_methods(["GET", "POST"])
def unsubscribe(request: HttpRequest, pk: int) -> HttpResponse:
    found = _hook(request, pk)
    here = reverse("api_hook", args=[found.pk])

    def run(data: dict[str, Any]) -> tuple[Ref, str]:
        row = webhooks.unsubscribe(found, version=data["version"], actor=_actor(request), now=timezone.now())
        messages.success(request, "已停用。")
        return row.ref, here

    form = EndForm(request.POST) if request.method == "POST" else EndForm(version=found.version)
    return _handled(
        request,
        form=form,
        title=f"停用“{found.name}”",
        run=run,
        back=here,
        button="停用",
        hint="停用后没有送到的不再送。",
    )
