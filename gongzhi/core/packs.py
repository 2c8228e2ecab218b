"""Which pack holds at a place on a day, with the switches set there. Packs are loaded once a process.

The folder's fingerprint and a token in the database tell when to read anew. `held()` reads both once for a whole
request or batch.
"""

import hashlib
import logging
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache
from glob import glob
from pathlib import Path
from typing import TYPE_CHECKING, Any, Optional
from uuid import UUID

from django.conf import settings
from django.utils.module_loading import import_string

from gongzhi import policy
from gongzhi.core.errors import PackBroken, Refused
from gongzhi.core.models import CalendarYear, PackAttachment, PolicyStamp, SwitchValue
from gongzhi.core.prepared import first_row
from gongzhi.policy.vocabulary import Vocabulary

if TYPE_CHECKING:
    from gongzhi.policy import Answer, Finding, Judged, Pack, Packs, Problem

logger = logging.getLogger(__name__)

ROOT_PACK = "national"
DRAFT = "draft"
SECONDS_BETWEEN_LOOKS = 2.0
MOST_FOUND = 10_000  # places × days that a process remembers


@lru_cache(maxsize=1)
def vocabulary() -> Vocabulary:
    """The platform's words, by the dotted name in settings: the site collects them, and the core may not import it."""
    name = getattr(settings, "GONGZHI_VOCABULARY", "gongzhi.site.vocabulary.vocabulary")
    found: Vocabulary = import_string(name)()
    return found


@dataclass
class _Loaded:
    fingerprint: str
    packs: "Packs"
    problems: list["Problem"]
    looked_at: float


@dataclass(frozen=True)
class PolicyState:
    """What the database says about packs, at one token."""

    token: UUID
    attachments: Mapping[str, Sequence[PackAttachment]]
    switches: Mapping[tuple[str, str], Sequence[SwitchValue]]
    years: Mapping[int, Mapping[str, Any]]
    merged: dict[tuple[str, str], "Pack"] = field(default_factory=dict, compare=False)
    found: dict[tuple[str, date], tuple["Packs", Optional["Pack"]]] = field(default_factory=dict, compare=False)
    """What `_pack` found for a place and day, among which packs."""


@dataclass
class _Held:
    """Read when first asked for."""

    state: PolicyState | None = None
    packs: tuple["Packs", list["Problem"]] | None = None


_loaded: dict[Path, _Loaded] = {}
_state: PolicyState | None = None
_held: ContextVar["_Held | None"] = ContextVar("the state of policy held for this request", default=None)


def fingerprint(folder: Path) -> str:
    """Changes when a file is added, removed or written."""
    digest = hashlib.sha256()
    # By plain names, not by paths: every process looks each second.
    for name in sorted(glob("*/*.yaml", root_dir=folder)):
        stat = os.stat(f"{folder}/{name}")
        digest.update(f"{name}\0{stat.st_mtime_ns}\0{stat.st_size}\n".encode())
    return digest.hexdigest()


def loaded(*, anew: bool = False) -> tuple["Packs", list["Problem"]]:
    """All packs and all problems. A pack with problems is left out by the loader; the others hold."""
    folder = Path(settings.PACKS)
    moment = time.monotonic()
    known = None if anew else _loaded.get(folder)
    if known is not None and moment - known.looked_at < SECONDS_BETWEEN_LOOKS:
        return known.packs, known.problems
    mark = fingerprint(folder)
    if known is not None and known.fingerprint == mark:
        known.looked_at = moment
        return known.packs, known.problems
    packs, problems = policy.load(folder, vocabulary())
    for problem in problems:
        logger.error("%s", problem)
    if known is not None and any(packs.get(slug) is None for slug in known.packs.slugs):
        # Else a slip in one file would hand the complaints of a whole city to the national rules.
        logger.error("文件有错，继续按原来装载的版本办；改好以后平台会自己重新装载。")
        packs = known.packs
    _loaded[folder] = _Loaded(mark, packs, problems, moment)
    return packs, problems


def _loaded_now() -> tuple["Packs", list["Problem"]]:
    """As `loaded`; within `held()` looked for once."""
    holder = _held.get()
    if holder is None:
        return loaded()
    if holder.packs is None:
        holder.packs = loaded()
    return holder.packs


def all_packs() -> list["Pack"]:
    return list(loaded()[0])


def named_pack(slug: str) -> Optional["Pack"]:
    pack = loaded()[0].get(slug)
    return _with_years(pack, state()) if pack is not None else None


def state() -> PolicyState:
    """One query when nothing changed; none inside `held()`."""
    global _state
    holder = _held.get()
    if holder is not None and holder.state is not None:
        return holder.state
    stamp = first_row("SELECT token FROM core_policystamp ORDER BY id LIMIT 1", ())
    token: UUID = stamp[0] if stamp is not None else PolicyStamp.objects.get_or_create(pk=1)[0].token
    if _state is None or _state.token != token:
        _state = _read(token)
    if holder is not None:
        holder.state = _state
    return _state


def last_token() -> UUID:
    """The token of the state that was read last in this process; whoever asked a pack has just read it."""
    holder = _held.get()
    return ((holder.state if holder is not None else None) or _state or state()).token


def _read(token: UUID) -> PolicyState:
    attachments: dict[str, list[PackAttachment]] = {}
    for attachment in PackAttachment.objects.select_related("place", "event").order_by("pk"):
        attachments.setdefault(attachment.place.code, []).append(attachment)
    switches: dict[tuple[str, str], list[SwitchValue]] = {}
    for value in SwitchValue.objects.select_related("place").order_by("from_on", "pk"):
        switches.setdefault((value.place.code, value.pack), []).append(value)
    years = {row.year: {"source": row.source, **row.data} for row in CalendarYear.objects.order_by("year")}
    return PolicyState(token, attachments, switches, years)


