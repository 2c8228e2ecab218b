"""What is done on a vote's page: one address an act, one form each."""

import secrets
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from gongzhi.core import services as core
from gongzhi.core.display import cn_moment
from gongzhi.core.errors import Refused
from gongzhi.core.refs import Ref
from gongzhi.governance.votes import queries
from gongzhi.governance.votes import services as votes
from gongzhi.governance.votes.forms import (
    AdjudicateForm,
    AnnouncedForm,
    CheckForm,
    DayForm,
    DeskForm,
    LotForm,
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
from gongzhi.governance.votes.models import Ballot, Vote, VoteObjection
from gongzhi.governance.votes.secret import opening
from gongzhi.governance.votes.services.rules import SWITCHES_BEGIN
from gongzhi.governance.votes.views import oversight
from gongzhi.governance.votes.views.ballot_form import add_motions, concerns, in_words, marks, only_asked, options
from gongzhi.governance.votes.views.common import (
    ActPage,
    actor_of,
    bound,
    entry_of,
    kept_file,
    now_of,
    vote_of,
    vote_url,
    voter_of,
)
from gongzhi.governance.votes.views.staff import served_of, sifted
from gongzhi.governance.votes.words import AGENT_KINDS, FAULTS
from gongzhi.registry.models import Estate
from gongzhi.registry.queries.reading import estates_for

CENTI = 100
LEVEL = ("tied", "tied_alternate")  # as candidates stand whose votes are the same
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
        hint=f"开始投票：{cn_moment(vote.opens_at)}。议题、名册、规则一并张贴。",
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
        made = opening.add_up(vote, actor=actor_of(request), now=now_of(request), version=data["version"])
        if made.sums is None:
            page.done = "票多，正在后台汇总，几分钟后再看托管人页；汇总好了再请托管人开票。"
        return vote

    page = _page(
        vote, "汇总加密票", bound(request, PlainForm, version=vote.version), run,
        "已汇总。请托管人打开各自的链接，输入代码开票。", clauses=("TL-18",),
        hint="每名表决人取按规则算数的那张，乘上面积和人数，密文相加，不解开任何一张。汇总只做一次。",
    )  # fmt: skip
    return page


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


def _proxy(request: HttpRequest, vote: Vote) -> ActPage:
    rules = votes.rules_in_force(vote)
    form = bound(request, ProxyForm, initial={"valid_until": vote.closes_at.astimezone()})
    form.offer(rules)

    def run(data: Data) -> Vote:
        actor, now = actor_of(request), now_of(request)
        entry = entry_of(vote, data["room"])
        principal = voter_of(entry)
        if data["agent_room"]:
            agent = voter_of(entry_of(vote, data["agent_room"]))
        else:
            agent = votes.agent_code(vote, name=data["agent"], phone=data["agent_phone"], actor=actor, now=now)
        votes.record_proxy(
            vote,
            principal=principal,
            agent=agent,
            agent_kind=data["agent_kind"],
            units=votes.units_of(vote, principal) or [entry.code],
            motions=form.scope(),
            instructions=form.instructions(),
            valid_from=min(now, vote.opens_at),
            valid_until=data["valid_until"],
            signed=data["signed"],
            file=kept_file(request, "photo", vote),
            actor=actor,
            now=now,
        )
        return vote

    page = _page(
        vote, "登记委托", form, run, "已登记委托。", hint=limits(rules),
        clauses=tuple(dict.fromkeys(("TL-12", *rules.settings.proxy.clauses))),
    )  # fmt: skip
    page.back = reverse("governance:proxies", args=[vote.pk])
    return page


def limits(rules: Any) -> str:
    rule = rules.settings.proxy
    said = [f"一名代理人最多代理{rule.cap}名业主" if rule.cap is not None else "代理几名业主没有规定"]
    if rule.agent == "owner":
        said.append("代理人须是本小区业主")
    if rule.barred:
        said.append(f"{'、'.join(AGENT_KINDS.get(one, one) for one in rule.barred)}不得代理")
    said.append("须按委托意见投" if rule.instruction == "must_follow" else "代理人可以自己定")
    return f"{'；'.join(said)}。业主本人又投票的，以本人为准。"


def _desk(request: HttpRequest, vote: Vote) -> ActPage:
    """`?weituo=w1`: an agent votes; the motions of his instrument alone are asked."""
    number = request.GET.get("weituo", "") or request.POST.get("proxy", "").strip()
    proxy = next((one for one in votes.proxies_of(vote) if one.id == number), None) if number else None
    form = bound(request, DeskForm, initial={"proxy": number, "room": _room_of(vote, proxy)})
    add_motions(form, vote, only=proxy.motions if proxy else (), anywhere=True)
    key = request.POST.get("form_key", "") or secrets.token_hex(16)

    def run(data: Data) -> Vote:
        entry = entry_of(vote, data["room"])
        given_number = data["proxy"].strip()
        if given_number and proxy is None:
            raise Refused("no_instrument", "没有这份委托书。", fields={"proxy": "请核对编号"})
        chosen = marks(data, vote)
        if proxy is not None:
            if proxy.revoked:
                raise Refused("revoked", "这份委托书已经撤销，请业主本人投票。", fields={"proxy": "已撤销"})
            votes.refuse_against_instruction(vote, proxy.id, chosen)
            voter, units = proxy.agent, list(proxy.units)
        else:
            voter = voter_of(entry)
            units = list(votes.units_of(vote, voter)) or [entry.code]
        chosen = only_asked(chosen, vote, list(vote.roll.filter(code__in=units)), shown=form.fields)
        at = queries.database_now()
        given = votes.Given(voter, units, chosen, "desk", at, key, proxy=given_number)
        made = votes.cast(vote, given=given, now=at, actor=actor_of(request))
        page.done = f"已收票，凭证短码{made.number}，请抄给业主。"
        return vote

    hint = "当面核对证件。业主名下的房屋一并计入。"
    if proxy is not None:
        hint = f"按委托书{proxy.id}代理投票，只投委托的议题。{_instructed(vote, proxy)}"
    page = _page(vote, "现场投票", form, run, "已收票。", hint=hint)
    return page


def _room_of(vote: Vote, proxy: Any) -> str:
    if proxy is None:
        return ""
    found = vote.roll.filter(code__in=proxy.units).order_by("room").first()
    return found.room if found else ""


def _instructed(vote: Vote, proxy: Any) -> str:
    told = in_words(proxy.instructions, vote, only=tuple(proxy.instructions))
    return f"委托意见：{'；'.join(f'{title}{words}' for title, words in told)}。" if told else "没有写委托意见。"


def _official(request: HttpRequest, vote: Vote) -> ActPage:
    def run(data: Data) -> Vote:
        taken = votes.take_official(
            vote, content=data["file"].read(), actor=actor_of(request), now=queries.database_now()
        )
        said = f"已导入{taken.ballots}张票，名册上还有{taken.unvoted}套没有票。"
        page.done = f"{said}接着办截止，再登记官方公布的结果核对。"
        return vote

    page = _page(
        vote, "导入官方平台结果", bound(request, OfficialForm), run, "已导入。",
        hint="第一行写“房号”和各议题的名称，下面一行一户，填同意、反对或弃权；选举填同意的人，用顿号隔开；没有投的留空。",
    )  # fmt: skip
    return page


def _announced(request: HttpRequest, vote: Vote) -> ActPage:
    form = bound(request, AnnouncedForm)
    form.offer(votes.rules_of(vote))

    def run(data: Data) -> Vote:
        votes.record_announced(vote, figures=form.figures(), actor=actor_of(request), now=now_of(request))
        return vote

    return _page(
        vote, "核对官方结果", form, run, "已登记，逐项比对见下。",
        hint="照官方平台公布的填，没有公布的留空。平台按导入的逐户明细重算，逐项比对。",
    )  # fmt: skip


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
    equal = {one.motion: [who for who in one.candidates if who.standing in LEVEL] for one in tied}
    names = {who.name: who.candidate for who in sum(equal.values(), [])}
    form = bound(request, LotForm, initial={"order": "\n".join(names)})
    form.fields["motion"].choices = [(one.motion, one.title) for one in tied]

    def run(data: Data) -> Vote:
        drawn = [one.strip() for one in data["order"].splitlines() if one.strip()]
        strange = [one for one in drawn if one not in names]
        if strange or not drawn:
            raise Refused(
                "lot_names",
                "次序里要写得票相同的候选人的姓名。",
                fields={"order": f"得票相同的里没有：{'、'.join(strange)}"},
            )
        if sorted(names[one] for one in drawn) != sorted(who.candidate for who in equal[data["motion"]]):
            says = f"请把{'、'.join(who.name for who in equal[data['motion']])}都写上，每人一次"
            raise Refused("lot_names", "得票相同的要全部写上，每人一次。", fields={"order": says})
        by = [one.strip() for one in data["by"].splitlines() if one.strip()]
        votes.draw_lot(
            vote,
            motion=data["motion"],
            order=[names[one] for one in drawn],
            by=by,
            file=kept_file(request, "photo", vote),
            actor=actor_of(request),
            now=now_of(request),
        )
        return vote

    hint = f"得票完全相同的：{'、'.join(names)}。当众抽签定先后，把次序改成抽中的先后。"
    return _page(vote, "登记抽签", form, run, "已登记抽签，请重新公示结果。", hint=hint)


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
    "guanfang": _announced,
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
    given = ",".join(request.POST.getlist("units") or request.GET.getlist("units"))
    picked = [one for one in dict.fromkeys(given.split(",")) if one]
    if "all" in request.GET and not request.POST:
        vote = vote_of(request, pk)
        picked = list(sifted(vote, request.GET, served_of(vote)).values_list("code", flat=True))
    return serve_page(request, pk, picked).answer(request)


def serve_page(request: HttpRequest, pk: int, picked: Sequence[str]) -> ActPage:
    vote = vote_of(request, pk)
    core.require(actor_of(request), "vote.run", vote)
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
        extra={"rows": rows, "list_url": reverse("governance:service_list", args=[vote.pk])},
    )


