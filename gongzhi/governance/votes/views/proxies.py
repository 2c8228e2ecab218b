"""The instruments of a vote: who acts for whom, on what, how; and their revocation."""

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from gongzhi.core import services as core
from gongzhi.core.refs import Ref
from gongzhi.governance.votes import services as votes
from gongzhi.governance.votes.forms import RevokeForm
from gongzhi.governance.votes.views.acts import limits
from gongzhi.governance.votes.views.ballot_form import in_words
from gongzhi.governance.votes.views.common import ActPage, actor_of, bound, now_of, vote_of, vote_url

Data = Mapping[str, Any]


@login_required
@require_http_methods(["GET", "POST"])
def proxies(request: HttpRequest, pk: int) -> HttpResponse:
    """The instruments of the vote; a POST revokes one."""
    vote, actor = vote_of(request, pk), actor_of(request)
    core.require(actor, "vote.run", vote)
    back = reverse("governance:proxies", args=[vote.pk])
    form = bound(request, RevokeForm)

    def run(data: Data) -> Ref:
        votes.revoke_proxy(vote, proxy=data["proxy"], actor=actor, now=now_of(request))
        return vote.ref

    people = {one.code: str(one.person or "建设单位") for one in vote.owners.select_related("person")}
    rooms = dict(vote.roll.values_list("code", "room"))
    titles = {one.code: one.title for one in vote.motions.all()}
    rows = [
        {
            "one": one,
            "agent": people.get(one.agent, one.agent),
            "principal": people.get(one.principal, one.principal),
            "rooms": [rooms.get(unit, unit) for unit in one.units],
            "motions": [titles.get(motion, motion) for motion in one.motions],
            "told": in_words(one.instructions, vote, only=tuple(one.instructions)) if vote.rules else [],
        }
        for one in votes.proxies_of(vote)
    ]
    return ActPage(
        title="委托",
        form=form,
        run=run,
        done="已撤销委托。",
        back=back,
        crumbs=[("业主表决", reverse("governance:votes")), (vote.title, vote_url(vote))],
        template="votes/proxies.html",
        extra={
            "vote": vote,
            "rows": rows,
            "limits": limits(votes.rules_in_force(vote)),
            "clauses": votes.rules_in_force(vote).settings.proxy.clauses,
            "may_add": vote.state in ("noticed", "open"),
            "may_vote": vote.state == "open",
        },
    ).answer(request)
