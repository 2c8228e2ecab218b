"""The sheet of units: compared and written by the database, a statement for all rows."""
# ruff: noqa: S608 - the names in the statements are this package's own; values travel beside them.

from decimal import Decimal

from gongzhi.registry.models.units import ENTRANCE
from gongzhi.registry.questions import AREA_SOURCES, UNIT_USES
from gongzhi.registry.services.imports import checking
from gongzhi.registry.services.imports.applying import Applying
from gongzhi.registry.services.imports.checking import BUILDINGS, run
from gongzhi.registry.services.imports.outcome import SHOWN, Change, first_lines
from gongzhi.registry.services.imports.sheets import Sheet

DIFFERENCE = "stage_units_difference"


def _rank(column: str) -> str:
    """In statements: 1 for the best source of an area (judicial interpretation, article 8)."""
    listed = ", ".join(f"'{code}'" for code in AREA_SOURCES)
    return f"array_position(ARRAY[{listed}], {column}::text)"


def apply_units(job: Applying, sheet: Sheet) -> None:
    checking.check_twice(sheet, ("estate", "building", "unit"))
    checking.name_estates(sheet, job.place.path)
    checking.name_buildings(sheet)
    checking.drop_faulty(sheet)
    result = job.outcome.of(sheet.code)
    _compare(sheet)
    _refuse_lesser(sheet)
    counts: dict[int, tuple[int, int]] = {}
    for estate_id, added, changed, unchanged in run(
        f"SELECT estate_id, count(*) FILTER (WHERE unit_id IS NULL), count(*) FILTER (WHERE differs),"
        f" count(*) FILTER (WHERE unit_id IS NOT NULL AND NOT differs AND NOT lesser) FROM {DIFFERENCE}"
        " GROUP BY estate_id"
    ):
        counts[estate_id] = (added, changed)
        result.added += added
        result.changed += changed
        result.unchanged += unchanged
    job.record_rows(sheet, counts)
    if result.added:
        _add(job, sheet)
    if result.changed:
        _change(job, sheet)
    if result.unchanged or result.changed:
        _list_gone(job, sheet)


def _compare(sheet: Sheet) -> None:
    """Each good row beside the unit it means, if there is one. An empty use says nothing about a known unit; the
    same area from a lesser source leaves the better source on record; another area from a lesser one is `lesser`."""
    source, use = sheet.column("source").code_sql, sheet.column("use").code_sql
    better = f"{_rank('u.area_source')} < {_rank('s.source')}"
    run(f"DROP TABLE IF EXISTS {DIFFERENCE}")
    run(
        f"CREATE TEMP TABLE {DIFFERENCE} ON COMMIT DROP AS SELECT c.*, unit_id IS NOT NULL AND NOT lesser"
        "  AND (was_area <> area OR was_source <> source OR (use <> '' AND was_use <> use)"
        "  OR (entrance IS NOT NULL AND was_entrance IS DISTINCT FROM entrance)) AS differs"
        ' FROM (SELECT s."row", s.estate, b.estate_id, b.building_id, s.building, s.unit, s.area, s.use, s.entrance,'
        f" CASE WHEN u.exclusive_area_m2 = s.area AND {better}"
        "  THEN u.area_source ELSE s.source END AS source, u.id AS unit_id, u.exclusive_area_m2 AS was_area,"
        " u.area_source AS was_source, u.use AS was_use, u.entrance AS was_entrance,"
        f" u.id IS NOT NULL AND u.exclusive_area_m2 <> s.area AND {better} AS lesser"
        f' FROM (SELECT "row", estate, building, unit, area::numeric(10,2), {source} AS source, {use} AS use,'
        f"  nullif(coalesce(nullif(entrance, ''), substring(unit from '{ENTRANCE.pattern}'))::int, 0) AS entrance"
        f"  FROM {sheet.table}) AS s JOIN {BUILDINGS} b USING (estate, building)"
        " LEFT JOIN registry_unit u ON u.building_id = b.building_id AND u.name = s.unit) AS c"
    )


