"""联席会议: what the next one will list, those that were held, and each with its disputes."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from gongzhi.core import services as core
from gongzhi.core.pages import Who, actor_of, now_of, today_of
from gongzhi.mediation import offices
from gongzhi.mediation.acts import ACTS
from gongzhi.mediation.filling_bodies import conference_page, found_conference, place_of
from gongzhi.mediation.models import ConferenceTopic, DisputeConference
from gongzhi.mediation.queries import agenda

TOPIC_ACTS = ("cuoshi", "jielun", "shangbao")
TOPIC_CSS = {"已有结论": "gz-ok", "已登记措施": "gz-soon", "未登记措施": "gz-over"}


@login_required
@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    place, actor, on = place_of(request, "conference.read"), actor_of(request), today_of(request)
    who, holds = Who(actor, now_of(request)), core.may(actor, "conference.hold", place)
    coming = agenda.agenda(actor.organisation, place.place_path, on) if holds and actor.organisation else None
    held = agenda.conferences(place.place_path)
    context = {
        "nav": "mediation",
        "page_title": "联席会议",
        "coming": coming,
        "size": len(coming) if coming is not None else 0,
        "raised": [(one, _acts(one, who)) for one in agenda.raised_to(actor.organisation)],
        "held": [(one, _count(one)) for one in held],
        "rule_clauses": offices.conference(place.place_path, on)[1],
    }
    return render(request, "mediation/conferences.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def hold(request: HttpRequest) -> HttpResponse:
    return conference_page(request).answer(request)


@login_required
@require_GET
def conference(request: HttpRequest, pk: int) -> HttpResponse:
    """One conference: each dispute on its list with what is done about it, by whom, and what came of it."""
    row, who = found_conference(request, pk), Who(actor_of(request), now_of(request))
    topics = agenda.topics_of(row)
    former = agenda.former_measures(topics)
    context = {
        "nav": "mediation",
        "page_title": f"{row.held_on.year}年{row.held_on.month}月{row.held_on.day}日联席会议",
        "conference": row,
        "topics": [(one, TOPIC_CSS.get(one.state, "gz-today"), former.get(one.pk, ""), _acts(one, who))
                   for one in topics],
        "measured": sum(bool(one.measure) for one in topics),
        "concluded": sum(bool(one.conclusion) for one in topics),
        "rule_clauses": offices.conference(row.place_path, today_of(request))[1],
    }  # fmt: skip
    return render(request, "mediation/conference.html", context)


def _count(row: DisputeConference) -> tuple[int, int, int]:
    """(disputes on its list, of them with a measure or a conclusion, without either)."""
    topics = list(row.topics.all())
    settled = sum(bool(one.measure or one.conclusion) for one in topics)
    return len(topics), settled, len(topics) - settled


def _acts(topic: ConferenceTopic, who: Who) -> list[tuple[str, str]]:
    named, _ = offices.conference(topic.file.place_path, core.local_day(who.now))
    may = agenda.open_acts(topic, who.actor.organisation, above=bool(named.get("above")))
    return [
        (reverse("mediation:act", args=[topic.file_id, code]), ACTS[code].title) for code in TOPIC_ACTS if code in may
    ]
