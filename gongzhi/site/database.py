"""From a database address to Django's settings: the URL's role owns the tables, the application steps down from it."""

import hashlib
import os
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import quote

from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict

from gongzhi.site.env import BadSetting

APP_ROLE = "gongzhi_app"
OWNER_ROLE = "gongzhi_owner"
EMBEDDED_DATABASE = "gongzhi"
PREPARE_AFTER = 5
# A Unix socket's address holds 107 bytes; the name of the socket itself takes some of them.
LONGEST_SOCKET_FOLDER = 90


def django_settings(url: str) -> dict[str, Any]:
    """DATABASES["default"] for `url`, connecting as the application's role."""
    try:
        parts = {key: str(value) for key, value in conninfo_to_dict(url).items() if value is not None}
    except ProgrammingError:
        # libpq's own words repeat the address with its password.
        wanted = "不是 PostgreSQL 地址，请写成 postgresql://用户:口令@主机:5432/gongzhi。"
        raise BadSetting("DATABASE_URL", _without_password(url), wanted) from None
    if "dbname" not in parts:
        raise BadSetting(
            "DATABASE_URL", _without_password(url), "缺数据库名，例如 postgresql://用户:口令@主机:5432/gongzhi。"
        )
    role = f"-c role={APP_ROLE}"
    options: dict[str, Any] = {
        key: value for key, value in parts.items() if key not in ("dbname", "user", "password", "host", "port")
    }
    options["options"] = f"{options['options']} {role}" if "options" in options else role
    # Django turns prepared statements off; its own cursors have none, `core.prepared` has.
    options.setdefault("prepare_threshold", PREPARE_AFTER)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts["dbname"],
        "USER": parts.get("user", ""),
        "PASSWORD": parts.get("password", ""),
        "HOST": parts.get("host", ""),
        "PORT": parts.get("port", ""),
        "OPTIONS": options,
    }


def _without_password(url: str) -> str:
    head, at, tail = url.rpartition("@")
    return f"{head.split('://')[0]}://…@{tail}" if at else url


def owner_conninfo(settings: dict[str, Any]) -> dict[str, str]:
    """Parameters for psycopg to connect as the owner, from one entry of Django's DATABASES."""
    options = dict(settings.get("OPTIONS", {}))
    rest = options.pop("options", "").replace(f"-c role={APP_ROLE}", "").strip()
    found = {
        "dbname": settings["NAME"],
        "user": settings["USER"],
        "password": settings["PASSWORD"],
        "host": settings["HOST"],
        "port": str(settings["PORT"]),
        "options": rest,
        **{key: value for key, value in options.items() if isinstance(value, str)},
    }
    return {key: value for key, value in found.items() if value}


def socket_folder(base: Path) -> Path:
    """Where the embedded server of `base` listens: a folder of its own, elsewhere if the path is too long."""
    folder = base / "run"
    if len(os.fsencode(folder)) <= LONGEST_SOCKET_FOLDER:
        return folder
    mark = hashlib.sha256(os.fsencode(base)).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"gongzhi-{os.geteuid()}-{mark}"


def socket_url(folder: Path, *, role: str = OWNER_ROLE, name: str = EMBEDDED_DATABASE) -> str:
    return f"postgresql://{role}@/{name}?host={quote(str(folder), safe='')}"


def embedded_url(var: Path) -> str:
    """The address of the embedded database that belongs to `var`, whether it runs or not."""
    from gongzhi.site.embedded import home

    return socket_url(socket_folder(home(var)))
