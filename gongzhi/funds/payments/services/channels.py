"""Merchant accounts: registered with their keys, which nobody is shown again; the provider's client made of them."""

import json
import secrets
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction

from gongzhi.core import crypto
from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.funds.charges.queries import OfProject
from gongzhi.funds.payments.models import PayChannel
from gongzhi.funds.payments.providers import Provider, ProviderDown, ProviderRefused
from gongzhi.funds.payments.providers.alipay import Alipay, AlipayKeys
from gongzhi.funds.payments.providers.wechat import WeChat, WeChatKeys
from gongzhi.funds.payments.services.stand_in import StandIn
from gongzhi.registry.models import Project

PURPOSE = "pay_channel.keys"
HANDLE_BYTES = 12
# What is asked for beside merchant and application; the last two of the first are needed together or not at all.
KEYS: dict[str, dict[str, str]] = {
    "wechat": {
        "serial": "商户证书序列号",
        "private_key": "商户私钥",
        "apiv3_key": "APIv3密钥",
        "public_key_id": "微信支付公钥ID",
        "public_key": "微信支付公钥",
    },
    "alipay": {"private_key": "应用私钥", "alipay_public_key": "支付宝公钥"},
}
OPTIONAL = ("public_key_id", "public_key")
APIV3_LENGTH = 32


@transaction.atomic
def register_channel(
    project: Project,
    *,
    provider: str,
    merchant: str,
    app: str,
    keys: Mapping[str, str],
    from_on: date,
    actor: Actor,
    now: datetime,
    stand_in: bool = False,
) -> PayChannel:
    """One of each provider at a time for a project. Keys that do not open are refused, nothing is sent anywhere."""
    core.require(actor, "payment.channel", OfProject(project))
    if stand_in and not project.demo:
        raise Refused("stand_in", "演示渠道只用于示范数据。", fields={"provider": "只用于示范数据"})
    given = {name: value.strip() for name, value in keys.items() if value.strip()}
    if not stand_in:
        _check_keys(provider, given)
    row = PayChannel(
        project=project, provider=provider, merchant=merchant.strip(), app=app.strip(), from_on=from_on,
        keys_cipher=crypto.encrypt(json.dumps(given), purpose=PURPOSE), handle=secrets.token_urlsafe(HANDLE_BYTES),
        stand_in=stand_in, place_path=project.place_path, demo=actor.demo or stand_in,
    )  # fmt: skip
    provider_of(row)
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        raise Refused(
            "channel_exists", "这个项目已有同一渠道的商户号，请先停用原来的。", fields={"provider": "已有，请先停用"}
        ) from error
    _recorded(row, "channel.registered", {"from_on": from_on}, actor, now)
    return row


def _check_keys(provider: str, given: Mapping[str, str]) -> None:
    wanted = {name: title for name, title in KEYS[provider].items() if name not in OPTIONAL}
    missing = {name: f"请填{title}" for name, title in wanted.items() if name not in given}
    if ("public_key" in given) != ("public_key_id" in given):
        missing["public_key"] = "微信支付公钥和公钥ID要一起填，都不填则用平台证书"
    if provider == "wechat" and "apiv3_key" in given and len(given["apiv3_key"]) != APIV3_LENGTH:
        missing["apiv3_key"] = f"APIv3密钥是{APIV3_LENGTH}位"
    if missing:
        raise Refused("channel_keys", "密钥没有填全。", fields=missing)


@transaction.atomic
def end_channel(channel: PayChannel, *, to_on: date, version: int | None, actor: Actor, now: datetime) -> PayChannel:
    """No new orders. Callbacks, refunds and bills of what was paid by it still come in."""
    row = PayChannel.objects.select_for_update(of=("self",)).select_related("project").get(pk=channel.pk)
    core.require(actor, "payment.channel", OfProject(row.project))
    core.check_version(row, version)
    if row.to_on is not None:
        raise Refused("channel_ended", "这个渠道已经停用。")
    row.to_on, row.version = to_on, row.version + 1
    row.save(update_fields=["to_on", "version"])
    _recorded(row, "channel.ended", {"to_on": to_on}, actor, now)
    return row


def _recorded(row: PayChannel, kind: str, data: Mapping[str, Any], actor: Actor, now: datetime) -> None:
    core.record(
        kind, subject=row.ref, actor=actor, at=now, place_path=row.place_path,
        data={"provider": row.provider, **data},
    )  # fmt: skip


def provider_of(channel: PayChannel) -> Provider:
    """The provider's client with the channel's keys. Makes no call. Refuses keys that do not open."""
    if channel.stand_in:
        return StandIn(channel)
    keys: dict[str, Any] = json.loads(crypto.decrypt(channel.keys_cipher, purpose=PURPOSE))
    try:
        if channel.provider == "wechat":
            keys["certificates"] = tuple(keys.get("certificates", ()))
            return WeChat(
                WeChatKeys(mchid=channel.merchant, appid=channel.app, **keys), endpoint=settings.PAY_WECHAT_URL
            )
        return Alipay(
            AlipayKeys(app_id=channel.app, seller_id=channel.merchant, **keys), endpoint=settings.PAY_ALIPAY_URL
        )
    except ProviderRefused as error:
        raise Refused("channel_keys", error.message, fields={"private_key": "请核对"}) from error


def refresh_certificates(channel: PayChannel) -> bool:
    """The certificates that 微信支付 signs with, where it uses certificates. False: nothing came, the old ones stay."""
    provider = provider_of(channel)
    if not isinstance(provider, WeChat):
        return False
    try:
        found = provider.certificates()
    except ProviderDown:
        return False
    if not found:
        return False
    with transaction.atomic():
        row = PayChannel.objects.select_for_update().get(pk=channel.pk)
        keys = json.loads(crypto.decrypt(row.keys_cipher, purpose=PURPOSE))
        keys["certificates"] = list(found)
        row.keys_cipher = crypto.encrypt(json.dumps(keys), purpose=PURPOSE)
        row.save(update_fields=["keys_cipher"])
    channel.keys_cipher = row.keys_cipher
    return True


def refresh_all_certificates() -> int:
    """Of every channel in use that has no public key of the provider. How many came."""
    rows = PayChannel.objects.filter(provider="wechat", to_on=None, stand_in=False)
    without = [one for one in rows if "public_key" not in json.loads(crypto.decrypt(one.keys_cipher, purpose=PURPOSE))]
    return sum(refresh_certificates(one) for one in without)