def _refuse_lesser(sheet: Sheet) -> None:
    """A contract does not replace a survey, nor either the register: the row stays out, and is told why."""
    names = " ".join(f"WHEN '{code}' THEN '{name}'" for code, name in AREA_SOURCES.items())
    run(
        f"INSERT INTO {checking.ERRORS} SELECT '{sheet.code}', \"row\", {sheet.number_of('source')}, '已有'"
        f" || CASE was_source {names} END || '的面积' || was_area || '平方米，' || CASE source {names} END"
        " || '的面积不能替它：依次以登记、测绘、合同为准。原来登记有误的，先在房屋页更正面积。'"
        f" FROM {DIFFERENCE} WHERE lesser"
    )


def _add(job: Applying, sheet: Sheet) -> None:
    run(
        "INSERT INTO registry_unit (building_id, name, entrance, use, exclusive_area_m2, area_source, version, demo)"
        " SELECT building_id, unit, entrance, CASE use WHEN '' THEN 'residence' ELSE use END, area, source, 1, %s"
        # In the order of the index: its pages are written once.
        f" FROM {DIFFERENCE} WHERE unit_id IS NULL ORDER BY building_id, unit",
        [job.actor.demo],
    )
    rows = run(f"SELECT estate, building, unit FROM {DIFFERENCE} WHERE unit_id IS NULL LIMIT {SHOWN}")
    job.outcome.of(sheet.code).additions += first_lines(rows)


def _change(job: Applying, sheet: Sheet) -> None:
    """The old area stays on record with the event of this import: it was written wrong."""
    result = job.outcome.of(sheet.code)
    changed = run(
        "SELECT d.estate || d.building || d.unit, u.exclusive_area_m2, d.area, u.area_source, d.source, u.use, d.use,"
        f" u.entrance, d.entrance FROM {DIFFERENCE} d JOIN registry_unit u ON u.id = d.unit_id"
        " WHERE d.differs ORDER BY u.id"
    )
    for what, old_area, area, old_source, source, old_use, use, old_entrance, entrance in changed:
        if old_area != area:
            result.changes.append(Change(what, "专有面积", _plain(old_area), _plain(area)))
        if old_source != source:
            result.changes.append(Change(what, "面积来源", AREA_SOURCES[old_source], AREA_SOURCES[source]))
        if use and old_use != use:
            result.changes.append(Change(what, "用途", UNIT_USES[old_use], UNIT_USES[use]))
        if entrance is not None and old_entrance != entrance:
            result.changes.append(Change(what, "单元", str(old_entrance or ""), str(entrance)))
    events = [(pk, event) for (code, pk), event in job.events.items() if code == sheet.code]
    run(
        "INSERT INTO registry_unitarea"
        " (unit_id, exclusive_area_m2, area_source, from_on, to_on, replaced, event_id, demo)"
        " SELECT u.id, u.exclusive_area_m2, u.area_source, u.area_from_on, NULL, true, e.event, u.demo"
        f" FROM {DIFFERENCE} d JOIN registry_unit u ON u.id = d.unit_id"
        " JOIN unnest(%s::bigint[], %s::bigint[]) AS e (estate, event) ON e.estate = d.estate_id"
        " WHERE d.differs AND (u.exclusive_area_m2 <> d.area OR u.area_source <> d.source)",
        [[pk for pk, _ in events], [event for _, event in events]],
    )
    run(
        "UPDATE registry_unit u SET exclusive_area_m2 = d.area, area_source = d.source, version = u.version + 1,"
        " entrance = coalesce(d.entrance, u.entrance),"
        f" use = CASE d.use WHEN '' THEN u.use ELSE d.use END FROM {DIFFERENCE} d WHERE u.id = d.unit_id AND d.differs"
    )


def _plain(area: Decimal) -> str:
    return f"{area:.2f}"


def _list_gone(job: Applying, sheet: Sheet) -> None:
    """Units of the buildings in the sheet that the sheet does not name. They are told, not deleted."""
    condition = (
        f"FROM registry_unit u JOIN {BUILDINGS} b ON b.building_id = u.building_id"
        f" WHERE NOT EXISTS (SELECT 1 FROM {DIFFERENCE} d WHERE d.building_id = u.building_id AND d.unit = u.name)"
    )
    result = job.outcome.of(sheet.code)
    result.gone = run(f"SELECT count(*) {condition}")[0][0]
    rows = run(f"SELECT b.estate, b.building, u.name {condition} ORDER BY 1, 2, 3 LIMIT {SHOWN}")
    result.missing += first_lines(rows)
