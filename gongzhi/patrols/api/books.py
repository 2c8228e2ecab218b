"""Registers for programs: the books of the place's document, their lines and rates, every form as its page has it."""

from datetime import date
from typing import Any

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from gongzhi.core import services as core
from gongzhi.core.apikit.asking import Asked, FormDone, FormOut, done_by, form_of, told
from gongzhi.core.apikit.calls import call_of, changes, creates, matched, reads, tagged
from gongzhi.core.apikit.filling import Filled
from gongzhi.core.apikit.paging import Page, Paging, keys, page_of
from gongzhi.core.apikit.shapes import RowId
from gongzhi.patrols import filling, services
from gongzhi.patrols.models import RegisterEntry
from gongzhi.patrols.queries import books
from gongzhi.patrols.rights import ABOVE
from gongzhi.policy.registers import Register

router = Router(tags=["登记簿"])
MOST_ID = 2**63 - 1


class RegisterBookRow(Schema):
    code: str = Field(description="登记簿代码")
    title: str = Field(description="名称")
    about: str = Field(description="关于什么：estate 小区、place 地方、company 企业")
    fields: dict[str, str] = Field(description="字段代码和名称")
    stages: dict[str, str] = Field(description="环节代码和名称")
    clauses: list[str] = Field(description="依据条款")


class RegisterFigure(Schema):
    title: str = Field(description="名称")
    shown: str = Field(description="比率")
    above: str = Field(description="分子")
    below: str = Field(description="分母")


class RegisterBook(RegisterBookRow):
    figures: list[RegisterFigure] = Field(description="比率")
    lacking: list[str] = Field(description="还没有登记的")


class RegisterEntryRow(Schema):
    id: int = Field(description="登记编号（内部）")
    number: str = Field(description="编号")
    register_code: str = Field(description="登记簿代码")
    title: str = Field(description="名称")
    estate: int | None = Field(description="小区编号")
    stage: str = Field(description="环节代码；不分环节的为空")
    period: str = Field(description="期间；不分期的为空")
    due_on: date | None = Field(description="期限")
    values: dict[str, Any] = Field(description="内容，按登记簿的字段；金额以分计")
    marks: list[str] = Field(description="提示")
    version: int = Field(description="版本，与 ETag 相同")


class RegisterEntryOut(RegisterEntryRow):
    computed: dict[str, str] = Field(description="算出来的")
    next_stages: list[str] = Field(description="现在能办到哪些环节")


class RegisterEntryAbout(Schema):
    estate: int | None = Field(None, ge=1, le=MOST_ID, description="小区编号；关于小区的登记簿要给")


def _register(one: Register) -> dict[str, Any]:
    return {
        "code": one.code,
        "title": one.title,
        "about": one.about,
        "fields": {name: field.title for name, field in one.fields.items()},
        "stages": {name: stage.title for name, stage in one.stages.items()},
        "clauses": list(one.clauses),
    }


@reads(router, "/registers", scope="patrols:read", response=list[RegisterBookRow], summary="登记簿")
def list_registers(request: HttpRequest) -> list[dict[str, Any]]:
    call = call_of(request)
    return [_register(one) for one in books.books_for(call.actor, core.local_day(call.now))]


@reads(router, "/registers/{name}", scope="patrols:read", response=RegisterBook, summary="一本登记簿和它的比率")
def read_register(request: HttpRequest, name: str) -> dict[str, Any]:
    call = call_of(request)
    register = filling.register_for(Asked(request), name)
    reader = books.Reader(register, call.actor.place_path, core.local_day(call.now))
    rows = list(books.entries_for(call.actor, register))
    lacking = books.subjects_without(register, call.actor.place_path) if call.actor.role in ABOVE else []
    return {
        **_register(register),
        "figures": [
            {"title": one.title, "shown": one.shown, "above": one.above, "below": one.below}
            for one in reader.figures(rows)
        ],
        "lacking": [one.name for one in lacking],
    }


@reads(
    router, "/registers/{name}/entries", scope="patrols:read", response=Page[RegisterEntryRow], summary="登记簿的登记"
)
def list_entries(request: HttpRequest, name: str, given: Query[Paging]) -> dict[str, Any]:
    call = call_of(request)
    register = filling.register_for(Asked(request), name)
    reader = books.Reader(register, call.actor.place_path, core.local_day(call.now))
    rows = books.entries_for(call.actor, register)
    return page_of(rows, lambda row: _entry(row, reader), by=keys("-id"), given=given, of=f"register:{name}")


def _entry(row: RegisterEntry, reader: books.Reader) -> dict[str, Any]:
    plain = ("number", "title", "stage", "period", "due_on", "values", "version")
    return {
        **{name: getattr(row, name) for name in plain},
        "id": row.pk,
        "register_code": row.register,
        "estate": row.estate_id,
        "marks": [words for words, _, _ in reader.read(row).marks],
    }


@reads(router, "/registers/{name}/entries/form", scope="patrols:read", response=FormOut, summary="登记要填什么")
def describe_entry(request: HttpRequest, name: str, given: Query[RegisterEntryAbout]) -> dict[str, Any]:
    return form_of(request, lambda asked: filling.enter_page(asked, name, given.estate))


@creates(router, "/registers/{name}/entries", scope="patrols:write", response=FormDone, summary="登记入册")
def enter(request: HttpRequest, name: str, about: Query[RegisterEntryAbout], given: Filled) -> dict[str, Any]:
    page, ref = done_by(request, lambda asked: filling.enter_page(asked, name, about.estate), given.fields)
    return told(page, ref)


@reads(router, "/register-entries/{pk}", scope="patrols:read", response=RegisterEntryOut, summary="一条登记")
def read_entry(request: HttpRequest, pk: RowId) -> dict[str, Any]:
    call = call_of(request)
    row, register = filling.entry_of(Asked(request), pk)
    tagged(request, row)
    reader = books.Reader(register, row.place_path, core.local_day(call.now))
    return {
        **_entry(row, reader),
        "computed": dict(reader.read(row).computed),
        "next_stages": [
            one.code
            for one in register.next_stages(row.stage)
            if services.may_stage(row, register, one, actor=call.actor)
        ],
    }


@changes(router, "/register-entries/{pk}", scope="patrols:write", response=FormDone, summary="修改登记")
def change_entry(request: HttpRequest, pk: RowId, given: Filled) -> dict[str, Any]:
    return _changed(request, pk, lambda asked: filling.change_page(asked, pk), given)


@changes(router, "/register-entries/{pk}/stages/{stage}", scope="patrols:write", response=FormDone,
         summary="办到一个环节")  # fmt: skip
def take_stage(request: HttpRequest, pk: RowId, stage: str, given: Filled) -> dict[str, Any]:
    return _changed(request, pk, lambda asked: filling.stage_page(asked, pk, stage), given)


@changes(router, "/register-entries/{pk}/end", scope="patrols:write", response=FormDone, summary="注销登记")
def end_entry(request: HttpRequest, pk: RowId, given: Filled) -> dict[str, Any]:
    return _changed(request, pk, lambda asked: filling.end_page(asked, pk), given)


def _changed(request: HttpRequest, pk: int, build: Any, given: Filled) -> dict[str, Any]:
    row, _ = filling.entry_of(Asked(request), pk)
    version = matched(request, row)
    page, ref = done_by(request, build, given.fields, version=version)
    row.refresh_from_db()
    tagged(request, row)
    return told(page, ref)
