"""The acts of forming a body."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import Any

from gongzhi.core import services as core
from gongzhi.core.errors import Refused
from gongzhi.core.pages import Who
from gongzhi.governance.bodies import forms, services
from gongzhi.governance.bodies.models import Formation
from gongzhi.governance.bodies.queries.coverage import priority_of
from gongzhi.governance.bodies.services import PersonInput, Winner
from gongzhi.governance.bodies.services.forming import guidance_of
from gongzhi.governance.bodies.views.acting import Act
from gongzhi.governance.bodies.words import COMMITTEES
from gongzhi.governance.electors import HUNDREDTHS
from gongzhi.registry.models import Unit

Data = Mapping[str, Any]
HEAD = "主任"


def _units(form: Any, formation: Any, who: Who) -> None:
    form.fields["unit"].queryset = Unit.objects.filter(building__estate=formation.estate).select_related("building")


def _candidate_lists(form: Any, formation: Any, who: Who) -> None:
    _units(form, formation, who)
    steward_building(form, formation)


def steward_building(form: Any, formation: Any) -> None:
    """Only a steward stands for a building; without an answer it is that of his home."""
    if formation.kind == services.STEWARDS:
        form.fields["building"].queryset = formation.estate.buildings.order_by("name")
    else:
        del form.fields["building"]


def _choosable(form: Any, formation: Any, who: Who) -> None:
    rows = by_priority(formation, who.on)
    field = form.fields["chosen"]
    field.queryset = formation.candidates.filter(withdrawn_on=None).exclude(result="refused")
    marks = {one.pk: "　优先" if first else "" for one, first in rows}
    field.choices = [
        (one.pk, f"{one.building or ''}　{one.person.masked_name}{marks[one.pk]}")
        for one, _ in rows
        if one.withdrawn_on is None and one.result != "refused"
    ]


def _present(estate: Any, lines: Any) -> list[services.Present]:
    found = []
    units = Unit.objects.filter(building__estate=estate).select_related("building__estate")
    homes = {(one.building.name, one.name): one for one in units}
    for name, building, unit in lines:
        home = homes.get((building, unit))
        if home is None:
            raise Refused("unit_unknown", "", fields={"present": f"小区里没有登记{building}{unit}，请核对"})
        found.append(services.Present(name, home))
    return found


def _representatives(estate: Any, data: Data, who: Who) -> Any:
    return services.hold_representatives(
        estate, held_on=data["held_on"], present=_present(estate, data["present"]), text=data["text"],
        minutes=data["minutes"], **who.by,
    )  # fmt: skip


def _choose(formation: Any, data: Data, who: Who) -> Any:
    services.hold_representatives(
        formation.estate, held_on=data["held_on"], present=_present(formation.estate, data["present"]),
        text=data["text"], minutes=data["minutes"], formation=formation, chosen=list(data["chosen"]), **who.by,
    )  # fmt: skip
    return formation


def _conditions(estate: Any, data: Data, who: Who) -> Any:
    services.meet_conditions(estate, met_on=data["met_on"], **who.by)
    return estate


def _classify(estate: Any, data: Data, who: Who) -> Any:
    services.classify(estate, group=data["group"], measures=data["measures"], **who.by)
    return estate


def _apply(estate: Any, data: Data, who: Who) -> Any:
    return services.take_application(estate, received_on=data["received_on"], words_of=data["words_of"], **who.by)


def _start(estate: Any, data: Data, who: Who) -> Any:
    names = ("kind", "trigger", "reason", "started_on")
    return services.start_formation(estate, **{name: data[name] for name in names}, **who.by)


def _no_step_of_nothing(form: Any, estate: Any, who: Who) -> None:
    """While no committee is being formed there is no step to guide."""
    if not Formation.objects.filter(estate=estate, state="open", kind__in=COMMITTEES).exists():
        del form.fields["step"]


def _guide_estate(estate: Any, data: Data, who: Who) -> Any:
    services.guide(estate, step=data.get("step", ""), text=data["text"], files=data["papers"], on=data["on"], **who.by)
    return estate


def _guide(formation: Any, data: Data, who: Who) -> Any:
    services.guide(
        formation.estate,
        formation=formation,
        step=data["step"],
        text=data["text"],
        files=data["papers"],
        on=data["on"],
        **who.by,
    )
    return formation


def _group(formation: Any, data: Data, who: Who) -> Any:
    services.form_group(formation, seats=data["seats"], formed_on=data["formed_on"], version=data["version"], **who.by)
    return formation


def _management(formation: Any, data: Data, who: Who) -> Any:
    """The owners' seats as they came about: chosen, with the record of it, or recommended by the party."""
    came = {"source": data["owners_come_by"], "source_note": data["choosing_record"]}
    body = services.form_management_committee(
        formation,
        seats=[replace(one, **came) if one.side == "owner" else one for one in data["seats"]],
        absent_sides=data["absent_sides"],
        explanation=data["explanation"],
        formed_on=data["formed_on"],
        term_until=data["term_until"],
        version=data["version"],
        **who.by,
    )
    for one in data["records"]:
        core.store_file(one, owner=body.ref, actor=who.actor, now=who.now)
    return body