@login_required
@require_http_methods(["GET", "POST"])
def adjudicate(request: HttpRequest, pk: int) -> HttpResponse:
    return adjudicate_page(request, pk).answer(request)


def adjudicate_page(request: HttpRequest, pk: int) -> ActPage:
    ballot = get_object_or_404(Ballot.objects.select_related("vote__estate", "vote__log", "image"), pk=pk)
    vote = vote_of(request, ballot.vote_id)
    core.require(actor_of(request), "vote.adjudicate", vote)

    rows = list(vote.roll.filter(code__in=ballot.units).order_by("room"))
    form = bound(request, AdjudicateForm)
    asked = [one for one in votes.rules_of(vote).motions if concerns(one, rows)]
    form.offer(asked, read=ballot.choices, answers=options(vote))

    def run(data: Data) -> Vote:
        votes.adjudicate(
            ballot,
            decision=data["decision"],
            by=data["by"].splitlines(),
            reason=data["reason"],
            choices=form.choices(),
            actor=actor_of(request),
            now=now_of(request),
        )
        return vote

    seen = "、".join(FAULTS.get(one, one) for one in ballot.faults)
    return _page(
        vote, f"认定选票{ballot.number}", form, run, "已认定。",
        hint=f"{'、'.join(one.room for one in rows)}：{seen}。看着影像认定；认定写进票册，公示期满以前可以重新认定。",
        template="votes/adjudicate.html", extra={"ballot": ballot},
        clauses=tuple(votes.rules_of(vote).settings.adjudication.clauses),
    )  # fmt: skip


