"""The acts of estates, places, bodies and formations, and the commands behind them."""

from collections.abc import Mapping
from typing import Any

from gongzhi.core.models import Organisation
from gongzhi.core.pages import Who
from gongzhi.governance.bodies import forms, forms_petitions, services
from gongzhi.governance.bodies.models import Member
from gongzhi.governance.bodies.queries.apart import listed_apart
from gongzhi.governance.bodies.queries.bodies import body_on, members_on
from gongzhi.governance.bodies.services import PersonInput, SeatInput
from gongzhi.governance.bodies.services.filing import desk_of
from gongzhi.governance.bodies.services.handing import party_name
from gongzhi.governance.bodies.views.acting import Act, offer_members
from gongzhi.governance.bodies.views.acts_of_forming import FORMING
from gongzhi.governance.bodies.views.acts_of_notices import NOTICES
from gongzhi.governance.bodies.views.acts_of_supervision import SUPERVISION
from gongzhi.governance.bodies.views.parts import day
from gongzhi.registry.models import Building, Unit

Data = Mapping[str, Any]


def _units(form: Any, row: Any, who: Who) -> None:
    estate = getattr(row, "estate", row)
    form.fields["unit"].queryset = Unit.objects.filter(building__estate=estate).select_related("building")


def _seat_lists(form: Any, body: Any, who: Who) -> None:
    offer_members(form.fields["replaces"], Member.objects.filter(body=body, to_on=None, struck_on=None))
    if body.estate is None:
        del form.fields["building"], form.fields["entrance"]
    else:
        form.fields["building"].queryset = Building.objects.filter(estate=body.estate).order_by("name")
    if body.kind == services.STEWARDS:
        form.fields["chosen_at"].queryset = body.estate.representative_meetings.order_by("-held_on", "-pk")
    else:
        del form.fields["chosen_at"]
    if body.kind != "management_committee":
        del form.fields["owners_come_by"], form.fields["choosing_record"]


def _fill_seat(body: Any, data: Data, who: Who) -> Any:
    given = SeatInput(
        person=PersonInput(data["name"]) if data["name"] else None,
        side=data["side"],
        post=data["post"],
        unit_name=data["unit_name"],
        title=data["title"],
        attributes=tuple(data["attributes"]),
        full_time=data["full_time"],
        building=data.get("building"),
        entrance=data.get("entrance"),
        replaces=data["replaces"],
        chosen_at=data.get("chosen_at"),
        source=_came_by(data),
        source_note=data.get("choosing_record") or data["basis_note"],
    )
    services.fill_seat(body, given=given, from_on=data["from_on"], version=data["version"], **who.by)
    return body


def _came_by(data: Data) -> str:
    if data.get("chosen_at") is not None:
        return "chosen"
    return (data.get("owners_come_by") if data["side"] == "owner" else "") or "appointed"


def _filing_lists(form: Any, body: Any, who: Who) -> None:
    wanted, _ = desk_of(body, who.on)
    papers = wanted.get("papers") or ()
    if papers:
        form.fields["papers"].choices = [(one, one) for one in papers]
    else:
        del form.fields["papers"]


def _submit(body: Any, data: Data, who: Who) -> Any:
    return services.submit_filing(
        body,
        papers=data.get("papers") or (),
        files=data["uploads"],
        party_group=data["party_group"],
        party_group_on=data["party_group_on"],
        explanation=data["explanation"],
        version=data["version"],
        **who.by,
    )


def _decide(filing: Any, data: Data, who: Who) -> Any:
    return services.decide_filing(
        filing, accepted=data["accepted"] == "yes", opinion=data["opinion"], version=data["version"], **who.by
    )


def _asset(body: Any, data: Data, who: Who) -> Any:
    names = ("kind", "title", "bank", "number", "keeper", "from_on")
    services.register_asset(body, **{name: data[name] for name in names}, **who.by)
    return body


def _register_place(place: Any, data: Data, who: Who) -> Any:
    return services.register_body(
        kind=data["kind"], place=place, name=data["name"], seats=data["seats"], formed_on=data["formed_on"], **who.by
    )


def _register_estate(estate: Any, data: Data, who: Who) -> Any:
    return services.register_body(
        kind=data["kind"],
        place=estate.place,
        estate=estate,
        name=data["name"],
        seats=data["seats"],
        absent_sides=data["absent_sides"],
        formed_on=data["formed_on"],
        **who.by,
    )


