"""What can be done with a case now, what each act asks, and doing it; one act on many cases."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.http import Http404, HttpRequest
from ninja import Router, Schema
from pydantic import Field

from gongzhi.cases import queries, services
from gongzhi.cases.models import Case
from gongzhi.cases.queries.acts import Act, rule_of
from gongzhi.cases.queries.conditions import Ground
from gongzhi.cases.views_act_pages import ACT_PAGES, BESIDE, BY_RIGHT, ActPage
from gongzhi.cases.views_bulk import MOST_AT_ONCE, prompt_case, recommended_for
from gongzhi.cases.views_common import case_of
from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.apikit.calls import WANTED, call_of, changes, matched, reads, runs, tagged
from gongzhi.core.apikit.filling import Filled, FormField, described, filled
from gongzhi.core.apikit.shapes import Body, Unit, code, unit_of
from gongzhi.core.errors import Refused
from gongzhi.core.models import Organisation

router = Router(tags=["办理案件"])


class ActOut(Schema):
    code: str = Field(description="办法代码")
    title: str = Field(description="名称")
    hint: str = Field(description="说明")
    allowed: bool = Field(description="现在能不能办")
    why_not: str = Field(description="不能办的原因和该怎么办")
    clauses: list[str] = Field(description="不能办的依据条款")


class ActForm(Schema):
    code: str = Field(description="办法代码")
    title: str = Field(description="名称")
    will: str = Field(description="办了以后会怎样")
    allowed: bool = Field(description="现在能不能办")
    why_not: str = Field(description="不能办的原因和该怎么办")
    clauses: list[str] = Field(description="不能办的依据条款")
    fields: list[FormField] = Field(description="要填什么")


class ActDone(Schema):
    message: str = Field(description="办成了什么")
    number: str = Field(description="案件编号；并件以后是并入的那一件")
    state: str = Field(description="现在的状态代码")
    state_name: str = Field(description="现在的状态")
    lead: Unit | None = Field(description="主办单位")
    answer_due_at: datetime | None = Field(description="答复期限")
    version: int = Field(description="新的版本，与 ETag 相同")


def _acts(case: Case, actor: Actor, now: datetime) -> list[Act]:
    """As the page lists them, those beside the rules among them."""
    found = [one for one in queries.case_acts(case, actor, now) if one.code in ACT_PAGES]
    allowed = {one.code for one in found if one.allowed}
    beside = [name for name, rule in BESIDE.items() if rule in allowed]
    beside += [name for name, right in BY_RIGHT.items() if core.may(actor, right, case)]
    return [*found, *(Act(name, ACT_PAGES[name].title, ACT_PAGES[name].will, allowed=True) for name in beside)]


@reads(
    router,
    "/cases/{number}/acts",
    scope="cases:read",
    response=list[ActOut],
    summary="现在能办什么",
    description="这个岗位对这件案件可以办的事；眼下还不能办的写明缺什么、依据哪一条。",
)
def list_acts(request: HttpRequest, number: str) -> list[Act]:
    call = call_of(request)
    case, _ = case_of(request, number)
    tagged(request, case)
    return _acts(case, call.actor, call.now)


def _page(name: str) -> ActPage:
    page = ACT_PAGES.get(name)
    if page is None:
        raise Http404
    return page


def _require(page: ActPage, case: Case, actor: Actor) -> None:
    core.require(actor, BY_RIGHT.get(page.code) or rule_of(page.rule_code).right, case)


@reads(
    router,
    "/cases/{number}/acts/{act}",
    scope="cases:read",
    response=ActForm,
    summary="一种办法要填什么",
    description="字段、可选的值、预填的值，与页面上的表单相同。",
)
def describe_act(request: HttpRequest, number: str, act: str) -> dict[str, Any]:
    call, page = call_of(request), _page(act)
    case, _ = case_of(request, number)
    _require(page, case, call.actor)
    tagged(request, case)
    refused = None
    if page.code not in BY_RIGHT:
        refused = rule_of(page.rule_code).refusal(Ground(case, call.actor, call.now))
    return {
        "code": page.code,
        "title": page.title,
        "will": page.will,
        "allowed": refused is None,
        "why_not": refused.message if refused else "",
        "clauses": list(refused.clauses) if refused else [],
        "fields": described(page.form(case=case, actor=call.actor, now=call.now)),
    }


@changes(
    router,
    "/cases/{number}/acts/{act}",
    scope="cases:write",
    response=ActDone,
    summary="办理",
    description="派单、吹哨、报到、退回、移交、答复、延期、办结、归档等所有办法，与页面用同一个服务、同样的规则。",
)
def do_act(request: HttpRequest, number: str, act: str, given: Filled) -> dict[str, Any]:
    call, page = call_of(request), _page(act)
    case, _ = case_of(request, number)
    version = matched(request, case)
    _require(page, case, call.actor)
    form = filled(page.form, given.fields, owner=call.actor, version=version, case=case, actor=call.actor, now=call.now)
    done = page.run(case, form, actor=call.actor, now=call.now, version=version, key="")
    tagged(request, done)
    return {
        "message": page.done,
        "number": done.number,
        "state": done.state,
        "state_name": done.get_state_display(),
        "lead": unit_of(done.lead),
        "answer_due_at": done.answer_due_at,
        "version": done.version,
    }


# --- many at once

MANY = {"assign": "分派", "whistle": "吹哨", "prompt": "催办", "merge": "并入其中收到最早的一件"}


class BulkIn(Body):
    act: str = code("办法", MANY, ...)
    cases: list[str] = Field(min_length=1, max_length=MOST_AT_ONCE, description="案件编号")
    to: int | None = Field(None, ge=1, le=2**63 - 1, description="分派给哪个单位；不填的按职责清单推荐")
    reason: str = Field("", max_length=2000, description="理由；改派和并件要写")


class BulkLine(Schema):
    number: str = Field(description="案件编号")
    done: bool = Field(description="是否办成")
    code: str = Field(description="没有办成的问题代码")
    message: str = Field(description="没有办成的原因")
    clauses: list[str] = Field(description="依据的条款")


@runs(
    router,
    "/bulk/cases",
    scope="cases:write",
    response=list[BulkLine],
    summary="批量办理",
    description="每件单独算：能办的办，不能办的逐件说明原因。有一件不归您看，全部不办。",
    key=WANTED,
)
def bulk(request: HttpRequest, given: BulkIn) -> list[dict[str, Any]]:
    call = call_of(request)
    numbers = list(dict.fromkeys(one.upper() for one in given.cases))
    rows = queries.cases_for(call.actor).filter(number__in=numbers).select_related("estate", "lead", "complaint")
    cases = list(rows.order_by("received_at", "id"))
    if len(cases) != len(numbers):
        raise Refused("forbidden", "列出的案件里有不归您办的，都没有办。", status=403)
    return [_one(case, do) for case, do in _plan(given, cases, call.actor, call.now)]


def _plan(given: BulkIn, cases: list[Case], actor: Actor, now: datetime) -> list[tuple[Case, Callable[[Case], Any]]]:
    """Each case with what is done to it; of a merge the first one stays as it is."""
    who: dict[str, Any] = {"actor": actor, "now": now}
    if given.act == "whistle":
        return [(case, lambda one: services.whistle(one, **who)) for case in cases]
    if given.act == "prompt":
        return [(case, lambda one: prompt_case(one, actor, now)) for case in cases]
    if given.act == "merge":
        main = cases[0]
        return [
            (case, lambda one: services.merge_complaint(one, into=main, reason=given.reason, **who))
            for case in cases[1:]
        ]
    unit = _unit(given.to)

    def hand_out(case: Case) -> Case:
        lead = None if unit == recommended_for(case) else unit
        return services.assign_case(case, lead=lead, reason=given.reason, **who)

    return [(case, hand_out) for case in cases]


def _unit(number: int | None) -> Organisation | None:
    if number is None:
        return None
    unit = Organisation.objects.filter(pk=number, active=True).first()
    if unit is None:
        raise Refused("no_target", "没有这个单位。", fields={"to": "没有这个单位"})
    return unit


def _one(case: Case, do: Callable[[Case], Any]) -> dict[str, Any]:
    line: dict[str, Any] = {"number": case.number, "done": True, "code": "", "message": "", "clauses": []}
    try:
        with transaction.atomic():
            do(case)
    except Refused as refused:
        line |= {"done": False, "code": refused.code, "message": refused.message, "clauses": list(refused.clauses)}
    return line
