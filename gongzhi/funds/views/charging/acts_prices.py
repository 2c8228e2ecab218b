"""Acts on prices: contract, tariffs and how they are filed and changed, guide prices, what is shown, inspections."""

from collections.abc import Mapping, Sequence
from typing import Any

from gongzhi.core import services as core
from gongzhi.funds import forms_charges as f
from gongzhi.funds.charges import services as charges
from gongzhi.funds.charges.queries.accounts import projects_for
from gongzhi.funds.charges.queries.prices import filing_facts
from gongzhi.funds.charges.services import TariffInput
from gongzhi.funds.charges.words import CHANGE_STEPS
from gongzhi.funds.views.charging.acting import Act, Data, PlaceOf, Who
from gongzhi.governance.votes.models import Motion
from gongzhi.registry.models import Building

IN_FORCE = ("final", "filed")


def _today(row: Any, who: Who) -> dict[str, Any]:
    return {"on": who.on, "from_on": who.on, "shown_on": who.on}


def _buildings(form: Any, row: Any, who: Who) -> None:
    form.fields["building"].queryset = Building.objects.filter(estate=row.estate).order_by("name")


def _terms(row: Any, data: Data, who: Who) -> Any:
    given = {name: data[name] for name in data if name != "version"}
    given["contract"] = who.kept(data["contract"], row.estate.ref)
    if given["mode"] != "commission":
        given |= {"commission_kind": "", "commission_ratio": None, "commission_fen": None}
    charges.set_terms(row, **given, **who.by)
    return row


def _tariff(row: Any, data: Data, who: Who) -> Any:
    given = {name: data[name] for name in data if name not in ("version", "every")}
    return charges.register_tariff(row, given=TariffInput(every=int(data["every"]), **given), **who.by)


def _setup_tariff(form: Any, row: Any, who: Who) -> None:
    _buildings(form, row, who)
    kinds = core.ask("funds.fee_kinds", {}, place_path=row.place_path, on=who.on).value or ()
    form.fields["fee"].choices = [
        ("", "请选"), *((code, title) for code, title in form.fields["fee"].choices if code in kinds)
    ]  # fmt: skip


def _report(row: Any, data: Data, who: Who) -> Any:
    given = {name: data[name] for name in data if name != "version"}
    given["file"] = who.kept(data["file"], row.estate.ref)
    charges.add_report(row, **given, **who.by)
    return row


def _show(row: Any, data: Data, who: Who) -> Any:
    given = {name: data[name] for name in data if name != "version"}
    given["photo"] = who.kept(data["photo"], row.estate.ref)
    charges.show(row, **given, **who.by)
    return row


def _change(row: Any, data: Data, who: Who) -> Any:
    evidence = who.kept(data["evidence"], row.ref)
    return charges.propose_change(
        row, new_price=data["new_price"], reason=data["reason"], evidence=evidence, report=data["report"], **who.by
    )


def _reports(form: Any, row: Any, who: Who) -> None:
    form.fields["report"].queryset = row.project.price_reports.order_by("-on", "-pk")


def _step(step: str) -> Any:
    def run(row: Any, data: Data, who: Who) -> Any:
        given = {"motion": data.get("motion"), "number": data.get("number", "")}
        return charges.take_step(row, step=step, on=data["on"], version=data["version"], **given, **who.by)

    return run


def _is_next(step: str) -> Any:
    return lambda row, who: row.state == "open" and charges.next_step(row) == step


def _motions(form: Any, row: Any, who: Who) -> None:
    passed = Motion.objects.filter(
        vote__estate=row.tariff.project.estate, outcome="passed", vote__state__in=IN_FORCE
    ).select_related("vote")
    form.fields["motion"].queryset = passed.order_by("-pk")


def _steps_clauses(row: Any, who: Who) -> tuple[str, ...]:
    facts = {"estate_type": row.tariff.project.estate.estate_type}
    return tuple(core.ask("funds.price_change_steps", facts, place_path=row.place_path, on=who.on).clauses)


def _filing_hint(row: Any, who: Who) -> str:
    guide, _ = filing_facts(row, who.on)
    price = f"申报{_plain(row.price)}{row.per}，等级“{row.grade or '没有写'}”。"
    if guide is None:
        return f"{price}这个等级没有执行中的指导价。"
    return f"{price}指导价基准{_plain(guide.base_price)}元，范围{_plain(guide.least)}至{_plain(guide.most)}元。"


