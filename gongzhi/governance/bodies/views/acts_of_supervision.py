"""The acts of supervision: advice and answers, assessments, charges, decisions that are set right."""

import re
from collections.abc import Mapping
from typing import Any

from django.db.models import Q

from gongzhi.core.errors import Refused
from gongzhi.core.models import Organisation
from gongzhi.core.pages import Who
from gongzhi.governance.bodies import forms, services
from gongzhi.governance.bodies.models import ListItem, Member
from gongzhi.governance.bodies.queries.bodies import acting, body_on, members_on
from gongzhi.governance.bodies.queries.crossing import crossing_rules
from gongzhi.governance.bodies.rights import COMMUNITY
from gongzhi.governance.bodies.services import PersonInput
from gongzhi.governance.bodies.services.texts import current_items
from gongzhi.governance.bodies.views.acting import Act, offer_members
from gongzhi.governance.bodies.words import COMMITTEES, SIDES
from gongzhi.registry.models import Building, Estate, Unit
from gongzhi.registry.queries import project_on

Data = Mapping[str, Any]


def _addressees(form: Any, row: Any, who: Who) -> None:
    estate = row if isinstance(row, Estate) else row.estate
    wanted = Q(pk=None)
    if estate is not None:
        project = project_on(estate, who.on)
        wanted = Q(place=estate.place, active=True) | Q(place=estate.community, role="community_committee")
        if project is not None:
            wanted |= Q(pk=project.company_id)
    organisation = getattr(row, "organisation", None)
    if organisation is not None:
        wanted |= Q(pk=organisation.pk)
        form.fields["to"].initial = organisation.pk
    form.fields["to"].queryset = Organisation.objects.filter(wanted).order_by("name")


def _advise(row: Any, data: Data, who: Who) -> Any:
    of = {"estate": row} if isinstance(row, Estate) else {"body": row}
    return services.advise(
        kind=data["kind"], to=data["to"], text=data["text"], due_on=data["due_on"], files=data["papers"], **of, **who.by
    )


def _assess(final: bool) -> Any:
    def run(body: Any, data: Data, who: Who) -> Any:
        services.assess(body, year=data["year"], score=data["score"], remarks=data["remarks"], final=final, **who.by)
        return body

    return run


def _members(form: Any, body: Any, who: Who) -> None:
    sitting = [one.pk for one in members_on(body, who.on)]
    offer_members(form.fields["member"], Member.objects.filter(pk__in=sitting))


def _marks(form: Any, body: Any, who: Who) -> None:
    kinds = ("duty", "negative")
    items = [one.pk for kind in kinds for one in current_items(body.place_path, kind, who.on)]
    field = form.fields["item"]
    field.queryset = ListItem.objects.filter(pk__in=items).order_by("kind", "pk")
    field.label_from_instance = lambda one: f"{one.get_kind_display()}：{one.words}"
    _members(form, body, who)


def _mark(body: Any, data: Data, who: Who) -> Any:
    services.mark_list(body, item=data["item"], on=data["on"], note=data["note"], member=data["member"], **who.by)
    return body


def _decision(estate: Any, data: Data, who: Who) -> Any:
    acts = acting(estate, "committee", who.on).role
    kinds = sorted(COMMITTEES, key=lambda kind: kind != acts)
    sitting = (body_on(estate, kind, who.on) for kind in kinds) if acts not in COMMUNITY else ()
    committee = next((one for one in sitting if one is not None), None)
    services.record_decision(
        estate,
        body=committee if data["by"] == "committee" else None,
        by_committee=data["by"] == "committee",
        title=data["title"],
        text=data["text"],
        matter=data["matter"],
        decided_on=data["decided_on"],
        **who.by,
    )
    return estate


def _crossing_sides(form: Any, estate: Estate, who: Who) -> None:
    sides = [("", "请选"), *((one, SIDES[one]) for one in crossing_rules(estate.place_path, who.on).sides)]
    form.fields["first_side"].choices = form.fields["second_side"].choices = sides


def _cross(estate: Estate, data: Data, who: Who) -> Any:
    services.register_cross_post(
        estate,
        person=PersonInput(data["name"]),
        first=(data["first_side"], data["first_title"]),
        second=(data["second_side"], data["second_title"]),
        from_on=data["from_on"],
        to_on=data["to_on"],
        procedure=data["procedure"],
        files=data["papers"],
        **who.by,
    )
    return estate


def _serve_lists(form: Any, correction: Any, who: Who) -> None:
    left = Unit.objects.filter(pk__in=correction.notices.filter(served_on=None).values("unit"))
    form.fields["units"].queryset = left.select_related("building").order_by("building__name", "name")
    form.fields["buildings"].queryset = Building.objects.filter(pk__in=left.values("building")).order_by("name")


def _missed(correction: Any, typed: str) -> set[int]:
    known = services.units_by_room(correction.decision.estate) if typed.strip() else {}
    rooms = [one for one in re.split(r"[、，,；;\s]+", typed) if one]
    unknown = "、".join(one for one in rooms if one not in known)
    if unknown:
        said = f"没有“{unknown}”，请写楼幢和室号，如 {next(iter(known), '1幢101室')}。"
        raise Refused("unit_unknown", said, fields={"missed": said})
    return {known[one].pk for one in rooms}


