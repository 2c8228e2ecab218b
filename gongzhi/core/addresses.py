"""Addresses that the platform may call: never one of its own network, unless the deployment names that network.

A name is resolved once, every address it has is looked at, and the connection goes to one of just these: a name that
answers otherwise the second time leads nowhere.
"""

import http.client
import socket
import ssl
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from gongzhi.core.errors import Refused

SECONDS = 10
MOST_READ = 64 * 1024
PORTS = {"http": 80, "https": 443}
# Addresses of IPv4 written as IPv6, which a gateway may lead back inside.
TRANSLATED = (
    ip_network("64:ff9b::/96"),
    ip_network("64:ff9b:1::/48"),
    ip_network("2002::/16"),
    ip_network("2001::/32"),
)
Network = IPv4Network | IPv6Network


@dataclass(frozen=True)
class Target:
    """Where a call goes: the name for the certificate, and the address that was looked at."""

    scheme: str
    host: str
    port: int
    path: str
    address: str


def _refusal(message: str) -> Refused:
    return Refused("bad_url", message, fields={"url": message})


def target_of(url: str) -> Target:
    """Refuses (`bad_url`) what is no address for calls. Looks the name up."""
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError as error:
        raise _refusal("网址写得不对，请写成 https://… 。") from error
    host = parts.hostname or ""
    if parts.scheme not in PORTS or not host or parts.username is not None or parts.password is not None:
        raise _refusal("网址请写成 https://主机名/路径，不带用户名和密码。")
    if not all(32 < ord(sign) < 127 for sign in url.strip()):  # noqa: PLR2004 - printable ASCII
        raise _refusal("网址只能有英文字母、数字和符号。")
    port = port or PORTS[parts.scheme]
    found = _looked_up(host, port)
    for one in found:
        _look_at(one, parts.scheme)
    path = parts.path or "/"
    return Target(parts.scheme, host, port, f"{path}?{parts.query}" if parts.query else path, found[0])


def _looked_up(host: str, port: int) -> list[str]:
    try:
        rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise _refusal(f"找不到主机“{host}”，请核对网址。") from error
    return list(dict.fromkeys(str(row[4][0]).split("%")[0] for row in rows))


def _look_at(text: str, scheme: str) -> None:
    address = ip_address(text)
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    networks: list[Network] = settings.WEBHOOK_NETWORKS
    if any(address.version == one.version and address in one for one in networks):
        return
    inside = any(address.version == one.version and address in one for one in TRANSLATED)
    if inside or not address.is_global or address.is_multicast:
        raise _refusal(
            "这个网址指向本机或者内部网络，不能推送。内网部署请运维人员在 GONGZHI_WEBHOOK_NETWORKS 里写明网段。"
        )
    if scheme != "https":
        raise _refusal("推送到外部网络的网址要用 https。")


class _Plain(http.client.HTTPConnection):
    def __init__(self, target: Target) -> None:
        super().__init__(target.host, target.port, timeout=SECONDS)
        self._target = target

    def connect(self) -> None:
        self.sock = socket.create_connection((self._target.address, self._target.port), SECONDS)


class _Secured(_Plain):
    def connect(self) -> None:
        super().connect()
        context = ssl.create_default_context()
        self.sock = context.wrap_socket(self.sock, server_hostname=self._target.host)


def post_to(target: Target, body: bytes, headers: dict[str, str]) -> int:
    """The status of the answer; redirects are not followed. Raises OSError or HTTPException when there is none."""
    connection: Any = (_Secured if target.scheme == "https" else _Plain)(target)
    try:
        connection.request("POST", target.path, body=body, headers=headers)
        answer = connection.getresponse()
        answer.read(MOST_READ)
        return int(answer.status)
    finally:
        connection.close()
