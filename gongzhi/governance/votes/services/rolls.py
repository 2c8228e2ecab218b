"""The roll: a snapshot of the registry that is frozen, published with its Merkle root, and corrected by entries."""

import hmac
import secrets
from datetime import date, datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any

from django.db import transaction

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.core.models import PersonalData
from gongzhi.governance.electors import DEVELOPER, HUNDREDTHS, identity, stock_of, undelivered, unit_kind
from gongzhi.governance.tally.roll import Roll
from gongzhi.governance.votes.models import RollEntry, RollOwner, Vote
from gongzhi.governance.votes.scopes import inside_any, refuse_unplaced, scopes_of
from gongzhi.governance.votes.services.common import entered, locked, refuse_weighed, saved, tell
from gongzhi.governance.votes.services.rules import poll_of
from gongzhi.proof import merkle
from gongzhi.proof.leaves import canonical, hash_of
from gongzhi.registry import queries as registry
from gongzhi.registry.models import Unit

CODE_LENGTH = 10


@transaction.atomic
def freeze_roll(vote: Vote, *, actor: Actor, now: datetime, version: int | None = None) -> Vote:
    """Takes the registry as of today. May be taken again until the notice is up; afterwards corrections are entries.

    A unit without a recorded owner is counted as the developer's unsold stock, one sold and not handed over as his
    too: the page tells how many.
    """
    core.require(actor, "vote.run", vote)
    vote = locked(vote, states=("draft", "checked"), doing="锁定名册", version=version)
    on = core.local_day(now)
    units = list(registry.units_on(vote.estate, on))
    if not units:
        raise Refused("roll_empty", "这个小区还没有登记房屋，不能形成名册。请先在小区档案里导入房屋和业主。")
    for motion in vote.motions.all():
        if motion.entrances:
            refuse_unplaced([one for one in motion.buildings.all() if motion.parted(one)], units)
    RollEntry.objects.filter(vote=vote).delete()
    RollOwner.objects.filter(vote=vote).delete()
    rows, coder = _rows(vote, units, on)
    RollEntry.objects.bulk_create(rows)
    RollOwner.objects.bulk_create(
        RollOwner(vote=vote, code=code, person_id=person) for code, person in coder.people.items()
    )
    vote.roll_frozen_at = now
    vote.roll_root = roll_root(vote)
    if vote.state == "checked":  # what was checked was another roll
        vote.state, vote.check_opinion, vote.checked_at = "draft", "", None
    saved(vote, "roll_frozen_at", "roll_root", "state", "check_opinion", "checked_at")
    tell(
        vote,
        kind="vote.roll_frozen",
        actor=actor,
        now=now,
        data={"units": len(rows), "owners": len(coder.people), "root": vote.roll_root},
    )
    return vote


def _rows(vote: Vote, units: list[Unit], on: date) -> tuple[list[RollEntry], "_Coder"]:
    owners, coder, held = _owners_by_unit(vote, on), _Coder(), undelivered(units, on)
    return [_row(vote, unit, owners.get(unit.pk, []), coder, held=unit.pk in held) for unit in units], coder


def roll_today(vote: Vote, now: datetime) -> Roll:
    """What the roll would be if it were frozen now. Nothing is kept."""
    on = core.local_day(now)
    rows, _ = _rows(vote, list(registry.units_on(vote.estate, on)), on)
    units = tuple(one.counted_as for one in rows)
    return Roll(format="gongzhi-roll/1", poll=poll_of(vote), estate=vote.estate.name, frozen_at=now, units=units)


def units_and_area(vote: Vote, on: date) -> tuple[int, int]:
    """Of the motions' scope as the registry stands that day: how many units, and their area in 0.01 m²."""
    scopes = scopes_of(vote)
    units = [
        one
        for one in registry.units_on(vote.estate, on)
        if inside_any(scopes, building=one.building.name, entrance=one.entrance_name)
    ]
    return len(units), sum(_whole(one.exclusive_area_m2) for one in units)


