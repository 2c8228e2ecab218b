"""One form for every act on a procedure: a step, a line of the list, a signature, a bid, a judge, points."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from gongzhi.contracts import forms, queries
from gongzhi.contracts import services as contracts
from gongzhi.contracts.models import Procedure
from gongzhi.contracts.pages.common import (
    Data,
    actor_of,
    bound,
    crumbs,
    form_page,
    kept,
    kept_all,
    now_of,
    procedure_of,
    today_of,
    url_of,
)
from gongzhi.contracts.services.listing import SEALING
from gongzhi.contracts.words import STEPS
from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.pages import FormPage
from gongzhi.core.refs import Ref

HINTS = {
    "agree": "签了协议，查验就结束，清单不能再改。",
    "reinspect": "登记了复验，再在清单里逐项改结果；全部合格的，协议按新的清单重出。",
    "refuse": "没有查验或不合格的，拒绝接收不记不良；已经合格的要写明正当理由并上传证据。",
    "object": "欠费等不是拒绝交接的理由：交接照常推进，拒绝记入企业档案，转镇街督促。",
    "hand_over": "每一类都要有清单，逐项签收或转责任人。",
    "confirm": "日期是服务的最后一日；这一日以前责任仍在原企业。",
    "succeed": "选重新招标的，随即建选聘；选接管的，指定企业并填接管到哪一天。",
    "decide": "先在“表决”里发起业主表决，通过后在这里关联；不在平台表决的，写明文号和日期。",
    "award": "选定以后，其余报名企业即为未中标。",
}
DONE = {"object": "理由不成立：拒绝已记入企业档案，转镇街督促，交接照常办。"}


@dataclass(frozen=True)
class Act:
    title: str
    url: str
    main: bool = False
    why_not: tuple[str, ...] = ()
    code: str = ""


def acts_for(row: Procedure, actor: Actor, on: date) -> list[Act]:
    """What the actor may do now, the next step first."""
    if row.state != "running":
        return []
    due, done = queries.next_step(row), queries.done_steps(row)
    found = []
    if core.may(actor, "contracts.step", row):
        found = [_step_act(row, one, one == due, on) for one in queries.steps_open(row, actor, on)]
    listed = row.rules.get("groups") or row.kind in ("acceptance", "asset_transfer")
    if listed and not any(one in done for one in SEALING) and core.may(actor, "contracts.list", row):
        found.append(_act(row, "item", "登记清单"))
    if row.kind in ("tender", "reselect"):
        found += _choice_acts(row, actor, done)
    if contracts.may_stop(row, actor) and core.may(actor, "contracts.step", row):
        found.append(_act(row, "stop", "终止办理"))
    return found


def _step_act(row: Procedure, step: str, main: bool, on: date) -> Act:
    why_not = contracts.obstacles(row, step, queries.step_rule(row, step, on), on=on)
    return Act(STEPS[step], reverse("contracts:step", args=[row.pk, step]), main, tuple(why_not))


def _act(row: Procedure, code: str, title: str) -> Act:
    return Act(title, reverse("contracts:act", args=[row.pk, code]), code=code)


def _choice_acts(row: Procedure, actor: Actor, done: Any) -> list[Act]:
    guided = queries.next_step(row) != "guide"  # where the community guides, nobody enters before it has
    entering = guided and not any(one in done for one in ("open", "compare", "award"))
    found = []
    may_enter = entering and queries.may_enter(row, done)
    if may_enter and core.may(actor, "contracts.bid", row):
        found += [_act(row, "bid", "报名（投标）")]
        if row.bids.filter(company=actor.organisation, state__in=("invited", "entered")).exists():
            found.append(_act(row, "decline", "谢绝（撤回）"))
    if core.may(actor, "contracts.run", row):
        if may_enter:
            found.append(_act(row, "enter", "登记报名企业"))
        if entering:
            found.append(_act(row, "invite", "邀请企业"))
        if row.kind == "tender" and "award" not in done:
            found += [_act(row, "method", "改选聘方式")]
        if "score" in row.steps and "score" not in done:
            found.append(_act(row, "judge", "评委入列"))
            if "open" in done and row.judges.exists():
                found.append(_act(row, "points", "登记评分"))
    return found


def _page(row: Procedure, title: str, form: Any, run: Any, *, done: str, hint: str = "", clauses: Any = ()) -> FormPage:
    return form_page(
        title=title, sub=f"{row.number} {row}", form=form, run=run, done=done, back=url_of(row),
        crumbs=crumbs((str(row), url_of(row))), hint=hint, clauses=tuple(clauses),
    )  # fmt: skip


def step_page(request: Any, row: Procedure, code: str) -> FormPage:
    actor, on = actor_of(request), today_of(request)
    core.require(actor, "contracts.step", row)
    if code not in queries.steps_open(row, actor, on):
        raise Http404
    rule = queries.step_rule(row, code, on)
    form = bound(request, forms.StepForm, version=row.version, row=row, step=code, rule=rule, initial={"on": on})

    def run(data: Data) -> Ref:
        papers = kept_all(request, form.papers(), row.ref)
        contracts.take_step(
            row, step=code, given=form.taking(papers), version=data["version"], actor=actor, now=now_of(request)
        )
        return row.ref

    return _page(
        row, STEPS[code], form, run, done=DONE.get(code, "已办。"), hint=HINTS.get(code, ""), clauses=rule.clauses
    )


@login_required
@require_http_methods(["GET", "POST"])
def step(request: HttpRequest, pk: int, step: str) -> HttpResponse:
    return step_page(request, procedure_of(request, pk), step).answer(request)


def sign_page(request: Any, row: Procedure, party: int) -> FormPage:
    found = row.parties.select_related("organisation").filter(pk=party).first()
    if found is None or row.state != "running" or not contracts.may_sign(found, actor_of(request)):
        raise Http404
    form = bound(request, forms.SignForm, version=row.version, initial={"on": today_of(request)})

    def run(data: Data) -> Ref:
        contracts.sign(
            row,
            party=found,
            verdict=data["verdict"],
            opinion=data["opinion"],
            on=data["on"],
            version=data["version"],
            file=kept(request, data["page"], row.ref),
            actor=actor_of(request),
            now=now_of(request),
        )
        return row.ref

    return _page(row, f"签字：{found}", form, run, done="已签字。")


@login_required
@require_http_methods(["GET", "POST"])
def sign(request: HttpRequest, pk: int, party: int) -> HttpResponse:
    return sign_page(request, procedure_of(request, pk), party).answer(request)


Builder = Callable[[HttpRequest, Procedure], FormPage]


def _item(request: HttpRequest, row: Procedure) -> FormPage:
    """A new line, or the one whose number the address names."""
    number = request.GET.get("xiang", "")
    was = next((one for one in row.items.all() if str(one.pk) == number), None)
    initial = {name: getattr(was, name) for name in forms.ItemForm.OF_A_LINE} if was else {}
    form = bound(request, forms.ItemForm, version=row.version, groups=row.rules.get("groups") or (), initial=initial)

    def run(data: Data) -> Ref:
        lines = form.lines(kept(request, data["photo"], row.ref))
        contracts.mark(row, lines=lines, version=data["version"], actor=actor_of(request), now=now_of(request))
        return row.ref

    hint = "名称已在清单里的，改它的结果；实有少于应有的，数量不符。"
    return _page(row, "登记清单", form, run, done="已登记。", hint=hint)


def _enter(request: HttpRequest, row: Procedure) -> FormPage:
    form = bound(request, forms.CompanyForm, path=row.place_path)

    def run(data: Data) -> Ref:
        contracts.enter_bid(
            row, company=data["company"], offer=data["offer"], actor=actor_of(request), now=now_of(request)
        )
        return row.ref

    return _page(row, "登记报名企业", form, run, done="已登记。", hint="被限制投标、信用较差的企业会被拒绝并说明依据。")


def _bid(request: HttpRequest, row: Procedure) -> FormPage:
    form = bound(request, forms.BidForm)
    company = actor_of(request).organisation

    def run(data: Data) -> Ref:
        if company is None:
            raise Http404
        contracts.enter_bid(row, company=company, offer=data["offer"], actor=actor_of(request), now=now_of(request))
        return row.ref

    return _page(row, "报名（投标）", form, run, done="已报名。")


def _invite(request: HttpRequest, row: Procedure) -> FormPage:
    form = bound(request, forms.CompanyForm, path=row.place_path)

    def run(data: Data) -> Ref:
        contracts.invite(row, company=data["company"], actor=actor_of(request), now=now_of(request))
        return row.ref

    return _page(row, "邀请企业", form, run, done="已邀请，企业可以报名，也可以谢绝。")


def _decline(request: HttpRequest, row: Procedure) -> FormPage:
    form = bound(request, forms.ReasonForm)

    def run(data: Data) -> Ref:
        contracts.decline(row, reason=data["reason"], actor=actor_of(request), now=now_of(request))
        return row.ref

    return _page(row, "谢绝（撤回）", form, run, done="已谢绝。")


def _stop(request: HttpRequest, row: Procedure) -> FormPage:
    form = bound(request, forms.ReasonForm, version=row.version)

    def run(data: Data) -> Ref:
        contracts.stop(
            row, reason=data["reason"], version=data["version"], actor=actor_of(request), now=now_of(request)
        )
        return row.ref

    return _page(row, "终止办理", form, run, done="已终止。")


def _method(request: HttpRequest, row: Procedure) -> FormPage:
    form = bound(request, forms.MethodForm, version=row.version)

    def run(data: Data) -> Ref:
        contracts.change_method(
            row, method=data["method"], version=data["version"], actor=actor_of(request), now=now_of(request)
        )
        return row.ref

    return _page(
        row, "改选聘方式", form, run, done="已改，步骤按新的方式。", hint="报名企业的家数算在内；须批准的先办批准。"
    )


def _judge(request: HttpRequest, row: Procedure) -> FormPage:
    form = bound(request, forms.JudgeForm)

    def run(data: Data) -> Ref:
        given = {name: data[name] for name in ("name", "side", "employer", "interest")}
        contracts.seat_judge(row, **given, actor=actor_of(request), now=now_of(request))
        return row.ref

    return _page(row, "评委入列", form, run, done="已入列。", hint="与投标人或招标人有利害关系的，不能当评委。")


def _points(request: HttpRequest, row: Procedure) -> FormPage:
    form = bound(request, forms.PointsForm, row=row)

    def run(data: Data) -> Ref:
        contracts.give_points(
            row, judge=data["judge"], points=form.points(), actor=actor_of(request), now=now_of(request)
        )
        return row.ref

    return _page(row, "登记评分", form, run, done="已登记。")


ACTS: dict[str, Builder] = {
    "item": _item,
    "enter": _enter,
    "bid": _bid,
    "invite": _invite,
    "decline": _decline,
    "stop": _stop,
    "method": _method,
    "judge": _judge,
    "points": _points,
}


def act_page(request: Any, row: Procedure, code: str) -> FormPage:
    offered = {one.url for one in acts_for(row, actor_of(request), today_of(request))}
    if code not in ACTS or reverse("contracts:act", args=[row.pk, code]) not in offered:
        raise Http404
    return ACTS[code](request, row)


@login_required
@require_http_methods(["GET", "POST"])
def act(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    return act_page(request, row_for(request, pk, code), code).answer(request)


def row_for(request: Any, pk: int, code: str) -> Procedure:
    """A company may enter for what was announced before it is a party to it."""
    if code == "bid":
        found = queries.calls_for(actor_of(request)).filter(pk=pk).first()
        if found is not None:
            return found
    return procedure_of(request, pk)
