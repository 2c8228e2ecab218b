"""The parts of the page of a case: stages, facts, what happened, papers. What an actor may not see is not in them."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from django.urls import reverse

from gongzhi.cases import queries
from gongzhi.cases.accountability.models import NoticeBoard
from gongzhi.cases.codes import ARCHIVE_ITEMS, CHANNELS, NATURES, STEPS
from gongzhi.cases.models import Case, CaseEntry, CaseFile, Part, Problem, State
from gongzhi.cases.queries import asking
from gongzhi.cases.queries.acts import Act, rule_of
from gongzhi.cases.queries.conditions import Ground, missing_steps
from gongzhi.cases.services.closing import archived_material
from gongzhi.cases.views_act_pages import ACT_PAGES, BESIDE
from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.display import cn_day, cn_moment
from gongzhi.core.models import Document, Event, Organisation
from gongzhi.core.packs import vocabulary
from gongzhi.duties.models import Duty

LONGEST_REASON = 80
REPEAT_DAYS = timedelta(days=30)
DUTY_NEWS = ("duty.overdue", "duty.climbed", "duty.prompted", "duty.extended", "duty.excused")
FIRST_ACTS = (
    "sign_report", "judge_validity", "respond", "designate", "explain", "set_fact", "decide_void", "decide_extension",
    "decide_suspension", "record_finding", "police_arrived", "report_in", "whistle", "assign", "claim", "resume",
    "verify", "contact", "request_finding", "intervene", "transfer", "penalty", "handle", "answer", "call_back",
    "close", "archive", "answer_progress", "rate",
)  # fmt: skip
MOST_FIRST = 5
STAGE_WORDS = {"done": "已办", "now": "正在办", "ahead": "未到", "none": "未触发"}


@dataclass(frozen=True)
class StageRow:
    name: str
    css: str
    now: bool
    words: str


@dataclass(frozen=True)
class Happened:
    """One line of the timeline. `css` colours what is late; `files` are those the reader may open."""

    at: datetime
    title: str
    text: str
    who: str
    css: str
    files: tuple[CaseFile, ...] = ()
    clauses: tuple[str, ...] = ()


@dataclass(frozen=True)
class ActRow:
    """`more`: the rest of a long reason."""

    act: Act
    url: str
    more: str = ""


@dataclass(frozen=True)
class Paper:
    """A document or a file that is there, or the name of one that is missing."""

    title: str
    note: str = ""
    url: str = ""
    missing: bool = False
    sign_url: str = ""


@dataclass(frozen=True)
class Reported:
    """The line of a register that a case came of; `url` where the actor may read it."""

    keeper: Organisation
    number: str
    url: str
    stopped: str
    notices: str


def stage_rows(
    case: Case, entries: list[CaseEntry], *, accounted: bool, on: date, reported: Reported | None = None
) -> list[StageRow]:
    """Each step with the day on which it began and the unit that took it."""
    rows = []
    hung = NoticeBoard.objects.filter(estate=case.estate_id, posted_at__isnull=False).first()
    wanted = core.ask("cases.board_numbers", {}, place_path=case.place_path, on=on).ok
    posted = hung is not None if hung is not None or wanted else None
    for stage in queries.stages(case, entries, accounted=accounted, posted=posted):
        words = STAGE_WORDS[stage.state]
        if stage.code == "publish":
            words = "公示牌未张贴" if wanted else "文件未要求"
            if hung is not None and hung.posted_at is not None:
                words = f"{cn_day(hung.posted_at)}张贴　{hung.posted_label}"
        elif stage.entries and stage.state not in ("now", "ahead"):
            first = min(stage.entries, key=lambda one: (one.at, one.pk))
            words = cn_day(first.at) + (f"　{first.organisation.name}" if first.organisation is not None else "")
        elif stage.code == "stop" and stage.state == "ahead":
            words = f"{reported.keeper}已劝阻" if reported is not None and reported.stopped else "没有登记"
        elif stage.code == "report" and stage.state == "ahead" and case.state not in (State.PENDING,):
            words = "不需上报"
        elif stage.code == "archive" and stage.state == "ahead":
            words = "办结以后"
        done = stage.state == "done"
        rows.append(StageRow(stage.name, "gz-done" if done else "", stage.state == "now", words))
    return rows


def reported_line(case: Case, actor: Actor) -> Reported | None:
    """The line of the register that it came of: whose, what was done on the spot, the notices, where it is read."""
    row = Problem.objects.filter(opened_case=case).select_related("keeper", "opened_case").first()
    if row is None:
        return None
    notices = "、".join(one.document.number for one in row.notices.select_related("document").order_by("id"))
    stopped = f"{cn_moment(row.stopped_at)} {row.stopped_how}" if row.stopped_at is not None else ""
    effect = {True: "，已停止", False: "，没有停止", None: ""}[row.stop_effective] if stopped else ""
    seen = core.may(actor, "problems.read", row)
    url = reverse("cases:problem", args=[row.number]) if seen else ""
    return Reported(row.keeper, row.number, url, stopped + effect, notices)


def act_rows(
    case: Case, acts: Iterable[Act], actor: Actor, now: datetime, *, visit_form: bool
) -> tuple[list[ActRow], list[ActRow], list[ActRow]]:
    """What to do first, what else can be done, and what is not possible yet with its reason."""
    found = [one for one in acts if one.code in ACT_PAGES]
    allowed = [_act_row(case, one) for one in found if one.allowed]
    ground = Ground(case, actor, now)
    for code, rule in BESIDE.items():
        if any(one.code == rule and one.allowed for one in found):
            page = ACT_PAGES[code]
            allowed.append(_act_row(case, Act(code, page.title, page.will, allowed=True)))
    if visit_form:
        page = ACT_PAGES["register_form"]
        allowed.append(_act_row(case, Act("register_form", page.title, page.will, allowed=True)))
    behind = _behind(case, ground)
    order = {code: place for place, code in enumerate(FIRST_ACTS) if code not in behind}
    allowed.sort(key=lambda row: order.get(row.act.code, len(FIRST_ACTS)))
    first = [row for row in allowed if row.act.code in order][:MOST_FIRST] or allowed[:MOST_FIRST]
    chosen = {row.act.code for row in first}
    rest = [row for row in allowed if row.act.code not in chosen]
    barred = [_barred(case, one, ground) for one in found if not one.allowed]
    return first, rest, barred


def _behind(case: Case, ground: Ground) -> set[str]:
    """What is done already, or not wanted here: still possible, but not the next step."""
    done = {
        "verify": case.verified_at is not None,
        "contact": case.contacted_at is not None,
        "call_back": case.called_back_at is not None,
        "penalty": bool(case.penalty_number) or "penalty" not in ground.steps,
        "intervene": case.intervened_at is not None or "intervened" not in ground.steps,
        "answer_progress": case.handled_at is not None,
    }
    return {code for code, is_done in done.items() if is_done}


def _act_row(case: Case, act: Act) -> ActRow:
    return ActRow(act, reverse("cases:act", args=[case.number, act.code]))


def _barred(case: Case, act: Act, ground: Ground) -> ActRow:
    """With everything that is still missing, also where the stage alone bars the act; a long reason is folded."""
    rule = rule_of(act.code)
    sentences, clauses = [act.why_not], [*act.clauses]
    if case.state not in rule.states:
        refused = [one for guard in rule.guards if (one := guard(ground)) is not None]
        sentences = [one.message for one in refused] or sentences
        clauses = [clause for one in refused for clause in one.clauses] or clauses
    said = "".join(dict.fromkeys(sentences))
    short, _, long = said.partition("。")
    if len(said) <= LONGEST_REASON:
        short, long = said, ""
    shown = replace(act, why_not=short + ("。" if long else ""), clauses=tuple(dict.fromkeys(clauses)))
    return ActRow(shown, "", long)


def lines(
    view: queries.CaseView, entries: Iterable[CaseEntry], duties: list[Duty], actor: Actor, pack: Any = None
) -> list[Happened]:
    """The entries and what the clock did, the newest first. The complainant reads what he was told; another who must
    not know him reads no word that shows him, and offices instead of persons."""
    own = view.case.is_complainant(actor) and not actor.is_staff_role
    found = [line for entry in entries if (line := _told(entry) if own else _line(entry, view)) is not None]
    if not own:
        found += _clock_lines(duties, pack)
    return sorted(found, key=lambda one: one.at, reverse=True)


def _told(entry: CaseEntry) -> Happened | None:
    return Happened(entry.at, entry.told, "", str(entry.organisation or ""), "") if entry.told else None


def _line(entry: CaseEntry, view: queries.CaseView) -> Happened:
    late = entry.kind in ("explained", "shirking_found", "dispute_raised", "returned", "approval_refused")
    good = entry.kind in ("reported_in", "report_signed", "answered", "closed", "archived")
    return Happened(
        at=entry.at,
        title=entry.title,
        text=entry.text if entry.text != view.text else "",
        who=str(entry.organisation or entry.actor_label) if view.complainant is None else entry.actor_label,
        css="gz-over" if late else "gz-ok" if good else "",
        files=tuple(entry.files.all()),
        clauses=tuple(entry.clauses),
    )


def _clock_lines(duties: list[Duty], pack: Any) -> list[Happened]:
    """What the clock and the supervisors did to the duties of the case; one statement."""
    titles = {str(one.pk): one for one in duties}
    if not titles:
        return []
    rows = Event.objects.filter(subject_kind="duty", subject_id__in=titles, kind__in=DUTY_NEWS).order_by("-id")
    found = []
    for row in rows:
        duty = titles[row.subject_id]
        declared = vocabulary().events.get(row.kind)
        paper = pack.instruments.get(str(row.data.get("instrument") or "")) if pack is not None else None
        said = {"duty.overdue": "到期没有办完", "duty.prompted": "催办"}.get(row.kind) or (
            f"出{paper.name}" if paper is not None else declared.title if declared else "督促"
        )
        number = str(row.data.get("number") or "")
        owner = duty.owner_organisation.name if duty.owner_organisation else ""
        late = row.kind in ("duty.overdue", "duty.climbed")
        found.append(
            Happened(row.at, f"{duty.title}：{said}", "　".join(one for one in (owner, number) if one), row.actor_label,
                     "gz-over" if late else "gz-today")
        )  # fmt: skip
    return found


def facts_of(case: Case, view: queries.CaseView, actor: Actor, now: datetime) -> dict[str, Any]:
    """The right side: who leads, who helps; and how often the same came up in thirty days, of what the actor sees."""
    parts: dict[str, list[str]] = {}
    for row in view.parties:
        if row.part != Part.PAST:
            parts.setdefault(row.part, []).append(row.organisation.name)
    same = (
        queries.cases_for(actor)
        .filter(estate=case.estate, matter=case.matter, received_at__gt=now - REPEAT_DAYS, received_at__lte=now)
        .exclude(pk=case.pk)
        .exclude(state=State.VOIDED)
        .count()
        if case.estate_id
        else 0
    )
    return {
        "source": CHANNELS[case.channel] + ("（楼幢长代提）" if case.complaint.steward_id else ""),
        "matter": asking.matter_name(case.matter, case),
        "nature": NATURES.get(case.nature, ""),
        "support": "、".join(parts.get(Part.SUPPORT, [])),
        "finding": "、".join(parts.get(Part.FINDING, [])),
        "superior": "、".join(parts.get(Part.SUPERIOR, [])),
        "police": "、".join(parts.get(Part.POLICE, [])),
        "told": "、".join(parts.get(Part.TOLD, [])),
        "same": same,
        "court": _court_words(case),
        "feedback": _feedback(case),
        "built_up": _built_up(case),
    }


def _feedback(case: Case) -> str:
    """1/2已反馈: of the units called to help, how many have entered what they did."""
    called = set(case.facts.get("convened") or ())
    if not called:
        return ""
    return f"{len(called) - len(called & asking.silent_helpers(case))}/{len(called)}已反馈"


def _court_words(case: Case) -> str:
    """（2024）…号，巡回法庭，6月3日开庭."""
    found = getattr(case, "court_action", None) if case.outcome == "litigation" else None
    if found is None:
        return ""
    heard = f"{cn_day(found.hearing_on)}开庭" if found.hearing_on else ""
    parts = (found.number, found.get_tribunal_display(), heard, str(found.estate or ""), found.location)
    return "，".join(one for one in parts if one)


def _built_up(case: Case) -> str:
    if case.in_built_up_area is None:
        return ""
    return "建成区内" if case.in_built_up_area else "建成区外"


def papers(case: Case, actor: Actor, duties: list[Duty], now: datetime, *, hidden: bool) -> list[Paper]:
    """Numbered documents, files by kind, and what the rules still want."""
    found = [_document(one, actor) for one in _documents(case)]
    rows: list[CaseFile] = list(case.files.select_related("file").order_by("-id"))
    if not hidden:
        rows += list(case.complaint.files.select_related("file").order_by("-id"))
    found += [
        Paper(title=row.file.name, note=_file_note(row), url=reverse("core:file", args=[row.file_id])) for row in rows
    ]
    return found + [Paper(title=name, missing=True) for name in _missing(case, actor, now)]


def _documents(case: Case) -> list[Document]:
    return list(core.documents_of(case.ref))


def _document(one: Document, actor: Actor) -> Paper:
    """The unit it was served on signs for it here."""
    unsigned = any(
        row.signed_for_at is None and actor.organisation is not None and row.organisation_id == actor.organisation.pk
        for row in one.recipients.all()
    )
    return Paper(
        title=one.title,
        note=one.number,
        url=reverse("core:document", args=[one.pk]) if one.file_id else "",
        sign_url=reverse("core:sign_for", args=[one.pk]) if unsigned else "",
    )


def _file_note(row: CaseFile) -> str:
    name = ARCHIVE_ITEMS.get(row.item, "")
    return "　".join(part for part in (name, cn_day(row.added_at)) if part)


def _missing(case: Case, actor: Actor, now: datetime) -> list[str]:
    """While at work the steps not taken yet; once ended the material for the archive."""
    if case.state in (State.HANDLING, State.HANDLED, State.ANSWERED):
        return [STEPS[code] for code in missing_steps(Ground(case, actor, now))]
    if case.state == State.CLOSED:
        held = archived_material(case)
        return [name for item, name in ARCHIVE_ITEMS.items() if not held[item]]
    return []
