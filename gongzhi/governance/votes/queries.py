"""Which votes an actor sees, how far one has come, and its result in words for a page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from gongzhi.core.actors import Actor
from gongzhi.governance.bodies.models import BodyDecision, Formation, OwedMeeting
from gongzhi.governance.tally.ballots import sift
from gongzhi.governance.tally.electorate import Electorate, electorate
from gongzhi.governance.tally.events import Events
from gongzhi.governance.tally.explaining import BASES, test_says
from gongzhi.governance.tally.holders import REPLACED, Holders, Proxies
from gongzhi.governance.tally.parts import fraction, square_metres
from gongzhi.governance.tally.result import OUTCOMES, STANDINGS, OfMotion, Result, Test
from gongzhi.governance.tally.roll import RollUnit
from gongzhi.governance.tally.rules import ORIGINS, VALUES, Rules, Scope, Settings
from gongzhi.governance.tally.standing import standing
from gongzhi.governance.votes.models import Ballot, Motion, RollEntry, Vote, VoteRecord
from gongzhi.governance.votes.questions import ASKS
from gongzhi.governance.votes.scopes import concerned
from gongzhi.governance.votes.words import STATES, STEPS
from gongzhi.registry.models import Estate

GOOD = ("passed", "elected", "partly_elected")
ANNOUNCED, PUBLISHED = ("noticed", "open", "closed"), ("published", "final", "filed")
PERCENT = 100
HUNDREDTHS = 10_000
HALF = 4  # of a short code


def database_now() -> datetime:
    """The clock that ballots are held against."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        found: datetime = cursor.fetchone()[0]
    return found


def votes_for(actor: Actor) -> QuerySet[Vote]:
    rows = Vote.objects.select_related("estate").order_by("-opens_at", "-pk")
    return rows.filter(place_path__startswith=actor.place_path) if actor.place_path else rows.none()


def open_to_all(estate: Estate) -> QuerySet[Vote]:
    """What everybody may read of an estate's votes: announced, running, or with a published result; newest first."""
    return Vote.objects.filter(estate=estate, state__in=(*ANNOUNCED, *PUBLISHED)).order_by("-opens_at", "-pk")


@dataclass(frozen=True)
class Stage:
    code: str
    title: str
    done: bool
    current: bool


def stages(vote: Vote) -> list[Stage]:
    at = STEPS.index(vote.state) if vote.state in STEPS else -1
    return [Stage(code, STATES[code], number < at, number == at) for number, code in enumerate(STEPS)]


@dataclass(frozen=True)
class Turnout:
    """Who has a ballot in: units, heads, area; of how many. No choice is looked at."""

    units: int
    heads: int
    area: int
    all_units: int
    all_heads: int
    all_area: int
    ballots: int
    by_proxy: int = 0

    @property
    def by_self(self) -> int:
        return self.units - self.by_proxy

    @property
    def area_words(self) -> str:
        return square_metres(self.area)

    @property
    def all_area_words(self) -> str:
        return square_metres(self.all_area)


def turnout(vote: Vote) -> Turnout:
    whole = electorate_of(vote)
    ballots = Ballot.objects.filter(vote=vote, at__gte=vote.opens_at, at__lt=vote.closes_at, faults=[])
    voted: set[str] = set()
    own: set[str] = set()
    for units, proxy in ballots.values_list("units", "proxy"):
        voted.update(units)
        if not proxy:
            own.update(units)
    seats = [one for one in whole.seats if one.unit.unit in voted]
    heads = {one.head for one in seats if one.head in whole.heads}
    return Turnout(
        units=len(seats),
        heads=len(heads),
        area=sum(one.area for one in seats),
        all_units=len(whole.seats),
        all_heads=whole.head_count,
        all_area=whole.area,
        ballots=Ballot.objects.filter(vote=vote).count(),
        by_proxy=sum(one.unit.unit not in own for one in seats),
    )


