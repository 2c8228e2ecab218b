"""What surrounds the figures: procedure, ballots not counted, warnings, the list unit by unit."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta, timezone
from typing import TYPE_CHECKING, Any

from gongzhi.governance.tally.ballots import Dropped, Sifted
from gongzhi.governance.tally.electorate import Electorate
from gongzhi.governance.tally.events import Corrected, Events, Noticed
from gongzhi.governance.tally.holders import REASONS
from gongzhi.governance.tally.parts import day_words
from gongzhi.governance.tally.result import (
    Check,
    Ignored,
    OfMotion,
    OfUnit,
    Reading,
    RollTotals,
    Told,
    UnitVote,
)
from gongzhi.governance.tally.rules import VALUES, Rules

if TYPE_CHECKING:
    from gongzhi.governance.tally.tallying import Decided, SortedOut

CHINA = timezone(timedelta(hours=8))
# How many days after the day of the notice voting may begin, beyond the days of the period.
_BEYOND = {"full_days": 1, "exclude_first": 0, "include_first": -1}


def earliest_opening(published_on: date, days: int, counting: str) -> date:
    """The first day on which voting may begin; by full_days the day after the last day of the period."""
    return published_on + timedelta(days=days + _BEYOND[counting])


def procedure(rules: Rules, events: Events, sifted: Sifted, *, told: bool) -> tuple[Check, ...]:
    found = [notice_check(rules, events)]
    silences = [one.silence or rules.settings.silence for one in rules.motions]
    deeming = [one for one in silences if one.value != "not_participating"]
    if deeming:
        says = "公告已写明不投票的后果" if told else "公告没有写明不投票的后果，未投票的不能作推定"
        found.append(Check(name="silence_told", ok=told, says=says, clauses=deeming[0].clauses))
    waiting = len(sifted.unsettled)
    says = f"有{waiting}张有瑕疵的票尚未认定" if waiting else "有瑕疵的票都已认定"
    found.append(Check(name="adjudicated", ok=not waiting, says=says, clauses=rules.settings.adjudication.clauses))
    return tuple(found)


def notice_check(rules: Rules, events: Events) -> Check:
    rule = rules.settings.notice
    notices = [one for one in events.events if isinstance(one, Noticed)]
    if not notices:
        return Check(name="notice", ok=False, says="没有公告的记录", clauses=rule.clauses)
    published_on = min(date.fromisoformat(one.published_on) for one in notices)
    opened_on = rules.window.opens_at.astimezone(CHINA).date()
    earliest = earliest_opening(published_on, rule.days, rule.value)
    ok = opened_on >= earliest
    says = (
        f"{day_words(published_on)}公告，期限{rule.days}日，{VALUES['notice'][rule.value]}，"
        f"最早{day_words(earliest)}开始表决；实际{day_words(opened_on)}开始，{'符合' if ok else '早了'}"
    )
    return Check(name="notice", ok=ok, says=says, clauses=rule.clauses)


def roll_totals(whole: Electorate, served: frozenset[str]) -> RollTotals:
    reached = sum(seat.unit.unit in served for seat in whole.seats)
    return RollTotals(
        units=len(whole.seats),
        heads=whole.head_count,
        area=whole.area,
        excluded=whole.excluded,
        served=reached,
        unserved=len(whole.seats) - reached,
        head_groups=sum(len(own) > 1 for own in whole.heads.values()),
    )


def ignored_ballots(dropped: Iterable[Dropped], rules: Rules) -> tuple[Ignored, ...]:
    """One line for each ballot and reason."""
    found: dict[tuple[str, str], tuple[dict[str, None], dict[str, None], str | None]] = {}
    for one in dropped:
        units, motions, _ = found.setdefault((one.ballot, one.refusal.reason), ({}, {}, one.refusal.setting))
        units[one.unit] = None
        if one.motion is not None:
            motions[one.motion] = None
    return tuple(
        Ignored(
            ballot=ballot,
            units=tuple(units),
            motions=tuple(motions),
            reason=reason,
            says=REASONS[reason],
            clauses=getattr(rules.settings, setting).clauses if setting else (),
        )
        for (ballot, reason), (units, motions, setting) in found.items()
    )


def warnings_of(
    rules: Rules, events: Events, *, sorted_out: "SortedOut", results: Sequence[OfMotion], other: Sequence[Reading]
) -> tuple[Told, ...]:
    settings = rules.settings
    found: list[Told] = []
    if settings.official_platform.value == "required":
        name = settings.official_platform.name or "政府指定的平台"
        says = f"须使用{name}表决；这里的结果不是法定的表决结果，只供核对"
        found.append(Told(says=says, clauses=settings.official_platform.clauses))
    if any((one.silence or settings.silence).value != "not_participating" for one in rules.motions):
        says = "未投票的作了推定：须议事规则有约定、逐户送达并写明后果；法院和学界看法不一，请看各种读法下的结果"
        found.append(Told(says=says, clauses=settings.silence.clauses))
    for result in results:
        if result.by_objection is not None:
            verdict = "通过" if result.by_objection else "不通过"
            says = f"“{result.title}”按异议表决为{verdict}；异议表决早于民法典，只作提示，不决定结果"
            found.append(Told(says=says))
    found += _data_warnings(events, sorted_out)
    turning: dict[str, list[str]] = {}
    for reading in other:
        if reading.flips:
            turning.setdefault(reading.setting, []).append(reading.says)
    for setting, says_all in turning.items():
        clauses: Any = getattr(settings, setting).clauses
        found.append(Told(says=f"换一种读法结果就不同：{'；'.join(says_all)}", clauses=clauses))
    return tuple(found)


def _data_warnings(events: Events, sorted_out: "SortedOut") -> list[Told]:
    found = []
    first = [own[0] for own in sorted_out.holders.tenures.values()]
    waiting = sum(len(one.owners) > 1 and not one.nominees for one in first)
    if waiting:
        found.append(Told(says=f"{waiting}套共有房屋没有推定由谁表决"))
    held = sum(one.title == "in_possession" for one in sorted_out.rows)
    if held:
        found.append(Told(says=f"{held}套按已合法占有、尚未登记的买受人列为业主"))
    corrections = sum(isinstance(one, Corrected) for one in events.events)
    if corrections:
        found.append(Told(says=f"名册公布后更正{corrections}处"))
    weak = sorted(set(sorted_out.sifted.weak))
    if weak:
        found.append(Told(says=f"签署人数不够的认定不算：选票{'、'.join(weak)}"))
    return found


def unit_votes(whole: Electorate, decided: Sequence["Decided"], served: frozenset[str]) -> tuple[OfUnit, ...]:
    inside = [(one, {seat.unit.unit for seat in one.electorate.seats}) for one in decided]
    found = []
    for seat in whole.seats:
        unit = seat.unit.unit
        votes = [vote for one, units in inside if unit in units for vote in _votes_of(unit, one)]
        found.append(
            OfUnit(
                unit=unit,
                head=seat.head,
                area=seat.area,
                counts_heads=seat.counts_heads,
                served=unit in served,
                votes=tuple(votes),
            )
        )
    return tuple(found)


def _votes_of(unit: str, decided: "Decided") -> list[UnitVote]:
    motion = decided.result.motion
    found = []
    for candidate, counted in decided.counted.items():
        position = counted.positions.get(unit)
        if position is None:
            found.append(UnitVote(motion=motion, position="none", candidate=candidate))
        else:
            found.append(
                UnitVote(
                    motion=motion,
                    position=position.answer,  # type: ignore[arg-type]
                    ballot=position.ballot,
                    deemed=position.source == "silence",
                    candidate=candidate,
                )
            )
    return found
