"""The documents for other programs: clauses and what carries them, any question, simulation, open points, work days."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.http import Http404, HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from gongzhi.core import packs
from gongzhi.core import services as core
from gongzhi.core.apikit.calls import call_of, changes, matched_tag, reads, runs, tag_of
from gongzhi.core.apikit.paging import Page, Paging, listed
from gongzhi.core.apikit.shapes import Body, Slug, code
from gongzhi.core.display import STRENGTHS, local
from gongzhi.core.errors import Refused
from gongzhi.core.models import CalendarYear, Place
from gongzhi.policy import BadFacts, check, decide, simulate
from gongzhi.policy.problems import PackFault
from gongzhi.policy.simulate import BadEvents
from gongzhi.policy.values import typed
from gongzhi.site.policy.carriers import STATES
from gongzhi.site.policy.views_ask import switches_of
from gongzhi.site.policy.views_clauses import Row, clause_rows, matches, pack_or_404
from gongzhi.site.policy.views_simulate import MOST_EVENTS
from gongzhi.site.policy.views_switches import SwitchForm, place_of_pack, switch_rows
from gongzhi.site.policy.words import KINDS, STATUSES, TOPICS
from gongzhi.site.views_calendar import FIRST_YEAR, LAST_YEAR, effective_calendar

router = Router(tags=["文件和条款"])

NEVER_ENTERED = '"0"'
LONGEST_LIST = 400


class PackOut(Schema):
    slug: str = Field(description="文件代码")
    title: str = Field(description="名称")
    document: str = Field(description="文件全名")
    place: str = Field(description="适用地区代码；全国的为空")
    status: str = Field(description="状态代码：draft、trial、in_force、repealed")
    status_name: str = Field(description="状态")
    hash: str = Field(description="规则内容的摘要")
    clauses: int = Field(description="条款数")
    questions: int = Field(description="可以问的问题数")


def _pack_out(pack: Any) -> dict[str, Any]:
    return {
        "slug": pack.slug,
        "title": pack.title,
        "document": pack.document.document or pack.title,
        "place": pack.place or "",
        "status": pack.status,
        "status_name": STATUSES[pack.status][0],
        "hash": pack.hash,
        "clauses": len([one for one in pack.clauses.values() if one.pack == pack.slug]),
        "questions": len(pack.questions_answered),
    }


@reads(router, "/packs", scope="policy:read", response=list[PackOut], summary="文件列表")
def list_packs(request: HttpRequest) -> list[dict[str, Any]]:
    return [_pack_out(pack) for pack in packs.all_packs()]


@reads(router, "/packs/{slug}", scope="policy:read", response=PackOut, summary="一份文件")
def read_pack(request: HttpRequest, slug: Slug) -> dict[str, Any]:
    return _pack_out(pack_or_404(slug))


class ClauseOut(Schema):
    id: str = Field(description="条款编号")
    where: str = Field(description="文件里的位置")
    says: str = Field(description="内容（转述）")
    topic: str = Field(description="主题代码")
    kind: str = Field(description="种类代码")
    strength: str = Field(description="强度代码")
    state: str = Field(description="落实状态：rules 有规则、manual 人工登记、numbers 只有数值、none 还没有")
    carried_by: list[str] = Field(description="靠什么落实")
    running: int = Field(description="由它产生、正在办的期限")
    late: int = Field(description="其中已超期的")


def _clause_out(row: Row) -> dict[str, Any]:
    names = ("id", "where", "says", "topic", "kind", "strength")
    return {
        **{name: str(getattr(row.clause, name) or "") for name in names},
        "state": row.state,
        "carried_by": row.carriers.lines,
        "running": row.running,
        "late": row.late,
    }


class ClauseFilter(Paging):
    text: str = Field("", max_length=50, description="编号、位置、内容里的字")
    topic: str = code("主题", TOPICS)
    kind: str = code("种类", KINDS)
    strength: str = code("强度", STRENGTHS)
    state: str = code("落实状态", STATES)


@reads(
    router,
    "/packs/{slug}/clauses",
    scope="policy:read",
    response=Page[ClauseOut],
    summary="一份文件的条款",
    description="每一条由什么落实，现在有多少在办、超期。",
)
def list_clauses(request: HttpRequest, slug: Slug, given: Query[ClauseFilter]) -> dict[str, Any]:
    rows = [row for row in clause_rows(pack_or_404(slug)) if _wanted(row, given)]
    return listed(rows, _clause_out, given=given, of=f"clauses:{slug}:{given.dict(exclude={'cursor', 'limit'})}")


def _wanted(row: Row, given: ClauseFilter) -> bool:
    clause = row.clause
    pairs = ((given.topic, clause.topic), (given.kind, clause.kind), (given.strength, clause.strength))
    if any(wanted and wanted != value for wanted, value in (*pairs, (given.state, row.state))):
        return False
    return not given.text or matches(clause, given.text)


class CoverageOut(Schema):
    total: int = Field(description="条款总数")
    states: dict[str, int] = Field(description="各落实状态的条款数")
    topics: dict[str, dict[str, int]] = Field(description="各主题分状态的条款数")


@reads(router, "/packs/{slug}/coverage", scope="policy:read", response=CoverageOut, summary="一份文件的落实情况")
def coverage(request: HttpRequest, slug: Slug) -> dict[str, Any]:
    rows = clause_rows(pack_or_404(slug))
    states: dict[str, int] = dict.fromkeys(STATES, 0)
    topics: dict[str, dict[str, int]] = {}
    for row in rows:
        states[row.state] += 1
        of_topic = topics.setdefault(str(row.clause.topic or ""), dict.fromkeys(STATES, 0))
        of_topic[row.state] += 1
    return {"total": len(rows), "states": states, "topics": topics}


# --- questions


class PolicyFactOut(Schema):
    name: str = Field(description="事实代码")
    title: str = Field(description="名称")
    type: str = Field(description="类型")
    unit: str = Field(description="单位；没有的为空")
    choices: dict[str, str] = Field(description="可选的值；不是选项的为空")


class QuestionOut(Schema):
    name: str = Field(description="问题代码")
    asks: str = Field(description="问什么")
    kind: str = Field(description="decision 判断、check 核对等")
    facts: list[PolicyFactOut] = Field(description="要哪些事实；不知道的可以不给")


def _question_out(question: Any) -> dict[str, Any]:
    return {
        "name": question.name,
        "asks": question.asks,
        "kind": question.kind,
        "facts": [
            {
                "name": fact.name,
                "title": fact.title,
                "type": fact.type.kind,
                "unit": str(fact.unit or ""),
                "choices": {str(one): str(fact.type.label(one)) for one in fact.type.choices or ()},
            }
            for fact in question.facts
        ],
    }


@reads(router, "/packs/{slug}/questions", scope="policy:read", response=list[QuestionOut], summary="一份文件能答的问题")
def list_questions(request: HttpRequest, slug: Slug) -> list[dict[str, Any]]:
    pack = pack_or_404(slug)
    return [_question_out(pack.question(name)) for name in pack.questions_answered]


class AskIn(Body):
    facts: dict[str, Any] = Field(
        default_factory=dict, description="事实。金额、面积、比例写成文字更准；不知道的不写，不要写0"
    )
    on: date | None = Field(None, description="按哪一天的规定；不写的是今天")


class FindingOut(Schema):
    outcome: str = Field(description="refuse 不能办、warn 要留意、note 提示")
    message: str = Field(description="说明")
    field: str | None = Field(description="哪一项")
    clauses: list[str] = Field(description="依据的条款")


class AnswerOut(Schema):
    question: str = Field(description="问题代码")
    asks: str = Field(description="问什么")
    pack: str = Field(description="文件代码")
    on: date = Field(description="按哪一天的规定")
    answer: dict[str, Any] | None = Field(
        description="value 值，shown 给人看的，needs 还缺的事实，clauses 条款，figures 数值，switches 开关，steps 步骤"
    )
    findings: list[FindingOut] = Field(description="核对类问题查出来的；判断类的为空")


@runs(
    router,
    "/packs/{slug}/questions/{question}/ask",
    scope="policy:read",
    response=AnswerOut,
    summary="问规则",
    description="任何问题、任何一天、任何事实；只算，不记。答案带依据、数值和步骤。",
    key="",
)
def ask(request: HttpRequest, slug: Slug, question: str, given: AskIn) -> dict[str, Any]:
    pack = pack_or_404(slug)
    if question not in pack.questions_answered:
        raise Http404
    asked = pack.question(question)
    on = given.on or core.local_day(call_of(request).now)
    found: dict[str, Any] = {"question": question, "asks": asked.asks, "pack": slug, "on": on}
    facts, switches = _facts(given.facts, asked, pack), switches_of(pack, on)
    try:
        if asked.kind == "check":
            rows = check(pack, question, facts, on=on, switches=switches)
            return {**found, "answer": None, "findings": [_finding(one) for one in rows]}
        # Reading the reasons runs the rules: their faults show here.
        return {**found, "answer": decide(pack, question, facts, on=on, switches=switches).to_json(), "findings": []}
    except (BadFacts, PackFault, ArithmeticError) as fault:
        raise Refused("bad_facts", str(fault), fields={"facts": str(fault)}) from fault


def _facts(given: dict[str, Any], asked: Any, pack: Any) -> dict[str, Any]:
    """Every fault of the facts at once."""
    found: dict[str, Any] = {}
    faults: dict[str, str] = {}
    for name, value in given.items():
        fact = asked.fact.get(name)
        if fact is None:
            faults[f"facts.{name}"] = "这个问题不用这个事实"
            continue
        try:
            found[name] = typed(_exact(value), fact.type, pack.words, open_choices=fact.open)
        except PackFault as fault:
            faults[f"facts.{name}"] = f"{fact.title}：{fault.message}"
    if faults:
        raise Refused("bad_facts", "有的事实不合要求。", fields=faults)
    return found


def _finding(one: Any) -> dict[str, Any]:
    return {"outcome": one.outcome, "message": one.message, "field": one.field, "clauses": list(one.clauses)}


def _exact(value: Any) -> Any:
    """No float touches a decision."""
    if isinstance(value, float):
        return Decimal(repr(value))
    if isinstance(value, dict):
        return {name: _exact(one) for name, one in value.items()}
    return [_exact(one) for one in value] if isinstance(value, list) else value


class SimulateIn(Body):
    events: list[dict[str, Any]] = Field(
        min_length=1, max_length=MOST_EVENTS, description="事件：kind、at、subject、data，可加 place"
    )
    at: datetime = Field(description="看哪一刻")


@runs(
    router,
    "/packs/{slug}/simulate",
    scope="policy:read",
    response=list[dict[str, Any]],
    summary="模拟期限",
    description="按一串事件推演到那一刻谁欠谁什么；只算，不落库。",
    key="",
)
def simulated(request: HttpRequest, slug: Slug, given: SimulateIn) -> list[dict[str, Any]]:
    pack = pack_or_404(slug)
    if given.at.tzinfo is None:
        raise Refused("invalid", "时间要带时区，例如 +08:00。", fields={"at": "时间要带时区"})
    try:
        return simulate(pack, _exact(given.events), given.at, switches_of(pack, local(given.at).date()))
    except (BadEvents, PackFault, ValueError, TypeError, KeyError, AttributeError, ArithmeticError) as fault:
        raise Refused("bad_events", f"事件不能推演：{fault}", fields={"events": str(fault)}) from fault


# --- open points


class SwitchOut(Schema):
    name: str = Field(description="开关代码")
    title: str = Field(description="文件没有规定的是什么")
    pack: str = Field(description="哪份文件的")
    shown: str = Field(description="现在按什么办")
    default: str = Field(description="平台默认")
    clauses: list[str] = Field(description="有关的条款")
    decided_by: str = Field(description="谁定的；没有定过的为空")
    decided_from: date | None = Field(description="从哪天起用")
    reason: str = Field(description="依据和理由")
    etag: str = Field(description="改这个开关时写进 If-Match")


def _switch_out(row: Any) -> dict[str, Any]:
    decided = row.decided
    return {
        "name": row.switch.name,
        "title": row.switch.title,
        "pack": row.switch.pack,
        "shown": row.shown,
        "default": row.default,
        "clauses": list(row.switch.clauses),
        "decided_by": str(decided.decided_by or "") if decided is not None else "",
        "decided_from": decided.from_on if decided is not None else None,
        "reason": decided.reason if decided is not None else "",
        "etag": _switch_tag(row),
    }


def _switch_tag(row: Any) -> str:
    return tag_of(row.switch.name, row.decided.pk if row.decided else 0, row.later.pk if row.later else 0)


class SwitchFilter(Schema):
    place: str = Field("", max_length=32, description="哪个地区的；不写的是本岗位所在的区县")


def _place(request: HttpRequest, pack: Any, wanted: str) -> Place | None:
    if wanted:
        return Place.objects.filter(code=wanted).first()
    return place_of_pack(pack, call_of(request).actor)


@reads(
    router,
    "/packs/{slug}/switches",
    scope="policy:read",
    response=list[SwitchOut],
    summary="文件未规定的，本地怎样定",
)
def list_switches(request: HttpRequest, slug: Slug, given: Query[SwitchFilter]) -> list[dict[str, Any]]:
    pack = pack_or_404(slug)
    rows = switch_rows(pack, _place(request, pack, given.place), core.local_day(call_of(request).now))
    return [_switch_out(row) for row in rows]


class SwitchIn(Body):
    place: str = Field("", max_length=32, description="哪个地区的；不写的是本岗位所在的区县")
    value: str | bool | list[str] = Field(description="定成什么")
    from_on: date = Field(description="从哪天起用")
    reason: str = Field(min_length=1, max_length=500, description="依据和理由：哪次会议、哪份批复")


@changes(
    router,
    "/packs/{slug}/switches/{name}",
    scope="policy:write",
    response=SwitchOut,
    summary="设定开关",
    description="已算出的期限不变。",
)
def set_switch(request: HttpRequest, slug: Slug, name: str, given: SwitchIn) -> dict[str, Any]:
    call, pack = call_of(request), pack_or_404(slug)
    place, today = _place(request, pack, given.place), core.local_day(call_of(request).now)
    switch = pack.switches.get(name)
    if switch is None or place is None:
        raise Http404
    matched_tag(request, _switch_tag(_row(pack, place, today, name)))
    core.require(call.actor, "switch.set", place)
    form = _switch_form(given, switch, pack)
    core.set_switch(
        place=place,
        pack=switch.pack,
        name=name,
        value=form.cleaned_data["value"],
        from_on=given.from_on,
        reason=given.reason,
        actor=call.actor,
        now=call.now,
    )
    row = _row(pack, place, today, name)
    call.etag = _switch_tag(row)
    return _switch_out(row)


def _row(pack: Any, place: Place, today: date, name: str) -> Any:
    return next(row for row in switch_rows(pack, place, today) if row.switch.name == name)


def _switch_form(given: SwitchIn, switch: Any, pack: Any) -> Any:
    value: Any = given.value
    if isinstance(value, bool):
        value = "yes" if value else "no"
    data = {"name": switch.name, "value": value, "from_on": given.from_on.isoformat(), "reason": given.reason}
    form = SwitchForm(data, switch=switch, pack=pack)
    if not form.is_valid():
        raise Refused("invalid", "请看逐项的说明。", fields={key: str(rows[0]) for key, rows in form.errors.items()})
    return form


# --- work days


class HolidayOut(Schema):
    name: str = Field(description="节日")
    first: date = Field(description="放假第一日")
    last: date = Field(description="放假最后一日")


class YearOut(Schema):
    year: int = Field(description="年份")
    source: str = Field(description="放假安排的发文字号；没有公布的为空")
    known: bool = Field(description="是否已公布；没有公布的按平常周末算，期限标暂定")
    entered: bool = Field(description="是否在平台上录入的")
    holidays: list[HolidayOut] = Field(description="放假")
    workdays: list[date] = Field(description="调休上班的周末")


def _year(number: int) -> dict[str, Any]:
    if not FIRST_YEAR <= number <= LAST_YEAR:
        raise Http404
    block = effective_calendar().years.get(number)
    data: dict[str, Any] = block.to_data() if block is not None else {"source": "", "holidays": [], "workdays": []}
    return {
        "year": number,
        "source": data["source"],
        "known": block is not None,
        "entered": CalendarYear.objects.filter(year=number).exists(),
        "holidays": [{"name": one["name"], "first": one["from"], "last": one["to"]} for one in data["holidays"]],
        "workdays": data["workdays"],
    }


def _year_tag(number: int) -> str:
    row = CalendarYear.objects.filter(year=number).first()
    return f'"{row.version}"' if row is not None else NEVER_ENTERED


@reads(router, "/workdays", scope="policy:read", response=list[YearOut], summary="已知的工作日历")
def list_years(request: HttpRequest) -> list[dict[str, Any]]:
    return [_year(number) for number in sorted(effective_calendar().years)]


@reads(router, "/workdays/{year}", scope="policy:read", response=YearOut, summary="一年的工作日历")
def read_year(request: HttpRequest, year: int) -> dict[str, Any]:
    found = _year(year)
    call_of(request).etag = _year_tag(year)
    return found


class HolidayIn(Body):
    name: str = Field(min_length=1, max_length=20, description="节日")
    first: date = Field(description="放假第一日")
    last: date = Field(description="放假最后一日")


class YearIn(Body):
    source: str = Field(min_length=1, max_length=200, description="放假安排的发文字号")
    holidays: list[HolidayIn] = Field(min_length=1, max_length=LONGEST_LIST, description="放假")
    workdays: list[date] = Field(default_factory=list, max_length=LONGEST_LIST, description="调休上班的周末")


@changes(
    router,
    "/workdays/{year}",
    method="put",
    scope="policy:write",
    response=YearOut,
    summary="录入一年的工作日历",
    description="落在这一年、还在暂定的期限重新计算。",
)
def enter_year(request: HttpRequest, year: int, given: YearIn) -> dict[str, Any]:
    call = call_of(request)
    _year(year)
    matched_tag(request, _year_tag(year))
    holidays = [{"name": one.name, "from": one.first.isoformat(), "to": one.last.isoformat()} for one in given.holidays]
    known = CalendarYear.objects.filter(year=year).first()
    core.enter_calendar_year(
        year,
        data={"holidays": holidays, "workdays": [one.isoformat() for one in given.workdays]},
        source=given.source,
        version=known.version if known is not None else None,
        actor=call.actor,
        now=call.now,
    )
    call.etag = _year_tag(year)
    return _year(year)
