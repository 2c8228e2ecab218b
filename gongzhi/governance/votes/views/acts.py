"""What is done on a vote's page: one address an act, one form each."""

import secrets
from collections.abc import Callable, Mapping
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from gongzhi.core import services as core
from gongzhi.core.errors import Refused
from gongzhi.core.refs import Ref
from gongzhi.governance.votes import queries
from gongzhi.governance.votes import services as votes
from gongzhi.governance.votes.forms import (
    AdjudicateForm,
    CheckForm,
    CorrectForm,
    DayForm,
    DeskForm,
    LotForm,
    NomineeForm,
    NoticeForm,
    OfficialForm,
    PlainForm,
    ProcedureForm,
    ProxyForm,
    ReplyForm,
    ServeForm,
    StopForm,
    WindowForm,
)
from gongzhi.governance.votes.models import Ballot, RollEntry, Vote, VoteObjection, VoteRecord
from gongzhi.governance.votes.secret import opening
from gongzhi.governance.votes.services.rules import SWITCHES_BEGIN
from gongzhi.governance.votes.views import oversight
from gongzhi.governance.votes.views.ballot_form import add_motions, marks
from gongzhi.governance.votes.views.common import ActPage, actor_of, bound, kept_file, now_of, vote_of, vote_url
from gongzhi.registry.models import Estate
from gongzhi.registry.queries.reading import estates_for

CENTI = 100
Data = Mapping[str, Any]
Act = Callable[[HttpRequest, Vote], ActPage]


def _page(vote: Vote, title: str, form: Any, run: Callable[[Data], Vote], done: str, **more: Any) -> ActPage:
    return ActPage(
        title=title,
        form=form,
        run=lambda data: run(data).ref,
        done=done,
        back=vote_url(vote),
        crumbs=[("业主表决", reverse("governance:votes")), (vote.title, vote_url(vote))],
        **more,
    )


def _freeze(request: HttpRequest, vote: Vote) -> ActPage:
    return _page(
        vote, "锁定名册", bound(request, PlainForm, version=vote.version),
        lambda data: votes.freeze_roll(vote, actor=actor_of(request), now=now_of(request), version=data["version"]),
        "名册已锁定。",
        hint="按今天登记的房屋、面积和业主形成名册。没有登记业主的房屋计入建设单位未出售；公告以后只能更正，不能重做。",
    )  # fmt: skip


def _check(request: HttpRequest, vote: Vote) -> ActPage:
    def run(data: Data) -> Vote:
        return votes.check_vote(
            vote,
            agreed=data["agreed"] == "yes",
            opinion=data["opinion"],
            actor=actor_of(request),
            now=now_of(request),
            version=data["version"],
        )

    return _page(vote, "核对名册和议题", bound(request, CheckForm, version=vote.version), run, "已登记核对意见。")


def _notice(request: HttpRequest, vote: Vote) -> ActPage:
    def run(data: Data) -> Vote:
        return votes.notice_vote(
            vote,
            published_on=data["published_on"],
            silence_told=data["silence_told"],
            actor=actor_of(request),
            now=now_of(request),
            file=kept_file(request, "photo", vote),
            version=data["version"],
        )

    form = bound(request, NoticeForm, version=vote.version, initial={"published_on": core.local_day(now_of(request))})
    return _page(
        vote, "公告", form, run, "已公告，名册的根已写入票册。", clauses=("TL-14", "CC-201"),
        hint=f"开始投票：{vote.opens_at.astimezone():%Y-%m-%d %H:%M}。议题、名册、规则一并张贴。",
    )  # fmt: skip


def _open(request: HttpRequest, vote: Vote) -> ActPage:
    return _page(
        vote, "开始表决", bound(request, PlainForm, version=vote.version),
        lambda data: votes.open_vote(vote, actor=actor_of(request), now=now_of(request), version=data["version"]),
        "规则已锁定。到开始时间即可投票。",
        hint="按本地文件和本小区议事规则锁定计票规则，之后改规则不影响这次表决。",
    )  # fmt: skip


