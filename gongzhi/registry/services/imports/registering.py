"""The registry's own workbook: estates, buildings, units, owners, companies, projects, equipment, committees."""

from django.urls import reverse

from gongzhi.core import services as core
from gongzhi.registry.services.imports.applying import Applying
from gongzhi.registry.services.imports.kinds import REGISTRY, BookKind
from gongzhi.registry.services.imports.owners import apply_owners
from gongzhi.registry.services.imports.sheets import SHEETS, Sheet
from gongzhi.registry.services.imports.units import apply_units

NOTES = (
    "一张工作表一类底数，不用的工作表可以删掉。表头不要改；带*的列必须填。",
    "上传后先试导：逐格检查，指出工作表、行、列和原因，什么都不写入。核对后确认，才一次写入。",
    "再次导入时，只更新有变化的内容；文件里没有而系统里有的，只列出来，不删除。",
    "面积单位是平方米，最多两位小数；日期写成 2024-06-01。",
)


def _apply(job: Applying, sheet: Sheet) -> None:
    if sheet.code == "units":
        apply_units(job, sheet)
    elif sheet.code == "owners":
        apply_owners(job, sheet)
    else:
        getattr(job, sheet.code)(sheet)


OWN = BookKind(
    code=REGISTRY,
    title="批量导入",
    sub="小区、楼幢、房屋、业主、企业和服务项目",
    sheets=SHEETS,
    require=lambda place, actor: core.require(actor, "registry.import", place),
    apply=_apply,
    crumbs=lambda: [("小区", reverse("registry:estates"))],
    notes=NOTES,
)
