"""One form for everything that is done to a row: of which kind, by which name, and the page behind it."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from gongzhi.core import services as core
from gongzhi.core.pages import FormPage
from gongzhi.core.refs import Ref
from gongzhi.equipment import forms
from gongzhi.equipment import services as equipment
from gongzhi.equipment.models import (
    Defect,
    DirectiveTarget,
    Emergency,
    EmergencyPlan,
    Fault,
    UpkeepContract,
    UsePermit,
)
from gongzhi.equipment.pages.common import (
    Data,
    actor_of,
    bound,
    crumbs,
    form_page,
    kept,
    now_of,
    role_words,
    row_of,
    today_of,
)
from gongzhi.equipment.queries.rules import care_rule, kind_rule, permit_rule
from gongzhi.equipment.rights import KEEPERS, OWNERS
from gongzhi.equipment.words import PERMIT_STEPS
from gongzhi.registry import services as registry
from gongzhi.registry.models import Facility
from gongzhi.registry.queries.facilities import facilities_for
from gongzhi.registry.questions import CARE_ITEMS, INSPECTION
from gongzhi.registry.services.estates import ServedEstate

Maker = Callable[[Any, Any], FormPage]
SIGNERS = (*KEEPERS, *OWNERS, "property_company")


def _page(
    row: Any, title: str, form: Any, run: Callable[[Data], Any], *, back: str, done: str, **more: Any
) -> FormPage:
    def did(data: Data) -> Ref:
        run(data)
        ref: Ref = row.ref
        return ref

    return form_page(
        title=title, sub=str(row), form=form, run=did, done=done, back=back, crumbs=crumbs((str(row), back)), **more
    )


# -- a piece -----------------------------------------------------------------------------------------------------------
def _piece_back(row: Facility) -> str:
    return reverse("registry:facility", args=[row.pk])


def care(request: Any, row: Facility) -> FormPage:
    actor, now = actor_of(request), now_of(request)
    core.require(actor, "facility.inspect", row)
    item = request.GET.get("item", "")
    initial = {"inspected_on": today_of(request), "item": item if item in CARE_ITEMS else INSPECTION}
    form = bound(request, forms.CareForm, version=row.version, initial=initial)

    def run(data: Data) -> None:
        registry.inspect_facility(row, **data, actor=actor, now=now)

    return _page(
        row, "登记检验、检查、维护", form, run, back=_piece_back(row), done="已登记。",
        hint="不合格的停止使用并一直标着，到同一项合格为止。",
        clauses=kind_rule(row.estate, row.kind, today_of(request)).clauses,
    )  # fmt: skip


def data(request: Any, row: Facility) -> FormPage:
    actor, now, on = actor_of(request), now_of(request), today_of(request)
    core.require(actor, "facility.register", ServedEstate(row.estate, on))
    rule = kind_rule(row.estate, row.kind, on)
    initial = {name: getattr(row, name) for name in ("location", "upkeep", "quantity", "intact")}
    form = bound(request, forms.PieceForm, version=row.version, names=rule.many("fields"), row=row, initial=initial)

    def run(given: Data) -> None:
        registry.change_facility(row, changes=form.changes(), version=given["version"], actor=actor, now=now)

    return _page(
        row, "登记明细", form, run, back=_piece_back(row), done="已登记。", clauses=rule.clauses, button="保存"
    )


def due(request: Any, row: Facility) -> FormPage:
    actor, now, on = actor_of(request), now_of(request), today_of(request)
    core.require(actor, "facility.register", ServedEstate(row.estate, on))
    items = [one for one in CARE_ITEMS if one != INSPECTION]
    rules = [care_rule(row.place_path, row.kind, one, on=on) for one in items]
    form = bound(request, forms.DueForm, items=items)

    def run(given: Data) -> None:
        equipment.set_due(row, item=given["item"], due_on=given["due_on"], actor=actor, now=now)

    return _page(
        row, "登记下次日期", form, run, back=_piece_back(row), done="已登记。", clauses=rules[0].clauses,
        hint="报告、合同写明下次日期的登记在这里；没有登记的按周期从上次算。",
    )  # fmt: skip


def permit(request: Any, row: Facility) -> FormPage:
    actor, now = actor_of(request), now_of(request)
    rule = permit_rule(row.place_path, row.kind, today_of(request))
    if not rule.many("steps"):
        raise Http404
    form = bound(request, forms.PermitForm, initial={"use": row.details.get("用途", "")})

    def run(given: Data) -> None:
        equipment.ask_permit(row, use=given["use"], actor=actor, now=now)

    title = f"申请{rule.value.get('name') or '使用证'}"
    return _page(row, title, form, run, back=_piece_back(row), done="已申请。", clauses=rule.clauses)


# -- a contract --------------------------------------------------------------------------------------------------------
def _back(page: str) -> Callable[[Any], str]:
    return lambda row: reverse(page, args=[row.pk])


CONTRACT, FAULT, PLAN = _back("equipment:contract"), _back("equipment:fault"), _back("equipment:plan")
EMERGENCY, TARGET, PERMIT = _back("equipment:emergency"), _back("equipment:target"), _back("equipment:permit")


def pay(request: Any, row: UpkeepContract) -> FormPage:
    actor, now, on = actor_of(request), now_of(request), today_of(request)
    core.require(actor, "equipment.pay", row)
    roles = role_words(row.payers or SIGNERS, row.place_path, on)
    form = bound(request, forms.PaymentForm, version=row.version, roles=roles, initial={"paid_on": on})

    def run(given: Data) -> None:
        equipment.pay(
            row, payer_role=given["payer_role"], amount_fen=form.amount_fen(), paid_on=given["paid_on"],
            period=given["period"], version=given["version"], actor=actor, now=now,
        )  # fmt: skip

    return _page(row, "登记费用", form, run, back=CONTRACT(row), done="已登记。", clauses=tuple(row.basis))


def end(request: Any, row: UpkeepContract) -> FormPage:
    actor, now = actor_of(request), now_of(request)
    core.require(actor, "equipment.sign", row)
    form = bound(request, forms.DayOnlyForm, version=row.version, initial={"on": today_of(request)})

    def run(given: Data) -> None:
        equipment.end_contract(row, on=given["on"], version=given["version"], actor=actor, now=now)

    return _page(row, "提前终止", form, run, back=CONTRACT(row), done="已终止。")


# -- a fault -----------------------------------------------------------------------------------------------------------
def arrive(request: Any, row: Fault) -> FormPage:
    actor, now = actor_of(request), now_of(request)
    core.require(actor, "equipment.respond", row)
    form = bound(request, forms.MomentForm, version=row.version, initial={"at": now})

    def run(given: Data) -> None:
        equipment.arrive(row, at=forms.in_zone(given["at"]), version=given["version"], actor=actor, now=now)

    return _page(row, "登记到场", form, run, back=FAULT(row), done="已登记到场。", clauses=tuple(row.basis))


def fix(request: Any, row: Fault) -> FormPage:
    actor, now = actor_of(request), now_of(request)
    core.require(actor, "equipment.respond", row)
    form = bound(request, forms.FixForm, version=row.version, initial={"at": now})

    def run(given: Data) -> None:
        equipment.fix(
            row, at=forms.in_zone(given["at"]), outcome=given["outcome"], version=given["version"], actor=actor, now=now
        )

    return _page(row, "登记修复", form, run, back=FAULT(row), done="已修复。", clauses=tuple(row.basis))


# -- plans and emergencies ---------------------------------------------------------------------------------------------
def withdraw(request: Any, row: EmergencyPlan) -> FormPage:
    actor, now = actor_of(request), now_of(request)
    core.require(actor, "equipment.plan", row)
    form = bound(request, forms.VersionedForm, version=row.version)

    def run(given: Data) -> None:
        equipment.withdraw_plan(row, version=given["version"], actor=actor, now=now)

    return _page(
        row, "撤下预案", form, run, back=PLAN(row), done="已撤下。", hint="撤下以后不再按它通知，原来的仍可查。"
    )


def note(request: Any, row: Emergency) -> FormPage:
    actor, now = actor_of(request), now_of(request)
    core.require(actor, "equipment.respond", row)
    form = bound(request, forms.NoteForm, version=row.version, staff=actor.is_staff_role, initial={"at": now})

    def run(given: Data) -> None:
        equipment.note(
            row, kind=given["kind"], text=given["text"], at=forms.in_zone(given["at"]), version=given["version"],
            file=kept(request, given["file"], row.ref), actor=actor, now=now,
        )  # fmt: skip

    return _page(row, "记处置经过", form, run, back=EMERGENCY(row), done="已记。", clauses=tuple(row.basis))


def take(request: Any, row: Emergency) -> FormPage:
    actor, now = actor_of(request), now_of(request)
    core.require(actor, "equipment.plan", row)
    if row.plan is None:
        raise Http404
    form = bound(request, forms.CompanyForm, version=row.version, rows=row.plan.reserves.order_by("name"))

    def run(given: Data) -> None:
        equipment.take_over(row, company=given["company"], version=given["version"], actor=actor, now=now)

    return _page(row, "登记应急接管", form, run, back=EMERGENCY(row), done="已登记。", clauses=tuple(row.basis))


def close(request: Any, row: Emergency) -> FormPage:
    actor, now = actor_of(request), now_of(request)
    core.require(actor, "equipment.respond", row)
    form = bound(request, forms.TextForm, version=row.version, label="处置结果")

    def run(given: Data) -> None:
        equipment.close_emergency(row, text=given["text"], version=given["version"], actor=actor, now=now)

    return _page(row, "处置结束", form, run, back=EMERGENCY(row), done="已结束。")


# -- a paper at one estate ---------------------------------------------------------------------------------------------
def answer(request: Any, row: DirectiveTarget) -> FormPage:
    actor, now = actor_of(request), now_of(request)
    core.require(actor, "equipment.answer", row)
    form = bound(request, forms.TextForm, version=row.version, label="落实情况", with_file="照片或材料")
    if row.directive.rules.get("photo"):
        form.fields["file"].says_optional = False

    def run(given: Data) -> None:
        equipment.answer(
            row, text=given["text"], file=kept(request, given["file"], row.ref), version=given["version"], actor=actor,
            now=now,
        )  # fmt: skip

    return _page(row, "反馈落实情况", form, run, back=TARGET(row), done="已反馈。", clauses=tuple(row.directive.basis))


def settle(request: Any, row: DirectiveTarget) -> FormPage:
    actor, now = actor_of(request), now_of(request)
    core.require(actor, "equipment.settle", row)
    form = bound(
        request, forms.JudgeForm, version=row.version, yes="核销", no="退回重新反馈", label="说明（退回的写明理由）"
    )

    def run(given: Data) -> None:
        equipment.settle(
            row, enough=given["verdict"] == "yes", remark=given["text"], version=given["version"], actor=actor, now=now
        )

    return _page(row, "核销、退回", form, run, back=TARGET(row), done="已办。", clauses=tuple(row.directive.basis))


def add(request: Any, row: DirectiveTarget) -> FormPage:
    actor, now = actor_of(request), now_of(request)
    core.require(actor, "equipment.settle", row)
    form = bound(request, forms.FoundForm, version=row.version)

    def run(given: Data) -> None:
        found = equipment.Found(given["kind"], given["text"], kept(request, given["photo"], row.ref))
        equipment.add_found(row, found=found, version=given["version"], actor=actor, now=now)

    return _page(row, "登记问题", form, run, back=TARGET(row), done="已登记。", clauses=tuple(row.directive.basis))


def penalise(request: Any, row: DirectiveTarget) -> FormPage:
    actor, now = actor_of(request), now_of(request)
    core.require(actor, "equipment.settle", row)
    form = bound(request, forms.PenaltyForm, version=row.version, initial={"on": today_of(request)})

    def run(given: Data) -> None:
        equipment.penalise(
            row, penalty=given["penalty"], on=given["on"], version=given["version"], actor=actor, now=now
        )

    return _page(
        row, "登记处罚", form, run, back=TARGET(row), done="已登记。", hint="处罚记入企业档案。",
        clauses=tuple(row.directive.basis),
    )  # fmt: skip


def _of_target(row: Defect) -> str:
    return reverse("equipment:target", args=[row.target_id])


def mend(request: Any, row: Defect) -> FormPage:
    actor, now = actor_of(request), now_of(request)
    core.require(actor, "equipment.answer", row)
    form = bound(request, forms.TextForm, version=row.version, label="整改情况", with_file="整改照片")

    def run(given: Data) -> None:
        equipment.fix_defect(
            row, text=given["text"], file=kept(request, given["file"], row.ref), version=given["version"], actor=actor,
            now=now,
        )  # fmt: skip

    return _page(
        row, "登记整改", form, run, back=_of_target(row), done="已报复查。", clauses=tuple(row.target.directive.basis)
    )


def recheck(request: Any, row: Defect) -> FormPage:
    actor, now = actor_of(request), now_of(request)
    core.require(actor, "equipment.settle", row)
    form = bound(
        request, forms.JudgeForm, version=row.version, yes="合格，销号", no="不合格，退回整改", label="复查情况",
        with_file="复查照片",
    )  # fmt: skip

    def run(given: Data) -> None:
        equipment.recheck_defect(
            row, passed=given["verdict"] == "yes", text=given["text"], file=kept(request, given["file"], row.ref),
            version=given["version"], actor=actor, now=now,
        )  # fmt: skip

    return _page(row, "复查", form, run, back=_of_target(row), done="已办。", clauses=tuple(row.target.directive.basis))


# -- a permit ----------------------------------------------------------------------------------------------------------
def step(request: Any, row: UsePermit) -> FormPage:
    actor, now, code = actor_of(request), now_of(request), row.next_step
    core.require(actor, "equipment.permit", row)
    if code is None:
        raise Http404
    form = bound(request, forms.StepForm, version=row.version, last=code == row.steps[-1])

    def run(given: Data) -> None:
        equipment.step_permit(
            row, step=code, permit_number=given.get("permit_number", ""), note=given["note"], version=given["version"],
            actor=actor, now=now,
        )  # fmt: skip

    return _page(row, PERMIT_STEPS[code], form, run, back=PERMIT(row), done="已办。", clauses=tuple(row.basis))


def refuse(request: Any, row: UsePermit) -> FormPage:
    actor, now = actor_of(request), now_of(request)
    core.require(actor, "equipment.permit", row)
    form = bound(request, forms.TextForm, version=row.version, label="不予发证的理由")

    def run(given: Data) -> None:
        equipment.refuse_permit(row, reason=given["text"], version=given["version"], actor=actor, now=now)

    return _page(row, "不予发证", form, run, back=PERMIT(row), done="已办。", clauses=tuple(row.basis))


# kind of row: (model, what is read with it, acts by their names)
ACTS: dict[str, tuple[Any, tuple[str, ...], dict[str, Maker]]] = {
    "facility": (Facility, ("estate", "building"), {"care": care, "data": data, "due": due, "permit": permit}),
    "contract": (UpkeepContract, ("estate", "company"), {"pay": pay, "end": end}),
    "fault": (Fault, ("estate", "facility"), {"arrive": arrive, "fix": fix}),
    "plan": (EmergencyPlan, ("estate", "place"), {"withdraw": withdraw}),
    "emergency": (Emergency, ("estate", "plan"), {"note": note, "take": take, "close": close}),
    "target": (
        DirectiveTarget, ("estate", "directive"),
        {"answer": answer, "settle": settle, "found": add, "penalise": penalise},
    ),
    "defect": (Defect, ("estate", "target__directive"), {"mend": mend, "recheck": recheck}),
    "permit": (UsePermit, ("estate", "facility"), {"step": step, "refuse": refuse}),
}  # fmt: skip


def row_for(request: Any, kind: str, pk: int) -> Any:
    if kind not in ACTS:
        raise Http404
    model, related, _ = ACTS[kind]
    if model is Facility:
        row = Facility.objects.select_related(*related).filter(pk=pk, ended_on=None).first()
        if row is None or not facilities_for(actor_of(request)).filter(pk=pk).exists():
            raise Http404
        return row
    return row_of(request, model, pk, *related)


def act_page(request: Any, row: Any, kind: str, act: str) -> FormPage:
    maker = ACTS[kind][2].get(act)
    if maker is None:
        raise Http404
    return maker(request, row)


@login_required
@require_http_methods(["GET", "POST"])
def act(request: HttpRequest, kind: str, pk: int, act: str) -> HttpResponse:
    return act_page(request, row_for(request, kind, pk), kind, act).answer(request)
