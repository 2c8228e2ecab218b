"""The clock. Each batch is a transaction of its own: a kill in the middle loses and doubles nothing."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db import OperationalError, transaction
from django.db.models import Max, QuerySet

from gongzhi.core import services as core
from gongzhi.core.days import local_day
from gongzhi.core.errors import PackBroken
from gongzhi.duties.locks import try_hold
from gongzhi.duties.models import Duty, State
from gongzhi.duties.services.faults import OF_THE_PACK, OURS, OurFault, Unfollowable
from gongzhi.duties.services.recording import open_fault, record_end
from gongzhi.duties.services.transitions import PLAIN, Digest, follow, follow_plain
from gongzhi.duties.store import put_state, save_clocks, state_of
from gongzhi.policy import DutyState, Pack, Transition, advance

log = logging.getLogger(__name__)

BATCH = 200
# A clock that a pack's fault holds up is tried again after a day, not at every tick; one that ours holds up, soon.
AFTER_A_FAULT = timedelta(days=1)
AFTER_OUR_FAULT = timedelta(minutes=10)
# Until the file is mended all clocks of the place wait; one log line each says why, not one duty each.
AFTER_A_BROKEN_PACK = timedelta(hours=1)


@dataclass
class TickReport:
    """How many duties were taken, and how often each thing happened.

    `faults`: of packs, left to a person. `ours`: of the platform, logged as errors and tried again.
    """

    taken: int = 0
    faults: int = 0
    ours: int = 0
    happened: dict[str, int] = field(default_factory=dict)

    def count(self, kind: str) -> None:
        self.happened[kind] = self.happened.get(kind, 0) + 1

    def add(self, batch: "TickReport") -> None:
        self.taken += batch.taken
        self.faults += batch.faults
        self.ours += batch.ours
        for kind, number in batch.happened.items():
            self.happened[kind] = self.happened.get(kind, 0) + number

    def __str__(self) -> str:
        counts = "、".join(f"{kind} {number}" for kind, number in sorted(self.happened.items()))
        faults = f"，规则故障 {self.faults}" if self.faults else ""
        faults += f"，平台故障 {self.ours}" if self.ours else ""
        return f"到时 {self.taken} 件{f'（{counts}）' if counts else ''}{faults}"


def tick(now: datetime, *, limit: int | None = None, batch: int = BATCH) -> TickReport:
    """Does everything that fell due up to `now`. Safe to run twice, by several workers at once, after any outage.

    Duties whose subject another transaction is changing are left to it or to the next tick. `limit`: at most so many.
    """
    report = TickReport()
    before = -1
    # A pass may open periods that are over already, as after an outage: until a pass finds nothing more to do.
    while report.taken > before and (limit is None or report.taken < limit):
        before = report.taken
        _pass(now, limit, batch, report)
    return report


def _pass(now: datetime, limit: int | None, batch: int, report: TickReport) -> None:
    """Once over everything due, the longest waiting first, each batch in a transaction of its own."""
    last: tuple[datetime, int] | None = None
    while limit is None or report.taken < limit:
        size = batch if limit is None else min(batch, limit - report.taken)
        done = TickReport()
        try:
            with transaction.atomic():
                coming: list[Any] = list(
                    _due(now, last)[:size].values_list("next_at", "pk", "subject_kind", "subject_id")
                )
                if coming:
                    done.taken = _take(coming, now, done)
        except OurFault as fault:
            # The batch is undone as a whole, so that nothing stands half recorded, and taken again without that one.
            log.exception("duties: the clock of duty %s met a fault of the platform", fault.duty)
            report.ours += 1
            Duty.objects.filter(pk=fault.duty).update(next_at=now + AFTER_OUR_FAULT)
            continue
        report.add(done)
        if len(coming) < size:
            return
        last = coming[-1][:2]


def _due(now: datetime, after: tuple[datetime, int] | None) -> QuerySet[Duty]:
    rows = Duty.objects.filter(next_at__lte=now).order_by("next_at", "id")
    if after is None:
        return rows
    moment, pk = after
    return rows.filter(next_at__gte=moment).exclude(next_at=moment, pk__lte=pk)


def _take(coming: list[Any], now: datetime, report: TickReport) -> int:
    free = try_hold(f"{kind}:{subject}" for _, _, kind, subject in coming)
    rows = list(
        Duty.objects.select_for_update(skip_locked=True, of=("self",))
        .filter(pk__in=[pk for _, pk, kind, subject in coming if f"{kind}:{subject}" in free], next_at__lte=now)
        .select_related("owner_organisation", "assigned_to", "estate")
        .order_by("next_at", "id")
    )
    if rows:
        with core.hold_policy():
            _advance(rows, now, report)
    return len(rows)


def _advance(rows: list[Duty], now: datetime, report: TickReport) -> None:
    rules = _Rules()
    reached = _steps_reached(rows)
    done: list[tuple[Duty, Pack, tuple[Transition, ...]]] = []
    ended: list[Duty] = []
    for row in rows:
        try:
            pack, switches = rules.of(row)
            before = state_of(row)
            state, transitions = advance(pack, before, now, switches=switches, reached=reached.above(row))
        except PackBroken as fault:
            report.faults += 1
            log.error("duties: the clock of duty %s waits: %s", row.pk, fault)
            row.next_at = now + AFTER_A_BROKEN_PACK
            continue
        except OF_THE_PACK as fault:
            report.faults += 1
            _set_aside(row, now, fault)
            continue
        except OperationalError:
            raise
        except Exception as fault:
            raise OurFault(row.pk) from fault
        put_state(row, state, at=now)
        _never_stand_still(row, state, now)
        reached.note(row)
        done.append((row, pack, transitions))
        if before.unfinished and not state.unfinished and not any(one.kind == "silence" for one in transitions):
            ended.append(row)
    save_clocks(rows)
    digest = Digest()
    at_once = _all_plain(done)
    for row, pack, transitions in done:
        for transition in transitions:
            if not (at_once and transition.kind in PLAIN):
                _follow(row, pack, transition, now, report)
            digest.add(row, transition)
            report.count(transition.kind)
    for row in ended:
        record_end(row, at=row.closed_at or now)
        report.count("ended")
    digest.send(now)


def _all_plain(done: list[tuple[Duty, Pack, tuple[Transition, ...]]]) -> bool:
    """Whether the plain events of the batch could be recorded at once; if not, each is tried by itself."""
    try:
        with transaction.atomic():
            follow_plain((row, one) for row, _, transitions in done for one in transitions if one.kind in PLAIN)
    except OperationalError:
        raise
    except Exception:  # one by one, so that whose fault it is shows
        log.exception("duties: a batch could not be recorded at once")
        return False
    return True


def _follow(row: Duty, pack: Pack, transition: Transition, now: datetime, report: TickReport) -> None:
    try:
        with transaction.atomic():
            follow(row, pack, transition, now=now)
    except OURS as fault:
        raise OurFault(row.pk) from fault
    except OF_THE_PACK as fault:
        report.faults += 1
        log.exception("duties: %s of duty %s could not be recorded", transition.kind, row.pk)
        open_fault(row, rule=f"{row.rule}.{transition.kind}", fault=fault, at=transition.at)
    except OperationalError:
        raise
    except Exception as fault:
        raise OurFault(row.pk) from fault


def _set_aside(row: Duty, now: datetime, fault: Exception) -> None:
    log.exception("duties: the clock of duty %s could not be advanced", row.pk)
    row.next_at = now + AFTER_A_FAULT
    open_fault(row, rule=row.rule, fault=fault, at=now)


def _never_stand_still(row: Duty, state: DutyState, now: datetime) -> None:
    """A clock that asks for the same moment again would hold up the tick for ever."""
    if state.next_at is not None and state.next_at <= now:
        log.error("duties: the clock of duty %s stands still at %s", row.pk, state.next_at)
        row.next_at = now + AFTER_A_FAULT


class _Rules:
    """The pack and switches of each place and day, looked up once a batch."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, date], tuple[Pack, dict[str, Any]]] = {}

    def of(self, row: Duty) -> tuple[Pack, dict[str, Any]]:
        """Those in force when the duty was opened: a later document does not change what was owed."""
        key = (row.place_path, local_day(row.opened_at))
        if key not in self._known:
            pack = core.pack_for(*key)
            if pack is None:
                raise Unfollowable("该地区没有可用的文件，期限不能继续计算")
            self._known[key] = (pack, core.switches_for(*key, pack=pack))
        return self._known[key]


class _Reached:
    """The highest step that other duties of the same ladder key have reached."""

    def __init__(self, steps: Iterable[tuple[str, int, int]]) -> None:
        self._steps: dict[str, dict[int, int]] = {}
        for key, pk, step in steps:
            self._steps.setdefault(key, {})[pk] = step

    def above(self, row: Duty) -> int:
        others = self._steps.get(row.ladder_key, {})
        return max((step for pk, step in others.items() if pk != row.pk), default=-1)

    def note(self, row: Duty) -> None:
        if row.ladder_key and row.step >= 0:
            self._steps.setdefault(row.ladder_key, {})[row.pk] = row.step


def _steps_reached(rows: list[Duty]) -> _Reached:
    keys = {row.ladder_key for row in rows if row.ladder_key}
    if not keys:
        return _Reached(())
    found = (
        Duty.objects.filter(ladder_key__in=keys, step__gte=0)
        .exclude(state__in=(State.VOID, State.EXCUSED))
        .values_list("ladder_key", "pk")
        .annotate(highest=Max("step"))
    )
    return _Reached(found)