def _committee_meeting(body: Any, data: Data, who: Who) -> Any:
    services.hold_committee_meeting(
        body,
        held_on=data["held_on"],
        attended=data["attended"],
        text=data["text"],
        files=data["papers"],
        **who.by,
    )
    return body


def _officer_lists(form: Any, body: Any, who: Who) -> None:
    sitting = Member.objects.filter(pk__in=[one.pk for one in members_on(body, who.on) if one.person])
    for name in ("head", "deputies"):
        offer_members(form.fields[name], sitting)


def _officers(body: Any, data: Data, who: Who) -> Any:
    names = ("head", "held_on", "attended", "agreed", "version")
    return services.elect_officers(
        body, deputies=list(data["deputies"]), **{name: data[name] for name in names}, **who.by
    )


def _prospect(estate: Any, data: Data, who: Who) -> Any:
    services.note_prospect(
        estate,
        unit=data["unit"],
        person=PersonInput(data["name"]),
        attributes=data["attributes"],
        note=data["note"],
        **who.by,
    )
    return estate


def _communities(form: Any, place: Any, who: Who) -> None:
    rows = Organisation.objects.within(place.path).filter(role="community_committee", active=True)
    form.fields["communities"].queryset = rows.order_by("name")


def _advise_communities(place: Any, data: Data, who: Who) -> Any:
    services.advise_communities(list(data["communities"]), text=data["text"], due_on=data["due_on"], **who.by)
    return place


def _petition_lists(form: Any, estate: Any, who: Who) -> None:
    committee = body_on(estate, "owners_committee", who.on)
    sitting = [one.pk for one in members_on(committee, who.on)] if committee else []
    offer_members(form.fields["member"], Member.objects.filter(pk__in=sitting))


def _petition(estate: Any, data: Data, who: Who) -> Any:
    return services.open_petition(
        estate,
        kind=data["kind"],
        body=body_on(estate, "owners_committee", who.on),
        member=data["member"],
        matter=data["matter"],
        opened_on=data["opened_on"],
        **who.by,
    )


def _sign(petition: Any, data: Data, who: Who) -> Any:
    services.add_signature(
        petition,
        unit=data["unit"],
        person=PersonInput(data["name"], id_number=data["id_number"]),
        signed_on=data["signed_on"],
        **who.by,
    )
    return petition


def _signatures(form: Any, petition: Any, who: Who) -> None:
    field = form.fields["signature"]
    field.queryset = petition.signatures.select_related("unit__building", "person").order_by("pk")
    field.label_from_instance = lambda one: f"{one.unit}　{one.person.masked_name}　{one.fault}"


def _hold(meeting: Any, data: Data, who: Who) -> Any:
    return services.hold_meeting(
        meeting,
        held_on=data["held_on"],
        passed=data["passed"] == "yes",
        result=data["result"],
        version=data["version"],
        **who.by,
    )


def _strikable(form: Any, body: Any, who: Who) -> None:
    field = form.fields["member"]
    offer_members(field, Member.objects.filter(body=body, struck_on=None).order_by("-pk"))
    named = field.label_from_instance
    field.label_from_instance = lambda one: f"{named(one)}　自{day(one.from_on)}"


def _open_assets(form: Any, body: Any, who: Who) -> None:
    form.fields["asset"].queryset = body.assets.filter(to_on=None).order_by("-kind", "pk")


def _handover_items(form: Any, handover: Any, who: Who) -> None:
    form.fields["items"].choices = [(one.pk, one.title) for one in handover.items.filter(given_on=None).order_by("pk")]


def _parties(form: Any, handover: Any, who: Who) -> None:
    left = handover.signatures.filter(signed_at=None)
    form.fields["party"].choices = [
        ("", "请选"),
        *((one.party, party_name(one.party, handover)) for one in left),
    ]


def _issuers(form: Any, place: Any, who: Who) -> None:
    form.fields["issuer"].choices = [(one, one) for one in listed_apart(place.path, who.on)[0]]


def _adopt(place: Any, data: Data, who: Who) -> Any:
    names = ("kind", "title", "text", "file", "from_on")
    given = {name: data[name] for name in names}
    return services.adopt_text(place, issuer=data.get("issuer") or "", **given, **who.by)


