"""The lists: bodies of a place and what is missing, of an estate, a place's own; the owner's view, the notice."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.models import Place
from gongzhi.core.packs import codes_of
from gongzhi.core.pages import actor_of, now_of, page_of, see, today_of
from gongzhi.governance.bodies.models import (
    AdoptedText,
    Advice,
    Body,
    BodyDecision,
    Charge,
    Correction,
    Formation,
    ListItem,
    OwedMeeting,
    Petition,
)
from gongzhi.governance.bodies.queries.apart import listed_apart
from gongzhi.governance.bodies.queries.bodies import acting, body_on, members_on
from gongzhi.governance.bodies.queries.composition import percent_words, rate_places
from gongzhi.governance.bodies.queries.coverage import (
    Share,
    answered,
    body_coverage,
    class_words,
    due_bodies,
    homes_on,
    steward_plan,
    unclassified,
)
from gongzhi.governance.bodies.queries.crossing import by_community, crossing_rules
from gongzhi.governance.bodies.queries.notices import committees_on, notices_of
from gongzhi.governance.bodies.queries.powers import frozen_matters
from gongzhi.governance.bodies.queries.running import idle_committee
from gongzhi.governance.bodies.services.forming import may_apply
from gongzhi.governance.bodies.services.terms import notice_day
from gongzhi.governance.bodies.views.acting import estate_of
from gongzhi.governance.bodies.views.acts_of_forming import numbered
from gongzhi.governance.bodies.views.details import STATES, handover_notes, shows, unanswered_notes
from gongzhi.governance.bodies.views.matters import asked_by_owners
from gongzhi.governance.bodies.views.noticed import register_section
from gongzhi.governance.bodies.views.parts import Cell, Note, PageParts, Section, day, offer, timeline
from gongzhi.governance.bodies.views.running import (
    costs_fact,
    council_places,
    crossed,
    day_asked,
    guided,
    representatives_of,
    stage_words,
    to_communities,
)
from gongzhi.governance.bodies.words import ATTRIBUTES, BODY_KINDS, COMMITTEES, OF_PLACES
from gongzhi.governance.questions import MATTERS_OF_OWNERS
from gongzhi.registry import services as registry
from gongzhi.registry.models import Estate
from gongzhi.registry.panels import panels_of
from gongzhi.registry.queries.reading import estates_for

FLAGS = {
    "without": "没有业委会",
    "ending": "任期将满、已满",
    "forming": "正在组建",
    "unfiled": "没有备案",
    "unable": "不能正常开展工作",
    "idle": "长期没有开会",
}
VIEWS = {"all": "全部小区", "missing": "组建率里还没有的", **FLAGS}
FEW = 8
# Bodies that a document may want in every estate of a kind.
DUE = ("four_party_group", "coordination", "party_alliance")


@login_required
@require_GET
def bodies(request: HttpRequest) -> HttpResponse:
    """Every estate of the actor's place with its committee, its term, its filing; and what is missing."""
    actor, on, now = actor_of(request), today_of(request), now_of(request)
    if not actor.is_staff_role:
        return see(reverse("bodies:mine"))
    rows, asked = list(homes_on(actor, on)), day_asked(request) or on
    view = request.GET.get("view", "all")
    entries = [_entry(one, actor, on, held) for one, held in _held(rows, on)]
    then = list(homes_on(actor, asked))
    coverage = body_coverage(then, place_path=actor.place_path, on=asked)
    missing = [_entry(one, actor, on, held) for one, held in _held(list(coverage.missing), on)]
    chosen = missing if view == "missing" else [one for one in entries if one["flags"].get(view, True)]
    left, without = unclassified(rows, on)
    context = {
        "nav": "bodies",
        "page_title": "组织",
        "now": now,
        "coverage": coverage,
        "asked": asked,
        "classified": Share("已归类", without - len(left), without) if without else None,
        "answered": answered(actor, on),
        "crossing": crossing_rules(actor.place_path, on),
        "crossed": by_community(rows, on),
        "target": percent_words(coverage.target, places=coverage.places) if coverage.target is not None else "",
        "counts": {code: sum(one["flags"][code] for one in entries) for code in FLAGS},
        "views": VIEWS,
        "view": view,
        "page": page_of(request, chosen),
        "stations": _own_places(actor, on),
        "acts": to_communities(actor),
        "old": body_coverage(
            [one for one in then if one.estate_type == "old"],
            place_path=actor.place_path,
            on=asked,
            title="老旧小区组建率",
        ),
        "joint": [one for one in (_joint(rows, kind, actor, on) for kind in DUE) if one is not None],
        **_own_bodies(actor, on),
    }
    template = "bodies/_list.html" if getattr(request, "htmx", False) else "bodies/list.html"
    return render(request, template, context)


