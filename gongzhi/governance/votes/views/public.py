"""Results for everybody: the list, one result with its reasons, objections, the package to verify."""

from typing import Any

from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from gongzhi.core import services as core
from gongzhi.core.display import cn_moment
from gongzhi.core.errors import Refused
from gongzhi.governance.tally.parts import square_metres
from gongzhi.governance.tally.result import Reading, Result
from gongzhi.governance.votes import queries
from gongzhi.governance.votes import services as votes
from gongzhi.governance.votes.exports import package, package_state
from gongzhi.governance.votes.forms import ObjectForm
from gongzhi.governance.votes.models import Ballot, Vote
from gongzhi.governance.votes.notices import vote_notice
from gongzhi.governance.votes.secret import queries as secret_queries
from gongzhi.governance.votes.views.common import UNPROCESSABLE, actor_of, compared_words, motion_words, see
from gongzhi.governance.votes.views.downloads import word_file
from gongzhi.governance.votes.views.phone import qr
from gongzhi.governance.votes.words import MODES
from gongzhi.proof import queries as proofs
from gongzhi.proof.models import Log

MOST = 50
TAIL = 8
KEPT_SECONDS = 60
READING_SECONDS = 600
TOO_MANY = "这个网络一小时内提交得太多。请过一小时再来，或到社区书面提出。"


def _public(pk: int) -> Vote:
    found = Vote.objects.select_related("estate", "log").filter(pk=pk, state__in=queries.PUBLISHED).first()
    if found is None:
        raise Http404
    return found


@require_GET
def results(request: HttpRequest) -> HttpResponse:
    running = Vote.objects.filter(state__in=queries.ANNOUNCED).select_related("estate").order_by("closes_at")
    rows = Vote.objects.filter(state__in=queries.PUBLISHED).select_related("estate").order_by("-published_on")[:MOST]
    code = request.GET.get("code", "").replace("-", "").strip().upper()
    found = Ballot.objects.select_related("vote", "entry__log").filter(number=code).first() if code else None
    context = {
        "nav": "votes",
        "page_title": "表决结果和核验",
        "rows": rows,
        "running": running[:MOST],
        "code": code,
        "found": found,
        "uncounted": queries.why_not_counted(found) if found else [],
        "index": found.entry.leaf_index if found else None,
    }
    return render(request, "votes/results.html", context)


def _suit(vote: Vote) -> dict[str, Any] | None:
    """Until when an owner may ask a court to annul what was decided: the law's period, from when he knew."""
    if vote.finalised_at is None:
        return None
    on = core.local_day(vote.finalised_at)
    answer = core.ask("governance.annulment", {}, place_path=vote.place_path, on=on)
    within = (answer.value or {}).get("within") if answer.ok else None
    return {"within": within.text, "clauses": answer.clauses} if within is not None else None


