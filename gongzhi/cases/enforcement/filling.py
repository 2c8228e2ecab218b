"""The acts of enforcement as forms: the page and the program are given the same."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.http import Http404, HttpRequest
from django.urls import reverse

from gongzhi.cases.enforcement import forms, services
from gongzhi.cases.enforcement.models import (
    DissuasionNotice,
    Operation,
    OperationItem,
)
from gongzhi.cases.enforcement.queries.asking import categories_of, rule
from gongzhi.cases.enforcement.queries.evidence import evidence_of, held_by, offered_to, sees, shown_to
from gongzhi.cases.enforcement.queries.operations import operations_for
from gongzhi.cases.enforcement.words import CATEGORIES
from gongzhi.cases.models import Case, Problem
from gongzhi.cases.queries import problems_for
from gongzhi.cases.queries.reporting import levels_of, report_targets
from gongzhi.cases.services import tell_beside
from gongzhi.core import services as core
from gongzhi.core.models import Organisation
from gongzhi.core.pages import FormPage, actor_of, bound, now_of, today_of
from gongzhi.core.refs import Ref
from gongzhi.core.units import NO_UNITS
from gongzhi.registry.models import Estate

COUNTY_DEPTH = 3
HOME = "执法进小区"
Build = Callable[[HttpRequest, int], FormPage]


def page_for(
    title: str,
    form: Any,
    run: Callable[[Mapping[str, Any]], Ref],
    *,
    done: str,
    back: str,
    crumbs: Sequence[tuple[str, str]] = (),
    **more: Any,
) -> FormPage:
    nav = more.pop("nav", "enforcement")
    return FormPage(
        title=title, form=form, run=run, done=done, back=back, nav=nav,
        crumbs=list(crumbs) or [(HOME, reverse("enforcement:overview"))], **more,
    )  # fmt: skip


def who(request: HttpRequest) -> dict[str, Any]:
    return {"actor": actor_of(request), "now": now_of(request)}


def county(path: str) -> str:
    return "".join(f"{code}/" for code in path.split("/")[:COUNTY_DEPTH])


def units_at(path: str, *, local: bool = True) -> Any:
    """Offices and departments of the county of a path."""
    rows = Organisation.objects.filter(active=True, place_path__startswith=county(path))
    rows = rows.exclude(kind__in=NO_UNITS)
    return rows.filter(place__level__in=("county", "street", "community") if local else ("county",)).order_by(
        "place_path", "name"
    )


def found_row(rows: Any, pk: int) -> Any:
    row = rows.filter(pk=pk).first()
    if row is None:
        raise Http404
    return row


# -- lines of the register ---------------------------------------------------------------------------------------------
def _line(request: HttpRequest, pk: int) -> Problem:
    return found_row(problems_for(actor_of(request)), pk)


def _line_page(row: Problem, title: str, form: Any, run: Any, *, done: str, **more: Any) -> FormPage:
    home = reverse("cases:problem", args=[row.number])
    return page_for(
        title, form, run, done=done, back=home, after=home, nav="cases",
        crumbs=[("问题台账", reverse("cases:problems")), (row.number, home)], **more,
    )  # fmt: skip


def notice_page(request: HttpRequest, pk: int) -> FormPage:
    row = _line(request, pk)
    core.require(actor_of(request), "problems.handle", row)
    form = bound(request, forms.NoticeForm)
    targets = [] if row.reported_up_at else report_targets(row, on=today_of(request))
    form.fields["to"].queryset = Organisation.objects.filter(pk__in=[unit.pk for _, unit in targets])
    if targets:
        form.fields["to"].initial = targets[0][1].pk
    else:
        del form.fields["to"]

    def run(data: Mapping[str, Any]) -> Ref:
        return services.issue_notice(
            row, addressee=data["addressee"], demand=data["demand"], to=data.get("to"), **who(request)
        ).problem.ref

    return _line_page(
        row, "出具劝阻告知书", form, run, done="已出具，可以打印。", hint="告知书按单位编号；打印后送达，再登记签收。"
    )


def serve_page(request: HttpRequest, pk: int) -> FormPage:
    notice = DissuasionNotice.objects.select_related("problem", "document").filter(pk=pk).first()
    if notice is None:
        raise Http404
    row = _line(request, notice.problem_id)
    core.require(actor_of(request), "problems.handle", row)
    form = bound(request, forms.ServeForm, initial={"at": now_of(request)})

    def run(data: Mapping[str, Any]) -> Ref:
        given = {name: data[name] for name in ("signing", "at", "witness", "photo")}
        return services.serve_notice(notice, **given, **who(request)).problem.ref

    return _line_page(row, f"登记送达{notice.document.number}", form, run, done="已登记送达。", button="登记送达")


def beside_page(request: HttpRequest, pk: int) -> FormPage:
    row = _line(request, pk)
    core.require(actor_of(request), "problems.handle", row)
    form = bound(request, forms.BesideForm)
    left = [unit.pk for unit, told in levels_of(row, on=today_of(request)) if not told]
    form.fields["to"].queryset = Organisation.objects.filter(pk__in=left)
    return _line_page(
        row, "报告另一级", form, lambda data: tell_beside(row, to=data["to"], **who(request)).ref, done="已报告。"
    )


# -- evidence ----------------------------------------------------------------------------------------------------------
def subject_of(request: HttpRequest, kind: str, pk: int) -> Case | Problem:
    """The case or the line whose evidence it is: for who may see it, or was handed some of its evidence."""
    actor = actor_of(request)
    rows: Any = Problem.objects if kind == "problem" else Case.objects.select_related("complaint")
    subject: Case | Problem | None = rows.select_related("estate").filter(pk=pk).first()
    if subject is None or not (sees(subject, actor) or shown_to(subject, actor).exists()):
        raise Http404
    return subject


def evidence_url(subject: Case | Problem) -> str:
    return reverse("enforcement:evidence", args=[subject.ref.kind, subject.pk])


def _evidence_page(request: HttpRequest, code: str, subject: Case | Problem) -> FormPage:
    actor, home = actor_of(request), evidence_url(subject)
    crumbs = [("证据", home)]
    if code == "shoucun":
        form = bound(request, forms.EvidenceForm, initial={"taken_at": now_of(request)})

        def take(data: Mapping[str, Any]) -> Ref:
            given = {name: data[name] for name in ("file", "title", "taken_at", "taken_where")}
            return services.take_in(subject, **given, **who(request)).ref

        hint = "上传时算出摘要写进存证日志，以后改动一个字节都查得出来。"
        return page_for(
            "收存证据", form, take, done="已收存。", back=home, after=home, crumbs=crumbs, nav="cases", hint=hint
        )
    rows = [one.pk for one in (held_by(subject, actor) if code == "yijiao" else offered_to(subject, actor))]
    found = evidence_of(subject).filter(pk__in=rows)
    form = bound(request, forms.HandOverForm if code == "yijiao" else forms.SignForm)
    form.fields["evidence"].queryset = found
    form.fields["evidence"].initial = rows
    if code == "yijiao":
        form.fields["to"].queryset = units_at(subject.place_path)

        def hand(data: Mapping[str, Any]) -> Ref:
            services.hand_over(list(data["evidence"]), to=data["to"], reason=data["reason"], **who(request))
            return subject.ref

        return page_for(
            "移交证据", form, hand, done="已移交，等对方签收。", back=home, after=home, crumbs=crumbs, nav="cases"
        )

    def sign(data: Mapping[str, Any]) -> Ref:
        services.sign_for(list(data["evidence"]), **who(request))
        return subject.ref

    return page_for(
        "签收证据", form, sign, done="已签收，由本单位保管。", back=home, after=home, crumbs=crumbs, nav="cases"
    )


EVIDENCE_ACTS = {"shoucun": "收存证据", "yijiao": "移交证据", "qianshou": "签收证据"}


def evidence_act(request: HttpRequest, kind: str, pk: int, code: str) -> FormPage:
    if code not in EVIDENCE_ACTS:
        raise Http404
    return _evidence_page(request, code, subject_of(request, kind, pk))


def category_page(request: HttpRequest, pk: int) -> FormPage:
    case = subject_of(request, "case", pk)
    if not isinstance(case, Case):
        raise Http404
    core.require(actor_of(request), "cases.weigh", case)
    home = reverse("cases:case", args=[case.number])
    row, (categories, clauses) = getattr(case, "about_company", None), categories_of(case)
    if row is None or not categories:
        raise Http404
    form = bound(request, forms.CategoryForm, initial={"category": row.category})
    form.fields["category"].choices = [("", "请选"), *((code, CATEGORIES[code]) for code in categories)]

    def run(data: Mapping[str, Any]) -> Ref:
        services.choose_category(row.case, category=data["category"], **who(request))
        return row.case.ref

    return page_for(
        "选违规的类别", form, run, done="已登记类别。", back=home, after=home, nav="cases", clauses=clauses,
        crumbs=[(case.number, home)], hint="选“合同违约”的只通报、记入档案，不处罚。" if "breach" in categories else "",
    )  # fmt: skip


# -- operations --------------------------------------------------------------------------------------------------------
def _operation(request: HttpRequest, pk: int) -> Operation:
    return found_row(operations_for(actor_of(request)), pk)


def _operation_page(row: Operation, title: str, form: Any, run: Any, *, done: str, **more: Any) -> FormPage:
    home = reverse("enforcement:operation", args=[row.pk])
    return page_for(
        title, form, run, done=done, back=home, after=home, clauses=row.basis.get("clauses", ()),
        crumbs=[("联合行动", reverse("enforcement:operations")), (row.title, home)], **more,
    )  # fmt: skip


def plan_page(request: HttpRequest, pk: int = 0) -> FormPage:
    actor, on = actor_of(request), today_of(request)
    path = actor.place_path
    core.require(actor, "operations.plan", services.Where(path))
    form = bound(request, forms.OperationForm, initial={"planned_on": on})
    units = units_at(path)
    form.fields["main"].queryset = units.filter(place__level__in=("county", "street"))
    form.fields["units"].queryset = units.filter(place__level__in=("county", "street"))
    violations = [one for one in core_matters(path, on) if one[0]]
    form.fields["topics"].choices = violations
    allowed = {kind: title for kind, title in forms.OPERATIONS.items() if may_open(actor, path, on, kind=kind)}
    asked = request.GET.get("kind", "")
    if asked in allowed:
        allowed = {asked: allowed[asked]}
    form.fields["kind"].choices = [("", "请选"), *allowed.items()]
    if len(allowed) == 1:
        (kind,) = allowed
        named, clauses = rule("operation", path, on, kind=kind)
        joins = [*named.get("support", ()), *named.get("leads", ())]
        form.fields["kind"].initial = kind
        form.fields["units"].initial = list(
            units.filter(role__in=joins, place__level="county").values_list("pk", flat=True)
        )
        form.fields["topics"].initial = list(named.get("topics", ()))
        hint = "文件规定参加的单位已经勾好，可以增减。" if form.fields["units"].initial else ""
    else:
        clauses, hint = (), "回到“联合行动”按种类发起，文件规定参加的单位会先勾好。"
    back = reverse("enforcement:operations")

    def run(data: Mapping[str, Any]) -> Ref:
        given = {name: data[name] for name in ("kind", "title", "plan", "planned_on", "main", "topics")}
        return services.plan_operation(path, units=list(data["units"]), **given, **who(request)).ref

    return page_for(
        "发起联合行动", form, run, done="已发起，参加单位会收到通知。", back=back, hint=hint, clauses=clauses,
        after=lambda ref: reverse("enforcement:operation", args=[ref.id]), crumbs=[("联合行动", back)],
    )  # fmt: skip


def core_matters(path: str, on: Any) -> list[tuple[str, str]]:
    """Unlawful acts as the place's document names them."""
    pack = core.pack_for(path, on)
    rows = sorted(pack.matters.values(), key=lambda one: one.group) if pack is not None else []
    return [(one.code, f"{one.name}（{one.group}）") for one in rows if one.nature == "violation"]