def roll_of(vote: Vote) -> Roll:
    """The frozen roll in the tally's format, in the order of the codes."""
    return Roll(
        format="gongzhi-roll/1",
        poll=poll_of(vote),
        estate=vote.estate.name,
        frozen_at=_frozen_at(vote),
        units=tuple(one.counted_as for one in vote.roll.order_by("code")),
        root=vote.roll_root or None,
    )


def _frozen_at(vote: Vote) -> datetime:
    if vote.roll_frozen_at is None:
        raise Refused("roll_not_frozen", "名册还没有锁定。")
    return vote.roll_frozen_at


def as_row(one: RollEntry) -> dict[str, Any]:
    """As the roll is written: JSON."""
    return one.counted_as.model_dump(mode="json")


def roll_root(vote: Vote) -> str:
    """RFC 9162 root over the rows (RFC 8785 text each) in the order of their codes."""
    leaves = [
        hash_of(canonical(as_row(one), origin=poll_of(vote)))
        for one in RollEntry.objects.filter(vote=vote).order_by("code")
    ]
    return merkle.grow(0, {}, leaves).root.hex()


@transaction.atomic
def correct_roll(
    vote: Vote, *, entry: RollEntry, area: int, stock: str, kind: str, reason: str, actor: Actor, now: datetime
) -> Vote:
    """After the notice: a new entry of the log. The frozen row and the published root stay as they are."""
    core.require(actor, "vote.run", vote)
    vote = locked(vote, states=("noticed", "open", "closed", "published"), doing="更正名册")
    refuse_weighed(vote)
    if not reason.strip():
        raise Refused("reason_missing", "请写明为什么更正、凭什么材料。", fields={"reason": "请填写"})
    if area <= 0:
        raise Refused("area_not_positive", "面积要大于0。", fields={"area": "面积要大于0"})
    row = as_row(entry) | {"area": area, "stock": stock, "kind": kind}
    if stock != "sold":
        row["owners"], row["nominee"] = [DEVELOPER], None
    entered(
        vote,
        kind="CORRECT",
        data={"unit": entry.code, "row": row, "reason": reason, "by": actor.label},
        at=now,
        actor=actor,
        now=now,
    )
    tell(vote, kind="vote.roll_corrected", actor=actor, now=now, data={"unit": entry.room})
    return vote


class _Coder:
    """Pseudonyms of one vote: the same person gets the same one, and nobody can tell it from another vote's."""

    def __init__(self) -> None:
        self._secret = secrets.token_bytes(32)
        self.people: dict[str, int | None] = {}

    def owner(self, person: PersonalData) -> str:
        code = "y" + self._code(identity(person))
        self.people.setdefault(code, person.pk)
        return code

    def developer(self) -> str:
        self.people.setdefault(DEVELOPER, None)
        return DEVELOPER

    def unit(self, unit: Unit) -> str:
        return "f" + self._code(f"unit:{unit.pk}")

    def _code(self, text: str) -> str:
        return hmac.new(self._secret, text.encode(), sha256).hexdigest()[:CODE_LENGTH]


def _owners_by_unit(vote: Vote, on: date) -> dict[int, list[PersonalData]]:
    found: dict[int, list[PersonalData]] = {}
    for one in registry.owners_on(vote.estate, on):
        found.setdefault(one.unit.pk, []).append(one.owner)
    return found


def _row(vote: Vote, unit: Unit, owners: list[PersonalData], coder: _Coder, *, held: bool) -> RollEntry:
    """`held`: sold, but by law still the developer's to vote with."""
    codes = [] if held else list(dict.fromkeys(coder.owner(one) for one in owners))
    codes = codes or [coder.developer()]
    return RollEntry(
        vote=vote,
        unit=unit,
        code=coder.unit(unit),
        room=str(unit),
        building=unit.building.name,
        entrance=unit.entrance_name,
        kind=unit_kind(unit),
        stock=stock_of(owners, held=held),
        area=_whole(unit.exclusive_area_m2),
        area_source=unit.area_source,
        owners=codes,
        nominee=codes[0] if len(codes) == 1 else "",
        voters=codes if len(codes) == 1 else [],
    )


def _whole(area: Decimal) -> int:
    return int(area * HUNDREDTHS)
