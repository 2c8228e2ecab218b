"""Accounts of the place: opened, given a new password, stopped, resumed."""

from datetime import date, datetime
from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Query, Router, Schema
from pydantic import Field

from gongzhi.core import accounts
from gongzhi.core import services as core
from gongzhi.core.apikit.calls import call_of, changes, creates, matched, reads, tagged
from gongzhi.core.apikit.paging import Page, Paging, keys, page_of
from gongzhi.core.apikit.shapes import Body, RowId, code
from gongzhi.core.errors import Refused
from gongzhi.core.models import Place, Post, User
from gongzhi.registry.models import Estate

router = Router(tags=["账号"])
ROLES = {"owner": "业主", "building_steward": "楼幢长"}
STATES = {"running": "在用", "stopped": "已停用", "idle": "没有岗位"}


class HeldPost(Schema):
    id: int = Field(description="岗位编号")
    role: str = Field(description="角色代码")
    title: str = Field(description="岗位名称")
    organisation: int | None = Field(description="单位编号；业主和楼幢长没有")
    place_path: str = Field(description="辖区路径")
    begins_on: date = Field(description="任职起")
    ends_on: date | None = Field(description="任职止；在任的为空")


class UserAccountOut(Schema):
    id: int = Field(description="用户编号")
    username: str = Field(description="账号")
    name: str = Field(description="姓名")
    phone: str = Field(description="手机号，脱敏")
    active: bool = Field(description="是否在用")
    last_login: datetime | None = Field(description="最近一次登录；没有登录过的为空")
    posts: list[HeldPost] = Field(description="历来的岗位，新的在前")


class UserAccountGiven(UserAccountOut):
    password: str = Field(description="第一次登录的口令，只给这一次；本人登录后要换成自己的")


def _out(row: User) -> dict[str, Any]:
    posts = Post.objects.filter(user=row).order_by("-begins_on", "-pk")
    return {
        "id": row.pk,
        "username": row.username,
        "name": row.display_name,
        "phone": row.masked_phone,
        "active": row.is_active,
        "last_login": row.last_login,
        "posts": [
            {
                "id": one.pk,
                "role": one.role,
                "title": one.title,
                "organisation": one.organisation_id,
                "place_path": one.place_path,
                "begins_on": one.begins_on,
                "ends_on": one.ends_on,
            }
            for one in posts
        ],
    }


def _near(request: HttpRequest) -> Any:
    actor = call_of(request).actor
    core.require(actor, "account.manage", core.place_at(actor.place_path) if actor.place_path else None)
    return accounts.accounts_near(actor)


def _user(request: HttpRequest, pk: int) -> User:
    found: User = get_object_or_404(User.objects.filter(pk__in=_near(request).values("pk")), pk=pk)
    return found


class UserAccountFilter(Paging):
    text: str = Field("", max_length=50, description="姓名或账号里的字")
    state: str = code("状态", STATES)


@reads(router, "/accounts", scope="accounts:manage", response=Page[UserAccountOut], summary="账号列表")
def list_accounts(request: HttpRequest, given: Query[UserAccountFilter]) -> dict[str, Any]:
    on = core.local_day(call_of(request).now)
    found = accounts.filtered(_near(request), text=given.text, state=given.state, on=on)
    rows = User.objects.filter(pk__in=found.values("pk"))
    return page_of(rows, _out, by=keys("-id"), given=given, of=f"accounts:{given.text}:{given.state}")


@reads(router, "/accounts/{pk}", scope="accounts:manage", response=UserAccountOut, summary="一个账号")
def read_account(request: HttpRequest, pk: RowId) -> dict[str, Any]:
    found = _user(request, pk)
    tagged(request, found)
    return _out(found)


def _place(estate: int | None) -> Place | None:
    if estate is None:
        return None
    found = Estate.objects.filter(pk=estate, ended_on=None).select_related("place").first()
    if found is None:
        raise Refused("account_estate", "没有这个小区。", fields={"estate": "没有这个小区"})
    return found.place


