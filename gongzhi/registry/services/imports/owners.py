"""The sheet of owners: compared by keyed hash, put under cipher in one go, written with COPY."""
# ruff: noqa: S608 - the names in the statements are this package's own; values travel beside them.

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from django.db import connection

from gongzhi.core import crypto
from gongzhi.core.errors import Refused
from gongzhi.registry.services.imports import checking
from gongzhi.registry.services.imports.applying import Applying
from gongzhi.registry.services.imports.checking import BUILDINGS, ERRORS, run
from gongzhi.registry.services.imports.outcome import SHOWN, Change
from gongzhi.registry.services.imports.sheets import Sheet
from gongzhi.registry.services.units import OwnerInput, fingerprint, whole

DAY = timedelta(days=1)
PERCENT = 100
TOLD_EVERY = 500
UNITS = "stage_owner_units"


@dataclass(frozen=True)
class Line:
    row: int
    owner: OwnerInput
    certificate: str
    from_on: date | None

    @property
    def key(self) -> str:
        return fingerprint(self.owner.name, self.owner.phone, self.owner.id_number)


@dataclass
class Held:
    """The ownership that a unit is in now."""

    pk: int
    from_on: date | None
    certificate: str
    owners: list[tuple[str, int | None, int | None]]
    masked: list[str]


@dataclass(frozen=True)
class Wanted:
    """One unit's owners as the sheet has them."""

    unit_id: int
    estate_id: int
    place_path: str
    what: str
    lines: tuple[Line, ...]
    shares: tuple[Fraction | None, ...]

    @property
    def from_on(self) -> date | None:
        return next((one.from_on for one in self.lines if one.from_on), None)

    @property
    def certificate(self) -> str:
        return next((one.certificate for one in self.lines if one.certificate), "")

    def owners(self) -> list[tuple[str, int | None, int | None]]:
        return sorted(
            (one.key, share.numerator if share else None, share.denominator if share else None)
            for one, share in zip(self.lines, self.shares, strict=True)
        )

    def masked(self) -> str:
        return "、".join(crypto.mask_name(one.owner.name) for one in self.lines)


def apply_owners(job: Applying, sheet: Sheet) -> None:
    checking.name_estates(sheet, job.place.path)
    checking.name_buildings(sheet)
    _name_units(sheet)
    checking.check_twice(sheet, ("estate", "building", "unit", "name", "id_number", "phone"))
    _spoil_neighbours(sheet)
    checking.drop_faulty(sheet)
    wanted = list(_wanted(job, sheet))
    held = _held([one.unit_id for one in wanted])
    fresh, transfers, corrections = _compared(job, sheet, wanted, held)
    counts: dict[int, tuple[int, int]] = defaultdict(lambda: (0, 0))
    for one in fresh:
        counts[one.estate_id] = (counts[one.estate_id][0] + 1, counts[one.estate_id][1])
    for one in (*transfers, *corrections):
        counts[one.estate_id] = (counts[one.estate_id][0], counts[one.estate_id][1] + 1)
    job.record_rows(sheet, counts)
    _close([(held[one.unit_id].pk, one.from_on - DAY) for one in transfers if one.from_on])
    _forget([held[one.unit_id].pk for one in corrections])
    _write(job, sheet, [*fresh, *transfers], reuse={})
    _write(job, sheet, corrections, reuse={one.unit_id: held[one.unit_id] for one in corrections})
    if len(fresh) < len(wanted):
        _list_gone(job, sheet)


def _name_units(sheet: Sheet) -> None:
    run(f"DROP TABLE IF EXISTS {UNITS}")
    run(
        f"CREATE TEMP TABLE {UNITS} ON COMMIT DROP AS SELECT w.*, b.estate_id, b.building_id, u.id AS unit_id"
        f" FROM (SELECT DISTINCT estate, building, unit FROM {sheet.table}) AS w"
        f" JOIN {BUILDINGS} b USING (estate, building)"
        " LEFT JOIN registry_unit u ON u.building_id = b.building_id AND u.name = w.unit"
    )
    run(f"ANALYZE {UNITS}")
    run(
        f"INSERT INTO {ERRORS} SELECT '{sheet.code}', s.\"row\", 2,"
        " '没有登记这套房屋，请先在“房屋”表里填，或核对室号。'"
        f" FROM {sheet.table} s JOIN {UNITS} u USING (estate, building, unit)"
        " WHERE u.building_id IS NOT NULL AND u.unit_id IS NULL AND s.unit <> ''"
    )