def _text_units(form: Any, text: Any, who: Who) -> None:
    done = text.receipts.values("unit")
    rows = Unit.objects.filter(building__estate__place=text.place).exclude(pk__in=done).select_related("building")
    form.fields["units"].queryset = rows


def _clauses_of_filing(body: Any, who: Who) -> Any:
    return desk_of(body, who.on)[1]


BODY = {
    "xiwei": Act("登记成员", forms.SeatForm, "body.seat", _fill_seat, "已登记。", setup=_seat_lists),
    "changsuo": Act(
        "登记办公场所",
        forms.OfficeForm,
        "body.seat",
        lambda row, data, who: services.set_office(
            row, address=data["address"], phone=data["phone"], version=data["version"], **who.by
        ),
        "已登记。",
        initial=lambda row, who: {"address": row.address, "phone": row.phone},
    ),
    "renqi": Act(
        "登记任期",
        forms.TermForm,
        "body.register",
        lambda row, data, who: services.set_term(
            row, term_until=data["term_until"], version=data["version"], **who.by
        ),
        "已登记任期。",
    ),
    "huaqu": Act(
        "划去错登的成员", forms.StrikeForm, "body.seat",
        lambda row, data, who: services.strike_member(
            row, member=data["member"], reason=data["reason"], version=data["version"], **who.by
        ).body,
        "已划去，登记和原因留在组织页。", setup=_strikable,
        hint="从没有任职、登记错了的才划去：不计入任何一天的成员和检查。被他接替的人接着任职。任过职、不再任的登记离任。",
    ),
    "gefang": Act(
        "更正不存在的一方", forms.SidesForm, "body.register",
        lambda row, data, who: services.correct_sides(
            row, absent=data["absent_sides"], reason=data["reason"], version=data["version"], **who.by
        ),
        "已更正。", initial=lambda row, who: {"absent_sides": row.absent_sides},
    ),
    "beian": Act(
        "提交备案", forms.FilingForm, "body.file", _submit, "备案已提交，等待审核。", setup=_filing_lists,
        clauses=_clauses_of_filing, to_made=True,
    ),
    "yinzhang": Act(
        "登记印章、账户", forms.AssetForm, "body.report", _asset, "已登记，并开始计算书面报告的期限。",
        hint="刻制印章、开立账户后要在期限内书面报告镇街。",
    ),
    "jiaoxiao": Act(
        "登记缴销、销户", forms.CloseAssetForm, "body.report",
        lambda row, data, who: services.close_asset(
            data["asset"], to_on=data["to_on"], note=data["note"], files=data["papers"], **who.by
        ),
        "已登记。", setup=_open_assets,
        initial=lambda row, who: {"to_on": who.on},
    ),
    "biangeng": Act(
        "登记须报告的变更",
        forms.ChangeForm,
        "body.report",
        lambda row, data, who: services.note_change(
            row, kind=data["kind"], what=data["what"], happened_on=data["happened_on"], **who.by
        )
        and row,
        "已登记，并开始计算书面报告的期限。",
    ),
    "gaozhi": Act(
        "书面告知任期届满",
        forms.NotifyTermForm,
        "body.report",
        lambda row, data, who: services.notify_term_end(
            row, told_on=data["told_on"], file=data["file"], version=data["version"], **who.by
        ),
        "已登记告知，换届已启动。",
    ),
    "zhongzhi": Act(
        "终止组织",
        forms.EndForm,
        "body.register",
        lambda row, data, who: services.end_body(row, ended_on=data["ended_on"], reason=data["reason"], **who.by),
        "已终止，历史记录保留。",
    ),
    "zhuren": Act(
        "推选主任", forms.OfficersForm, "body.report", _officers, "已登记，推选作为业主组织的决定留存。",
        setup=_officer_lists, hint="从正式委员里推选，全体委员过半数同意才成立。改选的，原来的自前一日止。",
    ),
    "huiyi": Act("登记业委会会议", forms.CommitteeMeetingForm, "body.report", _committee_meeting, "会议已登记。"),
    "baogao": Act(
        "提交工作报告",
        forms.WorkReportForm,
        "body.report",
        lambda row, data, who: services.hand_in_report(row, text=data["text"], files=data["papers"], **who.by) and row,
        "报告已提交给社区，并向业主公开。",
    ),
}  # fmt: skip