def _nominate(formation: Any, data: Data, who: Who) -> Any:
    names = ("unit", "source", "recommended_by", "attributes", "statement", "tied_to_company")
    services.nominate(
        formation,
        person=PersonInput(data["name"], data["phone"]),
        building=data.get("building"),
        on=who.on,
        **{name: data[name] for name in names},
        **who.by,
    )
    return formation


def _review(candidate: Any, data: Data, who: Who) -> Any:
    return services.review_candidate(
        candidate,
        result=data["result"],
        opinion=data["opinion"],
        put_on_list=data["put_on_list"],
        version=data["version"],
        **who.by,
    ).formation


def _publish_chosen(formation: Any, data: Data, who: Who) -> Any:
    return services.publish_chosen(formation, from_on=data["from_on"], version=data["version"], **who.by)


def _confirm(formation: Any, data: Data, who: Who) -> Any:
    return services.confirm_stewards(formation, from_on=data["from_on"], version=data["version"], **who.by)


def _publish(formation: Any, data: Data, who: Who) -> Any:
    return services.publish_candidates(
        formation,
        seats=data["seats"],
        substitutes=data["substitutes"] or 0,
        from_on=data["from_on"],
        version=data["version"],
        **who.by,
    )


def _election(formation: Any, data: Data, who: Who) -> Any:
    services.ballot(formation, data["held_on"])
    standing = {number: one.pk for number, one in enumerate(numbered(formation), start=1)}
    body = services.take_election(
        formation,
        elected=_winners("elected", data["elected"], standing),
        substitutes=_winners("substitutes", data["substitutes"], standing),
        held_on=data["held_on"],
        term_until=data["term_until"],
        version=data["version"],
        **who.by,
    )
    return body if body is not None else formation


def numbered(formation: Any) -> list[Any]:
    """The candidates on the list, in the order of their numbers; of stewards, those who were chosen."""
    if formation.kind == services.STEWARDS:
        return services.chosen_of(formation)
    rows = formation.candidates.select_related("person", "unit__building").order_by("pk")
    return [one for one in rows if one.standing]


def by_priority(formation: Any, on: Any) -> list[tuple[Any, bool]]:
    """Candidates, and whether the document wants their kind before others; of one building those come first."""
    rows = list(formation.candidates.select_related("person", "unit__building", "building").order_by("pk"))
    if formation.kind != services.STEWARDS:
        return [(one, False) for one in rows]
    wanted = priority_of(formation.estate, on)
    found = [(one, bool(wanted & set(one.attributes))) for one in rows]
    return sorted(found, key=lambda pair: (pair[0].building.name if pair[0].building else "", not pair[1], pair[0].pk))


def _winners(field: str, text: str, standing: Mapping[int, int]) -> list[Winner]:
    found = []
    for number, row in enumerate(text.splitlines(), start=1):
        parts = row.split()
        if not parts:
            continue
        try:
            candidate = standing[int(parts[0])]
            heads = int(parts[1]) if len(parts) > 1 else None
            area = int(Decimal(parts[2]) * HUNDREDTHS) if len(parts) > 2 else None  # noqa: PLR2004 - the third word
        except (KeyError, ValueError, InvalidOperation) as error:
            raise Refused(
                "winner", "", fields={field: f"第{number}行要写：候选人序号 得票人数 得票面积，序号见候选人名单"}
            ) from error
        found.append(Winner(candidate, heads, area, "head" if parts[-1] == HEAD else "member"))
    return found


