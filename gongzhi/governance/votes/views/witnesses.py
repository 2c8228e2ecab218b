"""What stands behind a vote: log, checkpoints, witnesses, time-stamp; the sheet for a court; where witnesses sign."""

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from gongzhi.core import services as core
from gongzhi.core.errors import Refused
from gongzhi.core.refs import Ref
from gongzhi.governance.votes import queries
from gongzhi.governance.votes import services as votes
from gongzhi.governance.votes.forms import EndWitnessForm, SignedNoteForm, WitnessForm
from gongzhi.governance.votes.models import Ballot, Vote
from gongzhi.governance.votes.views.common import (
    UNPROCESSABLE,
    ActPage,
    actor_of,
    bound,
    now_of,
    see,
    vote_of,
    vote_url,
)
from gongzhi.proof import queries as proofs
from gongzhi.proof.models import Checkpoint, Seal

NEWEST = 8
TAIL = 8


def _logged(pk: int) -> Vote:
    rows = Vote.objects.select_related("estate", "log").filter(noticed_on__isnull=False, log__isnull=False)
    found: Vote | None = rows.filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def standing(vote: Vote) -> dict[str, Any]:
    """What both the screen and the printed sheet say of the log."""
    newest = proofs.newest_checkpoint(vote.log) if vote.log else None
    closed = votes.checkpoint_at_close(vote)
    seal = Seal.objects.filter(checkpoint=closed).first() if closed else None
    size = newest.size if newest else 0
    return {
        "nav": "votes",
        "vote": vote,
        "newest": newest,
        "newest_root": bytes(newest.root).hex() if newest else "",
        "key": bytes(newest.key.public).hex() if newest else "",
        "closed": closed,
        "closed_root": bytes(closed.root).hex() if closed else "",
        "seal": seal,
        "witnesses": votes.witnesses_of(vote, size=size),
        "ballots": Ballot.objects.filter(vote=vote).count(),
        "published": vote.state in ("published", "final", "filed"),
        "now": timezone.now(),
    }


@require_http_methods(["GET", "POST"])
def proof(request: HttpRequest, pk: int) -> HttpResponse:
    """The proof page of a vote; a POST hands in a checkpoint with a witness's signature. For everybody."""
    vote = _logged(pk)
    here = reverse("governance:proof", args=[vote.pk])
    form, status = SignedNoteForm(request.POST if request.method == "POST" else None), 200
    if form.is_bound:
        status = UNPROCESSABLE
        if form.is_valid():
            try:
                votes.take_signed_note(vote, text=form.cleaned_data["text"], now=timezone.now())
            except Refused as refused:
                form.add_refusal(refused)
            else:
                return see(f"{here}#h-wit")
    found = standing(vote)
    points = Checkpoint.objects.filter(log=vote.log).order_by("-size")[:NEWEST]
    context = found | {
        "page_title": f"{vote.title}的存证",
        "form": form,
        "points": [(one, bytes(one.root).hex()[-TAIL:]) for one in points],
        "note": found["newest"].note if found["newest"] else "",
        "may_manage": request.user.is_authenticated and core.may(actor_of(request), "vote.adjudicate", vote),
    }
    return render(request, "votes/proof.html", context, status=status)


@require_GET
def court(request: HttpRequest, pk: int) -> HttpResponse:
    """One page to print: what is proven, by what, and how anybody checks it without us."""
    vote = _logged(pk)
    result = queries.result_of(vote)
    records = vote.records.order_by("pk")
    context = standing(vote) | {
        "page_title": "表决电子数据说明",
        "entries": [
            (one.get_kind_display(), one.at, one.entry.leaf_index)
            for one in records.filter(kind__in=("NOTICE", "OPEN", "CLOSE", "RESULT")).select_related("entry")
            if one.entry is not None
        ],
        "outcomes": queries.motion_views(vote, result) if result else [],
        "digests": result.digests if result else None,
        "rules_hash": vote.rules_hash,
        "address": request.build_absolute_uri(reverse("governance:proof", args=[vote.pk])),
    }
    return render(request, "votes/court.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def manage(request: HttpRequest, pk: int) -> HttpResponse:
    """Street or community enters whose signatures count."""
    return manage_page(request, pk).answer(request)


def manage_page(request: HttpRequest, pk: int) -> ActPage:
    vote, actor = vote_of(request, pk), actor_of(request)
    core.require(actor, "vote.adjudicate", vote)
    ending = getattr(request, "ending", request.method == "POST" and "witness" in request.POST)
    form = bound(request, EndWitnessForm if ending else WitnessForm)

    def run(data: Mapping[str, Any]) -> Ref:
        if ending:
            votes.end_witness(vote, witness=data["witness"], actor=actor, now=now_of(request))
        else:
            votes.add_witness(vote, **{one: data[one] for one in ("kind", "name", "key")}, actor=actor,
                              now=now_of(request))  # fmt: skip
        return vote.ref

    found = standing(vote)
    return ActPage(
        title="见证人",
        form=form,
        run=run,
        done="已停用。" if ending else "已登记，他签的检查点现在算数。",
        back=reverse("governance:witnesses", args=[vote.pk]),
        button="登记见证人",
        crumbs=[("业主表决", reverse("governance:votes")), (vote.title, vote_url(vote))],
        hint="请见证人打开存证页，在自己的设备上生成密钥，把见证公钥整行发来。街道、社区、审计和业主都可以。",
        template="votes/witnesses.html",
        extra={"vote": vote, "witnesses": found["witnesses"], "ending": ending},
    )