def _own_bodies(actor: Actor, on: Any) -> dict[str, Any]:
    found = council_places(actor.place_path, on)
    if found is None:
        return {}
    whole, missing = found
    share = Share("", len(whole) - len(missing), len(whole), rate_places(actor.place_path, on))
    return {"own_bodies": found, "own_rate": share.rate}


def _joint(rows: list[Estate], kind: str, actor: Actor, on: Any) -> dict[str, Any] | None:
    due, having = due_bodies(rows, kind, on)
    if not due:
        return None
    ready = {one.pk for one in having}
    return {
        "title": BODY_KINDS[kind],
        "share": Share(BODY_KINDS[kind], len(having), len(due), rate_places(actor.place_path, on)),
        "missing": [one for one in due if one.pk not in ready],
    }


def _held(rows: list[Estate], on: Any) -> list[tuple[Estate, dict[str, Any]]]:
    """Each estate with its bodies in office and its formations in hand: two queries."""
    found: dict[int, dict[str, Any]] = {one.pk: {} for one in rows}
    for body in Body.objects.in_office(on).filter(estate__in=rows, kind__in=COMMITTEES, state="in_office"):
        found[body.estate_id or 0][body.kind] = body
    for formation in Formation.objects.filter(estate__in=rows, state="open"):
        found[formation.estate_id]["formation"] = formation
    return [(one, found[one.pk]) for one in rows]


def _entry(estate: Estate, actor: Actor, on: Any, held: dict[str, Any]) -> dict[str, Any]:
    body = held.get("owners_committee") or held.get("management_committee")
    committee = held.get("owners_committee")
    first = notice_day(committee, on) if committee is not None else None
    ending = bool(
        committee is not None
        and committee.term_until is not None
        and ((first is not None and on >= first) or committee.term_until < on)
    )
    return {
        "estate": estate,
        "body": body,
        "formation": held.get("formation"),
        "stage": stage_words(held["formation"]) if "formation" in held else "",
        "over": committee is not None and ending and committee.term_until < on,
        "ending": ending,
        "flags": {
            "without": committee is None,
            "ending": ending,
            "forming": "formation" in held,
            "unfiled": body is not None and body.filed_on is None,
            "unable": body is not None and body.unable_from is not None,
            "idle": committee is not None and idle_committee(committee, on) is not None,
        },
    }


def _own_places(actor: Actor, on: Any) -> list[Place]:
    """Whose own bodies the actor may see: his place, the streets below it, and communities that should have one."""
    own = core.place_at(actor.place_path)
    if own is None:
        return []
    levels = ("street", "community") if council_places(actor.place_path, on) else ("street",)
    return [own, *Place.objects.filter(parent=own, level__in=levels).order_by("code")]


@shows
def estate(request: HttpRequest, pk: int) -> PageParts:
    actor, on, now = actor_of(request), today_of(request), now_of(request)
    found = estate_of(actor, pk)
    if not core.may(actor, "body.see_estate", found) and not core.may(actor, "body.read", found):
        return _owners(request, found)
    parts = PageParts(f"{found.name}　业主组织", crumbs=[("组织", reverse("bodies:list"))])
    parts.notes = _estate_notes(found, on, now)
    none = body_on(found, "owners_committee", on) is None
    parts.acts = offer(
        actor,
        found,
        (
            ("estate", "shenqing", "登记成立申请", "formation.start", none and may_apply(found, actor=actor, on=on)),
            ("estate", "qidong", "启动组建（换届）", "formation.start", True),
            ("estate", "tiaojian", "核定成立条件", "formation.conditions", none),
            ("estate", "fenlei", "归类指导", "formation.conditions", none),
            ("estate", "zhidao", "登记指导", "formation.guide", True),
            ("estate", "duban", "发督促、协助单", "body.advise", True),
            ("estate", "lianming", "受理联名", "petition.take", True),
            ("estate", "mopai", "登记摸排人选", "candidate.nominate", True),
            ("estate", "jiaocha", "登记双向兼职", "body.seat", bool(crossing_rules(found.place_path, on).sides)),
            (
                "estate",
                "jianshe",
                "登记建设单位状态",
                "formation.conditions",
                none and costs_fact(found, on) is not None,
            ),
            ("estate", "daibiao", "登记业主代表会议", "representatives.hold", True),
            ("estate", "jueding", "登记决定", "decision.record", True),
            ("estate", "dengji", "登记其他组织", "body.register", True),
            ("estate", "guiyue", "登记规约版本", "text.adopt", True),
        ),
    )
    parts.acts = parts.acts if found.ended_on is None else []
    parts.sections = _estate_sections(found, actor, on, now)
    return parts


