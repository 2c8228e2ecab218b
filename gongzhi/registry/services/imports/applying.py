"""The sheets of few rows: companies, estates, buildings, projects. They go through the commands of everybody."""
# ruff: noqa: S608 - the names in the statements are this package's own; values travel beside them.

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Model, QuerySet

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.core.models import Organisation, Place
from gongzhi.core.places import spoken_name
from gongzhi.registry.models import Building, Estate, Project, covers
from gongzhi.registry.queries import fact
from gongzhi.registry.questions import COMMITTEE_KINDS
from gongzhi.registry.services.companies import COMPANY, record_organisation_fact
from gongzhi.registry.services.estates import add_buildings, change_estate, register_estate
from gongzhi.registry.services.imports import checking
from gongzhi.registry.services.imports.equipment import apply_facilities
from gongzhi.registry.services.imports.outcome import Change, Outcome, Sheetwise
from gongzhi.registry.services.imports.sheets import COMMITTEES, Sheet
from gongzhi.registry.services.projects import begin_project, change_manager, end_project

BUILDING_NUMBERS = ("storeys", "elevators", "households", "entrances")
UNKNOWN = {
    "community": "辖区里没有这个社区（村），或有同名的，请核对或改填代码。",
    "company": "没有登记这家企业，请先在“物业企业”表里填。",
}
PROJECT_WORDS = ("service_kind", "service_standard", "fee")


Tell = Callable[[str, int, int], None]


def silent(step: str, done: int, total: int) -> None:
    """For imports that nobody waits beside."""