def may_open(actor: Any, path: str, on: Any, *, kind: str) -> bool:
    named, _ = rule("operation", path, on, kind=kind)
    who = named.get("openers") or named.get("leads") or ()
    return not who or actor.role in who or actor.is_system


def tell_page(request: HttpRequest, pk: int) -> FormPage:
    row = _operation(request, pk)
    core.require(actor_of(request), "operations.run", row)
    form = bound(request, forms.UnitForm, version=row.version)
    form.fields["unit"].queryset = units_at(row.place_path).exclude(pk__in=row.units.values("organisation"))
    return _operation_page(
        row, "再通知一个单位", form,
        lambda data: services.tell_unit(row, unit=data["unit"], version=data["version"], **who(request)).ref,
        done="已通知。",
    )  # fmt: skip


def item_page(request: HttpRequest, pk: int) -> FormPage:
    row, actor = _operation(request, pk), actor_of(request)
    core.require(actor, "operations.run", row)
    form = bound(request, forms.ItemForm, version=row.version)
    form.fields["organisation"].queryset = units_at(row.place_path)
    form.fields["estate"].queryset = Estate.objects.within(row.place_path).filter(ended_on=None).order_by("name")
    form.fields["matter"].choices = [("", "不选"), *core_matters(row.place_path, today_of(request))]
    companies = Organisation.objects.filter(role="property_company", place_path__startswith=county(row.place_path))
    form.fields["company"].queryset = companies.order_by("name")

    def run(data: Mapping[str, Any]) -> Ref:
        given = {name: data[name] for name in ("text", "organisation", "estate", "matter", "company", "version")}
        services.give_item(row, **given, **who(request))
        return row.ref

    return _operation_page(row, "分派任务", form, run, done="已分派。")


