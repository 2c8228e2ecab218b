"""A form page done by a program: the page is built as for a browser, with what the program sent.

`build` makes the page for something that looks like a request; the page's own form, rights and command do the rest.
"""

import inspect
from collections.abc import Callable, Mapping
from typing import Any
from uuid import uuid4

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.utils.datastructures import MultiValueDict
from ninja import Schema
from pydantic import Field

from gongzhi.core.apikit.calls import call_of
from gongzhi.core.apikit.filling import FormField, described, filled
from gongzhi.core.pages import FormPage
from gongzhi.core.refs import Ref

Build = Callable[[Any], FormPage]


class Said:
    """What a page tells beside its result, as `django.contrib.messages` puts it."""

    def __init__(self) -> None:
        self.sentences: list[str] = []

    def add(self, level: int, message: str, extra_tags: str = "") -> None:
        self.sentences.append(str(message))


class Asked(HttpRequest):
    """As much of a request as the builders of pages read."""

    def __init__(self, request: HttpRequest, data: QueryDict | None = None, files: Any = None) -> None:
        super().__init__()
        call = call_of(request)
        self._messages = Said()
        self.actor, self.now, self.user = call.actor, call.now, request.user
        self.method = "GET" if data is None else "POST"
        self.GET = QueryDict()
        posted = data.copy() if data is not None else QueryDict(mutable=True)
        # What a browser's form says once; a second call under the same key never comes this far.
        posted["form_key"] = f"api-{call.reply.pk}" if call.reply is not None else uuid4().hex
        self.POST = posted  # type: ignore[assignment]
        self.FILES: Any = files if files is not None else MultiValueDict()
        self.META = request.META


def page_behind(view: Callable[..., Any], asked: Any, **given: Any) -> FormPage:
    """The form page that a view answers with. 404 where it has none to show now."""
    pages: list[FormPage] = []

    def take(page: FormPage) -> HttpResponse:
        pages.append(page)
        return HttpResponse()

    asked.take_page = take
    inspect.unwrap(view)(asked, **given)
    if not pages:
        raise Http404
    pages[-1].said = asked._messages.sentences
    return pages[-1]


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
    return {"message": page.done + "".join(page.said), "kind": ref.kind, "id": ref.id, "title": ref.title}