def electorate_of(vote: Vote) -> Electorate:
    """Of the units that have something to decide, as the corrections leave them."""
    settings = Settings.model_validate_json(_json(vote.rules["settings"])) if vote.rules else Settings()
    put_right = corrections_of(vote)
    rows = [put_right[one.code].row if one.code in put_right else one.counted_as for one in concerned(vote)]
    return electorate(rows, Scope(), settings)


@dataclass(frozen=True)
class Correction:
    """The row of a unit as it stands after the last correction of the published roll."""

    row: RollUnit
    at: datetime
    reason: str


def corrections_of(vote: Vote) -> dict[str, Correction]:
    """By the unit's code. The frozen rows stay as they are."""
    rows = VoteRecord.objects.filter(vote=vote, kind="CORRECT").order_by("pk")
    return {
        one.data["unit"]: Correction(RollUnit.model_validate_json(_json(one.data["row"])), one.at, one.data["reason"])
        for one in rows
    }


def _json(data: Any) -> str:
    import json

    return json.dumps(data)


@dataclass(frozen=True)
class Service:
    served: int
    failed: int
    waiting: int
    rooms: list[str]


def service_of(vote: Vote) -> Service:
    """How many units were reached; `rooms`: those that were not, for the list of the undeliverable."""
    results: dict[str, str] = {}
    for data in VoteRecord.objects.filter(vote=vote, kind="SERVE").order_by("pk").values_list("data", flat=True):
        for unit in data["units"]:
            if results.get(unit) != "served":
                results[unit] = data["result"]
    rooms = dict(concerned(vote).values_list("code", "room"))
    served = sum(one == "served" and unit in rooms for unit, one in results.items())
    failed = sorted(rooms[unit] for unit, one in results.items() if one != "served" and unit in rooms)
    return Service(served, len(failed), len(rooms) - served - len(failed), failed)


@dataclass(frozen=True)
class Bar:
    """One measure against its limit, as the page draws it. Percentages are for the eye alone."""

    label: str
    value: str
    whole: str
    percent: str
    limit_percent: str
    limit: str
    holds: bool
    says: str


@dataclass(frozen=True)
class MotionView:
    position: str
    title: str
    text: str
    outcome: str
    good: bool
    quorum: list[Bar]
    approval: list[Bar]
    rows: list[tuple[str, int, str, str, str]]
    steps: list[dict[str, Any]]
    candidates: list[dict[str, Any]]
    clauses: tuple[str, ...]
    base: str


def threshold_words(value: Mapping[str, Any]) -> str:
    """What a motion needs, from the answer it was given when it was drafted."""
    said = []
    for side, word in (("quorum", "参与"), ("approval", "同意")):
        if value.get(f"{side}_area") is None:
            continue
        who = {"participants": "参与者", "whole_roll": "全体"}.get(str(value.get(f"{side}_base")), "有利害关系的业主")
        reach = "达到" if value.get(f"{side}_bound") == "at_least" else "超过"
        area, heads = (Fraction(str(value[f"{side}_{one}"])) for one in ("area", "heads"))
        shares = f"{area}" if area == heads else f"{area}（面积）和{heads}（人数）"
        said.append(f"{word}的面积和人数都要{reach}{who}的{shares}")
    return "；".join(said)


NUMBERS = "一二三四五六七八九十"


def motion_views(vote: Vote, result: Result) -> list[MotionView]:
    texts = {one.code: one for one in vote.motions.all()}
    return [_motion_view(number, one, texts[one.motion]) for number, one in enumerate(result.motions)]