def _spoil_neighbours(sheet: Sheet) -> None:
    """The owners of a unit belong together: with one faulty row the others wait too."""
    number = sheet.number_of("name")
    run(
        f"INSERT INTO {ERRORS} SELECT '{sheet.code}', s.\"row\", {number},"
        " '同一房屋另一位业主的行有错误，一起改好再导入。'"
        f" FROM {sheet.table} s WHERE (estate, building, unit) IN (SELECT estate, building, unit FROM {sheet.table} f"
        f'  JOIN {ERRORS} e ON e.sheet = \'{sheet.code}\' AND e."row" = f."row")'
        f' AND NOT EXISTS (SELECT 1 FROM {ERRORS} e WHERE e.sheet = \'{sheet.code}\' AND e."row" = s."row")'
    )


def _wanted(job: Applying, sheet: Sheet) -> list[Wanted]:
    rows = run(
        'SELECT u.unit_id, u.estate_id, e.place_path, s.estate || s.building || s.unit, s."row", s.name, s.phone,'
        f" s.id_number, s.share, s.certificate, s.from_on FROM {sheet.table} s"
        f" JOIN {UNITS} u USING (estate, building, unit) JOIN registry_estate e ON e.id = u.estate_id"
        ' ORDER BY u.unit_id, s."row"'
    )
    groups: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
    for row in rows:
        groups[row[0]].append(row)
    return [one for rows in groups.values() if (one := _group(job, sheet, rows)) is not None]


def _group(job: Applying, sheet: Sheet, rows: Sequence[tuple[Any, ...]]) -> Wanted | None:
    faults: list[tuple[str, int, int, str]] = []
    lines = []
    for *_, number, name, phone, id_number, share, certificate, from_on in rows:
        day = _day(from_on)
        if from_on and day is None:
            faults.append((sheet.code, number, sheet.number_of("from_on"), "日历上没有这一天，请核对。"))
        elif day is not None and day > job.today:
            faults.append((sheet.code, number, sheet.number_of("from_on"), "取得日期不能晚于今天。"))
        lines.append(Line(number, OwnerInput(name, phone, id_number, _share(share)), certificate, day))
    if len({one.from_on for one in lines if one.from_on}) > 1:
        faults += [(sheet.code, one.row, sheet.number_of("from_on"), "同一房屋的取得日期要一致。") for one in lines]
    try:
        shares = tuple(whole([one.owner for one in lines]))
    except Refused as refused:
        faults += [(sheet.code, one.row, sheet.number_of("share"), refused.message) for one in lines]
    if faults:
        checking.add(faults)
        job.outcome.of(sheet.code).skipped += len(rows)
        return None
    unit_id, estate_id, place_path, what = rows[0][:4]
    return Wanted(unit_id, estate_id, place_path, what, tuple(lines), shares)


def _share(text: str) -> Fraction | None:
    if not text:
        return None
    if text == "全部":
        return Fraction(1)
    return Fraction(text[:-1]) / PERCENT if text.endswith("%") else Fraction(text)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None


def _held(units: Sequence[int]) -> dict[int, Held]:
    found: dict[int, Held] = {}
    for unit_id, pk, from_on, certificate, key, numerator, denominator, masked in run(
        "SELECT o.unit_id, o.id, o.from_on, o.certificate, s.fingerprint, s.numerator, s.denominator, p.masked_name"
        " FROM registry_ownership o JOIN registry_ownershipshare s ON s.ownership_id = o.id"
        " JOIN core_personaldata p ON p.id = s.owner_id"
        " WHERE o.unit_id = ANY(%s) AND o.to_on IS NULL ORDER BY o.unit_id, s.id",
        [list(units)],
    ):
        one = found.setdefault(unit_id, Held(pk, from_on, certificate, [], []))
        one.owners.append((key, numerator, denominator))
        one.masked.append(masked)
    return found