def _plain(number: Any) -> str:
    return f"{number.normalize():f}"


# -- guide prices, inspections


def _factors(row: Any, who: Who) -> Mapping[str, Any]:
    return {"factors": charges.guide_rules(row.place.path, who.on).get("factors") or ()}


PER_CENT = 100
GUIDE_FIELDS = ("grade", "base_price", "up_ratio", "down_ratio", "from_on", "document")


def _guide_given(data: Data, titles: Sequence[str]) -> dict[str, Any]:
    factors = {title: data.get(f"factor_{place}", "") for place, title in enumerate(titles)}
    return {**{name: data[name] for name in GUIDE_FIELDS}, "factors": factors}


def _guide(row: PlaceOf, data: Data, who: Who) -> Any:
    return charges.draft_guide_price(row.place, **_guide_given(data, _factors(row, who)["factors"]), **who.by)


def _draft_factors(row: Any, who: Who) -> Mapping[str, Any]:
    return {"factors": charges.guide_rules(row.place_path, who.on).get("factors") or ()}


def _draft_initial(row: Any, who: Who) -> dict[str, Any]:
    titles = _draft_factors(row, who)["factors"]
    written = {f"factor_{place}": row.factors.get(title, "") for place, title in enumerate(titles)}
    shares = {name: _plain(getattr(row, name) * PER_CENT) for name in ("up_ratio", "down_ratio")}
    own = {name: getattr(row, name) for name in GUIDE_FIELDS}
    return {**own, "base_price": _plain(row.base_price), **shares, **written}


def _amend(row: Any, data: Data, who: Who) -> Any:
    given = _guide_given(data, _draft_factors(row, who)["factors"])
    charges.amend_guide_price(row, **given, version=data["version"], **who.by)
    return row


def _sign(row: Any, data: Data, who: Who) -> Any:
    charges.sign_guide_price(row, **who.by)
    return row


def _offer_inspection(form: Any, row: PlaceOf, who: Who) -> None:
    rule = (
        core.ask("funds.price_inspection", {"finding": "not_shown"}, place_path=row.place.path, on=who.on).value or {}
    )
    own = [who.actor.role, "development_reform", "market_regulation", "housing"]
    roles = dict.fromkeys([*(rule.get("roles") or ()), *own])
    named = {role: core.role_name(role, place_path=row.place.path, on=who.on) for role in roles}
    titles = {role: name for role, name in named.items() if name != role}  # a city may not have this department
    form.offer(titles, projects_for(who.actor, on=who.on).filter(to_on=None))


def _inspect(row: PlaceOf, data: Data, who: Who) -> Any:
    findings = [(data["project"], data["finding"])] if data["project"] else []
    return charges.inspect(
        row.place, on=data["on"], roles=data["roles"], note=data["note"], findings=findings, **who.by
    )


