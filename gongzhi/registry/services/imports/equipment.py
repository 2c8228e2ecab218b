"""The sheet of equipment: known by its number, else by where it stands."""
# ruff: noqa: S608 - the names in the statements are this package's own; values travel beside them.

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from gongzhi.core.errors import Refused
from gongzhi.registry.models import Building, Estate, Facility
from gongzhi.registry.services.facilities import change_facility, register_facility
from gongzhi.registry.services.imports import checking
from gongzhi.registry.services.imports.outcome import Change, Sheetwise
from gongzhi.registry.services.imports.sheets import Sheet

if TYPE_CHECKING:
    from gongzhi.registry.services.imports.applying import Applying

PARTS = re.compile("[；;\\n]")
SHOWN = {
    "building": "楼幢", "location": "位置", "upkeep": "维保单位", "valid_until": "检验有效期至", "area_m2": "面积",
    "quantity": "数量", "intact": "完好数量", "details": "明细",
}  # fmt: skip


def apply_facilities(job: "Applying", sheet: Sheet) -> None:
    checking.check_twice(sheet, ("estate", "kind", "building", "location", "code"))
    checking.name_estates(sheet, job.place.path)
    checking.drop_faulty(sheet)
    numbers = dict(checking.run(f"SELECT word, estate_id FROM {checking.ESTATES} WHERE found = 1"))
    estates = Estate.objects.in_bulk(set(numbers.values()))
    buildings = {(one.estate_id, one.name): one for one in Building.objects.filter(estate__in=estates)}
    known: dict[tuple[int, str, str], Facility] = {}
    for one in Facility.objects.filter(estate__in=estates, ended_on=None).select_related("building").order_by("-pk"):
        known[_key(one.estate_id, one.kind, one.code, str(one.building or ""), one.location)] = one
    seen: set[int] = set()

    def work(row: dict[str, Any], result: Sheetwise) -> None:
        estate = estates[numbers[row["estate"]]]
        values = _values(row, buildings, estate)
        found = known.get(_key(estate.pk, row["kind"], row["code"], row["building"], row["location"]))
        if found is None:
            code = row["code"]
            made = register_facility(estate, kind=row["kind"], code=code, **values, actor=job.actor, now=job.now)
            result.added += 1
            result.additions.append(f"{estate}{made}")
            return
        seen.add(found.pk)
        given = {name: value for name, value in values.items() if value not in (None, "", {})}
        if "details" in given:
            given["details"] = {**found.details, **given["details"]}
        differing = {name: value for name, value in given.items() if getattr(found, name) != value}
        for name, value in differing.items():
            old = getattr(found, name)
            result.changes.append(Change(f"{estate}{found}", SHOWN[name], _words(old), _words(value)))
        if differing:
            change_facility(found, changes=differing, actor=job.actor, now=job.now)
        result.changed += bool(differing)
        result.unchanged += not differing

    job.each(sheet, work)
    result = job.outcome.of(sheet.code)
    touched = {numbers[row["estate"]] for row in job.rows(sheet)}
    gone = [one for one in known.values() if one.estate_id in touched and one.pk not in seen]
    result.gone = len(gone)
    result.missing += sorted(f"{estates[one.estate_id]}{one}" for one in gone)


def _key(estate: int, kind: str, code: str, building: str, location: str) -> tuple[int, str, str]:
    return estate, kind, f"#{code}" if code else f"{building}|{location}"


def _values(row: Mapping[str, Any], buildings: Mapping[Any, Building], estate: Estate) -> dict[str, Any]:
    building = buildings.get((estate.pk, row["building"])) if row["building"] else None
    if row["building"] and building is None:
        raise Refused("building", "", fields={"building": "这个小区没有登记这幢楼，请先在“楼幢”表里填，或核对幢号。"})
    try:
        until = date.fromisoformat(row["valid_until"]) if row["valid_until"] else None
    except ValueError as error:
        raise Refused("day", "", fields={"valid_until": "日历上没有这一天，请核对。"}) from error
    return {
        "building": building,
        "location": row["location"],
        "upkeep": row["upkeep"],
        "valid_until": until,
        "area_m2": Decimal(row["area"]) if row["area"] else None,
        "quantity": int(row["quantity"]) if row["quantity"] else None,
        "intact": int(row["intact"]) if row["intact"] else None,
        "details": _details(row["details"]),
    }


def _details(text: str) -> dict[str, str]:
    """`用途：车库；使用单位：某公司`."""
    found = {}
    for part in filter(None, (one.strip() for one in PARTS.split(text))):
        name, colon, value = part.replace(":", "：", 1).partition("：")
        if not colon or not name.strip() or not value.strip():
            raise Refused("details", "", fields={"details": f"“{part}”请写成“名称：内容”，几项之间用分号隔开。"})
        found[name.strip()] = value.strip()
    return found


def _words(value: Any) -> str:
    if isinstance(value, Mapping):
        return "；".join(f"{name}：{one}" for name, one in sorted(value.items()))
    return "" if value is None else str(value)