def _estate_notes(found: Estate, on: Any, now: Any) -> list[Note]:
    """What a committee has not answered first: this page is its home."""
    notes = handover_notes(found)
    for body in committees_on(found, on):
        notes += unanswered_notes(body, on, url=reverse("bodies:body", args=[body.pk]), link=str(body))
    for power, title in (("committee", "业委会事项"), ("assembly", "业主大会职责")):
        who = acting(found, power, on)
        name = str(who.organisation or "") or (
            core.role_name(who.role, place_path=found.place_path, on=on) if who.role else ""
        )
        if who.role != "owners_committee":
            tail = "，共同决定事项仍须业主表决" if who.owners_vote else ""
            notes.append(
                Note(f"{title}：{'由' + name + '代行' if name else '没有规定由谁代行'}{tail}", "gz-soon", who.clauses)
            )
    for title, state in frozen_matters(found, convener="owners_committee", now=now, matters=MATTERS_OF_OWNERS):
        notes.append(Note(f"业委会现在不能就“{title}”召开业主大会：{state.why}", "gz-over", state.clauses))
    return notes


def _estate_sections(found: Estate, actor: Actor, on: Any, now: Any) -> list[Section]:
    rows = [
        [
            Cell(
                str(one),
                url=reverse("bodies:body", args=[one.pk]),
                sub=f"第{one.term}届" if one.kind in COMMITTEES else "",
            ),
            Cell(one.get_state_display(), css=STATES[one.state]),
            Cell(
                f"{day(one.formed_on)}至{day(one.ended_on) or '今'}",
                sub=f"任期至{day(one.term_until)}" if one.term_until else "",
            ),
            Cell(
                "已备案" if one.filed_on else "没有备案" if one.kind in COMMITTEES else "—",
                css="gz-ok" if one.filed_on else "",
            ),
        ]
        for one in found.bodies.order_by("-formed_on", "-pk")
    ]
    facts = registry.facts_of(found.ref, ("assembly_conditions_met_on", "formation_class", "formation_measures"), on)
    plan = steward_plan(found, on)
    return [
        Section("bodies", "组织", columns=("组织", "状态", "期间", "备案"), rows=rows, empty="还没有登记组织。"),
        Section(
            "formations",
            "组建和换届",
            columns=("组建", "情形", "状态"),
            rows=[
                [
                    Cell(str(one), url=reverse("bodies:formation", args=[one.pk])),
                    Cell(one.get_trigger_display()),
                    Cell(one.get_state_display(), css="gz-soon" if one.state == "open" else "gz-wait"),
                ]
                for one in found.formations.order_by("-pk")
            ],
            empty="没有组建记录。",
        ),
        register_section(notices_of(found), on, own=True),
        *_matter_sections(found, actor),
        *([representatives_of(found)] if found.representative_meetings.exists() else []),
        *_from_above(found, actor, on, now),
        *crossed(found, actor, on),
        *guided(found),
        Section(
            "facts",
            "组建条件和归类",
            facts=[
                *([costs] if (costs := costs_fact(found, on)) else []),
                ("符合成立条件", Cell(day(facts.get("assembly_conditions_met_on")) or "没有核定")),
                (
                    "归类",
                    Cell(
                        class_words(facts["formation_class"]) if "formation_class" in facts else "没有归类",
                        sub=facts.get("formation_measures", ""),
                    ),
                ),
                *(
                    [
                        (
                            "楼幢长",
                            Cell(
                                f"{plan.filled}/{plan.whole}，{plan.rate}",
                                sub=f"还缺：{'、'.join(plan.vacant[:FEW])}" if plan.vacant else "",
                                clauses=plan.clauses,
                            ),
                        )
                    ]
                    if plan
                    else []
                ),
            ],
            side=True,
        ),
        timeline([found.ref]),
    ]