def _clauses(formation: Any, who: Who) -> Any:
    return guidance_of(formation, who.on)[1]


FORMING: dict[str, dict[str, Act]] = {
    "estate": {
        "tiaojian": Act(
            "核定成立条件", forms.ConditionsForm, "formation.conditions", _conditions, "已核定，申请期限自此可算。"
        ),
        "fenlei": Act("归类指导", forms.ClassForm, "formation.conditions", _classify, "已归类。"),
        "jianshe": Act(
            "登记建设单位状态",
            forms.DeveloperForm,
            "formation.conditions",
            lambda row, data, who: (
                services.note_developer(
                    row, gone=data["gone"] == "yes", from_on=data["from_on"], basis=data["basis"], **who.by
                )
                or row
            ),
            "已登记。",
        ),
        "shenqing": Act("登记成立申请", forms.ApplicationForm, "formation.start", _apply, "已登记申请。", to_made=True),
        "qidong": Act("启动组建", forms.StartForm, "formation.start", _start, "已启动。", to_made=True),
        "zhidao": Act(
            "登记指导", forms.GuideForm, "formation.guide", _guide_estate, "已登记指导。", setup=_no_step_of_nothing
        ),
        "daibiao": Act(
            "登记业主代表会议",
            forms.RepresentativesForm,
            "representatives.hold",
            _representatives,
            "会议已登记。",
            to_made=True,
        ),
    },
    "formation": {
        "zhidao": Act("登记指导", forms.GuideForm, "formation.guide", _guide, "已登记指导。", clauses=_clauses),
        "renyuan": Act(
            "指定指导人、监督人",
            forms.PeopleForm,
            "formation.run",
            lambda row, data, who: services.name_people(
                row, guide_name=data["guide_name"], supervisor=data["supervisor"], version=data["version"], **who.by
            ),
            "已指定。",
            initial=lambda row, who: {"guide_name": row.guide, "supervisor": row.supervisor},
            clauses=_clauses,
        ),
        "xiaozu": Act("成立筹备组（换届小组）", forms.GroupForm, "formation.run", _group, "已成立。", clauses=_clauses),
        "wuguanhui": Act(
            "组成物业管理委员会", forms.ManagementForm, "formation.run", _management, "物管会已成立。", to_made=True
        ),
        "tuixuan": Act(
            "业主推选未达成共同意见",
            forms.OnForm,
            "formation.run",
            lambda row, data, who: services.note_choosing_failed(row, on=data["on"], **who.by),
            "已登记。",
        ),
        "renxuan": Act(
            "登记人选",
            forms.NominateForm,
            "candidate.nominate",
            _nominate,
            "人选已登记。",
            setup=_candidate_lists,
        ),
        "daibiao": Act(
            "登记业主代表会议和推选结果",
            forms.StewardsForm,
            "representatives.hold",
            _choose,
            "会议和推选结果已登记。",
            setup=_choosable,
            hint="优先推选的人选有“优先”字样；没有这一字样的也可以当选。",
        ),
        "tuixuangongshi": Act(
            "公示推选的楼幢长",
            forms.ShowForm,
            "formation.run",
            _publish_chosen,
            "已公示。",
            hint="公示期满没有异议的，再确认任职。",
        ),
        "queren": Act(
            "确认楼幢长",
            forms.ShowForm,
            "formation.run",
            _confirm,
            "已确认，楼幢长已任职。",
            to_made=True,
        ),
        "gongshi": Act("公示候选人", forms.PublishForm, "formation.run", _publish, "已公示。", clauses=_clauses),
        "jieguo": Act("接收选举结果", forms.ElectionForm, "formation.run", _election, "选举结果已接收。", to_made=True),
        "tingzhi": Act(
            "停止组建",
            forms.StopForm,
            "formation.run",
            lambda row, data, who: services.stop_formation(
                row, reason=data["reason"], version=data["version"], **who.by
            ),
            "已停止。",
        ),
    },
    "candidate": {
        "shenhe": Act("审核人选", forms.ReviewForm, "candidate.review", _review, "已审核。", to_made=True),
        "tuichu": Act(
            "登记退出",
            forms.OnForm,
            "candidate.nominate",
            lambda row, data, who: services.withdraw_candidate(row, on=data["on"], **who.by).formation,
            "已登记退出。",
            to_made=True,
        ),
    },
}