PROJECT: dict[str, Act] = {
    "yueding": Act(
        "登记合同约定", "已登记，现有约定到前一日为止。", f.TermsForm, "fee.bill", _terms, initial=_today,
        hint="收费方式、缴费期限、违约金都按服务合同填。没有约定违约金的不收。",
    ),
    "biaozhun": Act(
        "登记收费标准", "已登记。政府指导价的要备案以后才执行。", f.TariffForm, "fee.bill", _tariff,
        setup=_setup_tariff,
        initial=_today, hint="只登记第一次的标准；执行中的标准要变，走调价手续。", to_made=True,
    ),
    "gongshi": Act(
        "登记收费公示", "已登记，同一位置原来的那份当日撤下。", f.ShowForm, "fee.show", _show, initial=_today,
    ),
    "pinggu": Act(
        "登记评估报告", "已登记。评估价不改变合同价。", f.ReportForm, "fee.bill", _report, initial=_today,
        hint="双方都签字委托的，才能作调价协商的附件。",
    ),
}  # fmt: skip
TARIFF: dict[str, Act] = {
    "tiaojia": Act(
        "提出调价", "已提出。手续办完以前现价不变。", f.ChangeForm, "fee.bill", _change, setup=_reports, to_made=True,
        open=lambda row, who: (
            row.state == "in_force" and row.to_on is None and not row.changes.filter(state="open").exists()
        ),
    ),
    "beian": Act(
        "备案", "已备案，标准从执行日期起执行。", f.FilingForm, "price.file",
        lambda row, data, who: charges.file_tariff(row, number=data["number"], version=data["version"], **who.by),
        open=lambda row, who: row.state == "draft", hint=_filing_hint, judged=lambda row: row,
    ),
    "buyubeian": Act(
        "不予备案", "已告知不予备案。", f.Reasoned, "price.file",
        lambda row, data, who: charges.refuse_filing(row, reason=data["reason"], version=data["version"], **who.by),
        open=lambda row, who: row.state == "draft", hint=_filing_hint, judged=lambda row: row,
    ),
}  # fmt: skip
CHANGE: dict[str, Act] = {
    "gongshi": Act(
        f"登记{CHANGE_STEPS['notice']}", "已登记。", f.StepForm, "fee.bill", _step("notice"), initial=_today,
        open=_is_next("notice"), clauses=_steps_clauses,
    ),
    "biaojue": Act(
        f"登记{CHANGE_STEPS['decide']}", "已登记。", f.MotionStepForm, "fee.bill", _step("decide"), initial=_today,
        open=_is_next("decide"), setup=_motions, clauses=_steps_clauses,
        hint="只能选本小区已经通过并生效的表决；没有通过的，现价不变。",
    ),
    "beian": Act(
        f"登记{CHANGE_STEPS['file']}", "已登记。", f.FileStepForm, "price.file", _step("file"), initial=_today,
        open=_is_next("file"), judged=lambda row: row, clauses=_steps_clauses,
    ),
    "zhixing": Act(
        "执行新标准", "新标准已登记，原标准到前一日为止。", f.ForceForm, "fee.bill",
        lambda row, data, who: charges.put_into_force(
            row, effective_on=data["effective_on"], version=data["version"], **who.by
        ),
        open=lambda row, who: row.state == "open" and charges.next_step(row) is None, to_made=True,
    ),
    "chehui": Act(
        "撤回调价", "已撤回，现价不变。", f.Plain, "fee.bill",
        lambda row, data, who: charges.drop_change(row, version=data["version"], **who.by),
        open=lambda row, who: row.state == "open",
    ),
}  # fmt: skip
PLACE: dict[str, Act] = {
    "zhidaojia": Act(
        "起草政府指导价", "已起草，公布以前谁也不受它约束。", f.GuideForm, "price.guide", _guide, initial=_today,
        build=_factors, to_made=True,
        clauses=lambda row, who: core.ask(
            "funds.guide_price_rules", {}, place_path=row.place.path, on=who.on
        ).clauses,
    ),
    "jiancha": Act(
        "登记收费公示检查", "已登记，发现的问题已交主办部门。", f.InspectionForm, "price.inspect", _inspect,
        initial=_today,
        setup=_offer_inspection,
        clauses=lambda row, who: core.ask(
            "funds.price_inspection", {"finding": "not_shown"}, place_path=row.place.path, on=who.on
        ).clauses,
    ),
}  # fmt: skip
GUIDE: dict[str, Act] = {
    "huiqian": Act(
        "会签", "已会签。", f.Plain, "price.sign", _sign,
        open=lambda row, who: row.state == "draft"
        and who.actor.role in (charges.guide_rules(row.place_path, who.on).get("signed_by") or ())
        and not row.signs.filter(role=who.actor.role).exists(),
    ),
    "xiugai": Act(
        "改草稿", "已改，会签过的单位要重新会签。", f.GuideForm, "price.guide", _amend, build=_draft_factors,
        initial=_draft_initial, open=lambda row, who: row.state == "draft",
    ),
    "gongbu": Act(
        "公布", "已公布，同一等级原来的版本到前一日为止。", f.Plain, "price.guide",
        lambda row, data, who: charges.publish_guide_price(row, version=data["version"], **who.by),
        open=lambda row, who: row.state == "draft",
    ),
}  # fmt: skip
FINDING: dict[str, Act] = {
    "banjie": Act(
        "填写处理结果", "已办结，结果写入企业档案。", f.FindingForm, "price.inspect",
        lambda row, data, who: charges.close_finding(
            row, case_ref=data["case_ref"], result=data["result"], version=data["version"], **who.by
        ),
        open=lambda row, who: row.closed_on is None and who.actor.role == row.lead,
        initial=lambda row, who: {"case_ref": row.case_ref},
    ),
}  # fmt: skip
