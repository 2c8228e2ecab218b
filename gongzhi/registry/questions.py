"""The standing facts of the registry: names, types and what they mean. No Django."""

from gongzhi.policy.vocabulary import AREA_M2, BOOL, COUNT, DATE, Enum, Fact

ESTATE_TYPES: dict[str, str] = {
    "commercial": "商品房小区",
    "resettlement": "安置小区",
    "old": "老旧小区",
    "mixed": "混合小区",
    "non_residential": "非住宅项目",
    "other": "其他",
}

# Facts that packs ask of an estate, and facts that one package writes for the others.
FACTS: tuple[Fact, ...] = (
    Fact("in_built_up_area", BOOL, "是否在城市建成区内"),
    Fact("estate_type", Enum(ESTATE_TYPES), "小区类型"),
    Fact("households", COUNT, "户数"),
    Fact("building_area_m2", AREA_M2, "总建筑面积"),
    Fact("delivered_on", DATE, "交付日期"),
    Fact("within_warranty", BOOL, "是否在质量保修期内"),
    Fact("has_property_company", BOOL, "是否有物业服务企业"),
    Fact("has_owners_committee", BOOL, "是否有业主委员会"),
    Fact("tender_barred", BOOL, "是否被限制参加投标"),
)
