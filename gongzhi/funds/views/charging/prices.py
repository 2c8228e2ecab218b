"""A price: where it comes from, how it was filed, how it changes."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from gongzhi.core import services as core
from gongzhi.core.pages import today_of
from gongzhi.funds.charges.models import PriceChange, Tariff
from gongzhi.funds.charges.queries.lines import price_source
from gongzhi.funds.charges.services import next_step
from gongzhi.funds.charges.words import CHANGE_STEPS
from gongzhi.funds.views.charging.acting import offered, row_of, way, who_of
from gongzhi.funds.views.charging.acts import ACTS
from gongzhi.funds.views.common import NAV

PER_CENT = 100


@login_required
@require_GET
def tariff(request: HttpRequest, pk: int) -> HttpResponse:
    row: Tariff = row_of(request, "tariff", str(pk))
    on, who = today_of(request), who_of(request)
    context = {
        "nav": NAV,
        "page_title": row.title,
        "tariff": row,
        "project": row.project,
        "crumbs": way(row.project),
        "source": price_source(row),
        "clauses": core.ask("funds.fee_kinds", {}, place_path=row.place_path, on=on).clauses,
        "history": _history(row),
        "changes": row.changes.order_by("-pk"),
        "said": row.answer if isinstance(row.answer, list) else [],
        "refusal": row.answer.get("reason", "") if isinstance(row.answer, dict) else "",
        "acts": offered(ACTS, "tariff", row, who),
    }
    return render(request, "funds/tariff.html", context)


def _history(row: Tariff) -> list[Tariff]:
    """The prices before and after it, the newest first."""
    same = Tariff.objects.filter(project=row.project, fee=row.fee, title=row.title, use=row.use, building=row.building)
    return list(same.exclude(state="draft").order_by("-from_on", "-pk"))


@login_required
@require_GET
def change(request: HttpRequest, pk: int) -> HttpResponse:
    row: PriceChange = row_of(request, "price_change", str(pk))
    on, who = today_of(request), who_of(request)
    old = row.tariff.price
    facts = {"estate_type": row.tariff.project.estate.estate_type}
    context = {
        "nav": NAV,
        "page_title": f"调价：{row.tariff.title}",
        "change": row,
        "project": row.tariff.project,
        "crumbs": way(row.tariff.project),
        "rise": f"{float((row.new_price - old) / old) * PER_CENT:+.1f}%",
        "stages": _stages(row),
        "clauses": core.ask("funds.price_change_steps", facts, place_path=row.place_path, on=on).clauses,
        "acts": offered(ACTS, "price_change", row, who),
    }
    return render(request, "funds/price_change.html", context)


def _stages(row: PriceChange) -> list[dict[str, Any]]:
    done = {"notice": row.noticed_on, "decide": row.motion, "file": row.filed_on}
    nearest = next_step(row) if row.state == "open" else ""
    stages = [
        {"title": CHANGE_STEPS[step], "done": done[step], "current": step == nearest, "row": step} for step in row.steps
    ]
    return [*stages, {"title": "执行", "done": row.effective_on, "current": nearest is None, "row": "force"}]
