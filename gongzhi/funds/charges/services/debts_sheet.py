"""老账欠费 as a workbook: what owners owed before the charges were kept here, tried first, then all rows or none."""

from collections import defaultdict
from decimal import Decimal
from typing import Any

from django.urls import reverse

from gongzhi.core.errors import Refused
from gongzhi.core.money import FEN_PER_YUAN
from gongzhi.funds.charges.services.bringing import OldDebt, bring_in, brought, fault_of, key_of
from gongzhi.funds.charges.services.sheet import project_named, projects_by_name, require_company
from gongzhi.funds.charges.words import PRICED
from gongzhi.registry.models import Project, Unit
from gongzhi.registry.services.imports import BookKind, checking
from gongzhi.registry.services.imports.applying import Applying, day_of
from gongzhi.registry.services.imports.outcome import Sheetwise
from gongzhi.registry.services.imports.sheets import BUILDING, ESTATE, UNIT, Column, Sheet

CODE = "old_debts"
KEY = ("estate", "building", "unit", "fee", "from_on", "to_on")
SHEET = Sheet(
    CODE,
    "老账欠费",
    (
        ESTATE,
        BUILDING,
        UNIT,
        Column("fee", "收费项目", required=True, choices=PRICED),
        Column("from_on", "自", kind="date", required=True, hint="2024-01-01"),
        Column("to_on", "至", kind="date", required=True, hint="2024-03-31"),
        Column("due_on", "缴费期限", kind="date", required=True, hint="今天以前的一天"),
        Column("amount", "欠费", kind="money", required=True, hint="元，到分"),
        Column("text", "说明", longest=100, hint="印在账单上", width=24),
    ),
    "一套房屋一个项目一个时期一行。",
)
NOTES = (
    "一套房屋、一个收费项目、一个时期一行；表头不要改，带*的列必须填。",
    "上传后先试导：逐格检查，指出行、列和原因，什么都不写入。核对后确认，才一次写入。",
    "老账记在缴费期限当天的业主名下，不算本期收入。已经导入过的不再导入。",
)


def _apply(job: Applying, sheet: Sheet) -> None:
    checking.check_twice(sheet, KEY)
    checking.drop_faulty(sheet)
    named = projects_by_name(job.actor)
    projects: dict[int, Project] = {}
    units: dict[int, dict[tuple[str, str], Unit]] = {}
    before: dict[int, set[str]] = {}
    debts: dict[int, list[OldDebt]] = defaultdict(list)

    def read(row: dict[str, Any], result: Sheetwise) -> None:
        project = project_named(named, row["estate"])
        if project.pk not in projects:
            projects[project.pk] = project
            units[project.pk] = {(one.building.name, one.name): one for one in _units(project)}
            before[project.pk] = brought(project)
        unit = units[project.pk].get((row["building"], row["unit"]))
        if unit is None:
            raise Refused("unit", "", fields={"unit": "这个小区没有登记这套房屋，请核对楼幢和室号。"})
        debt = _debt(unit, row)
        if key_of(project, debt) in before[project.pk]:
            result.unchanged += 1
            return
        fault = fault_of(project, debt, job.today)
        if fault is not None:
            raise Refused("old_debts", "", fields=dict([fault]))
        debts[project.pk].append(debt)
        result.added += 1

    job.each(sheet, read)
    for pk, rows in debts.items():
        bring_in(projects[pk], rows=rows, actor=job.actor, now=job.now)


def _units(project: Project) -> Any:
    return Unit.objects.filter(building__estate=project.estate).select_related("building__estate")


def _debt(unit: Unit, row: dict[str, Any]) -> OldDebt:
    first, last, due = (day_of(row[name], name) for name in ("from_on", "to_on", "due_on"))
    assert first is not None and last is not None and due is not None  # noqa: S101 - required cells
    return OldDebt(unit, row["fee"], first, last, due, int(Decimal(row["amount"]) * FEN_PER_YUAN), row["text"])


BOOK = BookKind(
    code=CODE,
    title="批量导入老账欠费",
    sub="本企业服务的小区在启用平台以前的欠费",
    sheets=(SHEET,),
    require=require_company,
    apply=_apply,
    crumbs=lambda: [("物业收费", reverse("funds:charges"))],
    notes=NOTES,
)
