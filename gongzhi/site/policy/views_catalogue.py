"""职责目录 as a page, and as Excel: of one document, of one unit when asked."""

from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from gongzhi.core import packs
from gongzhi.core.pages import actor_of, now_of, page_of, see, today_of
from gongzhi.core.sending import download
from gongzhi.core.sheets import Asked, workbook
from gongzhi.site.policy.catalogue import CLOCKED, SECTIONS, Entry, catalogue, roles_of
from gongzhi.site.policy.views_clauses import live_by_rule, pack_or_404

ALL, NAMED_BY_EVENT = "", "-"
COLUMNS = (
    ("单位", 24), ("类别", 16), ("职责", 40), ("怎样参与", 10), ("期限", 24), ("从什么算起", 30), ("在哪里办", 24),
    ("条款", 20),
)  # fmt: skip
ENTRIES_SHOWN = 60


@require_GET
def duties(request: HttpRequest, slug: str) -> HttpResponse:
    pack, unit, section = pack_or_404(slug), request.GET.get("unit", ALL), request.GET.get("section", "")
    entries = catalogue(pack, on=timezone.localdate(), switches=None)
    roles = roles_of(entries, pack)
    shown = _chosen(entries, unit, section)
    live = live_by_rule(pack)
    page = page_of(request, shown, size=ENTRIES_SHOWN)
    context = {
        "page_title": "职责目录",
        "page_sub": pack.document.document or pack.title,
        "nav": "clauses",
        "pack": pack,
        "roles": [(role or NAMED_BY_EVENT, name, number) for role, name, number in roles],
        "unit": unit,
        "unit_name": _name(unit, roles),
        "section": section,
        "sections": SECTIONS,
        "counts": [(title, sum(one.section == code for one in shown)) for code, title in SECTIONS.items()],
        "page": page,
        "rows": [_row(one, roles, live) for one in page],
        "export_url": f"{reverse('pack_duties_export', args=[slug])}?{urlencode({'unit': unit, 'section': section})}",
    }
    return render(request, "site/policy/duties.html", context)


def _chosen(entries: list[Entry], unit: str, section: str) -> list[Entry]:
    role = "" if unit == NAMED_BY_EVENT else unit
    return [
        one
        for one in entries
        if (unit == ALL or one.role == role) and (section not in SECTIONS or one.section == section)
    ]


def _name(unit: str, roles: list[tuple[str, str, int]]) -> str:
    return next((name for role, name, _ in roles if (role or NAMED_BY_EVENT) == unit), "")


def _row(entry: Entry, roles: list[tuple[str, str, int]], live: Any) -> tuple[Entry, str, str, int]:
    return entry, SECTIONS[entry.section], _name(entry.role or NAMED_BY_EVENT, roles), _open(entry, live)


def _open(entry: Entry, live: Any) -> int:
    return sum(live[name].total() for name in entry.rules if name in live) if entry.section == CLOCKED else 0


@require_GET
def export(request: HttpRequest, slug: str) -> HttpResponse:
    """Exactly what the filter shows, all pages of it."""
    pack, unit, section = pack_or_404(slug), request.GET.get("unit", ALL), request.GET.get("section", "")
    on = today_of(request)
    entries = catalogue(pack, on=on)
    roles = roles_of(entries, pack)
    rows = (
        (
            _name(one.role or NAMED_BY_EVENT, roles), SECTIONS[one.section], one.title, one.part, one.clock, one.begins,
            one.at, "、".join(one.clauses),
        )
        for one in _chosen(entries, unit, section)
    )  # fmt: skip
    conditions = [("文件", pack.title), ("单位", _name(unit, roles)), ("类别", SECTIONS.get(section, ""))]
    content = workbook("职责目录", COLUMNS, rows, asked=Asked.of(actor_of(request), now_of(request), conditions))
    return download(content, name=f"duties-{slug}-{on:%Y%m%d}.xlsx")


@login_required
@require_GET
def own(request: HttpRequest) -> HttpResponse:
    """The catalogue of the reader's own unit, by the document of its place."""
    actor = actor_of(request)
    pack = packs.pack_for(actor.place_path, today_of(request)) if actor.place_path else None
    if pack is None:
        return see(reverse("clauses"))
    return see(f"{reverse('pack_duties', args=[pack.slug])}?{urlencode({'unit': actor.role})}")