def _compared(
    job: Applying, sheet: Sheet, wanted: Sequence[Wanted], held: dict[int, Held]
) -> tuple[list[Wanted], list[Wanted], list[Wanted]]:
    """New ownerships; transfers (other owners from a later day); corrections of what was written down."""
    result = job.outcome.of(sheet.code)
    fresh, transfers, corrections = [], [], []
    for one in wanted:
        now = held.get(one.unit_id)
        if now is None:
            fresh.append(one)
            result.added += 1
            result.additions.append(f"{one.what}：{one.masked()}")
            continue
        same_owners = sorted(now.owners) == one.owners()
        later = one.from_on is not None and (now.from_on is None or one.from_on > now.from_on)
        if not same_owners and one.from_on is not None and now.from_on is not None and one.from_on < now.from_on:
            words = f"早于现业主的取得日期{now.from_on}，请核对。"
            checking.add([(sheet.code, line.row, sheet.number_of("from_on"), words) for line in one.lines])
            result.skipped += len(one.lines)
        elif not same_owners and later:
            transfers.append(one)
            result.changes.append(Change(one.what, "业主（转让）", "、".join(now.masked), one.masked()))
            result.changed += 1
        elif (
            not same_owners
            or (one.certificate and one.certificate != now.certificate)
            or (one.from_on is not None and one.from_on != now.from_on)
        ):
            corrections.append(one)
            result.changes += _corrected(one, now, same_owners=same_owners)
            result.changed += 1
        else:
            result.unchanged += 1
    return fresh, transfers, corrections


def _corrected(one: Wanted, now: Held, *, same_owners: bool) -> list[Change]:
    found = []
    if not same_owners:
        found.append(Change(one.what, "业主（更正）", "、".join(now.masked), one.masked()))
    if one.certificate and one.certificate != now.certificate:
        found.append(Change(one.what, "不动产权证号", now.certificate, one.certificate))
    if one.from_on is not None and one.from_on != now.from_on:
        found.append(Change(one.what, "取得日期", str(now.from_on or ""), str(one.from_on)))
    return found


def _close(rows: Sequence[tuple[int, date]]) -> None:
    run(
        "UPDATE registry_ownership o SET to_on = c.to_on"
        " FROM unnest(%s::bigint[], %s::date[]) AS c (id, to_on) WHERE o.id = c.id",
        [[pk for pk, _ in rows], [day for _, day in rows]],
    )


def _forget(ownerships: Sequence[int]) -> None:
    """Of an ownership that was written wrong nothing personal is kept: its shares are written anew."""
    owners = run(
        "DELETE FROM registry_ownershipshare WHERE ownership_id = ANY(%s) RETURNING owner_id", [list(ownerships)]
    )
    run("DELETE FROM core_personaldata WHERE id = ANY(%s)", [[row[0] for row in owners]])


def _write(job: Applying, sheet: Sheet, wanted: Sequence[Wanted], *, reuse: dict[int, Held]) -> None:
    """Ownerships, shares and personal data with three COPYs, under keys that were taken beforehand."""
    if not wanted:
        return
    if reuse:
        titles = [reuse[one.unit_id].pk for one in wanted]
        _correct_titles(wanted, titles)
    else:
        titles = _keys("registry_ownership", len(wanted))
        _copy(
            "registry_ownership (id, unit_id, from_on, joint, certificate, event_id, demo)",
            [
                (title, one.unit_id, one.from_on, one.shares[0] is None, one.certificate,
                 job.events[sheet.code, one.estate_id], job.actor.demo)
                for title, one in zip(titles, wanted, strict=True)
            ],
        )  # fmt: skip
    parts = [
        (title, one, line, share)
        for title, one in zip(titles, wanted, strict=True)
        for line, share in zip(one.lines, one.shares, strict=True)
    ]
    people = _keys("core_personaldata", len(parts))
    _copy(
        f"core_personaldata ({', '.join(PERSON_COLUMNS)})",
        list(_people(job, people, parts)),
    )
    _copy(
        "registry_ownershipshare (ownership_id, owner_id, numerator, denominator, fingerprint, demo)",
        [
            (title, pk, share.numerator if share else None, share.denominator if share else None, line.key,
             job.actor.demo)
            for pk, (title, _, line, share) in zip(people, parts, strict=True)
        ],
    )  # fmt: skip


