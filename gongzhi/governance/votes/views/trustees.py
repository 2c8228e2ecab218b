"""The trustees of a secret election: the clerk names them and sees how far they are; each acts behind his own link."""

import json
from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from gongzhi.core import services as core
from gongzhi.core.errors import Refused
from gongzhi.core.forms import RefusalForm
from gongzhi.governance.votes.forms import choice, line
from gongzhi.governance.votes.models import Vote
from gongzhi.governance.votes.secret import opening, queries, trusting, weights
from gongzhi.governance.votes.secret.models import Trustee
from gongzhi.governance.votes.secret.words import OFFICES, STEPS
from gongzhi.governance.votes.views.common import UNPROCESSABLE, actor_of, now_of, see, vote_of, vote_url
from gongzhi.governance.votes.views.phone import qr

DONE = {
    "channel": "已领取编号。等其他托管人领完，再来分发份额。",
    "deal": "已分发份额。等其他托管人分发完，再来核对。",
    "confirm": "已核对。全部核对完，密钥就备好了；截止以后请来开票。",
    "open": "已收到您的开票内容。",
}
USUAL = ("street", "owners", "community")


class AnswerForm(RefusalForm, forms.Form):
    answer = forms.CharField(
        label="要交的内容",
        widget=forms.Textarea(attrs={"rows": 4, "autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": "请在本机生成，或粘贴离线工具写出的内容"},
        max_length=2_000_000,
        help_text="里面没有您的代码",
    )


def _secret_vote(request: HttpRequest, pk: int) -> Vote:
    vote = vote_of(request, pk)
    if not vote.secret:
        raise Http404
    return vote


def _crumbs(vote: Vote) -> list[tuple[str, str]]:
    return [("业主表决", reverse("governance:votes")), (vote.title, vote_url(vote))]


@login_required
@require_GET
def overview(request: HttpRequest, pk: int) -> HttpResponse:
    vote, actor = _secret_vote(request, pk), actor_of(request)
    ceremony = queries.ceremony_of(vote)
    context: dict[str, Any] = {
        "nav": "votes",
        "page_title": "托管人",
        "vote": vote,
        "crumbs": _crumbs(vote),
        "ceremony": ceremony,
        "steps": STEPS,
        "may_name": vote.state == "noticed" and core.may(actor, "vote.run", vote),
        "may_link": vote.state in ("noticed", "open", "closed") and core.may(actor, "vote.run", vote),
        "may_add_up": _may_add_up(vote, ceremony) and core.may(actor, "vote.count", vote),
    }
    if ceremony is not None:
        step, rows = queries.standings(ceremony)
        context |= {
            "step": step,
            "rows": rows,
            "code": queries.fingerprint(ceremony, [one.row for one in rows]),
            "voters": len(json.loads(ceremony.voters)),
            "without": vote.roll.filter(code__in=ceremony.without).order_by("room"),
        }
    return render(request, "votes/secret/trustees.html", context)


def _may_add_up(vote: Vote, ceremony: Any) -> bool:
    return vote.state == "closed" and ceremony is not None and ceremony.sums is None


class NamingForm(RefusalForm, forms.Form):
    """Two fields for each trustee, as many as the rules say."""

    def ask(self, count: int) -> None:
        for number in range(1, count + 1):
            usual = USUAL[number - 1] if number <= len(USUAL) else ""
            self.fields[f"office{number}"] = choice(f"{number}号托管人的身份", OFFICES, initial=usual)
            self.fields[f"name{number}"] = line(f"{number}号托管人的姓名", longest=40)

    def people(self, count: int) -> list[tuple[str, str]]:
        return [(self.cleaned_data[f"office{n}"], self.cleaned_data[f"name{n}"]) for n in range(1, count + 1)]


@login_required
@require_http_methods(["GET", "POST"])
def name(request: HttpRequest, pk: int) -> HttpResponse:
    """Each link is shown once, with its code: only its hash is kept."""
    vote, actor = _secret_vote(request, pk), actor_of(request)
    core.require(actor, "vote.run", vote)
    rules, _ = weights.secret_rules(vote, core.local_day(vote.opens_at))
    count, status = rules.settings.secrecy.trustees, 200
    form = NamingForm(request.POST if request.method == "POST" else None)
    form.ask(count)
    if form.is_bound:
        status = UNPROCESSABLE
        if form.is_valid():
            try:
                tokens = trusting.name_trustees(vote, people=form.people(count), actor=actor, now=now_of(request))
            except Refused as refused:
                form.add_refusal(refused)
            else:
                return _links(request, vote, tokens)
    context = {
        "nav": "votes",
        "page_title": "指定托管人",
        "vote": vote,
        "form": form,
        "count": count,
        "needed": rules.settings.secrecy.needed,
        "clauses": rules.settings.secrecy.clauses,
        "again": queries.ceremony_of(vote) is not None,
        "crumbs": [*_crumbs(vote), ("托管人", reverse("governance:trustees", args=[vote.pk]))],
    }
    return render(request, "votes/secret/name.html", context, status=status)


def _links(request: HttpRequest, vote: Vote, tokens: dict[int, str]) -> HttpResponse:
    rows = []
    for one in Trustee.objects.filter(ceremony__vote=vote, number__in=tokens):
        address = request.build_absolute_uri(reverse("governance:trustee", args=[tokens[one.number]]))
        rows.append({"row": one, "address": address, "qr": qr(address)})
    context = {
        "nav": "votes",
        "page_title": "托管人的链接",
        "vote": vote,
        "rows": rows,
        "crumbs": [*_crumbs(vote), ("托管人", reverse("governance:trustees", args=[vote.pk]))],
    }
    return render(request, "votes/secret/links.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def renew(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    vote, actor = _secret_vote(request, pk), actor_of(request)
    core.require(actor, "vote.run", vote)
    row = get_object_or_404(Trustee.objects.select_related("ceremony__vote"), ceremony__vote=vote, number=number)
    if request.method == "POST":
        return _links(request, vote, {number: trusting.renew_link(row, actor=actor, now=now_of(request))})
    context = {
        "nav": "votes",
        "page_title": "补发托管链接",
        "vote": vote,
        "row": row,
        "crumbs": [*_crumbs(vote), ("托管人", reverse("governance:trustees", args=[vote.pk]))],
    }
    return render(request, "votes/secret/renew.html", context)


@never_cache
@require_http_methods(["GET", "POST"])
def trustee(request: HttpRequest, token: str) -> HttpResponse:
    """His page: what is to be done now, by the script in his browser or with the tool and no network."""
    row = trusting.trustee_of(token)
    if row is None:
        raise Http404
    ceremony = row.ceremony
    step, rows = queries.standings(ceremony)
    if request.GET.get("xiazai"):
        response = HttpResponse(json.dumps(queries.file_for(row), ensure_ascii=False), content_type="application/json")
        response["Content-Disposition"] = f'attachment; filename="trustee-{row.number}-{step}.json"'
        return response
    form, status = AnswerForm(request.POST if request.method == "POST" else None), 200
    if form.is_bound:
        status = UNPROCESSABLE
        if form.is_valid():
            try:
                _hand_in(row, form.cleaned_data["answer"])
            except Refused as refused:
                form.add_refusal(refused)
            else:
                return see(f"{request.path}?hao={step}")
    own = next(one for one in rows if one.row.pk == row.pk)
    context = {
        "nav": "votes",
        "owner_pages": True,
        "page_title": "托管人办理",
        "vote": ceremony.vote,
        "row": row,
        "ceremony": ceremony,
        "step": step,
        "title": STEPS.get(step, ""),
        "mine": bool(own.waiting),
        "rows": rows,
        "steps": STEPS,
        "code": queries.fingerprint(ceremony, [one.row for one in rows]),
        "form": form,
        "told": DONE.get(request.GET.get("hao", ""), ""),
    }
    return render(request, "votes/secret/trustee.html", context, status=status)


def _hand_in(row: Trustee, text: str) -> None:
    try:
        answer = json.loads(text)
    except ValueError as error:
        raise Refused("not_json", "粘贴的内容不完整，请整段重新粘贴。", fields={"answer": "内容不完整"}) from error
    if not isinstance(answer, dict):
        answer = {}
    if "open" in answer:
        opening.hand_in_parts(row, answer=answer, now=timezone.now())
    else:
        trusting.hand_in(row, answer=answer, now=timezone.now())
