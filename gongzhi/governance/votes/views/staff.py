"""The list of votes and one vote's page: where it stands, roll, service, turnout, tally, readings, objections."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from gongzhi.core import refs
from gongzhi.core import services as core
from gongzhi.core.display import cn_date
from gongzhi.core.refs import Ref
from gongzhi.governance.bodies.models import Formation, OwedMeeting
from gongzhi.governance.tally.parts import square_metres
from gongzhi.governance.tally.roll import STOCKS, UNIT_KINDS
from gongzhi.governance.votes import queries
from gongzhi.governance.votes import services as votes
from gongzhi.governance.votes.forms import DraftForm, MotionForm, PlainForm
from gongzhi.governance.votes.models import Ballot, Motion, Vote, VoteRecord
from gongzhi.governance.votes.services.convening import AS
from gongzhi.governance.votes.views import next_step, oversight
from gongzhi.governance.votes.views.common import (
    ActPage,
    actor_of,
    bound,
    compared_words,
    motion_words,
    now_of,
    vote_of,
    vote_url,
)
from gongzhi.governance.votes.words import FAULTS, MODES, SERVICE_KINDS, SERVICE_RESULTS, STATES
from gongzhi.registry.models import Estate
from gongzhi.registry.queries.reading import estates_for

PAGE_SIZE = 20
ROLL_PAGE = 30
FEN = 100
COUNTED = ("closed", "published", "final", "filed")


@login_required
@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    rows = queries.votes_for(actor)
    state = request.GET.get("state", "")
    if state in STATES:
        rows = rows.filter(state=state)
    context = {
        "nav": "votes",
        "page_title": "业主表决",
        "page": Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page")),
        "states": STATES,
        "state": state,
        "may_draft": estates_for(actor).exists() and actor.role in _drafters(),
        "now": now_of(request),
    }
    return render(request, "votes/list.html", context)


def _drafters() -> tuple[str, ...]:
    from gongzhi.governance.votes.rights import RUNNERS

    return RUNNERS


@login_required
@require_http_methods(["GET", "POST"])
def draft(request: HttpRequest) -> HttpResponse:
    return draft_page(request).answer(request)


def draft_page(request: HttpRequest) -> ActPage:
    actor, now = actor_of(request), now_of(request)
    form = bound(request, DraftForm, initial=_begun(request))
    estates = estates_for(actor).filter(ended_on=None)
    form.fields["estate"].queryset = estates
    form.offer_origins(list(estates.values_list("pk", flat=True)))
    offered = votes.modes_of("use_fund", place_path=actor.place_path, on=core.local_day(now)).offered
    form.offer_modes(offered)

    def run(data: Any) -> Ref:
        return votes.draft_vote(
            data["estate"],
            title=data["name"],
            convener=data["convener"],
            opens_at=data["opens_at"],
            closes_at=data["closes_at"],
            motions=[_motion_draft(data, data["estate"], core.local_day(now))],
            modes=data.get("modes", ()),
            secret=data["secret"],
            actor=actor,
            now=now,
        ).ref

    return ActPage(
        title="拟定表决",
        form=form,
        run=run,
        done="已拟定。还有议题的，接着加；然后锁定名册，交镇街或社区核对。",
        back=reverse("governance:votes"),
        crumbs=[("业主表决", reverse("governance:votes"))],
        hint="先写时间和第一个议题，其余议题在下一页加。",
        after=lambda ref: reverse("governance:vote", args=[ref.id]),
    )


def _begun(request: HttpRequest) -> dict[str, Any]:
    """What a link from an election's or a meeting's page fills in."""
    key = request.GET.get("yi", "")
    row = refs.resolve(Ref.of_key(key)) if ":" in key else None
    if not isinstance(row, Formation | OwedMeeting):
        return {}
    title = "选举业主委员会" if isinstance(row, Formation) else row.get_reason_display()
    reason = "" if isinstance(row, Formation) else row.reason
    if isinstance(row, OwedMeeting) and reason == "recall_member" and row.member is not None:
        title = f"罢免业主委员会委员{row.member.whose}"
    sitting = isinstance(row, Formation) and row.trigger == "by_election" and row.group is None
    named = AS["owners_committee" if sitting else "group" if isinstance(row, Formation) else row.convener]
    role = actor_of(request).role
    return {
        "estate": row.estate_id,
        "origin": key,
        "title": title,
        "name": f"{now_of(request).astimezone().year}年业主大会",
        "matter": {"interim_meeting": "", "dismiss_company": "hire_company"}.get(reason, "elect_committee"),
        "convener": role if role in named else named[0],
    }


def _motion_draft(data: Any, estate: Estate, on: date) -> votes.MotionDraft:
    amount = data.get("amount_yuan")
    buildings, entrances = votes.named_scope(estate, data["scope"].splitlines(), on=on)
    return votes.MotionDraft(
        matter=data["matter"],
        title=data["title"],
        text=data["text"],
        amount_fen=int(amount * FEN) if amount is not None else None,
        buildings=buildings,
        entrances=entrances,
        candidates=[one for one in data["candidates"].splitlines() if one.strip()],
        seats=data["seats"] or 1,
        alternates=data["alternates"] or 0,
        origin=data["origin"],
    )


@login_required
@require_http_methods(["GET", "POST"])
def motion(request: HttpRequest, pk: int) -> HttpResponse:
    return motion_page(request, vote_of(request, pk)).answer(request)


def motion_page(request: HttpRequest, vote: Vote) -> ActPage:
    core.require(actor_of(request), "vote.draft", vote)
    form = bound(request, MotionForm, version=vote.version)
    form.offer_origins([vote.estate_id])

    def run(data: Any) -> Ref:
        return votes.append_motion(
            vote,
            draft=_motion_draft(data, vote.estate, core.local_day(now_of(request))),
            actor=actor_of(request),
            now=now_of(request),
            version=data["version"],
        ).ref

    return ActPage(
        title="加一个议题",
        form=form,
        run=run,
        done="已加议题。",
        back=vote_url(vote),
        crumbs=_crumbs(vote),
    )


@login_required
@require_http_methods(["GET", "POST"])
def motion_change(request: HttpRequest, pk: int, position: int) -> HttpResponse:
    return motion_change_page(request, vote_of(request, pk), position).answer(request)


def motion_change_page(request: HttpRequest, vote: Vote, position: int) -> ActPage:
    """The motion as it stands, to be put right."""
    core.require(actor_of(request), "vote.draft", vote)
    found = get_object_or_404(vote.motions.prefetch_related("buildings"), position=position)
    form = bound(request, MotionForm, version=vote.version, initial=_as_typed(found))
    form.offer_origins([vote.estate_id], own=found.origin)

    def run(data: Any) -> Ref:
        return votes.change_motion(
            vote,
            position=position,
            draft=_motion_draft(data, vote.estate, core.local_day(now_of(request))),
            actor=actor_of(request),
            now=now_of(request),
            version=data["version"],
        ).ref

    return ActPage(
        title="修改议题", form=form, run=run, done="已修改。", back=vote_url(vote), crumbs=_crumbs(vote), button="修改"
    )


def _as_typed(motion: Motion) -> dict[str, Any]:
    election = motion.election or {}
    names = [] if motion.origin else [one["name"] for one in election.get("candidates", ())]
    return {
        "matter": motion.matter,
        "title": motion.title,
        "text": motion.text,
        "amount_yuan": None if motion.amount_fen is None else Decimal(motion.amount_fen) / FEN,
        "scope": "\n".join(motion.scope["of"]),
        "candidates": "\n".join(names),
        "seats": election.get("seats", 1),
        "alternates": election.get("alternates", 0),
        "origin": motion.origin,
    }


@login_required
@require_http_methods(["GET", "POST"])
def motion_drop(request: HttpRequest, pk: int, position: int) -> HttpResponse:
    return motion_drop_page(request, vote_of(request, pk), position).answer(request)


def motion_drop_page(request: HttpRequest, vote: Vote, position: int) -> ActPage:
    core.require(actor_of(request), "vote.draft", vote)
    found = get_object_or_404(vote.motions, position=position)

    def run(data: Any) -> Ref:
        return votes.drop_motion(
            vote, position=position, actor=actor_of(request), now=now_of(request), version=data["version"]
        ).ref

    return ActPage(
        title="撤下议题", form=bound(request, PlainForm, version=vote.version), run=run, done="已撤下。",
        back=vote_url(vote), crumbs=_crumbs(vote), hint=f"“{found.title}”不再列入这次表决，后面的议题往前排。",
    )  # fmt: skip


def _crumbs(vote: Vote) -> list[tuple[str, str]]:
    return [("业主表决", reverse("governance:votes")), (vote.title, vote_url(vote))]


@login_required
@require_GET
def vote(request: HttpRequest, pk: int) -> HttpResponse:
    found, actor = vote_of(request, pk), actor_of(request)
    now = now_of(request)
    acts = [
        {"url": next_step.act_url(found, act), "title": title, "main": main}
        for act, title, main in next_step.acts_of(found, actor, now)
    ]
    context: dict[str, Any] = {
        "nav": "votes",
        "page_title": found.title,
        "vote": found,
        "now": now,
        "acts": acts,
        "step": next_step.next_step(found, now),
        "cautions": next_step.cautions(found, now),
        "stages": queries.stages(found),
        "motions": [motion_words(one) for one in found.motions.prefetch_related("buildings")],
        "may_add": found.state == "draft" and not found.secret and core.may(actor, "vote.draft", found),
        "may_stop": next_step.stoppable(found) and core.may(actor, "vote.run", found),
        "may_run": core.may(actor, "vote.run", found),
        "posted": found.records.filter(kind="NOTICE").select_related("file").order_by("pk").last(),
        "modes": "、".join(MODES[one] for one in found.modes),
        **oversight.context_of(found, actor, now),
        "stop_url": reverse("governance:act", args=[found.pk, "zhongzhi"]),
    }
    context |= {
        "objections": list(found.objections.order_by("pk")),
        "may_decide": core.may(actor, "vote.decide_objection", found),
        "noticed": found.noticed_on is not None,
    }
    if found.roll_frozen_at:
        context |= {"turnout": queries.turnout(found), "service": queries.service_of(found)}
        roll = votes.concerned(found)
        context["unowned"] = roll.filter(stock="unsold").count()
        context["undelivered"] = roll.filter(stock="undelivered").count()
        context["nameless"] = sum(len(one.owners) > 1 and not one.voters for one in roll)
    if found.state in COUNTED:
        result = queries.result_of(found) or votes.counted(found)
        context |= {
            "result": result,
            "views": queries.motion_views(found, result),
            "ignored": queries.not_counted(result),
            "turning": [one for one in queries.readings(result) if one.turns],
            "same": [one for one in queries.readings(result) if not one.turns],
            "faulty": _faulty(found),
            "revoked": queries.revoked_of(found),
            "compared": compared_words(found, result),
            "lots": queries.lots_of(found),
            "may_settle": found.state in ("closed", "published") and core.may(actor, "vote.adjudicate", found),
        }
    return render(request, "votes/vote.html", context)


def _faulty(vote: Vote) -> list[dict[str, Any]]:
    settled = {
        one["ballot"]: one["decision"]
        for one in VoteRecord.objects.filter(vote=vote, kind="ADJUDICATE").values_list("data", flat=True)
    }
    rooms = dict(vote.roll.values_list("code", "room"))
    return [
        {
            "pk": one.pk,
            "number": one.number,
            "rooms": "、".join(rooms.get(unit, unit) for unit in one.units),
            "faults": "、".join(FAULTS.get(fault, fault) for fault in one.faults),
            "settled": {"valid": "有效", "invalid": "无效"}.get(settled.get(one.number, ""), ""),
        }
        for one in Ballot.objects.filter(vote=vote).exclude(faults=[]).order_by("pk")
    ]


@login_required
@require_http_methods(["GET"])
def roll(request: HttpRequest, pk: int) -> HttpResponse:
    """The roll with service, and the pick for serving many at once."""
    found, actor = vote_of(request, pk), actor_of(request)
    building, served, put_right = request.GET.get("building", ""), served_of(found), queries.corrections_of(found)
    rows = sifted(found, request.GET, served)
    page = Paginator(rows, ROLL_PAGE).get_page(request.GET.get("page"))
    context = {
        "nav": "votes",
        "page_title": "名册和送达",
        "vote": found,
        "page": page,
        "rows": [
            {
                "code": one.code,
                "room": one.room,
                "area": square_metres(one.area),
                "source": one.get_area_source_display(),
                "stock": one.get_stock_display(),
                "owners": len(one.owners),
                "nameless": len(one.owners) > 1 and not one.voters,
                "corrected": _corrected(put_right.get(one.code)),
                "served": served.get(one.code),
            }
            for one in page.object_list
        ],
        "buildings": list(votes.concerned(found).order_by("building").values_list("building", flat=True).distinct()),
        "building": building,
        "only": request.GET.get("only", ""),
        "platform": queries.official_platform(found),
        "may_print": found.roll_frozen_at is not None and core.may(actor, "vote.run", found),
        "may_serve": found.state in ("noticed", "open") and core.may(actor, "vote.run", found),
        "may_correct": found.state in ("closed", "published") and core.may(actor, "vote.run", found),
    }
    return render(request, "votes/roll.html", context)


def _corrected(one: queries.Correction | None) -> str:
    if one is None:
        return ""
    stock, kind = STOCKS[one.row.stock], UNIT_KINDS[one.row.kind]
    return f"{cn_date(one.at)}更正为{square_metres(one.row.area)}㎡、{stock}、{kind}：{one.reason}"


def sifted(vote: Vote, asked: Mapping[str, str], served: Mapping[str, "Served"]) -> Any:
    """The units of the roll that the page's filter shows."""
    rows = votes.concerned(vote).order_by("building", "room")
    if asked.get("building"):
        rows = rows.filter(building=asked["building"])
    if asked.get("only") == "waiting":
        rows = rows.exclude(code__in=[code for code, one in served.items() if one.result == "served"])
    return rows


@dataclass(frozen=True)
class Served:
    """How the ballot reached a unit, or did not: what counts, when, by whom, and the evidence."""

    result: str
    how: str
    record: VoteRecord

    @property
    def says(self) -> str:
        return f"{SERVICE_RESULTS[self.result]}（{self.how}）"


def served_of(vote: Vote) -> dict[str, Served]:
    found: dict[str, Served] = {}
    for record in VoteRecord.objects.filter(vote=vote, kind="SERVE").select_related("file").order_by("pk"):
        data = record.data
        for unit in data["units"]:
            if unit not in found or found[unit].result != "served":
                found[unit] = Served(data["result"], SERVICE_KINDS.get(data["kind"], ""), record)
    return found
