"""What the clock did to a duty becomes events, documents, the next period and messages."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from gongzhi.core import services as core
from gongzhi.core.models import Organisation, User
from gongzhi.core.packs import vocabulary
from gongzhi.core.refs import Ref
from gongzhi.duties.models import Duty, Source
from gongzhi.duties.services.ladders import take_step
from gongzhi.duties.services.recording import (
    DEMO_SYSTEM,
    SYSTEM,
    by_its_first_day,
    happening,
    is_manual,
    note_event,
    open_duty,
    opening_of,
)
from gongzhi.policy import Pack, Transition

MOST_NAMED = 5


def follow(duty: Duty, pack: Pack, transition: Transition, *, now: datetime) -> None:
    """Records one transition of a row that is already written."""
    if transition.kind in PLAIN:
        follow_plain([(duty, transition)])
    else:
        _FOLLOW[transition.kind](duty, pack, transition, now=now)


def _silent(duty: Duty, pack: Pack, transition: Transition, *, now: datetime) -> None:
    """Nobody acted until the deadline: the event that silence stands for, with the facts that opened the duty."""
    note_event("duty.fulfilled", duty, at=transition.at, late=False, silent=True, manual=False)
    if not transition.records:
        return
    declared = vocabulary().events[transition.records].fields
    facts = duty.state_json.get("facts", {})
    core.record(
        transition.records,
        subject=duty.subject,
        actor=DEMO_SYSTEM if duty.demo else SYSTEM,
        at=transition.at,
        data={name: value for name, value in facts.items() if name in declared},
        place_path=duty.place_path,
    )


def _recurred(duty: Duty, pack: Pack, transition: Transition, *, now: datetime) -> None:
    if transition.opened is None:
        return
    opened = by_its_first_day(transition.opened, duty.place_path)
    if opened is None:
        return
    open_duty(
        opened,
        opening=opening_of(f"after:{duty.pk}", opened),
        place_path=duty.place_path,
        at=transition.at,
        source=Source.RECURRING,
        manual=is_manual(pack, opened),
        like=duty,
    )


# Transitions that are no more than an event of the duty.
PLAIN = {"reminded": "duty.reminded", "overdue": "duty.overdue", "period_missed": "duty.period_missed"}


def follow_plain(found: Iterable[tuple[Duty, Transition]]) -> None:
    """Records all plain transitions of a batch at once."""
    core.record_many(
        happening(PLAIN[transition.kind], duty, at=transition.at, due_at=duty.due_at) for duty, transition in found
    )


_FOLLOW: dict[str, Callable[..., None]] = {
    "climbed": take_step,
    "silence": _silent,
    "recurred": _recurred,
}
_WORDS = {"reminded": "即将到期", "overdue": "已超期", "climbed": "超期后升级督促", "period_missed": "本期次数不足"}


class Digest:
    """One message a recipient for all that a batch brought, instead of one for each duty."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, int], dict[str, list[Duty]]] = defaultdict(lambda: defaultdict(list))
        self._to: dict[tuple[str, int], User | Organisation] = {}

    def add(self, duty: Duty, transition: Transition) -> None:
        to = duty.assigned_to or duty.owner_organisation
        if to is None or transition.kind not in _WORDS:
            return
        key = (type(to).__name__, to.pk)
        self._to[key] = to
        self._found[key][transition.kind].append(duty)

    def send(self, now: datetime) -> None:
        for key, kinds in self._found.items():
            for kind, duties in kinds.items():
                named = "；".join(duty.title for duty in duties[:MOST_NAMED])
                rest = f"等{len(duties)}件" if len(duties) > MOST_NAMED else ""
                core.notify(
                    to=self._to[key],
                    template=f"duty.{kind}",
                    text=f"{_WORDS[kind]}：{named}{rest}",
                    ref=duties[0].ref if len(duties) == 1 else _desk(self._to[key]),
                    now=now,
                )


def _desk(to: Any) -> Ref:
    return Ref("desk", str(to.pk), title="工作台", place_path=getattr(to, "place_path", ""))