def _motion_view(number: int, one: OfMotion, motion: Any) -> MotionView:
    votes = one.tallied.votes
    listed = [("同意", votes.agree), ("反对", votes.oppose), ("弃权", votes.abstain)]
    if votes.invalid.heads or votes.invalid.area:
        listed.append(("废票", votes.invalid))
    took = one.tallied.participating
    return MotionView(
        position=NUMBERS[number] if number < len(NUMBERS) else str(number + 1),
        title=one.title,
        text=motion.text,
        outcome=OUTCOMES[one.outcome],
        good=one.outcome in GOOD,
        quorum=[_bar(test) for test in one.tests if test.name == "quorum"],
        approval=[_bar(test) for test in one.tests if test.name == "approval"],
        rows=[
            (
                label,
                own.heads,
                cut_percent(own.heads, took.heads),
                square_metres(own.area),
                cut_percent(own.area, took.area),
            )
            for label, own in (() if one.outcome == "sealed" else listed)
        ],
        steps=[{"says": step.says, "clauses": step.clauses} for step in one.steps],
        candidates=[
            {
                "name": who.name,
                "heads": who.tallied.votes.agree.heads,
                "area": square_metres(who.tallied.votes.agree.area),
                "standing": STANDINGS[who.standing],
                "good": who.standing == "elected",
            }
            for who in one.candidates
        ],
        clauses=tuple(dict.fromkeys(clause for test in one.tests for clause in test.clauses)),
        base=BASES["participants"],
    )


def _bar(test: Test) -> Bar:
    above, below = fraction(test.ratio)
    word = "须达到" if test.bound == "at_least" else "须超过"
    heads = test.measure == "heads"
    edge = test.least if test.bound == "at_least" else test.least - 1
    limit = f"{edge}人" if heads else f"{square_metres(edge)}㎡"
    return Bar(
        label=("参加" if test.name == "quorum" else "同意") + ("人数" if heads else "面积"),
        value=str(test.part) if heads else square_metres(test.part),
        whole=f"{test.whole}人" if heads else f"{square_metres(test.whole)}㎡",
        percent=cut_percent(test.part, test.whole),
        limit_percent=cut_percent(above, below),
        limit=f"{word}{limit}（{test.ratio}）",
        holds=test.holds,
        says=test_says(test),
    )


def cut_percent(part: int, whole: int) -> str:
    """Cut off, never rounded up: 66.666 % does not read as reached."""
    hundredths = part * HUNDREDTHS // whole if whole else 0
    return f"{hundredths // PERCENT}.{hundredths % PERCENT:02d}%"


@dataclass(frozen=True)
class Revoked:
    """A decision of the vote that stands no more: by the street, or by a court's judgment."""

    title: str
    on: date
    by: str
    grounds: str
    clauses: tuple[str, ...]


def revoked_of(vote: Vote) -> list[Revoked]:
    """Of the decisions that came of the vote those that were revoked since."""
    decisions = BodyDecision.objects.filter(vote_ref=vote.ref.key, revoked_on__isnull=False)
    found = []
    for one in decisions.prefetch_related("corrections").order_by("pk"):
        last = max((row for row in one.corrections.all() if row.issued_on), key=lambda row: row.pk, default=None)
        found.append(
            Revoked(
                one.title,
                one.revoked_on or one.decided_on,
                last.get_kind_display() if last else "撤销",
                last.grounds if last else "",
                tuple((last.basis or {}).get("clauses") or ()) if last else (),
            )
        )
    return found


@dataclass(frozen=True)
class ReadingRow:
    says: str
    now: str
    cells: list[tuple[str, bool, str]]
    notice: str
    turns: bool


def readings(result: Result) -> list[ReadingRow]:
    """The same vote under the other readings."""
    found = []
    for one in result.sensitivity:
        cells = []
        for motion in result.motions:
            word = one.outcomes[motion.motion].split(":")[0]
            flips = motion.motion in one.flips
            cells.append((motion.title, flips, f"改为{OUTCOMES[word]}" if flips else "不变"))
        now = VALUES[one.setting][one.instead_of]
        notice = ("改为够" if one.procedure_ok else "改为不够") if "procedure" in one.flips else ""
        found.append(ReadingRow(one.says, now, cells, notice, bool(one.flips)))
    return found


def result_of(vote: Vote) -> Result | None:
    return Result.model_validate_json(_json(vote.result)) if vote.result else None


@dataclass(frozen=True)
class NotCounted:
    """Ballots that came back and do not count, for one reason. `ballots`: the short codes, each with the motions
    that it does not count for where that is not all of them."""

    says: str
    clauses: tuple[str, ...]
    ballots: list[str]