def _from_above(found: Estate, actor: Actor, on: Any, now: Any) -> list[Section]:
    """The accounts, which parts above the bodies keep."""
    return [
        Section(
            panel.code,
            panel.title,
            columns=panel.columns,
            rows=[[Cell(one.title, url=one.url), Cell(one.who or "—"), Cell(one.note or "—")] for one in panel.rows],
            empty=panel.empty,
        )
        for panel in panels_of(found, actor=actor, now=now, on=on)
        if panel.code == "accounts"
    ]


def _matter_sections(found: Estate, actor: Actor) -> list[Section]:
    petitions = [
        [
            Cell(str(one), url=reverse("bodies:petition", args=[one.pk])),
            Cell(one.get_state_display()),
            Cell(day(one.opened_on)),
        ]
        for one in Petition.objects.filter(estate=found).order_by("-pk")
    ]
    meetings = [
        [
            Cell(one.get_reason_display(), url=reverse("bodies:meeting", args=[one.pk])),
            Cell("拒绝召开" if one.state == "due" and one.refused else one.get_state_display()),
            Cell(one.get_convener_display()),
        ]
        for one in OwedMeeting.objects.filter(estate=found).order_by("-pk")
    ]
    decisions = []
    for one in BodyDecision.objects.filter(estate=found).prefetch_related("corrections").order_by("-decided_on"):
        latest = max(one.corrections.all(), key=lambda row: row.pk, default=None)
        url = reverse("bodies:correction", args=[latest.pk]) if latest else ""
        if not url and core.may(actor, "correction.work", one):
            url = reverse("bodies:act", args=["body_decision", one.pk, "chuli"])
        waits = "发现违法，立案" if url else "—"
        state = "已撤销" if one.revoked_on else latest.get_state_display() if latest else waits
        decisions.append([Cell(one.title, sub=day(one.decided_on)), Cell(state, url=url)])
    texts = [
        [
            Cell(str(one), url=reverse("bodies:text", args=[one.pk])),
            Cell(one.get_kind_display()),
            Cell(day(one.from_on)),
        ]
        for one in AdoptedText.objects.filter(place=found.place).order_by("kind", "-number")
    ]
    charges = []
    if core.may(actor, "charge.work", found):
        charges = [
            [Cell(one.member.masked_name, url=reverse("bodies:charge", args=[one.pk])), Cell(one.get_state_display())]
            for one in Charge.objects.within(found.place_path).select_related("member__person", "member__body")
        ]
    sections = [
        Section("petitions", "联名", columns=("联名", "状态", "收到"), rows=petitions),
        Section("meetings", "应召开的业主大会", columns=("缘由", "状态", "召集人"), rows=meetings),
        Section("decisions", "决定", columns=("决定", "处理"), rows=decisions),
        Section("texts", "规约和规则", columns=("名称", "类别", "施行"), rows=texts),
    ]
    sections.append(Section("charges", "委员查处", columns=("委员", "状态"), rows=charges))
    return [one for one in sections if one.rows]


