"""Files: what is taken, how it is kept, and how it is handed out."""

import os
import zipfile
from dataclasses import dataclass
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

import puremagic
from django.conf import settings
from django.db import transaction

from gongzhi.core import crypto
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.core.models import StoredFile
from gongzhi.core.prepared import execute, insert
from gongzhi.core.recording import record
from gongzhi.core.refs import Ref, may_read

MEGABYTE = 1024 * 1024
LONGEST_NAME = 120
# Owner of a file that a program sent ahead and has not yet put into anything.
UPLOAD = "upload"
UPLOADS_KEPT = timedelta(hours=24)
SWEPT_AT_ONCE = 500
MOST_UNPACKED = 200 * MEGABYTE
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, slots=True)
class FileType:
    content_type: str
    sniffed: frozenset[str]
    inline: bool = False


# Extension -> how it is served, and which extensions its content may be recognised as.
TYPES: dict[str, FileType] = {
    ".jpg": FileType("image/jpeg", frozenset({".jpg", ".jpeg", ".jfif", ".jpe"}), inline=True),
    ".jpeg": FileType("image/jpeg", frozenset({".jpg", ".jpeg", ".jfif", ".jpe"}), inline=True),
    ".png": FileType("image/png", frozenset({".png"}), inline=True),
    ".webp": FileType("image/webp", frozenset({".webp"}), inline=True),
    ".gif": FileType("image/gif", frozenset({".gif"}), inline=True),
    ".pdf": FileType("application/pdf", frozenset({".pdf"}), inline=True),
    ".docx": FileType(DOCX, frozenset({".docx"})),
    ".xlsx": FileType(XLSX, frozenset({".xlsx"})),
    ".txt": FileType("text/plain; charset=utf-8", frozenset({".txt"})),
}
OFFICE_PARTS = {".docx": "word/document.xml", ".xlsx": "xl/workbook.xml"}
ALLOWED_WORDS = "图片（JPG、PNG、WebP、GIF）、PDF、Word（docx）、Excel（xlsx）和纯文本（txt）"


def store_file(uploaded: Any, *, owner: Ref, actor: Actor, now: datetime) -> StoredFile:
    """Takes an upload (anything with `name` and `read`). Refuses a wrong type or size, and a disguise."""
    name = _clean_name(str(getattr(uploaded, "name", "") or ""))
    most = settings.UPLOAD_MAX_BYTES
    if (getattr(uploaded, "size", 0) or 0) > most:
        raise _too_large(name, most)
    content = uploaded.read(most + 1)
    if len(content) > most:
        raise _too_large(name, most)
    type_ = _type_of(name, content)
    return keep(content, name=name, content_type=type_.content_type, owner=owner, actor=actor, now=now)


def keep(content: bytes, *, name: str, content_type: str, owner: Ref, actor: Actor, now: datetime) -> StoredFile:
    """Keeps bytes that the platform made or has checked already."""
    digest = crypto.sha256(content)
    path = f"{digest[:2]}/{digest}"
    with transaction.atomic(savepoint=False):
        _hold(digest)
        _write(Path(settings.MEDIA_ROOT) / path, content)
        stored = StoredFile(
            sha256=digest,
            name=name,
            content_type=content_type,
            size=len(content),
            path=path,
            owner_kind=owner.kind,
            owner_id=owner.id,
            place_path=owner.place_path,
            uploaded_by=actor.user,
            uploaded_label=actor.label,
            uploaded_at=now,
            demo=actor.demo,
        )
        insert([stored])
        record(
            "file.stored",
            subject=Ref("file", str(stored.pk), "", owner.place_path),
            actor=actor,
            at=now,
            place_path=owner.place_path,
            data={
                "content_type": content_type,
                "size": stored.size,
                "sha256": digest,
                "owner": owner.key,
            },
        )
    return stored


def _hold(digest: str) -> None:
    """Until the transaction ends nobody else keeps or sweeps the same bytes."""
    execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"file:{digest}"])