def _serve(correction: Any, data: Data, who: Who) -> Any:
    whole = set(Unit.objects.filter(building__in=data["buildings"]).values_list("pk", flat=True))
    units = whole - _missed(correction, data["missed"]) | {one.pk for one in data["units"]}
    services.serve_notices(correction, units=units, way=data["way"], on=data["on"], **who.by)
    return correction


SUPERVISION: dict[str, dict[str, Act]] = {
    "estate": {
        "jueding": Act("登记决定", forms.DecisionForm, "decision.record", _decision, "已登记。"),
        "jiaocha": Act(
            "登记双向兼职",
            forms.CrossPostForm,
            "body.seat",
            _cross,
            "已登记。",
            setup=_crossing_sides,
            clauses=lambda row, who: crossing_rules(row.place_path, who.on).clauses,
        ),  # fmt: skip
        "duban": Act(
            "发督促、协助单", forms.AdviceForm, "body.advise", _advise, "已发出。", setup=_addressees, to_made=True
        ),
    },
    "body": {
        "jiandu": Act(
            "指导监督", forms.AdviceForm, "body.advise", _advise, "已发出。", setup=_addressees, to_made=True
        ),
        "pinggu": Act(
            "登记转设评估",
            forms.ConversionForm,
            "body.report",
            lambda row, data, who: (
                services.review_conversion(
                    row, conclusion=data["conclusion"], text=data["text"], files=data["papers"], **who.by
                )
                and row
            ),
            "已登记评估结论。",
            hint="评估这个小区能不能成立业主大会、选举业委会。",
        ),
        "chuping": Act("社区初评", forms.AssessForm, "body.assess_first", _assess(final=False), "初评已登记。"),
        "dingping": Act("镇街定评", forms.AssessForm, "body.assess", _assess(final=True), "定评已登记。"),
        "lian": Act(
            "立案查处委员",
            forms.ChargeForm,
            "charge.work",
            lambda row, data, who: services.open_charge(
                data["member"], text=data["text"], files=data["papers"], **who.by
            ),
            "已立案。",
            setup=_members,
            to_made=True,
        ),
        "rending": Act(
            "认定不能正常开展工作",
            forms.UnableForm,
            "correction.work",
            lambda row, data, who: services.mark_unable(
                row, reason=data["reason"], why=data["why"], from_on=data["from_on"], **who.by
            ),
            "已认定，应召开业主大会的任务已生成。",
        ),
        "qingdan": Act("登记清单", forms.MarkForm, "list.mark", _mark, "已登记。", setup=_marks),
    },
    "body_decision": {
        "chuli": Act(
            "处理违法决定",
            forms.CorrectionForm,
            "correction.work",
            lambda row, data, who: services.open_correction(row, kind=data["kind"], grounds=data["grounds"], **who.by),
            "已立案。",
            to_made=True,
        )
    },
    "correction": {
        "huitong": Act(
            "会同意见",
            forms.TextForm,
            "correction.consult",
            lambda row, data, who: services.give_opinion(row, text=data["text"], version=data["version"], **who.by),
            "意见已提出。",
        ),
        "xiada": Act(
            "下达",
            forms.IssueForm,
            "correction.work",
            lambda row, data, who: services.issue_correction(
                row, due_on=data["due_on"], version=data["version"], **who.by
            ),
            "已下达，逐户通告待送达。",
        ),
        "songda": Act("登记通告送达", forms.ServeForm, "correction.work", _serve, "已登记送达。", setup=_serve_lists),
        "gaizheng": Act(
            "登记改正",
            forms.OnForm,
            "correction.work",
            lambda row, data, who: services.note_corrected(row, on=data["on"], **who.by),
            "已登记改正。",
        ),
        "jiean": Act(
            "结案",
            forms.EmptyForm,
            "correction.work",
            lambda row, data, who: services.close_correction(row, version=data["version"], **who.by),
            "已结案。",
        ),
    },
    "advice": {
        "huifu": Act(
            "回复",
            forms.ReplyForm,
            "",
            lambda row, data, who: services.reply_to(
                row, text=data["text"], files=data["papers"], version=data["version"], **who.by
            ),
            "已回复。",
        ),
        "queren": Act(
            "确认完成",
            forms.EmptyForm,
            "body.advise",
            lambda row, data, who: services.confirm_advice(row, version=data["version"], **who.by),
            "已确认。",
        ),
    },
    "charge": {
        "rending": Act(
            "认定",
            forms.FindForm,
            "charge.work",
            lambda row, data, who: services.find_charge(
                row,
                verified=data["verified"] == "yes",
                finding=data["finding"],
                suspected_crime=data["suspected_crime"],
                files=data["papers"],
                version=data["version"],
                **who.by,
            ),
            "已认定。",
        ),
        "yisong": Act(
            "登记移交司法机关",
            forms.HandedForm,
            "charge.work",
            lambda row, data, who: services.hand_over_charge(
                row, handed_to=data["handed_to"], handed_on=data["handed_on"], version=data["version"], **who.by
            ),
            "已登记移交。",
        ),
        "jiean": Act(
            "结案",
            forms.CloseChargeForm,
            "charge.work",
            lambda row, data, who: services.close_charge(
                row, outcome=data["outcome"], note=data["note"], version=data["version"], **who.by
            ),
            "已结案。",
        ),
    },
}
