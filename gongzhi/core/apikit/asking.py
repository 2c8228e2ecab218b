"""A form page done by a program: the page is built as for a browser, with what the program sent.

`build` makes the page for something that looks like a request; the page's own form, rights and command do the rest.
"""

from collections.abc import Callable, Mapping
from typing import Any

from django.http import HttpRequest, QueryDict
from django.utils.datastructures import MultiValueDict
from ninja import Schema
from pydantic import Field

from gongzhi.core.apikit.calls import call_of
from gongzhi.core.apikit.filling import FormField, described, filled
from gongzhi.core.pages import FormPage
from gongzhi.core.refs import Ref

Build = Callable[[Any], FormPage]


class Asked:
    """As much of a request as the builders of pages read."""

    def __init__(self, request: HttpRequest, data: QueryDict | None = None, files: Any = None) -> None:
        call = call_of(request)
        self.actor, self.now, self.user = call.actor, call.now, request.user
        self.method = "GET" if data is None else "POST"
        self.GET = QueryDict()
        self.POST = data if data is not None else QueryDict()
        self.FILES: Any = files if files is not None else MultiValueDict()
        self.build_absolute_uri = request.build_absolute_uri


class FormOut(Schema):
    title: str = Field(description="名称")
    hint: str = Field(description="说明")
    clauses: list[str] = Field(description="依据条款")
    fields: list[FormField] = Field(description="要填什么")


class FormDone(Schema):
    message: str = Field(description="办成了什么")
    kind: str = Field(description="办成以后是哪一个对象：类别")
    id: str = Field(description="对象编号")
    title: str = Field(description="对象名称")


def form_of(request: HttpRequest, build: Build) -> dict[str, Any]:
    page = build(Asked(request))
    return {"title": page.title, "hint": page.hint, "clauses": list(page.clauses), "fields": described(page.form)}


def done_by(
    request: HttpRequest, build: Build, given: Mapping[str, Any], *, version: int | None = None
) -> tuple[FormPage, Ref]:
    """Refuses (`invalid`) what the form does not take, and whatever the command refuses."""
    pages: list[FormPage] = []

    def make(data: Any = None, files: Any = None) -> Any:
        pages.append(build(Asked(request, data, files)))
        return pages[-1].form

    form = filled(make, given, owner=call_of(request).actor, version=version)
    return pages[-1], pages[-1].run(form.cleaned_data)


def told(page: FormPage, ref: Ref) -> dict[str, Any]:
    return {"message": page.done, "kind": ref.kind, "id": ref.id, "title": ref.title}