@contextmanager
def held() -> Iterator[None]:
    """Within, the state of policy is read once, when first asked for. A change made within is seen at once by whoever
    made it."""
    if _held.get() is not None:
        yield
        return
    token = _held.set(_Held())
    try:
        yield
    finally:
        _held.reset(token)


def changed() -> None:
    """To be called in the transaction of every change of attachments, switches or calendar years."""
    import uuid

    PolicyStamp.objects.update(token=uuid.uuid4())
    holder = _held.get()
    if holder is not None:
        holder.state = None


def codes_of(place_path: str) -> list[str]:
    """The codes of a path, the deepest first."""
    return [code for code in reversed(place_path.split("/")) if code]


def pack_for(place_path: str, on: date) -> Optional["Pack"]:
    """The effective pack at a place: of the nearest attached one that is in force that day, else the national one.

    Merged into its calendar are the years entered on screen. Raises PackBroken where the attached one has faults.
    """
    return _pack(state(), place_path, on)


def _pack(known: PolicyState, place_path: str, on: date) -> Optional["Pack"]:
    packs, problems = _loaded_now()
    among, found = known.found.get((place_path, on), (None, None))
    if among is not packs:
        found = _nearest(packs, problems, known, place_path, on)
        if len(known.found) >= MOST_FOUND:
            known.found.clear()
        known.found[place_path, on] = (packs, found)
    return found


def _nearest(
    packs: "Packs", problems: Sequence["Problem"], known: PolicyState, place_path: str, on: date
) -> Optional["Pack"]:
    for code in codes_of(place_path):
        for attachment in known.attachments.get(code, ()):
            pack = packs.get(attachment.pack)
            if pack is None and _would_hold(attachment, on):
                raise PackBroken(attachment.pack, _problems_of(attachment.pack, problems))
            if pack is not None and _holds(pack, attachment, on):
                return _with_years(pack, known)
    root = packs.get(ROOT_PACK)
    return _with_years(root, known) if root is not None else None


def _would_hold(attachment: PackAttachment, on: date) -> bool:
    """Of a pack that cannot be read: by what is known of its attachment."""
    begun = attachment.since is None or attachment.since <= on
    draft = attachment.event is not None and attachment.event.data.get("status") == DRAFT
    return begun and (attachment.switched_on or not draft)


def _problems_of(slug: str, problems: Sequence["Problem"]) -> list[str]:
    """Its own, or those of the documents above it."""
    own = [str(one) for one in problems if one.file.startswith(f"{slug}/")]
    return own or [str(one) for one in problems]


def _holds(pack: "Pack", attachment: PackAttachment, on: date) -> bool:
    if attachment.since is not None and on < attachment.since:
        return False
    if pack.status == DRAFT and not attachment.switched_on:
        return False
    return pack.document.in_force(on)


def _with_years(pack: "Pack", known: PolicyState) -> "Pack":
    if not known.years:
        return pack
    key = (pack.slug, pack.hash)
    if key not in known.merged:
        known.merged[key] = replace(pack, calendar=pack.calendar.merged(known.years), _plans={})
    return known.merged[key]


def switches_for(place_path: str, on: date, *, pack: Optional["Pack"] = None) -> dict[str, str]:
    """Name and value of every switch decided for the place or above it; the nearest place decides."""
    known = state()
    return _switches(known, pack or _pack(known, place_path, on), place_path, on)


def _switches(known: PolicyState, pack: Optional["Pack"], place_path: str, on: date) -> dict[str, str]:
    found: dict[str, str] = {}
    for code in reversed(codes_of(place_path)):
        for slug in pack.chain if pack is not None else ():
            for value in known.switches.get((code, slug), ()):
                if value.from_on <= on:
                    found[value.name] = value.value
    return found


def ask(question: str, facts: Mapping[str, Any], *, place_path: str, on: date) -> "Answer":
    """The answer of the pack in force at the place. Refuses (`no_pack`) when no document is loaded at all."""
    pack, switches = _in_force(place_path, on)
    return policy.decide(pack, question, dict(facts), on=on, switches=switches)


def run_checks(
    record: str, values: Mapping[str, Any], *, place_path: str, on: date, raise_: bool = True
) -> list["Finding"]:
    """What the pack's checks find. A finding that refuses raises `Refused("check_failed")` unless `raise_` is False."""
    pack, switches = _in_force(place_path, on)
    findings = policy.check(pack, record, dict(values), on=on, switches=switches)
    refusing = [finding for finding in findings if finding.outcome == "refuse"]
    if refusing and raise_:
        raise Refused(
            "check_failed",
            "；".join(dict.fromkeys(finding.message for finding in refusing)) + "。",
            clause=tuple(dict.fromkeys(clause for finding in refusing for clause in finding.clauses)),
            fields={finding.field: finding.message for finding in refusing if finding.field},
        )
    return findings


def judged_checks(record: str, values: Mapping[str, Any], *, place_path: str, on: date) -> list["Judged"]:
    """Every check that applies to the record, kept or broken."""
    pack, switches = _in_force(place_path, on)
    return policy.check_each(pack, record, dict(values), on=on, switches=switches)


def _in_force(place_path: str, on: date) -> tuple["Pack", dict[str, str]]:
    known = state()
    pack = _pack(known, place_path, on)
    if pack is None:
        raise Refused("no_pack", "平台没有装载任何文件，不能判断依据，请联系系统管理员执行 sync_packs。")
    return pack, _switches(known, pack, place_path, on)