def _close(request: HttpRequest, vote: Vote) -> ActPage:
    return _page(
        vote, "截止", bound(request, PlainForm, version=vote.version),
        lambda _: votes.close_vote(vote, actor=actor_of(request), now=queries.database_now()),
        "已截止，票册已封存。", hint="到截止时间才能办。在途的票收完后封存票册并申请时间戳。",
    )  # fmt: skip


def _add_up(request: HttpRequest, vote: Vote) -> ActPage:
    def run(data: Data) -> Vote:
        opening.add_up(vote, actor=actor_of(request), now=now_of(request), version=data["version"])
        return vote

    return _page(
        vote, "汇总加密票", bound(request, PlainForm, version=vote.version), run,
        "已汇总。请托管人打开各自的链接，输入代码开票。", clauses=("TL-18",),
        hint="每名表决人取按规则算数的那张，乘上面积和人数，密文相加，不解开任何一张。汇总只做一次。",
    )  # fmt: skip


def _publish(request: HttpRequest, vote: Vote) -> ActPage:
    def run(data: Data) -> Vote:
        return votes.publish_result(
            vote,
            published_on=data["day"],
            actor=actor_of(request),
            now=now_of(request),
            version=data["version"],
        )

    form = bound(request, DayForm, version=vote.version, initial={"day": core.local_day(now_of(request))})
    return _page(vote, "公示结果草案", form, run, "已公示，异议期开始。", clauses=("CC-280",))


def _finalise(request: HttpRequest, vote: Vote) -> ActPage:
    return _page(
        vote, "确定结果", bound(request, PlainForm, version=vote.version),
        lambda data: votes.finalise(vote, actor=actor_of(request), now=now_of(request), version=data["version"]),
        "结果已生效。", hint="异议期满、异议都已答复，结果才生效。", clauses=("CC-280",),
    )  # fmt: skip


def _file(request: HttpRequest, vote: Vote) -> ActPage:
    def run(data: Data) -> Vote:
        return votes.file_vote(
            vote, filed_on=data["day"], actor=actor_of(request), now=now_of(request), version=data["version"]
        )

    form = bound(request, DayForm, version=vote.version, initial={"day": core.local_day(now_of(request))})
    return _page(vote, "备案", form, run, "已登记备案。", clauses=("CC-277",))


def _stop(request: HttpRequest, vote: Vote) -> ActPage:
    def run(data: Data) -> Vote:
        return votes.stop_vote(
            vote, reason=data["reason"], actor=actor_of(request), now=now_of(request), version=data["version"]
        )

    return _page(vote, "终止表决", bound(request, StopForm, version=vote.version), run, "已终止。")


def _entry(vote: Vote, room: str) -> RollEntry:
    found = vote.roll.filter(room="".join(room.split())).first()
    if found is None:
        raise Refused("room_unknown", "名册里没有这个房号，请核对写法。", fields={"room": "名册里没有，如：1幢001室"})
    return found


def _voter(entry: RollEntry) -> str:
    who = entry.nominee or (entry.owners[0] if len(entry.owners) == 1 else "")
    if not who:
        raise Refused("no_nominee", "这套房屋是共有的，还没有推定由谁表决，请先登记。", fields={"room": "共有人未推定"})
    return who


def _proxy(request: HttpRequest, vote: Vote) -> ActPage:
    def run(data: Data) -> Vote:
        entry = _entry(vote, data["room"])
        principal = _voter(entry)
        votes.record_proxy(
            vote,
            principal=principal,
            agent=data["agent"].strip(),
            agent_kind=data["agent_kind"],
            units=list(vote.roll.filter(owners=[principal]).values_list("code", flat=True)) or [entry.code],
            valid_from=vote.opens_at,
            valid_until=vote.closes_at,
            signed=data["signed"],
            file=kept_file(request, "photo", vote),
            actor=actor_of(request),
            now=now_of(request),
        )
        return vote

    return _page(
        vote, "登记委托", bound(request, ProxyForm), run, "已登记委托。", clauses=("TL-12",),
        hint="委托本次表决的全部议题，自开始至截止。业主本人又投票的，以本人为准。",
    )  # fmt: skip


