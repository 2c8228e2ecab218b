"""The page of a formation: how far it is, who stands, what guidance was given, what is done next."""

from collections import Counter
from datetime import date
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from gongzhi.core import services as core
from gongzhi.core.display import percent
from gongzhi.core.pages import actor_of, today_of
from gongzhi.governance.bodies.queries.bodies import last_election, put_to_vote
from gongzhi.governance.bodies.queries.composition import rate_places
from gongzhi.governance.bodies.queries.running import prospects_of
from gongzhi.governance.bodies.services import STEWARDS
from gongzhi.governance.bodies.services.forming import guidance_of, missing_guidance, waits_for_conditions
from gongzhi.governance.bodies.views.acting import crumbs_of
from gongzhi.governance.bodies.views.acts_of_forming import by_priority, numbered
from gongzhi.governance.bodies.views.details import shows
from gongzhi.governance.bodies.views.parts import (
    Cell,
    Note,
    PageParts,
    Section,
    Stage,
    day,
    found,
    offer,
    timeline,
    vote_fact,
    vote_offer,
    vote_url,
)
from gongzhi.governance.bodies.views.running import guidance_rows, representatives_of, suggestions
from gongzhi.governance.bodies.words import ATTRIBUTES, COMMITTEES, STEPS


@shows
def formation(request: HttpRequest, pk: int) -> PageParts:
    row, actor, on = found(request, "formation", pk), actor_of(request), today_of(request)
    running, owners = row.state == "open", row.kind == "owners_committee"
    parts = PageParts(str(row), crumbs=crumbs_of(row)[:-1])
    css = {"open": "gz-soon", "formed": "gz-ok", "stopped": "gz-wait"}[row.state]
    parts.tags = [Cell(row.get_state_display(), css=css), Cell(row.get_trigger_display(), css="gz-wait")]
    wanted, clauses = guidance_of(row, on)
    lacking = missing_guidance(row, on)
    if wanted.get("survey") and running and owners and not prospects_of(row.estate, on):
        parts.notes.append(Note("还没有摸排业主，建议先摸排、再公示候选人。", "gz-soon", clauses))
    if running and (waits := waits_for_conditions(row, on)):
        settle = reverse("bodies:act", args=["estate", row.estate_id, "tiaojian"])
        may = core.may(actor, "formation.conditions", row.estate)
        parts.notes.append(
            Note(
                "还没有核定小区符合成立条件，成立筹备组的期限没有起算。", "gz-today", waits,
                *((settle, "核定成立条件") if may else ()),
            )
        )  # fmt: skip
    whole = len(wanted.get("steps") or ())
    if whole and not lacking:
        parts.tags.append(Cell("已指导", css="gz-ok"))
    elif lacking and running:
        names = "、".join(
            f"{STEPS[step]}（{core.role_name(role, place_path=row.place_path, on=on)}）" for step, role in lacking
        )
        done = whole - len({step for step, _ in lacking})
        parts.notes.append(Note(f"指导不全{done}/{whole}，还缺：{names}", "gz-today", clauses))
    management, stewards = row.kind == "management_committee", row.kind == STEWARDS
    parts.acts = _acts(row, actor)
    parts.sections = [Section("stages", "环节", stages=_stages(row))]
    if not management:
        parts.sections.append(_candidates(row, actor, on))
    if stewards:
        parts.sections.append(representatives_of(row.estate))
    if owners and core.may(actor, "candidate.nominate", row):
        parts.sections += suggestions(row, on, running)
    parts.sections += [_guidance(row), _formation_facts(row), timeline([row.ref], formation=row)]
    notice = reverse("bodies:notice", args=[row.pk]) if row.published_on else ""
    parts.extra["notice"] = notice
    return parts