def _correct_titles(wanted: Sequence[Wanted], titles: Sequence[int]) -> None:
    run(
        "UPDATE registry_ownership o SET certificate = COALESCE(NULLIF(c.certificate, ''), o.certificate),"
        " from_on = COALESCE(c.from_on, o.from_on), joint = c.joint"
        " FROM unnest(%s::bigint[], %s::text[], %s::date[], %s::bool[]) AS c (id, certificate, from_on, joint)"
        " WHERE o.id = c.id",
        [
            list(titles),
            [one.certificate for one in wanted],
            [one.from_on for one in wanted],
            [one.shares[0] is None for one in wanted],
        ],
    )


PERSON_COLUMNS = (
    "id", "owner_kind", "owner_id", "name_cipher", "phone_cipher", "id_number_cipher", "address_cipher",
    "masked_name", "masked_phone", "masked_id_number", "phone_hash", "id_hash", "place_path", "created_at", "demo",
)  # fmt: skip


def _people(job: Applying, people: Sequence[int], parts: Sequence[Any]) -> Iterator[tuple[Any, ...]]:
    for number, (pk, (_, one, line, _)) in enumerate(zip(people, parts, strict=True)):
        if number % TOLD_EVERY == 0:
            job.advance(number)
        yield _person(pk, one, line.owner, job)


def _person(pk: int, one: Wanted, owner: OwnerInput, job: Applying) -> tuple[Any, ...]:
    """As `core.keep_person` keeps one; here for thousands at a time."""
    return (
        pk,
        "unit",
        str(one.unit_id),
        crypto.encrypt(owner.name, purpose="person.name"),
        crypto.encrypt(owner.phone, purpose="person.phone") if owner.phone else "",
        crypto.encrypt(owner.id_number, purpose="person.id_number") if owner.id_number else "",
        "",
        crypto.mask_name(owner.name),
        crypto.mask_phone(owner.phone),
        crypto.mask_id_number(owner.id_number),
        crypto.keyed_hash(owner.phone, purpose="phone") if owner.phone else "",
        crypto.keyed_hash(owner.id_number, purpose="id_number") if owner.id_number else "",
        one.place_path,
        job.now,
        job.actor.demo,
    )


def _keys(table: str, count: int) -> list[int]:
    rows = run("SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)", [table, count])
    return [row[0] for row in rows]


def _copy(target: str, rows: Sequence[tuple[Any, ...]]) -> None:
    with connection.cursor() as cursor, cursor.copy(f"COPY {target} FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def _list_gone(job: Applying, sheet: Sheet) -> None:
    """Units of the buildings in the sheet that have an owner and are not named by it."""
    result = job.outcome.of(sheet.code)
    condition = (
        f"FROM (SELECT DISTINCT estate, building, building_id FROM {UNITS}) AS b"
        " JOIN registry_unit u ON u.building_id = b.building_id"
        " JOIN registry_ownership o ON o.unit_id = u.id AND o.to_on IS NULL"
        f" WHERE NOT EXISTS (SELECT 1 FROM {UNITS} n WHERE n.unit_id = u.id)"
    )
    result.gone = run(f"SELECT count(*) {condition}")[0][0]
    rows = run(f"SELECT b.estate, b.building, u.name {condition} ORDER BY 1, 2, 3 LIMIT {SHOWN}")
    result.missing += ["".join(row) for row in rows]
