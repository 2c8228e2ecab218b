"""Typed readers of environment variables. A bad value stops the start with a sentence that says what to put there."""

import os
import re
from collections.abc import Mapping
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from urllib.parse import urlsplit

TRUE_WORDS = frozenset({"1", "true", "yes", "on"})
FALSE_WORDS = frozenset({"0", "false", "no", "off"})
TOKEN_LENGTH = 32
HOST_PATH = re.compile(r"[a-z0-9.-]{1,80}(/[a-z0-9.-]{1,40})?")


class BadSetting(SystemExit):
    """Ends the process: the message goes to stderr and the exit code is 1."""

    def __init__(self, name: str, value: str, wanted: str) -> None:
        super().__init__(f"环境变量 {name} 的值 {value!r} 不能用：{wanted}")


def _raw(name: str, environ: Mapping[str, str] | None) -> str:
    return (os.environ if environ is None else environ).get(name, "").strip()


def text(name: str, *, default: str = "", environ: Mapping[str, str] | None = None) -> str:
    return _raw(name, environ) or default


def flag(name: str, *, default: bool = False, environ: Mapping[str, str] | None = None) -> bool:
    value = _raw(name, environ)
    if not value:
        return default
    if value.lower() in TRUE_WORDS:
        return True
    if value.lower() in FALSE_WORDS:
        return False
    raise BadSetting(name, value, "请写 1 或 0。")


def whole(name: str, *, default: int, least: int, most: int, environ: Mapping[str, str] | None = None) -> int:
    value = _raw(name, environ)
    if not value:
        return default
    if value.isascii() and value.isdigit() and least <= int(value) <= most:
        return int(value)
    raise BadSetting(name, value, f"请写 {least} 到 {most} 之间的整数。")


def words(name: str, *, default: tuple[str, ...] = (), environ: Mapping[str, str] | None = None) -> list[str]:
    """A list divided by commas."""
    value = _raw(name, environ)
    return [part.strip() for part in value.split(",") if part.strip()] if value else list(default)


def pairs(name: str, *, environ: Mapping[str, str] | None = None) -> dict[str, str]:
    """`fee_bill=SMS_1,fee_demand=SMS_2`."""
    found = {}
    for text in words(name, environ=environ):
        key, sign, value = text.partition("=")
        if not (sign and key.strip() and value.strip()):
            raise BadSetting(name, text, "请写成 名称=值，用逗号分开，例如 fee_bill=SMS_123456789。")
        found[key.strip()] = value.strip()
    return found


def folder(name: str, *, default: Path, environ: Mapping[str, str] | None = None) -> Path:
    value = _raw(name, environ)
    if not value:
        return default
    path = Path(value)
    if not path.is_absolute():
        raise BadSetting(name, value, "请写绝对路径，例如 /srv/gongzhi。")
    return path


def file(name: str, *, environ: Mapping[str, str] | None = None) -> Path | None:
    """A file that is there, or None when nothing is given."""
    value = _raw(name, environ)
    if not value:
        return None
    if not Path(value).is_absolute() or not Path(value).is_file():
        raise BadSetting(name, value, "请写一个已有文件的绝对路径。")
    return Path(value)


def address(name: str, *, environ: Mapping[str, str] | None = None) -> str:
    """A whole address such as https://tsa.example.cn/tsr, or nothing."""
    value = _raw(name, environ)
    parts = urlsplit(value)
    if value and (parts.scheme not in ("http", "https") or not parts.netloc):
        raise BadSetting(name, value, "请写完整的网址，例如 https://tsa.example.cn/tsr。")
    return value


def host_path(name: str, *, default: str, environ: Mapping[str, str] | None = None) -> str:
    """A name such as wuye.example.gov.cn or example.gov.cn/wuye: what tells this installation from all others."""
    value = _raw(name, environ) or default
    if not HOST_PATH.fullmatch(value):
        raise BadSetting(name, value, "请写本单位的域名，例如 wuye.example.gov.cn。")
    return value


def origins(name: str, *, environ: Mapping[str, str] | None = None) -> list[str]:
    """Addresses such as https://wuye.example.gov.cn, divided by commas."""
    found = words(name, environ=environ)
    for origin in found:
        parts = urlsplit(origin)
        if parts.scheme not in ("http", "https") or not parts.netloc or parts.path not in ("", "/"):
            raise BadSetting(name, origin, "请写完整的网址，例如 https://wuye.example.gov.cn。")
    return [origin.rstrip("/") for origin in found]


def networks(name: str, *, environ: Mapping[str, str] | None = None) -> list[IPv4Network | IPv6Network]:
    """Networks such as 10.20.0.0/16, divided by commas."""
    found = []
    for text in words(name, environ=environ):
        try:
            found.append(ip_network(text))
        except ValueError as error:
            raise BadSetting(name, text, "请写网段，例如 10.20.0.0/16。") from error
    return found