def _acts(row: Any, actor: Any) -> list[tuple[str, str]]:
    running, owners = row.state == "open", row.kind == "owners_committee"
    management, stewards = row.kind == "management_committee", row.kind == STEWARDS
    chosen = stewards and row.candidates.filter(chosen_at__isnull=False).exists()
    acts = offer(
        actor,
        row,
        (
            ("formation", "zhidao", "登记指导", "formation.guide", running and not stewards),
            (
                "formation",
                "xiaozu",
                "成立筹备组（换届小组）",
                "formation.run",
                running and owners and row.group is None,
            ),
            ("formation", "wuguanhui", "组成物管会", "formation.run", running and management),
            (
                "formation",
                "tuixuan",
                "推选未达成共同意见",
                "formation.run",
                running and management and row.choosing_failed_on is None,
            ),
            ("formation", "renxuan", "登记人选", "candidate.nominate", running and not management),
            (
                "formation",
                "daibiao",
                "登记业主代表会议和推选",
                "representatives.hold",
                running and stewards and row.candidates.exists(),
            ),
            ("formation", "tuixuangongshi", "公示推选的楼幢长", "formation.run", running and stewards and chosen),
            ("formation", "queren", "确认楼幢长", "formation.run", running and stewards and row.published_on),
            ("formation", "renyuan", "指定指导人、监督人", "formation.run", running and owners),
            ("formation", "gongshi", "公示候选人", "formation.run", running and owners),
            ("formation", "jieguo", "接收选举结果", "formation.run", running and owners),
            ("formation", "zhidao", "登记指导", "formation.guide", running and stewards),
            ("formation", "tingzhi", "停止组建", "formation.run", running),
        ),
    )
    acts += vote_offer(actor, row, running and owners and row.published_on is not None and not put_to_vote(row))
    return sorted(acts, key=lambda one: one[1] != _next(row)) if owners and running else acts


def _next(row: Any) -> str:
    """The act that the formation of a committee waits for now: it stands first. A by-election needs no group."""
    if row.group is None and row.trigger != "by_election":
        return "成立筹备组（换届小组）"
    if not row.candidates.filter(result="passed").exists():
        return "登记人选"
    return "付业主表决" if row.published_on else "公示候选人"


def _election(row: Any) -> tuple[str, str, bool, str]:
    """Title, what is to be seen, whether the owners have elected, where it is seen."""
    url = vote_url(row)
    last = last_election(row)
    if row.state == "formed" and row.kind == COMMITTEES[0]:
        chosen = Counter(row.candidates.filter(member__isnull=False).values_list("member__seat", flat=True))
        substitutes = f"，候补{chosen['substitute']}人" if chosen["substitute"] else ""
        return "选举", f"{day(row.closed_on)}，当选{chosen['full']}人{substitutes}", True, url
    if last is not None and not put_to_vote(row):
        seats = last.data["seats"]
        return "选举", f"{day(core.local_day(last.at))}，当选的不足{seats}席的半数，要另行选举", False, url
    return "选举", "已付业主表决" if put_to_vote(row) else "", False, url


def _stages(row: Any) -> list[Stage]:
    reviewed = row.candidates.exclude(result="").exists()
    steps: list[tuple[Any, ...]] = [
        ("启动", day(row.opened_on), True),
        ("筹备（换届小组）", day(row.group.formed_on) if row.group else "", row.group is not None),
        ("人选和审核", f"{row.candidates.count()}人", reviewed),
        (
            "公示候选人",
            f"{day(row.published_on)}至{day(row.published_until)}" if row.published_on else "",
            row.published_on is not None,
        ),
        _election(row),
        ("组成", day(row.closed_on) if row.state == "formed" else "", row.state == "formed"),
        ("备案", day(row.body.filed_on) if row.body else "", bool(row.body and row.body.filed_on)),
    ]
    if row.kind == "management_committee":
        steps = [one for one in steps if one[0] in ("启动", "组成", "备案")]
    if row.kind == STEWARDS:
        steps = _steward_steps(row, steps)
    first = next((index for index, one in enumerate(steps) if not one[2]), len(steps))
    return [
        Stage(one[0], one[1], one[2], index == first and row.state != "stopped", *one[3:])
        for index, one in enumerate(steps)
    ]