class Applying:
    """One import at work: where, by whom, when, and what came of it."""

    def __init__(self, *, place: Place, actor: Actor, now: datetime, tell: Tell = silent) -> None:
        self.place, self.actor, self.now = place, actor, now
        self._tell, self._step, self._done, self._total = tell, "", 0, 0
        self.today = core.local_day(now)
        self.outcome = Outcome()
        self.events: dict[tuple[str, int], int] = {}

    def begin(self, step: str, *, done: int, total: int) -> None:
        """What comes next, and how many of all rows lie behind."""
        self._step, self._done, self._total = step, done, total
        self._tell(step, done, total)

    def advance(self, rows: int) -> None:
        """So many rows of the present step are done."""
        self._tell(self._step, min(self._done + rows, self._total), self._total)

    def rows(self, sheet: Sheet) -> list[dict[str, Any]]:
        """The rows that are still good, choices as their codes."""
        listed = ", ".join(one.code_sql if one.choices else f'"{one.code}"' for one in sheet.columns)
        found = checking.run(f'SELECT "row", {listed} FROM {sheet.table} ORDER BY "row"')
        names = ["row", *(one.code for one in sheet.columns)]
        return [dict(zip(names, row, strict=True)) for row in found]

    def each(self, sheet: Sheet, work: Callable[[dict[str, Any], Sheetwise], None]) -> None:
        """Each row by itself; what a command refuses is told in the row's cells, and the row is left out."""
        result = self.outcome.of(sheet.code)
        for row in self.rows(sheet):
            try:
                with transaction.atomic():
                    work(row, result)
            except Refused as refused:
                told = {sheet.number_of(name): words for name, words in refused.fields.items()}
                told = told or {0: refused.message}
                checking.add([(sheet.code, row["row"], number, words) for number, words in told.items()])
                result.skipped += 1

    def record_rows(self, sheet: Sheet, counts: dict[int, tuple[int, int]]) -> None:
        """One event an estate for the rows of a sheet. `counts`: estate -> (added, changed)."""
        estates = Estate.objects.in_bulk([pk for pk, (added, changed) in counts.items() if added or changed])
        events = core.record_many(
            core.Happening(
                "estate.rows_imported",
                subject=estate.ref,
                actor=self.actor,
                at=self.now,
                place_path=estate.place_path,
                data={"added": counts[pk][0], "changed": counts[pk][1], "rows": sheet.title},
            )
            for pk, estate in estates.items()
        )
        for pk, event in zip(estates, events, strict=True):
            self.events[sheet.code, pk] = event.pk

    def companies(self, sheet: Sheet) -> None:
        checking.check_twice(sheet, ("company",))
        checking.drop_faulty(sheet)
        self.each(sheet, self._company)

    def _company(self, row: dict[str, Any], result: Sheetwise) -> None:
        known = _companies()
        found = known.filter(credit_code=row["credit_code"]).first() if row["credit_code"] else None
        found = found or known.filter(name=row["company"], place_path__startswith=self.place.path).first()
        if found is None:
            found = core.ensure_organisation(
                COMPANY, place=self.place, name=row["company"], phone=row["phone"], demo=self.actor.demo
            )
            found.credit_code = row["credit_code"]
            found.save(update_fields=["credit_code"])
            result.added += 1
            result.additions.append(found.name)
            self._address(found, row["address"])
            return
        changes = [
            Change(found.name, title, getattr(found, name), row[key])
            for name, key, title in (
                ("name", "company", "企业名称"),
                ("credit_code", "credit_code", "统一社会信用代码"),
                ("phone", "phone", "办公电话"),
            )
            if row[key] and getattr(found, name) != row[key]
        ]
        if changes and not found.place_path.startswith(self.place.path):
            raise Refused(
                "elsewhere",
                "这家企业登记在辖区以外，只能由登记地修改。",
                fields={"company": "登记在辖区以外，不能修改"},
            )
        for name, key in (("name", "company"), ("credit_code", "credit_code"), ("phone", "phone")):
            setattr(found, name, row[key] or getattr(found, name))
        found.save(update_fields=["name", "credit_code", "phone"])
        old = fact(found.ref, "registered_address", self.today) or ""
        if self._address(found, row["address"]):
            changes.append(Change(found.name, "住所", old, row["address"]))
        result.changes += changes
        result.changed += bool(changes)
        result.unchanged += not changes

    def _address(self, company: Organisation, address: str) -> bool:
        if not address or fact(company.ref, "registered_address", self.today) == address:
            return False
        record_organisation_fact(
            company,
            name="registered_address",
            value=address,
            from_on=self.today,
            actor=Actor.system(demo=self.actor.demo),
            now=self.now,
        )
        return True

    def estates(self, sheet: Sheet) -> None:
        checking.check_twice(sheet, ("community", "estate"))
        self._communities = self._known_communities()
        self._tell_unknown(sheet, "community", {word for word, found in self._communities.items() if len(found) == 1})
        checking.drop_faulty(sheet)
        self.each(sheet, self._estate)

    def _tell_unknown(self, sheet: Sheet, column: str, known: set[str]) -> None:
        """Words of a column that name nothing here, or more than one thing."""
        words = UNKNOWN[column]
        found = checking.run(f'SELECT "row", "{column}" FROM {sheet.table} WHERE "{column}" <> \'\'')
        number = sheet.number_of(column)
        checking.add([(sheet.code, row, number, words) for row, word in found if word not in known])

    def _known_communities(self) -> dict[str, list[Place]]:
        found: dict[str, list[Place]] = {}
        for one in Place.objects.filter(path__startswith=self.place.path, level="community"):
            for word in {one.code, one.name, one.short_name, spoken_name(one.name)}:
                found.setdefault(word, []).append(one)
        return found

    def _estate(self, row: dict[str, Any], result: Sheetwise) -> None:
        (place,) = self._communities[row["community"]]
        values = {
            "estate_type": row["estate_type"],
            "estate_subtype": row["estate_subtype"],
            "address": row["address"],
            "households": int(row["households"]) if row["households"] else None,
            "building_area_m2": Decimal(row["building_area_m2"]) if row["building_area_m2"] else None,
        }
        found = Estate.objects.filter(community=place, name=row["estate"]).first()
        if row["code"]:
            found = Estate.objects.filter(place__code=row["code"], community=place).first()
            if found is None:
                raise Refused("code", "", fields={"code": "这个社区没有这个编号的小区；新小区不填编号。"})
        if found is None:
            register_estate(community=place, name=row["estate"], **values, actor=self.actor, now=self.now)
            result.added += 1
            result.additions.append(row["estate"])
            return
        given = {name: value for name, value in values.items() if value not in ("", None)}
        changed = [name for name, value in given.items() if getattr(found, name) != value]
        for name in changed:
            title = _title(Estate, name)
            result.changes.append(Change(found.name, title, _word(getattr(found, name)), _word(given[name])))
        if changed:
            change_estate(found, changes=given, actor=self.actor, now=self.now)
        result.changed += bool(changed)
        result.unchanged += not changed

    def buildings(self, sheet: Sheet) -> None:
        checking.check_twice(sheet, ("estate", "building"))
        checking.name_estates(sheet, self.place.path)
        checking.drop_faulty(sheet)
        numbers = dict(checking.run(f"SELECT word, estate_id FROM {checking.ESTATES} WHERE found = 1"))
        rows = self.rows(sheet)
        estates = Estate.objects.in_bulk({numbers[row["estate"]] for row in rows})
        known = {(one.estate_id, one.name): one for one in Building.objects.filter(estate__in=estates)}
        result, counts = self.outcome.of(sheet.code), {pk: (0, 0) for pk in estates}
        fresh: dict[int, list[dict[str, Any]]] = {}
        touched: list[Building] = []
        for row in rows:
            pk = numbers[row["estate"]]
            building = known.pop((pk, row["building"]), None)
            if building is None:
                fresh.setdefault(pk, []).append(row)
                counts[pk] = (counts[pk][0] + 1, counts[pk][1])
            elif self._building_changes(building, row, result):
                touched.append(building)
                counts[pk] = (counts[pk][0], counts[pk][1] + 1)
            else:
                result.unchanged += 1
        self.record_rows(sheet, counts)
        for pk, new in fresh.items():
            made = add_buildings(estates[pk], [row["building"] for row in new], event=None)
            for building, row in zip(made, new, strict=True):
                self._building_changes(building, row, None)
                result.additions.append(f"{estates[pk]}{building}")
            touched += made
            result.added += len(made)
        Building.objects.bulk_update(touched, BUILDING_NUMBERS, batch_size=1000)
        result.gone = len(known)
        result.missing += [f"{estates[pk]}{name}" for pk, name in sorted(known)]

    def _building_changes(self, building: Building, row: dict[str, Any], result: Sheetwise | None) -> bool:
        changed = False
        for name in BUILDING_NUMBERS:
            if row[name] == "" or getattr(building, name) == int(row[name]):
                continue
            if result is not None:
                title = _title(Building, name)
                result.changes.append(
                    Change(f"{row['estate']}{building}", title, _word(getattr(building, name)), row[name])
                )
            setattr(building, name, int(row[name]))
            changed = True
        if result is not None:
            result.changed += changed
        return changed

    def projects(self, sheet: Sheet) -> None:
        checking.check_twice(sheet, ("estate", "company", "from_on"))
        checking.name_estates(sheet, self.place.path)
        self._companies = {one.name: one for one in _companies().order_by("-pk")}
        self._tell_unknown(sheet, "company", set(self._companies))
        checking.drop_faulty(sheet)
        self._numbers = dict(checking.run(f"SELECT word, estate_id FROM {checking.ESTATES}"))
        self.each(sheet, self._project)

    def _project(self, row: dict[str, Any], result: Sheetwise) -> None:
        estate = Estate.objects.get(pk=self._numbers[row["estate"]])
        company = self._companies[row["company"]]
        from_on, to_on = day_of(row["from_on"], "from_on"), day_of(row["to_on"], "to_on")
        assert from_on is not None  # noqa: S101 - a required cell
        found = Project.objects.filter(estate=estate, company=company, from_on=from_on).first()
        if found is None:
            found = begin_project(
                estate=estate,
                company=company,
                manager_name=row["manager"],
                from_on=from_on,
                service_kind=row["service_kind"] or "market",
                service_standard=row["service_standard"],
                fee=row["fee"],
                fee_yuan_m2_month=Decimal(row["fee_figure"]) if row["fee_figure"] else None,
                actor=self.actor,
                now=self.now,
            )
            if to_on is not None:
                end_project(found, to_on=to_on, actor=self.actor, now=self.now)
            result.added += 1
            result.additions.append(f"{estate}：{company}")
            return
        changes = [
            Change(str(found), _title(Project, name), getattr(found, name), row[name])
            for name in PROJECT_WORDS
            if row[name] and getattr(found, name) != row[name]
        ]
        for name in PROJECT_WORDS:
            setattr(found, name, row[name] or getattr(found, name))
        if row["fee_figure"] and found.fee_yuan_m2_month != Decimal(row["fee_figure"]):
            old = found.fee_yuan_m2_month
            was = "" if old is None else f"{old.normalize():f}"
            changes.append(Change(str(found), "物业费", was, row["fee_figure"]))
            found.fee_yuan_m2_month = Decimal(row["fee_figure"])
        found.save(update_fields=[*PROJECT_WORDS, "fee_yuan_m2_month"])
        changes += self._leader(found, row["manager"])
        if to_on is not None and found.to_on is None:
            end_project(found, to_on=to_on, actor=self.actor, now=self.now)
            changes.append(Change(str(found), "服务止", "", row["to_on"]))
        elif to_on is not None and found.to_on != to_on:
            raise Refused("to_on", "", fields={"to_on": f"已登记服务到{found.to_on}，不能用导入改。"})
        result.changes += changes
        result.changed += bool(changes)
        result.unchanged += not changes

    def _leader(self, project: Project, name: str) -> list[Change]:
        """Another name than today's leader: the change counts from today."""
        current = project.managers.filter(covers(self.today)).first()
        if not name or project.to_on is not None or (current is not None and current.name == name):
            return []
        change_manager(project, name=name, from_on=max(self.today, project.from_on), actor=self.actor, now=self.now)
        return [Change(str(project), "项目负责人", current.name if current else "", name)]

    def facilities(self, sheet: Sheet) -> None:
        apply_facilities(self, sheet)

    def committees(self, sheet: Sheet) -> None:
        """Which body a row means the package of bodies knows."""
        checking.check_twice(sheet, ("estate", "kind", "formed_on"))
        checking.name_estates(sheet, self.place.path)
        checking.drop_faulty(sheet)
        self._numbers = dict(checking.run(f"SELECT word, estate_id FROM {checking.ESTATES}"))
        self.each(sheet, self._committee)

    def _committee(self, row: dict[str, Any], result: Sheetwise) -> None:
        bring_in = _bringers.get(COMMITTEES)
        if bring_in is None:
            raise Refused("no_bodies", "", fields={"kind": "平台没有装业主组织这一部分，不能导入。"})
        estate = Estate.objects.select_related("community", "place").get(pk=self._numbers[row["estate"]])
        days = {name: day_of(row[name], name) for name in ("formed_on", "term_until", "filed_on")}
        seats = int(row["seats"]) if row["seats"] else None
        added, changes = bring_in(
            estate, kind=row["kind"], seats=seats, head=row["head"], **days, actor=self.actor, now=self.now
        )
        result.changes += changes
        if added:
            result.added += 1
            result.additions.append(f"{estate}：{COMMITTEE_KINDS[row['kind']]}")
        else:
            result.changed += bool(changes)
            result.unchanged += not changes


# Rows of what packages above keep: (estate, values) -> (whether it is new, what changed).
Bringer = Callable[..., tuple[bool, list[Change]]]
_bringers: dict[str, Bringer] = {}


def register_bringer(sheet: str, function: Bringer) -> None:
    """Called once when the apps are ready, by the package that keeps what the sheet holds."""
    _bringers[sheet] = function


def _companies() -> QuerySet[Organisation]:
    return Organisation.objects.filter(role=COMPANY, active=True)


def _title(model: type[Model], name: str) -> str:
    return str(getattr(model._meta.get_field(name), "verbose_name", name))


def _word(value: Any) -> str:
    return "" if value is None else str(value)


def day_of(text: str, column: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise Refused("day", "", fields={column: "日历上没有这一天，请核对。"}) from error
