"""Parts of pages: costs, posts on two sides, guidance, meetings, owners who might serve, how far a formation is."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.models import Place
from gongzhi.governance.bodies.models import Advice
from gongzhi.governance.bodies.queries.coverage import place_bodies, steward_plan
from gongzhi.governance.bodies.queries.crossing import cross_posts_of
from gongzhi.governance.bodies.queries.running import prospects_of
from gongzhi.governance.bodies.rights import ABOVE
from gongzhi.governance.bodies.services.costs import first_meeting_costs
from gongzhi.governance.bodies.views.parts import Cell, Note, Section, day, offer
from gongzhi.governance.bodies.words import ATTRIBUTES, PAYERS, SOURCES
from gongzhi.registry.models import Estate

SHOWN = 30
GUIDED = 30


def meetings_of(body: Any) -> Section:
    rows = [
        [
            Cell(day(one.held_on)),
            Cell(f"{one.attended}/{one.members}人"),
            Cell(one.words[:80], sub="、".join(file.name for file in core.files_of(one.ref))),
        ]
        for one in body.meetings.order_by("-held_on", "-pk")[:SHOWN]
    ]
    return Section("meetings", "会议", columns=("召开", "到会", "议题和决定"), rows=rows, empty="还没有登记会议。")


def representatives_of(estate: Any) -> Section:
    """The meetings of the owners' representatives on record."""
    rows = [
        [
            Cell(day(one.held_on), url=reverse("bodies:representatives", args=[one.pk]), sub=str(one.called_by or "")),
            Cell(f"{one.present.count()}人"),
            Cell(one.words[:80]),
            Cell(f"{one.chosen.count()}人" if one.chosen.count() else "—"),
        ]
        for one in estate.representative_meetings.select_related("called_by").order_by("-held_on", "-pk")[:SHOWN]
    ]
    columns = ("召开", "到会代表", "议题和决定", "推选")
    return Section("representatives", "业主代表会议", columns=columns, rows=rows, empty="还没有登记业主代表会议。")


def suggestions(formation: Any, on: date, running: bool) -> list[Section]:
    """Owners found when somebody asked round, the encouraged kinds first; each a click from being put forward."""
    rows = []
    for one in prospects_of(formation.estate, on):
        address = reverse("bodies:act", args=["formation", formation.pk, "renxuan"])
        kinds = "&".join(f"attributes={tag}" for tag in one.attributes)
        url = f"{address}?unit={one.unit_id}&source=recommended&{kinds}" if running else ""
        rows.append(
            [
                Cell(one.person.masked_name, sub=str(one.unit)),
                Cell("、".join(ATTRIBUTES[tag] for tag in one.attributes), sub=one.note),
                Cell(str(one.found_by or "—"), sub=day(one.found_on)),
                Cell(SOURCES["recommended"] if running else "—", url=url),
            ]
        )
    columns = ("业主", "身份", "摸排", "列为人选")
    return [Section("prospects", "摸排的建议名单", columns=columns, rows=rows)] if rows else []


def stage_words(formation: Any) -> str:
    """How far it has come."""
    if formation.published_on is not None:
        return "候选人已公示"
    if formation.candidates.exists():
        return "人选和审核"
    return "筹备组（换届小组）已成立" if formation.group_id else "已启动"


def costs_fact(found: Estate, on: Any) -> tuple[str, Cell] | None:
    """Who pays for the first assembly, where the local document says anything of it."""
    answer = first_meeting_costs(found, on)
    value = answer.value or {}
    if answer.ok and value.get("payer"):
        words = f"由{PAYERS[value['payer']]}承担"
    elif answer.ok and value.get("by_hand"):
        words = "转人工核定"
    elif answer.needs:
        words = "先登记交付日期和建设单位是否存续"
    else:
        return None
    steps = answer.explanation.steps
    return "首次业主大会经费", Cell(words, sub=steps[-1] if answer.ok and steps else "", clauses=tuple(answer.clauses))


def guidance_rows(found: Iterable[Advice]) -> list[list[Cell]]:
    return [
        [
            Cell(one.words[:60], url=reverse("bodies:advice", args=[one.pk])),
            Cell(one.get_step_display() or "日常"),
            Cell(str(one.given_by or "—"), sub=day(one.given_on)),
        ]
        for one in found
    ]


def guided(found: Estate) -> list[Section]:
    """Guidance by street and community, whatever it was given for."""
    latest = found.advice.filter(kind="guidance").select_related("given_by").order_by("-given_on", "-pk")[:SHOWN]
    rows = guidance_rows(latest)
    return [Section("guided", "指导记录", columns=("内容", "环节", "单位"), rows=rows)] if rows else []


def crossed(found: Estate, actor: Actor, on: Any) -> list[Section]:
    rows = []
    for one in cross_posts_of(found):
        now_held = one.from_on <= on and (one.to_on is None or one.to_on >= on)
        end = reverse("bodies:act", args=["cross_post", one.pk, "jieshu"])
        may_end = now_held and core.may(actor, "body.seat", one)
        rows.append(
            [
                Cell(one.person.masked_name, sub=one.procedure),
                Cell(f"{one.get_first_side_display()}　{one.first_title}"),
                Cell(f"{one.get_second_side_display()}　{one.second_title}"),
                Cell(f"{day(one.from_on)}至{day(one.to_on) or '今'}"),
                Cell(
                    "在任" if now_held else "历史", css="gz-ok" if now_held else "gz-wait", url=end if may_end else ""
                ),
            ]
        )
    columns = ("姓名", "一方", "另一方", "期间", "状态")
    return [Section("crossing", "双向兼职", columns=columns, rows=rows)] if rows else []


def steward_notes(estate: Estate, on: date) -> list[Note]:
    """How many stewards there are of those that there should be, and where one is missing."""
    plan = steward_plan(estate, on)
    if plan is None:
        return []
    words = f"应设{plan.whole}名，在任{plan.filled}名（{plan.rate}）"
    if plan.vacant:
        words += f"，还缺：{'、'.join(plan.vacant[:SHOWN])}"
    return [Note(f"{words}。", "gz-today" if plan.vacant else "gz-ok", plan.clauses)]


def to_communities(actor: Actor) -> list[tuple[str, str]]:
    """What an office of the county tells all its communities at once."""
    place = actor.organisation.place if actor.organisation is not None and actor.role in ABOVE else None
    return offer(actor, place, (("place", "xiafa", "下发指导意见", "body.advise", True),)) if place is not None else []


def day_asked(request: HttpRequest) -> date | None:
    """The day whose rate is wanted: at the end of a year, say. It stays what it was."""
    try:
        return date.fromisoformat(request.GET.get("day", ""))
    except ValueError:
        return None


def council_places(place_path: str, on: Any) -> tuple[list[Place], list[Place]] | None:
    return place_bodies(place_path, kind="property_council", level="community", on=on)