def _owners(request: HttpRequest, found: Estate) -> PageParts:
    """What an owner sees of his estate's bodies: who they are, since when, the candidates, the texts, the reports."""
    on = today_of(request)
    parts = PageParts(f"{found.name}　业主组织")
    committee = body_on(found, "owners_committee", on) or body_on(found, "management_committee", on)
    if committee is None:
        who = acting(found, "committee", on)
        name = str(who.organisation or "")
        words = f"小区还没有业委会。{'业委会的事由' + name + '办。' if name else ''}"
        parts.notes.append(Note(words, "gz-soon", who.clauses))
    else:
        seats = [
            [
                Cell(one.masked_name or one.unit_name),
                Cell(one.get_post_display()),
                Cell("、".join(ATTRIBUTES[tag] for tag in one.attributes) or one.get_side_display()),
            ]
            for one in members_on(committee, on)
        ]
        facts = [
            ("成立", Cell(day(committee.formed_on))),
            ("任期", Cell(f"至{day(committee.term_until)}" if committee.term_until else "没有登记")),
            ("备案", Cell(day(committee.filed_on) or "还没有备案")),
        ]
        parts.sections += [
            Section("facts", str(committee), facts=facts),
            Section("members", "成员", columns=("姓名", "职务", "身份"), rows=seats),
        ]
    forming = found.formations.filter(state="open", kind__in=("owners_committee", "building_stewards"))
    parts.acts = [
        (reverse("bodies:volunteer", args=[one.pk]), f"自荐{one.get_kind_display()}")
        for one in forming
        if core.may(actor_of(request), "candidate.nominate_self", one)
    ]
    notices = [
        [
            Cell(str(one), url=reverse("bodies:notice", args=[one.pk])),
            Cell(f"{day(one.published_on)}至{day(one.published_until)}"),
        ]
        for one in found.formations.filter(published_on__isnull=False).order_by("-published_on")
    ]
    texts = [
        [Cell(str(one), url=reverse("bodies:text", args=[one.pk]), sub=one.words[:80]), Cell(day(one.from_on))]
        for one in AdoptedText.objects.filter(place=found.place).order_by("kind", "-number")
    ]
    reports = [
        [Cell(one.words[:80]), Cell(day(one.given_on))]
        for one in Advice.objects.filter(estate=found, kind="report", open_to_owners=True).order_by("-given_on")
    ]
    orders = [
        [
            Cell(one.decision.title, sub=day(one.decision.decided_on)),
            Cell(one.get_kind_display(), css="gz-over", sub=day(one.issued_on)),
            Cell(one.grounds, clauses=(one.basis or {}).get("clauses", ())),
        ]
        for one in Correction.objects.filter(decision__estate=found, issued_on__isnull=False)
        .select_related("decision")
        .order_by("-issued_on", "-pk")
    ]
    if orders:
        columns = ("决定", "镇街的处理", "理由")
        parts.sections.append(Section("orders", "被责令改正、撤销的决定", columns=columns, rows=orders))
    if committee is not None and core.may(actor_of(request), "notice.report", committee):
        report = reverse("bodies:act", args=["estate", found.pk, "jubao"])
        parts.acts.append((report, "举报要求拒交、缓交物业费"))
    parts.sections += [
        *asked_by_owners(found),
        register_section(notices_of(found), on),
        Section("notices", "候选人公示", columns=("公示", "时间"), rows=notices, empty="没有公示。"),
        Section("texts", "规约和规则", columns=("名称", "施行"), rows=texts, empty="没有登记规约。"),
        Section("reports", "业委会工作报告", columns=("报告", "日期"), rows=reports, empty="还没有报告。"),
    ]
    return parts


@login_required
@require_GET
def mine(request: HttpRequest) -> HttpResponse:
    found = estates_for(actor_of(request)).first()
    if found is None:
        raise Http404
    return see(reverse("bodies:estate", args=[found.pk]))