class UserAccountIn(Body):
    username: str = Field(min_length=1, max_length=60, description="账号，登录时填的")
    name: str = Field(min_length=1, max_length=60, description="姓名")
    phone: str = Field("", max_length=20, description="手机号；业主必填，按它找到名下的房屋")
    role: str = code("不在单位的：业主或楼幢长", ROLES)
    estate: int | None = Field(None, ge=1, le=2**63 - 1, description="业主、楼幢长的小区编号")


@creates(
    router,
    "/accounts",
    scope="accounts:manage",
    response=UserAccountGiven,
    summary="开通账号",
    description="口令只给这一次。单位里的人另外登记到岗。",
)
def open_account(request: HttpRequest, given: UserAccountIn) -> dict[str, Any]:
    call = call_of(request)
    made = accounts.open_account(
        given.username,
        name=given.name,
        phone=given.phone,
        role=given.role,
        estate=_place(given.estate),
        actor=call.actor,
        now=call.now,
    )
    tagged(request, made.user)
    return {**_out(made.user), "password": made.password}


@changes(
    router,
    "/accounts/{pk}/password",
    scope="accounts:manage",
    response=UserAccountGiven,
    summary="重设口令",
    description="原来的口令马上失效，新口令只给这一次。",
)
def reset_password(request: HttpRequest, pk: RowId) -> dict[str, Any]:
    call, found = call_of(request), _user(request, pk)
    matched(request, found)
    given = accounts.reset_password(found, actor=call.actor, now=call.now)
    tagged(request, given.user)
    return {**_out(given.user), "password": given.password}


class StopIn(Body):
    reason: str = Field(min_length=1, max_length=200, description="原因")


@changes(
    router,
    "/accounts/{pk}/stop",
    scope="accounts:manage",
    response=UserAccountOut,
    summary="停用账号",
    description="还在单位任职的先登记离岗；业主、楼幢长的岗位同时结束。",
)
def stop_account(request: HttpRequest, pk: RowId, given: StopIn) -> dict[str, Any]:
    call, found = call_of(request), _user(request, pk)
    matched(request, found)
    row = accounts.stop_account(found, reason=given.reason, actor=call.actor, now=call.now)
    tagged(request, row)
    return _out(row)


@changes(
    router,
    "/accounts/{pk}/resume",
    scope="accounts:manage",
    response=UserAccountGiven,
    summary="恢复账号",
    description="新口令只给这一次，岗位另外登记。",
)
def resume_account(request: HttpRequest, pk: RowId) -> dict[str, Any]:
    call, found = call_of(request), _user(request, pk)
    matched(request, found)
    given = accounts.resume_account(found, actor=call.actor, now=call.now)
    tagged(request, given.user)
    return {**_out(given.user), "password": given.password}


class OwnPostIn(Body):
    role: str = code("业主或楼幢长", ROLES, ...)
    estate: RowId = Field(description="小区编号")


@changes(
    router,
    "/accounts/{pk}/posts",
    scope="accounts:manage",
    response=UserAccountOut,
    summary="登记为业主、楼幢长",
    description="从今天起。单位里的岗位用“登记到岗”。",
)
def give_post(request: HttpRequest, pk: RowId, given: OwnPostIn) -> dict[str, Any]:
    call, found = call_of(request), _user(request, pk)
    matched(request, found)
    accounts.give_post(found, role=given.role, estate=_place(given.estate), actor=call.actor, now=call.now)
    tagged(request, found)
    return _out(found)


class LastDay(Body):
    day: date = Field(description="最后一日")


@changes(
    router,
    "/accounts/{pk}/posts/{post}/end",
    scope="accounts:manage",
    response=UserAccountOut,
    summary="结束业主、楼幢长的岗位",
)
def end_own_post(request: HttpRequest, pk: RowId, post: RowId, given: LastDay) -> dict[str, Any]:
    call, found = call_of(request), _user(request, pk)
    matched(request, found)
    held = get_object_or_404(Post, pk=post, user=found)
    accounts.end_own_post(held, ends_on=given.day, actor=call.actor, now=call.now)
    tagged(request, found)
    return _out(found)