def result_page(request: HttpRequest, pk: int) -> FormPage:
    row = _operation(request, pk)
    core.require(actor_of(request), "operations.answer", row)
    form = bound(request, forms.ResultForm, version=row.version)
    return _operation_page(
        row, "填报本单位结果", form,
        lambda data: services.tell_result(row, result=data["result"], version=data["version"], **who(request)).ref,
        done="已填报。",
    )  # fmt: skip


def item_result_page(request: HttpRequest, pk: int) -> FormPage:
    item = OperationItem.objects.filter(pk=pk).first()
    if item is None:
        raise Http404
    row = _operation(request, item.operation_id)
    core.require(actor_of(request), "operations.answer", row)
    form = bound(request, forms.ItemResultForm, version=row.version)

    def run(data: Mapping[str, Any]) -> Ref:
        counts = {name: data[name] or 0 for name in forms.PUNISHED}
        return services.tell_result(
            row, item=item, result=data["result"], punished=counts, photo=data["photo"], version=data["version"],
            **who(request),
        ).ref  # fmt: skip

    return _operation_page(row, f"填报结果：{item.text}", form, run, done="已填报。", button="填报结果")


def hold_page(request: HttpRequest, pk: int) -> FormPage:
    row = _operation(request, pk)
    core.require(actor_of(request), "operations.run", row)
    form = bound(request, forms.HoldForm, version=row.version, initial={"on": today_of(request)})

    def run(data: Mapping[str, Any]) -> Ref:
        given = {name: data[name] for name in ("on", "summary", "version")}
        return services.hold_operation(row, **given, **who(request)).ref

    return _operation_page(row, "登记开展", form, run, done="已登记。")


def call_off_page(request: HttpRequest, pk: int) -> FormPage:
    row = _operation(request, pk)
    core.require(actor_of(request), "operations.run", row)
    form = bound(request, forms.CallOffForm, version=row.version)

    def run(data: Mapping[str, Any]) -> Ref:
        return services.call_off_operation(row, reason=data["reason"], version=data["version"], **who(request)).ref

    hint = "各参加单位收到通知，不再欠结果。"
    return _operation_page(row, "取消行动", form, run, done="已取消，各单位已收到通知。", hint=hint)


def archive_page(request: HttpRequest, pk: int) -> FormPage:
    row = _operation(request, pk)
    core.require(actor_of(request), "operations.run", row)
    form = bound(request, forms.PlainForm, version=row.version)
    return _operation_page(
        row, "归档", form, lambda data: services.archive_operation(row, version=data["version"], **who(request)).ref,
        done="已归档。", hint="配合单位和任务都填了结果才能归档。",
    )  # fmt: skip
