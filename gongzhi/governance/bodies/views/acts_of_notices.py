"""The acts on notices of committees: put up, verified, taken down, objected to, reported, settled."""

from collections.abc import Mapping
from typing import Any

from gongzhi.core.errors import Refused
from gongzhi.core.pages import Who
from gongzhi.governance.bodies import forms_notices as forms
from gongzhi.governance.bodies import services
from gongzhi.governance.bodies.models import Body
from gongzhi.governance.bodies.queries.bodies import body_on
from gongzhi.governance.bodies.queries.notices import rules_of
from gongzhi.governance.bodies.views.acting import Act
from gongzhi.governance.bodies.words import COMMITTEES
from gongzhi.registry.models import Estate

Data = Mapping[str, Any]


def _show(body: Any, data: Data, who: Who) -> Any:
    names = ("kind", "title", "text", "until_on", "about", "file", "photo", "ask_street")
    return services.show_notice(body, **{name: data[name] for name in names}, **who.by)


def _rules(body: Any, who: Who) -> tuple[str, ...]:
    return rules_of(body, "other", who.on).clauses


def committee_of(estate: Estate, who: Who) -> Body:
    """Whose notices those of the estate are: of who is in office, or was last."""
    found = [body_on(estate, kind, who.on) for kind in COMMITTEES]
    body = next((one for one in found if one is not None), None)
    last: Body | None = body or Body.objects.filter(estate=estate, kind__in=COMMITTEES).order_by("-formed_on").first()
    if last is None:
        raise Refused("no_body", "这个小区没有业委会、物管会。")
    return last


def _withholding(estate: Any, data: Data, who: Who) -> Any:
    return services.report_notice(
        committee_of(estate, who), kind="withholding", text=data["text"], file=data["file"], **who.by
    )


def _of_notice(kind: str) -> Any:
    def run(notice: Any, data: Data, who: Who) -> Any:
        return services.report_notice(
            notice.body, kind=kind, text=data["text"], notice=notice, file=data.get("file"), **who.by
        )

    return run


NOTICES: dict[str, dict[str, Act]] = {
    "body": {
        "gonggao": Act(
            "发布公告", forms.NoticeForm, "notice.show", _show, "已提交。公示期内业主都能看到，期满留存备查。",
            hint="发布以后内容不能改；要改的撤下写明原因，再发一份。", clauses=_rules, to_made=True,
        ),
    },
    "estate": {
        "jubao": Act(
            "举报要求拒交、缓交物业费", forms.WithholdingForm, "notice.report", _withholding,
            "已收到，街道会核实，结果在这一页看。", to_made=True,
            hint="业委会用公告、群通知、口头等任何办法要求业主拒交、缓交物业费的，都可以举报。",
        ),
    },
    "body_notice": {
        "zhaopian": Act(
            "补张贴照片", forms.PhotoForm, "",
            lambda row, data, who: services.photograph(row, photo=data["photo"], version=data["version"], **who.by),
            "已登记。",
        ),
        "heshi": Act(
            "核实公告", forms.VerifyNoticeForm, "notice.verify",
            lambda row, data, who: services.verify_notice(
                row, lawful=data["lawful"] == "yes", reason=data["reason"], version=data["version"], **who.by
            ),
            "已核实，业委会已得知。",
        ),
        "chexia": Act(
            "撤下公告", forms.TakeDownForm, "",
            lambda row, data, who: services.take_down(row, reason=data["reason"], version=data["version"], **who.by),
            "已撤下，原因和公告一起留存。",
        ),
        "yiyi": Act(
            "提出异议", forms.ObjectionForm, "notice.report", _of_notice("objection"),
            "已提出，业委会的答复在这一页看。", to_made=True,
        ),
        "jubao": Act(
            "举报要求拒交、缓交物业费", forms.WithholdingForm, "notice.report", _of_notice("withholding"),
            "已收到，街道会核实，结果在这一页看。", to_made=True,
        ),
    },
    "notice_report": {
        "dafu": Act(
            "答复、核实", forms.SettleReportForm, "",
            lambda row, data, who: services.settle_report(
                row, confirmed=data["confirmed"] == "yes", text=data["text"], version=data["version"], **who.by
            ),
            "已答复，属实的记入业委会的履职记录。",
        ),
    },
}  # fmt: skip
