"""The acts on a finding: which form, which right, which command, and when it is their time."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from gongzhi.core import services as core
from gongzhi.core.pages import Who
from gongzhi.patrols import forms, services
from gongzhi.patrols.models import PatrolFinding
from gongzhi.patrols.services import Upload
from gongzhi.registry.queries import project_on

Data = Mapping[str, Any]


@dataclass(frozen=True)
class Act:
    title: str
    form: type[Any]
    right: str
    run: Callable[[PatrolFinding, Data, Who], Any]
    done: str
    states: tuple[str, ...]
    given: Callable[[PatrolFinding, Who], dict[str, Any]] = field(default=lambda row, who: {})
    when: Callable[[PatrolFinding, Who], bool] = field(default=lambda row, who: True)
    hint: str = ""

    def offered(self, row: PatrolFinding, who: Who) -> bool:
        """May he, and is it its time."""
        return row.state in self.states and core.may(who.actor, self.right, row) and self.when(row, who)


def _uploads(data: Data) -> tuple[Upload, ...]:
    return tuple(Upload("", one) for one in data.get("photos") or ())


def _assigning(row: PatrolFinding, who: Who) -> dict[str, Any]:
    """The units over the place, and the company that serves the estate."""
    units = forms.units_at(row.place_path)
    project = project_on(row.estate, core.local_day(who.now))
    if project is not None:
        units = units.exclude(role="property_company") | type(project.company).objects.filter(pk=project.company.pk)
    return {
        "units": units,
        "initial": {"responsible": row.responsible_id, "due_on": row.due_on, "grade": row.grade},
    }


def _assign(row: PatrolFinding, data: Data, who: Who) -> Any:
    return services.assign(
        row,
        responsible=data["responsible"],
        due_on=data["due_on"],
        grade=data["grade"],
        version=data["version"],
        **who.by,
    )


def _handing(row: PatrolFinding, who: Who) -> dict[str, Any]:
    pack = core.pack_for(row.place_path, core.local_day(who.now))
    return {"matters": {code: pack.matter_name(code) for code in pack.matters} if pack is not None else {}}


def _rectify(row: PatrolFinding, data: Data, who: Who) -> Any:
    return services.rectify(row, text=data["text"], uploads=_uploads(data), version=data["version"], **who.by)


def _recheck(row: PatrolFinding, data: Data, who: Who) -> Any:
    return services.recheck(
        row, passed=data["passed"] == "yes", text=data["text"], due_on=data["due_on"], uploads=_uploads(data),
        version=data["version"], **who.by,
    )  # fmt: skip


ACTS: dict[str, Act] = {
    "zhenggai": Act("报送整改", forms.RectifyForm, "finding.rectify", _rectify, "已报送，等待复查。", ("assigned",)),
    "fucha": Act("复查", forms.RecheckForm, "finding.recheck", _recheck, "已登记复查。", ("rectified",)),
    "zeren": Act("明确责任和时限", forms.AssignForm, "finding.assign", _assign, "已明确，责任单位会收到。",
                 ("found", "assigned"), given=_assigning, hint="没有责任单位或整改时限的，不能进入整改。"),
    "tongzhi": Act("出具整改通知书", forms.PlainForm, "finding.notify",
                   lambda row, data, who: services.give_notice(row, version=data["version"], **who.by),
                   "已出具并送责任单位签收。", ("assigned",), when=lambda row, who: not services.noticed(row),
                   hint="按现在的责任单位和时限生成带编号的通知书，可以下载打印。"),
    "anjian": Act("转为案件", forms.HandOnForm, "finding.notify",
                  lambda row, data, who: services.hand_on(
                      row, matter=data["matter"], text=data["text"], version=data["version"], **who.by),
                  "已转为案件，按事项分给主办部门。", ("found", "assigned"), given=_handing,
                  hint="要由部门依法处理的转为案件，这条问题不再计整改时限。"),
    "gongkai": Act("公开", forms.PlainForm, "finding.publish",
                   lambda row, data, who: services.publish(row, version=data["version"], **who.by),
                   "已公开在小区页面。", ("assigned", "rectified", "passed"),
                   when=lambda row, who: row.published_on is None,
                   hint="公开问题、责任单位、时限和整改结果，不公开照片和办理人。"),
    "zuofei": Act("作废", forms.ReasonForm, "finding.void",
                  lambda row, data, who: services.void(
                      row, reason=data["reason"], version=data["version"], **who.by),
                  "已作废。", ("found", "assigned")),
}  # fmt: skip
