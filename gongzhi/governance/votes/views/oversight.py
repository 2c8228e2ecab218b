"""What street and community do beside a vote: their opinion of the meeting, their consent to it."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.governance.votes import services as votes
from gongzhi.governance.votes.forms import ConsentForm, OpinionForm
from gongzhi.governance.votes.models import Vote
from gongzhi.governance.votes.services.oversight import RUNNING
from gongzhi.governance.votes.views.common import ActPage, actor_of, bound, now_of, vote_url
from gongzhi.governance.votes.views.next_step import act_url

Data = Mapping[str, Any]
SHORT = {"community_committee": "社区", "community_station": "社区", "street_office": "镇街"}
CONSENTED_IN = ("draft", "checked", "noticed", "open", "closed", "published")


def _crumbs(vote: Vote) -> list[tuple[str, str]]:
    return [("业主表决", reverse("governance:votes")), (vote.title, vote_url(vote))]


def supervise(request: HttpRequest, vote: Vote) -> ActPage:
    found = votes.supervision_of(vote, core.local_day(now_of(request)))

    def run(data: Data) -> Any:
        votes.supervise_vote(vote, text=data["text"], actor=actor_of(request), now=now_of(request))
        return vote.ref

    return ActPage(
        title="填写监督意见", form=bound(request, OpinionForm), run=run, done="已填写监督意见。",
        back=vote_url(vote), crumbs=_crumbs(vote), clauses=found.clauses,
        hint="写明怎样指导、监督这次业主大会，程序和计票有没有问题。",
    )  # fmt: skip


def consent(request: HttpRequest, vote: Vote) -> ActPage:
    wanted = votes.consent_of(vote, core.local_day(now_of(request)))

    def run(data: Data) -> Any:
        return votes.consent_to_vote(
            vote,
            agreed=data["agreed"] == "yes",
            opinion=data["opinion"],
            actor=actor_of(request),
            now=now_of(request),
            version=data["version"],
        ).ref

    return ActPage(
        title="审批、确认表决", form=bound(request, ConsentForm, version=vote.version), run=run, done="已登记意见。",
        back=vote_url(vote), crumbs=_crumbs(vote), clauses=wanted.clauses if wanted else (),
        hint=f"{wanted.says}。" if wanted else "",
    )  # fmt: skip


def context_of(vote: Vote, actor: Actor, now: Any) -> dict[str, Any]:
    """For the vote's page: who guides and supervises, whose consent is wanted, and the acts of whoever looks."""
    on = core.local_day(now)
    wanted, consented = votes.supervision_of(vote, on), votes.consent_of(vote, on)
    names = {one: core.role_name(one, place_path=vote.place_path, on=on) for one in wanted.by}
    acts = []
    if (
        vote.state in RUNNING
        and core.may(actor, "vote.supervise", vote)
        and votes.seat_of(actor, wanted.by) in wanted.missing
    ):
        acts.append({"url": act_url(vote, "yijian"), "act": "yijian", "title": "填写监督意见"})
    asks = consented is not None and vote.consented_at is None and vote.state in CONSENTED_IN
    if asks and core.may(actor, "vote.consent", vote):
        acts.append({"url": act_url(vote, "queren"), "act": "queren", "title": "审批、确认"})
    over = vote.state in ("closed", "published", "final", "filed")
    return {
        "oversight": [
            {
                "name": names[one],
                "waits": f"待{SHORT.get(one, names[one])}意见",
                "opinion": next((row for row in vote.opinions.all() if row.role == one), None),
                "late": one in wanted.missing and over,
            }
            for one in wanted.by
        ],
        "oversight_clauses": wanted.clauses,
        "lacking": "、".join(names[one] for one in wanted.missing) if over else "",
        "consent": consented,
        "consent_by": core.role_name(consented.by, place_path=vote.place_path, on=on) if consented else "",
        "oversight_acts": acts,
    }
