"""The components of every page: citations, due dates, answers, fields. Values may be models or stored JSON."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from html import escape
from secrets import token_urlsafe
from typing import Any

from django import template
from django.core.paginator import Page
from django.forms import BaseForm, BoundField
from django.forms.widgets import (
    CheckboxInput,
    CheckboxSelectMultiple,
    FileInput,
    RadioSelect,
    Select,
)
from django.template import Context
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from gongzhi.core import display, money, packs
from gongzhi.policy.periods import last_minute

register = template.Library()

register.filter("cn_date", display.cn_date)
register.filter("cn_day", display.cn_day)
register.filter("cn_moment", display.cn_moment)
register.filter("iso", display.iso)
register.filter("last_minute", last_minute)
register.filter("yuan", display.yuan)
register.filter("amount", money.yuan)
register.filter("area", display.area)

BIG = "big"  # large targets, for who stands outside
SIZES = {"s": "gz-w-s", "m": "gz-w-m", "l": "gz-w-l", "": ""}


def value_of(thing: Any, name: str, default: Any = None) -> Any:
    """A field of a model, a dataclass or a mapping."""
    if isinstance(thing, Mapping):
        return thing.get(name, default)
    return getattr(thing, name, default)


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    if label:
        return format_html('<svg class="gz-ico" role="img" aria-label="{}"><use href="#{}"/></svg>', label, name)
    return format_html('<svg class="gz-ico" aria-hidden="true"><use href="#{}"/></svg>', name)


@register.simple_tag
def cite(clause_ids: Any) -> SafeString:
    """Links to the clauses: 依据 五(三). Unknown ids are shown as they are, without a link.

    Clauses that stand in the same place of a document are shown once: they rest on the same passage.
    """
    found = [display.clause_reference(clause_id) for clause_id in display.ids_of(clause_ids)]
    by_place = {(reference.pack, reference.where): reference for reference in reversed(found)}
    shown = [reference for reference in found if by_place[reference.pack, reference.where] is reference]
    return format_html_join("　", "{}", ((_cite_one(reference),) for reference in shown))


def _cite_one(reference: display.ClauseReference) -> SafeString:
    if not reference.url:
        return format_html('<span class="gz-cite">依据 {}</span>', reference.where)
    return format_html('<a class="gz-cite" href="{}">依据 {}</a>', reference.url, reference.where)


@register.simple_tag
def due(duty: Any, now: datetime) -> SafeString:
    """已超3日 3月29日: of a duty or of a plain due moment."""
    shown = display.due_words(duty, now)
    if not shown.day:
        return format_html('<span class="gz-due {}">{}</span>', shown.css, shown.words)
    return format_html(
        '<span class="gz-due {}">{}</span> <span class="gz-date">{}</span>', shown.css, shown.words, shown.day
    )


@register.filter
def due_css(duty: Any, now: datetime) -> str:
    return display.due_words(duty, now).css


@register.simple_tag(takes_context=True)
def role_title(context: Context, code: str) -> str:
    return display.role_name(code, context.get("pack"))


@register.filter
def role_name(code: Any, pack: Any = None) -> str:
    return display.role_name(code, pack)


@register.filter
def matter_name(code: Any, pack: Any = None) -> str:
    return display.matter_name(code, pack)


@register.filter
def strength(clause: Any) -> SafeString:
    words, css = display.strength_words(value_of(clause, "strength", ""))
    return format_html('<span class="gz-tag {}">{}</span>', css, words) if words else SafeString("")


def _document(slug: str) -> str:
    """The document's own name for that of its pack; what is not loaded any more keeps the latter."""
    pack = packs.loaded()[0].get(slug) if slug else None
    return pack.document.document if pack is not None else slug


@register.inclusion_tag("core/_answer_box.html")
def answer_box(answer: Any, summary: str = "一步一步怎样得出", opened: bool = False) -> dict[str, Any]:
    clauses = [display.clause_reference(clause_id) for clause_id in display.ids_of(value_of(answer, "clauses", ()))]
    return {
        "clauses": clauses,
        "steps": list(value_of(answer, "steps", ()) or ()),
        "defaults": list(value_of(answer, "defaults", ()) or ()),
        "pack": _document(display.text_of(value_of(answer, "pack", ""))),
        "hash": display.short_hash(value_of(answer, "hash", "")),
        "on": value_of(answer, "on"),
        "summary": summary,
        "opened": opened,
    }