@shows
def place(request: HttpRequest, pk: int) -> PageParts:
    """A county's, street's or community's own bodies, its rules for the committees, its lists."""
    actor, on = actor_of(request), today_of(request)
    found = get_object_or_404(Place, pk=pk)
    if not actor.is_staff_role or not actor.within(found.path):
        raise Http404
    parts = PageParts(f"{found.name}　领导小组、联席会议和制度", crumbs=[("组织", reverse("bodies:list"))])
    apart = _apart(found, on)
    parts.acts = offer(
        actor,
        found,
        (
            ("place", "dengji", "登记组织", "body.register", True),
            ("place", "zhidu", "登记制度版本", "text.adopt", True),
            ("place", "linglie", "登记另列单位的制度", "text.adopt_apart", bool(apart)),
            ("place", "xiafa", "下发指导意见", "body.advise", True),
            ("place", "qingdan", "增加清单条目", "list.keep", True),
        ),
    )
    own = Body.objects.filter(place_path=found.path, kind__in=OF_PLACES).order_by("kind", "-formed_on")
    rows = [
        [
            Cell(str(one), url=reverse("bodies:body", args=[one.pk])),
            Cell(one.get_state_display(), css=STATES[one.state]),
            Cell(day(one.formed_on)),
            Cell(f"{len(members_on(one, on))}席"),
        ]
        for one in own
    ]
    named = listed_apart(found.path, on)[0]
    below = Place.objects.filter(parent=found, level="street").exclude(name__in=named).order_by("code")
    having = set(Body.objects.in_office(on).filter(kind="leading_group").values_list("place_path", flat=True))
    ruled = set(AdoptedText.objects.filter(kind="committee_rules", issuer="").values_list("place_path", flat=True))
    streets = [
        [Cell(one.name, url=reverse("bodies:place", args=[one.pk])), _yes(one.path in having), _yes(one.path in ruled)]
        for one in below
    ]
    if streets:
        parts.figures = [
            ("镇街领导小组", f"{sum(one.path in having for one in below)}/{len(streets)}", "已建"),
            ("镇街管理制度", f"{sum(one.path in ruled for one in below)}/{len(streets)}", "已建"),
        ]
    texts = [
        [Cell(str(one), url=reverse("bodies:text", args=[one.pk])), Cell(day(one.from_on))]
        for one in AdoptedText.objects.filter(place=found).order_by("-number")
    ]
    items = [
        [Cell(one.words), Cell(one.get_kind_display()), Cell(f"自{day(one.from_on)}")]
        for one in ListItem.objects.filter(place__code__in=codes_of(found.path), to_on=None).order_by("kind", "pk")
    ]
    parts.sections = [
        Section("bodies", "组织", columns=("组织", "状态", "成立", "席位"), rows=rows, empty="还没有登记。"),
        *([Section("streets", "各镇街", columns=("镇街", "领导小组", "管理制度"), rows=streets)] if streets else []),
        *apart,
        Section("texts", "制度", columns=("制度", "施行"), rows=texts, empty="还没有登记制度。"),
        Section(
            "items", "业委会履职清单和负面清单", columns=("条目", "清单", "施行"), rows=items, empty="清单还没有条目。"
        ),
    ]
    return parts


def _apart(found: Place, on: Any) -> list[Section]:
    """Offices that are no street, each with the rules that it gave; they do not count among the streets. One that the
    division has as a place keeps its own; for another the county registers them."""
    names, clauses = listed_apart(found.path, on) if found.level == "county" else ([], ())
    places = {one.name: one for one in Place.objects.filter(parent=found, name__in=names)}
    rows = []
    for name in names:
        place = places.get(name)
        of = {"place": place, "issuer": ""} if place else {"place": found, "issuer": name}
        latest = AdoptedText.objects.filter(kind="committee_rules", **of).order_by("-number").first()
        own = reverse("bodies:place", args=[place.pk]) if place else ""
        url = reverse("bodies:text", args=[latest.pk]) if latest else ""
        rows.append([Cell(name, url=own), _yes(latest is not None), Cell(str(latest) if latest else "—", url=url)])
    columns = ("单位", "管理制度", "现行版本")
    return [Section("apart", "另列的单位", columns=columns, rows=rows, clauses=clauses)] if rows else []


def _yes(value: bool) -> Cell:
    return Cell("已建" if value else "没有", css="gz-ok" if value else "gz-today")


@login_required
@require_GET
def notice(request: HttpRequest, pk: int) -> HttpResponse:
    """The public list of candidates, to be printed and posted. Names in full: being on it is what it is for."""
    found, rows = notice_rows(request, pk)
    office = registry.organisation_for("street_office", found.place_path, found.estate)
    context = {
        "nav": "bodies",
        "page_title": "候选人公示",
        "formation": found,
        "rows": rows,
        "office": office,
        "on": today_of(request),
    }
    return render(request, "bodies/notice.html", context)


def notice_rows(request: HttpRequest, pk: int) -> tuple[Formation, list[Any]]:
    found = get_object_or_404(Formation.objects.select_related("estate"), pk=pk)
    if found.published_on is None or not estates_for(actor_of(request)).filter(pk=found.estate_id).exists():
        raise Http404
    rows = [
        (
            number,
            core.opened(one.person, "name"),
            one.unit,
            "、".join(ATTRIBUTES[tag] for tag in one.attributes),
            one.statement,
        )
        for number, one in enumerate(numbered(found), start=1)
    ]
    return found, rows
