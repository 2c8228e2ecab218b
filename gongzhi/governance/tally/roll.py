"""The roll 表决名册: who may vote with which area, frozen before the vote. Owners are pseudonyms."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from gongzhi.governance.tally.parts import Area, Id, Moment, Part, Text

ROLL_FORMAT = "gongzhi-roll/1"
UNIT_KINDS = {"home": "住宅", "business": "商业、办公", "parking": "车位", "storage": "储藏间", "other": "其他"}
AREA_SOURCES = {"register": "不动产登记簿", "survey": "实测", "contract": "买卖合同"}
STOCKS = {"sold": "已交付", "unsold": "未出售", "undelivered": "已售未交付"}


class RollUnit(Part):
    """One 专有部分. `owners`: pseudonyms; of an unsold or undelivered unit the developer alone."""

    unit: Id
    area: Annotated[Area, Field(description="专有部分面积，整数，单位0.01平方米")]
    owners: Annotated[tuple[Id, ...], Field(min_length=1)]
    area_source: Literal["register", "survey", "contract"] = "register"
    building: Id | None = None
    entrance: Id | None = None
    kind: Literal["home", "business", "parking", "storage", "other"] = "home"
    stock: Literal["sold", "unsold", "undelivered"] = "sold"
    title: Annotated[
        Literal["registered", "in_possession"], Field(description="已登记，或已合法占有而尚未登记（司法解释第一条）")
    ] = "registered"
    nominee: Annotated[Id | None, Field(description="共有人推定行使表决权的一人")] = None

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        if len(set(self.owners)) != len(self.owners):
            raise ValueError(f"房屋 {self.unit} 的业主重复")
        if self.nominee is not None and self.nominee not in self.owners:
            raise ValueError(f"房屋 {self.unit} 推定的表决人 {self.nominee} 不在共有人中")
        if self.stock != "sold" and len(self.owners) != 1:
            raise ValueError(f"房屋 {self.unit} 尚未出售或交付，业主只写建设单位一个")
        return self


class Roll(Part):
    format: Literal["gongzhi-roll/1"]
    poll: Id
    estate: Text = ""
    frozen_at: Moment
    units: Annotated[tuple[RollUnit, ...], Field(min_length=1)]
    root: Annotated[str | None, Field(description="名册的默克尔根，与公告一同公布")] = None

    @model_validator(mode="after")
    def _each_unit_once(self) -> Self:
        seen: set[str] = set()
        for one in self.units:
            if one.unit in seen:
                raise ValueError(f"房屋 {one.unit} 在名册中重复")
            seen.add(one.unit)
        return self
