"""Results for everybody: the list, one result with its reasons, objections, the package to verify."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from gongzhi.core.errors import Refused
from gongzhi.governance.tally.parts import square_metres
from gongzhi.governance.votes import queries
from gongzhi.governance.votes import services as votes
from gongzhi.governance.votes.exports import package, package_state
from gongzhi.governance.votes.forms import ObjectForm
from gongzhi.governance.votes.models import Ballot, Vote
from gongzhi.governance.votes.secret import queries as secret_queries
from gongzhi.governance.votes.views.common import UNPROCESSABLE, see
from gongzhi.governance.votes.views.phone import qr
from gongzhi.proof import queries as proofs
from gongzhi.proof.models import Log

SHOWN = ("published", "final", "filed")
MOST = 50
TAIL = 8
KEPT_SECONDS = 60


def _public(pk: int) -> Vote:
    found = Vote.objects.select_related("estate", "log").filter(pk=pk, state__in=SHOWN).first()
    if found is None:
        raise Http404
    return found


@require_GET
def results(request: HttpRequest) -> HttpResponse:
    rows = Vote.objects.filter(state__in=SHOWN).select_related("estate").order_by("-published_on")[:MOST]
    code = request.GET.get("code", "").replace("-", "").strip().upper()
    found = Ballot.objects.select_related("vote", "entry__log").filter(number=code).first() if code else None
    context = {
        "nav": "votes",
        "page_title": "表决结果和核验",
        "rows": rows,
        "code": code,
        "found": found,
        "index": found.entry.leaf_index if found else None,
    }
    return render(request, "votes/results.html", context)


@require_GET
def result(request: HttpRequest, pk: int) -> HttpResponse:
    vote = _public(pk)
    found = queries.result_of(vote)
    if found is None or vote.log is None:
        raise Http404
    channels = Ballot.objects.filter(vote=vote).values_list("channel", flat=True)
    newest = proofs.newest_checkpoint(vote.log)
    ceremony = secret_queries.ceremony_of(vote)
    context: dict[str, Any] = {
        "nav": "votes",
        "page_title": f"{vote.title}表决结果",
        "vote": vote,
        "result": found,
        "views": queries.motion_views(vote, found),
        "turning": [one for one in queries.readings(found) if one.turns],
        "same": [one for one in queries.readings(found) if not one.turns],
        "roll": {"heads": found.roll.heads, "area": square_metres(found.roll.area)},
        "paper": sum(one == "paper" for one in channels),
        "phone": sum(one != "paper" for one in channels),
        "ceremony": ceremony,
        "trustees": secret_queries.standings(ceremony)[1] if ceremony else [],
        "objections": vote.objections.order_by("pk"),
        "may_object": vote.state == "published" and vote.objection_until and timezone.now() < vote.objection_until,
        "tail": _tail(vote.log),
        "roll_tail": _grouped(vote.roll_root[-TAIL:]),
        "size": newest.size if newest else 0,
        "sealed_at": newest.made_at if newest and hasattr(newest, "made_at") else None,
        "qr": qr(request.build_absolute_uri(reverse("governance:result", args=[vote.pk]))),
        "clauses": tuple(dict.fromkeys(clause for one in queries.motion_views(vote, found) for clause in one.clauses)),
        "now": timezone.now(),
    }
    return render(request, "votes/result.html", context)


def _tail(log: Log) -> str:
    newest = proofs.newest_checkpoint(log)
    if newest is None:
        return ""
    return _grouped(proofs.root_at(log, newest.size).hex()[-TAIL:])


def _grouped(text: str) -> str:
    half = len(text) // 2
    return f"{text[:half]}-{text[half:]}".upper() if text else ""


@require_http_methods(["GET", "POST"])
def objecting(request: HttpRequest, pk: int) -> HttpResponse:
    vote = _public(pk)
    form = ObjectForm(request.POST if request.method == "POST" else None)
    status = 200
    if form.is_bound:
        status = UNPROCESSABLE
        if form.is_valid():
            try:
                votes.object_to(
                    vote,
                    text=form.cleaned_data["text"],
                    by_room=form.cleaned_data["by_room"],
                    now=timezone.now(),
                )
            except Refused as refused:
                form.add_refusal(refused)
            else:
                return see(reverse("governance:result", args=[vote.pk]) + "#yiyi")
    context = {"nav": "votes", "page_title": "提出异议", "vote": vote, "form": form}
    return render(request, "votes/object.html", context, status=status)


@require_GET
def export(request: HttpRequest, pk: int) -> HttpResponse:
    """Built anew only for who does not have it as it is: two packages of one state are the same bytes."""
    vote, now = _public(pk), timezone.now()
    tag = f'"{package_state(vote, now=now)}"'
    if tag in request.headers.get("If-None-Match", ""):
        response: HttpResponse = HttpResponseNotModified()
    else:
        response = HttpResponse(package(vote, now=now), content_type="application/zip")
        response["Content-Disposition"] = f'attachment; filename="vote-{vote.pk}.zip"'
    response["ETag"] = tag
    response["Cache-Control"] = f"public, max-age={KEPT_SECONDS}"
    return response
