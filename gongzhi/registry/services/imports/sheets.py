"""The sheets of the workbook: their columns, what each may hold, and how that is checked by the database."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from gongzhi.registry.questions import (
    AREA_SOURCES,
    COMMITTEE_KINDS,
    ESTATE_SUBTYPES,
    ESTATE_TYPES,
    FACILITY_KINDS,
    SERVICE_KINDS,
    UNIT_USES,
)
from gongzhi.registry.services.companies import CREDIT_CODE

DATE_PATTERN = r"^(19|20)\d\d-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$"


@dataclass(frozen=True)
class Column:
    """`choices` maps the code to the word that stands in the cell."""

    code: str
    title: str
    kind: str = "text"
    required: bool = False
    longest: int = 60
    choices: Mapping[str, str] = field(default_factory=dict)
    hint: str = ""
    width: int = 14

    def faults(self) -> list[tuple[str, str]]:
        """(condition in SQL over the column, what to tell): the first one that holds is told."""
        name = f'"{self.code}"'
        found: list[tuple[str, str]] = []
        if self.required:
            found.append((f"{name} = ''", f"“{self.title}”没有填，请补上。"))
        rule = KINDS.get(self.kind)
        if rule is not None:
            found.append((f"{name} <> '' AND {name} !~ '{rule[0]}'", f"“{self.title}”{rule[1]}"))
        if self.choices:
            words = ", ".join(f"'{word}'" for word in self.choices.values())
            shown = "、".join(self.choices.values())
            found.append((f"{name} <> '' AND {name} NOT IN ({words})", f"“{self.title}”只能填：{shown}。"))
        found.append((f"length({name}) > {self.longest}", f"“{self.title}”太长，最多{self.longest}个字。"))
        return found

    @property
    def code_sql(self) -> str:
        """The code of the word in the cell, '' for an empty one."""
        cases = " ".join(f"WHEN '{word}' THEN '{code}'" for code, word in self.choices.items())
        return f"CASE \"{self.code}\" {cases} ELSE '' END"


# Pattern of the text in a cell, and what to tell where it does not fit. Dates were written as 2024-06-01 on reading.
KINDS: dict[str, tuple[str, str]] = {
    "area": (r"^(?!0+(\.0+)?$)\d{1,8}(\.\d{1,2})?$", "要填大于0的数，最多两位小数，例如 89.50。"),
    "total_area": (r"^(?!0+(\.0+)?$)\d{1,12}(\.\d{1,2})?$", "要填大于0的数，最多两位小数。"),
    "fee": (r"^\d{1,4}(\.\d{1,4})?$", "要填每平方米每月多少元，最多四位小数，例如 1.85。"),
    "price": (r"^(?!0+(\.0+)?$)\d{1,8}(\.\d{1,4})?$", "要填大于0的数，最多四位小数，例如 1.85。"),
    "money": (r"^(?!0+(\.0+)?$)\d{1,10}(\.\d{1,2})?$", "要填大于0的数，最多两位小数，例如 360.01。"),
    "sum": (r"^\d{1,10}(\.\d{1,2})?$", "要填数，不能是负数，最多两位小数；没有的填0。"),
    "entrance": (r"^[1-9]\d?$", "要填1至99的整数，例如 2。"),
    "small": (r"^\d{1,4}$", "要填整数，最多四位。"),
    "count": (r"^\d{1,6}$", "要填整数，最多六位。"),
    "date": (DATE_PATTERN, "不是日期，请写成 2024-06-01 这样。"),
    "phone": (r"^[0-9+() -]{7,20}$", "不像电话号码，只写数字和短横线。"),
    "id_number": (r"^([0-9]{17}[0-9Xx]|[A-Za-z0-9（）()-]{5,20})$", "不像证件号码，请核对。"),
    "credit_code": (f"^{CREDIT_CODE}$", "应为18位统一社会信用代码，请核对。"),
    "share": (r"^([1-9][0-9]{0,8}/[1-9][0-9]{0,8}|1|全部|[0-9]{1,3}(\.[0-9]{1,4})?%)$", "请写成 1/2、50% 或 全部。"),
}
SPOKEN_DATE = re.compile(r"^(\d{4})[年/.\-](\d{1,2})[月/.\-](\d{1,2})日?$")

ESTATE = Column("estate", "小区", required=True, longest=100, hint="小区名称；同名的填小区编号", width=20)
BUILDING = Column("building", "楼幢", required=True, longest=40, hint="与楼幢表一致，例如 3幢")
UNIT = Column("unit", "室号", required=True, longest=60, hint="例如 2单元1102室", width=18)


@dataclass(frozen=True)
class Sheet:
    code: str
    title: str
    columns: tuple[Column, ...]
    note: str

    @property
    def table(self) -> str:
        return f"stage_{self.code}"

    def column(self, code: str) -> Column:
        return next(one for one in self.columns if one.code == code)

    def number_of(self, code: str) -> int:
        """From 0. A column that is none (a form's field of another name) is told at the first."""
        return next((number for number, one in enumerate(self.columns) if one.code == code), 0)


SHEETS: tuple[Sheet, ...] = (
    Sheet(
        "companies",
        "物业企业",
        (
            Column("company", "企业名称", required=True, longest=100, width=30),
            Column("credit_code", "统一社会信用代码", kind="credit_code", longest=18, width=22),
            Column("phone", "办公电话", kind="phone", longest=20),
            Column("address", "住所", longest=200, width=30, hint="登记的住所（经营场所）"),
        ),
        "一家企业一行。有信用代码的按代码认，没有的按名称认。",
    ),
    Sheet(
        "estates",
        "小区",
        (
            Column("community", "社区（村）", required=True, longest=100, hint="名称或12位代码", width=20),
            Column("estate", "小区名称", required=True, longest=100, width=20),
            Column("code", "小区编号", longest=32, hint="已登记的小区可填，新小区不填", width=18),
            Column("estate_type", "类型", required=True, choices=ESTATE_TYPES),
            Column("estate_subtype", "细类", choices=ESTATE_SUBTYPES, hint="老旧小区填"),
            Column("address", "地址", longest=200, width=30),
            Column("households", "户数", kind="count"),
            Column("building_area_m2", "总建筑面积", kind="total_area", hint="平方米"),
        ),
        "一个小区一行。空着的格子不改动原来的内容。",
    ),
    Sheet(
        "buildings",
        "楼幢",
        (
            ESTATE,
            BUILDING,
            Column("storeys", "地上层数", kind="small"),
            Column("elevators", "电梯台数", kind="small"),
            Column("households", "户数", kind="count"),
            Column("entrances", "单元数", kind="small"),
        ),
        "一幢楼一行。同一幢楼只能属于一个小区。",
    ),
    Sheet(
        "units",
        "房屋",
        (
            ESTATE,
            BUILDING,
            UNIT,
            Column("area", "专有面积", kind="area", required=True, hint="平方米，最多两位小数"),
            Column("source", "面积来源", required=True, choices=AREA_SOURCES),
            Column("use", "用途", choices=UNIT_USES, hint="不填按住宅"),
            Column("entrance", "单元", kind="entrance", hint="只写数字；室号以“2单元”开头的不用填"),
        ),
        "一套房屋一行，同一楼幢室号不能重复。",
    ),
    Sheet(
        "owners",
        "业主",
        (
            ESTATE,
            BUILDING,
            UNIT,
            Column("name", "姓名", required=True),
            Column("phone", "电话", kind="phone", longest=20, width=16),
            Column("id_number", "证件号", kind="id_number", longest=20, width=22),
            Column("share", "份额", kind="share", hint="1/2、50% 或 全部；共同共有的都不填"),
            Column("certificate", "不动产权证号", longest=60, width=24),
            Column("from_on", "取得日期", kind="date", hint="2024-06-01；不知道的不填"),
        ),
        "一位业主一行；几个人共有的写几行，份额相加要正好是1。换了业主的填取得日期，原业主到前一日为止。",
    ),
    Sheet(
        "projects",
        "服务项目",
        (
            ESTATE,
            Column("company", "企业名称", required=True, longest=100, width=30),
            Column("service_kind", "服务方式", choices=SERVICE_KINDS, hint="不填按市场化物业"),
            Column("service_standard", "服务标准", longest=40),
            Column("fee", "收费标准", longest=60, hint="分档或者另有约定的写在这里"),
            Column("manager", "项目负责人"),
            Column("from_on", "服务起", kind="date", required=True, hint="2024-06-01"),
            Column("to_on", "服务止", kind="date"),
            Column("fee_figure", "物业费", kind="fee", hint="元/平方米·月，例如 1.85"),
        ),
        "一个服务项目一行，同一小区同一天只能有一家企业。",
    ),
    Sheet(
        "facilities",
        "设施设备",
        (
            ESTATE,
            Column("kind", "种类", required=True, choices=FACILITY_KINDS),
            Column("code", "编号", longest=40, hint="设备注册代码；没有的填位置", width=20),
            Column("building", "楼幢", longest=40, hint="与楼幢表一致；不在某一幢的不填"),
            Column("location", "位置", longest=100, width=20),
            Column("upkeep", "维保单位", longest=100, width=20),
            Column("valid_until", "检验有效期至", kind="date", hint="2024-06-01"),
            Column("area", "面积", kind="total_area", hint="平方米，人防工程填"),
            Column("quantity", "数量", kind="count", hint="一行不止一件的填，例如灭火器100具"),
            Column("intact", "完好数量", kind="count", hint="清点过的填"),
            Column("details", "明细", longest=500, hint="例如 用途：车库；使用单位：某公司", width=30),
        ),
        "一台（处）一行，编号和位置至少填一项。有编号的按编号认，没有的按位置认。",
    ),
    Sheet(
        "committees",
        "业主组织",
        (
            ESTATE,
            Column("kind", "类别", required=True, choices=COMMITTEE_KINDS),
            Column("formed_on", "成立日期", kind="date", required=True, hint="2024-06-01"),
            Column("term_until", "任期届满", kind="date"),
            Column("filed_on", "备案日期", kind="date"),
            Column("seats", "委员人数", kind="small"),
            Column("head", "主任", hint="现任主任姓名"),
        ),
        "一届业委会、物管会一行，按小区、类别和成立日期认；只登记已经成立的，新组建的在平台上走程序。",
    ),
)
COMMITTEES = "committees"
BY_TITLE = {one.title: one for one in SHEETS}
