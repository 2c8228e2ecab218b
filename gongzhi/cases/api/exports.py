"""The lists as Excel: exactly what the same filter shows, with what was asked, when and by whom."""

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router

from gongzhi.cases.api.figures import CutQuery
from gongzhi.cases.api.problems import ProblemQuery
from gongzhi.cases.api.reading import CaseQuery
from gongzhi.cases.api.registers import LedgerQuery
from gongzhi.cases.statistics.views import concentration_exported, statistics_exported
from gongzhi.cases.views_list import exported
from gongzhi.cases.views_problems import problems_exported
from gongzhi.cases.views_registers import hotspots_exported, ledger_exported
from gongzhi.core.apikit.calls import call_of, reads

router = Router(tags=["导出"])


@reads(
    router,
    "/exports/cases",
    scope="cases:read",
    response=bytes,
    summary="案件导出（Excel）",
    description="筛选条件与案件列表相同，不分页；太多的请按收到时间分几次。",
)
def cases(request: HttpRequest, given: Query[CaseQuery]) -> HttpResponse:
    call = call_of(request)
    return exported(given.shown(), call.actor, call.now)


@reads(router, "/exports/complaint-register", scope="cases:read", response=bytes, summary="投诉登记台账（Excel）")
def complaint_register(request: HttpRequest, given: Query[LedgerQuery]) -> HttpResponse:
    call = call_of(request)
    return ledger_exported(given.unit, given.period(call.now), call.actor, call.now)


@reads(router, "/exports/problems", scope="cases:read", response=bytes, summary="企业问题台账（Excel）")
def problems(request: HttpRequest, given: Query[ProblemQuery]) -> HttpResponse:
    call = call_of(request)
    return problems_exported(given.wanted(), call.actor, call.now)


@reads(router, "/exports/hotspots", scope="cases:read", response=bytes, summary="高频难点（Excel）")
def hotspots(request: HttpRequest, unled: bool = Query(False, description="只列责任单位未指定的")) -> HttpResponse:  # noqa: B008
    call = call_of(request)
    return hotspots_exported(call.actor, call.now, unled=unled)


@reads(router, "/exports/statistics", scope="cases:read", response=bytes, summary="投诉统计（Excel）")
def statistics(request: HttpRequest, given: Query[CutQuery]) -> HttpResponse:
    return statistics_exported(given.wanted(request))


@reads(router, "/exports/concentration", scope="cases:read", response=bytes, summary="投诉集中度（Excel）")
def concentration(request: HttpRequest, given: Query[CutQuery]) -> HttpResponse:
    return concentration_exported(given.wanted(request))