def _steward_steps(row: Any, steps: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    meeting = row.candidates.filter(chosen_at__isnull=False).order_by("-chosen_at__held_on").first()
    people = row.candidates.count()
    return [
        steps[0],
        ("自荐和推荐", f"{people}人", people > 0),
        ("业主代表会议推选", day(meeting.chosen_at.held_on) if meeting else "", meeting is not None),
        ("公示", *steps[3][1:]),
        ("确认", *steps[5][1:]),
    ]


def _candidates(row: Any, actor: Any, on: date) -> Section:
    may_review = core.may(actor, "candidate.review", row)
    rows = []
    numbers = {one.pk: number for number, one in enumerate(numbered(row), start=1)}
    stewards = row.kind == STEWARDS
    for one, first in by_priority(row, on):
        state, css = ("待推选", "gz-soon") if stewards else ("待审核", "gz-soon")
        if one.withdrawn_on:
            state, css = ("已退出", "gz-wait")
        elif one.chosen_at_id is not None:
            state, css = "已推选", "gz-ok"
        elif one.result:
            state, css = one.get_result_display(), "gz-ok" if one.result == "passed" else "gz-over"
        url = reverse("bodies:candidate", args=[one.pk]) if may_review else ""
        reasons = "；".join(reason["says"] for reason in one.failed) or one.opinion
        number = f"{numbers[one.pk]}　" if one.pk in numbers else ""
        kinds = "、".join(ATTRIBUTES[tag] for tag in one.attributes)
        rows.append(
            [
                Cell(f"{number}{one.person.masked_name}", url=url, sub=str(one.unit or "")),
                Cell(one.get_source_display(), sub=one.recommended_by),
                Cell("优先", css="gz-ok", sub=kinds) if first else Cell(kinds or "—"),
                Cell(state, css=css, url=_review_url(one) if may_review else "", sub=reasons if may_review else ""),
            ]
        )
    counted: dict[str, int] = {}
    for one in row.candidates.all():
        for tag in one.attributes:
            counted[tag] = counted.get(tag, 0) + 1
    note = _encouraged(row) + "　".join(
        f"{ATTRIBUTES[tag]}{count}人（{percent(count, len(rows), places=rate_places(row.place_path, on))}）"
        for tag, count in sorted(counted.items())
    )
    columns = ("人选", "产生", "身份", "推选" if stewards else "审核")
    return Section("candidates", "人选", columns=columns, rows=rows, empty="还没有人选。", note=note)


def _review_url(candidate: Any) -> str:
    """Straight to the review, where one is waited for."""
    waits = candidate.reviewed_at is None and candidate.withdrawn_on is None and candidate.formation.kind != STEWARDS
    return reverse("bodies:act", args=["candidate", candidate.pk, "shenhe"]) if waits else ""


def _encouraged(row: Any) -> str:
    """How many of those put forward are of a kind that the document encourages; nobody needs to be."""
    answer = core.ask(
        "governance.encouraged_candidates", {"kind": row.kind}, place_path=row.place_path, on=row.opened_on
    )
    wanted = set(answer.value or ()) if answer.ok else set()
    if not wanted:
        return ""
    return (
        f"倡导参选的{len(wanted)}类人士共{sum(bool(wanted & set(one.attributes)) for one in row.candidates.all())}人。"
    )


def _guidance(row: Any) -> Section:
    rows = guidance_rows(row.advice.select_related("given_by").order_by("-given_on", "-pk"))
    return Section("guidance", "指导记录", columns=("内容", "环节", "单位"), rows=rows, empty="还没有指导记录。")


def _formation_facts(row: Any) -> Section:
    facts = [
        ("小区", Cell(str(row.estate), url=reverse("bodies:estate", args=[row.estate_id]))),
        ("情形", Cell(row.get_trigger_display(), sub=row.reason)),
        ("启动", Cell(day(row.opened_on), sub=str(row.opened_by or "平台"))),
    ]
    if row.kind == COMMITTEES[0]:
        facts += [
            ("镇街指导人", Cell(row.guide or "没有指定")),
            ("社区监督人", Cell(row.supervisor or "没有指定")),
        ]
    if row.group:
        facts.append(("小组", Cell(str(row.group), url=reverse("bodies:body", args=[row.group_id]))))
    if row.previous:
        facts.append(("上一届", Cell(str(row.previous), url=reverse("bodies:body", args=[row.previous_id]))))
    facts += vote_fact(row)
    if row.body:
        facts.append(("产生的组织", Cell(str(row.body), url=reverse("bodies:body", args=[row.body_id]))))
    return Section("facts", "基本情况", facts=facts, side=True)
