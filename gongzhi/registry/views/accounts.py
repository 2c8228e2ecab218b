"""账号: who can sign in at all; opened, given a new password, stopped and resumed by the administrator of the place."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import Prefetch
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from gongzhi.core import accounts, crypto, display
from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.core.forms import VersionedForm
from gongzhi.core.models import Event, Place, Post, User
from gongzhi.core.pages import Who
from gongzhi.core.refs import Ref
from gongzhi.registry.forms import AccountForm, DayForm, OwnPostForm, StopAccountForm
from gongzhi.registry.models import Estate
from gongzhi.registry.views.common import FormPage, actor_of, bound, now_of, page_of, today_of

LONGEST_SEARCH = 50
# A first password waits in the session, under cipher, until the next page has shown it.
SHOWN_ONCE, PURPOSE = "account_shown_once", "session.account"
STATES = {"": "全部", "running": "在用", "stopped": "已停用", "idle": "没有岗位"}
KINDS = {
    "user.opened": "开通",
    "user.password_reset": "重设口令",
    "user.password_changed": "本人改口令",
    "user.stopped": "停用",
    "user.resumed": "恢复",
    "user.second_factor_set": "启用二次验证",
    "user.second_factor_removed": "停用二次验证",
    "user.recovery_code_used": "用恢复码登录",
}
HISTORY_SHOWN = 20


def _manages(request: HttpRequest) -> None:
    actor = actor_of(request)
    core.require(actor, "account.manage", core.place_at(actor.place_path))


def _user(request: HttpRequest, pk: int) -> User:
    _manages(request)
    found: User | None = accounts.accounts_near(actor_of(request)).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def _show_once(request: HttpRequest, given: accounts.Given) -> Ref:
    kept = f"{given.user.pk}:{given.password}"
    request.session[SHOWN_ONCE] = crypto.encrypt(kept, purpose=PURPOSE)
    return Ref("user", str(given.user.pk))


def _shown_once(request: HttpRequest, user: User) -> str:
    kept = request.session.pop(SHOWN_ONCE, "")
    pk, _, password = crypto.decrypt(kept, purpose=PURPOSE).partition(":") if kept else ("", "", "")
    return password if pk == str(user.pk) else ""


def _words(posts: Iterable[Post], actor: Actor, on: date) -> dict[int, str]:
    """Each post as 单位　岗位 or 小区　业主; two queries, however many there are."""
    rows = list(posts)
    pack = core.pack_for(actor.place_path, on)
    paths = {one.place_path for one in rows if one.organisation_id is None}
    names = dict(Place.objects.filter(path__in=paths).values_list("path", "name")) if paths else {}

    def where(one: Post) -> str:
        return one.organisation.name if one.organisation is not None else names.get(one.place_path, "")

    return {one.pk: f"{where(one)}　{one.title or display.role_name(one.role, pack)}" for one in rows}


@login_required
@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    _manages(request)
    on = today_of(request)
    text, state = request.GET.get("text", "").strip()[:LONGEST_SEARCH], request.GET.get("state", "")
    rows = accounts.filtered(accounts.accounts_near(actor_of(request)), text=text, state=state, on=on)
    posts = Post.objects.in_force(on).select_related("organisation").order_by("begins_on", "pk")
    page = page_of(
        request,
        rows.prefetch_related(Prefetch("posts", posts, to_attr="held")).order_by("display_name", "username", "pk"),
    )
    words = _words((post for one in page for post in one.held), actor_of(request), on)
    context = {
        "nav": "estates",
        "page_title": "账号",
        "page": page,
        "rows": [(one, [words[post.pk] for post in one.held]) for one in page],
        "text": text,
        "state": state,
        "states": STATES,
    }
    return render(request, "registry/accounts.html", context)


@login_required
@never_cache
@require_GET
def account(request: HttpRequest, pk: int) -> HttpResponse:
    found, on = _user(request, pk), today_of(request)
    posts = Post.objects.filter(user=found).select_related("organisation").order_by("-begins_on", "-pk")
    words = _words(posts, actor_of(request), on)
    events = Event.objects.filter(subject_kind="user", subject_id=str(found.pk), kind__in=KINDS).order_by("-at", "-pk")
    context = {
        "nav": "estates",
        "page_title": found.display_name,
        "account": found,
        "password": _shown_once(request, found),
        "given": found.is_active and accounts.password_was_given(found),
        "own": actor_of(request).user == found,
        "posts": [(words[one.pk], one, one.ends_on is None or one.ends_on >= on) for one in posts],
        "line": [(KINDS[one.kind], one) for one in events[:HISTORY_SHOWN]],
    }
    return render(request, "registry/account.html", context)


def _crumbs(found: User | None = None) -> list[tuple[str, str]]:
    top = [("账号", reverse("registry:accounts"))]
    return [*top, (found.display_name, reverse("registry:account", args=[found.pk]))] if found is not None else top


def _estate(actor: Actor, name: str) -> Estate:
    """By its whole name, or by a part that only one has."""
    here = Estate.objects.filter(place_path__startswith=actor.place_path, ended_on=None, name__icontains=name.strip())
    found = list(here.order_by("name")[:2]) if name.strip() else []
    exact = [one for one in here.filter(name=name.strip())[:2]]
    if len(exact) == 1:
        return exact[0]
    if len(found) == 1:
        return found[0]
    words = "辖区里有几个叫这个名字的小区，请把名称写全" if found else "请写辖区里登记过的小区名称"
    raise Refused("account_estate", words + "。", fields={"estate": words})


@login_required
@require_http_methods(["GET", "POST"])
def open_account(request: HttpRequest) -> HttpResponse:
    _manages(request)
    actor, now = actor_of(request), now_of(request)
    form = bound(request, AccountForm)

    def run(data: Mapping[str, Any]) -> Ref:
        estate = _estate(actor, data["estate"]) if data["role"] else None
        given = accounts.open_account(
            data["username"],
            name=data["name"],
            phone=data["phone"],
            role=data["role"],
            estate=estate.place if estate is not None else None,
            actor=actor,
            now=now,
        )
        return _show_once(request, given)

    return FormPage(
        title="开通账号",
        form=form,
        run=run,
        done="已开通。",
        back=reverse("registry:accounts"),
        after=lambda made: reverse("registry:account", args=[made.id]),
        crumbs=_crumbs(),
        hint="口令由平台给出，只显示一次，本人第一次登录时要换成自己的。单位里的人，开通以后到“单位和岗位”登记到岗。",
        button="开通",
    ).answer(request)


def _act(request: HttpRequest, pk: int, *, title: str, done: str, button: str, hint: str, form: Any,
         run: Callable[[User, Mapping[str, Any]], Ref]) -> HttpResponse:  # fmt: skip
    found = _user(request, pk)
    return FormPage(
        title=f"{title}：{found.display_name}",
        form=bound(request, form),
        run=lambda data: run(found, data),
        done=done,
        back=reverse("registry:account", args=[found.pk]),
        crumbs=_crumbs(found),
        hint=hint,
        button=button,
    ).answer(request)


@login_required
@require_http_methods(["GET", "POST"])
def reset(request: HttpRequest, pk: int) -> HttpResponse:
    who = Who(actor_of(request), now_of(request)).by
    return _act(
        request, pk, title="重设口令", done="已重设，原来的口令马上失效。", button="重设口令", form=VersionedForm,
        hint="给出一个新口令，只显示一次；用旧口令登录着的都要重新登录，本人登录后要换成自己的。手机丢了的，另到“二次验证”替他停用。",
        run=lambda found, _: _show_once(request, accounts.reset_password(found, **who)),
    )  # fmt: skip


@login_required
@require_http_methods(["GET", "POST"])
def stop(request: HttpRequest, pk: int) -> HttpResponse:
    who = Who(actor_of(request), now_of(request)).by

    def run(found: User, data: Mapping[str, Any]) -> Ref:
        return Ref("user", str(accounts.stop_account(found, reason=data["reason"], **who).pk))

    return _act(
        request, pk, title="停用账号", done="已停用，不能再登录。", button="停用", form=StopAccountForm,
        hint="还在单位任职的，先登记离岗、移交未办的事。停用以后，以前的办理记录都在。", run=run,
    )  # fmt: skip


@login_required
@require_http_methods(["GET", "POST"])
def resume(request: HttpRequest, pk: int) -> HttpResponse:
    who = Who(actor_of(request), now_of(request)).by
    return _act(
        request, pk, title="恢复账号", done="已恢复。岗位另外登记。", button="恢复", form=VersionedForm,
        hint="恢复后给出一个新口令，只显示一次。岗位要重新登记。",
        run=lambda found, _: _show_once(request, accounts.resume_account(found, **who)),
    )  # fmt: skip


@login_required
@require_http_methods(["GET", "POST"])
def give_post(request: HttpRequest, pk: int) -> HttpResponse:
    actor, now = actor_of(request), now_of(request)

    def run(found: User, data: Mapping[str, Any]) -> Ref:
        place = _estate(actor, data["estate"]).place
        return accounts.give_post(found, role=data["role"], estate=place, actor=actor, now=now).ref

    return _act(
        request, pk, title="登记业主、楼幢长", done="已登记。", button="登记", form=OwnPostForm, run=run,
        hint="从今天起。单位里的岗位到“单位和岗位”登记到岗。",
    )  # fmt: skip


@login_required
@require_http_methods(["GET", "POST"])
def end_own_post(request: HttpRequest, pk: int, post: int) -> HttpResponse:
    actor, now = actor_of(request), now_of(request)
    held = get_object_or_404(Post, pk=post, user=_user(request, pk), organisation=None)

    def run(_: User, data: Mapping[str, Any]) -> Ref:
        return accounts.end_own_post(held, ends_on=data["day"], actor=actor, now=now).ref

    return _act(
        request, pk, title="结束岗位", done="已登记。", button="结束", form=DayForm, run=run,
        hint=f"{_words([held], actor, today_of(request))[held.pk]}。填最后一日。",
    )  # fmt: skip