def _desk(request: HttpRequest, vote: Vote) -> ActPage:
    form = bound(request, DeskForm)
    add_motions(form, vote)
    key = request.POST.get("form_key", "") or secrets.token_hex(16)

    def run(data: Data) -> Vote:
        entry = _entry(vote, data["room"])
        proxy = data["proxy"].strip()
        if proxy:
            record = VoteRecord.objects.filter(vote=vote, kind="PROXY", data__id=proxy).first()
            if record is None:
                raise Refused("no_instrument", "没有这份委托书。", fields={"proxy": "请核对编号"})
            voter, units = record.data["agent"], record.data["units"]
        else:
            voter = _voter(entry)
            units = list(vote.roll.filter(owners=[voter]).values_list("code", flat=True)) or [entry.code]
        at = queries.database_now()
        given = votes.Given(voter, units, marks(data, vote), "desk", at, key, proxy=proxy)
        made = votes.cast(vote, given=given, now=at, actor=actor_of(request))
        page.done = f"已收票，凭证短码{made.number}，请抄给业主。"
        return vote

    page = _page(vote, "现场投票", form, run, "已收票。", hint="当面核对证件。业主名下的房屋一并计入。")
    return page


def _official(request: HttpRequest, vote: Vote) -> ActPage:
    def run(data: Data) -> Vote:
        taken = votes.take_official(
            vote, content=data["file"].read(), actor=actor_of(request), now=queries.database_now()
        )
        page.done = f"已导入{taken.ballots}张票，{taken.unvoted}户没有投。接着办截止，再核对计票结果。"
        return vote

    page = _page(
        vote, "导入官方平台结果", bound(request, OfficialForm), run, "已导入。",
        hint="第一行写“房号”和各议题的名称，下面一行一户，填同意、反对或弃权，没有投的留空。",
    )  # fmt: skip
    return page


def _reschedule(request: HttpRequest, vote: Vote) -> ActPage:
    def run(data: Data) -> Vote:
        return votes.reschedule(
            vote,
            opens_at=data["opens_at"],
            closes_at=data["closes_at"],
            actor=actor_of(request),
            now=now_of(request),
            version=data["version"],
        )

    given = {"opens_at": vote.opens_at.astimezone(), "closes_at": vote.closes_at.astimezone()}
    form = bound(request, WindowForm, version=vote.version, initial=given)
    return _page(vote, "改投票时间", form, run, "已改时间。", clauses=("TL-14",))


def _lot(request: HttpRequest, vote: Vote) -> ActPage:
    tied = [one for one in votes.counted(vote, sensitivity=False).motions if queries.waits_for_a_lot(one)]
    names = {who.name: who.candidate for one in tied for who in one.candidates}
    form = bound(request, LotForm)
    form.fields["motion"].choices = [(one.motion, one.title) for one in tied]

    def run(data: Data) -> Vote:
        drawn = [one.strip() for one in data["order"].splitlines() if one.strip()]
        strange = [one for one in drawn if one not in names]
        if strange or not drawn:
            raise Refused(
                "lot_names", "次序里要写候选人的姓名。", fields={"order": f"没有候选人：{'、'.join(strange)}"}
            )
        by = [one.strip() for one in data["by"].splitlines() if one.strip()]
        votes.draw_lot(
            vote,
            motion=data["motion"],
            order=[names[one] for one in drawn],
            by=by,
            actor=actor_of(request),
            now=now_of(request),
        )
        return vote

    return _page(vote, "登记抽签", form, run, "已登记抽签，请重新公示结果。", hint="得票完全相同的，当众抽签定先后。")


ACTS: dict[str, Act] = {
    "mingce": _freeze,
    "hedui": _check,
    "gonggao": _notice,
    "kaishi": _open,
    "jiezhi": _close,
    "huizong": _add_up,
    "gongshi": _publish,
    "shengxiao": _finalise,
    "beian": _file,
    "zhongzhi": _stop,
    "weituo": _proxy,
    "xianchang": _desk,
    "daoru": _official,
    "gaiqi": _reschedule,
    "chouqian": _lot,
    "yijian": oversight.supervise,
    "queren": oversight.consent,
}


