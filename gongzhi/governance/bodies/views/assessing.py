"""The committees of a place in a year: ranked by the street's score, and those nobody has assessed."""

from typing import Any

from django.http import Http404, HttpRequest
from django.urls import reverse

from gongzhi.core import services as core
from gongzhi.core.pages import actor_of, today_of
from gongzhi.governance.bodies.queries.assessing import without_report, yearly
from gongzhi.governance.bodies.views.details import shows
from gongzhi.governance.bodies.views.parts import Cell, PageParts, Section

LONGEST_YEAR = 4


@shows
def ranking(request: HttpRequest) -> PageParts:
    actor, on = actor_of(request), today_of(request)
    if not actor.is_staff_role:
        raise Http404
    asked = request.GET.get("nian", "")
    year = int(asked) if asked.isdigit() and len(asked) == LONGEST_YEAR else on.year
    found = yearly(actor.place_path, year)
    answer = core.ask("governance.assessment", {}, place_path=actor.place_path, on=on)
    wanted = bool(answer.ok and (answer.value or {}).get("report"))
    silent = without_report(actor.place_path, year) if wanted else set()
    rows = [
        [
            Cell(str(place)),
            _named(one.body, silent),
            Cell(str(one.score), sub=f"社区初评{one.first_score}" if one.first_score is not None else ""),
            Cell(one.remarks or "—"),
            _rectify(one.body, actor),
        ]
        for place, one in found.ranked
    ]
    missing = [[_named(one, silent)] for one in found.missing]
    parts = PageParts(
        f"{year}年业委会考核",
        sub=f"已定评{len(rows)}个，没有定评{len(missing)}个",
        crumbs=[("组织", reverse("bodies:list"))],
    )
    years = [one for one in (year - 1, year + 1) if one <= on.year]
    parts.acts = [(f"{reverse('bodies:ranking')}?nian={one}", f"看{one}年") for one in years]
    columns = ("名次", "业委会", "镇街定评", "评语", "整改")
    parts.sections = [
        Section("ranking", "名次", columns=columns, rows=rows, empty="还没有定评。", clauses=answer.clauses),
        Section("missing", "没有定评", columns=("业委会",), rows=missing, empty="都已定评。"),
    ]
    return parts


def _named(body: Any, silent: set[int]) -> Cell:
    return Cell(
        str(body), url=reverse("bodies:body", args=[body.pk]), sub="缺报告：本年度0次" if body.pk in silent else ""
    )


def _rectify(body: Any, actor: Any) -> Cell:
    may = body.state == "in_office" and core.may(actor, "body.advise", body)
    url = f"{reverse('bodies:act', args=['body', body.pk, 'jiandu'])}?kind=order" if may else ""
    return Cell("责令整改" if may else "—", url=url)