def sweep_uploads(*, now: datetime, limit: int = SWEPT_AT_ONCE) -> int:
    """Forgets what programs uploaded and did not use within `UPLOADS_KEPT`: the rows, and bytes that nobody else has.

    A used upload lives on under the row that it became part of. Returns how many; call it again until it is none.
    """
    with transaction.atomic():
        rows = list(
            StoredFile.objects.select_for_update(skip_locked=True)
            .filter(owner_kind=UPLOAD, uploaded_at__lt=now - UPLOADS_KEPT)
            .order_by("sha256", "pk")[:limit]
        )
        if not rows:
            return 0
        for digest in sorted({one.sha256 for one in rows}):
            _hold(digest)
        record(
            "file.uploads_swept",
            subject=Ref("file", str(rows[0].pk)),
            actor=Actor.system(),
            at=now,
            data={"files": len(rows), "bytes": sum(one.size for one in rows)},
            place_path="",
        )
        StoredFile.objects.filter(pk__in=[one.pk for one in rows]).delete()
        for path in sorted({one.path for one in rows}):
            if not StoredFile.objects.filter(path=path).exists():
                (Path(settings.MEDIA_ROOT) / path).unlink(missing_ok=True)
    return len(rows)


def _write(target: Path, content: bytes) -> None:
    """Whole or not at all. The name is the content's hash: who finds the file there has nothing to do."""
    if target.exists():
        return
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = target.with_name(f"{target.name}.{os.getpid()}.{id(content):x}.part")
    with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    part.replace(target)


def _clean_name(name: str) -> str:
    """The last part without control characters; it is shown and sent back, never used as a path."""
    base = name.replace("\\", "/").rsplit("/", 1)[-1]
    base = "".join(sign for sign in base if sign.isprintable()).strip(". ")
    stem, dot, extension = base.rpartition(".")
    if not dot or not stem:
        return base[:LONGEST_NAME]
    return f"{stem[: LONGEST_NAME - len(extension) - 1]}.{extension}"


def _too_large(name: str, most: int) -> Refused:
    return Refused(
        "file_too_large",
        f"文件“{name}”超过 {most // MEGABYTE} MB，请压缩或分成几个文件后再传。",
        fields={"files": f"每个文件不超过 {most // MEGABYTE} MB"},
    )


def _wrong(name: str, why: str) -> Refused:
    return Refused("file_type", f"文件“{name}”不能上传：{why}", fields={"files": f"请上传{ALLOWED_WORDS}。"})


def _type_of(name: str, content: bytes) -> FileType:
    extension = Path(name).suffix.lower()
    type_ = TYPES.get(extension)
    if type_ is None:
        raise _wrong(name, f"只收{ALLOWED_WORDS}。")
    if not content:
        raise _wrong(name, "文件是空的，请重新选择。")
    if extension == ".txt":
        fits = _is_text(content)
    elif extension in OFFICE_PARTS:
        fits = _is_office(content, OFFICE_PARTS[extension])
    else:
        fits = bool(_sniffed(content) & type_.sniffed)
    if not fits:
        raise _wrong(name, f"内容不是 {extension[1:]} 格式，可能改过扩展名或已损坏。")
    return type_


def _sniffed(content: bytes) -> frozenset[str]:
    try:
        found = puremagic.magic_string(content)
    except (puremagic.PureError, ValueError):
        return frozenset()
    best = found[0].confidence if found else 0
    return frozenset(one.extension.lower() for one in found if one.confidence == best)


def _is_text(content: bytes) -> bool:
    if b"\0" in content:
        return False
    for encoding in ("utf-8", "gb18030"):
        try:
            content.decode(encoding)
            return True
        except UnicodeDecodeError:
            continue
    return False


def _is_office(content: bytes, part: str) -> bool:
    """A package of the named kind, without macros and not a bomb."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as package:
            names = set(package.namelist())
            unpacked = sum(one.file_size for one in package.infolist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return False
    macros = any(name.lower().endswith("vbaproject.bin") for name in names)
    return {"[Content_Types].xml", part} <= names and not macros and unpacked <= MOST_UNPACKED


def open_file(file: StoredFile) -> BinaryIO:
    """Raises FileNotFoundError when the bytes are gone."""
    return open(Path(settings.MEDIA_ROOT) / file.path, "rb")


def may_download(actor: Actor, file: StoredFile) -> bool:
    """Whoever may read the row it belongs to now; having uploaded it once is no right."""
    return actor.is_system or may_read(actor, Ref(file.owner_kind, file.owner_id))


def shown_inline(file: StoredFile) -> bool:
    return any(one.inline and one.content_type == file.content_type for one in TYPES.values())


def files_of(owner: Ref) -> list[StoredFile]:
    return list(StoredFile.objects.filter(owner_kind=owner.kind, owner_id=owner.id).order_by("pk"))