def not_counted(result: Result) -> list[NotCounted]:
    """By reason, what another ballot of the same unit stands for last."""
    titles = {one.motion: one.title for one in result.motions}
    found: dict[str, NotCounted] = {}
    for one in sorted(result.ignored, key=lambda one: (one.reason in REPLACED, one.reason)):
        row = found.setdefault(one.reason, NotCounted(one.says, one.clauses, []))
        some = 0 < len(one.motions) < len(titles)
        of = f"（{'、'.join(titles[motion] for motion in one.motions)}）" if some else ""
        row.ballots.append(f"{one.ballot[:HALF]}-{one.ballot[HALF:]}{of}")
    return list(found.values())


def why_not_counted(ballot: Ballot) -> list[str]:
    """Once the result is published: why this ballot does not count, for all motions or some; empty where it counts."""
    result = result_of(ballot.vote) if ballot.vote.state in PUBLISHED else None
    if result is None:
        return []
    titles = {one.motion: one.title for one in result.motions}
    return [
        f"{'、'.join(titles[motion] for motion in one.motions)}：{one.says}" if one.motions else one.says
        for one in result.ignored
        if one.ballot == ballot.number
    ]


def official_platform(vote: Vote) -> str:
    """The government's platform that this vote has to be cast on, by its frozen rules; empty where it is cast here."""
    rule = (vote.rules or {}).get("settings", {}).get("official_platform", {})
    return (rule.get("name") or "政府指定的平台") if rule.get("value") == "required" else ""


def waits_for_a_lot(one: OfMotion) -> bool:
    """Candidates with equal votes at the last seat, or at the last place among the alternates."""
    return one.outcome == "tied" or any(who.standing == "tied_alternate" for who in one.candidates)


def unseating(vote: Vote) -> list[Motion]:
    """Elections of a committee that come from no formation: their result seats nobody."""
    if vote.state in ("filed", "stopped"):
        return []
    rows = vote.motions.filter(matter="elect_committee", origin="", election__isnull=False)
    return [one for one in rows if one.outcome in ("", "elected", "partly_elected")]


def waiting_for_owners(estates: Sequence[int], *, but: str = "") -> list[Formation | OwedMeeting]:
    """What the owners of these estates have to decide on: elections with a public list, meetings that are owed. One
    that is in a vote already waits no more; `but`: this one all the same."""
    elections = Formation.objects.filter(estate__in=estates, state="open", published_on__isnull=False)
    meetings = OwedMeeting.objects.filter(estate__in=estates, state="due").select_related("estate", "member__person")
    taken = set(
        Motion.objects.filter(follow_up__isnull=True)
        .exclude(origin="")
        .exclude(vote__state="stopped")
        .values_list("origin", flat=True)
    )
    rows = elections.select_related("estate").order_by("pk")
    open_ones = [one for one in rows if one.ref.key not in taken or one.ref.key == but]
    return [*open_ones, *meetings.order_by("pk")]


def origin_words(one: Formation | OwedMeeting) -> str:
    if isinstance(one, Formation):
        return f"{one.estate.name}：选举业主委员会，{one.seats}席"
    who = f"（{one.member.whose}）" if one.member else ""
    return f"{one.estate.name}：{one.get_reason_display()}{who}"


@dataclass(frozen=True)
class RuleRow:
    asks: str
    says: str
    origin: str
    clauses: tuple[str, ...]


def silence_words(rules: Rules, motions: Sequence[str] | None = None) -> str:
    """What becomes of a ballot that is not handed in: once for all these motions, or motion by motion."""
    said = {}
    for number, one in enumerate(rules.motions):
        if motions is None or one.motion in motions:
            rule = one.silence or rules.settings.silence
            said[NUMBERS[number : number + 1] or str(number + 1)] = VALUES["silence"][rule.value]
    if len(set(said.values())) <= 1:
        return next(iter(said.values()), VALUES["silence"][rules.settings.silence.value])
    return "；".join(f"议题{number}，{words}" for number, words in said.items())


