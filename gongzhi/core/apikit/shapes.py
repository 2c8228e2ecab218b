"""Shapes that answers of many apps share."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from ninja import Schema
from pydantic import ConfigDict, Field

from gongzhi.core.models import Organisation, Place
from gongzhi.core.refs import Ref

# A row's number in the database.
RowId = Annotated[int, Field(ge=1, le=2**63 - 1, description="编号")]
Slug = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,60}$")]


class Body(Schema):
    """A body says nothing that is not known: a slip in a name is told instead of being passed over."""

    model_config = ConfigDict(extra="forbid")


class Unit(Schema):
    id: int = Field(description="单位编号")
    name: str = Field(description="单位名称")
    role: str = Field(description="单位的角色代码")


class PlaceOut(Schema):
    code: str = Field(description="地区代码（统计用区划代码，小区为平台代码）")
    name: str = Field(description="地区名称")
    level: str = Field(description="层级：province、city、county、street、community、estate")


class Subject(Schema):
    kind: str = Field(description="对象类别，例如 case、estate、duty")
    id: str = Field(description="对象编号")
    title: str = Field(description="对象名称")


class FileOut(Schema):
    id: int = Field(description="文件编号")
    name: str = Field(description="文件名")
    content_type: str = Field(description="类型")
    size: int = Field(description="字节数")
    sha256: str = Field(description="内容的 SHA-256 摘要")
    uploaded_at: datetime = Field(description="上传时间")


class Done(Schema):
    message: str = Field(description="办成了什么")


def unit_of(unit: Organisation | None) -> dict[str, Any] | None:
    return {"id": unit.pk, "name": unit.name, "role": unit.role} if unit is not None else None


def place_of(place: Place) -> dict[str, Any]:
    return {"code": place.code, "name": place.name, "level": place.level}


def subject_of(ref: Ref) -> dict[str, Any]:
    return {"kind": ref.kind, "id": ref.id, "title": ref.title}


def code(words: str, known: Mapping[str, Any], default: Any = "") -> Any:
    """A field that takes one of the known codes, or nothing where nothing is the default."""
    empty = "?" if default == "" else ""
    listed = "、".join(f"{one} {title if isinstance(title, str) else title[0]}" for one, title in known.items())
    pattern = f"^({'|'.join(re.escape(one) for one in known)}){empty}$"
    return Field(default, pattern=pattern, description=f"{words}：{listed}")