@login_required
@require_http_methods(["GET", "POST"])
def act(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    if name not in ACTS:
        raise Http404
    return ACTS[name](request, vote_of(request, pk)).answer(request)


@login_required
@require_http_methods(["GET", "POST"])
def serve(request: HttpRequest, pk: int) -> HttpResponse:
    """For the units picked on the roll's page."""
    vote = vote_of(request, pk)
    core.require(actor_of(request), "vote.run", vote)
    picked = list(dict.fromkeys(request.POST.getlist("units") or request.GET.getlist("units")))
    rows = list(vote.roll.filter(code__in=picked).order_by("room"))
    back = reverse("governance:roll", args=[vote.pk])

    def run(data: Data) -> Ref:
        votes.serve(
            vote,
            units=[one.code for one in rows],
            how=data["how"],
            result=data["result"],
            at=data["at"],
            actor=actor_of(request),
            now=now_of(request),
            file=kept_file(request, "photo", vote),
        )
        return vote.ref

    form = bound(request, ServeForm, initial={"at": now_of(request).astimezone()})
    return ActPage(
        title="登记送达",
        form=form,
        run=run,
        done=f"已登记{len(rows)}户的送达。",
        back=back,
        crumbs=[("业主表决", reverse("governance:votes")), (vote.title, vote_url(vote)), ("名册和送达", back)],
        hint="只有送达的才能按议事规则推定。上门张贴的要附照片。",
        template="votes/serve.html",
        extra={"rows": rows},
    ).answer(request)


@login_required
@require_http_methods(["GET", "POST"])
def adjudicate(request: HttpRequest, pk: int) -> HttpResponse:
    ballot = get_object_or_404(Ballot.objects.select_related("vote__estate", "vote__log"), pk=pk)
    vote = vote_of(request, ballot.vote_id)
    core.require(actor_of(request), "vote.adjudicate", vote)

    def run(data: Data) -> Vote:
        votes.adjudicate(
            ballot,
            decision=data["decision"],
            by=data["by"].splitlines(),
            reason=data["reason"],
            actor=actor_of(request),
            now=now_of(request),
        )
        return vote

    return _page(vote, f"认定选票{ballot.number}", bound(request, AdjudicateForm), run, "已认定。").answer(request)


@login_required
@require_http_methods(["GET", "POST"])
def reply(request: HttpRequest, pk: int) -> HttpResponse:
    objection = get_object_or_404(VoteObjection, pk=pk)
    vote = vote_of(request, objection.vote_id)
    core.require(actor_of(request), "vote.decide_objection", vote)

    def run(data: Data) -> Vote:
        votes.decide_objection(
            objection, result=data["result"], reply=data["reply"], actor=actor_of(request), now=now_of(request)
        )
        return vote

    page = _page(vote, "答复异议", bound(request, ReplyForm), run, "已答复。", hint=objection.text)
    return page.answer(request)


@login_required
@require_http_methods(["GET", "POST"])
def procedure(request: HttpRequest, pk: int) -> HttpResponse:
    """The estate's own rules of procedure, rule by rule; an empty one leaves what holds."""
    actor, now = actor_of(request), now_of(request)
    estate: Estate = get_object_or_404(estates_for(actor), pk=pk)
    core.require(actor, "vote.adopt_rules", estate)
    on = core.local_day(now)
    pack, known = core.pack_for(estate.place_path, on), core.switches_for(estate.place_path, on)
    form = bound(request, ProcedureForm, initial={"adopted_on": on})
    from django import forms

    for name, switch in (pack.switches if pack else {}).items():
        if name.startswith(SWITCHES_BEGIN):
            now_held = known.get(name) or str(switch.default)
            if switch.type.choices:
                labels = [(one, switch.type.label(one)) for one in switch.type.choices]
                field: Any = forms.ChoiceField(choices=[("", f"不改（{switch.type.label(now_held)}）"), *labels])
            else:
                field = forms.CharField(max_length=60, help_text=f"现在：{now_held}；不改留空")
            field.label, field.required = switch.title, False
            form.fields[name] = field

    def run(data: Data) -> Ref:
        values = {name: value for name, value in data.items() if name.startswith(SWITCHES_BEGIN)}
        votes.adopt_rules(
            estate, values=values, adopted_on=data["adopted_on"], document=data["document"], actor=actor, now=now
        )
        return estate.ref

    return ActPage(
        title="登记议事规则",
        form=form,
        run=run,
        done="已登记，以后开始的表决按新规则。",
        back=reverse("governance:votes"),
        crumbs=[("业主表决", reverse("governance:votes"))],
        hint=f"{estate.name}业主大会通过的表决规则。没有约定的按平台默认，并在结果里写明。",
        clauses=("TL-18",),
    ).answer(request)


def _of_unit(
    request: HttpRequest, pk: int, code: str, *, title: str, form: Callable[[RollEntry], Any], run: Any, done: str
) -> HttpResponse:
    """An act on one row of the roll."""
    vote = vote_of(request, pk)
    core.require(actor_of(request), "vote.run", vote)
    entry = get_object_or_404(RollEntry.objects.select_related("vote"), vote=vote, code=code)
    back = reverse("governance:roll", args=[vote.pk])

    def acted(data: Data) -> Ref:
        run(vote, entry, data)
        return vote.ref

    return ActPage(
        title=f"{entry.room}　{title}",
        form=form(entry),
        run=acted,
        done=done,
        back=back,
        crumbs=[("业主表决", reverse("governance:votes")), (vote.title, vote_url(vote)), ("名册和送达", back)],
    ).answer(request)


@login_required
@require_http_methods(["GET", "POST"])
def nominate(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    """Which of the co-owners votes."""

    def form(entry: RollEntry) -> Any:
        made = bound(request, NomineeForm)
        people = entry.vote.owners.filter(code__in=entry.owners).select_related("person")
        made.fields["nominee"].choices = [("", "请选"), *((one.code, str(one.person)) for one in people)]
        return made

    def run(vote: Vote, entry: RollEntry, data: Data) -> None:
        votes.nominate(vote, entry=entry, nominee=data["nominee"], actor=actor_of(request), now=now_of(request))

    return _of_unit(request, pk, code, title="登记共有人推定", form=form, run=run, done="已登记。")


@login_required
@require_http_methods(["GET", "POST"])
def correct(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    """A correction of the published roll, as an entry of its own."""

    def form(entry: RollEntry) -> Any:
        area = f"{entry.area // CENTI}.{entry.area % CENTI:02d}"
        return bound(request, CorrectForm, initial={"area_m2": area, "stock": entry.stock, "kind": entry.kind})

    def run(vote: Vote, entry: RollEntry, data: Data) -> None:
        votes.correct_roll(
            vote,
            entry=entry,
            area=int(data["area_m2"] * CENTI),
            stock=data["stock"],
            kind=data["kind"],
            reason=data["reason"],
            actor=actor_of(request),
            now=now_of(request),
        )

    return _of_unit(
        request, pk, code, title="更正名册", form=form, run=run, done="已更正，公布的名册和更正都在票册里。"
    )


@login_required
@require_http_methods(["GET", "POST"])
def links(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    """A personal link with its QR code, shown once: only its hash is kept."""
    from gongzhi.governance.votes.views.phone import qr

    vote = vote_of(request, pk)
    core.require(actor_of(request), "vote.run", vote)
    entry = get_object_or_404(RollEntry, vote=vote, code=code)
    if request.method == "GET":
        return render(
            request, "votes/link.html", {"nav": "votes", "page_title": "发投票链接", "vote": vote, "entry": entry}
        )
    owner = vote.owners.get(code=_voter(entry))
    token = votes.make_link(vote, owner=owner, actor=actor_of(request), now=now_of(request))
    address = request.build_absolute_uri(reverse("governance:phone", args=[token]))
    context = {
        "nav": "votes",
        "page_title": "投票链接",
        "vote": vote,
        "entry": entry,
        "address": address,
        "qr": qr(address),
    }
    return render(request, "votes/link.html", context)