def silence_clauses(rules: Rules) -> tuple[str, ...]:
    found = [(one.silence or rules.settings.silence).clauses for one in rules.motions]
    return tuple(dict.fromkeys(clause for clauses in found for clause in clauses))


def rule_rows(rules: Rules) -> list[RuleRow]:
    """Every rule of the vote in words, with where it comes from."""
    found, settings = [], rules.settings
    for name, asks in ASKS.items():
        one = getattr(settings, name)
        value = VALUES[name][one.value] if name in VALUES else ""
        if name == "revote" and settings.official_platform.value == "required":
            value = one.says  # how the platform does it
        if name == "silence":
            value = silence_words(rules)
        found.append(RuleRow(asks, _particulars(name, one, value), ORIGINS[one.origin], one.clauses))
    return found


def _particulars(name: str, one: Any, value: str) -> str:
    if name == "notice":
        return f"{one.days}日，{value}"
    if name == "adjudication":
        return f"{one.people}人"
    if name == "revote" and one.value == "n_changes":
        return f"可以改{one.changes}次"
    if name == "precedence":
        return precedence_words(one)
    if name == "official_platform" and one.value != "required":
        return value
    if name == "proxy" and one.cap is not None:
        return f"{value}，一人最多代理{one.cap}名业主"
    if name == "official_platform" and one.name:
        return f"{value}：{one.name}"
    return value


CHANNELS = {"phone": "手机", "desk": "现场", "paper": "纸质", "official": "官方平台"}


def precedence_words(one: Any) -> str:
    """Which of an owner's ballots by several ways stands."""
    if one.value != "by_channel":
        return "不分手机、现场、纸质，只按收到的先后"
    return f"同一户有几种票的，按{'、'.join(CHANNELS.get(way, way) for way in one.order)}的次序取前一种"


def reading_choices(result: Result) -> list[tuple[str, str]]:
    """(value, words) of the readings under which the result was counted again."""
    asks = {"merge": "合并人数", "developer_stock": "建设单位", "split_head": "意见不同", "silence": "未投票"}
    return [
        (f"{one.setting}:{one.value}", f"{asks.get(one.setting, ASKS.get(one.setting, ''))}：{one.says}")
        for one in result.sensitivity
        if one.setting != "notice"
    ]


@dataclass(frozen=True)
class OwnBallot:
    """One of an owner's ballots, and whether it is the one that stands by the rules as of now."""

    number: str
    at: datetime
    channel: str
    stands: bool


def own_ballots(vote: Vote, units: Sequence[RollEntry], *, rules: Rules, events: Events) -> list[OwnBallot]:
    """All ballots for these units, the newest first. `events`: of these units alone."""
    codes = [one.code for one in units]
    rows = list(Ballot.objects.filter(vote=vote, units__overlap=codes).order_by("-at", "-pk"))
    if not rows:
        return []
    holders = Holders(tuple(one.counted_as for one in units), events, rules)
    sifted = sift(events, rules, holders, proxies=Proxies(events, rules, holders))
    standing_ones = set()
    for by_unit in sifted.votes.values():
        for listed in by_unit.values():
            chosen = standing(listed, rules.settings).vote
            if chosen is not None:
                standing_ones.add(chosen.ballot)
    return [OwnBallot(one.number, one.at, CHANNELS.get(one.channel, ""), one.number in standing_ones) for one in rows]


def lots_of(vote: Vote) -> list[dict[str, Any]]:
    """The lots drawn between candidates with the same votes: who came first, before whom, the evidence."""
    names = {
        who["candidate"]: who["name"]
        for one in vote.motions.all()
        for who in (one.election or {}).get("candidates", ())
    }
    return [
        {"record": one, "order": [names.get(code, code) for code in one.data["order"]], "by": one.data["by"]}
        for one in vote.records.filter(kind="LOT").select_related("file").order_by("pk")
    ]