FILING = {
    "shenhe": Act("审核备案", forms.DecideFilingForm, "filing.decide", _decide, "已审核。"),
    "chaosong": Act(
        "补送抄送",
        forms.EmptyForm,
        "filing.decide",
        lambda row, data, who: services.send_missing_copies(row, **who.by) and row,
        "已补送。",
    ),
}
CHANGE = {
    "baogao": Act(
        "书面报告变更",
        forms.ReportForm,
        "",
        lambda row, data, who: services.report_change(row, file=data["file"], **who.by).body,
        "已报告。",
        to_made=True,
    )
}
MEMBER = {
    "liren": Act(
        "登记离任",
        forms.LeaveForm,
        "body.seat",
        lambda row, data, who: services.end_seat(row, to_on=data["to_on"], reason=data["reason"], **who.by).body,
        "已登记离任。",
        to_made=True,
    ),
    "pizhun": Act(
        "批准调整",
        forms.OnForm,
        "body.approve_seat",
        lambda row, data, who: services.approve_seat(row, from_on=data["on"], **who.by).body,
        "已批准，新任自这一天起。",
        to_made=True,
    ),
}
PETITION = {
    "qianming": Act(
        "登记签名", forms_petitions.SignatureForm, "petition.take", _sign, "已登记签名。", setup=_units,
        hint="签名人与名册里当日的业主核对；不是业主的也登记，但不计入。",
    ),
    "mingdan": Act(
        "登记签名名单", forms_petitions.SignaturesForm, "petition.take",
        lambda row, data, who: services.add_signatures(
            row, lines=data["lines"].splitlines(), signed_on=data["signed_on"], files=data["papers"], **who.by
        ),
        "名单已登记。", hint="签名人与名册里当日的业主核对；不是业主的也登记，但不计入。",
    ),
    "chexia": Act(
        "撤下一户签名", forms_petitions.WithdrawForm, "petition.take",
        lambda row, data, who: services.withdraw_signature(
            row, signature=data["signature"], reason=data["reason"], **who.by
        ),
        "已撤下，可以重新登记。", setup=_signatures,
    ),
    "heyan": Act(
        "核验联名",
        forms.OnForm,
        "petition.decide",
        lambda row, data, who: services.decide_petition(row, on=data["on"], version=data["version"], **who.by),
        "已核验。",
        hint="按这一天的房屋和业主名册计算面积和人数。核验后不能再登记签名。",
    ),
}  # fmt: skip
MEETING = {
    "cuigao": Act(
        "催告召开",
        forms_petitions.UrgeForm,
        "meeting.urge",
        lambda row, data, who: services.urge_meeting(row, until_on=data["until_on"], version=data["version"], **who.by),
        "已催告。",
    ),
    "jujue": Act(
        "登记拒绝召开",
        forms_petitions.RefuseMeetingForm,
        "meeting.refuse",
        lambda row, data, who: services.refuse_meeting(
            row,
            why=data["why"],
            refused_on=data["refused_on"],
            files=data["papers"],
            version=data["version"],
            **who.by,
        ),
        "已登记拒绝召开。",
        initial=lambda row, who: {"refused_on": who.on},
        hint="召集人答复不召开的，自登记起不用再等期限届满，就可以按规定改由他人召集。",
    ),
    "gaipai": Act(
        "改由他人召集",
        forms_petitions.ConvenerForm,
        "meeting.urge",
        lambda row, data, who: services.change_convener(
            row, convener=data["convener"], version=data["version"], **who.by
        ),
        "已改派。",
    ),
    "zhaokai": Act("登记召开结果", forms_petitions.HoldForm, "meeting.hold", _hold, "已登记。"),
}
HANDOVER = {
    "yijiao": Act(
        "登记移交物品",
        forms.GiveForm,
        "handover.work",
        lambda row, data, who: services.give_items(
            row,
            items=[int(one) for one in data["items"]],
            on=data["on"],
            note=data["note"],
            version=data["version"],
            **who.by,
        ),
        "已登记。",
        setup=_handover_items,
    ),
    "quefan": Act(
        "登记无法移交",
        forms.LackForm,
        "handover.work",
        lambda row, data, who: services.lack_items(
            row,
            items=[int(one) for one in data["items"]],
            reason=data["reason"],
            version=data["version"],
            **who.by,
        ),
        "已登记，清单上写明原因。",
        setup=_handover_items,
    ),
    "zengjia": Act(
        "增加一项",
        forms.ItemForm,
        "handover.work",
        lambda row, data, who: services.add_item(row, title=data["title"], quantity=data["quantity"], **who.by) and row,
        "已增加。",
    ),
    "qianzi": Act(
        "签字确认",
        forms.SignForm,
        "handover.work",
        lambda row, data, who: services.sign_handover(
            row,
            party=data["party"],
            signer=data["signer"],
            files=data["papers"],
            version=data["version"],
            **who.by,
        ),
        "已签字。",
        setup=_parties,
    ),
    "juqian": Act(
        "登记拒签",
        forms.RefuseForm,
        "handover.work",
        lambda row, data, who: services.refuse_handover(
            row, party=data["party"], reason=data["reason"], version=data["version"], **who.by
        ),
        "已登记拒签，移交没有办结。",
        setup=_parties,
    ),
}
TEXT = {
    "qianshou": Act(
        "登记签收",
        forms.ReceiptForm,
        "text.adopt",
        lambda row, data, who: services.receive_text(row, units=data["units"], on=data["on"], **who.by) and row,
        "已登记签收。",
        setup=_text_units,
    )
}
CROSS_POST = {
    "jieshu": Act(
        "登记兼职结束",
        forms.OnForm,
        "body.seat",
        lambda row, data, who: services.end_cross_post(row, to_on=data["on"], version=data["version"], **who.by).estate,
        "已登记，转为历史。",
    )
}
PLACE = {
    "dengji": Act(
        "登记组织", forms.RegisterForm, "body.register", _register_place, "已登记。", to_made=True,
        hint="文件列了席位的，成员不填就按席位生成空缺席位，再逐席补登。",
    ),
    "xiafa": Act(
        "下发指导意见", forms.CommunitiesForm, "body.advise", _advise_communities, "已下发。", setup=_communities,
        hint="每个社区各回复一份，回复率在组织页看。",
    ),
    "zhidu": Act("登记制度版本", forms.AdoptForm, "text.adopt", _adopt, "已登记，旧版仍可查。"),
    "linglie": Act(
        "登记另列单位的制度", forms.ApartForm, "text.adopt_apart", _adopt, "已登记，旧版仍可查。", setup=_issuers
    ),
    "qingdan": Act(
        "增加清单条目",
        forms.ItemOfListForm,
        "list.keep",
        lambda row, data, who: services.add_list_item(
            row, kind=data["kind"], text=data["text"], from_on=data["from_on"], **who.by
        )
        and row,
        "已增加。",
    ),
}  # fmt: skip
ESTATE = {
    "dengji": Act(
        "登记其他组织", forms.EstateBodyForm, "body.register", _register_estate, "已登记。", to_made=True
    ),
    "mopai": Act(
        "登记摸排人选", forms.ProspectForm, "candidate.nominate", _prospect, "已登记。", setup=_units,
        hint="身份只有经办人能看，姓名按名册核对后打码。",
    ),
    "lianming": Act(
        "受理联名", forms_petitions.PetitionForm, "petition.take", _petition, "已受理，可以登记签名。",
        setup=_petition_lists, to_made=True,
    ),
    "guiyue": Act(
        "登记规约版本",
        forms.AdoptForm,
        "text.adopt",
        lambda row, data, who: _adopt(row.place, data, who),
        "已登记，旧版仍可查。",
        to_made=True,
    ),
}  # fmt: skip

ACTS: dict[str, dict[str, Act]] = {
    "estate": {**ESTATE, **FORMING["estate"], **SUPERVISION["estate"], **NOTICES["estate"]},
    "place": PLACE,
    "body": {**BODY, **SUPERVISION["body"], **NOTICES["body"]},
    "body_notice": NOTICES["body_notice"],
    "notice_report": NOTICES["notice_report"],
    "body_member": MEMBER,
    "formation": FORMING["formation"],
    "candidate": FORMING["candidate"],
    "filing": FILING,
    "body_change": CHANGE,
    "body_handover": HANDOVER,
    "petition": PETITION,
    "owed_meeting": MEETING,
    "adopted_text": TEXT,
    "correction": SUPERVISION["correction"],
    "body_decision": SUPERVISION["body_decision"],
    "cross_post": CROSS_POST,
    "advice": SUPERVISION["advice"],
    "charge": SUPERVISION["charge"],
}
