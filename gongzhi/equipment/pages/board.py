"""设施: what needs somebody today; the figures by kind, by place and by what is to be settled; what owners may see."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from gongzhi.core.display import cn_date
from gongzhi.equipment.pages import lists
from gongzhi.equipment.pages.common import actor_of, crumbs, today_of
from gongzhi.equipment.pages.shown import Act, Cell, Sheet, Table
from gongzhi.equipment.queries import figures, listing, public
from gongzhi.registry.models import Estate

SHOWN = 6


@login_required
@require_GET
def board(request: HttpRequest) -> HttpResponse:
    actor, on = actor_of(request), today_of(request)
    late = listing.late_cares(actor, on)
    expired = listing.pieces(actor).filter(valid_until__lt=on)
    open_faults = listing.faults_for(actor).exclude(state="fixed")
    ending = listing.contracts_for(actor).filter(ended_on=None, to_on__gte=on, warn_on__lte=on)
    share = figures.closed_share(actor)
    links = [
        Act("设施清单", reverse("registry:facilities")), Act("设施合同", reverse("equipment:contracts")),
        Act("故障", reverse("equipment:faults")), Act("指导和检查", reverse("equipment:directives")),
        Act("整改单", reverse("equipment:defects")), Act("使用证", reverse("equipment:permits")),
        Act("应急预案", reverse("equipment:plans")), Act("演练", reverse("equipment:drills")),
        Act("突发事件", reverse("equipment:emergencies")),
    ]  # fmt: skip
    if actor.is_staff_role:
        links.append(Act("统计", reverse("equipment:figures")))
    return Sheet(
        title="设施设备和应急", sub="检验、维护、合同、故障、检查、预案", acts=links,
        figures=[
            ("检验过期", str(expired.count()), "台（处）", "gz-over" if expired else ""),
            ("逾期没有维护", str(late.count()), "项", "gz-over" if late else ""),
            ("没有修好的故障", str(open_faults.count()), "件", "gz-today" if open_faults else ""),
            ("整改闭环率", share.words, f"（{share.done}/{share.total}）" if share.total else "", ""),
        ],
        tables=[
            Table("expired", "检验过期", ("设施", "小区", "有效期至"),
                  [[Cell(str(one), reverse("registry:facility", args=[one.pk]), one.location if one.code else ""),
                    lists.estate_cell(one), Cell(cn_date(one.valid_until))] for one in expired[:SHOWN]],
                  empty="没有过期的。", url=f"{reverse('registry:facilities')}?state=expired", link="全部"),
            Table("late", "逾期没有检查、维护", ("设施", "小区", "项目", "最迟", "情况"),
                  [lists.late_cells(one, on) for one in late[:SHOWN]], empty="没有逾期的。",
                  url=reverse("equipment:late"), link="全部和导出"),
            Table("faults", "没有修好的故障", ("故障", "小区", "发生", "处置单位", "状态"),
                  [lists.fault_cells(one) for one in open_faults[:SHOWN]], empty="没有。"),
            Table("ending", "即将到期的合同", ("合同", "小区", "乙方", "期限", "状态"),
                  [lists.contract_cells(one, on) for one in ending[:SHOWN]], empty="没有。"),
            Table("papers", "指导和检查", ("事项", "下发", "反馈期限", "已反馈", "已核销"),
                  [lists.directive_cells(one) for one in listing.directives_for(actor)[:SHOWN]], empty="没有。",
                  url=reverse("equipment:directives"), link="全部"),
        ],
    ).answer(request)  # fmt: skip


def _kind_cells(one: figures.KindLine) -> list[Cell]:
    return [
        Cell(one.title), Cell(one.pieces), Cell(one.estates),
        Cell(one.expired, css="gz-over" if one.expired else ""), Cell(one.faulty, css="gz-over" if one.faulty else ""),
        Cell(one.late, css="gz-over" if one.late else ""), Cell(one.intact.words),
    ]  # fmt: skip


KIND_COLUMNS = ("种类", "台（处）", "小区", "检验过期", "不合格", "维护逾期", "完好率")


@login_required
@require_GET
def figures_page(request: HttpRequest) -> HttpResponse:
    actor, on = actor_of(request), today_of(request)
    if not actor.is_staff_role:
        raise Http404
    pilots = figures.pilots(actor, on)
    running = sum(1 for one in pilots if one.running)
    tables = [Table("kinds", "辖区合计", KIND_COLUMNS, [_kind_cells(one) for one in figures.by_kind(actor, on)],
                    empty="还没有登记设施。")]  # fmt: skip
    for place in figures.places_below(actor):
        lines = figures.by_kind(actor, on, within=place.path)
        if lines:
            tables.append(Table(f"p{place.pk}", place.name, KIND_COLUMNS, [_kind_cells(one) for one in lines]))
    times = [[Cell(one.title), Cell(one.reported), Cell(one.mended), Cell(one.words)] for one in figures.mended(actor)]
    if times:
        tables.append(Table("mended", "故障和修复", ("种类", "报告", "已修复", "平均用时"), times))
    for one in figures.stages(actor, on):
        by = f"，{cn_date(one.by)}前" if one.by else ""
        late = f"，按期{one.in_time}个、逾期{one.late}个" if one.by else ""
        title = f"{one.title}{one.share.words}（{one.share.done}/{one.share.total}{by}{late}）"
        rows = [[Cell(each.name, reverse("equipment:estate", args=[each.pk])), Cell(each.community.name)]
                for each in one.missing]  # fmt: skip
        tables.append(Table(f"s-{one.stage}", title, ("没有落实", "社区"), rows, "都已落实。", clauses=one.clauses))
    if pilots:
        rows = [[Cell(one.estate.name, reverse("equipment:estate", args=[one.estate.pk])),
                 Cell(one.words, css="gz-ok" if one.running else "gz-today")] for one in pilots]  # fmt: skip
        tables.append(Table("pilots", f"电梯试点（试点中{running}个）", ("小区", "状态"), rows))
    return Sheet(title="设施统计", crumbs=crumbs(), tables=tables).answer(request)


@require_GET
def shown(request: HttpRequest, pk: int) -> HttpResponse:
    """Lifts and whatever else the document shows to owners: no account, nothing of a person."""
    found = Estate.objects.select_related("community").filter(pk=pk).first()
    rows = public.shown_of(found, today_of(request)) if found is not None else []
    if found is None or not rows:
        raise Http404
    context = {"nav": "home", "page_title": f"{found.name}电梯等设备检验情况", "estate": found, "rows": rows,
               "clauses": rows[0].clauses}  # fmt: skip
    return render(request, "equipment/shown.html", context)
