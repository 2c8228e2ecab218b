"""Subscribing to events, and what became of each delivery."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Query, Router, Schema
from pydantic import Field

from gongzhi.core import webhooks
from gongzhi.core.apikit.calls import call_of, changes, creates, matched, reads, runs, tagged
from gongzhi.core.apikit.paging import Page, Paging, keys, page_of
from gongzhi.core.apikit.shapes import Body, RowId, code
from gongzhi.core.models import Webhook, WebhookDelivery
from gongzhi.core.models.tokens import DELIVERY_STATES

router = Router(tags=["事件推送"])


class Kind(Schema):
    kind: str = Field(description="事件代码")
    title: str = Field(description="事件名称")


class HookIn(Body):
    name: str = Field(min_length=1, max_length=webhooks.LONGEST_NAME, description="推给哪个系统")
    url: str = Field(min_length=1, max_length=webhooks.LONGEST_URL, description="https 网址；不能指向内部网络")
    kinds: list[str] = Field(
        min_length=1, max_length=webhooks.MOST_KINDS, description="事件代码，例如 case.opened；case.* 是所有案件事件"
    )


class HookOut(Schema):
    id: int = Field(description="推送编号")
    name: str = Field(description="推给哪个系统")
    url: str = Field(description="网址")
    kinds: list[str] = Field(description="事件代码")
    created_at: datetime = Field(description="登记时间")
    ended_at: datetime | None = Field(description="停用时间；在用的为空")


class HookMade(HookOut):
    secret: str = Field(description="签名密钥，只给这一次；用它核对 Gongzhi-Signature")


class DeliveryOut(Schema):
    id: int = Field(description="推送记录编号")
    event_id: str = Field(description="事件编号；重送时不变，用它去重")
    kind: str = Field(description="事件代码")
    state: str = Field(description="queued 待送、sent 已送达、failed 停止重送、withheld 不在权限内")
    tries: int = Field(description="送了几次")
    status: int | None = Field(description="对方最近一次答复的 HTTP 状态码")
    error: str = Field(description="最近一次失败的原因")
    queued_at: datetime = Field(description="排队时间")
    sent_at: datetime | None = Field(description="送达时间")


class DeliveryFilter(Paging):
    state: str = code("状态", DELIVERY_STATES)


@reads(router, "/webhooks/kinds", scope="webhooks:manage", response=list[Kind], summary="可以推送的事件")
def kinds(request: HttpRequest) -> list[dict[str, str]]:
    return [{"kind": kind, "title": title} for kind, title in webhooks.subscribable().items()]


def _mine(request: HttpRequest) -> Any:
    """Those of the post of the key."""
    return Webhook.objects.filter(post=call_of(request).token.post).select_related("post")


@reads(router, "/webhooks", scope="webhooks:manage", response=Page[HookOut], summary="本岗位的推送")
def list_hooks(request: HttpRequest, given: Query[Paging]) -> dict[str, Any]:
    return page_of(_mine(request), lambda row: row, by=keys("-id"), given=given, of="webhooks")


@creates(
    router,
    "/webhooks",
    scope="webhooks:manage",
    response=HookMade,
    summary="登记推送",
    description="按本岗位的权限推送：能看的才推。签名密钥只给这一次。核对方法见接口说明。",
)
def subscribe(request: HttpRequest, given: HookIn) -> dict[str, Any]:
    call = call_of(request)
    made = webhooks.subscribe(call.token.post, **given.dict(), actor=call.actor, now=call.now)
    tagged(request, made.webhook)
    return {**HookOut.from_orm(made.webhook).dict(), "secret": made.secret}


@reads(router, "/webhooks/{pk}", scope="webhooks:manage", response=HookOut, summary="一个推送")
def read_hook(request: HttpRequest, pk: RowId) -> Webhook:
    found: Webhook = get_object_or_404(_mine(request), pk=pk)
    tagged(request, found)
    return found


@changes(router, "/webhooks/{pk}/end", scope="webhooks:manage", response=HookOut, summary="停用推送")
def unsubscribe(request: HttpRequest, pk: RowId) -> Webhook:
    call, found = call_of(request), get_object_or_404(_mine(request), pk=pk)
    version = matched(request, found)
    done = webhooks.unsubscribe(found, actor=call.actor, now=call.now, version=version)
    tagged(request, done)
    return done


def _delivery_out(row: WebhookDelivery) -> dict[str, Any]:
    names = ("state", "tries", "status", "error", "queued_at", "sent_at")
    shown = {name: getattr(row, name) for name in names}
    return {**shown, "id": row.pk, "event_id": webhooks.event_id(row.event), "kind": row.event.kind}


@reads(
    router,
    "/webhooks/{pk}/deliveries",
    scope="webhooks:manage",
    response=Page[DeliveryOut],
    summary="推送记录",
    description="新的在前，含最近一次失败的原因。",
)
def deliveries(request: HttpRequest, pk: RowId, given: Query[DeliveryFilter]) -> dict[str, Any]:
    hook = get_object_or_404(_mine(request), pk=pk)
    rows = WebhookDelivery.objects.filter(webhook=hook).select_related("event")
    if given.state:
        rows = rows.filter(state=given.state)
    return page_of(rows, _delivery_out, by=keys("-id"), given=given, of=f"deliveries:{hook.pk}:{given.state}")


@runs(
    router,
    "/webhooks/{pk}/deliveries/{delivery}/again",
    scope="webhooks:manage",
    response=DeliveryOut,
    summary="再送一次",
    description="事件编号不变。",
)
def send_again(request: HttpRequest, pk: RowId, delivery: RowId) -> dict[str, Any]:
    call = call_of(request)
    rows = WebhookDelivery.objects.filter(webhook__in=_mine(request), webhook_id=pk)
    row = get_object_or_404(rows.select_related("webhook__post", "event"), pk=delivery)
    webhooks.send_again(row, actor=call.actor, now=call.now)
    row.refresh_from_db()
    return _delivery_out(row)