@require_GET
def result(request: HttpRequest, pk: int) -> HttpResponse:
    vote = _public(pk)
    found = queries.result_of(vote)
    if found is None or vote.log is None:
        raise Http404
    published = found
    switched = _reading(request, vote, found)
    if switched is not None:
        found = _recounted(vote, switched)
    channels = Ballot.objects.filter(vote=vote).values_list("channel", flat=True)
    newest = proofs.newest_checkpoint(vote.log)
    ceremony = secret_queries.ceremony_of(vote)
    whole, service = queries.electorate_of(vote), queries.service_of(vote)
    context: dict[str, Any] = {
        "nav": "votes",
        "page_title": f"{vote.title}表决结果",
        "vote": vote,
        "result": found,
        "views": queries.motion_views(vote, found),
        "ignored": queries.not_counted(found),
        "switched": switched,
        "changed": [
            one.title
            for one, other in zip(published.motions, found.motions, strict=True)
            if one.outcome != other.outcome
        ],
        "choices": () if vote.secret else queries.reading_choices(published),
        "turning": [one for one in queries.readings(published) if one.turns],
        "same": [one for one in queries.readings(published) if not one.turns],
        "service": service,
        "roll": {"heads": whole.head_count, "area": square_metres(whole.area)},
        "paper": sum(one == "paper" for one in channels),
        "phone": sum(one != "paper" for one in channels),
        "official": sum(one == "official" for one in channels),
        "compared": compared_words(vote, published),
        "ceremony": ceremony,
        "trustees": secret_queries.standings(ceremony)[1] if ceremony else [],
        "objections": vote.objections.order_by("pk"),
        "suit": _suit(vote),
        "lots": queries.lots_of(vote),
        "revoked": queries.revoked_of(vote),
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


def _reading(request: HttpRequest, vote: Vote, result: Result) -> Reading | None:
    """`?du=silence:deem_agree`: the count under another reading of one rule. One that was not counted is no page."""
    wanted = request.GET.get("du", "")
    if not wanted or vote.secret:
        return None
    found = next((one for one in result.sensitivity if f"{one.setting}:{one.value}" == wanted), None)
    if found is None:
        raise Http404
    return found


def _recounted(vote: Vote, reading: Reading) -> Result:
    """Kept for a while: nothing of it changes but by another publication, which gives the vote a new version."""
    key = f"vote-reading-{vote.pk}-{vote.version}-{reading.setting}-{reading.value}"
    found: Result | None = cache.get(key)
    if found is None:
        found = votes.counted_otherwise(vote, setting=reading.setting, value=reading.value)
        cache.set(key, found, READING_SECONDS)
    return found


def _tail(log: Log) -> str:
    newest = proofs.newest_checkpoint(log)
    if newest is None:
        return ""
    return _grouped(proofs.root_at(log, newest.size).hex()[-TAIL:])


def _grouped(text: str) -> str:
    half = len(text) // 2
    return f"{text[:half]}-{text[half:]}".upper() if text else ""


@require_GET
def notice(request: HttpRequest, pk: int) -> HttpResponse:
    """What hangs in the estate, while it hangs: motions, majorities, rules, the roll's root. For everybody."""
    vote = _noticed(pk)
    if request.GET.get("as") == "docx":
        return word_file(vote_notice(vote), name=f"vote-{vote.pk}-notice.docx")
    rules = votes.rules_in_force(vote)
    now = timezone.now()
    context: dict[str, Any] = {
        "nav": "votes",
        "page_title": f"{vote.title}公告",
        "vote": vote,
        "motions": [motion_words(one) for one in vote.motions.prefetch_related("buildings")],
        "rules": queries.rule_rows(rules),
        "silence": queries.silence_words(rules),
        "silence_clauses": queries.silence_clauses(rules),
        "modes": "、".join(MODES[one] for one in vote.modes),
        "frozen": bool(vote.rules),
        "units": votes.concerned(vote).count(),
        "roll_tail": _grouped(vote.roll_root[-TAIL:]),
        "official": rules.settings.official_platform,
        "corrections": sorted(one.at for one in queries.corrections_of(vote).values()),
        "objections": vote.objections.filter(about="roll").order_by("pk"),
        "may_object": vote.state in ("noticed", "open") and now < vote.closes_at,
        "stopped": vote.state == "stopped",
        "now": now,
    }
    return render(request, "votes/notice.html", context)


def _noticed(pk: int) -> Vote:
    rows = Vote.objects.select_related("estate", "log").filter(noticed_on__isnull=False)
    found = rows.filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


@require_http_methods(["GET", "POST"])
def objecting(request: HttpRequest, pk: int) -> HttpResponse:
    vote = _public(pk)
    back = reverse("governance:result", args=[vote.pk])
    return _objection(request, vote, about="result", until=vote.objection_words, back=back, after=f"{back}#yiyi")


@require_http_methods(["GET", "POST"])
def objecting_to_roll(request: HttpRequest, pk: int) -> HttpResponse:
    vote = _noticed(pk)
    back = reverse("governance:notice", args=[vote.pk])
    return _objection(request, vote, about="roll", until=cn_moment(vote.closes_at), back=back, after=f"{back}#h-obj")


def _objection(request: HttpRequest, vote: Vote, *, about: str, until: str, back: str, after: str) -> HttpResponse:
    """Anybody may; who is not signed in shows that he is no machine, and is counted by his address."""
    guard, actor, now = request.guard, actor_of(request), timezone.now()  # type: ignore[attr-defined]
    form, status, fault = ObjectForm(request.POST if request.method == "POST" else None), 200, ""
    if form.is_bound and form.is_valid():
        key = request.POST.get("form_key", "")
        if core.form_key(key, actor) is not None:
            return see(after)
        fault = TOO_MANY if guard.too_many("object", now=now) else ""
        if not fault and not request.user.is_authenticated:
            fault = guard.fault(now=now)
        if not fault:
            guard.count("object", now=now)
            try:
                votes.object_to(
                    vote,
                    text=form.cleaned_data["text"],
                    by_room=form.cleaned_data["by_room"],
                    about=about,
                    now=now,
                    actor=actor if request.user.is_authenticated else None,
                )
            except Refused as refused:
                form.add_refusal(refused)
            else:
                core.keep_form_key(key, vote.ref)
                return see(after)
        else:
            form.add_error(None, fault)
    if form.is_bound:
        status = UNPROCESSABLE
    context = {
        "nav": "votes",
        "page_title": "对名册提出异议" if about == "roll" else "提出异议",
        "vote": vote,
        "form": form,
        "until": until,
        "back": back,
        "puzzle": None if request.user.is_authenticated else guard.puzzle(),
        "puzzle_fault": fault,
    }
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