@login_required
@require_http_methods(["GET", "POST"])
def reply(request: HttpRequest, pk: int) -> HttpResponse:
    return reply_page(request, pk).answer(request)


def reply_page(request: HttpRequest, pk: int) -> ActPage:
    objection = get_object_or_404(VoteObjection, pk=pk)
    vote = vote_of(request, objection.vote_id)
    core.require(actor_of(request), "vote.decide_objection", vote)

    def run(data: Data) -> Vote:
        votes.decide_objection(
            objection, result=data["result"], reply=data["reply"], actor=actor_of(request), now=now_of(request)
        )
        return vote

    said = f"{objection.by_room}：{objection.text}" if objection.by_room else objection.text
    if objection.about == "roll":
        said += "（要改名册的，先在“名册和送达”里更正这一户，再答复成立。）"
    return _page(vote, "答复异议", bound(request, ReplyForm), run, "已答复。", hint=said)


@login_required
@require_http_methods(["GET", "POST"])
def procedure(request: HttpRequest, pk: int) -> HttpResponse:
    return procedure_page(request, pk).answer(request)


def procedure_page(request: HttpRequest, pk: int) -> ActPage:
    """The estate's own rules of procedure, rule by rule; an empty one leaves what holds."""
    actor, now = actor_of(request), now_of(request)
    estate: Estate = get_object_or_404(estates_for(actor), pk=pk)
    core.require(actor, "vote.adopt_rules", estate)
    on = core.local_day(now)
    pack, known = core.pack_for(estate.place_path, on), core.switches_for(estate.place_path, on)
    form = bound(request, ProcedureForm, initial={"adopted_on": on})
    form.offer(estate)
    from django import forms

    for name, switch in (pack.switches if pack else {}).items():
        if name.startswith(SWITCHES_BEGIN):
            now_held = known.get(name) or str(switch.default)
            if switch.type.kind == "bool":
                held = "是" if now_held in ("True", "yes", "true") else "否"
                field: Any = forms.ChoiceField(choices=[("", f"不改（{held}）"), ("yes", "是"), ("no", "否")])
            elif switch.type.choices:
                labels = [(one, switch.type.label(one)) for one in switch.type.choices]
                field = forms.ChoiceField(choices=[("", f"不改（{switch.type.label(now_held)}）"), *labels])
            else:
                shown = (
                    switch.shown(pack.switch_value(name, known)) if pack and switch.type.kind == "money" else now_held
                )
                field = forms.CharField(max_length=60, help_text=f"现在：{shown}；不改留空")
            field.label, field.required = switch.title, False
            form.fields[name] = field

    def run(data: Data) -> Ref:
        values = {name: value for name, value in data.items() if name.startswith(SWITCHES_BEGIN)}
        votes.adopt_rules(
            estate,
            values=values,
            adopted_on=data["adopted_on"],
            document=data["document"],
            decision=data["decision"],
            actor=actor,
            now=now,
        )
        return estate.ref

    return ActPage(
        title="登记议事规则和授权",
        form=form,
        run=run,
        done="已登记，以后开始的表决、以后提出的维修资金使用按新规则。",
        back=reverse("governance:votes"),
        crumbs=[("业主表决", reverse("governance:votes"))],
        hint=f"{estate.name}业主大会通过的表决规则和给业委会的授权额度。没有约定的按平台默认，并在结果里写明。",
        clauses=("TL-18",),
    )
