"""收费标准 as a workbook: a company brings in the prices of its projects, first tried, then as the dry run told.

What is charged already is no matter of a workbook: a price in force is changed by 调价 alone.
"""

from decimal import Decimal
from typing import Any

from django.urls import reverse

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.core.models import Place
from gongzhi.core.rights import FORBIDDEN_STATUS
from gongzhi.funds.charges.models import Tariff
from gongzhi.funds.charges.queries.owed import OfProject
from gongzhi.funds.charges.queries.prices import in_force
from gongzhi.funds.charges.services.prices import TariffInput, register_tariff
from gongzhi.funds.charges.words import BASES, EVERY, PRICE_KINDS, PRICED, TARIFF_STATES
from gongzhi.registry.models import Building, Project
from gongzhi.registry.questions import UNIT_USES
from gongzhi.registry.services.imports import BookKind, checking
from gongzhi.registry.services.imports.applying import Applying, day_of
from gongzhi.registry.services.imports.outcome import Sheetwise
from gongzhi.registry.services.imports.sheets import ESTATE, Column, Sheet

CODE = "tariffs"
KEY = ("estate", "fee", "title", "use", "building", "from_on")
SHEET = Sheet(
    CODE,
    "收费标准",
    (
        ESTATE,
        Column("fee", "收费项目", required=True, choices=PRICED),
        Column("title", "名称", required=True, hint="印在账单上，如：物业公共服务费（高层）", width=24),
        Column("price_kind", "定价方式", required=True, choices=PRICE_KINDS, hint="政府指导价备案以后才执行"),
        Column("basis", "计费方式", required=True, choices=BASES),
        Column("price", "单价", kind="price", required=True, hint="元；按面积的是每平方米每月"),
        Column("every", "出账周期", required=True, choices={str(key): title for key, title in EVERY.items()}),
        Column("from_on", "执行日期", kind="date", required=True, hint="2024-06-01"),
        Column("use", "适用用途", choices=UNIT_USES, hint="不填即没有单独标准的用途都适用"),
        Column("building", "适用楼幢", longest=40, hint="与楼幢表一致；不填即全部楼幢"),
        Column("grade", "服务等级", longest=40, hint="与指导价的等级写法一致"),
    ),
    "一项收费标准一行。执行中的标准不能用导入改，要调价走调价手续。",
)
NOTES = (
    "一项收费标准一行；表头不要改，带*的列必须填。",
    "上传后先试导：逐格检查，指出行、列和原因，什么都不写入。核对后确认，才一次写入。",
    "已经登记、内容相同的不再登记；文件里没有而正在执行的，只列出来，不会停用。",
)


def require_company(place: Place, actor: Actor) -> None:
    """A company, for the projects that it serves; each row is asked about again."""
    if not _projects(actor):
        raise Refused("forbidden", "收费由服务这个小区的物业企业登记。", status=FORBIDDEN_STATUS)


def _projects(actor: Actor) -> list[Project]:
    """Those that the actor's company serves now and whose prices he may set."""
    rows = Project.objects.filter(company=actor.organisation, to_on=None).select_related("estate__place", "company")
    return [one for one in rows if core.may(actor, "fee.bill", OfProject(one))]


def projects_by_name(actor: Actor) -> dict[str, list[Project]]:
    """By the estate's name, and by its code."""
    named: dict[str, list[Project]] = {}
    for one in _projects(actor):
        for word in {one.estate.name, one.estate.place.code}:
            named.setdefault(word, []).append(one)
    return named


def _apply(job: Applying, sheet: Sheet) -> None:
    checking.check_twice(sheet, KEY)
    checking.drop_faulty(sheet)
    named = projects_by_name(job.actor)
    seen: set[int] = set()
    touched: dict[int, Project] = {}

    def bring(row: dict[str, Any], result: Sheetwise) -> None:
        project = project_named(named, row["estate"])
        touched[project.pk] = project
        given = _given(project, row)
        found = _known(project, given)
        if found is None:
            made = register_tariff(project, given=given, actor=job.actor, now=job.now)
            seen.add(made.pk)
            result.added += 1
            result.additions.append(f"{project.estate}：{made}")
            return
        seen.add(found.pk)
        if _words(found) != _words(given):
            there = f"已有{TARIFF_STATES[found.state]}的标准（{_words(found)}），不能用导入改；要调价请走调价手续。"
            raise Refused("tariff_exists", "", fields={"price": there})
        result.unchanged += 1

    job.each(sheet, bring)
    gone = [row for one in touched.values() for row in in_force(one) if row.pk not in seen]
    result = job.outcome.of(sheet.code)
    result.gone = len(gone)
    result.missing += [f"{row.project.estate}：{row}" for row in gone]


def project_named(named: dict[str, list[Project]], word: str) -> Project:
    found = named.get(word, [])
    if len(found) != 1:
        says = "您的企业没有服务这个小区，请核对名称。" if not found else "有同名小区，请改填小区编号。"
        raise Refused("estate", "", fields={"estate": says})
    return found[0]


def _given(project: Project, row: dict[str, Any]) -> TariffInput:
    building = None
    if row["building"]:
        building = Building.objects.filter(estate=project.estate, name=row["building"]).first()
        if building is None:
            raise Refused("building", "", fields={"building": "这个小区没有登记这幢楼，请核对幢号。"})
    from_on = day_of(row["from_on"], "from_on")
    assert from_on is not None  # noqa: S101 - a required cell
    return TariffInput(
        fee=row["fee"], title=row["title"], price_kind=row["price_kind"], basis=row["basis"],
        price=Decimal(row["price"]), every=int(row["every"]), from_on=from_on, use=row["use"], building=building,
        grade=row["grade"],
    )  # fmt: skip


def _known(project: Project, given: TariffInput) -> Tariff | None:
    rows = Tariff.objects.filter(
        project=project, fee=given.fee, title=given.title, use=given.use, building=given.building, to_on=None
    )
    return rows.exclude(state="refused").order_by("-from_on").first()


def _words(row: Tariff | TariffInput) -> str:
    every, price = EVERY[row.every], f"{row.price.normalize():f}元"
    return "、".join(
        one for one in (PRICE_KINDS[row.price_kind], BASES[row.basis], price, every, row.grade, str(row.from_on)) if one
    )


BOOK = BookKind(
    code=CODE,
    title="批量导入收费标准",
    sub="本企业服务的小区的收费标准",
    sheets=(SHEET,),
    require=require_company,
    apply=_apply,
    crumbs=lambda: [("物业收费", reverse("funds:charges"))],
    notes=NOTES,
)
