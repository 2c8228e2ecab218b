"""A page's form as JSON: what it asks, and filling it in. The rules of a form are written once, in the form."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.forms.models import ModelChoiceField, ModelChoiceIterator
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
from ninja import Schema
from pydantic import Field

from gongzhi.core import files
from gongzhi.core.actors import Actor
from gongzhi.core.days import ZONE
from gongzhi.core.errors import Refused
from gongzhi.core.files import UPLOAD
from gongzhi.core.models import StoredFile

VERSION = "version"
TYPES: tuple[tuple[type[forms.Field], str], ...] = (
    (forms.FileField, "file"),
    (forms.ModelMultipleChoiceField, "choice"),
    (forms.ModelChoiceField, "choice"),
    (forms.MultipleChoiceField, "choice"),
    (forms.ChoiceField, "choice"),
    (forms.BooleanField, "bool"),
    (forms.DateTimeField, "datetime"),
    (forms.DateField, "date"),
    (forms.DecimalField, "decimal"),
    (forms.IntegerField, "int"),
)


class Choice(Schema):
    value: str = Field(description="要传的值")
    title: str = Field(description="中文名称")


class FormField(Schema):
    name: str = Field(description="字段名")
    title: str = Field(description="中文名称")
    type: str = Field(description="text、int、decimal、bool、date、datetime、choice 或 file")
    required: bool = Field(description="是否必填")
    many: bool = Field(description="是否可以给多个")
    help: str = Field(description="填写说明")
    choices: list[Choice] = Field(description="只能从中选的值；不是选项的为空")
    initial: Any = Field(description="不填时页面上预先写着的值")


class Filled(Schema):
    """What every act takes."""

    fields: dict[str, Any] = Field(
        default_factory=dict,
        description="按该办法的表单填写；文件一栏写先上传得到的文件编号（列表）",
    )


def described(form: forms.BaseForm) -> list[dict[str, Any]]:
    """What the form asks, without what only a page needs."""
    return [_described(form, name, field) for name, field in form.fields.items() if name != VERSION]


def _described(form: forms.BaseForm, name: str, field: forms.Field) -> dict[str, Any]:
    return {
        "name": name,
        "title": str(field.label or name),
        "type": next((words for kind, words in TYPES if isinstance(field, kind)), "text"),
        "required": field.required,
        "many": _many(field),
        "help": str(field.help_text or ""),
        "choices": [{"value": value, "title": title} for value, title in _choices(field)],
        "initial": _initial(form, name, field),
    }


def _initial(form: forms.BaseForm, name: str, field: forms.Field) -> Any:
    return _plain(form.get_initial_for_field(field, name))


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.replace(tzinfo=ZONE).isoformat() if value.tzinfo is None else value.isoformat()
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, list | tuple | set):
        return [_plain(one) for one in value]
    return str(getattr(value, "pk", value))


def _many(field: forms.Field) -> bool:
    if isinstance(field, forms.FileField):
        return bool(getattr(field.widget, "allow_multiple_selected", False))
    return isinstance(field, forms.MultipleChoiceField | forms.ModelMultipleChoiceField)


def _choices(field: forms.Field) -> list[tuple[str, str]]:
    if not isinstance(field, forms.ChoiceField | ModelChoiceField):
        return []
    listed: Any = field.choices
    if isinstance(listed, ModelChoiceIterator) and isinstance(field.widget.choices, list):
        listed = field.widget.choices
    found: list[tuple[str, str]] = []
    for value, title in listed:
        within = title if isinstance(title, list | tuple) else [(value, title)]
        found += [(str(one), str(words)) for one, words in within if str(one) != ""]
    return found


def filled(
    form: type[forms.BaseForm] | Any, given: Mapping[str, Any], *, owner: Actor, version: int | None = None, **more: Any
) -> Any:
    """The valid form. Refuses (`invalid`) with a sentence for each field that is wrong, and for one nobody asks for."""
    empty = form(**more)
    unknown = {name: "没有这一项" for name in given if name not in empty.fields or name == VERSION}
    if unknown:
        raise Refused("invalid", "有的项目这里不收。", fields=unknown)
    data, uploads = QueryDict(mutable=True), MultiValueDict[str, Any]()
    for name, field in empty.fields.items():
        if name == VERSION:
            data[VERSION] = "" if version is None else str(version)
        elif isinstance(field, forms.FileField):
            uploads.setlist(name, uploaded(given.get(name), name=name, actor=owner))
        elif name in given:
            data.setlist(name, _texts(name, field, given[name]))
        elif not isinstance(field, forms.BooleanField) and (first := _initial(empty, name, field)) not in (None, ""):
            data.setlist(name, _texts(name, field, first))
    sent = form(data, uploads, **more)
    if not sent.is_valid():
        errors = {name: str(lines[0]) for name, lines in sent.errors.items()}
        message = errors.pop("__all__", "") or "有的内容不合要求，请看逐项的说明。"
        raise Refused("invalid", message, fields=errors)
    return sent


def _texts(name: str, field: forms.Field, value: Any) -> list[str]:
    """A JSON value as a browser would send it."""
    values = value if isinstance(value, list) else [value]
    if any(isinstance(one, dict | list) for one in values):
        raise Refused("invalid", "有的内容不合要求，请看逐项的说明。", fields={name: "格式不对"})
    if isinstance(field, forms.BooleanField):
        return ["on"] if values[:1] in ([True], ["true"], ["on"], ["yes"]) else []
    return [_text(field, one) for one in values if one is not None]


def _text(field: forms.Field, value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = str(value).replace("\0", "")
    if isinstance(field, forms.DateTimeField):
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            return text
        if moment.tzinfo is not None:
            moment = moment.astimezone(ZONE).replace(tzinfo=None)
        return moment.replace(microsecond=0).isoformat()
    return text


def uploaded(given: Any, *, name: str, actor: Actor) -> list[UploadedFile]:
    """The files sent before, by their numbers: of this program's own person, and not yet part of anything."""
    numbers = given if isinstance(given, list) else [] if given is None else [given]
    if not all(isinstance(one, int) and not isinstance(one, bool) and 0 < one < 2**63 for one in numbers):
        raise Refused("invalid", "文件要先上传，这里写上传得到的编号。", fields={name: "请写文件编号"})
    rows = {
        row.pk: row
        for row in StoredFile.objects.filter(pk__in=numbers, owner_kind=UPLOAD, uploaded_by=actor.user)
        if actor.user is not None
    }
    if set(numbers) - set(rows):
        raise Refused("no_upload", "有的文件编号不是您上传的，或者已经用过。", fields={name: "没有这个文件"})
    return [
        UploadedFile(files.open_file(rows[one]), rows[one].name, rows[one].content_type, rows[one].size)
        for one in numbers
    ]