@register.inclusion_tag("core/_errors.html")
def errors(form: BaseForm) -> dict[str, Any]:
    """The summary at the top of a form, and the refusal that the form carries, if any (core.forms.RefusalForm)."""
    refused = getattr(form, "refused", None)
    rows = _error_rows(form)
    if refused is None:
        return {"rows": rows, "refusal": None}
    said = refused.message in refused.fields.values()
    refusal = None if said and not refused.clauses else {"message": refused.message, "clause": refused.clauses}
    return {"rows": [row for row in rows if row.target or row.message != refused.message], "refusal": refusal}


@dataclass(frozen=True, slots=True)
class ErrorRow:
    target: str
    message: str


def _error_rows(form: BaseForm) -> list[ErrorRow]:
    rows: list[ErrorRow] = []
    for name, messages in form.errors.items():
        target = form[name].id_for_label or form[name].auto_id if name in form.fields else ""
        if name in form.fields and isinstance(form.fields[name].widget, RadioSelect | CheckboxSelectMultiple):
            target = f"{form[name].auto_id}_0"
        rows.extend(ErrorRow(target=str(target), message=str(message)) for message in messages)
    return rows


@register.inclusion_tag("core/_field.html")
def field(bound: BoundField, size: str = "l", unit: str = "", clauses: Any = "") -> dict[str, Any]:
    widget = bound.field.widget
    kind = _kind(widget)
    identifier = bound.auto_id
    described = [f"{identifier}-h"] if bound.help_text else []
    attrs: dict[str, Any] = {"class": _css(kind, size)}
    if bound.errors:
        described.append(f"{identifier}-e")
        attrs["aria-invalid"] = "true"
    if described:
        attrs["aria-describedby"] = " ".join(described)
    return {
        "bound": bound,
        "kind": kind,
        "id": identifier,
        "widget": "" if kind == "group" else bound.as_widget(attrs=attrs),
        "options": _options(bound) if kind == "group" else (),
        "described": " ".join(described),
        "unit": unit,
        "clauses": clauses,
        "big": size == BIG,
        "optional": not bound.field.required and getattr(bound.field, "says_optional", kind not in ("check", "hidden")),
    }


def _kind(widget: Any) -> str:
    if widget.is_hidden:
        return "hidden"
    if isinstance(widget, RadioSelect | CheckboxSelectMultiple):
        return "group"
    if isinstance(widget, CheckboxInput):
        return "check"
    if isinstance(widget, Select):
        return "select"
    if isinstance(widget, FileInput):
        return "file"
    return "text"


def _css(kind: str, size: str) -> str:
    base = {"check": "form-check-input", "select": "form-select"}.get(kind, "form-control")
    return f"{base} {SIZES.get(size, '')}".strip() if kind != "check" else base


def _options(bound: BoundField) -> list[dict[str, Any]]:
    shown = []
    for option in bound.subwidgets:
        data = option.data
        shown.append(
            {
                "name": data["name"],
                "value": "" if data["value"] is None else data["value"],
                "id": data["attrs"].get("id", ""),
                "label": data["label"],
                "checked": data["selected"],
                "type": data["type"],
            }
        )
    return shown


@register.simple_tag
def options(pairs: Iterable[tuple[Any, str]], chosen: Any = None) -> SafeString:
    """The options of a select, (value, words) each: hundreds of them cost what a few lines of a template do."""
    picked = None if chosen in (None, "") else str(chosen)
    rows = ((str(value), str(words)) for value, words in pairs)
    return mark_safe(  # noqa: S308 - both are escaped
        "".join(
            f'<option value="{escape(value)}"{" selected" if value == picked else ""}>{escape(words)}</option>'
            for value, words in rows
        )
    )


@register.inclusion_tag("core/_pager.html", takes_context=True)
def pager(context: Context, page: Page, unit: str = "条") -> dict[str, Any]:
    request = context.get("request")

    def address(number: int) -> str:
        query = request.GET.copy() if request is not None else None
        if query is None:
            return f"?page={number}"
        query["page"] = str(number)
        return f"?{query.urlencode()}"

    numbers: Iterable[Any] = page.paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1)
    gap = page.paginator.ELLIPSIS
    return {
        "page": page,
        "unit": unit,
        "entries": [{"number": one, "url": "" if one in (page.number, gap) else address(int(one))} for one in numbers],
        "next_url": address(page.next_page_number()) if page.has_next() else "",
    }


@register.simple_tag(takes_context=True)
def form_key(context: Context) -> SafeString:
    """The key against second clicks: kept when a refused form is shown again, new otherwise."""
    request = context.get("request")
    kept = request.POST.get("form_key", "") if request is not None and request.method == "POST" else ""
    return format_html('<input type="hidden" name="form_key" value="{}">', kept or token_urlsafe(18))


@register.filter
def weekday(day: date) -> str:
    return display.weekday(day)
